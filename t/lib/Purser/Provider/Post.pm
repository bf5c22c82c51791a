package Purser::Provider::Post;

# One POST to a webhook's receiver, over HTTP or HTTPS, without ever waiting for it.

use v5.36;
use Exporter 'import';
use IO::Socket::IP;
use IO::Socket::SSL;
use Purser::Provider::Loop;
use Socket qw(SO_ERROR);

our @EXPORT = qw(post_to);

my $timeout_seconds = 10;

# Calls `done` once with the answer's status (0 without an answer) and its body, or what went wrong. `ca` is the file of the
# authority that the receiver's certificate has to come from.
sub post_to ($url, $ca, $headers, $body, $done) {
	my ($secure, $host, $port, $path) = $url =~ m{^http(s?)://([^/:]+)(?::(\d+))?(/.*)?$} or return $done->(0, "no URL: $url");
	my $self = bless { host => $host, ca => $ca, done => $done, in => '' }, __PACKAGE__;

	$path //= '/';
	$self->{out} = "POST $path HTTP/1.1\r\nHost: $host\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n"
	    . join('', map { "$_: $headers->{$_}\r\n" } sort keys %$headers) . "\r\n$body";
	$self->{socket} = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port // ($secure ? 443 : 80), Blocking => 0)
	    or return $done->(0, "no connection: $@");
	after($timeout_seconds, sub { $self->finish(0, 'no answer in time') });
	on_write($self->{socket}, sub { $self->connected($secure) });
}

sub finish ($self, $status, $text) {
	my $socket = delete $self->{socket} or return;

	forget($socket);
	close $socket;
	$self->{done}->($status, $text);
}

sub connected ($self, $secure) {
	my $socket = $self->{socket} or return;

	my $error = $socket->sockopt(SO_ERROR);
	return $self->finish(0, 'no connection: ' . do { local $! = $error; "$!" }) if $error;
	return $self->send_more unless $secure;
	IO::Socket::SSL->start_SSL($socket, SSL_startHandshake => 0, SSL_ca_file => $self->{ca}, SSL_hostname => $self->{host} =~ /[a-z]/i ? $self->{host} : '',
	    SSL_verifycn_name => $self->{host}, SSL_verifycn_scheme => 'http', SSL_verify_mode => SSL_VERIFY_PEER);
	$self->shake_hands;
}

# Goes on when the socket is ready for what TLS waits for; false where TLS waits for nothing.
sub waits ($self, $next) {
	my $socket = $self->{socket};

	stop_reading($socket);
	return on_write($socket, $next) if $SSL_ERROR == SSL_WANT_WRITE;
	return on_read($socket, $next) if $SSL_ERROR == SSL_WANT_READ;
	return 0;
}

sub shake_hands ($self) {
	return unless $self->{socket};
	return $self->send_more if $self->{socket}->connect_SSL;
	$self->waits(sub { $self->shake_hands }) or $self->finish(0, "no TLS: $SSL_ERROR");
}

sub send_more ($self) {
	my $socket = $self->{socket} or return;
	local $SIG{PIPE} = 'IGNORE';
	my $sent = $socket->syswrite($self->{out});

	substr $self->{out}, 0, $sent, '' if defined $sent;
	if (length $self->{out}) {
		return on_write($socket, sub { $self->send_more }) if defined $sent || $!{EAGAIN} && !$socket->isa('IO::Socket::SSL');
		return if $socket->isa('IO::Socket::SSL') && $self->waits(sub { $self->send_more });
		return $self->finish(0, "cut off while sending: $!");
	}
	on_read($socket, sub { $self->receive });
	$self->receive;
}

sub receive ($self) {
	my $socket = $self->{socket} or return;

	while (1) {
		my $got = $socket->sysread($self->{in}, 65536, length $self->{in});
		last if defined $got && $got == 0 || $self->is_whole;
		next if $got;
		return if $!{EAGAIN} || $!{EINTR};
		return if $socket->isa('IO::Socket::SSL') && $self->waits(sub { $self->receive });
		last;
	}
	my ($status, $body) = $self->{in} =~ m{\AHTTP/1\.[01] (\d{3}).*?\r\n\r\n(.*)\z}s;
	$self->finish($status // 0, $body // 'the connection ended without an answer');
}

sub is_whole ($self) {
	my ($head) = $self->{in} =~ /\A(.*?\r\n\r\n)/s or return 0;
	my ($length) = $head =~ /^content-length: *(\d+)/mi or return 0;
	return length $self->{in} >= length($head) + $length;
}

1;
