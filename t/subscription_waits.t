#!/usr/bin/perl
# A change that waits for its card's holder over the end of a month: what the monthly run bills meanwhile of the plan before is
# not paid twice. Each case beside an organization for which there was no run in between.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Payments;
use Purser::Subscriptions;
use Purser::Test;
use Time::HiRes qw(time);

my $stack = Purser::Payments->start(PURSER_SLOW_WORKERS => 2);
my $start = { plan_id => $plan{startup}, cycle => 'monthly', trial => \0 };

sub to ($text) { $stack->later(int(seconds_of($text) - time - $stack->{offset})) }
sub alter ($buyer, $body) { return $stack->call('billing.subscriptions.change', $body, key => $buyer->{key}, idempotency_key => 'up') }
sub plan_of ($buyer) { return $stack->good('billing.subscriptions.get', {}, key => $buyer->{key})->{plan_id} }
sub available ($buyer) { return $stack->good('billing.credits.balance', {}, key => $buyer->{key})->{available} }
sub granted ($buyer) { return db_value('SELECT COALESCE(SUM(granted), 0) FROM payment WHERE organization_id = ?', bytes_of($buyer->{id})) }
sub give ($buyer, $credits) { $stack->good('billing.grants.create', { organization_id => $buyer->{id}, credits => $credits, source => 'goodwill' }, key => $stack->admin_key) }
sub run_of ($buyer, $period) {
	return $stack->call('billing.run_monthly_for_org', { organization_id => $buyer->{id}, period => $period }, key => $buyer->{key}, idempotency_key => "run-$period")->json->{status};
}

# The holders come, and the sweeper finds the money.
sub authenticate (@buyers) {
	$stack->provider->control('authenticate', payment_intent => db_value('SELECT intent_id FROM payment WHERE organization_id = ? AND intent_id IS NOT NULL ORDER BY id LIMIT 1',
	    bytes_of($_->{id}))) for @buyers;
	return $stack->run('payments.sweep');
}

sub change_of ($buyer) { return db_value('SELECT status FROM subscription_change WHERE organization_id = ?', bytes_of($buyer->{id})) }

# Credits that its stretches have cost, as far as they were charged.
sub cost_of ($buyer) { return db_value('SELECT SUM(drawn - refilled) FROM subscription_fee WHERE organization_id = ?', bytes_of($buyer->{id})) }

sub is_whole ($buyer, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @faults = $stack->faults($buyer);
	push @faults, 'the ledger' unless $stack->good('billing.credits.verify', {}, key => $buyer->{key})->{consistent};
	return ok(!@faults, $name) || diag join "\n", @faults;
}

# ---- within one period -----------------------------------------------------------------------------------------------

# The period from January 10 on was rolled into, and waits for the run.
to('2026-12-10T12:00:00Z');
my ($run, $calm, $owing) = map { $stack->new_buyer('pm_card_authenticationRequired', credits => 4900) } 1 .. 3;
$stack->good('billing.subscriptions.start', $start, key => $_->{key}, idempotency_key => 'start') for $run, $calm, $owing;
to('2027-01-31T20:00:00Z');
is(alter($_, { plan_id => $plan{scale}, seats => 2 })->json->{payment}{status}, 'requires_action', 'a change on the last evening of a month waits for its holder') for $run, $calm, $owing;
give($_, 4900) for $run, $calm;
to('2027-02-01T00:05:00Z');
is(run_of($_, '2027-01'), 'completed', 'in the night the run bills the plan before') for $run, $owing;
to('2027-02-01T08:00:00Z');
ok(authenticate($run, $calm, $owing), 'in the morning the holders come');
is(plan_of($_), $plan{scale}, 'the change comes true') for $run, $calm;
is(run_of($calm, '2027-01'), 'completed', 'another one is run behind it');
# A change that was asked for at 20:00 counts from there on.
cmp_ok(abs(cost_of($run) - cost_of($calm)), '<=', 4900 * 12 / (31 * 24) + 2, 'whose plan before costs as much, but for the hours of the wait');
cmp_ok(cost_of($run), '<=', cost_of($calm), 'and not more');
is(available($_), 4900 + granted($_) - (cost_of($_) - 4900), 'what was bought and not needed stays credits') for $run, $calm;
is(plan_of($owing), $plan{startup}, 'where the run has put it on an invoice that is not paid, there is no change');
is(change_of($owing), 'gone', 'for good');
is(available($owing), granted($owing), 'and what was bought are credits');
is_whole($_, 'the ledger is whole') for $run, $calm, $owing;

# ---- over the end of the period ---------------------------------------------------------------------------------------

# In the time zone of Kiritimati the month ends 14 hours earlier, so that a run bills the new period while the money is awaited.
to('2027-03-31T12:00:00Z');
my ($billed, $unbilled, $invoiced) = map { $stack->new_buyer('pm_card_authenticationRequired', credits => 4900) } 1 .. 3;
$stack->good('billing.subscriptions.start', $start, key => $_->{key}, idempotency_key => 'start') for $billed, $unbilled, $invoiced;
to('2027-04-29T23:50:00Z');
is(alter($_, { plan_id => $plan{growth} })->json->{payment}{status}, 'requires_action', 'a change on the last evening of a period waits') for $billed, $unbilled, $invoiced;
$stack->good('organizations.update', { timezone => 'Pacific/Kiritimati' }, key => $_->{key}) for $billed, $unbilled, $invoiced;
give($_, 4900) for $billed, $unbilled;
to('2027-04-30T13:05:00Z');
is(run_of($_, '2027-04'), 'completed', 'the new period begins, and the run bills it') for $billed, $invoiced;
to('2027-04-30T14:00:00Z');
ok(authenticate($billed, $unbilled, $invoiced), 'the money comes');
is(plan_of($_), $plan{growth}, 'the change comes true') for $billed, $unbilled;
cmp_ok(available($billed) - granted($billed), '>=', 4900 - 200, 'what the run has taken for the rest of the plan before comes back');
is_deeply([change_of($invoiced), plan_of($invoiced)], ['gone', $plan{startup}], 'where that stands on an invoice that is not paid, there is no change');
is_whole($_, 'the ledger is whole') for $billed, $unbilled, $invoiced;
done_testing;
