package Purser::Commitments;

# Commitments, as the tests make them and look at them.

use v5.36;
use Exporter 'import';
use Purser::Orders;
use Purser::Test;

our @EXPORT = qw(day_from commit commit_ok amend cancel_commitment commitments commitment_of uses_of consumed_adds_up dues_of settled_order
    end_term pass_milestone commitment_events bill_due commitment_row);

# The day so many days from now, in UTC.
sub day_from ($days) {
	return db_value('SELECT CAST(DATE(UTC_TIMESTAMP() + INTERVAL ? DAY) AS CHAR)', $days);
}

# ---- operations ------------------------------------------------------------------------------------------------------

# A commitment of a year that began a while ago, unless the fields say otherwise; 100.00 of the currency.
sub commit ($organization, %fields) {
	my $key = delete $fields{key} // admin_key;
	my %options = map { exists $fields{$_} ? ($_ => delete $fields{$_}) : () } qw(idempotency_key client);
	return call('organizations.commitments.create', { organization_id => $organization->{id}, name => 'Compute', starts_on => day_from(-73),
	    ends_on => day_from(291), amount => '100.00', %fields }, key => $key, %options);
}

sub commit_ok ($organization, %fields) {
	my $reply = commit($organization, %fields);
	$reply->status == 200 or die "organizations.commitments.create: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

sub amend ($organization, $commitment_id, %fields) {
	return call('organizations.commitments.amend', { organization_id => $organization->{id}, commitment_id => $commitment_id, %fields }, key => admin_key);
}

sub cancel_commitment ($organization, $commitment_id) {
	return call('organizations.commitments.cancel', { organization_id => $organization->{id}, commitment_id => $commitment_id }, key => admin_key);
}

sub commitments ($organization, %fields) {
	return call('organizations.commitments.list', { %fields }, key => $organization->{key});
}

# One, as its organization sees it.
sub commitment_of ($organization, $commitment_id, %fields) {
	my $reply = commitments($organization, commitment_id => $commitment_id, %fields);
	$reply->status == 200 or die "organizations.commitments.list: $reply->{status} $reply->{body}\n";
	return $reply->json->{data}[0];
}

# An order of these lines that is settled; gives its id. Options are those of orders.create.
sub settled_order ($organization, $lines, %options) {
	state $count = 0;
	my $reply = order($organization, sprintf('commitment-%d-%d', $$, ++$count), $lines, %options);
	$reply->status == 202 or die "orders.create: $reply->{status} $reply->{body}\n";
	my $settled = settle($organization, $reply->json->{id});
	$settled->status == 200 or die "orders.settle: $settled->{status} $settled->{body}\n";
	return $reply->json->{id};
}

# ---- rows ------------------------------------------------------------------------------------------------------------

# What of the order counts, as [line, commitment, credits, amount in micro-units], refunds behind.
sub uses_of ($organization, $order_id) {
	return [map { [$_->[0], Purser::Test::ulid_text($_->[1]), @$_[2, 3]] } db_run('SELECT line, commitment_id, credits, amount FROM commitment_use
	    WHERE organization_id = ? AND order_id = ? ORDER BY is_refund, line', bytes_of($organization->{id}), bytes_of($order_id))->fetchall_arrayref->@*];
}

sub commitment_row ($organization, $commitment_id) {
	return db_run('SELECT consumed, carried_in, rollover, next_at, ended_at, cancelled_at, carried_to, starts_at, ends_at FROM commitment
	    WHERE organization_id = ? AND id = ?', bytes_of($organization->{id}), bytes_of($commitment_id))->fetchrow_hashref;
}

# Every commitment's counter is the sum of what counted in its term, and of the orders that were settled and not refunded no
# line counts twice.
sub consumed_adds_up ($organization, $name = 'what was used is the sum of the lines that count') {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @wrong = db_column('SELECT HEX(c.id) FROM commitment c WHERE c.organization_id = ? AND c.consumed <>
	    (SELECT COALESCE(SUM(u.amount), 0) FROM commitment_use u WHERE u.organization_id = c.organization_id AND u.commitment_id = c.id AND u.at < c.ends_at)',
	    bytes_of($organization->{id}));
	my @unsettled = db_column("SELECT HEX(o.id) FROM orders o WHERE o.organization_id = ? AND o.status <> 'settled' AND
	    (SELECT COALESCE(SUM(u.amount), 0) FROM commitment_use u WHERE u.organization_id = o.organization_id AND u.order_id = o.id) <> 0",
	    bytes_of($organization->{id}));
	return ok(!@wrong && !@unsettled, $name) || diag "@wrong | @unsettled";
}

# What fell due, as [day, is the end, committed, consumed, billed before, due, the month that billed it].
sub dues_of ($organization, $commitment_id) {
	return db_run('SELECT day, is_end, committed, consumed, billed_before, due, run_period FROM commitment_due WHERE organization_id = ? AND commitment_id = ?
	    ORDER BY at', bytes_of($organization->{id}), bytes_of($commitment_id))->fetchall_arrayref;
}

# As the monthly run of that month marks it.
sub bill_due ($organization, $commitment_id, $period) {
	db_run('UPDATE commitment_due SET run_period = ?, settled_at = UTC_TIMESTAMP(6) WHERE organization_id = ? AND commitment_id = ? AND due > 0',
	    $period, bytes_of($organization->{id}), bytes_of($commitment_id));
}

# Its term has just ended.
sub end_term ($organization, $commitment_id) {
	my $at = db_value('SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)');
	db_run('UPDATE commitment SET ends_at = ?, next_at = LEAST(next_at, ?) WHERE organization_id = ? AND id = ?', $at, $at,
	    bytes_of($organization->{id}), bytes_of($commitment_id));
}

# Its first milestone ahead has just been reached.
sub pass_milestone ($organization, $commitment_id) {
	my @of = (bytes_of($organization->{id}), bytes_of($commitment_id));
	my $at = db_value('SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)');
	my $day = db_value('SELECT MIN(day) FROM commitment_milestone WHERE organization_id = ? AND commitment_id = ? AND at > UTC_TIMESTAMP(6)', @of);
	db_run('UPDATE commitment SET next_at = IF(next_at = (SELECT m.at FROM commitment_milestone m WHERE m.organization_id = ? AND m.commitment_id = ? AND m.day = ?), ?, next_at)
	    WHERE organization_id = ? AND id = ?', @of, $day, $at, @of);
	db_run('UPDATE commitment_milestone SET at = ? WHERE organization_id = ? AND commitment_id = ? AND day = ?', $at, @of, $day);
	return $day;
}

# The commitment's events, in order: the type, and what it says.
sub commitment_events ($organization, $commitment_id) { return order_events($organization, $commitment_id) }

1;
