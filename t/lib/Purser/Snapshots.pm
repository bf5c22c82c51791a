package Purser::Snapshots;

# A stack of its own whose balances come from a provider of the test: a Purser::Payments, and a small server over https, under
# the stack's certificate, that answers for each organization what it was told to, or does what a provider should not.
#
#	my $stack = Purser::Snapshots->start;
#	$stack->answer($organization, '{"amount": "12.5", "currency": "EUR"}');
#	$stack->answer($organization, undef, fault => 'hang');
#	$stack->collect;

use v5.36;
use parent 'Purser::Payments';
use Purser::Test qw(bytes_of db_run db_value);
use Purser::Jobs;

my $three_hours = 3 * 3600;

# `source` is another one than the provider.
sub start ($class, %options) {
	my $upstream = Purser::Snapshots::Upstream->new;
	my $source = delete $options{source} // $upstream->url('/balances/{organization_id}?of=purser');
	my $self = $class->SUPER::start(PURSER_SNAPSHOT_SOURCE => $source, PURSER_SNAPSHOT_TOKEN => 'shown-to-the-provider',
	    PURSER_OUTGOING_CA => $ENV{PURSER_CA}, %options);

	$self->{upstream} = $upstream;
	return $self;
}

sub upstream ($self) { return $self->{upstream} }

# From now on; options are status, type, and fault: hang, drip, reset, huge, redirect.
sub answer ($self, $organization, $body, %options) {
	return $self->{upstream}->answer($organization->{id}, $body, %options);
}

# Everything that is due is collected; `later` after so long that everything is.
sub collect ($self, $what = 'balance') { return $self->run("snapshots.collect_$what") }
sub collect_later ($self, $what = 'balance') {
	$self->later($three_hours);
	return $self->collect($what);
}

# Amount and currency of each, the oldest first.
sub balances ($self, $organization) {
	return map { "$_->[0] $_->[1]" } db_run('SELECT amount, currency FROM balance_snapshot WHERE organization_id = ? ORDER BY id',
	    bytes_of($organization->{id}))->fetchall_arrayref->@*;
}

sub turn ($self, $organization, $kind = 'balance') {
	return db_run('SELECT * FROM snapshot_turn WHERE organization_id = ? AND kind = ?', bytes_of($organization->{id}), $kind)->fetchrow_hashref;
}

# In how many seconds it is collected next, by the clock of the stack.
sub due_in ($self, $organization, $kind = 'balance') {
	return db_value('SELECT ROUND(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), due_at) / 1e6 - ?) FROM snapshot_turn WHERE organization_id = ? AND kind = ?',
	    $self->{offset}, bytes_of($organization->{id}), $kind);
}

sub stop ($self) {
	$self->{upstream}->stop if $self->{upstream};
	return $self->SUPER::stop;
}

package Purser::Snapshots::Upstream;

use v5.36;
use IO::Socket::INET;
use IO::Socket::SSL;
use JSON::PP ();
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER SOMAXCONN);
use Time::HiRes qw(sleep time);

my $codec = JSON::PP->new->canonical;

sub new ($class) {
	my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => SOMAXCONN, ReuseAddr => 1) // die "listen: $@";
	my $begin = "$ENV{PURSER_VAR}/tmp/upstream-$$-" . $listener->sockport;
	my $self = bless { port => $listener->sockport, log => "$begin.log", answers => "$begin.json", told => {}, owner => $$ }, $class;

	open my $out, '>', $self->{log} or die "$self->{log}: $!";
	$self->tell;
	$self->{pid} = fork // die "fork: $!";
	if ($self->{pid} == 0) {
		POSIX::setpgid(0, 0); # those that hang end with it
		$self->serve($listener);
		POSIX::_exit(0);
	}
	return $self;
}

sub url ($self, $path = '') { return "https://127.0.0.1:$self->{port}$path" }

# Its processes read it anew for every request.
sub tell ($self) {
	open my $out, '>', "$self->{answers}.new" or die "$self->{answers}: $!";
	print $out $codec->encode($self->{told});
	close $out or die $!;
	rename "$self->{answers}.new", $self->{answers} or die $!;
}

sub answer ($self, $id, $body, %options) {
	$self->{told}{$id} = { body => $body, %options };
	$self->tell;
}

# What it was asked, in order: { method, path, headers, at }; of one organization where it is named.
sub requests ($self, $id = '') {
	open my $in, '<', $self->{log} or die "$self->{log}: $!";
	return grep { index($_->{path}, $id) >= 0 } map { $codec->decode($_) } <$in>;
}

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
		until ($bytes =~ /\r\n\r\n/) {
			sysread($socket, $bytes, 65536, length $bytes) or return;
		}
		my ($head) = $bytes =~ s/\A(.*?)\r\n\r\n//s ? $1 : return;
		my ($first, @lines) = split /\r\n/, $head;
		my ($method, $path) = $first =~ m{^(\S+) (\S+)} or return;
		my %headers = map { /^([^:]+):\s*(.*?)\s*$/ ? (lc $1 => $2) : () } @lines;
		open my $out, '>>', $self->{log} or die "$self->{log}: $!";
		syswrite $out, $codec->encode({ method => $method, path => $path, headers => \%headers, at => time }) . "\n";
		close $out;
		$self->reply($socket, $path) or return;
	}
}

sub told_for ($self, $path) {
	my ($id) = $path =~ m{^/balances/([0-9A-Z]{26})\b} or return { status => 404, body => '{}' };
	open my $in, '<', $self->{answers} or die "$self->{answers}: $!";
	local $/;
	return $codec->decode(<$in>)->{$id} // { status => 404, body => '{}' };
}

sub reply ($self, $socket, $path) {
	my $told = $self->told_for($path);
	my $fault = $told->{fault} // '';
	my $type = 'Content-Type: ' . ($told->{type} // 'application/json; charset=utf-8');

	if ($fault eq 'hang') {
		sleep 60;
	} elsif ($fault eq 'reset') {
		setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
		return 0;
	} elsif ($fault eq 'drip') { # an answer whose end never comes
		syswrite $socket, "HTTP/1.1 200 OK\r\n$type\r\nContent-Length: 100000\r\n\r\n$told->{body}";
		for (1 .. 60) { sleep 1; syswrite $socket, ' ' or return 0 }
		return 0;
	} elsif ($fault eq 'huge') {
		syswrite $socket, "HTTP/1.1 200 OK\r\n$type\r\nContent-Length: 1073741824\r\n\r\n$told->{body}";
		for (1 .. 65536) { syswrite $socket, ' ' x 16384 or return 0 }
		return 0;
	} elsif ($fault eq 'redirect') {
		return syswrite $socket, "HTTP/1.1 302 Found\r\nLocation: " . $self->url('/balances/elsewhere') . "\r\nContent-Length: 0\r\n\r\n";
	}
	my $status = $told->{status} // 200;
	my $body = $told->{body} // '';
	return syswrite $socket, "HTTP/1.1 $status Status\r\n$type\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
}

sub stop ($self) {
	return if $self->{owner} != $$;
	my $pid = delete $self->{pid} or return;

	local $?;
	kill 'TERM', -$pid;
	waitpid $pid, 0;
	unlink $self->{log}, $self->{answers};
}

sub DESTROY ($self) { $self->stop }

1;
