#!/usr/bin/perl
# Events are forgotten 90 days after they were put into the feed; mails and what is newer stay.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

private_database;
my $organization = new_book;

sub event ($days) {
	my $id = new_ulid();
	db_run("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, data, created_at)
	    VALUES (?, ?, 'event', 'order.settled', 'order', ?, '{}', UTC_TIMESTAMP(6) - INTERVAL ? DAY)", bytes_of($id), bytes_of($organization), bytes_of($id), $days);
	db_run('INSERT INTO event_feed (organization_id, event_id, type, is_shown, at) VALUES (?, ?, "order.settled", TRUE, UTC_TIMESTAMP(6) - INTERVAL ? DAY)', bytes_of($organization), bytes_of($id), $days);
	return $id;
}

my ($old, $young) = (event(91), event(89));
db_run("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, data, created_at, delivered_at)
    VALUES (?, ?, 'mail', 'limit.soft', 'organization', ?, '{}', UTC_TIMESTAMP(6) - INTERVAL 400 DAY, UTC_TIMESTAMP(6) - INTERVAL 400 DAY)", bytes_of(new_ulid()), bytes_of($organization), bytes_of($organization));
event(100) for 1 .. 1500;
ok(run_job('events.purge'), 'the job runs');
is(db_value('SELECT COUNT(*) FROM event_feed'), 1, 'old events leave the feed');
is(db_value('SELECT COUNT(*) FROM outbox WHERE id = ?', bytes_of($old)), 0, 'and the outbox');
is(db_value('SELECT COUNT(*) FROM outbox WHERE id = ?', bytes_of($young)), 1, 'young ones stay');
is(db_value("SELECT COUNT(*) FROM outbox WHERE kind = 'mail'"), 1, 'and mails do, whatever their age');
my $fan_out = connect_again;
$fan_out->begin_work;
$fan_out->do('SELECT sequence FROM event_feed FOR UPDATE');
event(100) for 1 .. 3;
my $began = time;
ok(run_job('events.purge'), 'while a fan-out holds what is young');
cmp_ok(time - $began, '<', 5, 'nobody waits for it');
is(db_value('SELECT COUNT(*) FROM event_feed'), 1, 'and what is old goes');
$fan_out->rollback;
db_run("INSERT INTO event_feed (organization_id, event_id, type, is_shown, at) SELECT ?, RANDOM_BYTES(16), 'order.settled', TRUE, UTC_TIMESTAMP(6) - INTERVAL 91 DAY FROM seq_1_to_51000", bytes_of($organization));
run_job('events.purge');
is(db_value('SELECT COUNT(*) FROM event_feed'), 1001, 'a run forgets 50,000 at most');
run_job('events.purge');
is(db_value('SELECT COUNT(*) FROM event_feed'), 1, 'and the next one the others');
my $last = db_value('SELECT MAX(sequence) FROM event_feed');
db_run('DELETE FROM event_feed');
my $new = event(0);
cmp_ok(db_value('SELECT sequence FROM event_feed WHERE event_id = ?', bytes_of($new)), '>', $last, 'a place in the feed is never given twice');
done_testing;
