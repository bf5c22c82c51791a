#!/usr/bin/perl
# Of a feed and of deliveries as long as can be, a few are found without reading the others.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Hooks;
use Purser::Test;
use Time::HiRes qw(time);

my $rows = $ENV{PURSER_TEST_ROWS} // 20_000;
my $stack = Purser::Hooks->start(reach => []);
my $mine = $stack->new_organization;
my ($many, $few) = map { $stack->subscribe($mine, "https://$_.example.invalid/") } qw(many few);
my $of = bytes_of($mine->{id});
my $rare = $stack->happen($mine, 'order.cancelled');
$stack->fan_out;
db_run("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, data, created_at, delivered_at)
    SELECT UNHEX(CONCAT('01', LPAD(HEX(seq), 30, '0'))), ?, 'event', 'order.settled', 'order', ?, '{}', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_$rows", $of, $of);
db_run("INSERT INTO event_feed (organization_id, event_id, type, is_shown, at) SELECT organization_id, id, type, TRUE, created_at FROM outbox WHERE type = 'order.settled' AND kind = 'event'");
db_run("INSERT INTO event_delivery (id, organization_id, subscription_id, event_id, sequence, status, created_at)
    SELECT id, organization_id, ?, id, 1, 'delivered', created_at FROM outbox WHERE type = 'order.settled' AND kind = 'event'", bytes_of($many->{id}));
db_run('ANALYZE TABLE event_feed, event_delivery, outbox')->fetchall_arrayref;

sub counted () { return db_value("SELECT SUM(VARIABLE_VALUE) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME LIKE 'HANDLER_READ%'") }

sub looks ($name, $operation, $query, $wanted) {
	my ($before, $began) = (counted(), time);
	my $found = $stack->good($operation, $query, key => $mine->{key})->{data};
	my ($read, $seconds) = (counted() - $before, time - $began);
	is(scalar @$found, $wanted, $name);
	cmp_ok($read, '<', 5000, sprintf '  with %d rows read, in %.3f s', $read, $seconds);
}

looks('events of a rare type', 'events.list', { type => 'order.cancelled' }, 1);
looks('events of a type that never was', 'events.list', { type => 'order.created' }, 0);
looks('events behind the last one', 'events.list', { type => 'order.cancelled', after_event_id => $rare }, 0);
looks('a page of all', 'events.list', { limit => 10 }, 10);
looks('deliveries to a subscription that has few', 'event_subscriptions.deliveries.list', { subscription_id => $few->{id} }, 1);
looks('deliveries of a rare status', 'event_subscriptions.deliveries.list', { status => 'failed' }, 0);
looks('those that wait', 'event_subscriptions.deliveries.list', { status => 'pending' }, 2);
looks('those of one subscription that wait', 'event_subscriptions.deliveries.list', { status => 'pending', subscription_id => $many->{id} }, 1);
looks('none of one that failed', 'event_subscriptions.deliveries.list', { status => 'failed', subscription_id => $many->{id} }, 0);
looks('a page of deliveries', 'event_subscriptions.deliveries.list', { limit => 10 }, 10);
done_testing;
