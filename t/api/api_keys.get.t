#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $made = new_key($organization, 'billing:read');
my $reply = call('api_keys.get', { key_id => $made->{id} }, key => $organization->{key});

is_success($reply, 'a key is read');
is_deeply({ $reply->json->%{qw(id prefix name permissions revoked_at)} },
    { $made->%{qw(id prefix name permissions)}, revoked_at => undef }, 'it is the one that was made');
ok(!exists $reply->json->{key}, 'without its token');
is_success(get('/v1/api_keys/get', query => { key_id => $made->{id} }, key => $organization->{key}), 'GET answers, too');
is_success(get('/v1/op/api_keys.get', query => { key_id => lc $made->{id} }, key => $organization->{key}), 'an id in lower case is the same');

is_problem(call('api_keys.get', { key_id => new_ulid() }, key => $organization->{key}), 404, 'not_found', 'an unknown key is not there');
is_problem(call('api_keys.get', { key_id => $made->{id} }, key => new_organization()->{key}), 404, 'not_found',
    'neither is one of another organization');
is_problem(call('api_keys.get', {}, key => $organization->{key}), 422, 'invalid', 'key_id is required', errors => { '/key_id' => 'missing' });
is_problem(get('/v1/api_keys/get', key => $organization->{key}), 422, 'invalid', 'in a query, too', errors => { '/key_id' => 'missing' });
is_problem(call('api_keys.get', { key_id => '8ZZZZZZZZZZZZZZZZZZZZZZZZZ' }, key => $organization->{key}), 422, 'invalid',
    'what is no ULID is refused', errors => { '/key_id' => 'bad_format' });
is_problem(get('/v1/api_keys/get', query => { key_id => $made->{id}, x => 1 }, key => $organization->{key}), 422, 'invalid',
    'an unknown parameter is refused', errors => { '/x' => 'unknown' });
done_testing;
