#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Test;

my $organization = new_organization(credits => 100);
my $order = order($organization, 'a', 60)->json;
my $reply = cancel($organization, $order->{id});
is_success($reply, 'an order is cancelled');
is_deeply($reply->json, { orderId => $order->{id}, status => 'cancelled' }, 'and says so');
is(figures($organization), '100 0', 'its credits are given back');
is_deeply(entries_of($organization, $order->{id}), ['reservation -60 60', 'release 60 -60'], 'by an entry that names it');
is_deeply(order_events($organization, $order->{id}), [['order.cancelled', { order_id => $order->{id}, reference => 'a', credits => 60, held => 60 }]], 'and it is announced');
is(spend_of($organization), '0 0', 'it does not count as spent');
is_deeply(cancel($organization, $order->{id})->json, $reply->json, 'cancelling again answers the same again');
is(scalar order_events($organization, $order->{id})->@*, 1, 'and announces nothing');
is(figures($organization), '100 0', 'nor gives anything back');
is(call('orders.get', { order_id => $order->{id} }, key => $organization->{key})->json->{status}, 'cancelled', 'so it reads');

my $settled = order($organization, 'b', 10)->json;
settle($organization, $settled->{id});
is_problem(cancel($organization, $settled->{id}), 409, 'conflict', 'a settled order is not cancelled');
refund($organization, $settled->{id});
is_problem(cancel($organization, $settled->{id}), 409, 'conflict', 'nor a refunded one');
my $expired = order($organization, 'c', 10)->json;
db_run("UPDATE orders SET status = 'expired' WHERE organization_id = ? AND id = ?", bytes_of($organization->{id}), bytes_of($expired->{id}));
is_problem(cancel($organization, $expired->{id}), 409, 'conflict', 'nor an expired one');

my $afterwards = new_post_pay(1);
$order = order($afterwards, 'a', 60)->json;
is(cancel($afterwards, $order->{id})->json->{status}, 'cancelled', 'one that is paid afterwards');
is(spend_of($afterwards), '0 0', 'counts no more');

is_problem(cancel(new_organization(), order($organization, 'd', 10)->json->{id}), 404, 'not_found', 'another organization\'s order is not there');
is_problem(cancel($organization, new_ulid()), 404, 'not_found', 'nor is an unknown one');
is_problem(call('orders.cancel', {}, key => $organization->{key}), 422, 'invalid', 'it has to be named', errors => { '/order_id' => 'missing' });
is_whole($_) for $organization, $afterwards;
done_testing;
