#!/usr/bin/perl
# The jobs process is killed while it delivers, again and again: each event arrives, at least once, and what was booked is not
# sent again.
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
my @subscriptions = map { $stack->subscribe($mine, $receiver->url("/as/$_")) } 1 .. 2;
my @happened;
my %settings = $stack->{settings}->%*;

for my $round (1 .. 6) {
	push @happened, map { $stack->happen($mine) } 1 .. 25;
	my $runner = start_runner("runner-$round", %settings);
	my $until = time + 8;
	my $before = $receiver->requests;
	sleep 0.02 until $receiver->requests > $before + 3 + $round * 4 || time > $until;
	kill 'KILL', $runner;
	end_program($runner);
	$stack->later(301); # then the leases of its jobs are over
}
my $runner = start_runner('last', %settings);
my %wanted = map { $_ => 1 } @happened;
my $missing = sub ($name) { my %came = map { $_->{id} => 1 } $receiver->events("/as/$name"); return grep { !$came{$_} } keys %wanted };
eventually("every event arrives at $_", sub { !$missing->($_) }, 60) for 1 .. 2;
eventually('and everything is booked', sub { !db_value("SELECT COUNT(*) FROM event_delivery WHERE status = 'pending'") }, 30);
is(db_value("SELECT COUNT(*) FROM event_delivery d WHERE (SELECT COUNT(*) FROM event_attempt a WHERE a.delivery_id = d.id) <> d.attempts"), 0, 'each attempt that was booked stands in the list');
my $sent = $receiver->requests;
cmp_ok($sent, '>=', 2 * @happened, 'each was sent once at least');
cmp_ok($sent, '<=', 2 * @happened + 6 * 4, 'and again only what was under way when it was killed');
diag(sprintf '%d events to 2 subscriptions, 6 kills, %d requests', scalar @happened, $sent);
end_runners($runner);
done_testing;
