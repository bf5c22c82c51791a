#!/usr/bin/perl
# What every operation refuses, from the declarations: the same faults, told the same way.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Subjects;
use Purser::Test;

my $organization = new_organization(rate_limit => 1000000);
my %limited;

# Somebody who may call the operation, and has called too often: a stranger by the address, else the one token.
sub limited_caller ($operation, $subject) {
	return (client => $limited{address} //= exhausted_client()) if $operation->{scope} eq 'PUBLIC';
	my $key = $limited{ $subject->{name} } //= $subject->{operator} ? first_key(undef, ['admin:read', 'admin:write'], rate_limit => 1)->{key}
	    : $subject->{person} ? new_person(exhausted_organization(), 'owner')->{key} : first_key($organization->{id}, [every_scope], rate_limit => 1)->{key};
	return (key => $key);
}

sub exhausted_client () {
	my $client = client(from => '127.0.5.1');
	for (1 .. 601) {
		last if call('organizations.current', {}, client => $client)->status == 429;
	}
	return $client;
}

sub exhausted_organization () {
	my $exhausted = new_organization(rate_limit => 1);
	call('organizations.current', {}, key => $exhausted->{key});
	return $exhausted;
}

# A form, for OAuth's operations; JSON for all others.
sub check_bodies ($operation, @key) {
	my $id = $operation->{id};
	my ($json, $form) = ('application/json', 'application/x-www-form-urlencoded');

	if ($operation->{flags}{oauth}) {
		is_problem(call($id, 'grant_type=%zz', @key, type => $form), 400, 'bad_request', "$id: a broken escape");
		is_problem(call($id, 'token=%ff', @key, type => $form), 400, 'bad_request', "$id: bytes that are no UTF-8");
		is_problem(call($id, 'token=a&token=b&grant_type=a&grant_type=b', @key, type => $form), 400, 'bad_request', "$id: a parameter twice");
		is_problem(call($id, '', @key, type => $form), 400, 'bad_request', "$id: an empty form");
		is_problem(call($id, 'token=&grant_type=', @key, type => $form), 400, 'bad_request', "$id: a parameter without a value was not sent");
		is_problem(call($id, '{"token":"x"}', @key, type => $json), 415, 'unsupported_media_type', "$id: JSON");
		return;
	}
	is_problem(call($id, '{"a":', @key), 400, 'bad_request', "$id: a body that is no JSON");
	return if $operation->{flags}{raw_body}; # its body is the handler's
	is_problem(call($id, '[]', @key), 400, 'bad_request', "$id: a body that is no object");
	is_problem(call($id, 'a=b', @key, type => $form), 415, 'unsupported_media_type', "$id: a form");
	my $reply = call($id, '{"no_such_field":1}', @key);
	is_problem($reply, 422, 'invalid', "$id: an unknown field");
	return if $operation->{flags}{freeform}; # it is ignored, and what is missing is named
	ok((grep { $_->{pointer} eq '/no_such_field' && $_->{code} eq 'unknown' } $reply->json->{errors}->@*), "$id: which is named");
	for my $way (grep { $_->{method} eq 'GET' && $_->{path} !~ /\{/ } $operation->{ways}->@*) {
		is_problem(request($way->{method}, $way->{path}, @key, query => { no_such_field => 1 }), 422, 'invalid', "$id: an unknown parameter of $way->{path}");
	}
}

for my $operation (describe_operations) {
	my ($id, $subject) = ($operation->{id}, caller_of($operation, $organization));
	my @key = (key => token_of($subject));

	check_bodies($operation, @key);
	is_problem(call($id, '{"no_such_field":1}', @key, accept => 'image/png'), 406, 'not_acceptable', "$id: a media type that is not made");
	is_problem(call($id, '{"no_such_field":"' . 'x' x 1048576 . '"}', @key, client => client(record => 1)), 413, 'too_large', "$id: a body of more than 1 MiB");
	is_problem(request('DELETE', "/v1/op/$id", @key), 405, 'method_not_allowed', "$id: a method that does not fit",
	    headers => { Allow => $operation->{effect} eq 'read' ? qr/GET.*POST|POST.*GET/ : qr/^(?!.*GET).*POST/ });
	my $options = request('OPTIONS', "/v1/op/$id");
	is($options->status, 204, "$id: OPTIONS answers without a token");
	like($options->header('allow'), qr/POST/, "$id: and tells the methods");
	next if $operation->{flags}{raw_body};
	my @limited = limited_caller($operation, $subject);
	# What may charge a card has a limit of its own: 60 for anybody who has not less.
	for (1 .. ($operation->{scope} eq 'PUBLIC' ? 0 : 60)) {
		last if call($id, {}, @limited)->status == 429;
	}
	is_problem(call($id, {}, @limited), 429, 'rate_limited', "$id: too many requests");
}

my @bodies = (
	['{"name":"x","name":"y"}', 'a member twice'],
	['{"n\\u0061me":"x","name":"y"}', 'a member twice, once escaped'],
	["{\"name\":\"\xff\"}", 'bytes that are no UTF-8'],
	["{\"name\":\"\xc0\xaf\"}", 'an overlong form'],
	["{\"name\":\"\xed\xa0\x80\"}", 'a surrogate as bytes'],
	['{"name":"\\ud800"}', 'a lone surrogate'],
	['{"name":"\\u0000"}', 'a NUL'],
	['{"name":"x"} x', 'something behind the object'],
	['{"name":"x",}', 'a comma too many'],
	['{"name":01}', 'a number with a leading zero'],
	["{\"name\":\"a\tb\"}", 'a raw control character'],
	["\xef\xbb\xbf{}", 'a byte order mark'],
	["\f{}", 'a form feed'],
	['{"a":' x 40 . '1' . '}' x 40, 'a body nested deeper than 32'],
	['"x"', 'a string'], ['null', 'null'], ['1', 'a number'],
);
is_problem(call('api_keys.create', $_->[0], key => $organization->{key}), 400, 'bad_request', "the body is refused: $_->[1]") for @bodies;
is_problem(call('api_keys.create', '{"colour":1,"name":[],', key => $organization->{key}), 400, 'bad_request', 'a syntax fault beats all others');
is_success(request('POST', '/v1/op/organizations.current', key => $organization->{key}), 'no body is an empty object');
is_success(call('organizations.current', '', key => $organization->{key}, type => undef), 'so is an empty body without a media type');
is_success(call('organizations.current', ' { } ', key => $organization->{key}, type => 'Application/JSON; charset=utf-8'), 'a media type may have parameters');

my $bad_query = request('GET', '/v1/organizations?query=%ff', key => $organization->{key});
is_problem($bad_query, 400, 'bad_request', 'a query that is no UTF-8');
is_problem(request('GET', '/v1/organizations?query=%zz', key => $organization->{key}), 400, 'bad_request', 'a broken escape');
is_problem(request('GET', '/v1/organizations?query=a&query=b', key => $organization->{key}), 422, 'invalid', 'a parameter twice', errors => { '/query' => 'duplicate' });
is_problem(get('/v1/nothing/here', key => $organization->{key}), 404, 'not_found', 'a path that nobody serves');
is_problem(get('/v1/op/no.such.operation', key => $organization->{key}), 404, 'not_found', 'an operation that there is not');

for my $code (sort keys problems->%*) {
	my $reply = get("/problems/$code");
	is_success($reply, "/problems/$code tells what it means");
	is_deeply($reply->json, { code => $code, problems->{$code}->%* }, 'in the words of the declaration');
}
is_problem(get('/problems/none'), 404, 'not_found', 'a problem that there is not');
done_testing;
