#!/usr/bin/perl
# Snapshots are there to stay: whoever serves requests can add one and change none. And a provider that says nothing for some keeps
# no other organization waiting.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Snapshots;
use Purser::Test;
use Time::HiRes qw(time);

# ---- append-only -----------------------------------------------------------------------------------------------------------

my %config = do {
	open my $in, '<', "$ENV{PURSER_VAR}/purser.conf" or die $!;
	map { /^\s*(\w+)\s*=\s*(.*?)\s*$/ ? ($1 => $2) : () } <$in>;
};
sub login ($which) {
	return DBI->connect("dbi:MariaDB:database=$ENV{PURSER_DB_NAME};mariadb_socket=$ENV{PURSER_DB_SOCKET}", @config{"database_${which}_user", "database_${which}_password"},
	    { RaiseError => 1, PrintError => 0, AutoCommit => 1 });
}
for my $which (qw(read write)) {
	my $db = login($which);
	for my $table (qw(balance_snapshot cost_snapshot)) {
		ok(!eval { $db->do($_); 1 } && $@ =~ /denied/, "the $which login can't: $_")
		    for "UPDATE $table SET currency = 'AUD'", "DELETE FROM $table", "TRUNCATE $table", "REPLACE INTO $table (id) VALUES ('')", "INSERT INTO $table (id) VALUES ('') ON DUPLICATE KEY UPDATE id = id";
	}
	ok(!eval { $db->do($_); 1 } && $@ =~ /denied/, "the $which login can't: $_") for 'DELETE FROM snapshot_turn', "INSERT INTO snapshot_turn (kind) VALUES ('costs')";
}
ok(!eval { login('read')->do("INSERT INTO balance_snapshot (id) VALUES ('')"); 1 } && $@ =~ /denied/, 'who reads adds none');
ok(!eval { db_run("INSERT INTO balance_snapshot (organization_id, id, amount, currency, source, collected_at) VALUES (?, ?, ?, 'AUD', 'ledger', '2026-01-01')",
    bytes_of(new_ulid()), bytes_of(new_ulid()), $_); 1 }, "$_ is no amount that the table takes") for qw(1 01.00 1.0 .50 1e3 1.00x), '';

# ---- hanging providers -----------------------------------------------------------------------------------------------------

my $stack = Purser::Snapshots->start;
my @hanging = map { $stack->new_organization() } 1 .. 40;
$stack->answer($_, undef, fault => 'hang') for @hanging;
my $good = $stack->new_organization();
$stack->answer($good, '{"amount": "1", "currency": "EUR"}');
sub served ($count, $seconds, $what) {
	my $began = time;
	eventually($what, sub { $stack->balances($good) >= $count }, $seconds);
	note sprintf 'after %.2f s', time - $began;
}
sub failed ($times) { return db_value('SELECT COUNT(*) FROM snapshot_turn WHERE failures >= ?', $times) }
my $job = $stack->begin_run('snapshots.collect_balance');
served(1, 20, 'beside 40 that hang, one that answers is collected');
cmp_ok(failed(1), '<', 40, 'before all of those are given up');
is(end_program($job, 40), 0, 'the job ends');
is(failed(1), 40, 'each of them has failed in the end');
my @more = map { $stack->new_organization() } 1 .. 60;
$stack->answer($_, undef, fault => 'hang') for @more;
db_run("UPDATE snapshot_turn SET failures = 1 WHERE kind = 'balance' AND organization_id = ?", bytes_of($_->{id})) for @more;
$stack->answer($good, '{"amount": "2", "currency": "EUR"}');
$stack->later(10_800);
$job = $stack->begin_run('snapshots.collect_balance');
my $late = $stack->new_organization();
$stack->answer($late, '{"amount": "3", "currency": "EUR"}');
served(2, 40, 'behind 100 that have failed before, which are more than there are places, it is collected as soon');
eventually('as is one that comes while all of them hang', sub { ($stack->balances($late))[0] }, 40);
cmp_ok(failed(2), '<', 100, 'before all of those are given up');
kill 'TERM', $job;
is(end_program($job, 15), 0, 'told to end, the job does not wait for any');
done_testing;
