#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::SignIn;

my ($one, $two, $foreign) = map { new_organization(name => "Switch $_") } qw(one two three);
my $person = new_person($one, 'viewer');
join_organization($person, $two, 'billing');

sub whoami () { return call('auth.whoami', {}, key => $person->{key})->json }

my $reply = call('auth.sessions.switch', { organization_id => $two->{id} }, key => $person->{key});
is_success($reply, 'a person switches to another organization');
is_deeply($reply->json, { session_id => $person->{session_id}, organization => { id => $two->{id}, name => 'Switch two' }, role => 'billing',
	scope => 'organizations:read members:read billing:read billing:write orders:read usage:read notifications:read notifications:write' },
    'the reply tells where the session is now, and what it holds there');
is(whoami->{organization}{id}, $two->{id}, 'the same token acts for it from then on');
is(whoami->{role}, 'billing', 'in the role there');
is(audit_row($reply)->{organization_id}, bytes_of($two->{id})->$*, 'the audit of that organization has it');
is_success(request('PATCH', "/v1/orgs/switch/$one->{id}", key => $person->{key}), 'PATCH of the plain route does the same');
is(whoami->{organization}{id}, $one->{id}, 'so it is the first again');
is_success(request('PATCH', "/v1/orgs/switch/$one->{id}", key => $person->{key}, body => {}), 'switching to where one is changes nothing');

is_problem(call('auth.sessions.switch', { organization_id => $foreign->{id} }, key => $person->{key}), 404, 'not_found', 'an organization of others does not exist');
is_problem(request('PATCH', "/v1/orgs/switch/$foreign->{id}", key => $person->{key}), 404, 'not_found', 'by the plain route neither');
is_problem(call('auth.sessions.switch', { organization_id => new_ulid() }, key => $person->{key}), 404, 'not_found', 'nor one that nobody has');
db_run('UPDATE membership SET is_active = FALSE WHERE organization_id = ? AND user_id = ?', bytes_of($two->{id}), bytes_of($person->{id}));
is_problem(call('auth.sessions.switch', { organization_id => $two->{id} }, key => $person->{key}), 404, 'not_found', 'a membership that was set aside is none');
is(whoami->{organization}{id}, $one->{id}, 'who was refused stays');
is_problem(call('auth.sessions.switch', {}, key => $person->{key}), 422, 'invalid', 'the organization is needed', errors => { '/organization_id' => 'missing' });
is_problem(call('auth.sessions.switch', { organization_id => $one->{id} }, key => $one->{key}), 403, 'human_required', 'an API key has its organization for ever');

db_run('UPDATE session SET scopes = ? WHERE id = ?', 'billing:read orders:read', bytes_of($person->{session_id}));
is_problem(call('auth.sessions.switch', { organization_id => $one->{id} }, key => $person->{key}), 403, 'forbidden',
    'a session that was narrowed stays where it is');

SKIP: {
	my $outside = outside_token($person) // skip('no identity provider is configured; run ./check', 1);
	is_problem(call('auth.sessions.switch', { organization_id => $one->{id} }, key => $outside), 409, 'conflict',
	    'a token of another service names its organization itself');
}
done_testing;
