#!/usr/bin/perl
# The guides, and README, followed by somebody who types what they say: the first five minutes and README in ./check, the rest with
# --all.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Guides;
use Purser::Test;

my $root = "$FindBin::Bin/..";
my @guides = ("$root/docs/guides/first-five-minutes.md", "$root/README.md");
push @guides, grep { $_ ne $guides[0] } glob "$root/docs/guides/*.md" if $ENV{PURSER_CHECK_ALL};

# Another test may have left the clock in a year that the readers' own does not know.
set_clock(0);

Purser::Guides->follow($_) for @guides;

done_testing;
