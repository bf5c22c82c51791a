#!/usr/bin/perl
# An invoice whose charge fails is charged again on days 1, 3, 5 and 7, and then its subscription is paused; payment ends that at once.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Jobs;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll payments.sweep);
my %startup = (plan_id => $plan{startup}, cycle => 'monthly', trial => \0);

sub standing ($organization) {
	my $json = subscription_of($organization)->json;
	return join ' ', $json->{status}, defined $json->{pause_reason} ? scalar $json->{pause_reason}{invoices}->@* : 'no', (invoice_of($organization, '2027-02') // {})->{status} // 'none';
}
sub charges_of ($organization) { return scalar db_value("SELECT COUNT(*) FROM payment WHERE organization_id = ? AND purpose = 'invoice'", bytes_of($organization->{id})) }
sub told_of ($organization, $type) { return scalar db_value('SELECT COUNT(*) FROM outbox WHERE organization_id = ? AND type = ?', bytes_of($organization->{id}), $type) }

at_time('2027-01-10T12:00:00Z');
my ($broke, $cardless, $cured, $small) = map { new_organization(credits => 4_900, country => 'AU') } 1 .. 4;
subscribe($_, \%startup)->status == 200 or die for $broke, $cardless, $cured;
attach($_, 'pm_card_chargeCustomerFail')->status == 200 or attach($_, 'pm_card_insufficientFunds')->status == 200 or die for $broke, $cured;
my $cent = new_plan(monthly_amount => 100_000);
subscribe($small, { plan_id => $cent, cycle => 'monthly', trial => \0 })->status == 200 or die;
call('billing.adjustments.create', { organization_id => $small->{id}, credits => -credits_left($small), reason => 'nothing left' }, key => admin_key);
attach($small);

my $began = seconds_of('2027-03-01T00:00:00Z');
at_time(text_of($began));
my $run = run_month($broke)->json;
is($run->{status}, 'completed', 'the run is done though the card is declined');
is(step_of($run, 'charge')->{status}, 'waiting', 'its charge waits');
ok(length(step_of($run, 'charge')->{detail} // ''), 'and says why');
is(standing($broke), 'past_due no issued', 'the subscription is past due');
is(told_of($broke, 'invoice.payment_failed'), 1, 'the event tells');
is(told_of($broke, 'payment_failed'), 0 + (told_of($broke, 'payment_failed') > 0), 'and a mail');
run_month($_) for $cured, $cardless, $small;
is(standing($cardless), 'past_due no issued', 'no card is a failed payment, too');
is(standing($small), 'active no none', 'what no card can be charged, because it is too little, waits for the next invoice');
ok(run_job('billing.charge'), 'the job runs');
is_deeply([map { charges_of($_) } $broke, $cardless, $small], [1, 0, 0], 'before its day nothing is charged again');

# ---- days ----

my $day = 86_400;
for my $due ([1, 2], [3, 3], [5, 4]) {
	my ($after, $count) = @$due;
	at_time(text_of($began + $after * $day - 60));
	ok(run_job('billing.charge'), "a minute before day $after");
	is(charges_of($broke), $count - 1, 'it is not charged');
	at_time(text_of($began + $after * $day + 60));
	ok(run_job('billing.charge'), "on day $after");
	is(charges_of($broke), $count, 'it is, once');
	is(standing($broke), 'past_due no issued', 'in vain');
}
attach($cured, 'pm_card_visa');
call('payment_methods.set_default', { payment_method_row_id => (grep { !$_->{isDefault} } cards_of($cured))[0]{id} }, key => $cured->{key});
at_time(text_of($began + 7 * $day + 60));
ok(run_job('billing.charge'), 'on day 7');
is(standing($broke), 'paused 1 issued', 'it is paused, with its reason');
is(standing($cured), 'active no paid', 'another card pays, and all is well again');
my $reason = subscription_of($broke)->json->{pause_reason}{invoices}[0];
my $invoice = invoice_of($broke, '2027-02');
is_deeply([@$reason{qw(invoice_number amount severity)}], [$invoice->{number}, '49.00', 'critical'], 'the reason names the invoice');
is(told_of($broke, 'subscription.paused'), 1, 'that is told');
at_time(text_of($began + 20 * $day));
ok(run_job('billing.charge'), 'then');
is(charges_of($broke), 5, 'nothing more is tried');
reconciles($broke, 'what is owed is receivable');

# ---- payment ----

is(call('billing.enterprise.mark_invoiced', { organization_id => $broke->{id}, invoice_id => $run->{invoice_id}, reference => 'wire 17' }, key => admin_key)->status, 200, 'it is paid outside');
is(standing($broke), 'active no paid', 'which ends the pause at once');
reconciles($broke, 'and nothing is receivable');
is(standing($cardless), 'paused 1 issued', 'the other is paused, too');
attach($cardless);
is(call('billing.invoices.pay', { invoice_id => lc_id(invoice_of($cardless, '2027-02')) }, key => $cardless->{key})->status, 200, 'a card that comes pays it');
is(standing($cardless), 'active no paid', 'and ends that pause');
reconciles($_, 'all reconciles') for $cardless, $cured, $small;

# ---- one gate ----

my $busy = payer(country => 'AU');
subscribe($busy, \%startup)->status == 200 or die;
at_time(text_of($began + 61 * $day));
db_run("UPDATE payment SET state = 'unknown', closed_at = NULL WHERE organization_id = ?", bytes_of($busy->{id}));
my ($period) = map { $_->{period} } run_month($busy)->json;
is(charges_of($busy), 0, 'while another payment is open no invoice is charged');
db_run("UPDATE payment SET state = 'succeeded' WHERE organization_id = ?", bytes_of($busy->{id}));
at_time(text_of($began + 61 * $day + 120));
my @jobs = map { start_job('billing.charge') } 1 .. 2;
end_program($_) for @jobs;
eventually('then it is, also by two runners, or the stack\'s own as a third', sub { invoice_of($busy, $period)->{status} eq 'paid' }, 20);
is(charges_of($busy), 1, 'and once');
done_testing;

sub lc_id ($invoice) { return Purser::Test::ulid_text($invoice->{id}) }
