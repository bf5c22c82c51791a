package Purser::Provider::Http;

# The server's end of HTTP/1.1: listeners that can be closed for a while, connections that are kept, and replies that go
# out whole, drop by drop, cut short, or not at all.

use v5.36;
use IO::Socket::IP;
use Purser::Provider::Loop;
use Socket qw(SOMAXCONN);

my %connections;

# Calls `on_request` with each request: { method, path, query, headers, body, connection }. Port 0 is any that is free.
sub new ($class, $port, $on_request) {
	my $self = bless { port => $port, on_request => $on_request }, $class;

	$self->begin;
	return $self;
}

sub begin ($self) {
	return if $self->{socket};
	my $socket = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => $self->{port}, Listen => SOMAXCONN, ReuseAddr => 1, Blocking => 0);
	# Somebody's outgoing connection may have the port for a moment.
	return after(0.02, sub { $self->begin }) if !$socket && $self->{opened};
	$self->{socket} = $socket // die "127.0.0.1:$self->{port}: $@\n";
	$self->{opened}++;
	$self->{port} = $socket->sockport;
	on_read($socket, sub { $self->take });
}

# Nobody gets a connection for so many seconds, or until begin(); and who has one and waits for nothing loses it.
sub refuse ($self, $seconds = undef) {
	$self->drop(sub ($connection) { !$connection->{busy} });
	my $socket = delete $self->{socket};
	if ($socket) {
		forget($socket);
		close $socket;
	}
	my $refusal = ++$self->{refusals};
	after($seconds, sub { $self->begin if $refusal == $self->{refusals} }) if defined $seconds;
}

# Ends the connections that are chosen.
sub drop ($self, $choose = sub ($connection) { 1 }) {
	$_->end(1) for grep { $_->{listener} == $self && $choose->($_) } values %connections;
}

sub take ($self) {
	while (my $socket = $self->{socket}->accept) {
		$socket->blocking(0);
		my $connection = bless { socket => $socket, listener => $self, in => '', out => '' }, 'Purser::Provider::Http::Connection';
		$connections{$connection} = $connection;
		on_read($socket, sub { $connection->receive });
	}
}

package Purser::Provider::Http::Connection;

use Purser::Provider::Loop;
use Socket qw(SOL_SOCKET SO_LINGER);

sub end ($self, $reset = 0) {
	my $socket = delete $self->{socket} or return;

	delete $connections{$self};
	setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0 if $reset;
	forget($socket);
	close $socket;
}

sub receive ($self) {
	my $got = sysread $self->{socket}, $self->{in}, 65536, length $self->{in};

	return if !defined $got && ($!{EAGAIN} || $!{EINTR});
	return $self->next_request if $got;
	# Whoever waits for an answer may have closed one direction only.
	return $self->end unless $self->{busy} && defined $got;
	$self->{ended} = 1;
	stop_reading($self->{socket});
}

sub next_request ($self) {
	return if $self->{busy} || !$self->{socket} || $self->{in} !~ /\A(.*?)\r\n\r\n/s;
	my ($head, $size) = ($1, $+[0]);
	my ($first, @lines) = split /\r\n/, $head;
	my %headers = map { /^([^:\s]+):\s*(.*?)\s*$/ ? (lc $1 => $2) : () } @lines;
	my $length = $headers{'content-length'} // 0;
	return $self->end unless $first =~ m{^([A-Z]+) ([^ ?]+)(?:\?(\S*))? HTTP/1\.[01]$};

	my %request = (method => $1, path => $2, query => $3 // '', headers => \%headers, connection => $self);
	if (length $self->{in} < $size + $length) {
		syswrite $self->{socket}, "HTTP/1.1 100 Continue\r\n\r\n" if delete $headers{expect} && !$self->{continued}++;
		return;
	}
	$request{body} = substr $self->{in}, $size, $length;
	substr $self->{in}, 0, $size + $length, '';
	$self->{busy} = 1;
	delete $self->{continued};
	$self->{listener}{on_request}->(\%request);
}

# `headers` is a list. `cut` leaves out so many bytes at the end and closes; `drip` is the seconds between two bytes.
sub answer ($self, $status, $headers, $body, %how) {
	my @headers = (@$headers, 'Content-Length' => length $body);
	my $head = "HTTP/1.1 $status Status\r\n";

	return unless $self->{socket};
	while (my ($name, $value) = splice @headers, 0, 2) {
		$head .= "$name: $value\r\n";
	}
	$self->{out} = "$head\r\n" . substr $body, 0, length($body) - ($how{cut} // 0);
	$self->{last} = $how{cut} || $self->{ended};
	$self->{drip} = $how{drip};
	$self->send_more;
}

sub send_more ($self) {
	return unless $self->{socket};
	local $SIG{PIPE} = 'IGNORE';
	my $sent = syswrite $self->{socket}, $self->{out}, $self->{drip} ? 1 : length $self->{out};
	return $self->end unless defined $sent || $!{EAGAIN} || $!{EINTR};

	substr $self->{out}, 0, $sent // 0, '';
	if (length $self->{out}) {
		return after($self->{drip}, sub { $self->send_more }) if $self->{drip};
		return on_write($self->{socket}, sub { $self->send_more });
	}
	$self->{busy} = 0;
	return $self->{last} ? $self->end : $self->next_request;
}

1;
