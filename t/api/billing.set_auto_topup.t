#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Approvals;
use Purser::Cards;
use Purser::Test;

my ($yes, $no) = (JSON::PP::true(), JSON::PP::false());
my %wanted = (enabled => $yes, threshold_credits => 1000, topup_amount_credits => 500);

sub set ($organization, %fields) { return call('billing.set_auto_topup', { %wanted, %fields }, key => $organization->{key}) }
sub available ($organization) { return call('billing.credits.balance', {}, key => $organization->{key})->json->{available} }
sub threshold ($organization) { return db_value('SELECT auto_topup_threshold FROM book WHERE organization_id = ?', bytes_of($organization->{id})) }

my $organization = new_customer('pm_card_visa', credits => 1000);
my $reply = set($organization, daily_charge_cap_aud => 20);
is_success($reply, 'automatic top-ups are set');
is_deeply($reply->json, { enabled => $yes, threshold_credits => 1000, topup_amount_credits => 500, daily_charge_cap_aud => 20, charged_today_aud => 0,
    state => 'active', last_attempt_at => undef, last_error => undef }, 'and told of');
is(threshold($organization), 1000, 'the ledger knows the threshold');
sleep 3;
is(available($organization), 1000, 'with enough credits nothing is bought');
call('billing.adjustments.create', { organization_id => $organization->{id}, credits => -1, reason => 'spent' }, key => admin_key);
eventually('below the threshold credits are bought by themselves', sub { available($organization) == 1499 }, 20);
my $after = call('billing.auto_topup.get', {}, key => $organization->{key})->json;
is($after->{charged_today_aud}, 5, 'for what they cost');

my $low = new_customer('pm_card_visa', credits => 10);
is_success(set($low, topup_amount_credits => 300), 'set where there is less than the threshold');
eventually('the smallest multiple that reaches it is bought at once', sub { available($low) == 1210 }, 20);

# ---- replacing ----

my $replaced = set($organization, threshold_credits => 7, topup_amount_credits => 50)->json;
is_deeply([@$replaced{qw(threshold_credits topup_amount_credits daily_charge_cap_aud)}], [7, 50, undef], 'setting replaces all of it: without a cap there is none');
is(set($organization, daily_charge_cap_aud => undef)->json->{daily_charge_cap_aud}, undef, 'null is none as well');
is(set($organization, daily_charge_cap_aud => 0.01)->json->{daily_charge_cap_aud}, 0.01, 'a cap can be small');
is(set($organization, topup_amount_credits => 100_000)->json->{topup_amount_credits}, 100_000, 'an amount can be what is bought without approval');
db_run("UPDATE auto_topup SET state = 'paused', soft_declines = 3, last_error = 'x', due_at = NULL WHERE organization_id = ?", bytes_of($organization->{id}));
is_deeply([@{ set($organization)->json }{qw(state last_error)}], ['active', undef], 'setting it ends a pause');
is(db_value('SELECT soft_declines FROM auto_topup WHERE organization_id = ?', bytes_of($organization->{id})), 0, 'and forgets the declines');
my $off = set($organization, enabled => $no)->json;
is_deeply([@$off{qw(enabled state threshold_credits)}], [$no, 'off', 1000], 'it is switched off');
is(threshold($organization), undef, 'and the ledger has no threshold any more');
is_deeply([map { set($organization, enabled => $no, threshold_credits => 77)->status } 1 .. 2], [200, 200], 'again changes nothing');
my @twice = map { call('billing.set_auto_topup', { %wanted }, key => $organization->{key}, idempotency_key => 'twice') } 1 .. 2;
is($twice[1]->body, $twice[0]->body, 'repeated with its key, the reply is the same');

# ---- refusals ----

my $cardless = new_organization();
is_problem(set($cardless), 402, 'card_required', 'without a card it is not switched on');
is(call('billing.auto_topup.get', {}, key => $cardless->{key})->json->{state}, 'off', 'nothing was set');
is_success(set($cardless, enabled => $no), 'but off');
attach($cardless);
is_success(set($cardless), 'and on, with a card');

sub refused ($fields, $pointers, $name) {
	is_problem(call('billing.set_auto_topup', $fields, key => $organization->{key}), 422, 'invalid', $name, errors => { map { $_ => undef } @$pointers });
}

my $before = call('billing.auto_topup.get', {}, key => $organization->{key})->json;
refused({}, [map { "/$_" } sort keys %wanted], 'three members are needed');
refused({ %wanted, threshold_credits => $_ }, ['/threshold_credits'], "a threshold of $_ is none") for 0, -1, 1.5;
refused({ %wanted, topup_amount_credits => $_ }, ['/topup_amount_credits'], "an amount of $_ is none") for 0, -1, '"5"';
refused({ %wanted, topup_amount_credits => 49 }, ['/topup_amount_credits'], 'a card is not charged less than its least');
refused({ %wanted, topup_amount_credits => 100_001 }, ['/topup_amount_credits'], 'more than what can be bought without approval is refused');
refused({ %wanted, enabled => $no, topup_amount_credits => 100_001 }, ['/topup_amount_credits'], 'also where it is off');
refused({ %wanted, daily_charge_cap_aud => $_ }, ['/daily_charge_cap_aud'], "a cap of $_ is none") for 0, -5, 0.0000001;
refused({ %wanted, daily_charge_cap_aud => '20' }, ['/daily_charge_cap_aud'], 'a cap is a number');
refused({ %wanted, enabled => 'yes' }, ['/enabled'], 'yes is no truth');
is_deeply(call('billing.auto_topup.get', {}, key => $organization->{key})->json, $before, 'nothing of that was set');

set_policy($organization, approval_threshold_credits => 400);
refused({ %wanted, topup_amount_credits => 401 }, ['/topup_amount_credits'], "the organization's own threshold of approval counts");
is_success(set($organization, topup_amount_credits => 400), 'up to it is fine');
done_testing;
