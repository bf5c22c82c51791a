#!/usr/bin/perl
# What waits for a subscription that was deleted is ended; what waits for others is left alone.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

private_database;
my $organization = new_book;

sub subscription ($status, $count) {
	my $id = new_ulid();
	db_run("INSERT INTO event_subscription (id, organization_id, event_type, endpoint_url, host, secret, status, due_at, created_at, updated_at)
	    VALUES (?, ?, '*', 'https://x.example/', 'x.example:443', 'x', ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))", bytes_of($id), bytes_of($organization), $status);
	db_run("INSERT INTO event_delivery (id, organization_id, subscription_id, event_id, sequence, due_at, created_at)
	    SELECT RANDOM_BYTES(16), ?, ?, RANDOM_BYTES(16), 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_$count", bytes_of($organization), bytes_of($id));
	return $id;
}

my %of = map { $_ => subscription($_, $_ eq 'deleted' ? 3000 : 2) } qw(deleted paused active);
my $pending = sub ($which) { return db_value("SELECT COUNT(*) FROM event_delivery WHERE status = 'pending' AND due_at IS NOT NULL AND subscription_id = ?", bytes_of($of{$which})) };
ok(run_job('events.end_deliveries'), 'the job runs');
is($pending->('deleted'), 0, 'all that waited for a deleted subscription is ended');
is_deeply([map { $pending->($_) } qw(paused active)], [2, 2], 'nothing else is');
is(db_value('SELECT due_at FROM event_subscription WHERE id = ?', bytes_of($of{deleted})), undef, 'it is looked at once');
done_testing;
