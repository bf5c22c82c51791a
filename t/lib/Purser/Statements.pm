package Purser::Statements;

# Statements of months in each of their forms, and every figure of one computed again from nothing but the reply.

use v5.36;
use Exporter 'import';
use List::Util qw(max sum0);
use POSIX qw(strftime tzset);
use Purser::Test;
use Time::Local qw(timegm_modern);

our @EXPORT = qw(statement csv_rows statement_of_csv statement_of_lines statement_faults post_entry);

sub statement ($organization, $period = undef, %more) {
	return call('organizations.commitments.statement', { organization_id => $organization->{id}, defined $period ? (period => $period) : () }, key => $organization->{key}, %more);
}

# An entry as ledger_post makes it at that moment: options are `from`, `description`, `money`, `reference`.
sub post_entry ($organization, $at, $reason, $credits, %more) {
	my $row = Purser::Jobs::ledger_call('ledger_post(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL, NULL, NULL, \'2999-01-01\', NULL, ?, @outcome)', bytes_of($organization->{id}), $at =~ s/T/ /r =~ s/Z//r,
	    bytes_of(new_ulid()), $reason, $more{from}, $credits, $more{description}, 'invoice', bytes_of($more{reference} // $organization->{id}), 'job', bytes_of($organization->{id}), $more{money} && encode_json($more{money}));
	$row->{outcome} eq 'ok' or die "$reason: $row->{outcome}\n";
}

# ---- forms -----------------------------------------------------------------------------------------------------------

sub csv_rows ($body) {
	utf8::decode($body);
	my @rows = map { [map { s/^"(.*)"$/$1/sr =~ s/""/"/gr } /("(?:[^"]|"")*"|[^,]*)(?:,|$)/g] } split /\r\n/, $body;
	my $head = shift @rows;
	return map { my %row; @row{@$head} = @$_; \%row } @rows;
}

sub number ($text) { return $text eq '' ? undef : 0 + $text }
sub maybe ($text) { return $text eq '' ? undef : $text }

my @accounts = qw(available reserved debt receivable);
sub balances ($row, $tail = '') { return map { ($_ => $_ eq 'receivable' ? $row->{"$_$tail"} : 0 + $row->{"$_$tail"}) } @accounts }

sub activity_of_csv ($row, $flags) {
	my %after = balances($row, '_after');
	my %change = balances($row);
	return { sequence => 0 + $row->{sequence}, at => $row->{at}, kind => $row->{kind}, description => maybe($row->{description}), credits => 0 + $row->{credits}, amount => maybe($row->{amount}),
	    reference => $row->{reference_type} eq '' ? undef : { type => $row->{reference_type}, id => $row->{reference_id} }, commitment_id => maybe($row->{commitment_id}),
	    commitment_lines => [map { { commitment_id => $_->{commitment_id}, line => 0 + $_->{line}, credits => 0 + $_->{credits}, amount => $_->{amount} } } @$flags],
	    (map { ("${_}_change" => $change{$_}, "${_}_after" => $after{$_}) } @accounts) };
}

sub burn_down_of_csv ($opening, @rows) {
	my @days = grep { $_->{commitment_id} eq $opening->{commitment_id} } @rows;
	return { commitment_id => $opening->{commitment_id}, name => $opening->{description}, opening => $opening->{consumed}, committed => $days[-1]{committed},
	    days => [map { { on => $_->{at}, committed => $_->{committed}, consumed => $_->{consumed}, remaining => $_->{remaining} } } @days] };
}

# What the CSV says, in the form of the JSON.
sub statement_of_csv ($body) {
	my %section;
	push $section{$_->{section}}->@*, $_ for csv_rows($body);
	my %flags;
	push $flags{$_->{sequence}}->@*, $_ for ($section{flag} // [])->@*;
	my ($head, $price, $opening, $closing, $reconciled) = map { $section{$_}[0] } qw(statement credit_price opening closing reconciled);
	my @activity = map { activity_of_csv($_, $flags{$_->{sequence}} // []) } ($section{activity} // [])->@*;
	return { organization_id => $head->{reference_id}, period => $head->{kind}, timezone => $head->{description}, from => $head->{at}, as_of => $closing->{at}, currency => $price->{currency},
	    credit_price => $price->{amount}, opening => { balances($opening) }, closing => { balances($closing) }, activity => \@activity, entries => scalar @activity,
	    burn_down => [map { burn_down_of_csv($_, $section{burn_down}->@*) } ($section{burn_down_opening} // [])->@*],
	    reconciliation => { reconciled => $reconciled->{kind} eq 'true' ? JSON::PP::true() : JSON::PP::false(), difference => $reconciled->{amount},
		rows => [map { my $row = $_; { account => $row->{account}, unit => $row->{currency}, map { ($_ => $row->{$_}) } qw(opening activity closing difference) } } $section{reconciliation}->@*] } };
}

# NDJSON has the activity, and with it what there was before and behind each row.
sub statement_of_lines ($body) {
	my @activity = map { decode_json($_) } split /\n/, $body;
	return { activity => \@activity };
}

# ---- every figure once more ------------------------------------------------------------------------------------------

sub micros ($text) {
	my ($sign, $whole, $rest) = $text =~ /^(-?)(\d+)\.(\d{2,6})$/ or die "no amount: $text\n";
	return ($sign ? -1 : 1) * ($whole * 1_000_000 + substr "${rest}000000", 0, 6);
}

sub balance ($account, $value) { return $account eq 'receivable' ? micros($value) : $value }

# The day in that zone in which the moment lies.
sub local_day ($zone, $at) {
	my ($year, $month, $day, $hour, $minute, $second) = $at =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)/ or die "no time: $at\n";
	local $ENV{TZ} = $zone;
	tzset();
	my $text = strftime('%Y-%m-%d', localtime timegm_modern($second, $minute, $hour, $day, $month - 1, $year));
	delete $ENV{TZ};
	tzset();
	return $text;
}

sub row_faults ($row, $has) {
	my @faults;
	push @faults, 'credits' if $row->{credits} != $row->{available_change} + $row->{reserved_change};
	for my $account (@accounts) {
		$has->{$account} //= balance($account, $row->{"${account}_after"}) - balance($account, $row->{"${account}_change"});
		$has->{$account} += balance($account, $row->{"${account}_change"});
		push @faults, "$account: $has->{$account}" if $has->{$account} != balance($account, $row->{"${account}_after"});
	}
	my $receivable = micros($row->{receivable_change});
	push @faults, 'amount' if $receivable && abs micros($row->{amount} // '0.00') != abs $receivable;
	push @faults, 'commitment' if $row->{commitment_lines}->@* && $row->{commitment_id} ne $row->{commitment_lines}[0]{commitment_id};
	return map { "$row->{sequence} $row->{kind}: $_" } @faults;
}

# One price of a credit throughout.
sub flag_faults ($activity, $price) {
	my @faults;
	for my $row (@$activity) {
		for my $flag ($row->{commitment_lines}->@*) {
			$price //= micros($flag->{amount}) / $flag->{credits};
			push @faults, "$row->{sequence}: line $flag->{line}" if micros($flag->{amount}) != $flag->{credits} * $price || $flag->{credits} * ($row->{kind} eq 'refund' ? -1 : 1) <= 0;
		}
	}
	return @faults;
}

# What is taken back when the commitment is over changes nothing of it.
sub burn_down_faults ($statement) {
	my (@faults, %used);
	for my $row ($statement->{activity}->@*) {
		my $day = local_day($statement->{timezone}, $row->{at});
		$used{$_->{commitment_id}}{$day} += micros($_->{amount}) for $row->{commitment_lines}->@*;
	}
	for my $of ($statement->{burn_down}->@*) {
		my $days = delete $used{$of->{commitment_id}} // {};
		my $consumed = micros($of->{opening});
		for my $day ($of->{days}->@*) {
			$consumed += delete $days->{$day->{on}} // 0;
			push @faults, "$of->{name} $day->{on}: $consumed" if $consumed != micros($day->{consumed});
			push @faults, "$of->{name} $day->{on}: remaining" if micros($day->{remaining}) != max(0, micros($day->{committed}) - $consumed);
		}
		push @faults, "$of->{name}: committed" if $of->{committed} ne $of->{days}[-1]{committed};
		push @faults, map { "$of->{name}: used on $_" } grep { $days->{$_} > 0 } sort keys %$days;
	}
	return @faults, map { "no burn-down of $_" } grep { my $days = $used{$_}; grep { $_ > 0 } values %$days } sort keys %used;
}

sub reconciliation_faults ($statement) {
	my (@faults, $difference);
	my %row = map { $_->{account} => $_ } $statement->{reconciliation}{rows}->@*;
	for my $account (@accounts) {
		my ($opening, $closing) = map { balance($account, $statement->{$_}{$account}) } qw(opening closing);
		my $activity = sum0 map { balance($account, $_->{"${account}_change"}) } $statement->{activity}->@*;
		my $differs = $opening + $activity - $closing;
		my @found = map { balance($account, $_) } $row{$account}->@{qw(opening activity closing difference)};
		push @faults, "$account: $opening + $activity - $closing, not @found" if "@found" ne "$opening $activity $closing $differs";
		$difference += abs($differs) * ($account eq 'receivable' ? 1 : micros($statement->{credit_price}));
	}
	push @faults, 'difference' if $difference != micros($statement->{reconciliation}{difference});
	push @faults, 'reconciled' if !!$statement->{reconciliation}{reconciled} ne ($difference == 0);
	push @faults, 'entries' if $statement->{entries} != $statement->{activity}->@*;
	return @faults;
}

# What of it can't be computed again.
sub statement_faults ($statement) {
	my %has = $statement->{opening} ? map { $_ => balance($_, $statement->{opening}{$_}) } @accounts : ();
	my $before = $statement->{activity}->@* ? $statement->{activity}[0]{sequence} - 1 : 0;
	my @faults = grep { $_ } map { $_->{sequence} == ++$before ? '' : "$_->{sequence} is not $before" } $statement->{activity}->@*;
	push @faults, map { row_faults($_, \%has) } $statement->{activity}->@*;
	push @faults, flag_faults($statement->{activity}, $statement->{credit_price} && micros($statement->{credit_price}));
	return @faults, $statement->{opening} ? (burn_down_faults($statement), reconciliation_faults($statement)) : ();
}

1;
