#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

keep_away('integrations.push');

# Nobody knows a name that ends so (RFC 6761), and nothing is ever sent there.
my $prom = 'https://prom.invalid/api/v1/write';
my $loki = 'https://loki.invalid/loki/api/v1/push';

sub one ($endpoint, %more) { return { id => '42', token => 'glc_0123456789abcdef', endpoint => $endpoint, %more } }
sub set ($of, $body, %options) { return call('organizations.integrations.set', $body, key => $of->{key}, %options) }
sub shown ($of) { return call('organizations.integrations.get', {}, key => $of->{key})->json }
sub fields ($json) { return join ' ', map { $_ // '-' } @$json{qw(prom_id prom_token prom_endpoint loki_id loki_token loki_endpoint)} }

# ---- set, left, removed ----

my $organization = new_organization();
my $reply = set($organization, { prom => one($prom) });
is_success($reply, 'Prometheus is set');
is(fields($reply->json), "42 ****cdef $prom - - -", 'and the record shows it, its token masked');
is($reply->json->{id}, $organization->{id}, 'the record is the organization\'s');
unlike($reply->body, qr/glc_01/, 'the token is not shown');
is(db_value('SELECT COUNT(*) FROM integration WHERE organization_id = ? AND INSTR(token, ?) > 0', bytes_of($organization->{id}), 'glc_01'), 0, 'nor kept as it is');
is(db_value("SELECT COUNT(*) FROM audit WHERE organization_id = ? AND operation = 'organizations.integrations.set' AND target_id = organization_id", bytes_of($organization->{id})), 1,
    'it is in the audit');
is(fields(set($organization, { loki => one($loki, id => 'x', token => 'abcdefgh') })->json), "42 ****cdef $prom x ****efgh $loki", 'what is left out stays');
is(fields(set($organization, {})->json), "42 ****cdef $prom x ****efgh $loki", 'of nothing nothing becomes');
db_run("UPDATE integration SET due_at = '2999-01-01', failures = 3, last_error = 'It failed.' WHERE organization_id = ?", bytes_of($organization->{id}));
$reply = request('PUT', '/v1/orgs/integrations', key => $organization->{key}, body => { prom => one("$prom/2", token => 'other-secret-1234') });
is_success($reply, 'the plain route does the same');
is(db_value("SELECT COUNT(*) FROM integration WHERE organization_id = ? AND due_at < '2999-01-01'", bytes_of($organization->{id})), 1, 'what was set is due at once, and the other when it was');
is(fields($reply->json), "42 ****1234 $prom/2 x ****efgh $loki", 'another one takes the place of the first');
is(fields(set($organization, { prom => undef })->json), "- - - x ****efgh $loki", 'null removes one, and leaves the other');
is(db_value('SELECT COUNT(*) FROM integration WHERE organization_id = ?', bytes_of($organization->{id})), 1, 'with its token');
is_success(set($organization, { prom => undef }), 'what is not there can be removed');
is(fields(set($organization, { prom => one($prom), loki => undef })->json), "42 ****cdef $prom - - -", 'one is set, the other removed, in one call');
is(fields(set($organization, { prom => one($prom, token => $_->[0]) })->json) =~ s/^42 (\S+) .*/$1/r, $_->[1], "of a token of " . length($_->[0]) . ' characters at most half is shown')
    for ['a', '****'], ['abcd', '****cd'], ['abcdefgh', '****efgh'], ['x' x 500, '****xxxx'];

# ---- keys ----

my @twice = map { set($organization, { prom => one($prom, id => 'by-key') }, idempotency_key => 'once') } 1, 2;
is($twice[1]->body, $twice[0]->body, 'repeated under its key, it answers the same');
is($twice[1]->header('idempotent-replayed'), 'true', 'from what is stored');
is_problem(set($organization, { prom => undef }, idempotency_key => 'once'), 409, 'idempotency_key_reused', 'null is another body');
is_problem(set($organization, {}, idempotency_key => 'once'), 409, 'idempotency_key_reused', 'and so is nothing');
is_problem(set($organization, { prom => one('https://127.0.0.1/') }, idempotency_key => 'refused'), 422, 'invalid', 'what is refused');
is_success(set($organization, { prom => one($prom) }, idempotency_key => 'refused'), 'leaves its key free');

my @results = at_once(8, sub ($number, $client) {
	my $reply = set($organization, $number % 2 ? { prom => one($prom, id => "at-once-$number"), loki => undef } : { prom => undef, loki => one($loki, id => "at-once-$number") }, client => $client);
	my $json = $reply->json;
	return { status => $reply->status, whole => defined $json->{prom_id} ^ defined $json->{loki_id} };
});
is(scalar(grep { $_->{status} == 200 && $_->{whole} } @results), 8, 'of eight at once each sets one and removes the other, as if alone');
set($organization, { prom => one($prom), loki => undef });

# ---- where it may be ----

for my $endpoint (qw(http://prom.invalid/ https://127.0.0.1/ https://localhost/ https://10.0.0.1/x https://192.168.1.1:9090/ https://169.254.169.254/latest
    https://[::1]/ https://[fe80::1]/ https://[::ffff:127.0.0.1]/ https://[fd00::1]/ https://2130706433/ https://0x7f.1/ https://0/ https://user:word@prom.invalid/)) {
	is_problem(set($organization, { loki => one($endpoint) }), 422, 'invalid', "$endpoint is no place for it", errors => { '/loki/endpoint' => undef });
}
is_problem(set($organization, { prom => one('https://127.0.0.1/'), loki => one('https://localhost/') }), 422, 'invalid', 'both faults are told at once',
    errors => { '/prom/endpoint' => 'not_allowed', '/loki/endpoint' => 'not_allowed' });
is_problem(set($organization, { prom => one($prom, id => 'changed'), loki => one('https://127.0.0.1/') }), 422, 'invalid', 'of two, one of which is wrong,',
    errors => { '/loki/endpoint' => 'not_allowed' });
is(shown($organization)->{prom}{id}, '42', 'neither is set');

# ---- what can not be read ----

is_problem(set($organization, { prom => {}, loki => { id => '', token => '', endpoint => '' } }), 422, 'invalid', 'all of one is needed', errors => {
    (map { ("/prom/$_" => 'missing') } qw(id token endpoint)), (map { ("/loki/$_" => 'too_short') } qw(id token endpoint)) });
is_problem(set($organization, { prom => one($prom, id => 'a:b', token => "two words") }), 422, 'invalid', 'a header could not hold it',
    errors => { '/prom/id' => 'bad_format', '/prom/token' => 'bad_format' });
is_problem(set($organization, { prom => one($prom, id => "a\r\nX: y", token => "\x{e9}") }), 422, 'invalid', 'or would hold too much',
    errors => { '/prom/id' => 'bad_format', '/prom/token' => 'bad_format' });
is_problem(set($organization, { prom => one($prom, id => 'x' x 201, token => 'x' x 501, endpoint => 'https://' . 'x' x 2000) }), 422, 'invalid', 'what is too long',
    errors => { '/prom/id' => 'too_long', '/prom/token' => 'too_long', '/prom/endpoint' => 'too_long' });
is_problem(set($organization, { prom => 'x', loki => [], other => 1 }), 422, 'invalid', 'what is no object',
    errors => { '/prom' => 'wrong_type', '/loki' => 'wrong_type', '/other' => 'unknown' });
is_problem(set($organization, { prom => { id => undef, token => undef, endpoint => undef } }), 422, 'invalid', 'null in it is not null',
    errors => { map { ("/prom/$_" => 'wrong_type') } qw(id token endpoint) });

# ---- who may ----

is_success(set(new_person($organization, $_), {}), "the role $_ may") for qw(owner admin);
is_problem(set(new_person($organization, $_), {}), 403, 'forbidden', "the role $_ may not", members => { required_scope => 'organizations:write' }) for qw(billing member viewer);
is_problem(set(new_key($organization, 'organizations:read'), {}), 403, 'forbidden', 'a key needs the scope');
my $other = new_organization();
is(fields(set($other, {})->json), '- - - - - -', 'another organization has its own');
set($other, { prom => undef, loki => undef });
is(shown($organization)->{prom}{id}, '42', 'and removes none but those');
my $owner = new_person($other, 'owner');
set($other, { prom => one($prom) });
db_run("UPDATE organization SET status = 'closed', closed_at = UTC_TIMESTAMP(6) WHERE id = ?", bytes_of($other->{id}));
is_problem(set($owner, { prom => undef }), 409, 'organization_closed', 'a closed organization changes none');
done_testing;
