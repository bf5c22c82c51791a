#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Test;

sub lots ($of) {
	return join ' ', map { "$_->{source}:$_->{remaining}" } call('billing.credits.balance', {}, key => $of->{key})->json->{lots}->@*;
}

my $organization = new_organization();
call('billing.grants.create', { organization_id => $organization->{id}, credits => 50, source => 'promotional', expires_at => '2999-01-01T00:00:00Z' }, key => admin_key);
grant($organization->{id}, 100);
my $order = order($organization, 'a', 60)->json;
is_problem(refund($organization, $order->{id}), 409, 'conflict', 'what was not charged is not refunded');
settle($organization, $order->{id}, 80);
is(lots($organization), 'goodwill:70', 'an order draws its lots');
my $reply = refund($organization, $order->{id});
is_success($reply, 'the operator refunds it');
is_deeply({ $reply->json->%{qw(id status credits)} }, { id => $order->{id}, status => 'refunded', credits => 80 }, 'and it says so');
is(figures($organization), '150 0', 'the credits are back');
is(lots($organization), 'promotional:50 goodwill:100', 'in the lots that they came from');
is_deeply(entries_of($organization, $order->{id}), ['reservation -60 60', 'charge 0 -60', 'charge -20 0', 'refund 60 0', 'refund 20 0'], 'part by part, as they were charged');
is_deeply([map { $_->[0] } order_events($organization, $order->{id})->@*], ['order.settled', 'order.refunded'], 'and it is announced');
is_deeply(refund($organization, $order->{id})->json, $reply->json, 'refunding again answers the order again');
is(figures($organization), '150 0', 'and gives nothing more');
is_problem(settle($organization, $order->{id}), 409, 'conflict', 'it is not settled again');

my $nothing = order($organization, 'b', 10)->json;
settle($organization, $nothing->{id}, [line(1, quantity => 0)]);
is(refund($organization, $nothing->{id})->json->{status}, 'refunded', 'what cost nothing can be refunded');
is(figures($organization), '150 0', 'without a credit');

my $cancelled = order($organization, 'c', 10)->json;
cancel($organization, $cancelled->{id});
is_problem(refund($organization, $cancelled->{id}), 409, 'conflict', 'a cancelled order is not');

my $afterwards = new_post_pay(10);
$order = order($afterwards, 'a', 100)->json;
settle($afterwards, $order->{id}, 70);
db_run("UPDATE credit_price SET price = 20000 WHERE currency = 'AUD'");
$reply = refund($afterwards, $order->{id});
db_run("UPDATE credit_price SET price = 10000 WHERE currency = 'AUD'");
is($reply->json->{status}, 'refunded', 'one that is paid afterwards');
is_deeply(lines_of($afterwards, $order->{id}), ['receivable AUD 700000', 'revenue AUD -700000', 'receivable AUD -700000', 'revenue AUD 700000'],
    'is not owed any more, at the price that it was charged');

is_problem(refund($organization, new_ulid()), 404, 'not_found', 'an unknown order is not there');
is_problem(refund($organization, $order->{id}), 404, 'not_found', 'nor is another organization\'s');
is_problem(refund({ id => new_ulid() }, $order->{id}), 404, 'not_found', 'nor an unknown organization');
is_problem(call('orders.refund', { organization_id => $organization->{id}, order_id => $nothing->{id} }, key => $organization->{key}), 403, 'forbidden', 'only the operator refunds');
is_problem(call('orders.refund', {}, key => admin_key), 422, 'invalid', 'both have to be named', errors => { '/order_id' => 'missing', '/organization_id' => 'missing' });
is_whole($_) for $organization, $afterwards;
done_testing;
