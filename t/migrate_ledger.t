#!/usr/bin/perl
# A database whose ledger was kept by triggers (schema 18) moves to one where procedures keep it: what is derived from the entries
# stays what it was, and goes on from there.
use v5.36;
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Derived qw(derived_checks);
use Purser::Jobs;
use Purser::Test;

my $sql = tempdir(CLEANUP => 1);
my ($next) = map { m{([^/]+)$} } glob "$FindBin::Bin/../sql/0019_*.sql";
copy($_, $sql) or die "$_: $!" for grep { m{/(?:00(?:0\d|1[0-8])_\w+|roles)\.sql$} } glob "$FindBin::Bin/../sql/*.sql";
my $later = db_value("SELECT COUNT(*) FROM schema_version WHERE version > 19");
my $name = private_database;
db_run("DROP DATABASE $name");
db_run("CREATE DATABASE $name CHARACTER SET utf8mb4");
db_run("USE $name");

sub migrate ($directory) { return end_program(start_program('purserctl', 'migrate', ['migrate', '--sql', $directory])) == 0 }

# As many files as there are, of which the one behind 0018 fails.
for my $version (19 .. 19 + $later) {
	open my $out, '>', sprintf '%s/%04d_not_yet.sql', $sql, $version or die $!;
	print $out 'NOT YET;';
	close $out or die $!;
}
ok(!migrate($sql), 'migrations up to 0018');
is(db_value('SELECT MAX(version) FROM schema_version'), 18, 'are applied, and no more');
my $triggers = "SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND event_object_table IN ('journal_entry', 'journal_line')";
is(db_value($triggers), 2, 'triggers keep the ledger');

# ---- entries ---------------------------------------------------------------------------------------------------------------------

my $zeros = "\0" x 16;
my ($id, $empty) = map { bytes_of(new_book) } 1 .. 2;
my %derived = (book => 'sequence, HEX(head_hash), available, reserved', journal_late => 'day, sequence', receivable_after => 'currency, sequence, amount');

sub entry ($at, $reason, $credits, %o) {
	my $row = ledger_call("ledger_post(?, ?, ?, ?, ?, ?, NULL, NULL, NULL, 'job', ?, NULL, NULL, NULL, NULL, NULL, '2026-01-01', '2999-01-01', NULL, ?, \@outcome)",
	    $id, $at, bytes_of(new_ulid()), $reason, $o{from}, $credits, \$zeros, $o{money});
	return $row->{outcome};
}

# Committed by itself where it is one of the most usual.
sub order ($at) {
	my $order = new_ulid();
	my $row = ledger_call("order_create(?, ?, ?, ?, REPEAT('d', 32), 10, '[]', NULL, '2999-01-01', ?, 'job', ?, '2026-01-01', '2999-01-01', NULL, NULL, NULL, ?, NULL, ?)",
	    $id, $at, bytes_of($order), $order, bytes_of(new_ulid()), \$zeros, bytes_of(new_ulid()), $order);
	return defined $row ? $row->{outcome} : 'usual';
}

sub money (@lines) { return '[' . join(',', map { qq({"account":"$_->[0]","unit":"$_->[1]","amount":$_->[2]}) } @lines) . ']' }
sub owed ($currency, $amount) { return (['receivable', $currency, $amount], ['revenue', $currency, -$amount]) }
sub kept () { return map { db_run("SELECT $derived{$_} FROM $_ WHERE organization_id = ? ORDER BY 1, 2", $id)->fetchall_arrayref } sort keys %derived }
sub wrong () { return join ', ', map { $_->[0] } grep { db_value($_->[1]) } derived_checks() }

my $late = sub ($day) {
	return (entry("2026-03-0$day 12:00:00.5", 'grant', 1000), order("2026-03-0$day 11:00:00"), order("2026-03-0$day 12:00:00.4"), entry("2026-02-1$day", 'charge', 5, from => 'available'),
	    entry("2026-02-1$day 01:00:00", 'invoice', 0, money => money(owed('AUD', 11), owed('AUD', 4), owed('EUR', 7))), entry("2026-03-0$day 12:00:00.5", 'payment', 0,
	    money => money(['bank', 'AUD', 6], ['receivable', 'AUD', -6])), entry("2026-03-0$day 13:00:00", 'charge', 10, from => 'reserved'));
};
is_deeply([$late->(1)], ['ok', 'usual', 'usual', ('ok') x 4], 'orders, charges and invoices in time and late');
my @before = kept;
is_deeply([map { scalar @$_ } @before], [1, 2, 3], 'leave what is derived from them');

# ---- the next schema -------------------------------------------------------------------------------------------------------------

unlink glob "$sql/*not_yet.sql";
copy($_, $sql) or die "$_: $!" for grep { !-e "$sql/" . s{.*/}{}r } glob "$FindBin::Bin/../sql/0*.sql";
ok(migrate($sql), "$next is applied");
is(db_value($triggers), 0, 'no trigger is left');
is_deeply([kept], \@before, 'everything is as it was');
is(wrong, '', 'and known of every book');
is_deeply([db_column('SELECT newest_at FROM book ORDER BY organization_id = ?', $id)], [undef, '2026-03-01 13:00:00.000000'], 'also of one without entries');
is_deeply([$late->(2), $late->(3)], [('ok', 'usual', 'usual', ('ok') x 4) x 2], 'the same deeds on the days after');
is_deeply([map { scalar @$_ } kept], [1, 6, 9], 'leave as much');
is(wrong, '', 'and all of it right');
is(entry('2026-03-04', 'expiry', 1, from => 'available'), 'ok', 'a later day');
is(order('2026-03-03 23:00:00'), 'usual', 'and an order of the one before');
is(wrong, '', 'are in their places');
ok(ledgers_are_whole, 'the chain goes on over both');
done_testing;
