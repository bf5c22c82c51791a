package Purser::Reply;

# One reply: status, headers by their names in lower case, body as bytes and as JSON.

use v5.36;

my $class_of_json = eval { require JSON::XS; 'JSON::XS' } // do { require JSON::PP; 'JSON::PP' };

# Numbers stay numbers; one line; members in a steady order.
sub codec () {
	return $class_of_json->new->utf8->canonical->allow_nonref;
}

my $codec = codec();

sub parse ($class, $head, $method, $path) {
	my ($first, @lines) = split /\r\n/, $head;
	my ($status) = $first =~ m{^HTTP/1\.[01] (\d{3})} or die "no status line: $first\n";
	my %headers;

	for my $line (@lines) {
		my ($name, $value) = $line =~ /^([^:\s]+):\s*(.*?)\s*$/ or die "no header: $line\n";
		$name = lc $name;
		$headers{$name} = defined $headers{$name} ? "$headers{$name}, $value" : $value;
	}
	my $closes = ($headers{connection} // '') =~ /close/i;
	return bless { method => $method, path => $path, status => $status, headers => \%headers, closes => $closes }, $class;
}

sub status ($self) { return 0 + $self->{status} }
sub body ($self) { return $self->{body} }
sub complete ($self) { return $self->{complete} }
sub header ($self, $name) { return $self->{headers}{lc $name} }

sub media_type ($self) {
	my ($type) = ($self->header('content-type') // '') =~ /^\s*([^;\s]+)/;
	return $type;
}

# The body as data; undef where it is no JSON.
sub json ($self) {
	return $self->{json} //= eval { $codec->decode($self->{body}) };
}

# The rows of an NDJSON body.
sub rows ($self) {
	return map { $codec->decode($_) } split /\n/, $self->{body};
}

sub code ($self) {
	my $json = $self->json;
	return ref $json eq 'HASH' ? $json->{code} : undef;
}

1;
