package Purser::Orders;

# Orders, as the tests make them and look at them.

use v5.36;
use Digest::SHA qw(sha256);
use Exporter 'import';
use List::Util qw(max);
use Purser::Test;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(line order order_body settle cancel refund new_order_row new_settled_row figures spend_of is_whole entries_of lines_of
    order_events new_post_pay set_limits set_zone at_once outcomes);

# ---- operations ------------------------------------------------------------------------------------------------------

sub line ($credits, %more) {
	return { sku => 'gpu-hour', description => 'An hour of a GPU', quantity => 1, unit_credits => 0 + $credits, %more };
}

sub order_body ($reference, @lines) {
	return { reference => $reference, lines => [map { ref ? $_ : line($_) } @lines ? @lines : 10] };
}

# The reply of orders.create, with one line of so many credits, or with the lines.
sub order ($organization, $reference, $lines = 10, %options) {
	my $body = order_body($reference, ref $lines eq 'ARRAY' ? @$lines : $lines);
	$body->{commitment_id} = delete $options{commitment_id} if $options{commitment_id};
	return call('orders.create', $body, key => $organization->{key}, %options);
}

# With the final lines, where some are given.
sub settle ($organization, $order_id, $lines = undef, %options) {
	my @lines = !defined $lines ? () : ref $lines eq 'ARRAY' ? @$lines : $lines;
	return call('orders.settle', { order_id => $order_id, @lines ? (lines => [map { ref ? $_ : line($_) } @lines]) : () },
	    key => $organization->{key}, %options);
}

sub cancel ($organization, $order_id, %options) {
	return call('orders.cancel', { order_id => $order_id }, key => $organization->{key}, %options);
}

sub refund ($organization, $order_id) {
	return call('orders.refund', { organization_id => $organization->{id}, order_id => $order_id }, key => admin_key);
}

sub set_limits ($organization, $soft, $hard) {
	my $reply = call('organizations.limits.set', { spending_limit_soft => $soft, spending_limit_hard => $hard }, key => $organization->{key});
	$reply->status == 200 or die "organizations.limits.set: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

# An organization that pays afterwards, up to so much a cycle.
sub new_post_pay ($hard = 1000, %fields) {
	my $organization = new_organization(%fields);
	my $reply = call('admin.organizations.set',
	    { organization_id => $organization->{id}, enterprise_billing => JSON::PP::true(), spending_limit_hard => $hard }, key => admin_key);
	$reply->status == 200 or die "admin.organizations.set: $reply->{status} $reply->{body}\n";
	return $organization;
}

sub set_zone ($organization, $zone) {
	my $reply = call('organizations.update', { timezone => $zone }, key => $organization->{key});
	$reply->status == 200 or die "organizations.update: $reply->{status} $reply->{body}\n";
}

# ---- rows ------------------------------------------------------------------------------------------------------------

sub call_procedure ($call, @values) {
	my $statement = db_run("CALL $call", @values);
	my $row = $statement->{NUM_OF_FIELDS} ? $statement->fetchrow_hashref : undef;
	1 while $statement->more_results;
	return $row;
}

# An order of 10 credits that the organization was given for it, also where it can't call any more. Gives its id.
sub new_order_row ($organization) {
	my ($id, $of) = (new_ulid(), bytes_of($organization->{id}));
	call_procedure("ledger_post(?, UTC_TIMESTAMP(6), ?, 'grant', NULL, 10, NULL, NULL, NULL, 'system', ?, NULL, NULL, NULL, NULL, NULL,"
	    . ' NULL, NULL, NULL, NULL, @outcome)', $of, bytes_of(new_ulid()), $of);
	db_run('INSERT INTO orders (organization_id, id, reference, request_digest, post_pay, held, credits, `lines`, created_at, hold_expires_at)
	    VALUES (?, ?, ?, ?, FALSE, 10, 10, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 30 DAY)', $of, bytes_of($id), "row-$id", \sha256($id),
	    encode_json([{ line(10)->%*, service => undef, operator => undef, commitment_eligible => undef, credits => 10 }]));
	call_procedure("ledger_post(?, UTC_TIMESTAMP(6), ?, 'reservation', NULL, 10, NULL, 'order', ?, 'system', ?, NULL, NULL, NULL, NULL, NULL,"
	    . ' UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, NULL, NULL, @outcome)', $of, bytes_of(new_ulid()), bytes_of($id), $of);
	return $id;
}

# One that was settled for nothing.
sub new_settled_row ($organization) {
	my $id = new_order_row($organization);
	db_run("UPDATE orders SET status = 'settled', credits = 0, settled_at = UTC_TIMESTAMP(6) WHERE organization_id = ? AND id = ?",
	    bytes_of($organization->{id}), bytes_of($id));
	return $id;
}

# ---- what is there afterwards ----------------------------------------------------------------------------------------

# "available reserved", as readers see it.
sub figures ($organization) {
	my $json = call('billing.credits.balance', {}, key => $organization->{key})->json;
	return "$json->{available} $json->{reserved}";
}

# What the cycle has spent, and what of it orders that are paid afterwards hold.
sub spend_of ($organization) {
	return join ' ', db_run('SELECT cycle_spend, committed FROM book WHERE organization_id = ?', bytes_of($organization->{id}))->fetchrow_array;
}

sub is_whole ($organization, $name = 'the ledger is whole') {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $json = call('billing.credits.verify', {}, key => $organization->{key})->json;
	return ok($json->{consistent}, $name) || diag $json->{first_fault};
}

# The entries of the order as "reason available reserved", in order.
sub entries_of ($organization, $order_id) {
	return [db_column("SELECT CONCAT_WS(' ', reason, available_change, reserved_change) FROM journal_entry
	    WHERE organization_id = ? AND reference_id = ? ORDER BY sequence", bytes_of($organization->{id}), bytes_of($order_id))];
}

# Their lines as "account unit amount".
sub lines_of ($organization, $order_id) {
	return [db_column("SELECT CONCAT_WS(' ', l.account, l.unit, l.amount) FROM journal_entry e
	    JOIN journal_line l ON l.organization_id = e.organization_id AND l.sequence = e.sequence
	    WHERE e.organization_id = ? AND e.reference_id = ? ORDER BY l.sequence, l.line", bytes_of($organization->{id}), bytes_of($order_id))];
}

# The order's events, in order: the type, and what it says.
sub order_events ($organization, $order_id) {
	return [map { [$_->[0], decode_json($_->[1])] } db_run("SELECT type, data FROM outbox WHERE organization_id = ? AND entity_id = ?
	    AND kind = 'event' ORDER BY id", bytes_of($organization->{id}), bytes_of($order_id))->fetchall_arrayref->@*];
}

# ---- many at the same moment -----------------------------------------------------------------------------------------

# Runs the code in so many processes at the same moment, each with a connection of its own that is open already; gives what
# each gave: a structure.
sub at_once ($count, $run) {
	my $start = time + 1 + $count / 32;
	my @pipes = map { my $number = $_;
		my $pid = open(my $pipe, '-|') // die "fork: $!";
		if ($pid == 0) {
			my $client = client(timeout => 60);
			$client->request('GET', '/v1/health/live');
			sleep max(0, $start - time);
			my $result = eval { $run->($number, $client) } // { error => "$@" };
			$| = 1;
			say encode_json($result);
			close STDOUT;
			require POSIX;
			POSIX::_exit(0);
		}
		$pipe } 1 .. $count;

	return map { my $pipe = $_; my $line = <$pipe>; close $pipe; decode_json($line // '{"error":"nothing"}') } @pipes;
}

# How often each outcome came: { "202" => …, "402 insufficient_credits" => … }.
sub outcomes (@replies) {
	my %seen;
	$seen{ $_->{status} . ($_->{code} ? " $_->{code}" : '') }++ for @replies;
	return \%seen;
}

1;
