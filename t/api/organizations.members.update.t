#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $owner = new_person($organization, 'owner');
my $admin = new_person($organization, 'admin');
my $member = new_person($organization, 'member');
my ($true, $false) = (JSON::PP::true(), JSON::PP::false());

sub update ($who, $whom, %fields) {
	return call('organizations.members.update', { member_id => $whom->{id}, %fields }, key => $who->{key});
}

sub events ($person) {
	return map { decode_json($_) } db_column("SELECT data FROM outbox WHERE organization_id = ? AND type = 'member.updated' AND entity_type = 'user' AND entity_id = ? ORDER BY id",
	    bytes_of($organization->{id}), bytes_of($person->{id}));
}

my $reply = update($admin, $member, role => 'billing');
is_success($reply, 'an admin changes a role');
is($reply->json->{role}, 'billing', 'which shows');
is($reply->body, call('organizations.members.get', { member_id => $member->{id} }, key => $admin->{key})->body, 'the reply is the member');
is_deeply([events($member)], [{ id => $member->{id}, role => 'billing' }], 'an event tells the new role');
is(update($admin, $member, is_active => $false)->json->{is_active}, $false, 'a member is let rest');
is_success(update($organization, $member, role => 'viewer', is_active => $true), 'and both is changed at once, by a key');
is_deeply((events($member))[-1], { id => $member->{id}, role => 'viewer', is_active => $true }, 'the event tells both');
is(db_value('SELECT HEX(target_id) FROM audit WHERE organization_id = ? AND operation = ? ORDER BY id DESC LIMIT 1', bytes_of($organization->{id}), 'organizations.members.update'),
    uc unpack('H*', bytes_of($member->{id})->$*), 'the audit names the person');

my $count = () = events($member);
is_success(update($admin, $member, role => 'viewer', is_active => $true), 'what changes nothing is fine');
is_success(update($admin, $member), 'so is nothing at all');
is_success(update($admin, $owner, role => 'owner'), 'an owner may be called one by anybody');
is(scalar(() = events($member)) + events($owner), $count, 'and no event tells of it');

# ---- owners ----

for my $case ([$admin, $member, 'an admin makes no owner', role => 'owner'], [$admin, $admin, 'not even of themself', role => 'owner'],
    [$admin, $owner, 'an admin takes no owner\'s role', role => 'admin'], [$admin, $owner, 'nor lets one rest', is_active => $false],
    [$organization, $member, 'a key makes no owner', role => 'owner'], [$organization, $owner, 'nor takes one\'s role', role => 'viewer']) {
	my ($who, $whom, $name, %fields) = @$case;
	is_problem(update($who, $whom, %fields), 403, 'forbidden', $name, members => { required_role => 'owner' });
}
is_problem(update($owner, $owner, role => 'admin'), 409, 'conflict', 'the last owner can not be anything less');
is_problem(update($owner, $owner, is_active => $false), 409, 'conflict', 'nor rest');
is(db_value("SELECT COUNT(*) FROM membership WHERE organization_id = ? AND role = 'owner' AND is_active", bytes_of($organization->{id})), 1, 'and stays what it was');

is_success(update($owner, $admin, role => 'owner', is_active => $false), 'an owner makes another, who rests');
is_problem(update($owner, $owner, role => 'admin'), 409, 'conflict', 'which does not count');
is_problem(update($organization, $admin, is_active => $true), 403, 'forbidden', 'nobody else wakes an owner');
is_success(update($owner, $admin, is_active => $true), 'until it is active');
is_success(update($owner, $owner, role => 'viewer'), 'then the first can go down');
is_problem(update($owner, $member, role => 'member'), 403, 'forbidden', 'and has no say any more', members => { required_scope => 'members:write' });
is_success(update($admin, $owner, role => 'owner'), 'until the other brings it back');
is_success(update($owner, $admin, role => 'admin'), 'an owner takes another\'s role');
is(update($admin, $admin, role => 'member')->json->{role}, 'member', 'an admin may step down');

# ---- refusals ----

my $stranger = new_person(new_organization(), 'member');
is_problem(update($owner, $stranger, role => 'viewer'), 404, 'not_found', 'another organization\'s member is not there');
is_problem(update($owner, { id => new_ulid() }, role => 'viewer'), 404, 'not_found', 'nobody has this id');
is_problem(update($owner, $member, role => 'king'), 422, 'invalid', 'there is no such role', errors => { '/role' => 'not_allowed' });
is_problem(update($owner, $member, is_active => 'yes', name => 'x'), 422, 'invalid', 'every fault is named', errors => { '/is_active' => 'wrong_type', '/name' => 'unknown' });
is_problem(update(new_key($organization, 'members:read'), $member, role => 'viewer'), 403, 'forbidden', 'the scope is needed');
for my $role (qw(billing member viewer)) {
	is_problem(update(new_person($organization, $role), $member, role => 'viewer'), 403, 'forbidden', "the role $role does not give it");
}
my $payer = new_person($organization, 'billing');
call('organizations.update', { billing_admin_id => $payer->{id} }, key => $owner->{key});
update($owner, $payer, is_active => $false);
is(call('organizations.get', {}, key => $owner->{key})->json->{billing_admin_id}, undef, 'who rests answers for billing no more');
call('admin.organizations.set', { organization_id => $organization->{id}, status => 'closed' }, key => admin_key);
is_problem(update($owner, $member, role => 'member'), 409, 'organization_closed', 'a closed organization is left as it is');
done_testing;
