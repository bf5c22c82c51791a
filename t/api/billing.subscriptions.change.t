#!/usr/bin/perl
# Changing a subscription: what is left of the old fee counts, by the second; trials go on; what waits for a card changes
# nothing until it is paid. Amounts of many random changes are in t/proration.t.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Subscriptions;
use Purser::Test;

my ($year) = utc =~ /^(\d{4})/;
$year++;
my %start = (plan_id => $plan{startup}, cycle => 'monthly', trial => \0);

sub lots_of ($organization) {
	return [map { "$_->{source} $_->{remaining}" } call('billing.credits.balance', {}, key => $organization->{key})->json->{lots}->@*];
}

# A subscription that began at the first moment of June, at its middle.
sub in_the_middle ($organization, %more) {
	at_time("$year-06-01T00:00:00Z");
	my $reply = subscribe($organization, { %start, %more });
	$reply->status == 200 or die $reply->body;
	my ($from, $to) = map { seconds_of($_) } $reply->json->{period}->@{qw(start end)};
	set_clock(($from + $to) / 2 - time);
	return $reply->json;
}

# ---- up and down, in credits ----

my $organization = new_organization(credits => 100_000);
my $before = in_the_middle($organization);
is(available_of($organization), 95_100, 'a month of 4,900 credits');
my $reply = change_plan($organization, { plan_id => $plan{growth} }, idempotency_key => 'up');
is_success($reply, 'in its middle the plan is changed');
my $after = $reply->json;
is_deeply([@$after{qw(id plan_id cycle seats status)}], [$before->{id}, $plan{growth}, 'monthly', 1, 'active'], 'to the other one');
is_deeply($after->{period}, $before->{period}, 'in the same period');
is(change_plan($organization, { plan_id => $plan{growth} }, idempotency_key => 'up')->body, $reply->body, 'the same key gives the same reply');
my $taken = 95_100 - available_of($organization);
cmp_ok(abs($taken - 7500), '<=', 1, "half of 19,900 less half of 4,900 is taken: $taken");
is_deeply(changes_told($organization), ['none active', 'active active'], 'an event tells');
is_success(change_plan($organization, { plan_id => $plan{growth} }), 'what changes nothing is no change');
is(available_of($organization), 95_100 - $taken, 'and costs nothing');
$reply = change_plan($organization, { seats => 3 });
is($reply->json->{seats}, 3, 'seats are added');
my $more = 95_100 - $taken - available_of($organization);
cmp_ok(abs($more - 19_900), '<=', 2, "for two halves of the price: $more");
change_plan($organization, { plan_id => $plan{startup}, seats => 1 });
my $back = available_of($organization) - (95_100 - $taken - $more);
cmp_ok(abs($back - 27_400), '<=', 3, "and given back, as three halves of 19,900 less half of 4,900: $back");
is_deeply(lots_of($organization), ['goodwill ' . available_of($organization)], 'into the lot that they came from');
is(change_plan($organization, { plan_id => $plan{free} })->json->{plan_id}, $plan{free}, 'a plan that costs nothing');
cmp_ok(abs(available_of($organization) - 97_550), '<=', 4, 'gives the rest back');
is_whole($organization);

# ---- another cycle of billing ----

my $yearly = new_organization(credits => 100_000);
$before = in_the_middle($yearly);
my $now = now_seconds();
$after = change_plan($yearly, { cycle => 'yearly' })->json;
is($after->{cycle}, 'yearly', 'monthly becomes yearly');
is($after->{price_id}, 'price_platform_startup_yearly_1', 'at its own price');
cmp_ok(seconds_of($after->{period}{start}) - seconds_of($before->{period}{start}), '>', 14 * 86400, 'the period begins now');
is(substr($after->{period}{end}, 0, 10), ($year + 1) . '-06-16', 'and ends in a year');
cmp_ok(abs(available_of($yearly) - (95_100 + 2450 - 49_000)), '<=', 1, 'the whole new fee, less what is left of the old one');
cmp_ok(abs((split ' ', spend_of($yearly))[0] - 51_450), '<=', 1, 'is spend of the same cycle');
my @cycles = cycles_of($yearly);
is((split / (?=\d{4})/, $cycles[-1])[1], "$year-07-01 00:00:00.000000", 'and the running cycle of usage goes on');
is_success(change_plan($yearly, { cycle => 'monthly' }), 'and back');
cmp_ok(abs(available_of($yearly) - 92_650), '<=', 3, 'which gives the year back');
is_whole($yearly);

# ---- a trial ----

at_time("$year-06-01T00:00:00Z");
my $trying = new_organization();
$before = subscribe($trying, { plan_id => $plan{startup}, cycle => 'monthly' })->json;
$after = change_plan($trying, { plan_id => $plan{growth}, cycle => 'yearly', seats => 5 })->json;
is_deeply([@$after{qw(status plan_id cycle seats trial_end period)}], ['trialing', $plan{growth}, 'yearly', 5, @$before{qw(trial_end period)}], 'a trial goes on, as of the other plan');
is_deeply(fees_of($trying), [], 'and costs nothing');
is(db_value('SELECT plan_id FROM usage_cycle WHERE organization_id = ? ORDER BY starts_at DESC LIMIT 1', bytes_of($trying->{id})), Purser::Test::ulid_bytes($plan{growth}),
    'the running cycle has its quotas');

# ---- by card ----

my $by_card = payer(credits => 4900);
in_the_middle($by_card);
$reply = change_plan($by_card, { plan_id => $plan{growth} });
is_success($reply, 'without credits the card pays the difference');
is($reply->json->{next_change}, undef, 'at once');
is(available_of($by_card), 0, 'to the credit');
cmp_ok(abs(db_value('SELECT credits FROM payment WHERE organization_id = ?', bytes_of($by_card->{id})) - 7500), '<=', 1, 'and no more');
is_whole($by_card);

my $declined = payer(card => 'pm_card_chargeDeclined', credits => 4900);
$before = in_the_middle($declined);
is_problem(change_plan($declined, { plan_id => $plan{growth} }, idempotency_key => 'no'), 402, 'card_declined', 'a declined card refuses the change', members => { decline_code => 'generic_decline' });
is_deeply(subscription_of($declined)->json, $before, 'and leaves the subscription as it was');

my $waiting = payer(card => 'pm_card_authenticationRequired', credits => 4900);
$before = in_the_middle($waiting);
$reply = change_plan($waiting, { plan_id => $plan{growth}, seats => 2 });
is_success($reply, 'a card whose holder has to authenticate');
is_deeply([$reply->json->@{qw(plan_id seats status)}], [$plan{startup}, 1, 'active'], 'leaves it as it was');
is($reply->json->{payment}{status}, 'requires_action', 'with the payment');
is_deeply($reply->json->{next_change}, { plan_id => $plan{growth}, price_id => 'price_platform_growth_monthly_1', cycle => 'monthly', seats => 2 }, 'and what it will be');
$reply = change_plan($waiting, { plan_id => $plan{free} });
is_deeply([$reply->json->@{qw(plan_id payment next_change)}], [$plan{free}, undef, undef], 'the next change takes its place');
is_deeply([db_column('SELECT status FROM subscription_change WHERE organization_id = ?', bytes_of($waiting->{id}))], ['gone'], 'for good');
is_whole($waiting);

my $busy = payer(card => 'pm_card_authenticationRequired', credits => 4900);
in_the_middle($busy);
change_plan($busy, { plan_id => $plan{growth} });
db_run("UPDATE payment SET state = 'charging' WHERE organization_id = ?", bytes_of($busy->{id}));
is(change_plan($busy, { seats => 2 })->code, 'topup_in_progress', 'one whose charge is under way is waited for');
db_run("UPDATE payment SET state = 'failed' WHERE organization_id = ?", bytes_of($busy->{id}));

# ---- on account ----

my $invoiced = new_post_pay(1000);
in_the_middle($invoiced);
change_plan($invoiced, { plan_id => $plan{growth} });
change_plan($invoiced, { plan_id => $plan{free} });
my ($owed) = db_run("SELECT SUM(amount) FROM journal_line WHERE organization_id = ? AND account = 'receivable'", bytes_of($invoiced->{id}))->fetchrow_array;
cmp_ok(abs($owed - 24_500_000), '<=', 20_000, 'what is given back of a fee on account is not owed any more');
is_whole($invoiced);

# ---- refusals ----

my $asking = payer();
is_problem(change_plan($asking, { seats => 2 }), 404, 'not_found', 'without a subscription there is nothing to change');
is_problem(change_plan($asking, { product => 'spaces', seats => 2 }), 404, 'not_found', 'of another product neither');
my $poor = new_organization(credits => 4900);
$before = in_the_middle($poor);
is_problem(change_plan($poor, { plan_id => $plan{growth} }), 402, 'card_required', 'no credits, no card');
is_problem(change_plan($poor, { plan_id => $plan{pro} }), 422, 'invalid', 'a plan of another product', errors => { '/plan_id' => 'not_allowed' });
is_problem(change_plan($poor, { price_id => 'price_spaces_pro_monthly_1' }), 422, 'invalid', 'a price of another product', errors => { '/price_id' => 'not_allowed' });
is_problem(change_plan($poor, { price_id => 'x', plan_id => $plan{free} }), 422, 'invalid', 'two plans', errors => { '/price_id' => 'not_allowed' });
is_problem(change_plan($poor, { plan_id => new_ulid() }), 404, 'not_found', 'a plan that nobody knows');
is_problem(change_plan($poor, { plan_id => new_plan(monthly_amount => 1, status => 'retired') }), 409, 'conflict', 'a version that is sold no more');
is_problem(change_plan($poor, { plan_id => $plan{enterprise} }), 409, 'conflict', 'a plan without a price');
is_deeply(subscription_of($poor)->json, $before, 'none of it changed anything');

# The version that a subscription has stays its own.
my $version = new_plan(monthly_amount => 1_000_000);
my $faithful = new_organization(credits => 1000);
in_the_middle($faithful, plan_id => $version);
db_run("UPDATE plan SET status = 'retired' WHERE id = ?", bytes_of($version));
is(change_plan($faithful, { seats => 2 })->json->{seats}, 2, 'a version that is sold no more can have more seats');
is_problem(subscribe(new_organization(credits => 1000), { %start, plan_id => $version }), 409, 'conflict', 'and nobody else gets it');

# The hard limit counts what a change costs.
my $limited = new_organization(credits => 100_000);
in_the_middle($limited);
set_limits($limited, 0, 100);
is_problem(change_plan($limited, { plan_id => $plan{growth} }), 402, 'limit_reached', 'the hard limit holds', members => { hard_limit => 10_000, spent => 4900 });
is_success(change_plan($limited, { plan_id => $plan{free} }), 'what costs less is no spend');

# What was renewed and not billed yet is not given back; the monthly run bills what was used of it.
my $renewed = new_organization(credits => 30_000);
in_the_middle($renewed);
at_time("$year-07-16T00:00:00Z");
is_success(change_plan($renewed, { plan_id => $plan{growth} }), 'a renewed period that is not billed yet');
my $fees = fees_of($renewed);
is_deeply([map { $_->[3] } @$fees], [1, 0, 1], 'keeps the stretch before the change for the monthly run');
cmp_ok(abs($fees->[1][0] - 4900 * 15 / 31), '<=', 1, 'as much of it as was used');
cmp_ok(abs($fees->[2][0] - 19_900 * 16 / 31), '<=', 1, 'and charges the rest at the new price');
is(available_of($renewed), 30_000 - 4900 - $fees->[2][0], 'now');
is_whole($renewed);
set_clock(0);

done_testing;
