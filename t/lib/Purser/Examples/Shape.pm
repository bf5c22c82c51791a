package Purser::Examples::Shape;

# Is a reply what the OpenAPI document says that the operation answers? As much of JSON Schema as that document uses.

use v5.36;
use Exporter 'import';
use Purser::Reply;
use Purser::Test qw(openapi);

our @EXPORT = qw(faults_of_shape status_of);

my $json = Purser::Reply::codec();

sub resolved ($schema) {
	while (my $reference = $schema->{'$ref'}) {
		my (undef, @path) = split m{/}, $reference;
		$schema = openapi;
		$schema = $schema->{$_} // die "$reference leads nowhere\n" for @path;
	}
	return $schema;
}

sub type_of ($value) {
	return 'null' unless defined $value;
	return { HASH => 'object', ARRAY => 'array' }->{ ref $value } // 'boolean' if ref $value;
	my $text = $json->encode($value);
	return $text =~ /^"/ ? 'string' : $text =~ /^-?\d+$/ ? 'integer' : 'number';
}

sub faults_of_object ($value, $schema, $where) {
	my $known = $schema->{properties} // {};
	my @faults = map { "$where/$_ is missing" } grep { !exists $value->{$_} } ($schema->{required} // [])->@*;

	for my $name (sort keys %$value) {
		my $of = $known->{$name} // (ref $schema->{additionalProperties} eq 'HASH' ? $schema->{additionalProperties} : undef);
		push @faults, $of ? faults($value->{$name}, $of, "$where/$name") : %$known && !exists $schema->{additionalProperties} ? "$where/$name is not declared" : ();
	}
	return @faults;
}

my %format = ('date-time' => qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/, date => qr/^\d{4}-\d\d-\d\d$/);

sub faults_of_text ($value, $schema, $where) {
	my $format = $format{ $schema->{format} // '' };

	return "$where does not fit its pattern" if $schema->{pattern} && $value !~ /$schema->{pattern}/;
	return "$where is no $schema->{format}" if $format && $value !~ $format;
	return "$where is not within its limits" if length $value < ($schema->{minLength} // 0) || length $value > ($schema->{maxLength} // length $value);
	return;
}

sub faults ($value, $schema, $where) {
	$schema = resolved($schema);
	if (my $choices = $schema->{anyOf} // $schema->{oneOf}) {
		my @of = map { [faults($value, $_, $where)] } @$choices;
		return (grep { !@$_ } @of) ? () : $of[0]->@*;
	}
	my $type = type_of($value);
	my @types = ref $schema->{type} ? $schema->{type}->@* : $schema->{type} // ();
	return "$where is a $type, not a @types" if @types && !grep { $_ eq $type || ($_ eq 'number' && $type eq 'integer') } @types;
	return "$where is none of its choices" if $schema->{enum} && !grep { ($_ // '') eq ($value // '') } $schema->{enum}->@*;
	return faults_of_text($value, $schema, $where) if $type eq 'string';
	return "$where is not within its limits" if $type =~ /^(?:integer|number)$/ && ($value < ($schema->{minimum} // $value) || $value > ($schema->{maximum} // $value));
	return faults_of_object($value, $schema, $where) if $type eq 'object';
	return map { faults($value->[$_], $schema->{items}, "$where/$_") } 0 .. $#$value if $type eq 'array' && $schema->{items};
	return;
}

sub success_of ($id) {
	my $replies = openapi->{paths}{"/v1/op/$id"}{post}{responses};
	my ($status) = grep { /^2/ } keys %$replies;
	return ($status, resolved($replies->{$status}));
}

sub status_of ($id) { return (success_of($id))[0] }

# What is wrong with the data as a reply of the operation's success; nothing, where it fits.
sub faults_of_shape ($id, $value) {
	my (undef, $reply) = success_of($id);
	return faults($value, $reply->{content}{'application/json'}{schema}, '');
}

1;
