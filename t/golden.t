#!/usr/bin/perl
# The contract as it was last agreed: every change of it shows in the golden files. UPDATE_GOLDEN=1 writes them anew.
use v5.36;
use FindBin;
use File::Temp;
use Test::More;

my $describe = ($ENV{PURSER_BUILD} // "$FindBin::Bin/../build/plain") . '/purser-describe';
my %golden = ('openapi.json' => 'openapi', 'operations.txt' => 'operations', 'events.txt' => 'events');

sub slurp ($file) {
	open my $in, '<:raw', $file or return '';
	local $/;
	return scalar <$in>;
}

for my $name (sort keys %golden) {
	my $file = "$FindBin::Bin/golden/$name";
	open my $pipe, '-|', $describe, $golden{$name} or die "$describe: $!";
	my $now = do { local $/; <$pipe> };
	close $pipe or die "$describe $golden{$name} failed\n";
	if ($ENV{UPDATE_GOLDEN}) {
		open my $out, '>:raw', $file or die "$file: $!";
		print $out $now;
		close $out or die "$file: $!";
	}
	next if ok($now eq slurp($file), "$name is as agreed");
	my $new = File::Temp->new;
	print $new $now;
	close $new or die $!;
	diag qx{diff -u $file $new | head -200};
	diag 'If that is meant: UPDATE_GOLDEN=1 prove t/golden.t';
}

my $faults = qx{$describe check 2>&1};
ok($? == 0, 'the declarations have no fault') or diag $faults;
done_testing;
