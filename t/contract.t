#!/usr/bin/perl
# What was promised before there was any code.
use v5.36;
use FindBin;
use Test::More tests => 1;

my $said = qx{$^X $FindBin::Bin/contract};
ok($? == 0, 'the OpenAPI document keeps what the seeds promise') or diag $said;
