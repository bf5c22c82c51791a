#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Invoices;
use Purser::Orders;
use Purser::Test;

my $organization = new_organization();
my @as = (key => $organization->{key});
my $id = new_issued($organization, net => 1000, tax => 100);

is_problem(pay_invoice($organization, $id), 402, 'card_required', 'without a card nothing is paid');
attach($organization);
my $paid = pay_invoice($organization, $id, {}, idempotency_key => "pay-$id");
is_success($paid, 'an invoice is paid by card');
is_deeply([map { $paid->json->{$_} } qw(id status total paid due)], [$id, 'paid', '11.00', '11.00', '0.00'], 'which tells that it is');
is_deeply([$paid->json->{payment}->@{qw(status amount)}, $paid->json->{payment_id}], ['succeeded', '11.00', $paid->json->{payment}{id}], 'by which charge');
is_deeply(receivable_of($organization->{id}), {}, 'nothing is owed any more');
is_deeply(account_of($organization->{id}, 'processor_clearing'), { AUD => 11_000_000 }, 'the processor has the money');
is(call('billing.credits.balance', {}, @as)->json->{available}, 0, 'no credits were bought');
is_deeply(events_about($id), ['invoice.paid'], 'it is told once');
my $replay = pay_invoice($organization, $id, {}, idempotency_key => "pay-$id");
is($replay->body, $paid->body, 'the same key answers the same');
is_problem(pay_invoice($organization, $id), 409, 'conflict', 'what is paid is not paid again');
is(scalar(call('billing.topups.list', {}, @as)->json->{data}->@*), 0, 'the charge is no top-up');
is_problem(call('billing.topups.get', { topup_id => $paid->json->{payment}{id} }, @as), 404, 'not_found', 'nor read as one');

my $by_path = request('POST', '/v1/billing/invoices/' . new_issued($organization) . '/pay', @as, body => {});
is_deeply([$by_path->status, $by_path->json->{status}], [200, 'paid'], 'the plain route, which mails name, pays, too');

# ---- at once ----

my $raced = new_issued($organization);
my @replies = at_once(6, sub ($n, $client) {
	my $reply = pay_invoice($organization, $raced, {}, client => $client);
	return [$reply->status, $reply->status == 200 ? 'ok' : $reply->code];
});
is(scalar(grep { $_->[0] == 200 } @replies), 1, 'of six who pay at once one does') or diag explain \@replies;
is(scalar(grep { $_->[1] =~ /^(?:conflict|topup_in_progress)$/ } @replies), 5, 'the others are refused');
is(show_invoice($organization, $raced)->{paid}, '1.10', 'it is paid once');

# ---- what is refused ----

my $small = new_issued($organization, net => 20, tax => 2);
is_problem(pay_invoice($organization, $small), 409, 'conflict', 'a card is not charged less than the least');
like(pay_invoice($organization, $small)->json->{detail}, qr/0\.22 are due\. Pay by a transfer to Purser that names the invoice's number/, 'which says how it is paid instead');
is_success(mark_paid($organization, $small, 'Transfer 22'), 'and so it is');
my $other = new_organization();
attach($other);
is_problem(pay_invoice($other, my $its = new_issued($organization)), 404, 'not_found', "another organization's invoice does not exist");
is_problem(pay_invoice($organization, new_ulid()), 404, 'not_found', 'nor one that is none');
my ($foreign) = cards_of($other);
is_problem(pay_invoice($organization, my $one = new_issued($organization), { payment_method_id => $foreign->{id} }), 404, 'not_found', "another's card is not charged");
my ($purchase) = (call('billing.topup', { credits => 100 }, @as)->json);
is_problem(pay_invoice($organization, invoice_of($organization, $purchase->{id})->{id}), 409, 'conflict', "a purchase's invoice is paid already");
my $huge = new_issued($organization, net => 200_000_000, tax => 0);
is_problem(pay_invoice($organization, $huge), 409, 'conflict', 'nor more than a card can be charged');
like(pay_invoice($organization, $huge)->json->{detail}, qr/no more than 999999\.99 AUD at once, and 2000000\.00 are due\. Pay by a transfer/, 'with what can be done');
is_success(void_invoice($organization, $huge), 'that one is voided');
is_problem(pay_invoice($organization, $huge), 409, 'conflict', 'and then not paid either');

# ---- declined, and a top-up that waits ----

my $poor = new_organization();
attach($poor, 'pm_card_chargeCustomerFail');
my $owed = new_issued($poor);
my $declined = pay_invoice($poor, $owed, {}, idempotency_key => "poor-$owed");
is_problem($declined, 402, 'card_declined', 'a card that is declined pays nothing');
is(pay_invoice($poor, $owed, {}, idempotency_key => "poor-$owed")->body, $declined->body, 'which the key remembers');
is_deeply([show_invoice($poor, $owed)->@{qw(status paid failed_at retry_at)}], ['issued', '0.00', undef, undef], 'what somebody tries in person counts against nobody');
is_deeply(events_about($owed), ['invoice.payment_failed'], 'but it is told');

my $waiting = new_organization();
attach($waiting, 'pm_card_authenticationRequired');
is(call('billing.topup', { credits => 100 }, key => $waiting->{key})->json->{status}, 'requires_action', 'a top-up waits for its buyer');
my $due = new_issued($waiting);
my $asks = pay_invoice($waiting, $due);
is_success($asks, 'somebody who pays an invoice takes its place');
is($asks->json->{payment}{status}, 'requires_action', 'and is asked, too');
ok(length $asks->json->{payment}{client_secret}, 'with the secret for it');
is_problem(void_invoice($waiting, $due), 409, 'conflict', 'what is being charged is not voided');
is_problem(note_for($waiting, $due), 409, 'conflict', 'not corrected');
is_problem(mark_paid($waiting, $due, 'Bank 1'), 409, 'conflict', 'nor paid outside');

db_run("UPDATE payment SET state = 'charging' WHERE organization_id = ? AND state = 'requires_action'", bytes_of($waiting->{id}));
is_problem(pay_invoice($waiting, $due), 409, 'topup_in_progress', 'while a charge is at work nobody begins another');
db_run("UPDATE payment SET state = 'failed', look_at = NULL, closed_at = created_at WHERE organization_id = ? AND state = 'charging'", bytes_of($waiting->{id}));

is_problem(pay_invoice($organization, 'x', { payment_method_id => 1 }), 422, 'invalid', 'what does not fit is named',
    errors => { '/invoice_id' => undef, '/payment_method_id' => undef });
is_deeply([invoice_faults($organization, $other, $poor, $waiting)], [], 'accounts and documents agree');
done_testing;
