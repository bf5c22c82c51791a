#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization(name => 'Who Am I');
my $tiny = { id => $organization->{id}, name => 'Who Am I' };

my $key = new_key($organization, 'billing:*', 'orders:read', { expires_in_days => 2 });
my $reply = call('auth.whoami', {}, key => $key->{key});
is_success($reply, 'a key asks who it is');
is_deeply($reply->json, { principal_type => 'api_key', principal_id => $key->{id}, organization => $tiny, role => undef,
	scopes => ['billing:read', 'billing:write', 'orders:read'], expires_at => $key->{expires_at} },
    'an API key of the organization, with its scopes one by one, and its end');
is(get('/v1/auth/whoami', key => $key->{key})->body, $reply->body, 'GET at the resource path says the same');
is(call('auth.whoami', {}, key => $organization->{key})->json->{expires_at}, undef, 'a key without an end has none');

my $billing = new_person($organization, 'billing');
my $person = call('auth.whoami', {}, key => $billing->{key})->json;
is($person->{principal_type}, 'user', 'a person is a user');
is($person->{principal_id}, $billing->{id}, 'with the id of the person');
is_deeply($person->{organization}, $tiny, 'who acts for an organization');
is($person->{role}, 'billing', 'in a role');
is_deeply($person->{scopes}, [qw(organizations:read members:read billing:read billing:write orders:read usage:read notifications:read notifications:write)],
    'which gives the scopes');
like($person->{expires_at}, qr/\A2\d{3}-\d\d-\d\dT[\d:.]+Z\z/, 'the token has an end');

my $nobody = call('auth.whoami', {}, key => new_person()->{key})->json;
is_deeply([$nobody->@{qw(organization role)}], [undef, undef], 'a person of no organization has none, and no role');
is_deeply($nobody->{scopes}, [], 'nor a scope');

my $operator = call('auth.whoami', {}, key => admin_key)->json;
is($operator->{principal_type}, 'operator', 'an operator is one');
is($operator->{organization}, undef, 'and acts for no organization');
is_deeply($operator->{scopes}, ['admin:read', 'admin:write'], 'with the scopes of one');

is_problem(call('auth.whoami'), 401, 'unauthenticated', 'without a token there is no answer');
is_problem(call('auth.whoami', { verbose => 1 }, key => $key->{key}), 422, 'invalid', 'it takes nothing', errors => { '/verbose' => 'unknown' });
done_testing;
