#!/usr/bin/perl
# What running a month would come to: the run itself, undone.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Commitments;
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;
use Purser::Usage;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll);
my %startup = (plan_id => $plan{startup}, cycle => 'monthly', trial => \0);

# Everything that a rehearsal could leave behind.
sub traces_of ($organization) {
	my $id = bytes_of($organization->{id});
	return join ' ', (map { db_value("SELECT COUNT(*) FROM $_ WHERE organization_id = ?", $id) }
	    qw(monthly_run monthly_run_line billed_entry billed_usage invoice invoice_line subscription_fee usage_cycle payment journal_entry audit)),
	    db_value("SELECT COUNT(*) FROM outbox WHERE organization_id = ? AND type LIKE 'invoice%'", $id),
	    db_value("SELECT next FROM number_series WHERE name = 'invoice'"), db_value('SELECT COUNT(*) FROM usage_cycle WHERE organization_id = ? AND closed_at IS NULL', $id);
}

at_time('2027-01-10T12:00:00Z');
my %organizations = (prepaid => payer(country => 'AU'), rich => new_organization(credits => 20_000, country => 'AU'), 'on account' => new_post_pay(1_000_000, country => 'AU'));
subscribe($_, \%startup)->status == 200 or die for values %organizations;
record($_, [event(1, 'requests', 260_000), event(2, 'prompt_tokens', 5_100_000)]) for values %organizations;
settle($organizations{'on account'}, order($organizations{'on account'}, 'o1', 250)->json->{id});

at_time('2027-03-01T00:00:00Z');
for my $kind (sort keys %organizations) {
	my $organization = $organizations{$kind};
	my $before = traces_of($organization);
	my $reply = preview_month($organization, '2027-02', idempotency_key => 'preview');
	is_success($reply, "$kind: a month is previewed");
	my $told = $reply->json;
	is(traces_of($organization), $before, 'and nothing of it stays');
	is_deeply([sort keys %$told], [sort qw(organization_id period status invoice_id digest steps totals problem lines)], 'it is a run, with its lines');
	my $invoice = preview_invoice($organization, '2027-02');
	is_success($invoice, 'the invoice, too');
	is(traces_of($organization), $before, 'of which nothing stays, either');
	$invoice = $invoice->json;
	my $run = run_month($organization, '2027-02')->json;
	is($told->{digest}, $run->{digest}, 'the run comes to the same');
	is_deeply($told->{totals}, $run->{totals}, 'and to the same sums');
	is_deeply([map { "$_->{kind} $_->{credits} $_->{paid_from}" } $told->{lines}->@*], [map { s/ [0-9.]+ (\w+)$/ $1/r } run_lines($organization, '2027-02')->@*], 'line by line')
	    if $kind ne 'on account';
	my $issued = invoice_of($organization, '2027-02');
	is_deeply([map { sprintf '%.2f', $_ } @$invoice{qw(subtotal tax total)}, $invoice->{lines_count}],
	    [map { sprintf '%.2f', $_ } map({ ($issued->{$_} // 0) / 1_000_000 } qw(subtotal tax total)), $issued->{lines_count} // 0], 'the invoice is the one that is issued');
	is(preview_month($organization, '2027-02')->json->{digest}, $run->{digest}, 'behind it the preview is of the run as it is');
	is_problem(preview_invoice($organization, '2027-02'), 409, 'conflict', 'and there is no other invoice');
	reconciles($organization, 'all of it reconciles');
}

# ---- a month that is not over ----

my $organization = $organizations{'on account'};
settle($organization, order($organization, 'o2', 100)->json->{id});
my $told = preview_month($organization, '2027-03')->json;
is_deeply([map { "$_->{kind} $_->{amount}" } $told->{lines}->@*], ['orders 1.00'], 'of a month that runs, what has come until now');
is(preview_invoice($organization)->json->{total}, '1.10', 'whose invoice would be that');
is($told->{period}, '2027-03', 'for that month');
is(preview_month($organization)->json->{period}, '2027-02', 'by itself it is the last one that is over');

# ---- while others settle ----

# All steps are one transaction there: what settling locks before the book, the preview must lock before the book, too.
sub deadlocks () { return (db_run("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")->fetchrow_array)[1] }
my $crossed = new_post_pay(1_000_000, country => 'AU', rate_limit => 1_000_000);
subscribe($crossed, \%startup)->status == 200 or die;
commit_ok($crossed, name => $_, starts_on => '2027-02-01', ends_on => '2027-12-31', amount => '1000', milestones => [{ on => '2027-03-20', amount => '400' }],
    true_up => 'milestones') for 'Compute', 'Disks';
at_time('2027-04-01T00:00:30Z');
keep_away('commitments.reach');
my @orders = map { order($crossed, "c$_", [line(10), line(5, service => 'disk')])->json->{id} } 1 .. 64;
my $before = deadlocks;
my @answers = at_once(8, sub ($number, $client) {
	my @mine = map { $_ * 4 + $number - 5 } 0 .. 15;
	return { map { $_ => 1 } map { call('billing.invoices.preview', { period => '2027-03' }, key => $crossed->{key}, client => $client)->status } 1 .. 12 } if $number <= 4;
	return { map { $_ => 1 } map { settle($crossed, $orders[$_], undef, client => $client)->status } @mine };
});
is_deeply([map { join ',', sort keys %$_ } @answers], [(200) x 8], 'previews and settlements of the same moment');
is(deadlocks() - $before, 0, 'never wait for one another in a circle');

# ---- refusals ----

db_run('UPDATE monthly_run SET status = ?, leased_until = ? WHERE organization_id = ?', 'running', '2027-04-01 00:30:00', bytes_of($organization->{id}));
is_problem(preview_month($organization, '2027-02'), 409, 'conflict', 'while the month is being run there is no preview', headers => { 'retry-after' => 5 });
db_run('UPDATE monthly_run SET status = ?, leased_until = NULL WHERE organization_id = ?', 'completed', bytes_of($organization->{id}));
is_problem(call('billing.run_monthly_preview', { organization_id => new_organization()->{id} }, key => $organization->{key}), 404, 'not_found', 'another organization is not there');
is_problem(preview_month($organization, 'today'), 422, 'invalid', 'a period is a month', errors => { '/period' => undef });

# ---- what is to come ----

my $promised = new_post_pay(1_000_000);
commit_ok($promised, starts_on => '2027-04-02', ends_on => '2027-04-30', amount => '100.00');
subscribe($promised, \%startup)->status == 200 or die;
at_time('2027-04-12T00:00:00Z');
is_deeply([map { $_->{kind} } preview_month($promised, '2027-04')->json->{lines}->@*], ['plan_fee'], 'of a month that runs, a commitment which ends in it falls short of nothing yet');
is_problem(preview_month($promised, '2027-05'), 409, 'conflict', 'a month that has not begun is not previewed');
is_problem(preview_invoice($promised, '2027-05'), 409, 'conflict', 'nor is its invoice');
at_time('2027-05-01T00:00:00Z');
is_deeply([sort map { $_->{kind} } preview_month($promised, '2027-04')->json->{lines}->@*], ['commitment_shortfall', 'plan_fee'], 'when it is over, it does');
my $own_end = new_organization(credits => 100);
at_time('2027-05-10T00:00:00Z');
preview_month($own_end, '2027-05')->status == 200 or die;
is(db_value('SELECT COUNT(*) FROM usage_cycle WHERE organization_id = ? AND closed_at IS NOT NULL', bytes_of($own_end->{id})), 0, 'no running cycle is closed');
done_testing;
