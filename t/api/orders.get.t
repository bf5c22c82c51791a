#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Test;

my $organization = new_organization(credits => 100);
my $made = order($organization, "\x{4f60}\x{597d} \"1\"", [line(10, description => "quoted \"text\" \\ \x{1F30F}")])->json;
my $reply = call('orders.get', { order_id => $made->{id} }, key => $organization->{key});
is_success($reply, 'an order is read');
is_deeply($reply->json, $made, 'as it was made');
is($reply->json->{lines}[0]{description}, "quoted \"text\" \\ \x{1F30F}", 'to the letter');
is_success(get('/v1/orders/get', query => { order_id => $made->{id} }, key => $organization->{key}), 'by an address, too');
is_problem(call('orders.get', { order_id => $made->{id} }, key => new_organization()->{key}), 404, 'not_found', 'another organization\'s is not there');
is_problem(call('orders.get', { order_id => new_ulid() }, key => $organization->{key}), 404, 'not_found', 'nor is an unknown one');
done_testing;
