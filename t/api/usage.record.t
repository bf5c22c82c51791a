#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Usage;

my $organization = new_organization();
my ($id, $key) = $organization->@{qw(id key)};

# ---- the JSON document -----------------------------------------------------------------------------------------------

my $reply = record($organization, [event('a', 'requests', 5, service => 'chat'), event('b', 'requests', '2.5'), event('a', 'prompt_tokens', 7)]);
is_success($reply, 'events are recorded');
is_deeply($reply->json, { accepted => 3, duplicates => 0, rejected_total => 0, rejected => [] }, 'and counted: an id belongs to its metric');
is(outcome_of(record($organization, [event('a', 'requests', 5), event('c'), event('c', 'requests', 9)])), '1 2 0', 'one that was there, or stands there twice, is a duplicate');
is_deeply({ map { $_ => counters($organization)->{$_}{used} } qw(requests prompt_tokens) }, { requests => '8.5', prompt_tokens => 7 }, 'of those the first counts');
$reply = record($organization, [event('d', 'nothing'), event('e', 'requests', 1, occurred_at => moment(-46 * 86400)), event('f', 'requests', 1, occurred_at => moment(400)),
    event('g', 'requests', 1, occurred_at => moment(-44 * 86400)), event('h', 'requests', 1, occurred_at => moment(200)), event('i', 'requests', 0)]);
is(outcome_of($reply), '3 0 3', 'events that can\'t be counted leave the others alone');
is_deeply([map { "$_->{index} $_->{pointer}" } $reply->json->{rejected}->@*], ['0 /metric', '1 /occurred_at', '2 /occurred_at'], 'each is named');
like($_->{detail}, qr/\.$/, 'with a sentence') for $reply->json->{rejected}->@*;
is_problem(call('usage.record', { events => [event('j', 'requests', -1), { id => 'k' }, event('x' x 256, 'requests', 1, service => '', more => 1)] }, key => $key), 422, 'invalid',
    'of a document every fault is named, and nothing is recorded', errors => { '/events/0/quantity' => 'out_of_range', '/events/1/metric' => 'missing',
    '/events/1/quantity' => 'missing', '/events/2/id' => 'too_long', '/events/2/service' => 'too_short', '/events/2/more' => 'unknown' });
is_problem(call('usage.record', {}, key => $key), 422, 'invalid', 'events are needed', errors => { '/events' => 'missing' });
is_problem(record($organization, [map { event($_) } 1 .. 1001]), 422, 'invalid', 'a thousand at the most', errors => { '/events' => 'too_many' });
is(outcome_of(record($organization, [event("\x{1F600}" x 63, 'requests')])), '1 0 0', 'an id may have any characters, 255 bytes of them');
is_problem(record($organization, [event("\x{1F600}" x 64, 'requests')]), 422, 'invalid', 'and not more', errors => { '/events/0/id' => 'bad_format' });
is(outcome_of(record($organization, [event('A', 'requests'), event('a ', 'requests'), event("a\t", 'requests'), event("\x{e1}", 'requests')])), '4 0 0', 'no collation takes one for another');
is_problem(call('usage.record', '{"events":[{"id":"z","metric":"requests","quantity":' . $_ . '}]}', key => $key), 422, 'invalid', "$_ is no quantity",
    errors => { '/events/0/quantity' => undef }) for '1.5', '1e3', '"a"', '"1.0000001"', '1000000001', 'true', '99999999999999999999';

# ---- other forms -----------------------------------------------------------------------------------------------------

$reply = record_lines($organization, lines_of_events(event('l1'), event('l2')) . "\r\n\n" . "{broken\n" . '{"id":"l3","metric":"requests"}' . "\n[]\n" . '{"id":"l4","metric":"requests","quantity":1}');
is(outcome_of($reply), '3 0 3', 'lines stand each for itself, the last one may lack its end');
is_deeply([map { "$_->{index} $_->{pointer}" } $reply->json->{rejected}->@*], ['2 ', '3 /quantity', '4 '], 'empty ones are not counted');
is(outcome_of(record_lines($organization, '')), '422 invalid', 'no line at all is an empty document');

sub cloud ($id, $data = { quantity => 1 }, %more) { return { specversion => '1.0', id => $id, type => 'requests', source => '/test', data => $data, %more } }
sub send_cloud ($type, $body) { return call('usage.record', $body, key => $key, type => $type) }
my ($single, $batch) = ('application/cloudevents+json', 'application/cloudevents-batch+json');
is(outcome_of(send_cloud($single, cloud('ce1', { quantity => '1.5', service => 'chat', cost => '0.10', model => 'm' }, time => moment(-60), subject => 's', traceparent => 'x', dataschema => 'https://example.com/'))),
    '1 0 0', 'a CloudEvent');
is(outcome_of(send_cloud("$batch; charset=utf-8", [cloud('ce1'), cloud('ce2'), cloud('ce3', undef), cloud('ce4', { quantity => -1 }), cloud('ce5', {}, specversion => '0.3'), cloud('ce6', 'text'), 7])),
    '1 1 5', 'a batch of them');
is_deeply([map { $_->{pointer} } send_cloud($batch, [cloud('ce4', { quantity => -1, service => '' }), cloud('ce3', undef)])->json->{rejected}->@*], ['/data/quantity', '/data'], 'faults are told by their place');
is_deeply([map { "$_->{service} $_->{cost}" } grep { $_->{service} } counters($organization)->{requests}{by_service}->@*], ['chat 0.10'], 'their data is read as an event\'s');
is(outcome_of(send_cloud($batch, [])), '0 0 0', 'an empty batch does nothing');
is_problem(send_cloud($batch, '{"a":1}'), 400, 'bad_request', 'what is no array is no batch');
is_problem(send_cloud('text/plain', 'x'), 415, 'unsupported_media_type', 'other media types are not understood');

# ---- who, and what stays -----------------------------------------------------------------------------------------------

my $other = new_organization();
is(outcome_of(record($other, [event('a', 'requests', 5)])), '1 0 0', 'another organization\'s ids are its own');
is(counter($other, 'requests'), '5 1', 'and so are its counters');
is_problem(call('usage.record', { organization_id => $other->{id}, events => [event('m')] }, key => $key), 422, 'invalid', 'nobody records for another', errors => { '/organization_id' => 'unknown' });
is_problem(call('usage.record', { events => [event('m')] }, key => new_key($organization, 'usage:read')->{key}), 403, 'forbidden', 'without the scope nobody records');
is(outcome_of(record($organization, [event('n')], idempotency_key => 'k')), '1 0 0', 'an idempotency key');
is(outcome_of(record($organization, [event('o')], idempotency_key => 'k')), '1 0 0', 'is ignored: events know by themselves');
is(db_value("SELECT COUNT(*) FROM audit WHERE organization_id = ? AND operation LIKE 'usage.%'", bytes_of($id)), 0, 'no audit row is left');

# ---- what a priced metric can be refused for ---------------------------------------------------------------------------

my $priced = new_metric('sum', unit_credits => '2');
is_problem(record($organization, [event('p', $priced, 3), event('q')]), 402, 'insufficient_credits', 'without the credits nothing is recorded', members => { available => 0 });
is(db_value("SELECT COUNT(*) FROM usage_event WHERE organization_id = ? AND id IN ('p', 'q')", bytes_of($id)), 0, 'nothing at all');
grant($id, 1000);
is(outcome_of(record($organization, [event('p', $priced, 3), event('q')])), '2 0 0', 'with them the same batch is not seen as known');
call('organizations.limits.set', { spending_limit_soft => 0, spending_limit_hard => 1 }, key => $key);
is_problem(record($organization, [event('r', $priced, 60), event('s')]), 402, 'limit_reached', 'the hard limit refuses likewise', members => { hard_limit => 100, spent => 6 });
is(db_value("SELECT COUNT(*) FROM usage_event WHERE organization_id = ? AND id IN ('r', 's')", bytes_of($id)), 0, 'and leaves nothing');
is_deeply([db_column("SELECT CONCAT(kind, ' ', type) FROM outbox WHERE organization_id = ? AND type = 'limit.hard' AND kind = 'event'", bytes_of($id))], ['event limit.hard'], 'but that it is told');
record($organization, [event('r', $priced, 60)]);
is(db_value("SELECT COUNT(*) FROM outbox WHERE organization_id = ? AND type = 'limit.hard' AND kind = 'event'", bytes_of($id)), 1, 'once');
my $dear = new_metric('sum', unit_credits => '10000');
is_problem(record($organization, [event('t', $dear, 200_000_000)]), 409, 'conflict', 'more than one entry can hold has to come in parts');
done_testing;
