#!/usr/bin/perl
# What nobody gets by starting, changing and ending subscriptions in a clever order: a second quota or a second limit within a
# month, a fee back, a purchase without approval, a product that is owed, a booking that is undone.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use DBI;
use POSIX ();
use Purser::Cards;
use Purser::Holds;
use Purser::Jobs;
use Purser::Orders;
use Purser::Subscriptions;
use Purser::Test;

keep_away('subscriptions.roll');

# A plan that includes so much of a metric, and sells no more.
sub plan_with ($metric, $included, %columns) {
	my $plan = new_plan(monthly_amount => 0, yearly_amount => 0, %columns);
	db_run('INSERT INTO plan_quota (plan_id, metric, included) VALUES (?, ?, ?)', bytes_of($plan), $metric, $included);
	return $plan;
}

sub uses ($organization, $metric, $quantity) {
	my $told = authorize($organization, $metric, $quantity, 60)->json;
	commit_hold($organization, $told->{hold_id}, $quantity) if $told->{allowed};
	return $told->{allowed} ? 1 : 0;
}

sub ends_now ($organization) { return end_plan($organization, { when => 'now' }) }
sub plans_of_cycles ($organization) {
	return join ' ', db_column('SELECT IF(plan_id IS NULL, 0, 1) FROM usage_cycle WHERE organization_id = ? ORDER BY starts_at', bytes_of($organization->{id}));
}

# ---- the hard limit ----

at_time('2027-03-10T10:00:00Z');
my $spender = new_organization(credits => 1000, rate_limit => 100_000);
set_limits($spender, 0.05, 0.10);
settle($spender, order($spender, 'first', 10)->json->{id});
is_problem(order($spender, 'more', 1), 402, 'limit_reached', 'the cycle has spent what it may');
my @more;
for (1 .. 3) {
	subscribe($spender, { plan_id => $plan{free}, cycle => 'monthly' });
	push @more, order($spender, "start $_", 1)->status;
	ends_now($spender);
	push @more, order($spender, "end $_", 1)->status;
}
is_deeply(\@more, [(402) x 6], 'no start and no end gives it more');
is(spend_of($spender), '10 0', 'what was spent counts on');
is_deeply([db_column("SELECT type FROM outbox WHERE organization_id = ? AND kind = 'event' AND type LIKE 'limit.%' ORDER BY created_at", bytes_of($spender->{id}))],
    [qw(limit.soft limit.hard)], 'and no limit is announced again');
at_time('2027-04-10T10:00:00Z');
is(order($spender, 'next', 10)->status, 202, 'a month later it may spend again');
is_whole($spender);

# ---- quotas ----

at_time('2027-03-15T10:00:00Z');
my $metric = new_metric();
my $quota = plan_with($metric, 100);
my $user = new_organization(rate_limit => 100_000);
subscribe($user, { plan_id => $quota, cycle => 'monthly' });
my @cycles = cycles_of($user);
is(uses($user, $metric, 100), 1, 'a quota is used up');
my @again;
for my $turn (sub { change_plan($user, { cycle => 'yearly' }) }, sub { change_plan($user, { cycle => 'monthly' }) }, sub { ends_now($user) },
	sub { subscribe($user, { plan_id => $quota, cycle => 'yearly' }) }, sub { change_plan($user, { seats => 2 }) }, sub { ends_now($user) },
	sub { subscribe($user, { plan_id => $quota, cycle => 'monthly' }) }) {
	is($turn->()->status, 200, 'another turn');
	push @again, uses($user, $metric, 1);
}
is_deeply(\@again, [(0) x 7], 'neither other ways to pay, nor an end and a start, give another');
is_deeply([cycles_of($user)], \@cycles, 'the running cycle goes on');
at_time('2027-03-20T10:00:00Z');
change_plan($user, { cycle => 'yearly' });
is(subscription_of($user)->json->{period}{end}, '2028-03-20T00:00:00Z', 'the fee has a period of its own');
at_time('2027-04-15T00:00:05Z');
is(uses($user, $metric, 100), 1, 'the next quota comes a month after the first');
is((cycles_of($user))[-1], '2027-04-15 00:00:00.000000 2027-05-15 00:00:00.000000', 'counted from the first start');
is(call('usage.current', { organization_id => $user->{id} }, key => $user->{key})->json->{cycle}{end}, '2027-05-15T00:00:00Z', 'as readers see');
at_time('2027-05-01T10:00:00Z');
ends_now($user);
is(uses($user, $metric, 1), 0, 'an end leaves the cycle its quota, used as it is');
at_time('2027-05-15T00:00:05Z');
is(uses($user, $metric, 1000), 1, 'until it is over');
is((cycles_of($user))[-1], '2027-05-15 00:00:00.000000 2027-06-01 00:00:00.000000', 'then usage counts by the calendar');
is(plans_of_cycles($user), '0 1 1 0', 'without a plan');

# A trial's end cuts, and one that is ended early and begun anew waits for it.
at_time('2027-03-15T10:00:00Z');
my $trying = new_organization(rate_limit => 100_000);
my $trial = plan_with($metric, 10, trial_days => 14);
subscribe($trying, { plan_id => $trial, cycle => 'monthly' });
is(uses($trying, $metric, 10), 1, 'a trial has its quota');
ends_now($trying);
is(subscribe($trying, { plan_id => $trial, cycle => 'monthly' })->json->{status}, 'active', 'ended, and begun anew');
is(uses($trying, $metric, 1), 0, 'it is the same quota');
at_time('2027-03-29T10:01:00Z');
is(uses($trying, $metric, 10), 1, 'until the trial would have been over');
like((cycles_of($trying))[-1], qr/^2027-03-29 10:00:\S+ 2027-04-29 00:00:00/, 'which is what months are counted from');

# An event of a few minutes ahead opens no quota for an organization that is gone by then.
at_time('2027-03-15T10:00:00Z');
my $ahead = new_organization();
subscribe($ahead, { plan_id => $quota, cycle => 'monthly' });
at_time('2027-04-14T23:58:00Z');
call('usage.record', { events => [{ id => 'ahead', metric => $metric, quantity => 1, occurred_at => '2027-04-15T00:00:30Z' }] }, key => $ahead->{key});
is(plans_of_cycles($ahead), '0 1 1', 'an event ahead opens the next cycle');
ends_now($ahead);
is(plans_of_cycles($ahead), '0 1 0', 'whose quota ends with the subscription');

# An end by a clock that is behind that of the start.
at_time('2027-03-15T10:00:30Z');
my $turning = new_organization(rate_limit => 100_000);
my @turned;
for my $turn (1 .. 3) {
	subscribe($turning, { plan_id => $quota, cycle => 'monthly' });
	push @turned, uses($turning, $metric, 100);
	at_time('2027-03-15T10:00:10Z');
	ends_now($turning);
	at_time("2027-03-15T10:00:4${turn}Z");
}
is_deeply(\@turned, [1, 0, 0], 'a clock that goes back makes no start one that never was, and no second quota');
is(plans_of_cycles($turning), '0 1', 'the running cycle goes on');
is(db_value('SELECT COUNT(*) FROM subscription WHERE organization_id = ? AND cancelled_at = started_at + INTERVAL 1 MICROSECOND', bytes_of($turning->{id})), 3, 'each was a subscription');

# ---- up, and down again ----

at_time('2027-03-15T10:00:00Z');
my $climber = new_organization(credits => 1_000_000, rate_limit => 100_000);
my $small = plan_with($metric, 10, monthly_amount => 10_000_000, name => 'Small');
my $big = plan_with($metric, 1000, monthly_amount => 900_000_000, name => 'Big');
subscribe($climber, { plan_id => $small, cycle => 'monthly' });
change_plan($climber, { plan_id => $big });
is(change_plan($climber, { plan_id => $small })->status, 200, 'up and down is allowed');
change_plan($climber, { plan_id => $big });
my $held = authorize($climber, $metric, 11, 600)->json->{hold_id};
my $refused = change_plan($climber, { plan_id => $small });
is_problem($refused, 409, 'conflict', 'but not with more held than the small plan includes');
like($refused->json->{detail}, qr/\Q$metric\E.*Small/, 'which is told');
is_problem(preview($climber, { plan_id => $small }), 409, 'conflict', 'by the preview, too');
commit_hold($climber, $held, 11);
is_problem(change_plan($climber, { plan_id => $small }), 409, 'conflict', 'nor with more used');
db_run('UPDATE plan_quota SET overage_unit_price = 1 WHERE plan_id = ?', bytes_of($small));
is(change_plan($climber, { plan_id => $small })->status, 200, 'unless the small plan sells more');
is_whole($climber);

my $tester = new_organization();
subscribe($tester, { plan_id => $trial, cycle => 'monthly' });
is_problem(change_plan($tester, { plan_id => $big }), 409, 'conflict', 'a trial is not changed to a plan without one');
is(subscription_of($tester)->json->{plan_id}, $trial, 'and stays what it was');
set_clock(0);

# ---- approval ----

my $buyer = payer();
my %dear = (plan_id => $plan{scale}, cycle => 'yearly', seats => 5, trial => \0);
for (\&subscribe, \&preview) {
	my $reply = $_->($buyer, \%dear);
	is_problem($reply, 409, 'approval_required', 'a card pays no fee above the threshold', members => { approval_threshold_credits => 100_000 });
	like($reply->json->{detail}, qr/approval first/, 'and the way is told');
}
is(db_value('SELECT COUNT(*) FROM payment WHERE organization_id = ?', bytes_of($buyer->{id})), 0, 'nothing is charged');
db_run('UPDATE organization SET approval_threshold_credits = 10000 WHERE id = ?', bytes_of($buyer->{id}));
my %start = (plan_id => $plan{startup}, cycle => 'monthly', trial => \0);
is(subscribe($buyer, \%start)->json->{status}, 'active', 'below it a card pays');
is_problem(change_plan($buyer, { seats => 3 }), 409, 'approval_required', 'changes count', members => { approval_threshold_credits => 10_000 });
is_problem(call('billing.topup', { credits => 5101 }, key => $buyer->{key}), 409, 'approval_required', 'a fee counts as bought', members => { approval_threshold_credits => 10_000 });
is(call('billing.topup', { credits => 5100 }, key => $buyer->{key})->status, 201, 'to the credit');
is(ends_now($buyer)->json->{status}, 'cancelled', 'who ends it now');
is(available_of($buyer), 5100, 'gets no credits that were bought without approval');

# ---- a hundred stretches and more ----

my $many = new_organization(credits => 10_000_000, rate_limit => 1_000_000);
subscribe($many, \%start);
my %statuses;
for (2 .. 110) {
	set_clock(61 * int($_ / 40));
	$statuses{ change_plan($many, { seats => $_ })->status }++;
}
is_deeply(\%statuses, { 200 => 109 }, 'a seat a time, 110 of them');
set_clock(300);
is(change_plan($many, { seats => 1 })->status, 200, 'are given up at once');
cmp_ok(abs(10_000_000 - 4900 - available_of($many)), '<', 400, 'and all of it comes back: ' . available_of($many));
is_whole($many);
set_clock(0);

# ---- what is owed ----

my $owing = new_organization(credits => 100_000);
subscribe($owing, \%start);
mark_payment($owing, 'failed');
ends_now($owing);
is_problem(subscribe($owing, \%start), 409, 'conflict', 'who ended what was past due does not start again');
is_problem(preview($owing, \%start), 409, 'conflict', 'as the preview says');
is_problem(mark_payment($owing, 'failed'), 409, 'conflict', 'nothing more fails of it');
is(subscribe($owing, { plan_id => $plan{spaces_free}, cycle => 'monthly' })->status, 200, 'another product is free to start');
is(mark_payment($owing, 'made')->json->{status}, 'cancelled', 'a payment is noted all the same');
is(subscribe($owing, \%start)->json->{status}, 'active', 'and frees it');
mark_payment($owing, 'failed');
set_clock(8 * 86400);
is(mark_payment($owing, 'failed')->json->{status}, 'paused', 'one that was paused');
ends_now($owing);
is_problem(subscribe($owing, \%start), 409, 'conflict', 'is owed, too');
mark_payment($owing, 'made');
is(db_value('SELECT pause_reason FROM subscription WHERE organization_id = ? AND pause_reason IS NOT NULL', bytes_of($owing->{id})), undef, 'until it is paid');
is_problem(mark_payment($owing, 'made'), 404, 'not_found', 'once');
is(subscribe($owing, \%start)->json->{status}, 'active', 'then it begins anew');
set_clock(0);
Purser::Test::replace_workers(); # events are told in the order of their ids

# ---- a closed organization ----

my $closing = new_organization(credits => 10_000);
my $owner = new_person($closing, 'owner');
keep_away('organizations.erase');
subscribe($closing, \%start);
subscribe($closing, { plan_id => $plan{spaces_free}, cycle => 'monthly' });
is(call('organizations.close', {}, key => $owner->{key})->status, 200, 'an organization is closed');
is_deeply(changes_told($closing), ['none active', 'none active', 'active cancelled', 'active cancelled'], 'its subscriptions end');
set_clock(65 * 86400);
ok(run_job('subscriptions.roll'), 'months later');
is_deeply(fees_of($closing), [[4900, 4900, 0, 1], [0, 0, 0, 1]], 'nothing was renewed');
is(call('admin.organizations.set', { organization_id => $closing->{id}, status => 'active' }, key => admin_key)->status, 200, 'opened again');
is(subscription_of($closing, {}, key => $owner->{key})->status, 404, 'it has none');
set_clock(0);

# ---- on account, then prepaid, then a card ----

my $turned = payer();
call('admin.organizations.set', { organization_id => $turned->{id}, enterprise_billing => JSON::PP::true, spending_limit_hard => 50 }, key => admin_key);
is(order($turned, 'open', 500)->status, 202, 'an order on account');
call('admin.organizations.set', { organization_id => $turned->{id}, enterprise_billing => JSON::PP::false }, key => admin_key);
is_problem(subscribe($turned, \%start), 402, 'limit_reached', 'counts for a fee by card', members => { hard_limit => 5000, spent => 500 });
is(db_value('SELECT COUNT(*) FROM payment WHERE organization_id = ?', bytes_of($turned->{id})), 0, 'before the card is charged');
is(call('billing.topup', { credits => 100 }, key => $turned->{key})->status, 201, 'which is free for others');

# ---- locks ----

# As usage is recorded: the cycle's row, then the book.
my $both = payer();
authorize($both, $metric, 1);
call('usage.record', { events => [{ id => 'first', metric => $metric, quantity => 1 }] }, key => $both->{key});
call('billing.grants.create', { organization_id => $both->{id}, credits => 1, source => 'goodwill' }, key => admin_key);
sub deadlocks () { return (db_run("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")->fetchrow_array)[1] }
my $before = deadlocks();
pipe my $out, my $in;
my $pid = fork;
if (!$pid) {
	my $other = connect_again();
	$other->begin_work;
	my $run = sub ($sql) {
		my $statement = $other->prepare($sql);
		$statement->bind_param(1, bytes_of($both->{id})->$*, DBI::SQL_BINARY);
		$statement->execute;
		return $statement->fetchall_arrayref;
	};
	$run->('SELECT starts_at FROM usage_cycle WHERE organization_id = ? LOCK IN SHARE MODE');
	syswrite $in, 'locked';
	select undef, undef, undef, 1.5;
	my $got = eval { $run->('SELECT sequence FROM book WHERE organization_id = ? FOR UPDATE'); 1 };
	$other->rollback;
	POSIX::_exit($got ? 0 : 1);
}
sysread $out, my $word, 6;
is(subscribe($both, \%start)->json->{status}, 'active', 'a start that a card pays waits for usage that is recorded');
waitpid $pid, 0;
is($?, 0, 'which gets the book');
is(deadlocks(), $before, 'without a deadlock');
is_whole($both);

ok(ledgers_are_whole(), 'every ledger is whole');
done_testing;
