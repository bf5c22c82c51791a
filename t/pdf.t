#!/usr/bin/perl
# Documents as others read them: the samples of the unit test, through poppler's eyes. Text comes out as it was put in,
# sums are carried over, pages are numbered, nothing lies over anything else or outside of the margins.
use v5.36;
use utf8;
use File::Temp 'tempdir';
use FindBin;
use Test::More;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);
my $program = ($ENV{PURSER_BUILD} // "$FindBin::Bin/../build/check") . '/t/unit/pdf';
my $directory = tempdir(CLEANUP => 1);

sub output_of (@command) {
	open my $from, '-|:encoding(UTF-8)', @command or die "$command[0]: $!\n";
	my @lines = <$from>;
	return wantarray ? @lines : join '', @lines;
}

# poppler complains of a harmless word in libhpdf's character maps.
sub poppler ($tool, @arguments) {
	return output_of('/bin/sh', '-c', '"$@" 2>/dev/null', 'sh', $tool, @arguments);
}

is(system($program, $directory), 0, 'the samples are written');

my %pages = (one => 1, three => 3);
for my $name (sort keys %pages) {
	my ($count) = map { /^Pages:\s+(\d+)/ ? $1 : () } poppler('pdfinfo', "$directory/$name.pdf");
	is($count, $pages{$name}, "$name has $pages{$name} page(s)");
	my @text = split /\f/, poppler('pdftotext', '-layout', "$directory/$name.pdf", '-');
	like($text[$_ - 1], qr/Page $_ of $pages{$name}\s*\z/, "$name: page $_ says which it is") for 1 .. $pages{$name};
	like($text[-1], qr/Total AUD\s+135802\.37\n/, "$name: the total is there as it is printed");
	like($text[-1], qr/GST 10 %\s+12345\.67\n/, "$name: and the tax");
	for my $page (2 .. $pages{$name}) {
		my ($carried) = $text[$page - 2] =~ /Carried forward\s+([\d.]+)/;
		my ($brought) = $text[$page - 1] =~ /Brought forward\s+([\d.]+)/;
		my $sum = 0;
		$sum += $_ for map { /(\d+\.00)$/ && !/forward/ ? $1 : () } map { split /\n/ } @text[0 .. $page - 2];
		is($carried, sprintf('%.2f', $sum), "$name: page " . ($page - 1) . ' carries forward what stands above it');
		is($brought, $carried, "$name: page $page brings it forward");
		like($text[$page - 1], qr/^Description\s+Quantity\s+Unit price\s+Tax\s+Amount AUD$/m, "$name: page $page has the heading again");
	}
}

my $text = poppler('pdftotext', '-layout', "$directory/three.pdf", '-');
for my $words ('Διεθνής Εταιρεία Ανάπτυξης', 'Общество с ограниченной', 'Příliš žluťoučký kůň', 'Łódź, İstanbul', "\x{6F22}\x{5B57}") {
	ok(index($text, $words) >= 0, "$words can be searched for");
}
ok(index($text, "\x{1F680}") < 0, 'what lies beyond the first plane is a box');

# Words as boxes: none outside of the margins, none over another.
sub words_of ($file) {
	my ($page, @words) = (0);
	for (poppler('pdftotext', '-bbox', $file, '-')) {
		$page++ if /<page /;
		push @words, { page => $page, left => $1, top => $2, right => $3, bottom => $4, text => $5 }
		    if /<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*)<\/word>/;
	}
	return @words;
}

sub overlap ($one, $other) {
	my $slack = 1.5;    # a line's box is higher than its letters
	return $one->{left} + $slack < $other->{right} && $other->{left} + $slack < $one->{right}
	    && $one->{top} + $slack + 1 < $other->{bottom} && $other->{top} + $slack + 1 < $one->{bottom};
}

for my $name (sort(keys %pages), 'wide') {
	my @words = words_of("$directory/$name.pdf");
	cmp_ok(scalar @words, '>', 100, "$name: its words are found");
	my @outside = grep { $_->{left} < 56 || $_->{right} > 540 || $_->{top} < 45 || $_->{bottom} > 815 } @words;
	is(join(' ', map { $_->{text} } @outside), '', "$name: nothing lies in the margins");
	my @over;
	for my $i (0 .. $#words) {
		for my $j ($i + 1 .. $#words) {
			push @over, "$words[$i]{text}/$words[$j]{text}" if $words[$i]{page} == $words[$j]{page} && overlap($words[$i], $words[$j]);
		}
	}
	is(join(' ', @over), '', "$name: nothing lies over anything else");
	next if $name eq 'wide';
	my %ends = map { sprintf('%.1f', $_->{right}) => 1 } grep { $_->{text} =~ /^\d+\.00$/ && $_->{left} > 480 } @words;
	is(scalar keys %ends, 1, "$name: the amounts end at one line");
}

my $wide = poppler('pdftotext', '-layout', "$directory/wide.pdf", '-');
is(scalar(() = $wide =~ /-1234567\s+-123456789012\.345678\s+9223372036854775807$/mg), 30, 'figures stay whole where there are many columns');
is(scalar(() = $wide =~ /\bword\d+\b/g), 1800, 'a row that no page holds is parted, and nothing of it is lost');

my @fonts = grep { /TrueType/ } poppler('pdffonts', "$directory/one.pdf");
is(scalar @fonts, 3, 'there are the two fonts, and one for Han');
is(scalar(grep { /TrueType/ } poppler('pdffonts', "$directory/wide.pdf")), 2, 'which is only where it is needed');
like($_, qr/yes yes yes/, 'embedded, in part, and with the codes of their characters') for @fonts;
my ($long) = map { /^Pages:\s+(\d+)/ ? $1 : () } poppler('pdfinfo', "$directory/long.pdf");
cmp_ok($long, '>', 99, 'three thousand lines make more than a hundred pages');
cmp_ok(-s "$directory/one.pdf", '<', 250_000, 'a page is less than 250 kB');
cmp_ok(-s "$directory/wide.pdf", '<', 130_000, 'and half of that without Han');

done_testing;
