package Purser::Year::Close;

# The end of a month, for one organization: what is foretold right before the run, the run, the run once more, and the
# statement, each held against the others and against the books.

use v5.36;
use Purser::Reply;
use Purser::Year::Books;
use Purser::Year::Promises;

my $json = Purser::Reply::codec();

sub preview ($life, $task) {
	delete $life->{preview};
	return unless $life->{planned}{previews};
	my $reply = $life->request('billing.run_monthly_preview', { organization_id => $life->{id}, period => $task->{period} }, reads => 1);
	return "the preview of $task->{period}: $reply->{status} $reply->{body}" if $reply->status != 200;
	$life->{preview} = $reply->json;
	return;
}

sub run ($life, $task) {
	return if $life->{planned}{by_cron};
	my $reply = $life->request('billing.run_monthly_for_org', { organization_id => $life->{id}, period => $task->{period} });
	return "the run of $task->{period}: $reply->{status} $reply->{body}" if $reply->status != 200;
	return;
}

# ---- checks ----------------------------------------------------------------------------------------------------------

my @told = qw(kind description credits amount paid_from);

sub faults_of_preview ($life, $period, $run) {
	my $preview = delete $life->{preview} or return;
	my @lines = $life->rows("SELECT kind, description, credits, CAST(amount AS CHAR) AS micros, paid_from FROM monthly_run_line WHERE organization_id = ? AND period = ? ORDER BY position", $period);
	my $words = sub ($line, $amount) { return join ' | ', map { $_ // '-' } @$line{qw(kind description credits)}, $amount, $line->{paid_from} };
	my @ours = map { $words->($_, $_->{micros}) } @lines;
	my @theirs = map { $words->($_, Purser::Year::Books::micros($_->{amount})) } $preview->{lines}->@*;

	return if ($preview->{digest} // '') eq ($run->{digest} // '') && "@ours" eq "@theirs" && $preview->{totals}{total} eq Purser::Year::Books::decimal($run->{total});
	return join "\n", "the preview of $period is not its run: digests " . ($preview->{digest} // '-') . ' ' . ($run->{digest} // '-') . ", totals $preview->{totals}{total} "
	    . Purser::Year::Books::decimal($run->{total}), (map { "    foretold: $_" } @theirs), map { "    run:      $_" } @ours;
}

sub faults_of_again ($life, $period, $run) {
	my $reply = $life->request('billing.run_monthly_for_org', { organization_id => $life->{id}, period => $period });
	return "the second run of $period: $reply->{status} $reply->{body}" if $reply->status != 200;
	my $again = $reply->json;
	return "the second run of $period comes to $again->{status} " . ($again->{digest} // '-') . ' ' . ($again->{problem} // '') . ", the first to $run->{status} " . ($run->{digest} // '-')
	    if $again->{status} ne $run->{status} || ($again->{digest} // '') ne ($run->{digest} // '');
	return;
}

# Gives the statement, or undef, and what is wrong.
sub statement_of ($life, $period) {
	my $reply = $life->request('organizations.commitments.statement', { organization_id => $life->{id}, period => $period }, reads => 1);
	return (undef, "the statement of $period: $reply->{status} $reply->{body}") if $reply->status != 200;
	return $reply->json;
}

sub faults_of_statement ($life, $period, $statement) {
	my @faults;
	my $reconciliation = $statement->{reconciliation};
	my %changes = map { my $name = "${_}_change"; my $sum = 0; $sum += $_->{$name} // 0 for $statement->{activity}->@*; ($_ => $sum) } qw(available reserved debt);

	push @faults, 'the statement of ' . $period . ' is not reconciled: ' . $json->encode($reconciliation) if !$reconciliation->{reconciled} || $reconciliation->{difference} !~ /^0(?:\.0+)?$/;
	for my $account (sort keys %changes) {
		my ($from, $to) = ($statement->{opening}{$account}, $statement->{closing}{$account});
		push @faults, "the statement of $period: $account $from and $changes{$account} is not $to" if $from + $changes{$account} != $to;
	}
	my $receivable = Purser::Year::Books::micros($statement->{opening}{receivable});
	$receivable += Purser::Year::Books::micros($_->{receivable_change} // 0) for $statement->{activity}->@*;
	push @faults, "the statement of $period: receivable by its activity is $receivable, not $statement->{closing}{receivable}" if $receivable != Purser::Year::Books::micros($statement->{closing}{receivable});
	push @faults, "the statement of $period says $statement->{entries} entries and has " . $statement->{activity}->@* if $statement->{entries} != $statement->{activity}->@*;
	if (my $before = $life->{closing}) {
		push @faults, "the statement of $period opens with " . $json->encode($statement->{opening}) . ', the one before it closed with ' . $json->encode($before)
		    if $json->encode($statement->{opening}) ne $json->encode($before);
	}
	$life->{closing} = $statement->{closing};
	return @faults;
}

sub check ($life, $task) {
	my $period = $task->{period};
	my ($run) = $life->rows('SELECT period, status, digest, HEX(invoice_id) AS invoice, total, problem FROM monthly_run WHERE organization_id = ? AND period = ?', $period);
	return "$period has not been run" unless $run;
	my @faults = $run->{status} =~ /^(?:completed|nothing_to_do)$/ ? () : "the run of $period is $run->{status}: " . ($run->{problem} // '');

	$life->tell("the month $period is closed: $run->{status}, " . join('; ', map { "$_->{kind} $_->{credits} $_->{amount} from $_->{paid_from}" }
	    $life->rows("SELECT kind, COALESCE(credits, '-') AS credits, amount / 1000000 AS amount, paid_from FROM monthly_run_line WHERE organization_id = ? AND period = ? ORDER BY position", $period)));
	push @faults, faults_of_preview($life, $period, $run);
	push @faults, faults_of_again($life, $period, $run);
	my ($statement, $refused) = statement_of($life, $period);
	push @faults, $refused // ();
	if ($statement) {
		push @faults, faults_of_statement($life, $period, $statement);
		$life->{statements}{$period} = $json->encode($statement);
		push @faults, Purser::Year::Books::faults($life, $period, $statement);
	}
	push @faults, Purser::Year::Promises::faults($life, $period);
	return @faults;
}

# Everything again, for all months.
sub last_look ($life, $task) {
	my @faults;

	for my $period (sort keys $life->{statements}->%*) {
		my ($statement, $refused) = statement_of($life, $period);
		push @faults, $refused // ();
		my $now = $statement ? $json->encode($statement) : next;
		push @faults, "the statement of $period has changed since it was closed:\n" . difference($life->{statements}{$period}, $now) if $now ne $life->{statements}{$period};
		my ($run) = $life->rows('SELECT period, status, digest FROM monthly_run WHERE organization_id = ? AND period = ?', $period);
		push @faults, faults_of_again($life, $period, $run);
	}
	my $reply = $life->request('billing.credits.verify', { full => \1 }, reads => 1);
	push @faults, "the ledger is not whole: $reply->{body}" if $reply->status != 200 || !$reply->json->{consistent};
	$life->{ledger}->forget;
	push @faults, Purser::Year::Books::faults_of_chain($life);
	return @faults;
}

# Where two texts of JSON begin to differ, with what is around.
sub difference ($old, $new) {
	my $same = 0;
	$same++ while $same < length $old && $same < length $new && substr($old, $same, 1) eq substr($new, $same, 1);
	my $from = $same > 120 ? $same - 120 : 0;
	return "    then: ..." . substr($old, $from, 400) . "\n    now:  ..." . substr($new, $from, 400);
}

1;
