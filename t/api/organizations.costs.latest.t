#!/usr/bin/perl
# What a month has cost: fees as they were booked, usage as it happened.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Subscriptions;
use Purser::Test;
use Purser::Usage;

keep_away('snapshots.collect_costs');
my $organization = new_organization(credits => 100_000);
my $id = $organization->{id};
my ($year, $month) = (gmtime)[5, 4];
my %now = (year => $year + 1900, month => $month + 1);
sub latest ($in = \%now, $key = $organization->{key}) { return call('organizations.costs.latest', $in, key => $key) }
sub collect ($name) {
	db_run("UPDATE snapshot_turn SET due_at = '2026-01-01' WHERE kind = 'costs' AND organization_id = ?", bytes_of($id));
	ok(run_job('snapshots.collect_costs'), $name);
}

is_problem(latest(), 404, 'not_found', 'before the first collection there is none');
collect('a month without cost is collected');
is_problem(latest(), 404, 'not_found', 'and makes none');

my $plan = new_plan(monthly_amount => 25_000_000);
subscribe($organization, { plan_id => $plan, cycle => 'monthly' })->status == 200 or die;
record($organization, [event(1, 'prompt_tokens', 1500, service => 'chat', operator => 'acme', cost => '0.000123'), event(2, 'prompt_tokens', 500, service => 'chat', operator => 'acme', cost => '1'),
    event(3, 'prompt_tokens', 7, service => 'chat', operator => 'zeta'), event(4, 'requests', 2)]);
collect('with a fee and usage');
my $reply = latest();
is_success($reply, 'there is one');
my $json = $reply->json;
is_deeply($json->{fees}, { subscription => '25.00', overage => '0.00', commitment_shortfall => '0.00', tax => '0.00', total => '25.00' }, 'the fee that credits have paid stands there at their price');
is_deeply($json->{usage_lines}, [
	{ service => 'chat', operator => 'acme', unit => 'prompt_tokens', quantity => 2000, amount => '1.000123' },
	{ service => 'chat', operator => 'zeta', unit => 'prompt_tokens', quantity => 7, amount => '0.00' },
	{ service => '', unit => 'requests', quantity => 2, amount => '0.00' },
], 'usage is told by metric, service and operator');
is_deeply([@$json{qw(organization_id year month currency usage_amount usage_lines_left_out)}], [$id, @now{qw(year month)}, 'AUD', '1.000123', 0], 'whose it is, which month, in what, and how much usage in all');
like($json->{collected_at}, qr/\A2\d{3}-\d\d-\d\dT[0-9:.]+Z\z/, 'and when');
is_deeply(get('/v1/organization/costs', query => \%now, key => $organization->{key})->json, $json, 'the plain route answers alike');
is_deeply(get('/v1/organizations/costs/latest', query => \%now, key => $organization->{key})->json, $json, 'and the operation as a read');
is_problem(latest({ %now, year => $now{year} - 1 }), 404, 'not_found', 'another month has none');

collect('the running month');
is(db_value('SELECT COUNT(*) FROM cost_snapshot WHERE organization_id = ?', bytes_of($id)), 2, 'makes a row each time');
is_deeply({ latest()->json->%*, collected_at => 0 }, { %$json, collected_at => 0 }, 'also where nothing has changed');
change_plan($organization, { plan_id => new_plan(monthly_amount => 75_000_000), cycle => 'monthly' })->status == 200 or die;
collect('after a change of plan');
my ($charged) = db_value("SELECT SUM(l.amount) FROM journal_line l WHERE l.organization_id = ? AND l.account = 'consumed'", bytes_of($id));
is(latest()->json->{fees}{subscription}, sprintf('%.2f', $charged / 100), 'what was given back of a fee is taken off');
cmp_ok($charged, '>', 5000, 'and the new one is in it');

my $stranger = new_organization();
is_problem(latest(\%now, $stranger->{key}), 404, 'not_found', 'another organization sees nothing of it');
is_problem(latest({}), 422, 'invalid', 'the month is needed', errors => { '/year' => 'missing', '/month' => 'missing' });
is_problem(latest({ year => 1999, month => 13 }), 422, 'invalid', 'and has to be one', errors => { '/year' => 'out_of_range', '/month' => 'out_of_range' });
is_problem(get('/v1/organization/costs', query => { year => 'x', month => 0 }, key => $organization->{key}), 422, 'invalid', 'by the plain route, too', errors => { '/year' => undef, '/month' => 'out_of_range' });
is_problem(latest(\%now, new_key($organization, 'organizations:read')->{key}), 403, 'forbidden', 'the scope is needed', members => { required_scope => 'billing:read' });

# Many lines: the first thousand stand there, all are counted.
my $many = new_organization();
db_run("INSERT INTO usage_day (organization_id, day, metric, service, operator, cycle_starts_at, value, events, cost)
    SELECT ?, UTC_DATE, 'requests', CONCAT('service-', LPAD(seq, 4, '0')), '', '2026-01-01', 1000000, 1, 10 FROM seq_1_to_1203", bytes_of($many->{id}));
db_run("UPDATE snapshot_turn SET due_at = '2026-01-01' WHERE kind = 'costs' AND organization_id = ?", bytes_of($many->{id}));
ok(run_job('snapshots.collect_costs'), 'of many services');
$json = latest(\%now, $many->{key})->json;
is_deeply([scalar $json->{usage_lines}->@*, @$json{qw(usage_lines_left_out usage_amount)}, $json->{usage_lines}[-1]{service}], [1000, 203, '0.01203', 'service-1000'], 'a thousand are told, the others counted');
done_testing;
