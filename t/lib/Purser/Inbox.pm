package Purser::Inbox;

# What the tests of notifications share: events as operations write them, whichever operation that may be, and the inbox
# of a person.

use v5.36;
use Exporter 'import';
use Purser::Test;
use Time::HiRes qw(sleep);

our @EXPORT = qw(tell join_organization inbox);

# An event of the type in the organization (undef: in none); `entity_type`, `entity_id` and `data` are its own. Gives its
# id, which is also the notification's. Later ones have greater ids.
sub tell ($organization, $type, %more) {
	my $id = new_ulid();

	sleep 0.002;
	db_run("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, data, created_at)
	    VALUES (?, ?, 'event', ?, ?, ?, ?, UTC_TIMESTAMP(6) - INTERVAL ? SECOND)", bytes_of($id),
	    $organization ? bytes_of($organization->{id}) : undef, $type, $more{entity_type} // 'organization',
	    bytes_of($more{entity_id} // $organization->{id}), $more{data} // '{}', $more{age} // 0);
	return $id;
}

# Makes the person a member of one more organization.
sub join_organization ($person, $organization, $role) {
	db_run('INSERT INTO membership (organization_id, user_id, role, created_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6))',
	    bytes_of($organization->{id}), bytes_of($person->{id}), $role);
}

# The ids in the person's inbox, as the list shows them.
sub inbox ($person, %query) {
	my $reply = call('notifications.list', { limit => 1000, %query }, key => $person->{key});
	$reply->status == 200 or die "notifications.list: $reply->{status} $reply->{body}\n";
	return [map { $_->{id} } $reply->json->{data}->@*];
}

1;
