#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Hooks;
use Purser::Test;

my $receiver = Purser::Hooks->receiver;
my $stack = Purser::Hooks->start(reach => [$receiver->address]);
my $organization = $stack->new_organization;
my $subscription = $stack->subscribe($organization, $receiver->url('/as/tried'), event_type => 'order.settled', headers => { 'X-Mine' => 'yes' });

sub try (%options) {
	return $stack->call('event_subscriptions.test', { subscription_id => $subscription->{id} }, key => $organization->{key}, %options);
}

my $reply = try();
is_success($reply, 'a subscription is tried out');
is_deeply({ $reply->json->%{qw(ok id status detail)} }, { ok => JSON::PP::true(), id => $subscription->{id}, status => 204, detail => '' }, 'and what was answered is told');
my ($event) = $receiver->events('/as/tried');
my $body = decode_json($event->{body});
is_deeply([@$body{qw(event_type organization_id entity_type entity_id event_id)}, $body->{data}], ['webhook.test', $organization->{id}, 'event_subscription', $subscription->{id}, $event->{id}, { subscription_id => $subscription->{id} }],
    'an event of its own came, whatever the subscription is for');
is($event->{headers}{'x-mine'}, 'yes', 'with the headers of the subscription');
$receiver->set('tried', 503);
is_deeply([@{ try()->json }{qw(ok status detail)}], [JSON::PP::false(), 503, 'it is tried'], 'a failure is told as it is');
is($stack->shown($organization, $subscription)->{status}, 'active', 'and changes nothing');
is_deeply([$stack->deliveries($organization, $subscription)], [], 'nor is it a delivery');
my %once = (idempotency_key => 'once');
my @twice = map { try(%once) } 1, 2;
is($twice[1]->body, $twice[0]->body, 'repeated with its key the answer is the same');
is(scalar $receiver->events('/as/tried'), 3, 'and nothing was sent again');
$stack->update($organization, $subscription, status => 'paused');
is(try()->json->{status}, 503, 'a paused one can be tried');
is($stack->call('event_subscriptions.test', { subscription_id => $subscription->{id} }, key => $stack->new_organization->{key})->json->{code}, 'not_found', "another organization's is not there");
is_problem($stack->call('event_subscriptions.test', { subscription_id => new_ulid() }, key => $organization->{key}), 404, 'not_found', 'nor is one that nobody has');
done_testing;
