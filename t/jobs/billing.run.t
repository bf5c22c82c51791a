#!/usr/bin/perl
# Organizations are taken one after the other, by however many runners; what was cut goes on. What the operator asks for, and how it is
# told, is in billing.run_monthly_cron.t; that a kill changes nothing is in run_kill.t.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;
use Time::HiRes qw(sleep);

my $job = 'billing.run';
keep_away($_) for $job, qw(billing.charge subscriptions.roll);
at_time('2035-01-10T12:00:00Z');
my @crowd = map { new_post_pay(100_000, country => 'AU') } 1 .. 12;
settle($_, order($_, 'o1', 250)->json->{id}) for @crowd;

at_time('2035-02-02T00:00:00Z');
ok(run_job($job), 'with nothing to do the job ends');
leave_out_others($_, @crowd) for qw(2035-01 2035-02);
call('billing.run_monthly_cron', {}, key => admin_key)->status == 200 or die;
my @runners = map { start_job($job) } 1 .. 3;
end_program($_) for @runners;
at_time('2035-02-02T00:10:00Z');
ok(run_job($job), 'it takes everybody');
my $told = call('billing.run_monthly_cron', {}, key => admin_key)->json;
is_deeply([@$told{qw(period done failed)}], ['2035-01', $told->{total}, 0], 'also three runners at once');
is_deeply([map { scalar invoices_of($_) } @crowd], [(1) x @crowd], 'each has one invoice');
is(db_value('SELECT COUNT(*) FROM invoice WHERE serial IS NOT NULL'), db_value('SELECT MAX(serial) FROM invoice'), 'their numbers have no gap');
reconciles($_, 'which reconciles') for @crowd[0, -1];

# ---- killed, and others that go on ----

at_time('2035-02-20T00:00:00Z');
settle($_, order($_, 'o2', 100)->json->{id}) for @crowd;
at_time('2035-03-01T00:00:00Z');
call('billing.run_monthly_cron', { period => '2035-02' }, key => admin_key);
for my $pause (0.15, 0.2, 0.25) {
	my $pid = start_job($job);
	sleep $pause;
	kill 'KILL', $pid;
	end_program($pid);
}
at_time('2035-03-01T00:10:00Z');
ok(run_job($job), 'the next one goes on') for 1 .. 2;
is_deeply([map { scalar invoices_of($_) } @crowd], [(2) x @crowd], 'each has one more invoice');
is_deeply([map { run_lines($_, '2035-02')->@* } @crowd], [('orders 100 1.0000 account') x @crowd], 'with what is on it once');
is(db_value('SELECT COUNT(*) FROM invoice WHERE serial IS NOT NULL'), db_value('SELECT MAX(serial) FROM invoice'), 'and still no gap');

# ---- a runner that was too slow ----

my $slow = $crowd[0];
at_time('2035-04-01T00:00:00Z');
db_run("INSERT INTO monthly_run (organization_id, period, status, from_at, to_at, post_pay, currency, credit_price, lease_token, leased_until, started_at)
    VALUES (?, '2035-03', 'running', '2035-03-01', '2035-04-01', TRUE, 'AUD', 10000, 7, '2035-04-01 00:00:30', '2035-04-01')", bytes_of($slow->{id}));
is_problem(run_month($slow, '2035-03'), 409, 'conflict', 'a run that another has is left alone');
ok(run_job($job), 'by the job, too');
is(db_value("SELECT lease_token FROM monthly_run WHERE organization_id = ? AND period = '2035-03'", bytes_of($slow->{id})), 7, 'while its lease holds');
at_time('2035-04-01T00:01:00Z');
ok(run_job($job), 'then it is taken');
my ($status, $token) = db_run("SELECT status, lease_token FROM monthly_run WHERE organization_id = ? AND period = '2035-03'", bytes_of($slow->{id}))->fetchrow_array;
is("$status $token", 'nothing_to_do 8', 'with a token that the one before does not have');
sub cut_run ($organization, $period, $until, %columns) {
	my %row = (status => 'running', from_at => "$period-01", to_at => db_value("SELECT DATE('$period-01' + INTERVAL 1 MONTH)"), post_pay => 1, currency => 'AUD', credit_price => 10000,
	    lease_token => 7, leased_until => $until, started_at => "$period-01", %columns);
	db_run('INSERT INTO monthly_run (organization_id, period, ' . join(', ', sort keys %row) . ') VALUES (?, ?' . ', ?' x keys(%row) . ')', bytes_of($organization->{id}), $period,
	    map { $row{$_} } sort keys %row);
}
sub status_of ($organization, $period) { return scalar db_value('SELECT status FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($organization->{id}), $period) }

# A clock that was set back since: such a lease would hold for days.
at_time('2035-05-02T00:00:00Z');
cut_run($slow, '2035-04', '2035-05-04 00:00:00');
ok(run_job($job), 'a lease that no clock like ours has set');
is(status_of($slow, '2035-04'), 'nothing_to_do', 'holds nobody up');

# ---- what undoes a transaction, and what fails ----

# A trigger on the lines of one organization: `errno` as the database would say it.
sub break_lines ($organization, $errno) {
	db_run("CREATE TRIGGER run_line_bad BEFORE INSERT ON monthly_run_line FOR EACH ROW BEGIN
	    IF NEW.organization_id = X'" . unpack('H*', bytes_of($organization->{id})->$*) . "' THEN SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = $errno, MESSAGE_TEXT = 'a fault'; END IF; END");
}
my $busy = $crowd[1];
settle($busy, order($busy, 'o5', 100)->json->{id});
at_time('2035-06-01T00:00:30Z');
leave_out_others('2035-05', $busy);
call('billing.run_monthly_cron', { period => '2035-05' }, key => admin_key);
break_lines($busy, 1205);
run_job($job);
is(status_of($busy, '2035-05'), 'running', 'a run that waits for locks too often is not given up');
db_run('DROP TRIGGER run_line_bad');
at_time('2035-06-01T00:10:00Z');
ok(run_job($job), 'it goes on');
is_deeply(run_lines($busy, '2035-05'), ['orders 100 1.0000 account'], 'as soon as it can');

# Whoever waits for a run that fails for good is told so.
settle($busy, order($busy, 'o6', 200)->json->{id});
at_time('2035-07-01T00:00:30Z');
break_lines($busy, 1644);
my %once = (idempotency_key => 'june');
is_problem(run_month($busy, '2035-06', %once), 500, 'internal', 'a run that fails');
is_problem(run_month($busy, '2035-06', %once), 409, 'idempotency_in_progress', 'is the job\'s to end');
run_job($job);
is(status_of($busy, '2035-06'), 'failed', 'which gives it up');
my $answer = run_month($busy, '2035-06', %once);
is_deeply([$answer->status, $answer->json->{status}], [200, 'failed'], 'and answers its caller');
is(db_value('SELECT taken_until FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($busy->{id}), '2035-06'), undef, 'so that nobody comes back to it');
db_run('DROP TRIGGER run_line_bad');
is(run_month($busy, '2035-06')->json->{status}, 'completed', 'what was wrong is mended: it is run again');
is_deeply(run_lines($busy, '2035-06'), ['orders 200 2.0000 account'], 'and nothing of it is lost');

# ---- a zone that has moved ----

at_time('2035-08-01T00:00:30Z');
my $moved = $crowd[2];
set_zone($moved, 'Etc/GMT+12');
cut_run($moved, '2035-07', '2035-08-01 00:00:10');
ok(run_job($job), 'a run that was cut before the time zone moved west');
is(status_of($moved, '2035-07'), 'nothing_to_do', 'is not left lying until the month is over there, too');
done_testing;
