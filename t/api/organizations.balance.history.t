#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

keep_away('snapshots.collect_balance');
my $organization = new_organization();
my $id = $organization->{id};
sub history ($in = {}, %more) { return call('organizations.balance.history', $in, key => $organization->{key}, %more) }

is_deeply(is_page(history(), 'before the first collection'), [], 'there is nothing');
for my $day (1 .. 7) {
	my $ulid = new_ulid();
	db_run("INSERT INTO balance_snapshot (organization_id, id, amount, currency, source, collected_at) VALUES (?, ?, ?, 'EUR', 'provider', ?)",
	    bytes_of($id), bytes_of($ulid), "$day.123456789012", "2026-03-0$day 12:00:00");
}
my @all = is_page(history(), 'all are listed')->@*;
is_deeply([map { $_->{amount} } @all], [map { "$_.123456789012" } reverse 1 .. 7], 'the newest first, with every digit');
is_deeply($all[0], { organization_id => $id, amount => '7.123456789012', currency => 'EUR', source => 'provider', collected_at => '2026-03-07T12:00:00Z' }, 'each as the newest is read');
my ($cursor, @paged);
do {
	my $page = history({ limit => 3, defined $cursor ? (cursor => $cursor) : () })->json;
	push @paged, $page->{data}->@*;
	cmp_ok(scalar $page->{data}->@*, '<=', 3, 'a page of three');
	$cursor = $page->{next_cursor};
} while defined $cursor;
is_deeply(\@paged, \@all, 'page by page it is the same list');
is_deeply([map { substr $_->{collected_at}, 0, 10 } history({ from => '2026-03-02T12:00:00Z', to => '2026-03-04T12:00:00Z' })->json->{data}->@*], ['2026-03-03', '2026-03-02'],
    'a stretch of time, its end not included');
my @lines = map { decode_json($_) } split /\n/, history({}, accept => 'application/x-ndjson')->body;
is_deeply(\@lines, \@all, 'as a stream, a line each');
is_deeply([map { $_->{amount} } get('/v1/organizations/balance/history', key => $organization->{key}, query => { limit => 1 })->json->{data}->@*], ['7.123456789012'], 'by GET');

my $stranger = new_organization();
is_deeply(is_page(call('organizations.balance.history', {}, key => $stranger->{key}), 'another organization'), [], 'sees none of it');
my $foreign = history({ limit => 3 })->json->{next_cursor};
is_problem(call('organizations.balance.history', { cursor => $foreign }, key => $stranger->{key}), 422, 'invalid', 'nor goes on from its cursor', errors => { '/cursor' => undef });
is_problem(history({ limit => 0, cursor => 'x', from => 'yesterday', until => 1 }), 422, 'invalid', 'what does not fit is named',
    errors => { '/limit' => 'out_of_range', '/from' => undef, '/until' => 'unknown' });
is_problem(call('organizations.balance.history', {}, key => new_key($organization, 'organizations:read')->{key}), 403, 'forbidden', 'the scope is needed');
done_testing;
