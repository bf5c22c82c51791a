#!/usr/bin/perl
# One sample to an integration, and what the other side answers to it, whatever that is.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Endpoint;
use Purser::Integrations;
use Purser::Test;
use Time::HiRes qw(time);

my $id = 'organizations.integrations.test';
my $endpoint = Purser::Endpoint->new;
my $silent = Purser::Endpoint->silent;
my $forbidden = Purser::Endpoint->new;
my $stack = Purser::Integrations->start(reach => [$endpoint->address, $silent->address]);
my $of = $stack->new_organization(credits => 120);

is_problem($stack->try($of, 'prom'), 409, 'conflict', 'where none is set there is nothing to try');
is_problem($stack->try($of, 'other'), 422, 'invalid', 'there are two kinds', errors => { '/kind' => 'not_allowed' });
is_problem($stack->call($id, {}, key => $of->{key}), 422, 'invalid', 'one has to be named', errors => { '/kind' => 'missing' });

# ---- it works ----

$stack->set($of, 'loki', $endpoint->url('/ok/loki'));
my $reply = $stack->try($of, 'loki');
is_success($reply, 'a Loki is tried');
my $answer = $reply->json;
is_deeply([sort keys %$answer], [qw(detail milliseconds ok status)], 'status, words and time are told');
ok($answer->{ok}, 'it took the line');
is($answer->{status}, 204, 'with this status');
cmp_ok($answer->{milliseconds}, '<', 10_000, 'soon');
my ($request, @others) = $endpoint->requests('/ok/loki');
is(scalar @others, 0, 'it was asked once');
is($request->{path}, '/ok/loki', 'at the path that the endpoint names');
is($request->{headers}{'content-type'}, 'application/json', 'in JSON');
my $stream = decode_json($request->{body})->{streams}[0];
is_deeply($stream->{stream}, { job => 'purser', organization => $of->{slug} }, 'with the labels of every line');
is(scalar $stream->{values}->@*, 1, 'one line');
like($stream->{values}[0][0], qr/^\d{19}$/, 'at a time in nanoseconds');
is(decode_json($stream->{values}[0][1])->{test}, JSON::PP::true(), 'that says what it is');

$stack->set($of, 'prom', $endpoint->url('/ok/prom'));
$reply = $stack->try($of, 'prom');
is_success($reply, 'a Prometheus is tried');
ok($reply->json->{ok}, 'and takes the sample');
($request) = $endpoint->requests('/ok/prom');
is_deeply([@{ $request->{headers} }{qw(content-type content-encoding x-prometheus-remote-write-version)}], ['application/x-protobuf', 'snappy', '0.1.0'],
    'in the form of remote write 1.0');
like($request->{body}, qr/purser_credits_available/, 'which names what it is');

# ---- repeated ----

my @twice = map { $stack->try($of, 'loki', idempotency_key => 'again') } 1 .. 2;
is($twice[1]->body, $twice[0]->body, 'repeated with its key, the answer is the same');
is($twice[1]->header('idempotent-replayed'), 'true', 'and nothing was sent again');
is(scalar $endpoint->requests('/ok/loki'), 2, 'as the other side knows');
is($stack->row($of, 'loki')->{failures}, 0, 'trying changes nothing about the pushes');

# ---- it does not ----

my %cases = (
	'/ok/wrong' => [401, qr/^who are you\?$/, 'a wrong token is told by the other side', token => 'wrong'],
	'/status/500' => [500, qr/^this is .{1,3} what 500 means .{1,3} here$/, 'its words come without control characters and broken ones'],
	'/status/429' => [429, qr/429/, 'so is its impatience'],
	'/redirect/x' => [302, qr/^/, 'a redirect is not followed'],
	'/reset/x' => [undef, qr/\w/, 'no answer at all is told in words'],
	'/endless/x' => [200, qr/^x{500}$/, 'of an answer without end 500 characters are read'],
);
for my $path (sort keys %cases) {
	my ($status, $detail, $name, %more) = $cases{$path}->@*;
	$stack->set($of, 'loki', $endpoint->url($path), %more);
	my $began = time;
	my $answer = $stack->try($of, 'loki')->json;
	is($answer->{status}, $status, $name);
	like($answer->{detail}, $detail, "$path: the detail");
	is($answer->{ok}, $path =~ /endless/ ? JSON::PP::true() : JSON::PP::false(), "$path: whether it was taken");
	cmp_ok(time - $began, '<', 5, "$path: it does not take long");
}
is(scalar $endpoint->requests('/ok/elsewhere'), 0, 'where a redirect led to, nobody went');

$stack->set($of, 'loki', $endpoint->url('/hang/x'));
$stack->set($of, 'prom', $silent->url);
my $began = time;
my @silences = map { $stack->try($of, $_)->json } qw(loki prom);
cmp_ok(time - $began, '<', 13, 'an endpoint that hangs gets five seconds, one behind the other');
for my $name ('one that has taken the request', 'one that never says a word') {
	my $answer = shift @silences;
	is_deeply([@$answer{qw(ok status)}], [JSON::PP::false(), undef], "$name gave no answer");
	cmp_ok($answer->{milliseconds}, '>=', 4_500, 'in its time');
}

# As it was accepted once, by a name that led elsewhere then.
$stack->set($of, 'loki', $endpoint->url('/ok/loki'));
db_run("UPDATE integration SET endpoint = ? WHERE organization_id = ? AND kind = 'loki'", $forbidden->url('/ok/x'), bytes_of($of->{id}));
$answer = $stack->try($of, 'loki')->json;
is_deeply([@$answer{qw(ok status)}], [JSON::PP::false(), undef], 'a private address is not reached, whatever was accepted');
is(scalar $forbidden->requests, 0, 'as its owner can tell');

# ---- whose it is ----

my $other = $stack->new_organization();
is_problem($stack->try($other, 'loki'), 409, 'conflict', "another organization has not got it");
my $reader = $stack->good('api_keys.create', { name => 'reader', permissions => ['organizations:read'] }, key => $of->{key});
is_problem($stack->try({ key => $reader->{key} }, 'loki'), 403, 'forbidden', 'the scope is needed', members => { required_scope => 'organizations:write' });
$stack->remove($of, 'prom');
is_problem($stack->try($of, 'prom'), 409, 'conflict', 'one that was removed is gone');
is(db_value("SELECT COUNT(*) FROM integration WHERE organization_id = ? AND kind = 'prom'", bytes_of($of->{id})), 0, 'with its token');
done_testing;
