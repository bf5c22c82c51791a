package Purser::Year::Books;

# An organization's books at a month's end, by arithmetic of our own over the rows: the ledger, what is receivable, each
# invoice with its tax, credit notes, purchases, and what the organization itself knows that it did.

use v5.36;
use Purser::Year::Zone qw(month_start next_month local_day seconds_of stamp_of);

my %gst = (AU => 100_000);

# ---- numbers ---------------------------------------------------------------------------------------------------------

# A decimal as micro-units.
sub micros ($text) {
	my ($sign, $whole, $rest) = $text =~ /^(-?)(\d+)(?:\.(\d+))?$/ or die "no amount: $text\n";
	my $micros = $whole * 1_000_000 + substr(($rest // '') . '000000', 0, 6);
	return $sign ? -$micros : $micros;
}

sub decimal ($micros) {
	my $text = sprintf '%s%d.%06d', $micros < 0 ? '-' : '', abs($micros) / 1_000_000, abs($micros) % 1_000_000;
	return $text =~ s/0{1,4}$//r;
}

# amount * part / whole, half to even, to a multiple of `unit`; also of what is negative.
sub share ($amount, $part, $whole, $unit = 1) {
	use integer;
	my $product = ($amount < 0 ? -$amount : 0 + $amount) * $part;
	my $of = $whole * $unit;
	my ($quotient, $rest) = ($product / $of, $product % $of);
	$quotient++ if 2 * $rest > $of || (2 * $rest == $of && $quotient % 2);
	return $quotient * $unit * ($amount < 0 ? -1 : 1);
}

# ---- the ledger ------------------------------------------------------------------------------------------------------

sub faults_of_chain ($life) {
	my @faults;
	$life->{db}->at_one_moment(sub { @faults = $life->{ledger}->faults });
	return @faults;
}

# The statement's closing, by the sum over the lines of all entries before the month's end.
sub faults_of_closing ($life, $period, $statement) {
	my $end = month_start($life->{zone}, next_month($period));
	my $through = $life->value('SELECT COALESCE(MAX(sequence), 0) FROM journal_entry WHERE organization_id = ? AND at < ?', stamp_of($end));
	my %sums = map { ("$_->{account} $_->{unit}" => $_->{amount}) } $life->rows("SELECT account, unit, SUM(amount) AS amount FROM journal_line WHERE organization_id = ?
	    AND sequence <= ? AND account IN ('available', 'reserved', 'debt', 'receivable') GROUP BY account, unit", $through);
	my %wanted = (available => $sums{'available CRD'} // 0, reserved => $sums{'reserved CRD'} // 0, debt => -($sums{'debt CRD'} // 0), receivable => $sums{"receivable $life->{currency}"} // 0);
	my @faults;

	push @faults, "the month $period ends at " . stamp_of($end) . " by our clock, and $statement->{to} by the statement" if seconds_of($statement->{to}) != $end;
	for my $account (sort keys %wanted) {
		my $is = $account eq 'receivable' ? micros($statement->{closing}{$account}) : $statement->{closing}{$account};
		push @faults, "the statement of $period closes with $account $is, the ledger's lines say $wanted{$account}" if $is != $wanted{$account};
	}
	return @faults;
}

# ---- receivable ------------------------------------------------------------------------------------------------------

my $accruals = "('charge', 'refund', 'plan_fee', 'overage', 'commitment_shortfall')";

sub faults_of_receivable ($life, $period) {
	my (%booked, %documents, %accrued, @faults);

	$booked{ $_->{unit} } = $_->{amount} for $life->rows("SELECT unit, SUM(amount) AS amount FROM journal_line WHERE organization_id = ? AND account = 'receivable' GROUP BY unit");
	# What no run has billed.
	$accrued{ $_->{unit} } = $_->{amount} for $life->rows("SELECT l.unit, SUM(l.amount) AS amount FROM journal_line l JOIN journal_entry e USING (organization_id, sequence)
	    LEFT JOIN billed_entry b USING (organization_id, sequence) WHERE l.organization_id = ? AND l.account = 'receivable' AND e.reason IN $accruals AND b.sequence IS NULL GROUP BY l.unit");
	$documents{ $_->{currency} } = $_->{due} for $life->rows("SELECT currency, SUM(IF(status = 'void', -paid, total - credited - written_off - paid)) AS due
	    FROM invoice WHERE organization_id = ? AND kind = 'run' AND status <> 'draft' GROUP BY currency");
	$documents{$_} += $accrued{$_} for keys %accrued;
	my %units = (%booked, %documents);
	push @faults, map { "receivable holds " . ($booked{$_} // 0) . " $_ after $period; by documents " . ($documents{$_} // 0) . ', of it not invoiced ' . ($accrued{$_} // 0) }
	    grep { ($booked{$_} // 0) != ($documents{$_} // 0) } sort keys %units;
	# All that the month has accrued is billed, but for what is given back.
	my $waiting = $life->value("SELECT COALESCE(SUM(l.amount), 0) FROM journal_line l JOIN journal_entry e USING (organization_id, sequence) LEFT JOIN billed_entry b USING (organization_id, sequence)
	    WHERE l.organization_id = ? AND l.account = 'receivable' AND e.reason IN $accruals AND b.sequence IS NULL AND e.at < ?", stamp_of(month_start($life->{zone}, next_month($period))));
	push @faults, "$waiting of what was accrued before the end of $period was billed by no run" if $waiting > 0;
	return @faults;
}

# ---- invoices --------------------------------------------------------------------------------------------------------

sub faults_of_invoice ($life, $invoice) {
	my @lines = $life->rows('SELECT position, exact, amount, accrued, COALESCE(tax_rate_name, \'-\') AS name, tax_rate, tax, CAST(COALESCE(to_at, from_at) AS CHAR) AS at, to_at IS NOT NULL AS ends
	    FROM invoice_line WHERE organization_id = ? AND invoice_id = ? ORDER BY position', \$invoice->{id});
	my ($amounts, $tax, $accrued, %rates, @faults) = (0, 0, 0);
	my $fault = sub ($words) { push @faults, "$invoice->{number}: $words" };

	for my $line (@lines) {
		my $at = defined $line->{at} ? seconds_of($line->{at}) - ($line->{ends} ? 0.000001 : 0) : seconds_of($invoice->{issued});
		my $rate = $gst{ $invoice->{country} // '' } // 0;
		$fault->("line $line->{position} is taxed at $line->{tax_rate}, not $rate") if $line->{tax_rate} != $rate;
		my $rounded = share($line->{exact}, 1, 1, 10_000);
		$fault->("line $line->{position} is $line->{amount}, and $rounded by $line->{exact}") if $line->{amount} != $rounded;
		$amounts += $line->{amount};
		$tax += $line->{tax};
		$accrued += $line->{accrued};
		$rates{ $line->{tax_rate} } += $line->{amount};
	}
	my $wanted = 0;
	$wanted += share($rates{$_}, $_, 1_000_000 + ($invoice->{tax_included} ? $_ : 0), 10_000) for keys %rates;
	$fault->("its tax is $invoice->{tax}, by its lines $tax, computed anew $wanted") if $invoice->{tax} != $wanted || $tax != $wanted;
	$fault->("it accrued $invoice->{accrued}, by its lines $accrued") if $accrued != $invoice->{accrued};
	$fault->("it has $invoice->{lines_count} lines, and there are " . @lines) if $invoice->{lines_count} != @lines;
	my $sum = $invoice->{tax_included} ? $invoice->{total} : $invoice->{subtotal};
	$fault->("its lines add up to $amounts, not $sum") if $amounts != $sum;
	return @faults;
}

sub faults_of_invoices ($life, $period) {
	my @faults;

	for my $invoice ($life->rows("SELECT id, number, kind, period, status, tax_included, subtotal, tax, total, accrued, paid, credited, written_off, lines_count, CAST(issued_at AS CHAR) AS issued,
	    JSON_VALUE(customer, '\$.country') AS country FROM invoice WHERE organization_id = ? ORDER BY serial")) {
		push @faults, "an invoice of $invoice->{kind} was left a draft" if $invoice->{status} eq 'draft';
		my $due = $invoice->{total} - $invoice->{credited} - $invoice->{written_off} - $invoice->{paid};
		push @faults, "$invoice->{number} is $invoice->{status}, and $due is due" if $invoice->{status} =~ /^(?:issued|paid)$/ && ($invoice->{status} eq 'paid') != ($due <= 0);
		next if $life->{checked}{ $invoice->{number} // '' }++;
		push @faults, faults_of_invoice($life, $invoice);
	}
	push @faults, map { "$_->{number} has credit notes of $_->{notes} (tax $_->{note_tax}), and is credited with $_->{credited}" }
	    $life->rows("SELECT i.number, i.credited, i.total, COALESCE(SUM(n.amount), 0) AS notes, COALESCE(SUM(n.tax), 0) AS note_tax FROM invoice i LEFT JOIN credit_note n ON n.invoice_id = i.id
	    WHERE i.organization_id = ? GROUP BY i.id HAVING i.credited <> notes OR (i.total > 0 AND i.credited = i.total AND MAX(i.tax) <> note_tax)");
	push @faults, map { "the purchase of $_->{granted} has $_->{count} invoices of $_->{total}, credited $_->{credited}; received $_->{received}, refunded $_->{refunded}" }
	    $life->rows("SELECT p.granted, p.received, p.refunded, COUNT(i.id) AS count, COALESCE(SUM(i.total), 0) AS total, COALESCE(SUM(i.credited), 0) AS credited FROM payment p
	    LEFT JOIN invoice i ON i.payment_id = p.id AND i.kind = 'topup' WHERE p.organization_id = ? AND p.state = 'succeeded' AND p.purpose <> 'invoice' GROUP BY p.id
	    HAVING count <> 1 OR total <> p.received OR credited <> LEAST(p.refunded, p.received)");
	return @faults, faults_of_run_invoice($life, $period);
}

# The invoice of the month has the run's lines that credits have not paid, and those of months before that were carried over. What
# stands on account is without tax, whatever the invoice has.
sub faults_of_run_invoice ($life, $period) {
	my @billed = $life->rows("SELECT r.period, SUM(l.amount) AS amount FROM monthly_run r JOIN monthly_run_line l USING (organization_id, period) WHERE r.organization_id = ? AND l.paid_from <> 'available'
	    GROUP BY r.period ORDER BY r.period");
	my ($run, $invoiced) = (0, $life->value("SELECT COALESCE(SUM(IF(l.accrued <> 0, l.accrued, l.exact)), 0) FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id WHERE i.organization_id = ? AND i.kind = 'run'"));
	$run += $_->{amount} for @billed;
	my $left = $run - $invoiced;
	return if $left == 0;
	# Less than a card takes.
	return if $left > 0 && $left < 1_000_000;
	return "the runs until $period have billed $run, the invoices hold $invoiced";
}

# ---- what it did -----------------------------------------------------------------------------------------------------

sub faults_of_deeds ($life) {
	my %sums = map { ($_->{reason} => $_->{amount}) } $life->rows("SELECT e.reason, SUM(-l.amount) AS amount FROM journal_entry e JOIN journal_line l USING (organization_id, sequence)
	    WHERE e.organization_id = ? AND l.unit = 'CRD' AND l.account IN ('promotions', 'adjustments') AND e.reason IN ('grant', 'adjustment') GROUP BY e.reason");
	my $done = $life->{done};
	my @faults;

	push @faults, "grants of $done->{granted} were told, the ledger has " . ($sums{grant} // 0) if ($sums{grant} // 0) != $done->{granted};
	push @faults, "adjustments of $done->{adjusted} were told, the ledger has " . ($sums{adjustment} // 0) if ($sums{adjustment} // 0) != $done->{adjusted};
	my %orders = map { (Purser::Year::Life::ulid($_->{id}) => $_) } $life->rows('SELECT id, status, credits FROM orders WHERE organization_id = ?');
	for my $order (values $life->{orders}->%*) {
		my $row = $orders{ $order->{id} } or push(@faults, "the order $order->{id} is gone"), next;
		my $may = $order->{status} eq 'reserved' ? qr/^(?:reserved|expired)$/ : qr/^\Q$order->{status}\E$/;
		push @faults, "the order $order->{id} is $row->{status}, and was told to be $order->{status}" if $row->{status} !~ $may;
		push @faults, "the order $order->{id} cost $row->{credits}, by its lines $order->{credits}" if $order->{status} =~ /^(?:settled|refunded)$/ && $row->{credits} != $order->{credits};
		$order->{status} = 'expired' if $row->{status} eq 'expired';
	}
	push @faults, 'there are ' . keys(%orders) . ' orders, ' . keys($life->{orders}->%*) . ' were told' if keys %orders != keys $life->{orders}->%*;
	# What was charged for orders and not given back, in credits.
	my $spent = 0;
	$spent += $_->{credits} for grep { $_->{status} eq 'settled' } values $life->{orders}->%*;
	my $booked = $life->value("SELECT COALESCE(SUM(IF(l.unit = 'CRD' AND l.account = 'consumed', l.amount, 0)), 0) + COALESCE(SUM(IF(l.account = 'receivable', l.amount DIV p.price, 0)), 0)
	    FROM book k JOIN credit_price p ON p.currency = k.currency JOIN journal_entry e ON e.organization_id = k.organization_id JOIN journal_line l ON l.organization_id = e.organization_id AND l.sequence = e.sequence
	    WHERE k.organization_id = ? AND e.reference_type = 'order' AND e.reason IN ('charge', 'refund')");
	push @faults, "the orders that stand cost $spent credits, the ledger has $booked" if $spent != $booked;
	return @faults;
}

# ---- all -------------------------------------------------------------------------------------------------------------

sub faults ($life, $period, $statement) {
	return (faults_of_chain($life), faults_of_closing($life, $period, $statement), faults_of_receivable($life, $period), faults_of_invoices($life, $period), faults_of_deeds($life));
}

# ---- everybody's -----------------------------------------------------------------------------------------------------

# Numbers without a gap, and nothing that waits for nobody. `now` is the simulated time.
sub faults_of_all ($db, $period, $now) {
	my @faults;

	for my $series (qw(invoice credit_note)) {
		my ($row) = $db->rows("SELECT COUNT(serial) AS count, COALESCE(MIN(serial), 1) AS least, COALESCE(MAX(serial), 0) AS most, (SELECT next FROM number_series WHERE name = ?) AS next FROM $series", $series);
		push @faults, "the numbers of $series have a gap: $row->{count} of them from $row->{least} to $row->{most}, and $row->{next} comes next"
		    if $row->{least} != 1 || $row->{most} != $row->{count} || $row->{next} != $row->{count} + 1;
	}
	my $yesterday = stamp_of($now - 86_400);
	my $org = sub ($alias = '') { "(SELECT name FROM organization o WHERE o.id = ${alias}organization_id)" };
	push @faults, map { "the run of $_->{period} of $_->{name} is still running" } $db->rows("SELECT period, ${\$org->()} AS name FROM monthly_run WHERE status = 'running'");
	push @faults, map { "the run of $_->{period} of $_->{name} has failed: $_->{problem}" } $db->rows("SELECT period, COALESCE(problem, '') AS problem, ${\$org->()} AS name FROM monthly_run WHERE status = 'failed'");
	push @faults, map { "$_->{number} of $_->{name} ($_->{status}) was to be charged at $_->{at}" } $db->rows("SELECT number, status, CAST(retry_at AS CHAR) AS at, ${\$org->()} AS name FROM invoice WHERE retry_at < ?", $yesterday);
	push @faults, map { "a payment ($_->{purpose}) of $_->{name} is $_->{state} since $_->{at}" }
	    $db->rows("SELECT purpose, state, CAST(created_at AS CHAR) AS at, ${\$org->()} AS name FROM payment WHERE state NOT IN ('succeeded', 'failed') AND created_at < ?", stamp_of($now - 8 * 86_400));
	push @faults, map { "a refund of $_->{name} is pending since $_->{at}" }
	    $db->rows("SELECT CAST(created_at AS CHAR) AS at, ${\$org->()} AS name FROM payment_refund WHERE state = 'pending' AND created_at < ?", stamp_of($now - 8 * 86_400));
	push @faults, map { "an order of $_->{name} is reserved past its hold" } $db->rows("SELECT ${\$org->()} AS name FROM orders WHERE status = 'reserved' AND hold_expires_at <= ?", $yesterday);
	push @faults, map { "a claim of $_->{operation} is open" } $db->rows('SELECT operation FROM idempotency WHERE status IS NULL AND open_until < ?', $yesterday);
	push @faults, map { "the subscription of $_->{name} was due at $_->{at} ($_->{status})" }
	    $db->rows("SELECT status, CAST(due_at AS CHAR) AS at, ${\$org->()} AS name FROM subscription WHERE due_at < ?", $yesterday);
	push @faults, map { "the order of the months of $_->{period} is not done" } $db->rows("SELECT period FROM run_order WHERE finished_at IS NULL AND period <= ?", $period);
	return @faults;
}

1;
