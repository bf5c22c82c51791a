#!/usr/bin/perl
# The scripted card processor keeps its word, so that what other tests prove with it is true.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(hmac_sha256_hex);
use IO::Socket::IP;
use MIME::Base64 qw(encode_base64);
use POSIX ();
use Purser::Provider;
use Purser::Provider::Receiver;
use Test::More;
use Time::HiRes qw(sleep time);

my $provider = Purser::Provider->new;
my $count = 0;

sub post ($path, $fields = {}, %more) { return $provider->api('POST', $path, $fields, %more) }
sub get ($path, $fields = {}, %more) { return $provider->api('GET', $path, $fields, %more) }
sub fault (%fault) { $provider->control('fault', %fault) }
sub fresh (%webhooks) {
	$provider->control('reset');
	$provider->control('webhooks', %webhooks) if %webhooks;
}

# The body of a reply that has to be a success.
sub good ($reply) {
	$reply->status == 200 or die $reply->status . ' ' . $reply->body;
	return $reply->json;
}

sub refused ($reply, $status, $members, $name) {
	my $error = ($reply->json // {})->{error} // {};
	is_deeply([$reply->status, map { $error->{$_} } sort keys %$members], [$status, map { $members->{$_} } sort keys %$members], $name)
	    or diag $reply->body;
}

sub new_intent (%fields) {
	return good(post('payment_intents', { amount => 1000, currency => 'aud', 'payment_method_types' => ['card'], metadata => { topup_id => 't' . ++$count },
	    %fields }));
}

sub confirm ($intent, $card, %more) { return post("payment_intents/$intent->{id}/confirm", { payment_method => $card, %more }) }
sub paid_intent (%fields) { return good(confirm(new_intent(%fields), 'pm_card_visa')) }

# Waits until the statistics are so.
sub seen ($condition) {
	my $until = time + 5;
	sleep 0.01 until $condition->($provider->statistics) || time > $until;
}

sub event_types () { return [map { $_->{type} } reverse good(get('events', { limit => 100 }))->{data}->@*] }

# Each piece of work in a process of its own; gives what they returned.
sub at_once (@work) {
	my @pipes = map {
		my $pid = open my $pipe, '-|' // die "fork: $!";
		if ($pid == 0) {
			syswrite STDOUT, eval { $_->() } // "died: $@";
			POSIX::_exit(0);
		}
		$pipe;
	} @work;
	return map { local $/; scalar <$_> } @pipes;
}

# ---- who calls, and what ----

refused(Purser::Client->new(url => $provider->url, record => 0)->request('GET', '/v1/customers'), 401, { type => 'invalid_request_error' }, 'no key is refused');
my $basic = encode_base64('sk_test_purser:', '');
my $plain = Purser::Client->new(url => $provider->url, record => 0);
is($plain->request('GET', '/v1/customers', [Authorization => "Basic $basic"])->status, 200, 'the key may come as Basic');
my $wrong = $plain->request('GET', '/v1/customers', [Authorization => 'Bearer sk_test_other']);
refused($wrong, 401, { type => 'invalid_request_error' }, 'another key is refused');
like($wrong->header('request-id'), qr/^req_\w+$/, 'every reply has a request id');
my $customer = good(post('customers', { email => 'a+b@example.com', metadata => { organization => "o \xc3\xa9" } }));
is_deeply([@$customer{qw(object email livemode)}, $customer->{metadata}{organization}], ['customer', 'a+b@example.com', $customer->{livemode}, "o \x{e9}"],
    'a customer is made from an encoded form');
like($customer->{id}, qr/^cus_\w+$/, 'with an id of its kind');
is(good(get("customers/$customer->{id}"))->{email}, 'a+b@example.com', 'and read');
refused(post('customers', { emial => 'x' }), 400, { type => 'invalid_request_error', code => 'parameter_unknown', param => 'emial' }, 'an unknown parameter');
refused(post('customers', { invoice_settings => { x => 1 } }), 400, { param => 'invoice_settings[x]' }, 'an unknown nested one');
refused(post('payment_intents', { currency => 'aud' }), 400, { code => 'parameter_missing', param => 'amount' }, 'a missing one');
refused(post('payment_intents', { amount => '10.5', currency => 'aud' }), 400, { code => 'parameter_invalid_integer' }, 'an amount that is no integer');
refused(post('payment_intents', { amount => 1000, currency => 'AUD' }), 400, { param => 'currency' }, 'a currency in upper case');
refused(post('payment_intents', { amount => 49, currency => 'aud' }), 400, { code => 'amount_too_small' }, 'an amount too small');
refused(get('customers/cus_none'), 404, { code => 'resource_missing', param => 'id' }, 'an unknown id');
refused(get('payment_intents/pi_none'), 404, { code => 'resource_missing', param => 'intent' }, 'of a payment too');
refused(get('nothing'), 404, { type => 'invalid_request_error' }, 'an unknown path');

# ---- payment methods ----

my $setup = good(post('setup_intents', { customer => $customer->{id}, payment_method_types => ['card'], usage => 'off_session' }));
like("$setup->{id} $setup->{client_secret} $setup->{status}", qr/^(seti_\w+) \1_secret_\w+ requires_payment_method$/, 'a set-up waits for a card');
my $finished = $provider->control('finish_setup', setup_intent => $setup->{id}, payment_method => 'pm_card_mastercard');
is(good(get("payment_methods/$finished->{payment_method}"))->{customer}, $customer->{id}, 'which a person names');
my $card = good(post('payment_methods/pm_card_visa/attach', { customer => $customer->{id} }));
like("$card->{id} $card->{card}{brand} $card->{card}{last4}", qr/^pm_1\w+ visa 4242$/, "a test card's name gives a payment method");
my $cards = good(get('payment_methods', { customer => $customer->{id}, type => 'card' }));
is_deeply([map { $_->{id} } $cards->{data}->@*], [$card->{id}, $finished->{payment_method}], 'listed with the customer, newest first');
my $default = good(post("customers/$customer->{id}", { invoice_settings => { default_payment_method => $card->{id} } }));
is($default->{invoice_settings}{default_payment_method}, $card->{id}, 'it can become the default');
my $other = good(post('customers'));
refused(post("customers/$other->{id}", { invoice_settings => { default_payment_method => $card->{id} } }), 400, { code => 'resource_missing' },
    'but not of another customer');
my $bare = new_intent(customer => $customer->{id});
is($bare->{status}, 'requires_payment_method', 'a bare payment ignores the default card');
refused(post("payment_intents/$bare->{id}/confirm"), 400, { code => 'payment_intent_unexpected_state' }, 'and can not be confirmed without one');
refused(confirm(new_intent(customer => $other->{id}), $card->{id}), 400, { type => 'invalid_request_error' }, "another customer's card is refused");
is(good(post("payment_methods/$card->{id}/detach"))->{customer}, undef, 'a card is detached');
is(good(get("customers/$customer->{id}"))->{invoice_settings}{default_payment_method}, undef, 'and no default any more');
refused(post("payment_methods/$card->{id}/attach", { customer => $customer->{id} }), 400, { type => 'invalid_request_error' }, 'nor ever used again');
$provider->control('set', strict_attach => 1);
refused(post('payment_methods/pm_card_chargeDeclined/attach', { customer => $customer->{id} }), 402, { decline_code => 'generic_decline' },
    'strict, a card that is declined does not attach');
is(post('payment_methods/pm_card_chargeCustomerFail/attach', { customer => $customer->{id} })->status, 200, 'but one that is declined later does');
fresh();

# ---- payments ----

my $intent = new_intent(payment_method => 'pm_card_visa', metadata => { topup_id => 'first' });
is($intent->{status}, 'requires_confirmation', 'a payment with a card waits for its confirmation');
my $paid = good(post("payment_intents/$intent->{id}/confirm", { off_session => 'true', expand => ['latest_charge.balance_transaction'] }));
is_deeply([@$paid{qw(status amount_received)}, $paid->{latest_charge}{status}, $paid->{latest_charge}{balance_transaction}{amount}],
    ['succeeded', 1000, 'succeeded', 1000], 'and is charged by it; expand follows a path');
refused(confirm($intent, 'pm_card_visa'), 400, { code => 'payment_intent_unexpected_state' }, 'a second confirmation is refused');
refused(post("payment_intents/$intent->{id}/cancel"), 400, { code => 'payment_intent_unexpected_state' }, 'and a cancellation');
is_deeply($provider->taken('first'), { charges => 1, amount => 1000, refunded => 0, payment_intents => [$intent->{id}] }, 'one charge is counted for the top-up');
for (['pm_card_chargeDeclined', 'card_declined', 'generic_decline'], ['pm_card_insufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_authenticationRequired', 'authentication_required', 'authentication_required']) {
	my ($name, $code, $decline_code) = @$_;
	my $declined = new_intent();
	my $reply = confirm($declined, $name, off_session => 'true');
	refused($reply, 402, { type => 'card_error', code => $code, decline_code => $decline_code }, "$name is declined");
	my $after = good(get("payment_intents/$declined->{id}"));
	is_deeply([$after->{status}, $after->{amount_received}, $after->{last_payment_error}{decline_code}, $after->{latest_charge}],
	    ['requires_payment_method', 0, $decline_code, $reply->json->{error}{charge}], 'and leaves the payment open');
	is($provider->taken("t$count")->{charges}, 0, 'without a charge');
}
my $waiting = good(confirm(new_intent(), 'pm_card_authenticationRequired'));
is("$waiting->{status} $waiting->{next_action}{type}", 'requires_action use_stripe_sdk', 'with the person there, a bank asks for its answer');
is($provider->control('authenticate', payment_intent => $waiting->{id})->{status}, 'succeeded', 'and takes it');
$waiting = good(confirm(new_intent(), 'pm_card_authenticationRequired'));
my $unknown = $provider->control('authenticate', payment_intent => $waiting->{id}, fails => 1);
is("$unknown->{status} $unknown->{last_payment_error}{code}", 'requires_payment_method payment_intent_authentication_failure', 'or not');
my $processing = good(confirm(new_intent(), 'pm_card_processing'));
is("$processing->{status} $processing->{amount_received}", 'processing 0', 'a payment may take its time');
my $settled = $provider->control('settle', payment_intent => $processing->{id}, amount => 900);
is("$settled->{status} $settled->{amount_received}", 'succeeded 900', 'and bring another amount');
$processing = good(confirm(new_intent(), 'pm_card_processing'));
is($provider->control('fail', payment_intent => $processing->{id})->{status}, 'requires_payment_method', 'or fail');
my $cancelled = good(post('payment_intents/' . new_intent()->{id} . '/cancel', { cancellation_reason => 'abandoned' }));
is("$cancelled->{status} $cancelled->{cancellation_reason}", 'canceled abandoned', 'an open payment is cancelled');
refused(confirm($cancelled, 'pm_card_visa'), 400, { code => 'payment_intent_unexpected_state' }, 'for good');
refused(post('payment_intents', { amount => 1000, currency => 'aud', payment_method => 'pm_card_visa', confirm => 'true' }), 400,
    { type => 'invalid_request_error' }, 'a payment that may lead elsewhere needs a way back');
fresh();

# ---- lists, and what reconciling reads ----

$customer = good(post('customers'));
my @intents = map { new_intent(customer => $customer->{id})->{id} } 1 .. 5;
my $page = good(get('payment_intents', { customer => $customer->{id}, limit => 3 }));
is_deeply([map { $_->{id} } $page->{data}->@*], [@intents[4, 3, 2]], 'a list begins with the newest');
ok($page->{has_more}, 'says that more follow');
$page = good(get('payment_intents', { customer => $customer->{id}, limit => 3, starting_after => $intents[2] }));
is_deeply([$page->{has_more} ? 1 : 0, map { $_->{id} } $page->{data}->@*], [0, @intents[1, 0]], 'and goes on after an id');
my $begin = $provider->control('set', clock => 864_000)->{now};
paid_intent();
$provider->control('set', clock => 950_400);
my $late = paid_intent();
my %day = (created => { gte => $begin, lt => $begin + 86_400 });
is(good(get('charges', \%day))->{data}->@*, 1, 'the clock can be set, and charges be listed by day');
good(post('refunds', { payment_intent => $late->{id}, amount => 400, reason => 'requested_by_customer' }));
my $booked = good(get('balance_transactions', { created => { gte => $begin + 86_400 }, limit => 100 }));
is_deeply([map { "$_->{type} $_->{amount}" } $booked->{data}->@*], ['refund -400', 'charge 1000'], 'balance transactions tell what moved');
is(good(get('balance_transactions', { type => 'refund' }))->{data}->@*, 1, 'of one type too');
my $charge = good(get("charges/$late->{latest_charge}"));
is("$charge->{amount_refunded} " . ($charge->{refunded} ? 1 : 0), '400 0', 'a part was refunded');
refused(post('refunds', { charge => $charge->{id}, amount => 601 }), 400, { param => 'amount' }, 'no more than was taken');
good(post('refunds', { charge => $charge->{id} }));
refused(post('refunds', { charge => $charge->{id} }), 400, { code => 'charge_already_refunded' }, 'nor twice');
is($provider->taken("t$count")->{refunded}, 1000, 'and it is counted');
$provider->control('invoice', customer => $customer->{id}, charge => $charge->{id}, amount => 700);
my ($before) = good(get('invoices', { customer => $customer->{id} }, headers => ['Stripe-Version' => '2024-06-20']))->{data}->@*;
my ($after) = good(get('invoices', { customer => $customer->{id} }, headers => ['Stripe-Version' => '2025-03-31.basil']))->{data}->@*;
is_deeply([$before->{amount_paid}, $before->{charge}, exists $before->{parent} ? 1 : 0], [700, $charge->{id}, 0], 'an invoice as before 2025-03-31');
is_deeply([$after->{amount_paid}, map { exists $after->{$_} ? 1 : 0 } qw(charge payment_intent parent)], [700, 0, 0, 1], 'and as since');

# ---- disputes ----

fresh();
$paid = paid_intent();
my $dispute = $provider->control('dispute', payment_intent => $paid->{id}, withdraws => 0);
$provider->control('withdraw', dispute => $dispute->{id});
is($provider->control('close_dispute', dispute => $dispute->{id}, status => 'won', reinstates => 0)->{status}, 'won', 'a dispute is won');
$provider->control('reinstate', dispute => $dispute->{id});
is_deeply([grep { /dispute/ } event_types->@*], [map { "charge.dispute.$_" } qw(created funds_withdrawn closed funds_reinstated)], 'in four steps');
paid_intent()->{id} and is(good(confirm(new_intent(), 'pm_card_createDispute'))->{status}, 'succeeded', 'a card whose charges are disputed at once');
($dispute) = good(get('disputes'))->{data}->@*;
is($dispute->{status}, 'needs_response', 'has its dispute');
is($provider->control('close_dispute', dispute => $dispute->{id}, status => 'lost')->{status}, 'lost', 'which may be lost');
refused(post('refunds', { charge => $dispute->{charge} }), 400, { code => 'charge_disputed' }, 'and the charge is not refunded on top');
my $refund = $provider->control('refund', payment_intent => paid_intent()->{id});
is($provider->control('change_refund', refund => $refund->{id})->{status}, 'failed', 'a refund from outside, which fails');
is($provider->taken("t$count")->{refunded}, 0, 'leaves the money with the merchant');
is_deeply([grep { /refund/ } event_types->@*], [qw(refund.created charge.refunded refund.failed refund.updated)], 'is told');

# ---- the Idempotency-Key ----

fresh();
my %form = (amount => 1000, currency => 'aud', 'payment_method_types' => ['card'], metadata => { topup_id => 'once' });
my $first = post('payment_intents', \%form, key => 'k1');
my $again = post('payment_intents', \%form, key => 'k1');
is($again->body, $first->body, 'the same key gives the same reply');
is_deeply([$first->header('idempotent-replayed'), $again->header('idempotent-replayed'), $again->header('original-request')],
    [undef, 'true', $first->header('request-id')], 'and says so');
refused(post('payment_intents', { %form, amount => 1001 }, key => 'k1'), 400, { type => 'idempotency_error' }, 'with other parameters it is refused');
refused(post('customers', {}, key => 'k1'), 400, { type => 'idempotency_error' }, 'and on another path');
my $id = $first->json->{id};
my %declined = (payment_method => 'pm_card_chargeDeclined');
is(post("payment_intents/$id/confirm", \%declined, key => 'k2')->status, 402, 'a declined card');
is(post("payment_intents/$id/confirm", \%declined, key => 'k2')->header('idempotent-replayed'), 'true', 'stays with its key');
is(post('payment_intents', { %form, x => 1 }, key => 'k3')->status, 400, 'a refused form');
is(post('payment_intents', \%form, key => 'k3')->status, 200, 'leaves its key free');
is(post('payment_intents', \%form, key => 'k4', headers => [Authorization => 'Bearer x'])->status, 401, 'so does a stranger');
is(post('payment_intents', \%form, key => 'k4')->header('idempotent-replayed'), undef, 'whoever comes next');
$provider->control('set', clock => 86_300);
is(post('payment_intents', \%form, key => 'k1')->header('idempotent-replayed'), 'true', 'a key is kept for a day');
$provider->control('set', clock => 86_401);
isnt(post('payment_intents', \%form, key => 'k1')->json->{id}, $id, 'and no longer');
fault(path => 'payment_intents$', when => 'before', hang => 1);
my ($slow, $running) = at_once(sub { post('payment_intents', \%form, key => 'k5')->status }, sub {
	seen(sub ($now) { $now->{keys}{k5} });
	my $reply = post('payment_intents', \%form, key => 'k5');
	return $reply->status . ' ' . join ' ', $reply->json->{error}->@{qw(type code)};
});
is("$slow, $running", '200, 409 invalid_request_error idempotency_key_in_use', 'while the first is at work, its key is in use');

my $statistics = $provider->statistics;
is_deeply($statistics->{requests}{'POST /v1/payment_intents/*/confirm'}, { 402 => 2 }, 'requests are counted by path and status');
is_deeply($statistics->{keys}{k2}, { uses => 2, replays => 1, status => 402 }, 'so are the uses of a key');
is_deeply([$statistics->{effects}->@{qw(payment_intent charge refund)}], [5, 1, 0], 'and what came of it');

# ---- faults ----

# What became of a confirmation: its status, whether the card was charged, and what a retry with the same key gets.
sub faulty ($name, $expected, %fault) {
	my $victim = new_intent();
	fault(path => '/confirm$', %fault);
	my $try = sub {
		my $reply = eval { $provider->api('POST', "payment_intents/$victim->{id}/confirm", { payment_method => 'pm_card_visa' }, key => "f-$victim->{id}",
		    timeout => 0.5) };
		return ($reply, $reply ? $reply->complete ? $reply->status : 'cut' : $@ =~ /no answer/ ? 'silence' : 'lost');
	};
	my ($reply, $is) = $try->();
	my $charges = $provider->taken("t$count")->{charges};
	sleep $fault{hang} if $fault{hang};
	if ($fault{refuse}) {
		ok(!IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $provider->{port}), 'and nobody gets a connection');
		sleep $fault{refuse} + 0.05;
	}
	my ($second, $then) = $try->();
	my $replayed = $second && $second->header('idempotent-replayed') ? ' replayed' : '';
	is("$is, $charges; $then$replayed, " . $provider->taken("t$count")->{charges}, $expected, $name);
	return $reply;
}

fresh();
faulty('reset before the charge', 'lost, 0; 200, 1', reset => 1);
faulty('reset after it', 'lost, 1; 200 replayed, 1', reset => 1, when => 'after');
faulty('refused', 'lost, 0; 200, 1', refuse => 0.5);
faulty('silence before the charge', 'silence, 0; 200 replayed, 1', hang => 0.7);
faulty('silence after it', 'silence, 1; 200 replayed, 1', hang => 0.7, when => 'after');
faulty('a stored 500', '500, 0; 500 replayed, 0', status => 500);
faulty('a stored 500 though it was charged', '500, 1; 500 replayed, 1', status => 500, when => 'after');
faulty('a 500 that is not stored', '500, 0; 200, 1', status => 500, stored => 0);
faulty('a 500 whose key is lost', '500, 1; 400, 1', status => 500, stored => 0, when => 'after');
faulty('a 503', '503, 0; 200, 1', status => 503);
my $locked = faulty('a 429', '429, 0; 200, 1', status => 429, headers => { 'Stripe-Should-Retry' => 'true' });
refused($locked, 429, { type => 'invalid_request_error', code => 'lock_timeout' }, 'which is of an object in use');
is($locked->header('stripe-should-retry'), 'true', 'and says that it may be tried again');
refused(faulty('a 409', '409, 0; 200, 1', status => 409), 409, { type => 'invalid_request_error', code => 'idempotency_key_in_use' }, 'of a key in use');
faulty('a cut reply', 'cut, 1; 200 replayed, 1', cut => 20);
like(faulty('a page instead', '502, 0; 200, 1', html => 1, status => 502)->body, qr/^<html>/, 'is one');
is(faulty('a page after the charge', '200, 1; 200 replayed, 1', html => 1, when => 'after')->media_type, 'text/html', 'of that type');
is(faulty('another type', '200, 1; 200 replayed, 1', content_type => 'text/plain')->media_type, 'text/plain', 'is given');
is(faulty('wrong JSON', '200, 1; 200 replayed, 1', body => '{"id": 7', when => 'after')->json, undef, 'is none');
faulty('drop by drop', 'silence, 1; 200 replayed, 1', drip => 0.005);
fault(method => 'GET', path => 'customers', skip => 1, times => 2, status => 500);
is(join(' ', map { get('customers')->status } 1 .. 4), '200 500 500 200', 'a fault can wait for the n-th request, and hold for some');
fault(method => 'GET', path => 'customers', times => 0, status => 503);
is(join(' ', map { get('customers')->status } 1 .. 3), '503 503 503', 'or for all');
$provider->control('clear_faults');
is(get('customers')->status, 200, 'until it is taken away');
$provider->control('refuse');
ok(!eval { get('customers'); 1 }, 'the processor can be away');
ok($provider->statistics->{requests}, 'while it is told what to do');
$provider->control('accept');
is(get('customers')->status, 200, 'and comes back');
fault(times => 0, status => 503);
is(post('customers', {}, key => "replay-$_")->status, 503, 'a fault for all meets a repeated request too') for 1, 1;
fresh();
my $held = fork // die "fork: $!";
if ($held == 0) {
	fault(path => 'customers', hang => 0.3);
	eval { post('customers') };
	POSIX::_exit(0);
}
seen(sub ($now) { grep { $_->{path} eq '/v1/customers' && !defined $_->{status} } $now->{log}->@* });
fresh();
waitpid $held, 0;
sleep 0.4;
is($provider->statistics->{effects}{customer}, 0, 'nothing that was under way outlives a reset');
my $begun = time;
fault(path => 'customers', times => 8, hang => 0.4);
is(join(' ', at_once(map { sub { get('customers')->status } } 1 .. 8)), join(' ', (200) x 8), 'many are served');
cmp_ok(time - $begun, '<', 2.5, 'at once');

# ---- webhooks ----

my $receiver = Purser::Provider::Receiver->new;

sub listen_at ($path, %usual) {
	fresh(receivers => [{ url => "$receiver->{url}$path", secrets => ['whsec_a', 'whsec_b'] }], usual => \%usual);
	$receiver->received;
}

sub arrived () {
	$provider->control('wait');
	return $receiver->received;
}

# Do the signatures of the request fit: for each secret 1 or 0.
sub signed ($request) {
	my ($timestamp) = $request->{signature} =~ /t=(-?\d+)/;
	return join '', map { my $one = hmac_sha256_hex("$timestamp.$request->{body}", $_); $request->{signature} =~ /v1=$one/ ? 1 : 0 } qw(whsec_a whsec_b);
}

listen_at('/200', before_reply => 1);
my $told = paid_intent();
my @now = $receiver->received;
is_deeply([map { $_->{event}{type} } @now], [qw(payment_intent.created charge.succeeded payment_intent.succeeded)], 'webhooks may come before the reply');
is($now[2]{event}{data}{object}{amount_received}, 1000, 'with the object as it was');
is(signed($now[2]), '11', 'signed with every secret');
cmp_ok(abs(time - ($now[2]{signature} =~ /t=(\d+)/)[0]), '<', 5, 'and the time');
is_deeply([map { "$_->{status} $_->{attempt}" } $provider->statistics->{deliveries}->@*], [('200 1') x 3], 'deliveries and answers are listed');
listen_at('/200');
good(confirm(new_intent(), 'pm_card_processing'));
post('payment_intents/' . new_intent()->{id} . '/cancel');
confirm(new_intent(), 'pm_card_authenticationRequired');
confirm(new_intent(), 'pm_card_chargeDeclined');
is_deeply([grep { /^payment_intent\.(?!created)/ } map { $_->{event}{type} } arrived],
    [map { "payment_intent.$_" } qw(processing canceled requires_action payment_failed)], 'every state is told, in order');
my @all = good(get('events', { type => 'payment_intent.canceled' }))->{data}->@*;
is(scalar(@all), 1, 'and can be read as an event');

listen_at('/together/3', off => 1);
$provider->control('webhooks', rules => [{ type => 'intent.succeeded', off => 0, copies => 2, alias => 1 }]);
paid_intent();
my @copies = map { $_->{event} } arrived;
is(scalar(@copies), 3, 'an event can come several times, at once');
is(scalar(keys %{ { map { $_->{id} => 1 } @copies } }), 2, 'under its own id, and under another');
is(scalar(keys %{ { map { $_->{data}{object}{id} => 1 } @copies } }), 1, 'for one object');
listen_at('/200', reorder => 3);
paid_intent();
is_deeply([map { $_->{event}{type} } arrived], [qw(payment_intent.succeeded charge.succeeded payment_intent.created)], 'in another order');
listen_at('/together/3', concurrent => 3);
paid_intent();
is(scalar(arrived), 3, 'several events at once');
listen_at('/200', hold => 1);
paid_intent();
is(scalar(arrived), 0, 'held back');
$provider->control('release', count => 1);
is(join(' ', map { $_->{event}{type} } arrived), 'payment_intent.created', 'until they are released, one');
$provider->control('release', reverse => 1);
is(join(' ', map { $_->{event}{type} } arrived), 'payment_intent.succeeded charge.succeeded', 'or the rest, in reverse');
listen_at('/200', stale => 301);
new_intent();
my ($stale) = arrived;
cmp_ok(time - ($stale->{signature} =~ /t=(\d+)/)[0], '>', 300, 'with a timestamp that is too old');
is(signed($stale), '11', 'well signed');
listen_at('/200', forge => 1);
new_intent();
is(signed(arrived), '00', 'with a forged signature');
listen_at('/200', tamper => 1);
new_intent(amount => 1234);
my ($tampered) = arrived;
is(signed($tampered) . " $tampered->{event}{data}{object}{amount}", '00 91234', 'with another body than was signed');
listen_at('/500/503/200');
new_intent();
is(scalar(keys %{ { map { $_->{event}{id} => 1 } arrived } }), 1, 'what is not taken comes again');
is(join(' ', map { $_->{status} } $provider->statistics->{deliveries}->@*), '500 503 200', 'until it is');
fresh(receivers => [map { { url => "$receiver->{secure_url}/200", secrets => ['whsec_a'], ca => $_ } } $receiver->{ca}], usual => { retries => 0 });
$receiver->received;
new_intent();
is(signed(arrived), '10', 'over HTTPS, by a private authority');
fresh(receivers => [{ url => "$receiver->{secure_url}/200", secrets => ['whsec_a'], ca => '/etc/ssl/certs/ca-certificates.crt' }], usual => { retries => 0 });
new_intent();
is(scalar(arrived), 0, 'but by no other');
is($provider->statistics->{deliveries}[0]{status}, 0, 'which is noted');

# ---- its end ----

my ($child) = at_once(sub { my $own = Purser::Provider->new; my $pid = $own->{pid}; delete $own->{pid}; syswrite STDOUT, $pid; POSIX::_exit(0) });
my $until = time + 5;
sleep 0.05 while kill(0, $child) && time < $until;
ok(!kill(0, $child), 'it ends with who started it');

done_testing;
