#!/usr/bin/perl
# Overage in monthly runs: every unit beyond a quota is billed once, by the plan that was in force when it was used, whatever plan
# the cycle has when it ends, if any.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Cards;
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;
use Purser::Usage;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll);

# A plan with a quota of `requests`: units included, micro-units for one more.
sub plan_of ($included, $price, %more) {
	my $plan = new_plan(monthly_amount => 0, yearly_amount => 0, %more);
	db_run("INSERT INTO plan_quota (plan_id, metric, included, overage_unit_price) VALUES (?, 'requests', ?, ?)", bytes_of($plan), $included, $price);
	return $plan;
}

sub used ($organization, $quantity, %more) {
	state $count = 0;
	record($organization, [event('e' . ++$count, $more{metric} // 'requests', $quantity, %more)])->status == 200 or die;
}

sub start ($organization, $plan) { subscribe($organization, { plan_id => $plan, cycle => 'monthly', trial => \0 })->status == 200 or die }
sub change ($organization, $plan) { my $reply = change_plan($organization, { plan_id => $plan, cycle => 'monthly' }); $reply->status == 200 or die $reply->{body} }
sub open_rows ($organization) { return db_value('SELECT COUNT(*) FROM usage_overage WHERE organization_id = ? AND run_period IS NULL', bytes_of($organization->{id})) }

sub comes_to ($organization, $period, $lines, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $told = preview_month($organization, $period)->json;
	my $run = run_month($organization, $period)->json;
	is_deeply(run_lines($organization, $period), $lines, $name) or diag encode_json($run);
	is($run->{digest}, $told->{digest}, '… as its preview did');
	is(run_month($organization, $period)->json->{digest}, $run->{digest}, '… and as it does when it is run again');
	is(open_rows($organization), 0, '… nothing is left');
	return;
}

at_time('2027-01-10T12:00:00Z');
my $one = plan_of(100, 1_000_000);      # 1.00 for each beyond 100
my $two = plan_of(300, 500_000);        # 0.50 beyond 300
my $dollars = plan_of(10, 1_000_000, currency => 'USD');
my %organization = map { $_ => new_organization(credits => 1_000_000) } qw(down up back ended foreign late largest tiny);
my $account = new_post_pay(1_000_000);
start($organization{$_}, $one) for qw(down up back ended late tiny);
start($organization{foreign}, $dollars);
start($account, $one);
used($organization{$_}, 250) for qw(down up back ended late);
used($organization{foreign}, 30);
used($account, 250);
used($organization{tiny}, '100.004');

at_time('2027-01-20T12:00:00Z');
change($organization{$_}, $plan{free}) for qw(down foreign);
change($organization{$_}, $two) for qw(up back late tiny);
change($account, $plan{free});
used($organization{up}, 100);   # 350 in all: 50 beyond 300
used($organization{back}, 100);
used($organization{tiny}, 1);
end_plan($organization{ended}, { when => 'now' })->status == 200 or die;
at_time('2027-01-25T12:00:00Z');
change($organization{back}, $one);
used($organization{back}, 7);
at_time('2027-01-26T12:00:00Z');
change($organization{back}, $two);
used($organization{back}, 3);
db_run('UPDATE usage_cycle SET plan_id = NULL, subscription_id = NULL WHERE organization_id = ? AND plan_id IS NOT NULL', bytes_of($organization{ended}{id}));
db_run("INSERT INTO usage_overage (id, organization_id, cycle_starts_at, metric, plan_id, settled_at, quantity, amount, currency)
    VALUES (?, ?, (SELECT MIN(cycle_starts_at) FROM usage_counter WHERE organization_id = ?), 'requests', ?, '2027-01-20 12:00:00', 150000000, 150000000, 'AUD')",
    bytes_of(new_ulid()), bytes_of($organization{ended}{id}), bytes_of($organization{ended}{id}), bytes_of($one));

at_time('2027-03-01T00:00:00Z');
comes_to($organization{down}, '2027-02', ['overage 15000 150.0000 available'], 'what was used beyond a plan is billed when a lesser one, which sells none, has taken its place');
comes_to($organization{up}, '2027-02', ['overage 15000 150.0000 available', 'overage 2500 25.0000 available'], 'a larger plan takes nothing back, and bills what follows beyond its own');
my @turns = ('overage 15700 157.0000 available', 'overage 2500 25.0000 available');
comes_to($organization{back}, '2027-02', [$one lt $two ? @turns : reverse(@turns), 'overage 150 1.5000 available'],
    'of a plan that comes back there is one line a metric: 150 and 7; of the other one what it has sold, and what it sells at the end');
comes_to($organization{ended}, '2027-02', ['overage 15000 150.0000 available'], 'a cycle that has no plan any more has what one had sold');
comes_to($organization{foreign}, '2027-02', ['overage ' . db_value("SELECT ROUND(20000000 / price) FROM credit_price WHERE currency = 'USD'") . ' '
	. db_value("SELECT ROUND(20000000 / (SELECT price FROM credit_price WHERE currency = 'USD')) * price / 1000000 FROM credit_price WHERE currency = 'AUD'") . ' available'],
    'what a plan of another currency has sold is so many credits of that currency');
comes_to($account, '2027-02', ['overage 15000 150.0000 account'], 'who pays afterwards owes it');
comes_to($organization{tiny}, '2027-02', [], 'what rounds to no credit is billed with nothing, once');
reconciles($_, 'which reconciles') for $account, values %organization;
my $source = decode_json(db_value("SELECT source FROM monthly_run_line WHERE organization_id = ? AND kind = 'overage'", bytes_of($organization{down}{id})));
is_deeply([@$source{qw(metric cycle price)}, substr $source->{settled_at}, 0, 16], ['requests', '2027-01-10 to 2027-02-09', '150.00', '2027-01-20T12:00'], 'its line says what it was computed from')
    or diag encode_json($source);

# ---- what comes late ----

comes_to($organization{late}, '2027-02', ['overage 15000 150.0000 available'], 'a cycle is billed whose usage stays under the plan that it has');
used($organization{late}, 100, occurred_at => '2027-02-05T00:00:00Z');
at_time('2027-04-01T00:00:00Z');
comes_to($organization{late}, '2027-03', ['late_usage 2500 25.0000 available'], 'what comes late is judged by the plan that the cycle has, beyond what others had judged');
reconciles($organization{late}, 'which reconciles');

# ---- metrics that sell none ----

db_run("INSERT INTO usage_metric (name, aggregation, unit, created_at) VALUES ('largest', 'max', 'byte', '2027-01-01')");
my $peak = plan_of(100, 1_000_000);
db_run("INSERT INTO plan_quota (plan_id, metric, included, overage_unit_price) VALUES (?, 'largest', 10, 1000000)", bytes_of($peak));
start($organization{largest}, $peak);
used($organization{largest}, 30, metric => 'largest');
at_time('2027-06-01T00:00:00Z');
comes_to($organization{largest}, '2027-05', [], 'of a metric that is neither summed nor counted no overage is sold, so none is billed');
done_testing;
