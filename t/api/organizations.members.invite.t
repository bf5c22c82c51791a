#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $owner = new_person($organization, 'owner');
my $admin = new_person($organization, 'admin');
my ($true, $false) = (JSON::PP::true(), JSON::PP::false());

sub invite ($who, $email, $role, %more) {
	return call('organizations.members.invite', { email => $email, role => $role, %more }, key => $who->{key});
}

sub status_of ($invitation) {
	return db_value('SELECT status FROM invitation WHERE id = ?', bytes_of($invitation->{id}));
}

my $reply = invite($admin, 'New.Person@Example.com', 'billing', return_token => $true);
my $made = $reply->json;
is_success($reply, 'an admin invites an address');
ulid_ok($made->{id}, 'the invitation has an id');
is_deeply($made->{organization}, { id => $organization->{id}, name => $organization->{name} }, 'tells the organization');
is_deeply([@$made{qw(email role status invited_by)}], ['New.Person@Example.com', 'billing', 'pending', $admin->{id}], 'whom, as what and by whom');
like($made->{token}, qr/\Agpri_[A-Za-z0-9]{49}\z/, 'and the token, where it was asked for');
is(db_value('SELECT TIMESTAMPDIFF(SECOND, created_at, expires_at) FROM invitation WHERE id = ?', bytes_of($made->{id})), 7 * 86400, 'it lives for seven days');
is(db_value('SELECT HEX(token_digest) = UPPER(SHA2(?, 256)) FROM invitation WHERE id = ?', $made->{token}, bytes_of($made->{id})), 1, 'only the digest is kept');
is_deeply(decode_json(db_value("SELECT data FROM outbox WHERE type = 'member.invited' AND entity_type = 'invitation' AND entity_id = ?", bytes_of($made->{id}))),
    { id => $made->{id}, role => 'billing' }, 'an event tells of it');
is(db_value("SELECT recipient FROM outbox WHERE kind = 'mail' AND type = 'invitation' AND entity_id = ? AND data NOT LIKE '%gpri\\_%'", bytes_of($made->{id})), 'New.Person@Example.com',
    'a mail is on its way, which shows no token to who reads the row');

# ---- the token is for who asks ----

is(invite($admin, 'quiet@example.com', 'viewer')->json->{token}, undef, 'without asking there is no token');
is(invite($admin, 'quiet@example.com', 'viewer', return_token => $false)->json->{token}, undef, 'nor with false');
my %once = (key => $admin->{key}, idempotency_key => new_ulid());
my @twice = map { call('organizations.members.invite', { email => 'once@example.com', role => 'viewer', return_token => $true }, %once) } 1 .. 2;
is($twice[1]->body, $twice[0]->body, 'repeated with its key, the reply is the same');
is($twice[1]->header('idempotent-replayed'), 'true', 'and nothing was done again');
is(db_value("SELECT COUNT(*) FROM idempotency WHERE reply LIKE '%gpri\\_%'"), 0, 'what is stored of it shows no token');
$reply = request('POST', '/v1/orgs/members', key => $organization->{key}, body => { email => 'plain@example.com', role => 'member' });
is_success($reply, 'the plain route answers alike');
is($reply->json->{invited_by}, undef, 'nobody in person where it was a key');

# ---- one pending invitation an address ----

my $newer = invite($admin, 'new.person@example.COM', 'viewer')->json;
isnt($newer->{id}, $made->{id}, 'a newer invitation to the same address, in any case, is another');
is(status_of($made), 'revoked', 'and takes the place of the first');
is(status_of($newer), 'pending', 'which is pending');
my $other = new_organization();
is_success(invite($other, 'new.person@example.com', 'viewer'), 'another organization invites the same address');
is(status_of($newer), 'pending', 'beside the first');
db_run("UPDATE invitation SET expires_at = '2020-01-01' WHERE id = ?", bytes_of($newer->{id}));
is_success(invite($admin, 'new.person@example.com', 'viewer'), 'an expired one is replaced too');

# ---- members ----

is_problem(invite($admin, uc $owner->{email}, 'viewer'), 409, 'conflict', 'an active member is not invited');
my $resting = new_person($organization, 'member');
call('organizations.members.update', { member_id => $resting->{id}, is_active => $false }, key => $admin->{key});
is_success(invite($admin, $resting->{email}, 'viewer'), 'one who rests is');
is_success(invite($admin, new_person($other, 'owner')->{email}, 'viewer'), 'so is a member of another organization');

# ---- owners ----

is_problem(invite($admin, 'boss@example.com', 'owner'), 403, 'forbidden', 'an admin invites no owner', members => { required_role => 'owner' });
is_problem(invite($organization, 'boss@example.com', 'owner'), 403, 'forbidden', 'neither does a key', members => { required_role => 'owner' });
is_success(invite($owner, 'boss@example.com', 'owner'), 'an owner does');
my $former = new_person($organization, 'owner');
call('organizations.members.update', { member_id => $former->{id}, is_active => $false }, key => $owner->{key});
is_problem(invite($admin, $former->{email}, 'viewer'), 403, 'forbidden', 'an owner who rests is not brought back as something less by an admin');
is_success(invite($owner, $former->{email}, 'viewer'), 'but by an owner');
is_success(call('admin.organizations.set', { organization_id => $organization->{id}, owner_email => 'boss@example.com' }, key => admin_key), 'the operator invites an owner');
is(db_value("SELECT COUNT(*) FROM invitation WHERE organization_id = ? AND email_key = 'boss\@example.com' AND status = 'pending'", bytes_of($organization->{id})), 1, 'in the place of the one before');
is_problem(call('admin.organizations.set', { organization_id => $organization->{id}, owner_email => $admin->{email} }, key => admin_key), 409, 'conflict', 'but no active member');

# ---- refusals ----

is_problem(invite($admin, 'nobody', 'king', return_token => 1), 422, 'invalid', 'every fault is named',
    errors => { '/email' => 'bad_format', '/role' => 'not_allowed', '/return_token' => 'wrong_type' });
is_problem(call('organizations.members.invite', {}, key => $admin->{key}), 422, 'invalid', 'address and role are needed', errors => { '/email' => 'missing', '/role' => 'missing' });
is_problem(invite(new_key($organization, 'members:read'), 'a@example.com', 'viewer'), 403, 'forbidden', 'the scope is needed');
for my $role (qw(billing member viewer)) {
	is_problem(invite(new_person($organization, $role), 'a@example.com', 'viewer'), 403, 'forbidden', "the role $role does not give it", members => { required_scope => 'members:write' });
}
my $narrow = new_key($organization, 'members:*');
is_success(invite($narrow, 'viewer@example.com', 'viewer'), 'a key with members:write invites those who can do little');
is_problem(invite($narrow, 'powerful@example.com', $_), 403, 'forbidden', "but gives the role $_ only with all of its scopes", members => { required_scope => 'organizations:read' }) for qw(billing admin);
is_problem(call('organizations.members.update', { member_id => new_person($organization, 'viewer')->{id}, role => 'admin' }, key => $narrow->{key}), 403, 'forbidden', 'by a change neither');
is_success(invite($organization, 'powerful@example.com', 'admin'), 'as a key of everything does');
my @flood = map { invite($organization, 'flooded@example.com', 'viewer')->status } 1 .. 21;
is_deeply(\@flood, [(200) x 20, 409], 'one address gets twenty invitations an hour');
call('admin.organizations.set', { organization_id => $organization->{id}, status => 'closed' }, key => admin_key);
is_problem(invite($owner, 'late@example.com', 'viewer'), 409, 'organization_closed', 'a closed organization invites nobody');
done_testing;
