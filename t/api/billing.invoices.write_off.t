#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Invoices;
use Purser::Test;

my $organization = new_organization();
my $id = new_issued($organization, net => 1000, tax => 100);
is_success(note_for($organization, $id, { amount => '1.00' }), 'a part of an invoice is taken off');
my $given_up = write_off($organization, $id);
is_success($given_up, 'the rest is given up');
is_deeply([map { $given_up->json->{$_} } qw(status credited written_off due)], ['uncollectible', '1.00', '10.00', '0.00'], 'which it tells');
is_deeply([map { account_of($organization->{id}, $_) } qw(receivable bad_debt)], [{}, { AUD => 10_000_000 }], 'it is a bad debt');
is_deeply(events_about($id), ['invoice.uncollectible'], 'and told');
is(write_off($organization, $id)->body, $given_up->body, 'giving up again changes nothing');
is(call('billing.status.get', { organization_id => $organization->{id} }, key => $organization->{key})->json->{open_invoices}, 0, 'it is no open invoice any more');
attach($organization);
is_problem(pay_invoice($organization, $id), 409, 'conflict', 'no card is charged for it');
is_problem(void_invoice($organization, $id), 409, 'conflict', 'it is not voided');
is_problem(note_for($organization, $id), 409, 'conflict', 'nor corrected');

my $paid = mark_paid($organization, $id, 'Bank 9');
is_success($paid, 'it may be paid outside after all');
is_deeply([map { $paid->json->{$_} } qw(status paid written_off due reference)], ['paid', '10.00', '0.00', '0.00', 'Bank 9'], 'and is paid then');
is_deeply([map { account_of($organization->{id}, $_) } qw(receivable bad_debt bank)], [{}, {}, { AUD => 10_000_000 }], 'and no bad debt');
is_problem(write_off($organization, $id), 409, 'conflict', 'what is paid is not given up');

my $other = new_organization();
is_problem(write_off($other, new_issued($organization)), 404, 'not_found', "another organization's invoice does not exist");
is_problem(call('billing.invoices.write_off', {}, key => admin_key), 422, 'invalid', 'what is missing is named',
    errors => { '/organization_id' => 'missing', '/invoice_id' => 'missing' });
is_deeply([invoice_faults($organization, $other)], [], 'accounts and documents agree');
done_testing;
