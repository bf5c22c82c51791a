package Purser::Holds;

# Quotas and holds of usage, as the tests make them and look at them.

use v5.36;
use Exporter 'import';
use Purser::Test;

our @EXPORT = qw(new_metric give_quotas authorize commit_hold release_hold counter_of hold_of);

# A metric of its own: sum, count, … and what a unit costs in credits.
sub new_metric ($aggregation = 'sum', $unit_credits = undef) {
	state $count = 0;
	my $name = sprintf 'metric_%d_%d', $$, ++$count;

	db_run('INSERT INTO usage_metric (name, aggregation, unit, unit_credits, created_at) VALUES (?, ?, \'unit\', ?, UTC_TIMESTAMP(6))',
	    $name, $aggregation, defined $unit_credits ? $unit_credits * 1e6 : undef);
	return $name;
}

# The organization's present cycle is one of a plan with these quotas: metric => [units included, price of one more or undef].
sub give_quotas ($organization, %quotas) {
	my $reply = call('billing.plans.create', { product => 'spaces', tier => 'INTERNAL', name => 'Quotas',
	    quotas => { map { $_ => { included => $quotas{$_}[0], overage_unit_price => $quotas{$_}[1] } } keys %quotas } }, key => admin_key);
	$reply->status == 200 or die "billing.plans.create: $reply->{status} $reply->{body}\n";
	db_run('DELETE FROM usage_cycle WHERE organization_id = ?', bytes_of($organization->{id}));
	db_run('INSERT INTO usage_cycle (organization_id, starts_at, ends_at, plan_id) VALUES (?, UTC_TIMESTAMP(6) - INTERVAL 1 DAY, UTC_TIMESTAMP(6) + INTERVAL 20 DAY, ?)',
	    bytes_of($organization->{id}), bytes_of($reply->json->{id}));
	return $reply->json->{id};
}

sub authorize ($organization, $metric, $quantity, $seconds = undef, %options) {
	return call('usage.authorize', { metric => $metric, quantity => $quantity, defined $seconds ? (hold_seconds => $seconds) : () }, key => $organization->{key}, %options);
}

sub commit_hold ($organization, $hold_id, $quantity, %options) {
	return call('usage.commit', { hold_id => $hold_id, quantity => $quantity }, key => $organization->{key}, %options);
}

sub release_hold ($organization, $hold_id, %options) {
	return call('usage.release', { hold_id => $hold_id }, key => $organization->{key}, %options);
}

# "value held events charged", in units, over all cycles of the organization.
sub counter_of ($organization, $metric) {
	return db_value("SELECT CONCAT_WS(' ', TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM SUM(value) / 1000000)), TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM SUM(held) / 1000000)),
	    SUM(events), SUM(charged)) FROM usage_counter WHERE organization_id = ? AND metric = ?", bytes_of($organization->{id}), $metric);
}

sub hold_of ($hold_id) { return db_run('SELECT * FROM usage_hold WHERE id = ?', bytes_of($hold_id))->fetchrow_hashref }

1;
