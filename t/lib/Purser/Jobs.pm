package Purser::Jobs;

# What the tests of jobs use beside Purser::Test: jobs and runners of their own, against the stack's database or a private
# one, organizations that only the database knows, and the stack's own runner kept away from a job for a while.

use v5.36;
use Exporter 'import';
use POSIX qw(WNOHANG);
use Purser::Test;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(run_job start_job start_runner start_program end_program end_runners log_of log_lines keep_away give_back utc connect_again
    private_database private_clock private_now new_book ledger_call expiries ledgers_are_whole);

my $directory = "$ENV{PURSER_VAR}/tmp/jobs-$$";
my %running;
my $private;
my @kept_away;
my $clock_offset = 0;

# ---- programs --------------------------------------------------------------------------------------------------------

# Whether leaks are looked for at the end takes as long as a short job does: of each job in a file the first run is looked at.
sub leak_options (@arguments) {
	state %seen;
	return () unless defined $ENV{ASAN_OPTIONS} && "@arguments" =~ /--once/ && $seen{"@arguments"}++;
	return (ASAN_OPTIONS => "$ENV{ASAN_OPTIONS}:detect_leaks=0");
}

# Starts a program of the build with more settings; gives its pid.
sub start_program ($program, $log, $arguments, %settings) {
	my @leaks = leak_options(@$arguments);
	mkdir $directory;
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		%ENV = (%ENV, @leaks, PURSER_CONFIG => "$ENV{PURSER_VAR}/purser.conf", PURSER_LOG_FILE => "$directory/$log",
		    $private ? ($private->{settings}->%*) : (), %settings);
		open STDERR, '>>', "$directory/$log.err";
		open STDOUT, '>>', "$directory/$log.out";
		exec "$ENV{PURSER_BUILD}/$program", @$arguments or POSIX::_exit(127);
	}
	$running{$pid} = $log;
	return $pid;
}

# Starts one run of a job, whether it is due or not.
sub start_job ($job, %settings) {
	state $count = 0;
	return start_program('purser-jobs', 'once-' . ++$count, ['--once', $job], %settings);
}

sub start_runner ($log, %settings) { return start_program('purser-jobs', $log, [], %settings) }

# Waits until the program has ended; kills it when the time is over. Gives its status, as in $?.
sub end_program ($pid, $seconds = 60) {
	my $until = time + $seconds;
	delete $running{$pid};

	while (time < $until) {
		return $? if waitpid($pid, WNOHANG) == $pid;
		sleep 0.02;
	}
	kill 'KILL', $pid;
	waitpid $pid, 0;
	return -1;
}

# Runs a job once, to its end; true when it went well.
sub run_job ($job, %settings) {
	my $pid = start_job($job, %settings);
	my $log = $running{$pid};
	my $status = end_program($pid);

	lease_to_nobody($job) if !$private && grep { $_ eq $job } @kept_away;
	Purser::Test::diag(log_of($log)) if $status != 0;
	return $status == 0;
}

sub end_runners (@pids) {
	kill 'TERM', @pids;
	return map { end_program($_, 20) } @pids;
}

sub log_of ($log) {
	my $text = '';
	for my $file ("$directory/$log", "$directory/$log.err") {
		open my $in, '<', $file or next;
		local $/;
		$text .= <$in> // '';
	}
	return $text;
}

sub log_lines ($pattern, @logs) {
	return grep { /$pattern/ } map { split /\n/, log_of($_) } @logs;
}

# ---- the stack's own runner ------------------------------------------------------------------------------------------

# Nobody but run_job and start_job touches the job while the test lasts: it is leased to nobody, for not longer than an
# hour, or the lease counts as one of a clock that was set back. So it is leased anew when the clock moves.
sub keep_away ($job) {
	lease_to_nobody($job);
	push @kept_away, $job;
}

# The stack's own runner may have it again, at once.
sub give_back ($job) {
	@kept_away = grep { $_ ne $job } @kept_away;
	db_run('UPDATE job SET leased_until = NULL, due_at = LEAST(due_at, UTC_TIMESTAMP(6)) WHERE id = ?', $job);
}

sub lease_to_nobody ($job) {
	db_run('UPDATE job SET lease_token = lease_token + 1, leased_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE id = ?',
	    $clock_offset + 3000, $job);
}

# The runner that knows the new time already waits for the locks.
$Purser::Test::around_clock = sub ($move, $offset) {
	$clock_offset = $offset;
	if (!@kept_away || $private) {
		$move->();
		return;
	}
	db()->begin_work;
	db_run('SELECT id FROM job WHERE id = ? FOR UPDATE', $_) for sort @kept_away;
	$move->();
	lease_to_nobody($_) for @kept_away;
	db()->commit;
};

# `seconds` from now as the database writes it.
sub utc ($seconds = 0) {
	return db_value('SELECT CAST(UTC_TIMESTAMP(6) + INTERVAL ? SECOND AS CHAR)', $seconds);
}

sub connect_again ($database = undef) {
	return DBI->connect("dbi:MariaDB:database=" . ($database // ($private ? $private->{name} : $ENV{PURSER_DB_NAME}))
	    . ";mariadb_socket=$ENV{PURSER_DB_SOCKET}", scalar getpwuid($<), undef, { RaiseError => 1, PrintError => 0, AutoCommit => 1 });
}

# ---- a private database ----------------------------------------------------------------------------------------------

# A database with the schema and nothing in it, and a clock of its own: where a test must be alone. From then on the
# programs of this module and db() use it.
sub private_database () {
	mkdir $directory;
	my $name = "purser_jobs_$$";
	db_run("CREATE DATABASE $name CHARACTER SET utf8mb4");
	$private = { name => $name, settings => { PURSER_DATABASE_NAME => $name, PURSER_TEST_CLOCK => "$directory/clock" } };
	private_clock(0);
	end_program(start_program('purserctl', 'migrate', ['migrate'])) == 0 or die 'migrate: ' . log_of('migrate');
	db_run("USE $name");
	return $name;
}

sub private_clock ($offset) {
	open my $out, '>', "$directory/clock.new" or die "$directory/clock.new: $!";
	print $out "$offset\n";
	close $out or die $!;
	rename "$directory/clock.new", "$directory/clock" or die $!;
	$private->{offset} = $offset;
}

# Now by that clock, and so many seconds more, as the database writes it.
sub private_now ($seconds = 0) { return utc($private->{offset} + $seconds) }

# ---- ledgers ---------------------------------------------------------------------------------------------------------

# An organization that only the database knows, with its book; gives its id.
sub new_book () {
	my $id = new_ulid();
	db_run("INSERT INTO organization (id, name, slug, currency, created_at, updated_at)
	    VALUES (?, 'Test', ?, 'AUD', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))", bytes_of($id), lc $id);
	ledger_call('book_open(?, ?, UTC_TIMESTAMP(6))', bytes_of($id), 'AUD');
	return $id;
}

# Calls a procedure of the ledger; gives its first row.
sub ledger_call ($call, @values) {
	my $statement = db_run("CALL $call", @values);
	my $row = $statement->{NUM_OF_FIELDS} ? $statement->fetchrow_hashref : undef;
	1 while $statement->more_results;
	return $row;
}

# The credits of every expiry that was booked, in order.
sub expiries ($id) {
	return db_column("SELECT -available_change FROM journal_entry WHERE organization_id = ? AND reason = 'expiry' ORDER BY sequence",
	    bytes_of($id));
}

# By the operator's command, from the first entries on.
sub ledgers_are_whole () {
	return end_program(start_program('purserctl', 'verify', ['ledger', 'verify', '--full'])) == 0;
}

END {
	my $status = $?;
	if (%running) {
		kill 'KILL', keys %running;
		waitpid $_, 0 for keys %running;
	}
	if (!$private && db()->ping) {
		set_clock(0);
		db_run('UPDATE job SET due_at = LEAST(due_at, UTC_TIMESTAMP(6)),
		    leased_until = IF(leased_until > UTC_TIMESTAMP(6) + INTERVAL 300 SECOND, NULL, leased_until)');
		give_back($_) for @kept_away;
	}
	db_run("DROP DATABASE $private->{name}") if $private;
	if ($status == 0 && Test::More->builder->is_passing) {
		unlink glob "$directory/*";
		rmdir $directory;
	}
	$? = $status;
}

1;
