package Purser::FastCGI;

# One FastCGI request over a connection of its own, as a web server sends it.

use v5.36;
use Exporter 'import';
use Socket qw(SHUT_WR);

our @EXPORT_OK = qw(fastcgi_request);

sub record ($type, $content) { return pack('CCnnCx', 1, $type, 1, length $content, 0) . $content }

sub pair ($name, $value) {
	my $size = sub ($text) { length $text < 128 ? chr length $text : pack 'N', length($text) | 0x8000_0000 };
	return $size->($name) . $size->($value) . $name . $value;
}

# The reply's status, body and headers; nothing where the connection ended without an answer.
sub fastcgi_request ($socket, $method, $path, %parameters) {
	my $body = delete $parameters{body} // '';
	my %all = (REQUEST_METHOD => $method, REQUEST_URI => $path, REMOTE_ADDR => '127.0.0.1', CONTENT_LENGTH => length $body,
	    PURSER_LISTENER => 'public', %parameters);
	my $sent = record(1, pack 'nCx5', 1, 0) . record(4, join '', map { pair($_, $all{$_}) } sort keys %all) . record(4, '')
	    . (length $body ? record(5, $body) : '') . record(5, '');
	my ($bytes, $out) = ('', '');

	syswrite $socket, $sent;
	1 while sysread $socket, $bytes, 65536, length $bytes;
	while (length $bytes >= 8) {
		my (undef, $type, undef, $length, $padding) = unpack 'CCnnC', $bytes;
		$out .= substr $bytes, 8, $length if $type == 6;
		$bytes = substr $bytes, 8 + $length + $padding;
	}
	my ($head, $content) = split /\r\n\r\n/, $out, 2;
	return defined $head && $head =~ /^Status: (\d+)/ ? ($1, $content, $head) : ();
}

1;
