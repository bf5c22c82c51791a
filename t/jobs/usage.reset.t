#!/usr/bin/perl
# When a cycle is over in which a quota was half used, the new beginning is told, once.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;
use Purser::Usage;

keep_away('usage.reset');
my $organization = new_organization(billing_email => 'bills@example.com');
quota_cycle($organization, requests => 100, prompt_tokens => 100, completion_tokens => 100);
record($organization, [event(1, 'requests', 60), event(2, 'prompt_tokens', 100), event(3, 'completion_tokens', 49)]);
my $quiet = new_organization();
quota_cycle($quiet, requests => 100);
record($quiet, [event(1, 'requests', 49)]);
sub resets ($of) { return [sort grep { /reset/ } told_of($of)->@*] }

ok(run_job('usage.reset'), 'the job runs');
is_deeply(resets($organization), [], 'while the cycle runs nothing is told');
db_run('UPDATE usage_cycle SET ends_at = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE WHERE organization_id IN (?, ?)', map { bytes_of($_->{id}) } $organization, $quiet);
my @jobs = map { start_job('usage.reset') } 1 .. 3;
end_program($_) for @jobs;
ok(run_job('usage.reset'), 'it is over');
is_deeply(resets($organization), ['event usage.reset', 'mail usage_reset'], 'the new one is told by event and mail, once');
my $data = decode_json(db_value("SELECT data FROM outbox WHERE organization_id = ? AND type = 'usage.reset'", bytes_of($organization->{id})));
is_deeply($data->{metrics}, ['prompt_tokens', 'requests'], 'with the metrics that it is about');
is_deeply(resets($quiet), [], 'where less was used nothing is');
done_testing;
