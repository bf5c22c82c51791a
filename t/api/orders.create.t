#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Commitments;
use Purser::Orders;
use Purser::Test;

my $organization = new_organization(credits => 1000);
my $reply = order($organization, 'job-1', [line(100), line(3, sku => 'storage', quantity => '2.5', service => 'disk', operator => 'us', commitment_eligible => JSON::PP::true())]);
is_success($reply, 'an order is taken', status => 202);
my $order = $reply->json;
ulid_ok($order->{id}, 'it has an id');
is_deeply({ $order->%{qw(reference status credits commitment_id settled_at)} },
    { reference => 'job-1', status => 'reserved', credits => 108, commitment_id => undef, settled_at => undef }, 'holds its credits');
is_deeply($order->{lines}, [
    { line(100)->%*, credits => 100, service => undef, operator => undef, commitment_eligible => undef },
    { line(3)->%*, sku => 'storage', quantity => '2.5', service => 'disk', operator => 'us', commitment_eligible => JSON::PP::true(), credits => 8 },
], 'and tells what each line costs');
like($order->{hold_expires_at}, qr/^\d{4}-\d\d-\d\dT/, 'and until when');
is(db_value('SELECT TIMESTAMPDIFF(SECOND, created_at, hold_expires_at) FROM orders WHERE organization_id = ? AND id = ?',
    bytes_of($organization->{id}), bytes_of($order->{id})), 30 * 86400, '30 days');
is(figures($organization), '892 108', 'the credits are reserved');
is_deeply(entries_of($organization, $order->{id}), ['reservation -108 108'], 'by an entry that names the order');
is_deeply(order_events($organization, $order->{id}), [], 'and nothing is announced');

# ---- the same reference ----

my $again = order($organization, 'job-1', [line(100, quantity => '1.000'), line(3, sku => 'storage', quantity => '2.50', service => 'disk', operator => 'us', commitment_eligible => JSON::PP::true())]);
is_success($again, 'the reference again', status => 202);
is_deeply($again->json, $order, 'answers the order, however its numbers are written');
is_problem(order($organization, 'job-1', [line(100)]), 409, 'conflict', 'with other lines it is refused');
is_problem(order($organization, 'job-1', [line(100), line(3, sku => 'storage', quantity => '2.5', service => 'disk', operator => 'us', commitment_eligible => JSON::PP::true())],
    commitment_id => new_ulid()), 409, 'conflict', 'with another commitment, too');
is_success(order($organization, 'JOB-1', 1), 'a reference in other letters is another', status => 202);
is(figures($organization), '891 109', 'a repetition reserves nothing');
cancel($organization, $order->{id});
is(order($organization, 'job-1', [line(100), line(3, sku => 'storage', quantity => '2.5', service => 'disk', operator => 'us', commitment_eligible => JSON::PP::true())])->json->{status},
    'cancelled', 'it answers the order as it is now');
my $other = new_organization(credits => 10);
isnt(order($other, 'job-1', 10)->json->{id}, $order->{id}, 'a reference is the organization\'s own');

my @twice = map { order($organization, 'keyed', 5, idempotency_key => 'key-1') } 1, 2;
is($twice[1]->body, $twice[0]->body, 'an idempotency key gives the first reply');
is($twice[1]->header('idempotent-replayed'), 'true', 'as a replay');

# ---- commitment ----

my $commitment = commit_ok($organization)->{id};
my $named = order($organization, 'with commitment', 1, commitment_id => $commitment)->json;
is($named->{commitment_id}, $commitment, 'an order can name a commitment');
is_problem(order($organization, 'another', 1, commitment_id => $_), 404, 'not_found', 'of its own organization') for new_ulid(), commit_ok(new_organization())->{id};
cancel_commitment($organization, $commitment);
is_problem(order($organization, 'another', 1, commitment_id => $commitment), 404, 'not_found', 'that is not cancelled');
is(db_value("SELECT COUNT(*) FROM orders WHERE organization_id = ? AND reference = 'another'", bytes_of($organization->{id})), 0, 'nothing is left of such an order');
is(order($organization, 'with commitment', 1, commitment_id => $commitment)->json->{id}, $named->{id}, 'a repetition is answered all the same');
is_problem(order($organization, 'with commitment', 2, commitment_id => $commitment), 409, 'conflict', 'if it is one');

# ---- rounding ----

my $fine = new_organization(credits => 10000);
for (['0.5', 1, 0], ['1.5', 1, 2], ['2.5', 1, 2], ['0.499999', 1, 0], ['0.500001', 1, 1], ['0.25', 10, 2], ['0.35', 10, 4], ['0.000001', 500000, 0],
	['0.000001', 1500000, 2], ['3', 7, 21], [0, 7, 0], ['0', 7, 0], ['1234', 0, 0]) {
	my ($quantity, $each, $credits) = @$_;
	is(order($fine, "round-$quantity-$each", [line(1), line($each, quantity => $quantity)])->json->{credits}, 1 + $credits, "$quantity of $each credits are $credits");
}
is_problem(order($fine, 'each line', [map { line(1, quantity => '0.5') } 1 .. 3]), 422, 'invalid', 'each line is rounded by itself, so three halves are nothing',
    errors => { '/lines' => 'out_of_range' });
is(order($fine, 'odd halves', [map { line(1, quantity => '1.5') } 1 .. 3])->json->{credits}, 6, 'and three times one and a half six');

# ---- what does not suffice ----

my $poor = new_organization(credits => 99);
is_problem(order($poor, 'too dear', 100), 402, 'insufficient_credits', 'more than is available is refused', members => { available => 99 });
is_success(order($poor, 'too dear', 99), 'the refusal left no order behind', status => 202);
is_problem(order($poor, 'too late', 1), 402, 'insufficient_credits', 'nothing is left', members => { available => 0 });
is(scalar(db_column('SELECT id FROM orders WHERE organization_id = ?', bytes_of($poor->{id}))), 1, 'one order is there');
is(figures($poor), '0 99', 'and holds all');
is_problem(order($poor, 'keyed', 1, idempotency_key => 'poor-1'), 402, 'insufficient_credits', 'a refusal under a key');
grant($poor->{id}, 1);
is_success(order($poor, 'keyed', 1, idempotency_key => 'poor-1'), 'leaves the key free', status => 202);

my $limited = new_organization(credits => 1000, billing_email => 'bills@example.com');
set_limits($limited, 0, 1);
is_success(order($limited, 'a', 60), 'up to the hard limit', status => 202);
is_problem(order($limited, 'b', 41), 402, 'limit_reached', 'one credit past it', members => { hard_limit => 100, spent => 60 });
is_success(order($limited, 'b', 40), 'the refusal left nothing, and exactly the limit fits', status => 202);
is_problem(order($limited, 'c', 1, idempotency_key => 'limit-1'), 402, 'limit_reached', 'then nothing', members => { hard_limit => 100, spent => 100 });
is(figures($limited), '900 100', 'though credits are there');

my $afterwards = new_post_pay(1);
$reply = order($afterwards, 'later', 60);
is_success($reply, 'who pays afterwards needs no credits', status => 202);
is(figures($afterwards), '0 0', 'and nothing is reserved');
is(spend_of($afterwards), '60 60', 'but it counts');
is_problem(order($afterwards, 'too much', 41), 402, 'limit_reached', 'up to the hard limit', members => { hard_limit => 100, spent => 60 });
is_whole($_) for $organization, $fine, $poor, $limited, $afterwards;

# ---- what is no order ----

is_problem(call('orders.create', {}, key => $organization->{key}), 422, 'invalid', 'what is missing is named', errors => { '/reference' => 'missing', '/lines' => 'missing' });
is_problem(order($organization, 'x', [{}]), 422, 'invalid', 'in a line, too',
    errors => { map { ("/lines/0/$_" => 'missing') } qw(sku description quantity unit_credits) });
is_problem(order($organization, 'x' x 256), 422, 'invalid', 'a reference has 255 characters at most', errors => { '/reference' => undef });
is_problem(order($organization, "\x{fc}" x 128), 422, 'invalid', 'and 255 bytes', errors => { '/reference' => undef });
is_success(order($organization, "\x{fc}" x 127, 1), 'which may be any', status => 202);
is_problem(order($organization, "a\nb"), 422, 'invalid', 'but no control characters', errors => { '/reference' => undef });
is_problem(order($organization, 'x', [map { line(1) } 1 .. 201]), 422, 'invalid', 'more than 200 lines', errors => { '/lines' => undef });
is_problem(order($organization, 'x', [line(1, quantity => '-1'), line(-1), line('1000000000001'), line(1, quantity => '1.0000001'), line(1, quantity => 1.5), line(1, credits => 1)]), 422, 'invalid',
    'what can not be', errors => { '/lines/0/quantity' => 'out_of_range', '/lines/1/unit_credits' => 'out_of_range', '/lines/2/unit_credits' => undef,
    '/lines/3/quantity' => 'bad_format', '/lines/4/quantity' => 'wrong_type', '/lines/5/credits' => 'unknown' });
is_problem(order($organization, 'x', [line(1, quantity => '0.4')]), 422, 'invalid', 'an order that rounds to nothing', errors => { '/lines' => 'out_of_range' });
is_problem(order($organization, 'x', [line(1000000000000), line(1)]), 422, 'invalid', 'one that costs too much', errors => { '/lines/1' => 'out_of_range' });
is_problem(order($organization, 'x', [line(1000000000000, quantity => '9000000000000')]), 422, 'invalid', 'or more than can be counted', errors => { '/lines/0' => 'out_of_range' });
is_problem(order($organization, 'x', [line(1000000000000)]), 402, 'insufficient_credits', 'a large one is possible, but not paid');

# ---- how it is done ----

open my $log, '<', "$ENV{PURSER_VAR}/log/purser.log" or die $!;
order($organization, 'warm', 1);
seek $log, 0, 2;
order($organization, 'measured', 1, headers => ['X-Request-Id' => "measured-$$"]);
my $trips;
eventually('the log tells of it', sub {
	while (my $text = <$log>) {
		$trips = $1 if $text =~ /"measured-$$"/ && $text =~ /"round_trips":(\d+)/;
	}
	return defined $trips;
});
cmp_ok($trips, '<=', 3, 'an order takes three round trips: who calls, the order, the end');
diag "round trips of orders.create: $trips";
done_testing;
