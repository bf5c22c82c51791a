#!/usr/bin/perl
# Endpoints that are tried out and say nothing keep nobody waiting: few are tried at once, of an organization one, and who finds
# no place is told so at once.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Endpoint;
use Purser::Hooks;
use Purser::Test;
use Time::HiRes qw(sleep time);

my $silent = Purser::Endpoint->silent;
my $stack = Purser::Hooks->start(reach => [$silent->address]);
my @organizations = map { $stack->new_organization } 1 .. 12;
my @subscriptions = map { $stack->subscribe($_, $silent->url('/')) } @organizations;

sub try ($which, %options) {
	my $began = time;
	my $reply = $stack->call('event_subscriptions.test', { subscription_id => $subscriptions[$which]{id} }, key => $organizations[$which]{key}, %options);
	return { status => $reply->status, code => $reply->json->{code}, retry => $reply->header('retry-after'), body => $reply->json, seconds => time - $began };
}

# Somebody else's call of a slow worker, while the others are tried.
sub bystander () {
	sleep 0.7;
	my $began = time;
	$stack->update($organizations[0], $subscriptions[0], description => 'meanwhile');
	return { seconds => time - $began };
}

my ($bystander, @tried) = $stack->at_once(\&bystander, map { my $which = $_; sub { try($which) } } 0 .. 11);
cmp_ok($bystander->{seconds}, '<', 2, 'twelve silent endpoints tried at once keep nobody else waiting');
my @busy = grep { $_->{status} == 503 } @tried;
my @done = grep { $_->{status} == 200 } @tried;
is(@busy + @done, 12, 'each is tried, or refused');
is(scalar @done, 2, 'half of the slow workers try');
is_deeply([map { $_->{code} } @busy], [('busy') x @busy], 'the others are told that it is busy');
is(scalar(grep { ($_->{retry} // 0) > 0 } @busy), scalar @busy, 'and when to come again');
is(scalar(grep { $_->{seconds} < 3 } @busy), scalar @busy, 'at once');
is_deeply([map { $_->{body}{detail} } @done], [('There was no answer within 5 seconds.') x @done], 'an endpoint has 5 seconds');

@tried = $stack->at_once(map { sub { try(3) } } 1 .. 2);
is_deeply([sort map { $_->{status} } @tried], [200, 503], 'an organization tries one at a time');
my ($first) = $stack->at_once(sub { try(4, idempotency_key => 'again') }, map { my $which = $_; sub { try($which) } } 5 .. 7);
my $again = try(4, idempotency_key => 'again');
is($again->{status}, 200, 'a key that was refused so is free again, and one that was answered stays answered');
$stack->kill_workers;
is(try(5)->{status}, 200, 'the turns of a worker that was killed are free');
done_testing;
