#!/usr/bin/perl
# A purchase asks the database no more often than it needs, by the database's own log: each statement is a round trip that
# somebody waits for.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Cards;
use Purser::Jobs;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll orders.expire payments.sweep);
my $organization = new_organization(country => 'AU');
attach($organization);
sub buy { return call('billing.topup', { credits => 1000 }, key => $organization->{key})->status }
is(buy(), 201, 'a purchase');

# Of the worker that booked it, besides what the sandbox stores for itself.
db_run("SET GLOBAL log_output = 'TABLE'");
db_run('TRUNCATE mysql.general_log');
db_run('SET GLOBAL general_log = ON');
my $status = buy();
db_run('SET GLOBAL general_log = OFF');
is($status, 201, 'another, with the log on');
my @booked = db_column("SELECT DISTINCT thread_id FROM mysql.general_log WHERE command_type = 'Execute' AND argument LIKE 'CALL ledger_post%'");
is(scalar @booked, 1, 'one worker books it');
my @statements = grep { !/sandbox_/ } db_column("SELECT CONVERT(LEFT(argument, 2000) USING utf8mb4) FROM mysql.general_log WHERE command_type = 'Execute' AND thread_id = ? ORDER BY event_time", $booked[0]);
cmp_ok(scalar @statements, '<=', 25, 'with 25 statements') or diag join "\n", map { substr $_, 0, 120 } @statements;
db_run('TRUNCATE mysql.general_log');
db_run("SET GLOBAL log_output = 'FILE'");
done_testing;
