#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

sub retire ($id) { return call('billing.plans.retire', { plan_id => $id }, key => admin_key) }

my $organization = new_organization();
my $plan = call('billing.plans.create', { product => 'spaces', name => 'Inside', tier => 'INTERNAL', yearly_amount => '1.00' }, key => admin_key)->json;
is_problem(retire($plan->{id}), 409, 'conflict', 'a draft is not sold, so it can not be retired');
call('billing.plans.publish', { plan_id => $plan->{id} }, key => admin_key);
my $reply = retire($plan->{id});
is_success($reply, 'a published plan is retired');
is_deeply($reply->json, { %$plan, status => 'retired' }, 'and stays what it is');
ok(!(grep { $_->{id} eq $plan->{id} } call('billing.plans.list', { limit => 1000 }, key => $organization->{key})->json->{data}->@*), 'nobody is offered it any more');
is_problem(retire($plan->{id}), 409, 'conflict', 'it is retired once');
is_problem(retire(new_ulid()), 404, 'not_found', 'an unknown plan is not there');
is_problem(call('billing.plans.retire', {}, key => admin_key), 422, 'invalid', 'it has to be named', errors => { '/plan_id' => 'missing' });
done_testing;
