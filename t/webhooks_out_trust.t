#!/usr/bin/perl
# Endpoints that answer quickly and hang by turns don't shut out a good one: one quick answer is not trusted, and what hangs
# counts as bad while it does, whatever was known before. Eighty, of ten organizations, that all begin to hang at once.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Endpoint;
use Purser::Hooks;
use Purser::Jobs;
use Purser::Test;
use Time::HiRes qw(sleep time);

plan(skip_all => 'it takes its time: --all') unless $ENV{PURSER_CHECK_ALL};

my $good = Purser::Hooks->receiver;
my $turning = Purser::Hooks->receiver;
my @hanging = map { Purser::Endpoint->silent } 1 .. 80;
my $stack = Purser::Hooks->start(reach => [map { $_->address } $good, $turning, @hanging]);
my $mine = $stack->new_organization;
my @theirs = map { $stack->new_organization } 1 .. 10;
$stack->fan_out;
my $own = $stack->subscribe($mine, $good->url('/as/good'));
sub trust ($subscription) { return db_value('SELECT trust FROM event_subscription WHERE id = ?', bytes_of($subscription->{id})) }

$stack->happen($mine);
$stack->tell;
is(trust($own), 1, 'a first quick answer does not make an endpoint quick');
$stack->happen($mine) for 1 .. 9;
$stack->tell;
is(trust($own), 2, 'ten in a row do');

my $by_turns = $stack->subscribe($theirs[0], $turning->url('/turns/one'));
my @seen = map { $stack->happen($theirs[0]); $stack->tell; trust($by_turns) } 1 .. 3;
is_deeply(\@seen, [1, 0, 0], 'one that hangs is bad, and a quick answer behind that does not make it good');
$stack->good('event_subscriptions.delete', { subscription_id => $by_turns->{id} }, key => $theirs[0]{key});

my @bad = map { $stack->subscribe($theirs[$_ % @theirs], $hanging[$_]->url('/')) } 0 .. $#hanging;
db_run('UPDATE event_subscription SET trust = 2, quick_attempts = 10 WHERE id <> ?', bytes_of($own->{id}));
my $runner = start_runner('runner', $stack->{settings}->%*);
my %began;
my $until = time + 15;
while (time < $until) {
	$began{ $stack->happen($mine) } = time;
	$stack->happen($_) for @theirs;
	sleep 0.5;
}
my $all = sub () { my %at = map { $_->{id} => $_->{at} } $good->events('/as/good'); return map { defined $at{$_} ? $at{$_} - $began{$_} : () } keys %began };
eventually('every event of the good endpoint arrives', sub { $all->() == keys %began }, 30);
my @times = sort { $a <=> $b } $all->();
diag(sprintf '%d events beside 80 that hang: median %.2f s, longest %.2f s', scalar @times, $times[@times / 2], $times[-1]);
cmp_ok($times[@times / 2], '<', 2.5, 'in the middle at once');
cmp_ok($times[-1], '<', 6, 'and none waits for those');
is(trust($own), 2, 'it is quick');
my $hung = db_value("SELECT COUNT(*) FROM event_attempt WHERE milliseconds > 9000");
cmp_ok($hung, '>=', 30, "$hung attempts hung meanwhile");
end_runners($runner);
done_testing;
