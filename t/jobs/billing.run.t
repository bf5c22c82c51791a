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
done_testing;
