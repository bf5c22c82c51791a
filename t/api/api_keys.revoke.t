#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $made = new_key($organization, 'billing:read');
my @clients = map { client(url => $ENV{PURSER_URL}) } 1 .. 8;

is_success(call('billing.credits.balance', {}, key => $made->{key}), 'a key works');
my $reply = call('api_keys.revoke', { key_id => $made->{id} }, key => $organization->{key});
is_success($reply, 'until it is revoked');
is_deeply($reply->json, { ok => JSON::PP::true(), id => $made->{id} }, 'which says so');
my @accepted = grep { $_->status != 401 } map { call('billing.credits.balance', {}, key => $made->{key}, client => $clients[$_ % 8]) } 1 .. 40;
is(scalar @accepted, 0, 'no worker takes it from the very next request on');
is_problem(call('billing.credits.balance', {}, key => $made->{key}), 401, 'unauthenticated', 'it is refused with 401',
    headers => { 'WWW-Authenticate' => qr/error="invalid_token"/ });
is_success(call('api_keys.revoke', { key_id => $made->{id} }, key => $organization->{key}), 'revoking again changes nothing');
ok(defined call('api_keys.get', { key_id => $made->{id} }, key => $organization->{key})->json->{revoked_at}, 'it shows when that was');

is_problem(call('api_keys.revoke', { key_id => new_ulid() }, key => $organization->{key}), 404, 'not_found', 'an unknown key is not there');
my $safe = new_key($organization, 'billing:read');
is_problem(call('api_keys.revoke', { key_id => $safe->{id} }, key => new_organization()->{key}), 404, 'not_found',
    'neither is one of another organization');
is_success(call('billing.credits.balance', {}, key => $safe->{key}), 'which goes on working');
is_success(call('api_keys.revoke', { key_id => $organization->{key_id} }, key => $organization->{key}), 'a key can revoke itself');
is_problem(call('organizations.current', {}, key => $organization->{key}), 401, 'unauthenticated', 'and is dead then');
done_testing;
