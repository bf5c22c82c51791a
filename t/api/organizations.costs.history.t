#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

keep_away('snapshots.collect_costs');
my $organization = new_organization();
sub history ($in = {}, %more) { return call('organizations.costs.history', $in, key => $organization->{key}, %more) }
sub add ($year, $month, $day, $fee) {
	db_run("INSERT INTO cost_snapshot (organization_id, id, year, month, currency, subscription, overage, commitment_shortfall, tax, total, usage_amount, usage_lines, usage_lines_left_out, collected_at)
	    VALUES (?, ?, ?, ?, 'EUR', ?, 20000, 3000, 400, ? + 23400, 7, '[{\"service\":\"s\",\"unit\":\"requests\",\"quantity\":\"0.5\",\"amount\":\"0.000007\"}]', 0, ?)",
	    bytes_of($organization->{id}), bytes_of(new_ulid()), $year, $month, $fee, $fee, sprintf '%d-%02d-%02d 12:00:00', $year, $month, $day);
}

is_deeply(is_page(history(), 'before the first collection'), [], 'there is nothing');
add(2026, $_->[0], $_->[1], $_->[0] * 1_000_000 + $_->[1]) for [1, 10], [1, 20], [2, 10], [2, 20], [3, 10];
my @all = is_page(history(), 'all are listed')->@*;
is_deeply([map { "$_->{month} $_->{fees}{subscription}" } @all], ['3 3.00001', '2 2.00002', '2 2.00001', '1 1.00002', '1 1.00001'], 'the newest first');
is_deeply($all[4], { organization_id => $organization->{id}, year => 2026, month => 1, currency => 'EUR', collected_at => '2026-01-10T12:00:00Z',
    fees => { subscription => '1.00001', overage => '0.02', commitment_shortfall => '0.003', tax => '0.0004', total => '1.02341' },
    usage_amount => '0.000007', usage_lines => [{ service => 's', unit => 'requests', quantity => '0.5', amount => '0.000007' }], usage_lines_left_out => 0 }, 'each as the newest is read');
my ($cursor, @paged);
do {
	my $page = history({ limit => 2, defined $cursor ? (cursor => $cursor) : () })->json;
	push @paged, $page->{data}->@*;
	$cursor = $page->{next_cursor};
} while defined $cursor;
is_deeply(\@paged, \@all, 'page by page it is the same list');
is_deeply([map { decode_json($_) } split /\n/, history({}, accept => 'application/x-ndjson')->body], \@all, 'as a stream, too');
is_deeply(history({ year => 2026, month => 2 })->json->{data}, [@all[1, 2]], 'one month alone');
is_deeply(history({ year => 2025 })->json->{data}, [], 'a year without any');
is_deeply(history({ from => '2026-01-20T12:00:00Z', to => '2026-02-20T12:00:00Z' })->json->{data}, [@all[2, 3]], 'a stretch of time, its end not included');

# ---- large rows ----

my $many = new_organization();
my @months = map { [2000 + int($_ / 12), $_ % 12 + 1] } 0 .. 149;
for my $month (@months) {
	db_run("INSERT INTO cost_snapshot (organization_id, id, year, month, currency, subscription, overage, commitment_shortfall, tax, total, usage_amount, usage_lines, usage_lines_left_out, collected_at)
	    VALUES (?, ?, ?, ?, 'EUR', 0, 0, 0, 0, 0, 0, CONCAT('[', REPEAT(CONCAT('{\"service\":\"', REPEAT('s', 250), '\",\"unit\":\"requests\",\"quantity\":\"1\",\"amount\":\"0.00\"},'), 999),
	    '{\"service\":\"last\",\"unit\":\"requests\",\"quantity\":\"1\",\"amount\":\"0.00\"}]'), 0, '2026-01-01')", bytes_of($many->{id}), bytes_of(new_ulid()), @$month);
}
sub large ($in, %more) { return call('organizations.costs.history', $in, key => $many->{key}, %more) }
my (@large, $behind);
do {
	my $page = large({ limit => 1000, defined $behind ? (cursor => $behind) : () });
	is_page($page, 'of rows of 300 KB a page');
	cmp_ok(length $page->body, '<', 5 << 20, 'is a short one, whatever its limit');
	my $json = $page->json;
	push @large, map { [$_->@{qw(year month)}] } $json->{data}->@*;
	$behind = $json->{next_cursor};
} while defined $behind;
is_deeply(\@large, [reverse @months], 'and the pages are the whole list');
is(scalar large({}, accept => 'application/x-ndjson')->rows, @months, 'which a stream gives at once');

my $stranger = new_organization();
is_deeply(is_page(call('organizations.costs.history', {}, key => $stranger->{key}), 'another organization'), [], 'sees none of it');
is_problem(call('organizations.costs.history', { cursor => history({ limit => 2 })->json->{next_cursor} }, key => $stranger->{key}), 422, 'invalid', 'nor goes on from its cursor', errors => { '/cursor' => undef });
is_problem(history({ limit => 0, month => 13, year => 1 }), 422, 'invalid', 'what does not fit is named', errors => { '/limit' => 'out_of_range', '/month' => 'out_of_range', '/year' => 'out_of_range' });
is_problem(call('organizations.costs.history', {}, key => new_key($organization, 'organizations:read')->{key}), 403, 'forbidden', 'the scope is needed');
done_testing;
