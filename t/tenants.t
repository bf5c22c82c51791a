#!/usr/bin/perl
# What belongs to another organization does not exist: every operation that takes an id, from the declarations.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;

my $mine = new_organization(credits => 10);
my $theirs = new_organization(credits => 10);
my %theirs = (organization_id => $theirs->{id}, key_id => new_key($theirs, 'billing:read')->{id});
my %mine = (organization_id => $mine->{id}, key_id => new_key($mine, 'billing:read')->{id});

# Everything of the other organization that a caller could have touched.
sub state_of ($organization) {
	my $id = bytes_of($organization->{id});
	return join '|', map { db_value($_, $id) // '' } 'SELECT GROUP_CONCAT(HEX(id), name, COALESCE(rate_limit, 0), revoked_at IS NULL ORDER BY id) FROM api_key WHERE organization_id = ?',
	    'SELECT CONCAT(name, status, updated_at) FROM organization WHERE id = ?', 'SELECT CONCAT(available, sequence) FROM book WHERE organization_id = ?',
	    'SELECT COUNT(*) FROM audit WHERE organization_id = ?';
}

my $before = state_of($theirs);
my $tried = 0;

for my $operation (describe_operations) {
	my ($id, $scope) = $operation->@{qw(id scope)};
	my @ids = grep { /_id$/ } map { s/\*$//r } $operation->{fields}->@*;
	next if !@ids || $scope eq 'PUBLIC' || $operation->{flags}{human};

	if ($scope =~ /^admin:/) {
		next unless grep { $_ eq 'organization_id' } @ids;
		is_problem(call($id, { sample_body($id)->%*, organization_id => new_ulid() }, key => admin_key), 404, 'not_found', "$id: an unknown organization");
		next;
	}
	for my $field (@ids) {
		ok(exists $theirs{$field}, "$id: this test knows a $field of another organization") or next;
		my $body = { sample_body($id, \%mine)->%*, $field => $theirs{$field} };
		is_problem(call($id, $body, key => $mine->{key}), 404, 'not_found', "$id: another organization's $field");
		is_problem(call($id, { %$body, $field => new_ulid() }, key => $mine->{key}), 404, 'not_found', "$id: a $field that nothing has");
		for my $way (grep { $_->{path} =~ /\{/ } $operation->{ways}->@*) {
			my $path = $way->{path} =~ s/\{[^}]+\}/$theirs{$field}/r;
			is_problem(request($way->{method}, $path, key => $mine->{key}), 404, 'not_found', "$way->{method} $way->{path}: another organization's");
		}
		$tried++;
	}
}
cmp_ok($tried, '>=', 5, 'there are such operations');
is(state_of($theirs), $before, 'nothing of the other organization was changed');

for my $operation (grep { $_->{flags}{list} && $_->{scope} !~ /^admin:/ } describe_operations) {
	my $reply = call($operation->{id}, {}, key => $mine->{key}, accept => 'application/x-ndjson');
	unlike($reply->body, qr/$theirs->{id}|$theirs{key_id}/, "$operation->{id}: lists nothing of another organization");
}
done_testing;
