#!/usr/bin/perl
# A run is killed at every one of its round trips to the database, by signal 9 (with PURSER_CHECK_ALL; else at each fourth), and
# goes on: each time the outcome is that of a run that nobody disturbed. Needs a build with sanitizers: only that has faults built in.
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

my $silent = client(record => 0, timeout => 30);
my $probe = new_organization(rate_limit => 1_000_000);
plan(skip_all => 'this build has no faults built in')
    if call('api_keys.create', { name => 'probe' }, key => $probe->{key}, headers => ['X-Purser-Fault' => '1:1146'], client => $silent)->status == 200;
keep_away($_) for qw(billing.run billing.charge subscriptions.roll payments.sweep orders.expire usage.reset);

my $plan = new_plan(monthly_amount => 10_000_000);
db_run("INSERT INTO plan_quota (plan_id, metric, included, overage_unit_price) VALUES (?, 'requests', 100, 20000)", bytes_of($plan));

# One of each kind, alike every time: paid by credits and by card, or on account.
sub prepare ($post_pay) {
	my $organization = $post_pay ? new_post_pay(100_000, country => 'AU', rate_limit => 1_000_000)
	    : new_organization(country => 'AU', credits => 1_500, rate_limit => 1_000_000);
	attach($organization) unless $post_pay;
	subscribe($organization, { plan_id => $plan, cycle => 'monthly', trial => \0 })->status == 200 or die 'no subscription';
	return $organization;
}

sub use_it ($organization, $post_pay) {
	record($organization, [event('e1', 'requests', 250)])->status == 200 or die 'no usage';
	return unless $post_pay;
	my @ids = map { order($organization, "o$_", [line(150, service => "s$_")])->json->{id} } 1, 2;
	settle($organization, $_) for @ids;
}

# What there is afterwards, in figures that are alike for all of the kind.
sub outcome ($organization) {
	my $id = bytes_of($organization->{id});
	return join ' | ', join(',', run_lines($organization, '2027-06')->@*), credits_left($organization), receivable_of($organization), unbilled_of($organization),
	    join(',', map { "$_->{status} $_->{total} $_->{tax} $_->{paid}" } invoices_of($organization)),
	    join(',', db_column("SELECT CONCAT(reason, ' ', COUNT(*)) FROM journal_entry WHERE organization_id = ? GROUP BY reason ORDER BY reason", $id)),
	    join(',', db_column("SELECT CONCAT(type, ' ', COUNT(*)) FROM outbox WHERE organization_id = ? AND type LIKE 'invoice%' GROUP BY type ORDER BY type", $id)),
	    db_value("SELECT COUNT(*) FROM payment WHERE organization_id = ? AND purpose = 'invoice' AND state = 'succeeded'", $id);
}

# Every one, or each fourth from a random one on.
my $seed = $ENV{PURSER_SEED} // time & 0xffffff;
srand $seed;
diag "PURSER_SEED=$seed";
my $stride = $ENV{PURSER_CHECK_ALL} ? 1 : 4;
my ($most, %kinds) = (250, (0 => 'credits and a card', 1 => 'on account'));
at_time('2027-05-20T00:00:00Z');
my %made = map { my $kind = $_; $kind => [map { prepare($kind) } 0 .. $most / $stride + 1] } 0, 1;
at_time('2027-06-10T00:00:00Z');
for my $kind (0, 1) { use_it($_, $kind) for $made{$kind}->@* }

at_time('2027-07-01T00:00:30Z');
my ($expected, %killed);
for my $kind (0, 1) {
	my ($calm, @others) = $made{$kind}->@*;
	my $run = run_month($calm, '2027-06', client => $silent)->json;
	is($run->{status}, 'completed', "a run is done: $kinds{$kind}") or diag encode_json($run);
	$expected->{$kind} = outcome($calm);
	my $over;
	for (my $n = 1 + int rand $stride; $n <= $most; $n += $stride) {
		my $organization = shift @others;
		my $reply = run_month($organization, '2027-06', client => $silent, idempotency_key => 'once', headers => ['X-Purser-Fault' => "$n:" . (rand() < 0.5 ? 9 : -9)]);
		$over = $reply->status == 200 and last;
		push $killed{$kind}->@*, $organization;
	}
	ok($over, "in the end a run is faster than its death: $kinds{$kind}");
}

# Leases and open claims of those that are dead lapse.
at_time('2027-07-01T00:20:00Z');
eventually('the pool is complete again', sub { scalar(workers_of_stack()) >= 2 });
for my $kind (0, 1) {
	my @killed = $killed{$kind}->@*;
	cmp_ok(scalar @killed, '>', 15, scalar(@killed) . " runs were killed: $kinds{$kind}");
	# Some are called again, the rest is the jobs' to end.
	run_month($killed[$_], '2027-06', client => $silent) for grep { $_ % 2 } 0 .. $#killed;
}
sub running () { return scalar grep { db_value("SELECT COUNT(*) FROM monthly_run WHERE organization_id = ? AND status = 'running'", bytes_of($_->{id})) } map { @$_ } values %killed }
my $started = running;
cmp_ok($started, '>', 5, 'what nobody calls again');
ok(run_job('billing.run'), 'the job goes on with') for 1 .. 2;
is(running, 0, 'until none is left');
ok(run_job('billing.charge') && run_job('payments.sweep'), 'what was not charged is, and what was is booked');
at_time('2027-07-01T00:25:00Z');
ok(run_job('billing.charge') && run_job('payments.sweep'), 'later, too');

for my $kind (0, 1) {
	my @killed = $killed{$kind}->@*;
	# Those whose call was killed before it began anything have no run yet.
	my @never = grep { !db_value('SELECT COUNT(*) FROM monthly_run WHERE organization_id = ?', bytes_of($_->{id})) } @killed;
	run_month($_, '2027-06', client => $silent) for @never;
	my @other = grep { outcome($_) ne $expected->{$kind} } @killed;
	is(scalar @other, 0, "every outcome is that of the calm run: $kinds{$kind}") or diag join "\n", map { outcome($_) } @other[0 .. ($#other > 2 ? 2 : $#other)];
	reconciles($killed[$_], 'and its ledger reconciles') for 0, $#killed / 2, $#killed;
	my @waiting = grep { db_value("SELECT COUNT(*) FROM idempotency WHERE space = ? AND operation = 'billing.run_monthly_for_org' AND status IS NULL", bytes_of($_->{id})) } @killed;
	my @answered = map { run_month($_, '2027-06', client => $silent, idempotency_key => 'once') } @killed;
	is_deeply(outcomes(@answered), { 200 => scalar @killed }, 'and every caller gets its answer') or diag scalar(@waiting) . ' claims are open';
	is_deeply([grep { $_->json->{status} ne 'completed' } @answered], [], 'which is that of the run');
}
is(db_value('SELECT COUNT(*) FROM invoice WHERE serial IS NOT NULL'), db_value('SELECT MAX(serial) FROM invoice'), 'numbers have no gap');
done_testing;
