#!/usr/bin/perl
# A card is charged once, whatever the processor does, whoever asks at the same time, and wherever a worker dies; and once
# the processor is well again, every charge has brought its credits once, and nothing is left open.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;
use Time::HiRes qw(sleep time);

my $stack = Purser::Payments->start(PURSER_SLOW_WORKERS => 6);
my $provider = $stack->provider;
my ($create, $confirm, $cancel) = ('^/v1/payment_intents$', '/confirm$', '/cancel$');

sub buy ($buyer, $key, %more) { return $stack->call('billing.topup', { credits => 100, %more }, key => $buyer->{key}, idempotency_key => $key) }
sub fault ($path, %fault) { $provider->control('fault', method => 'POST', path => $path, %fault) }
sub well () { $provider->control('clear_faults') }
sub state_of ($reply) { return !$reply ? 'no reply' : $reply->status == 201 ? $reply->json->{status} : $reply->status . ' ' . $reply->code }
sub charges ($topup_id) { return $provider->taken($topup_id)->{charges} }
sub sent ($pattern) { return scalar grep { $_->{path} =~ /$pattern/ } $provider->statistics->{log}->@* }
sub payments_of ($buyer) {
	return map { { id => Purser::Test::ulid_text($_->[0]), state => $_->[1], error => $_->[2] } }
	    db_run('SELECT id, state, error_code FROM payment WHERE organization_id = ? ORDER BY id', bytes_of($buyer->{id}))->fetchall_arrayref->@*;
}
sub balance ($buyer) { return $stack->good('billing.credits.balance', {}, key => $buyer->{key})->{balance} }
sub events ($buyer) {
	return [db_column("SELECT type FROM outbox WHERE organization_id = ? AND type LIKE 'topup.%' ORDER BY id", bytes_of($buyer->{id}))];
}

sub is_whole ($buyer, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @faults = $stack->faults($buyer);
	return ok(!@faults, $name) || diag join "\n", @faults;
}

# ---- everything goes well ----

my $buyer = $stack->new_buyer;
my $first = buy($buyer, 'first');
is(state_of($first), 'succeeded', 'a card is charged and the credits are there');
is($first->json->{balance}, 100, 'and counted in the reply');
is_deeply($provider->taken($first->json->{id}), { charges => 1, amount => 100, refunded => 0, payment_intents => [$first->json->{payment_intent_id}] },
    'the processor took the price once');
is(buy($buyer, 'first')->body, $first->body, 'the same key gives the same reply');
is_whole($buyer, 'and nothing more');
my $statistics = $provider->statistics;
is_deeply([sort grep { /^topup-/ } keys $statistics->{keys}->%*], ["topup-$first->{json}{id}-confirm-1", "topup-$first->{json}{id}-create"],
    'the keys at the processor are made of the top-up');

# ---- every fault, once ----

# When, and what the first reply to such a request is instead.
my %faults = (
	'is cut off before it is carried out' => { when => 'before', reset => 1 },
	'is cut off after it was carried out' => { when => 'after', reset => 1 },
	'fails, and the failure stays with its key' => { when => 'before', status => 500 },
	'fails behind its effect, and the failure stays' => { when => 'after', status => 500 },
	'fails and can be repeated' => { when => 'before', status => 500, stored => 0 },
	'is told that nobody serves, behind its effect' => { when => 'after', status => 503 },
	'is told that its key is in use' => { when => 'before', status => 409 },
	'is told that it comes too often' => { when => 'before', status => 429 },
	'is answered by a page of something between' => { when => 'after', status => 502, html => 1 },
	'is answered by half a body' => { when => 'after', cut => 40 },
	'is answered by an empty object' => { when => 'after', body => '{}' },
	'is not to be repeated, behind its effect' => { when => 'after', status => 500, stored => 0, headers => { 'Stripe-Should-Retry' => 'false' } },
);
my (@buyers, %open);
for my $what (sort keys %faults) {
	for (['making the intent', $create], ['the confirmation', $confirm]) {
		my ($name, $path) = @$_;
		my $buyer = $stack->new_buyer;
		fault($path, $faults{$what}->%*);
		my $reply = buy($buyer, 'once');
		well();
		like(state_of($reply), qr/^(?:succeeded|processing)$/, "$name $what: " . state_of($reply));
		$open{ $buyer->{id} } = 1 if state_of($reply) eq 'processing';
		push @buyers, [$buyer, "$name $what", $reply];
	}
}
cmp_ok(scalar keys %open, '<=', 4, 'most of them within the request');
$stack->settle;
for (@buyers) {
	my ($buyer, $what, $reply) = @$_;
	is_whole($buyer, "$what: charged once, booked once, nothing open");
	is(balance($buyer), 100, 'the credits are there');
	is(charges($reply->json->{id}), 1, 'for one charge');
	is_deeply(events($buyer), ['topup.succeeded'], 'announced once');
	my $again = buy($buyer, 'once');
	is(state_of($again), 'succeeded', 'and the key tells of it');
	is($again->json->{id}, $reply->json->{id}, 'as the same top-up');
}

# ---- an outage ----

# While nobody knows whether a purchase that waited for its holder is cancelled, the one in its place waits, too.
my $stuck = $stack->new_buyer('pm_card_authenticationRequired');
my $left = buy($stuck, 'waits');
my $other_card = $stack->add_card($stuck, 'pm_card_visa');
fault($cancel, times => 0, when => 'before', reset => 1);
my $instead_of_it = $stack->begin('billing.topup', { credits => 100, payment_method_id => $other_card->{id} }, key => $stuck->{key}, idempotency_key => 'second');

sub check_stuck () {
	my $second = $stack->finish($instead_of_it)->{body};
	is($second->{status}, 'processing', 'the purchase in the place of one whose end nobody knows is processing');
	is(charges($second->{id}), 0, 'and not charged');
	$provider->control('authenticate', payment_intent => $left->json->{payment_intent_id});
	well();
	$stack->settle;
	is(balance($stuck), 100, 'the holder of the first has paid meanwhile: that is booked, though it had failed');
	is(charges($second->{id}), 0, 'and the second is never charged');
	is_whole($stuck, 'nothing is open');
}

# Nothing answers for as long as a request may take: it ends in time, and the sweeper goes on.
for (['making the intent', $create, 'before'], ['the confirmation', '^/v1/payment_intents/', 'after']) {
	my ($what, $path, $when) = @$_;
	my $buyer = $stack->new_buyer;
	fault($path, method => '', times => 0, when => $when, reset => 1);
	my $began = time;
	my $reply = buy($buyer, 'outage');
	is(state_of($reply), 'processing', "$what never gets an answer: the reply is `processing`");
	cmp_ok(time - $began, '<', 22, 'within the time of a request');
	is_problem(buy($buyer, 'outage'), 409, 'idempotency_in_progress', 'the key waits');
	is_problem(buy($buyer, 'other'), 409, 'topup_in_progress', 'another purchase is refused', members => { topup_id => $reply->json->{id} });
	is_deeply(events($buyer), [], 'nothing is announced');
	check_stuck() if $what =~ /intent/;
	well();
	$stack->settle;
	is_whole($buyer, 'when it answers again, the sweeper ends it');
	is(charges($reply->json->{id}), 1, 'with one charge');
	is(state_of(buy($buyer, 'outage')), 'succeeded', 'and the key tells of it');
}

# ---- a failure that the processor has stored under our key ----

for my $path ('customers$', '/attach$') {
	my $holder = $stack->new_organization;
	my %with = (key => $holder->{key}, idempotency_key => 'card');
	fault($path, status => 500, times => 2, when => 'after', headers => { 'Stripe-Should-Retry' => 'false' });
	is_problem($stack->call('payment_methods.attach', { payment_method_id => 'pm_card_visa' }, %with), 503, 'unavailable', "a failure stored under the keys of $path");
	is_success($stack->call('payment_methods.attach', { payment_method_id => 'pm_card_visa' }, %with), 'does not come again for ever');
	is(scalar $stack->good('payment_methods.list', {}, key => $holder->{key})->{data}->@*, 1, 'and there is one card');
}

# ---- many callers ----

my $crowd = $stack->new_buyer;
my @replies = $stack->at_once(map { sub { my $reply = buy($crowd, 'crowd'); return { status => $reply->status, body => $reply->body, code => $reply->code } } } 1 .. 32);
my %outcomes;
$outcomes{ $_->{status} == 201 ? $_->{body} : "$_->{status} $_->{code}" }++ for @replies;
is_deeply([sort map { /^\{/ ? 'a reply' : $_ } keys %outcomes], [sort 'a reply', grep({ !/^\{/ } keys %outcomes)], '32 callers with one key: one reply for all who got one');
is_deeply([grep { !/^\{/ && $_ ne '409 idempotency_in_progress' } keys %outcomes], [], 'and else they are told to wait');
is(balance($crowd), 100, 'it was bought once');
is_whole($crowd, 'and charged once');

my $rush = $stack->new_buyer;
@replies = $stack->at_once(map { my $number = $_; sub { my $reply = buy($rush, "rush-$number"); return { status => $reply->status, code => $reply->code } } } 1 .. 32);
my $bought = grep { $_->{status} == 201 } @replies;
is_deeply([grep { $_->{status} != 201 && $_->{code} ne 'topup_in_progress' } @replies], [], '32 callers with a key each: one at a time, the others are refused');
is(balance($rush), 100 * $bought, "$bought of them bought");
is_whole($rush, 'and were charged once each');

# ---- workers that die ----

sub lock_held ($sql, @values) {
	my $other = connect_again();
	$other->begin_work;
	my $statement = $other->prepare($sql);
	$statement->bind_param($_ + 1, $values[$_]->$*, DBI::SQL_BINARY) for 0 .. $#values;
	$statement->execute;
	$statement->fetchall_arrayref;
	return $other;
}

# What holds the worker there, how to see that it is there, and how to let go.
my $death = 0;
for my $moment (
	['before the intent was made', sub { fault($create, hang => 3, when => 'before') }, sub { $stack->seen('POST /v1/payment_intents', $_[0]) }, 'POST /v1/payment_intents'],
	['behind the intent', sub { fault($create, hang => 3, when => 'after') }, sub { $stack->seen('POST /v1/payment_intents', $_[0]) }, 'POST /v1/payment_intents'],
	['before the charge', sub { fault($confirm, hang => 3, when => 'before') }, sub { $stack->seen('POST /v1/payment_intents/*/confirm', $_[0]) }, 'POST /v1/payment_intents/*/confirm'],
	['behind the charge', sub { fault($confirm, hang => 3, when => 'after') }, sub { $stack->seen('POST /v1/payment_intents/*/confirm', $_[0]) }, 'POST /v1/payment_intents/*/confirm'],
) {
	my ($when, $hold, $reached, $name) = @$moment;
	my $buyer = $stack->new_buyer;
	my $key = 'death-' . ++$death;
	my $before = grep { $_->{name} eq $name } $provider->statistics->{log}->@*;
	$hold->();
	my $call = $stack->begin('billing.topup', { credits => 100 }, key => $buyer->{key}, idempotency_key => $key);
	ok($reached->($before + 1), "the worker waits $when");
	$stack->kill_workers;
	is($stack->finish($call), undef, 'it is killed: there is no reply');
	well();
	is_problem(buy($buyer, $key), 409, 'idempotency_in_progress', 'the key waits');
	sleep 3.2 if $when =~ /charge/;	# the processor carries out what it was asked for
	$stack->settle;
	is_whole($buyer, 'the sweeper ends it: charged once, booked once');
	is(balance($buyer), 100, 'the credits are there');
	is(state_of(buy($buyer, $key)), 'succeeded', 'and the key tells of it');
}

for (['while the purchase is written down', 'SELECT id FROM organization WHERE id = ? FOR UPDATE', 0],
    ['while the credits are booked', 'SELECT organization_id FROM book WHERE organization_id = ? FOR UPDATE', 1]) {
	my ($when, $sql, $charged) = @$_;
	my $buyer = $stack->new_buyer;
	my $key = 'death-' . ++$death;
	my $lock = lock_held($sql, bytes_of($buyer->{id}));
	my $call = $stack->begin('billing.topup', { credits => 100 }, key => $buyer->{key}, idempotency_key => $key);
	sleep 1.5;
	$stack->kill_workers;
	is($stack->finish($call), undef, "the worker is killed $when");
	$lock->rollback;
	is(scalar payments_of($buyer), $charged, $charged ? 'the payment is there' : 'nothing was done');
	$stack->settle;
	is(state_of(buy($buyer, $key)), 'succeeded', 'the key tells of the purchase, or makes it');
	is_whole($buyer, 'charged once, booked once');
	is(balance($buyer), 100, 'the credits are there');
}

# A sweeper that comes while the worker is at it: both ask for the same thing by the same keys.
my $both = $stack->new_buyer;
my $asked = grep { $_->{name} eq 'POST /v1/payment_intents/*/confirm' } $provider->statistics->{log}->@*;
fault($confirm, hang => 2, when => 'before');
my $beside = $stack->begin('billing.topup', { credits => 100 }, key => $both->{key}, idempotency_key => 'both');
ok($stack->seen('POST /v1/payment_intents/*/confirm', $asked + 1), 'a worker waits for the charge');
$stack->later(61);
my @sweepers = map { $stack->begin_run('payments.sweep') } 1, 2;
end_program($_) for @sweepers;
is($stack->finish($beside)->{body}{status}, 'succeeded', 'sweepers come meanwhile: the worker tells how it ended');
well();
$stack->settle;
is_whole($both, 'it is charged and booked once');

# ---- the card's holder ----

my $absent = $stack->new_buyer('pm_card_authenticationRequired');
my $waiting = buy($absent, 'waits');
is(state_of($waiting), 'requires_action', 'a card that asks for its holder');
like($waiting->json->{client_secret}, qr/^pi_\w+_secret_\w+$/, 'the secret to authenticate with is told');
is(buy($absent, 'waits')->body, $waiting->body, 'the same key tells it again');
is_deeply(events($absent), ['topup.requires_action'], 'and it is announced');
isnt(db_value('SELECT client_secret FROM payment WHERE id = ?', bytes_of($waiting->json->{id})), $waiting->json->{client_secret}, 'it is kept sealed');
is(db_value("SELECT COUNT(*) FROM idempotency WHERE space = ? AND reply LIKE '%_secret_%'", bytes_of($absent->{id})), 0, 'in the stored reply as well');
my $visa = $stack->add_card($absent, 'pm_card_visa');
my $instead = buy($absent, 'instead', payment_method_id => $visa->{id});
is(state_of($instead), 'succeeded', 'the next purchase takes its place');
is($provider->api('GET', 'payment_intents/' . $waiting->json->{payment_intent_id})->json->{status}, 'canceled', 'the one that waited is cancelled at the processor');
is($stack->good('billing.topups.get', { topup_id => $waiting->json->{id} }, key => $absent->{key})->{status}, 'failed', 'and failed');
is_whole($absent, 'charged once');

my $late = $stack->new_buyer('pm_card_authenticationRequired');
$waiting = buy($late, 'waits');
$provider->control('authenticate', payment_intent => $waiting->json->{payment_intent_id});
$visa = $stack->add_card($late, 'pm_card_visa');
is_problem(buy($late, 'second', payment_method_id => $visa->{id}), 409, 'conflict', 'its holder has just paid: the next purchase is not made',
    members => { topup_id => $waiting->json->{id} });
is(balance($late), 100, 'the first is booked');
is_deeply([map { "$_->{state} " . ($_->{error} // '') } payments_of($late)], ['succeeded ', 'failed earlier_purchase_succeeded'], 'the second failed');
is_whole($late, 'and was never charged');
is_deeply(events($late), ['topup.requires_action', 'topup.failed', 'topup.succeeded', 'topup.failed'], 'it is told as it came');
is(state_of(buy($late, 'second', payment_method_id => $visa->{id})), 'succeeded', 'its key is free again');
is_whole($late, 'for another purchase');

my $never = $stack->new_buyer('pm_card_authenticationRequired');
$waiting = buy($never, 'waits');
$stack->later(86400 - 60);
$stack->run('payments.sweep');
is((payments_of($never))[0]{state}, 'requires_action', 'for a day it waits for its holder');
$stack->later(120);
$stack->run('payments.sweep');
is((payments_of($never))[0]{state}, 'failed', 'not longer');
is($provider->api('GET', 'payment_intents/' . $waiting->json->{payment_intent_id})->json->{status}, 'canceled', 'it is cancelled at the processor');
is_whole($never, 'and nothing is open');

# What is bought counts on the day that it is paid.
my $later = $stack->new_buyer('pm_card_authenticationRequired');
my $much = $stack->good('billing.topup', { credits => 100_000 }, key => $later->{key});
$visa = $stack->add_card($later, 'pm_card_visa');
$stack->later(86400 - 60);
$provider->control('authenticate', payment_intent => $much->{payment_intent_id});
$stack->later(120);
$stack->run('payments.sweep');
is((payments_of($later))[0]{state}, 'succeeded', 'a purchase that its holder pays a day later');
is_problem(buy($later, 'more', payment_method_id => $visa->{id}), 409, 'approval_required', 'counts towards what can be bought without approval');
$stack->later(86400 - 30);
is_problem(buy($later, 'more', payment_method_id => $visa->{id}), 409, 'approval_required', 'for a day');
$stack->later(60);
is(state_of(buy($later, 'more', payment_method_id => $visa->{id})), 'succeeded', 'not longer');

# ---- our own key is wrong ----

my $locked = $stack->new_buyer;
fault($create, status => 401, stored => 0, times => 0);
is(state_of(buy($locked, 'locked')), 'processing', 'that our key is refused is not the fault of a card');
is_deeply(events($locked), [], 'and no failure');
well();
$stack->settle;
is(state_of(buy($locked, 'locked')), 'succeeded', 'with a good key the sweeper goes on');
is_whole($locked, 'and charges once');

my @detach = ('payment_methods.detach', { payment_method_row_id => $locked->{card}{id} }, key => $locked->{key});
for (['our key is refused', status => 401], ['the processor refuses', status => 400, code => 'account_invalid']) {
	my ($why, %fault) = @$_;
	fault('/detach$', %fault, stored => 0, times => 0);
	is_problem($stack->call(@detach), 503, 'unavailable', "while $why, no card is detached");
	well();
	is(scalar($stack->good('payment_methods.list', {}, key => $locked->{key})->{data}->@*), 1, 'and it stays');
}
is_success($stack->call(@detach), 'then it is detached');
fault('/attach$', when => 'after', stored => 0, body => encode_json({ id => 'pm_rubbish', card => { brand => 'visa', last4 => '4242', exp_month => 12, exp_year => 99_999_999_999 } }));
is_problem($stack->call('payment_methods.attach', { payment_method_id => 'pm_card_visa' }, key => $locked->{key}), 422, 'invalid', 'a card that nobody can make sense of is refused',
    errors => { '/payment_method_id' => 'refused' });
well();

# Our key is of another account for a while, right behind the charge.
my $strange = $stack->new_buyer;
fault($confirm, when => 'after', reset => 1, times => 0, stored => 0);
fault('payment_intents', method => 'GET', times => 0, status => 404, code => 'resource_missing');
is(state_of(buy($strange, 'strange')), 'processing', 'an intent that is not there any more');
$stack->later(120);
$stack->run('payments.sweep');
is((payments_of($strange))[0]{state} =~ /^(?:charging|unknown)$/ ? 1 : 0, 1, 'is looked for on and on');
well();
$stack->settle;
is(state_of(buy($strange, 'strange')), 'succeeded', 'and booked when it is there again');
is_whole($strange, 'once');

my $forgotten = $stack->new_buyer('pm_card_processing');
my $lost = buy($forgotten, 'forgotten');
fault('payment_intents', method => '', times => 0, status => 404, code => 'resource_missing');
for (0, 71) {
	$stack->later(10 + $_ * 3600);
	$stack->run('payments.sweep');
	is((payments_of($forgotten))[0]{state} eq 'failed' ? 1 : 0, 0, "after $_ hours it is not given up");
}
$stack->later(3700);
$stack->run('payments.sweep');
is_deeply([@{ (payments_of($forgotten))[0] }{qw(state error)}], ['failed', 'lapsed'], 'after 72 it is');
is_deeply(events($forgotten), ['topup.failed'], 'and told');
well();

# ---- what the processor takes its time for ----

my $slow = $stack->new_buyer('pm_card_processing');
my $processing = buy($slow, 'slow');
is(state_of($processing), 'processing', 'a charge may take its time');
$stack->settle(2);
is((payments_of($slow))[0]{state}, 'charging', 'it stays open');
db_run("UPDATE organization SET status = 'closed', closed_at = created_at WHERE id = ?", bytes_of($slow->{id}));
$provider->control('settle', payment_intent => $processing->json->{payment_intent_id}, amount => 55);
$stack->settle;
is_deeply([(payments_of($slow))[0]{state}, db_value('SELECT available FROM book WHERE organization_id = ?', bytes_of($slow->{id}))], ['succeeded', 55],
    'what was received is booked, in a closed organization too');
is_whole($slow, 'and no more');
my $refused = $stack->new_buyer('pm_card_processing');
$processing = buy($refused, 'slow');
$provider->control('fail', payment_intent => $processing->json->{payment_intent_id}, decline_code => 'insufficient_funds');
$stack->settle;
is_deeply([state_of(buy($refused, 'slow')), buy($refused, 'slow')->json->{decline_code}], ['402 card_declined', 'insufficient_funds'], 'declined in the end, the key tells it');
is((payments_of($refused))[0]{error}, 'insufficient_funds', 'declined in the end');
is_whole($refused, 'and nothing is open');

# ---- keys that are too old ----

my $old = $stack->new_buyer;
fault($create, hang => 4, when => 'after');
my $made = grep { $_->{name} eq 'POST /v1/payment_intents' } $provider->statistics->{log}->@*;
my $dead = $stack->begin('billing.topup', { credits => 100 }, key => $old->{key}, idempotency_key => 'old');
ok($stack->seen('POST /v1/payment_intents', $made + 1), 'an intent is made');
sleep 0.5;
$stack->kill_workers;
$stack->finish($dead);
well();
my $confirmations = sent($confirm);
$stack->later(23 * 3600 + 60);
$stack->run('payments.sweep');
is(sent($confirm), $confirmations, 'a day later nothing is confirmed any more');
is((payments_of($old))[0]{state}, 'failed', 'the payment has failed');
is_deeply([map { $_->{status} } grep { ($_->{metadata}{topup_id} // '') eq (payments_of($old))[0]{id} } $provider->api('GET', 'payment_intents', { limit => 100 })->json->{data}->@*],
    ['canceled'], 'and its intent is cancelled');
is_whole($old, 'nothing is open, nothing charged');

ok(ledgers_are_whole(), 'every ledger is whole');
done_testing;
