#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Test;

my $organization = new_organization(credits => 1000);
is_deeply(is_page(call('orders.list', {}, key => $organization->{key}), 'no orders yet'), [], 'are an empty page');
my @made = map { order($organization, "order-$_", $_)->json } 1 .. 7;
cancel($organization, $made[1]{id});
my $settled = settle($organization, $made[2]{id})->json;
order(new_organization(credits => 10), 'order-1', 10);

sub listed (%query) { return map { $_->{reference} } is_page(call('orders.list', \%query, key => $organization->{key}), join ' ', 'orders', %query)->@* }

is_deeply([listed()], [map { "order-$_" } reverse 1 .. 7], 'newest first, and only the organization\'s own');
is_deeply([grep { $_->{id} eq $settled->{id} } call('orders.list', {}, key => $organization->{key})->json->{data}->@*], [$settled], 'each as it is read alone');
is_deeply([listed(status => 'cancelled')], ['order-2'], 'those of a state');
is_deeply([listed(status => 'refunded')], [], 'of which there may be none');
is_deeply([listed(from => $made[4]{created_at})], ['order-7', 'order-6', 'order-5'], 'from a moment on');
is_deeply([listed(to => $made[1]{created_at})], ['order-1'], 'before a moment');
is_deeply([listed(from => $made[3]{created_at}, to => $made[5]{created_at}, status => 'reserved')], ['order-5', 'order-4'], 'or all of that');

my (@paged, $cursor);
do {
	my $page = call('orders.list', { limit => 3, defined $cursor ? (cursor => $cursor) : () }, key => $organization->{key})->json;
	push @paged, map { $_->{reference} } $page->{data}->@*;
	$cursor = $page->{next_cursor};
} while defined $cursor;
is_deeply(\@paged, [map { "order-$_" } reverse 1 .. 7], 'page by page, too');

my $stream = call('orders.list', {}, key => $organization->{key}, accept => 'application/x-ndjson');
is($stream->media_type, 'application/x-ndjson', 'as a stream');
is_deeply([map { decode_json($_)->{reference} } split /\n/, $stream->body], [map { "order-$_" } reverse 1 .. 7], 'one a line');
is_deeply(decode_json((split /\n/, $stream->body)[6])->{lines}, $made[0]{lines}, 'with their lines');
is_problem(call('orders.list', { status => 'open' }, key => $organization->{key}), 422, 'invalid', 'there is no such state', errors => { '/status' => 'not_allowed' });
done_testing;
