package Purser::Sim::Ledger;

# One organization's ledger, proven by arithmetic of our own: every entry sums to zero, the hash chain is computed anew, the
# lots are what their movements say, and the book is what the entries add up to. What was proven is not read again, until
# the end.

use v5.36;
use Digest::SHA qw(sha256_hex);
use Purser::Derived qw(derived_checks);

my @sums = qw(available reserved debt);

# `id` is the organization's, 16 bytes.
sub new ($class, $db, $id) { return bless({ db => $db, id => $id }, $class)->forget }

sub forget ($self) {
	%$self = (db => $self->{db}, id => $self->{id}, sequence => 0, hash => '0' x 64, available => 0, reserved => 0, debt => 0, of => {}, lots => {},
	    made => {}, entries => {}, reasons => {});
	return $self;
}

# ---- reading ---------------------------------------------------------------------------------------------------------

sub read_new ($self, $columns, $table, $order) {
	return $self->{db}->rows("SELECT sequence, $columns FROM $table WHERE organization_id = ? AND sequence > ? ORDER BY $order", \$self->{id}, $self->{sequence});
}

sub lots ($self) {
	return $self->{db}->rows('SELECT HEX(id) AS id, source, granted, remaining, CAST(expires_at AS CHAR) AS expires_at, priority, fell_due FROM lot
	    WHERE organization_id = ?', \$self->{id});
}

# ---- one entry -------------------------------------------------------------------------------------------------------

sub canonical ($self, $entry, $lines) {
	my $lot = $self->{made}{ $entry->{id} };

	return join '|', 'purser-journal-1', $self->{hash}, uc unpack('H*', $self->{id}), $entry->{sequence}, $entry->{id}, $entry->{at}, $entry->{reason},
	    (map { $entry->{$_} // '-' } qw(description reference_type reference_id)), @$entry{qw(actor_type actor_id available_change reserved_change
	    available_after reserved_after debt_after)}, $lot ? join(',', @$lot{qw(source granted)}, $lot->{expires_at} // '-', $lot->{priority}) : '-',
	    join(';', map { "$_->{account}:$_->{unit}:$_->{amount}" } @$lines);
}

# Adds the lines to what is known of the thing that the entry belongs to.
sub note ($self, $entry, $lines) {
	my $thing = $self->{of}{ $entry->{reference_id} // '' } //= { reasons => {}, lines => {}, entries => [] };

	$self->{entries}{ $entry->{id} } = $entry;
	$self->{reasons}{ $entry->{reason} }++;
	$thing->{reasons}{ $entry->{reason} }++;
	push $thing->{entries}->@*, $entry;
	$thing->{lines}{"$_->{account}:$_->{unit}"} += $_->{amount} for @$lines;
}

sub faults_of_entry ($self, $entry, $lines) {
	my (%unit, %credits, @faults);

	for my $line (@$lines) {
		$unit{ $line->{unit} } += $line->{amount};
		$credits{ $line->{account} } += $line->{amount} if $line->{unit} eq 'CRD';
	}
	push @faults, "entry $entry->{sequence} comes behind $self->{sequence}" if $entry->{sequence} != $self->{sequence} + 1;
	push @faults, map { "entry $entry->{sequence} does not sum to zero in $_: $unit{$_}" } grep { $unit{$_} != 0 } sort keys %unit;
	$credits{debt} = -$credits{debt} if $credits{debt};
	for my $account (@sums) {
		$self->{$account} += $credits{$account} // 0;
		push @faults, "after entry $entry->{sequence} $account is $self->{$account} by the lines, $entry->{\"${account}_after\"} by the entry"
		    if $self->{$account} != $entry->{"${account}_after"};
		push @faults, "entry $entry->{sequence} makes $account negative" if $self->{$account} < 0;
	}
	push @faults, "entry $entry->{sequence} says it changes available by $entry->{available_change}" if ($credits{available} // 0) != $entry->{available_change};
	push @faults, "entry $entry->{sequence} says it changes reserved by $entry->{reserved_change}" if ($credits{reserved} // 0) != $entry->{reserved_change};
	push @faults, "entry $entry->{sequence} does not name the hash before it" if $entry->{previous_hash} ne $self->{hash};
	my $hash = uc sha256_hex($self->canonical($entry, $lines));
	push @faults, "the hash of entry $entry->{sequence} is not that of its contents" if $hash ne $entry->{hash};
	@$self{qw(hash sequence)} = @$entry{qw(hash sequence)};
	$self->note($entry, $lines);
	return @faults;
}

# ---- the whole -------------------------------------------------------------------------------------------------------

sub faults_of_lots ($self, $lots) {
	my @faults;
	my $left = 0;

	for my $lot (@$lots) {
		my $moved = $self->{lots}{ $lot->{id} } // 0;
		$left += $lot->{remaining};
		push @faults, "lot $lot->{id} has $lot->{remaining} left, and $moved by its movements" if $moved != $lot->{remaining};
		push @faults, "lot $lot->{id} has $lot->{remaining} left of $lot->{granted}" if $lot->{remaining} < 0 || $lot->{remaining} > $lot->{granted};
	}
	push @faults, "the lots hold $left, the accounts " . ($self->{available} + $self->{reserved}) if $left != $self->{available} + $self->{reserved};
	return @faults;
}

# Reads what is new; within one moment of the database. Gives what is wrong.
sub faults ($self) {
	my ($book) = $self->{db}->rows('SELECT available, reserved, debt, committed, cycle_spend, hard_limit, sequence, HEX(head_hash) AS head_hash, post_pay,
	    auto_topup_threshold FROM book WHERE organization_id = ?', \$self->{id});
	return 'there is no book' unless $book;
	my $is_whole = $self->{sequence} == 0;
	$self->{book} = $book;
	my @lots = $self->lots;
	my %lines;
	$self->{made} = { map { $_->{id} => $_ } @lots };
	push $lines{ $_->{sequence} }->@*, $_ for $self->read_new('account, unit, amount', 'journal_line', 'sequence, line');
	$self->{lots}{ $_->{lot} } += $_->{amount} for $self->read_new('HEX(lot_id) AS lot, amount', 'lot_movement', 'sequence');
	my @faults = map { $self->faults_of_entry($_, delete $lines{ $_->{sequence} } // []) } $self->read_new('HEX(id) AS id, CAST(at AS CHAR) AS at, reason,
	    HEX(description) AS description, HEX(reference_type) AS reference_type, HEX(reference_id) AS reference_id, HEX(actor_type) AS actor_type,
	    HEX(actor_id) AS actor_id, available_change, reserved_change, available_after, reserved_after, debt_after, HEX(previous_hash) AS previous_hash,
	    HEX(hash) AS hash', 'journal_entry', 'sequence');

	push @faults, map { "there are lines of entry $_, which is not there" } sort keys %lines;
	push @faults, map { "the book's $_ is $book->{$_}, and $self->{$_} by the entries" } grep { $book->{$_} != $self->{$_} } @sums, 'sequence';
	push @faults, 'the book has another head than the chain' if $book->{head_hash} ne $self->{hash};
	push @faults, "the cycle's spend of $book->{cycle_spend} is past the hard limit of $book->{hard_limit}"
	    if defined $book->{hard_limit} && $book->{cycle_spend} > $book->{hard_limit};
	push @faults, map { "$_->[0] is kept otherwise" } grep { ($self->{db}->rows($_->[1]))[0]{wrong} } derived_checks(unpack 'H*', $self->{id}) if $is_whole;
	return @faults, $self->faults_of_lots(\@lots);
}

# What the entries say of a thing: how often each reason, and the sums by account and unit. The id in hexadecimal.
sub of ($self, $id) { return $self->{of}{$id} // { reasons => {}, lines => {}, entries => [] } }

1;
