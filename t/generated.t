#!/usr/bin/perl
# What purser-describe makes of the declarations, and is checked in, is what it makes today: a change of a declaration
# reaches every client. UPDATE_GOLDEN=1 writes the files anew.
use v5.36;
use FindBin;
use Test::More;

my $describe = ($ENV{PURSER_BUILD} // "$FindBin::Bin/../build/plain") . '/purser-describe';

# file => the subcommand that prints it
my %printed = (
	'client/commands.c' => 'cli',
	'sdk/python/purser/_catalogue.py' => 'python-catalogue',
	'sdk/python/purser/_operations.py' => 'python',
	'sdk/python/purser/_operations_async.py' => 'python-async',
	'sdk/python/purser/_problems.py' => 'python-problems',
	'sdk/python/purser/_types.py' => 'python-types',
	'sdk/typescript/src/operations.ts' => 'typescript',
	'sdk/typescript/src/types.ts' => 'typescript-types',
);

sub slurp ($file) {
	open my $in, '<:raw', $file or return '';
	local $/;
	return scalar(<$in>) // '';
}

sub made ($command) {
	open my $pipe, '-|', $describe, $command or die "$describe: $!";
	local $/;
	my $text = <$pipe>;
	close $pipe or die "$describe $command failed\n";
	return $text;
}

for my $file (sort keys %printed) {
	my $path = "$FindBin::Bin/../$file";
	my $now = made($printed{$file});
	if ($ENV{UPDATE_GOLDEN}) {
		open my $out, '>:raw', $path or die "$path: $!";
		print $out $now;
		close $out or die "$path: $!";
	}
	ok($now eq slurp($path), "$file is what `purser-describe $printed{$file}` prints")
	    or diag "If that is meant: UPDATE_GOLDEN=1 prove t/generated.t";
	like((split /\n/, $now)[0], qr/Made by purser-describe .*: not to be edited/, '… and says so in its first line');
}
done_testing;
