#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Test;

my $organization = new_organization();
my @cards = map { attach($organization, $_)->json } qw(pm_card_visa pm_card_mastercard pm_card_amex pm_card_visa_debit);

sub detach ($organization, $id, %options) {
	return call('payment_methods.detach', { payment_method_row_id => $id }, key => $organization->{key}, %options);
}

sub card_id_of ($id) { return db_value('SELECT card_id FROM payment_method WHERE id = ?', bytes_of($id)) }

# A payment with the card, as it stands in the database.
sub new_payment ($organization, $card, $state) {
	my $id = new_ulid();
	db_run("INSERT INTO payment (id, organization_id, purpose, state, credits, amount, tax, currency, provider, customer_id, card_id, request, created_at)
	    VALUES (?, ?, 'topup', ?, 100, 1000000, 0, 'AUD', 'sandbox', 'cus_1', ?, '{}', UTC_TIMESTAMP(6))", bytes_of($id), bytes_of($organization->{id}), $state, card_id_of($card));
	return $id;
}

my $reply = detach($organization, $cards[1]{id});
is_success($reply, 'a card is detached');
is_deeply($reply->json, { ok => JSON::PP::true(), id => $cards[1]{id} }, 'and named');
is_deeply([default_of($organization)], [$cards[0]{id}], 'the default stays where it was');
ok(defined db_value('SELECT detached_at FROM sandbox_card WHERE id = ?', card_id_of($cards[1]{id})), 'the processor was told');
is_success(detach($organization, $cards[0]{id}), 'the default is detached');
is_deeply([default_of($organization)], [$cards[3]{id}], 'the newest other card becomes it');
my @twice = map { detach($organization, $cards[3]{id}, idempotency_key => 'once') } 1 .. 2;
is($twice[1]->body, $twice[0]->body, 'repeated with its key, the reply is the same');
is_deeply([map { $_->{id} } cards_of($organization)], [$cards[2]{id}], 'one card is left');

# ---- while a payment is under way ----

for my $state (qw(pending charging unknown requires_action)) {
	my $payment = new_payment($organization, $cards[2]{id}, $state);
	is_problem(detach($organization, $cards[2]{id}), 409, 'conflict', "a card is not detached while a payment with it is $state");
	db_run("UPDATE payment SET state = 'failed' WHERE id = ?", bytes_of($payment));
}
my $spare = attach($organization)->json->{id};
my $payment = new_payment($organization, $spare, 'pending');
is_success(detach($organization, $cards[2]{id}), 'a payment with another card is no hindrance, nor one that has ended');
db_run("UPDATE payment SET state = 'succeeded' WHERE id = ?", bytes_of($payment));
is_success(detach($organization, $spare), 'the last card is detached');
is_deeply([cards_of($organization)], [], 'none is left');
ok(attach($organization)->json->{isDefault}, 'the next is the default again');

# ---- what is not there ----

is_problem(detach($organization, $cards[2]{id}), 404, 'not_found', 'a detached card is not there any more');
is_problem(detach($organization, new_ulid()), 404, 'not_found', 'nor is an unknown one');
my $other = new_organization();
my $theirs = attach($other)->json->{id};
is_problem(detach($organization, $theirs), 404, 'not_found', "nor another organization's");
is_deeply([default_of($other)], [$theirs], 'which stays');
my $forgotten = new_card_row($other);
is_success(detach($other, $forgotten), 'a card that the processor has lost is detached all the same');
is_deeply([map { $_->{id} } cards_of($other)], [$theirs], 'and is gone here too');
my $late = new_card_row($other);
db_run('UPDATE payment_method SET detached_at = UTC_TIMESTAMP(6) WHERE id = ?', bytes_of($theirs));
is_problem(detach($other, $theirs), 404, 'not_found', 'what somebody else has detached meanwhile is gone');
is_problem(detach(new_key($organization, 'billing:read'), $late), 403, 'forbidden', 'the scope is needed', members => { required_scope => 'billing:write' });
done_testing;
