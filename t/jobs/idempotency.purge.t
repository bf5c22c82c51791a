#!/usr/bin/perl
# Idempotency claims are forgotten after a day, and not before.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Jobs;

my $job = 'idempotency.purge';
my $organization = new_organization();
my $space = bytes_of($organization->{id});

sub claim ($name, $age, $status) {
	db_run("INSERT INTO idempotency (space, operation, idempotency_key, body_digest, call_id, status, reply, created_at, scopes)
	    VALUES (?, 'test', ?, REPEAT('x', 32), ?, ?, '{}', UTC_TIMESTAMP(6) - INTERVAL ? SECOND, 0)", $space, $name, bytes_of(new_ulid()),
	    $status, $age);
}

sub claims ($operation = 'test') {
	return [db_column('SELECT idempotency_key FROM idempotency WHERE space = ? AND operation = ? ORDER BY idempotency_key', $space, $operation)];
}

claim('closed, a second past a day', 86401, 200);
claim('closed, a minute less', 86340, 200);
claim('closed, a week', 7 * 86400, 402);
claim('closed, new', 0, 200);
claim('open, a week', 7 * 86400, undef);
claim('open, new', 0, undef);
db_run("INSERT INTO idempotency (space, operation, idempotency_key, body_digest, call_id, status, reply, created_at, scopes)
    SELECT ?, 'many', seq, REPEAT('x', 32), ?, 200, '{}', UTC_TIMESTAMP(6) - INTERVAL 2 DAY, 0 FROM seq_1_to_2500", $space, $space);
ok(run_job($job), 'the job runs');
is_deeply(claims, ['closed, a minute less', 'closed, new', 'open, a week', 'open, new'],
    'finished claims go when they are a day old, open ones stay');
is_deeply(claims('many'), [], 'and many go in one run');

set_clock(120);
ok(run_job($job), 'two minutes later');
is_deeply(claims, ['closed, new', 'open, a week', 'open, new'], 'the next has become a day old');
set_clock(0);

my %once = (key => $organization->{key}, idempotency_key => 'purged');
my $first = call('api_keys.create', { name => 'purged' }, %once);
is_success($first, 'a write with a key');
ok(run_job($job), 'the job runs');
is(call('api_keys.create', { name => 'purged' }, %once)->body, $first->body, 'and leaves a key of today');
db_run("UPDATE idempotency SET created_at = created_at - INTERVAL 86401 SECOND WHERE space = ? AND idempotency_key = 'purged'", $space);
ok(run_job($job), 'it runs when a day has passed');
is_deeply(claims('api_keys.create'), [], 'and the claim is gone');
my $second = call('api_keys.create', { name => 'other' }, %once);
is_success($second, 'so the key is free, for another request as well');
is($second->header('idempotent-replayed'), undef, 'which is no replay');
is(scalar(grep { $_->{name} =~ /\A(purged|other)\z/ } call('api_keys.list', {}, key => $organization->{key})->json->{data}->@*), 2, 'but done');
is(db_value("SELECT COUNT(*) FROM audit WHERE organization_id = ? AND operation = 'api_keys.create'", $space), 2, 'the audit keeps both');
done_testing;
