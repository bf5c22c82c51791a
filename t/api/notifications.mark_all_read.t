#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Inbox;

my ($organization, $second) = map { new_organization() } 1 .. 2;
my $owner = new_person($organization, 'owner');
my $colleague = new_person($organization, 'owner');
my $nobody = new_person();
join_organization($owner, $second, 'member');

sub mark_all ($person, %more) { return call('notifications.mark_all_read', {}, key => $person->{key}, %more) }
sub read_at ($id) { return db_value('SELECT read_at FROM notification WHERE user_id = ? AND id = ?', bytes_of($owner->{id}), bytes_of($id)) }

my @ids = map { tell($_, 'organization.reopened') } $organization, $second, $organization, $organization;
call('notifications.mark_read', { notification_id => $ids[0] }, key => $owner->{key});
call('notifications.dismiss', { notification_id => $ids[3] }, key => $owner->{key});
my $before = read_at($ids[0]);
my $marked = mark_all($owner);
is_success($marked, 'the whole inbox is marked');
is_deeply($marked->json, { marked => 2 }, 'what was read or dismissed before does not count');
is_deeply(inbox($owner, unread_only => JSON::PP::true), [], 'nothing is unread');
is_deeply(inbox($owner), [@ids[2, 1, 0]], 'everything is still there');
is(read_at($ids[0]), $before, 'what was read keeps its time');
is(read_at($ids[3]), undef, 'what was dismissed is left alone');
is_deeply(mark_all($owner)->json, { marked => 0 }, 'again there is nothing to mark');
is(scalar inbox($colleague, unread_only => JSON::PP::true)->@*, 3, 'a colleague\'s inbox is as before');
is_deeply(mark_all($nobody)->json, { marked => 0 }, 'a person of no organization has an inbox, too');

my $first = mark_all($colleague, idempotency_key => 'all');
is_deeply($first->json, { marked => 3 }, 'with a key');
tell($organization, 'organization.reopened');
is(mark_all($colleague, idempotency_key => 'all')->body, $first->body, 'a repeat answers the same');
is(scalar inbox($colleague, unread_only => JSON::PP::true)->@*, 1, 'and marks nothing new');

is_problem(mark_all($organization), 403, 'human_required', 'a key has no inbox');
is_problem(call('notifications.mark_all_read', {}), 401, 'unauthenticated', 'nor has nobody');
is_problem(call('notifications.mark_all_read', { unread_only => 1 }, key => $owner->{key}), 422, 'invalid', 'it takes nothing',
    errors => { '/unread_only' => 'unknown' });
done_testing;
