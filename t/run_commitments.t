#!/usr/bin/perl
# What a commitment fell short of is one line of one run: at a milestone, and at its end.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Cards;
use Purser::Commitments;
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll orders.expire);
at_time('2027-01-20T00:00:00Z');
my $account = new_post_pay(1_000_000, country => 'AU');
my $prepaid = new_organization(country => 'AU', credits => 100_000);
attach($prepaid);
for my $organization ($account, $prepaid) {
	commit_ok($organization, starts_on => '2027-02-01', ends_on => '2027-03-31', amount => '100.00', true_up => 'milestones',
	    milestones => [{ on => '2027-02-28', amount => '40.00' }]);
}
at_time('2027-02-10T00:00:00Z');
settled_order($_, [line(3000)]) for $account, $prepaid;

at_time('2027-03-01T00:00:00Z');
my $told = preview_month($account, '2027-02')->json;
my $run = run_month($account, '2027-02')->json;
is($run->{digest}, $told->{digest}, 'the preview of a shortfall comes to the same as its run');
is_deeply(run_lines($account, '2027-02'), ['orders 3000 30.0000 account', 'commitment_shortfall - 10.0000 invoice'], 'what is missing at the milestone is a line');
is(invoice_of($account, '2027-02')->{total}, 44_000_000, 'of the invoice, with tax');
my $source = decode_json(db_value("SELECT source FROM monthly_run_line WHERE organization_id = ? AND kind = 'commitment_shortfall'", bytes_of($account->{id})));
is_deeply([@$source{qw(day ends committed consumed billed_before)}], ['2027-02-28', 'milestone', '40.00', '30.00', '0.00'], 'which says what it was computed from');
reconciles($account, 'it is receivable');

$run = run_month($prepaid, '2027-02')->json;
is_deeply(run_lines($prepaid, '2027-02'), ['commitment_shortfall - 10.0000 invoice'], 'credits pay no shortfall');
is_deeply([invoice_of($prepaid, '2027-02')->@{qw(status total)}], ['paid', 10_000_000], 'it is invoiced, and the card pays it');
reconciles($prepaid, 'all reconciles');

at_time('2027-03-20T00:00:00Z');
settled_order($account, [line(500)]);
at_time('2027-04-01T00:00:00Z');
run_month($account, '2027-03');
is_deeply(run_lines($account, '2027-03'), ['orders 500 5.0000 account', 'commitment_shortfall - 55.0000 invoice'], 'at the end the rest, less what was billed before');
run_month($account, '2027-02');
my @stored = map { db_value('SELECT digest FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($account->{id}), $_) } qw(2027-02 2027-03);
is_deeply([map { my $again = run_month($account, $_)->json; "$again->{status} $again->{digest}" } qw(2027-02 2027-03)], [map { "completed $_" } @stored], 'both come to the same when they are run again');
at_time('2027-05-01T00:00:00Z');
run_month($account, '2027-04');
is_deeply(run_lines($account, '2027-04'), [], 'and nothing is billed twice');
reconciles($account, 'all is receivable or paid');

# A name of as many characters as it may have, of three bytes each; where a byte count would cut it, it would be no text.
my $wordy = new_post_pay(1_000_000, country => 'AU');
my $name = 'A' . "\x{540D}" x 199;
commit_ok($wordy, name => $name, starts_on => '2027-05-01', ends_on => '2027-05-31', amount => '7.00');
at_time('2027-06-01T00:00:00Z');
is_success(run_month($wordy, '2027-05'), 'a month with a long name is run');
is(db_value('SELECT description FROM monthly_run_line WHERE organization_id = ?', bytes_of($wordy->{id})), "$name: shortfall at the end, 2027-05-31", 'which stands in its line as a whole');
done_testing;
