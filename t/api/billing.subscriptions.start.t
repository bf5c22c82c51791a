#!/usr/bin/perl
# Subscribing to a plan: trials, what pays for the first fee, and what is refused. Races and processors that fail are in
# t/subscription_races.t.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Subscriptions;
use Purser::Test;

my $monthly = { plan_id => $plan{startup}, cycle => 'monthly', trial => \0 };

# ---- a trial ----

my $trying = new_organization();
my $reply = subscribe($trying, { plan_id => $plan{startup}, cycle => 'monthly', seats => 3 }, idempotency_key => 'first');
my $trial = $reply->json;
is_success($reply, 'a plan with a trial is begun without a card or a credit');
is_deeply([sort keys %$trial], [sort qw(id product plan_id price_id cycle seats status period trial_end cancel_at pause_reason payment next_change)], 'the reply tells of it');
is_deeply({ %$trial{qw(product plan_id price_id cycle seats status cancel_at pause_reason payment next_change)} },
    { product => 'platform', plan_id => $plan{startup}, price_id => 'price_platform_startup_monthly_1', cycle => 'monthly', seats => 3, status => 'trialing',
    cancel_at => undef, pause_reason => undef, payment => undef, next_change => undef }, 'as a trial');
ulid_ok($trial->{id}, 'it has an id');
is(seconds_of($trial->{trial_end}) - seconds_of($trial->{period}{start}), 14 * 86400, 'which lasts the days of the plan');
is($trial->{period}{end}, $trial->{trial_end}, 'and is its period');
is_deeply(fees_of($trying), [], 'nothing is charged for it');
is(subscribe($trying, { plan_id => $plan{startup}, cycle => 'monthly', seats => 3 }, idempotency_key => 'first')->body, $reply->body, 'the same key gives the same reply');
is_deeply(changes_told($trying), ['none trialing'], 'one event tells of it');
my @cycles = cycles_of($trying);
is(scalar @cycles, 2, 'the calendar month ends there, and the trial is a cycle');
is((split / (?=\d{4})/, $cycles[0])[1], (split / (?=\d{4})/, $cycles[1])[0], 'end to end');
is_problem(subscribe($trying, $monthly), 409, 'conflict', 'a second subscription to the product is refused');
is_success(subscribe($trying, { price_id => 'price_spaces_free_monthly_1' }), 'one to another product is not');
is(subscription_of($trying, { product => 'spaces' })->json->{plan_id}, $plan{spaces_free}, 'a price names plan and cycle');
end_plan($trying, { when => 'now' });
is_problem(subscribe($trying, { plan_id => $plan{growth}, cycle => 'monthly', trial => \1 }), 409, 'conflict', 'a second trial of a product is refused');
is_problem(subscribe($trying, { plan_id => $plan{growth}, cycle => 'monthly' }), 402, 'card_required', 'and is not offered either: that one has to be paid');

# ---- from credits ----

my $rich = new_organization(credits => 10_000);
$reply = subscribe($rich, { %$monthly, seats => 2 });
is_success($reply, 'a first fee is taken from the credits');
is($reply->json->{status}, 'active', 'and the subscription runs');
is(available_of($rich), 200, 'a seat is 49.00 AUD, which are 4,900 credits');
is_deeply(fees_of($rich), [[9800, 9800, 0, 1]], 'as the fee of its period');
my $entry = call('billing.credits.transactions', {}, key => $rich->{key})->json->{data}[0];
is_deeply([@$entry{qw(reason amount description)}, $entry->{reference}], ['plan_fee', -9800, 'Startup, monthly, 2 seats', { type => 'subscription', id => $reply->json->{id} }],
    'and an entry of the ledger');
is(spend_of($rich), '9800 0', 'which counts as spent');
is_whole($rich);
my $limited = new_organization(credits => 10_000);
set_limits($limited, 0, 48.99);
is_problem(subscribe($limited, $monthly), 402, 'limit_reached', 'the hard limit holds for it', members => { hard_limit => 4899, spent => 0 });
is(subscription_of($limited)->status, 404, 'and nothing began');
set_limits($limited, 0, 49);
is_success(subscribe($limited, $monthly), 'to the credit');

my $yearly = new_organization(credits => 49_000);
is_success(subscribe($yearly, { price_id => 'price_platform_startup_yearly_1', trial => \0 }), 'a year is paid at once');
is(available_of($yearly), 0, 'at its own price');
is_success(subscribe(new_organization(), { plan_id => $plan{free}, cycle => 'monthly' }), 'a plan that costs nothing needs no card');

# ---- by card ----

my $by_card = payer(credits => 4899);
$reply = subscribe($by_card, $monthly);
is_success($reply, 'where one credit is missing, the card pays');
is_deeply([$reply->json->@{qw(status payment)}], ['active', undef], 'and the subscription runs');
is(available_of($by_card), 4899, 'the whole fee: the credits are not touched');
is_deeply([db_run('SELECT purpose, state, credits, amount FROM payment WHERE organization_id = ?', bytes_of($by_card->{id}))->fetchrow_array],
    ['subscription', 'succeeded', 4900, 49_000_000], 'by one charge');
is_deeply([map { "$_->{reason} $_->{amount}" } call('billing.credits.transactions', {}, key => $by_card->{key})->json->{data}->@*], ['plan_fee -4900', 'topup 4900', 'grant 4899'],
    'which bought the credits that the fee took');
is(db_value('SELECT remaining FROM lot JOIN payment ON payment.entry_id = lot.id WHERE payment.organization_id = ?', bytes_of($by_card->{id})), 0, 'of exactly that lot');
is_whole($by_card);

my $small = payer();
my $cheap = new_plan(monthly_amount => 120_000);
is_success(subscribe($small, { plan_id => $cheap, cycle => 'monthly' }), 'a fee that no card can be charged for');
is(available_of($small), 38, 'is charged as the least, and the rest stays credits');

my $declined = payer(card => 'pm_card_chargeDeclined');
$reply = subscribe($declined, $monthly, idempotency_key => 'declined');
is_problem($reply, 402, 'card_declined', 'a card that is declined refuses the start', members => { decline_code => 'generic_decline' });
is(subscribe($declined, $monthly, idempotency_key => 'declined')->body, $reply->body, 'which its key remembers');
is_problem(subscription_of($declined), 404, 'not_found', 'and the subscription is gone');
is_deeply(changes_told($declined), ['incomplete cancelled'], 'as an event tells');
is_success(subscribe($declined, { plan_id => $plan{startup}, cycle => 'monthly' }), 'it was none: the trial is still to be had');

my $waiting = payer(card => 'pm_card_authenticationRequired');
$reply = subscribe($waiting, $monthly, idempotency_key => 'waits');
is_success($reply, 'a card whose holder has to authenticate');
is($reply->json->{status}, 'incomplete', 'leaves it incomplete');
is($reply->json->{payment}{status}, 'requires_action', 'with the payment');
ok($reply->json->{payment}{client_secret}, 'and its client secret');
is(subscribe($waiting, $monthly, idempotency_key => 'waits')->body, $reply->body, 'the key gives the same reply');
ok(subscription_of($waiting)->json->{payment}{client_secret}, 'who may pay reads the secret later, too');
my $reader = first_key($waiting->{id}, ['billing:read']);
ok(!exists subscription_of($waiting, {}, key => $reader->{key})->json->{payment}{client_secret}, 'and nobody else');
is_problem(subscribe($waiting, $monthly), 409, 'conflict', 'another start is refused meanwhile');
is_problem(change_plan($waiting, { seats => 2 }), 409, 'conflict', 'and a change');
is(end_plan($waiting)->json->{status}, 'cancelled', 'it can be given up');
is_deeply([db_run('SELECT state, error_code FROM payment WHERE organization_id = ?', bytes_of($waiting->{id}))->fetchrow_array], ['failed', 'given_up'], 'with its payment');
is_problem(subscribe($waiting, { %$monthly, seats => 100_000 }), 422, 'invalid', 'no card is charged so much', errors => { '/seats' => 'out_of_range' });

my $busy = payer();
my $other = db_value('SELECT customer_id FROM payment_customer WHERE organization_id = ?', bytes_of($busy->{id}));
db_run("INSERT INTO payment (id, organization_id, purpose, state, credits, amount, tax, currency, provider, customer_id, card_id, request, created_at)
    VALUES (?, ?, 'topup', 'charging', 100, 1000000, 0, 'AUD', 'sandbox', ?, 'x', '{}', UTC_TIMESTAMP(6))", bytes_of(new_ulid()), bytes_of($busy->{id}), $other);
is_problem(subscribe($busy, $monthly), 409, 'topup_in_progress', 'one purchase at a time');

my $owing = payer();
call('billing.grants.create', { organization_id => $owing->{id}, credits => 100, source => 'goodwill' }, key => admin_key);
db_run('UPDATE book SET debt = 70 WHERE organization_id = ?', bytes_of($owing->{id}));
is_problem(subscribe($owing, $monthly), 409, 'conflict', 'who owes credits buys some first');

# ---- on account ----

my $invoiced = new_post_pay(100);
$reply = subscribe($invoiced, $monthly);
is_success($reply, 'who pays afterwards needs neither card nor credits');
is_deeply(db_run("SELECT l.account, l.unit, l.amount FROM journal_line l JOIN journal_entry e USING (organization_id, sequence) WHERE l.organization_id = ? AND e.reason = 'plan_fee' ORDER BY line",
    bytes_of($invoiced->{id}))->fetchall_arrayref, [['receivable', 'AUD', 49_000_000], ['revenue', 'AUD', -49_000_000]], 'it is owed in money');
is(spend_of($invoiced), '4900 0', 'and counts under the hard limit');
is_problem(subscribe($invoiced, { plan_id => $plan{pro}, cycle => 'monthly', trial => \0, seats => 3 }), 402, 'limit_reached', 'which holds');
is_whole($invoiced);

# ---- what is refused ----

my $asking = new_organization(credits => 100_000);
for (
	[{ cycle => 'monthly' }, { '/plan_id' => 'missing' }, 'neither plan nor price'],
	[{ plan_id => $plan{startup}, price_id => 'price_platform_startup_monthly_1' }, { '/price_id' => 'not_allowed' }, 'both'],
	[{ plan_id => $plan{startup} }, { '/cycle' => 'missing' }, 'a plan without a cycle'],
	[{ price_id => 'price_platform_startup_monthly_1', cycle => 'yearly' }, { '/cycle' => 'not_allowed' }, 'a price with another cycle'],
	[{ %$monthly, seats => 0 }, { '/seats' => 'out_of_range' }, 'no seats'],
	[{ %$monthly, cycle => 'weekly' }, { '/cycle' => 'not_allowed' }, 'a week'],
) {
	my ($body, $errors, $name) = @$_;
	is_problem(subscribe($asking, $body), 422, 'invalid', "$name is refused", errors => $errors);
}
is_problem(subscribe($asking, { plan_id => new_ulid(), cycle => 'monthly' }), 404, 'not_found', 'a plan that nobody knows');
is_problem(subscribe($asking, { price_id => 'nothing' }), 404, 'not_found', 'a price that nobody knows');
is_problem(subscribe($asking, { plan_id => $plan{enterprise}, cycle => 'monthly' }), 409, 'conflict', 'a plan without a price is arranged with us');
is_problem(subscribe($asking, { plan_id => $plan{free}, cycle => 'yearly' }), 409, 'conflict', 'and a cycle without one is not sold');
is_problem(subscribe($asking, { plan_id => new_plan(monthly_amount => 1_000_000, status => 'retired'), cycle => 'monthly' }), 409, 'conflict', 'a version that is sold no more');
is_problem(subscribe($asking, { plan_id => new_plan(monthly_amount => 1_000_000, status => 'draft'), cycle => 'monthly' }), 404, 'not_found', 'one that is not sold yet');
is_problem(subscribe($asking, { plan_id => $plan{scale}, cycle => 'monthly', trial => \1 }), 409, 'conflict', 'a trial of a plan without one');
is_problem(subscribe($asking, { %$monthly, organization_id => $rich->{id} }), 422, 'invalid', 'nobody starts one for another organization');
is(available_of($asking), 100_000, 'none of these took a credit');
is_problem(call('billing.subscriptions.start', $monthly, key => $reader->{key}), 403, 'forbidden', 'who may only read starts none');

done_testing;
