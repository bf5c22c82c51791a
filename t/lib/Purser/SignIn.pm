package Purser::SignIn;

# What the tests of signing in use beside Purser::Test: people with a password, and many callers at once.

use v5.36;
use Digest::SHA qw(sha256);
use Exporter 'import';
use File::Temp qw(tempdir);
use MIME::Base64 qw(encode_base64url);
use POSIX ();
use Purser::Test;

our @EXPORT = qw(new_address new_account sign_in session_of join_organization outside_token at_once reset_token audit_row failures secret_stands_in);

my $count = 0;

sub new_address () { return sprintf 'Somebody.%d.%d@Example.com', $$, ++$count }

# Signs up. Gives { id, email, password, name }.
sub new_account (%fields) {
	my %account = (email => new_address, password => 'correct horse ' . ++$count, name => 'Somebody', %fields);
	my $reply = call('auth.users.create', \%account);

	$reply->status == 200 or die "auth.users.create: $reply->{status} $reply->{body}\n";
	return { %account, id => $reply->json->{id} };
}

# The reply; `more` are other members of the body.
sub sign_in ($account, %more) {
	return call('auth.sessions.create', { email => $account->{email}, password => $account->{password}, %more });
}

# The session's tokens.
sub session_of ($account, %more) {
	my $reply = sign_in($account, %more);

	$reply->status == 200 or die "auth.sessions.create: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

# `age` in seconds tells how long ago.
sub join_organization ($person, $organization, $role, $age = 0) {
	db_run('INSERT INTO membership (organization_id, user_id, role, created_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6) - INTERVAL ? SECOND)',
	    bytes_of($organization->{id}), bytes_of($person->{id}), $role, $age);
}

# ---- an outside identity provider ----

sub write_file ($path, $bytes) {
	open my $out, '>:raw', $path or die "$path: $!";
	print $out $bytes;
	close $out or die "$path: $!";
}

sub openssl ($arguments) {
	open my $pipe, '-|', "openssl $arguments" or die "openssl: $!";
	binmode $pipe;
	local $/;
	return scalar <$pipe>;
}

# The provider's key, the only one it has.
sub provider_directory () {
	state $directory;
	return $directory if $directory;
	$directory = tempdir(CLEANUP => 1);
	openssl("genpkey -algorithm ED25519 -out $directory/key");
	my $x = encode_base64url(substr openssl("pkey -in $directory/key -pubout -outform DER"), -32);
	my $file = $ENV{PURSER_JWT_JWKS_FILE};
	write_file("$file.new", encode_json({ keys => [{ kty => 'OKP', crv => 'Ed25519', kid => "sign-in-$$", use => 'sig', x => $x }] }));
	rename "$file.new", $file or die "$file: $!";
	return $directory;
}

# A token of the outside identity provider, whose person is linked to this one; undef where none is configured (./check
# configures one).
sub outside_token ($person) {
	my ($issuer, $audience) = @ENV{qw(PURSER_JWT_ISSUER PURSER_JWT_AUDIENCE)};
	return undef unless $issuer && $ENV{PURSER_JWT_JWKS_FILE};
	my $directory = provider_directory;
	my $subject = "outside-$person->{id}";
	my $input = join '.', map { encode_base64url(encode_json($_)) } { alg => 'EdDSA', kid => "sign-in-$$" },
	    { iss => $issuer, aud => $audience, sub => $subject, iat => time, exp => time + 300 };

	my $reply = call('admin.identities.link', { issuer => $issuer, subject => $subject, user_id => $person->{id} }, key => admin_key);
	$reply->status == 200 or die "admin.identities.link: $reply->{status} $reply->{body}\n";
	write_file("$directory/input", $input);
	return $input . '.' . encode_base64url(openssl("pkeyutl -sign -rawin -inkey $directory/key -in $directory/input"));
}

# ---- at once, and afterwards ----

# Each piece of work in a process of its own, all begun at one moment. Gives what they returned, one line each.
sub at_once (@work) {
	pipe my $gate, my $opener or die $!;
	my @readers;

	for my $work (@work) {
		pipe my $reader, my $writer or die $!;
		my $pid = fork // die "fork: $!";
		if ($pid == 0) {
			close $opener;
			my $client = client(record => 0, timeout => 60);
			sysread $gate, my $nothing, 1;
			my $line = eval { $work->($client) } // "died: $@";
			syswrite $writer, $line;
			POSIX::_exit(0);
		}
		close $writer;
		push @readers, [$pid, $reader];
	}
	close $gate;
	close $opener;
	my @lines = map { my $in = $_->[1]; local $/; scalar <$in> } @readers;
	waitpid $_->[0], 0 for @readers;
	return @lines;
}

# What a mail would have shown: a reset token, made as the job makes it, but known to the test.
sub reset_token ($person, %columns) {
	my $token = Purser::Test::new_token('gprp_');

	db_run('INSERT INTO password_reset (token_digest, user_id, created_at, expires_at, used_at)
	    VALUES (?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL ? SECOND, IF(?, UTC_TIMESTAMP(6), NULL))',
	    \sha256($token), bytes_of($person->{id}), $columns{expires_in} // 3600, $columns{used} // 0);
	return $token;
}

# The audit row of a reply.
sub audit_row ($reply) {
	return db_run('SELECT * FROM audit WHERE request_id = ?', $reply->header('x-request-id'))->fetchrow_hashref // {};
}

# How many failed sign-ins of the address are counted.
sub failures ($email) {
	return db_value('SELECT COUNT(*) FROM sign_in_failure WHERE subject = ?', \sha256(lc $email));
}

# The tables of signing in, and the log, that hold a secret as it is.
sub secret_stands_in ($secret) {
	my %columns = (session_token => 'digest', client_token => 'digest', password => 'hash', password_reset => 'token_digest', audit => 'operation',
	    idempotency => 'reply', outbox => "CONCAT_WS(' ', data, secret)", session => 'user_agent');
	my @found = grep { db_value("SELECT COUNT(*) FROM $_ WHERE LOCATE(?, $columns{$_}) > 0", \$secret) } sort keys %columns;

	for my $log (glob "$ENV{PURSER_VAR}/log/*") {
		open my $in, '<:raw', $log or next;
		push @found, $log if grep { index($_, $secret) >= 0 } <$in>;
	}
	return @found;
}

1;
