#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my @made = map { call('event_subscriptions.create', { event_type => '*', endpoint_url => "https://hooks.example.invalid/$_" }, key => $organization->{key})->json->{id} } 1 .. 3;
my $reply = call('event_subscriptions.list', {}, key => $organization->{key});

is_page($reply, 'the subscriptions are listed');
is_deeply([map { $_->{id} } $reply->json->{data}->@*], [reverse @made], 'the newest first');
unlike($reply->body, qr/whsec_/, 'without their secrets');
call('event_subscriptions.delete', { subscription_id => $made[1] }, key => $organization->{key});
$reply = call('event_subscriptions.list', { limit => 1 }, key => $organization->{key});
is_deeply([map { $_->{id} } $reply->json->{data}->@*], [$made[2]], 'a page');
$reply = call('event_subscriptions.list', { limit => 1, cursor => $reply->json->{next_cursor} }, key => $organization->{key});
is_deeply([map { $_->{id} } $reply->json->{data}->@*], [$made[0]], 'and the next one, without what was deleted');
is_deeply(call('event_subscriptions.list', {}, key => new_organization()->{key})->json->{data}, [], 'another organization has none of them');
done_testing;
