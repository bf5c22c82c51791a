#!/usr/bin/perl
# An organization sees how far its months are.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll);
sub runs_of ($organization, %body) { return is_page(call('billing.runs.list', \%body, key => $organization->{key}), 'the runs are listed') }

at_time('2029-01-10T12:00:00Z');
my $organization = new_post_pay(100_000, country => 'AU');
is_deeply(runs_of($organization), [], 'at first there is none');
settle($organization, order($organization, 'o1', 250)->json->{id});
at_time('2029-03-01T00:00:30Z');
my %run = map { $_ => run_month($organization, $_)->json } '2029-01', '2029-02';
my $listed = runs_of($organization);
is_deeply([map { $_->{period} } @$listed], ['2029-02', '2029-01'], 'the newest month first');
my ($last, $first) = @$listed;
is_deeply([@$first{qw(organization_id status next_step problem invoice_id digest currency lines orders credits subtotal tax total)}],
    [$organization->{id}, 'completed', undef, undef, $run{'2029-01'}->@{qw(invoice_id digest)}, 'AUD', 1, 1, 0, '2.50', '0.25', '2.75'], 'with what each has come to');
like($first->{$_}, qr/^2029-03-01T00:/, "$_ is told") for qw(started_at finished_at);
is_deeply([@$last{qw(status invoice_id lines total)}], ['nothing_to_do', undef, 0, '0.00'], 'also a month without anything');
is_deeply([map { $_->{period} } runs_of($organization, status => 'completed')->@*], ['2029-01'], 'only those that have come so far');
is_deeply([map { $_->{period} } runs_of($organization, period => '2029-02')->@*], ['2029-02'], 'only those of a month');
my $page = call('billing.runs.list', { limit => 1 }, key => $organization->{key})->json;
is_deeply([map { $_->{period} } $page->{data}->@*, runs_of($organization, limit => 1, cursor => $page->{next_cursor})->@*], ['2029-02', '2029-01'], 'in pages');
is_deeply(runs_of(new_organization()), [], 'others see none of them');

# ---- one that is not over ----

db_run("UPDATE monthly_run SET status = 'running', step = 2, finished_at = NULL, digest = NULL WHERE organization_id = ? AND period = '2029-02'", bytes_of($organization->{id}));
is_deeply([(runs_of($organization)->[0])->@{qw(status next_step finished_at digest)}], ['running', 'overage', undef, undef], 'one that is under way says what it goes on with');
is_problem(call('billing.runs.list', { status => 'gone', period => '2029' }, key => $organization->{key}), 422, 'invalid', 'what does not fit is named',
    errors => { '/status' => 'not_allowed', '/period' => undef });
done_testing;
