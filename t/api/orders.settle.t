#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

my $organization = new_organization(credits => 1000);

sub made ($of, $credits, $reference = new_ulid()) {
	my $reply = order($of, $reference, $credits);
	$reply->status == 202 or die "orders.create: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

# Its time is over.
sub expire ($of, $id) {
	db_run('UPDATE orders SET hold_expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE organization_id = ? AND id = ?', bytes_of($of->{id}), bytes_of($id));
	run_job('orders.expire') or die 'orders.expire';
}

# ---- as ordered ----

my $order = made($organization, 100, 'as ordered');
my $reply = settle($organization, $order->{id});
is_success($reply, 'an order is settled as it was ordered');
my $settled = $reply->json;
is_deeply({ $settled->%{qw(status credits lines)} }, { status => 'settled', credits => 100, lines => $order->{lines} }, 'for what it holds');
like($settled->{settled_at}, qr/^\d{4}-/, 'and says when');
is(figures($organization), '900 0', 'the credits are gone');
is_deeply(entries_of($organization, $order->{id}), ['reservation -100 100', 'charge 0 -100'], 'out of what was reserved');
is_deeply(order_events($organization, $order->{id}), [['order.settled', { order_id => $order->{id}, reference => 'as ordered', credits => 100, held => 100 }]], 'and it is announced');
is_deeply(settle($organization, $order->{id})->json, $settled, 'settling again answers the order again');
is_deeply(settle($organization, $order->{id}, 100)->json, $settled, 'with the same lines, too');
is_problem(settle($organization, $order->{id}, 99), 409, 'conflict', 'with others not');
is_problem(cancel($organization, $order->{id}), 409, 'conflict', 'it can not be cancelled any more');
is(scalar order_events($organization, $order->{id})->@*, 1, 'nothing more is announced');
is(figures($organization), '900 0', 'nor charged');

# ---- less, more, nothing ----

$order = made($organization, 100);
$reply = settle($organization, $order->{id}, [line(30), line(5, quantity => '0.5')]);
is_deeply({ $reply->json->%{qw(status credits)} }, { status => 'settled', credits => 32 }, 'less than it holds is charged');
is($reply->json->{lines}[1]{credits}, 2, 'by the final lines');
is_deeply(entries_of($organization, $order->{id}), ['reservation -100 100', 'charge 0 -32', 'release 68 -68'], 'and the rest is given back');
is(figures($organization), '868 0', 'at once');
is(join(' ', order_events($organization, $order->{id})->[0][1]->@{qw(credits held)}), '32 100', 'the event tells both');

$order = made($organization, 100);
$reply = settle($organization, $order->{id}, 150);
is($reply->json->{credits}, 150, 'more than it holds is charged, too');
is_deeply(entries_of($organization, $order->{id}), ['reservation -100 100', 'charge 0 -100', 'charge -50 0'], 'from what is available');
is(figures($organization), '718 0', 'to the credit');

$order = made($organization, 100);
$reply = settle($organization, $order->{id}, [line(1, quantity => 0)]);
is_deeply({ $reply->json->%{qw(status credits)} }, { status => 'settled', credits => 0 }, 'what was not delivered costs nothing');
is_deeply(entries_of($organization, $order->{id}), ['reservation -100 100', 'release 100 -100'], 'and all is given back');

# ---- not enough ----

my $poor = new_organization(credits => 100);
$order = made($poor, 60);
is_problem(settle($poor, $order->{id}, 101), 402, 'insufficient_credits', 'more than is there is refused', members => { available => 40 });
is(figures($poor), '40 60', 'and changes nothing');
is(call('orders.get', { order_id => $order->{id} }, key => $poor->{key})->json->{status}, 'reserved', 'the order waits');
is_deeply(order_events($poor, $order->{id}), [], 'unannounced');
is_deeply(entries_of($poor, $order->{id}), ['reservation -60 60'], 'nothing is half done');
is(settle($poor, $order->{id}, 100)->json->{status}, 'settled', 'to the last credit it can be settled');
is(figures($poor), '0 0', 'and then nothing is left');

my $limited = new_organization(credits => 1000);
set_limits($limited, 0, 1);
$order = made($limited, 90);
is_problem(settle($limited, $order->{id}, 101), 402, 'limit_reached', 'the hard limit holds for the rest', members => { hard_limit => 100, spent => 90 });
is(figures($limited), '910 90', 'a refusal changes nothing');
is(settle($limited, $order->{id}, 100)->json->{credits}, 100, 'up to it');
is(spend_of($limited), '100 0', 'which counts as spent');

# ---- past its time ----

my $late = new_organization(credits => 100);
$order = made($late, 60);
expire($late, $order->{id});
is(figures($late), '100 0', 'an expired order holds nothing');
is(settle($late, $order->{id}, 70)->json->{status}, 'settled', 'it can still be settled');
is_deeply(entries_of($late, $order->{id}), ['reservation -60 60', 'release 60 -60', 'charge -70 0'], 'from what is available');
is(figures($late), '30 0', 'all of it');
is_deeply([map { $_->[0] } order_events($late, $order->{id})->@*], ['order.expired', 'order.settled'], 'and is announced twice');
$order = made($late, 30);
expire($late, $order->{id});
made($late, 10);
is_problem(settle($late, $order->{id}), 402, 'insufficient_credits', 'but not when the credits went elsewhere', members => { available => 20 });
is(call('orders.get', { order_id => $order->{id} }, key => $late->{key})->json->{status}, 'expired', 'it stays expired');
is(settle($late, $order->{id}, [line(1, quantity => 0)])->json->{status}, 'settled', 'for nothing it can be settled');
is_deeply(entries_of($late, $order->{id}), ['reservation -30 30', 'release 30 -30'], 'which books nothing');

$order = made($late, 10);
db_run('UPDATE orders SET hold_expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE organization_id = ? AND id = ?', bytes_of($late->{id}), bytes_of($order->{id}));
settle($late, $order->{id});
unlike(join(',', entries_of($late, $order->{id})->@*), qr/charge -/, 'as long as nobody has ended it, it is held, and settled out of that');

# ---- paid afterwards ----

my $afterwards = new_post_pay(10);
$order = made($afterwards, 600);
is(spend_of($afterwards), '600 600', 'an order that is paid afterwards counts towards the limit');
is(settle($afterwards, $order->{id}, 400)->json->{credits}, 400, 'it is settled for less');
is(spend_of($afterwards), '400 0', 'and only that counts');
is_deeply(lines_of($afterwards, $order->{id}), ['receivable AUD 4000000', 'revenue AUD -4000000'], 'it is owed in money');
is_deeply(entries_of($afterwards, $order->{id}), ['reservation 0 0', 'charge 0 0'], 'and no credits move');
$order = made($afterwards, 100);
is(settle($afterwards, $order->{id}, 250)->json->{credits}, 250, 'or for more');
is(spend_of($afterwards), '650 0', 'which counts as well');
$order = made($afterwards, 100);
is_problem(settle($afterwards, $order->{id}, 351), 402, 'limit_reached', 'up to the hard limit', members => { hard_limit => 1000, spent => 750 });
is(spend_of($afterwards), '750 100', 'a refusal changes nothing');
is(settle($afterwards, $order->{id}, [line(1, quantity => 0)])->json->{credits}, 0, 'and for nothing');
is(spend_of($afterwards), '650 0', 'gives all back');
$order = made($afterwards, 100);
expire($afterwards, $order->{id});
is(spend_of($afterwards), '650 0', 'one that expired counts no more');
is(settle($afterwards, $order->{id})->json->{status}, 'settled', 'and can be settled');
is(spend_of($afterwards), '750 0', 'then it counts again');

# One that began with credits ends with them, whatever became of the organization.
my $changed = new_organization(credits => 100);
$order = made($changed, 60);
call('admin.organizations.set', { organization_id => $changed->{id}, enterprise_billing => JSON::PP::true(), spending_limit_hard => 10 }, key => admin_key);
my $second = made($changed, 70);
is(settle($changed, $order->{id}, 50)->json->{status}, 'settled', 'an order from before');
is_deeply(entries_of($changed, $order->{id}), ['reservation -60 60', 'charge 0 -50', 'release 10 -10'], 'is paid in credits');
settle($changed, $second->{id});
is_deeply(lines_of($changed, $second->{id}), ['receivable AUD 700000', 'revenue AUD -700000'], 'a later one afterwards');

# ---- others ----

$order = made($organization, 10);
is_problem(settle(new_organization(), $order->{id}), 404, 'not_found', 'another organization\'s order is not there');
is_problem(settle($organization, new_ulid()), 404, 'not_found', 'nor is an unknown one');
cancel($organization, $order->{id});
is_problem(settle($organization, $order->{id}), 409, 'conflict', 'a cancelled order is not settled');
is_problem(call('orders.settle', { lines => [] }, key => $organization->{key}), 422, 'invalid', 'what does not fit is named', errors => { '/order_id' => 'missing', '/lines' => undef });
$order = made($organization, 10);
is_problem(settle($organization, $order->{id}, [line(1000000000000), line(1)]), 422, 'invalid', 'too much is no price', errors => { '/lines/1' => 'out_of_range' });
my @keyed = map { settle($organization, $order->{id}, 9, idempotency_key => 'settle-1') } 1, 2;
is($keyed[1]->body, $keyed[0]->body, 'a repetition by its key is the first reply');
is_whole($_) for $organization, $poor, $limited, $late, $afterwards, $changed;
done_testing;
