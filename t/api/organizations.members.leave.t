#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $owner = new_person($organization, 'owner');

sub leave ($who) { return call('organizations.members.leave', {}, key => $who->{key}) }

for my $role (qw(viewer member billing admin owner)) {
	my $person = new_person($organization, $role);
	my $reply = leave($person);
	is_success($reply, "the role $role may leave");
	is_deeply($reply->json, { ok => JSON::PP::true(), id => $person->{id} }, 'and is told so');
	is_problem(call('organizations.current', {}, key => $person->{key}), 403, 'forbidden', 'the session acts for no organization then');
	is_deeply(decode_json(db_value("SELECT data FROM outbox WHERE organization_id = ? AND type = 'member.removed' AND entity_id = ?", bytes_of($organization->{id}), bytes_of($person->{id}))),
	    { id => $person->{id}, role => $role }, 'an event tells of it');
	is_problem(leave($person), 403, 'forbidden', 'nobody leaves twice');
}
is_problem(leave($owner), 409, 'conflict', 'the last owner stays');
is_success(call('organizations.current', {}, key => $owner->{key}), 'and goes on');
is_problem(leave($organization), 403, 'human_required', 'a key can not leave');
is_problem(leave(new_person()), 403, 'forbidden', 'nor who acts for no organization', members => { required_scope => 'organizations:read' });
is_problem(call('organizations.members.leave', { member_id => $owner->{id} }, key => new_person($organization, 'viewer')->{key}), 422, 'invalid', 'nobody is made to leave',
    errors => { '/member_id' => 'unknown' });

my $both = new_person($organization, 'member');
my $other = new_organization();
db_run("INSERT INTO membership (organization_id, user_id, role, created_at) VALUES (?, ?, 'viewer', '2026-01-01')", bytes_of($other->{id}), bytes_of($both->{id}));
is_success(leave($both), 'a member of two organizations leaves one');
is(db_value('SELECT COUNT(*) FROM membership WHERE user_id = ?', bytes_of($both->{id})), 1, 'and stays in the other');
my $left = new_person($organization, 'viewer');
call('admin.organizations.set', { organization_id => $organization->{id}, status => 'closed' }, key => admin_key);
is_problem(leave($left), 409, 'organization_closed', 'a closed organization is left as it is');
done_testing;
