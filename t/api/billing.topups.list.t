#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Test;

my $organization = new_organization();
is_deeply(is_page(call('billing.topups.list', {}, key => $organization->{key}), 'nothing was bought yet'), [], 'so nothing is listed');

my %cards = map { $_ => attach($organization, "pm_card_$_")->json->{id} } qw(visa chargeDeclined authenticationRequired processing);
my @made = map { call('billing.topup', { credits => 50 + $_, payment_method_id => $cards{visa} }, key => $organization->{key})->json } 1 .. 3;
call('billing.topup', { credits => 60, payment_method_id => $cards{chargeDeclined} }, key => $organization->{key});
my $waiting = call('billing.topup', { credits => 70, payment_method_id => $cards{authenticationRequired} }, key => $organization->{key})->json;

sub listed ($body = {}, $name = 'a page') { return is_page(call('billing.topups.list', $body, key => $organization->{key}), $name) }

my $all = listed();
is_deeply([map { "$_->{credits} $_->{status}" } @$all], ['70 requires_action', '60 failed', '53 succeeded', '52 succeeded', '51 succeeded'], 'the newest comes first');
is_deeply([reverse $all->@[2 .. 4]], \@made, 'each as it was told when it was made');
ok(!exists $all->[0]{client_secret}, 'no secret is listed');
is_deeply([map { $_->{credits} } listed({ status => $_->[0] })->@*], $_->[1], "of the status $_->[0]")
    for ['succeeded', [53, 52, 51]], ['failed', [60]], ['requires_action', [70]], ['processing', []];

my $slow = call('billing.topup', { credits => 80, payment_method_id => $cards{processing} }, key => $organization->{key})->json;
is_deeply([map { $_->{id} } listed({ status => 'processing' })->@*], [$slow->{id}], 'one that is at work is processing');
is_deeply([map { $_->{id} } listed({ status => 'requires_action' })->@*], [], 'the one that waited gave way to it');

my (@ids, $cursor);
do {
	my $page = call('billing.topups.list', { limit => 2, $cursor ? (cursor => $cursor) : () }, key => $organization->{key})->json;
	push @ids, map { $_->{id} } $page->{data}->@*;
	$cursor = $page->{next_cursor};
} while ($cursor);
is_deeply(\@ids, [map { $_->{id} } listed()->@*], 'page by page it is the same list');
my $stream = call('billing.topups.list', {}, key => $organization->{key}, accept => 'application/x-ndjson');
is_deeply([map { $_->{id} } $stream->rows], \@ids, 'as a stream as well');
is_deeply(is_page(call('billing.topups.list', {}, key => new_organization()->{key}), "another organization's list"), [], 'shows nothing of it');
is_problem(call('billing.topups.list', { status => 'pending' }, key => $organization->{key}), 422, 'invalid', 'a status that nobody is shown',
    errors => { '/status' => 'not_allowed' });
done_testing;
