package Purser::Front;

# Another nginx, before workers that a test has started with settings of its own: the front door of the stack, with its own ports,
# sockets and map of web origins.
#
#	my $front = Purser::Front->start('/tmp/a-directory-of-its-own', socket => $socket, origins => 'https://app.example.com');
#	my $reply = request('GET', '/v1/health/live', client => $front->client);

use v5.36;
use File::Path qw(remove_tree);
use IO::Socket::INET;
use POSIX ();
use Purser::Client;
use Time::HiRes qw(sleep time);

sub free_port () {
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die "no port: $@";
	return $socket->sockport;
}

sub slurp ($file) {
	open my $in, '<:raw', $file or die "$file: $!";
	local $/;
	return scalar <$in>;
}

sub spew ($file, $text) {
	open my $out, '>:raw', $file or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
	return $file;
}

# `socket` is the workers', `origins` the setting that they were started with; `read_timeout` is how long an answer of theirs
# is waited for. It answers when this returns.
sub start ($class, $directory, %options) {
	my $self = bless { directory => $directory, port => free_port(), owner => $$, socket => $options{socket} }, $class;

	mkdir $directory, 0700;
	mkdir "$directory/tmp", 0700;
	my $configuration = $self->configuration(%options);
	$self->{pid} = fork // die "fork: $!";
	if ($self->{pid} == 0) {
		local $ENV{PATH} = "$ENV{PATH}:/usr/local/sbin:/usr/sbin:/sbin";
		exec 'nginx', '-c', $configuration, '-e', "$directory/nginx-error.log" or POSIX::_exit(127);
	}
	my $until = time + 30;
	until (eval { $self->client(record => 0)->request('GET', '/') }) {
		time < $until or die "nginx does not answer:\n" . eval { slurp("$directory/nginx-error.log") };
		sleep 0.05;
	}
	return $self;
}

sub configuration ($self, %options) {
	my ($directory, $metrics) = ($self->{directory}, free_port());
	my $text = slurp("$ENV{PURSER_VAR}/nginx/purser.conf");
	my ($port) = $ENV{PURSER_URL} =~ /:(\d+)$/;
	my ($include) = $text =~ m{include (\S*/worker\.inc);};
	my $worker = slurp($include) =~ s/(fastcgi_read_timeout) 60s/$1 @{[$options{read_timeout} || 60]}s/r;
	local $ENV{PURSER_CORS_ORIGINS} = $options{origins} // '';
	my $map = qx{$ENV{PURSER_BUILD}/purserctl --config $ENV{PURSER_VAR}/purser.conf cors-map};

	die 'purserctl cors-map failed' if $? != 0;
	spew("$directory/cors.map", $map);
	spew("$directory/worker.inc", $worker);
	$text =~ s{\Q$include\E;}{$directory/worker.inc;}g;
	$text =~ s{include \S*/cors\.map;}{include $directory/cors.map;};
	$text =~ s{unix:\S*/(?:fast|slow)\.sock}{unix:$options{socket}}g;
	$text =~ s{\Q$ENV{PURSER_VAR}\E/(?:tmp|log)\b}{$directory/tmp}g;
	$text =~ s{^pid .*}{pid $directory/nginx.pid;}m;
	$text =~ s{listen \[::1\]:\d+[^;]*;}{};
	$text =~ s{(listen 127\.0\.0\.1:)$port\b}{$1$self->{port}};
	$text =~ s{(listen 127\.0\.0\.1:)(?!$self->{port}\b)\d+}{$1$metrics};
	return spew("$directory/nginx.conf", $text);
}

sub url ($self) { return "https://localhost:$self->{port}" }
sub client ($self, %options) { return Purser::Client->new(url => $self->url, ca => $ENV{PURSER_CA}, %options) }

sub stop ($self) {
	return if $self->{owner} != $$;
	my $pid = delete $self->{pid} or return;

	local $?;
	kill 'QUIT', $pid;
	waitpid $pid, 0;
	remove_tree($self->{directory});
}

sub DESTROY ($self) { $self->stop }

1;
