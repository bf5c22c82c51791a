#!/usr/bin/perl
# Credits that a change of plan gave for an invoice's money go when that money goes: by a refund, or by a chargeback; spent ones
# are owed. Money that comes again brings them again.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Invoices;
use Purser::Jobs;
use Purser::Payments;
use Purser::Subscriptions;
use Purser::Test;
use Purser::Webhooks;
use Time::HiRes qw(time);

my $stack = stack_with_webhooks();
my @admin = (key => $stack->admin_key);
$stack->provider->control('webhooks', usual => { off => 1 });

sub to ($text) { $stack->later(int(seconds_of($text) - time - $stack->{offset})) }
sub purse ($buyer) { my $balance = $stack->good('billing.credits.balance', {}, key => $buyer->{key}); return [@$balance{qw(available debt)}] }
sub payment_of ($buyer) { return Purser::Test::ulid_text(db_value("SELECT id FROM payment WHERE organization_id = ? AND purpose = 'invoice' ORDER BY id LIMIT 1", bytes_of($buyer->{id}))) }
sub refund ($buyer, $amount) {
	return $stack->good('billing.topups.refund', { organization_id => $buyer->{id}, topup_id => payment_of($buyer), amount => $amount, reason => 'Wrong.' }, @admin);
}
sub dispute ($buyer, $type, @moved) {
	my $intent = db_value('SELECT intent_id FROM payment WHERE id = ?', bytes_of(payment_of($buyer)));
	return send_event($stack, new_event("charge.dispute.$type", { id => "dp_$buyer->{id}", object => 'dispute', amount => 4900, currency => 'aud', payment_intent => $intent,
	    status => $type =~ /closed|reinstated/ ? 'won' : 'needs_response', balance_transactions => [map { { amount => $_ } } @moved] }));
}
sub is_whole ($buyer, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @faults = invoice_faults($buyer);
	push @faults, 'the ledger' unless $stack->good('billing.credits.verify', {}, key => $buyer->{key})->{consistent};
	return ok(!@faults, $name) || diag join "\n", @faults;
}

# The second month stands on an invoice, which the card pays; then the plan is given up.
to('2027-01-10T12:00:00Z');
my ($wronged, $spender, $payer) = map { $stack->new_buyer('pm_card_visa', credits => 4900) } 1 .. 3;
$stack->good('billing.subscriptions.start', { plan_id => $plan{startup}, cycle => 'monthly', trial => \0 }, key => $_->{key}) for $wronged, $spender, $payer;
to('2027-03-01T00:10:00Z');
my %invoice = map { $_ => $stack->good('billing.run_monthly_for_org', { organization_id => $_->{id}, period => '2027-02' }, key => $_->{key})->{invoice_id} } $wronged, $spender, $payer;
is($stack->good('billing.invoices.get', { invoice_id => $invoice{$_} }, key => $_->{key})->{status}, 'paid', 'a month is paid by card') for $wronged, $spender, $payer;
$stack->good('billing.subscriptions.change', { plan_id => $plan{free}, cycle => 'monthly' }, key => $_->{key}) for $wronged, $spender, $payer;
my $given = purse($wronged)->[0];
cmp_ok($given, '>', 1000, 'who gives the plan up gets credits for the rest');

# ---- refunds -----------------------------------------------------------------------------------------------------------

refund($wronged, '24.50');
my $half = purse($wronged);
cmp_ok(abs($half->[0] - $given / 2), '<=', 0.5, 'half of the money given back takes half of them');
refund($wronged, '24.50');
is_deeply(purse($wronged), [0, 0], 'the rest takes the rest');
is_whole($wronged, 'and all adds up');

# ---- a chargeback of what is spent ---------------------------------------------------------------------------------------

$given = purse($spender)->[0];
$stack->good('billing.adjustments.create', { organization_id => $spender->{id}, credits => -$given, reason => 'Spent.' }, @admin);
is_success(dispute($spender, 'created'), 'the holder disputes the charge');
is_success(dispute($spender, 'funds_withdrawn', -4900), 'the bank takes the money');
is_deeply(purse($spender), [0, $given], 'credits that are spent are owed');
is_whole($spender, 'and all adds up');
is_success(dispute($spender, 'closed', -4900), 'the dispute is won');
is_success(dispute($spender, 'funds_reinstated', -4900, 4900), 'the money is there again');
is_deeply(purse($spender), [0, 0], 'and nothing is owed');
is_whole($spender, 'and all adds up');

# ---- and paid again ---------------------------------------------------------------------------------------------------------

$given = purse($payer)->[0];
dispute($payer, 'created');
dispute($payer, 'funds_withdrawn', -4900);
is_deeply(purse($payer), [0, 0], 'a chargeback takes them');
$stack->good('billing.enterprise.mark_invoiced', { organization_id => $payer->{id}, invoice_id => $invoice{$payer}, reference => 'Bank' }, @admin);
is_deeply(purse($payer), [$given, 0], 'who pays the invoice after all has them again');
dispute($payer, 'closed', -4900);
dispute($payer, 'funds_reinstated', -4900, 4900);
is_deeply(purse($payer), [$given, 0], 'once, where the money comes twice');
is_whole($payer, 'and all adds up');
done_testing;
