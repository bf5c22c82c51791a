#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Inbox;

my ($organization, $second) = map { new_organization() } 1 .. 2;
my $owner = new_person($organization, 'owner');
my $nobody = new_person();
join_organization($owner, $second, 'admin');

sub unread ($person) { return call('notifications.unread_count', {}, key => $person->{key})->json }

my $none = call('notifications.unread_count', {}, key => $owner->{key});
is_success($none, 'an empty inbox is counted');
is_deeply($none->json, { unread => 0 }, 'as 0');
my @ids = map { tell($_, 'organization.reopened') } $organization, $second, $organization, $second;
is_deeply(unread($owner), { unread => 4 }, 'each organization\'s count');
call('notifications.mark_read', { notification_id => $ids[0] }, key => $owner->{key});
is_deeply(unread($owner), { unread => 3 }, 'what is read does not');
call('notifications.dismiss', { notification_id => $_ }, key => $owner->{key}) for @ids[0, 1];
is_deeply(unread($owner), { unread => 2 }, 'nor what is dismissed');
is_deeply(unread($nobody), { unread => 0 }, 'nobody counts another\'s');
is_success(get('/v1/notifications/unread_count', key => $nobody->{key}), 'GET answers, too');
is_problem(call('notifications.unread_count', {}, key => $organization->{key}), 403, 'human_required', 'a key has no inbox');
is_problem(call('notifications.unread_count', {}), 401, 'unauthenticated', 'nor has nobody');
is_problem(call('notifications.unread_count', { organization_id => $organization->{id} }, key => $owner->{key}), 422, 'invalid',
    'it takes nothing', errors => { '/organization_id' => 'unknown' });
done_testing;
