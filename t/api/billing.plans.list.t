#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

# Those that other tests have published.
db_run("UPDATE plan SET status = 'retired' WHERE status = 'published' AND (tier NOT IN ('FREE', 'STARTUP', 'GROWTH', 'SCALE', 'ENTERPRISE', 'PRO', 'TEAM') OR version > 1)");
my $organization = new_organization();
my $rows = is_page(call('billing.plans.list', {}, key => $organization->{key}), 'plans are listed');

is_deeply([sort map { "$_->{product} $_->{tier}" } @$rows], [sort map({ "platform $_" } qw(FREE STARTUP GROWTH SCALE ENTERPRISE)), map { "spaces $_" } qw(FREE PRO TEAM ENTERPRISE)],
    'those of both products');
for my $plan (@$rows) {
	is_deeply([sort keys %$plan], [sort qw(id product name tier version status currency monthly yearly features quotas trial_days)], "$plan->{product} $plan->{tier} has every member");
	is($plan->{status}, 'published', 'and is for sale');
	for my $price (grep { defined } $plan->@{qw(monthly yearly)}) {
		like($price->{amount}, qr/\A\d+\.\d{2,6}\z/, 'its price is a decimal string');
		like($price->{price_id}, qr/\A[a-z0-9_]+\z/, 'that can be named');
	}
	is(ref $plan->{features}, 'HASH', 'its features are by name');
	is_deeply([sort keys $_->%*], [qw(included overage_unit_price)], 'each quota tells what is included and what more costs') for values $plan->{quotas}->%*;
}
is_deeply([map { $_->{name} } @$rows], [sort map { $_->{name} } @$rows], 'by name');
my $page = call('billing.plans.list', { limit => 5 }, key => $organization->{key});
my $rest = call('billing.plans.list', { limit => 5, cursor => $page->json->{next_cursor} }, key => $organization->{key});
is_deeply([$page->json->{data}->@*, $rest->json->{data}->@*], $rows, 'by pages they are the same');
my $stream = get('/v1/billing/plans/list', key => $organization->{key}, accept => 'application/x-ndjson');
is_success($stream, 'plans stream', type => 'application/x-ndjson');
is_deeply([$stream->rows], $rows, 'the same rows');
is_problem(call('billing.plans.list', { tier => 'FREE' }, key => $organization->{key}), 422, 'invalid', 'there is no filter', errors => { '/tier' => 'unknown' });
done_testing;
