#!/usr/bin/perl
# A field that is added to a declaration reaches the contract, every client, the examples and the reference without a hand edit:
# purser-describe is linked once more, with a field more of an input and of a reply, and says so everywhere.
use v5.36;
use Cwd qw(realpath);
use FindBin;
use File::Temp qw(tempdir);
use IPC::Open2;
use Test::More;

my $root = realpath("$FindBin::Bin/..");
my $build = $ENV{PURSER_BUILD} // "$root/build/plain";
my $scratch = tempdir(CLEANUP => 1);

sub slurp ($file) {
	open my $in, '<', $file or die "$file: $!";
	local $/;
	return scalar <$in>;
}

my $source = slurp("$root/handlers/api_keys.c");
for my $shape (['create_key', 'LENGTH(1, 20)'], ['api_key', 'COMPUTED']) {
	my ($name, $limits) = @$shape;
	my $grown = $source =~ s/^(struct $name \{\n(?:\t.*\n)*)/$1\tstruct maybe_text colour;\n/mr
	    =~ s/^(static const struct field ${name}_fields\[\] = \{\n)/$1\tFIELD($name, colour, $limits, "The colour that it is shown in."),\n/mr;
	is($grown =~ tr/\n// - $source =~ tr/\n//, 2, "$name gets a field");
	$source = $grown;
}
open my $out, '>', "$scratch/api_keys.c" or die $!;
print $out $source;
close $out or die $!;

# The object stands before the archives, so that it is taken instead of theirs.
my $program = "$scratch/purser-describe";
is(system('make', '--silent', "--directory=$build", '--eval', "$program: ; \$(COMPILE) -iquote \$(top_srcdir)/handlers -c -o $scratch/api_keys.o $scratch/api_keys.c"
    . " && \$(LINK) \$(purser_describe_OBJECTS) $scratch/api_keys.o \$(purser_describe_LDADD)", $program), 0, 'it compiles, and nothing else was touched')
    or done_testing, exit;

sub said ($given, @words) {
	my $pid = open2(my $from, my $to, $program, @words);
	print $to $given;
	close $to;
	my $text = do { local $/; <$from> };
	waitpid $pid, 0;
	return $text // '';
}

# What each prints has of it: the field of the input, of the reply, or both.
my %told = (
	openapi => qr/"colour": \{.*"colour": \{/s, operations => qr/^api_keys\.create\t.*\bcolour\b/m, cli => qr/"colour"/,
	python => qr/\bcolour: .*= None,/, 'python-async' => qr/\bcolour: .*= None,/, 'python-types' => qr/^    colour: /m, 'typescript-types' => qr/\A(?=.*\bcolour\?: )(?=.*\bcolour: )/s,
);
ok(said('', $_) =~ $told{$_}, "`purser-describe $_` tells of it") for sort keys %told;
my %example = (curl => qr/"colour": ?"red"/, cli => qr/--colour red\b/, python => qr/\bcolour="red"/, typescript => qr/\bcolour: "red"/);
like(said('{"name":"reports","colour":"red"}', 'example', 'api_keys.create', $_), $example{$_}, "so does an example in $_") for sort keys %example;
mkdir "$scratch/reference";
said('', 'reference', "$scratch/reference", "$root/docs");
like(slurp("$scratch/reference/api_keys.$_"), qr/\bcolour\b.*The colour that it is shown in/s, "so does the page of the reference, as $_") for 'html', 'md';
done_testing;
