#!/usr/bin/perl
# What running a month would come to: the run itself, undone.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
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

# ---- refusals ----

db_run('UPDATE monthly_run SET status = ?, leased_until = UTC_TIMESTAMP() + INTERVAL 1000 DAY WHERE organization_id = ?', 'running', bytes_of($organization->{id}));
is_problem(preview_month($organization, '2027-02'), 409, 'conflict', 'while the month is being run there is no preview', headers => { 'retry-after' => 5 });
db_run('UPDATE monthly_run SET status = ?, leased_until = NULL WHERE organization_id = ?', 'completed', bytes_of($organization->{id}));
is_problem(call('billing.run_monthly_preview', { organization_id => new_organization()->{id} }, key => $organization->{key}), 404, 'not_found', 'another organization is not there');
is_problem(preview_month($organization, 'today'), 422, 'invalid', 'a period is a month', errors => { '/period' => undef });
done_testing;
