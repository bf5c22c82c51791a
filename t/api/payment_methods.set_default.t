#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Test;

my $organization = new_organization();
my @cards = map { attach($organization, $_)->json } qw(pm_card_visa pm_card_mastercard);

sub choose ($organization, $id, %options) {
	return call('payment_methods.set_default', { payment_method_row_id => $id }, key => $organization->{key}, %options);
}

my $reply = choose($organization, $cards[1]{id});
is_success($reply, 'another card becomes the default');
is_deeply($reply->json, { $cards[1]->%*, isDefault => JSON::PP::true() }, 'and is told of');
is_deeply([default_of($organization)], [$cards[1]{id}], 'the one before is it no more');
is_success(choose($organization, $cards[1]{id}), 'what is the default can be made so');
is_deeply([default_of($organization)], [$cards[1]{id}], 'and stays it');
my @twice = map { choose($organization, $cards[0]{id}, idempotency_key => 'once') } 1 .. 2;
is($twice[1]->body, $twice[0]->body, 'repeated with its key, the reply is the same');
is(db_value("SELECT COUNT(*) FROM audit WHERE organization_id = ? AND operation = 'payment_methods.set_default' AND target_id = ?", map { bytes_of($_) } $organization->{id}, $cards[0]{id}), 1,
    'it was done once, and is in the audit');

my $other = new_organization();
my $theirs = attach($other)->json->{id};
is_problem(choose($organization, $theirs), 404, 'not_found', "another organization's card is not there");
is_problem(choose($organization, new_ulid()), 404, 'not_found', 'nor is an unknown one');
call('payment_methods.detach', { payment_method_row_id => $cards[1]{id} }, key => $organization->{key});
is_problem(choose($organization, $cards[1]{id}), 404, 'not_found', 'nor one that was detached');
is_problem(choose($organization, new_card_row($organization, provider => 'stripe')), 409, 'conflict', 'a card at a processor that is not in use is never the default');
is_deeply([default_of($organization)], [$cards[0]{id}], 'all of that has changed nothing');
is_deeply([default_of($other)], [$theirs], 'nor for the other organization');
is_problem(call('payment_methods.set_default', { payment_method_row_id => 'pm_card_visa' }, key => $organization->{key}), 422, 'invalid', "the processor's name is not the id",
    errors => { '/payment_method_row_id' => undef });
is_problem(choose(new_key($organization, 'billing:read'), $cards[0]{id}), 403, 'forbidden', 'the scope is needed', members => { required_scope => 'billing:write' });
done_testing;
