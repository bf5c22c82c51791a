#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Holds;
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

keep_away('usage.lapse_holds');

sub hold ($of, $metric, $quantity, $seconds = 3000) { return authorize($of, $metric, $quantity, $seconds)->json->{hold_id} }

my ($metric, $priced) = (new_metric(), new_metric('sum', 7));
my $organization = new_organization(credits => 100);
give_quotas($organization, $metric => [10, undef]);
my $hold = hold($organization, $metric, 6);
my $reply = release_hold($organization, $hold);
is_success($reply, 'a hold is released');
is_deeply($reply->json, { hold_id => $hold, status => 'released', quantity => 0, credits => 0 }, 'and nothing of it was used');
is(counter_of($organization, $metric), '0 0 0 0', 'it is held no longer');
is(authorize($organization, $metric, 10)->json->{allowed}, JSON::PP::true(), 'others can have it');
is_deeply(release_hold($organization, $hold)->json, $reply->json, 'once more answers the same');
is(counter_of($organization, $metric), '0 0 0 0', 'and gives nothing back twice');

$hold = hold($organization, $priced, 10);
release_hold($organization, $hold);
is(figures($organization), '100 0', 'reserved credits are available again');
is_deeply(entries_of($organization, $hold), ['reservation -70 70', 'release 70 -70'], 'by an entry');
is_whole($organization);

my $afterwards = new_post_pay(1);
$hold = hold($afterwards, $priced, 10);
release_hold($afterwards, $hold);
is(spend_of($afterwards), '0 0', 'what was held on account is not spent any more');
is_whole($afterwards);

$hold = hold($organization, $priced, 10, 60);
set_clock(61);
$reply = release_hold($organization, $hold);
is_deeply($reply->json, { hold_id => $hold, status => 'lapsed', quantity => 0, credits => 0 }, 'one whose time is over has lapsed');
is(figures($organization), '100 0', 'and its credits are there at once');
set_clock(0);

my $committed = hold($organization, $metric, 1);
commit_hold($organization, $committed, 1);
is_problem(release_hold($organization, $committed), 409, 'conflict', 'what was used can not be released');
is_problem(release_hold(new_organization(), hold($organization, $metric, 1)), 404, 'not_found', "another organization's hold is not there");
is_problem(release_hold($organization, new_ulid()), 404, 'not_found', 'nor is one that nobody made');
is_problem(call('usage.release', {}, key => $organization->{key}), 422, 'invalid', 'it has to be named', errors => { '/hold_id' => 'missing' });
done_testing;
