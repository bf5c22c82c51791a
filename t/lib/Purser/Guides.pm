package Purser::Guides;

# A guide as its reader follows it: its blocks of bash are typed, in order, into one shell on a terminal, in a directory that looks
# like the source tree, by somebody whose home is empty; its blocks of Python and TypeScript are put into the files that they
# name; and what the guide shows behind a block has to come. A block's second word tells what is special about it:
#
#     start   is not typed: the stack of the tests stands for it
#     fails   is a mistake on purpose
#     npm     builds and installs the TypeScript client; pip does Python's. With --all they are typed; else what
#             t/typescript.t builds stands for the one, and nothing for the other
#     a name  with a dot: the file that the block is added to
#
# A line that is shown has to come among those of the block before it, in the order of the guide; ids, keys and times are any, "…"
# is whatever comes there.

use v5.36;
use utf8;
use Cwd qw(realpath);
use File::Basename qw(basename dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Pty;
use POSIX ();
use Purser::TypeScript;
use Test::More;
use Time::HiRes qw(time);

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

my $root = realpath(dirname(__FILE__) . '/../../..');
my ($mark, $columns, $patience, $patience_of_install) = ("\x1e", 100, 60, 600);

my $shell = <<'END';
set -E -o pipefail
trap 'failed=1' ERR
while IFS= read -r block <&3; do
	failed=0
	source "$block"
	printf '\036%s\036%s\036' "$failed" "$PWD"
done
END

# ---- reading -----------------------------------------------------------------------------------------------------------

sub spew ($file, $text, $how = '>') {
	open my $out, "$how:utf8", $file or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
}

# Its fenced blocks: { line, language, word, text }.
sub blocks ($file) {
	my ($block, @blocks);

	open my $in, '<:utf8', $file or die "$file: $!";
	while (my $line = <$in>) {
		if (!$block && $line =~ /^```(\w+)(?: +(\S+))?$/) {
			$block = { line => $., language => $1, word => $2 // '', text => '' };
		} elsif ($block && $line =~ /^```$/) {
			push @blocks, $block;
			$block = undef;
		} elsif ($block) {
			$block->{text} .= $line;
		}
	}
	die "$file: a block has no end" if $block;
	return @blocks;
}

# ---- the reader --------------------------------------------------------------------------------------------------------

# A directory like the source tree's root, with the stack that the tests use for var.
sub checkout () {
	my $directory = tempdir(CLEANUP => 1);

	symlink $ENV{PURSER_VAR}, "$directory/var" or die $!;
	system('cp', '-r', "$root/sdk", "$directory/sdk") == 0 or die 'cp';
	make_path("$directory/home");
	spew("$directory/home/.curlrc", "fail-with-body\n");
	spew("$directory/home/shell", $shell);
	return $directory;
}

sub begin ($password) {
	my $directory = checkout();
	my $self = bless { directory => $directory, home => "$directory/home", password => $password, blocks => 0 }, __PACKAGE__;
	my $terminal = $self->{terminal} = IO::Pty->new;

	pipe my $reader, $self->{orders} or die $!;
	$self->{orders}->autoflush;
	$terminal->slave->set_winsize(50, $columns, 0, 0);
	$self->{pid} = fork // die "fork: $!";
	$self->become_shell($reader) if !$self->{pid};
	$terminal->close_slave;
	return $self;
}

sub become_shell ($self, $reader) {
	my $slave = $self->{terminal}->slave;
	my %npm = (npm_config_userconfig => "$ENV{HOME}/.npmrc", npm_config_cache => "$ENV{HOME}/.npm"); # what this machine needs to reach a registry

	delete @ENV{ grep { /^PURSER_|^PYTHON|^XDG_/ } keys %ENV };
	@ENV{keys %npm} = values %npm;
	@ENV{qw(HOME TERM LC_ALL)} = ($self->{home}, 'dumb', 'C.UTF-8');
	$self->{terminal}->make_slave_controlling_terminal;
	POSIX::dup2(fileno $slave, $_) for 0 .. 2;
	POSIX::dup2(fileno $reader, 3);
	chdir $self->{directory} or die $!;
	exec 'bash', '--norc', '--noprofile', "$self->{home}/shell" or die "bash: $!";
}

# Reads until the shell says that it is through, and answers what a command asks for.
sub listen_to ($self, $seconds) {
	my ($shown, $until) = ('', time + $seconds);

	while (time < $until) {
		my $bits = '';
		vec($bits, fileno $self->{terminal}, 1) = 1;
		next unless select $bits, undef, undef, 0.5;
		last unless sysread $self->{terminal}, $shown, 65536, length $shown;
		return ($1, $2, $3) if $shown =~ /\A(.*)$mark(\d)$mark(.*?)$mark\z/s;
		syswrite $self->{terminal}, "$self->{password}\n" if $shown =~ /Password: \z/;
		syswrite $self->{terminal}, "y\n" if $shown =~ m{\[y/N\] \z};
	}
	return ($shown, 'no end', $self->{directory});
}

# Types a block. Gives what is shown, and whether anything in it failed.
sub type ($self, $text, $seconds = $patience) {
	my $file = "$self->{home}/block" . ++$self->{blocks};

	spew($file, $text);
	syswrite $self->{orders}, "$file\n";
	(my $shown, my $failed, $self->{where}) = $self->listen_to($seconds);
	utf8::decode($shown);
	return ($shown =~ s/\r\n/\n/gr, $failed);
}

sub end ($self) {
	close $self->{orders};
	close $self->{terminal};
	kill 'TERM', $self->{pid};
	waitpid $self->{pid}, 0;
}

# ---- what it says ------------------------------------------------------------------------------------------------------

# Without what is another's each time.
sub plain ($line) {
	return $line
	    =~ s/\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/ID/gr
	    =~ s/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?/TIME/gr
	    =~ s/\b(gpra|gprs|gprr|whsec|pi)_[\w+\/=]+/$1_…/gr
	    =~ s/localhost:\d+/localhost/gr
	    =~ s/\s+/ /gr
	    =~ s/^ | $//gr;
}

# The first line of the guide that does not come; undef where all do.
sub missing ($expected, $shown) {
	my @lines = map { plain($_) } split /\n/, $shown;

	for my $wanted (grep { /\S/ } split /\n/, $expected) {
		my $pattern = join '.*?', map { quotemeta } split /…/, plain($wanted), -1;
		shift @lines while @lines && $lines[0] !~ /\A$pattern\z/;
		return $wanted if !@lines;
		shift @lines;
	}
	return undef;
}

# ---- a guide -----------------------------------------------------------------------------------------------------------

# What stands for the block where it isn't typed; undef where it is.
sub stand_in ($block) {
	return '' if $block->{word} eq 'start';
	return undef if $ENV{PURSER_CHECK_ALL};
	return '' if $block->{word} eq 'pip';
	return undef if $block->{word} ne 'npm';
	return 'ln -s ' . Purser::TypeScript->installed . "/node_modules .\n";
}

sub follow_bash ($self, $name, $block) {
	my $typed = stand_in($block) // $block->{text};
	my $works = $block->{word} eq 'fails' ? 'refuses what is wrong' : 'works as it is typed';
	my ($shown, $failed) = $self->type($typed, $block->{word} =~ /^(?:npm|pip)$/ ? $patience_of_install : $patience);

	ok($failed eq ($block->{word} eq 'fails' ? '1' : '0'), "$name, line $block->{line}: $works") or diag "$failed: $shown";
	return $shown;
}

# follow(file): a test for every block of it.
sub follow ($class, $file) {
	my $name = basename($file);
	my @blocks = blocks($file);
	my ($password) = map { $_->{text} =~ /"password":"([^"]+)"|--password '([^']+)'/ ? $1 // $2 : () } @blocks;
	my $self = begin($password // '');
	my $shown;

	for my $block (@blocks) {
		if ($block->{language} eq 'bash') {
			$shown = $self->follow_bash($name, $block);
			$shown = undef if $block->{word} eq 'start' || defined stand_in($block);
		} elsif ($block->{word} =~ /\./) {
			spew(($self->{where} // $self->{directory}) . "/$block->{word}", $block->{text}, '>>');
			$shown = undef;
		} elsif ($block->{language} eq 'text' && defined $shown) {
			my $missing = missing($block->{text}, $shown);
			ok(!defined $missing, "$name, line $block->{line}: this is what comes") or diag "not among what came: $missing\n$shown";
			$shown = undef;
		} elsif ($block->{language} =~ /^(?:python|typescript)$/) {
			fail("$name, line $block->{line}: the block names its file");
		}
	}
	return $self->end;
}

1;
