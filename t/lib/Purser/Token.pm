package Purser::Token;

# Tokens and ids as the service makes them, for those that the tests put into the database themselves.

use v5.36;
use Compress::Raw::Zlib ();
use Exporter 'import';

our @EXPORT = qw(random_bytes new_token ulid_text ulid_bytes);

sub random_bytes ($count) {
	open my $random, '<:raw', '/dev/urandom' or die $!;
	read $random, my ($bytes), $count;
	return $bytes;
}

my @alphabet = ('0' .. '9', 'A' .. 'Z', 'a' .. 'z');

# The number that the bytes are, an even count of them, highest first.
sub base62 ($bytes, $digits) {
	my @limbs = unpack 'n*', $bytes;
	my $text = '';

	for (1 .. $digits) {
		my $rest = 0;
		for my $limb (@limbs) {
			my $value = $rest << 16 | $limb;
			($limb, $rest) = (int $value / 62, $value % 62);
		}
		$text = $alphabet[$rest] . $text;
	}
	return $text;
}

sub new_token ($prefix = 'gpra_') {
	my $body = $prefix . base62(random_bytes(32), 43);
	return $body . base62(pack('N', Compress::Raw::Zlib::crc32($body)), 6);
}

my @crockford = split //, '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
my %digit = map { $crockford[$_] => $_ } 0 .. 31;

sub ulid_text ($bytes) { return join '', map { $crockford[oct "0b$_"] } ('00' . unpack 'B128', $bytes) =~ /(.{5})/g }
sub ulid_bytes ($text) { return pack 'B128', substr join('', map { sprintf '%05b', $digit{$_} } split //, $text), 2 }

1;
