#!/usr/bin/perl
# Replays the corpus of every fuzz target, inputs that once broke something included.
use v5.36;
use FindBin;

my $programs = ($ENV{PURSER_BUILD} // "$FindBin::Bin/../build/check") . '/t/fuzz';
my @targets = map { m{/([^/]+)\.c\z} && $1 ne 'replay' ? $1 : () } glob "$FindBin::Bin/fuzz/*.c";
my $number = 0;

# No setting of a stack may reach them.
delete @ENV{grep { /^PURSER_/ } keys %ENV};

$| = 1;
say '1..' . @targets;
for my $target (@targets) {
	my $ran = open my $program, '-|', "$programs/$target $FindBin::Bin/fuzz/corpus/$target 2>&1";
	if ($ran) {
		print "    $_" while <$program>;
		close $program;
	}
	say $ran && $? == 0 ? 'ok ' : 'not ok ', ++$number, " - $target";
}
