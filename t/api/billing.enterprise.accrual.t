#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Invoices;
use Purser::Orders;
use Purser::Test;

my $organization = new_post_pay(1000, timezone => 'Pacific/Auckland');
my @as = (key => admin_key);
sub accrual (%in) { return call('billing.enterprise.accrual', { organization_id => $organization->{id}, %in }, @as) }
sub figures_of ($json) { return [$json->@{qw(receivable currency orders_count uninvoiced owed)}] }

is_deeply(figures_of(accrual()->json), ['0.00', 'AUD', 0, '0.00', '0.00'], 'at first nothing has accrued');
my @orders = map { order($organization, "order-$_", 100 * $_)->json->{id} } 1 .. 3;
is_deeply(figures_of(accrual()->json), ['0.00', 'AUD', 0, '0.00', '0.00'], 'an order that is not settled is not owed');
settle($organization, $_) for @orders;
my $now = accrual();
is_success($now, 'settled ones are');
is_deeply(figures_of($now->json), ['6.00', 'AUD', 3, '6.00', '0.00'], 'at their value, without tax');
my $period = $now->json->{period};
like($period, qr/^\d{4}-\d{2}$/, 'in the present month');
refund($organization, $orders[2]);
is_deeply(figures_of(accrual(period => $period)->json), ['3.00', 'AUD', 2, '3.00', '0.00'], 'what is given back is not owed');
is_deeply(figures_of(accrual(period => '2020-01')->json), ['0.00', 'AUD', 0, '3.00', '0.00'], 'in another month nothing has accrued');
new_issued($organization, net => 400, tax => 40, accrued => 400);
is_deeply(figures_of(accrual()->json), ['7.00', 'AUD', 2, '3.00', '4.40'], 'what is on an invoice is owed, with tax, and no longer waits for one');

my $prepaid = new_organization(credits => 100);
is_deeply(figures_of(call('billing.enterprise.accrual', { organization_id => $prepaid->{id} }, @as)->json), ['0.00', 'AUD', 0, '0.00', '0.00'], 'who pays before owes nothing');
is_problem(accrual(period => '2026-13'), 422, 'invalid', 'there is no such month', errors => { '/period' => undef });
is_problem(call('billing.enterprise.accrual', { organization_id => new_ulid() }, @as), 404, 'not_found', 'an unknown organization is not there');
is_problem(call('billing.enterprise.accrual', { organization_id => $organization->{id} }, key => $organization->{key}), 403, 'forbidden', 'it is the operator who asks');
is_deeply([invoice_faults($organization, $prepaid)], [], 'accounts and documents agree');
done_testing;
