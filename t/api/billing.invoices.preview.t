#!/usr/bin/perl
# What a month's invoice would be; that it is the one which is issued is shown by billing.run_monthly_preview.t.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge);
at_time('2027-05-10T12:00:00Z');
my $organization = new_post_pay(100_000, country => 'AU');
my $reply = preview_invoice($organization);
is_success($reply, 'the present month is previewed');
is_deeply([sort keys $reply->json->%*], [sort qw(period currency tax_included subtotal tax total lines_count orders_count credits lines taxes)], 'as an invoice');
is_deeply([$reply->json->@{qw(period total lines)}], ['2027-05', '0.00', []], 'with nothing on it yet');
settle($organization, order($organization, 'o1', [line(1234, service => 'gpu')])->json->{id});
my $told = preview_invoice($organization)->json;
is_deeply([@$told{qw(currency tax_included subtotal tax total lines_count orders_count credits)}], ['AUD', JSON::PP::false, '12.34', '1.23', '13.57', 1, 1, 0], 'then with an order');
is($told->{lines}[0]{source}{service}, 'gpu', 'whose line says what it was computed from');
is_deeply($told->{taxes}, [{ name => 'GST', rate => $told->{taxes}[0]{rate}, net => '12.34', tax => '1.23' }], 'the tax by its rate');
is(preview_invoice($organization, '2027-04')->json->{total}, '0.00', 'the month before has nothing');
is(db_value('SELECT COUNT(*) FROM invoice WHERE organization_id = ?', bytes_of($organization->{id})), 0, 'nothing stays');
is(db_value('SELECT COUNT(*) FROM monthly_run WHERE organization_id = ?', bytes_of($organization->{id})), 0, 'no run either');

my $small = new_organization(country => 'AU', credits => 30);
is_success(subscribe($small, { plan_id => new_plan(monthly_amount => 300_000), cycle => 'monthly', trial => \0 }), 'somebody pays too little a month for any card');
at_time('2027-06-01T00:00:00Z');
is(preview_invoice($small)->json->{total}, '0.00', 'the month that begins has nothing yet');
at_time('2027-06-11T00:00:00Z');
is_deeply([preview_invoice($small)->json->@{qw(total subtotal tax lines taxes)}], ['0.00', '0.00', '0.00', [], []], 'nor an invoice, where it is carried over');
at_time('2027-07-01T00:00:00Z');
my $carried = run_month($small)->json;
is_deeply([@$carried{qw(status invoice_id)}, scalar run_lines($small, '2027-06')->@*], ['completed', undef, 1], 'as its run finds');
run_month($organization, '2027-05');
is_problem(preview_invoice($organization, '2027-05'), 409, 'conflict', 'a month that was run has its invoice');
is_problem(preview_invoice($organization, '2027-5'), 422, 'invalid', 'a period is a month', errors => { '/period' => undef });
is(preview_invoice(new_organization())->json->{total}, '0.00', 'another organization sees its own');
done_testing;
