#!/usr/bin/perl
# OAuth as its clients see it: the wire of RFC 6749 and RFC 7009, and that what it gives is a session, or a key, like any other.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;
use Purser::SignIn;

my $form = 'application/x-www-form-urlencoded';
my $organization = new_organization();
my $account = new_account;
join_organization($account, $organization, 'admin');

sub post_form ($path, $body, %options) { return request('POST', $path, type => $form, body => $body, %options) }
sub token (%form) { return call('oauth.token', \%form) }
sub password (%more) { return token(grant_type => 'password', username => $account->{email}, password => $account->{password}, %more) }
sub whoami ($token) { return call('auth.whoami', {}, key => $token) }

# ---- the wire ----

my $escaped = join '&', 'grant_type=password', "username=$account->{email}" =~ s/@/%40/r, 'password=' . $account->{password} =~ s/ /+/gr;
is_success(post_form('/v1/oauth/token', $escaped), 'a form as browsers write it');
is_success(post_form('/v1/op/oauth.token', $escaped, type => "$form; charset=UTF-8"), 'at both paths, with a charset');
is_success(post_form('/v1/oauth/token', $escaped, headers => [Authorization => 'Basic Og==']), 'a client without a name or a secret');
is_problem(post_form("/v1/oauth/token?$escaped", ''), 400, 'bad_request', 'nothing is taken from the query');
is_problem(get("/v1/oauth/token?$escaped"), 405, 'method_not_allowed', 'nor by GET', headers => { allow => qr/POST/ });
is_problem(post_form('/v1/oauth/token', 'grant_type=password&username=%zz'), 400, 'bad_request', 'a broken escape');
is_problem(post_form('/v1/oauth/token', 'grant_type=password&username=' . 'x' x 300 . '&password=x'), 400, 'bad_request', 'a name without end');
is_problem(post_form('/v1/oauth/token', "grant_type=pass%00word"), 400, 'bad_request', 'a NUL');
is_problem(post_form('/v1/oauth/token', '&&=&=x&grant_type'), 400, 'bad_request', 'nothing at all');
for my $reply (token(grant_type => 'password'), token(grant_type => "\x{201c}x\\"), password(scope => "\x{201c}\"\\"), password(password => 'wrong password'),
    call('oauth.revoke', { token => 'gpra_x' })) {
	my $error = $reply->json;
	like($error->{error_description}, qr/\A[\x20-\x21\x23-\x5b\x5d-\x7e]+\z/, "$error->{error}: its sentence has no other characters than RFC 6749 allows");
	is($reply->media_type, 'application/json', "$error->{error}: and comes as plain JSON");
}

# ---- a session like any other ----

my $tokens = password()->json;
my $sessions = call('auth.sessions.list', {}, key => $tokens->{access_token})->json->{data};
is(scalar(grep { $_->{current} } @$sessions), 1, 'the session is one of the list');
is_success(call('auth.sessions.refresh', { refresh_token => $tokens->{refresh_token} }), 'its refresh token is good there');
is_problem(token(grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token}), 400, 'invalid_grant', 'and spent here then');
is_problem(whoami($tokens->{access_token}), 401, 'unauthenticated', 'which has ended the family');

$tokens = password(scope => 'billing:* members:read')->json;
db_run("UPDATE membership SET role = 'viewer' WHERE user_id = ?", bytes_of($account->{id}));
is_deeply(whoami($tokens->{access_token})->json->{scopes}, ['members:read', 'billing:read'], 'a lower role takes from what was given');
is(token(grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token})->json->{scope}, 'members:read billing:read', 'a refresh tells so');
db_run("UPDATE membership SET role = 'owner' WHERE user_id = ?", bytes_of($account->{id}));
is_deeply(whoami($tokens->{access_token})->json->{scopes}, ['members:read', 'billing:read', 'billing:write'], 'a higher one gives no more than was asked for');
is_problem(call('api_keys.create', { name => 'x', permissions => ['orders:read'] }, key => $tokens->{access_token}), 403, 'forbidden',
    'a narrowed session of an owner is no owner');
is_problem(call($_, {}, key => $tokens->{access_token}), 403, 'forbidden', "nor does it reach $_") for 'auth.sessions.list', 'auth.sessions.revoke';
is_success(request('POST', '/v1/oauth/revoke', type => 'application/x-www-form-urlencoded', body => "token=$tokens->{access_token}"), 'it can be given back');
is_problem(whoami($tokens->{access_token}), 401, 'unauthenticated', 'signing out ends it');

# ---- a key for a while ----

sub client_token ($key, %more) { return token(grant_type => 'client_credentials', client_secret => $key, %more)->json->{access_token} }

my $key = new_key($organization, '*:read', 'api_keys:write');
my $client = client_token($key->{key});
my $child = call('api_keys.create', { name => 'child', permissions => ['billing:read'] }, key => $client);
is_success($child, 'a client\'s token makes a key as its key does');
ok(defined $child->json->{expires_at}, 'which does not outlive the token');
is_problem(call('auth.sessions.list', {}, key => $client), 403, 'human_required', 'it is nobody\'s session');
is_problem(call('api_keys.rotate', { key_id => $key->{id} }, key => $client), 403, 'forbidden', 'nor does it put another in its key\'s place');
is_problem(call('api_keys.create', { name => 'x', permissions => ['billing:read'] }, key => client_token($key->{key}, scope => 'billing:read')), 403, 'forbidden',
    'a narrowed one can do less');
set_clock(3590);
is_success(whoami($client), 'it lives for nearly an hour');
set_clock(3601);
is_problem(whoami($client), 401, 'unauthenticated', 'and no longer');
is_success(whoami($key->{key}), 'its key lives on');
set_clock(0);
$client = client_token($key->{key});
my $rotated = call('api_keys.rotate', { key_id => $key->{id}, overlap_seconds => 0 }, key => $organization->{key})->json;
is_problem(whoami($client), 401, 'unauthenticated', 'when the key is rotated its tokens end with it');
$client = client_token($rotated->{key});
is_success(call('admin.organizations.set', { organization_id => $organization->{id}, status => 'closed' }, key => admin_key), 'the organization closes');
is_problem(whoami($client), 401, 'unauthenticated', 'so does every token of its keys');
done_testing;
