#!/usr/bin/perl
# What monthly runs give back of what was on account: off the month's own lines as far as these bear it, else by a credit note of the
# invoice that had billed it; and nothing of what nobody owed.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Cards;
use Purser::Invoices qw(invoice_faults void_invoice write_off mark_paid note_for);
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

# "amount tax" of each credit note.
sub notes_of ($organization) {
	return [db_column("SELECT CONCAT(amount DIV 10000, ' ', tax DIV 10000) FROM credit_note WHERE organization_id = ? ORDER BY serial", bytes_of($organization->{id}))];
}

sub id_of ($organization, $period) { return Purser::Test::ulid_text(invoice_of($organization, $period)->{id}) }

sub set_post_pay ($organization, $is) {
	call('admin.organizations.set', { organization_id => $organization->{id}, enterprise_billing => $is ? \1 : \0 }, key => admin_key)->status == 200 or die;
}

sub agrees ($organization, @periods) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	for my $period (@periods) {
		my $stored = db_value('SELECT digest FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($organization->{id}), $period);
		my $again = run_month($organization, $period)->json;
		is($again->{digest}, $stored, "$period comes to the same when it is run again") or diag encode_json($again);
	}
	reconciles($organization, 'and all reconciles');
}

at_time('2027-01-10T12:00:00Z');
my %made = map { $_ => new_post_pay(1_000_000, country => 'AU') } qw(noted borne same void noted_before left written paid fee);
my %order = map { $_ => billed_order($made{$_}, 'first', 20_000) } grep { $_ ne 'fee' } sort keys %made;
subscribe($made{fee}, { plan_id => $plan{startup}, cycle => 'yearly', trial => \0 })->status == 200 or die;
at_time('2027-02-01T00:00:00Z');
run_month($_, '2027-01') for values %made;
is(invoice_of($made{noted}, '2027-01')->{total}, 220_000_000, 'an order of 200.00 is invoiced, with tax');

# ---- beyond what is owed ----

at_time('2027-02-10T00:00:00Z');
refund($made{$_}, $order{$_}) for qw(noted borne);
billed_order($made{noted}, 'second', 4900);
billed_order($made{borne}, 'second', 30_000);
at_time('2027-03-01T00:00:00Z');
my $told = preview_month($made{noted}, '2027-02')->json;
is_deeply(notes_of($made{noted}), [], 'a preview issues no note');
my $run = run_month($made{noted}, '2027-02')->json;
is($run->{digest}, $told->{digest}, 'but it comes to the same');
is_deeply(run_lines($made{noted}, '2027-02'), ['orders 4900 49.0000 account'], 'what the month does not bear is on no line of it');
is_deeply(notes_of($made{noted}), ['22000 2000'], 'a credit note gives it back, with its tax');
is(invoice_of($made{noted}, '2027-01')->{due}, 0, 'of the invoice that had billed it');
like(step_of($run, 'issue')->{detail}, qr/INV-.*CN-/, 'the run tells of both');
is(unbilled_of($made{noted}), 0, 'and nothing waits');
agrees($made{noted}, '2027-01', '2027-02');

run_month($made{borne}, '2027-02');
is_deeply(run_lines($made{borne}, '2027-02'), ['orders 30000 300.0000 account', 'refund - -200.0000 account'], 'what the month bears is taken off it');
is_deeply(notes_of($made{borne}), [], 'without a note');
agrees($made{borne}, '2027-02');

# ---- in the month itself ----

my $second = billed_order($made{same}, 'second', 500);
at_time('2027-03-02T00:00:00Z');
refund($made{same}, $second);
at_time('2027-04-01T00:00:00Z');
$run = run_month($made{same}, '2027-03')->json;
is_deeply([$run->{invoice_id}, run_lines($made{same}, '2027-03')], [undef, []], 'an order and its refund in one month come to nothing');
is(unbilled_of($made{same}), 0, 'and are done with');
agrees($made{same}, '2027-03');

# ---- of what nobody owes ----

is(void_invoice($made{void}, id_of($made{void}, '2027-01'))->status, 200, 'an invoice is void');
refund($made{void}, $order{void});
billed_order($made{void}, 'second', 30_000);
is(note_for($made{noted_before}, id_of($made{noted_before}, '2027-01'))->status, 200, 'another is credited by hand');
refund($made{noted_before}, $order{noted_before});
billed_order($made{noted_before}, 'second', 30_000);
is(note_for($made{left}, id_of($made{left}, '2027-01'), { amount => '55.00' })->status, 200, 'a third in part');
refund($made{left}, $order{left});
is(write_off($made{written}, id_of($made{written}, '2027-01'))->status, 200, 'and one is given up');
refund($made{written}, $order{written});
is(mark_paid($made{paid}, id_of($made{paid}, '2027-01'), 'bank 1')->status, 200, 'one is paid');
refund($made{paid}, $order{paid});
at_time('2027-05-01T00:00:00Z');
run_month($_, '2027-04') for @made{qw(void noted_before left written paid)};
for my $kind (qw(void noted_before)) {
	is_deeply(run_lines($made{$kind}, '2027-04'), ['orders 30000 300.0000 account'], "$kind: what nobody owes lowers no invoice");
	is(invoice_of($made{$kind}, '2027-04')->{total}, 330_000_000, 'which asks for all of its own');
	is(unbilled_of($made{$kind}), 0, 'and it does not wait');
	agrees($made{$kind}, '2027-04');
}
is_deeply(notes_of($made{void}), [], 'of a void invoice there is no note');
is_deeply(notes_of($made{left}), ['5500 500', '16500 1500'], 'of an invoice no more is given back than was left of it');
is_deeply(notes_of($made{written}), ['22000 2000'], 'what was given up is not owed');
is_deeply(notes_of($made{paid}), ['22000 2000'], 'what was paid is given back');
is(invoice_of($made{paid}, '2027-01')->{due}, -220_000_000, 'by the operator');
agrees($made{$_}, '2027-04') for qw(left written paid);

# ---- a fee ----

my $left = preview($made{fee}, { plan_id => $plan{free}, cycle => 'monthly' })->json;
is(change_plan($made{fee}, { plan_id => $plan{free}, cycle => 'monthly' })->status, 200, 'a yearly plan on account is changed, months behind its invoice') or diag encode_json($left);
my $back = -unbilled_of($made{fee});
cmp_ok($back, '>', 300_000_000, 'the rest of the year comes back');
at_time('2027-06-01T00:00:00Z');
run_month($made{fee}, '2027-05');
my ($note) = map { (split)[0] } notes_of($made{fee})->@*;
is($note, int($back * 1.1 / 10_000 + 0.5), 'by a note of the invoice that had billed the year');
is(unbilled_of($made{fee}), 0, 'and nothing waits');
agrees($made{fee}, '2027-05');

# ---- who pays in advance since ----

my $changed = new_post_pay(1_000_000, country => 'AU');
my $old = billed_order($changed, 'first', 20_000);
at_time('2027-07-01T00:00:00Z');
run_month($changed, '2027-06');
set_post_pay($changed, 0);
refund($changed, $old);
grant($changed->{id}, 20_000);
subscribe($changed, { plan_id => $plan{startup}, cycle => 'monthly', trial => \0 })->status == 200 or die;
at_time('2027-09-01T00:00:00Z');
run_month($changed, '2027-08');
is_deeply(run_lines($changed, '2027-08'), ['plan_fee 4900 49.0000 available'], 'a refund of the time before leaves who pays in advance since with what that has');
is_deeply(notes_of($changed), ['22000 2000'], 'it is a note of the old invoice');
is(unbilled_of($changed), 0, 'and does not wait');
agrees($changed, '2027-08');
my $mixed = new_post_pay(1_000_000, country => 'AU');
$old = billed_order($mixed, 'first', 20_000);
at_time('2027-10-01T00:00:00Z');
run_month($mixed, '2027-09');
refund($mixed, $old);
billed_order($mixed, 'second', 1000);
set_post_pay($mixed, 0);
grant($mixed->{id}, 20_000);
subscribe($mixed, { plan_id => $plan{startup}, cycle => 'monthly', trial => \0 })->status == 200 or die;
at_time('2027-11-02T00:00:00Z');
run_month($mixed, '2027-10');
is_deeply(notes_of($mixed), ['20900 1900'], 'what was still charged on account is taken off the note: 190.00 and tax');
is(db_value('SELECT reason FROM credit_note WHERE organization_id = ?', bytes_of($mixed->{id})), 'Given back of what this invoice had billed, less what was charged on account since.', 'which says so');
is(unbilled_of($mixed), 0, 'and nothing waits');
agrees($mixed, '2027-10');
at_time('2027-12-02T00:00:00Z');
run_month($mixed, '2027-11');
is_deeply(run_lines($mixed, '2027-11'), ['plan_fee 4900 49.0000 available'], 'so that the next month is that of who pays in advance');
is_deeply([invoice_faults($mixed, values %made, $changed)], [], 'every invoice, note and account is what it has to be');
done_testing;
