#!/usr/bin/perl
# A claim whose worker died before a payment waited with it is freed when its time is up; no other is.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

my $job = 'idempotency.free';
my $organization = new_organization();
my $space = bytes_of($organization->{id});

# `left`: seconds until it lapses; undef: a payment waits with it.
sub claim ($name, $left, $status = undef) {
	db_run("INSERT INTO idempotency (space, operation, idempotency_key, body_digest, call_id, status, reply, created_at, scopes, open_until)
	    VALUES (?, 'test', ?, REPEAT('x', 32), ?, ?, '{}', UTC_TIMESTAMP(6), 0, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)", $space, $name, bytes_of(new_ulid()),
	    $status, $left);
}

sub claims ($operation = 'test') {
	return [db_column('SELECT idempotency_key FROM idempotency WHERE space = ? AND operation = ? ORDER BY idempotency_key', $space, $operation)];
}

claim('answered, though its time is up', -60, 201);
claim('lapsed', -1);
claim('lapses in two minutes', 120);
claim('waits for a payment', undef);
db_run("INSERT INTO idempotency (space, operation, idempotency_key, body_digest, call_id, created_at, scopes, open_until)
    SELECT ?, 'many', seq, REPEAT('x', 32), ?, UTC_TIMESTAMP(6), 0, UTC_TIMESTAMP(6) - INTERVAL 1 DAY FROM seq_1_to_2500", $space, $space);
ok(run_job($job), 'the job runs');
is_deeply(claims, ['answered, though its time is up', 'lapses in two minutes', 'waits for a payment'], 'what has lapsed is gone, and nothing else');
is_deeply(claims('many'), [], 'many go in one run');
set_clock(121);
ok(run_job($job), 'two minutes later');
is_deeply(claims, ['answered, though its time is up', 'waits for a payment'], 'the next has lapsed');
set_clock(0);
done_testing;
