#!/usr/bin/perl
# Mails that were delivered or given up go after 90 days, with whom they went to.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Jobs;

my $job = 'mail.purge';

private_database;

sub add_rows ($type, $kind, $column, $before, $count = 1) {
	db_run("INSERT INTO outbox (id, kind, type, entity_type, entity_id, recipient, data, created_at, $column)
	    SELECT RANDOM_BYTES(16), ?, ?, 'user', REPEAT('x', 16), 'a\@example.com', '{}', '2026-01-01', UTC_TIMESTAMP(6) - INTERVAL ? SECOND
	    FROM seq_1_to_$count", $kind, $type, $before);
}

sub types () { return [db_column('SELECT DISTINCT type FROM outbox ORDER BY type')] }

my $day = 86400;
add_rows('waiting', 'mail', 'delivered_at', undef);
add_rows('new', 'mail', 'delivered_at', 0);
add_rows('nearly 90 days', 'mail', 'delivered_at', 90 * $day - 600);
add_rows('90 days', 'mail', 'delivered_at', 90 * $day + 1);
add_rows('given up', 'mail', 'given_up_at', 90 * $day + 1);
add_rows('given up later', 'mail', 'given_up_at', 80 * $day);
add_rows('an event', 'event', 'delivered_at', 200 * $day);
add_rows('many', 'mail', 'delivered_at', 100 * $day, 2500);
ok(run_job($job), 'the job runs');
is_deeply(types, ['an event', 'given up later', 'nearly 90 days', 'new', 'waiting'], 'mails go 90 days after they were delivered or given up, many in one run, and no events');
private_clock(1200);
ok(run_job($job), 'twenty minutes later');
is_deeply(types, ['an event', 'given up later', 'new', 'waiting'], 'the next is 90 days old');
private_clock(100 * $day);
ok(run_job($job), 'months later');
is_deeply(types, ['an event', 'waiting'], 'a mail that was never delivered stays');
done_testing;
