package Purser::Provider::Parameters;

# Requests as Stripe takes them: form encoded, with brackets for what is nested, and refused where anything is unknown,
# missing or of another form.

use v5.36;
use Encode qw(decode_utf8);
use Exporter 'import';
use Purser::Provider::State;

our @EXPORT = qw(parse_form check_parameters);

my %currencies = map { $_ => 1 } qw(aud sgd gbp nzd usd eur jpy);

sub decode_part ($text) { return decode_utf8($text =~ tr/+/ /r =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger) }

# a[b][c]=1 nests; a[]=1 and a[0]=1 give a list, which stays a hash by its indexes here.
sub parse_form ($text) {
	my %form;

	for my $pair (grep { length } split /&/, $text) {
		my ($name, $value) = map { decode_part($_) } split(/=/, $pair, 2), '';
		my ($first, $rest) = $name =~ /\A([^\[]+)((?:\[[^\[\]]*\])*)\z/ or refuse(400, "Invalid parameter name: $name");
		my ($place, @path) = (\%form, $first, $rest =~ /\[([^\]]*)\]/g);
		while (@path > 1) {
			$place = $place->{ shift @path } //= {};
			ref $place or refuse(400, "Invalid hash: $name");
			$path[0] = keys %$place if $path[0] eq '';
		}
		$place->{ $path[0] } = $value;
	}
	return \%form;
}

my %forms = (
	text => [qr/\A.+\z/s, 'parameter_invalid_empty', 'You passed an empty string for '],
	optional => [qr/\A.*\z/s],
	integer => [qr/\A-?\d{1,15}\z/, 'parameter_invalid_integer', 'Invalid integer: '],
	boolean => [qr/\A(?:true|false)\z/, 'parameter_invalid_boolean', 'Invalid boolean: '],
);

sub check_list ($value, $path, $form) {
	ref $value or refuse(400, 'Invalid array', param => $path);
	return [map { check_value($value->{$_}, "${path}[$_]", $form) } sort { $a <=> $b } grep { /\A\d+\z/ } keys %$value];
}

# A form is the name of one, a pattern, [a form] for a list, { name => form } for what is nested, `map` or `currency`.
sub check_value ($value, $path, $form) {
	return check_list($value, $path, $form->[0]) if ref $form eq 'ARRAY';
	return ref $value ? check_parameters($value, $form, $path) : refuse(400, 'Invalid hash', param => $path) if ref $form eq 'HASH';
	if ($form eq 'map') {
		return {} if $value eq '';
		ref $value && !grep { ref } values %$value or refuse(400, 'Invalid hash', param => $path);
		return $value;
	}
	ref $value and refuse(400, 'Invalid string: {...}', param => $path);
	if ($form eq 'currency') {
		return $currencies{$value} ? $value : refuse(400, "Invalid currency: $value.", param => $path);
	}
	my ($pattern, $code, $message) = ref $form ? ($form, 'parameter_invalid_string_value', "Invalid $path: ") : $forms{$form}->@*;
	$value =~ $pattern or refuse(400, $message . ($code eq 'parameter_invalid_empty' ? "'$path'." : $value), param => $path,
	    $code eq 'parameter_invalid_boolean' ? () : (code => $code));
	return $form eq 'integer' ? 0 + $value : $form eq 'boolean' ? $value eq 'true' : $value;
}

# A name with `!` has to be there.
sub check_parameters ($in, $fields, $path = '') {
	my %known = map { s/!$//r => $fields->{$_} } keys %$fields;
	my %out;

	for my $name (sort keys %$in) {
		my $full = $path eq '' ? $name : "${path}[$name]";
		$known{$name} or refuse(400, "Received unknown parameter: $full", code => 'parameter_unknown', param => $full);
		$out{$name} = check_value($in->{$name}, $full, $known{$name});
	}
	for my $name (sort map { /^(.*)!$/ } keys %$fields) {
		defined $out{$name} or refuse(400, "Missing required param: $name.", code => 'parameter_missing', param => $name);
	}
	return \%out;
}

1;
