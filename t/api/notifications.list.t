#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Inbox;

my $organization = new_organization(credits => 100);
my $second = new_organization();
my $owner = new_person($organization, 'owner');
my $viewer = new_person($organization, 'viewer');
my $nobody = new_person();
join_organization($owner, $second, 'viewer');

is_deeply(is_page(call('notifications.list', {}, key => $owner->{key}), 'an inbox that nothing has reached'), [], 'is empty');

# ---- what reaches whom ----

db_run('UPDATE book SET low_threshold = 50 WHERE organization_id = ?', bytes_of($organization->{id}));
is_success(call('billing.adjustments.create', { organization_id => $organization->{id}, credits => -60, reason => 'test' }, key => admin_key),
    'credits fall below the threshold');
my ($low, @more) = is_page(call('notifications.list', {}, key => $owner->{key}), 'the owner has an inbox')->@*;
is_deeply(\@more, [], 'with one notification');
is_deeply([sort keys %$low], [sort qw(id organization type title entity data created_at read_at)], 'that has the members of a notification');
is_deeply($low->{organization}, { id => $organization->{id}, name => $organization->{name} }, 'tells of which organization');
is_deeply($low->{entity}, { type => 'organization', id => $organization->{id} }, 'of what');
is($low->{type}, 'credits.low', 'the type of the event');
is($low->{title}, 'The organization\'s credits are running low.', 'a sentence');
is(ref $low->{data}, 'HASH', 'what the event says');
is($low->{read_at}, undef, 'and that it was not read');
is_deeply(inbox($viewer), [], 'a viewer is not told of credits');

my $closed = tell($second, 'organization.closed');
is_deeply(inbox($owner), [$closed, $low->{id}], 'the inbox holds every organization\'s, newest first');
is(is_page(call('notifications.list', { limit => 1 }, key => $owner->{key}), 'the newest')->[0]{organization}{name}, $second->{name}, 'names its organization');
is_deeply(inbox($viewer), [], 'nobody else\'s is in it');

my $removed = tell($organization, 'member.removed', entity_type => 'user', entity_id => $nobody->{id}, data => '{"role":"viewer"}');
is_deeply(inbox($nobody), [$removed], 'a person of no organization reaches their inbox');
my $nowhere = tell(undef, 'member.removed', entity_type => 'user', entity_id => $nobody->{id}, data => '{"role":"viewer"}');
my ($last) = is_page(call('notifications.list', { limit => 1 }, key => $nobody->{key}), 'what happened in no organization')->@*;
is_deeply([$last->{id}, $last->{organization}, $last->{entity}, $last->{data}],
    [$nowhere, undef, { type => 'user', id => $nobody->{id} }, { role => 'viewer' }], 'is told, too');

db_run("UPDATE organization SET status = 'closed', closed_at = UTC_TIMESTAMP(6) WHERE id = ?", bytes_of($second->{id}));
my $theirs = new_person($second, 'owner');
is_success(call('notifications.list', {}, key => $theirs->{key}), 'a closed organization\'s person reads on');

# ---- every type has a sentence of its own ----

my $reader = new_person();
my %type_of;
for my $type (db_column('SELECT type FROM notification_rule'), 'no.such.type') {
	my $id = new_ulid();
	$type_of{$id} = $type;
	db_run("INSERT INTO notification (user_id, id, type, entity_type, entity_id, data, created_at)
	    VALUES (?, ?, ?, 'user', ?, '{}', UTC_TIMESTAMP(6))", bytes_of($reader->{id}), bytes_of($id), $type, bytes_of($reader->{id}));
}
my %title = map { $type_of{$_->{id}} => $_->{title} } is_page(call('notifications.list', {}, key => $reader->{key}), 'one of every type')->@*;
my $general = delete $title{'no.such.type'};
like($general, qr/\A[A-Z].*\.\z/, 'a type that is not known has a general sentence');
cmp_ok(scalar keys %title, '>=', 6, 'there are types');
like($title{$_}, qr/\A[A-Z](?!\Q@{[substr $general, 1]}\E).*\.\z/, "$_ has its own") for sort keys %title;

# ---- what is asked for ----

my @ids = reverse map { tell($organization, 'member.joined', entity_type => 'user', entity_id => new_ulid()) } 1 .. 4;
is_success(call('notifications.mark_read', { notification_id => $ids[1] }, key => $owner->{key}), 'one is read');
is_success(call('notifications.dismiss', { notification_id => $ids[2] }, key => $owner->{key}), 'one is dismissed');
is_deeply(inbox($owner), [@ids[0, 1, 3], $closed, $low->{id}], 'the dismissed one is not shown');
is_deeply(inbox($owner, unread_only => JSON::PP::true), [@ids[0, 3], $closed, $low->{id}], 'nor the read one where only unread ones are asked for');
is_deeply(inbox($owner, unread_only => JSON::PP::false), inbox($owner), 'false asks for all');

my $first = call('notifications.list', { limit => 2 }, key => $owner->{key});
my $rest = call('notifications.list', { limit => 3, cursor => $first->json->{next_cursor} }, key => $owner->{key});
is_deeply([map { $_->{id} } $first->json->{data}->@*, is_page($rest, 'the cursor leads on')->@*], inbox($owner), 'over every row once');
is($rest->json->{next_cursor}, undef, 'to the end');
my $stream = call('notifications.list', {}, key => $owner->{key}, accept => 'application/x-ndjson');
is_success($stream, 'the list streams', type => 'application/x-ndjson');
is_deeply([map { $_->{id} } $stream->rows], inbox($owner), 'the same rows');
is_page(get('/v1/notifications/list', query => { unread_only => 'true' }, key => $owner->{key}), 'GET answers, too');

is_problem(call('notifications.list', { unread_only => 'yes' }, key => $owner->{key}), 422, 'invalid', 'a boolean is a boolean',
    errors => { '/unread_only' => 'wrong_type' });
is_problem(call('notifications.list', {}, key => $organization->{key}), 403, 'human_required', 'a key has no inbox');
is_problem(call('notifications.list', {}), 401, 'unauthenticated', 'nor has nobody');
done_testing;
