#!/usr/bin/perl
# The secret that a subscription had before is forgotten when it signs no more.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

private_database;
my $organization = new_book;

sub subscription ($seconds) {
	my $id = new_ulid();
	db_run("INSERT INTO event_subscription (id, organization_id, event_type, endpoint_url, host, secret, old_secret, old_secret_until, created_at, updated_at)
	    VALUES (?, ?, '*', 'https://x.example/', 'x.example:443', 'x', 'y', UTC_TIMESTAMP(6) + INTERVAL ? SECOND, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))", bytes_of($id), bytes_of($organization), $seconds);
	return $id;
}

my ($over, $open) = map { subscription($_) } -1, 60;
ok(run_job('events.forget_secrets'), 'the job runs');
my $old = sub ($id) { return db_value('SELECT old_secret FROM event_subscription WHERE id = ?', bytes_of($id)) };
is($old->($over), undef, 'one whose overlap is over is gone');
is($old->($open), 'y', 'one that still signs stays');
private_clock(61);
run_job('events.forget_secrets');
is($old->($open), undef, 'until it does not');
done_testing;
