#!/usr/bin/perl
# What time makes of subscriptions is written down: once, whoever runs the job, and each organization apart from the others.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Subscriptions;
use Purser::Test;

my $job = 'subscriptions.roll';
keep_away($job);
at_time('2027-01-31T09:00:00Z');

my %start = (plan_id => $plan{startup}, cycle => 'monthly', trial => \0);
my $running = new_organization(credits => 4900);
my $yearly = new_organization(credits => 49_000);
my $trying = new_organization();
my $ending = new_organization(credits => 4900);
my $spaces = new_organization();
subscribe($running, \%start);
subscribe($yearly, { %start, cycle => 'yearly' });
subscribe($trying, { plan_id => $plan{growth}, cycle => 'monthly' });
subscribe($ending, \%start);
end_plan($ending);
subscribe($spaces, { plan_id => $plan{spaces_free}, cycle => 'monthly' });

sub row_of ($organization) {
	return [db_run('SELECT status, period_starts_at, period_ends_at FROM subscription WHERE organization_id = ?', bytes_of($organization->{id}))->fetchrow_array];
}
my $before = row_of($running);
ok(run_job($job), 'the job runs before anything is due');
is_deeply(row_of($running), $before, 'and changes nothing');

at_time('2027-02-14T09:01:00Z');
ok(run_job($job), 'a trial is over');
is(row_of($trying)->[0], 'active', 'the subscription runs');
is_deeply(changes_told($trying), ['none trialing', 'trialing active'], 'as an event tells');
is_deeply(fees_of($trying), [[19_900, 0, 0, 0]], 'its first fee waits for the monthly run');
is(scalar(cycles_of($trying)), 3, 'and a cycle of usage has begun');

at_time('2027-02-28T00:00:30Z');
my @pids = map { start_job($job) } 1 .. 3;
end_program($_) for @pids; # who loses the lease leaves the rest to the next run
ok(run_job($job), 'after several at the same moment the job runs again');
is_deeply(row_of($running), ['active', '2027-02-28 00:00:00.000000', '2027-03-31 00:00:00.000000'], 'a month is over: the next one is counted from the 31st');
is_deeply(fees_of($running), [[4900, 4900, 0, 1], [4900, 0, 0, 0]], 'and has its fee, once');
is_deeply(changes_told($running), ['none active'], 'which nobody needs to be told');
is(row_of($ending)->[0], 'cancelled', 'what was to end has ended');
is_deeply(changes_told($ending), ['none active', 'active active', 'active cancelled'], 'as an event tells');
is_deeply(fees_of($ending), [[4900, 4900, 0, 1]], 'without another fee');
is((cycles_of($ending))[-1], '2027-02-28 00:00:00.000000 2027-03-01 00:00:00.000000', 'its usage counts by the calendar again');
is_deeply([(cycles_of($yearly))[-1]], ['2027-02-28 00:00:00.000000 2027-03-31 00:00:00.000000'], 'usage of what is paid by the year is counted by the month');
is(row_of($spaces)->[1], '2027-02-28 00:00:00.000000', 'other products go their own way');
is_deeply([cycles_of($spaces)], [], 'and have no cycles of usage');
is_deeply(fees_of($spaces), [[0, 0, 0, 1], [0, 0, 0, 1]], 'what costs nothing waits for no bill');

# Months late, and one organization whose row somebody holds.
at_time('2028-03-01T00:00:00Z');
my $other = connect_again();
$other->begin_work;
my $lock = $other->prepare('SELECT id FROM subscription WHERE organization_id = ? FOR UPDATE');
$lock->bind_param(1, bytes_of($trying->{id})->$*, DBI::SQL_BINARY);
$lock->execute;
ok(run_job($job), 'a year later the job runs again, while somebody changes one of them');
is(row_of($running)->[1], '2028-02-29 00:00:00.000000', 'every boundary was passed');
is(scalar fees_of($running)->@*, 14, 'each period has its fee');
my @cycles = map { [split / (?=\d{4}-)/] } cycles_of($running);
is_deeply([map { $_->[0] } @cycles[1 .. $#cycles]], [map { $_->[1] } @cycles[0 .. $#cycles - 1]], 'and its cycles are end to end');
is(row_of($yearly)->[1], '2028-01-31 00:00:00.000000', 'a year is a year');
like(row_of($trying)->[1], qr/^2027-02-14 09:00:/, 'what somebody holds is not waited for');
$other->rollback;
ok(run_job($job), 'and comes next time');
like(row_of($trying)->[1], qr/^2028-02-14 00:00:00/, 'in full');

# What can't be rolled holds nothing up.
at_time('2028-04-20T00:00:00Z');
db_run("UPDATE plan SET monthly_price_id = NULL, monthly_amount = NULL WHERE id = ?", bytes_of($plan{growth}));
ok(!run_job($job), 'a fault of one is told');
like(row_of($running)->[1], qr/^2028-03-31/, 'and the others are rolled all the same');
db_run("UPDATE plan SET monthly_price_id = 'price_platform_growth_monthly_1', monthly_amount = 199000000 WHERE id = ?", bytes_of($plan{growth}));
ok(run_job($job), 'it comes again');
like(row_of($trying)->[1], qr/^2028-04-14/, 'and is rolled then');
set_clock(0);

done_testing;
