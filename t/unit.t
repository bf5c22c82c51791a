#!/usr/bin/perl
# Runs every unit test program of the build and relays what it proves, each program as a subtest.
use v5.36;
use FindBin;

my $programs = ($ENV{PURSER_BUILD} // "$FindBin::Bin/../build/check") . '/t/unit';
my @sources = glob "$FindBin::Bin/unit/*.c";
my $number = 0;

# No setting of a stack may reach them.
delete @ENV{grep { /^PURSER_/ } keys %ENV};

$| = 1;
say '1..' . @sources;
for my $source (@sources) {
	my ($name) = $source =~ m{([^/]+)\.c\z};

	my $ran = open my $program, '-|', "$programs/$name 2>&1";
	if ($ran) {
		print "    $_" while <$program>;
		close $program;
	}
	say $ran && $? == 0 ? 'ok ' : 'not ok ', ++$number, " - $name";
}
