#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $owner = new_person($organization, 'owner');
my $admin = new_person($organization, 'admin');
my $person = new_person();

sub invite ($email, $role = 'viewer') {
	return call('organizations.members.invite', { email => $email, role => $role, return_token => JSON::PP::true() }, key => $owner->{key})->json;
}

sub revoke ($who, $invitation) {
	return call('organizations.invitations.revoke', { invitation_id => $invitation->{id} }, key => $who->{key});
}

my $made = invite($person->{email});
my $reply = revoke($admin, $made);
is_success($reply, 'an invitation is withdrawn');
is_deeply($reply->json, { ok => JSON::PP::true(), id => $made->{id} }, 'which says so');
is_problem(call('organizations.invitations.accept', { token => $made->{token} }, key => $person->{key}), 409, 'conflict', 'its token is dead');
is(call('organizations.invitations.list', { status => 'revoked' }, key => $admin->{key})->json->{data}[0]{id}, $made->{id}, 'it is listed as such');
my $when = db_value('SELECT decided_at FROM invitation WHERE id = ?', bytes_of($made->{id}));
is_success(revoke($organization, $made), 'doing it again is fine, by a key too');
is(db_value('SELECT decided_at FROM invitation WHERE id = ?', bytes_of($made->{id})), $when, 'and changes nothing');
is_success(revoke($admin, invite('boss@example.com', 'owner')), 'to withdraw gives nobody a role: any admin may');
my $expired = invite('late@example.com');
db_run("UPDATE invitation SET expires_at = '2020-01-01' WHERE id = ?", bytes_of($expired->{id}));
is_success(revoke($admin, $expired), 'an expired one is withdrawn too');

my $used = invite($person->{email});
is_success(call('organizations.invitations.accept', { token => $used->{token} }, key => $person->{key}), 'one is accepted');
is_problem(revoke($admin, $used), 409, 'conflict', 'and can not be withdrawn');
is_success(call('organizations.members.get', { member_id => $person->{id} }, key => $admin->{key}), 'the member stays');

my $open = invite('open@example.com');
is_problem(revoke($admin, { id => new_ulid() }), 404, 'not_found', 'nothing has this id');
is_problem(revoke(new_organization(), $open), 404, 'not_found', 'another organization\'s is not there');
is(db_value('SELECT status FROM invitation WHERE id = ?', bytes_of($open->{id})), 'pending', 'and stays open');
is_problem(call('organizations.invitations.revoke', {}, key => $admin->{key}), 422, 'invalid', 'an id is needed', errors => { '/invitation_id' => 'missing' });
is_problem(revoke(new_person($organization, 'viewer'), $open), 403, 'forbidden', 'the scope is needed', members => { required_scope => 'members:write' });
call('admin.organizations.set', { organization_id => $organization->{id}, status => 'closed' }, key => admin_key);
is_problem(revoke($owner, $open), 409, 'organization_closed', 'a closed organization is left as it is');
done_testing;
