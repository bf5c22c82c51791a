#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my ($true, $false) = (JSON::PP::true(), JSON::PP::false());
my $address = 'Mixed.Case.' . new_ulid() . '@Example.com';
my $owner = new_person($organization, 'owner', name => 'Zoe');
my @twins = map { new_person($organization, $_, name => 'Ann') } qw(admin viewer);
my $long = new_person($organization, 'member', name => "\x{10348}" x 200, email => $address);
my $resting = new_person($organization, 'billing', name => 'bob');
db_run('UPDATE membership SET is_active = FALSE WHERE user_id = ?', bytes_of($resting->{id}));
my $stranger = new_person(new_organization(), 'owner', name => 'Aaron');

my $rows = is_page(call('organizations.members.list', {}, key => $organization->{key}), 'the members are listed');
my %at = map { $rows->[$_]{id} => $_ } 0 .. $#$rows;
is(scalar @$rows, 5, 'all of them, and nobody else');
cmp_ok($at{$_->{id}}, '<', 2, 'two of one name stand together') for @twins;
is($at{$resting->{id}}, 2, 'in the order of the names, whatever their case');
my ($row) = grep { $_->{id} eq $twins[0]{id} } @$rows;
like(delete $row->{created_at}, qr/^\d{4}-\d\d-\d\dT.*Z$/, 'a row says since when');
is_deeply($row, { id => $twins[0]{id}, name => 'Ann', email => $twins[0]{email}, role => 'admin', is_active => $true }, 'and who, and as what');
is($rows->[2]{is_active}, $false, 'who rests at present is listed as such');
is($rows->[$at{$long->{id}}]{email}, $address, 'an address is shown as it was written');

my (@seen, $cursor);
for (1 .. 9) {
	my $page = call('organizations.members.list', { limit => 1, $cursor ? (cursor => $cursor) : () }, key => $organization->{key});
	push @seen, map { $_->{id} } is_page($page, 'a page of one')->@*;
	$cursor = $page->json->{next_cursor} // last;
}
is_deeply(\@seen, [map { $_->{id} } @$rows], 'pages follow each other without a gap, also behind the longest name');
is_deeply([map { $_->{id} } call('organizations.members.list', {}, key => $organization->{key}, accept => 'application/x-ndjson')->rows], \@seen, 'a stream has the same order');
is(get('/v1/orgs/members', key => $organization->{key})->body, call('organizations.members.list', {}, key => $organization->{key})->body, 'the plain route answers alike');
is(scalar get('/v1/orgs/members', key => $organization->{key}, query => { limit => 2 })->json->{data}->@*, 2, 'and takes a limit');

is(is_page(call('organizations.members.list', {}, key => $twins[1]{key}), 'a viewer sees them too')->[0]{name}, 'Ann', 'by name');
is_problem(call('organizations.members.list', {}, key => $resting->{key}), 403, 'forbidden', 'who rests does not', members => { required_scope => 'members:read' });
is_problem(call('organizations.members.list', {}, key => new_person()->{key}), 403, 'forbidden', 'neither does who acts for no organization');
is_problem(call('organizations.members.list', {}, key => new_key($organization, 'members:write')->{key}), 403, 'forbidden', 'a key needs the scope');
is_problem(call('organizations.members.list', { cursor => 'A' x 1201 }, key => $organization->{key}), 422, 'invalid', 'no cursor is so long', errors => { '/cursor' => 'too_long' });
is_deeply([map { $_->{id} } call('organizations.members.list', {}, key => $stranger->{key})->json->{data}->@*], [$stranger->{id}], 'another organization has members of its own');
done_testing;
