#!/usr/bin/perl
# What is taken for an event of Stripe's, and what is not; each event once.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Payments;
use Purser::Test;
use Purser::Webhooks;

my $stack = stack_with_webhooks();
my $json = { id => 'evt_1', object => 'event', type => 'some.other_type', data => { object => { id => 'x' } } };
my $body = encode_json($json);

sub events () { return db_value('SELECT COUNT(*) FROM provider_event') }

sub is_refused ($reply, $name) {
	my $before = events;
	is_problem($reply, 400, 'bad_request', $name);
	is(events, $before, 'and leaves nothing');
}

# ---- through the front door ----

is_problem(request('POST', '/v1/webhooks/stripe', body => $body, headers => ['Stripe-Signature' => signature($body)]), 400, 'bad_request',
    'a stack without secrets takes no event');
is_problem(request('POST', '/v1/webhooks/stripe', body => $body), 400, 'bad_request', 'and none without a signature');
is_problem(request('GET', '/v1/webhooks/stripe'), 405, 'method_not_allowed', 'an event is posted');

# ---- signatures ----

my $good = send_event($stack, $json);
is_success($good, 'a signed event is taken');
is_deeply($good->json, { received => JSON::PP::true() }, 'and said to be');
is_success(send_event($stack, $json, path => '/v1/op/webhooks.stripe'), 'by its other path, too');
is_success(send_event($stack, $json, secrets => [$secrets[1]]), 'the second secret is as good');
is_success(send_event($stack, $json, secrets => ['whsec_of_yesterday', $secrets[1]]), 'one of several signatures is enough');
is_refused(send_event($stack, $json, signature => undef), 'no signature');
is_refused(send_event($stack, $json, signature => ''), 'an empty one');
is_refused(send_event($stack, $json, signature => 'v1=' . 'a' x 64), 'one without a time');
is_refused(send_event($stack, $json, signature => 't=' . time), 'a time without one');
is_refused(send_event($stack, $json, secrets => ['whsec_of_somebody_else']), "somebody else's secret");
is_refused(send_event($stack, $json, secrets => ['']), 'no secret at all');
is_refused(send_event($stack, $json, signature => signature("$body ")), "another body's");
is_refused(send_event($stack, "$body\n", signature => signature($body)), 'a blank behind the body');
is_refused(send_event($stack, $json, signature => signature($body) =~ s/v1=/v0=/r), 'an older scheme');
is_success(send_event($stack, $json, age => $_), "$_ seconds old") for 290, -290;
is_refused(send_event($stack, $json, age => $_), "$_ seconds old") for 310, -310, 86400;
is_refused(send_event($stack, $_), "a body that is no event: $_") for 'no JSON', '[]', '{}', '{"id":"evt_1"}', '{"type":"charge.refunded"}', '',
    encode_json({ %$json, id => 'e' x 101 }), encode_json({ %$json, id => 7 });
is_success($stack->request('POST', '/v1/webhooks/stripe', body => $body, type => 'text/plain', parameters => { HTTP_STRIPE_SIGNATURE => signature($body) }),
    'whatever the media type says');

# ---- once ----

is(events, 0, 'what is of no interest is not kept');
my $buyer = $stack->new_buyer('pm_card_processing');
my $topup = $stack->good('billing.topup', { credits => 500 }, key => $buyer->{key});
is($topup->{status}, 'processing', 'a purchase that the processor works on');
$stack->provider->control('wait');
my $noted = events;
cmp_ok($noted, '>', 0, 'events that matter are kept');
$stack->provider->control('webhooks', usual => { off => 1 });
my $intent = $stack->provider->control('settle', payment_intent => $topup->{payment_intent_id});
my $event = new_event('payment_intent.succeeded', $intent);
is_success(send_event($stack, $event), 'the processor tells of success');
is(shown_payment($stack, $topup->{id})->{available}, 500, 'which brings the credits');
is_success(send_event($stack, $event), 'the same event again');
is_success(send_event($stack, { %$event, id => 'evt_alias' }), 'and another event about the same');
is(shown_payment($stack, $topup->{id})->{available}, 500, 'bring nothing');
is(events, $noted + 2, 'each event is noted once');
is_deeply([db_column("SELECT DISTINCT CONCAT(actor_type, ' ', outcome) FROM audit WHERE operation = 'webhooks.stripe' AND target_id = ?", bytes_of($topup->{id}))],
    ['processor ok'], 'the audit says who told it');
is_success(send_event($stack, new_event('payment_intent.succeeded', { %$intent, id => 'pi_unknown', metadata => $_ })), 'a payment that is not ours')
    for {}, { topup_id => new_ulid() }, { topup_id => 'something else' };
is_success(send_event($stack, new_event($_, { object => 'other' })), "$_ about something strange") for qw(payment_intent.succeeded charge.refunded
    refund.created charge.dispute.created charge.dispute.closed);
is_success(send_event($stack, new_event('charge.refunded', $_)), 'an object that is none') for 'text', 7, undef, [];

db_run('RENAME TABLE provider_event TO hidden_event');
is_problem(send_event($stack, new_event('payment_intent.succeeded', $intent)), 500, 'internal', 'our own failure is told as one, so that the event comes again');
db_run('RENAME TABLE hidden_event TO provider_event');
done_testing;
