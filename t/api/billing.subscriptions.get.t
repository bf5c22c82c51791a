#!/usr/bin/perl
# Reading a subscription: as it is at this moment, whether a job has written that down or not.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Subscriptions;
use Purser::Test;

keep_away('subscriptions.roll');
my $organization = new_organization(credits => 100_000, timezone => 'Australia/Sydney');
is_problem(subscription_of($organization), 404, 'not_found', 'there is none at first');
at_time('2027-01-31T02:00:00Z');
my $begun = subscribe($organization, { plan_id => $plan{startup}, cycle => 'monthly', seats => 2, trial => \0 })->json;
my $reply = subscription_of($organization);
is_success($reply, 'it is read');
is_deeply($reply->json, $begun, 'as the start has told');
is(request('GET', '/v1/billing/subscriptions/get', key => $organization->{key}, query => { product => 'platform' })->body, $reply->body, 'by its path, too');
is($begun->{period}{end}, '2027-02-27T13:00:00Z', 'begun on 31 January in Sydney, its month ends as 28 February begins there');
for (['2027-03-01T00:00:00Z', '2027-02-27T13:00:00Z', '2027-03-30T13:00:00Z'], ['2027-04-15T00:00:00Z', '2027-03-30T13:00:00Z', '2027-04-29T14:00:00Z'],
	['2027-12-31T20:00:00Z', '2027-12-30T13:00:00Z', '2028-01-30T13:00:00Z'], ['2028-02-29T12:00:00Z', '2028-02-28T13:00:00Z', '2028-03-30T13:00:00Z']) {
	my ($now, $start, $end) = @$_;
	at_time($now);
	is_deeply(subscription_of($organization)->json->{period}, { start => $start, end => $end }, "on $now its period began on $start");
}
at_time('2027-01-31T03:00:00Z');
my $trying = new_organization();
subscribe($trying, { plan_id => $plan{startup}, cycle => 'monthly' });
at_time('2027-02-14T04:00:00Z');
is(subscription_of($trying)->json->{status}, 'active', 'a trial that is over is none');
is_problem(subscription_of($organization, { product => 'spaces' }), 404, 'not_found', 'another product is another subscription');
is_problem(subscription_of(new_organization()), 404, 'not_found', "another organization's is nowhere");
set_clock(0);

done_testing;
