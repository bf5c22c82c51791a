#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::SignIn;

my $organization = new_organization();
my $account = new_account;
join_organization($account, $organization, 'viewer');

sub revoke ($token, %more) { return call('oauth.revoke', { token => $token, %more }) }
sub works ($token) { return call('auth.whoami', {}, key => $token)->status == 200 }

my ($first, $second, $third) = map { session_of($account) } 1 .. 3;
my $reply = revoke($first->{access_token});
is_success($reply, 'an access token is given back');
is($reply->body, '{}', 'the reply says nothing');
ok(!works($first->{access_token}), 'it is refused from the next request on');
is_problem(call('auth.sessions.refresh', { refresh_token => $first->{refresh_token} }), 401, 'unauthenticated', 'and so is the refresh token beside it');
is_deeply([audit_row($reply)->@{qw(actor_type actor_id organization_id)}], ['user', bytes_of($account->{id})->$*, bytes_of($organization->{id})->$*],
    'the audit names the person');
is_success(request('POST', '/v1/oauth/revoke', type => 'application/x-www-form-urlencoded', body => "token=$second->{refresh_token}&token_type_hint=access_token"),
    'a refresh token is given back, whatever the hint');
ok(!works($second->{access_token}), 'the access token beside it is refused');
ok(works($third->{access_token}), 'another session lives on');
is_success(revoke($first->{access_token}), 'what is revoked is revoked');
is_success(revoke($_), "'$_' is known to nobody, so it is, too") for 'gprs_unknown', 'x', 'eyJhbGciOiJub25lIn0.e30.';

my $key = new_key($organization, 'billing:read');
my ($one, $two) = map { call('oauth.token', { grant_type => 'client_credentials', client_secret => $key->{key} })->json->{access_token} } 1, 2;
$reply = revoke($one);
is_success($reply, 'a client\'s token is given back');
is_deeply([audit_row($reply)->@{qw(actor_type actor_id)}], ['api_key', bytes_of($key->{id})->$*], 'the audit names the key');
ok(!works($one), 'it is refused');
ok(works($two), 'another of the same key is not');
ok(works($key->{key}), 'nor the key');
is_problem(revoke($key->{key}), 400, 'unsupported_token_type', 'an API key is not revoked here');
is_problem(revoke('gpra_unknown'), 400, 'unsupported_token_type', 'whether anybody has it or not');
ok(works($key->{key}), 'it works on');
is_problem(call('oauth.revoke', {}), 400, 'bad_request', 'a token is needed', members => { error => 'invalid_request' });
is_problem(request('POST', '/v1/oauth/revoke', body => { token => 'x' }), 415, 'unsupported_media_type', 'the body is a form');
done_testing;
