package Purser::Documents;

# PDFs as others read them: through poppler.

use v5.36;
use Encode 'decode';
use Exporter 'import';
use File::Temp 'tempfile';
use Purser::Test;

our @EXPORT = qw(text_of pages_of last_page_of drawn_share worker_memory);

# poppler complains of a harmless word in libhpdf's character maps.
sub poppler ($document, $tool, @arguments) {
	my ($out, $file) = tempfile(UNLINK => 1);
	binmode $out;
	print {$out} $document;
	close $out;
	open my $from, '-|', '/bin/sh', '-c', '"$@" 2>/dev/null', 'sh', $tool, map { $_ eq 'FILE' ? $file : $_ } @arguments or die $!;
	binmode $from;
	local $/;
	return scalar <$from> // '';
}

sub text_of ($document) { return decode('UTF-8', poppler($document, qw(pdftotext -layout FILE -))) }
sub pages_of ($document) { return split /\f/, text_of($document) }

# How many pages there are, and the text of the last.
sub last_page_of ($document) {
	my ($count) = poppler($document, qw(pdfinfo FILE)) =~ /^Pages:\s+(\d+)/m or die "no pages\n";
	return ($count, decode('UTF-8', poppler($document, qw(pdftotext -layout), '-f', $count, qw(FILE -))));
}

# How much of each word on the first page is black, in hundredths, by the word: a character that is in the text alone has 0.
sub drawn_share ($document) {
	my $pgm = poppler($document, qw(pdftoppm -gray -r 144 -f 1 -l 1 FILE));
	my ($head, $width) = $pgm =~ /\A(P5\s+(\d+)\s+\d+\s+\d+\s)/ or die "no picture\n";
	my %share;
	for (split /\n/, decode('UTF-8', poppler($document, qw(pdftotext -bbox -f 1 -l 1 FILE -)))) {
		my ($left, $top, $right, $bottom, $word) = /<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*)<\/word>/ or next;
		my ($dark, $all) = (0, 0);
		for my $y (int(2 * $top) .. int(2 * $bottom)) {
			my @row = unpack 'C*', substr $pgm, length($head) + $y * $width + int(2 * $left), int(2 * ($right - $left));
			$dark += grep { $_ < 128 } @row;
			$all += @row;
		}
		$share{$word} = $all ? int(100 * $dark / $all) : 0;
	}
	return \%share;
}

# The most of kilobytes that a worker has to itself; a field of smaps_rollup, or of status.
sub worker_memory ($field = 'Private_Dirty', $file = 'smaps_rollup') {
	my $most = 0;
	for my $pid (worker_pids()) {
		open my $in, '<', "/proc/$pid/$file" or next;
		my ($kilobytes) = map { /^\Q$field\E:\s+(\d+)/ ? $1 : () } <$in>;
		$most = $kilobytes if $kilobytes && $kilobytes > $most;
	}
	return $most;
}

1;
