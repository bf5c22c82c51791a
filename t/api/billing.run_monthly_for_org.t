#!/usr/bin/perl
# A month is billed once: from credits, on an invoice that a card pays, or on account.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll);
my %startup = (plan_id => $plan{startup}, cycle => 'monthly', trial => \0);

# ---- a fee from credits ----

at_time('2027-01-10T12:00:00Z');
my $rich = new_organization(credits => 20_000, country => 'AU');
subscribe($rich, { %startup, seats => 2 })->status == 200 or die;
my $carded = payer(country => 'AU');
subscribe($carded, \%startup)->status == 200 or die;
my $account = new_post_pay(100_000, country => 'AU');
subscribe($account, \%startup)->status == 200 or die;

at_time('2027-02-02T00:00:00Z');
my $reply = run_month($rich);
is_success($reply, 'the last month is run');
my $run = $reply->json;
is_deeply([sort keys %$run], [sort qw(organization_id period status invoice_id digest steps totals problem)], 'the reply tells what became of it');
is_deeply([@$run{qw(organization_id period status invoice_id problem)}], [$rich->{id}, '2027-01', 'nothing_to_do', undef, undef], 'a fee that was charged at the start is not billed again');
like($run->{digest}, qr/^[0-9a-f]{64}$/, 'the digest is told');
is(credits_left($rich), 10_200, 'no credits are taken');

at_time('2027-03-02T00:00:00Z');
$run = run_month($rich, '2027-02')->json;
is($run->{status}, 'completed', 'the fee of the period that began in the month');
is(steps_of($run), 'usage done, fees done, overage skipped, orders skipped, commitments skipped, tax skipped, issue skipped, charge skipped', 'step by step');
is_deeply(run_lines($rich, '2027-02'), ['plan_fee 9800 98.0000 available'], 'is a line, paid by credits');
is(credits_left($rich), 400, 'which are taken');
is_deeply([$run->{invoice_id}, $run->{totals}->@{qw(lines credits total currency)}], [undef, 1, 9800, '0.00', 'AUD'], 'and is on no invoice');
is_deeply([map { $_->[3] } fees_of($rich)->@*], [1, 1], 'it counts as charged');

my $again = run_month($rich, '2027-02');
is_deeply($again->json, $run, 'the same month again gives the stored run');
is(credits_left($rich), 400, 'and takes nothing');
is(db_value("SELECT COUNT(*) FROM audit WHERE organization_id = ? AND operation = 'billing.run_monthly_for_org'", bytes_of($rich->{id})), 3, 'every call is audited');

# ---- a fee by card ----

$run = run_month($carded, '2027-02', idempotency_key => 'february')->json;
is($run->{status}, 'completed', 'what credits do not cover');
is_deeply(run_lines($carded, '2027-02'), ['plan_fee 4900 49.0000 invoice'], 'goes on an invoice as a whole');
my $invoice = invoice_of($carded, '2027-02');
is_deeply([@$invoice{qw(status total tax paid tax_included lines_count)}], ['paid', 49_000_000, 4_450_000, 49_000_000, 1, 1], 'whose price includes the tax, and which the default card has paid');
is_deeply(step_of($run, 'charge'), { name => 'charge', status => 'done', detail => 'The invoice is paid.' }, 'the run tells so');
is(run_month($carded, '2027-02', idempotency_key => 'february')->header('idempotent-replayed'), 'true', 'the same key gives the same reply');
is_deeply(run_month($carded, '2027-02', idempotency_key => 'february')->json, $run, 'byte for byte');
is(scalar invoices_of($carded), 1, 'and no second invoice');
reconciles($carded, 'what was receivable is paid');

# ---- on account ----

at_time('2027-03-02T01:00:00Z');
$run = run_month($account, '2027-01')->json;
is_deeply(run_lines($account, '2027-01'), ['plan_fee - 49.0000 account'], 'what was charged on account at the start is on the invoice');
$invoice = invoice_of($account, '2027-01');
is_deeply([@$invoice{qw(status subtotal tax total tax_included)}], ['issued', 49_000_000, 4_900_000, 53_900_000, 0], 'which adds the tax');
is(step_of($run, 'charge')->{detail}, 'The invoice is sent to be paid.', 'and is sent');
reconciles($account, 'what is receivable is invoiced, and what is not yet');
my @orders = map { order($account, "o$_", [line(100 * $_, service => $_ > 2 ? 'gpu' : 'cpu')])->json->{id} } 1 .. 4;
settle($account, $_) for @orders;
refund($account, $orders[0]);
at_time('2027-04-01T00:00:00Z');
run_month($account, '2027-02');
is_deeply(run_lines($account, '2027-02'), ['plan_fee 4900 49.0000 account'], 'the next fee is booked on account by the run');
$run = run_month($account, '2027-03')->json;
is_deeply(run_lines($account, '2027-03'), ['plan_fee 4900 49.0000 account', 'orders 300 3.0000 account', 'orders 700 7.0000 account', 'refund - -1.0000 account'],
    'settled orders are grouped by service, and what was refunded stands beside them');
is_deeply([$run->{totals}->@{qw(orders subtotal tax total)}], [4, '58.00', '5.80', '63.80'], 'the totals are the invoice\'s');
reconciles($account, 'all of it is invoiced');
is(unbilled_of($account), 0, 'and nothing is left');

# ---- what a step refuses ----

# A line that no invoice can hold: its step is refused, and the run parked with the reason.
my $absurd = new_post_pay(100_000, country => 'AU');
db_run("INSERT INTO monthly_run (organization_id, period, status, step, from_at, to_at, post_pay, currency, credit_price, lines_count, lease_token, leased_until, steps, started_at)
    VALUES (?, '2027-03', 'running', 5, '2027-03-01', '2027-04-01', TRUE, 'AUD', 10000, 1, 3, '2027-03-31', '[]', '2027-04-01')", bytes_of($absurd->{id}));
db_run("INSERT INTO monthly_run_line (organization_id, period, position, kind, description, amount, paid_from, source) VALUES (?, '2027-03', 1, 'commitment_shortfall', 'Absurd', ?, 'invoice', '{}')",
    bytes_of($absurd->{id}), '9223372036854775807');
my $parked = run_month($absurd, '2027-03', idempotency_key => 'absurd');
is_deeply([$parked->status, $parked->json->{status}, step_of($parked->json, 'tax')->{status}], [200, 'failed', 'parked'], 'a step that is refused parks the run') or diag $parked->body;
like($parked->json->{problem}, qr/\w+ .* \w+/, 'which says why');
is(run_month($absurd, '2027-03', idempotency_key => 'absurd')->header('idempotent-replayed'), 'true', 'and its caller has that answer');

# The cron job takes a parked run again before its caller is answered: that answer is the job's to give.
my $taken = new_post_pay(100_000, country => 'AU');
settle($taken, order($taken, 'o1', 100)->json->{id});
at_time('2027-05-01T00:00:30Z');
db_run("CREATE TRIGGER run_taken BEFORE UPDATE ON monthly_run FOR EACH ROW BEGIN
	IF NEW.organization_id = X'" . unpack('H*', bytes_of($taken->{id})->$*) . "' AND NEW.status = 'completed' THEN SET NEW.status = 'running', NEW.step = 5, NEW.finished_at = NULL, NEW.invoice_id = NULL; END IF; END");
$reply = run_month($taken, '2027-04', idempotency_key => 'april');
is_problem($reply, 409, 'conflict', 'a run that is under way again is not told as its end', headers => { 'retry-after' => 5 });
db_run('DROP TRIGGER run_taken');
is(db_value("SELECT COUNT(*) FROM idempotency WHERE space = ? AND idempotency_key = 'april' AND status IS NOT NULL", bytes_of($taken->{id})), 0, 'nor stored as the answer');

# One that was begun goes on, although in the new time zone the month is not over.
at_time('2027-06-01T00:00:30Z');
my $moved = new_post_pay(100_000, timezone => 'Etc/GMT+12');
is_problem(run_month($moved, '2027-05'), 409, 'conflict', 'a month that is not over in the time zone');
db_run("INSERT INTO monthly_run (organization_id, period, status, from_at, to_at, post_pay, currency, credit_price, lease_token, leased_until, started_at)
    VALUES (?, '2027-05', 'running', '2027-05-01', '2027-06-01', TRUE, 'AUD', 10000, 3, '2027-06-01', '2027-06-01')", bytes_of($moved->{id}));
is(run_month($moved, '2027-05')->json->{status}, 'nothing_to_do', 'but one that was begun in another goes on');
at_time('2027-06-01T12:00:30Z');

# ---- refusals ----

is_problem(run_month($rich, '2027-06'), 409, 'conflict', 'a month that is not over is refused');
is_problem(run_month($rich, '2027-13'), 422, 'invalid', 'a period that is no month', errors => { '/period' => 'bad_format' });
is_problem(run_month($rich, '1999-12'), 422, 'invalid', 'and one of another time', errors => { '/period' => 'out_of_range' });
is_problem(call('billing.run_monthly_for_org', { organization_id => $account->{id} }, key => $rich->{key}), 404, 'not_found', 'another organization is not there');
my $member = new_person($rich, 'billing');
is_problem(run_month($rich, '2027-03', key => $member->{key}), 403, 'forbidden', 'of people only owners and admins');
is_success(run_month($rich, '2027-03', key => new_person($rich, 'admin')->{key}), 'may run it');
done_testing;
