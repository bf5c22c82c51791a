#!/usr/bin/perl
# The front door: TLS, HTTP, limits, and refusals that are problem documents whoever makes them.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;

use IO::Socket::SSL;
use JSON::PP ();

my $organization = new_organization();
my ($host, $port) = $ENV{PURSER_URL} =~ m{^https://([^:/]+):(\d+)};

# ---- TLS ----

for my $version (['TLSv1_3', 1], ['TLSv1_2', 1], ['TLSv1_1', 0], ['TLSv1', 0]) {
	my ($name, $welcome) = @$version;
	my $reply = eval { client(tls => { SSL_version => $name, SSL_cipher_list => 'DEFAULT:@SECLEVEL=0' })->request('GET', '/v1/health/live') };
	is(defined $reply ? 1 : 0, $welcome, $welcome ? "$name is spoken" : "$name is not spoken");
}
my $weak = eval { client(tls => { SSL_version => 'TLSv1_2', SSL_cipher_list => 'AES128-SHA:AES256-SHA:AES128-GCM-SHA256' })->request('GET', '/v1/health/live') };
is($weak, undef, 'a cipher without forward secrecy is refused');
my $socket = client()->connect;
is($socket->get_sslversion, 'TLSv1_3', 'TLS 1.3 is preferred');
ok($socket->verify_hostname($host, 'http'), 'the certificate names the host');

my $reply = get('/v1/health/live');
like($reply->header('strict-transport-security'), qr/max-age=\d{7,}/, 'HSTS is sent');
is($reply->header('x-content-type-options'), 'nosniff', 'nothing is sniffed');
unlike($reply->header('server') // '', qr/\d/, 'the server does not tell its version');
is($reply->header('access-control-allow-origin'), undef, 'no origin is let in');
is(get('/v1/health/live', headers => [Origin => 'https://evil.example'])->header('access-control-allow-origin'), undef, 'not even one that asks');
is($reply->header('cache-control') =~ /no-store/ ? 1 : 0, 1, 'nothing is stored on the way');

my $curl = qx{curl --silent --http2 --cacert $ENV{PURSER_CA} --output /dev/null --write-out '%{http_version} %{http_code}' $ENV{PURSER_URL}/v1/health/live};
is($curl, '2 200', 'HTTP/2 is spoken');
$curl = qx{curl --silent --http2 --cacert $ENV{PURSER_CA} --header 'Authorization: Bearer $organization->{key}' --json '{}' $ENV{PURSER_URL}/v1/op/organizations.current};
is(eval { decode_json($curl)->{id} }, $organization->{id}, 'an operation answers over HTTP/2');

# ---- request ids ----

is(get('/v1/health/live', headers => ['X-Request-Id' => 'My.own-id_1'])->header('x-request-id'), 'My.own-id_1', "the caller's request id comes back");
is(call('organizations.current', {}, headers => ['X-Request-Id' => 'refused'])->json->{instance}, 'refused', 'in a problem, too');
for my $bad ('has blanks', 'x' x 65, '<script>', '') {
	my $id = get('/v1/health/live', headers => ['X-Request-Id' => $bad])->header('x-request-id');
	isnt($id, $bad, 'what is no request id is replaced');
	ulid_ok($id, 'by a ULID');
}
is(get('/nowhere', headers => ['X-Request-Id' => 'mine'])->json->{instance}, 'mine', 'nginx keeps it in its own refusals');

# ---- refusals ----

is_problem(get('/'), 404, 'not_found', 'the root is nothing');
is_problem(get('/favicon.ico'), 404, 'not_found', 'so is what a browser asks for');
is_problem(get('/index.html'), 404, 'not_found', 'there are no files');
is_problem(get('/v1/../etc/passwd'), 404, 'not_found', 'nor any above them');
is_problem(get('//v1/health/live'), 404, 'not_found', 'slashes are not merged');
is_problem(get('/v1/health/live/'), 404, 'not_found', 'nor taken away');
is_problem(request('DELETE', '/v1/op/organizations.current', key => $organization->{key}), 405, 'method_not_allowed', 'a method that does not fit', headers => { Allow => qr/GET/ });
is_problem(request('TRACE', '/v1/health/live'), 405, 'method_not_allowed', 'TRACE', headers => { Allow => qr/./ });
is_problem(request('BREW', '/v1/health/live'), 405, 'method_not_allowed', 'a method that nobody knows', headers => { Allow => qr/./ });
is_problem(post('/v1/op/organizations.current', 'x' x (1 << 20) . 'x', key => $organization->{key}), 413, 'too_large', 'a body of more than 1 MiB');
is_problem(get('/v1/organizations?query=' . 'x' x 20000, key => $organization->{key}), 414, 'uri_too_long', 'an address that is too long');
is_problem(get('/v1/health/live', headers => ['X-Long' => 'x' x 40000]), 431, 'headers_too_large', 'a header that is too large');
is_problem(get('/v1/health/live', headers => [map { ("X-$_" => 'x' x 8000) } 1 .. 20]), 431, 'headers_too_large', 'too many of them');
my $large = request('POST', '/v1/op/organizations.current', key => $organization->{key}, body => '{' . ' ' x ((1 << 20) - 2) . '}');
is_success($large, 'a body of just 1 MiB is read');

my $head = request('HEAD', '/v1/organization', key => $organization->{key});
is($head->status, 200, 'HEAD works where GET does');
is($head->body, '', 'without a body');
$head = request('HEAD', '/v1/op/api_keys.create', key => $organization->{key});
is($head->status, 405, 'and not where it does not');
my $options = request('OPTIONS', '/v1/organizations');
is($options->status, 204, 'OPTIONS answers');
like($options->header('allow'), qr/GET/, 'by Allow');

# ---- two pools ----

# Which of them served it, as the access log says.
sub pool_of (%headers) {
	state $count = 0;
	my $id = "pool-$$-" . ++$count;
	my $pool;
	get('/v1/organization', key => $organization->{key}, headers => ['X-Request-Id' => $id, %headers]);
	for (1 .. 60) { # it is flushed once a second
		open my $in, '<', "$ENV{PURSER_VAR}/log/nginx-access.log" or last;
		($pool) = map { /"pool":"(\w+)"/ } grep { /"request_id":"$id"/ } <$in>;
		last if defined $pool;
		select undef, undef, undef, 0.05;
	}
	return $pool;
}
my %pools = (fast => ['application/json', '*/*', 'application/json, text/plain, */*', 'application/*', 'application/json;charset=utf-8, */*'],
    slow => ['application/pdf', 'application/x-ndjson', 'application/*, application/json;q=0', 'application/json; q=0.5, */*', '*/*;q=0.9, Application/JSON;charset=utf-8;q=0.1']);
for my $pool (sort keys %pools) {
	is(pool_of(Accept => $_), $pool, "Accept: $_ is for the $pool pool") for $pools{$pool}->@*;
}
is(pool_of(Accept => '*/*', 'Content-Type' => 'application/json; charset=utf-8'), 'fast', 'what a body is, is another matter');

# ---- below HTTP ----

my $plain = Purser::Client->new(url => "http://$host:$port", record => 0);
my $answer = $plain->raw("GET /v1/health/live HTTP/1.1\r\nHost: x\r\n\r\n", method => 'GET', path => '');
is_problem($answer, 400, 'bad_request', 'plain HTTP on the TLS port is refused');
for my $bytes ("GARBAGE\r\n\r\n", "GET /v1/health/live HTTP/9.9\r\nHost: x\r\n\r\n", "GET /v1/health/live HTTP/1.1\r\n\r\n",
    "GET /v1/health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "POST /v1/op/organizations.current HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n",
    "POST /v1/op/organizations.current HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    "POST /v1/op/organizations.current HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "GET /v1/health/\0live HTTP/1.1\r\nHost: x\r\n\r\n") {
	my $reply = raw($bytes, method => 'GET', path => '');
	my $shown = $bytes =~ s/[^ -~]/./gr;
	is_problem($reply, 400, 'bad_request', 'no HTTP: ' . substr $shown, 0, 60);
}

my $chunked = raw("POST /v1/op/organizations.get HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer $organization->{key}\r\nContent-Type: application/json\r\n"
    . "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", path => '/v1/op/organizations.get');
is_success($chunked, 'a body in chunks is read');
my $one = "GET /v1/organization HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer $organization->{key}\r\n\r\n";
my @replies = raw($one x 5, method => 'GET', path => '/v1/organization', replies => 5);
is_deeply([map { $_->status } @replies], [(200) x 5], 'requests may come in one piece');

SKIP: {
	skip 'a slow client takes its time: --all', 1 unless $ENV{PURSER_CHECK_ALL};
	my $slow = client(timeout => 40);
	my $reply = $slow->raw("POST /v1/op/organizations.current HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", path => '/v1/op/organizations.current');
	is($reply, undef, 'a client whose body never comes is hung up on'); # nginx answers no one who is that slow
}
done_testing;
