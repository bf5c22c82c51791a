#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Approvals;
use Purser::Test;

my $organization = new_customer();
my $reply = get('/v1/billing/auto_topup/get', key => $organization->{key});

is_success($reply, 'the settings of automatic top-ups are read');
is_deeply($reply->json, { enabled => JSON::PP::false(), threshold_credits => undef, topup_amount_credits => undef, daily_charge_cap_aud => undef,
    charged_today_aud => 0, state => 'off', last_attempt_at => undef, last_error => undef }, 'where they were never set they are off');

grant($organization->{id}, 5000);
my $set = call('billing.set_auto_topup', { enabled => JSON::PP::true(), threshold_credits => 100, topup_amount_credits => 1000, daily_charge_cap_aud => 99.95 },
    key => $organization->{key})->json;
is_deeply(call('billing.auto_topup.get', {}, key => $organization->{key})->json, $set, 'else as they were set');
like(call('billing.auto_topup.get', {}, key => $organization->{key})->body, qr/"daily_charge_cap_aud":99\.95,"charged_today_aud":0(?:\.00?)?,/, 'amounts are numbers');

# What counts as charged today: by midnight there, at the AUD price, whatever became of it but a failure.
my $abroad = new_customer('pm_card_visa', timezone => 'Pacific/Kiritimati', currency => 'GBP');
sub payment ($state, $purpose, $credits, $at) {
	my $id = new_ulid();
	db_run("INSERT INTO payment (id, organization_id, purpose, state, credits, amount, tax, currency, provider, customer_id, card_id, request, granted, created_at)
	    VALUES (?, ?, ?, ?, ?, 1, 0, 'GBP', 'sandbox', 'c', 'p', '', IF(? = 'succeeded', ?, 0), ?)", bytes_of($id), bytes_of($abroad->{id}), $purpose, $state, $credits, $state, $credits, $at);
}
sub charged () { return call('billing.auto_topup.get', {}, key => $abroad->{key})->json->{charged_today_aud} }

# Midnight there is at 10:00 UTC.
my $midnight = db_value("SELECT DATE_FORMAT(UTC_TIMESTAMP() - INTERVAL 10 HOUR, '%Y-%m-%d 10:00:00')");
payment('succeeded', 'auto_topup', 300, $midnight);
is(charged(), 3, 'what was charged from midnight in the zone on counts');
payment('succeeded', 'auto_topup', 100, db_value('SELECT CAST(? - INTERVAL 1 MICROSECOND AS CHAR)', $midnight));
is(charged(), 3, 'a microsecond before it was yesterday');
payment('failed', 'auto_topup', 100, db_value('SELECT UTC_TIMESTAMP(6)'));
payment('succeeded', 'topup', 100, db_value('SELECT UTC_TIMESTAMP(6)'));
is(charged(), 3, 'neither declines nor other purchases count');
payment('charging', 'auto_topup', 50, db_value('SELECT UTC_TIMESTAMP(6)'));
is(charged(), 3.5, 'what is in flight does');
done_testing;
