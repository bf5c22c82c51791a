package Purser::Server;

# A small server of a test's own: https on a port of its own, under the stack's certificate, as many connections at once as
# come. Every request is written down before it is answered; the answer is the subclass's: `answer($socket, $path, $headers)`, which
# gives true where the connection goes on.

use v5.36;
use IO::Socket::INET;
use IO::Socket::SSL;
use JSON::PP ();
use MIME::Base64 qw(decode_base64 encode_base64);
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER SOMAXCONN);
use Time::HiRes qw(time);

my $codec = JSON::PP->new->canonical;

sub new ($class) {
	my $listener = listener();
	my $file = "$ENV{PURSER_VAR}/tmp/server-$$-" . $listener->sockport;
	my $self = bless { port => $listener->sockport, file => $file, owner => $$ }, $class;

	open my $out, '>', $file or die "$file: $!";
	$self->{pid} = fork // die "fork: $!";
	POSIX::setpgid($self->{pid}, $self->{pid}); # connections that hang end with it
	if ($self->{pid} == 0) {
		leave_output();
		$self->serve($listener);
		POSIX::_exit(0);
	}
	return $self;
}

# Who waits for the end of the test's output does not wait for connections that hang: standard output and its copies, which
# Test::Builder makes, become standard error. (Closed ones would be given to connections, which Perl then never closes.)
sub leave_output () {
	my $output = readlink '/proc/self/fd/1';
	for my $number (map { m{/([0-9]+)$} } glob '/proc/self/fd/*') {
		POSIX::dup2(2, $number) if $number != 2 && (readlink("/proc/self/fd/$number") // '') eq $output;
	}
}

sub listener () {
	return IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => SOMAXCONN, ReuseAddr => 1) // die "listen: $@";
}

sub port ($self) { return $self->{port} }
sub address ($self) { return "127.0.0.1:$self->{port}" }
sub url ($self, $path = '') { return 'https://' . $self->address . $path }

# What it was asked at paths that begin so, in order: { method, path, headers, body, at }.
sub requests ($self, $begin = '/') {
	open my $in, '<', $self->{file} or die "$self->{file}: $!";
	return grep { index($_->{path}, $begin) == 0 } map { my $request = $codec->decode($_); $request->{body} = decode_base64($request->{body}); $request } <$in>;
}

# ---- the server's end --------------------------------------------------------------------------------------------------

sub serve ($self, $listener) {
	local $SIG{CHLD} = 'IGNORE';
	local $SIG{TERM} = 'DEFAULT';
	local $SIG{PIPE} = 'IGNORE';
	my $tls = "$ENV{PURSER_VAR}/tls";

	# Once for all connections: it takes longer than a handshake.
	$self->{tls} = IO::Socket::SSL::SSL_Context->new(SSL_server => 1, SSL_cert_file => "$tls/server.pem", SSL_key_file => "$tls/server.key") or die "TLS: $SSL_ERROR\n";
	while (1) {
		my $socket = $listener->accept or next;
		my $pid = fork // next;
		if ($pid == 0) {
			close $listener;
			eval { $self->converse($socket) };
			POSIX::_exit(0);
		}
		close $socket;
	}
}

sub converse ($self, $socket) {
	alarm 60;
	IO::Socket::SSL->start_SSL($socket, SSL_server => 1, SSL_reuse_ctx => $self->{tls}) or return;
	my $bytes = '';

	while (1) {
		my ($head, $size, $length);
		until (defined $head && length $bytes >= $size + $length) {
			($head, $size) = ($1, $+[0]) if $bytes =~ /\A(.*?)\r\n\r\n/s;
			$length = defined $head && $head =~ /^content-length:\s*(\d+)/mi ? $1 : 0;
			last if defined $head && length $bytes >= $size + $length;
			sysread($socket, $bytes, 65536, length $bytes) or return;
		}
		my ($first, @lines) = split /\r\n/, $head;
		my ($method, $path) = $first =~ m{^(\S+) (\S+)} or return;
		my %headers = map { /^([^:]+):\s*(.*?)\s*$/ ? (lc $1 => $2) : () } @lines;
		my $body = substr $bytes, $size, $length;
		substr $bytes, 0, $size + $length, '';
		$self->note({ method => $method, path => $path, headers => \%headers, body => encode_base64($body, ''), at => time });
		$self->answer($socket, $path, \%headers) or return;
	}
}

sub note ($self, $request) {
	open my $out, '>>', $self->{file} or die "$self->{file}: $!";
	syswrite $out, $codec->encode($request) . "\n";
}

# ---- answers of a subclass ---------------------------------------------------------------------------------------------

sub reply ($socket, $status, $body = '', @headers) {
	return syswrite $socket, join "\r\n", "HTTP/1.1 $status Status", 'Content-Length: ' . length $body, @headers, '', $body;
}

# The connection ends without an answer.
sub reset_connection ($socket) {
	setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
	return 0;
}

# An answer of a gigabyte, as far as anybody reads it: `begin`, and then that character.
sub endless ($socket, $character, $begin = '', @headers) {
	syswrite $socket, join "\r\n", 'HTTP/1.1 200 OK', 'Content-Length: 1073741824', @headers, '', $begin;
	for (1 .. 65536) {
		my $left = 16384;
		while ($left > 0) {
			my $sent = syswrite $socket, $character x $left or return 0;
			$left -= $sent;
		}
	}
	return 0;
}

# ---- the end -----------------------------------------------------------------------------------------------------------

sub stop ($self) {
	return if $self->{owner} != $$;
	my $pid = delete $self->{pid};

	local $?;
	kill 'TERM', -$pid if $pid;
	waitpid $pid, 0 if $pid;
	unlink delete $self->{file} if $self->{file};
	delete $self->{listener};
}

sub DESTROY ($self) { $self->stop }

1;
