#!/usr/bin/perl
# The secret of a mail is kept until 7 days after it was delivered.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Jobs;

my $job = 'mail.forget_secrets';

private_database;

sub add_mails ($type, $delivered_before, $count = 1) {
	db_run("INSERT INTO outbox (id, kind, type, entity_type, entity_id, recipient, data, secret, created_at, delivered_at)
	    SELECT RANDOM_BYTES(16), 'mail', ?, 'user', REPEAT('x', 16), 'a\@example.com', '{}', 'secret', '2026-01-01', UTC_TIMESTAMP(6) - INTERVAL ? SECOND
	    FROM seq_1_to_$count", $type, $delivered_before);
}

sub secret_ones () { return [db_column('SELECT DISTINCT type FROM outbox WHERE secret IS NOT NULL ORDER BY type')] }

my $week = 7 * 86400;
add_mails('waiting', undef);
add_mails('new', 0);
add_mails('nearly a week', $week - 600);
add_mails('a week', $week + 1);
add_mails('many', 30 * 86400, 2500);
my $rows = db_value('SELECT COUNT(*) FROM outbox');
ok(run_job($job), 'the job runs');
is_deeply(secret_ones, ['nearly a week', 'new', 'waiting'], 'secrets go a week after the mail, many in one run, and not before');
is(db_value('SELECT COUNT(*) FROM outbox WHERE recipient IS NOT NULL'), $rows, 'the mails stay');
private_clock(1200);
ok(run_job($job), 'twenty minutes later');
is_deeply(secret_ones, ['new', 'waiting'], 'the next is a week old');
private_clock(30 * 86400);
ok(run_job($job), 'a month later');
is_deeply(secret_ones, ['waiting'], 'a mail that was never delivered keeps its secret');
done_testing;
