#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
grant($organization->{id}, 100 * $_) for 1 .. 5;
call('billing.adjustments.create', { organization_id => $organization->{id}, credits => -50, reason => 'counted twice' }, key => admin_key);
my $rows = is_page(call('billing.credits.transactions', {}, key => $organization->{key}), 'transactions are listed');

is(scalar @$rows, 6, 'all of them');
is_deeply([map { $_->{sequence} } @$rows], [6, 5, 4, 3, 2, 1], 'newest first');
my $newest = $rows->[0];
is_deeply([sort keys %$newest], [sort qw(id sequence created_at reason amount reserved_change available_after balance_after description reference actor)],
    'with every member');
is_deeply({ $newest->%{qw(reason amount reserved_change available_after balance_after description)} }, { reason => 'adjustment', amount => -50,
    reserved_change => 0, available_after => 1450, balance_after => 1450, description => 'counted twice' }, 'each tells what it changed');
is($newest->{actor}{type}, 'operator', 'and who did it');

my $page = call('billing.credits.transactions', { limit => 4 }, key => $organization->{key});
is_deeply([map { $_->{sequence} } is_page($page, 'by pages')->@*], [6, 5, 4, 3], 'the newest first');
$page = call('billing.credits.transactions', { limit => 4, cursor => $page->json->{next_cursor} }, key => $organization->{key});
is_deeply([map { $_->{sequence} } is_page($page, 'the cursor leads on')->@*], [2, 1], 'to the end');
is($page->json->{next_cursor}, undef, 'which says so');
is_deeply([map { $_->{sequence} } is_page(call('billing.credits.transactions', { offset => 2, limit => 2 }, key => $organization->{key}), 'an offset skips')->@*], [4, 3], 'the newest');
is_deeply([map { $_->{reason} } is_page(call('billing.credits.transactions', { reason => 'adjustment' }, key => $organization->{key}), 'a reason filters')->@*], ['adjustment'], 'the others out');
is(scalar is_page(call('billing.credits.transactions', { reason => 'topup' }, key => $organization->{key}), 'also to nothing')->@*, 0, 'at all');

my $stream = get('/v1/billing/credits/transactions', key => $organization->{key}, accept => 'application/x-ndjson');
is_success($stream, 'transactions stream', type => 'application/x-ndjson');
is_deeply([$stream->rows], $rows, 'the same rows');

is_problem(call('billing.credits.transactions', { reason => 'theft' }, key => $organization->{key}), 422, 'invalid', 'a reason is one of those there are', errors => { '/reason' => 'not_allowed' });
is_problem(get('/v1/billing/credits/transactions', query => { limit => 'many', offset => -1 }, key => $organization->{key}), 422, 'invalid',
    'parameters are checked like a body', errors => { '/limit' => 'wrong_type', '/offset' => 'out_of_range' });
is_problem(call('billing.credits.transactions', { cursor => 'AAAA' }, key => $organization->{key}), 422, 'invalid', 'a forged cursor is refused', errors => { '/cursor' => undef });
is(scalar is_page(call('billing.credits.transactions', {}, key => new_organization()->{key}), 'another organization sees nothing of it')->@*, 0, 'nothing');
done_testing;
