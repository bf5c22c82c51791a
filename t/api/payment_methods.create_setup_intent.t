#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Test;

my $organization = new_organization();

sub begin ($organization, %options) {
	return call('payment_methods.create_setup_intent', {}, key => $organization->{key}, %options);
}

my $reply = begin($organization);
my $made = $reply->json;

is_success($reply, 'taking a card is begun');
is_deeply([sort keys %$made], [qw(client_secret customer_id env setup_intent_id)], 'the reply has what the form in the browser needs');
like($made->{setup_intent_id}, qr/\Aseti_\w+\z/, 'the name of what was begun');
like($made->{client_secret}, qr/\A\Q$made->{setup_intent_id}\E_secret_\w+\z/, 'and its secret');
is($made->{env}, 'test', 'the sandbox charges no real card');
is($made->{customer_id}, db_value("SELECT customer_id FROM payment_customer WHERE organization_id = ? AND provider = 'sandbox'", bytes_of($organization->{id})),
    'the organization is a customer of the processor');

my $second = begin($organization)->json;
isnt($second->{client_secret}, $made->{client_secret}, 'each has a secret of its own');
is($second->{customer_id}, $made->{customer_id}, 'of one customer');
attach($organization);
is(begin($organization)->json->{customer_id}, $made->{customer_id}, 'which is the one that cards are attached to');
isnt(begin(new_organization())->json->{customer_id}, $made->{customer_id}, 'another organization is another customer');

my @twice = map { begin($organization, idempotency_key => 'once') } 1 .. 2;
is($twice[1]->body, $twice[0]->body, 'repeated with its key, the reply is the same');
is($twice[1]->header('idempotent-replayed'), 'true', 'and nothing was begun again');
is(db_value("SELECT COUNT(*) FROM idempotency WHERE space = ? AND reply LIKE '%secret%'", bytes_of($organization->{id})), 0, 'what is stored of it shows no secret');

my $gone = new_organization();
db_run("INSERT INTO payment_customer (organization_id, provider, customer_id, created_at) VALUES (?, 'sandbox', ?, UTC_TIMESTAMP(6))", bytes_of($gone->{id}), "cus_gone_$$");
is_problem(begin($gone), 409, 'conflict', 'a customer that the processor has lost is told of');

is_problem(call('payment_methods.create_setup_intent', { customer_id => 'cus_1' }, key => $organization->{key}), 422, 'invalid', 'nobody names another customer',
    errors => { '/customer_id' => 'unknown' });
is_problem(begin(new_key($organization, 'billing:read')), 403, 'forbidden', 'the scope is needed', members => { required_scope => 'billing:write' });
is_problem(begin(new_person($organization, 'member')), 403, 'forbidden', 'the role member does not give it');
is_success(begin(new_person($organization, 'billing')), 'the role billing does');
done_testing;
