#!/usr/bin/perl
# The pool as a process: where it listens, how it ends, reloads, and replaces its dead. Each pool here is a second one
# beside the stack's own, on the same database.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IO::Socket::UNIX;
use POSIX qw(WNOHANG);
use Purser::FastCGI qw(fastcgi_request);
use Purser::Test;
use Time::HiRes qw(sleep time);

my $directory = tempdir(CLEANUP => 1);
my $program = "$ENV{PURSER_BUILD}/purser-fcgi";
my @pools;

# Starts a pool with these settings over the stack's; `stdin` becomes its descriptor 0.
sub start ($name, $stdin, %settings) {
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		my %all = (LOG_FILE => "$directory/$name.log", PID_FILE => "$directory/$name.pid", WORKERS => 2, SLOW_WORKERS => 1,
		    LISTEN_SLOW => '', %settings);
		$ENV{"PURSER_$_"} = $all{$_} for keys %all;
		$ENV{PURSER_CONFIG} = "$ENV{PURSER_VAR}/purser.conf";
		open STDIN, '<&', $stdin or die $! if $stdin;
		open STDERR, '>', "$directory/$name.err" or die $!;
		exec $program or POSIX::_exit(127);
	}
	push @pools, $pid;
	return $pid;
}

END {
	local $?;
	kill 'TERM', @pools if @pools;
	waitpid $_, 0 for @pools;
}

sub unix ($path) { return IO::Socket::UNIX->new(Peer => $path) }

# The status of one request; 0 where nobody answered.
sub status ($connect, @request) {
	my $socket = $connect->() or return 0;
	my ($status) = fastcgi_request($socket, @request ? @request : ('GET', '/v1/health/ready'));
	return $status // 0;
}

sub answers ($connect, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return eventually($name, sub { status($connect) == 200 }, 30);
}

sub ended_within ($pid, $seconds) {
	my $began = time;
	while (time - $began < $seconds) {
		if (waitpid($pid, WNOHANG) == $pid) {
			@pools = grep { $_ != $pid } @pools;
			return time - $began;
		}
		sleep 0.02;
	}
	return undef;
}

sub children ($pid) {
	open my $file, '<', "/proc/$pid/task/$pid/children" or return;
	return split ' ', scalar(<$file>) // '';
}

# ---- where it listens ------------------------------------------------------------------------------------------------

my $listening = IO::Socket::UNIX->new(Local => "$directory/inherited.sock", Listen => 64) or die $!;
my $inherited = start('inherited', $listening, LISTEN => 'inherit', LISTEN_SLOW => "unix:$directory/unused.sock");
close $listening;
my $to_inherited = sub { unix("$directory/inherited.sock") };
answers($to_inherited, 'a pool answers on the socket it inherits as descriptor 0, as spawn-fcgi and mod_fcgid pass it');
is(status($to_inherited, 'POST', '/v1/admin/ledger/verify', body => '{}', CONTENT_TYPE => 'application/json',
    HTTP_AUTHORIZATION => 'Bearer ' . admin_key), 200, 'and the one pool serves the slow operations, too');
kill 'TERM', $inherited;
ok(defined ended_within($inherited, 5), 'SIGTERM ends it within five seconds');
ok(-S "$directory/inherited.sock", 'and what it inherited is left to its owner');

my $probe = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
my $port = $probe->sockport;
close $probe;
my $tcp = start('tcp', undef, LISTEN => "tcp:127.0.0.1:$port");
answers(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) }, 'a pool answers on a TCP socket');
kill 'TERM', $tcp;
ok(defined ended_within($tcp, 5), 'and ends');

# ---- how it lives ----------------------------------------------------------------------------------------------------

my $path = "$directory/pool.sock";
my $to_pool = sub { unix($path) };
my $pool = start('pool', undef, LISTEN => "unix:$path", LISTEN_SLOW => "unix:$directory/slow.sock", WORKERS => 3);
answers($to_pool, 'a pool answers on a unix socket');
answers(sub { unix("$directory/slow.sock") }, 'and so do its slow workers');

eventually('three fast workers, a slow one and the keeper run', sub { children($pool) == 5 });
my @before = children($pool);
kill 'KILL', $before[0];
eventually('a worker killed with signal 9 is replaced', sub { my @now = children($pool); @now == @before && !grep { $_ == $before[0] } @now });
is(status($to_pool), 200, 'and the pool answers on');

is(status($to_pool, 'GET', '/metrics'), 404, 'metrics are nothing for the public listener');
is(status($to_pool, 'GET', '/metrics', PURSER_LISTENER => 'metrics'), 200, 'but for the other one');

# ---- reloads ---------------------------------------------------------------------------------------------------------

my $callers = 4;
my @pipes = map {
	my $child = open(my $pipe, '-|') // die "fork: $!";
	if ($child == 0) {
		my ($good, $bad, $until) = (0, 0, time + 6);
		while (time < $until) { status($to_pool, 'GET', '/v1/health/live') == 200 ? $good++ : $bad++ }
		print "$good $bad\n";
		close STDOUT;
		POSIX::_exit(0);
	}
	$pipe } 1 .. $callers;
my ($reloads, $until, @workers) = (0, time + 5, children($pool));
while (time < $until) {
	kill 'HUP', $pool;
	$reloads++;
	sleep 0.4;
}
my ($good, $bad) = (0, 0);
for my $pipe (@pipes) {
	my ($g, $b) = split ' ', scalar <$pipe>;
	$good += $g, $bad += $b;
	close $pipe;
}
is($bad, 0, "no request of $good is lost over $reloads reloads");
cmp_ok($good, '>', 100, 'and there were requests');
my %old = map { $_ => 1 } @workers;
eventually('the workers are new ones', sub { my @now = children($pool); @now && !grep { $old{$_} } @now }, 30);

# ---- the end ---------------------------------------------------------------------------------------------------------

my $partial = unix($path);
syswrite $partial, pack('CCnnCx', 1, 1, 1, 8, 0) . pack('nCx5', 1, 0); # a request that never comes to its end
kill 'TERM', $pool;
my $took = ended_within($pool, 6);
ok(defined $took && $took <= 5.2, 'a pool with a request that never ends is gone within five seconds, too') or diag $took // 'it lives';
ok(!-e $path, 'and took its socket with it');

my $wrong = start('wrong', undef, LISTEN => "unix:$directory/wrong.sock", WORKERS => 0, RATE_DEFAULT => 'many');
waitpid $wrong, 0;
@pools = grep { $_ != $wrong } @pools;
isnt($?, 0, 'wrong settings stop the start');
my $said = do { local (@ARGV, $/) = "$directory/wrong.err"; <> };
like($said, qr/workers.*rate_default|rate_default.*workers/si, 'and all of them are named at once');
# ---- what is checked before a start ----

for my $font ('/etc', "$ENV{PURSER_VAR}/purser.conf", '/nowhere.ttf') {
	local %ENV = (%ENV, PURSER_CONFIG => "$ENV{PURSER_VAR}/purser.conf", PURSER_PDF_FONT => $font);
	my $said = qx{$ENV{PURSER_BUILD}/purserctl check-config 2>&1};
	isnt($?, 0, "$font is no font, and no configuration with it is good");
	like($said, qr/font/, 'as is said');
}
done_testing;
