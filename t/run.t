#!/usr/bin/perl
# Monthly runs, the hard cases: two at once, overage and what comes late, a year's fee, what is parked, and months in every time zone.
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
use Purser::Usage;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll orders.expire);
my %startup = (plan_id => $plan{startup}, cycle => 'monthly', trial => \0);

sub digests_agree ($organization, @periods) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	for my $period (@periods) {
		my $stored = db_value('SELECT digest FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($organization->{id}), $period);
		my $again = run_month($organization, $period)->json;
		is("$again->{status} $again->{digest}", ($again->{totals}{lines} ? 'completed' : 'nothing_to_do') . " $stored", "$period comes to the same when it is run again");
	}
}

at_time('2027-01-10T12:00:00Z');
my $metered = new_plan(monthly_amount => 10_000_000);
db_run("INSERT INTO plan_quota (plan_id, metric, included, overage_unit_price) VALUES (?, 'requests', 100, 15000)", bytes_of($metered));
my $used = new_organization(credits => 10_000, country => 'AU');
my $poor = new_organization(credits => 1_000, country => 'AU');
my $yearly = new_organization(credits => 100_000);
my $raced = new_post_pay(1_000_000, country => 'AU');
my $large = new_post_pay(100_000_000);
subscribe($_, { plan_id => $metered, cycle => 'monthly', trial => \0 })->status == 200 or die for $used, $poor;
subscribe($yearly, { plan_id => $plan{startup}, cycle => 'yearly', trial => \0 })->status == 200 or die;

# ---- overage ----

record($_, [event(1, 'requests', 103), event(2, 'requests', '0.5')]) for $used, $poor;
at_time('2027-02-10T00:00:00Z');
record($_, [event(3, 'requests', 50, occurred_at => '2027-02-09T23:00:00Z')]) for $used;
settle($raced, order($raced, "o$_", 100)->json->{id}) for 1 .. 3;
at_time('2027-03-01T00:00:00Z');
run_month($_, '2027-02') for $used, $poor;
is_deeply(run_lines($used, '2027-02'), ['plan_fee 1000 10.0000 available', 'overage 80 0.8000 available'],
    'the overage of the cycle that ended in the month: 53.5 at 1.5 credits are 80.25, half-even to whole credits');
is_deeply(run_lines($poor, '2027-02'), ['plan_fee 1000 10.0000 invoice', 'overage 5 0.0500 invoice'], 'whoever has no credits finds it on the invoice');
my $source = decode_json(db_value("SELECT source FROM monthly_run_line WHERE organization_id = ? AND kind = 'overage'", bytes_of($used->{id})));
is_deeply([@$source{qw(metric cycle used included unit_price billed_before)}], ['requests', '2027-01-10 to 2027-02-09', '153.5', 100, '0.015', 0], 'the line says what it was computed from');

# ---- what comes late ----

record($used, [event(4, 'requests', 10, occurred_at => '2027-02-08T00:00:00Z'), event(5, 'requests', 1, occurred_at => '2027-02-28T00:00:00Z')])->status == 200 or die;
at_time('2027-04-01T00:00:00Z');
run_month($used, '2027-03');
is_deeply([grep { /late/ } run_lines($used, '2027-03')->@*], ['late_usage 15 0.1500 available'],
    'usage of a closed cycle is an adjustment of the next run: what all of it costs, 95.25, less what was billed: no rounding adds up');
my $line = db_run("SELECT description, from_at, to_at FROM monthly_run_line WHERE organization_id = ? AND kind = 'late_usage'", bytes_of($used->{id}))->fetchrow_hashref;
like($line->{description}, qr/2027-01-10 to 2027-02-09/, 'it names its period');
digests_agree($used, '2027-02', '2027-03');
is(db_value('SELECT COUNT(*) FROM usage_cycle WHERE organization_id = ? AND closed_at IS NULL AND ends_at <= ?', bytes_of($used->{id}), '2027-04-01'), 0, 'every cycle that ended is closed');
reconciles($used, 'it reconciles');

# ---- a year ----

run_month($yearly, "2027-$_") for qw(01 02 03);
is_deeply([map { scalar run_lines($yearly, "2027-$_")->@* } qw(01 02 03)], [0, 0, 0], 'a yearly fee that was charged at the start is in no month');
at_time('2028-02-01T00:00:00Z');
run_month($yearly, '2028-01');
is_deeply(run_lines($yearly, '2028-01'), ['plan_fee 49000 490.0000 available'], 'a year later it is billed, once');
run_month($yearly, '2027-12');
is_deeply(run_lines($yearly, '2027-12'), [], 'and not in the month before, whenever that is run');

# ---- a plan that is changed behind the run ----

at_time('2028-02-20T00:00:00Z');
my $cut = new_organization(credits => 4900);
subscribe($cut, \%startup)->status == 200 or die;
at_time('2028-03-10T00:00:00Z');
attach($cut);
run_month($cut, '2028-02');
at_time('2028-04-01T00:00:00Z');
my $run = run_month($cut, '2028-03')->json;
is(invoice_of($cut, '2028-03')->{status}, 'paid', 'a fee is invoiced and paid by card');
is(change_plan($cut, { plan_id => $plan{free}, cycle => 'monthly' })->status, 200, 'the plan is changed before its period is over');
cmp_ok(credits_left($cut), '>', 100, 'what was not used comes back as credits');
digests_agree($cut, '2028-03');
reconciles($cut, 'and all reconciles');

# ---- two at once ----

my @replies = at_once(6, sub ($number, $client) { my $reply = run_month($raced, '2027-02', client => $client); return { status => $reply->status, code => $reply->code, digest => $reply->status == 200 ? $reply->json->{digest} : undef } });
my $seen = outcomes(@replies);
is(($seen->{200} // 0) + ($seen->{'409 conflict'} // 0), 6, 'of six runners at once each has the run, or is told that it is under way') or diag encode_json($seen);
cmp_ok($seen->{200}, '>=', 1, 'one runs it');
my %digests = map { $_->{digest} => 1 } grep { $_->{digest} } @replies;
is(scalar keys %digests, 1, 'to one result');
is(scalar(invoices_of($raced)), 1, 'there is one invoice');
is_deeply(run_lines($raced, '2027-02'), ['orders 300 3.0000 account'], 'with every order once');
reconciles($raced, 'which reconciles');

# ---- absurd figures ----

settle($large, order($large, 'o1', 10_000_100)->json->{id});
at_time('2028-07-01T00:00:00Z');
$run = run_month($large, '2028-06')->json;
is_deeply([@$run{qw(status invoice_id digest)}], ['failed', undef, undef], 'a total beyond the limit is not issued');
like($run->{problem}, qr/100001\.00 AUD/, 'the problem says why');
is_deeply(step_of($run, 'issue')->{status}, 'parked', 'the step is parked');
is(unbilled_of($large), 0, 'what it bills stays its own');
is(run_month($large, '2028-06')->json->{status}, 'failed', 'it stays so while nothing has changed');
ok(run_job('billing.run'), 'and no job takes it by itself');
my $without_tax = step_of($run, 'tax')->{detail};
db_run("UPDATE organization SET country = 'AU' WHERE id = ?", bytes_of($large->{id}));
leave_out_others('2028-06', $large);
call('billing.run_monthly_cron', { period => '2028-06' }, key => admin_key);
ok(run_job('billing.run', PURSER_INVOICE_TOTAL_LIMIT => 200_000), 'with another limit the operator has it run again');
is(invoice_of($large, '2028-06')->{total}, 110_001_100_000, 'and it is issued, with the tax of the country that is known by then');
$run = run_month($large, '2028-06')->json;
is_deeply([$run->{totals}->@{qw(subtotal tax total)}], ['100001.00', '10000.10', '110001.10'], 'the run has the sums of its invoice');
isnt(step_of($run, 'tax')->{detail}, $without_tax, 'and tells of that tax');
like(step_of($run, 'tax')->{detail}, qr/GST: 10000\.10 on 100001\.00/, 'by its name');
is_deeply(run_lines($large, '2028-06'), ['orders 10000100 100001.0000 account'], 'with the lines that it had');
reconciles($large, 'it reconciles');

my $long = new_post_pay(1_000_000);
settle($long, order($long, 'o1', [map { line(1, service => "s$_") } 1 .. 5])->json->{id});
at_time('2028-08-01T00:00:00Z');
leave_out_others('2028-07', $long);
call('billing.run_monthly_cron', { period => '2028-07' }, key => admin_key);
ok(run_job('billing.run', PURSER_INVOICE_LINES_LIMIT => 4), 'with a limit of lines');
like(db_value("SELECT problem FROM monthly_run WHERE organization_id = ? AND status = 'failed'", bytes_of($long->{id})), qr/would have 5 lines/, 'an invoice with more is parked, too');
is(run_month($long, '2028-07')->json->{status}, 'completed', 'and issued under another');

# ---- time zones ----

my @zones = qw(Etc/GMT-14 Etc/GMT+12 America/New_York Australia/Lord_Howe);
at_time('2029-02-20T00:00:00Z');
my %local = map { $_ => new_post_pay(1_000_000, timezone => $_) } @zones;
my %ends = ('Etc/GMT-14' => '2029-03-31T10:00:00Z', 'Etc/GMT+12' => '2029-04-01T12:00:00Z', 'America/New_York' => '2029-04-01T04:00:00Z', 'Australia/Lord_Howe' => '2029-03-31T13:00:00Z');
for my $zone (sort { $ends{$a} cmp $ends{$b} } @zones) {
	my $organization = $local{$zone};
	at_time(text_of(seconds_of($ends{$zone}) - 5));
	settle($organization, order($organization, 'before', 100)->json->{id});
	is_problem(run_month($organization, '2029-03'), 409, 'conflict', "$zone: the month is not over five seconds before its end");
	at_time($ends{$zone});
	settle($organization, order($organization, 'behind', 1000)->json->{id});
	run_month($organization, '2029-03');
	is_deeply(run_lines($organization, '2029-03'), ['orders 100 1.0000 account'], 'and has what was settled before it');
}
set_zone($local{'Etc/GMT+12'}, 'Etc/GMT-14');
at_time('2029-05-01T12:00:00Z');
run_month($_, '2029-04') for values %local;
is_deeply([map { run_lines($_, '2029-04') } values %local], [map { ['orders 1000 10.0000 account'] } @zones], 'the rest is the next month\'s, also where the zone was changed between');
done_testing;
