#!/usr/bin/perl
# Fees that a monthly run has put on an invoice: what is left of them is worth what was paid of that invoice. And invoices that are too
# small for a card.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Cards;
use Purser::Commitments;
use Purser::Invoices qw(invoice_faults void_invoice note_for pay_invoice mark_paid);
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll orders.expire);
my %startup = (plan_id => $plan{startup}, cycle => 'monthly', trial => \0);
my %free = (plan_id => $plan{free}, cycle => 'monthly');
my %growth = (plan_id => $plan{growth}, cycle => 'monthly');

sub id_of ($organization, $period) { return Purser::Test::ulid_text(invoice_of($organization, $period)->{id}) }

# One whose second month's fee is on an invoice.
sub new_owing (%more) {
	my $organization = $more{post_pay} ? new_post_pay(1_000_000, country => 'AU') : new_organization(credits => 4900, country => 'AU');
	subscribe($organization, \%startup)->status == 200 or die;
	return $organization;
}

at_time('2027-01-10T12:00:00Z');
my %made = map { $_ => new_owing() } qw(unpaid paid void credited parked);
my $limited = new_owing(post_pay => 1);
set_limits($limited, 10, 10);
at_time('2027-03-01T00:00:00Z');
run_month($_, '2027-02') for values %made, $limited;
is(run_lines($_, '2027-02')->[0], 'plan_fee 4900 49.0000 invoice', 'without credits, or past the limit, a fee is on the invoice') for values %made, $limited;
set_limits($limited, 1_000_000, 1_000_000);
at_time('2027-03-04T00:00:00Z');

# ---- not paid ----

my $number = invoice_of($made{unpaid}, '2027-02')->{number};
for my $to (\%free, \%growth, { %startup{plan_id}, cycle => 'yearly' }) {
	for my $reply (preview($made{unpaid}, $to), change_plan($made{unpaid}, $to)) {
		is_problem($reply, 409, 'conflict', 'while its fee is not paid a plan is not changed');
		like($reply->json->{detail}, qr/\Q$number\E.*pay it/, 'and told what to do');
	}
}
is(credits_left($made{unpaid}), 0, 'nobody gets credits for it');
attach($made{unpaid});
is(pay_invoice($made{unpaid}, id_of($made{unpaid}, '2027-02'))->json->{status}, 'paid', 'when it is paid');
is(change_plan($made{unpaid}, \%free)->status, 200, 'it can be changed');
cmp_ok(credits_left($made{unpaid}), '>', 900, 'and what is left comes back');

db_run("UPDATE monthly_run SET invoice_id = NULL, status = 'failed' WHERE organization_id = ?", bytes_of($made{parked}{id}));
my $reply = change_plan($made{parked}, \%free);
is_problem($reply, 409, 'conflict', 'nor while the run is parked');
like($reply->json->{detail}, qr/2027-02 is not invoiced yet/, 'whose month it is told');
db_run("UPDATE monthly_run SET invoice_id = (SELECT id FROM invoice i WHERE i.organization_id = monthly_run.organization_id), status = 'completed' WHERE organization_id = ?",
    bytes_of($made{parked}{id}));

# ---- paid, and then not ----

attach($made{paid});
is(pay_invoice($made{paid}, id_of($made{paid}, '2027-02'))->json->{status}, 'paid', 'one is paid');
my $small = new_plan(monthly_amount => 10_000_000);
is(change_plan($made{paid}, { plan_id => $small, cycle => 'monthly' })->status, 200, 'a lesser plan');
my $left = credits_left($made{paid});
is(note_for($made{paid}, id_of($made{paid}, '2027-02'))->status, 200, 'then the invoice is credited');
is(change_plan($made{paid}, \%free)->status, 200, 'and the plan changed again');
is(credits_left($made{paid}), $left, 'what it had paid is not given a second time');

# ---- void, and credited ----

is(void_invoice($made{void}, id_of($made{void}, '2027-02'))->status, 200, 'an invoice is void');
is(note_for($made{credited}, id_of($made{credited}, '2027-02'), { amount => '1.00' })->status, 200, 'another is credited in part');
is_problem(change_plan($made{credited}, \%free), 409, 'conflict', 'what is left of it has to be paid first');
is(note_for($made{credited}, id_of($made{credited}, '2027-02'))->status, 200, 'or credited, too');
for my $kind (qw(void credited)) {
	my $told = preview($made{$kind}, \%free)->json;
	is($told->{credit_back} // $told->{lines}[0]{credits}, 0, "$kind: nothing is left of its fee") or diag encode_json($told);
	is(change_plan($made{$kind}, \%free)->status, 200, 'the plan can be changed');
	is(credits_left($made{$kind}), 0, 'and gives no credits');
}

# ---- who pays afterwards ----

is_problem(change_plan($limited, \%free), 409, 'conflict', 'past the limit of who pays afterwards the same');
is(mark_paid($limited, id_of($limited, '2027-02'), 'bank')->status, 200, 'it is paid');
is(change_plan($limited, \%free)->status, 200, 'then it can be changed');
is(credits_left($limited), 0, 'credits would be of no use to it');
cmp_ok(unbilled_of($limited), '<', -9_000_000, 'what is left is taken off what it owes');
at_time('2027-04-01T00:00:00Z');
run_month($limited, '2027-03');
is(unbilled_of($limited), 0, 'or given back by a note');
is(db_value('SELECT COUNT(*) FROM credit_note WHERE organization_id = ?', bytes_of($limited->{id})), 1, 'of the invoice that it was on');
reconciles($_, 'all reconciles') for values %made, $limited;

# ---- too little for a card ----

my $cheap = new_plan(monthly_amount => 300_000);
my %tiny = (plan_id => $cheap, cycle => 'monthly', trial => \0);
my $tiny = new_organization(credits => 30, country => 'AU');
subscribe($tiny, \%tiny)->status == 200 or die;
my $leaver = new_organization(credits => 30);
subscribe($leaver, \%tiny)->status == 200 or die;
at_time('2027-06-01T00:00:00Z');
attach($tiny);
run_month($_, '2027-05') for $tiny, $leaver;
my $told = preview_month($tiny, '2027-05')->json;
my $run = run_month($tiny, '2027-05')->json;
is_deeply([@$run{qw(status invoice_id)}, $run->{totals}{total}], ['completed', undef, '0.00'], 'what is less than a card can be charged is on no invoice');
like(step_of($run, 'issue')->{detail}, qr/later invoice/, 'but waits for a later one');
is_deeply(run_lines($tiny, '2027-05'), ['plan_fee 30 0.3000 invoice'], 'as the run says');
is(open_invoices($tiny), 0, 'nothing is open that nobody could pay');
is(change_plan($leaver, \%free)->status, 200, 'its plan can be changed');
is(credits_left($leaver), 0, 'for no credits');
at_time('2027-07-01T00:00:00Z');
$told = preview_month($tiny, '2027-06')->json;
my $invoice = preview_invoice($tiny, '2027-06')->json;
$run = run_month($tiny, '2027-06')->json;
is($told->{digest}, $run->{digest}, 'the next month is as its preview');
is_deeply(run_lines($tiny, '2027-06'), ['plan_fee 30 0.3000 invoice'], 'it has lines of its own alone');
my $issued = invoice_of($tiny, '2027-06');
is_deeply([@$issued{qw(total status lines_count)}, $run->{totals}{total}, $invoice->{total}], [600_000, 'paid', 2, '0.60', '0.60'], 'its invoice has those of both, and is paid');
is_deeply([db_column('SELECT DATE(from_at) FROM invoice_line WHERE invoice_id = ? ORDER BY from_at', \$issued->{id})], ['2027-05-01', '2027-06-01'], 'each with its own month');
for my $period (qw(2027-05 2027-06)) {
	my $stored = db_value('SELECT digest FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($tiny->{id}), $period);
	is(run_month($tiny, $period)->json->{digest}, $stored, "$period comes to the same when it is run again");
}
at_time('2027-08-01T00:00:00Z');
run_month($tiny, '2027-07');
is(invoice_of($tiny, '2027-07'), undef, 'and the month behind it waits again, with nothing of them');
reconciles($tiny, 'all reconciles');
is_deeply([invoice_faults(values %made, $limited, $tiny, $leaver)], [], 'every invoice, note and account is what it has to be');
done_testing;

sub open_invoices ($organization) { return scalar grep { $_->{status} eq 'issued' } invoices_of($organization) }
