#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $admin = new_person($organization, 'admin');
my $viewer = new_person($organization, 'viewer');

sub invite ($email) {
	return call('organizations.members.invite', { email => $email, role => 'member', return_token => JSON::PP::true() }, key => $admin->{key})->json;
}

sub ids (%query) {
	return [map { $_->{id} } is_page(call('organizations.invitations.list', \%query, key => $viewer->{key}), join ' ', 'the list', %query)->@*];
}

my $suffix = new_ulid() . '@example.com';
my %made = map { $_ => invite("$_-$suffix") } qw(accepted declined revoked expired pending);
for my $status (qw(accepted declined)) {
	my $person = new_person(undef, undef, email => "$status-$suffix");
	is_success(call('organizations.invitations.accept', { token => $made{$status}{token}, accept => $status eq 'accepted' ? JSON::PP::true() : JSON::PP::false() }, key => $person->{key}), "one is $status");
}
is_success(call('organizations.invitations.revoke', { invitation_id => $made{revoked}{id} }, key => $admin->{key}), 'one is revoked');
db_run("UPDATE invitation SET expires_at = '2020-01-01' WHERE id = ?", bytes_of($made{expired}{id}));
call('organizations.members.invite', { email => "pending-$suffix", role => 'viewer' }, key => new_organization()->{key});

is_deeply(ids(), [reverse sort map { $_->{id} } values %made], 'all of the organization, newest first');
is_deeply(ids(status => $_), [$made{$_}{id}], "those that are $_ alone") for sort keys %made;
my $row = call('organizations.invitations.list', { status => 'pending' }, key => $organization->{key})->json->{data}[0];
is_deeply($row, { $made{pending}->%*, token => undef }, 'a row is the invitation, without its token');
is_deeply(call('organizations.invitations.list', { status => 'expired' }, key => $viewer->{key})->json->{data}[0]{status}, 'expired', 'one past its time is shown as expired');
my $page = call('organizations.invitations.list', { limit => 2 }, key => $viewer->{key})->json;
is_deeply(ids(cursor => $page->{next_cursor}), [(reverse sort map { $_->{id} } values %made)[2 .. 4]], 'pages follow each other');
is(scalar(my @rows = call('organizations.invitations.list', {}, key => $viewer->{key}, accept => 'application/x-ndjson')->rows), 5, 'a stream has all');

is_problem(call('organizations.invitations.list', { status => 'lost' }, key => $viewer->{key}), 422, 'invalid', 'there is no such state', errors => { '/status' => 'not_allowed' });
is_problem(call('organizations.invitations.list', {}, key => new_key($organization, 'members:write')->{key}), 403, 'forbidden', 'the scope is needed');
done_testing;
