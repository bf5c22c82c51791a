#!/usr/bin/perl
# Whatever was charged and is given back comes back whole, once: by whichever invoices have something left, with the tax that was
# in it; whether the organization pays afterwards or in advance by then.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Cards;
use Purser::Invoices qw(invoice_faults void_invoice mark_paid note_for);
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll orders.expire);

sub billed_order ($organization, $reference, $credits) {
	my $id = order($organization, $reference, $credits)->json->{id};
	settle($organization, $id);
	return $id;
}

sub good ($reply) {
	$reply->status == 200 or die $reply->status . ' ' . $reply->body . "\n" . (caller)[2];
	return $reply->json;
}

# Hundredths, of each credit note.
sub notes_of ($organization) { return [db_column('SELECT amount DIV 10000 FROM credit_note WHERE organization_id = ? ORDER BY serial', bytes_of($organization->{id}))] }
sub noted ($organization) { return eval join('+', 0, notes_of($organization)->@*) }
sub id_of ($organization, $period) { return Purser::Test::ulid_text(invoice_of($organization, $period)->{id}) }
sub pay ($organization, $period) { good(mark_paid($organization, id_of($organization, $period), "bank $period")) }
sub total_of ($organization, $period) { my $invoice = invoice_of($organization, $period); return $invoice ? $invoice->{total} / 10_000 : undef }

sub set_post_pay ($organization, $is) {
	good(call('admin.organizations.set', { organization_id => $organization->{id}, enterprise_billing => $is ? \1 : \0, $is ? (spending_limit_hard => 10_000_000) : () }, key => admin_key));
}

my @all;
sub made ($organization) { push @all, $organization; return $organization }
sub agrees ($organization, @periods) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	for my $period (@periods) {
		my $stored = db_value('SELECT digest FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($organization->{id}), $period);
		is(good(run_month($organization, $period))->{digest}, $stored, "$period comes to the same when it is run again");
	}
	reconciles($organization, 'and all reconciles');
}

my %free = (plan_id => $plan{free}, cycle => 'monthly');

# ---- fees whose invoice has notes of runs ----

at_time('2027-01-10T12:00:00Z');
my $year = new_plan(name => 'Yearly', yearly_amount => 1_200_000_000, monthly_amount => 100_000_000);
my %o = map { $_ => made(new_post_pay(10_000_000, country => 'AU')) } qw(seats order updown single netted waits);
good(subscribe($o{seats}, { plan_id => $year, cycle => 'yearly', seats => 4 }));
good(subscribe($o{$_}, { plan_id => $year, cycle => 'yearly' })) for qw(order updown single);
my $first = billed_order($o{order}, 'first', 20_000);
my $first_netted = billed_order($o{netted}, 'A', 20_000);
my $only = billed_order($o{waits}, 'only', 20_000);
my $mixed = made(new_post_pay(1_000_000, country => 'AU'));
my @old = map { billed_order($mixed, "first $_", 6_000) } 1 .. 2;
at_time('2027-02-01T00:00:10Z');
good(run_month($_, '2027-01')) for values %o, $mixed;
pay($_, '2027-01') for values %o;
at_time('2027-02-10T12:00:00Z');
good(change_plan($o{seats}, { plan_id => $year, cycle => 'yearly', seats => 2 }));
good(refund($o{order}, $first));
good(refund($o{netted}, $first_netted));
my $second_netted = billed_order($o{netted}, 'B', 30_000);
good(refund($mixed, $_)) for @old;
my $second = billed_order($mixed, 'second', 10_000);
set_post_pay($mixed, 0);
grant($mixed->{id}, 20_000);
good(refund($o{waits}, $only));
at_time('2027-03-01T00:00:10Z');
good(run_month($_, '2027-02')) for values %o, $mixed;
is_deeply(notes_of($o{order}), [22_000], 'an order beside a yearly fee is refunded by a note of the run');
is_deeply(notes_of($mixed), [2_200], 'of who pays in advance since, what was charged is taken off all that comes back, however many refunds that is');
is(unbilled_of($mixed), 0, 'and nothing waits');
is(total_of($o{netted}, '2027-02'), 11_000, 'a refund is netted');
pay($o{netted}, '2027-02');

at_time('2027-03-10T12:00:00Z');
my $one = good(preview($o{single}, \%free))->{credit_back};
is($one, 100_576, 'what is left of a year');
is(good(preview($o{order}, \%free))->{credit_back}, $one, 'is as much where a run has noted something else on its invoice');
is(good(preview($o{seats}, { plan_id => $year, cycle => 'yearly', seats => 1 }))->{credit_back}, $one, 'or what a change before gave back');
good(change_plan($o{seats}, { plan_id => $year, cycle => 'yearly', seats => 1 }));
good(change_plan($o{updown}, { plan_id => $year, cycle => 'yearly', seats => 2 }));
good(change_plan($o{updown}, \%free));
good(change_plan($o{single}, \%free));
good(refund($o{netted}, $second_netted));
good(refund($mixed, $second));
at_time('2027-04-01T00:00:10Z');
good(run_month($_, '2027-03')) for values %o, $mixed;
is_deeply(notes_of($o{single}), [110_634], 'the rest of a year comes back');
is_deeply(notes_of($o{updown}), [110_634], 'also where a change up and down on one day was before it');
is(total_of($o{updown}, '2027-03'), undef, 'and no invoice asks for what is given back');
is_deeply([sort(notes_of($o{netted})->@*)], [11_000, 22_000], 'two orders that were billed netted come back whole, on both invoices');
is_deeply(notes_of($mixed), [2_200, 11_000], 'what was taken off a note is given back by one');
is(unbilled_of($_), 0, 'nothing waits') for values %o, $mixed;
agrees($o{$_}, '2027-02', '2027-03') for sort keys %o;
agrees($mixed, '2027-02', '2027-03');

# ---- more than is left anywhere ----

my $short = made(new_post_pay(1_000_000, country => 'AU'));
$first = billed_order($short, 'A', 20_000);
at_time('2027-05-01T00:00:10Z');
good(run_month($short, '2027-04'));
pay($short, '2027-04');
good(refund($short, $first));
my $next = billed_order($short, 'B', 30_000);
at_time('2027-06-01T00:00:10Z');
good(run_month($short, '2027-05'));
is(good(note_for($short, id_of($short, '2027-04'), { amount => '219.00' }))->{amount}, '219.00', 'somebody credits most of an old invoice by hand');
pay($short, '2027-05');
good(refund($short, $next));
at_time('2027-07-01T00:00:10Z');
good(run_month($short, '2027-06'));
is_deeply(notes_of($short), [21_900, 11_000, 100], 'what a note of the run is too much for goes on other invoices as far as these have it');
is(unbilled_of($short), -199_090_909, 'and the rest waits');
agrees($short, '2027-06');
my $rest = unbilled_of($short);
at_time('2027-08-01T00:00:10Z');
is(good(run_month($short, '2027-07'))->{status}, 'nothing_to_do', 'as long as there is nothing that bears it, nothing happens');
is(unbilled_of($short), $rest, 'and it is not forgotten');
my $third = billed_order($short, 'C', 30_000);
at_time('2027-09-01T00:00:10Z');
good(run_month($short, '2027-08'));
is(total_of($short, '2027-08'), 11_100, 'the next invoice is lower by it');
is(unbilled_of($short), 0, 'and then nothing waits');
agrees($short, '2027-07', '2027-08');

# ---- on account, and in advance since ----

my $turned = made(new_post_pay(1_000_000, country => 'AU'));
billed_order($turned, 'old', 100);
set_post_pay($turned, 0);
grant($turned->{id}, 100_000);
good(subscribe($turned, { plan_id => $plan{startup}, cycle => 'monthly', trial => \0 }));
at_time('2027-11-01T00:00:10Z');
good(run_month($turned, '2027-10'));
is_deeply(run_lines($turned, '2027-10'), ['plan_fee 4900 49.0000 available', 'orders 100 1.0000 account'], 'what still stands on account makes nothing else of the month so');
is(total_of($turned, '2027-10'), 110, 'it is invoiced with its tax');
is(invoice_of($turned, '2027-10')->{tax_included}, 1, 'in the amount, as all is that is paid in advance');
ok(invoice_of($turned, '2027-10')->{retry_at}, 'and is charged by itself');
agrees($turned, '2027-10');
my $cents = made(new_post_pay(1_000_000, country => 'AU'));
billed_order($cents, 'old', 30);
set_post_pay($cents, 0);
at_time('2027-12-01T00:00:10Z');
good(run_month($cents, '2027-11'));
is(total_of($cents, '2027-11'), 33, 'less than a card takes is issued, too: it can be paid outside');
is(invoice_of($cents, '2027-11')->{retry_at}, undef, 'but no card is charged for it');
agrees($cents, '2027-11');

# ---- in advance, and on account since ----

my $cheap = new_plan(monthly_amount => 300_000);
my $tiny = made(new_organization(credits => 30, country => 'AU'));
good(subscribe($tiny, { plan_id => $cheap, cycle => 'monthly', trial => \0 }));
my $before = made(new_organization(credits => 120_000, country => 'AU'));
good(subscribe($before, { plan_id => $year, cycle => 'yearly' }));
at_time('2028-02-01T00:00:10Z');
good(run_month($tiny, '2028-01'));
is(total_of($tiny, '2028-01'), undef, 'less than a card takes is carried over');
set_post_pay($tiny, 1);
at_time('2028-03-01T00:00:10Z');
good(run_month($tiny, '2028-02'));
is(total_of($tiny, '2028-02'), 30 + 33, 'to an invoice on account as well: its tax is in it, and added to the rest');
agrees($tiny, '2028-02');
at_time('2029-01-01T00:00:10Z');
good(run_month($before, '2028-12'));
is(total_of($before, '2028-12'), 120_000, 'a year by an invoice that has its tax in it');
pay($before, '2028-12');
my $by_hand = good(preview($before, \%free))->{credit_back};
good(note_for($before, id_of($before, '2028-12'), { amount => '300.00' }));
is(good(preview($before, \%free))->{credit_back}, int($by_hand * 0.75 + 0.5), 'a quarter that was credited by hand is a quarter less of what is left');
set_post_pay($before, 1);
my $back = good(preview($before, \%free))->{credit_back};
good(change_plan($before, \%free));
cmp_ok(abs(-unbilled_of($before) * 1.1 - $back * 10_000), '<', 10_000, 'who pays afterwards since gets it back on account, its tax taken out first');
at_time('2029-02-01T00:00:10Z');
good(run_month($before, '2029-01'));
is_deeply(notes_of($before), [30_000, $back], 'so that the note comes to what was paid, and to no more');
agrees($before, '2029-01');

is_deeply([invoice_faults(@all)], [], 'every invoice, note and account is what it has to be');
done_testing;
