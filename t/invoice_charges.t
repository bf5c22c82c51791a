#!/usr/bin/perl
# Charges for invoices that go another way than planned: the processor is out of reach, the holder comes late, or has the money
# taken back; and money that comes for what was not owed is told. Booking and paying at once wait for one another in one order.
# early: an outage takes its time
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
sub status_of ($buyer) { return db_value("SELECT status FROM subscription WHERE organization_id = ? AND product = 'platform'", bytes_of($buyer->{id})) }
sub pay ($buyer, $id, %in) { return $stack->call('billing.invoices.pay', { invoice_id => $id, %in }, key => $buyer->{key}) }
sub operate ($operation, $buyer, $id, %in) { return $stack->call($operation, { organization_id => $buyer->{id}, invoice_id => $id, %in }, @admin) }
sub charges_of ($id) { return [db_column("SELECT CONCAT_WS(' ', state, error_code) FROM payment WHERE invoice_id = ? ORDER BY id", bytes_of($id))] }
sub intent_of ($id) { return db_value('SELECT intent_id FROM payment WHERE invoice_id = ? ORDER BY id DESC LIMIT 1', bytes_of($id)) }
sub mails_of ($buyer) { return map { decode_json($_) } db_column("SELECT data FROM outbox WHERE organization_id = ? AND kind = 'mail' AND type = 'payment_failed' ORDER BY id", bytes_of($buyer->{id})) }

# Somebody with a plan, paid by credits.
sub subscriber ($card) {
	my $buyer = $stack->new_buyer($card, credits => 100_000);
	my ($plan) = grep { $_->{product} eq 'platform' && $_->{monthly} && $_->{monthly}{amount} > 0 } $stack->good('billing.plans.list', {}, key => $buyer->{key})->{data}->@*;
	$stack->good('billing.subscriptions.start', { plan_id => $plan->{id}, cycle => 'monthly', trial => JSON::PP::false() }, key => $buyer->{key});
	$stack->good('organizations.update', { billing_email => 'bills@example.com' }, key => $buyer->{key});
	return $buyer;
}

# ---- the processor is out of reach ----

my $patient = subscriber('pm_card_visa');
my $late = new_issued($patient, net => 1000, tax => 100, automatic => 1);
$provider->control('fault', method => 'POST', path => 'payment_intents', times => 0, status => 503, stored => 0);
$stack->run('billing.charge');
for (1 .. 2) {
	$stack->later(43_200);
	$stack->run('payments.sweep');
}
is_deeply(charges_of($late), ['failed lapsed'], 'a charge that no processor took for a day is over');
is_deeply([show($patient, $late)->@{qw(status failed_at)}], ['issued', undef], 'which is no failure of whom it was for');
is(status_of($patient), 'active', 'and keeps nobody behind');
is_deeply([events_about($late), scalar mails_of($patient)], [[], 0], 'nor is it told');
$provider->control('clear_faults');
$stack->run('billing.charge');
is(show($patient, $late)->{status}, 'paid', 'the next charge pays it');

# The intent is made, and then nothing of it is heard: behind a day it is cancelled there, which is nobody's failure either.
my $unheard = subscriber('pm_card_visa');
my $unsure = new_issued($unheard, net => 1000, tax => 100, automatic => 1);
$provider->control('fault', method => 'POST', path => 'confirm', times => 0, status => 503, stored => 0);
$stack->run('billing.charge');
is_deeply(charges_of($unsure), ['unknown'], 'a charge of which the processor tells nothing');
for (1 .. 2) {
	$stack->later(43_200);
	$stack->run('payments.sweep');
}
is_deeply(charges_of($unsure), ['failed lapsed'], 'is cancelled behind a day, and never began');
is_deeply([show($unheard, $unsure)->@{qw(status failed_at)}, status_of($unheard), events_about($unsure), scalar mails_of($unheard)], ['issued', undef, 'active', [], 0], 'that is no failure');
$provider->control('clear_faults');
$stack->run('billing.charge');
is(show($unheard, $unsure)->{status}, 'paid', 'and the next charge pays it');

# A cancellation that the processor tells of first is the same.
my $hasty = subscriber('pm_card_visa');
my $cancelled = new_issued($hasty, net => 1000, tax => 100, automatic => 1);
$provider->control('fault', method => 'POST', path => 'confirm', times => 0, status => 503, stored => 0);
$stack->run('billing.charge');
$provider->control('clear_faults');
my $gone = $provider->api('POST', 'payment_intents/' . intent_of($cancelled) . '/cancel')->json;
is_success(send_event($stack, new_event('payment_intent.canceled', $gone)), 'the processor tells that a charge was cancelled');
is_deeply([charges_of($cancelled), show($hasty, $cancelled)->{failed_at}, status_of($hasty)], [['failed cancelled'], undef, 'active'], 'which keeps nobody behind');

# ---- purchases that are never paid ----

# Each takes the place of the one before, so that none is ever a day old.
my $evasive = subscriber('pm_card_authenticationRequired');
my $evaded = new_issued($evasive, net => 1000, tax => 100, automatic => 1);
my @bought;
for (1 .. 2) {
	push @bought, $stack->good('billing.topup', { credits => 100 }, key => $evasive->{key})->{id};
	$stack->run('billing.charge');
	is_deeply(charges_of($evaded), [], 'a purchase that waits for its person keeps an invoice from being charged');
	$stack->later(43_260);
}
push @bought, $stack->good('billing.topup', { credits => 100 }, key => $evasive->{key})->{id};
$stack->run('billing.charge');
is_deeply(charges_of($evaded), ['requires_action authentication_required'], 'for a day at the most');
is(db_value('SELECT CONCAT_WS(\' \', state, error_code) FROM payment WHERE id = ?', bytes_of($bought[-1])), 'failed superseded', 'then the purchase gives way');
is_deeply([status_of($evasive), defined show($evasive, $evaded)->{failed_at}], ['past_due', 1], 'and the invoice takes its course');
is_deeply(events_about($evaded), ['invoice.payment_failed'], 'as is told');

# ---- the holder has to authenticate ----

my $away = subscriber('pm_card_authenticationRequired');
my $waits = new_issued($away, net => 1000, tax => 100, automatic => 1);
$stack->run('billing.charge');
is_deeply(charges_of($waits), ['requires_action authentication_required'], 'a charge by itself waits for the holder');
my $refused = operate('billing.invoices.void', $away, $waits);
is_problem($refused, 409, 'conflict', 'the operator who voids the invoice meanwhile');
like($refused->json->{detail}, qr/is being called off; try again in a minute/, 'is asked to come again');
is_deeply(charges_of($waits), ['failed given_up'], 'for the charge is called off at once');
is_problem(operate('billing.invoices.void', $away, $waits), 409, 'conflict', 'while the processor has not heard of it, money could come');
$stack->settle;
is(db_value('SELECT COUNT(*) FROM payment WHERE invoice_id = ? AND cancel_due', bytes_of($waits)), 0, 'when it has');
is_success(operate('billing.invoices.void', $away, $waits), 'the invoice is voided');

# ---- superseded, and paid after all ----

my $busy = $stack->new_buyer('pm_card_authenticationRequired');
my $both = new_issued($busy, net => 1000, tax => 100);
is(pay($busy, $both)->json->{payment}{status}, 'requires_action', 'a charge that somebody began');
my $intent = intent_of($both);
$provider->control('fault', method => 'POST', path => 'cancel', times => 0, status => 503, stored => 0);
$stack->call('billing.topup', { credits => 100 }, key => $busy->{key});
is_deeply(charges_of($both), ['failed superseded'], 'gives way to a purchase, while the processor does not hear that it is cancelled');
is_problem(operate($_->[0], $busy, $both, $_->[1]->%*), 409, 'conflict', "$_->[0] has to wait") for ['billing.invoices.void', {}], ['billing.invoices.write_off', {}],
    ['billing.enterprise.mark_invoiced', { reference => 'Bank' }], ['billing.credit_notes.create', { reason => 'Less.' }];
$provider->control('authenticate', payment_intent => $intent);
$stack->later(61);
$stack->run('payments.sweep');
is_deeply([show($busy, $both)->@{qw(status paid due)}], ['paid', '11.00', '0.00'], 'the holder paid it in time');
$provider->control('clear_faults');

# What is void is not owed: money that comes for it all the same is told, and can be given back.
my $twice = $stack->new_buyer('pm_card_authenticationRequired');
my $void = new_issued($twice, net => 1000, tax => 100);
pay($twice, $void);
$intent = intent_of($void);
db_run("UPDATE payment SET state = 'failed', error_code = 'given_up', closed_at = created_at, look_at = NULL WHERE invoice_id = ?", bytes_of($void));
is_success(operate('billing.invoices.void', $twice, $void), 'an invoice is voided');
$provider->control('authenticate', payment_intent => $intent);
my $paid_intent = $provider->api('GET', "payment_intents/$intent");
db_run('UPDATE payment SET look_at = created_at, cancel_due = TRUE WHERE invoice_id = ?', bytes_of($void));
$stack->run('payments.sweep');
is_deeply([show($twice, $void)->@{qw(status paid due)}], ['void', '11.00', '-11.00'], 'and then paid: that is to be given back');
is_deeply(events_about($void), ['invoice.void', 'invoice.overpaid'], 'which is told');
my $charge = db_value('SELECT id FROM payment WHERE invoice_id = ?', bytes_of($void));
is($stack->call('billing.topups.refund', { organization_id => $twice->{id}, topup_id => Purser::Test::ulid_text($charge), reason => 'Not owed.' }, @admin)->status, 200, 'it is');
is_deeply([show($twice, $void)->@{qw(status paid due)}], ['void', '0.00', '0.00'], 'and all is even');

# ---- disputes ----

my $doubting = subscriber('pm_card_visa');
my $disputed = new_issued($doubting, net => 1000, tax => 100);
my $payment = pay($doubting, $disputed)->json->{payment};
sub told ($type, %more) {
	return send_event($stack, new_event("charge.dispute.$type", { id => 'dp_1', object => 'dispute', amount => 1100, currency => 'aud', payment_intent => intent_of($disputed),
	    status => 'needs_response', balance_transactions => [{ amount => -1100 }], %more }));
}
is_success(told('created'), 'the holder disputes the charge');
is_success(told('funds_withdrawn'), 'the bank takes the money');
is_deeply([show($doubting, $disputed)->@{qw(status paid due)}], ['issued', '0.00', '11.00'], 'the invoice is owed again');
is(status_of($doubting), 'past_due', 'what it pays for is past due');
is_deeply(events_about($disputed), ['invoice.paid', 'invoice.payment_failed'], 'that is told of the invoice');
is_deeply(events_about($payment->{id}), [], 'and not of a purchase that there never was');
like([mails_of($doubting)]->[0]{reason}, qr/not charged again by itself, and after 7 days what it pays for is paused/, 'and mailed, without a promise of a charge');
for (1 .. 8) {
	$stack->later(86_400);
	$stack->run('billing.charge');
}
is_deeply(charges_of($disputed), ['succeeded'], 'no card is charged again');
is(status_of($doubting), 'paused', 'and after a week it is paused');
is_success(told('closed', status => 'won'), 'the dispute is won');
is_success(told('funds_reinstated', status => 'won', balance_transactions => [{ amount => -1100 }, { amount => 1100 }]), 'the money is there again');
is_deeply([show($doubting, $disputed)->{status}, status_of($doubting)], ['paid', 'active'], 'which ends that');

# ---- at once ----

# Booking by the sweeper while others pay, correct, and mark: nobody waits in a circle.
my @crowd = map { $stack->new_buyer('pm_card_visa') } 1 .. 3;
my @owed = map { my $buyer = $_; map { [$buyer, new_issued($buyer, automatic => 1)] } 1 .. 4 } @crowd;
my $deadlocks = sub { return 0 + (db_run("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")->fetchrow_array)[1] };
my $before = $deadlocks->();
my @jobs = map { $stack->begin_run($_) } qw(billing.charge payments.sweep billing.charge);
$stack->at_once(map { my ($buyer, $id) = @$_; (sub { pay($buyer, $id)->status }, sub { operate('billing.credit_notes.create', $buyer, $id, amount => '0.10', reason => 'Less.')->status }) } @owed);
end_program($_) for @jobs;
$stack->run('billing.charge') for 1 .. 3;
$stack->later(61);
$stack->run('billing.charge') for 1 .. 3;
is($deadlocks->() - $before, 0, 'no two wait for each other') or diag((db_run('SHOW ENGINE INNODB STATUS')->fetchrow_array)[2] =~ /LATEST DETECTED DEADLOCK(.*?)------------\nTRANSACTIONS/s);
for (1 .. 8) {
	$stack->later(61);
	$stack->run('payments.sweep');
	$stack->run('billing.charge');
}
is_deeply([map { $_->{status} . ($_->{paid} =~ /^1\.[01]0$/ ? ' once' : " $_->{paid}") } map { show(@$_) } @owed], [('paid once') x @owed], 'each is paid once') or diag explain [map { [show(@$_)->@{qw(status paid credited due)}] } @owed];
is_deeply([invoice_faults($patient, $unheard, $hasty, $evasive, $away, $busy, $twice, $doubting, @crowd)], [], 'accounts and documents agree');
ok(ledgers_are_whole(), 'every ledger is whole');
done_testing;
