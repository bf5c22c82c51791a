#!/usr/bin/perl
# Deliveries are forgotten after 30 days, with their attempts; what is newer stays.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

private_database;
my $organization = new_book;

sub delivery ($days, $status) {
	my $id = new_ulid();
	db_run('INSERT INTO event_delivery (id, organization_id, subscription_id, event_id, sequence, status, attempts, created_at) VALUES (?, ?, ?, ?, 1, ?, 1, UTC_TIMESTAMP(6) - INTERVAL ? DAY)',
	    bytes_of($id), bytes_of($organization), bytes_of(new_ulid()), bytes_of(new_ulid()), $status, $days);
	db_run("INSERT INTO event_attempt (delivery_id, attempt, at, milliseconds) VALUES (?, 1, UTC_TIMESTAMP(6), 1)", bytes_of($id));
	return $id;
}

delivery(31, $_) for qw(delivered failed pending);
my @kept = map { delivery(29, $_) } qw(delivered failed pending);
ok(run_job('events.forget_deliveries'), 'the job runs');
is_deeply([sort map { Purser::Test::ulid_text($_) } db_column('SELECT id FROM event_delivery')], [sort @kept], 'old deliveries go, whatever became of them');
is(db_value('SELECT COUNT(*) FROM event_attempt'), 3, 'and their attempts with them');
done_testing;
