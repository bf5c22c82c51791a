#!/usr/bin/perl
# What happens while an attempt is under way: it is asked for again, its subscription is moved, its process dies; and a
# subscription whose secrets can't be read any more.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Hooks;
use Purser::Jobs;
use Purser::Test;
use Time::HiRes qw(sleep time);

my $receiver = Purser::Hooks->receiver;
my $stack = Purser::Hooks->start(reach => [$receiver->address]);
my $mine = $stack->new_organization;
$stack->fan_out;

sub status_of ($subscription) { return db_value("SELECT CONCAT(status, ' ', COALESCE(pause_reason, '')) FROM event_subscription WHERE id = ?", bytes_of($subscription->{id})) }
sub delete_it ($subscription) { return $stack->good('event_subscriptions.delete', { subscription_id => $subscription->{id} }, key => $mine->{key}) }

# ---- asked for again while it is under way -----------------------------------------------------------------------------

my $slow = $stack->subscribe($mine, $receiver->url('/slow/2'));
$stack->happen($mine);
$stack->fan_out;
my $job = $stack->begin_run('events.deliver');
eventually('an attempt is under way', sub { scalar $receiver->events('/slow') });
my ($delivery) = $stack->deliveries($mine, $slow);
$stack->good('event_subscriptions.redeliver', { delivery_id => $delivery->{id} }, key => $mine->{key});
sleep 0.7;
is(scalar $receiver->events('/slow'), 1, 'asked for again, it is not sent beside the attempt under way');
end_program($job);
$stack->deliver;
is(scalar $receiver->events('/slow'), 2, 'but behind it');
is(scalar(($stack->deliveries($mine, $slow))[0]{attempts}->@*), 2, 'and both attempts are listed');
delete_it($slow);

# ---- moved while it is under way ---------------------------------------------------------------------------------------

for my $what (410, 500) {
	my $moved = $stack->subscribe($mine, $receiver->url("/late/$what"));
	$stack->happen($mine);
	$stack->fan_out;
	db_run("UPDATE event_delivery SET failures = 6 WHERE subscription_id = ?", bytes_of($moved->{id}));
	$job = $stack->begin_run('events.deliver');
	eventually("an attempt is under way that will end with $what", sub { scalar $receiver->events("/late/$what") });
	$stack->update($mine, $moved, endpoint_url => $receiver->url("/as/mended-$what"));
	end_program($job);
	is(status_of($moved), 'active ', '  a subscription that was moved meanwhile is not paused');
	$stack->deliver;
	is(scalar $receiver->events("/as/mended-$what"), 1, '  and the event goes where it is now');
	delete_it($moved);
}

# ---- mended, and moved or resumed --------------------------------------------------------------------------------------

for my $how ('moved', 'resumed') {
	my $mended = $stack->subscribe($mine, $receiver->url("/as/$how"));
	$receiver->set($_, 500) for $how, "$how-here";
	$stack->happen($mine);
	$stack->tell;
	db_run("UPDATE event_delivery SET failures = 6, due_at = due_at + INTERVAL 1 DAY WHERE subscription_id = ?", bytes_of($mended->{id}));
	$stack->update($mine, $mended, status => 'paused') if $how eq 'resumed';
	$stack->update($mine, $mended, $how eq 'moved' ? (endpoint_url => $receiver->url("/as/$how-here")) : (status => 'active'));
	$stack->deliver;
	is(scalar $receiver->events("/as/$how"), 2, "a subscription that was $how gets at once what would have waited a day");
	is(status_of($mended), 'active ', '  and its failures before that are forgotten');
	delete_it($mended);
}

# ---- a lease that comes to nothing -------------------------------------------------------------------------------------

my $ordered = $stack->subscribe($mine, $receiver->url('/as/ordered'));
my @happened = map { $stack->happen($mine) } 1 .. 4;
$stack->fan_out;
db_run('UPDATE event_delivery SET leased_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND, lease_token = lease_token + 1 WHERE event_id = ?', $stack->{offset} - 1, bytes_of($happened[0]));
$stack->deliver;
is_deeply([map { $_->{id} } $receiver->events('/as/ordered')], \@happened, 'an event whose process died keeps its place before later ones');
delete_it($ordered);

# ---- secrets that can't be read ----------------------------------------------------------------------------------------

my $broken = $stack->subscribe($mine, $receiver->url('/as/broken'), event_type => 'order.settled');
db_run("UPDATE event_subscription SET secret = 'nonsense' WHERE id = ?", bytes_of($broken->{id}));
$stack->happen($mine);
for (1 .. 3) {
	$stack->tell;
	$stack->later(61);
}
like(status_of($broken), qr/^paused The secret or the headers kept for it can't be read/, 'a subscription whose secret can not be read is paused after some tries');
my ($waiting) = $stack->deliveries($mine, $broken);
is_deeply([$waiting->{status}, scalar $waiting->{attempts}->@*], ['pending', 3], 'its event waits, and the tries are listed');
$stack->good('event_subscriptions.rotate_secret', { subscription_id => $broken->{id} }, key => $mine->{key});
$stack->update($mine, $broken, status => 'active');
$stack->tell;
is(scalar $receiver->events('/as/broken'), 1, 'with another secret it arrives');
is($stack->fan_out && db_value("SELECT data FROM outbox WHERE type = 'webhook.paused' AND kind = 'event' ORDER BY id DESC LIMIT 1") =~ /endpoint_url|as\/broken/, '', 'that it was paused tells the host, and not the whole address');

# ---- a secret that was replaced ----------------------------------------------------------------------------------------

$stack->later(86401);
ok($stack->run('events.forget_secrets'), 'the job runs');
is(db_value('SELECT COUNT(*) FROM event_subscription WHERE old_secret IS NOT NULL OR old_secret_until IS NOT NULL'), 0, 'a secret that signs no more is forgotten');

# ---- what a deleted one leaves behind ----------------------------------------------------------------------------------

my $crowded = $stack->subscribe($mine, $receiver->url('/as/crowded'));
db_run("INSERT INTO event_delivery (id, organization_id, subscription_id, event_id, sequence, due_at, created_at)
    SELECT RANDOM_BYTES(16), ?, ?, RANDOM_BYTES(16), 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_1_to_2500", map { bytes_of($_->{id}) } $mine, $crowded);
delete_it($crowded);
my $pending = sub () { return db_value("SELECT COUNT(*) FROM event_delivery WHERE status = 'pending' AND subscription_id = ?", bytes_of($crowded->{id})) };
is($pending->(), 1500, 'deleting a subscription ends some of what waits for it');
$stack->run('events.end_deliveries');
is($pending->(), 0, 'and the job ends the rest');
is(db_value("SELECT due_at FROM event_subscription WHERE id = ?", bytes_of($crowded->{id})), undef, 'and looks at it no more');
done_testing;
