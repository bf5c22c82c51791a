#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(encode_base64);
use Purser::Test;
use Purser::SignIn;

my $form = 'application/x-www-form-urlencoded';
my $organization = new_organization();
my $account = new_account;
join_organization($account, $organization, 'billing');

sub token (%form) { return call('oauth.token', \%form) }
sub password (%more) { return token(grant_type => 'password', username => $account->{email}, password => $account->{password}, %more) }
sub refresh ($token, %more) { return token(grant_type => 'refresh_token', refresh_token => $token, %more) }
sub client_credentials (%more) { return token(grant_type => 'client_credentials', %more) }
sub whoami ($reply) { return call('auth.whoami', {}, key => $reply->json->{access_token})->json }

sub by_basic ($id, $secret, %form) {
	return call('oauth.token', { grant_type => 'client_credentials', %form }, headers => [Authorization => 'Basic ' . encode_base64("$id:$secret", '')]);
}

# ---- password and refresh_token ----

my $reply = password();
is_success($reply, 'a password is a grant');
my $tokens = $reply->json;
is_deeply([sort keys %$tokens], [qw(access_token expires_in refresh_token scope token_type)], 'the reply has the members of OAuth');
is_deeply([$tokens->@{qw(token_type expires_in)}], ['Bearer', 3600], 'the type and the life of the token');
like($tokens->{scope}, qr/\Aorganizations:read .*billing:write/, 'and its scopes');
like($reply->header('cache-control'), qr/no-store/, 'nothing may store it');
is(whoami($reply)->{principal_id}, $account->{id}, 'the token is the person\'s');
is_success(request('POST', '/v1/oauth/token', type => $form, body => 'grant_type=refresh_token&refresh_token=' . $tokens->{refresh_token} . '&colour=red&client_id='),
    'a refresh token is a grant; what is not known, or empty, is ignored');
my $stolen = refresh($tokens->{refresh_token});
is_problem($stolen, 400, 'invalid_grant', 'a spent one is refused');
is(audit_row($stolen)->{outcome}, 'invalid_grant', 'which the audit keeps');
is_problem(call('auth.whoami', {}, key => $tokens->{access_token}), 401, 'unauthenticated', 'and its family has ended');
my $wrong = password(password => 'wrong password');
is_problem($wrong, 400, 'invalid_grant', 'a wrong password is refused');
is($wrong->header('www-authenticate'), undef, 'which is no question of who the client is');
is(failures($account->{email}), 1, 'and counts');
is_problem(token(grant_type => 'password', username => new_address, password => 'wrong password'), 400, 'invalid_grant', 'so is an unknown address');
is_problem(refresh('gprr_unknown'), 400, 'invalid_grant', 'and an unknown token');
is_problem(token(grant_type => 'password', username => $account->{email}), 400, 'bad_request', 'a password is needed', members => { error => 'invalid_request' });
is_problem(token(grant_type => 'refresh_token'), 400, 'bad_request', 'or a refresh token');
is_problem(token(), 400, 'bad_request', 'a grant type is needed');
is_problem(token(grant_type => 'authorization_code', code => 'x'), 400, 'unsupported_grant_type', 'others are not offered');
is_problem(request('POST', '/v1/oauth/token', type => $form, body => 'grant_type=password&grant_type=password'), 400, 'bad_request', 'nothing comes twice');
is_problem(request('POST', '/v1/oauth/token', body => { grant_type => 'password' }), 415, 'unsupported_media_type', 'the body is a form');
is_problem(request('POST', '/v1/oauth/token', type => $form, body => 'grant_type=%ff'), 400, 'bad_request', 'in UTF-8');

# ---- scope ----

my $narrow = password(scope => 'billing:read orders:read');
is_success($narrow, 'less can be asked for');
is($narrow->json->{scope}, 'billing:read orders:read', 'and is given');
is_deeply(whoami($narrow)->{scopes}, ['billing:read', 'orders:read'], 'the token holds no more');
is_success(call('billing.credits.balance', {}, key => $narrow->json->{access_token}), 'what it holds it may do');
is_problem(call('organizations.members.list', {}, key => $narrow->json->{access_token}), 403, 'forbidden', 'and nothing else');
my $refreshed = refresh($narrow->json->{refresh_token});
is($refreshed->json->{scope}, 'billing:read orders:read', 'a refresh keeps it so');
my $narrower = refresh($refreshed->json->{refresh_token}, scope => 'billing:*');
is_problem($narrower, 400, 'invalid_scope', 'a wildcard needs all that it covers');
$narrower = refresh($refreshed->json->{refresh_token}, scope => 'billing:read');
is($narrower->json->{scope}, 'billing:read', 'the refused token was not spent, and less can be asked for again');
is_deeply(whoami($narrower)->{scopes}, ['billing:read'], 'the access token is so narrow');
is(refresh($narrower->json->{refresh_token})->json->{scope}, 'billing:read orders:read', 'the refresh token is not');
is(password(scope => 'billing:*')->json->{scope}, 'billing:read billing:write', 'a wildcard is its scopes');
is_problem(password(scope => $_), 400, 'invalid_scope', "the scope '$_' is refused") for 'orders:write', 'billing:read api_keys:read', 'moon:walk', 'admin:read', ' ';
is(failures($account->{email}), 0, 'these were no failures');

# ---- client_credentials ----

my $key = new_key($organization, 'billing:*', 'orders:read');
my $client = client_credentials(client_secret => $key->{key});
is_success($client, 'an API key is a client');
is($client->json->{scope}, 'billing:read billing:write orders:read', 'the token holds what the key does');
is_deeply([sort keys $client->json->%*], [qw(access_token expires_in scope token_type)], 'and there is nothing to refresh');
is_deeply([$client->json->@{qw(expires_in token_type)}], [3600, 'Bearer'], 'for an hour');
like($client->json->{access_token}, qr/\Agprc_[0-9A-Za-z]{49}\z/, 'it has a form of its own');
is_deeply([whoami($client)->@{qw(principal_type principal_id)}], ['api_key', $key->{id}], 'it is the key');
is_success(call('billing.credits.balance', {}, key => $client->json->{access_token}), 'and calls like it');
is_deeply([audit_row($client)->@{qw(actor_type actor_id organization_id)}], ['api_key', bytes_of($key->{id})->$*, bytes_of($organization->{id})->$*],
    'the audit names the key');
is_deeply([secret_stands_in($client->json->{access_token})], [], 'the token itself stands nowhere');
is(client_credentials(client_secret => $key->{key}, scope => 'billing:read')->json->{scope}, 'billing:read', 'less can be asked for');
is_problem(client_credentials(client_secret => $key->{key}, scope => 'usage:read'), 400, 'invalid_scope', 'but no more');
is_success(client_credentials(client_id => $_, client_secret => $key->{key}), "the client's name is $_") for $key->{id}, lc $key->{id}, $key->{prefix};
is_success(by_basic($_, $key->{key}), "by HTTP Basic, as '$_'") for '', $key->{id}, $key->{prefix} =~ s/_/%5F/r;
is_problem(client_credentials(client_id => 'somebody', client_secret => $key->{key}), 401, 'invalid_client', 'a name that is not the key\'s is refused');
is_problem(by_basic('somebody', $key->{key}), 401, 'invalid_client', 'by HTTP Basic, too', headers => { 'www-authenticate' => qr/\ABasic realm=/ });
is_problem(client_credentials(), 401, 'invalid_client', 'without a secret');
is_problem(client_credentials(client_secret => 'gpra_unknown'), 401, 'invalid_client', 'with an unknown one', headers => { 'www-authenticate' => qr/\ABasic realm=/ });
is_problem(client_credentials(client_secret => admin_key), 401, 'invalid_client', 'with an operator\'s key');
is_problem(client_credentials(client_secret => $client->json->{access_token}), 401, 'invalid_client', 'with what is no key');
is_problem(call('oauth.token', { grant_type => 'client_credentials', client_secret => $key->{key} }, headers => [Authorization => 'Basic ' . encode_base64(":$key->{key}", '')]),
    400, 'bad_request', 'one way is enough');
is_problem(call('oauth.token', { grant_type => 'client_credentials' }, headers => [Authorization => "Basic $_"]), 401, 'invalid_client', "broken credentials: $_")
    for '!', 'eA==', encode_base64('%zz:x', ''), encode_base64("x:\xff", ''), encode_base64(":$key->{key}", '') =~ s/=+\z//r;
is_success(password(client_secret => $key->{key}), 'a client may stand behind a person\'s grant');
is_problem(password(client_secret => 'gpra_unknown'), 401, 'invalid_client', 'and has to be right then');

call('api_keys.revoke', { key_id => $key->{id} }, key => $organization->{key});
is_problem(client_credentials(client_secret => $key->{key}), 401, 'invalid_client', 'a revoked key is none any more');
is_problem(call('billing.credits.balance', {}, key => $client->json->{access_token}), 401, 'unauthenticated', 'nor is a token that it gave');
my $brief = first_key($organization->{id}, ['billing:read'], expires_at => db_value("SELECT UTC_TIMESTAMP(6) + INTERVAL 100 SECOND"));
my $left = client_credentials(client_secret => $brief->{key})->json->{expires_in};
ok($left > 60 && $left <= 100, 'a token lives no longer than its key');
my $past = first_key($organization->{id}, ['billing:read'], expires_at => db_value("SELECT UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"));
is_problem(client_credentials(client_secret => $past->{key}), 401, 'invalid_client', 'an expired key is refused');
my $closed = new_organization();
call('admin.organizations.set', { organization_id => $closed->{id}, status => 'closed' }, key => admin_key);
is_problem(client_credentials(client_secret => $closed->{key}), 401, 'invalid_client', 'so is one of a closed organization');

# ---- locked ----

password(password => 'wrong password') for 1 .. 10;
is_problem(password(), 429, 'rate_limited', 'an address that is locked is locked here', members => { error => 'temporarily_unavailable' });
done_testing;
