#!/usr/bin/perl
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Invoices;
use Purser::Orders;
use Purser::Test;

my $organization = new_organization();
my $id = new_issued($organization, net => 1000, tax => 77);
my $first = note_for($organization, $id, { amount => '3.33', reason => 'Counted twice: ünï' });
is_success($first, 'an issued invoice is corrected');
my $note = $first->json;
ulid_ok($note->{id}, 'the note has an id');
like($note->{number}, qr/^CN-\d{6,}$/, 'and a number of its own series');
is_deeply({ map { $_ => $note->{$_} } qw(organization_id invoice_id reason currency amount tax refund_id) },
    { organization_id => $organization->{id}, invoice_id => $id, reason => 'Counted twice: ünï', currency => 'AUD', amount => '3.33', tax => '0.24', refund_id => undef }, 'it takes off what was said');
my $invoice = show_invoice($organization, $id);
is_deeply([$invoice->@{qw(status total credited due)}, $invoice->{credit_notes}[0]{id}], ['issued', '10.77', '3.33', '7.44', $note->{id}], 'so that less is owed');
is($note->{invoice_number}, $invoice->{number}, 'it names the invoice');
is_deeply([map { account_of($organization->{id}, $_) } qw(receivable revenue tax)], [{ AUD => 7_440_000 }, { AUD => -6_910_000 }, { AUD => -530_000 }], 'revenue and tax go back');
is_deeply(events_about($note->{id}), ['credit_note.issued'], 'it is told');

for my $bad (['7.45', 'out_of_range'], ['0.00', 'out_of_range'], ['-1.00', 'out_of_range'], ['1.005', 'bad_format'], ['x', undef]) {
	is_problem(note_for($organization, $id, { amount => $bad->[0] }), 422, 'invalid', "$bad->[0] can't be taken off", errors => { '/amount' => $bad->[1] });
}
my @taxes = map { note_for($organization, $id, { amount => $_ })->json->{tax} } '3.33', '0.01';
my $last = note_for($organization, $id);
is_deeply([$last->json->@{qw(amount)}, @taxes, $last->json->{tax}], ['4.10', '0.24', '0.00', '0.29'], 'the last takes what is left, in tax, too');
is_deeply([show_invoice($organization, $id)->@{qw(status credited due)}], ['paid', '10.77', '0.00'], 'then nothing is owed');
is_deeply([map { account_of($organization->{id}, $_) } qw(receivable revenue tax)], [{}, {}, {}], 'in no account');
is_deeply(events_about($id), ['invoice.paid'], 'as is told');
is_problem(note_for($organization, $id, { amount => '0.01' }), 409, 'conflict', 'and nothing more can be taken off');

# ---- what is paid ----

my $paid = new_issued($organization, net => 1000, tax => 100);
attach($organization);
my $charge = pay_invoice($organization, $paid)->json->{payment};
is_success(note_for($organization, $paid, { amount => '4.00' }), 'what is paid can be corrected, too');
is_deeply([show_invoice($organization, $paid)->@{qw(status paid credited due)}], ['paid', '11.00', '4.00', '-4.00'], 'so that something is to be given back');
is_deeply(receivable_of($organization->{id}), { AUD => -4_000_000 }, 'which is owed to the customer');
is_success(call('billing.topups.refund', { organization_id => $organization->{id}, topup_id => $charge->{id}, amount => '4.00', reason => 'Note.' }, key => admin_key), 'it is given back to the card');
is_deeply([show_invoice($organization, $paid)->@{qw(status paid credited due)}], ['paid', '7.00', '4.00', '0.00'], 'and all is even');
is_deeply([receivable_of($organization->{id}), account_of($organization->{id}, 'processor_clearing')], [{}, { AUD => 7_000_000 }], 'in the accounts');

# ---- tax that is given back ----

# A refund at a rate that has fallen since can take more tax off than the month has.
my $odd = new_issued($organization, net => 1000, tax => -30);
my $some = note_for($organization, $odd, { amount => '3.00' });
is_success($some, 'an invoice whose tax is below 0 can be corrected, too');
is_deeply([map { $some->json->{$_} } qw(amount tax)], ['3.00', '-0.09'], 'in proportion');
is(note_for($organization, $odd)->json->{tax}, '-0.21', 'and the rest is the rest');
is(show_invoice($organization, $odd)->{status}, 'paid', 'so that nothing is owed');

# ---- at once ----

my $raced = new_issued($organization);
my @replies = at_once(6, sub ($n, $client) { return note_for($organization, $raced, { amount => '0.60' }, client => $client)->status });
is_deeply([sort @replies], [200, 422, 422, 422, 422, 422], 'of six at once that take more than is there together, one does');
my @same = at_once(6, sub ($n, $client) {
	my $reply = note_for($organization, $raced, { amount => '0.01' }, client => $client, idempotency_key => "same-$raced");
	return $reply->status == 200 ? $reply->json->{id} : $reply->code;
});
is(scalar(keys %{{ map { $_ => 1 } grep { $_ ne 'idempotency_in_progress' } @same }}), 1, 'six with one key are one') or diag "@same";
is(show_invoice($organization, $raced)->{credited}, '0.61', 'that is all');

# ---- what is refused ----

my $topup = call('billing.topup', { credits => 100 }, key => $organization->{key})->json;
is_problem(note_for($organization, invoice_of($organization, $topup->{id})->{id}), 409, 'conflict', "a purchase's invoice is corrected by its refund");
my $other = new_organization();
is_problem(note_for($other, $raced), 404, 'not_found', "another organization's invoice does not exist");
is_problem(note_for($organization, new_ulid()), 404, 'not_found', 'nor one that is none');
is_problem(call('billing.credit_notes.create', { amount => 1 }, key => admin_key), 422, 'invalid', 'what is missing is named',
    errors => { '/organization_id' => 'missing', '/invoice_id' => 'missing', '/reason' => 'missing', '/amount' => undef });
is_deeply([invoice_faults($organization, $other)], [], 'accounts and documents agree');
done_testing;
