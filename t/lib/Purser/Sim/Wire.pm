package Purser::Sim::Wire;

# Many requests at once: each on a connection of its own, all sent before the first reply is read. Some go through nginx as
# everybody's do, the others to the workers' sockets as nginx would send them, which costs less.

use v5.36;
use IO::Socket::UNIX;
use Purser::FastCGI;
use Purser::Reply;
use Time::HiRes qw(time);

my $json = Purser::Reply::codec();

# `slow`: which operations the slow pool takes.
sub new ($class, $stack, $slow) { return bless { stack => $stack, slow => $slow, clients => [] }, $class }

# ---- through nginx ---------------------------------------------------------------------------------------------------

sub send_through_nginx ($self, $sent, $number) {
	my $client = $self->{clients}[$number] //= $self->{stack}->client;
	my $request = $sent->{request};
	my @headers = (Authorization => "Bearer $request->{token}", 'Content-Type' => 'application/json', 'X-Request-Id' => $request->{id},
	    defined $request->{key} ? ('Idempotency-Key' => $request->{key}) : ());

	$sent->{path} = "/v1/op/$request->{operation}";
	$sent->{client} = $client;
	my $bytes = $client->write_request('POST', $sent->{path}, \@headers, $request->{body});
	# A kept connection may have been closed meanwhile.
	for (1, 2) {
		my $socket = $client->{socket} //= eval { $client->connect } // next;
		return if !$client->wait_for($socket, time) && $client->put($socket, $bytes);
		$client->disconnect;
	}
	$sent->{lost} = 1;
}

sub read_from_nginx ($self, $sent) {
	my $client = $sent->{client};
	return if $sent->{lost};
	my $buffer = '';
	my $reply = eval { $client->read_reply($client->{socket}, \$buffer, 'POST', $sent->{path}) };

	$client->disconnect if !$reply || !$reply->{complete} || $reply->{closes};
	return unless $reply && $reply->{complete};
	return { status => $reply->status, json => $reply->json, replayed => defined $reply->header('idempotent-replayed') };
}

# ---- to the workers' sockets -----------------------------------------------------------------------------------------

sub send_to_worker ($self, $sent) {
	my $request = $sent->{request};
	my $path = "$self->{stack}{sockets}/" . ($self->{slow}{ $request->{operation} } ? 'slow' : 'fast') . '.sock';
	my $socket = $sent->{socket} = IO::Socket::UNIX->new(Peer => $path) or return;
	my $body = $request->{body};
	my %parameters = (REQUEST_METHOD => 'POST', REQUEST_URI => "/v1/op/$request->{operation}", REMOTE_ADDR => '127.0.0.1', PURSER_LISTENER => 'public',
	    CONTENT_LENGTH => length $body, CONTENT_TYPE => 'application/json', HTTP_AUTHORIZATION => "Bearer $request->{token}",
	    HTTP_X_REQUEST_ID => $request->{id}, defined $request->{key} ? (HTTP_IDEMPOTENCY_KEY => $request->{key}) : ());
	my $record = \&Purser::FastCGI::record;
	local $SIG{PIPE} = 'IGNORE';

	syswrite $socket, $record->(1, pack 'nCx5', 1, 0)
	    . $record->(4, join '', map { Purser::FastCGI::pair($_, $parameters{$_}) } sort keys %parameters) . $record->(4, '')
	    . $record->(5, $body) . $record->(5, '');
}

sub read_from_worker ($self, $sent, $until) {
	my $socket = $sent->{socket} or return;
	my ($bytes, $out, $bits) = ('', '', '');

	vec($bits, fileno $socket, 1) = 1;
	while (1) {
		my $left = $until - time;
		last if $left <= 0 || select(my $ready = $bits, undef, undef, $left) <= 0;
		last if !sysread $socket, $bytes, 65536, length $bytes;
	}
	close $socket;
	my $ended = 0;
	while (length $bytes >= 8) {
		my (undef, $type, undef, $length, $padding) = unpack 'CCnnC', $bytes;
		$out .= substr $bytes, 8, $length if $type == 6;
		$ended = 1 if $type == 3;
		last if length $bytes < 8 + $length + $padding;
		$bytes = substr $bytes, 8 + $length + $padding;
	}
	my ($head, $content) = split /\r\n\r\n/, $out, 2;
	return unless $ended && defined $head && $head =~ /^Status: (\d+)/;
	return { status => 0 + $1, json => eval { $json->decode($content) }, replayed => $head =~ /^Idempotent-Replayed:/mi ? 1 : 0 };
}

# ---- all at once -----------------------------------------------------------------------------------------------------

# Requests are { operation, body (bytes), token, key, id, nginx }. `meanwhile` runs when all are on their way. Gives a reply for each,
# { status, json, replayed }, or undef where none came.
sub exchange ($self, $requests, $meanwhile = undef, $seconds = 60) {
	my @sent = map { { request => $_ } } @$requests;
	my $until = time + $seconds;

	for my $number (0 .. $#sent) {
		my $sent = $sent[$number];
		$sent->{request}{nginx} ? $self->send_through_nginx($sent, $number) : $self->send_to_worker($sent);
	}
	$meanwhile->() if $meanwhile;
	my @replies;
	push @replies, scalar($_->{request}{nginx} ? $self->read_from_nginx($_) : $self->read_from_worker($_, $until)) for @sent;
	return @replies;
}

# After the workers or nginx were ended.
sub forget ($self) { $_ && $_->disconnect for splice $self->{clients}->@* }

1;
