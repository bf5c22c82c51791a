#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Inbox;

my $organization = new_organization();
my $owner = new_person($organization, 'owner');
my $colleague = new_person($organization, 'viewer');
my $nobody = new_person();
my ($id, $other) = map { tell($organization, 'organization.closed') } 1 .. 2;

sub dismiss ($person, $id, %more) { return call('notifications.dismiss', { notification_id => $id }, key => $person->{key}, %more) }

my $dismissed = dismiss($owner, $id);
is_success($dismissed, 'a notification is dismissed');
is_deeply($dismissed->json, { ok => JSON::PP::true, id => $id }, 'and named');
is_deeply(inbox($owner), [$other], 'it is gone from the inbox');
is_deeply(dismiss($owner, $id)->json, $dismissed->json, 'doing it again is fine');
is_deeply(inbox($colleague), [$other, $id], 'a colleague\'s is still there');
my ($audited) = call('audit.list', { operation => 'notifications.dismiss', actor => $owner->{id}, limit => 1 }, key => $owner->{key})->json->{data}->@*;
is_deeply($audited->{target}, { type => 'notifications', id => $id }, 'the audit knows what was dismissed');

my $mine = tell(undef, 'member.removed', entity_type => 'user', entity_id => $nobody->{id});
is_success(dismiss($nobody, $mine), 'a person of no organization dismisses, too');
is_deeply(inbox($nobody), [], 'and has an empty inbox');

is_problem(dismiss($nobody, $other), 404, 'not_found', 'another person\'s is not there');
is_problem(dismiss($owner, new_ulid()), 404, 'not_found', 'nor is one that nothing has');
is_deeply(inbox($owner), [$other], 'and stays as it was');
is_problem(dismiss($owner, 'mine'), 422, 'invalid', 'an id is an id', errors => { '/notification_id' => undef });
is_problem(dismiss($organization, $other), 403, 'human_required', 'a key has no inbox');
is_problem(call('notifications.dismiss', { notification_id => $other }), 401, 'unauthenticated', 'nor has nobody');
done_testing;
