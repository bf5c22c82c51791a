#!/usr/bin/perl
# What a caller may do is decided anew once the organization's row is held: a request that waited while the caller was
# removed, demoted or revoked does nothing.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Approvals;
use Purser::Test;
use POSIX ();
use Time::HiRes qw(sleep);

my $holder = DBI->connect("dbi:MariaDB:database=$ENV{PURSER_DB_NAME};mariadb_socket=$ENV{PURSER_DB_SOCKET}", scalar getpwuid($<), undef,
    { RaiseError => 1, PrintError => 0, AutoCommit => 0 });

sub held ($sql, @ids) {
	my $statement = $holder->prepare($sql);
	$statement->bind_param($_ + 1, bytes_of($ids[$_])->$*, DBI::SQL_BINARY()) for 0 .. $#ids;
	$statement->execute;
	$statement->finish;
}

sub is_stuck () {
	sleep 0.12; # MariaDB looks anew only when nobody has asked for a tenth of a second
	return db_value("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'");
}

# Sends the request while the organization's row is held, does the deed meanwhile, and gives the reply's status and code.
sub meanwhile ($organization, $request, @deed) {
	held('SELECT id FROM organization WHERE id = ? FOR UPDATE', $organization->{id});
	my $pid = open(my $pipe, '-|') // die "fork: $!";
	if ($pid == 0) {
		my $reply = $request->(client(record => 0));
		syswrite STDOUT, $reply->status . ' ' . ($reply->code // 'ok');
		POSIX::_exit(0);
	}
	eventually('the request waits', sub { is_stuck });
	held(@deed);
	$holder->commit;
	local $/;
	my $answer = <$pipe>;
	close $pipe;
	return $answer;
}

my %requests = (
	'api_keys.create' => sub ($organization) { return { name => 'late', permissions => ['billing:read'] } },
	'api_keys.rotate' => sub ($organization) { return { key_id => new_key($organization, 'billing:read')->{id} } },
	'organizations.update' => sub ($organization) { return { name => 'Late' } },
	'organizations.set_purchase_policy' => sub ($organization) { return { require_second_person => JSON::PP::true() } },
	'organizations.close' => sub ($organization) { return {} },
	'billing.approvals.request' => sub ($organization) { return { credits => 100 } },
	'billing.approvals.approve' => sub ($organization) { return { approval_id => ask($organization)->{id} } },
	'billing.approvals.reject' => sub ($organization) { return { approval_id => ask($organization)->{id} } },
	'billing.set_auto_topup' => sub ($organization) { return { enabled => JSON::PP::false(), threshold_credits => 1, topup_amount_credits => 50 } },
	'organizations.members.invite' => sub ($organization) { return { email => 'late@example.com', role => 'viewer' } },
);
my %deeds = (
	'removed' => 'DELETE FROM membership WHERE organization_id = ? AND user_id = ?',
	'deactivated' => 'UPDATE membership SET is_active = FALSE WHERE organization_id = ? AND user_id = ?',
	'demoted' => "UPDATE membership SET role = 'viewer' WHERE organization_id = ? AND user_id = ?",
);

for my $operation (sort keys %requests) {
	for my $deed (sort keys %deeds) {
		my $organization = new_organization();
		my $owner = new_person($organization, 'owner');
		my $body = $requests{$operation}->($organization);
		is(meanwhile($organization, sub ($client) { call($operation, $body, key => $owner->{key}, client => $client) }, $deeds{$deed}, $organization->{id}, $owner->{id}),
		    '403 forbidden', "$operation of an owner who is $deed meanwhile is refused");
	}
}

my $organization = new_organization();
my $key = new_key($organization, 'api_keys:*', 'billing:*', 'organizations:*');
for my $operation ('api_keys.create', 'organizations.update') {
	my $body = $requests{$operation}->($organization);
	is(meanwhile($organization, sub ($client) { call($operation, $body, key => $key->{key}, client => $client) },
	    'UPDATE api_key SET revoked_at = UTC_TIMESTAMP(6) WHERE organization_id = ? AND id = ?', $organization->{id}, $key->{id}),
	    '403 forbidden', "$operation of a key that is revoked meanwhile is refused");
	db_run('UPDATE api_key SET revoked_at = NULL WHERE id = ?', bytes_of($key->{id}));
}
$holder->disconnect;
done_testing;
