#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Test;

my $organization = new_organization();
attach($organization);
my $topup = call('billing.topup', { credits => 100, description => 'Spring' }, key => $organization->{key})->json;

sub read_topup ($id, $key = $organization->{key}) { return call('billing.topups.get', { topup_id => $id }, key => $key) }

is_success(read_topup($topup->{id}), 'a top-up is read');
is_deeply(read_topup($topup->{id})->json, $topup, 'as it was told when it was made');
is_deeply(get('/v1/billing/topups/get', query => { topup_id => $topup->{id} }, key => $organization->{key})->json, $topup, 'by GET, too');
is_success(call('billing.topup', { credits => 50 }, key => $organization->{key}), 'another is made', status => 201);
is(read_topup($topup->{id})->json->{balance}, 100, 'the balance is the one behind it');

my $poor = attach($organization, 'pm_card_chargeDeclined')->json;
call('billing.topup', { credits => 100, payment_method_id => $poor->{id} }, key => $organization->{key});
my $failed = call('billing.topups.list', { limit => 1 }, key => $organization->{key})->json->{data}[0];
is_deeply({ read_topup($failed->{id})->json->%{qw(status decline_code credits balance)} }, { status => 'failed', decline_code => 'generic_decline', credits => 100,
    balance => 150 }, 'one that failed says why');

my $asking = attach($organization, 'pm_card_authenticationRequired')->json;
my $waiting = call('billing.topup', { credits => 100, payment_method_id => $asking->{id} }, key => $organization->{key})->json;
is(read_topup($waiting->{id})->json->{client_secret}, $waiting->{client_secret}, 'one that waits shows its secret to who may buy');
my $reader = new_key($organization, 'billing:read');
my $shown = read_topup($waiting->{id}, $reader->{key});
is($shown->json->{status}, 'requires_action', 'who may only read sees that it waits');
ok(!exists $shown->json->{client_secret}, 'and not the secret');
is(read_topup($waiting->{id}, new_person($organization, 'billing')->{key})->json->{client_secret}, $waiting->{client_secret}, 'a person of the role billing sees it');
ok(!exists read_topup($waiting->{id}, new_person($organization, 'viewer')->{key})->json->{client_secret}, 'a viewer does not');

my $slow = attach($organization, 'pm_card_processing')->json;
my $processing = call('billing.topup', { credits => 100, payment_method_id => $slow->{id} }, key => $organization->{key})->json;
grant($organization->{id}, 5);
is_deeply({ read_topup($processing->{id})->json->%{qw(status balance)} }, { status => 'processing', balance => 155 }, 'one that is at work shows the balance so far');
ok(!exists read_topup($waiting->{id})->json->{client_secret}, 'one that was waiting shows no secret any more');

is_problem(read_topup(new_ulid()), 404, 'not_found', 'an unknown one is not there');
is_problem(read_topup($topup->{id}, new_organization()->{key}), 404, 'not_found', "nor is another organization's");
is_problem(call('billing.topups.get', {}, key => $organization->{key}), 422, 'invalid', 'it has to be named', errors => { '/topup_id' => 'missing' });
done_testing;
