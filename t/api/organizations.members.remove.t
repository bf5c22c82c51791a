#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $owner = new_person($organization, 'owner');
my $admin = new_person($organization, 'admin');

sub remove ($who, $whom) {
	return call('organizations.members.remove', { member_id => $whom->{id} }, key => $who->{key});
}

my $member = new_person($organization, 'admin');
my $made = new_key($member, 'billing:read');
my $reply = remove($admin, $member);
is_success($reply, 'an admin removes a member');
is_deeply($reply->json, { ok => JSON::PP::true(), id => $member->{id} }, 'who is named');
is_problem(call('organizations.members.get', { member_id => $member->{id} }, key => $admin->{key}), 404, 'not_found', 'and not there any more');
is_problem(call('billing.credits.balance', {}, key => $member->{key}), 403, 'forbidden', 'the person acts for no organization then');
is_success(call('billing.credits.balance', {}, key => $made->{key}), 'while a key that the person made goes on working');
is_deeply(decode_json(db_value("SELECT data FROM outbox WHERE organization_id = ? AND type = 'member.removed' AND entity_type = 'user' AND entity_id = ?",
    bytes_of($organization->{id}), bytes_of($member->{id}))), { id => $member->{id}, role => 'admin' }, 'an event tells of it');
is_problem(remove($admin, $member), 404, 'not_found', 'nobody is removed twice');

is_success(remove($organization, new_person($organization, 'viewer')), 'a key with the scope removes too');
is_problem(remove($admin, $owner), 403, 'forbidden', 'an admin removes no owner', members => { required_role => 'owner' });
is_problem(remove($organization, $owner), 403, 'forbidden', 'neither does a key', members => { required_role => 'owner' });
is_problem(remove($owner, $owner), 409, 'conflict', 'the last owner can not be removed');
my $second = new_person($organization, 'owner');
is_success(call('organizations.members.update', { member_id => $second->{id}, is_active => JSON::PP::false() }, key => $owner->{key}), 'another one rests');
is_problem(remove($owner, $owner), 409, 'conflict', 'and does not count');
is_success(remove($owner, $second), 'but can be removed');
is_success(remove($owner, new_person($organization, 'owner')), 'as can any owner beside the last');
is_success(remove($admin, $admin), 'an admin may go by this way too');

my $stranger = new_person(new_organization(), 'member');
is_problem(remove($owner, $stranger), 404, 'not_found', 'another organization\'s member is not there');
is(db_value('SELECT COUNT(*) FROM membership WHERE user_id = ?', bytes_of($stranger->{id})), 1, 'and stays a member there');
is_problem(remove($owner, { id => new_ulid() }), 404, 'not_found', 'nobody has this id');
is_problem(remove($owner, { id => 'x' }), 422, 'invalid', 'an id is a ULID', errors => { '/member_id' => undef });
is_problem(remove(new_person($organization, 'member'), $owner), 403, 'forbidden', 'a member removes nobody', members => { required_scope => 'members:write' });
my $payer = new_person($organization, 'billing');
is_success(call('organizations.update', { billing_admin_id => $payer->{id} }, key => $owner->{key}), 'a member answers for billing');
is_success(remove($owner, $payer), 'until removed');
is(call('organizations.get', {}, key => $owner->{key})->json->{billing_admin_id}, undef, 'then nobody does');
my $left = new_person($organization, 'viewer');
call('admin.organizations.set', { organization_id => $organization->{id}, status => 'closed' }, key => admin_key);
is_problem(remove($owner, $left), 409, 'organization_closed', 'a closed organization is left as it is');
done_testing;
