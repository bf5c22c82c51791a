#!/usr/bin/perl
# Endpoints that hang, reset, redirect, never end, fail for ever or stand for a private address delay nobody else: a good one's
# events arrive beside forty of them as if it were alone.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Endpoint;
use Purser::Hooks;
use Purser::Jobs;
use Purser::Test;
use Time::HiRes qw(sleep time);

my ($crowd, $seconds) = (40, 12);
my $good = Purser::Hooks->receiver;
my $forbidden = Purser::Hooks->receiver;
my @hanging = map { Purser::Endpoint->silent } 1 .. 20;
my @others = map { Purser::Hooks->receiver } 1 .. 5;
my $stack = Purser::Hooks->start(reach => [map { $_->address } $good, @hanging, @others]);
my $mine = $stack->new_organization;
my @theirs = map { $stack->new_organization } 1 .. 10;
$stack->fan_out;

# ---- forty that do harm ------------------------------------------------------------------------------------------------

my $own = $stack->subscribe($mine, $good->url('/as/good'));
my @paths = ('/reset/', '/redirect/', '/endless/', '/status/500');
my $count = 0;
my @bad = map { $stack->subscribe($theirs[$count++ % @theirs], $_) } map({ $_->url('/') } @hanging), map({ my $one = $_; map { $one->url($_) } @paths } @others[0 .. 3]), $others[4]->url('/hang/'),
    map { "https://no-such-name-$_.example.invalid/" } 1 .. 2;
my $private = $stack->subscribe($theirs[0], 'https://private.example.invalid/');
db_run('UPDATE event_subscription SET endpoint_url = ?, host = ? WHERE id = ?', $forbidden->url('/as/private'), $forbidden->address, bytes_of($private->{id}));
is(@bad + 1, $crowd, "there are $crowd bad endpoints");

# Sends an event to everybody a few times a second; gives how long each took to reach the good endpoint.
sub measure ($for) {
	my %began;
	my $until = time + $for;
	while (time < $until) {
		$began{ $stack->happen($mine) } = time;
		$stack->happen($_) for @theirs;
		sleep 0.25;
	}
	my $all = sub () { my %at = map { $_->{id} => $_->{at} } $good->events('/as/good'); return map { defined $at{$_} ? $at{$_} - $began{$_} : () } keys %began };
	eventually('every event of the good endpoint arrives', sub { $all->() == keys %began }, 30);
	return sort { $a <=> $b } $all->();
}

my $runner = start_runner('runner', $stack->{settings}->%*);
eventually('the jobs are at work', sub { $stack->happen($mine); sleep 0.3; scalar $good->events('/as/good') }, 20);
my @times = measure($seconds);
diag(sprintf '%d events beside %d bad endpoints: median %.2f s, longest %.2f s', scalar @times, $crowd, $times[@times / 2], $times[-1]);
cmp_ok($times[@times / 2], '<', 2.5, 'in the middle within what two looks a second apart take');
cmp_ok($times[-1], '<', 5, 'and none waits for somebody else');
is_deeply([$forbidden->requests], [], 'the private address was never reached');
my %tried = map { $_ => db_value('SELECT COUNT(*) FROM event_attempt a JOIN event_delivery d ON d.id = a.delivery_id WHERE d.organization_id <> ? AND COALESCE(a.status, 0) = ?', bytes_of($mine->{id}), $_) }
    0, 200, 302, 500;
cmp_ok($tried{$_}, '>', 0, 'the bad ones were tried, too: ' . ($_ || 'no answer')) for sort { $a <=> $b } keys %tried;
is(db_value("SELECT COUNT(*) FROM event_attempt a JOIN event_delivery d ON d.id = a.delivery_id WHERE a.milliseconds > 11000"), 0, 'none for longer than 10 seconds');
my ($status) = end_runners($runner);
is($status, 0, 'the runner ends in time');
done_testing;
