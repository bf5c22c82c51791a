#!/usr/bin/perl
# Refunds that nobody finished: they are made once, or known not to be made, and whoever waits is answered.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;
use Purser::Webhooks;
use Time::HiRes qw(sleep);

my $job = 'refunds.sweep';
my $stack = stack_with_webhooks();
my $provider = $stack->provider;
my @admin = (key => $stack->admin_key);
my $refunds = 'POST /v1/refunds';

$provider->control('webhooks', usual => { off => 1 });

sub paid () {
	my $buyer = $stack->new_buyer;
	return { $stack->good('billing.topup', { credits => 1000 }, key => $buyer->{key})->%*, buyer => $buyer };
}

sub asked ($topup) { return ('billing.topups.refund', { organization_id => $topup->{buyer}{id}, topup_id => $topup->{id}, amount => '4.00', reason => 'Test.' }, @admin, idempotency_key => $topup->{id}) }
sub rows ($topup) { return [db_column("SELECT CONCAT(state, ' ', clawed_credits) FROM payment_refund WHERE payment_id = ? ORDER BY id", bytes_of($topup->{id}))] }
sub given_back ($topup) { return $provider->taken($topup->{id})->{refunded} }
sub requests () { return scalar grep { $_->{name} eq $refunds } $provider->statistics->{log}->@* }

# A refund whose worker was killed while the processor was at it; `fault` says what the processor did.
sub orphan (%fault) {
	my $topup = paid;
	my $before = requests;
	$provider->control('fault', method => 'POST', path => 'refunds', hang => 1.5, %fault);
	my $begun = $stack->begin(asked($topup));
	$stack->seen($refunds, $before + 1);
	$stack->kill_workers;
	$stack->finish($begun);
	sleep 1.6; # until then the key is in use
	is_deeply(rows($topup), ['pending 0'], 'a refund is left by a worker that was killed');
	return $topup;
}

sub answer ($topup) {
	my $reply = $stack->call(asked($topup));
	return [$reply->status, $reply->status == 200 ? $reply->json->@{qw(status credits_clawed)} : $reply->code];
}

for my $case (['that was made', when => 'after'], ['that was not made', reset => 1]) {
	my ($name, %fault) = @$case;
	my $topup = orphan(%fault);
	is_deeply(answer($topup), [409, 'idempotency_in_progress'], "$name: who waits, waits on");
	ok($stack->run($job), 'the sweeper comes at once');
	is_deeply(rows($topup), ['pending 0'], 'and leaves it to its worker for a while');
	$stack->later(61);
	ok($stack->run($job), 'then it comes again');
	is_deeply(rows($topup), ['succeeded 400'], 'and the refund is made');
	is(given_back($topup), 400, 'once');
	is_deeply(answer($topup), [200, 'succeeded', 400], 'who waits is told');
	my $shown = shown_payment($stack, $topup->{id});
	is_deeply([@$shown{qw(refunded clawed available cleared)}], [400, 400, 600, 600], 'the credits are taken');
	my $requests = requests;
	$stack->later(7200);
	ok($stack->run($job), 'later');
	is(requests, $requests, 'nobody asks again');
}

# A processor that is silent for long is asked again and again, and less often.
my $silent = orphan(reset => 1);
$provider->control('fault', method => 'POST', path => 'refunds', times => 0, status => 503);
$stack->later(61);
ok($stack->run($job), 'a processor that fails is no failure of the job');
is_deeply(rows($silent), ['pending 0'], 'the refund stays');
my $soon = db_value('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6) + INTERVAL ? SECOND, look_at) FROM payment_refund WHERE payment_id = ?', $stack->{offset}, bytes_of($silent->{id}));
cmp_ok($soon, '<=', 20, 'and is looked at again soon');
$stack->later(7200);
$stack->run($job);
my $later = db_value('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6) + INTERVAL ? SECOND, look_at) FROM payment_refund WHERE payment_id = ?', $stack->{offset}, bytes_of($silent->{id}));
cmp_ok($later, '>', 300, 'later not so soon');
$provider->control('clear_faults');
$stack->later(700);
ok($stack->run($job), 'it answers again');
is_deeply(rows($silent), ['succeeded 400'], 'and the refund is made');
is(given_back($silent), 400, 'once');

# After 23 hours its key is not used any more: the charge tells.
for my $case (['that was made', { when => 'after' }, 'succeeded 400', [200, 'succeeded', 400], 400],
    ['that was not made', { reset => 1 }, 'failed 0', undef, 0]) {
	my ($name, $fault, $row, $answer, $amount) = @$case;
	my $topup = orphan(%$fault);
	my $requests = requests;
	$stack->later(23 * 3600 + 1);
	$provider->control('fault', path => 'payment_intents', times => 1, status => 503);
	ok($stack->run($job), "a refund $name, a day later");
	$stack->later(700);
	ok($stack->run($job), 'and once more');
	is_deeply(rows($topup), [$row], "is known to be one $name");
	is(requests, $requests, 'its key is not used again');
	is(given_back($topup), $amount, 'so much was given back');
	my $shown = shown_payment($stack, $topup->{id});
	is_deeply([@$shown{qw(refunded clawed available)}], [$amount, $amount, 1000 - $amount], 'and so much taken');
	is_deeply(answer($topup), $answer, 'who waits is told') if $answer;
}

# Nobody can tell any more: the key is of another account than the charge.
my $stranger = orphan(reset => 1);
$provider->control('fault', path => 'payment_intents', times => 0, status => 404, code => 'resource_missing');
for ([23 * 3600 + 1, 'pending'], [48 * 3600, 'pending'], [3600, 'failed']) {
	$stack->later($_->[0]);
	$stack->run($job);
	is_deeply(rows($stranger), ["$_->[1] 0"], "a refund of a charge that is not there any more is $_->[1]");
}
$provider->control('clear_faults');

# One that was only taken on ends by what is told of it.
my $taken = orphan(when => 'after');
my ($there) = $provider->api('GET', 'refunds', { payment_intent => $taken->{payment_intent_id} })->json->{data}->@*;
is_success(send_event($stack, new_event('refund.created', { %$there, status => 'pending' })), 'a refund that is only under way');
is_deeply(rows($taken), ['pending 400'], 'has taken its credits');
is_deeply(answer($taken), [409, 'idempotency_in_progress'], 'and who asked waits');
is_success(send_event($stack, new_event('refund.updated', $there)), 'until it is told to be done');
is_deeply(answer($taken), [200, 'succeeded', 400], 'then it is told');
is_success(send_event($stack, new_event('refund.updated', { %$there, status => 'pending' })), 'late news');
is_deeply(rows($taken), ['succeeded 400'], 'change nothing');
is_success(send_event($stack, new_event('refund.failed', { %$there, status => 'failed' })), 'that it failed after all');
my $shown = shown_payment($stack, $taken->{id});
is_deeply([rows($taken)->[0], @$shown{qw(refunded available)}], ['failed 0', 0, 1000], 'gives the credits back');
is_deeply([grep { /refund/ } events_of($taken->{id})->@*], ['topup.refunded', 'topup.refund_failed'], 'all of it was told');

# Many, by many runners.
my @many = map { orphan($_ % 2 ? (when => 'after') : (reset => 1)) } 1 .. 3;
$stack->later(61);
my @runs = map { $stack->begin_run($job) } 1 .. 3;
end_program($_) for @runs;
$stack->later(61);
$stack->run($job);
is_deeply([map { rows($_)->@* } @many], [('succeeded 400') x 3], 'several runners make each');
is_deeply([map { given_back($_) } @many], [400, 400, 400], 'once');
ok(ledgers_are_whole(), 'every ledger is whole');
done_testing;
