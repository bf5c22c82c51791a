package Purser::Sim::Rules;

# What has to hold of one organization at every moment beside its ledger: orders, payments, approvals, refunds and their
# events agree with the ledger and with each other, and with what the card processor took; and what has to be over in
# the end.

use v5.36;
use Purser::Sim::Database qw(stamp);

# A column's seconds since 1970.
sub seconds ($column) { return "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', $column) / 1000000" }

# An organization, its ledger as Purser::Sim::Ledger has proven it, and the events by the thing they tell of.
sub new ($class, $db, $organization, $ledger) {
	return bless { db => $db, id => $organization, ledger => $ledger }, $class;
}

sub read_all ($self, $taken) {
	my ($db, $id) = @$self{qw(db id)};

	$self->{taken} = $taken;
	$self->{events} = {};
	$self->{events}{ $_->{entity} }{ $_->{type} } = $_->{count} for $db->rows("SELECT HEX(entity_id) AS entity, type, COUNT(*) AS count FROM outbox
	    WHERE organization_id = ? AND kind = 'event' GROUP BY entity_id, type", \$id);
	$self->{orders} = [$db->rows('SELECT HEX(id) AS id, reference, status, post_pay, held, credits, CAST(settled_at AS CHAR) AS settled_at, hold_expires_at FROM orders
	    WHERE organization_id = ?', \$id)];
	$self->{payments} = [$db->rows('SELECT HEX(id) AS id, purpose, state, credits, amount, currency, intent_id, error_code, received, granted, refunded, disputed,
	    clawed, clawed_credits, HEX(entry_id) AS entry_id, HEX(approval_id) AS approval_id, cancel_due, CAST(created_at AS CHAR) AS created_at,
	    ' . seconds('created_at') . ' AS created, look_at FROM payment WHERE organization_id = ? ORDER BY id', \$id)];
	$self->{approvals} = [$db->rows('SELECT HEX(id) AS id, credits, status, HEX(payment_id) AS payment_id, CAST(expires_at AS CHAR) AS expires_at FROM approval
	    WHERE organization_id = ?', \$id)];
	$self->{refunds} = [$db->rows('SELECT HEX(id) AS id, HEX(payment_id) AS payment_id, amount, state, refund_id FROM payment_refund WHERE organization_id = ?', \$id)];
}

sub events ($self, $thing, $type) { return $self->{events}{$thing}{$type} // 0 }

sub expect ($self, $what, $found, $wanted) {
	push $self->{faults}->@*, "$what: $found, not $wanted" if $found != $wanted;
}

sub fault ($self, $what) { push $self->{faults}->@*, $what }

# ---- orders ----------------------------------------------------------------------------------------------------------

# Whether it expired before it was settled: a release that is not the settlement's own.
sub has_expired ($order, $thing) {
	return 1 if $order->{status} eq 'expired';
	return 0 if !defined $order->{settled_at};
	return scalar grep { $_->{reason} eq 'release' && $_->{at} ne $order->{settled_at} } $thing->{entries}->@*;
}

sub check_order ($self, $order) {
	my ($id, $status) = @$order{qw(id status)};
	my $thing = $self->{ledger}->of($id);
	my $lines = $thing->{lines};
	my $holds = $status eq 'reserved' && !$order->{post_pay} ? $order->{held} : 0;
	my $costs = $status eq 'settled' && !$order->{post_pay} ? $order->{credits} : 0;
	my $name = "order $order->{reference} ($status)";

	$self->expect("$name was reserved", $thing->{reasons}{reservation} // 0, 1);
	$self->expect("$name holds in the ledger", $lines->{'reserved:CRD'} // 0, $holds);
	$self->expect("$name cost in the ledger", $lines->{'consumed:CRD'} // 0, $costs);
	$self->expect("$name was refunded", $thing->{reasons}{refund} ? 1 : 0, $status eq 'refunded' && $order->{credits} > 0 ? 1 : 0);
	$self->expect("$name: events order.settled", $self->events($id, 'order.settled'), defined $order->{settled_at} ? 1 : 0);
	$self->expect("$name: events order.cancelled", $self->events($id, 'order.cancelled'), $status eq 'cancelled' ? 1 : 0);
	$self->expect("$name: events order.refunded", $self->events($id, 'order.refunded'), $status eq 'refunded' ? 1 : 0);
	$self->expect("$name: events order.expired", $self->events($id, 'order.expired'), has_expired($order, $thing) ? 1 : 0);
	$self->fault("$name is settled, and was when?") if ($status =~ /^(?:settled|refunded)$/) != defined $order->{settled_at};
}

sub check_orders ($self) {
	my ($holds, $commits) = (0, 0);

	for my $order ($self->{orders}->@*) {
		$self->check_order($order);
		next if $order->{status} ne 'reserved';
		$order->{post_pay} ? ($commits += $order->{held}) : ($holds += $order->{held});
	}
	$self->expect('what is reserved, by the open orders', $holds, $self->{ledger}{book}{reserved});
	$self->expect('what is committed, by the open orders', $commits, $self->{ledger}{book}{committed});
	my %known = map { $_->{id} => 1 } $self->{orders}->@*;
	for my $id (grep { length && !$known{$_} } keys $self->{ledger}{of}->%*) {
		my ($entry) = $self->{ledger}{of}{$id}{entries}->@*;
		$self->fault("entry $entry->{sequence} is of an order that is not there") if pack('H*', $entry->{reference_type}) eq 'order';
	}
}

# ---- payments --------------------------------------------------------------------------------------------------------

sub check_payment ($self, $payment) {
	my ($id, $state) = @$payment{qw(id state)};
	my $thing = $self->{ledger}->of($id);
	my $taken = $self->{taken}{$id} // { charges => 0, amount => 0, refunded => 0 };
	my $paid = $state eq 'succeeded';
	my $name = "payment $id ($payment->{purpose}, $state)";
	my $credits = grep { defined $payment->{entry_id} && $_->{id} eq $payment->{entry_id} } $thing->{entries}->@*;

	$self->fault("$name was charged $taken->{charges} times") if $taken->{charges} > 1;
	$self->expect("$name: its credit in the ledger", $credits, $paid ? 1 : 0);
	$self->expect("$name: credits sold in the ledger", -($thing->{lines}{'sold:CRD'} // 0), $payment->{granted} - $payment->{clawed_credits});
	$self->expect("$name: money in the ledger", $thing->{lines}{"processor_clearing:$payment->{currency}"} // 0, $payment->{received} - $payment->{clawed});
	$self->expect("$name: events topup.succeeded", $self->events($id, 'topup.succeeded'), $paid ? 1 : 0);
	$self->expect("$name: events topup.failed", $self->events($id, 'topup.failed'), 1) if $state eq 'failed';
	$self->fault("$name: more than one topup.failed") if $self->events($id, 'topup.failed') > 1;
	$self->fault("$name: no topup.requires_action") if $state eq 'requires_action' && !$self->events($id, 'topup.requires_action');
	$self->expect("$name: what was received at the processor", $taken->{amount} * 10_000, $payment->{received}) if $paid;
	$self->fault("$name gave back more than it got") if $payment->{clawed} > $payment->{received} || $payment->{clawed_credits} > $payment->{granted};
	my $gone = $payment->{refunded} + $payment->{disputed};
	$self->expect("$name: money taken back", $payment->{clawed}, $gone < $payment->{received} ? $gone : $payment->{received}) if $paid;
	$self->expect("$name bought", $payment->{granted}, $payment->{credits}) if $paid && $payment->{received} == $payment->{amount};
}

# The credits bought without an approval within any 24 hours stay within the threshold, as it was all the time.
sub check_threshold ($self, $threshold) {
	my @bought = grep { $_->{purpose} ne 'approval' && $_->{state} ne 'failed' && $_->{state} ne 'requires_action' } $self->{payments}->@*;

	return unless defined $threshold;
	for my $last (@bought) {
		my $sum = 0;
		$sum += $_->{credits} for grep { $_->{created} <= $last->{created} && $_->{created} > $last->{created} - 86400 } @bought;
		$self->fault("$sum credits were bought within a day without approval, $threshold are allowed") if $sum > $threshold;
	}
}

sub check_payments ($self) {
	my %intents;

	$self->check_payment($_) for $self->{payments}->@*;
	my $open = grep { $_->{state} !~ /^(?:succeeded|failed)$/ } $self->{payments}->@*;
	$self->fault("$open payments are open") if $open > 1;
	$intents{ $_->{intent_id} }++ for grep { defined $_->{intent_id} } $self->{payments}->@*;
	$self->fault("the intent $_ is of $intents{$_} payments") for grep { $intents{$_} > 1 } sort keys %intents;
}

# ---- approvals -------------------------------------------------------------------------------------------------------

sub check_approval ($self, $approval) {
	my ($id, $status) = @$approval{qw(id status)};
	my @payments = grep { ($_->{approval_id} // '') eq $id } $self->{payments}->@*;
	my @paid = grep { $_->{state} eq 'succeeded' } @payments;
	my $name = "approval $id ($status)";

	$self->fault("$name was paid " . @paid . ' times') if @paid > 1;
	$self->expect("$name: payments that succeeded", scalar @paid, 1) if $status eq 'approved';
	$self->fault("$name names another payment than the one that succeeded") if $status eq 'approved' && @paid && ($approval->{payment_id} // '') ne $paid[0]{id};
	$self->expect("$name: events approval.requested", $self->events($id, 'approval.requested'), 1);
	$self->expect("$name: events approval.decided", $self->events($id, 'approval.decided'), $status =~ /^(?:approved|rejected)$/ ? 1 : 0)
	    if $self->events($id, 'approval.expired') == 0;
	$self->expect("$name: events approval.expired", $self->events($id, 'approval.expired'), 1) if $status eq 'expired';
}

# ---- the processor's events ------------------------------------------------------------------------------------------

# Those since a moment.
sub faults_of_provider_events ($db, $since) {
	return map { "the processor's event $_->{event_id} was taken in $_->{count} times" }
	    $db->rows('SELECT provider, event_id, COUNT(*) AS count FROM provider_event WHERE created_at >= ?
		GROUP BY provider, event_id HAVING COUNT(*) > 1', stamp($since));
}

# ---- always, and in the end ------------------------------------------------------------------------------------------

# `taken`: what the processor says of each top-up, by the id in hexadecimal. `threshold`: what may be bought without approval.
sub faults ($self, $taken, $threshold = undef) {
	$self->{faults} = [];
	$self->read_all($taken);
	$self->check_orders;
	$self->check_payments;
	$self->check_threshold($threshold);
	$self->check_approval($_) for $self->{approvals}->@*;
	return $self->{faults}->@*;
}

# What still waits for something, each with the job that should have ended it. An automatic top-up that its cap forbids is
# looked at again on the next day, for ever: only those count whose time has come.
sub waiting ($self, $now) {
	my ($db, $id) = @$self{qw(db id)};

	return (
		(map { { what => "payment $_->{id} is $_->{state}" . ($_->{cancel_due} ? ', its intent to be cancelled' : ''), job => 'payments.sweep', at => $_->{at} } }
		    $db->rows("SELECT HEX(id) AS id, state, cancel_due, ${\seconds('look_at')} AS at FROM payment WHERE organization_id = ?
			AND (state NOT IN ('succeeded', 'failed') OR cancel_due OR look_at IS NOT NULL)", \$id)),
		(map { { what => "refund $_->{id} is pending", job => 'refunds.sweep', at => $_->{at} } }
		    $db->rows("SELECT HEX(id) AS id, ${\seconds('look_at')} AS at FROM payment_refund WHERE organization_id = ? AND (state = 'pending' OR look_at IS NOT NULL)", \$id)),
		(map { { what => "order $_->{reference} is reserved past its hold", job => 'orders.expire', at => $now } }
		    $db->rows("SELECT reference FROM orders WHERE organization_id = ? AND status = 'reserved' AND hold_expires_at <= ?", \$id, stamp($now))),
		(map { { what => "approval $_->{id} is pending past its time", job => 'approvals.expire', at => $now } }
		    $db->rows("SELECT HEX(id) AS id FROM approval WHERE organization_id = ? AND expires_pending <= ?", \$id, stamp($now))),
		(map { { what => 'an automatic top-up is due', job => 'auto_topup', at => $_->{at} } }
		    $db->rows('SELECT ' . seconds('due_at') . ' AS at FROM auto_topup WHERE organization_id = ? AND due_at <= ? AND enabled AND state = \'active\'', \$id, stamp($now))),
		(map { { what => "the claim $_->{idempotency_key} of $_->{operation} is open", job => 'idempotency.free', at => $_->{at} } }
		    $db->rows('SELECT operation, idempotency_key, ' . seconds('open_until') . ' AS at FROM idempotency WHERE space = ? AND status IS NULL', \$id)),
	);
}

# When all is over, the processor's sums and ours are the same, and what failed took nothing.
sub last_faults ($self) {
	$self->{faults} = [];
	for my $payment ($self->{payments}->@*) {
		my $taken = $self->{taken}{ $payment->{id} } // { charges => 0, amount => 0, refunded => 0 };
		my $name = "payment $payment->{id} ($payment->{purpose}, $payment->{state})";

		$self->expect("$name: charges at the processor", $taken->{charges}, $payment->{state} eq 'succeeded' ? 1 : 0);
		$self->expect("$name: given back at the processor", $taken->{refunded} * 10_000, $payment->{refunded});
	}
	return $self->{faults}->@*;
}

1;
