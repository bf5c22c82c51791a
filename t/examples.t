#!/usr/bin/perl
# Every operation, as the reference shows it: its example in curl, on the command line, in Python and in TypeScript is run as it
# stands, and in Python awaited, too; the reply is of the declared shape. One operation in ten by seed (PURSER_SEED repeats a run), all with
# PURSER_CHECK_ALL; then the compilers are asked, too. UPDATE_GOLDEN=1 runs all and writes docs/examples.json.
# early: with --all it takes a minute or more
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use IPC::Open2;
use List::Util qw(shuffle);
use Purser::Examples;
use Purser::Examples::Languages;
use Purser::Examples::Shape;
use Purser::Examples::Stable;
use Purser::Test;
use Purser::TypeScript;
use Time::HiRes qw(time);
use Time::Local qw(timegm);

my $recorded_file = "$FindBin::Bin/../docs/examples.json";
my $seed = $ENV{PURSER_SEED} // time & 0xffffff;
srand $seed;
diag "PURSER_SEED=$seed";

my @operations = describe_operations();
my %only = map { $_ => 1 } split / /, $ENV{PURSER_EXAMPLES} // '';
my @chosen = grep { !%only || $only{ $_->{id} } } @operations;
@chosen = (shuffle(@operations))[0 .. $#operations / 10] unless %only || $ENV{PURSER_CHECK_ALL} || $ENV{UPDATE_GOLDEN};

# ---- the texts -------------------------------------------------------------------------------------------------------

sub text_of ($id, $language, $input) {
	return awaited(text_of($id, 'python', $input) // '') if $language eq 'awaited Python';
	my $pid = open2(my $out, my $in, "$ENV{PURSER_BUILD}/purser-describe", 'example', $id, $language);
	print $in encode_json($input);
	close $in;
	my $text = do { local $/; <$out> };
	waitpid $pid, 0;
	return $? == 0 && length($text // '') ? $text : undef;
}

# ---- one example -----------------------------------------------------------------------------------------------------

sub path_of ($id) { return '/v1/' . $id =~ tr{.}{/}r }

sub faults_of ($operation, $run) {
	my $id = $operation->{id};
	my $reply = $run->{reply};
	my $json = eval { decode_json($reply->{body} // '') };

	return $run->{why} || 'it failed, and said nothing' unless $run->{ok};
	return 'status ' . $reply->{status} if defined $reply->{status} && $reply->{status} != status_of($id);
	return "it called $reply->{path}" if defined $reply->{path} && $reply->{path} ne path_of($id);
	return 'the reply is no JSON' if !defined $json || $reply->{type} !~ m{^application/json\b};
	return faults_of_shape($id, $json);
}

my (%texts, %recorded);

sub try_one ($operation, $language) {
	my $id = $operation->{id};
	my $example = eval { example_of($operation) } // do { my $why = $@; fail("$id in $language: it can be prepared"); diag $why; return };
	my $text = text_of($id, $language, $example->{input});

	ok(defined $text, "$id in $language: it can be told") or return;
	my $run = run_text($language, $text, $example->{environment});
	my @faults = faults_of($operation, $run);
	ok(!@faults, "$id in $language: it runs as it stands, and the reply is of the declared shape")
	    or diag join "\n", $text, @faults, $run->{reply}{body} // $run->{printed} // '';
	$texts{$language}{$id} = $text;
	return if $language ne 'curl' || @faults;
	my ($input, $reply) = stable($id, $example->{subject}{organization}, $example->{input}, decode_json($run->{reply}{body}));
	$recorded{$id} = { input => $input, reply => $reply };
}

for my $operation (@chosen) {
	try_one($operation, $_) for languages;
}

# ---- what the compilers say ------------------------------------------------------------------------------------------

sub write_file ($file, $text) {
	open my $out, '>:raw', $file or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
	return $file;
}

sub compiled ($name, @command) {
	my ($status, $said) = Purser::TypeScript::run_quietly(@command);
	is($status, 0, $name) or diag $said;
}

if ($ENV{PURSER_CHECK_ALL} || %only) {
	my $scratch = tempdir(CLEANUP => 1);
	my @files = map { write_file("$scratch/" . tr/./_/r . '.py', $texts{python}{$_}) } sort keys $texts{python}->%*;
	push @files, map { write_file("$scratch/" . tr/./_/r . '_awaited.py', $texts{'awaited Python'}{$_}) } sort keys $texts{'awaited Python'}->%*;
	local $ENV{MYPYPATH} = "$FindBin::Bin/../sdk/python";
	compiled('mypy --strict has nothing to say of the examples in Python', '/usr/bin/mypy', '--strict', '--python-version', '3.9', '--cache-dir', "$scratch/mypy", @files);

	my $program = Purser::TypeScript->installed;
	my $directory = tempdir(DIR => $program, CLEANUP => 1);
	write_file("$directory/$_.mts", $texts{typescript}{$_}) for sort keys $texts{typescript}->%*;
	my $options = decode_json(Purser::TypeScript::slurp("$FindBin::Bin/typescript/tsconfig.json"));
	write_file("$directory/tsconfig.json", encode_json({ compilerOptions => $options->{compilerOptions}, include => ['*.mts'] }));
	compiled('tsc --strict has nothing to say of the examples in TypeScript', 'node', Purser::TypeScript->compiler, '--project', "$directory/tsconfig.json");
}

# ---- what the reference shows ----------------------------------------------------------------------------------------

my $before = eval { decode_json(Purser::TypeScript::slurp($recorded_file)) } // {};
if ($ENV{UPDATE_GOLDEN}) {
	my %all = (%$before, %recorded);
	delete @all{grep { my $id = $_; !grep { $_->{id} eq $id } @operations } keys %all};
	mkdir "$FindBin::Bin/../docs";
	write_file($recorded_file, JSON::PP->new->utf8->canonical->indent->indent_length(1)->space_after->encode(\%all));
	$before = \%all;
}
is_deeply([grep { /nothing_to_do|Could not|"ok": false|127\.0\.0\.1/ } split /\n/, Purser::TypeScript::slurp($recorded_file)], [], 'every reply that it shows is of something that went well, between machines of the public net');
unlike(Purser::TypeScript::slurp($recorded_file), qr/gpr[a-z]_[0-9A-Za-z]{49}|whsec_[^"]{30}|localhost|\.invalid\b/, 'nothing in it is a secret, or of the machine where it was made');
is_deeply([sort keys %$before], [sort map { $_->{id} } @operations], 'docs/examples.json has an example of every operation');
my @misshapen = map { my $id = $_; map { "$id: $_" } faults_of_shape($id, $before->{$id}{reply}) } grep { $before->{$_} } map { $_->{id} } @operations;
ok(!@misshapen, 'every reply that the reference shows is of the shape that is declared today') or diag join "\n", @misshapen;

sub periods ($value) {
	return map { periods($_) } @$value if ref $value eq 'ARRAY';
	return unless ref $value eq 'HASH';
	return ($value->{start} && $value->{end} ? $value : (), map { periods($_) } values %$value);
}

sub days_of ($period) {
	my @times = map { my ($year, $month, @rest) = /(\d+)/g; timegm(@rest[3, 2, 1, 0], $month - 1, $year) } $period->@{qw(start end)};
	return ($times[1] - $times[0]) / 86_400;
}

sub is_term ($days) { return ($days > 27 && $days < 32) || ($days > 364 && $days < 367) }

my @odd = map { my $id = $_; map { "$id: $_->{start} to $_->{end}" } grep { !is_term(days_of($_)) } periods($before->{$id}{reply}) } sort keys %$before;
ok(!@odd, 'every period that it shows is a month or a year') or diag join "\n", @odd;

for my $id (sort keys %recorded) {
	is_deeply($before->{$id}{input}, $recorded{$id}{input}, "$id: what the reference shows is what was run") or diag 'If that is meant: UPDATE_GOLDEN=1 ./check t/examples.t';
}
done_testing;
