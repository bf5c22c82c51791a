#!/usr/bin/perl
# Every operation has its test, and every such test its operation.
use v5.36;
use FindBin;
use Test::More;

open my $describe, '-|', "$ENV{PURSER_BUILD}/purser-describe", 'operations' or die "purser-describe: $!";
my (undef, @lines) = <$describe>;
my %operations = map { (split /\t/)[0] => 1 } @lines;
my %files = map { m{([^/]+)\.t$} => 1 } glob "$FindBin::Bin/../api/*.t";

ok($files{$_}, "$_ has its test") for sort keys %operations;
ok($operations{$_}, "t/api/$_.t tests an operation") for sort keys %files;
done_testing;
