package Purser::Endpoint;

# Somebody's Loki, Prometheus or worse, as our pushes meet it: https on a port of its own, under the stack's certificate. What
# it does is said by how the path begins:
#
#	/ok/…        204 to who signs in as `name:secret`, else 401
#	/status/N/…  that status, with `Retry-After: 1800` where it is 429
#	/slow/N/…    as /ok, after so many seconds
#	/hang/…      takes the request, and says nothing
#	/reset/…     ends the connection without an answer
#	/redirect/…  302 to /ok/…
#	/endless/…   200, and then more than anybody wants
#
# Every request is written down before it is answered.

use v5.36;
use IO::Socket::INET;
use IO::Socket::SSL;
use JSON::PP ();
use MIME::Base64 qw(decode_base64 encode_base64);
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER SOMAXCONN);
use Time::HiRes qw(sleep time);

my $codec = JSON::PP->new->canonical;

sub new ($class) {
	my $listener = listener();
	my $file = "$ENV{PURSER_VAR}/tmp/endpoint-$$-" . $listener->sockport;
	my $self = bless { port => $listener->sockport, file => $file, owner => $$ }, $class;

	open my $out, '>', $file or die "$file: $!";
	$self->{pid} = fork // die "fork: $!";
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

# Connections are made by the kernel, and nobody ever speaks on them.
sub silent ($class) {
	my $listener = listener();
	return bless { port => $listener->sockport, listener => $listener, owner => $$ }, $class;
}

sub port ($self) { return $self->{port} }
sub address ($self) { return "127.0.0.1:$self->{port}" }
sub url ($self, $path = '') { return 'https://' . $self->address . $path }

# What it was asked at paths that begin so, in order: { path, headers, body, at }.
sub requests ($self, $begin = '/') {
	open my $in, '<', $self->{file} or die "$self->{file}: $!";
	return grep { index($_->{path}, $begin) == 0 } map { my $request = $codec->decode($_); $request->{body} = decode_base64($request->{body}); $request } <$in>;
}

# ---- the server's end --------------------------------------------------------------------------------------------------

sub serve ($self, $listener) {
	local $SIG{CHLD} = 'IGNORE';
	local $SIG{TERM} = 'DEFAULT';
	local $SIG{PIPE} = 'IGNORE';

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
	my $tls = "$ENV{PURSER_VAR}/tls";
	alarm 60;
	IO::Socket::SSL->start_SSL($socket, SSL_server => 1, SSL_cert_file => "$tls/server.pem", SSL_key_file => "$tls/server.key") or return;
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

sub reply ($socket, $status, $body = '', @headers) {
	return syswrite $socket, join "\r\n", "HTTP/1.1 $status Status", 'Content-Length: ' . length $body, @headers, '', $body;
}

sub answer ($self, $socket, $path, $headers) {
	my (undef, $what, $more) = split m{/}, $path;

	if ($what eq 'hang') {
		sleep 60;
	} elsif ($what eq 'slow') {
		sleep $more;
	} elsif ($what eq 'reset') {
		setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
		return 0;
	} elsif ($what eq 'redirect') {
		return reply($socket, 302, '', 'Location: ' . $self->url('/ok/elsewhere'));
	} elsif ($what eq 'status') {
		return reply($socket, $more, "this is \x01 what $more means \xff here", 'Content-Type: text/plain', $more == 429 ? 'Retry-After: 1800' : ());
	} elsif ($what eq 'endless') {
		syswrite $socket, "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
		for (1 .. 1024) {
			my $left = 1 << 20;
			while ($left > 0) {
				my $sent = syswrite $socket, 'x' x ($left < 16384 ? $left : 16384) or return 0;
				$left -= $sent;
			}
		}
		return 0;
	}
	return reply($socket, 401, 'who are you?') if ($headers->{authorization} // '') ne 'Basic ' . encode_base64('name:secret', '');
	return reply($socket, 204);
}

sub stop ($self) {
	return if $self->{owner} != $$;
	my $pid = delete $self->{pid};

	local $?;
	kill 'TERM', $pid if $pid;
	waitpid $pid, 0 if $pid;
	unlink delete $self->{file} if $self->{file};
	delete $self->{listener};
}

sub DESTROY ($self) { $self->stop }

1;
