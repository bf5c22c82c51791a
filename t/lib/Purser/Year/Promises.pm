package Purser::Year::Promises;

# Take-or-pay and overage computed anew: from what was ordered and used, not from what the service made of it.

use v5.36;
use Purser::Reply;
use Purser::Year::Books;
use Purser::Year::Zone qw(add_days day_start month_start next_month seconds_of stamp_of);

my $json = Purser::Reply::codec();
my %price = (AUD => 10_000, SGD => 9_000, GBP => 5_200, NZD => 11_000, USD => 6_600);

# ---- commitments -----------------------------------------------------------------------------------------------------

# Every order line that could count: when, of which service, how many credits, the order's own wish; and when it was given back.
sub lines_of ($life) {
	my @lines;

	for my $row ($life->rows("SELECT id, `lines`, HEX(commitment_id) AS wish, CAST(settled_at AS CHAR) AS at, (SELECT CAST(MAX(e.at) AS CHAR) FROM journal_entry e WHERE e.organization_id = orders.organization_id
	    AND e.reference_id = orders.id AND e.reason = 'refund') AS back FROM orders WHERE organization_id = ? AND settled_at IS NOT NULL ORDER BY settled_at")) {
		push @lines, map { { at => seconds_of($row->{at}), back => defined $row->{back} ? seconds_of($row->{back}) : undef, wish => $row->{wish}, service => $_->{service},
		    may => !defined $_->{commitment_eligible} || $_->{commitment_eligible}, credits => Purser::Sim::Deeds::credits_of([$_]) } } $json->decode($row->{lines})->@*;
	}
	return @lines;
}

# Which one a line counts towards, of those as they are: only where none was amended or cancelled.
sub choice ($line, @commitments) {
	my @takes = grep { my $c = $_; $c->{from} <= $line->{at} && seconds_of($c->{made}) <= $line->{at} && $line->{at} < $c->{to} && (!defined $c->{services} || (defined $line->{service} && grep { $_ eq $line->{service} } split /\n/, $c->{services})) } @commitments;
	return if !$line->{may} || $line->{credits} == 0;
	my ($wanted) = grep { defined $line->{wish} && $_->{id} eq $line->{wish} } @takes;
	return $wanted // (sort { $a->{to} <=> $b->{to} || $a->{id} cmp $b->{id} } @takes)[0];
}

sub faults_of_commitments ($life, $period) {
	return unless $life->{commitments}->@*;
	my $end = month_start($life->{zone}, next_month($period));
	my @commitments = $life->rows("SELECT HEX(id) AS id, name, starts_on, ends_on, amount, services, true_up, rollover_percent, carried_in, consumed, rollover, cancelled_at IS NOT NULL AS cancelled,
	    ended_at IS NOT NULL AS ended, CAST(created_at AS CHAR) AS made, CAST(starts_at AS CHAR) AS starts, CAST(ends_at AS CHAR) AS ends, CAST(cancelled_at AS CHAR) AS cancelled_at FROM commitment WHERE organization_id = ?");
	my @lines = lines_of($life);
	my $changed = grep { $_->{amended} || $_->{cancelled} } $life->{commitments}->@*;
	my @faults;

	@$_{qw(from to used)} = (day_start($life->{zone}, split /-/, $_->{starts_on}), day_start($life->{zone}, split /-/, add_days($_->{ends_on}, 1)), []) for @commitments;
	for my $c (@commitments) {
		push @faults, "the commitment $c->{name} runs $c->{starts} to $c->{ends}, by its days " . stamp_of($c->{from}) . ' to ' . stamp_of($c->{to})
		    if seconds_of($c->{starts}) != $c->{from} || seconds_of($c->{ends}) != $c->{to};
	}
	if ($changed) {
		# What counted is taken from the rows; the rest is computed all the same.
		my %uses;
		push $uses{ $_->{id} }->@*, { at => seconds_of($_->{at}), amount => $_->{amount} } for $life->rows('SELECT HEX(commitment_id) AS id, CAST(at AS CHAR) AS at, amount FROM commitment_use WHERE organization_id = ?');
		$_->{used} = $uses{ $_->{id} } // [] for @commitments;
	} else {
		for my $line (@lines) {
			my $c = choice($line, @commitments) or next;
			my $amount = $line->{credits} * $price{ $life->{currency} };
			push $c->{used}->@*, { at => $line->{at}, amount => $amount }, defined $line->{back} ? { at => $line->{back}, amount => -$amount } : ();
		}
	}
	push @faults, faults_of_dues($life, $_, $end) for @commitments;
	my ($due, $lines) = ($life->value('SELECT COALESCE(SUM(due), 0) FROM commitment_due WHERE organization_id = ? AND run_period IS NOT NULL'),
	    $life->value("SELECT COALESCE(SUM(amount), 0) FROM monthly_run_line WHERE organization_id = ? AND kind = 'commitment_shortfall'"));
	push @faults, "shortfalls of $due were billed, the runs' lines have $lines" if $due != $lines;
	return @faults;
}

# What had to fall due by now, point by point.
sub faults_of_dues ($life, $c, $end) {
	my $id = pack 'H*', $c->{id};
	my @milestones = $life->rows('SELECT day, amount FROM commitment_milestone WHERE organization_id = ? AND commitment_id = ? ORDER BY day', \$id);
	my %found = map { ($_->{day} => $_) } $life->rows('SELECT day, committed, consumed, billed_before, due, run_period FROM commitment_due WHERE organization_id = ? AND commitment_id = ?', \$id);
	my @points = ($c->{true_up} eq 'milestones' ? grep({ $_->{day} lt $c->{ends_on} } @milestones) : (), { day => $c->{ends_on}, amount => $c->{amount}, is_end => 1 });
	my ($billed, @faults) = (0);

	for my $point (@points) {
		my $at = day_start($life->{zone}, split /-/, add_days($point->{day}, 1));
		next if $at > $end || ($c->{cancelled} && seconds_of($c->{cancelled_at}) <= $at);
		my $consumed = 0;
		$consumed += $_->{amount} for grep { $_->{at} < $at } $c->{used}->@*;
		my $committed = $point->{amount} - $c->{carried_in};
		$committed = 0 if $committed < 0;
		my $due = $committed - $consumed - $billed;
		$due = 0 if $due < 0;
		my $row = $found{ $point->{day} };
		my $name = "the commitment $c->{name} at $point->{day}";
		if (!$row) {
			push @faults, "$name has come to nothing, and $due is due";
			next;
		}
		# What was carried in later, or amended, was not known then.
		my $known = $life->{known}{"$c->{id} $point->{day}"} //= { due => $due, consumed => $consumed };
		push @faults, "$name: $row->{due} is due, by the orders $known->{due} (used $row->{consumed}, by the orders $known->{consumed}; before $row->{billed_before}, $billed)"
		    if $row->{due} != $known->{due} || $row->{consumed} != $known->{consumed};
		push @faults, "$name: $row->{due} is due, and no run has billed it" if $row->{due} > 0 && !defined $row->{run_period};
		$billed += $row->{due};
	}
	if ($c->{ended} && defined $c->{rollover}) {
		my $consumed = 0;
		$consumed += $_->{amount} for grep { $_->{at} < $c->{to} } $c->{used}->@*;
		my $excess = $c->{carried_in} + $consumed - $c->{amount};
		my $wanted = $excess > 0 ? Purser::Year::Books::share($excess, $c->{rollover_percent}, 100) : 0;
		push @faults, "the commitment $c->{name} hands on $c->{rollover}, by the orders $wanted" if $c->{rollover} != $wanted;
	}
	return @faults;
}

# ---- overage ---------------------------------------------------------------------------------------------------------

sub by_cycle (@rows) { return map { ("$_->{starts} $_->{metric}" => $_) } @rows }

# Of each cycle: what was used beyond the quota, in credits, by the events that the organization sent; and what plans before
# had sold of it, each rounded once.
sub faults_of_overage ($life, $period) {
	my @cycles = $life->rows("SELECT CAST(c.starts_at AS CHAR) AS starts, CAST(c.ends_at AS CHAR) AS ends, c.closed_at IS NOT NULL AS closed, u.metric, q.included, COALESCE(q.overage_unit_price, 0) AS price, p.currency,
	    u.value, u.late_value, u.billed_late, u.settled FROM usage_cycle c JOIN usage_counter u ON u.organization_id = c.organization_id AND u.cycle_starts_at = c.starts_at
	    LEFT JOIN plan p ON p.id = c.plan_id LEFT JOIN plan_quota q ON q.plan_id = p.id AND q.metric = u.metric WHERE c.organization_id = ?");
	my %billed = by_cycle($life->rows("SELECT CAST(from_at AS CHAR) AS starts, JSON_VALUE(source, '\$.metric') AS metric, SUM(credits) AS credits FROM monthly_run_line
	    WHERE organization_id = ? AND kind IN ('overage', 'late_usage') GROUP BY from_at, metric"));
	my (%sold, @faults);
	push $sold{"$_->{starts} $_->{metric}"}->@*, $_ for $life->rows("SELECT CAST(cycle_starts_at AS CHAR) AS starts, metric, plan_id, currency, SUM(amount) AS amount FROM usage_overage WHERE organization_id = ?
	    GROUP BY cycle_starts_at, metric, plan_id, currency");

	for my $cycle (@cycles) {
		my ($from, $to) = map { seconds_of($_) } @$cycle{qw(starts ends)};
		my $used = 0;
		$used += Purser::Year::Books::micros($_->{quantity}) for grep { my $at = seconds_of($_->{occurred_at}); $from <= $at && $at < $to } ($life->{events}{ $cycle->{metric} } // [])->@*;
		my $name = "$cycle->{metric} from $cycle->{starts} to $cycle->{ends}";
		my $key = "$cycle->{starts} $cycle->{metric}";
		push @faults, "$name: $cycle->{value} was counted, and $used sent" if $cycle->{value} != $used;
		next if !$cycle->{closed} || $cycle->{late_value} != $cycle->{billed_late};
		my $credits = 0;
		if (defined $cycle->{included}) {
			my $free = $cycle->{included} * 1_000_000;
			$free = $cycle->{settled} if $cycle->{settled} > $free;
			$credits += Purser::Year::Books::share($used - $free, $cycle->{price}, $price{ $cycle->{currency} } * 1_000_000) if $used > $free;
		}
		$credits += Purser::Year::Books::share($_->{amount}, 1, $price{ $_->{currency} }) for ($sold{$key} // [])->@*;
		my $lines = $billed{$key} ? $billed{$key}{credits} : 0;
		push @faults, "$name: runs have billed $lines credits, $credits by what was sent" if $lines != $credits;
	}
	return @faults;
}

# ---- fees ------------------------------------------------------------------------------------------------------------

# Every stretch that began before the month's end is charged; whole periods at the plan's price; and nothing comes back of what
# nobody has paid.
sub faults_of_fees ($life, $period) {
	my $end = stamp_of(month_start($life->{zone}, next_month($period)));
	my @faults = map { "the fee of $_->{credits} from $_->{starts} is charged by nobody" }
	    $life->rows('SELECT credits, CAST(starts_at AS CHAR) AS starts FROM subscription_fee WHERE organization_id = ? AND charged_at IS NULL AND starts_at < ?', $end);

	push @faults, map { "$_->{refilled} credits came back of the fee of $_->{credits} from $_->{starts}, and its invoice $_->{number} ($_->{status}) was never paid" }
	    $life->rows("SELECT f.refilled, f.credits, CAST(f.starts_at AS CHAR) AS starts, i.number, i.status FROM subscription_fee f JOIN monthly_run r ON r.organization_id = f.organization_id AND r.period = f.run_period
	    JOIN invoice i ON i.id = r.invoice_id WHERE f.organization_id = ? AND f.paid_from = 'invoice' AND f.refilled > 0 AND i.status <> 'paid'
	    AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.invoice_id = i.id AND p.state = 'succeeded')");
	for my $line ($life->rows("SELECT credits, source, description FROM monthly_run_line WHERE organization_id = ? AND period = ? AND kind = 'plan_fee'", $period)) {
		my $source = $json->decode($line->{source});
		next if !defined $source->{price} || !defined $line->{credits} || $source->{seconds} != $source->{of_seconds};
		my $wanted = Purser::Year::Books::share(Purser::Year::Books::micros($source->{price}) * $source->{seats}, 1, $price{ $source->{price_currency} });
		push @faults, "$line->{description}: $line->{credits} credits, by its price $wanted" if $line->{credits} != $wanted;
	}
	return @faults;
}

sub faults ($life, $period) { return (faults_of_commitments($life, $period), faults_of_overage($life, $period), faults_of_fees($life, $period)) }

1;
