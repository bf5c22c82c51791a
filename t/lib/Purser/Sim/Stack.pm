package Purser::Sim::Stack;

# A private stack for simulated callers: MariaDB, workers, the runner of jobs, nginx and the scripted card processor, each
# of which can be killed and started again; and the clock that all of them read. Built from scripts/stack.sh.

use v5.36;
use Cwd qw(abs_path);
use Digest::SHA qw(sha256);
use File::Basename qw(dirname);
use IO::Socket::UNIX;
use POSIX qw(WNOHANG);
use Purser::Client;
use Purser::Provider;
use Purser::Sim::Database;
use Time::HiRes qw(sleep time);

my $root = abs_path(dirname(__FILE__) . '/../../../..');
my $webhook_secret = 'whsec_simulated';

# What stack.sh does not say: the parts one by one. Arguments: directory, programs, port, verb, name.
my $parts = <<'SCRIPT';
set -euo pipefail
source "$1/scripts/stack.sh"
stack_use "$2" "$3" "$4"
exec {stack_lock}>"$var/lock"
umask 077
part_begin() {
	stack_directories
	export PURSER_CONFIG=$var/purser.conf PURSER_TEST_CLOCK=$var/test_clock
}
part_mariadb() {
	stack_mariadb_configuration
	# Enough against kill -9, which the system survives.
	printf 'innodb_flush_log_at_trx_commit = 2\n' >>"$var/my.cnf"
	stack_spawn mariadb mariadbd --defaults-file="$var/my.cnf"
	stack_wait mariadb 60 stack_sql <<<'SELECT 1'
}
part_purser-fcgi() {
	stack_spawn purser-fcgi "$programs/purser-fcgi"
	until [[ -S $sockets/slow.sock && -S $sockets/fast.sock ]]; do sleep 0.02; done
}
# Without what walks over the organizations of every seed before; t/year is about that.
part_purser-jobs() {
	stack_spawn purser-jobs "$programs/purser-jobs" --except billing.run --except ledger.verify \
		--except snapshots.collect_balance --except snapshots.collect_costs
}
part_nginx() {
	metrics_port=$(free_port)
	stack_nginx_start
}
case $5 in
create)
	stack_stop
	stack_fresh
	part_begin
	stack_mariadb_configuration
	stack_mariadb_install
	part_mariadb
	stack_secrets
	stack_configuration
	stack_control migrate >"$var/log/migrate.out" 2>&1 || { cat "$var/log/migrate.out" >&2; exit 1; }
	stack_keep operator stack_control operator-key create --name simulation
	;;
start)
	part_begin
	"part_$6"
	;;
kill) # what left a session behind goes as well
	stack_left_behind "$6"
	((${#left[@]} == 0)) || kill -s KILL "${left[@]}" 2>/dev/null || true
	;;
stop) stack_stop ;;
esac
printf '%s\n' "${sockets:-}"
SCRIPT

# `directory`, `programs` (where the build is), and `settings` beyond the usual ones.
sub new ($class, %options) {
	my $self = bless { directory => $options{directory}, programs => $options{programs}, offset => 0, owner => $$ }, $class;

	mkdir $self->{directory};
	$self->{provider} = Purser::Provider->new;
	$self->{settings} = {
		PURSER_PROVIDER => 'stripe', PURSER_STRIPE_URL => $self->{provider}->url, PURSER_STRIPE_KEY => $self->{provider}->key,
		PURSER_STRIPE_WEBHOOK_SECRETS => $webhook_secret, PURSER_WORKERS => 5, PURSER_SLOW_WORKERS => 6,
		PURSER_EVENT_DAYS => 36_500, # the rules count what was told, and years go by
		(map { ("PURSER_RATE_$_" => 1_000_000) } qw(DEFAULT CHARGE ORDERS USAGE ADDRESS)), ($options{settings} // {})->%*,
	};
	$self->{port} = free_port();
	$self->{sockets} = $self->part('create');
	$self->{db} = Purser::Sim::Database->new("$self->{sockets}/mariadb.sock");
	$self->{db}->run('SET GLOBAL innodb_flush_log_at_trx_commit = 2');
	open my $in, '<', "$self->{directory}/operator" or die "operator: $!";
	chomp($self->{operator} = <$in>);
	$self->{db}->run('UPDATE api_key SET organization_rate_limit = 1000000 WHERE digest = ?', \sha256($self->{operator}));
	$self->set_clock(0);
	return $self;
}

sub free_port () {
	my $socket = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 1) or die "no port: $@";
	return $socket->sockport;
}

sub part ($self, @verb) {
	my $directory = $self->{directory};
	my $pid = open my $out, '-|' // die "fork: $!";

	if ($pid == 0) {
		delete @ENV{ grep { /^PURSER_/ } keys %ENV };
		%ENV = (%ENV, $self->{settings}->%*, ASAN_OPTIONS => "log_path=$directory/log/sanitizer:quarantine_size_mb=8",
		    UBSAN_OPTIONS => "print_stacktrace=1:log_path=$directory/log/sanitizer");
		exec 'bash', '-c', $parts, 'sim', $root, $directory, @$self{qw(programs port)}, @verb or POSIX::_exit(127);
	}
	chomp(my $line = <$out> // '');
	close $out or die "@verb of the stack in $directory failed\n";
	return $line;
}

sub start ($self) {
	$self->part('start', $_) for qw(purser-fcgi purser-jobs nginx);
	$self->provider_begins;
}

sub stop ($self) {
	return if $self->{owner} != $$ || $self->{stopped}++;
	$self->{db}->close if $self->{db};
	eval { $self->part('stop') };
	$self->{provider}->stop;
}

sub DESTROY ($self) {
	local ($?, $@);
	$self->stop;
}

sub url ($self) { return "https://localhost:$self->{port}" }
sub client ($self) { return Purser::Client->new(url => $self->url, ca => "$self->{directory}/tls/ca.pem", record => 0, timeout => 60) }

# ---- the clock -------------------------------------------------------------------------------------------------------

sub set_clock ($self, $offset) {
	my $file = "$self->{directory}/test_clock";

	open my $out, '>', "$file.new" or die "$file.new: $!";
	print $out "$offset\n";
	close $out or die $!;
	rename "$file.new", $file or die $!;
	$self->{offset} = $offset;
}

# By the simulated clock.
sub now ($self) { return time + $self->{offset} }

# Moves the processor's clock as well.
sub set_time ($self, $offset) {
	$self->set_clock($offset);
	$self->{provider}->control('set', clock => 0 + $offset);
}

# ---- the processor ---------------------------------------------------------------------------------------------------

sub provider ($self) { return $self->{provider} }

# It knows nobody, is well, and tells us what happens.
sub provider_begins ($self) {
	my $provider = $self->{provider};

	$provider->control('reset');
	$provider->control('set', clock => 0 + $self->{offset});
	$provider->control('webhooks', usual => { retries => 12, retry_seconds => 0.02 },
	    receivers => [{ url => $self->url . '/v1/webhooks/stripe', secrets => [$webhook_secret], ca => "$self->{directory}/tls/ca.pem" }]);
}

# ---- processes -------------------------------------------------------------------------------------------------------

sub pid_of ($self, $name) {
	open my $in, '<', "$self->{directory}/run/$name.process" or return 0;
	return (split ' ', <$in> // '0')[0];
}

sub worker_pids ($self) {
	my $master = $self->pid_of('purser-fcgi');
	open my $in, '<', "/proc/$master/task/$master/children" or return;
	return split ' ', <$in> // '';
}

# So many workers, from the one of that number on.
sub kill_workers ($self, $which, $count) {
	my @pids = sort { $a <=> $b } $self->worker_pids or return;
	kill 'KILL', map { $pids[ ($which + $_) % @pids ] } 1 .. $count;
}

sub kill_database ($self) {
	kill 'KILL', $self->pid_of('mariadb');
	$self->{db}->close;
}

sub start_database ($self) { $self->part('start', 'mariadb') }

sub kill_runner ($self) { kill 'KILL', $self->pid_of('purser-jobs') }
sub start_runner ($self) { $self->part('start', 'purser-jobs') }

# Starts one run of the jobs, one after the other, in a process of its own; gives its pid.
sub start_jobs ($self, @jobs) {
	my $directory = $self->{directory};
	my $pid = fork // die "fork: $!";

	if ($pid == 0) {
		delete @ENV{ grep { /^PURSER_/ } keys %ENV };
		%ENV = (%ENV, $self->{settings}->%*, PURSER_CONFIG => "$directory/purser.conf", PURSER_TEST_CLOCK => "$directory/test_clock",
		    ASAN_OPTIONS => "detect_leaks=0:log_path=$directory/log/sanitizer", UBSAN_OPTIONS => "print_stacktrace=1:log_path=$directory/log/sanitizer");
		open STDOUT, '>>', "$directory/log/once.out";
		open STDERR, '>&', \*STDOUT;
		exec "$self->{programs}/purser-jobs", map({ ('--once', $_) } @jobs) or POSIX::_exit(127);
	}
	return $pid;
}

# Its status as in $?, -1 where it had to be killed.
sub end_jobs ($self, $pid, $seconds = 60) {
	my $until = time + $seconds;

	while (time < $until) {
		return $? if waitpid($pid, WNOHANG) == $pid;
		sleep 0.002;
	}
	kill 'KILL', $pid;
	waitpid $pid, 0;
	return -1;
}

sub job_names ($self) {
	return map { /^(\S+)/ ? $1 : () } split /\n/, `'$self->{programs}/purser-jobs' --list`;
}

# What a sanitizer found.
sub sanitizer_reports ($self) { return glob "$self->{directory}/log/sanitizer.*" }

1;
