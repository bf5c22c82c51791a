package Purser::Subscriptions;

# Subscriptions in tests: the plans that migrations publish, the operations in short, and what has to hold of the rows behind.

use v5.36;
use Exporter 'import';
use Purser::Cards;
use Purser::Orders;
use Purser::Test;

our @EXPORT = qw(%plan new_plan subscribe change_plan preview end_plan resume_plan subscription_of mark_payment available_of fees_of cycles_of
    changes_told payer at_time now_seconds seconds_of text_of);

our %plan = (
	free => '01K80000000000000000000001', startup => '01K80000000000000000000002', growth => '01K80000000000000000000003',
	scale => '01K80000000000000000000004', enterprise => '01K80000000000000000000005', spaces_free => '01K8000000000000000000000H',
	pro => '01K8000000000000000000000J', team => '01K8000000000000000000000K',
);

# A published plan of its own, by SQL; options are columns.
sub new_plan (%columns) {
	my $id = new_ulid();
	my %row = (product => 'platform', name => 'Test', tier => "T$id", version => 1, status => 'published', currency => 'AUD', features => '{}', trial_days => 0,
	    created_at => '2026-01-01', monthly_amount => undef, yearly_amount => undef, %columns);

	$row{monthly_price_id} = defined $row{monthly_amount} ? "monthly_$id" : undef;
	$row{yearly_price_id} = defined $row{yearly_amount} ? "yearly_$id" : undef;
	db_run('INSERT INTO plan (id, ' . join(', ', sort keys %row) . ') VALUES (?' . ', ?' x keys(%row) . ')', bytes_of($id), map { $row{$_} } sort keys %row);
	return $id;
}

sub subscribe ($organization, $body, %options) { return call('billing.subscriptions.start', $body, key => $organization->{key}, %options) }
sub change_plan ($organization, $body, %options) { return call('billing.subscriptions.change', $body, key => $organization->{key}, %options) }
sub preview ($organization, $body, %options) { return call('billing.subscriptions.preview', $body, key => $organization->{key}, %options) }
sub end_plan ($organization, $body = {}, %options) { return call('billing.subscriptions.cancel', $body, key => $organization->{key}, %options) }
sub resume_plan ($organization, $body = {}, %options) { return call('billing.subscriptions.resume', $body, key => $organization->{key}, %options) }
sub subscription_of ($organization, $body = {}, %options) { return call('billing.subscriptions.get', $body, key => $organization->{key}, %options) }
sub mark_payment ($organization, $outcome, %more) {
	return call('admin.subscriptions.mark_payment', { organization_id => $organization->{id}, outcome => $outcome, %more }, key => admin_key);
}

# An organization with a card at the sandbox: `card`, or one that can be charged.
sub payer (%fields) {
	my $card = delete $fields{card} // 'pm_card_visa';
	my $organization = new_organization(%fields);
	attach($organization, $card)->status == 200 or die "no card\n";
	return $organization;
}

sub available_of ($organization) { return call('billing.credits.balance', {}, key => $organization->{key})->json->{available} }

# What its periods cost: [credits, drawn, refilled, whether it was charged], oldest first.
sub fees_of ($organization) {
	return db_run('SELECT credits, drawn, refilled, charged_at IS NOT NULL FROM subscription_fee WHERE organization_id = ? ORDER BY starts_at, id',
	    bytes_of($organization->{id}))->fetchall_arrayref;
}

# Stored cycles of usage, oldest first, as "start end".
sub cycles_of ($organization) {
	return map { "$_->[0] $_->[1]" } db_run('SELECT starts_at, ends_at FROM usage_cycle WHERE organization_id = ? ORDER BY starts_at', bytes_of($organization->{id}))
	    ->fetchall_arrayref->@*;
}

# The statuses that the events tell of, as "before after".
sub changes_told ($organization) {
	return [map { my $data = decode_json($_); ($data->{status_before} // 'none') . " $data->{status}" }
	    db_column("SELECT data FROM outbox WHERE organization_id = ? AND type = 'subscription.changed' ORDER BY id", bytes_of($organization->{id}))];
}

# ---- time ----

sub now_seconds () { return db_value('SELECT UNIX_TIMESTAMP()') }

# 2026-01-31T00:00:00Z, with or without a fraction, as seconds.
sub seconds_of ($text) {
	return db_value("SELECT TIMESTAMPDIFF(SECOND, '1970-01-01', TIMESTAMP(REPLACE(REPLACE(?, 'T', ' '), 'Z', '')))", $text);
}
sub text_of ($seconds) { return db_value("SELECT DATE_FORMAT('1970-01-01' + INTERVAL ? SECOND, '%Y-%m-%dT%TZ')", $seconds) }

# Sets the stack's clock so that it is about that moment.
sub at_time ($text) { return set_clock(seconds_of($text) - time) }

1;
