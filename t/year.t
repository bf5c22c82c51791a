#!/usr/bin/perl
# A year of random organizations adds up, month by month: a small one here, that of 200 organizations and twelve months with --all.
# early: it takes half a minute
use v5.36;
use FindBin;
use Test::More;

defined $ENV{PURSER_BUILD} or plan(skip_all => 'PURSER_BUILD is not set; run ./check');

my @program = ($^X, "$FindBin::Bin/year", '--build', $ENV{PURSER_BUILD}, '--directory', "$ENV{PURSER_VAR}/tmp/year");

# Plays one; gives its status and what it said.
sub play (@arguments) {
	open my $out, '-|', @program, @arguments or die "t/year: $!";
	my $text = do { local $/; <$out> } // '';
	close $out;
	return ($? >> 8, $text);
}

my (undef, $told) = play(qw(--help));
like($told, qr/--organizations 200.*--months 12.*--seed/s, 'it says how it is played');

SKIP: {
	skip('takes its time: --all', 1) if !$ENV{PURSER_CHECK_ALL};
	my ($missed, $heard) = play(qw(--organizations 8 --months 2 --spoil));
	is($missed, 0, 'rows that are changed behind its back are found, each of them') or diag $heard;
}

my @size = $ENV{PURSER_CHECK_ALL} ? (200, 12) : (8, 3);
my ($failed, $said) = play('--organizations', $size[0], '--months', $size[1]);
is($failed, 0, "$size[1] months of $size[0] organizations reconcile to zero: statements, invoices, numbers, previews, and every run once more") or diag $said;
like($said, qr/^seed 1: $size[0] organizations, $size[1] months, .* 0 faults$/m, 'all of them were played');
my ($runs) = $said =~ /, (\d+) runs of \d+ lines/;
is($runs, $size[0] * $size[1], 'each month of each was run once');
diag((split /\n/, $said)[-1]);
done_testing;
