package Purser::Gate;

# Runs a gate that is written for node: puts its packages, whose exact versions stand in t/gates/package-lock.json, into
# build/gates once, and hands over.

use v5.36;
use Cwd qw(realpath);
use Digest::SHA qw(sha256_hex);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(make_path);

my $root = realpath(dirname(__FILE__) . '/../../..');
my $installed = "$root/build/gates";

sub slurp ($file) {
	open my $in, '<:raw', $file or return '';
	local $/;
	return scalar <$in>;
}

# Nothing is fetched where the packages of just this lock file are there already.
sub install () {
	my $wanted = sha256_hex(slurp("$root/t/gates/package-lock.json"));

	make_path($installed);
	open my $lock, '>', "$installed/lock" or die "$installed/lock: $!";
	flock $lock, LOCK_EX or die "$installed/lock: $!";
	return if slurp("$installed/done") eq $wanted;
	unlink "$installed/done";
	copy("$root/t/gates/$_", "$installed/$_") or die "$_: $!" for qw(package.json package-lock.json);
	my @npm = ('npm', 'ci', '--prefix', $installed, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error');
	system(@npm) == 0 or die "@npm: failed; the gates need their packages once from the registry\n";
	open my $done, '>', "$installed/done" or die "$installed/done: $!";
	print $done $wanted;
	close $done or die $!;
}

sub run ($script, @arguments) {
	install();
	$ENV{NODE_PATH} = "$installed/node_modules";
	exec 'node', "$root/t/gates/$script", @arguments or die "node: $!";
}

1;
