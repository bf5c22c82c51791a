package Purser::Sim::Database;

# The simulation's own look at the database, as the person who runs the stack; and the rows that no operation makes: first
# keys, and people without the cost of a password.

use v5.36;
use DBI;
use Digest::SHA qw(sha256);
use Exporter 'import';
use POSIX qw(strftime floor);
use Purser::Token;

our @EXPORT_OK = qw(stamp);

sub new ($class, $socket, $name = 'purser') { return bless { socket => $socket, name => $name }, $class }

sub handle ($self) {
	return $self->{handle} //= DBI->connect("dbi:MariaDB:database=$self->{name};mariadb_socket=$self->{socket}", scalar getpwuid($<), undef,
	    { RaiseError => 1, PrintError => 0, AutoCommit => 1 });
}

sub close ($self) {
	my $handle = delete $self->{handle} or return;
	local $@;
	eval { $handle->disconnect };
}

# A moment, in seconds since 1970, as the database writes it. Its own functions end with the year 2038.
sub stamp ($at) { return strftime('%Y-%m-%d %H:%M:%S', gmtime floor $at) . sprintf '.%06d', ($at - floor $at) * 1_000_000 }

# A reference to a scalar is bytes, anything else text.
sub run ($self, $sql, @values) {
	my $statement = $self->handle->prepare($sql);

	for my $i (0 .. $#values) {
		ref $values[$i] ? $statement->bind_param($i + 1, $values[$i]->$*, DBI::SQL_BINARY) : $statement->bind_param($i + 1, $values[$i]);
	}
	$statement->execute;
	return $statement;
}

sub rows ($self, $sql, @values) {
	my $statement = $self->run($sql, @values);
	my $names = $statement->{NAME};
	return map { my %row; @row{@$names} = @$_; \%row } $statement->fetchall_arrayref->@*;
}

sub value ($self, $sql, @values) { return ($self->run($sql, @values)->fetchrow_array)[0] }

# All that the code reads is of one moment.
sub at_one_moment ($self, $code) {
	my $handle = $self->handle;

	$handle->do('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
	$handle->do('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
	my $done = eval { $code->(); 1 };
	my $error = $@;
	eval { $handle->do('ROLLBACK') };
	die $error unless $done;
}

# ---- ids -------------------------------------------------------------------------------------------------------------

sub new_id ($now) { return substr(pack('Q>', int($now * 1000)), 2) . random_bytes(10) }

# ---- rows ------------------------------------------------------------------------------------------------------------

my @scopes = map { "$_:*" } qw(organizations members billing orders usage api_keys event_subscriptions notifications audit);

sub new_key ($self, $organization, $now) {
	my ($token, $id) = (new_token('gpra_'), new_id($now));

	$self->run('INSERT INTO api_key (digest, id, organization_id, name, prefix, permissions, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
	    \sha256($token), \$id, \ulid_bytes($organization), 'first', substr($token, 0, 9), "@scopes", stamp($now));
	return $token;
}

# Somebody signed in with a role in the organization; gives the access token.
sub new_person ($self, $organization, $role, $now) {
	my ($id, $session, $token, $of) = (new_id($now), new_id($now), new_token('gprs_'), ulid_bytes($organization));
	my $email = unpack('H*', $id) . '@example.com';

	$self->run('INSERT INTO user (id, email, email_key, name, created_at) VALUES (?, ?, ?, ?, ?)', \$id, $email, $email, ucfirst $role, stamp($now));
	$self->run('INSERT INTO membership (organization_id, user_id, role, created_at) VALUES (?, ?, ?, ?)', \$of, \$id, $role, stamp($now));
	$self->run('INSERT INTO session (id, user_id, organization_id, created_at, refreshed_at, expires_at)
	    VALUES (?, ?, ?, ?, ?, ?)', \$session, \$id, \$of, stamp($now), stamp($now), stamp($now + 86400 * 3000));
	$self->run("INSERT INTO session_token (digest, session_id, kind, expires_at) VALUES (?, ?, 'access', ?)",
	    \sha256($token), \$session, stamp($now + 86400 * 3000));
	return $token;
}

1;
