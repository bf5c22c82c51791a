#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Test;

my $organization = new_organization();
my $reply = attach($organization);
my $first = $reply->json;

is_success($reply, 'a card is attached');
is_deeply([sort keys %$first], [sort qw(id provider brand last4 exp_month exp_year isDefault created_at)], 'and told of');
ulid_ok($first->{id}, 'with an id of its own');
is_deeply([@$first{qw(provider brand last4)}], [qw(sandbox visa 4242)], 'the processor, the brand and the last digits');
cmp_ok($first->{exp_year}, '>', 2026, 'it expires some day');
ok($first->{isDefault}, 'the first is the default');
like(db_value('SELECT card_id FROM payment_method WHERE id = ?', bytes_of($first->{id})), qr/\Apm_(?!card_)\w+\z/, 'the processor has given it a name of its own');

sub targets ($operation, $id) {
	return db_column("SELECT HEX(target_id) FROM audit WHERE organization_id = ? AND operation = ? ORDER BY id", bytes_of($id), $operation);
}
sub hex_of ($id) { return uc unpack 'H*', ${ bytes_of($id) } }

is_deeply([targets('payment_methods.attach', $organization->{id})], [hex_of($first->{id})], 'the audit tells which');
my $second = attach($organization, 'pm_card_mastercard')->json;
is_deeply([@$second{qw(brand last4 isDefault)}], ['mastercard', '4444', JSON::PP::false()], 'the second is not');
is_deeply([default_of($organization)], [$first->{id}], 'there is one default');
my %brands = (pm_card_visa_debit => 'visa', pm_card_amex => 'amex', pm_card_mastercard_debit => 'mastercard', cst_visa => 'visa', cst_amex => 'amex');
is(attach($organization, $_)->json->{brand}, $brands{$_}, "$_ is a $brands{$_}") for sort keys %brands;

# ---- once ----

my $card_id = db_value('SELECT card_id FROM payment_method WHERE id = ?', bytes_of($second->{id}));
my $again = attach($organization, $card_id);
is_success($again, 'a card that is attached is attached again');
is_deeply($again->json, $second, 'it is the same');
is((targets('payment_methods.attach', $organization->{id}))[-1], hex_of($second->{id}), 'for the audit, too');
my $count = scalar cards_of($organization);
my @twice = map { attach($organization, 'pm_card_visa', idempotency_key => 'once') } 1 .. 2;
is($twice[1]->body, $twice[0]->body, 'repeated with its key, the reply is the same');
is($twice[1]->header('idempotent-replayed'), 'true', 'and nothing was attached again');
is(scalar cards_of($organization), $count + 1, 'one card more');
is_problem(attach($organization, 'pm_card_amex', idempotency_key => 'once'), 409, 'idempotency_key_reused', 'another card needs another key');

# The reply was lost before it was stored: the processor knows the request by its key.
my $lost = attach($organization, 'pm_card_visa', idempotency_key => 'lost')->json;
db_run("DELETE FROM idempotency WHERE space = ? AND idempotency_key = 'lost'", bytes_of($organization->{id}));
is(attach($organization, 'pm_card_visa', idempotency_key => 'lost')->json->{id}, $lost->{id}, 'a repetition whose first reply was lost gives the same card');
is(attach(new_organization(), 'pm_card_visa', idempotency_key => 'lost')->status, 200, 'another organization may use the same key');

# ---- refusals ----

my $declined = attach($organization, 'pm_card_chargeDeclinedIncorrectCvc', idempotency_key => 'declined');
is_problem($declined, 402, 'card_declined', 'a card that its bank declines is not attached', members => { decline_code => 'incorrect_cvc' });
is_success(attach($organization, 'pm_card_visa', idempotency_key => 'declined'), 'the key is free again for another card');
my $before = scalar cards_of($organization);
is_problem(attach($organization, 'pm_unheard_of'), 422, 'invalid', 'an unknown card is refused in the words of the processor', errors => { '/payment_method_id' => 'refused' });
is_problem(attach($organization, 'cst_unheard_of'), 422, 'invalid', 'so is an unknown token', errors => { '/payment_method_id' => 'refused' });
is_problem(attach(new_organization(), $card_id), 422, 'invalid', "another organization's card is refused", errors => { '/payment_method_id' => 'refused' });
is_problem(attach($organization, $_), 422, 'invalid', "'$_' is no card", errors => { '/payment_method_id' => undef }) for '', 'pm_', 'cst_', 'card_1', 'pm_a-b', "pm_a\n", 'pm_' . 'x' x 98, 'PM_card_visa';
is_problem(call('payment_methods.attach', {}, key => $organization->{key}), 422, 'invalid', 'a card is needed', errors => { '/payment_method_id' => 'missing' });
is(scalar cards_of($organization), $before, 'nothing of that was attached');

my $lone = new_organization();
my $detached = attach($lone, 'pm_card_visa', idempotency_key => 'gone')->json;
my $detached_card = db_value('SELECT card_id FROM payment_method WHERE id = ?', bytes_of($detached->{id}));
call('payment_methods.detach', { payment_method_row_id => $detached->{id} }, key => $lone->{key});
is_deeply([targets('payment_methods.detach', $lone->{id})], [hex_of($detached->{id})], 'what the input names is the target where the reply is not there yet');
is_problem(attach($lone, $detached_card), 422, 'invalid', 'a card that was detached can not come back', errors => { '/payment_method_id' => 'refused' });
db_run("DELETE FROM idempotency WHERE space = ? AND idempotency_key = 'gone'", bytes_of($lone->{id}));
is_problem(attach($lone, 'pm_card_visa', idempotency_key => 'gone'), 409, 'conflict', 'nor by the key it came with');

is_problem(attach(new_key($organization, 'billing:read')), 403, 'forbidden', 'the scope is needed', members => { required_scope => 'billing:write' });
is_problem(attach(new_person($organization, 'member')), 403, 'forbidden', 'the role member does not give it');
call('admin.organizations.set', { organization_id => $lone->{id}, status => 'closed' }, key => admin_key);
is_problem(attach(new_person($lone, 'owner')), 409, 'organization_closed', 'a closed organization attaches nothing');
done_testing;
