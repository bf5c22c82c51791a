package Purser::CommandLine;

# The command line program as tests run it: with an environment of its own, in pipes or on a terminal; and small services
# that answer what the real one never would.

use v5.36;
use Exporter 'import';
use File::Temp qw(tempdir);
use IO::Pty;
use IO::Socket::INET;
use POSIX qw(WIFSIGNALED WNOHANG);
use Time::HiRes qw(sleep time);

our @EXPORT = qw(purser purser_begin purser_end on_terminal config_home service slurp spew);

my $program = "$ENV{PURSER_BUILD}/purser";
my $home = tempdir(CLEANUP => 1);

# A place for credentials that nobody else uses.
sub config_home () { return tempdir(DIR => $home) }

sub slurp ($file) {
	open my $in, '<:raw', $file or die "$file: $!";
	local $/;
	return scalar(<$in>) // '';
}

sub spew ($file, $text) {
	open my $out, '>:raw', $file or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
	chmod 0600, $file or die "$file: $!"; # as credentials have to be
	return $file;
}

# To look for leaks takes a third of its time: only with --all.
my @leaks = defined $ENV{ASAN_OPTIONS} && !$ENV{PURSER_CHECK_ALL} ? (ASAN_OPTIONS => "$ENV{ASAN_OPTIONS}:detect_leaks=0") : ();

# Nothing of the stack's own PURSER_ variables but where it is.
sub set_environment ($options) {
	my %environment = (PURSER_URL => $ENV{PURSER_URL}, PURSER_CA => $ENV{PURSER_CA}, PURSER_CONFIG_HOME => "$home/nobody", @leaks,
	    $options->{env} ? $options->{env}->%* : ());

	delete @ENV{grep { /^PURSER_/ } keys %ENV};
	$ENV{PURSER_API_KEY} = $options->{key} if defined $options->{key};
	for my $name (keys %environment) {
		defined $environment{$name} ? ($ENV{$name} = $environment{$name}) : delete $ENV{$name};
	}
}

# Starts it; `out` and `in` may be handles, `in` a text; `ignored` is a signal that it finds ignored.
sub purser_begin ($options, @words) {
	my %run = (out => File::Temp->new(DIR => $home), err => File::Temp->new(DIR => $home), in => File::Temp->new(DIR => $home));

	print { $run{in} } $options->{in} // '' unless ref $options->{in};
	$run{in}->flush;
	seek $run{in}, 0, 0;
	$run{in} = $options->{in} if ref $options->{in};
	$run{out} = $options->{out} if $options->{out};
	$run{pid} = fork // die "fork: $!";
	if (!$run{pid}) {
		set_environment($options);
		open STDIN, '<&', $run{in} or die $!;
		open STDERR, '>&', $run{err} or die $!;
		open STDOUT, '>&', $run{out} or die $!;
		POSIX::setsid() if $options->{alone};
		$SIG{$_} = ($options->{ignored} // '') eq $_ ? 'IGNORE' : 'DEFAULT' for qw(HUP INT TERM);
		exec $program, @words or die "$program: $!";
	}
	return \%run;
}

# Its end: { out, err, code }; the code of one that a signal ended is "signal N".
sub purser_end ($run) {
	my $until = time + 60;
	my $done;

	while (!($done = waitpid $run->{pid}, WNOHANG)) {
		kill 'KILL', $run->{pid} if time > $until;
		sleep 0.01;
	}
	my $code = WIFSIGNALED($?) ? 'signal ' . ($? & 127) : $? >> 8;
	my $out = $run->{out}->can('filename') ? slurp($run->{out}->filename) : '';
	return { code => $code, out => $out, err => slurp($run->{err}->filename) };
}

# purser({ key => …, env => {…}, in => … }, words…)
sub purser ($options, @words) { return purser_end(purser_begin($options, @words)) }

# On a terminal of its own, `columns` wide. `answers` are pairs: what has to be shown, and what is typed then. Gives
# { code, shown }.
sub on_terminal ($options, @words) {
	my $terminal = IO::Pty->new;
	my $shown = '';
	my @answers = ($options->{answers} // [])->@*;

	$terminal->slave->set_winsize(40, $options->{columns} // 100, 0, 0);
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		set_environment($options);
		$terminal->make_slave_controlling_terminal;
		my $slave = $terminal->slave;
		close $terminal;
		open STDIN, '<&', $slave or die $!;
		open STDOUT, '>&', $options->{out} // $slave or die $!;
		open STDERR, '>&', $slave or die $!;
		close $slave;
		exec $program, @words or die "$program: $!";
	}
	$terminal->close_slave;
	my $until = time + 60;
	while (time < $until) {
		my $bits = '';
		vec($bits, fileno $terminal, 1) = 1;
		if (select $bits, undef, undef, 0.05) {
			last unless sysread $terminal, $shown, 65536, length $shown;
		}
		if (@answers && index($shown, $answers[0]) >= 0) {
			shift @answers;
			my $typed = shift @answers;
			sleep 0.05;
			syswrite $terminal, $typed;
		}
	}
	kill 'KILL', $pid if time >= $until;
	waitpid $pid, 0;
	return { code => WIFSIGNALED($?) ? 'signal ' . ($? & 127) : $? >> 8, shown => $shown =~ s/\r\n/\n/gr };
}

# A service of one's own on this machine: `answer` gets each connection, with the request read up to its body's end. Gives
# its address; it ends with the test.
my @services;
sub service ($answer) {
	my $listener = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die "listen: $!";
	my $pid = fork // die "fork: $!";

	if (!$pid) {
		local $SIG{PIPE} = 'IGNORE';
		while (my $connection = $listener->accept) {
			my $request = '';
			$request .= <$connection> // last until $request =~ /\r\n\r\n\z/;
			read $connection, $request, $1, length $request if $request =~ /^content-length: (\d+)/mi;
			$answer->($connection, $request);
			close $connection;
		}
		POSIX::_exit(0);
	}
	push @services, $pid;
	return 'http://127.0.0.1:' . $listener->sockport;
}

END {
	local $?;
	kill 'KILL', @services if @services;
}

1;
