#!/usr/bin/perl
# Stripe as a provider, by its own functions, against the scripted processor: whatever goes wrong on the way, a top-up is
# charged once at most, and what is told of it is so.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::IP;
use File::Temp ();
use IPC::Open2;
use POSIX ();
use Purser::Provider;
use Test::More;
use Time::HiRes qw(sleep time);

my $provider = Purser::Provider->new;
my $program = ($ENV{PURSER_BUILD} // "$FindBin::Bin/../build/check") . '/t/unit/stripe_calls';
my $organization = '01HF7YAT00ORGANJZAT0000000' =~ tr/O/0/r;
my $count = 0;
our $seconds = 20;
my $customer;

my $log = File::Temp->new;
$ENV{PURSER_LOG_FILE} = $log->filename;

sub unescape ($text) { return $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger }

# The line of an answer: a hash, where a name that comes several times is a list.
sub answer ($line) {
	my %answer;

	for my $pair (split ' ', $line // '') {
		my ($name, $value) = split /=/, $pair, 2;
		push $answer{$name}->@*, unescape($value);
	}
	return { map { $_ => $answer{$_}->@* > 1 ? $answer{$_} : $answer{$_}[0] } keys %answer };
}

# Makes one call of the provider's, in `$seconds`.
sub call ($name, @arguments) {
	local %ENV = (%ENV, PURSER_STRIPE_URL => $provider->url, PURSER_STRIPE_KEY => $provider->key, http_proxy => 'http://127.0.0.1:9');
	my $pid = open my $out, '-|', $program, int(1000 * $seconds), $name, @arguments or die "$program: $!";
	my $line = <$out>;

	close $out;
	$? == 0 or die "$name ended with $?\n";
	return answer($line);
}

# The same in a process of its own; gives a function that waits for the answer.
sub begin ($name, @arguments) {
	my $pid = open my $pipe, '-|' // die "fork: $!";
	if ($pid == 0) {
		my $answer = eval { call($name, @arguments) } // { died => $@ };
		print join ' ', map { my $name = $_; map { "$name=" . Purser::Provider::escape($_) } ref $answer->{$_} ? $answer->{$_}->@* : $answer->{$_} } keys %$answer;
		STDOUT->flush;
		POSIX::_exit(0);
	}
	return sub { return answer(scalar <$pipe>) };
}

# A call with less time than usual.
sub hurried ($limit, @call) {
	local $seconds = $limit;
	return call(@call);
}

sub fault (%fault) { $provider->control('fault', %fault) }

# The processor and its customer as at the beginning.
sub fresh () {
	$provider->control('reset');
	$customer = call('customer', $organization)->{id};
}

# A top-up's id, as our own are.
sub new_payment () { return sprintf '01HF7YAT00%016d', ++$count }

sub request_of ($payment, %more) {
	return call('request', $payment, $organization, $customer, $more{card} // 'pm_card_visa', $more{micros} // 12_340_000, $more{currency} // 'AUD',
	    $more{description} // 'Credits')->{form};
}

# An intent that waits for its confirmation: (payment, intent).
sub new_intent (%more) {
	my $payment = new_payment();
	my $created = call('create', request_of($payment, %more), "topup-$payment-create");

	$created->{state} eq 'ready' or die "no intent: $created->{state}\n";
	return ($payment, $created->{intent});
}

sub confirm ($payment, $intent, $card = 'pm_card_visa', $attempt = 1) {
	return call('confirm', $intent, $card, "topup-$payment-confirm-$attempt");
}

sub charges ($payment) { return $provider->taken($payment)->{charges} }

# Some of an answer's members, in a line.
sub told ($answer, @names) { return join ' ', map { $answer->{$_} // '-' } @names }

sub uses ($key) { return ($provider->statistics->{keys}{$key} // {})->{uses} // 0 }

# ---- the customer and the cards ----

$provider->control('reset');
my $made = call('customer', $organization);
like("$made->{answer} $made->{id}", qr/^done cus_\w+$/, 'an organization becomes a customer');
is(call('customer', $organization)->{id}, $made->{id}, 'the same one when asked again');
is($provider->api('GET', "customers/$made->{id}")->json->{metadata}{organization_id}, $organization, 'that is known by the organization');
is($provider->statistics->{log}[0]{version}, '2024-06-20', 'by one version of the API');
$customer = $made->{id};
my $setup = call('setup', $customer, 'setup-1');
like(told($setup, qw(answer id secret)), qr/^done (seti_\w+) \1_secret_\w+$/, 'a set-up has a secret for the browser');
is(call('setup', $customer, 'setup-1')->{id}, $setup->{id}, 'and is made once by one key');
my $finished = $provider->control('finish_setup', setup_intent => $setup->{id}, payment_method => 'pm_card_mastercard');
my $card = call('attach', $customer, $finished->{payment_method}, 'attach-1');
is(told($card, qw(answer id brand last4 month year)), "done $finished->{payment_method} mastercard 4444 12 2040", 'its card is attached, again too');
my $named = call('attach', $customer, 'pm_card_visa', 'attach-2');
like(told($named, qw(answer id last4)), qr/^done pm_1\w+ 4242$/, "the processor's id may be another");
is(told(call('attach', $customer, 'pm_none', 'attach-3'), qw(answer code decline)), 'refused resource_missing 0', 'a card that is none is refused');
is(call('attach', $customer, '../customers', 'attach-4')->{answer}, 'refused', 'no id leads elsewhere');
is((grep { $_->{path} =~ /attach/ } $provider->statistics->{log}->@*)[-1]{path}, '/v1/payment_methods/..%2Fcustomers/attach', 'on the way');
$provider->control('set', strict_attach => 1);
is(told(call('attach', $customer, 'pm_card_chargeDeclined', 'attach-5'), qw(answer code decline)), 'refused generic_decline 1', 'a bank may decline it');
$provider->control('set', strict_attach => 0);
is(call('detach', $named->{id})->{answer}, 'done', 'a card is detached');
is(call('detach', $named->{id})->{answer}, 'done', 'twice is no fault');
is(call('detach', 'pm_none')->{answer}, 'done', 'nor is one that is gone');
fault(path => '/detach$', status => 400, code => 'account_invalid');
is(told(call('detach', $card->{id}), qw(answer code)), 'refused account_invalid', 'one that is still there is not, where it is refused');
my %number = (brand => 'visa', last4 => '4242', exp_month => 12, exp_year => 2040);
for (['a year beyond all years', id => 'pm_1', exp_year => 99_999_999_999], ['a brand that has no end', id => 'pm_1', brand => 'v' x 41], ['five last digits', id => 'pm_1', last4 => '42424'],
    ['a thirteenth month', id => 'pm_1', exp_month => 13], ['no end of an id', id => 'pm_' . 'a' x 98]) {
	my ($name, %given) = @$_;
	my $id = delete $given{id};
	fault(path => '/attach$', when => 'after', stored => 0, body => Purser::Reply::codec()->encode({ id => $id, card => { %number, %given } }));
	is(call('attach', $customer, 'pm_card_visa', "rubbish $name")->{answer}, length $id > 100 ? 'silent' : 'refused', "a card with $name is none");
}
fault(path => '/customers$', body => '{"id":"' . 'c' x 101 . '"}');
is(call('customer', '01HF7YAT00' . '2' x 16)->{answer}, 'silent', 'nor is a customer whose id is too long');
fault(path => '/detach$', reset => 1, when => 'after');
is(call('detach', $card->{id})->{answer}, 'done', 'nor one whose answer was lost');

# ---- what is asked for ----

fresh();
my $payment = new_payment();
my $form = request_of($payment, description => "50 credits & more: \xc3\xa9+", currency => 'NZD');
is($form, "amount=1234&currency=nzd&customer=$customer&payment_method=pm_card_visa&payment_method_types[]=card&description=50%20credits%20%26%20more%3A%20%C3%A9%2B"
    . "&metadata[topup_id]=$payment&metadata[organization_id]=$organization", 'the request names the card, the customer and the payment');
my $created = call('create', $form, "topup-$payment-create");
is(told($created, qw(state payment currency received)), "ready $payment NZD 0", 'makes an intent that is not charged');
cmp_ok(abs($created->{created} / 1e6 - time), '<', 5, "at the processor's time");
my $intent = $provider->api('GET', "payment_intents/$created->{intent}")->json;
is($intent->{description}, "50 credits & more: \x{e9}+", 'as it was written');
is(charges($payment), 0, 'and takes nothing');
cmp_ok(length request_of($payment, description => "\xf0\x9f\x92\xb3" x 500), '<', 4000, 'the longest description fits what is kept');
is(call('create', $form, "topup-$payment-create")->{intent}, $created->{intent}, 'the same request and key give the same intent');
my $paid = confirm($payment, $created->{intent});
is(told($paid, qw(state received refunded currency payment)), "succeeded 12340000 0 NZD $payment", 'a confirmation charges it');
is(told(call('create', $form, "topup-$payment-create"), qw(state received)), 'succeeded 12340000', 'made again, it is told as it is now');
is(told(confirm($payment, $created->{intent}), qw(state received)), 'succeeded 12340000', 'the same confirmation tells the same');
is(told(confirm($payment, $created->{intent}, 'pm_card_visa', 2), qw(state received)), 'succeeded 12340000', 'another finds that it was done');
is(charges($payment), 1, 'there is one charge');
is(told(call('look', $created->{intent}), qw(state received refunded)), 'succeeded 12340000 0', 'a look tells the same');
is(told(call('look', 'pi_none'), qw(state missing)), 'unknown 1', 'or that it is not there, which may be for want of the right key');

# ---- cards that are not charged ----

for (['pm_card_chargeDeclined', 'generic_decline'], ['pm_card_insufficientFunds', 'insufficient_funds'], ['pm_card_chargeDeclinedLostCard', 'lost_card'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card']) {
	my ($name, $code) = @$_;
	my ($payment, $intent) = new_intent(card => $name);
	my $declined = confirm($payment, $intent, $name);
	is(told($declined, qw(state code intent received)), "declined $code $intent 0", "$name is declined");
	like($declined->{message}, qr/^Your card/, 'in words for the payer');
	is(told(call('look', $intent), qw(state code)), "declined $code", 'a look says why');
	is(told(confirm($payment, $intent, $name), qw(state code)), "declined $code", 'so does the same key');
	is(told(confirm($payment, $intent, 'pm_card_visa', 2), qw(state received)), 'succeeded 12340000', 'another card under another key is charged');
	is(charges($payment), 1, 'once');
}
($payment, $intent) = new_intent(card => 'pm_card_authenticationRequired');
my $waiting = confirm($payment, $intent, 'pm_card_authenticationRequired');
is(told($waiting, qw(state code secret)), "action authentication_required $waiting->{secret}", 'a card may want its holder');
like($waiting->{secret}, qr/^${intent}_secret_/, 'with the secret that a browser needs');
is(told(call('look', $intent), qw(state secret)), "action $waiting->{secret}", 'told by a look too');
is(told(confirm($payment, $intent, 'pm_card_authenticationRequired'), qw(state secret)), "action $waiting->{secret}", 'and by the same key');
is(charges($payment), 0, 'without a charge');
$provider->control('authenticate', payment_intent => $intent);
is(told(confirm($payment, $intent, 'pm_card_authenticationRequired'), qw(state received)), 'succeeded 12340000', 'once confirmed, the stored refusal is not believed');
is(charges($payment), 1, 'and it is charged once');
($payment, $intent) = new_intent(card => 'pm_card_authenticationRequired');
confirm($payment, $intent, 'pm_card_authenticationRequired');
$provider->control('authenticate', payment_intent => $intent, fails => 1);
is(told(call('look', $intent), qw(state code secret)), 'declined payment_intent_authentication_failure -', 'a holder may fail to');
($payment, $intent) = new_intent();
$provider->api('POST', "payment_intents/$intent/confirm", { payment_method => 'pm_card_authenticationRequired' });
like(told(call('look', $intent), qw(state secret)), qr/^action \Q${intent}\E_secret_/, 'the older shape of it is understood');
($payment, $intent) = new_intent(card => 'pm_card_processing');
is(confirm($payment, $intent, 'pm_card_processing')->{state}, 'processing', 'a charge may take its time');
is(call('cancel', $intent)->{state}, 'processing', 'and is not cancelled then');
$provider->control('settle', payment_intent => $intent, amount => 1230);
is(told(confirm($payment, $intent, 'pm_card_processing'), qw(state received)), 'succeeded 12300000', 'in the end what was received counts');
is(charges($payment), 1, 'once');
($payment, $intent) = new_intent(card => 'pm_card_processing');
confirm($payment, $intent, 'pm_card_processing');
$provider->control('fail', payment_intent => $intent, decline_code => 'do_not_honor');
is(told(call('look', $intent), qw(state code)), 'declined do_not_honor', 'or why it was not');

# ---- refusals ----

($payment, $intent) = new_intent();
is(told(confirm($payment, $intent, 'pm_none'), qw(state code)), 'refused resource_missing', 'a card that is gone is refused');
is(told(confirm($payment, 'pi_none'), qw(state missing)), 'unknown 1', 'an intent that is not there says nothing of a charge');
$payment = new_payment();
is(told(call('create', request_of($payment, micros => 490_000), "topup-$payment-create"), qw(state code)), 'refused amount_too_small', 'too little is refused');
is(told(call('create', request_of($payment, currency => 'XXX'), "topup-$payment-create"), qw(state code)), 'refused invalid_request_error', 'so is an unknown currency');
($payment, $intent) = new_intent();
$provider->control('set', secret_keys => ['sk_test_new']);
my $stranger = call('create', request_of($payment), "topup-x$payment-create");
is(told($stranger, qw(state message)), 'unknown -', 'our key may be refused, which is no refusal of what was asked');
unlike(join(' ', values %$stranger), qr/sk_/, 'of which nothing is told');
is(told(confirm($payment, $intent), qw(state)), 'unknown', 'of a charge it says nothing');
is(call('look', $intent)->{state}, 'unknown', 'nor of an intent');
is(call('cancel', $intent)->{state}, 'unknown', 'nor of a cancellation');
is(call('find', $customer, $payment, time - 60)->{state}, 'unknown', 'nor of a search');
is(told(call($_->[0], @$_[1 .. $#$_]), qw(answer message)), 'silent -', "nor of a $_->[0]")
    for ['refund', $intent, 10_000, 'r'], ['attach', $customer, 'pm_card_visa', 'a'], ['detach', 'pm_card_visa'], ['setup', $customer, 's'], ['customer', '01HF7YAT00' . '1' x 16];
open my $told, '<', $log->filename or die $!;
is(scalar(grep { /refuses our key \(401\)/ } <$told>), 10, 'the operator is told, once a minute by each process');
$provider->control('set', secret_keys => ['sk_test_purser']);

# ---- what goes wrong on the way ----

# A confirmation that meets a fault, within some seconds; then once more with the same key, and a look. Gives what was told
# first, then, by the look, and the charges after each.
sub faulty ($name, $expected, %fault) {
	my $limit = delete $fault{limit} // 20;
	my $uses = delete $fault{uses};
	my ($payment, $intent) = new_intent();
	my $key = "topup-$payment-confirm-1";
	my $begun = time;

	fault(method => 'POST', path => '/confirm$', %fault);
	my $first = hurried($limit, 'confirm', $intent, 'pm_card_visa', $key);
	my ($took, $charged) = (time - $begun, charges($payment));
	$provider->control('clear_faults');
	$provider->control('accept');
	my $then = call('confirm', $intent, 'pm_card_visa', $key);
	my $look = call('look', $intent);
	is("$first->{state} $charged, $then->{state} " . charges($payment) . ", $look->{state}", $expected, $name);
	cmp_ok($took, '<', $limit + 1, 'in time');
	is(uses($key), $uses, "the key was used $uses times") if defined $uses;
	return $first;
}

fresh();
faulty('reset before the charge', 'succeeded 1, succeeded 1, succeeded', reset => 1);
faulty('reset after the charge', 'succeeded 1, succeeded 1, succeeded', reset => 1, when => 'after', uses => 3);
faulty('no connection for a second', 'succeeded 1, succeeded 1, succeeded', refuse => 1);
faulty('no connection at all', 'unknown 0, succeeded 1, succeeded', refuse => 30, limit => 1);
faulty('no connection any more, after the charge', 'unknown 1, succeeded 1, succeeded', refuse => 30, when => 'after', limit => 1);
faulty('silence before the charge, for longer than we wait', 'unknown 0, succeeded 1, succeeded', hang => 2, limit => 1);
faulty('silence after the charge', 'succeeded 1, succeeded 1, succeeded', hang => 30, when => 'after', limit => 3);
faulty('a 500 that is stored: nothing was charged, and the key is spent', 'ready 0, ready 0, ready', status => 500, uses => 3);
faulty('a 500 that is stored, though it was charged', 'succeeded 1, succeeded 1, succeeded', status => 500, when => 'after');
faulty('a 500 that is not stored', 'succeeded 1, succeeded 1, succeeded', status => 500, stored => 0);
faulty('a 500 after the charge, whose key is lost', 'succeeded 1, succeeded 1, succeeded', status => 500, stored => 0, when => 'after');
faulty('one 503', 'succeeded 1, succeeded 1, succeeded', status => 503);
faulty('503 all the time', 'unknown 0, succeeded 1, succeeded', status => 503, times => 0, limit => 1);
faulty('503 all the time, though it was charged', 'succeeded 1, succeeded 1, succeeded', status => 503, times => 0, when => 'after', limit => 2);
faulty('a locked object', 'succeeded 1, succeeded 1, succeeded', status => 429);
faulty('too many requests all the time', 'unknown 0, succeeded 1, succeeded', status => 429, code => 'rate_limit', times => 0, limit => 1);
faulty('a key in use', 'succeeded 1, succeeded 1, succeeded', status => 409);
faulty('a cut reply', 'succeeded 1, succeeded 1, succeeded', cut => 20);
faulty('a cut reply each time', 'succeeded 1, succeeded 1, succeeded', cut => 20, times => 0, limit => 3);
faulty('a page in the place of the reply', 'succeeded 1, succeeded 1, succeeded', html => 1, status => 502);
faulty('a page after the charge', 'succeeded 1, succeeded 1, succeeded', html => 1, when => 'after');
faulty('a page that says no', 'succeeded 1, succeeded 1, succeeded', html => 1, status => 403);
faulty('JSON that is none', 'succeeded 1, succeeded 1, succeeded', body => '{"id": 7', when => 'after');
faulty('JSON of another kind', 'succeeded 1, succeeded 1, succeeded', body => '[]', when => 'after');
faulty('an object of another kind', 'succeeded 1, succeeded 1, succeeded', body => '{"id":"x","object":"charge","status":"failed"}', when => 'after');
faulty('another media type', 'succeeded 1, succeeded 1, succeeded', content_type => 'text/plain');
faulty('drop by drop', 'succeeded 1, succeeded 1, succeeded', drip => 0.01, limit => 3);
faulty('a processor that says not to try again', 'unknown 0, succeeded 1, succeeded', status => 503, times => 0, headers => { 'Stripe-Should-Retry' => 'false' });
is((grep { $_->{path} =~ /confirm$/ } $provider->statistics->{log}->@*)[-2]{status}, 503, 'is heard');
faulty('one that says to', 'succeeded 1, succeeded 1, succeeded', status => 400, headers => { 'Stripe-Should-Retry' => 'true' });
my $begun = time;
faulty('one that says when', 'succeeded 1, succeeded 1, succeeded', status => 429, headers => { 'Retry-After' => 1 });
cmp_ok(time - $begun, '>=', 1, 'is waited for');
faulty('one that says a time too late', 'unknown 0, succeeded 1, succeeded', status => 429, headers => { 'Retry-After' => 60 }, limit => 5);
faulty('our key is refused after a charge', 'unknown 0, succeeded 1, succeeded', status => 401);

# Two with the same key at once, the first of which is slow.
($payment, $intent) = new_intent();
fault(method => 'POST', path => '/confirm$', hang => 1);
my @both = map { begin('confirm', $intent, 'pm_card_visa', "topup-$payment-confirm-1") } 1, 2;
is(join(' ', map { $_->()->{state} } @both), 'succeeded succeeded', 'two that confirm at once are told the same');
is(charges($payment), 1, 'of one charge');
my %seen = map { ($_->{status} // '') => 1 } grep { $_->{path} =~ /\Q$intent\E\/confirm$/ } $provider->statistics->{log}->@*;
ok($seen{409}, 'the second has met a key in use');
($payment, $intent) = new_intent();
fault(method => 'POST', path => '/confirm$', hang => 1);
@both = map { begin('confirm', $intent, 'pm_card_visa', "topup-$payment-confirm-$_") } 1, 2;
is(join(' ', map { $_->()->{state} } @both), 'succeeded succeeded', 'with two keys too');
is(charges($payment), 1, 'of one charge');

# ---- making an intent ----

for (['lost before', reset => 1], ['lost after', reset => 1, when => 'after'], ['refused once', status => 503], ['cut', cut => 9], ['locked', status => 429]) {
	my ($name, %fault) = @$_;
	my $payment = new_payment();
	fault(method => 'POST', path => '/payment_intents$', %fault);
	is(call('create', request_of($payment), "topup-$payment-create")->{state}, 'ready', "an intent whose making was $name is made");
	my @intents = grep { $_->{metadata}{topup_id} eq $payment } $provider->api('GET', 'payment_intents', { limit => 100 })->json->{data}->@*;
	is(scalar(@intents), 1, 'once');
}
$payment = new_payment();
fault(method => 'POST', path => '/payment_intents$', times => 0, reset => 1, when => 'after');
my $lost = hurried(1.5, 'create', request_of($payment), "topup-$payment-create");
is(told($lost, qw(state intent)), 'unknown -', 'one whose answers are all lost is not known');
my $found = call('find', $customer, $payment, time - 60);
like(told($found, qw(state payment intent)), qr/^ready $payment pi_/, 'but found by its payment');
$provider->control('clear_faults');
is(call('create', request_of($payment), "topup-$payment-create")->{intent}, $found->{intent}, 'and is the one that the key gives later');

# ---- finding ----

fresh();
my $wanted = new_payment();
my $first = call('create', request_of($wanted), "topup-$wanted-create")->{intent};
confirm($wanted, $first);
$provider->api('POST', 'payment_intents', { amount => 1000, currency => 'aud', customer => $customer, 'payment_method_types' => ['card'], metadata => { topup_id => "x$_" } }) for 1 .. 130;
is(told(call('find', $customer, $wanted, time - 60), qw(state intent received)), "succeeded $first 12340000", 'a payment is found on the second page');
is(call('find', $customer, new_payment(), time - 60)->{state}, 'none', 'one that is not there is told so');
fault(method => 'GET', path => '/payment_intents$', skip => 1, times => 0, status => 503);
is(hurried(2, 'find', $customer, new_payment(), time - 60)->{state}, 'unknown', 'but not before the whole list was seen');
$provider->control('clear_faults');
fault(method => 'GET', path => '/payment_intents$', body => '{"object":"list","data":[],"has_more":true}');
is(call('find', $customer, new_payment(), time - 60)->{state}, 'unknown', 'a list that never ends is not believed');
is(call('find', 'cus_none', $wanted, time - 60)->{state}, 'unknown', 'nor a customer that is not there');
my ($twice) = new_payment();
my @twins = map { call('create', request_of($twice), "topup-$twice-create-$_")->{intent} } 1 .. 3;
confirm($twice, $twins[1]);
is(told(call('find', $customer, $twice, time - 60), qw(state intent)), "succeeded $twins[1]", 'of several the one that took money is told');

# ---- cancelling ----

($payment, $intent) = new_intent();
is(call('cancel', $intent)->{state}, 'cancelled', 'an intent is cancelled');
is(call('cancel', $intent)->{state}, 'cancelled', 'again too');
is(confirm($payment, $intent)->{state}, 'cancelled', 'and can not be charged any more');
is(charges($payment), 0, 'nor is it');
($payment, $intent) = new_intent();
confirm($payment, $intent);
is(told(call('cancel', $intent), qw(state received)), 'succeeded 12340000', 'one that was charged is told so');
is(told(call('cancel', 'pi_none'), qw(state missing)), 'unknown 1', 'of one that is not there nothing is told');
($payment, $intent) = new_intent();
fault(path => '/cancel$', reset => 1, when => 'after');
is(call('cancel', $intent)->{state}, 'cancelled', 'a lost answer is found out');
($payment, $intent) = new_intent();
fault(path => '/cancel$', times => 0, status => 503);
is(hurried(1.5, 'cancel', $intent)->{state}, 'unknown', 'while nothing is certain, nothing is told');
$provider->control('clear_faults');

# ---- refunds ----

fresh();
($payment, $intent) = new_intent();
confirm($payment, $intent);
my $refund = call('refund', $intent, 2_340_000, "refund-1");
like(told($refund, qw(answer id pending refunded)), qr/^done re_\w+ 0 2340000$/, 'a part is refunded');
is(told(call('refund', $intent, 2_340_000, 'refund-1'), qw(id refunded)), "$refund->{id} 2340000", 'once by one key');
is(told(call('refund', $intent, 1_000_000, 'refund-2'), qw(answer refunded)), 'done 3340000', 'a second adds to it');
is(told(call('look', $intent), qw(state received refunded)), 'succeeded 12340000 3340000', 'as a look tells');
is(call('refund', 'pi_none', 1_000_000, 'refund-0')->{answer}, 'silent', 'of a charge that is not there nothing is certain');
is(told(call('refund', $intent, 9_010_000, 'refund-3'), qw(answer decline)), 'refused 0', 'more than was left is refused');
is(told(call('refund', $intent, 9_000_000, 'refund-4'), qw(answer refunded)), 'done 12340000', 'the rest is not');
is(told(call('refund', $intent, 10_000, 'refund-5'), qw(answer code)), 'refused charge_already_refunded', 'after which nothing is left');
is($provider->taken($payment)->{refunded}, 1234, 'what was given back is what was told');
like(call('refund', $intent, 10_001, 'refund-6')->{problem}, qr/no whole number/, 'a part of a cent is our own fault');
for (['lost before', 'done', reset => 1], ['lost after', 'done', reset => 1, when => 'after'], ['cut', 'done', cut => 9], ['locked', 'done', status => 429],
    ['failed and stored', 'refused', status => 500], ['failed and stored, though it was made,', 'done', status => 500, when => 'after']) {
	my ($name, $expected, %fault) = @$_;
	my ($payment, $intent) = new_intent();
	confirm($payment, $intent);
	fault(method => 'POST', path => '/refunds$', %fault);
	my $refund = call('refund', $intent, 1_000_000, "refund-of-$payment");
	is("$refund->{answer} " . $provider->taken($payment)->{refunded}, $expected eq 'done' ? 'done 100' : 'refused 0', "a refund that was $name is told as it is");
}
($payment, $intent) = new_intent();
confirm($payment, $intent);
fault(method => 'POST', path => '/refunds$', times => 0, status => 503);
is(hurried(1.5, 'refund', $intent, 1_000_000, 'refund-7')->{answer}, 'silent', 'one that is not certain is not told');
$provider->control('clear_faults');
is(call('refund', $intent, 1_000_000, 'refund-7')->{refunded}, 1_000_000, 'and done later by the same key');

# ---- invoices ----

fresh();
is(told(call('invoices', $customer, 50), qw(answer count)), 'done 0', 'a customer without invoices has none');
$provider->control('invoice', customer => $customer, amount => 700 + $_, status => $_ % 2 ? 'paid' : 'open') for 1 .. 104;
$provider->control('invoice', customer => $customer, amount => 500, status => 'draft');
my $few = call('invoices', $customer, 3);
is($few->{count}, 3, 'as many as asked for');
my @draft = split /\|/, $few->{invoice}[0], -1;
is(join(' ', @draft[1 .. 7]), ' draft AUD 5000000 0  ', 'newest first: a draft has no number and no page');
my @open = split /\|/, $few->{invoice}[1], -1;
like(join(' ', @open), qr{^in_\w+ F00D-0104 open AUD 8040000 0 https://\S+ https://\S+/pdf$}, 'an open one has both');
my $many = call('invoices', $customer, 103);
is($many->{count}, 103, 'more than a page holds');
is(scalar(keys %{ { map { $_ => 1 } $many->{invoice}->@* } }), 103, 'each once');
my ($basil) = $provider->api('GET', 'invoices', { customer => $customer, limit => 1 }, headers => ['Stripe-Version' => '2025-03-31.basil'])->json;
fault(method => 'GET', path => '/invoices$', body => Purser::Reply::codec()->encode($basil->{data} ? { object => 'list', has_more => \0, data => $basil->{data} } : {}));
is(call('invoices', $customer, 1)->{invoice}, $few->{invoice}[0], 'invoices as since 2025-03-31 are read the same');
fault(method => 'GET', path => '/invoices$', times => 0, hang => 5);
$begun = time;
is(told(hurried(1, 'invoices', $customer, 50), qw(answer count)), 'silent 0', 'a processor that is silent is told so');
cmp_ok(time - $begun, '<', 2, 'in time');
$provider->control('clear_faults');
is(told(call('invoices', 'cus_none', 50), qw(answer code)), 'refused resource_missing', 'one that refuses, too');

# ---- movements ----

fresh();
my $from = int time;
($payment, $intent) = new_intent();
confirm($payment, $intent);
my $given = call('refund', $intent, 2_340_000, 'refund-m');
my ($other, $declined) = new_intent();
confirm($other, $declined, 'pm_card_chargeDeclined');
($other, $declined) = new_intent();
confirm($other, $declined, 'pm_card_processing');
my $until = int(time) + 1;
sub movements ($from, $to) {
	my $answer = call('movements', map { sprintf '%.0f', $_ * 1e6 } $from, $to);
	my $list = $answer->{movement} // [];
	$answer->{answer} eq 'done' or die "movements: $answer->{answer}\n";
	return map { [split /\|/, $_, -1] } ref $list ? @$list : $list;
}
my @movements = movements($from, $until);
is_deeply([map { join ' ', @$_[0, 2 .. 5] } @movements], ["charge $intent $payment 12340000 AUD", "refund $intent  2340000 AUD"], 'what moved is told, and nothing else');
is($movements[1][1], $given->{id}, 'by its id');
my $at = $movements[0][6] / 1e6;
is(scalar(grep { $_->[0] eq 'charge' } movements($at, $at + 1)), 1, 'from a moment on');
is(scalar(grep { $_->[0] eq 'charge' } movements($at - 10, $at)), 0, 'and before one');
is(scalar(grep { $_->[0] eq 'charge' } movements($at + 0.5, $at + 10)), 0, 'to the microsecond');
$provider->control('refund', payment_intent => $intent, amount => 1) for 1 .. 104;
$provider->control('change_refund', refund => $provider->control('refund', payment_intent => $intent, amount => 1)->{id});
is(scalar(movements($from, time + 1)), 106, 'page by page; a refund that failed has not moved');
fault(method => 'GET', path => '/refunds$', skip => 1, times => 0, status => 503);
is(hurried(2, 'movements', $from * 1_000_000, ($from + 1000) * 1_000_000)->{answer}, 'silent', 'a list that broke off is told so');
$provider->control('clear_faults');

# ---- outgoing requests ----

my $url = $provider->url;
is(told(call('send', 'GET', "$url/v1/customers", 10_000), qw(outcome status type nothing)), 'answered 401 application/json -', 'a request is answered');
like(call('send', 'GET', "$url/v1/customers", 10_000)->{request_id}, qr/^req_/, 'with headers, in any case');
like(call('send', 'POST', "$url/v1/customers", 10)->{why}, qr/larger/, 'but no larger than it may be');
my $closed = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Listen => 1);
my $port = $closed->sockport;
close $closed;
is(call('send', 'POST', "http://127.0.0.1:$port/", 100)->{outcome}, 'unsent', 'without a connection it was not sent');
is(call('send', 'POST', "https://127.0.0.1:$provider->{port}/", 100)->{outcome}, 'unsent', 'nor without a handshake');
is(call('send', 'GET', 'file:///etc/passwd', 100000)->{outcome}, 'unsent', 'nothing but HTTP is spoken');
is(hurried(0, 'send', 'POST', "$url/v1/customers", 100)->{outcome}, 'unsent', 'nor without time');
fault(path => 'v1/x', reset => 1);
is(call('send', 'POST', "$url/v1/x", 100)->{outcome}, 'broken', 'what was sent and not answered is not known');
fault(path => 'v1/x', cut => 3);
is(call('send', 'POST', "$url/v1/x", 10_000)->{outcome}, 'broken', 'nor what was cut');
fault(path => 'v1/x', hang => 3);
is(hurried(0.5, 'send', 'POST', "$url/v1/x", 100)->{outcome}, 'broken', 'nor what took too long');
fault(path => 'v1/x', status => 302, headers => { Location => "$url/v1/customers" });
is(call('send', 'GET', "$url/v1/x", 10_000)->{status}, 302, 'redirects are not followed');
my $before = $provider->statistics->{requests};
like(call('send_in_transaction', 'GET', "$url/v1/x", 100)->{problem}, qr/within a transaction/, 'within a transaction there is none');
like(call('send_forbidden', 'GET', "$url/v1/x", 100)->{problem}, qr/fast pool/, 'nor in a fast worker');
is_deeply($provider->statistics->{requests}, $before, 'nothing has gone out');
my $kept = open2(my $out, my $in, $program, 20_000, 'send', 'GET', "$url/v1/customers", 10_000);
my @kept = answer(scalar <$out>)->{outcome};
for my $between (sub { }, sub { $provider->control('reset') }, sub { $provider->control('refuse') }, sub { $provider->control('accept') }) {
	$between->();
	syswrite $in, "\n";
	push @kept, answer(scalar <$out>)->{outcome};
}
close $in;
waitpid $kept, 0;
# The connection may look alive until it is written to.
like("@kept", qr/^answered answered answered (?:unsent|broken) answered$/, 'a kept connection that died is made anew');

# ---- the log ----

my $lines = do { local $/; <$log> };
like($lines, qr{"stripe: POST /v1/payment_intents/pi_\w+/confirm: 503"}, 'what went wrong is in the log');
unlike($lines, qr/sk_test|_secret_|cus_|whsec/, 'without a secret');

done_testing;
