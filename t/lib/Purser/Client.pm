package Purser::Client;

# A small HTTPS client for the tests: one kept connection, nothing between the test and the bytes, and every reply noted
# for the gate that holds it against the OpenAPI document.

use v5.36;
use Encode qw(decode);
use IO::Socket::IP;
use IO::Socket::SSL;
use Purser::Reply;
use Socket qw(SHUT_WR);
use Time::HiRes qw(time);

my $json = Purser::Reply::codec();

# `from` is the client's own address: anything in 127.0.0.0/8, where the service is on this machine. Strangers are counted by it.
sub new ($class, %options) {
	my ($secure, $host, $port) = $options{url} =~ m{^http(s?)://\[?([^/:\]]+|[0-9a-f:]+)\]?(?::(\d+))?} or die "no URL: $options{url}";

	return bless {
		secure => $secure, host => $host, port => $port // ($secure ? 443 : 80), ca => $options{ca},
		timeout => $options{timeout} // 30, record => $options{record} // 1, tls => $options{tls} // {}, from => $options{from},
	}, $class;
}

# ---- connections -----------------------------------------------------------------------------------------------------

sub connect ($self) {
	my %address = (PeerHost => $self->{host}, PeerPort => $self->{port}, Timeout => $self->{timeout},
	    $self->{from} ? (LocalHost => $self->{from}) : ());
	my $socket = $self->{secure}
	    ? IO::Socket::SSL->new(%address, SSL_ca_file => $self->{ca}, SSL_verifycn_scheme => 'http',
		SSL_verifycn_name => $self->{host}, $self->{tls}->%*)
	    : IO::Socket::IP->new(%address);

	$socket or die "cannot connect to $self->{host}:$self->{port}: " . ($IO::Socket::SSL::SSL_ERROR || $@ || $!) . "\n";
	return $socket;
}

sub disconnect ($self) {
	my $socket = delete $self->{socket} or return;
	close $socket;
}

sub wait_for ($self, $socket, $until) {
	return 1 if $socket->can('pending') && $socket->pending;
	my $bits = '';
	vec($bits, fileno $socket, 1) = 1;
	my $left = $until - time;
	return $left > 0 && select($bits, undef, undef, $left) > 0;
}

# More bytes into $$buffer; false at the end, dies when it takes too long.
sub fill ($self, $socket, $buffer, $until) {
	while (1) {
		$self->wait_for($socket, $until) or die "no answer within $self->{timeout} s\n";
		my $got = sysread $socket, $$buffer, 65536, length $$buffer;
		return $got if defined $got;
		next if $!{EAGAIN} || $!{EINTR} || $!{EWOULDBLOCK};
		return 0;
	}
}

sub put ($self, $socket, $bytes) {
	my $at = 0;
	local $SIG{PIPE} = 'IGNORE';

	while ($at < length $bytes) {
		my $sent = syswrite $socket, $bytes, 65536, $at;
		return 0 unless $sent;
		$at += $sent;
	}
	return 1;
}

# ---- replies ---------------------------------------------------------------------------------------------------------

sub read_chunked ($self, $socket, $buffer, $until) {
	my $body = '';

	while (1) {
		until ($$buffer =~ /^[0-9a-fA-F]+[^\r\n]*\r\n/) {
			$self->fill($socket, $buffer, $until) or return ($body, 0);
		}
		$$buffer =~ s/^([0-9a-fA-F]+)[^\r\n]*\r\n//;
		my $length = hex $1;
		while (length $$buffer < $length + 2) {
			$self->fill($socket, $buffer, $until) or return ($body . $$buffer, 0);
		}
		$body .= substr $$buffer, 0, $length;
		substr $$buffer, 0, $length + 2, '';
		return ($body, 1) if $length == 0;
	}
}

sub read_body ($self, $socket, $buffer, $until, $reply) {
	my $length = $reply->header('content-length');

	return ('', 1) if $reply->{method} eq 'HEAD' || $reply->{status} =~ /^(?:1..|204|304)$/;
	return $self->read_chunked($socket, $buffer, $until) if ($reply->header('transfer-encoding') // '') =~ /chunked/;
	if (!defined $length) {
		1 while $self->fill($socket, $buffer, $until);
		$reply->{closes} = 1;
		my $body = $$buffer;
		$$buffer = '';
		return ($body, 1);
	}
	while (length $$buffer < $length) {
		$self->fill($socket, $buffer, $until) or return ($$buffer, 0);
	}
	return (substr($$buffer, 0, $length, ''), 1);
}

# The next reply out of the connection; undef when it ended before one came.
sub read_reply ($self, $socket, $buffer, $method, $path) {
	my $until = time + $self->{timeout};

	while ($$buffer !~ /\r\n\r\n/) {
		$self->fill($socket, $buffer, $until) or return undef;
	}
	my $reply = Purser::Reply->parse($1, $method, $path) if $$buffer =~ s/^(.*?)\r\n\r\n//s;
	return $self->read_reply($socket, $buffer, $method, $path) if $reply->{status} =~ /^1/;
	@$reply{qw(body complete)} = $self->read_body($socket, $buffer, $until, $reply);
	$self->note($reply);
	return $reply;
}

# ---- requests --------------------------------------------------------------------------------------------------------

sub write_request ($self, $method, $path, $headers, $body) {
	my $head = "$method $path HTTP/1.1\r\nHost: $self->{host}:$self->{port}\r\n";

	while (my ($name, $value) = splice @$headers, 0, 2) {
		$head .= "$name: $value\r\n";
	}
	$head .= 'Content-Length: ' . length($body) . "\r\n" if defined $body;
	return "$head\r\n" . ($body // '');
}

# One request; headers are a list of names and values. The connection is kept, and opened anew where nginx has closed it
# before a single byte of a reply came.
sub request ($self, $method, $path, $headers = [], $body = undef) {
	my $bytes = $self->write_request($method, $path, [@$headers], $body);

	for my $try (1, 2) {
		my $kept = defined $self->{socket};
		my $socket = $self->{socket} //= $self->connect;
		my $buffer = '';
		$self->put($socket, $bytes);
		my $reply = eval { $self->read_reply($socket, \$buffer, $method, $path) };
		my $error = $@;
		$self->disconnect if $error || !$reply || !$reply->{complete} || $reply->{closes};
		return $reply if $reply;
		die $error if $error;
		die "the connection ended without a reply\n" unless $kept && $try == 1;
	}
}

# Bytes as they are, on a connection of their own; all replies that come back until the server closes or falls silent.
sub raw ($self, $bytes, %options) {
	my $socket = $self->connect;
	my $buffer = '';
	my @replies;

	$self->put($socket, $_) for ref $bytes ? @$bytes : $bytes;
	$socket->shutdown(SHUT_WR) if $options{half_close} && !$self->{secure};
	for (1 .. $options{replies} // 1) {
		my $reply = eval { $self->read_reply($socket, \$buffer, $options{method} // 'POST', $options{path} // '') };
		last unless $reply;
		push @replies, $reply;
	}
	close $socket;
	return wantarray ? @replies : $replies[0];
}

# ---- notes for the gates ---------------------------------------------------------------------------------------------

sub note ($self, $reply) {
	my $directory = $ENV{PURSER_RECORD};
	return unless $self->{record} && defined $directory && $directory ne '' && $reply->{path} =~ m{^/};
	my $body = $reply->{body};
	if (length $body > 262144) {
		return unless ($reply->media_type // '') eq 'application/x-ndjson';
		$body = substr $body, 0, 1 + rindex $body, "\n", 262143;
	}
	state $file;
	state $process = 0;
	if ($process != $$) {
		open $file, '>>', "$directory/$$.ndjson" or die "$directory: $!";
		$file->autoflush(1);
		$process = $$;
	}
	my ($path) = $reply->{path} =~ /^([^?]*)/;
	my $text = eval { decode('UTF-8', $body, Encode::FB_CROAK | Encode::LEAVE_SRC) };
	print $file $json->encode({
		test => $0, method => $reply->{method}, path => $path, status => 0 + $reply->{status},
		headers => $reply->{headers}, media_type => $reply->media_type, complete => $reply->{complete} ? 1 : 0,
		body => $text // $body, utf8 => defined $text ? 1 : 0,
	}), "\n";
}

1;
