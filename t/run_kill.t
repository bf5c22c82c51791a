#!/usr/bin/perl
# A run is killed by signal 9 at every one of its worker's round trips to the database (with PURSER_CHECK_ALL; else at some, from
# a random one on), and goes on: each time the outcome is that of a run that nobody disturbed. Needs a build with sanitizers: only
# that has faults built in. The job's process is run_kill_job.t's.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::FullMonth;
use Purser::Jobs;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;
use Purser::Usage;

my $silent = client(record => 0, timeout => 30);
plan(skip_all => 'this build has no faults built in') if !has_faults();

# How many round trips there are at the most, and how many lie between two deaths.
my %most = (0 => 420, 1 => 280);
my $stride = $ENV{PURSER_CHECK_ALL} ? 1 : 60;
my $seed = $ENV{PURSER_SEED} // time & 0xffffff;
srand $seed;
diag "PURSER_SEED=$seed";
my %made = live_through(map { $_ => 3 + int($most{$_} / $stride) } 0, 1)->%*;

my (%expected, %digests, %killed);
for my $kind (0, 1) {
	my ($calm, @others) = $made{$kind}->@*;
	my $run = run_month($calm, $full_period, client => $silent)->json;
	is($run->{status}, 'completed', "a run is done: $full_kinds{$kind}") or diag encode_json($run);
	is_full($calm, 'of a month with everything in it');
	$expected{$kind} = full_outcome($calm);
	my $over;
	for (my $n = 1 + int rand $stride; !$over && @others; $n += $stride) {
		my $organization = shift @others;
		$digests{ $organization->{id} } = preview_month($organization, $full_period, client => $silent)->json->{digest};
		my $reply = run_month($organization, $full_period, client => $silent, idempotency_key => 'once', headers => ['X-Purser-Fault' => "$n:" . (rand() < 0.5 ? 9 : -9)]);
		$over = $reply->status == 200;
		diag "a run has less than $n round trips: $full_kinds{$kind}" if $over;
		push $killed{$kind}->@*, $organization if !$over;
	}
	ok($over, "in the end a run is faster than its death: $full_kinds{$kind}");
}

# Leases of those that are dead lapse.
at_time('2027-07-01T00:20:00Z');
eventually('the pool is complete again', sub { scalar(workers_of_stack()) >= 2 });
sub running () { return scalar grep { (db_value('SELECT status FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($_->{id}), $full_period) // '') eq 'running' } map { @$_ } values %killed }
for my $kind (0, 1) {
	my @killed = $killed{$kind}->@*;
	cmp_ok(scalar @killed, '>', 80 / $stride, scalar(@killed) . " runs were killed: $full_kinds{$kind}");
	# Some are called again, the rest is the jobs' to end.
	run_month($killed[$_], $full_period, client => $silent) for grep { $_ % 2 } 0 .. $#killed;
}
cmp_ok(running, '>', 40 / $stride, 'what nobody calls again');
ok(run_job('billing.run'), 'the job goes on with') for 1 .. 1 + 100 / $stride;
is(running, 0, 'until none is left');
settle_charges();

for my $kind (0, 1) {
	my @killed = $killed{$kind}->@*;
	# Those whose call was killed before it began anything have no run yet.
	my @never = grep { !db_value('SELECT COUNT(*) FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($_->{id}), $full_period) } @killed;
	run_month($_, $full_period, client => $silent) for @never;
	are_alike(\@killed, $expected{$kind}, "every outcome is that of the calm run: $full_kinds{$kind}");
	reconciles($killed[$_], 'and its ledger reconciles') for 0, $#killed / 2, $#killed;
	my @answered = map { run_month($_, $full_period, client => $silent, idempotency_key => 'once') } @killed;
	is_deeply([grep { $_->status != 200 || $_->json->{status} ne 'completed' } @answered], [], 'every caller gets its answer, which is that of the run');
	is_deeply([map { $_->json->{digest} } @answered], [map { $digests{ $_->{id} } } @killed], 'with the digest that was foretold');
	is_deeply([grep { $_->json->{status} ne 'completed' } map { run_month($_, $full_period, client => $silent) } @killed], [], 'and that a second run comes to');
}
is(db_value('SELECT COUNT(*) FROM invoice WHERE serial IS NOT NULL'), db_value('SELECT MAX(serial) FROM invoice'), 'numbers have no gap');
done_testing;
