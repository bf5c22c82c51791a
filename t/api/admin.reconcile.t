#!/usr/bin/perl
# The ledger against the processor: nothing where they agree, and each thing that differs, by its name.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX qw(strftime);
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;
use Purser::Webhooks;
use Time::HiRes qw(sleep);

my $id = 'admin.reconcile';
is_success(call($id, {}, key => admin_key), 'the sandbox can be reconciled with');

my $stack = stack_with_webhooks();
my $provider = $stack->provider;
my @admin = (key => $stack->admin_key);

sub silence ($off) { $provider->control('wait'); $provider->control('webhooks', usual => { off => $off }) }
sub day ($days = 0) { return strftime('%Y-%m-%d', gmtime(time + 86400 * $days)) }

sub paid (%more) {
	my $buyer = $stack->new_buyer($more{card} // 'pm_card_visa', $more{currency} ? (currency => $more{currency}) : ());
	return { $stack->good('billing.topup', { credits => $more{credits} // 1000 }, key => $buyer->{key})->%*, buyer => $buyer };
}

# Everything of these days, a quarter of an hour from now.
my @days = (from => day(-1), to => day(1));
sub reconcile (%in) { return $stack->call($id, { @days, %in }, @admin) }
sub differences () {
	my $json = reconcile()->json;
	return [sort map { join ' ', map { $_ // '-' } @$_{qw(kind movement topup_id ledger_amount processor_amount currency)} } $json->{differences}->@*];
}
# What the days differ by, in all.
sub difference () {
	my %sum;
	$sum{ $_->{currency} } += $_->{difference} * 100 for reconcile()->json->{days}->@*;
	return { map { $_ => sprintf '%d', $sum{$_} } keys %sum };
}

# An entry of the ledger that refers to the top-up.
sub post_money ($topup, $reason, $credits, $micros) {
	my @money = map { { account => $_->[0], unit => 'AUD', amount => $_->[1] } } ['processor_clearing', $micros], ['sold', -$micros];
	ledger_call("ledger_post(?, UTC_TIMESTAMP(6), ?, ?, NULL, ?, NULL, 'topup', ?, 'system', 'x', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, ?, \@outcome)",
	    bytes_of($topup->{buyer}{id}), bytes_of(new_ulid()), $reason, $credits, bytes_of($topup->{id}), encode_json(\@money));
}

# ---- what is asked ----

my $unknown = reconcile();
is_success($unknown, 'nothing against nothing');
is_deeply($unknown->json->{differences}, [], 'differs in nothing');
my $usual = $stack->call($id, {}, @admin)->json;
is_deeply([@$usual{qw(from to)}], [day(-1), day(-1)], 'yesterday where nothing is said');
is_deeply([map { $stack->call($id, $_, @admin)->json->@{qw(from to)} } { to => '2026-02-28' }, { from => day }], ['2026-02-28', '2026-02-28', day, day], 'one day where one is said');
is($stack->call($id, { from => '2026-01-01', to => '2026-01-31' }, @admin)->json->{complete}, JSON::PP::true(), '31 days, complete when they are over');
is($stack->call($id, { from => day, to => day }, @admin)->json->{complete}, JSON::PP::false(), 'today is not over');
is_problem($stack->call($id, $_->[0], @admin), 422, 'invalid', $_->[2], errors => { $_->[1] => undef }) for
    [{ from => '2026-01-01', to => '2026-02-01' }, '/to', '32 days'], [{ from => '2026-01-02', to => '2026-01-01' }, '/to', 'days the wrong way round'],
    [{ from => '2026-02-30' }, '/from', 'a day that is none'], [{ to => '2026-1-1' }, '/to', 'a day written otherwise'], [{ from => 'yesterday' }, '/from', 'a word'];
is_success($stack->request('GET', '/v1/admin/reconcile', query => { from => day, to => day }, @admin), 'it is a GET, too');

# ---- agreement ----

my $plain = paid;
my $dollars = paid(currency => 'USD');
my $refunded = paid;
my $disputed = paid;
$stack->good('billing.topups.refund', { organization_id => $refunded->{buyer}{id}, topup_id => $refunded->{id}, amount => '2.00', reason => 'Test.' }, @admin);
$provider->control('refund', payment_intent => $refunded->{payment_intent_id}, amount => 300);
$provider->control('dispute', payment_intent => $disputed->{payment_intent_id});
silence(1);
is_deeply(reconcile()->json->{differences}, [], 'what has just happened is too young');
$stack->later(1000);
my $agreed = reconcile()->json;
is_deeply([@$agreed{qw(days differences)}], [[], []], 'charges, refunds and a dispute: both sides agree') or diag explain $agreed;
ok($agreed->{cut_off} gt day, 'the cut-off is told') or diag $agreed->{cut_off};

# ---- what differs ----

my $unbooked = paid(card => 'pm_card_processing');
$provider->control('settle', payment_intent => $unbooked->{payment_intent_id});
my $short = paid;
db_run('SET @@session.foreign_key_checks = 0');
db_run("UPDATE journal_line l JOIN journal_entry e USING (organization_id, sequence) SET l.amount = 9000000
    WHERE e.reference_id = ? AND l.account = 'processor_clearing'", bytes_of($short->{id}));
my $gone = paid;
db_run("UPDATE payment SET intent_id = 'pi_nobody_knows' WHERE id = ?", bytes_of($gone->{id}));
my $stranger = $provider->api('POST', 'payment_intents', { amount => 4200, currency => 'aud', confirm => 'true', payment_method => 'pm_card_visa', 'payment_method_types' => ['card'] })->json;
my $unheard = paid;
$provider->control('refund', payment_intent => $unheard->{payment_intent_id}, amount => 100);
my $unposted = paid;
silence(0);
$provider->control('refund', payment_intent => $unposted->{payment_intent_id}, amount => 250);
silence(1);
db_run("UPDATE journal_line l JOIN journal_entry e USING (organization_id, sequence) SET l.amount = 0
    WHERE e.reference_id = ? AND e.reason = 'clawback'", bytes_of($unposted->{id}));
my $invented = paid;
db_run("INSERT INTO payment_refund (id, organization_id, payment_id, amount, currency, reason, state, refund_id, created_at)
    SELECT ?, organization_id, id, 1000000, currency, 'Test.', 'succeeded', 're_nobody_knows', charged_at FROM payment WHERE id = ?", bytes_of(new_ulid()), bytes_of($invented->{id}));
db_run('UPDATE payment SET refunded = 1000000, clawed = 1000000, clawed_credits = 100 WHERE id = ?', bytes_of($invented->{id}));
post_money($invented, 'clawback', 100, -1_000_000);
my $twice = paid;
post_money($twice, 'topup', 1000, 10_000_000);
$stack->later(1000);

my @expected = sort "state charge $unbooked->{id} 0.00 10.00 AUD", "amount charge $short->{id} 9.00 10.00 AUD", "missing_there charge $gone->{id} 10.00 0.00 AUD",
    "state charge $gone->{id} 0.00 10.00 AUD", 'missing_here charge - 0.00 42.00 AUD', "missing_here refund $unheard->{id} 0.00 1.00 AUD",
    "missing_here refund $unposted->{id} 0.00 2.50 AUD", "missing_there refund $invented->{id} 1.00 0.00 AUD", "amount charge $twice->{id} 20.00 10.00 AUD";
is_deeply(differences, \@expected, 'each difference is named') or diag explain differences;
is_deeply(difference, { AUD => 1000 + 100 - 1000 + 1000 + 4200 - 100 - 250 + 100 - 1000 }, 'and the days add up') or diag explain reconcile()->json->{days};
my ($first) = grep { ($_->{topup_id} // '') eq $short->{id} } reconcile()->json->{differences}->@*;
is_deeply([@$first{qw(organization_id)}], [$short->{buyer}{id}], 'with whose it is');
like($first->{id}, qr/^ch_/, 'and what the processor calls it');
ok((!grep { ($_->{topup_id} // '') =~ /$plain->{id}|$dollars->{id}/ } reconcile()->json->{differences}->@*), 'what agrees is not shown');
is_deeply(reconcile(from => '2026-01-01', to => '2026-01-02')->json->{differences}, [], 'other days have none of it');

# A charge that the two sides tell the time of otherwise is no difference.
my $days_before = differences;
my $long = paid;
db_run('UPDATE payment SET charged_at = charged_at - INTERVAL 5 DAY WHERE id = ?', bytes_of($long->{id}));
$stack->later(1000);
is_deeply(differences, $days_before, 'a time that differs is no difference');
is_deeply(reconcile(from => day(-7), to => day(-2))->json->{differences}, [], 'on neither day');

# ---- trouble ----

for my $trouble (['fails', status => 500], ['breaks off', reset => 1], ['refuses our key', status => 401]) {
	my ($name, %fault) = @$trouble;
	$provider->control('fault', path => 'charges', times => 0, %fault);
	is_problem($stack->call($id, { from => day, to => day }, @admin), 503, 'unavailable', "a processor that $name can't be reconciled with") if $name =~ /key/;
	$provider->control('clear_faults');
}
$provider->control('fault', path => 'refunds', times => 0, status => 403);
is_problem($stack->call($id, { from => day, to => day }, @admin), 503, 'unavailable', 'nor one that tells only half');
$provider->control('clear_faults');
done_testing;
