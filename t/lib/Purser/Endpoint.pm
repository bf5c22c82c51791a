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

use v5.36;
use parent 'Purser::Server';
use MIME::Base64 qw(encode_base64);
use Time::HiRes qw(sleep);

# Connections are made by the kernel, and nobody ever speaks on them.
sub silent ($class) {
	my $listener = Purser::Server::listener();
	return bless { port => $listener->sockport, listener => $listener, owner => $$ }, $class;
}

sub answer ($self, $socket, $path, $headers) {
	my (undef, $what, $more) = split m{/}, $path;

	if ($what eq 'hang') {
		sleep 60;
	} elsif ($what eq 'slow') {
		sleep $more;
	} elsif ($what eq 'reset') {
		return Purser::Server::reset_connection($socket);
	} elsif ($what eq 'redirect') {
		return Purser::Server::reply($socket, 302, '', 'Location: ' . $self->url('/ok/elsewhere'));
	} elsif ($what eq 'status') {
		return Purser::Server::reply($socket, $more, "this is \x01 what $more means \xff here", 'Content-Type: text/plain', $more == 429 ? 'Retry-After: 1800' : ());
	} elsif ($what eq 'endless') {
		return Purser::Server::endless($socket, 'x');
	}
	return Purser::Server::reply($socket, 401, 'who are you?') if ($headers->{authorization} // '') ne 'Basic ' . encode_base64('name:secret', '');
	return Purser::Server::reply($socket, 204);
}

1;
