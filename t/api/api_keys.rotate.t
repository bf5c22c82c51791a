#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $old = new_key($organization, 'billing:read', { rate_limit => 100, name => 'robot' });
my $reply = call('api_keys.rotate', { key_id => $old->{id} }, key => $organization->{key});

is_success($reply, 'a key is replaced');
my $new = $reply->json;
isnt($new->{id}, $old->{id}, 'by one with an id of its own');
is_deeply({ $new->%{qw(name permissions rate_limit)} }, { name => 'robot', permissions => ['billing:read'], rate_limit => 100 },
    'and the same name, rights and limit');
is_success(call('billing.credits.balance', {}, key => $new->{key}), 'the new one works');
is_problem(call('billing.credits.balance', {}, key => $old->{key}), 401, 'unauthenticated', 'the old one is dead at once');

my $next = call('api_keys.rotate', { key_id => $new->{id}, overlap_seconds => 60 }, key => $organization->{key})->json;
is_success(call('billing.credits.balance', {}, key => $new->{key}), 'with an overlap the old one goes on working');
set_clock(61);
is_problem(call('billing.credits.balance', {}, key => $new->{key}), 401, 'unauthenticated', 'until it is over');
is_success(call('billing.credits.balance', {}, key => $next->{key}), 'the newest one is not touched by that');
set_clock(0);

is_problem(call('api_keys.rotate', { key_id => $old->{id} }, key => $organization->{key}), 409, 'conflict', 'a revoked key is not replaced');
is_problem(call('api_keys.rotate', { key_id => new_ulid() }, key => $organization->{key}), 404, 'not_found', 'an unknown one is not there');
is_problem(call('api_keys.rotate', { key_id => $next->{id} }, key => new_organization()->{key}), 404, 'not_found',
    'neither is one of another organization');
my $minter = new_key($organization, 'api_keys:*');
is_problem(call('api_keys.rotate', { key_id => $next->{id} }, key => $minter->{key}), 403, 'forbidden',
    'nobody gets a token with more rights than their own', members => { required_scope => 'billing:read' });
is_problem(call('api_keys.rotate', { key_id => $next->{id}, overlap_seconds => -1 }, key => $organization->{key}), 422, 'invalid',
    'an overlap is not negative', errors => { '/overlap_seconds' => 'out_of_range' });

my $once = call('api_keys.rotate', { key_id => $next->{id} }, key => $organization->{key}, idempotency_key => 'rotate');
my $again = call('api_keys.rotate', { key_id => $next->{id} }, key => $organization->{key}, idempotency_key => 'rotate');
is($again->body, $once->body, 'a repeated rotation gives the same token again');
is($again->header('idempotent-replayed'), 'true', 'as a replay');
my ($stored) = db_value("SELECT reply FROM idempotency WHERE space = ? AND operation = 'api_keys.rotate'", bytes_of($organization->{id}));
unlike($stored, qr/gpra_/, 'whose stored copy is sealed');
my $lasting = new_key($organization, 'billing:read');
my $successor = call('api_keys.rotate', { key_id => $lasting->{id}, overlap_seconds => 3600 }, key => $organization->{key});
is_success($successor, 'a key is replaced with an overlap');
is($successor->json->{expires_at}, undef, 'and its successor does not expire');
is_problem(call('api_keys.rotate', { key_id => $lasting->{id}, overlap_seconds => 3600 }, key => $organization->{key}), 409, 'conflict', 'it is not replaced twice');
is(call('api_keys.get', { key_id => $lasting->{id} }, key => $organization->{key})->json->{replaced_by}, $successor->json->{id}, 'it tells by what');
done_testing;
