#!/usr/bin/perl
# What belongs to another organization does not exist: every operation that takes an id, from the declarations.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Subjects;
use Purser::Test;

my ($mine, $theirs) = map { new_organization(credits => 10, rate_limit => 1000000) } 1 .. 2;
my $their_person = new_person($theirs, 'owner');
my %theirs = (organization => $theirs, person => $their_person, role => 'owner', things => {}, scopes => [every_scope]);

# Everything of the other organization that a caller could have touched.
sub state_of ($organization) {
	my $id = bytes_of($organization->{id});
	return join '|', map { db_value($_, $id) // '' }
	    'SELECT GROUP_CONCAT(HEX(id), name, COALESCE(rate_limit, 0), revoked_at IS NULL ORDER BY id) FROM api_key WHERE organization_id = ?',
	    'SELECT CONCAT(name, status, updated_at) FROM organization WHERE id = ?', 'SELECT CONCAT(available, sequence) FROM book WHERE organization_id = ?',
	    'SELECT COUNT(*) FROM audit WHERE organization_id = ?', 'SELECT GROUP_CONCAT(HEX(user_id), role, is_active ORDER BY user_id) FROM membership WHERE organization_id = ?',
	    'SELECT GROUP_CONCAT(HEX(id), status, HEX(token_digest), expires_at ORDER BY id) FROM invitation WHERE organization_id = ?',
	    'SELECT GROUP_CONCAT(HEX(s.id), HEX(s.organization_id), s.ended_at IS NULL ORDER BY s.id) FROM session s JOIN membership m ON m.user_id = s.user_id WHERE m.organization_id = ?',
	    'SELECT GROUP_CONCAT(HEX(n.id), n.read_at IS NULL, n.dismissed_at IS NULL ORDER BY n.user_id, n.id) FROM notification n WHERE n.organization_id = ?',
	    'SELECT GROUP_CONCAT(HEX(id), is_default, detached_at IS NULL ORDER BY id) FROM payment_method WHERE organization_id = ?',
	    'SELECT GROUP_CONCAT(HEX(id), status, payment_id IS NULL ORDER BY id) FROM approval WHERE organization_id = ?',
	    'SELECT COUNT(*) FROM outbox WHERE organization_id = ?';
}

# What else than 404 comes of another's id, and why.
my %otherwise = (
	billing_admin_id => [422, 'invalid'], # a rule about a field: of any person who is no member
	client_id => [401, 'invalid_client'], # OAuth's own word
);

# Nobody but the operator names people by their ids, and an operator's organization is any.
sub by_operator ($operation) {
	return unless grep { /^organization_id\*?$/ } $operation->{fields}->@*;
	my $body = { sample_body($operation->{id})->%*, organization_id => new_ulid() };
	is_problem(call($operation->{id}, $body, key => admin_key), 404, 'not_found', "$operation->{id}: an unknown organization");
}

# The caller's own body, with the one field that names what is another's, or nobody's.
sub by_customer ($operation, $subject, $field) {
	my $id = $operation->{id};
	my $thing = new_thing(\%theirs, $field);
	my @caller = (key => token_of($subject));
	my ($status, $code) = $otherwise{$field} ? $otherwise{$field}->@* : (404, 'not_found');

	ok(defined $thing, "$id: the tests know a $field of another organization") or return;
	my $body = body_of($operation, $subject);
	my $before = state_of($theirs);
	is_problem(call($id, { %$body, $field => $thing }, @caller), $status, $code, "$id: $subject->{name}: another organization's $field");
	is_problem(call($id, { %$body, $field => new_ulid() }, @caller), $status, $code, "$id: $subject->{name}: a $field that nothing has");
	for my $way (grep { $_->{path} =~ /\{/ } $operation->{ways}->@*) {
		my ($camel) = $way->{path} =~ /\{(\w+)\}/;
		next if $field ne $camel =~ s/([A-Z])/_\l$1/gr;
		my $path = $way->{path} =~ s/\{\w+\}/$thing/r;
		my $rest = { map { $_ => $body->{$_} } grep { $_ ne $field } keys %$body };
		is_problem(request($way->{method}, $path, @caller, $way->{method} eq 'GET' ? () : (body => $rest)), $status, $code,
		    "$way->{method} $way->{path}: $subject->{name}: another organization's");
	}
	is(state_of($theirs), $before, "$id: $subject->{name}: nothing of the other organization was changed");
}

my %tried;

for my $operation (describe_operations) {
	my @ids = map { s/\*$//r } names_of($operation);
	next unless @ids;

	if ($operation->{scope} =~ /^admin:/) {
		by_operator($operation);
		next;
	}
	for my $name ("a person of the role owner", 'a key with the scope') {
		my $subject = new_subject($name, $operation);
		next if refusal_of($operation, $subject) || ($operation->{scope} eq 'PUBLIC' && !$subject->{person});
		by_customer($operation, $subject, $_) for @ids;
		$tried{$name}++;
	}
}
cmp_ok($tried{$_} // 0, '>=', 5, "there are such operations for $_") for 'a person of the role owner', 'a key with the scope';

my %own = (organization => $mine, things => {}, scopes => [every_scope]);
my @mine = ({ %own, key => $mine->{key} }, { %own, person => new_person($mine, 'owner'), role => 'owner' });
my @secrets = ($theirs->{id}, $theirs->{name}, $their_person->{id}, $their_person->{email}, grep { defined } values $theirs{things}->%*);

for my $operation (grep { $_->{flags}{list} && $_->{scope} !~ /^admin:/ } describe_operations) {
	for my $subject (grep { !refusal_of($operation, $_) } @mine) {
		my $reply = call($operation->{id}, body_of($operation, $subject), key => token_of($subject), accept => 'application/x-ndjson');
		is($reply->status, 200, "$operation->{id}: lists");
		is_deeply([grep { index($reply->body, $_) >= 0 } @secrets], [], "$operation->{id}: nothing of another organization");
	}
}
done_testing;
