#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Inbox;

my $organization = new_organization();
my $owner = new_person($organization, 'owner');
my $colleague = new_person($organization, 'admin');
my $nobody = new_person();
my $id = tell($organization, 'organization.reopened');
my $other = tell($organization, 'organization.reopened');

sub mark ($person, $id, %more) { return call('notifications.mark_read', { notification_id => $id }, key => $person->{key}, %more) }

my $marked = mark($owner, $id);
is_success($marked, 'a notification is marked as read');
is($marked->json->{id}, $id, 'and comes back');
like($marked->json->{read_at}, qr/\A\d{4}-.*Z\z/, 'with the time');
is_deeply($marked->json->{organization}, { id => $organization->{id}, name => $organization->{name} }, 'and all the rest');
is_deeply(mark($owner, $id)->json, $marked->json, 'a second time changes nothing');
is_deeply(inbox($owner, unread_only => JSON::PP::true), [$other], 'the other one is still unread');
is_deeply(inbox($colleague, unread_only => JSON::PP::true), [$other, $id], 'and both are for a colleague');

my $mine = tell(undef, 'member.removed', entity_type => 'user', entity_id => $nobody->{id});
is_success(mark($nobody, $mine), 'a person of no organization marks, too');

is_problem(mark($nobody, $id), 404, 'not_found', 'another person\'s is not there');
is_problem(mark($owner, new_ulid()), 404, 'not_found', 'nor is one that nothing has');
is_deeply(inbox($colleague, unread_only => JSON::PP::true), [$other, $id], 'and stays as it was');
call('notifications.dismiss', { notification_id => $other }, key => $owner->{key});
is_problem(mark($owner, $other), 404, 'not_found', 'nor one that was dismissed');

my $twice = tell($organization, 'organization.reopened');
my $first = mark($owner, $twice, idempotency_key => 'mark');
is_success($first, 'with a key');
my $replay = mark($owner, $twice, idempotency_key => 'mark');
is($replay->header('idempotent-replayed'), 'true', 'a repeat is a replay');
is($replay->body, $first->body, 'of the same reply');

is_problem(mark($owner, 'mine'), 422, 'invalid', 'an id is an id', errors => { '/notification_id' => undef });
is_problem(call('notifications.mark_read', {}, key => $owner->{key}), 422, 'invalid', 'and is needed', errors => { '/notification_id' => 'missing' });
is_problem(mark($organization, $id), 403, 'human_required', 'a key has no inbox');
is_problem(call('notifications.mark_read', { notification_id => $id }), 401, 'unauthenticated', 'nor has nobody');
done_testing;
