#!/usr/bin/perl
# The record of an organization against what was done through the API: usage, orders, limits, grants, subscriptions, and
# what is left of it when a cycle ends.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX qw(strftime);
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;
use Time::HiRes qw(time);
use Time::Local qw(timegm);

sub record ($of) { return call('organizations.record.get', {}, key => $of->{key})->json }
sub some ($json, @names) { return join ' ', map { $_ // '-' } @$json{@names} }

sub done ($operation, $key, $body) {
	my $reply = call($operation, $body, key => $key);
	$reply->status == 200 or die "$operation: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

sub used ($of, @events) {
	my $json = done('usage.record', $of->{key}, { events => [map { { id => new_ulid(), %$_ } } @events] });
	$json->{accepted} == @events or die 'usage.record: ' . encode_json($json);
}

sub seconds_of ($text) {
	my ($year, $month, $day, $hour, $minute, $second) = $text =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)/ or die "no time: $text";
	return timegm($second, $minute, $hour, $day, $month - 1, $year);
}

sub given ($of, $credits, $source, %more) {
	done('billing.grants.create', admin_key, { organization_id => $of->{id}, credits => $credits, source => $source, %more });
}

sub fail_payment ($of, $product) {
	return done('admin.subscriptions.mark_payment', admin_key,
	    { organization_id => $of->{id}, product => $product, outcome => 'failed', invoice_number => "A-$product", amount => '19.00', reason => 'The card was declined.' })->{status};
}

my @alerts = qw(soft_limit hard_limit payment_failed usage_reset usage_50 usage_80 usage_90 usage_100);
sub told ($json) { return join ' ', grep { defined $json->{alert_emails}{$_} } @alerts }

my $organization = new_organization(billing_email => 'bills@example.com');
my $stranger = new_organization(billing_email => 'others@example.com');
used($stranger, { metric => 'prompt_tokens', quantity => 7, cost => '7', properties => { app => 'theirs' } });

# ---- usage ----

used($organization,
    { metric => 'prompt_tokens', quantity => 1000, cost => '0.1', saving => '0.01', properties => { app => 'chat' } },
    { metric => 'prompt_tokens', quantity => '0.75', cost => '0.000001', properties => { app => 'search' } },
    { metric => 'completion_tokens', quantity => 200, cost => '0.2', saving => '0.02', properties => { app => 'chat' } },
    { metric => 'completion_tokens', quantity => '0.75', saving => '0.000003' },
    { metric => 'requests', quantity => 3, cost => '5', properties => { app => 'mail' } });
my $json = record($organization);
is(some($json, qw(prompt_tokens completion_tokens total_tokens num_requests num_apps)), '1000 200 1200 3 3', 'tokens, requests and apps are counted, whole ones');
is(some($json, qw(prompt_tokens_cost completion_tokens_cost total_tokens_cost)), '0.100001 0.2 0.300001', 'with what they cost');
is(some($json, qw(prompt_tokens_cost_savings completion_tokens_cost_savings total_tokens_cost_savings)), '0.01 0.020003 0.030003', 'and what was saved');
like(call('organizations.record.get', {}, key => $organization->{key})->body, qr/"total_tokens_cost":0\.300001,/, 'exactly');
is(some(record($stranger), qw(prompt_tokens prompt_tokens_cost num_apps)), '7 7 1', 'another organization has its own');
used($organization, { metric => 'requests', quantity => 9, occurred_at => strftime('%Y-%m-%dT00:00:00Z', gmtime time - 40 * 86400) });
is(record($organization)->{num_requests}, 3, 'what happened in an earlier cycle is not of this one');

# ---- free credits ----

my $soon = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime time + 1000);
given($organization, 100, 'promotional');
given($organization, 50, 'free_tier', expires_at => $soon);
given($organization, 9000, 'goodwill');
is(record($organization)->{free_balance}, 1.5, 'promotional and free-tier credits are worth their price');
my $order = order($organization, 'free', 20)->json;
is(record($organization)->{free_balance}, 1.5, 'what is held of them is there');
settle($organization, $order->{id});
is(record($organization)->{free_balance}, 1.3, 'what was charged is not');
keep_away('credits.expire_lots');
set_clock(1001);
is(record($organization)->{free_balance}, 1, 'what expires is gone at that moment');
set_clock(0);
my $pounds = new_organization(currency => 'GBP');
given($pounds, 3, 'promotional');
is(some(record($pounds), qw(free_balance currency)), 3 * db_value("SELECT price FROM credit_price WHERE currency = 'GBP'") / 1e6 . ' gbp', 'in the organization\'s currency');

# ---- limits, and mails about them ----

is(told(record($organization)), '', 'no mail has gone out');
set_limits($organization, 0.5, 0.9);
is(some(record($organization), qw(spending_limit_soft spending_limit_hard)), '0.5 0.9', 'the limits are told');
order($organization, 'soft', 30);
is(told(record($organization)), 'soft_limit', 'reaching the soft limit is told by mail, and when');
is(order($organization, 'hard', 50)->status, 402, 'reaching the hard one');
$json = record($organization);
is(told($json), 'soft_limit hard_limit', 'too');
is_deeply([map { $json->{alert_emails}{$_} } qw(soft_limit hard_limit)],
    [map { db_value("SELECT DATE_FORMAT(created_at, '%Y-%m-%dT%H:%i:%s.%fZ') FROM outbox WHERE organization_id = ? AND kind = 'mail' AND type = ?", bytes_of($organization->{id}), $_) } qw(limit.soft limit.hard)],
    'at the time of the mail');
is(told(record($stranger)), '', 'another organization was told nothing');
my $unreachable = new_organization(credits => 100);
set_limits($unreachable, 0.1, 0);
order($unreachable, 'soft', 20);
is(told(record($unreachable)), '', 'where nobody can be reached no mail has gone out');
db_run("INSERT INTO alert_mail (organization_id, type, at) VALUES (?, ?, UTC_TIMESTAMP(6))", bytes_of($unreachable->{id}), $_) for qw(payment_failed usage_reset);
is(told(record($unreachable)), 'payment_failed usage_reset', 'each kind of mail has its own member');
db_run("UPDATE alert_mail SET at = at - INTERVAL 32 DAY WHERE organization_id = ?", bytes_of($unreachable->{id}));
is(told(record($unreachable)), '', 'what went out in an earlier cycle is not told');
set_limits($organization, 0, 0);

# ---- subscriptions ----

is(some(record($organization), qw(subscription_tier subscription_cycle subscription_price_id trial_end)), '_NONE_ - - -', 'without a subscription there is none');
my $trial = done('billing.subscriptions.start', $organization->{key}, { price_id => 'price_platform_startup_monthly_1' });
is(some(record($organization), qw(subscription_tier subscription_cycle subscription_price_id trial_end)),
    '_TRIAL_ monthly price_platform_startup_monthly_1 ' . seconds_of($trial->{trial_end}), 'a trial is told, and when it ends');
is(some(record($organization), map { "spaces_subscription_$_" } qw(tier seats status cancel_at)), '- - - -', 'spaces are another product');
done('billing.subscriptions.start', $organization->{key}, { price_id => 'price_spaces_pro_monthly_1', seats => 3, trial => JSON::PP::false() });
is(some(record($organization), map { "spaces_subscription_$_" } qw(tier seats status cancel_at)), 'PRO 3 active -', 'with its own tier and seats');
my $ending = done('billing.subscriptions.cancel', $organization->{key}, { product => 'spaces', when => 'period_end' });
is(record($organization)->{spaces_subscription_cancel_at}, seconds_of($ending->{cancel_at}), 'and its own end');
fail_payment($organization, 'spaces');
is(record($organization)->{spaces_subscription_status}, 'unpaid', 'past due is unpaid');
my $platform = new_organization(credits => 5000, billing_email => 'bills@example.com');
done('billing.subscriptions.start', $platform->{key}, { price_id => 'price_platform_startup_monthly_1', trial => JSON::PP::false() });
is(some(record($platform), qw(subscription_tier subscription_pause_reason trial_end)), 'STARTUP - -', 'a subscription without a trial');
fail_payment($platform, 'platform');
set_clock(8 * 86400);
is(fail_payment($organization, 'spaces'), 'paused', 'a week later it is paused');
is(some(record($organization), qw(spaces_subscription_status subscription_pause_reason)), 'unpaid -', 'so is paused, for which platform is no reason');
is(record($platform)->{subscription_pause_reason}, undef, 'what is only past due has no reason of a pause');
fail_payment($platform, 'platform');
is(record($platform)->{subscription_pause_reason}{invoices}[0]{invoice_number}, 'A-platform', 'a pause tells its reason');
done('admin.subscriptions.mark_payment', admin_key, { organization_id => $platform->{id}, outcome => 'made' });
is(record($platform)->{subscription_pause_reason}, undef, 'until it is over');
set_clock(0);
my $free = new_organization();
done('billing.subscriptions.start', $free->{key}, { price_id => 'price_platform_free_monthly_1' });
is(some(record($free), qw(subscription_tier subscription_cycle subscription_price_id)), '_NONE_ monthly price_platform_free_monthly_1', 'FREE is no tier');

# ---- a new cycle ----

is(some($json = record($organization), qw(num_requests prompt_tokens num_apps)) . told($json), '0 0 0', 'the trial is a cycle of its own: nothing is used in it, nobody was told');
used($organization, { metric => 'requests', quantity => 130_000, properties => { app => 'chat' } });
is(some($json = record($organization), qw(num_requests num_apps)) . ' ' . told($json), '130000 1 usage_50', 'half of a quota is told by mail');
used($organization, { metric => 'requests', quantity => 125_000 });
is(told(record($organization)), 'usage_50 usage_80 usage_90 usage_100', 'and what comes behind it');
keep_away('subscriptions.roll');
set_clock(14 * 86400 + 60);
$json = record($organization);
is(some($json, qw(subscription_tier trial_end num_requests num_apps)), 'STARTUP - 0 0', 'the moment the trial is over it is no trial, and a new cycle, though no job has seen it');
unlike(told($json), qr/usage_\d/, 'in which nobody was told of quotas');
set_clock(32 * 86400);
is(some(record($organization), map { "spaces_subscription_$_" } qw(tier seats status cancel_at)), '- - - -', 'what was to end has ended');

is(some(record($stranger), qw(prompt_tokens prompt_tokens_cost num_apps)), '0 0 0', 'without a subscription the calendar month has ended, too');
set_limits($stranger, 0.5, 0);
given($stranger, 100, 'goodwill');
order($stranger, 'soft', 60);
is(told(record($stranger)), 'soft_limit', 'a mail of the new cycle is told');
set_clock(64 * 86400);
is(told(record($stranger)), '', 'until that one ends');

# ---- what is left of an erased one ----

set_clock(0);
my $closed = new_organization();
my $owner = new_person($closed, 'owner');
my %one = (id => 'x', token => 'y' x 20, endpoint => 'https://prom.invalid/');
done('organizations.integrations.set', $closed->{key}, { prom => \%one, loki => \%one });
db_run("UPDATE organization SET status = 'closed', closed_at = UTC_TIMESTAMP(6) WHERE id = ?", bytes_of($closed->{id}));
is(record($owner)->{prom_id}, 'x', 'a closed organization still has its integrations');
db_run("UPDATE organization SET closed_at = UTC_TIMESTAMP(6) - INTERVAL 31 DAY WHERE id = ?", bytes_of($closed->{id}));
run_job('organizations.erase');
is(db_value('SELECT COUNT(*) FROM integration WHERE organization_id = ?', bytes_of($closed->{id})), 0, 'erasing it removes them, with their tokens');
done_testing;
