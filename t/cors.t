#!/usr/bin/perl
# Pages of the origins that the operator named may read every reply, whoever made it: a worker, or nginx by itself. All others
# may read none.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Path qw(remove_tree);
use IO::Socket::UNIX;
use Purser::Front;
use Purser::Jobs;
use Purser::Test;
use Time::HiRes qw(sleep time);

my ($page, $another) = ('https://app.example.com', 'http://[::1]:3000');
my $origins = "$page,$another";
my $directory = "/tmp/purser-cors-$$";
my $socket = "$directory/worker.sock";
my @cors = map { "access-control-$_" } qw(allow-origin allow-headers allow-methods expose-headers max-age);
mkdir $directory, 0700;

my $pool = start_program('purser-fcgi', 'pool', [], PURSER_LISTEN => "unix:$socket", PURSER_LISTEN_SLOW => '', PURSER_WORKERS => 2, PURSER_PID_FILE => '',
    PURSER_CORS_ORIGINS => $origins);
my $front = Purser::Front->start("$directory/front", socket => $socket, origins => $origins, read_timeout => 1);
END { undef $front; remove_tree($directory) if $directory }

my $client = $front->client;
my $organization = new_organization();
my $key = $organization->{key};

# The origin comes first: nginx refuses a header that is too large when it meets it.
sub ask ($method, $path, $origin, %options) {
	my @headers = (defined $origin ? (Origin => $origin) : (), ($options{headers} // [])->@*);
	return request($method, $path, client => $client, %options, headers => \@headers);
}

# What a reply says to pages; two headers of a name would be one value with a comma.
sub said ($reply) { return { map { defined $reply->header($_) ? ($_ => $reply->header($_)) : () } 'vary', @cors } }

my $until = time + 30;
sleep 0.1 until time > $until || ask('GET', '/v1/health/ready', undef)->status == 200;

# ---- what pages are told -------------------------------------------------------------------------------------------------

my $preflight = ask('OPTIONS', '/v1/orders/create', $page, headers => ['Access-Control-Request-Method' => 'POST', 'Access-Control-Request-Headers' => 'authorization,content-type,idempotency-key']);
is($preflight->status, 204, 'a browser that asks before a request is answered');
my $told = said($preflight);
is($told->{'access-control-allow-origin'}, $page, 'with the origin that may');
is($told->{vary}, 'Origin', 'which is not for others');
like($told->{'access-control-allow-methods'}, qr/\b$_\b/, "with $_") for qw(GET POST PUT PATCH DELETE);
like($told->{'access-control-allow-headers'}, qr/(?:^|, )$_(?:,|$)/, "with $_") for qw(Authorization Content-Type Idempotency-Key X-API-Key X-Request-Id);
is($told->{'access-control-max-age'}, 600, 'and how long it need not ask again');
is($preflight->header('access-control-allow-credentials'), undef, 'cookies are never sent');

my $simple = ask('GET', '/v1/organization', $page, key => $key);
is_success($simple, 'a page reads');
is_deeply(said($simple), $told, 'and is told the same');
my %exposed = map { lc $_ => 1 } split /, /, $told->{'access-control-expose-headers'};
is_deeply([grep { !$exposed{ lc $_ } } sort keys openapi->{components}{headers}->%*], [], 'it sees every header that is declared');
ok($exposed{$_}, "it sees $_") for qw(ratelimit ratelimit-policy content-disposition retry-after allow);
is_deeply({ said(ask('GET', '/v1/organization', $another, key => $key))->%{'access-control-allow-origin', 'vary'} }, { 'access-control-allow-origin' => $another, vary => 'Origin' }, 'each origin by its own name');

# ---- refusals, whoever makes them ------------------------------------------------------------------------------------------

my @refusals = (
	['a worker, of no token', 401, 'unauthenticated', POST => '/v1/orders/create', body => {}],
	['a worker, of bad input', 422, 'invalid', POST => '/v1/orders/create', body => {}, key => $key],
	['a worker, of an unknown path', 404, 'not_found', GET => '/v1/nowhere', key => $key],
	['a worker, of a method', 405, 'method_not_allowed', DELETE => '/v1/orders/create', key => $key],
	['nginx, of an unknown path', 404, 'not_found', GET => '/nowhere'],
	['nginx, of a method', 405, 'method_not_allowed', TRACE => '/v1/orders/create'],
	['nginx, of a body that is too large', 413, 'too_large', POST => '/v1/orders/create', body => 'x' x (1 << 20) . 'x', key => $key],
	['nginx, of headers that are too large', 431, 'headers_too_large', GET => '/v1/organization', headers => ['X-Long' => 'x' x 40000]],
);

sub refused ($whose, $status, $code, $method, $path, %options) {
	my $reply = ask($method, $path, $page, %options);
	is_problem($reply, $status, $code, "$whose: the refusal");
	is_deeply(said($reply), $told, "$whose: a page may read it");
	is_deeply(said(ask($method, $path, 'https://evil.example', %options)), { vary => 'Origin' }, "$whose: another page may not");
	is_deeply(said(ask($method, $path, undef, %options)), { vary => 'Origin' }, "$whose: nothing is said to what is no page");
}
refused(@$_) for @refusals;
my $long = '/v1/organization?query=' . 'x' x 20000;
is_problem(ask('GET', $long, $page, key => $key), 414, 'uri_too_long', 'an address that is too long is refused before the origin is known');
is(ask('OPTIONS', $long, $page, headers => ['Access-Control-Request-Method' => 'GET'])->status, 414, '… even where a browser only asks, which makes no request then');
is_deeply(said(request('GET', '/v1/organization', client => $client, headers => ['X-Long' => 'x' x 40000, Origin => $page])), { vary => 'Origin' }, 'nor is it known where a header that is too large comes before it');

# ---- who is no such origin -------------------------------------------------------------------------------------------------

for my $origin ('null', 'http://app.example.com', "$page.evil.example", "$page:8443", "$page/", 'https://app-example.com', 'https://appxexample.com', 'https://xapp.example.com',
    'HTTPS://APP.EXAMPLE.COM', 'https://App.example.com', "$page,$another", "$page $another", 'http://::1:3000', '*', '') {
	is_deeply(said(ask('GET', '/v1/organization', $origin, key => $key)), { vary => 'Origin' }, "a worker does not take `$origin` for one of them");
	is_deeply(said(ask('GET', '/nowhere', $origin)), { vary => 'Origin' }, 'nor does nginx');
}
is_deeply(said(get('/v1/health/live', headers => [Origin => $page])), {}, 'where no origin was named, a worker says nothing to any');
is_deeply(said(get('/nowhere', headers => [Origin => $page])), {}, 'nor does nginx');

# ---- workers that are away, or say nothing ---------------------------------------------------------------------------------

kill 'TERM', $pool;
end_program($pool);
refused('nginx, without workers', 502, 'bad_gateway', POST => '/v1/orders/create', body => {}, key => $key);
unlink $socket;
my $silent = IO::Socket::UNIX->new(Local => $socket, Listen => 10) or die "$socket: $!";
refused('nginx, of workers that say nothing', 504, 'gateway_timeout', GET => '/v1/organization', key => $key);
done_testing;
