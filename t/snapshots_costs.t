#!/usr/bin/perl
# Costs belong to the month that they are billed for, whenever its run was; and what is corrected afterwards is no cost.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Invoices qw(note_for void_invoice);
use Purser::Jobs;
use Purser::Orders qw(new_post_pay);
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;
use Purser::Usage;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll orders.expire snapshots.collect_costs);
at_time('2027-01-10T12:00:00Z');
my $metered = new_plan(monthly_amount => 10_000_000);
db_run("INSERT INTO plan_quota (plan_id, metric, included, overage_unit_price) VALUES (?, 'requests', 100, 1000000)", bytes_of($metered));
my $rich = new_organization(credits => 100_000, country => 'AU');
my $poor = new_organization(credits => 1_000, country => 'AU');
my $later;
my ($voided, $noted) = map { new_post_pay(1_000_000, country => 'AU') } 1 .. 2;
for my $organization ($rich, $poor, $voided, $noted) {
	subscribe($organization, { plan_id => $metered, cycle => 'monthly', trial => \0 })->status == 200 or die;
	record($organization, [event(1, 'requests', 104)])->status == 200 or die;
}

# subscription, overage, tax and total of a month, as they are collected now.
sub costs ($organization, $period) {
	my ($year, $month) = map { 0 + $_ } split /-/, $period;
	db_run("UPDATE snapshot_turn SET due_at = IF(organization_id = ?, '2027-01-01', ?) WHERE kind = 'costs'", bytes_of($organization->{id}), $later); # nobody else is due
	run_job('snapshots.collect_costs') or die "snapshots.collect_costs\n";
	my $reply = call('organizations.costs.latest', { year => $year, month => $month }, key => $organization->{key});
	return $reply->status == 200 ? join ' ', $reply->json->{fees}->@{qw(subscription overage tax total)} : $reply->status;
}
# The invoice's id; undef where there is none.
sub run_of ($organization, $period) {
	run_month($organization, $period);
	my $invoice = invoice_of($organization, $period) or return undef;
	return Purser::Test::ulid_text($invoice->{id});
}
sub invoice_id ($organization, $period) { return Purser::Test::ulid_text(invoice_of($organization, $period)->{id}) }
sub go_to ($day) {
	at_time("${day}T00:00:00Z");
	$later = "$day 02:00:00";
}

# ---- months -----------------------------------------------------------------------------------------------------------------

go_to('2027-02-01');
run_of($_, '2027-01') for $rich, $poor, $voided, $noted;
is(costs($rich, '2027-01'), '10.00 0.00 0.00 10.00', 'January has its fee');
go_to('2027-03-01');
my %invoices = map { $_->{id} => run_of($_, '2027-02') } $rich, $poor, $voided, $noted;
is(costs($rich, '2027-02'), '10.00 4.00 0.00 14.00', 'what the run took from credits in March is of February, the month it has billed');
is(costs($rich, '2027-03'), '404', 'and not of March');
is(costs($poor, '2027-02'), '9.09 3.64 1.27 14.00', 'what is on its invoice, too: prices that include tax are told without it, and the tax beside them');
is(costs($poor, '2027-03'), '404', 'and nothing of that is of March');
is(costs($noted, '2027-02'), '10.00 4.00 1.40 15.40', 'where taxes are added, they are of the month of what they are for');
is(costs($noted, '2027-03'), '404', 'and not of the month of the invoice');

# ---- corrections --------------------------------------------------------------------------------------------------------------

is(costs($voided, '2027-02'), '10.00 4.00 1.40 15.40', 'an invoice');
void_invoice($voided, $invoices{ $voided->{id} })->status == 200 or die;
is(costs($voided, '2027-02'), '0.00 0.00 0.00 0.00', 'that is voided costs nothing, what was on account before it included');
note_for($noted, $invoices{ $noted->{id} }, { amount => '7.70' })->status == 200 or die;
is(costs($noted, '2027-02'), '5.00 2.00 0.70 7.70', 'of one that is half taken back by a credit note half is left');
note_for($noted, $invoices{ $noted->{id} })->status == 200 or die;
is(costs($noted, '2027-02'), '0.00 0.00 0.00 0.00', 'and of all of it nothing');
is(costs($noted, '2027-01'), '10.00 0.00 1.00 11.00', 'other months stay what they are');
go_to('2027-08-20');
is(costs($voided, '2027-01'), '10.00 0.00 1.00 11.00', 'a month of long ago');
void_invoice($voided, invoice_id($voided, '2027-01'))->status == 200 or die;
is(costs($voided, '2027-01'), '0.00 0.00 0.00 0.00', 'is corrected, too, where its invoice is voided');
note_for($noted, invoice_id($noted, '2027-01'))->status == 200 or die;
is(costs($noted, '2027-01'), '0.00 0.00 0.00 0.00', 'or taken back by a credit note');
run_of($rich, '2027-03');
is(costs($rich, '2027-03'), '10.00 0.00 0.00 10.00', 'or where its run comes late');
is(db_value('SELECT COUNT(*) FROM cost_change WHERE organization_id IN (?, ?, ?)', map { bytes_of($_->{id}) } $rich, $voided, $noted), 0, 'once');
reconciles($_, 'it reconciles') for $rich, $poor, $voided, $noted;
done_testing;
