#!/usr/bin/perl
# The operator sees which months wait for somebody: those that are parked, and those that have failed.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll);
sub all_runs (%body) { return is_page(call('admin.runs.list', \%body, key => admin_key), 'the operator lists runs') }

at_time('2030-01-10T12:00:00Z');
my @organizations = sort { $a->{id} cmp $b->{id} } map { new_post_pay(1_000_000, country => 'AU') } 1 .. 3;
settle($_, order($_, 'o1', 250)->json->{id}) for @organizations;
at_time('2030-02-01T00:00:30Z');
run_month($_, '2030-01') for @organizations[0, 1];

# The one whose invoice would be absurd is parked.
db_run("INSERT INTO monthly_run (organization_id, period, status, step, from_at, to_at, post_pay, currency, credit_price, lines_count, lease_token, leased_until, steps, started_at)
    VALUES (?, '2030-01', 'running', 5, '2030-01-01', '2030-02-01', TRUE, 'AUD', 10000, 1, 3, '2030-01-31', '[]', '2030-02-01')", bytes_of($organizations[2]{id}));
db_run("INSERT INTO monthly_run_line (organization_id, period, position, kind, description, amount, paid_from, source) VALUES (?, '2030-01', 1, 'commitment_shortfall', 'Absurd', ?, 'invoice', '{}')",
    bytes_of($organizations[2]{id}), 9_000_000_000_000_000);
is(run_month($organizations[2], '2030-01')->json->{status}, 'failed', 'a run is parked');

my $failed = all_runs(status => 'failed', period => '2030-01');
is_deeply([map { $_->{organization_id} } @$failed], [$organizations[2]{id}], 'and is found by its status');
like($failed->[0]{problem}, qr/limit of what is issued without an operator/, 'it says why');
is($failed->[0]{next_step}, 'issue', 'and what it waits before');
is_deeply([map { $_->{organization_id} } all_runs(period => '2030-01')->@*], [reverse map { $_->{id} } @organizations], 'all of a month');
my $page = call('admin.runs.list', { period => '2030-01', limit => 2 }, key => admin_key)->json;
is_deeply([map { $_->{organization_id} } $page->{data}->@*, all_runs(period => '2030-01', limit => 2, cursor => $page->{next_cursor})->@*], [reverse map { $_->{id} } @organizations], 'in pages');
is_deeply([map { "$_->{period} $_->{status}" } all_runs(organization_id => $organizations[0]{id})->@*], ['2030-01 completed'], 'or all of an organization');
is_problem(call('admin.runs.list', { organization_id => new_ulid() }, key => admin_key), 404, 'not_found', 'which has to be there');
is_problem(call('admin.runs.list', { status => 'parked' }, key => admin_key), 422, 'invalid', 'a status is one of four', errors => { '/status' => 'not_allowed' });
is_problem(call('admin.runs.list', {}, key => $organizations[0]{key}), 403, 'forbidden', 'no customer sees it', members => { required_scope => 'admin:read' });
done_testing;
