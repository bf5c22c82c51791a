#!/usr/bin/perl
# Credits that are bought by themselves: when, how many, how often a card that declines is tried, and that nothing is charged
# twice. With a scripted processor, a database and a clock of their own.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;
use Time::HiRes qw(sleep time);

my $job = 'auto_topup.run';
my $stack = Purser::Payments->start;
my $provider = $stack->provider;

sub set ($buyer, %fields) {
	return $stack->good('billing.set_auto_topup', { enabled => JSON::PP::true(), threshold_credits => 1000, topup_amount_credits => 500, %fields }, key => $buyer->{key});
}

# A buyer whose credits are bought by themselves; nothing is due.
sub new_automatic ($card = 'pm_card_visa', %fields) {
	my %of = map { exists $fields{$_} ? ($_ => delete $fields{$_}) : () } qw(timezone currency);
	my $buyer = $stack->new_buyer($card, credits => delete $fields{credits} // 1000, %of);
	set($buyer, %fields);
	db_run('UPDATE auto_topup SET due_at = NULL WHERE organization_id = ?', bytes_of($buyer->{id}));
	return $buyer;
}

sub spend ($buyer, $credits) {
	$stack->good('billing.adjustments.create', { organization_id => $buyer->{id}, credits => -$credits, reason => 'spent' }, key => $stack->admin_key);
}

sub settings ($buyer) { return $stack->good('billing.auto_topup.get', {}, key => $buyer->{key}) }
sub available ($buyer) { return $stack->good('billing.credits.balance', {}, key => $buyer->{key})->{available} }

sub bought ($buyer) {
	return map { "$_->[0] $_->[1]" } db_run("SELECT credits, state FROM payment WHERE organization_id = ? AND purpose = 'auto_topup' ORDER BY id", bytes_of($buyer->{id}))->fetchall_arrayref->@*;
}

sub events ($buyer, $like = 'auto_topup.%') {
	return db_column("SELECT type FROM outbox WHERE kind = 'event' AND organization_id = ? AND type LIKE ? ORDER BY id", bytes_of($buyer->{id}), $like);
}

sub mails ($buyer) { return db_column("SELECT CONCAT(type, ' ', recipient) FROM outbox WHERE kind = 'mail' AND organization_id = ? ORDER BY recipient", bytes_of($buyer->{id})) }

# In how many seconds the job looks at it by itself; undef: not before something happens.
sub due_in ($buyer) {
	return db_value('SELECT TIMESTAMPDIFF(SECOND, ?, due_at) FROM auto_topup WHERE organization_id = ?', private_now, bytes_of($buyer->{id}));
}

sub is_whole ($buyer, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @faults = $stack->faults($buyer);
	return ok(!@faults, $name) || diag join "\n", @faults;
}

# ---- when, and how many ----

my $buyer = new_automatic();
ok($stack->run($job), 'the job runs with nothing to do');
is_deeply([bought($buyer)], [], 'and buys nothing');
is(settings($buyer)->{last_attempt_at}, undef, 'no attempt is told of');
spend($buyer, 300);
is_deeply([events($buyer)], ['auto_topup.due'], 'falling below the threshold is announced');
ok(due_in($buyer) <= 0, 'and due at once');
spend($buyer, 1);
is_deeply([events($buyer)], ['auto_topup.due'], 'falling further is not announced again');
$stack->run($job);
is_deeply([bought($buyer)], ['500 succeeded'], 'one amount is bought where one is enough');
is(available($buyer), 1199, 'and counted');
is(settings($buyer)->{charged_today_aud}, 5, 'it is told what was charged today');
ok(settings($buyer)->{last_attempt_at}, 'and when');
is(db_value("SELECT COUNT(*) FROM journal_entry WHERE organization_id = ? AND reason = 'auto_topup'", bytes_of($buyer->{id})), 1, 'in the ledger it is a top-up of its own kind');
$stack->run($job) for 1 .. 2;
is_deeply([bought($buyer), due_in($buyer)], ['500 succeeded', undef], 'then nothing is due');
is_whole($buyer, 'it was charged once');

my $edge = new_automatic('pm_card_visa', threshold_credits => 5000, topup_amount_credits => 700, credits => 5000);
spend($edge, 1);
$stack->run($job);
is_deeply([bought($edge)], ['700 succeeded'], 'one credit below is below');
spend($edge, 5699 - 100);
$stack->run($job);
is_deeply([bought($edge)], ['700 succeeded', '4900 succeeded'], 'the smallest multiple that brings them to the threshold');
is(available($edge), 5000, 'which is enough when it is met exactly');
$stack->run($job);
is(scalar bought($edge), 2, 'so nothing more is bought');

my $indebted = new_automatic();
db_run('UPDATE book SET available = 0, debt = 250 WHERE organization_id = ?', bytes_of($indebted->{id}));
db_run('UPDATE auto_topup SET due_at = UTC_TIMESTAMP(6) - INTERVAL 1 DAY WHERE organization_id = ?', bytes_of($indebted->{id}));
$stack->run($job);
is_deeply([bought($indebted)], ['1500 succeeded'], 'what is owed is bought, too, since it is paid first');

my $lapsing = $stack->new_buyer('pm_card_visa', credits => 900);
$stack->good('billing.grants.create', { organization_id => $lapsing->{id}, credits => 500, source => 'promotional', expires_at => private_now(60) =~ s/ /T/r . 'Z' }, key => $stack->admin_key);
set($lapsing);
$stack->run($job);
is_deeply([bought($lapsing)], [], 'with credits that expire soon there is enough');
$stack->later(61);
db_run('UPDATE auto_topup SET due_at = ? WHERE organization_id = ?', private_now, bytes_of($lapsing->{id}));
$stack->run($job);
is_deeply([bought($lapsing)], ['500 succeeded'], 'what has expired by now does not count, though nobody has booked it');
is(available($lapsing), 1400, 'they are gone');

# ---- many at once ----

my @crowd = map { new_automatic() } 1 .. 16;
spend($_, 100) for @crowd;
my @runs = map { $stack->begin_run($job) } 1 .. 4;
end_program($_) for @runs;
# Whose lease was taken over has left what it had begun to the sweeper.
$stack->later(61);
$stack->run($_) for 'payments.sweep', $job;
is_deeply([map { join ',', bought($_) } @crowd], [('500 succeeded') x 16], 'sixteen that are due, four runners: each is charged once');
is_whole($crowd[$_], "number $_ is whole") for 0, 15;

my $busy = new_automatic();
spend($busy, 400);
my @together = $stack->at_once((sub { $stack->run($job); return {} }) x 3,
    map({ my $key = "beside-$_"; sub { return { status => $stack->call('billing.topup', { credits => 60 }, key => $busy->{key}, idempotency_key => $key)->status } } } 1 .. 3));
my $wanted = grep { ($_->{status} // 0) == 201 } @together;
$stack->later(61);
$stack->run($_) for 'payments.sweep', $job;
is_whole($busy, 'runners beside purchases: each charge is booked once');
cmp_ok(available($busy), '>=', 1000, 'and the threshold is reached');
is_deeply([bought($busy)], ['500 succeeded'], 'by one automatic top-up');
is(db_value("SELECT COUNT(*) FROM payment WHERE organization_id = ? AND purpose = 'topup' AND state = 'succeeded'", bytes_of($busy->{id})), $wanted, 'and those purchases that were answered so');

my $open = new_automatic('pm_card_processing');
my $topup = $stack->good('billing.topup', { credits => 60 }, key => $open->{key});
spend($open, 100);
$stack->run($job);
is_deeply([bought($open)], [], 'while a purchase is open nothing else is bought');
cmp_ok(due_in($open), '>', 50, 'it is looked at again');
cmp_ok(due_in($open), '<=', 60, 'in a minute');
$provider->control('settle', payment_intent => $topup->{payment_intent_id});
$stack->later(61);
$stack->run('payments.sweep');
$stack->run($job);
is_deeply([bought($open)], ['500 charging'], 'then it is');

# ---- a runner that dies ----

my $dead = new_automatic();
spend($dead, 100);
$provider->control('fault', method => 'POST', path => '/confirm$', hang => 6, when => 'after');
my $seen = grep { $_->{name} =~ m{^POST /v1/payment_intents/.*confirm$} } $provider->statistics->{log}->@*;
my $pid = $stack->begin_run($job);
eventually('a runner is charging the card', sub { $seen < grep { $_->{name} =~ m{^POST /v1/payment_intents/.*confirm$} } $provider->statistics->{log}->@* }, 20);
sleep 0.3;
kill 'KILL', $pid;
end_program($pid);
$provider->control('clear_faults');
$stack->run($job);
is(scalar bought($dead), 1, 'killed while it charges, it leaves its payment to be ended');
$stack->settle;
$stack->run($job);
is_deeply([bought($dead)], ['500 succeeded'], 'which is, once');
is_whole($dead, 'the credits are there');
is(due_in($dead), undef, 'and nothing is due');

# ---- the day's cap ----

# Moves the clock to so many hours behind the next midnight of the zone.
sub to_next_day ($zone, $hours) {
	local $ENV{TZ} = $zone;
	POSIX::tzset();
	my ($second, $minute, $hour, $day, $month, $year) = localtime(time + $stack->{offset});
	my $then = POSIX::mktime(0, 0, $hours, $day + 1, $month, $year, 0, 0, -1);
	$stack->later(int($then - time - $stack->{offset}));
	delete local $ENV{TZ};
	POSIX::tzset();
}

to_next_day('Australia/Sydney', 15);
my $capped = new_automatic('pm_card_visa', timezone => 'Australia/Sydney', daily_charge_cap_aud => 12.5);
my $owner = new_person($capped, 'owner', email => 'owner@capped.example');
new_person($capped, 'billing', email => 'billing@capped.example');
new_person($capped, 'admin', email => 'admin@capped.example');
for (1 .. 2) {
	spend($capped, 500);
	$stack->run($job);
}
is(settings($capped)->{charged_today_aud}, 10, 'within the cap it is charged');
spend($capped, 500);
$stack->run($job);
is(scalar bought($capped), 2, 'what would pass it is not charged');
like(settings($capped)->{last_error}, qr/\b5\.00 AUD would pass the day's cap of 12\.50 AUD, of which 10\.00 AUD/, 'which is noted');
is(settings($capped)->{state}, 'active', 'it is no pause');
is_deeply([grep { /capped/ } events($capped)], ['auto_topup.capped'], 'it is announced');
is_deeply([mails($capped)], ['auto_topup.capped billing@capped.example', 'auto_topup.capped owner@capped.example'], 'by mail as well, to owners and those of the role billing');
my ($told) = grep { $_->{type} eq 'auto_topup.capped' } $stack->good('notifications.list', {}, key => $owner->{key})->{data}->@*;
like($told->{title} // '', qr/cap/, 'and in the inbox');
spend($capped, 400);
$stack->good('billing.grants.create', { organization_id => $capped->{id}, credits => 900, source => 'goodwill' }, key => $stack->admin_key);
spend($capped, 900);
$stack->run($job);
is(scalar(grep { /capped/ } events($capped)), 1, 'once a day');
my $until = due_in($capped);
ok(abs($until - 9 * 3600) < 120, 'until midnight in its zone') or diag $until;
$stack->later($until - 1);
$stack->run($job);
is(scalar bought($capped), 2, 'a second before nothing is charged');
$stack->later(2);
is(settings($capped)->{charged_today_aud}, 0, 'then a new day has begun');
$stack->run($job);
is_deeply([bought($capped)], [('500 succeeded') x 2, '1000 succeeded'], 'and it goes on') or diag settings($capped)->{last_error};
is_deeply([settings($capped)->@{qw(charged_today_aud last_error)}], [10, undef], 'by itself');

to_next_day('UTC', 3);
my $nightly = new_automatic('pm_card_authenticationRequired', daily_charge_cap_aud => 7);
spend($nightly, 100);
$stack->run($job);
my ($slept_over) = $stack->good('billing.topups.list', {}, key => $nightly->{key})->{data}->@*;
$stack->later(22 * 3600);
$provider->control('authenticate', payment_intent => $slept_over->{payment_intent_id});
$stack->later(61 * 60);
$stack->run('payments.sweep');
is_deeply([bought($nightly), settings($nightly)->{charged_today_aud}], ['500 succeeded', 5], 'what its holder pays the next day is charged on that day');

my $exact = new_automatic('pm_card_visa', daily_charge_cap_aud => 5);
spend($exact, 1);
$stack->run($job);
is_deeply([bought($exact)], ['500 succeeded'], 'what meets the cap exactly is charged');
my $foreign = new_automatic('pm_card_visa', currency => 'GBP', daily_charge_cap_aud => 4.999999);
spend($foreign, 1);
$stack->run($job);
is_deeply([bought($foreign)], [], 'the cap is in AUD whatever the card is charged in');
set($foreign, daily_charge_cap_aud => 5);
$stack->run($job);
is_deeply([bought($foreign)], ['500 succeeded'], 'raising it is looked at at once');

# ---- declines ----

my $broke = new_automatic('pm_card_insufficientFunds');
new_person($broke, 'owner', email => 'owner@broke.example');
spend($broke, 100);
my @waits = (3600, 6 * 3600, 24 * 3600);
for my $try (0 .. $#waits) {
	$stack->run($job);
	is(scalar bought($broke), $try + 1, 'attempt ' . ($try + 1) . ' is declined');
	cmp_ok(abs(due_in($broke) - $waits[$try]), '<', 30, "and the next one $waits[$try] seconds later");
	$stack->good('billing.grants.create', { organization_id => $broke->{id}, credits => 200, source => 'goodwill' }, key => $stack->admin_key);
	spend($broke, 200);
	$stack->later($waits[$try] - 60);
	$stack->run($job);
	is(scalar bought($broke), $try + 1, 'not earlier, whatever is spent meanwhile');
	$stack->later(61);
}
like(settings($broke)->{last_error}, qr/insufficient funds/i, 'why is told meanwhile');
is_deeply([grep { /paused/ } events($broke)], [], 'that is no pause');
$stack->run($job);
is(scalar bought($broke), 4, 'the fourth is declined');
is_deeply([settings($broke)->@{qw(enabled state)}], [JSON::PP::true(), 'paused'], 'then it pauses');
is_deeply([grep { /paused/ } events($broke)], ['auto_topup.paused'], 'and says so');
is_deeply(decode_json(db_value("SELECT data FROM outbox WHERE organization_id = ? AND kind = 'event' AND type = 'auto_topup.paused'", bytes_of($broke->{id})))->{reason}, 'insufficient_funds', 'with the reason');
is_deeply([mails($broke)], ['auto_topup.paused owner@broke.example'], 'by mail as well');
$stack->later(100_000);
$stack->run($job);
spend($broke, 100);
$stack->run($job);
is(scalar bought($broke), 4, 'a pause does not end by itself');
my $card = $stack->add_card($broke, 'pm_card_visa');
$stack->good('payment_methods.set_default', { payment_method_row_id => $card->{id} }, key => $broke->{key});
is_deeply([set($broke)->@{qw(state last_error)}], ['active', undef], 'setting it anew ends it');
$stack->run($job);
is((bought($broke))[-1], '500 succeeded', 'and buys at once');
is_whole($broke, 'what was declined was never booked');

my $recovered = new_automatic('pm_card_insufficientFunds');
spend($recovered, 100);
$stack->run($job);
my $better = $stack->add_card($recovered, 'pm_card_visa');
$stack->good('payment_methods.set_default', { payment_method_row_id => $better->{id} }, key => $recovered->{key});
$stack->later(3601);
$stack->run($job);
is_deeply([bought($recovered)], ['500 failed', '500 succeeded'], 'the next attempt charges the card of then');
is(db_value('SELECT soft_declines FROM auto_topup WHERE organization_id = ?', bytes_of($recovered->{id})), 0, 'and a success starts the count anew');
is(settings($recovered)->{last_error}, undef, 'nothing is wrong any more');

for my $hard (['pm_card_chargeDeclinedLostCard', 'lost_card'], ['pm_card_chargeDeclinedExpiredCard', 'expired_card'], ['pm_card_authenticationRequired', 'authentication_required']) {
	my ($kind, $reason) = @$hard;
	my $lost = new_automatic($kind);
	spend($lost, 100);
	$stack->run($job);
	is(settings($lost)->{state}, 'paused', "$reason pauses at once");
	is_deeply([decode_json(db_value("SELECT data FROM outbox WHERE organization_id = ? AND kind = 'event' AND type = 'auto_topup.paused'", bytes_of($lost->{id})))->{reason}], [$reason], 'for that reason');
	$stack->later(30);
	$stack->run($job) for 1 .. 2;
	is(scalar bought($lost), 1, 'and is not tried again');
	is(scalar(grep { /paused/ } events($lost)), 1, 'nor announced');
	next if $reason ne 'authentication_required';
	is_deeply([bought($lost), events($lost, 'topup.%')], ['500 requires_action', 'topup.requires_action'], 'the person is asked once');
	my ($open) = $stack->good('billing.topups.list', {}, key => $lost->{key})->{data}->@*;
	set($lost);
	is_deeply([bought($lost), settings($lost)->{state}], ['500 failed', 'active'], 'set anew while the purchase still waits, that is over');
	$stack->run($job);
	is_deeply([bought($lost), settings($lost)->{state}], ['500 failed', '500 requires_action', 'paused'], 'the same card pauses it again');
	is($provider->api('GET', "payment_intents/$open->{payment_intent_id}")->json->{status}, 'canceled', 'what waited first is cancelled before');
	($open) = $stack->good('billing.topups.list', {}, key => $lost->{key})->{data}->@*;
	$provider->control('authenticate', payment_intent => $open->{payment_intent_id});
	$stack->later(86400);
	$stack->run('payments.sweep');
	is_deeply([bought($lost), settings($lost)->{state}], ['500 failed', '500 succeeded', 'paused'], 'a purchase that is authenticated in the end is booked; the pause stays');
}

my $mended = new_automatic('pm_card_authenticationRequired');
spend($mended, 100);
$stack->run($job);
my $kinder = $stack->add_card($mended, 'pm_card_visa');
$stack->good('payment_methods.set_default', { payment_method_row_id => $kinder->{id} }, key => $mended->{key});
set($mended);
$stack->run($job);
is_deeply([bought($mended), settings($mended)->{state}], ['500 failed', '500 succeeded', 'active'], 'a good card and setting it anew end a pause for authentication');
is_whole($mended, 'and one charge is made');

# Set anew right when its holder has paid: that counts, and nothing is bought beside it.
my $crossed = new_automatic('pm_card_authenticationRequired');
spend($crossed, 100);
$stack->run($job);
my ($paying) = $stack->good('billing.topups.list', {}, key => $crossed->{key})->{data}->@*;
$provider->control('authenticate', payment_intent => $paying->{payment_intent_id});
$kinder = $stack->add_card($crossed, 'pm_card_visa');
$stack->good('payment_methods.set_default', { payment_method_row_id => $kinder->{id} }, key => $crossed->{key});
set($crossed);
$stack->run($job) for 1 .. 2;
is_deeply([bought($crossed), @{ settings($crossed) }{qw(state last_error)}], ['500 succeeded', '500 failed', 'active', undef], 'a purchase that was paid at that moment is booked in the place of the next');
is_whole($crossed, 'once');

# Our own key is wrong: no customer is blamed.
my $blameless = new_automatic();
spend($blameless, 100);
$provider->control('fault', method => 'POST', path => '^/v1/payment_intents$', status => 401, stored => 0, times => 0);
$stack->run($job);
$provider->control('clear_faults');
is(settings($blameless)->{state}, 'active', 'a key of ours that is refused pauses nobody');
$stack->settle;
is_deeply([bought($blameless)], ['500 succeeded'], 'and with a good one the top-up is made');

# One that is charged, and whose credits its organization can't have, keeps nobody else waiting.
my ($full, $behind) = map { new_automatic() } 1, 2;
spend($_, 100) for $full, $behind;
db_run('UPDATE auto_topup SET due_at = due_at - INTERVAL 1 SECOND WHERE organization_id = ?', bytes_of($full->{id}));
db_run('UPDATE book SET reserved = 99999999999000 WHERE organization_id = ?', bytes_of($full->{id}));
$stack->run($job);
is_deeply([bought($behind)], ['500 succeeded'], 'an organization that can have no more credits keeps no other from its own') or diag join ' ', bought($full);
db_run('UPDATE book SET reserved = 0 WHERE organization_id = ?', bytes_of($full->{id}));
$stack->settle;
is_deeply([bought($full)], ['500 succeeded'], 'and gets its own when it can');

my $cardless = new_automatic();
$stack->good('payment_methods.detach', { payment_method_row_id => $cardless->{card}{id} }, key => $cardless->{key});
spend($cardless, 100);
$stack->run($job);
is_deeply([settings($cardless)->{state}, bought($cardless)], ['paused'], 'without a card it pauses');
like(settings($cardless)->{last_error}, qr/no card/i, 'and says why');

# ---- what may be bought without approval ----

my $modest = new_automatic('pm_card_visa', credits => 90_000, threshold_credits => 90_000, topup_amount_credits => 60_000);
spend($modest, 1);
$stack->run($job);
is_deeply([bought($modest)], ['60000 succeeded'], 'within what can be bought without approval it is bought');
spend($modest, 60_000);
$stack->run($job);
is(scalar bought($modest), 1, 'but not beyond it, counting the last 24 hours');
is(settings($modest)->{state}, 'paused', 'it pauses');
like(settings($modest)->{last_error}, qr/without approval/, 'and says why');
is(scalar(grep { /paused/ } events($modest)), 1, 'to everybody who has to know');
$stack->later(86_401);
set($modest, threshold_credits => 90_000, topup_amount_credits => 60_000);
$stack->run($job);
is_deeply([bought($modest)], [('60000 succeeded') x 2], 'a day later it can be bought again');

# ---- off, and closed ----

my $off = new_automatic();
set($off, enabled => JSON::PP::false());
spend($off, 500);
$stack->run($job);
is_deeply([bought($off), events($off)], [], 'switched off, nothing is bought or announced');
my $closed = new_automatic();
spend($closed, 100);
db_run("UPDATE organization SET status = 'closed', closed_at = created_at WHERE id = ?", bytes_of($closed->{id}));
$stack->run($job);
is_deeply([bought($closed)], [], 'a closed organization buys nothing');
db_run("UPDATE organization SET status = 'active', closed_at = NULL WHERE id = ?", bytes_of($closed->{id}));
$stack->run($job);
is_deeply([bought($closed)], ['500 succeeded'], 'until it is open again');
done_testing;
