#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $made = call('event_subscriptions.create', { event_type => '*', endpoint_url => 'https://hooks.example.invalid/' }, key => $organization->{key})->json;
my $reply = call('event_subscriptions.get', { subscription_id => $made->{id} }, key => $organization->{key});

is_success($reply, 'a subscription is read');
is_deeply({ $reply->json->%{qw(id event_type endpoint_url filter_config headers description status pause_reason old_secret_until)} },
    { id => $made->{id}, event_type => '*', endpoint_url => 'https://hooks.example.invalid/', status => 'active', map { $_ => undef } qw(filter_config headers description pause_reason old_secret_until) },
    'as it was made');
is_success(get("/v1/event_subscriptions/get?subscription_id=$made->{id}", key => new_key($organization, 'event_subscriptions:read')->{key}), 'by GET, with the scope to read');
is_problem(call('event_subscriptions.get', { subscription_id => $_->[1] }, key => $_->[0]{key}), 404, 'not_found', "there is none: $_->[2]")
    for [new_organization(), $made->{id}, "another organization's"], [$organization, new_ulid(), 'an unknown id'];
is_problem(call('event_subscriptions.get', {}, key => $organization->{key}), 422, 'invalid', 'the id is needed', errors => { '/subscription_id' => 'missing' });
done_testing;
