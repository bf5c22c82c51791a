#!/usr/bin/perl
# Giving money back: as much as there is, once, with its credits; and nothing where the processor does not.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;
use Purser::Webhooks;

my $stack = stack_with_webhooks();
my $provider = $stack->provider;
my @admin = (key => $stack->admin_key);

sub silence ($off) { $provider->control('webhooks', usual => { off => $off }) }
silence(1);

sub paid (%more) {
	my $buyer = $stack->new_buyer($more{card} // 'pm_card_visa', $more{currency} ? (currency => $more{currency}) : ());
	my $topup = $stack->good('billing.topup', { credits => $more{credits} // 1000 }, key => $buyer->{key});
	return { $topup->%*, buyer => $buyer };
}

sub body_for ($topup, %more) { return { organization_id => $topup->{buyer}{id}, topup_id => $topup->{id}, reason => 'Bought twice.', %more } }
sub refund ($topup, $in = {}, %options) { return $stack->call('billing.topups.refund', body_for($topup, %$in), @admin, %options) }
sub rows ($topup) { return [db_column("SELECT CONCAT(state, ' ', amount DIV 10000, ' ', clawed_credits) FROM payment_refund WHERE payment_id = ? ORDER BY id", bytes_of($topup->{id}))] }
sub given_back ($topup) { return $provider->taken($topup->{id})->{refunded} }

sub is_shown ($topup, $wanted, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $shown = shown_payment($stack, $topup->{id});
	is_deeply({ map { $_ => $shown->{$_} } keys %$wanted }, $wanted, $name) or diag explain $shown;
}

# ---- a part, and the rest ----

my $topup = paid;
my $part = refund($topup, { amount => '2.50' }, idempotency_key => 'part');
is_success($part, 'a part of a top-up is given back');
my $json = $part->json;
ulid_ok($json->{id}, 'the refund has an id');
is_deeply({ map { $_ => $json->{$_} } qw(topup_id organization_id amount currency status credits_clawed) },
    { topup_id => $topup->{id}, organization_id => $topup->{buyer}{id}, amount => '2.50', currency => 'AUD', status => 'succeeded', credits_clawed => 250 }, 'and says what it was');
is(given_back($topup), 250, 'the processor gave so much');
is_shown($topup, { refunded => 250, clawed => 250, cleared => 750, sold => 750, available => 750, debt => 0 }, 'row, journal and book agree');
is_deeply([grep { /refund/ } events_of($topup->{id})->@*], ['topup.refunded'], 'it is told once');
is_deeply([db_run("SELECT actor_type, outcome FROM audit WHERE operation = 'billing.topups.refund' AND target_id = ?", bytes_of($json->{id}))->fetchrow_array],
    ['operator', 'ok'], 'the audit has it');
my $replay = refund($topup, { amount => '2.50' }, idempotency_key => 'part');
is($replay->body, $part->body, 'the same key answers the same');
is($replay->header('idempotent-replayed'), 'true', 'as a replay');
is_problem(refund($topup, { amount => '2.51' }, idempotency_key => 'part'), 409, 'idempotency_key_reused', 'another body with it is refused');

for my $bad (['7.51', 'out_of_range'], ['0', 'out_of_range'], ['0.00', 'out_of_range'], ['-1.00', 'out_of_range'], ['1.005', 'bad_format'], ['0.000001', 'bad_format'],
    ['99999999999', 'out_of_range'], ['x', undef], [1, undef]) {
	is_problem(refund($topup, { amount => $bad->[0] }), 422, 'invalid', "$bad->[0] can't be given back", errors => { '/amount' => $bad->[1] });
}
is_problem(refund($topup, { reason => '' }), 422, 'invalid', 'a refund has a reason', errors => { '/reason' => undef });
is(given_back($topup), 250, 'nothing of that was');
my $rest = refund($topup);
is($rest->json->{amount}, '7.50', 'without an amount it is all that is left');
is_shown($topup, { refunded => 1000, clawed => 1000, cleared => 0, available => 0 }, 'and then nothing is left');
is_problem(refund($topup), 409, 'conflict', 'to be given back');
is(given_back($topup), 1000, 'which it is not');

# ---- what can't be refunded ----

my $slow = paid(card => 'pm_card_processing');
is_problem(refund($slow), 409, 'conflict', 'a top-up that is not over');
is_problem(refund({ %$topup, id => new_ulid() }), 404, 'not_found', 'a top-up that nobody has');
is_problem(refund({ %$topup, buyer => $slow->{buyer} }), 404, 'not_found', "another organization's top-up");
is_problem(refund({ %$topup, buyer => { id => new_ulid() } }), 404, 'not_found', 'an organization that is none');

# ---- credits ----

my $spent = paid;
$stack->good('billing.adjustments.create', { organization_id => $spent->{buyer}{id}, credits => -900, reason => 'Spent.' }, @admin);
is(refund($spent, { amount => '4.00' })->json->{credits_clawed}, 400, 'credits that were spent are taken all the same');
is_shown($spent, { available => 0, debt => 300, clawed_credits => 400 }, 'what is not there is owed');

# 1,000 credits are 6.60 USD: each refund takes its part of the whole, half-even, and all together take all.
my $odd = paid(currency => 'USD');
my @taken = map { refund($odd, { amount => $_ })->json->{credits_clawed} } '0.01', '0.02', '3.30', '3.27';
is_deeply(\@taken, [2, 3, 500, 495], 'credits are taken in proportion') or diag "@taken";
is_shown($odd, { clawed_credits => 1000, available => 0, debt => 0 }, 'and never more than were given');

# ---- the processor refuses ----

my $disputed = paid;
$provider->control('dispute', payment_intent => $disputed->{payment_intent_id});
my $refused = refund($disputed, {}, idempotency_key => 'disputed');
is_problem($refused, 409, 'conflict', 'the processor refuses');
like($refused->json->{detail}, qr/charged back/, 'in its own words');
is_deeply(rows($disputed), ['failed 1000 0'], 'the refund failed');
is_shown($disputed, { refunded => 0, clawed => 0, available => 1000 }, 'and took nothing');
is_problem(refund($disputed, {}, idempotency_key => 'disputed'), 409, 'conflict', 'the key is free, so that it is asked again');
is(scalar(rows($disputed)->@*), 2, 'as a refund of its own');

# Our key is refused behind a try that was carried out, and whose answer was lost: nobody knows, so it stays.
my $unsure = paid;
$provider->control('fault', method => 'POST', path => 'refunds', when => 'after', reset => 1, stored => 0);
$provider->control('fault', method => 'POST', path => 'refunds', when => 'before', status => 401, stored => 0);
is(refund($unsure, { amount => '4.00' }, idempotency_key => 'unsure')->json->{status}, 'pending', 'a key of ours that is refused leaves a refund pending');
is(given_back($unsure), 400, 'which was made');
$provider->control('clear_faults');
is_problem(refund($unsure, { amount => '4.00' }, idempotency_key => 'unsure'), 409, 'idempotency_in_progress', 'the same key does not ask for another');
$stack->later(61);
$stack->run('refunds.sweep');
is(refund($unsure, { amount => '4.00' }, idempotency_key => 'unsure')->json->{status}, 'succeeded', 'when ours is good again it is known');
is(given_back($unsure), 400, 'to be one');
is_deeply(rows($unsure), ['succeeded 400 400'], 'refund');

# A refund that fails at once never was in a total that was told.
my $failing = paid;
my %failed = (id => 're_bad', object => 'refund', status => 'failed', failure_reason => 'unknown');
is_success(send_event($stack, new_event('charge.refunded', { object => 'charge', id => 'ch_1', payment_intent => $failing->{payment_intent_id},
    metadata => { topup_id => $failing->{id} }, amount_captured => 1000, amount_refunded => 500, currency => 'aud', created => time })), 'of another refund only the total is told');
$provider->control('fault', method => 'POST', path => 'refunds', status => 200, body => encode_json(\%failed));
is_problem(refund($failing, { amount => '4.00' }), 409, 'conflict', 'a refund that fails at once');
my $row = Purser::Test::ulid_text(db_value('SELECT id FROM payment_refund WHERE payment_id = ?', bytes_of($failing->{id})));
is_success(send_event($stack, new_event($_, { %failed, payment_intent => $failing->{payment_intent_id}, amount => 400, metadata => { refund_key => "refund-$row" }, created => time })),
    "and is told to by $_") for 'refund.failed', 'refund.updated';
is_shown($failing, { refunded => 500, clawed => 500, available => 500 }, 'takes nothing from what was given back');

# ---- at once, and in the processor's own time ----

my $raced = paid;
my @replies = $stack->at_once(map { my $n = $_; sub { my $reply = refund($raced, { amount => '6.00' }); return [$reply->status, $reply->json] } } 1 .. 6);
is(scalar(grep { $_->[0] == 200 } @replies), 1, 'of six at once one is made') or diag explain \@replies;
is(scalar(grep { $_->[0] == 409 || $_->[0] == 422 } @replies), 5, 'the others are refused');
is(given_back($raced), 600, 'so much is given back');
is_shown($raced, { refunded => 600, available => 400 }, 'and taken');
my @same = $stack->at_once(map { sub { my $reply = refund($raced, { amount => '1.00' }, idempotency_key => 'same'); return [$reply->status, $reply->json->{id} // $reply->code] } } 1 .. 6);
is(scalar(grep { $_->[0] == 200 || $_->[1] eq 'idempotency_in_progress' } @same), 6, 'six with one key are one') or diag explain \@same;
is(given_back($raced), 700, 'refund');

silence(0);
for my $way ([before_reply => 1], [before_reply => 1, copies => 3, alias => 2]) {
	$provider->control('webhooks', usual => { copies => 1, @$way });
	my $early = paid;
	$provider->control('wait');
	my @once = (idempotency_key => "early $early->{id}");
	my $reply = refund($early, { amount => '3.00' }, @once);
	is_success($reply, 'a refund that the webhook told of before the reply');
	is_deeply([$reply->json->@{qw(status amount credits_clawed)}], ['succeeded', '3.00', 300], 'is what was asked for');
	is_deeply(rows($early), ['succeeded 300 300'], 'and one refund');
	is_shown($early, { refunded => 300, clawed => 300, available => 700 }, 'that took its credits once');
	is(refund($early, { amount => '3.00' }, @once)->body, $reply->body, 'its key answers the same');
	is(scalar(grep { $_ eq 'topup.refunded' } events_of($early->{id})->@*), 1, 'it is told once');
}
$provider->control('wait');
$provider->control('webhooks', usual => { off => 1, before_reply => 0, copies => 1, alias => 0 });

# Nobody answers for as long as a request waits.
my $silent = paid;
$provider->control('fault', method => 'POST', path => 'refunds', times => 0, reset => 1);
my $pending = refund($silent, { amount => '5.00' }, idempotency_key => 'silent');
is_success($pending, 'where the processor is silent');
is_deeply([$pending->json->@{qw(status credits_clawed)}], ['pending', 0], 'the refund is pending');
is_problem(refund($silent, { amount => '5.00' }, idempotency_key => 'silent'), 409, 'idempotency_in_progress', 'its key waits');
is_problem(refund($silent, { amount => '1.00' }), 409, 'conflict', 'and so does the next refund');
$provider->control('clear_faults');
$stack->later(61);
ok($stack->run('refunds.sweep'), 'the sweeper comes');
is_deeply(rows($silent), ['succeeded 500 500'], 'and makes it');
my $known = refund($silent, { amount => '5.00' }, idempotency_key => 'silent');
is_deeply([$known->status, $known->json->@{qw(id status credits_clawed)}], [200, $pending->json->{id}, 'succeeded', 500], 'the key tells so');
is(given_back($silent), 500, 'once');
is_success(refund($silent, { amount => '1.00' }), 'and the next can be made');

ok(ledgers_are_whole(), 'every ledger is whole');
done_testing;
