#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::SignIn;

my $account = new_account;
my ($first, $second, $third, $fourth) = map { session_of($account) } 1 .. 4;
my @ids = map { $_->{id} } reverse call('auth.sessions.list', {}, key => $first->{access_token})->json->{data}->@*;

sub works ($session) { return call('auth.whoami', {}, key => $session->{access_token})->status == 200 }
sub revoke ($session, %body) { return call('auth.sessions.revoke', \%body, key => $session->{access_token}) }

my $reply = revoke($first);
is_success($reply, 'a person signs out');
is_deeply($reply->json, { ok => JSON::PP::true, id => $ids[0], ended => 1 }, 'of this session');
ok(!works($first), 'its token is refused on the next request');
is_problem(call('auth.sessions.refresh', { refresh_token => $first->{refresh_token} }), 401, 'unauthenticated', 'and so is its refresh token');
ok(works($second), 'the others live on');
is(audit_row($reply)->{target_id}, bytes_of($ids[0])->$*, 'the audit has the session');

is_deeply(revoke($second, session_id => $ids[2])->json, { ok => JSON::PP::true, id => $ids[2], ended => 1 }, 'another session can be named');
ok(!works($third), 'and has ended');
is_deeply(revoke($second, session_id => $ids[2])->json, { ok => JSON::PP::true, id => $ids[2], ended => 0 }, 'naming it again changes nothing');
is_deeply(revoke($second, others => JSON::PP::true)->json, { ok => JSON::PP::true, id => undef, ended => 1 }, 'or all others');
ok(!works($fourth), 'which have ended');
ok(works($second), 'but not this one');
is_deeply(revoke($second, others => JSON::PP::false)->json->{id}, $ids[1], 'others: false is as good as nothing');

my ($mine, $theirs) = (new_person, new_person);
is_problem(revoke({ access_token => $mine->{key} }, session_id => $theirs->{session_id}), 404, 'not_found', 'the session of another person does not exist');
is_problem(revoke({ access_token => $mine->{key} }, session_id => new_ulid()), 404, 'not_found', 'nor one that nobody has');
ok(works({ access_token => $theirs->{key} }), 'and theirs lives on');
is_problem(revoke({ access_token => $mine->{key} }, session_id => $mine->{session_id}, others => JSON::PP::true), 422, 'invalid',
    'one or all others, not both', errors => { '/session_id' => 'conflict' });
is_problem(revoke({ access_token => new_organization()->{key} }), 403, 'human_required', 'an API key does not sign out');

SKIP: {
	my $person = new_person;
	my $outside = outside_token($person) // skip('no identity provider is configured; run ./check', 4);
	is_problem(call('auth.sessions.revoke', {}, key => $outside), 409, 'conflict', 'a token of another service has no session here');
	ok(works({ access_token => $person->{key} }), 'so none has ended');
	is(call('auth.sessions.revoke', { others => JSON::PP::true }, key => $outside)->json->{ended}, 1, 'but the sessions here can be ended by it');
	ok(!works({ access_token => $person->{key} }), 'all of them');
}
done_testing;
