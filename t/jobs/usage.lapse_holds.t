#!/usr/bin/perl
# Holds whose time is over give back what they hold: once, and not before.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Holds;
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

my $job = 'usage.lapse_holds';
my ($metric, $priced, $third) = (new_metric(), new_metric('sum', 2), new_metric());

sub statuses ($of) { return { map { $_->[0] => $_->[1] } db_run('SELECT status, COUNT(*) FROM usage_hold WHERE organization_id = ? GROUP BY status', bytes_of($of->{id}))->fetchall_arrayref->@* } }

keep_away($job);
my $organization = new_organization(credits => 1000);
for (1 .. 60) { # more than one transaction ends
	authorize($organization, $priced, 1, 600);
	authorize($organization, $metric, 1, 600);
}
my $longer = authorize($organization, $metric, 3, 3000)->json->{hold_id};
my $committed = authorize($organization, $third, 3, 600)->json->{hold_id};
commit_hold($organization, $committed, 3);
my $afterwards = new_post_pay(1);
authorize($afterwards, $priced, 10, 600);
my @crowd = map { new_organization() } 1 .. 5;
authorize($_, $metric, 5, 600) for @crowd;
my $held = authorize($crowd[0], $third, 5, 600)->json->{hold_id};

set_clock(500);
ok(run_job($job), 'the job runs before their time is over');
is(figures($organization), '880 120', 'and gives nothing back');
is_deeply(statuses($organization), { open => 121, committed => 1 }, 'nor ends a hold');

set_clock(601);
my $other = connect_again();
$other->begin_work;
my $lock = $other->prepare('SELECT id FROM usage_hold WHERE id = ? FOR UPDATE');
$lock->bind_param(1, bytes_of($held)->$*, DBI::SQL_BINARY);
$lock->execute;
my @runs = map { start_job($job) } 1 .. 2;
my @failed = grep { end_program($_) != 0 } @runs;
cmp_ok(scalar @failed, '<', 2, 'of two runners at once one at least goes to its end');
ok(run_job($job), 'and one more finds what they left');
is(hold_of($held)->{status}, 'open', 'what another has locked is left to them');
$lock->finish;
$other->rollback;
$other->disconnect;
is_deeply(statuses($organization), { open => 1, committed => 1, lapsed => 120 }, 'all have lapsed but the one that lasts longer');
is(figures($organization), '1000 0', 'the credits are back');
is(counter_of($organization, $priced), '0 0 0 0', 'and nothing is held');
is(counter_of($organization, $metric), '0 3 0 0', 'but by that one');
is(counter_of($organization, $third), '3 0 1 0', 'what was used stays used');
is(spend_of($afterwards), '0 0', 'who pays afterwards has spent nothing');
is_deeply([map { counter_of($_, $metric) } @crowd], [('0 0 0 0') x 5], 'several organizations in one run');
ok(run_job($job), 'a later run');
is(hold_of($held)->{status}, 'lapsed', 'ends what was left');
ok(run_job($job), 'and one with nothing to do');
is(counter_of($crowd[0], $third), '0 0 0 0', 'gives nothing back twice');
is_problem(commit_hold($crowd[0], $held, 1), 409, 'conflict', 'what lapsed can not be committed');
is_whole($_) for $organization, $afterwards;
done_testing;
