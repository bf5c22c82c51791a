#!/usr/bin/perl
# The simulation holds for its first 200 seeds, plays the same plan for the same seed, and finds what was broken on purpose.
# With --all it is also cut and continued, and every planted bug has to be found within 1,000 seeds.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

defined $ENV{PURSER_BUILD} or plan(skip_all => 'PURSER_BUILD is not set; run ./check');

my $directory = "$ENV{PURSER_VAR}/tmp/sim";
my @program = ($^X, "$FindBin::Bin/sim", '--build', $ENV{PURSER_BUILD}, '--directory', $directory);

# Runs the simulation; gives its status and what it said.
sub simulate (@arguments) {
	open my $out, '-|', @program, @arguments or die "t/sim: $!";
	my $text = do { local $/; <$out> } // '';
	close $out;
	return ($? >> 8, $text);
}

my ($status, $first) = simulate(qw(--print --from 1 --seeds 20));
my (undef, $second) = simulate(qw(--print --from 1 --seeds 20));
is($first, $second, 'a seed has the same plan every time');
like($first, qr/^seed 20: /m, 'and each seed has one');

my ($failed, $told) = simulate(qw(--seeds 200 --again));
is($failed, 0, '200 seeds of callers, jobs, faults, clock jumps and kills break no rule') or diag $told;
diag((split /\n/, $told)[-1]);

for my $bug ('unchecked', $ENV{PURSER_CHECK_ALL} ? 'intent-index' : ()) {
	my ($missed, $said) = simulate('--bug', $bug, qw(--seeds 100 --lanes 1));
	is($missed, 0, "the planted bug $bug is found") or diag $said;
	like($said, qr/to play it again: t\/sim --from \d+ --seeds 1/, 'and told how to play it again');
	diag((split /\n/, $said)[-1]);
}

if ($ENV{PURSER_CHECK_ALL}) {
	for my $bug (qw(unconditional outbox-late unlocked-booking)) {
		my ($missed, $said) = simulate('--bug', $bug, qw(--seeds 1000));
		is($missed, 0, "the planted bug $bug is found within 1,000 seeds") or diag $said;
		diag((split /\n/, $said)[-1]);
	}

	my $progress = "$directory/seeds-1-40";
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		open STDOUT, '>', "$directory/cut.out";
		exec @program, qw(--seeds 40 --again) or POSIX::_exit(127);
	}
	my $until = time + 120;
	sleep 0.05 until time > $until || (-s $progress // 0) > 4;
	kill 'TERM', $pid;
	waitpid $pid, 0;
	my $cut = do { open my $in, '<', "$directory/cut.out" or die $!; local $/; <$in> };
	like($cut, qr/^to go on: t\/sim --from 1 --seeds 40$/m, 'a run that is cut says how to go on');
	my ($rest, $continued) = simulate(qw(--seeds 40));
	is($rest, 0, 'it goes on');
	like($continued, qr/^[1-9]\d* of these seeds were played before$/m, 'behind what was played before');
}
done_testing;
