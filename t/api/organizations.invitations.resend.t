#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $owner = new_person($organization, 'owner');
my $admin = new_person($organization, 'admin');
my $true = JSON::PP::true();

sub invite ($who, $email, $role = 'viewer') {
	return call('organizations.members.invite', { email => $email, role => $role, return_token => $true }, key => $who->{key})->json;
}

sub resend ($who, $invitation, %more) {
	return call('organizations.invitations.resend', { invitation_id => $invitation->{id}, %more }, key => $who->{key});
}

sub accept_it ($person, $token, %more) {
	return call('organizations.invitations.accept', { token => $token, %more }, key => $person->{key});
}

my $person = new_person();
my $first = invite($admin, $person->{email});
db_run("UPDATE invitation SET expires_at = '2020-01-01' WHERE id = ?", bytes_of($first->{id}));
my $reply = resend($owner, $first, return_token => $true);
my $second = $reply->json;
is_success($reply, 'an expired invitation is sent again');
is_deeply([@$second{qw(id email role status created_at invited_by)}], [@$first{qw(id email role status created_at invited_by)}], 'it is the same');
isnt($second->{token}, $first->{token}, 'with another token');
is(db_value("SELECT COUNT(*) FROM outbox WHERE kind = 'mail' AND entity_id = ?", bytes_of($first->{id})), 2, 'which goes out by mail');
cmp_ok(db_value("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), expires_at) FROM invitation WHERE id = ?", bytes_of($first->{id})), '>', 7 * 86400 - 60, 'and lives for seven days');
is_problem(accept_it($person, $first->{token}), 404, 'not_found', 'the token of before is dead');
is(resend($admin, $first)->json->{token}, undef, 'a token is shown to who asks alone');
my $third = resend($organization, $first, return_token => $true)->json;
is_success(accept_it($person, $third->{token}), 'the newest works');

is_problem(resend($admin, $first), 409, 'conflict', 'an accepted one is not sent again');
my $refuser = new_person();
my $declined = invite($admin, $refuser->{email});
is_success(accept_it($refuser, $declined->{token}, accept => JSON::PP::false()), 'one is declined');
is_problem(resend($admin, $declined), 409, 'conflict', 'and not sent again');
my $revoked = invite($admin, 'revoked@example.com');
call('organizations.invitations.revoke', { invitation_id => $revoked->{id} }, key => $admin->{key});
is_problem(resend($admin, $revoked), 409, 'conflict', 'nor is a revoked one');
my $back = new_person($organization, 'member');
call('organizations.members.update', { member_id => $back->{id}, is_active => JSON::PP::false() }, key => $admin->{key});
my $needless = invite($admin, $back->{email});
call('organizations.members.update', { member_id => $back->{id}, is_active => $true }, key => $admin->{key});
is_problem(resend($admin, $needless), 409, 'conflict', 'nor one to who is a member meanwhile');

my $owners = invite($owner, 'boss@example.com', 'owner');
is_problem(resend($admin, $owners), 403, 'forbidden', 'an admin sends no owner\'s', members => { required_role => 'owner' });
is_problem(resend($organization, $owners), 403, 'forbidden', 'neither does a key', members => { required_role => 'owner' });
is_success(resend($owner, $owners), 'an owner does');

is_problem(resend($admin, { id => new_ulid() }), 404, 'not_found', 'nothing has this id');
is_problem(resend(new_organization(), $owners), 404, 'not_found', 'another organization\'s is not there');
is_problem(call('organizations.invitations.resend', {}, key => $admin->{key}), 422, 'invalid', 'an id is needed', errors => { '/invitation_id' => 'missing' });
is_problem(resend(new_person($organization, 'member'), $owners), 403, 'forbidden', 'the scope is needed', members => { required_scope => 'members:write' });
call('admin.organizations.set', { organization_id => $organization->{id}, status => 'closed' }, key => admin_key);
is_problem(resend($owner, $owners), 409, 'organization_closed', 'a closed organization sends nothing');
done_testing;
