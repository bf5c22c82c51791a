package Purser::Invoices;

# Invoices, as the tests look at them; an issued one without the month behind it; and what must hold of every invoice, note
# and account at any time: invoice_faults, which each of these tests asks at its end.

use v5.36;
use DBI;
use Exporter 'import';
use Purser::Jobs qw(ledger_call);
use Purser::Test;

our @EXPORT = qw(new_issued invoices_of invoice_of pay_invoice note_for void_invoice write_off mark_paid mark_refunded show_invoice receivable_of account_of invoice_faults
    events_about);

# ---- operations ------------------------------------------------------------------------------------------------------

sub pay_invoice ($organization, $id, $in = {}, %options) {
	return call('billing.invoices.pay', { invoice_id => $id, %$in }, key => $organization->{key}, %options);
}

sub operated ($operation, $organization, $id, $in, %options) {
	return call($operation, { organization_id => $organization->{id}, invoice_id => $id, %$in }, key => admin_key, %options);
}
sub note_for ($organization, $id, $in = {}, %options) { return operated('billing.credit_notes.create', $organization, $id, { reason => 'Mended.', %$in }, %options) }
sub void_invoice ($organization, $id, %options) { return operated('billing.invoices.void', $organization, $id, {}, %options) }
sub write_off ($organization, $id, %options) { return operated('billing.invoices.write_off', $organization, $id, {}, %options) }
sub mark_paid ($organization, $id, $reference, %options) {
	return operated('billing.enterprise.mark_invoiced', $organization, $id, { reference => $reference }, %options);
}

sub mark_refunded ($organization, $id, $reference, %options) {
	return operated('billing.invoices.mark_refunded', $organization, $id, { reference => $reference }, %options);
}

# The body of billing.invoices.get; dies where it is refused.
sub show_invoice ($organization, $id, %options) {
	my $reply = call('billing.invoices.get', { invoice_id => $id }, key => $organization->{key}, %options);
	$reply->status == 200 or die "billing.invoices.get: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

# All of them, oldest first.
sub invoices_of ($organization, %in) {
	my @newest = call('billing.invoices.list', { limit => 1000, %in }, key => $organization->{key})->json->{data}->@*;
	return reverse @newest;
}

# That of a purchase.
sub invoice_of ($organization, $payment_id) {
	my ($invoice) = grep { ($_->{payment_id} // '') eq $payment_id } invoices_of($organization);
	return $invoice;
}

# The types of the events about a thing, in order.
sub events_about ($id) {
	return [db_column("SELECT type FROM outbox WHERE kind = 'event' AND entity_id = ? ORDER BY id", bytes_of($id))];
}

# ---- an issued invoice -----------------------------------------------------------------------------------------------

# An issued invoice of a month, with its entry, as the monthly run leaves it; gives its id. Amounts are in hundredths: `net` (100),
# `tax` (10), and `accrued` of the net, which an entry before it has put on the account. `before_issue` is told the id
# of the draft; `automatic`: the job charges it.
sub new_issued ($organization, %more) {
	my ($net, $tax, $accrued) = map { $_ * 10_000 } $more{net} // 100, $more{tax} // 10, $more{accrued} // 0;
	my $currency = $more{currency} // 'AUD';
	my $party = JSON::PP->new->canonical; # characters: the connection encodes them
	my @id = (bytes_of(my $id = new_ulid()), bytes_of($organization->{id}));
	my $post = sub ($reason, %lines) {
		my @lines = map { $lines{$_} ? { account => $_, unit => $currency, amount => 0 + $lines{$_} } : () } sort keys %lines;
		ledger_call("ledger_post(?, UTC_TIMESTAMP(6), ?, ?, 'receivable', 0, 'Made by a test', 'invoice', ?, 'system', ?, NULL, NULL, NULL, NULL, NULL,
		    UTC_TIMESTAMP(6), '2999-01-01', NULL, ?, \@outcome)", $id[1], bytes_of(new_ulid()), $reason, $id[0], bytes_of(new_ulid()), encode_json(\@lines)) if @lines;
	};

	$post->('charge', receivable => $accrued, revenue => -$accrued);
	db_run("INSERT INTO billed_entry (organization_id, sequence, period, by_run) SELECT organization_id, sequence, '2026-01', TRUE FROM book WHERE organization_id = ?", $id[1]) if $accrued;
	db->begin_work;
	db_run("INSERT INTO invoice (id, organization_id, kind, period, status, currency, tax_included, subtotal, tax, total, accrued, issuer, customer, lines_count, created_at)
	    VALUES (?, ?, 'run', '2026-01', 'draft', ?, FALSE, ?, ?, ?, ?, ?, ?, 1, UTC_TIMESTAMP(6))", @id, $currency, $net, $tax, $net + $tax, $accrued,
	    '{"name":"Purser","address":[],"country":null,"tax_number":null}', $party->encode({ name => $organization->{name} // 'Test', address => [], country => undef, tax_number => undef }));
	db_run("INSERT INTO invoice_line (organization_id, invoice_id, position, kind, description, exact, amount, accrued, tax_rate_name, tax_rate, tax)
	    VALUES (?, ?, 1, 'plan_fee', ?, ?, ?, ?, 'GST', 100000, ?)", @id[1, 0], $more{description} // 'A month', $net, $net, $accrued, $tax);
	$more{before_issue}->($id) if $more{before_issue};
	$post->('invoice', receivable => $net + $tax - $accrued, revenue => $accrued - $net, tax => -$tax);
	ledger_call("invoice_number(?, ?, 'INV-', 'issued', UTC_TIMESTAMP(6) + INTERVAL 14 DAY, 0, UTC_TIMESTAMP(6) + INTERVAL 15 DAY, UTC_TIMESTAMP(6))", @id[1, 0]);
	db_run('UPDATE invoice SET retry_at = UTC_TIMESTAMP(6) WHERE id = ?', $id[0]) if $more{automatic};
	db->commit;
	return $id;
}

# A connection as one of the workers' logins: write, or read.
sub login ($login, $database) {
	my %config;
	open my $file, '<', "$ENV{PURSER_VAR}/purser.conf" or die "purser.conf: $!";
	while (<$file>) {
		$config{$1} = $2 if /^\s*(\w+)\s*=\s*(.*?)\s*$/;
	}
	return DBI->connect("dbi:MariaDB:database=$database;mariadb_socket=$ENV{PURSER_DB_SOCKET}", @config{"database_${login}_user", "database_${login}_password"},
	    { RaiseError => 1, PrintError => 0 });
}

# ---- what must hold --------------------------------------------------------------------------------------------------

# What an account of the organization holds, in millionths; by currency.
sub account_of ($id, $account) {
	my %sums = map { @$_ } db_run("SELECT unit, CAST(SUM(amount) AS CHAR) FROM journal_line WHERE organization_id = ? AND account = ? AND unit <> 'CRD' GROUP BY unit",
	    bytes_of($id), $account)->fetchall_arrayref->@*;
	delete $sums{$_} for grep { $sums{$_} == 0 } keys %sums;
	return \%sums;
}

sub receivable_of ($id) { return account_of($id, 'receivable') }

# What the account has to hold by the documents: what is left to be paid of a month's invoices (less than nothing, where more
# was paid than is owed), and what accrued and is on none. What is void was billed all the same.
sub receivable_by_documents ($id) {
	my %sums;
	my $add = sub ($rows) { $sums{ $_->[0] } += $_->[1] for @$rows };
	$add->(db_run("SELECT currency, CAST(SUM(IF(status = 'void', -paid, total - credited - written_off - paid) - accrued) AS CHAR)
	    FROM invoice WHERE organization_id = ? AND kind = 'run' AND status <> 'draft' GROUP BY currency", bytes_of($id))->fetchall_arrayref);
	# What a note gives back was taken off the account by the refunds that it is for.
	$add->(db_run("SELECT currency, CAST(SUM(on_account) AS CHAR) FROM credit_note WHERE organization_id = ? AND on_account <> 0 GROUP BY currency", bytes_of($id))->fetchall_arrayref);
	# What was given back of what nobody owes (its invoice is void, or credited) is put on again, without a document.
	$add->(db_run("SELECT l.unit, CAST(SUM(l.amount) AS CHAR) FROM journal_entry e JOIN journal_line l USING (organization_id, sequence)
	    WHERE e.organization_id = ? AND l.account = 'receivable' AND e.reason = 'credit_note' AND e.description = 'Given back of what nobody owes' GROUP BY l.unit",
	    bytes_of($id))->fetchall_arrayref);
	$add->(db_run("SELECT l.unit, CAST(SUM(l.amount) AS CHAR) FROM journal_entry e JOIN journal_line l USING (organization_id, sequence)
	    WHERE e.organization_id = ? AND l.account = 'receivable' AND e.reason IN ('charge', 'refund', 'plan_fee', 'overage', 'commitment_shortfall') GROUP BY l.unit",
	    bytes_of($id))->fetchall_arrayref);
	delete $sums{$_} for grep { $sums{$_} == 0 } keys %sums;
	return \%sums;
}

sub of_organization ($id) {
	my ($booked, $documents) = (receivable_of($id), receivable_by_documents($id));
	my %units = (%$booked, %$documents);
	my @faults = map { "receivable holds " . ($booked->{$_} // 0) . " $_, and the documents say " . ($documents->{$_} // 0) }
	    grep { ($booked->{$_} // 0) != ($documents->{$_} // 0) } sort keys %units;
	push @faults, db_column("SELECT CONCAT(i.number, ' has lines of another sum') FROM invoice i WHERE i.organization_id = ? AND (
	    i.lines_count <> (SELECT COUNT(*) FROM invoice_line l WHERE l.invoice_id = i.id)
	    OR i.tax <> (SELECT COALESCE(SUM(l.tax), 0) FROM invoice_line l WHERE l.invoice_id = i.id)
	    OR i.accrued <> (SELECT COALESCE(SUM(l.accrued), 0) FROM invoice_line l WHERE l.invoice_id = i.id)
	    OR IF(i.tax_included, i.total, i.subtotal) <> (SELECT COALESCE(SUM(l.amount), 0) FROM invoice_line l WHERE l.invoice_id = i.id))", bytes_of($id));
	push @faults, db_column("SELECT CONCAT(i.number, ' has notes of another sum') FROM invoice i WHERE i.organization_id = ?
	    AND i.credited <> (SELECT COALESCE(SUM(n.amount), 0) FROM credit_note n WHERE n.invoice_id = i.id)", bytes_of($id));
	push @faults, db_column("SELECT CONCAT(i.number, ' is credited, and has notes with other tax') FROM invoice i WHERE i.organization_id = ? AND i.total > 0
	    AND i.credited = i.total AND i.tax <> (SELECT SUM(n.tax) FROM credit_note n WHERE n.invoice_id = i.id)", bytes_of($id));
	push @faults, db_column("SELECT CONCAT(i.number, ' is ', i.status) FROM invoice i WHERE i.organization_id = ? AND i.status IN ('issued', 'paid')
	    AND (i.status = 'paid') <> (i.total - i.credited - i.written_off - i.paid <= 0)", bytes_of($id));
	# Every purchase has its one invoice.
	push @faults, db_column("SELECT CONCAT('a purchase of ', p.granted, ' has ', COUNT(i.id), ' invoices of ', COALESCE(SUM(i.total), 0), ', credited ',
	    COALESCE(SUM(i.credited), 0), ', refunded ', p.refunded) FROM payment p LEFT JOIN invoice i ON i.payment_id = p.id AND i.kind = 'topup'
	    WHERE p.organization_id = ? AND p.state = 'succeeded' AND p.purpose <> 'invoice' GROUP BY p.id
	    HAVING COUNT(i.id) <> 1 OR SUM(i.total) <> MAX(p.received) OR SUM(i.credited) <> MAX(LEAST(p.refunded, p.received))", bytes_of($id));
	return @faults;
}

# What is wrong with the documents and accounts of these organizations, and with everybody's numbers; nothing where all is well.
sub invoice_faults (@organizations) {
	my @faults = map { of_organization(ref $_ ? $_->{id} : $_) } @organizations;
	for (['invoice', 'invoice'], ['credit_note', 'credit_note']) {
		my ($table, $series) = @$_;
		my ($count, $least, $most) = db_run("SELECT COUNT(serial), COALESCE(MIN(serial), 1), COALESCE(MAX(serial), 0) FROM $table")->fetchrow_array;
		my $next = db_value('SELECT next FROM number_series WHERE name = ?', $series);
		push @faults, "the numbers of $table have a gap: $count of them from $least to $most, and $next comes next"
		    if $least != 1 || $most != $count || $next != $count + 1;
	}
	push @faults, map { "a draft was left behind: $_" } db_column("SELECT HEX(id) FROM invoice WHERE status = 'draft'");
	return @faults;
}

1;
