#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Test;
use Purser::Usage;

my $organization = new_organization(timezone => 'Pacific/Auckland');
sub current () { return call('usage.current', { organization_id => $organization->{id} }, key => $organization->{key}) }

my $reply = current();
is_success($reply, 'before anything was used');
is_deeply($reply->json->{metrics}, [], 'there are no metrics');
is($reply->json->{organization_id}, $organization->{id}, 'of the organization');
my ($day, $hour) = $reply->json->{cycle}{start} =~ /-(\d\d)T(\d\d):00:00Z$/;
like("$day $hour", qr/^(?:30|31|28|29) 1[12]$/, 'the cycle is the calendar month there');

quota_cycle($organization, requests => 10, completion_tokens => 5);
record($organization, [event(1, 'requests', 7, service => 'chat', operator => 'x', cost => '1.50', saving => '0.25'),
    event(2, 'requests', 5, service => 'chat', operator => 'y', cost => '0.50'), event(3, 'requests', '0.5'), event(4, 'prompt_tokens', 100)]);
my $metrics = counters($organization);
is_deeply([sort keys %$metrics], [qw(completion_tokens prompt_tokens requests)], 'what was used, and what has a quota');
is_deeply({ $metrics->{requests}->%{qw(used held included remaining overage events cost saving charged)} },
    { used => '12.5', held => 0, included => 10, remaining => 0, overage => '2.5', events => 3, cost => '2.00', saving => '0.25', charged => 0 }, 'with all figures');
is_deeply($metrics->{requests}{by_service}, [
    { service => '', operator => '', used => '0.5', events => 1, cost => '0.00', saving => '0.00' },
    { service => 'chat', operator => 'x', used => 7, events => 1, cost => '1.50', saving => '0.25' },
    { service => 'chat', operator => 'y', used => 5, events => 1, cost => '0.50', saving => '0.00' }], 'by service and operator');
is_deeply({ $metrics->{completion_tokens}->%{qw(used included remaining overage by_service)} },
    { used => 0, included => 5, remaining => 5, overage => 0, by_service => [] }, 'an untouched quota is all there');
is_deeply([$metrics->{prompt_tokens}->@{qw(included remaining overage)}], [undef, undef, 0], 'and without a quota nothing is left or over');

is_problem(call('usage.current', { organization_id => new_organization()->{id} }, key => $organization->{key}), 404, 'not_found', 'another organization is not there');
is_problem(call('usage.current', {}, key => $organization->{key}), 422, 'invalid', 'which organization has to be said', errors => { '/organization_id' => 'missing' });
done_testing;
