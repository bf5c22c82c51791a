#!/usr/bin/perl
# Notifications are forgotten when they were dismissed, or are 365 days old, and not before.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Jobs;

my $job = 'notifications.purge';

private_database;

my $person = bytes_of(new_ulid());
db_run("INSERT INTO user (id, email, email_key, name, created_at) VALUES (?, 'a\@example.com', 'a\@example.com', 'A', UTC_TIMESTAMP(6))", $person);

sub notify ($type, $age, $read, $dismissed, $count = 1) {
	db_run("INSERT INTO notification (user_id, id, type, entity_type, entity_id, data, created_at, read_at, dismissed_at)
	    SELECT ?, RANDOM_BYTES(16), ?, 'user', ?, '{}', UTC_TIMESTAMP(6) - INTERVAL ? SECOND, IF(?, UTC_TIMESTAMP(6), NULL), IF(?, UTC_TIMESTAMP(6), NULL)
	    FROM seq_1_to_$count", $person, $type, $person, $age, $read, $dismissed);
}

sub left () { return [db_column('SELECT DISTINCT type FROM notification ORDER BY type')] }

my $year = 365 * 86400;
notify('new', 0, 0, 0);
notify('read', 86400, 1, 0);
notify('nearly a year', $year - 600, 0, 0);
notify('nearly a year, read', $year - 600, 1, 0);
notify('a year', $year + 1, 0, 0);
notify('a year, read', $year + 1, 1, 0);
notify('dismissed', 0, 0, 1);
notify('dismissed, read', 86400, 1, 1);
notify('many dismissed', 10, 1, 1, 2500);
notify('many old', 2 * $year, 0, 0, 1500);
ok(run_job($job), 'the job runs');
is_deeply(left, ['nearly a year', 'nearly a year, read', 'new', 'read'], 'what was dismissed or is a year old goes, many in one run, all else stays');

private_clock(1200);
ok(run_job($job), 'twenty minutes later');
is_deeply(left, ['new', 'read'], 'the next have become a year old');
ok(run_job($job), 'a run with nothing to do');
is_deeply(left, ['new', 'read'], 'changes nothing');
done_testing;
