package Purser::Provider::Loop;

# One process that waits for many sockets and moments at once.

use v5.36;
use Exporter 'import';
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our @EXPORT = qw(on_read on_write stop_reading forget after run_loop);

my (%readers, %writers, @timers);

sub on_read ($handle, $callback) { $readers{ fileno $handle } = $callback }

# Called once; who has more to write asks again.
sub on_write ($handle, $callback) { $writers{ fileno $handle } = $callback }

sub stop_reading ($handle) { delete $readers{ fileno $handle } }

# Before the handle is closed.
sub forget ($handle) {
	stop_reading($handle);
	delete $writers{ fileno $handle };
}

# Calls back in so many seconds; those of the same moment in the order in which they were asked for.
sub after ($seconds, $callback) {
	my $due = clock_gettime(CLOCK_MONOTONIC) + $seconds;
	my $at = @timers;

	$at-- while $at > 0 && $timers[$at - 1][0] > $due;
	splice @timers, $at, 0, [$due, $callback];
}

sub run_timers () {
	my $now = clock_gettime(CLOCK_MONOTONIC);

	(shift @timers)->[1]->() while @timers && $timers[0][0] <= $now;
}

sub bits_of (@descriptors) {
	my $bits = '';
	vec($bits, $_, 1) = 1 for @descriptors;
	return $bits;
}

sub run_loop () {
	while (1) {
		run_timers();
		my ($readable, $writable) = (bits_of(keys %readers), bits_of(keys %writers));
		my $left = @timers ? $timers[0][0] - clock_gettime(CLOCK_MONOTONIC) : undef;
		next if select($readable, $writable, undef, defined $left && $left < 0 ? 0 : $left) <= 0;
		for my $descriptor (grep { vec($writable, $_, 1) } sort { $a <=> $b } keys %writers) {
			my $callback = delete $writers{$descriptor};
			$callback->() if $callback;
		}
		for my $descriptor (grep { vec($readable, $_, 1) } sort { $a <=> $b } keys %readers) {
			$readers{$descriptor}->() if $readers{$descriptor};
		}
	}
}

1;
