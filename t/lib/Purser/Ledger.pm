package Purser::Ledger;

# What the tests of the ledger's procedures share: postings on the workers' own login, and everything that must hold of an
# organization at any time, computed anew.

use strict;
use warnings;
use DBI qw(:sql_types);
use Digest::SHA qw(sha256_hex);
use Encode qw(encode);
use Exporter 'import';
use Purser::Derived qw(derived_checks);

our @EXPORT = qw($db $start $zeros connect_as new_id new_organization post book lines lots set_limit fault);

my %config = read_config("$ENV{PURSER_VAR}/purser.conf");
our $start = '2026-01-01 00:00:00.000000';
our $zeros = '0' x 32;

sub read_config {
	my ($path) = @_;
	my %found;
	open my $file, '<', $path or die "$path: $!";
	while (<$file>) {
		$found{$1} = $2 if /^\s*(\w+)\s*=\s*(.*?)\s*$/;
	}
	return %found;
}

sub connect_as {
	my ($login) = @_;
	my $db = DBI->connect("dbi:MariaDB:database=$ENV{PURSER_DB_NAME};mariadb_socket=$ENV{PURSER_DB_SOCKET}",
		$config{"database_${login}_user"}, $config{"database_${login}_password"},
		{ RaiseError => 1, PrintError => 0, AutoCommit => 0 });
	$db->do("SET tx_isolation = 'READ-COMMITTED', sql_mode = 'STRICT_ALL_TABLES'");
	return $db;
}

our $db = connect_as('write');
my $serial = 0;

sub new_id {
	return sprintf '%012X%08X%04X%08X', time * 1000, $$, int(rand 65536), ++$serial;
}

sub new_organization {
	my $id = new_id();
	$db->do("INSERT INTO organization (id, name, slug, currency, created_at, updated_at)
		VALUES (UNHEX(?), 'Test', ?, 'AUD', ?, ?)", undef, $id, lc $id, $start, $start);
	$db->do("CALL book_open(UNHEX(?), 'AUD', ?)", undef, $id, $start);
	$db->commit;
	return $id;
}

# Books one entry and commits; the outcome's row comes back. The cycle never ends, unless `cycle_ends` says so.
sub post {
	my ($organization, $reason, $credits, %o) = @_;
	my $handle = $o{db} || $db;
	my $statement = $handle->prepare_cached(
		"CALL ledger_post(UNHEX(?), ?, UNHEX(?), ?, ?, ?, ?, ?, UNHEX(?), 'api_key', UNHEX(?), ?, ?, ?, UNHEX(?), ?, ?, ?, ?, ?, \@outcome)");
	my $entry = new_id();
	$statement->execute($organization, $o{at} || $start, $entry, $reason, $o{from}, $credits, $o{description},
		$o{reference_type}, $o{reference_id}, $organization, $o{source}, $o{expires_at}, $o{priority}, $o{lot}, $o{undoes},
		$o{cycle}, exists $o{cycle_ends} ? $o{cycle_ends} : '2999-01-01', $o{committed}, $o{money});
	my $row = $statement->fetchrow_hashref;
	$statement->finish;
	1 while $statement->more_results;
	$row->{entry} = $entry;
	$row->{outcome} eq 'ok' ? $handle->commit : $handle->rollback;
	return $row;
}

sub book {
	my ($organization) = @_;
	my $row = $db->selectrow_hashref("SELECT available, reserved, debt, committed, cycle_spend, cycle_started_at, cycle_ends_at,
		soft_told_at, hard_told_at, next_lot_expiry, lapsed, sequence, HEX(head_hash) AS head FROM book WHERE organization_id = UNHEX(?)", undef, $organization);
	$db->commit;
	return $row;
}

sub lines {
	my ($organization, $sequence) = @_;
	my $rows = $db->selectcol_arrayref("SELECT CONCAT(account, ' ', unit, ' ', amount) FROM journal_line
		WHERE organization_id = UNHEX(?) AND sequence = ? ORDER BY line", undef, $organization, $sequence);
	$db->commit;
	return join ', ', @$rows;
}

# The lots with something left, as source:remaining, in the order of their age.
sub lots {
	my ($organization) = @_;
	my $rows = $db->selectcol_arrayref("SELECT CONCAT(source, ':', remaining) FROM lot
		WHERE organization_id = UNHEX(?) AND remaining > 0 ORDER BY created_at, id", undef, $organization);
	$db->commit;
	return join ' ', @$rows;
}

sub set_limit {
	my ($organization, $limit, $soft) = @_;
	$db->do("CALL book_set_limits(UNHEX(?), ?, ?)", undef, $organization, $soft, $limit);
	$db->commit;
}

# Everything that must hold of an organization at any time; the first fault, or ''.
sub fault {
	my ($organization) = @_;
	my $hash = '0' x 64;
	my ($available, $reserved, $debt, $expected) = (0, 0, 0, 1);
	my $entries = $db->selectall_arrayref("SELECT sequence, HEX(id) AS id, CAST(at AS CHAR) AS at, reason, description,
		HEX(reference_type) AS reference_type, HEX(reference_id) AS reference_id, HEX(actor_type) AS actor_type,
		HEX(actor_id) AS actor_id, available_change, reserved_change, available_after, reserved_after, debt_after,
		HEX(previous_hash) AS previous_hash, HEX(hash) AS hash, (SELECT CONCAT(source, ',', granted, ',',
			COALESCE(CAST(expires_at AS CHAR), '-'), ',', priority) FROM lot WHERE lot.id = e.id) AS lot
		FROM journal_entry e WHERE organization_id = UNHEX(?) ORDER BY sequence", { Slice => {} }, $organization);
	my %lines;
	push @{ $lines{ $_->[0] } }, $_ for @{ $db->selectall_arrayref("SELECT sequence, account, unit, amount
		FROM journal_line WHERE organization_id = UNHEX(?) ORDER BY sequence, line", undef, $organization) };
	for my $e (@$entries) {
		return "entry $expected is missing" if $e->{sequence} != $expected++;
		return "entry $e->{sequence} does not follow" if $e->{previous_hash} ne $hash;
		my @of = @{ $lines{ $e->{sequence} } || [] };
		my %sum;
		for (@of) {
			my (undef, $account, $unit, $amount) = @$_;
			$sum{$unit} += $amount;
			next if $unit ne 'CRD';
			$available += $amount if $account eq 'available';
			$reserved += $amount if $account eq 'reserved';
			$debt -= $amount if $account eq 'debt';
		}
		return "entry $e->{sequence} is unbalanced" if grep { $_ != 0 } values %sum;
		return "entry $e->{sequence} has wrong balances"
			if $available != $e->{available_after} || $reserved != $e->{reserved_after} || $debt != $e->{debt_after};
		my $description = defined $e->{description} ? uc unpack 'H*', encode('UTF-8', $e->{description}) : '-';
		$hash = uc sha256_hex(join '|', 'purser-journal-1', $hash, $organization, $e->{sequence}, $e->{id}, $e->{at},
			$e->{reason}, $description, $e->{reference_type} // '-', $e->{reference_id} // '-', $e->{actor_type},
			$e->{actor_id}, $e->{available_change}, $e->{reserved_change}, $available, $reserved, $debt,
			$e->{lot} // '-', join ';', map { join ':', @$_[1 .. 3] } @of);
		return "entry $e->{sequence} has another hash" if $hash ne $e->{hash};
	}
	my $book = book($organization);
	my ($in_lots) = $db->selectrow_array("SELECT COALESCE(SUM(remaining), 0) FROM lot WHERE organization_id = UNHEX(?)",
		undef, $organization);
	my ($wrong_lots) = $db->selectrow_array("SELECT COUNT(*) FROM lot l WHERE organization_id = UNHEX(?) AND remaining <>
		(SELECT SUM(m.amount) FROM lot_movement m WHERE m.lot_id = l.id)", undef, $organization);
	my ($lapsed) = $db->selectrow_array("SELECT COALESCE(SUM(remaining), 0) FROM lot WHERE organization_id = UNHEX(?)
		AND fell_due", undef, $organization);
	my @open = @{ $db->selectcol_arrayref("SELECT CONCAT(source, ',', remaining, ',',
		COALESCE(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at), '')) FROM lot WHERE organization_id = UNHEX(?)
		AND remaining > 0 ORDER BY priority, expires_at IS NULL, expires_at, source = 'paid', created_at, id",
		undef, $organization) };
	my ($short) = $db->selectrow_array('SELECT lots FROM book WHERE organization_id = UNHEX(?)', undef, $organization);
	my ($due) = $db->selectrow_array("SELECT CAST(MIN(expires_at) AS CHAR) FROM lot WHERE organization_id = UNHEX(?)
		AND remaining > 0 AND NOT fell_due", undef, $organization);
	my @derived = grep { $db->selectrow_array($_->[1]) } derived_checks($organization);
	$db->commit;
	return "$derived[0][0] is kept otherwise" if @derived;
	return 'the book does not know what falls due' if defined $due && ($book->{next_lot_expiry} // '9') gt $due;
	return "the book repeats other lots: $short" if defined $short ? $short ne join(';', @open) : @open <= 8;
	return 'the head is another' if $book->{head} ne $hash || $book->{sequence} != @$entries;
	return 'the book has other balances'
		if $book->{available} != $available || $book->{reserved} != $reserved || $book->{debt} != $debt;
	return 'the lots hold another sum' if $in_lots != $available + $reserved;
	return 'a lot is not the sum of its movements' if $wrong_lots;
	return 'the book counts other lapsed credits' if $lapsed != $book->{lapsed};
	return 'less was spent than is reserved' if $book->{cycle_spend} < $reserved + $book->{committed};
	return '';
}

1;
