#!/usr/bin/perl
# Who may call what: every operation by everybody, and exactly what comes of it, from the declarations and the table of
# roles (t/lib/Purser/Subjects.pm) alone. A new operation is in it by itself.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Subjects;
use Purser::Test;

# An address of its own: those who are refused, and those whom nobody knows, are counted by it.
my $client = client(from => '127.0.3.1');
my (%kept, %tried);

# Who is refused, or only reads, is the same one every time; who does something is somebody new, so that no deed stands in
# the way of the next. Keys are made for their scope.
sub subject_for ($name, $operation) {
	my $scope = $name =~ /scope/ ? $operation->{scope} : '';
	my $subject = $kept{$name}{$scope} //= new_subject($name, $operation);

	return $subject if $operation->{kind} eq 'read' || refusal_of($operation, $subject);
	return new_subject($name, $operation);
}

sub try_one ($operation, $name) {
	my $id = $operation->{id};
	my $subject = subject_for($name, $operation);
	my ($refusal, %more) = refusal_of($operation, $subject);
	my $body = $refusal ? {} : body_of($operation, $subject);
	my $code = $refusal // answer_of($operation, $subject);
	my $reply = call($id, $body, key => token_of($subject), client => $client);

	$tried{ $code // 'success' }++;
	return is_problem($reply, problems->{$code}{status}, $code, "$id: $name: $code", %more) if defined $code;
	return is_success($reply, "$id: $name may", status => success_of($operation));
}

# Where no token is looked at and a password is hashed each time, one of each kind tells as much.
my @few = ('no token', 'a person of the role viewer', 'a key with every scope but that', "a closed organization's key", 'a removed member', "the operator's key");

for my $operation (describe_operations) {
	try_one($operation, $_) for $operation->{scope} eq 'PUBLIC' && $operation->{flags}{slow} ? @few : subject_names;
}

# Reads leave nothing, and neither does a refusal.
my $left = 0;
for my $subject (map { values %$_ } values %kept) {
	$left += db_value("SELECT COUNT(*) FROM audit WHERE organization_id = ? AND operation <> 'admin.organizations.create'", bytes_of($subject->{organization}{id}));
}
is($left, 0, 'who is refused leaves no trace in the organization');
cmp_ok($tried{$_} // 0, '>=', 10, "there were some of $_") for qw(success unauthenticated forbidden human_required not_found organization_closed);
done_testing;
