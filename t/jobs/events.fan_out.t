#!/usr/bin/perl
# Events are put into the feed once each, in an order that only grows, and queued for those who are subscribed: also those whose
# transaction took long, and ten thousand of them in little time.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;
use Time::HiRes qw(time);

private_database;
my ($mine, $other) = (new_book, new_book);
my $count = 0;

sub subscribe ($organization, %columns) {
	my $id = new_ulid();
	my %row = (event_type => '*', filter_config => undef, status => 'active', %columns);
	db_run("INSERT INTO event_subscription (id, organization_id, event_type, endpoint_url, host, filter_config, secret, status, created_at, updated_at)
	    VALUES (?, ?, ?, 'https://x.example/', 'x.example:443', ?, 'x', ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))", bytes_of($id), bytes_of($organization), @row{qw(event_type filter_config status)});
	return $id;
}

sub happen ($organization, $type = 'order.settled', $data = '{}', $database = db()) {
	my $id = new_ulid();
	my $statement = $database->prepare("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, data, created_at)
	    VALUES (?, ?, 'event', ?, 'order', ?, ?, UTC_TIMESTAMP(6))");
	$statement->bind_param($_->[0], $_->[1], $_->[2]) for [1, ulid_bytes($id), DBI::SQL_BINARY()], [2, $organization && ulid_bytes($organization), DBI::SQL_BINARY()], [3, $type, DBI::SQL_VARCHAR()],
	    [4, ulid_bytes($id), DBI::SQL_BINARY()], [5, $data, DBI::SQL_VARCHAR()];
	$statement->execute;
	return $id;
}

sub ulid_bytes ($text) { return Purser::Test::ulid_bytes($text) }
sub queued ($subscription) { return [map { Purser::Test::ulid_text($_) } db_column('SELECT event_id FROM event_delivery WHERE subscription_id = ? ORDER BY sequence', bytes_of($subscription))] }

my %of = (all => subscribe($mine), one => subscribe($mine, event_type => 'order.settled'), filtered => subscribe($mine, filter_config => '{"a":1}'),
    paused => subscribe($mine, status => 'paused'), deleted => subscribe($mine, status => 'deleted'), other => subscribe($other));
my @ids = (happen($mine), happen($mine, 'order.cancelled', '{"a":1,"b":2}'), happen($mine, 'auto_topup.due'), happen(undef, 'organization.closed'), happen($mine, 'order.settled', '{"a":"1"}'));
ok(run_job('events.fan_out'), 'the job runs');
is_deeply(queued($of{all}), [@ids[0, 1, 4]], 'all but our own reach who wants all, in order');
is_deeply(queued($of{one}), [@ids[0, 4]], 'one type who wants one');
is_deeply(queued($of{filtered}), [$ids[1]], 'those that fit a filter who has one');
is_deeply([map { @{ queued($of{$_}) } } qw(paused deleted other)], [], 'none a paused or deleted one, or another organization');
is(db_value("SELECT COUNT(*) FROM outbox WHERE kind = 'event' AND delivered_at IS NULL"), 0, 'and all are dealt with');
is(db_value('SELECT COUNT(*) FROM event_subscription WHERE due_at IS NOT NULL'), 3, 'those who got something are looked at');
run_job('events.fan_out');
is(db_value('SELECT COUNT(*) FROM event_delivery'), 6, 'once is enough');

# ---- a transaction that takes long -------------------------------------------------------------------------------------

my $slow = connect_again();
$slow->begin_work;
my $early = happen($mine, 'order.settled', '{}', $slow);
my $late = happen($mine);
my $began = time;
run_job('events.fan_out');
cmp_ok(time - $began, '<', 5, 'nobody waits for a transaction that takes long');
is(queued($of{all})->[-1], $late, 'what came later is queued');
$slow->commit;
run_job('events.fan_out');
is_deeply([@{ queued($of{all}) }[-2, -1]], [$late, $early], 'what was committed last comes last, and is not lost');

# ---- many --------------------------------------------------------------------------------------------------------------

my $crowd = new_book;
for my $organization ($crowd, $mine) {
	db_run("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, data, created_at)
	    SELECT UNHEX(CONCAT(LPAD(HEX(1700000000000 + seq), 12, '0'), HEX(RANDOM_BYTES(10)))), ?, 'event', 'order.settled', 'order', ?, '{\"credits\":1}', UTC_TIMESTAMP(6) FROM seq_1_to_10000",
	    bytes_of($organization), bytes_of($organization));
	my $before = time;
	run_job('events.fan_out');
	diag(sprintf '10,000 events in %.2f s, %s', time - $before, $organization eq $crowd ? 'nobody subscribed' : 'for two subscriptions');
	cmp_ok(time - $before, '<', 15, 'ten thousand events take little time');
	is(db_value("SELECT COUNT(*) FROM outbox WHERE kind = 'event' AND delivered_at IS NULL"), 0, 'all of them are dealt with');
}
is(@{ queued($of{one}) }, 2 + 2 + 10000, 'and queued once each');

# ---- more than a statement manages -----------------------------------------------------------------------------------

my $slowly = subscribe($crowd);
db_run('CREATE TRIGGER slow BEFORE INSERT ON event_delivery FOR EACH ROW SET NEW.attempts = SLEEP(0.01)');
happen($crowd) for 1 .. 300;
ok(run_job('events.fan_out', PURSER_DATABASE_STATEMENT_SECONDS => 1), 'what one statement does not manage in its time is done in smaller parts');
db_run('DROP TRIGGER slow');
is(@{ queued($slowly) }, 300, 'all of it');
is(db_value('SELECT COUNT(*) FROM (SELECT event_id FROM event_feed GROUP BY event_id HAVING COUNT(*) > 1) d'), 0, 'once');

# ---- at once -----------------------------------------------------------------------------------------------------------

happen($mine) for 1 .. 200;
my @pids = map { start_job('events.fan_out') } 1 .. 4;
end_program($_) for @pids;
run_job('events.fan_out');
is(@{ queued($of{one}) }, 10204, 'several at once queue nothing twice, and lose nothing');
is(db_value('SELECT COUNT(*) - COUNT(DISTINCT event_id) FROM event_feed'), 0, 'nor is anything in the feed twice');
done_testing;
