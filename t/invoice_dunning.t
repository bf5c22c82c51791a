#!/usr/bin/perl
# What follows when nobody pays: an automatic charge that fails is told, mailed and tried again on certain days; what it is for
# is past due, then paused with its reason; and a payment, whichever way it comes, ends that at once.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Invoices;
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;
use Purser::Webhooks;

my $stack = stack_with_webhooks();
my $provider = $stack->provider;
my @admin = (key => $stack->admin_key);
$provider->control('webhooks', usual => { off => 1 });

sub show ($buyer, $id) { return $stack->good('billing.invoices.get', { invoice_id => $id }, key => $buyer->{key}) }
sub subscription ($buyer, $product = 'platform') {
	return db_run('SELECT status, retries, pause_reason FROM subscription WHERE organization_id = ? AND product = ?', bytes_of($buyer->{id}), $product)->fetchrow_hashref;
}
sub pay ($buyer, $id, %in) { return $stack->call('billing.invoices.pay', { invoice_id => $id, %in }, key => $buyer->{key}) }

# Somebody with plans of both products, paid by credits.
sub subscriber ($card) {
	my $buyer = $stack->new_buyer($card, credits => 100_000);
	for my $product ('platform', 'spaces') {
		my ($plan) = grep { $_->{product} eq $product && $_->{monthly} && $_->{monthly}{amount} > 0 } $stack->good('billing.plans.list', {}, key => $buyer->{key})->{data}->@*;
		$stack->good('billing.subscriptions.start', { plan_id => $plan->{id}, cycle => 'monthly', trial => JSON::PP::false() }, key => $buyer->{key});
	}
	return $buyer;
}

# An automatic charge of a card that declines: begun while nobody answers, so that the row can be made automatic, and ended by
# the sweeper.
sub charge_by_itself ($buyer, $id) {
	$provider->control('fault', method => 'POST', path => 'payment_intents', times => 0, status => 401, stored => 0);
	pay($buyer, $id);
	$provider->control('clear_faults');
	db_run('UPDATE payment SET automatic = TRUE WHERE invoice_id = ?', bytes_of($id));
	$stack->later(61);
	$stack->run('payments.sweep');
	$stack->settle;
}

my $buyer = subscriber('pm_card_chargeCustomerFail');
is(subscription($buyer)->{status}, 'active', 'a subscription is active');
my $id = new_issued($buyer, net => 1000, tax => 100);
charge_by_itself($buyer, $id);
my $invoice = show($buyer, $id);
is_deeply([$invoice->@{qw(status paid due)}], ['issued', '0.00', '11.00'], 'an automatic charge fails');
ok(defined $invoice->{failed_at} && defined $invoice->{retry_at}, 'it is tried again');
is(db_value('SELECT TIMESTAMPDIFF(SECOND, failed_at, retry_at) FROM invoice WHERE id = ?', bytes_of($id)), 86400, 'a day later');
is_deeply([map { subscription($buyer, $_)->{status} } qw(platform spaces)], ['past_due', 'past_due'], 'what is subscribed to is past due');
is_deeply(events_about($id), ['invoice.payment_failed'], 'it is told');
is(db_value("SELECT COUNT(*) FROM outbox WHERE organization_id = ? AND kind = 'mail' AND type = 'payment_failed'", bytes_of($buyer->{id})),
    db_value("SELECT COUNT(*) > 0 FROM organization WHERE id = ? AND billing_email IS NOT NULL", bytes_of($buyer->{id})), 'and mailed, where there is somebody to mail to');

# ---- retries, and the pause ----

for my $day (3, 5, 7, undef) {
	my $retry = db_value('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), retry_at) FROM invoice WHERE id = ?', bytes_of($id));
	$stack->later($retry - $stack->{offset} + 1);
	charge_by_itself($buyer, $id);
	is(db_value('SELECT TIMESTAMPDIFF(DAY, failed_at, retry_at) FROM invoice WHERE id = ?', bytes_of($id)), $day, $day ? "the next is on day $day" : 'behind the last there is none');
}
is_deeply([map { subscription($buyer, $_)->{status} } qw(platform spaces)], ['paused', 'paused'], 'then all is paused');
my $record = $stack->good('organizations.record.get', {}, key => $buyer->{key});
my ($reason) = $record->{subscription_pause_reason}{invoices}->@*;
is_deeply([$reason->@{qw(invoice_id invoice_number amount severity invoice_name)}], [$id, $invoice->{number}, '11.00', 'critical', "Invoice $invoice->{number}"], 'the record says for which invoice');
like($reason->{payment_link}, qr{/v1/billing/invoices/\Q$id\E/pay$}, 'and where to pay it');
is(scalar(grep { $_ eq 'subscription.paused' } db_column("SELECT type FROM outbox WHERE organization_id = ? AND kind = 'event'", bytes_of($buyer->{id}))), 2, 'the pause is told of each product once');
is($stack->good('billing.status.get', { organization_id => $buyer->{id} }, key => $buyer->{key})->{status}, 'paused', 'so does the status');

# ---- a second one, and payment ----

sub owed_of ($buyer) { return [map { $_->{invoice_id} } ($stack->good('organizations.record.get', {}, key => $buyer->{key})->{subscription_pause_reason} // {})->{invoices}->@*] }
my $second = new_issued($buyer, net => 500, tax => 50);
charge_by_itself($buyer, $second);
is_deeply(owed_of($buyer), [$id, $second], 'a second invoice that fails comes to the reasons');
db_run('UPDATE invoice SET failed_payment_id = NULL WHERE id = ?', bytes_of($second));
charge_by_itself($buyer, $second);
is_deeply(owed_of($buyer), [$id, $second], 'once, however often it fails');
my $card = $stack->add_card($buyer, 'pm_card_visa');
my $reply = pay($buyer, $id, payment_method_id => $card->{id});
is($reply->json->{status}, 'paid', 'one of two is paid in person');
is_deeply([map { $reply->json->{$_} } qw(failed_at retry_at)], [undef, undef], 'and is not charged again');
is(subscription($buyer)->{status}, 'paused', 'while another is owed the pause goes on');
is_deeply(owed_of($buyer), [$second], 'for that one alone');
is($stack->good('billing.enterprise.mark_invoiced', { organization_id => $buyer->{id}, invoice_id => $second, reference => 'Bank' }, @admin)->{status}, 'paid', 'the other is paid outside');
is_deeply([map { subscription($buyer, $_)->@{qw(status pause_reason)} } qw(platform spaces)], ['active', undef, 'active', undef], 'which ends the pause at once');

# ---- given up ----

my $lost = subscriber('pm_card_chargeCustomerFail');
my ($written, $good) = map { new_issued($lost) } 1 .. 2;
charge_by_itself($lost, $written);
$stack->good('billing.invoices.write_off', { organization_id => $lost->{id}, invoice_id => $written }, @admin);
charge_by_itself($lost, $good);
$stack->good('billing.enterprise.mark_invoiced', { organization_id => $lost->{id}, invoice_id => $good, reference => 'Bank' }, @admin);
is(subscription($lost)->{status}, 'paused', 'what was given up is not paid because a later one is');
$stack->good('billing.enterprise.mark_invoiced', { organization_id => $lost->{id}, invoice_id => $written, reference => 'Bank' }, @admin);
is(subscription($lost)->{status}, 'active', 'but when it is paid after all');

# Nothing more is tried, so nobody is past due for ever.
my $hopeless = subscriber('pm_card_chargeCustomerFail');
my ($first, $other) = map { new_issued($hopeless) } 1 .. 2;
charge_by_itself($hopeless, $_) for $first, $other;
$stack->good('billing.invoices.write_off', { organization_id => $hopeless->{id}, invoice_id => $first }, @admin);
is(subscription($hopeless)->{status}, 'past_due', 'one of two is given up: the other is charged again');
$stack->good('billing.invoices.write_off', { organization_id => $hopeless->{id}, invoice_id => $other }, @admin);
is_deeply([map { subscription($hopeless, $_)->{status} } qw(platform spaces)], ['paused', 'paused'], 'when the last is given up all is paused');
is_deeply(owed_of($hopeless), [$first, $other], 'for both');
is($stack->good('organizations.record.get', {}, key => $hopeless->{key})->{subscription_pause_reason}{invoices}[0]{payment_link}, undef, 'which no card can pay any more');
for my $product ('platform', 'spaces') {
	$stack->good('admin.subscriptions.mark_payment', { organization_id => $hopeless->{id}, product => $product, outcome => 'made' }, @admin);
}
is(subscription($hopeless)->{status}, 'active', 'until an operator says that it is paid');
my $later = new_issued($hopeless);
charge_by_itself($hopeless, $later);
is(pay($hopeless, $later, payment_method_id => $stack->add_card($hopeless, 'pm_card_visa')->{id})->json->{status}, 'paid', 'a later one is paid');
is(subscription($hopeless)->{status}, 'active', 'and what an operator has settled does not come back');

# What a note leaves is too little for any card.
my $rest = subscriber('pm_card_chargeCustomerFail');
my $tiny = new_issued($rest);
charge_by_itself($rest, $tiny);
$stack->good('organizations.update', { billing_email => 'bills@example.com' }, key => $rest->{key});
$stack->good('billing.credit_notes.create', { organization_id => $rest->{id}, invoice_id => $tiny, amount => '0.90', reason => 'Less.' }, @admin);
$stack->later(db_value('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), retry_at) FROM invoice WHERE id = ?', bytes_of($tiny)) - $stack->{offset} + 1);
$stack->run('billing.charge');
is_deeply([show($rest, $tiny)->@{qw(status due retry_at)}], ['issued', '0.20', undef], 'a rest that is too little for a card is no longer tried');
is(subscription($rest)->{status}, 'paused', 'which pauses, as the last failure does');
is_deeply(events_about($tiny), ['invoice.payment_failed', 'invoice.payment_failed'], 'it is told');
like(db_value("SELECT data FROM outbox WHERE organization_id = ? AND kind = 'mail' AND type = 'payment_failed' ORDER BY id DESC LIMIT 1", bytes_of($rest->{id})),
    qr/no less than .* by a transfer to/, 'and the mail says how to pay outside');
$stack->good('billing.enterprise.mark_invoiced', { organization_id => $rest->{id}, invoice_id => $tiny, reference => 'Bank' }, @admin);
is(subscription($rest)->{status}, 'active', 'there it is paid');

# What began in the midst of it is paused with the last retry, not never.
my $midst = subscriber('pm_card_chargeCustomerFail');
my $failing = new_issued($midst);
charge_by_itself($midst, $failing);
for my $product ('platform', 'spaces') {
	$stack->good('admin.subscriptions.mark_payment', { organization_id => $midst->{id}, product => $product, outcome => 'made' }, @admin);
}
db_run('UPDATE invoice SET failed_at = failed_at - INTERVAL 8 DAY WHERE id = ?', bytes_of($failing));
charge_by_itself($midst, $failing);
is_deeply([map { subscription($midst, $_)->{status} } qw(platform spaces)], ['paused', 'paused'], 'a subscription that was active again is paused when the last retry fails');
is(show($midst, $failing)->{retry_at}, undef, 'for no other comes');

# ---- other ways out ----

for my $way (['billing.invoices.void', {}], ['billing.credit_notes.create', { reason => 'A mistake.' }]) {
	my $owing = subscriber('pm_card_chargeCustomerFail');
	my $owed = new_issued($owing);
	charge_by_itself($owing, $owed);
	is(subscription($owing)->{status}, 'past_due', 'one who is behind');
	$stack->good($way->[0], { organization_id => $owing->{id}, invoice_id => $owed, $way->[1]->%* }, @admin);
	is(subscription($owing)->{status}, 'active', "$way->[0] ends it");
	is_deeply([invoice_faults($owing)], [], 'accounts and documents agree');
}

# What somebody tries in person never counts.
my $trying = subscriber('pm_card_chargeCustomerFail');
my $tried = new_issued($trying);
is_problem(pay($trying, $tried), 402, 'card_declined', 'one who tries a bad card') for 1 .. 3;
is_deeply([subscription($trying)->{status}, show($trying, $tried)->{retry_at}], ['active', undef], 'is not behind for that');

# ---- money that is taken back ----

my $disputing = $stack->new_buyer('pm_card_visa');
my $paid = new_issued($disputing, net => 1000, tax => 100);
my $charge = pay($disputing, $paid)->json->{payment};
is($stack->good('billing.topups.refund', { organization_id => $disputing->{id}, topup_id => $charge->{id}, reason => 'Asked for.' }, @admin)->{credits_clawed}, 0, 'a payment is given back');
is_deeply([show($disputing, $paid)->@{qw(status paid due paid_at)}], ['issued', '0.00', '11.00', undef], 'the invoice is owed again');
is_deeply(events_about($paid), ['invoice.paid', 'invoice.payment_failed'], 'as is told');
is(pay($disputing, $paid)->json->{status}, 'paid', 'and can be paid again');

# What went back twice, by the bank and by card, is owed.
my $twice = new_issued($disputing, net => 1000, tax => 100);
my $by_card = pay($disputing, $twice)->json->{payment};
$stack->good('billing.credit_notes.create', { organization_id => $disputing->{id}, invoice_id => $twice, reason => 'All.' }, @admin);
is($stack->good('billing.invoices.mark_refunded', { organization_id => $disputing->{id}, invoice_id => $twice, reference => 'Bank' }, @admin)->{due}, '0.00', 'all is given back at the bank');
$stack->good('billing.topups.refund', { organization_id => $disputing->{id}, topup_id => $by_card->{id}, reason => 'Asked for.' }, @admin);
is_deeply([show($disputing, $twice)->@{qw(status paid due)}], ['issued', '-11.00', '11.00'], 'and by card once more: that is owed');

is_deeply([invoice_faults($buyer, $lost, $hopeless, $rest, $midst, $trying, $disputing)], [], 'accounts and documents agree');
is($stack->call('admin.reconcile', { from => '2020-01-01', to => '2040-01-01' }, @admin)->status =~ /^(?:200|422)$/ ? 1 : 0, 1, 'the processor is asked');
ok(ledgers_are_whole(), 'every ledger is whole');
done_testing;
