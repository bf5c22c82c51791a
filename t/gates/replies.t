#!/usr/bin/perl
# alone: it looks at what all others saw
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Gate;

Purser::Gate::run('replies.cjs');
