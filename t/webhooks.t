#!/usr/bin/perl
# What the processor tells, however it comes: twice, late, early, at once, in any order, forged. Money and credits follow from
# what happened, and from nothing else.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;
use Purser::Webhooks;

my $stack = stack_with_webhooks(PURSER_SLOW_WORKERS => 10);
my $provider = $stack->provider;
my @receiver = ({ url => $stack->{door}, secrets => [$secrets[0]] });

sub script (%in) { $provider->control('webhooks', usual => { %in }) }
sub rules (@rules) { $provider->control('webhooks', rules => \@rules) }
sub fresh () {
	$provider->control('wait');
	$provider->control('webhooks', receivers => \@receiver, usual => { copies => 1, map { $_ => 0 } qw(off alias hold reorder concurrent stale forge tamper before_reply) });
}
sub delivered () { return $provider->control('wait') }
sub statuses ($type) { return [map { $_->{status} } grep { $_->{type} =~ /$type/ } $provider->statistics->{deliveries}->@*] }

# A buyer of 1,000 credits for 10.00, paid by webhooks and worker alike.
sub paid (%more) {
	my $buyer = $stack->new_buyer($more{card} // 'pm_card_visa');
	my $topup = $stack->good('billing.topup', { credits => 1000 }, key => $buyer->{key});
	return { $topup->%*, buyer => $buyer };
}

sub is_paid_once ($topup, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $shown = shown_payment($stack, $topup->{id});
	is_deeply([@$shown{qw(state received cleared granted available)}], ['succeeded', 1000, 1000, 1000, 1000], $name) or diag explain $shown;
	is($provider->taken($topup->{id})->{charges}, 1, 'and charged once');
	is(scalar(grep { $_ eq 'topup.succeeded' } events_of($topup->{id})->@*), 1, 'and told once');
}

# `gone` hundredths are gone for refunds and disputes, and with them as many credits.
sub is_gone ($topup, $refunded, $disputed, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $shown = shown_payment($stack, $topup->{id});
	my $gone = $refunded + $disputed > 1000 ? 1000 : $refunded + $disputed;
	is_deeply([@$shown{qw(refunded disputed clawed clawed_credits cleared sold available debt)}],
	    [$refunded, $disputed, $gone, $gone, 1000 - $gone, 1000 - $gone, 1000 - $gone, 0], $name) or diag explain $shown;
}

# Every event that the deeds bring about, in the order that they came, none of it delivered.
sub held (@deeds) {
	script(hold => 1);
	my @before = map { $_->{id} } $provider->api('GET', 'events', { limit => 100 })->json->{data}->@*;
	$_->() for @deeds;
	my %old = map { $_ => 1 } @before;
	my @events = grep { !$old{ $_->{id} } } reverse $provider->api('GET', 'events', { limit => 100 })->json->{data}->@*;
	return grep { $_->{type} !~ /^(?:charge\.(?:succeeded|failed|pending)|payment_intent\.created|customer|payment_method)/ } @events;
}

# ---- a purchase, told of in every way ----

for my $way (['twice', copies => 2], ['four times at once', copies => 4], ['by several events', alias => 3], ['by several events at once', alias => 3, copies => 3],
    ['before the reply', before_reply => 1], ['before the reply, often', before_reply => 1, copies => 3, alias => 2],
    ['in the reverse order', reorder => 2], ['all at once', concurrent => 3]) {
	my ($name, %script) = @$way;
	fresh;
	script(%script);
	my $topup = paid;
	is($topup->{status}, 'succeeded', "a purchase told of $name succeeds");
	is($topup->{balance}, 1000, 'with the balance behind it');
	$provider->control('release');
	delivered;
	is_paid_once($topup, 'it is booked once');
	is_deeply([grep { $_ != 200 } statuses('payment_intent')->@*], [], 'every event was taken');
}

fresh;
script(before_reply => 1);
my $buyer = $stack->new_buyer;
my @once = ({ credits => 1000 }, key => $buyer->{key}, idempotency_key => 'once');
my $first = $stack->call('billing.topup', @once);
is($first->status, 201, 'a purchase that the webhook books before the worker');
my $again = $stack->call('billing.topup', @once);
is($again->body, $first->body, 'its key answers the same as the worker did');
is($again->header('idempotent-replayed'), 'true', 'as a replay');

# The worker dies while the processor works on the charge: who waits by the key is answered by the webhook.
fresh;
$buyer = $stack->new_buyer;
@once = ({ credits => 1000 }, key => $buyer->{key}, idempotency_key => 'once');
my $confirms = grep { $_->{name} eq 'POST /v1/payment_intents/*/confirm' } $provider->statistics->{log}->@*;
$provider->control('fault', path => 'confirm', when => 'after', hang => 3);
my $begun = $stack->begin('billing.topup', @once);
eventually('the charge is made while nobody has heard of it', sub { db_value("SELECT COUNT(*) FROM payment WHERE organization_id = ? AND state = 'succeeded'", bytes_of($buyer->{id})) });
$stack->kill_workers;
is($stack->finish($begun), undef, 'the worker is killed');
my $answered = $stack->call('billing.topup', @once);
is($answered->status, 201, 'the key answers what the webhook booked');
is($answered->json->{balance}, 1000, 'with the balance');
is($answered->header('idempotent-replayed'), 'true', 'as a replay');
is_paid_once($answered->json, 'it is booked once');

# ---- late and early news about an intent ----

fresh;
script(off => 1);
$buyer = $stack->new_buyer('pm_card_processing');
my $slow = $stack->good('billing.topup', { credits => 1000 }, key => $buyer->{key});
my @news = held(sub { $provider->control('settle', payment_intent => $slow->{payment_intent_id}) });
my $succeeded = (grep { $_->{type} eq 'payment_intent.succeeded' } @news)[0]{data}{object};
my %declined = (%$succeeded, status => 'requires_payment_method', amount_received => 0, latest_charge => undef,
    last_payment_error => { type => 'card_error', code => 'card_declined', decline_code => 'generic_decline', message => 'No.' });
is_success(send_event($stack, new_event('payment_intent.succeeded', $succeeded)), 'a payment succeeds');
is_success(send_event($stack, new_event("payment_intent.$_->[0]", { %declined, %{ $_->[1] } })), "$_->[0] comes after")
    for ['payment_failed', {}], ['processing', { status => 'processing' }], ['requires_action', { status => 'requires_action' }], ['canceled', { status => 'canceled' }];
is_paid_once({ id => $slow->{id} }, 'and changes nothing');

$buyer = $stack->new_buyer('pm_card_processing');
my $failed = $stack->good('billing.topup', { credits => 1000 }, key => $buyer->{key}, idempotency_key => 'fails');
my %intent = ($succeeded->%*, id => $failed->{payment_intent_id}, metadata => { topup_id => $failed->{id} });
is_success(send_event($stack, new_event('payment_intent.payment_failed', { %intent, id => 'pi_of_yesterday', %declined{qw(status last_payment_error amount_received)} })),
    'a decline of another intent of the same payment');
is(shown_payment($stack, $failed->{id})->{state}, 'charging', 'is none of this one');
is_success(send_event($stack, new_event('payment_intent.payment_failed', { %intent, %declined{qw(status last_payment_error amount_received)} })), 'a payment fails');
is(shown_payment($stack, $failed->{id})->{state}, 'failed', 'and is failed');
is($stack->call('billing.topup', { credits => 1000 }, key => $buyer->{key}, idempotency_key => 'fails')->status, 402, 'who waited by the key is told');
is_success(send_event($stack, new_event('payment_intent.succeeded', \%intent)), 'and succeeds after all');
my $late = shown_payment($stack, $failed->{id});
is_deeply([@$late{qw(state received available)}], ['succeeded', 1000, 1000], 'money that arrived is booked');

# Who has the secret of an intent could pay it still, when it has failed on its own.
fresh;
script(off => 1);
$buyer = $stack->new_buyer('pm_card_authenticationRequired');
my $secret = $stack->good('billing.topup', { credits => 1000 }, key => $buyer->{key});
my %waits = ($succeeded->%*, id => $secret->{payment_intent_id}, metadata => { topup_id => $secret->{id} }, amount_received => 0, latest_charge => undef);
send_event($stack, new_event('payment_intent.processing', { %waits, status => 'processing' }));
is(shown_payment($stack, $secret->{id})->{state}, 'charging', 'the holder has paid, it seems');
send_event($stack, new_event('payment_intent.payment_failed', { %waits, %declined{qw(status last_payment_error)} }));
is(shown_payment($stack, $secret->{id})->{state}, 'failed', 'but the card is declined');
my $next = $stack->good('billing.topup', { credits => 1000, payment_method_id => $stack->add_card($buyer, 'pm_card_visa')->{id} }, key => $buyer->{key});
is($provider->api('GET', "payment_intents/$secret->{payment_intent_id}")->json->{status}, 'canceled', 'before the next purchase its intent is cancelled, which could be paid still');
is($next->{status}, 'succeeded', 'then the next is charged');

# A secret that the first news did not have.
$buyer = $stack->new_buyer('pm_card_processing');
my $mute = $stack->good('billing.topup', { credits => 1000 }, key => $buyer->{key});
%waits = (%waits, id => $mute->{payment_intent_id}, metadata => { topup_id => $mute->{id} }, status => 'requires_action');
my @asks = ([undef], ['pi_secret_1', 'pi_secret_1'], ['pi_secret_2', 'pi_secret_1']);
for (@asks) {
	send_event($stack, new_event('payment_intent.requires_action', { %waits, client_secret => $_->[0] }));
	is($stack->good('billing.topups.get', { topup_id => $mute->{id} }, key => $buyer->{key})->{client_secret}, $_->[1], 'the secret is kept when it comes: ' . ($_->[0] // 'not yet'));
}

# ---- refunds and disputes ----

fresh;
my $refunded = paid;
script(alias => 2, copies => 2);
$provider->control('refund', payment_intent => $refunded->{payment_intent_id}, amount => 250);
delivered;
is_gone($refunded, 250, 0, 'a refund made at the processor takes its credits once, however often it is told');
is(scalar(grep { $_ eq 'topup.refunded' } events_of($refunded->{id})->@*), 1, 'and is told once');
my $second = $provider->control('refund', payment_intent => $refunded->{payment_intent_id}, amount => 300);
delivered;
is_gone($refunded, 550, 0, 'the next one as well');
$provider->control('change_refund', refund => $second->{id});
delivered;
is_gone($refunded, 250, 0, 'one that fails afterwards gives them back');
$provider->control('refund', payment_intent => $refunded->{payment_intent_id});
delivered;
is_gone($refunded, 1000, 0, 'and the rest is refunded');

# Whatever the order in which they come, refunds, one that fails, and a second one come to the same.
fresh;
my $orders = 0;
for my $order ('as they happened', 'reversed', map { "shuffled $_" } 1 .. 12) {
	my $topup = paid;
	delivered;
	my @refunds;
	my @told = held(sub { push @refunds, $provider->control('refund', payment_intent => $topup->{payment_intent_id}, amount => 300) },
	    sub { push @refunds, $provider->control('refund', payment_intent => $topup->{payment_intent_id}, amount => 150) },
	    sub { $provider->control('change_refund', refund => $refunds[0]{id}) });
	@told = reverse @told if $order eq 'reversed';
	srand($1), @told = sort { $a->{rank} <=> $b->{rank} } map { { $_->%*, rank => rand } } @told if $order =~ /shuffled (\d+)/;
	is_deeply([grep { $_ != 200 } map { send_event($stack, $_)->status } @told], [], "refunds told $order");
	is_gone($topup, 150, 0, 'come to what was given back');
}

# Refunds and disputes that are told before the payment itself.
for my $kind (qw(refund dispute)) {
	fresh;
	script(off => 1);
	$buyer = $stack->new_buyer('pm_card_processing');
	my $topup = $stack->good('billing.topup', { credits => 1000 }, key => $buyer->{key});
	my @told = held(sub { $provider->control('settle', payment_intent => $topup->{payment_intent_id}) },
	    sub { $provider->control($kind, payment_intent => $topup->{payment_intent_id}, amount => 400) });
	is_success(send_event($stack, $_), "$_->{type} comes before") for reverse @told;
	is_gone($topup, $kind eq 'refund' ? (400, 0) : (0, 400), "a $kind that is told before the payment counts");
	is(scalar(grep { $_ eq 'topup.succeeded' } events_of($topup->{id})->@*), 1, 'of a payment that is booked once');
}

fresh;
my $disputed = paid;
delivered;
is($stack->good('billing.set_auto_topup', { enabled => JSON::PP::true(), threshold_credits => 1, topup_amount_credits => 100 }, key => $disputed->{buyer}{key})->{state},
    'active', 'automatic top-ups are active');
my $dispute = $provider->control('dispute', payment_intent => $disputed->{payment_intent_id}, withdraws => JSON::PP::false());
delivered;
is_gone($disputed, 0, 0, 'a dispute that took no money yet takes no credits');
is_deeply(held_disputes($disputed->{id}), [[0, 0, 'open']], 'but is known');
is_deeply([@{ $stack->good('billing.auto_topup.get', {}, key => $disputed->{buyer}{key}) }{qw(state last_error)}], ['paused', 'A charge is disputed.'],
    'and pauses automatic top-ups, which would be disputed too');
$provider->control('withdraw', dispute => $dispute->{id});
delivered;
is_gone($disputed, 0, 1000, 'when the money is withdrawn, so are the credits');
$provider->control('close_dispute', dispute => $dispute->{id}, status => 'won');
delivered;
is_gone($disputed, 0, 0, 'a win restores them');
is_deeply(held_disputes($disputed->{id}), [[1, 1, 'won']], 'and all of it is known');
is_deeply([grep { /dispute/ } events_of($disputed->{id})->@*],
    [qw(topup.disputed topup.dispute_funds_withdrawn topup.dispute_won topup.dispute_funds_reinstated)], 'each step was told once');

for my $ending (['won', 0], ['lost', 600]) {
	my ($status, $left) = @$ending;
	for my $order ('as they happened', 'reversed', map { "shuffled $_" } 1 .. 6) {
		fresh;
		my $topup = paid;
		delivered;
		my @told = held(sub {
			my $one = $provider->control('dispute', payment_intent => $topup->{payment_intent_id}, amount => 600);
			$provider->control('close_dispute', dispute => $one->{id}, status => $status);
		});
		@told = reverse @told if $order eq 'reversed';
		srand($1), @told = sort { $a->{rank} <=> $b->{rank} } map { { $_->%*, rank => rand } } @told if $order =~ /shuffled (\d+)/;
		send_event($stack, $_)->status == 200 or fail("$_->{type} is taken") for @told, @told;
		is_gone($topup, 0, $left, "a dispute that is $status, told $order");
	}
}

# A win counts, whether the money is told to be back or not; and a withdrawal that is told after it takes nothing.
fresh;
my $won = paid;
delivered;
my @steps = held(sub {
	my $one = $provider->control('dispute', payment_intent => $won->{payment_intent_id}, amount => 700);
	$provider->control('close_dispute', dispute => $one->{id}, status => 'won', reinstates => JSON::PP::false());
});
send_event($stack, $_)->status == 200 or fail("$_->{type} is taken") for @steps;
is_gone($won, 0, 0, 'a win restores the credits before the money is back');
my ($withdrawal) = grep { $_->{type} eq 'charge.dispute.funds_withdrawn' } @steps;
is_success(send_event($stack, { %$withdrawal, id => "$withdrawal->{id}_late" }), 'a withdrawal that is told again');
is_gone($won, 0, 0, 'takes nothing');

# What was restored is taken first when the money goes again.
fresh;
my $again_gone = paid;
delivered;
$dispute = $provider->control('dispute', payment_intent => $again_gone->{payment_intent_id});
delivered;
$provider->control('close_dispute', dispute => $dispute->{id}, status => 'won');
delivered;
$stack->good('billing.grants.create', { organization_id => $again_gone->{buyer}{id}, credits => 1000, source => 'promotional' }, key => $stack->admin_key);
is_success(send_event($stack, new_event('refund.created', { id => 're_again', payment_intent => $again_gone->{payment_intent_id}, amount => 1000, status => 'succeeded' })), 'the money goes for good');
is_deeply([db_run('SELECT source, remaining FROM lot WHERE organization_id = ? AND remaining > 0', bytes_of($again_gone->{buyer}{id}))->fetchall_arrayref->@*], [['promotional', 1000]],
    'a refund behind a dispute that was won takes the credits that the win restored');

# Amounts beyond all money.
my $absurd = paid;
delivered;
my %huge = (payment_intent => $absurd->{payment_intent_id}, amount => 922_337_203_685_477, created => 9_000_000_000_000);
is_success(send_event($stack, new_event($_->[0], { %huge, id => $_->[1], status => $_->[2] })), "an absurd $_->[0]")
    for ['refund.created', 're_huge_1', 'succeeded'], ['refund.created', 're_huge_2', 'succeeded'], ['charge.dispute.funds_withdrawn', 'dp_huge_1', 'lost'],
    ['charge.dispute.funds_withdrawn', 'dp_huge_2', 'lost'];
is_success(send_event($stack, new_event('charge.refunded', { object => 'charge', %huge, amount_refunded => 922_337_203_685_477, amount_captured => 1000, currency => 'aud' })), 'an absurd total');
is_deeply([@{ shown_payment($stack, $absurd->{id}) }{qw(clawed clawed_credits available)}], [1000, 1000, 0], 'takes what there was, and no more');

# What is spent is owed, and a win pays it.
fresh;
my $spent = paid;
delivered;
$stack->good('billing.adjustments.create', { organization_id => $spent->{buyer}{id}, credits => -700, reason => 'Spent.' }, key => $stack->admin_key);
$dispute = $provider->control('dispute', payment_intent => $spent->{payment_intent_id});
delivered;
my $owing = shown_payment($stack, $spent->{id});
is_deeply([@$owing{qw(available debt clawed_credits)}], [0, 700, 1000], 'credits that were spent are owed');
$provider->control('close_dispute', dispute => $dispute->{id}, status => 'won');
delivered;
$owing = shown_payment($stack, $spent->{id});
is_deeply([@$owing{qw(available debt clawed_credits)}], [300, 0, 0], 'and a win pays them first');

# ---- who may tell ----

fresh;
for my $way (['forged', forge => 1], ['tampered with', tamper => 1], ['too old', stale => 400], ['of the future', stale => -400]) {
	my ($name, %script) = @$way;
	fresh;
	my $topup = paid;
	delivered;
	my $kept = db_value('SELECT COUNT(*) FROM provider_event');
	script(%script);
	$provider->control('refund', payment_intent => $topup->{payment_intent_id}, amount => 500);
	delivered;
	is_deeply([grep { $_ != 400 } @{ statuses('refund') }[-2, -1]], [], "news that is $name is refused");
	is_gone($topup, 0, 0, 'and takes nothing');
	is(db_value('SELECT COUNT(*) FROM provider_event'), $kept, 'nor is it kept');
}

for my $way (['the second secret', [$secrets[1]]], ['both', [@secrets]], ['an unknown one and a good one', ['whsec_old', $secrets[0]]]) {
	my ($name, $signing) = @$way;
	fresh;
	my $topup = paid;
	delivered;
	$provider->control('webhooks', receivers => [{ url => $stack->{door}, secrets => $signing }]);
	$provider->control('refund', payment_intent => $topup->{payment_intent_id}, amount => 500);
	delivered;
	is_gone($topup, 500, 0, "news signed by $name is taken");
}

# ---- our own failures ----

fresh;
my $unlucky = paid;
delivered;
db_run('RENAME TABLE payment_refund TO hidden_refund');
script(retries => 8, retry_seconds => 0.2);
$provider->control('refund', payment_intent => $unlucky->{payment_intent_id}, amount => 500);
eventually('our own failure is a 500', sub { grep { ($_ // 0) == 500 } statuses('refund')->@* });
db_run('RENAME TABLE hidden_refund TO payment_refund');
delivered;
is_gone($unlucky, 500, 0, 'and what comes again has its effect, once');
fresh;

# The same news in many hands.
my $busy = paid;
delivered;
script(off => 1);
my @told = held(sub { $provider->control('refund', payment_intent => $busy->{payment_intent_id}, amount => 100) for 1 .. 3 });
my @statuses = $stack->at_once(map { my $event = $_; map { sub { return send_event($stack, $event)->status } } 1 .. 3 } @told);
is_deeply([grep { $_ != 200 } @statuses], [], 'many at once are taken');
is_gone($busy, 300, 0, 'and have their effect once');

ok(ledgers_are_whole(), 'every ledger is whole');
done_testing;
