#!/usr/bin/perl
# What starting or changing a subscription would cost: told by doing it, and undone.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Subscriptions;
use Purser::Test;

my %start = (plan_id => $plan{startup}, cycle => 'monthly', trial => \0);

# Everything that a rehearsal could leave behind.
sub traces_of ($organization) {
	my $id = bytes_of($organization->{id});
	return join ' ', (map { db_value("SELECT COUNT(*) FROM $_ WHERE organization_id = ?", $id) }
	    qw(subscription subscription_fee subscription_change usage_cycle payment journal_entry outbox audit)), db_value('SELECT COUNT(*) FROM idempotency WHERE space = ?', $id);
}

# ---- a start ----

my $organization = new_organization(credits => 10_000);
my $nothing = traces_of($organization);
my $reply = preview($organization, { %start, seats => 2 }, idempotency_key => 'once');
is_success($reply, 'a start is previewed');
my $told = $reply->json;
is_deeply([sort keys %$told], [sort qw(charge_credits charge credit_back paid_from period lines subscription)], 'the reply tells what it comes to');
is_deeply([@$told{qw(charge_credits charge credit_back paid_from)}], [9800, undef, 0, 'available'], 'its fee, from the credits');
is(scalar $told->{lines}->@*, 1, 'as one line');
is_deeply([$told->{lines}[0]->@{qw(description credits)}], ['Startup, monthly, 2 seats', 9800], 'in words');
is($told->{lines}[0]{seconds}, $told->{lines}[0]{of_seconds}, 'for the whole period');
is_deeply($told->{period}, $told->{subscription}{period}, 'which is that of the subscription');
is($told->{subscription}{status}, 'active', 'that would run');
is(traces_of($organization), $nothing, 'and nothing of it stays');
is(preview($organization, { %start, seats => 1 }, idempotency_key => 'once')->json->{charge_credits}, 4900, 'a key means nothing to it');

my $trial = preview(new_organization(), { plan_id => $plan{startup}, cycle => 'monthly' })->json;
is_deeply([@$trial{qw(charge_credits paid_from lines)}, $trial->{subscription}{status}], [0, undef, [], 'trialing'], 'a trial costs nothing');

my $poor = new_organization(country => 'AU');
$told = preview($poor, \%start)->json;
is_deeply([@$told{qw(charge_credits paid_from charge)}], [4900, 'card', { amount => '49.00', tax => '4.45', currency => 'AUD' }],
    'what a card would be charged, with the tax in it, also where there is no card yet');
is($told->{subscription}{status}, 'active', 'and what it would be then');
my $invoiced = new_post_pay(100);
is(preview($invoiced, \%start)->json->{paid_from}, 'account', 'who is invoiced pays on account');

# ---- a change ----

subscribe($organization, \%start);
set_clock(10 * 86400);
$nothing = traces_of($organization);
my $before = subscription_of($organization)->json;
$told = preview($organization, { cycle => 'yearly' })->json;
is($told->{paid_from}, 'card', 'with a subscription it is a change');
is_deeply([map { $_->{credits} <=> 0 } $told->{lines}->@*], [-1, 1], 'with what is left of the old fee, and the new one');
is($told->{charge_credits}, $told->{lines}[0]{credits} + $told->{lines}[1]{credits}, 'the lines sum up to it');
cmp_ok($told->{lines}[0]{seconds}, '<', $told->{lines}[0]{of_seconds}, 'a part of the old');
$told = preview($organization, { plan_id => $plan{free} })->json;
is($told->{charge_credits}, 0, 'a plan that costs less');
cmp_ok($told->{credit_back}, '>', 3000, 'gives credits back');
is_deeply(preview($organization, {})->json->{lines}, [], 'no change has no lines');
is_deeply(subscription_of($organization)->json, $before, 'nothing has changed');
is(traces_of($organization), $nothing, 'nothing of it stays');
my $spaces = preview($organization, { plan_id => $plan{pro}, cycle => 'monthly', trial => \0 })->json;
is($spaces->{subscription}{product}, 'spaces', 'a plan of a product without a subscription is a start');
set_clock(0);

# ---- what is refused ----

my $reader = first_key($organization->{id}, ['billing:read']);
is_success(preview($organization, { seats => 2 }, key => $reader->{key}), 'who may read may ask');
is_problem(preview($organization, { plan_id => new_ulid() }), 404, 'not_found', 'a plan that nobody knows');
is_problem(preview($poor, { plan_id => $plan{enterprise}, cycle => 'monthly' }), 409, 'conflict', 'a plan without a price');
is_problem(preview($poor, {}), 422, 'invalid', 'a start of nothing', errors => { '/plan_id' => 'missing' });
my $limited = new_organization(credits => 10_000);
set_limits($limited, 0, 10);
is_problem(preview($limited, \%start), 402, 'limit_reached', 'it tells of the hard limit', members => { hard_limit => 1000, spent => 0 });
my $card_too = payer();
set_limits($card_too, 0, 10);
is_problem(preview($card_too, \%start), 402, 'limit_reached', 'before a card is charged, too', members => { hard_limit => 1000, spent => 0 });
is_problem(subscribe($card_too, \%start), 402, 'limit_reached', 'as the start does', members => { hard_limit => 1000, spent => 0 });
my $busy = payer(card => 'pm_card_authenticationRequired', credits => 4900);
subscribe($busy, \%start);
change_plan($busy, { plan_id => $plan{growth} });
db_run("UPDATE payment SET state = 'charging' WHERE organization_id = ?", bytes_of($busy->{id}));
is_problem(preview($busy, { seats => 2 }), 409, 'topup_in_progress', 'a change that is under way is waited for',
    members => { topup_id => Purser::Test::ulid_text(db_value('SELECT id FROM payment WHERE organization_id = ?', bytes_of($busy->{id}))) });
is_problem(preview($organization, { organization_id => $poor->{id} }), 422, 'invalid', 'nobody asks for another organization');

done_testing;
