package Purser::TypeScript;

# The TypeScript client as somebody has it who installed it from the source tree: by `npm pack` of its directory, in a program
# in build/typescript/program. Scripts that use it are copied there and run by node.

use v5.36;
use Cwd qw(realpath);
use Digest::SHA qw(sha256_hex);
use Fcntl qw(:flock);
use File::Basename qw(basename dirname);
use File::Copy qw(copy);
use File::Path qw(make_path);
use JSON::PP ();
use POSIX ();
use Test::More;

my $root = realpath(dirname(__FILE__) . '/../../..');
my $build = "$root/build/typescript";
my $sources = "$root/sdk/typescript";
my $codec = JSON::PP->new->utf8->canonical;

sub program ($class) { return "$build/program" }
sub compiler ($class) { return "$build/sdk/node_modules/typescript/bin/tsc" }

sub slurp ($file) {
	open my $in, '<:raw', $file or return '';
	local $/;
	return scalar <$in>;
}

# Gives the command's status, and what it said; where nobody asks for these, one that fails is the end.
sub run_quietly (@command) {
	open my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command or die "$command[0]: $!";
	my $said = do { local $/; <$pipe> // '' };
	close $pipe;
	return wantarray ? ($?, $said) : $? == 0 ? 1 : die "@command:\n$said";
}

sub files () {
	return (map({ "$sources/$_" } qw(package.json package-lock.json tsconfig.json tsconfig.cjs.json README.md)), glob("$sources/src/*.ts"),
	    map({ "$root/t/typescript/$_" } qw(package.json package-lock.json)));
}

sub npm ($directory, @arguments) {
	run_quietly('sh', '-c', 'cd "$1" && shift && exec npm "$@" --no-audit --no-fund --loglevel error', 'sh', $directory, @arguments);
	return;
}

# A copy of the sources, for npm builds in the directory that it is given.
sub build_program () {
	run_quietly('rm', '-rf', "$build/sdk", "$build/program");
	make_path("$build/sdk/src", "$build/program");
	copy($_, "$build/sdk/" . s/^\Q$sources\E\///r) or die "$_: $!" for grep { /^\Q$sources/ } files();
	copy("$root/t/typescript/$_", "$build/program/$_") or die "$_: $!" for qw(package.json package-lock.json);
	npm("$build/program", 'ci', '--ignore-scripts');
	npm("$build/program", 'pack', '../sdk');
	npm("$build/program", 'install', '--no-save', glob "$build/program/purser-*.tgz");
	return;
}

# Nothing is done where just these files were built already. Gives the directory of the program.
sub installed ($class) {
	my $wanted = sha256_hex(join "\0", map { ($_, slurp($_)) } files());

	make_path($build);
	open my $lock, '>', "$build/lock" or die "$build/lock: $!";
	flock $lock, LOCK_EX or die "$build/lock: $!";
	return "$build/program" if slurp("$build/done") eq $wanted;
	unlink "$build/done";
	build_program();
	open my $done, '>', "$build/done" or die "$build/done: $!";
	print $done $wanted;
	close $done or die $!;
	return "$build/program";
}

# Runs a script of t/typescript, which prints a line {ok, name, why} for each sentence that it has tried, as tests of this file.
# `given` is the JSON object that it gets as its argument.
sub prove ($class, $script, $given = {}, %environment) {
	my $program = $class->installed;
	local @ENV{keys %environment} = values %environment;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $proven = 0;

	for my $file (glob "$root/t/typescript/*.*js") {
		copy($file, "$program/" . basename($file)) or die "$file: $!";
	}
	open my $pipe, '-|', 'node', "$program/$script", $codec->encode($given) or die "node: $!";
	while (my $line = <$pipe>) {
		my $said = eval { $codec->decode($line) };
		ref $said eq 'HASH' ? (ok($said->{ok}, $said->{name}) || diag $said->{why}) : diag $line;
		$proven++ if ref $said eq 'HASH';
	}
	close $pipe;
	return ok($? == 0 && $proven > 0, "$script ran to its end") || diag "status $?";
}

1;
