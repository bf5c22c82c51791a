#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Test;

sub draft (%more) { return call('billing.plans.create', { product => 'spaces', name => 'Inside', tier => 'INTERNAL', monthly_amount => '1.00', %more }, key => admin_key)->json }
sub publish ($id, %options) { return call('billing.plans.publish', { plan_id => $id }, key => admin_key, %options) }
sub listed ($organization) { return { map { $_->{id} => $_ } call('billing.plans.list', { limit => 1000 }, key => $organization->{key})->json->{data}->@* } }

my $organization = new_organization();
my $plan = draft(quotas => { requests => { included => 5 } });
my $reply = publish($plan->{id});
is_success($reply, 'a draft is published');
is_deeply($reply->json, { %$plan, status => 'published' }, 'and nothing else of it changes');
is_deeply(listed($organization)->{ $plan->{id} }, $reply->json, 'everybody is offered it');
my $next = draft();
publish($next->{id});
my $offered = listed($organization);
ok($offered->{ $plan->{id} } && $offered->{ $next->{id} }, 'the next version retires nothing');

is_problem(publish($plan->{id}), 409, 'conflict', 'it is published once');
call('billing.plans.retire', { plan_id => $plan->{id} }, key => admin_key);
is_problem(publish($plan->{id}), 409, 'conflict', 'and never again');
is_problem(publish(new_ulid()), 404, 'not_found', 'an unknown plan is not there');
is_problem(call('billing.plans.publish', {}, key => admin_key), 422, 'invalid', 'it has to be named', errors => { '/plan_id' => 'missing' });

my $contended = draft();
my @results = at_once(8, sub ($number, $client) { return { status => publish($contended->{id}, client => $client)->status } });
is_deeply([sort map { $_->{status} // 0 } @results], [200, (409) x 7], 'of eight at once one publishes it');
call('billing.plans.retire', { plan_id => $_ }, key => admin_key) for $next->{id}, $contended->{id};
done_testing;
