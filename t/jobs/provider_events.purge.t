#!/usr/bin/perl
# The processor's events are forgotten when they can't come again, and not before.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

my $job = 'provider_events.purge';
my $name = new_ulid();

sub event ($age) {
	db_run("INSERT INTO provider_event (provider, event_id, type, created_at) VALUES ('test', ?, 'charge.refunded', UTC_TIMESTAMP(6) - INTERVAL ? SECOND)", "$name $age", $age);
}
sub events () { return [db_column("SELECT SUBSTRING_INDEX(event_id, ' ', -1) FROM provider_event WHERE provider = 'test' AND event_id LIKE ? ORDER BY created_at DESC", "$name%")] }

my $most = 35 * 86400;
event($_) for 0, $most - 60, $most + 1, 2 * $most;
db_run("INSERT INTO provider_event (provider, event_id, type, created_at)
    SELECT 'many', CONCAT(?, seq), 'charge.refunded', UTC_TIMESTAMP(6) - INTERVAL 40 DAY FROM seq_1_to_2500", $name);
ok(run_job($job), 'the job runs');
is_deeply(events, [0, $most - 60], 'events go when they are 35 days old');
is(db_value("SELECT COUNT(*) FROM provider_event WHERE provider = 'many'"), 0, 'and many go in one run');
set_clock(120);
ok(run_job($job), 'two minutes later');
is_deeply(events, [0], 'the next has become so old');
set_clock(0);
db_run("DELETE FROM provider_event WHERE provider = 'test'");
done_testing;
