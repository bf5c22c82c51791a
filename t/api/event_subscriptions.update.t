#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $made = call('event_subscriptions.create', { event_type => '*', endpoint_url => 'https://hooks.example.invalid/', headers => { A => 'x' }, filter_config => { a => 1 } }, key => $organization->{key})->json;

sub update (%changes) {
	return call('event_subscriptions.update', { subscription_id => $made->{id}, %changes }, key => $organization->{key});
}

my $reply = update(description => 'Changed', status => 'paused');
is_success($reply, 'a subscription is changed');
is_deeply([@{ $reply->json }{qw(description status event_type)}, $reply->json->{headers}, $reply->json->{filter_config}], ['Changed', 'paused', '*', { A => '***' }, { a => 1 }], 'what is not named stays');
$reply = update(event_type => 'order.settled', endpoint_url => 'https://other.example.invalid/', headers => {}, filter_config => {}, status => 'active');
is_deeply({ $reply->json->%{qw(event_type endpoint_url headers filter_config status pause_reason)} },
    { event_type => 'order.settled', endpoint_url => 'https://other.example.invalid/', headers => undef, filter_config => undef, status => 'active', pause_reason => undef }, 'all of it can be; {} takes away');
is(update(headers => { B => 'y' })->json->{headers}{B}, '***', 'and headers put in again');
is_problem(update(endpoint_url => 'https://10.0.0.1/', status => 'deleted', event_type => ''), 422, 'invalid', 'what does not fit is named',
    errors => { '/status' => 'not_allowed', '/event_type' => undef });
is_problem(update(endpoint_url => 'https://10.0.0.1/'), 422, 'invalid', 'a private address is refused', errors => { '/endpoint_url' => 'not_allowed' });
is_problem(update(event_type => 'nothing.happened'), 422, 'invalid', 'an unknown type, too', errors => { '/event_type' => 'unknown' });
is_problem(update(headers => { Host => 'x' }), 422, 'invalid', 'and headers of ours', errors => { '/headers' => 'not_allowed' });
is(call('event_subscriptions.get', { subscription_id => $made->{id} }, key => $organization->{key})->json->{endpoint_url}, 'https://other.example.invalid/', 'a refusal changes nothing');
is_problem(call('event_subscriptions.update', { subscription_id => $_->[1], status => 'paused' }, key => $_->[0]{key}), 404, 'not_found', "there is none: $_->[2]")
    for [new_organization(), $made->{id}, "another organization's"], [$organization, new_ulid(), 'an unknown id'];
done_testing;
