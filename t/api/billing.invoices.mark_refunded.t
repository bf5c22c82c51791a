#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Invoices;
use Purser::Orders;
use Purser::Test;

my $organization = new_post_pay(1000);
my $id = new_issued($organization, net => 1000, tax => 100, accrued => 1000);
is_problem(mark_refunded($organization, $id, 'Back'), 409, 'conflict', 'of what is owed nothing is given back');
is_success(mark_paid($organization, $id, 'Transfer'), 'an invoice is paid at the bank');
is_problem(mark_refunded($organization, $id, 'Back'), 409, 'conflict', 'nor of what is paid just so');
is_success(note_for($organization, $id, { amount => '2.20' }), 'and corrected then');
is(show_invoice($organization, $id)->{due}, '-2.20', 'too much is paid');
is_deeply(events_about($id), ['invoice.paid', 'invoice.overpaid'], 'which is told');
is_success(note_for($organization, $id, { amount => '1.10' }), 'another note');
is_deeply(events_about($id), ['invoice.paid', 'invoice.overpaid', 'invoice.overpaid'], 'is told, too');

my $refunded = mark_refunded($organization, $id, 'Transfer back 12');
is_success($refunded, 'what was too much is given back outside');
is_deeply([map { $refunded->json->{$_} } qw(status paid credited due reference refund_reference)], ['paid', '7.70', '3.30', '0.00', 'Transfer', 'Transfer back 12'], 'and booked');
is_deeply([map { account_of($organization->{id}, $_) } qw(receivable bank)], [{}, { AUD => 7_700_000 }], 'as gone from the bank');
is((events_about($id))->[-1], 'invoice.refunded', 'it is told');
is(mark_refunded($organization, $id, 'Transfer back 12')->body, $refunded->body, 'noting it again changes nothing');
is_problem(mark_refunded($organization, $id, 'Another'), 409, 'conflict', 'nothing more is to be given back');
is_success(note_for($organization, $id), 'the rest is taken off, too');
my @replies = at_once(6, sub ($n, $client) { return mark_refunded($organization, $id, "Back $n", client => $client)->status });
is_deeply([sort @replies], [200, 409, 409, 409, 409, 409], 'of six at once one gives it back');
is_deeply([show_invoice($organization, $id)->@{qw(status paid due)}], ['paid', '0.00', '0.00'], 'once');

my $other = new_organization();
is_problem(mark_refunded($other, $id, 'X'), 404, 'not_found', "another organization's invoice does not exist");
is_problem(mark_refunded($organization, new_ulid(), 'X'), 404, 'not_found', 'nor one that is none');
is_problem(call('billing.invoices.mark_refunded', { reference => '' }, key => admin_key), 422, 'invalid', 'what is missing is named',
    errors => { '/organization_id' => 'missing', '/invoice_id' => 'missing', '/reference' => 'too_short' });
is_deeply([invoice_faults($organization, $other)], [], 'accounts and documents agree');
done_testing;
