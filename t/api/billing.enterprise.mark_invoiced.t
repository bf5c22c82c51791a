#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Invoices;
use Purser::Orders;
use Purser::Test;

my $organization = new_post_pay(1000);
my $id = new_issued($organization, net => 1000, tax => 100, accrued => 1000);
my $paid = mark_paid($organization, $id, 'Transfer 2026-02-03 / 4711');
is_success($paid, 'an invoice that was paid outside is noted');
is_deeply([map { $paid->json->{$_} } qw(id status paid due reference payment_id)], [$id, 'paid', '11.00', '0.00', 'Transfer 2026-02-03 / 4711', undef], 'with what the payment is known by');
is_deeply([map { account_of($organization->{id}, $_) } qw(receivable bank processor_clearing)], [{}, { AUD => 11_000_000 }, {}], 'the bank has the money');
is_deeply(events_about($id), ['invoice.paid'], 'it is told');
is(mark_paid($organization, $id, 'Transfer 2026-02-03 / 4711')->body, $paid->body, 'noting it again changes nothing');
is_problem(mark_paid($organization, $id, 'Another'), 409, 'conflict', 'what is paid is not paid again');

my $raced = new_issued($organization);
my @replies = at_once(6, sub ($n, $client) { return mark_paid($organization, $raced, "Transfer $n", client => $client)->status });
is_deeply([sort @replies], [200, 409, 409, 409, 409, 409], 'of six at once one is noted');
is(show_invoice($organization, $raced)->{paid}, '1.10', 'once');

my $other = new_organization();
is_problem(mark_paid($other, $id, 'X'), 404, 'not_found', "another organization's invoice does not exist");
is_problem(mark_paid($organization, new_ulid(), 'X'), 404, 'not_found', 'nor one that is none');
is_problem(call('billing.enterprise.mark_invoiced', { reference => '' }, key => admin_key), 422, 'invalid', 'what is missing is named',
    errors => { '/organization_id' => 'missing', '/invoice_id' => 'missing', '/reference' => 'too_short' });

db_run("UPDATE organization SET status = 'closed', closed_at = UTC_TIMESTAMP(6) WHERE id = ?", bytes_of($organization->{id}));
is_success(mark_paid($organization, new_issued($organization), 'Late'), 'what a closed organization owes is settled, too');
is_deeply([invoice_faults($organization, $other)], [], 'accounts and documents agree');
done_testing;
