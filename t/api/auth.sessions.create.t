#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256);
use Purser::Test;
use Purser::SignIn;

my ($first, $second, $foreign) = map { new_organization() } 1 .. 3;
my $account = new_account;
my $reply = call('auth.sessions.create', { email => $account->{email}, password => $account->{password} }, headers => ['User-Agent' => 'Browser/7']);
is_success($reply, 'a person signs in');
my $alone = $reply->json;
like($alone->{access_token}, qr/\Agprs_[0-9A-Za-z]{49}\z/, 'the access token has a form of its own');
like($alone->{refresh_token}, qr/\Agprr_[0-9A-Za-z]{49}\z/, 'so has the refresh token');
is($alone->{token_type}, 'Bearer', 'it is a bearer token');
is($alone->{expires_in}, 3600, 'for an hour');
is_deeply([$alone->@{qw(organization_id scope)}], [undef, ''], 'without a membership there is no organization and no scope');
is(call('auth.whoami', {}, key => $alone->{access_token})->json->{principal_id}, $account->{id}, 'the token is the person\'s');
like($reply->header('cache-control'), qr/no-store/, 'nothing may store it');

my $session = db_run('SELECT s.* FROM session s JOIN session_token t ON t.session_id = s.id WHERE t.digest = ?', \sha256($alone->{access_token}))->fetchrow_hashref;
is($session->{user_agent}, 'Browser/7', 'the session knows with what');
like($session->{address}, qr/\A(?:127\.|::1)/, 'and from where');
my $audit = audit_row($reply);
is_deeply([$audit->@{qw(actor_type outcome operation target_id)}], ['user', 'ok', 'auth.sessions.create', $session->{id}], 'the audit has the session');
is($audit->{actor_id}, bytes_of($account->{id})->$*, 'and the person');
is_deeply([map { secret_stands_in($_) } $alone->@{qw(access_token refresh_token)}], [], 'the tokens themselves stand nowhere');

# ---- organizations ----

join_organization($account, $second, 'viewer', 10);
join_organization($account, $first, 'billing', 20);
my $oldest = session_of($account);
is($oldest->{organization_id}, $first->{id}, 'a member acts for the first of the organizations');
is($oldest->{scope}, 'organizations:read members:read billing:read billing:write orders:read usage:read notifications:read notifications:write',
    'with the scopes of the role there');
my $named = session_of($account, organization_id => $second->{id});
is($named->{organization_id}, $second->{id}, 'or for the one that is named');
is_success(call('billing.credits.balance', {}, key => $named->{access_token}), 'the token is good for it');
is_problem(sign_in($account, organization_id => $foreign->{id}), 404, 'not_found', 'an organization of others does not exist');
is_problem(sign_in($account, organization_id => new_ulid()), 404, 'not_found', 'nor one that nobody has');
is_problem(call('auth.sessions.create', { email => $account->{email}, password => 'wrong password', organization_id => $foreign->{id} }), 401,
    'unauthenticated', 'which nobody hears without the password');
db_run('UPDATE membership SET is_active = FALSE WHERE user_id = ? AND organization_id = ?', bytes_of($account->{id}), bytes_of($first->{id}));
is_problem(sign_in($account, organization_id => $first->{id}), 404, 'not_found', 'a membership that was set aside is none');
is(session_of($account)->{organization_id}, $second->{id}, 'and the next is the first');
db_run('UPDATE membership SET is_active = TRUE WHERE user_id = ?', bytes_of($account->{id}));
is_success(call('admin.organizations.set', { organization_id => $first->{id}, status => 'closed' }, key => admin_key), 'the first closes');
is(session_of($account)->{organization_id}, $second->{id}, 'one that is in use is preferred');
is_success(sign_in($account, organization_id => $first->{id}), 'the closed one can be named, to be read');

# ---- refusals ----

my $wrong = call('auth.sessions.create', { email => $account->{email}, password => 'wrong password' });
is_problem($wrong, 401, 'unauthenticated', 'a wrong password is refused');
my $unknown = call('auth.sessions.create', { email => new_address, password => 'wrong password' });
is_problem($unknown, 401, 'unauthenticated', 'so is an unknown address');
is($unknown->body =~ s/@{[$unknown->header("x-request-id")]}//gr, $wrong->body =~ s/@{[$wrong->header("x-request-id")]}//gr, 'in the same words');
$audit = audit_row($wrong);
is_deeply([$audit->@{qw(outcome target_id organization_id actor_type)}],
    ['unauthenticated', bytes_of($account->{id})->$*, bytes_of($second->{id})->$*, 'nobody'], 'the audit has the refusal, the person and the organization');
is_deeply([audit_row($unknown)->@{qw(outcome target_id)}], ['unauthenticated', undef], 'and that of an unknown address');
is_problem(call('auth.sessions.create', { email => new_person($second, 'viewer')->{email}, password => 'whatever it is' }), 401, 'unauthenticated',
    'who has no password can not sign in by one');
is_problem(call('auth.sessions.create', { email => 'nobody', password => '' }), 422, 'invalid', 'faults are named',
    errors => { '/email' => 'bad_format', '/password' => 'too_short' });
is_problem(call('auth.sessions.create', {}), 422, 'invalid', 'both are needed', errors => { '/email' => 'missing', '/password' => 'missing' });

my $key = 'sign-in-' . new_ulid();
my @twice = map { call('auth.sessions.create', { email => $account->{email}, password => $account->{password} }, idempotency_key => $key)->json->{access_token} } 1, 2;
isnt($twice[0], $twice[1], 'an idempotency key is ignored');
done_testing;
