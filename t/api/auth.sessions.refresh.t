#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256);
use Purser::Test;
use Purser::SignIn;

my $organization = new_organization();
my $account = new_account;
join_organization($account, $organization, 'viewer');

sub refresh ($token) { return call('auth.sessions.refresh', { refresh_token => $token }) }
sub works ($token) { return call('auth.whoami', {}, key => $token)->status == 200 }

my $first = session_of($account);
my $reply = refresh($first->{refresh_token});
is_success($reply, 'a refresh token gives new tokens');
my $second = $reply->json;
is_deeply([sort keys %$second], [sort keys %$first], 'the reply is that of a sign-in');
is($second->{organization_id}, $organization->{id}, 'for the same organization');
is($second->{scope}, $first->{scope}, 'with the same scopes');
isnt($second->{$_}, $first->{$_}, "the $_ is another") for qw(access_token refresh_token);
ok(works($second->{access_token}), 'the new access token works');
ok(works($first->{access_token}), 'the one of before lives on to its end');
is_deeply([map { audit_row($reply)->{$_} } qw(actor_type outcome)], ['user', 'ok'], 'the audit names the person');
is(db_value('SELECT COUNT(*) FROM session WHERE user_id = ?', bytes_of($account->{id})), 1, 'it is one session');
is_problem(call('auth.whoami', {}, key => $second->{refresh_token}), 401, 'unauthenticated', 'a refresh token is not good for calling');
is_problem(refresh($second->{access_token}), 401, 'unauthenticated', 'nor an access token for refreshing');
is_problem(refresh('gprr_unknown'), 401, 'unauthenticated', 'an unknown one is refused');
is(audit_row(refresh('gprr_unknown'))->{id}, undef, 'which leaves no row');
is_problem(refresh(''), 422, 'invalid', 'an empty one is a fault', errors => { '/refresh_token' => 'too_short' });

db_run("UPDATE membership SET role = 'owner' WHERE user_id = ?", bytes_of($account->{id}));
my $third = refresh($second->{refresh_token})->json;
like($third->{scope}, qr/billing:write/, 'a changed role shows');
db_run('DELETE FROM membership WHERE user_id = ?', bytes_of($account->{id}));
my $fourth = refresh($third->{refresh_token})->json;
is_deeply([$fourth->@{qw(organization_id scope)}], [undef, ''], 'who was removed goes on without an organization');

# ---- a spent one ----

my $other = session_of($account);
my $again = refresh($first->{refresh_token});
is_problem($again, 401, 'unauthenticated', 'a spent refresh token is refused');
ok(!works($_->{access_token}), 'and ends every access token of its family') for $first, $second, $third, $fourth;
is_problem(refresh($fourth->{refresh_token}), 401, 'unauthenticated', 'with the newest refresh token');
is_deeply([audit_row($again)->@{qw(outcome operation)}], ['unauthenticated', 'auth.sessions.refresh'], 'the audit has it');
is(audit_row($again)->{target_id}, db_value('SELECT session_id FROM session_token WHERE digest = ?', \sha256($first->{refresh_token})), 'and the session');
ok(works($other->{access_token}), 'another session of the person is none of that family');
is(audit_row(refresh($first->{refresh_token}))->{id}, undef, 'what has ended ends once');

# ---- time ----

my $late = session_of($account);
set_clock(3601);
ok(!works($late->{access_token}), 'an access token ends after an hour');
set_clock(13 * 86400);
my $later = refresh($late->{refresh_token});
is_success($later, 'after 13 days the session can be refreshed');
set_clock(14 * 86400 + 60);
is_problem(refresh($other->{refresh_token}), 401, 'unauthenticated', 'after 14 it can not');
set_clock(26 * 86400);
is_success(refresh($later->json->{refresh_token}), 'the days are counted from the last time');
set_clock(0);

# ---- two at once ----

my $race = session_of($account);
my @lines = at_once((sub ($client) { return call('auth.sessions.refresh', { refresh_token => $race->{refresh_token} }, client => $client)->status }) x 8);
is(scalar(grep { $_ == 200 } @lines), 1, 'of eight at once with one token one succeeds');
is(scalar(grep { $_ == 401 } @lines), 7, 'the others are refused') or diag join ', ', @lines;
is(db_value('SELECT ended_at IS NOT NULL FROM session s JOIN session_token t ON t.session_id = s.id WHERE t.digest = ?', \sha256($race->{refresh_token})), 1,
    'and the session has ended');
done_testing;
