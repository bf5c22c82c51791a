package Purser::Provider::Receiver;

# A receiver of webhooks for the test of the processor itself: a process that notes what it is sent, over HTTP and HTTPS,
# and answers as the path says: /200, /500/200 (first one, then the other), /together/3 (only when three are there).

use v5.36;
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use IO::Socket::SSL;
use IO::Socket::SSL::Utils;
use POSIX ();
use Purser::Reply;

my $json = Purser::Reply::codec();

# `url` is of HTTP, `secure_url` of HTTPS, with a certificate of the authority in the file `ca`.
sub new ($class) {
	my $directory = tempdir(CLEANUP => 1);
	my ($authority, $authority_key) = CERT_create(CA => 1, subject => { CN => 'Test authority' });
	my ($certificate, $key) = CERT_create(issuer => [$authority, $authority_key], subject => { CN => '127.0.0.1' }, subjectAltNames => [[IP => '127.0.0.1']]);
	PEM_cert2file($authority, "$directory/ca");
	PEM_cert2file($certificate, "$directory/certificate");
	PEM_key2file($key, "$directory/key");
	my @listeners = map { IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 64) or die $@ } 1, 2;
	my $self = bless { directory => $directory, owner => $$, ca => "$directory/ca", url => 'http://127.0.0.1:' . $listeners[0]->sockport,
	    secure_url => 'https://127.0.0.1:' . $listeners[1]->sockport }, $class;

	$self->{pid} = fork // die "fork: $!";
	return $self if $self->{pid};
	eval { $self->serve(@listeners) };
	POSIX::_exit(1);
}

sub serve ($self, $plain, $secure) {
	my $select = IO::Select->new($plain, $secure);
	open my $notes, '>>', "$self->{directory}/notes" or die $!;
	$notes->autoflush(1);

	while (1) {
		for my $ready ($select->can_read) {
			my $socket = $ready->accept or next;
			$socket = IO::Socket::SSL->start_SSL($socket, SSL_server => 1, SSL_cert_file => "$self->{directory}/certificate",
			    SSL_key_file => "$self->{directory}/key") or next if $ready == $secure;
			my $request = read_request($socket) or next;
			print $notes $json->encode($request), "\n";
			$self->answer($socket, $request->{path});
		}
	}
}

sub read_request ($socket) {
	my $in = '';

	until ($in =~ /\A(.*?)\r\n\r\n/s && $in =~ /^Content-Length: (\d+)/m && length $in >= $+[0] && length($in) >= index($in, "\r\n\r\n") + 4 + $1) {
		$socket->sysread($in, 65536, length $in) or return;
	}
	my ($head, $body) = split /\r\n\r\n/, $in, 2;
	return { path => $head =~ m{^POST (\S+)}, signature => $head =~ /^Stripe-Signature: (\S+)/m, body => $body };
}

sub answer ($self, $socket, $path) {
	my ($wanted) = $path =~ m{^/together/(\d+)};
	my @statuses = $path =~ /(\d{3})/g;
	my @sockets = ($socket);

	if ($wanted) {
		push $self->{together}->@*, $socket;
		return if $self->{together}->@* < $wanted;
		@sockets = splice $self->{together}->@*;
	}
	my $status = $statuses[$self->{count}{$path}++] // $statuses[-1] // 200;
	for my $one (@sockets) {
		$one->syswrite("HTTP/1.1 $status Status\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
		close $one;
	}
}

# What came since this was last asked: { path, signature, body, event }.
sub received ($self) {
	open my $notes, '<', "$self->{directory}/notes" or return;
	seek $notes, $self->{seen} // 0, 0;
	my @requests = map { my $one = $json->decode($_); +{ %$one, event => $json->decode($one->{body}) } } <$notes>;
	$self->{seen} = tell $notes;
	return @requests;
}

sub DESTROY ($self) {
	return if $self->{owner} != $$;
	local $?;
	kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
}

1;
