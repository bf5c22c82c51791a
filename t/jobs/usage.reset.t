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

# One that can't be told holds nobody up: there are more of them than are looked at at once, and they come first.
my $bad = 201;
db_run("INSERT INTO usage_cycle (organization_id, starts_at, ends_at) SELECT UNHEX(LPAD(HEX(seq), 32, '0')), '2026-01-01', '2026-02-01' FROM seq_1_to_$bad");
db_run("INSERT INTO usage_counter (organization_id, cycle_starts_at, metric, value, told) SELECT UNHEX(LPAD(HEX(seq), 32, '0')), '2026-01-01', 'requests', 1, 100 FROM seq_1_to_$bad");
db_run("UPDATE usage_counter SET reset_told = FALSE WHERE organization_id = ?", bytes_of($organization->{id}));
db_run("CREATE TRIGGER usage_counter_bad BEFORE UPDATE ON usage_counter FOR EACH ROW BEGIN
	IF NEW.cycle_starts_at = '2026-01-01' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a fault'; END IF; END");
isnt(end_program(start_job('usage.reset')), 0, 'a fault of some is told');
is_deeply(resets($organization), [('event usage.reset') x 2, ('mail usage_reset') x 2], 'and the others are told all the same');
db_run('DROP TRIGGER usage_counter_bad');
ok(run_job('usage.reset'), 'they come again');
is(db_value("SELECT COUNT(*) FROM outbox WHERE type = 'usage.reset' AND organization_id <= UNHEX(LPAD(HEX($bad), 32, '0'))"), $bad, 'and are told then');
db_run("DELETE FROM usage_counter WHERE cycle_starts_at = '2026-01-01'");
db_run("DELETE FROM usage_cycle WHERE starts_at = '2026-01-01'");
db_run("DELETE FROM outbox WHERE organization_id <= UNHEX(LPAD(HEX($bad), 32, '0'))");
done_testing;
