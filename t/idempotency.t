#!/usr/bin/perl
# A write happens once: keys, replays, and what frees a key again.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Subjects;
use Purser::Test;

my $organization = new_organization();
my $other = new_organization();

# ---- every write, from the declarations ----

# The claim of a request that is still at work, held by another transaction.
sub with_open_claim ($space, $operation, $key, $run) {
	db->begin_work;
	db_run('INSERT INTO idempotency (space, operation, idempotency_key, body_digest, call_id, scopes, created_at) VALUES (?, ?, ?, ?, ?, 0, UTC_TIMESTAMP(6))',
	    $space, $operation, $key, \("\0" x 32), bytes_of(new_ulid()));
	$run->();
	db->rollback;
}

my $operator_key = first_key(undef, ['admin:read', 'admin:write']);

for my $operation (grep { $_->{kind} eq 'write' && !$_->{flags}{no_key} } describe_operations) {
	my $id = $operation->{id};
	my $subject = caller_of($operation, $organization);
	$subject->{key} = $operator_key->{key} if $subject->{operator};
	my $space = $subject->{operator} ? $operator_key->{id} : is_own($operation, $subject) ? $subject->{person}{id} : $organization->{id};
	my ($token, $body) = (token_of($subject), body_of($operation, $subject));

	with_open_claim(bytes_of($space), $id, 'open', sub {
		my $before = time;
		is_problem(call($id, $body, key => $token, idempotency_key => 'open'), 409, 'idempotency_in_progress', "$id: the same key while the first is at work");
		cmp_ok(time - $before, '<', 2, "$id: is told at once");
	});
	db_run('INSERT INTO idempotency (space, operation, idempotency_key, body_digest, call_id, scopes, status, reply, created_at) VALUES (?, ?, ?, ?, ?, 0, 200, ?, UTC_TIMESTAMP(6))',
	    bytes_of($space), $id, 'used', \("\1" x 32), bytes_of(new_ulid()), '{}');
	is_problem(call($id, $body, key => $token, idempotency_key => 'used'), 409, 'idempotency_key_reused', "$id: the same key with another body");
}

# What comes before anybody is known, or hands out tokens, ignores a key; nothing of it is kept.
for my $operation (grep { $_->{kind} eq 'write' && $_->{flags}{no_key} && !$_->{flags}{raw_body} } describe_operations) {
	my $id = $operation->{id};
	my $keep = "ignored-$$-$id";
	my @replies = map { my $subject = new_subject('a person of the role owner', $operation);
		call($id, body_of($operation, $subject), key => token_of($subject), idempotency_key => $keep) } 1 .. 2;

	is_success($_, "$id: a key is ignored") for @replies;
	is($replies[1]->header('idempotent-replayed'), undef, "$id: the second is no replay");
	is(db_value('SELECT COUNT(*) FROM idempotency WHERE idempotency_key = ?', $keep), 0, "$id: nothing is kept by it");
}

# A person's own deeds have a space of their own: it is the same one, whatever the person acts for.
my ($somebody, $someone) = map { new_person() } 1 .. 2;
my $join = (grep { $_->{id} eq 'organizations.create' } describe_operations)[0];
if ($join) {
	my @made = map { call('organizations.create', { name => 'Once' }, key => $_->{key}, idempotency_key => 'own') } $somebody, $somebody, $someone;
	is_success($_, 'a person makes an organization') for @made;
	is($made[1]->body, $made[0]->body, 'the same key gives the same one, though the person acts for it by now');
	is($made[1]->header('idempotent-replayed'), 'true', 'as a replay');
	isnt($made[2]->json->{id}, $made[0]->json->{id}, "another person's key is another one");
}

# ---- in detail ----

my %once = (key => $organization->{key}, idempotency_key => 'first');
my $first = call('api_keys.create', '{"name":"a","permissions":["billing:read"]}', %once);
my $second = call('api_keys.create', ' {"permissions" : ["billing:read"], "n\\u0061me":"a"}', %once);
is_success($first, 'a write with a key');
is($first->header('idempotent-replayed'), undef, 'is no replay');
is($second->body, $first->body, 'the same key and the same data, written otherwise, give the same reply, byte for byte');
is($second->header('idempotent-replayed'), 'true', 'as a replay');
isnt($second->header('x-request-id'), $first->header('x-request-id'), 'with a request id of its own');
is(scalar(grep { $_->{name} eq 'a' } call('api_keys.list', {}, key => $organization->{key})->json->{data}->@*), 1, 'and the deed was done once');
is(request('POST', '/v1/api_keys/create', %once, body => '{"name":"a","permissions":["billing:read"]}')->body, $first->body, 'both paths share the key');
is_problem(call('api_keys.create', { name => 'b' }, %once), 409, 'idempotency_key_reused', 'another body is refused');
isnt(call('api_keys.create', { name => 'a', permissions => ['billing:read'] }, key => $other->{key}, idempotency_key => 'first')->body, $first->body,
    'another organization has keys of its own');
is_success(call('api_keys.revoke', { key_id => $first->json->{id} }, %once), 'so has another operation');

my $poor = new_key($organization, 'billing:read');
is_problem(call('api_keys.create', '{"name":"a","permissions":["billing:read"]}', %once, key => $poor->{key}), 403, 'forbidden', 'a replay is not for those who could not have asked');

my $maker = new_key($organization, 'api_keys:*');
my %strong = (key => $organization->{key}, idempotency_key => 'strong');
my $secret = call('api_keys.create', { name => 'strong', permissions => ['billing:*'] }, %strong);
is_success($secret, 'a key with rights');
is_problem(call('api_keys.create', { name => 'strong', permissions => ['billing:*'] }, key => $maker->{key}), 403, 'forbidden', 'who lacks those rights can not make it');
is_problem(call('api_keys.create', { name => 'strong', permissions => ['billing:*'] }, %strong, key => $maker->{key}), 403, 'forbidden', 'nor get it by a replay');
my $rotated = call('api_keys.rotate', { key_id => $secret->json->{id} }, %strong);
is_success($rotated, 'it is rotated');
is_problem(call('api_keys.rotate', { key_id => $secret->json->{id} }, %strong, key => $maker->{key}), 403, 'forbidden', 'and the new one is not for them either');
is(call('api_keys.rotate', { key_id => $secret->json->{id} }, %strong)->body, $rotated->body, 'while the one who asked gets it again');

is_problem(call('api_keys.create', { name => '' }, key => $organization->{key}, idempotency_key => 'free'), 422, 'invalid', 'a refused request');
is_success(call('api_keys.create', { name => 'free' }, key => $organization->{key}, idempotency_key => 'free'), 'leaves its key free');
is_problem(call('billing.adjustments.create', { organization_id => $organization->{id}, credits => -1000000, reason => 'x' }, key => admin_key, idempotency_key => "poor-$$"),
    402, 'insufficient_credits', 'one that the domain refuses');
grant($organization->{id}, 1000000);
is_success(call('billing.adjustments.create', { organization_id => $organization->{id}, credits => -1000000, reason => 'x' }, key => admin_key, idempotency_key => "poor-$$"), 'as well');

is_problem(call('api_keys.create', { name => 'x' }, key => $organization->{key}, idempotency_key => 'x' x 256), 400, 'bad_request', 'a key has at most 255 characters');
is_success(call('api_keys.create', { name => 'x' }, key => $organization->{key}, idempotency_key => 'x' x 255), 'not fewer');
is_problem(call('api_keys.create', { name => 'x' }, key => $organization->{key}, idempotency_key => "\xe4"), 400, 'bad_request', 'and is ASCII');
is_problem(call('api_keys.create', { name => 'x' }, key => $organization->{key}, idempotency_key => ''), 400, 'bad_request', 'and is not empty');
is_problem(call('api_keys.create', { name => 'x' }, key => $organization->{key}, headers => ['Idempotency-Key' => 'one', 'Idempotency-Key' => 'two']),
    400, 'bad_request', 'two different ones are none');
is_success(call('billing.credits.balance', {}, key => $organization->{key}, idempotency_key => 'read'), 'a read ignores it');
is_success(call('organizations.current', {}, key => $organization->{key}, idempotency_key => 'read'), 'every time');

set_clock(86400 + 60);
my $later = call('api_keys.create', '{"name":"a","permissions":["billing:read"]}', %once);
is_success($later, 'after a day the key is free again');
isnt($later->body, $first->body, 'and the request is a new one');
set_clock(0);

# ---- many at once ----

my $crowd = new_organization(rate_limit => 100000);
my $children = 8;
my @children = map {
	my $pid = fork // die $!;
	if ($pid == 0) {
		my $client = client(record => 0);
		my %status;
		for my $n (1 .. 20) {
			my $reply = call('billing.grants.create', { organization_id => $crowd->{id}, credits => 1, source => 'goodwill' }, key => $operator_key->{key},
			    idempotency_key => "crowd-$n", client => $client);
			redo if $reply->status == 409 && $reply->code eq 'idempotency_in_progress';
			$status{$reply->status}++;
		}
		require POSIX;
		POSIX::_exit(($status{200} // 0) == 20 ? 0 : 1);
	}
	$pid;
} 1 .. $children;
my $failed = 0;
for my $pid (@children) {
	waitpid $pid, 0;
	$failed++ if $?;
}
is($failed, 0, 'eight callers with the same twenty keys all get their replies');
is(call('billing.credits.balance', {}, key => $crowd->{key})->json->{available}, 20, 'and every grant was booked once');
done_testing;
