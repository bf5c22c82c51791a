#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $admin = new_person($organization, 'admin');
my $owner = new_person($organization, 'owner');
my ($true, $false) = (JSON::PP::true(), JSON::PP::false());

sub invite ($email, $role = 'member', $who = $admin) {
	return call('organizations.members.invite', { email => $email, role => $role, return_token => $true }, key => $who->{key})->json;
}

sub answer ($person, $invitation, %more) {
	return call('organizations.invitations.accept', { token => $invitation->{token}, %more }, key => $person->{key});
}

sub role_of ($person, $where = $organization) {
	return db_value('SELECT CONCAT(role, IF(is_active, "", " resting")) FROM membership WHERE organization_id = ? AND user_id = ?', bytes_of($where->{id}), bytes_of($person->{id}));
}

# ---- accepting ----

my $address = 'Somebody.' . new_ulid() . '@Example.com';
my $person = new_person(undef, undef, email => $address);
my $made = invite(lc $address, 'billing');
my $reply = answer($person, $made);
is_success($reply, 'an invitation is accepted');
is_deeply($reply->json, { %$made, status => 'accepted', token => undef }, 'the reply is the invitation');
is(role_of($person), 'billing', 'the person is a member with that role');
is(call('organizations.current', {}, key => $person->{key})->json->{id}, $organization->{id}, 'and the session, which acted for none, acts for the organization');
is_deeply(decode_json(db_value("SELECT data FROM outbox WHERE organization_id = ? AND type = 'member.joined' AND entity_type = 'user' AND entity_id = ?",
    bytes_of($organization->{id}), bytes_of($person->{id}))), { id => $person->{id}, role => 'billing' }, 'an event tells of it');
is(db_value("SELECT COUNT(*) FROM audit WHERE operation = 'organizations.invitations.accept' AND organization_id = ? AND actor_type = 'user' AND actor_id = ? AND target_id = ?",
    bytes_of($organization->{id}), bytes_of($person->{id}), bytes_of($made->{id})), 1, 'the audit of the organization too');
is_problem(answer($person, $made), 409, 'conflict', 'it works once');

my $elsewhere = new_person(my $other = new_organization(), 'owner');
$reply = request('POST', '/v1/orgs/join-with-invite', key => $elsewhere->{key}, body => { token => invite($elsewhere->{email}, 'viewer')->{token}, accept => $true });
is_success($reply, 'the plain route answers alike');
is(role_of($elsewhere), 'viewer', 'who is a member elsewhere joins too');
is(role_of($elsewhere, $other), 'owner', 'and stays there what it was');
is(call('organizations.current', {}, key => $elsewhere->{key})->json->{id}, $other->{id}, 'a session that acts for an organization goes on acting for that');

my $boss = new_person();
is_success(answer($boss, invite($boss->{email}, 'owner', $owner)), 'an owner is invited by an owner');
is(role_of($boss), 'owner', 'and is one');
my %once = (key => (my $twice = new_person())->{key}, idempotency_key => new_ulid());
my $open = invite($twice->{email});
my @replies = map { call('organizations.invitations.accept', { token => $open->{token} }, %once) } 1 .. 2;
is($replies[1]->body, $replies[0]->body, 'repeated with its key, the reply is the same');
is($replies[1]->header('idempotent-replayed'), 'true', 'though the session acts for another organization by then');

# ---- coming back ----

is_success(call('organizations.members.update', { member_id => $person->{id}, is_active => $false }, key => $admin->{key}), 'a member is let rest');
is_success(answer($person, invite($person->{email}, 'viewer')), 'and comes back by an invitation');
is(role_of($person), 'viewer', 'with its role');
is_success(call('organizations.members.remove', { member_id => $person->{id} }, key => $admin->{key}), 'a member is removed');
is_success(answer($person, invite($person->{email}, 'member')), 'and comes back likewise');
is(role_of($person), 'member', 'with that role');
is_success(call('organizations.members.update', { member_id => $person->{id}, is_active => $false }, key => $admin->{key}), 'a member rests');
my $late = invite($person->{email}, 'viewer');
is_success(call('organizations.members.update', { member_id => $person->{id}, is_active => $true, role => 'admin' }, key => $admin->{key}), 'and is woken while invited');
is_problem(answer($person, $late), 409, 'conflict', 'who is a member joins no second time');
is(role_of($person), 'admin', 'and keeps the role');
is_success(answer($person, $late, accept => $false), 'but can decline');

# ---- declining ----

my $refuser = new_person();
my $declined = invite($refuser->{email});
$reply = answer($refuser, $declined, accept => $false);
is_success($reply, 'an invitation is declined');
is($reply->json->{status}, 'declined', 'which shows');
is(role_of($refuser), undef, 'nobody joins by that');
is_problem(answer($refuser, $declined), 409, 'conflict', 'a declined one can not be accepted');

# ---- not for everybody, not for ever ----

my $invited = new_person();
my $theirs = invite($invited->{email});
is_problem(answer(new_person(), $theirs), 404, 'not_found', 'a token is for the address that it went to');
is_problem(answer($admin, $theirs), 404, 'not_found', 'not even for who sent it');
is_problem(answer($invited, { token => Purser::Test::new_token('gpri_') }), 404, 'not_found', 'nobody made this token');
is_problem(answer($invited, { token => 'x' }), 404, 'not_found', 'nor is this one');
is_problem(answer($invited, { token => $invited->{key} }), 404, 'not_found', 'nor a token of another kind');
is_problem(answer($organization, $theirs), 403, 'human_required', 'a key accepts nothing');
is_problem(call('organizations.invitations.accept', { accept => 'yes' }, key => $invited->{key}), 422, 'invalid', 'every fault is named', errors => { '/token' => 'missing', '/accept' => 'wrong_type' });
is_problem(call('organizations.invitations.accept', { token => $theirs->{token} }), 401, 'unauthenticated', 'and nobody accepts unknown');
set_clock(7 * 86400 + 10);
is_problem(answer($invited, $theirs), 409, 'conflict', 'after seven days it has expired');
is_problem(answer($invited, $theirs, accept => $false), 409, 'conflict', 'for declining too');
set_clock(0);
my $newer = invite($invited->{email});
is_problem(answer($invited, $theirs), 409, 'conflict', 'one that a newer took the place of is dead');
is_success(call('admin.organizations.set', { organization_id => $organization->{id}, status => 'closed' }, key => admin_key), 'the organization is closed');
is_problem(answer($invited, $newer), 409, 'organization_closed', 'nobody joins it then');
is(role_of($invited), undef, 'indeed');
is_success(answer($invited, $newer, accept => $false), 'but may decline');
done_testing;
