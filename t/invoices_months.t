#!/usr/bin/perl
# Invoices of months, as runs issue them: what had accrued exactly is rounded once a line, taxed by the day, owed, paid, corrected; and
# the accounts say what the documents say, at every step.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Cards;
use Purser::Invoices;
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs qw(run_month);
use Purser::Subscriptions;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll orders.expire snapshots.collect_costs);

sub all_is_well ($when, @organizations) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_deeply([invoice_faults(@organizations)], [], "$when: accounts and documents agree");
}
sub month_of ($organization, $period) {
	my ($invoice) = grep { ($_->{period} // '') eq $period } invoices_of($organization);
	return $invoice && show_invoice($organization, $invoice->{id});
}

# The price of a credit is 0.0066 USD: seven of them are 0.0462.
at_time('2027-01-10T12:00:00Z');
my $exact = new_post_pay(1_000_000, currency => 'USD', country => 'AU');
my $untaxed = new_post_pay(1_000_000, timezone => 'Pacific/Kiritimati');
my $card = new_organization(country => 'AU', name => 'Zoë’s „Größe“');
my @all = ($exact, $untaxed, $card);
my %plan = map { $_->{tier} => $_ } grep { $_->{product} eq 'platform' } call('billing.plans.list', {}, key => $card->{key})->json->{data}->@*;
my @orders = map { my $id = order($exact, "o$_", [line(7, service => "s$_")])->json->{id}; settle($exact, $id); $id } 1 .. 3;
settle($untaxed, order($untaxed, 'o', 1000)->json->{id});
is_deeply(receivable_of($exact->{id}), { USD => 3 * 46_200 }, 'orders accrue exactly');
all_is_well('before the month is over', @all);

at_time('2027-02-01T12:00:00Z');
is(run_month($_, '2027-01')->json->{status}, 'completed', 'the month is run') for $exact, $untaxed;
my $invoice = month_of($exact, '2027-01');
is_deeply([$invoice->@{qw(status currency tax_included orders_count)}], ['issued', 'USD', JSON::PP::false(), 3], 'an invoice comes of it');
is_deeply([map { [$_->@{qw(kind exact amount tax_rate_name)}] } $invoice->{lines}->@*], [map { ['orders', '0.0462', '0.05', 'GST'] } 1 .. 3], 'each line is rounded once, to a hundredth');
is_deeply([$invoice->@{qw(subtotal tax total due)}], ['0.15', '0.02', '0.17', '0.17'], 'the tax once, on the sum: 0.015 half-even');
is_deeply([map { account_of($exact->{id}, $_) } qw(receivable revenue tax)], [{ USD => 170_000 }, { USD => -150_000 }, { USD => -20_000 }], 'the account holds what the document says');
is_deeply([month_of($untaxed, '2027-01')->@{qw(subtotal tax total)}], ['10.00', '0.00', '10.00'], 'who is of no country pays no tax');
is(month_of($untaxed, '2027-01')->{due_at} gt '2027-02-15T', 1, 'it is to be paid within two weeks');
all_is_well('when it is issued', @all);

is(scalar(map { $_->{number} } invoices_of($exact)), 1, 'a run that is run again issues no other') if run_month($exact, '2027-01')->json->{invoice_id} eq $invoice->{id};

# ---- mails ----

is(call('organizations.update', { billing_email => 'bills@example.com' }, key => $card->{key})->status, 200, 'somebody is to get the bills');
attach($card);
call('billing.subscriptions.start', { plan_id => $plan{STARTUP}{id}, cycle => 'monthly', trial => JSON::PP::false() }, key => $card->{key})->status == 200 or die;
call('billing.adjustments.create', { organization_id => $card->{id}, credits => 1, reason => 'Something.' }, key => admin_key);
all_is_well('when a plan is bought by card', @all);
at_time('2027-04-01T00:00:00Z');
run_job('subscriptions.roll');
my $run = run_month($card, '2027-03')->json;
my $bill = month_of($card, '2027-03');
is_deeply([$bill->{tax_included}, $bill->{lines}[0]{kind}, $bill->{lines}[0]{tax_rate_name}], [JSON::PP::true(), 'plan_fee', 'GST'], 'a fee that no credits cover is on the invoice, its price includes the tax');
my $eleventh = sprintf '%.2f', int($bill->{total} * 100 / 11 + 0.5) / 100;
is($bill->{tax}, $eleventh, 'an eleventh of it');
my $mail = db_run("SELECT recipient, data FROM outbox WHERE organization_id = ? AND kind = 'mail' AND type = 'invoice_issued' ORDER BY id DESC LIMIT 1", bytes_of($card->{id}))->fetchrow_hashref;
is_deeply([$mail->{recipient}, decode_json($mail->{data})->@{qw(number period total)}], ['bills@example.com', $bill->@{qw(number period total)}], 'and mailed');
like(decode_json($mail->{data})->{detail}, qr/billing\.invoices\.pay/, 'with how it is paid');
all_is_well('when it is billed', @all);

# ---- later ----

refund($exact, $orders[0]);
is_deeply(receivable_of($exact->{id}), { USD => 170_000 - 46_200 }, 'an order that was billed is given back');
all_is_well('when an order is given back', @all);
is_success(settle($exact, order($exact, 'later', 1000)->json->{id}), 'while another is charged');
at_time('2027-05-02T00:00:00Z');
my @runs = map { my $reply = run_month($exact, "2027-$_")->json; $reply->{status} } qw(02 03 04);
is_deeply(\@runs, [qw(nothing_to_do nothing_to_do completed)], 'the months are run') or diag explain run_month($exact, '2027-04')->json;
my ($second) = grep { $_->{id} ne $invoice->{id} } invoices_of($exact);
my $lines = show_invoice($exact, $second->{id})->{lines};
is_deeply([sort map { "$_->{kind} $_->{amount}" } @$lines], ['orders 6.60', 'refund -0.05'], 'the next invoice takes it off');
is($second->{total}, '7.21', 'and its tax');
all_is_well('when it is taken off', @all);

is_success(note_for($exact, $invoice->{id}, { amount => '0.07' }), 'a part of the first is corrected');
is_success(mark_paid($exact, $invoice->{id}, 'Transfer 1'), 'the rest is paid outside');
is_success(void_invoice($exact, $second->{id}), 'the second was a mistake');
is_deeply(receivable_of($exact->{id}), {}, 'nothing is owed');
is(call('billing.enterprise.accrual', { organization_id => $exact->{id} }, key => admin_key)->json->{uninvoiced}, '0.00', 'nor waits for an invoice');
is_success(write_off($untaxed, month_of($untaxed, '2027-01')->{id}), 'one is given up');
all_is_well('in the end', @all);
# What comes to nothing is paid as it is issued, and nobody is asked to pay it.
my $even = new_post_pay(1_000_000);
call('organizations.update', { billing_email => 'even@example.com' }, key => $even->{key});
my $taken = order($even, 'o', 1000)->json->{id};
settle($even, $taken);
refund($even, $taken);
at_time('2027-06-01T00:00:00Z');
run_month($even, '2027-05');
is(db_value("SELECT COUNT(*) FROM invoice WHERE organization_id = ? AND NOT (status = 'paid' AND total = 0)", bytes_of($even->{id})), 0, 'a month that comes to nothing is not owed');
is(db_value("SELECT COUNT(*) FROM outbox WHERE organization_id = ? AND kind = 'mail' AND type = 'invoice_issued'", bytes_of($even->{id})), 0, 'nor is anybody asked to pay it');
all_is_well('when it comes to nothing', $even);

ok(call('billing.credits.verify', {}, key => $_->{key})->json->{consistent}, 'the ledger is whole') for @all;
done_testing;
