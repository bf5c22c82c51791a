#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $made = new_key($organization, 'billing:read');
my $reply = call('api_keys.update', { key_id => $made->{id}, name => 'renamed', rate_limit => 5 }, key => $organization->{key});

is_success($reply, 'a key is changed');
is($reply->json->{name}, 'renamed', 'it has its new name');
is($reply->json->{rate_limit}, 5, 'and its new limit');
is_success($reply = call('api_keys.update', { key_id => $made->{id} }, key => $organization->{key}), 'nothing need be changed');
is($reply->json->{name}, 'renamed', 'then all stays');
is_success(call('api_keys.update', { key_id => $made->{id}, name => undef }, key => $organization->{key}), 'null is as if absent');

is_problem(call('api_keys.update', { key_id => new_ulid(), name => 'x' }, key => $organization->{key}), 404, 'not_found', 'an unknown key is not there');
is_problem(call('api_keys.update', { key_id => $made->{id}, name => 'stolen' }, key => new_organization()->{key}), 404, 'not_found',
    'neither is one of another organization');
is(call('api_keys.get', { key_id => $made->{id} }, key => $organization->{key})->json->{name}, 'renamed', 'which changed nothing');
is_problem(call('api_keys.update', { key_id => $made->{id}, rate_limit => 0, name => ' x' }, key => $organization->{key}), 422, 'invalid',
    'limits hold here, too', errors => { '/rate_limit' => 'out_of_range', '/name' => 'bad_format' });

my $limited = new_key($organization, 'billing:read');
call('api_keys.update', { key_id => $limited->{id}, rate_limit => 1 }, key => $organization->{key});
call('billing.credits.balance', {}, key => $limited->{key});
is_problem(call('billing.credits.balance', {}, key => $limited->{key}), 429, 'rate_limited', 'the new limit holds from the next request on');
done_testing;
