#!/usr/bin/perl
# Ending a subscription: with its period, or now, which gives nothing back.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Subscriptions;
use Purser::Test;

my %start = (plan_id => $plan{startup}, cycle => 'monthly', trial => \0);
my $organization = new_organization(credits => 4900);
my $begun = subscribe($organization, \%start)->json;

my $reply = end_plan($organization);
is_success($reply, 'a subscription is to end with its period');
is_deeply([$reply->json->@{qw(status cancel_at)}], ['active', $begun->{period}{end}], 'and runs until then');
is(available_of($organization), 0, 'its fee stays taken');
is_deeply(changes_told($organization), ['none active', 'active active'], 'an event tells');
set_clock(16 * 86400 - 60);
is(subscription_of($organization)->json->{status}, 'active', 'half of the time later it still runs');
$reply = end_plan($organization, { when => 'now' });
is_success($reply, 'it can be ended at once all the same');
is($reply->json->{status}, 'cancelled', 'then it is over');
is(available_of($organization), 0, 'what was paid stays paid');
is_deeply(fees_of($organization), [[4900, 4900, 0, 1]], 'for all of its period');
is_problem(subscription_of($organization), 404, 'not_found', 'there is none any more');
is_problem(end_plan($organization), 404, 'not_found', 'nor anything to be ended');
my ($last) = reverse cycles_of($organization);
is((split / (?=\d{4}-)/, $last)[1], $begun->{period}{end} =~ s/T/ /r =~ s/(\.\d+)?Z/.000000/r, 'the running cycle of usage goes on');
is(db_value('SELECT plan_id FROM usage_cycle WHERE organization_id = ? ORDER BY starts_at DESC LIMIT 1', bytes_of($organization->{id})), Purser::Test::ulid_bytes($plan{startup}),
    'with its quotas');
is_whole($organization);
is_success(subscribe(payer(), \%start), 'another organization has nothing to do with it');
set_clock(0);

# At the end of its period, whether the job has come by or not.
my $ending = new_organization(credits => 4900);
subscribe($ending, \%start);
end_plan($ending, { when => 'period_end' });
set_clock(32 * 86400);
is_problem(subscription_of($ending), 404, 'not_found', 'a period later it is over');
is_problem(end_plan($ending), 404, 'not_found', 'for those who write, too');
is_success(subscribe($ending, { plan_id => $plan{free}, cycle => 'monthly' }), 'and another can begin');
set_clock(0);

my $trial = new_organization();
my $trying = subscribe($trial, { plan_id => $plan{startup}, cycle => 'monthly' })->json;
is(end_plan($trial)->json->{cancel_at}, $trying->{trial_end}, 'a trial that is to end ends with itself');
is(end_plan($trial, { when => 'now' })->json->{status}, 'cancelled', 'or now');

my $paying = payer(card => 'pm_card_authenticationRequired');
subscribe($paying, \%start);
db_run("UPDATE payment SET state = 'charging' WHERE organization_id = ?", bytes_of($paying->{id}));
is_problem(end_plan($paying), 409, 'topup_in_progress', 'whose first charge is under way waits for it',
    members => { topup_id => Purser::Test::ulid_text(db_value('SELECT id FROM payment WHERE organization_id = ?', bytes_of($paying->{id}))) });
is(subscription_of($paying)->json->{status}, 'incomplete', 'and keeps it');
db_run("UPDATE payment SET state = 'requires_action' WHERE organization_id = ?", bytes_of($paying->{id}));
is(end_plan($paying, { when => 'now' })->json->{status}, 'cancelled', 'one that waits for its holder is given up');

is_problem(end_plan($organization, { when => 'later' }), 422, 'invalid', 'there is no other time', errors => { '/when' => 'not_allowed' });
is_problem(end_plan($organization, { product => 'x' }), 422, 'invalid', 'nor another product', errors => { '/product' => 'not_allowed' });

done_testing;
