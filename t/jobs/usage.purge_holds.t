#!/usr/bin/perl
# Holds that ended long ago are forgotten.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Holds;
use Purser::Jobs;
use Purser::Test;

my $job = 'usage.purge_holds';
keep_away($job);
keep_away('usage.lapse_holds');
my $metric = new_metric();
my $organization = new_organization();
my ($committed, $released, $open) = map { authorize($organization, $metric, 1, 86400)->json->{hold_id} } 1 .. 3;
commit_hold($organization, $committed, 1);
release_hold($organization, $released);
db_run('UPDATE usage_hold SET expires_at = expires_at + INTERVAL 30 DAY WHERE id = ?', bytes_of($open));
set_clock(8 * 86400 - 100);
ok(run_job($job), 'the job runs after less than eight days');
is(db_value('SELECT COUNT(*) FROM usage_hold WHERE organization_id = ?', bytes_of($organization->{id})), 3, 'and forgets nothing');
set_clock(8 * 86400 + 100);
ok(run_job($job), 'after eight days');
is_deeply([db_column('SELECT status FROM usage_hold WHERE organization_id = ?', bytes_of($organization->{id}))], ['open'], 'what has ended goes, what has not stays');
is(counter_of($organization, $metric), '1 1 1 0', 'and what was used stays counted');
is_problem(commit_hold($organization, $committed, 1), 404, 'not_found', 'a hold that was forgotten is not there');
done_testing;
