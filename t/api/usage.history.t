#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Usage;

my $organization = new_organization();
sub history (%more) { return call('usage.history', { organization_id => $organization->{id}, %more }, key => $organization->{key}) }

is_deeply(is_page(history(), 'before anything was used'), [], 'there is nothing');
quota_cycle($organization, requests => 10);
record($organization, [event(1, 'requests', 4, service => 'a'), event(2, 'requests', 3, service => 'b', occurred_at => moment(-86400)), event(3, 'prompt_tokens', 9),
    event(4, 'requests', 5, occurred_at => moment(-15 * 86400))]);
my @rows = is_page(history(), 'cycles are listed')->@*;
is_deeply([map { "$_->{metric} $_->{used} $_->{events} " . ($_->{included} // 'none') . ' ' . ($_->{day} // 'whole') } @rows],
    ['requests 7 2 10 whole', 'prompt_tokens 9 1 none whole', 'requests 5 1 none whole'], 'a row a metric and cycle, the newest first');
cmp_ok($rows[2]{end}, 'le', $rows[0]{start}, 'end to end');
my @days = is_page(history(by => 'day'), 'or days')->@*;
is_deeply([map { "$_->{metric} $_->{used}" } @days], ['requests 4', 'prompt_tokens 9', 'requests 3', 'requests 5'], 'a row a metric and day, services together');
like($days[0]{day}, qr/^\d{4}-\d\d-\d\d$/, 'which is named');
my ($cursor, @paged);
do {
	my $page = history(by => 'day', limit => 1, $cursor ? (cursor => $cursor) : ())->json;
	push @paged, $page->{data}->@*;
	$cursor = $page->{next_cursor};
} while ($cursor);
is_deeply(\@paged, \@days, 'page by page the same');
is_deeply([map { decode_json($_) } split /\n/, get('/v1/usage/history', query => { organization_id => $organization->{id} }, key => $organization->{key}, accept => 'application/x-ndjson')->body],
    \@rows, 'and as a stream');
set_clock(130 * 86400);
is_deeply(is_page(history(), 'months later'), [], 'it is longer ago than three months');
is(scalar is_page(history(months => 24), 'but not than two years')->@*, 3, 'and there');
set_clock(0);
is_problem(history(months => 25, by => 'hour'), 422, 'invalid', 'what does not fit is named', errors => { '/months' => 'out_of_range', '/by' => 'not_allowed' });
is_problem(call('usage.history', { organization_id => new_organization()->{id} }, key => $organization->{key}), 404, 'not_found', 'another organization is not there');
done_testing;
