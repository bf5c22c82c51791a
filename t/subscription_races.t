#!/usr/bin/perl
# A start or a change that a card pays for comes true once, or not at all: whoever asks at the same moment, whoever books it,
# wherever a worker dies, and whenever the card's holder comes.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Payments;
use Purser::Subscriptions;
use Purser::Test;
use Time::HiRes qw(sleep time);

my $stack = Purser::Payments->start(PURSER_SLOW_WORKERS => 6);
my $provider = $stack->provider;
my ($create, $confirm) = ('^/v1/payment_intents$', '/confirm$');
my $start = { plan_id => $plan{startup}, cycle => 'monthly', trial => \0 };

sub fault ($path, %fault) { $provider->control('fault', method => 'POST', path => $path, %fault) }
sub well () { $provider->control('clear_faults') }
sub begin_plan ($buyer, $key, $body = $start) { return $stack->call('billing.subscriptions.start', $body, key => $buyer->{key}, idempotency_key => $key) }
sub alter ($buyer, $key, $body) { return $stack->call('billing.subscriptions.change', $body, key => $buyer->{key}, idempotency_key => $key) }
sub present ($buyer) { return $stack->call('billing.subscriptions.get', {}, key => $buyer->{key}) }
sub status_of ($buyer) { my $reply = present($buyer); return $reply->status == 200 ? $reply->json->{status} : $reply->code }
sub available ($buyer) { return $stack->good('billing.credits.balance', {}, key => $buyer->{key})->{available} }
sub charges ($buyer) { return db_value("SELECT COUNT(*) FROM payment WHERE organization_id = ? AND state = 'succeeded'", bytes_of($buyer->{id})) }
sub fee_entries ($buyer) { return db_value("SELECT COUNT(*) FROM journal_entry WHERE organization_id = ? AND reason = 'plan_fee'", bytes_of($buyer->{id})) }
sub intent_of ($buyer) { return db_value('SELECT intent_id FROM payment WHERE organization_id = ? ORDER BY id DESC LIMIT 1', bytes_of($buyer->{id})) }

sub is_whole ($buyer, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @faults = $stack->faults($buyer);
	push @faults, 'a change waits' if db_value("SELECT COUNT(*) FROM subscription_change WHERE organization_id = ? AND status = 'pending'", bytes_of($buyer->{id}));
	return ok(!@faults, $name) || diag join "\n", @faults;
}

# ---- at the same moment ----

my $crowd = $stack->new_buyer;
my @replies = $stack->at_once(map { my $number = $_; sub { my $reply = begin_plan($crowd, "start-$number"); return { status => $reply->status, code => $reply->code } } } 1 .. 32);
my %outcomes;
$outcomes{ $_->{status} == 200 ? 200 : "$_->{status} $_->{code}" }++ for @replies;
is($outcomes{200}, 1, 'of 32 who start at once one does');
is_deeply([grep { !/^(?:200|409 (?:conflict|topup_in_progress))$/ } keys %outcomes], [], 'and the others are told why they can not');
is_deeply([charges($crowd), fee_entries($crowd), status_of($crowd)], [1, 1, 'active'], 'there is one charge, and one fee');
is_whole($crowd, 'and nothing is left open');

@replies = $stack->at_once(map { sub { my $reply = alter($crowd, 'one key', { plan_id => $plan{growth} }); return { status => $reply->status, body => $reply->body, code => $reply->code } } } 1 .. 16);
my %bodies = map { $_->{body} => 1 } grep { $_->{status} == 200 } @replies;
is(scalar keys %bodies, 1, '16 changes under one key have one reply');
is_deeply([grep { $_->{status} != 200 && $_->{code} ne 'idempotency_in_progress' } @replies], [], 'for all who did not have to wait');
is_deeply([charges($crowd), fee_entries($crowd)], [2, 2], 'and are paid once');
is_whole($crowd, 'and nothing is left open');

my $rich = $stack->new_organization(credits => 1_000_000);
begin_plan($rich, 'start');
@replies = $stack->at_once(map { my $number = $_; sub { my $reply = alter($rich, "change-$number", { seats => 1 + $number }); return { status => $reply->status, code => $reply->code } } } 1 .. 32);
is_deeply([grep { $_->{status} != 200 } @replies], [], '32 changes at once, from credits, all come true, one behind the other') || diag explain [map { "$_->{status} $_->{code}" } grep { $_->{status} != 200 } @replies];
my ($worth, $drawn) = db_run('SELECT SUM(credits), SUM(drawn - refilled) FROM subscription_fee WHERE organization_id = ?', bytes_of($rich->{id}))->fetchrow_array;
is($drawn, $worth, 'what was taken and not given back is what its stretches cost');
is(available($rich), 1_000_000 - $worth, 'to the credit');
is_whole($rich, 'and the ledger is whole');

# ---- a worker that dies ----

for (['before the charge is carried out', $confirm, 'before', 'POST /v1/payment_intents/*/confirm'], ['behind the charge', $confirm, 'after', 'POST /v1/payment_intents/*/confirm'],
	['while the intent is made', $create, 'after', 'POST /v1/payment_intents']) {
	my ($when, $path, $side, $name) = @$_;
	my $buyer = $stack->new_buyer;
	my $before = grep { $_->{name} eq $name } $provider->statistics->{log}->@*;
	fault($path, hang => 3, when => $side);
	my $call = $stack->begin('billing.subscriptions.start', $start, key => $buyer->{key}, idempotency_key => 'dies');
	ok($stack->seen($name, $before + 1), "the worker waits $when");
	$stack->kill_workers;
	is($stack->finish($call), undef, 'it is killed: there is no reply');
	well();
	is_problem(begin_plan($buyer, 'dies'), 409, 'idempotency_in_progress', 'the key waits');
	is(status_of($buyer), 'incomplete', 'so does the subscription');
	sleep 3.2;
	$stack->settle;
	is(status_of($buyer), 'active', 'the sweeper ends it');
	is_deeply([charges($buyer), fee_entries($buyer), available($buyer)], [1, 1, 0], 'with one charge and one fee');
	is(begin_plan($buyer, 'dies')->json->{status}, 'active', 'and the key tells of it');
	is_whole($buyer, 'nothing is left open');
}

# ---- a card's holder who comes later, or never ----

my $later = $stack->new_buyer('pm_card_authenticationRequired');
is(begin_plan($later, 'waits')->json->{status}, 'incomplete', 'a start waits for the holder of the card');
$stack->later(7200);
$provider->control('authenticate', payment_intent => intent_of($later));
$stack->run('payments.sweep');
my $begun = present($later)->json;
is($begun->{status}, 'active', 'who comes two hours later');
cmp_ok(abs(seconds_of($begun->{period}{start}) - time - $stack->{offset}), '<', 60, 'its period begins then');
is(available($later), 0, 'and its fee is paid');
is_whole($later, 'nothing is left open');

my $never = $stack->new_buyer('pm_card_authenticationRequired');
begin_plan($never, 'waits');
$stack->later(86_400 + 60);
$stack->run('payments.sweep');
is(status_of($never), 'not_found', 'a holder who does not come in a day ends the start');
is(db_value('SELECT status FROM subscription WHERE organization_id = ?', bytes_of($never->{id})), 'cancelled', 'for good');
is_whole($never, 'nothing is left open');
is($stack->call('billing.subscriptions.start', { plan_id => $plan{free}, cycle => 'monthly' }, key => $never->{key})->status, 200, 'and another can begin');

# A purchase takes the place of a change that waits; money that comes for it after all is credits.
my $given_up = $stack->new_buyer('pm_card_authenticationRequired', credits => 4900);
begin_plan($given_up, 'start');
is(alter($given_up, 'up', { plan_id => $plan{growth} })->json->{payment}{status}, 'requires_action', 'a change waits for its holder');
$provider->control('authenticate', payment_intent => intent_of($given_up));
is(alter($given_up, 'down', { plan_id => $plan{free} })->json->{plan_id}, $plan{free}, 'another takes its place');
$stack->settle;
is(present($given_up)->json->{plan_id}, $plan{free}, 'the first one never comes true');
my $paid = db_value("SELECT COALESCE(SUM(granted), 0) FROM payment WHERE organization_id = ?", bytes_of($given_up->{id}));
cmp_ok(available($given_up), '>=', $paid, 'and what was paid for it are credits');
is_whole($given_up, 'nothing is left open');

# The period in which it was computed is over when the money comes: it comes true, and the monthly run bills it.
my $over = $stack->new_buyer('pm_card_authenticationRequired', credits => 4900);
begin_plan($over, 'start');
my $period = present($over)->json->{period};
$stack->later(int(seconds_of($period->{end}) - time - $stack->{offset} - 7200));
is(alter($over, 'up', { plan_id => $plan{growth} })->json->{payment}{status}, 'requires_action', 'a change two hours before the period ends');
$stack->later(4 * 3600);
$provider->control('authenticate', payment_intent => intent_of($over));
ok($stack->run('payments.sweep'), 'the sweeper finds the money');
is(present($over)->json->{plan_id}, $plan{growth}, 'is paid two hours behind that, and comes true');
cmp_ok(available($over), '>', 0, 'what was bought for the old period stays credits');
is_deeply([map { $_->[3] } fees_of($over)->@*], [1, 0, 0], 'and the new period waits for the monthly run');
is_whole($over, 'nothing is left open');

# The hard limit is reached when the money comes: the fee is refused, and the money is credits. The book's cycle is over by its
# own count, and goes on by the organization's: what is checked is what the ledger finds.
my $limited = $stack->new_buyer('pm_card_authenticationRequired');
is(begin_plan($limited, 'waits')->json->{status}, 'incomplete', 'a start waits for the holder of the card');
db_run('UPDATE book SET hard_limit = 10000, cycle_spend = 9000, cycle_started_at = DATE("2100-01-01"), cycle_ends_at = UTC_TIMESTAMP(6) - INTERVAL 40 DAY
    WHERE organization_id = ?', bytes_of($limited->{id}));
$stack->later(7200);
$provider->control('authenticate', payment_intent => intent_of($limited));
ok($stack->run('payments.sweep'), 'who comes when the limit is reached');
is_deeply([charges($limited), fee_entries($limited), available($limited)], [1, 0, 4900], 'has bought credits');
is(status_of($limited), 'not_found', 'and no subscription');
is_whole($limited, 'nothing is left open');

ok(ledgers_are_whole(), 'every ledger is whole');
done_testing;
