#!/usr/bin/perl
# The process that runs everybody's month is killed by signal 9 at every one of its round trips to the database (with
# PURSER_CHECK_ALL; else at some, from a random one on), then the one that charges the invoices: what is there in the end is what a
# run that nobody disturbed leaves. Needs a build with sanitizers: only that has faults built in.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::FullMonth;
use Purser::Jobs;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;

my $silent = client(record => 0, timeout => 30);
plan(skip_all => 'this build has no faults built in') if !has_faults();

my %most = (0 => 300, 1 => 320);
my $stride = $ENV{PURSER_CHECK_ALL} ? 1 : 60;
my $seed = $ENV{PURSER_SEED} // time & 0xffffff;
srand $seed;
diag "PURSER_SEED=$seed";
my %made = live_through(map { $_ => 3 + int($most{$_} / $stride) } 0, 1)->%*;

# Nothing is left to do but what a death is aimed at.
leave_out_others($full_period);
call('billing.run_monthly_cron', { period => $full_period }, key => admin_key, client => $silent)->status == 200 or die 'it is not asked for';
sub has_run ($organization) { return db_value('SELECT COUNT(*) FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($organization->{id}), $full_period) }
sub to_do ($organization) {
	db_run('DELETE FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($organization->{id}), $full_period);
	db_run("UPDATE run_order SET look_at = '2027-07-01', reached = REPEAT(CHAR(0), 16), finished_at = NULL WHERE period = ?", $full_period);
}

# True when it died.
sub dies ($job, $n) {
	my $status = end_program(start_job($job, PURSER_FAULT => "$n:" . (rand() < 0.5 ? 9 : -9)));
	keep_away($job);
	die "$job ended with $status\n" if $status != 0 && $status != 9;
	return $status == 9;
}

my (%expected, %killed, %digests);
for my $kind (0, 1) {
	my ($calm, @others) = $made{$kind}->@*;
	to_do($calm);
	ok(run_job('billing.run') && run_job('billing.charge'), "a run is done: $full_kinds{$kind}");
	is_full($calm, 'of a month with everything in it');
	$expected{$kind} = full_outcome($calm);
	my ($over, $deaths) = (0, 0);
	my $organization;
	for (my $n = 1 + int rand $stride; !$over && ($organization || @others); $n += $stride) {
		at_time('2027-07-01T00:00:30Z') if ++$deaths % 40 == 0; # or their leases lapse meanwhile
		$organization //= shift @others;
		to_do($organization);
		$digests{ $organization->{id} } //= preview_month($organization, $full_period, client => $silent)->json->{digest};
		$over = !dies('billing.run', $n);
		diag "the job has less than $n round trips: $full_kinds{$kind}" if $over;
		next if $over || !has_run($organization);
		push $killed{$kind}->@*, $organization;
		undef $organization;
	}
	ok($over, "in the end a run is faster than its death, which came $deaths times: $full_kinds{$kind}");
	cmp_ok(scalar $killed{$kind}->@*, '>', 80 / $stride, scalar($killed{$kind}->@*) . ' were cut');
}

at_time('2027-07-01T00:20:00Z');
sub status_of ($organization) { return db_value('SELECT status FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($organization->{id}), $full_period) }
my @all = map { @$_ } values %killed;
cmp_ok(scalar(grep { status_of($_) eq 'running' } @all), '>', 150 / $stride, 'those that were cut stay as they are');
ok(run_job('billing.run'), 'the next one goes on') for 1 .. 1 + 100 / $stride;
is_deeply([grep { status_of($_) ne 'completed' } @all], [], 'until none is left');

# The cards: at the first ones it dies soon, later it comes further.
my $charged = 0;
for (my $n = 1 + int rand 3; dies('billing.charge', $n); $n += $ENV{PURSER_CHECK_ALL} ? 1 : 7) { $charged++ }
cmp_ok($charged, '>', 3, "whoever charges the cards died $charged times");
settle_charges();

for my $kind (0, 1) {
	my @killed = $killed{$kind}->@*;
	are_alike(\@killed, $expected{$kind}, "every outcome is that of the calm run: $full_kinds{$kind}");
	reconciles($killed[$_], 'and its ledger reconciles') for 0, $#killed / 2, $#killed;
	my @again = map { run_month($_, $full_period, client => $silent)->json } @killed;
	is_deeply([map { "$_->{status} $_->{digest}" } @again], [map { 'completed ' . $digests{ $_->{id} } } @killed], 'a second run comes to the digest that was foretold');
}
is(db_value('SELECT COUNT(*) FROM invoice WHERE serial IS NOT NULL'), db_value('SELECT MAX(serial) FROM invoice'), 'numbers have no gap');
done_testing;
