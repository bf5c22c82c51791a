package Purser::Examples::Languages;

# Runs the text of an example in its language: curl and the command line by bash; Python and TypeScript each by one process
# (t/examples/run.*) that gets one text after the other; the awaited client of Python by the program of the other. Gives { ok, why, printed, reply }, where the reply is what came from
# the server: { status, type, body }.

use v5.36;
use Cwd qw(realpath);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use IPC::Open2;
use Purser::Reply;
use Purser::TypeScript;

our @EXPORT = qw(languages run_text awaited);

my $root = realpath(dirname(__FILE__) . '/../../../..');
my $scratch = tempdir(CLEANUP => 1);
my $json = Purser::Reply::codec();
my %drivers;

sub slurp ($file) {
	open my $in, '<:raw', $file or return '';
	local $/;
	return scalar(<$in>) // '';
}

sub spew ($file, $text) {
	open my $out, '>:raw', $file or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
}

# ---- a shell ---------------------------------------------------------------------------------------------------------

# What the shell of a reader has: nothing of ours but the settings. curl is told by its own file to note the head.
sub shell ($text, $environment) {
	unlink glob "$scratch/head $scratch/out $scratch/err";
	spew("$scratch/.curlrc", "dump-header = \"$scratch/head\"\n");
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		delete @ENV{grep { /^PURSER_/ && $_ ne 'PURSER_BUILD' } keys %ENV};
		%ENV = (%ENV, %$environment, HOME => $scratch, PATH => "$ENV{PURSER_BUILD}:$ENV{PATH}", PURSER_CONFIG_HOME => $scratch);
		delete $ENV{PURSER_BUILD};
		open STDIN, '<', '/dev/null' or die $!;
		open STDOUT, '>', "$scratch/out" or die $!;
		open STDERR, '>', "$scratch/err" or die $!;
		exec 'bash', '-c', $text or die "bash: $!";
	}
	waitpid $pid, 0;
	my ($status, $printed) = ($?, slurp("$scratch/out"));
	return { ok => $status == 0, why => slurp("$scratch/err"), printed => $printed };
}

sub run_curl ($text, $environment) {
	my $run = shell($text, $environment);
	my ($head) = reverse split /\r\n\r\n/, slurp("$scratch/head");
	return { %$run, ok => 0, why => "$run->{why}no reply came" } unless $run->{ok} && defined $head;
	my $reply = Purser::Reply->parse($head =~ s{^HTTP/2 (\d+)[^\r]*}{HTTP/1.1 $1 }r, 'POST', '');
	return { %$run, reply => { status => $reply->status, type => $reply->media_type, body => $run->{printed} } };
}

# What it prints in a pipe is the reply itself.
sub run_cli ($text, $environment) {
	my $run = shell($text, $environment);
	return { %$run, ok => $run->{ok} && $run->{why} eq '', reply => { body => $run->{printed}, type => 'application/json' } };
}

# ---- programs --------------------------------------------------------------------------------------------------------

sub driver ($name, $start) {
	my ($out, $in);
	$drivers{$name} //= do {
		my $pid = $start->(\$out, \$in);
		{ pid => $pid, out => $out, in => $in };
	};
	return $drivers{$name};
}

sub run_program ($driver, $text, $environment) {
	my $calls;

	$driver->{in}->say($json->encode({ text => $text, environment => $environment }));
	$driver->{in}->flush;
	my $line = readline $driver->{out};
	defined $line or die "a program that runs examples has ended\n";
	my $run = $json->decode($line);
	$run->{reply} = $run->{calls}[-1]; # those before it were tried again
	$run->{ok} &&= $run->{reply} ? 1 : 0;
	return $run;
}

sub run_python ($text, $environment) {
	return run_program(driver('python', sub ($out, $in) {
		local @ENV{qw(PYTHONPATH PYTHONDONTWRITEBYTECODE)} = ("$root/sdk/python", 1);
		return open2($$out, $$in, '/usr/bin/python3', "$root/t/examples/run.py");
	}), decoded($text), $environment);
}

# The same program for the client that is awaited; undef where it is none that this can be told of.
sub awaited ($text) {
	my ($imports, $call) = $text =~ /\A(.*?)from purser import Purser\n\nclient = Purser\(\)\n(\w+ = client\..*)\z/s or return undef;

	return "import asyncio\n${imports}from purser import AsyncPurser\n\n\nasync def main() -> None:\n    async with AsyncPurser() as client:\n"
	    . $call =~ s/ = client\./ = await client./r =~ s/^(?=.)/        /gmr . "\n\nasyncio.run(main())\n";
}

# node reads the certificates that it trusts when it starts, so its one process is told of them beforehand.
sub run_typescript ($text, $environment) {
	return run_program(driver('typescript', sub ($out, $in) {
		my $program = Purser::TypeScript->installed;
		copy("$root/t/examples/run.mjs", "$program/run_examples.mjs") or die "run_examples.mjs: $!";
		local $ENV{NODE_EXTRA_CA_CERTS} = $environment->{PURSER_CA};
		return open2($$out, $$in, 'node', "$program/run_examples.mjs");
	}), decoded($text), $environment);
}

sub decoded ($text) {
	utf8::decode(my $characters = $text);
	return $characters;
}

my @languages = (curl => \&run_curl, cli => \&run_cli, python => \&run_python, 'awaited Python' => \&run_python, typescript => \&run_typescript);
my %run = @languages;

sub languages () { return @languages[grep { $_ % 2 == 0 } 0 .. $#languages] }
sub run_text ($language, $text, $environment) { return $run{$language}->($text, $environment) }

my $owner = $$;
END {
	if ($owner == $$) {
		local $?;
		for my $driver (values %drivers) {
			$driver->{in}->say(''); # others of this test may hold the other end
			close $driver->{in};
			waitpid $driver->{pid}, 0;
		}
	}
}

1;
