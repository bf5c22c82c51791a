#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Invoices;
use Purser::Test;

my $organization = new_organization();
my $id = new_issued($organization, net => 1000, tax => 100, accrued => 700);
is_deeply(receivable_of($organization->{id}), { AUD => 11_000_000 }, 'an issued invoice is owed, what had accrued with it');

my $void = void_invoice($organization, $id);
is_success($void, 'it is voided');
is_deeply([map { $void->json->{$_} } qw(id status total due)], [$id, 'void', '11.00', '0.00'], 'then nothing of it is owed');
is_deeply([map { account_of($organization->{id}, $_) } qw(receivable revenue tax)], [{}, {}, {}], 'in no account, nor what had accrued before');
is_deeply(events_about($id), ['invoice.void'], 'it is told');
is(void_invoice($organization, $id)->body, $void->body, 'voiding again changes nothing');
like(show_invoice($organization, $id)->{number}, qr/^INV-/, 'its number stays taken');

is_problem(mark_paid($organization, $id, 'Bank'), 409, 'conflict', 'it can not be paid any more');
is_problem(note_for($organization, $id), 409, 'conflict', 'nor corrected');
is_problem(write_off($organization, $id), 409, 'conflict', 'nor given up');

is_success(mark_paid($organization, my $paid = new_issued($organization), 'Bank 7'), 'another is paid');
is_problem(void_invoice($organization, $paid), 409, 'conflict', 'what is paid is not voided');
is_success(note_for($organization, my $noted = new_issued($organization), { amount => '0.10' }), 'one more is corrected');
is_problem(void_invoice($organization, $noted), 409, 'conflict', 'nor what is corrected');
attach($organization);
my $topup = call('billing.topup', { credits => 100 }, key => $organization->{key})->json;
is_problem(void_invoice($organization, invoice_of($organization, $topup->{id})->{id}), 409, 'conflict', "nor a purchase's");

my $other = new_organization();
is_problem(void_invoice($other, $noted), 404, 'not_found', "another organization's invoice does not exist");
is_problem(void_invoice({ id => new_ulid() }, $noted), 404, 'not_found', 'nor is there an unknown organization');
is_problem(call('billing.invoices.void', { invoice_id => $noted, organization_id => $organization->{id} }, key => $organization->{key}), 403, 'forbidden', 'no customer voids one');
is_problem(call('billing.invoices.void', {}, key => admin_key), 422, 'invalid', 'what is missing is named',
    errors => { '/organization_id' => 'missing', '/invoice_id' => 'missing' });
is_deeply([invoice_faults($organization, $other)], [], 'accounts and documents agree');
done_testing;
