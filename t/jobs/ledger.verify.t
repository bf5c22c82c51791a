#!/usr/bin/perl
# The nightly proof goes on from where it was, and names what was tampered with.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Jobs;

my $job = 'ledger.verify';
my @tables = qw(journal_entry journal_line lot_movement lot book);
my $organization = new_organization(rate_limit => 100000);
my $id = bytes_of($organization->{id});

sub checkpoint () {
	my $row = db_run('SELECT sequence, HEX(hash) AS hash, available, reserved, debt, first_fault FROM ledger_checkpoint WHERE organization_id = ?',
	    $id)->fetchrow_hashref;
	return $row // {};
}

sub head () {
	return db_run('SELECT b.sequence, HEX(b.head_hash) AS hash, b.available, b.reserved, b.debt, NULL AS first_fault FROM book b
	    WHERE b.organization_id = ?', $id)->fetchrow_hashref;
}

# The ledger as it was, for putting it back whatever happens.
sub keep_ledger () {
	db_run("CREATE OR REPLACE TEMPORARY TABLE kept_$_ AS SELECT * FROM $_ WHERE organization_id = ?", $id) for @tables;
}

sub put_back () {
	db->do('SET foreign_key_checks = 0');
	for my $table (@tables) {
		my $columns = join ', ', db_column("SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE()
		    AND table_name = ? AND is_generated = 'NEVER'", $table);
		db_run("DELETE FROM $table WHERE organization_id = ?", $id);
		db_run("INSERT INTO $table ($columns) SELECT $columns FROM kept_$table");
	}
	db->do('SET foreign_key_checks = 1');
}

# Statements, and what to do behind them.
sub tamper (@statements) {
	db->do('SET foreign_key_checks = 0, check_constraint_checks = 0');
	db_run($_, $id) for grep { !ref } @statements;
	db->do('SET foreign_key_checks = 1, check_constraint_checks = 1');
	$_->() for grep { ref } @statements;
}

sub verify (%options) { return call('billing.credits.verify', { %options }, key => $organization->{key})->json }

# What only a proof from the first entry on finds, by the operator's.
sub is_named_in_full ($what, $fault, @statements) {
	keep_ledger;
	eval {
		tamper(@statements);
		is_deeply([map { $_->{first_fault} } call('admin.ledger.verify', { organization_id => $organization->{id}, full => \1 },
		    key => admin_key)->json->{faults}->@*], [$fault], "$what: is named");
		1;
	} or fail("$what: $@");
	put_back;
}

# Does it, and looks what everybody says; then puts all back.
sub is_named ($what, $fault, @statements) {
	keep_ledger;
	eval {
		tamper(@statements);
		my $json = call('billing.credits.verify', {}, key => $organization->{key})->json;
		is($json->{first_fault}, $fault, "$what: is named");
		ok(!$json->{consistent}, "$what: and the ledger is not whole");
		1;
	} or fail("$what: $@");
	put_back;
}

# The same by the job; its name for the fault is what all others tell.
sub is_named_at_night ($what, $fault, @statements) {
	my $before = checkpoint;
	is_named($what, $fault, @statements, sub {
		ok(run_job($job), "$what: the job runs");
		is(checkpoint->{first_fault}, $fault, "$what: the job keeps its name");
		is_deeply({ checkpoint->%*, first_fault => undef }, { %$before, first_fault => undef }, "$what: the checkpoint stays where it was");
		my $json = call('admin.ledger.verify', { organization_id => $organization->{id} }, key => admin_key)->json;
		is_deeply($json->{faults}, [{ organization_id => $organization->{id}, first_fault => $fault }], "$what: admin.ledger.verify tells it");
	});
}

grant($organization->{id}, 100) for 1 .. 2;
ok(run_job($job), 'the job runs');
is_deeply(checkpoint, head, 'and proves all that is there');
is(checkpoint->{sequence}, 2, 'two entries');

# A proof goes on from its checkpoint: what was changed before that is seen by a full one only, which some have each night.
eval {
	tamper('UPDATE journal_entry SET description = \'other\' WHERE organization_id = ? AND sequence = 1');
	grant($organization->{id}, 10);
	ok(verify->{consistent}, 'nothing is proven twice');
	is(verify(full => \1)->{first_fault}, 'Entry 1 was changed.', 'unless a full proof is asked for');
	ok(run_job($job), 'the next night');
	is(checkpoint->{first_fault}, 'Entry 1 was changed.', 'finds it as well');
	is(checkpoint->{sequence}, 3, 'having proven what is new');
	is(verify->{first_fault}, 'Entry 1 was changed.', 'and from then on everybody is told');
	1;
} or fail($@);
tamper('UPDATE journal_entry SET description = NULL WHERE organization_id = ? AND sequence = 1');
ok(verify->{consistent}, 'changed back, all is well');
ok(run_job($job), 'to the job as well');
is_deeply(checkpoint, head, 'the checkpoint is at the head');
is_named('the entry that was proven last, with a hash that is right by itself', 'Entry 3 is another than was proven before.',
    "UPDATE journal_entry SET hash = REPEAT('x', 32) WHERE organization_id = ? AND sequence = 3");

grant($organization->{id}, 10 + $_) for 1 .. 4;
my $entry = 'UPDATE journal_entry SET %s WHERE organization_id = ? AND sequence = 5';
is_named_at_night('a changed amount', 'Entry 5 was changed.', sprintf $entry, 'available_change = available_change + 1');
is_named('a changed moment', 'Entry 5 was changed.', sprintf $entry, 'at = at + INTERVAL 1 MICROSECOND');
is_named('a changed actor', 'Entry 5 was changed.', sprintf $entry, "actor_type = 'nobody'");
is_named('a changed line', 'Entry 5 was changed.', 'UPDATE journal_line SET amount = amount + 1 WHERE organization_id = ? AND sequence = 5 AND line = 1');
is_named('a missing line', 'Entry 5 was changed.', 'DELETE FROM journal_line WHERE organization_id = ? AND sequence = 5 AND line = 2');
is_named_at_night('a missing entry', 'Entry 5 is missing.', map { "DELETE FROM $_ WHERE organization_id = ? AND sequence = 5" } @tables[0 .. 2]);
is_named('a missing last entry', 'Entry 7 is missing.', map { "DELETE FROM $_ WHERE organization_id = ? AND sequence = 7" } @tables[0 .. 2]);
is_named_at_night('re-ordered entries', 'Entry 5 does not follow the entry before it.', map { my $table = $_;
	map { "UPDATE $table SET sequence = $_->[1] WHERE organization_id = ? AND sequence = $_->[0]" } [5, 105], [6, 5], [105, 6] } @tables[0 .. 2]);
is_named('an entry that nobody booked', 'Entry 8 is there, but the book ends at 7.',
    'INSERT INTO journal_entry SELECT organization_id, 8, UNHEX(LEFT(SHA1(RAND()), 32)), at, reason, description, reference_type, reference_id,
	actor_type, actor_id, available_change, reserved_change, available_after, reserved_after, debt_after, previous_hash, hash
	FROM journal_entry WHERE organization_id = ? AND sequence = 7');

my $added = 'UPDATE %s WHERE organization_id = ? ORDER BY %s LIMIT 1';
is_named('an entry before the first', 'Something stands before the first entry.',
    'INSERT INTO journal_entry SELECT organization_id, -1, UNHEX(LEFT(SHA1(RAND()), 32)), at, reason, description, reference_type, reference_id,
	actor_type, actor_id, available_change, reserved_change, available_after, reserved_after, debt_after, previous_hash, hash
	FROM journal_entry WHERE organization_id = ? AND sequence = 7');
is_named('a line before the first', 'Something stands before the first entry.',
    "INSERT INTO journal_line VALUES (?, 0, 1, 'available', 'CRD', 5)");
is_named('a line without an entry', 'Lines or movements are there that belong to no entry.',
    "INSERT INTO journal_line VALUES (?, 99, 1, 'available', 'CRD', 5)");
is_named('a movement without an entry', 'Lines or movements are there that belong to no entry.',
    "INSERT INTO lot_movement VALUES (?, 99, REPEAT('l', 16), 5)");
is_named('a ledger removed as a whole', 'There is no book.', map { "DELETE FROM $_ WHERE organization_id = ?" } @tables);
is_named_in_full('a lot with another expiry', 'Entry 1 was changed.',
    sprintf $added, "lot SET expires_at = '2099-01-01'", 'id');
is_named_in_full('a lot of another source', 'Entry 1 was changed.', sprintf $added, "lot SET source = 'paid'", 'id');
is_named_in_full('a lot with another priority', 'Entry 1 was changed.', sprintf $added, 'lot SET priority = 9', 'id');
is_named_in_full('a lot that is gone', 'Entry 1 was changed.', 'DELETE FROM lot WHERE organization_id = ? ORDER BY id LIMIT 1');
is_named('a lot with more in it', 'What is left in the lots is not the balance.', sprintf $added, 'lot SET remaining = remaining + 1', 'id');
is_named_in_full('credits moved from lot to lot', 'What is left in a lot is not the sum of its movements.',
    (sprintf $added, 'lot SET remaining = remaining + 1', 'id'), (sprintf $added, 'lot SET remaining = remaining - 1', 'id DESC'),
    'UPDATE book b SET lots = (SELECT GROUP_CONCAT(CONCAT(source, \',\', remaining, \',\') ORDER BY created_at, id SEPARATOR \';\') FROM lot l
	WHERE l.organization_id = b.organization_id) WHERE organization_id = ?');
is_named('a book that counts lapsed credits', 'The book counts other lapsed credits than the lots.', sprintf $added, 'book SET lapsed = 1', 'lapsed');
is_named('a book that repeats other lots', 'The book does not repeat the lots as they are.', sprintf $added, "book SET lots = 'paid,1,'", 'lapsed');

tamper(sprintf($entry, 'reserved_after = 1'), sub {
	my @faults = call('admin.ledger.verify', {}, key => admin_key)->json->{faults}->@*;
	is_deeply([map { $_->{first_fault} } grep { $_->{organization_id} eq $organization->{id} } @faults], ['Entry 5 was changed.'],
	    'admin.ledger.verify of all organizations names the one');
});
tamper(sprintf $entry, 'reserved_after = 0');

ok(run_job($job), 'all is put back as it was');
is_deeply(checkpoint, head, 'the proof forgets the fault and moves on');
ok(call('billing.credits.verify', {}, key => $organization->{key})->json->{consistent}, 'and so does everybody');

# Noting a proof waits for nobody who books, nor does anybody wait for it.
my $rival = connect_again;
$rival->begin_work;
$rival->do('SELECT 1 FROM book WHERE organization_id = ? FOR UPDATE', undef, $$id);
ok(run_job($job), 'a book that is being written keeps no proof waiting');
$rival->rollback;

my $booked = head;
eval {
	tamper('UPDATE book SET available = available + 1 WHERE organization_id = ?');
	ok(run_job($job), 'a changed balance');
	is(checkpoint->{first_fault}, "The book's balances are not what the entries sum up to.", 'is named');
	1;
} or fail($@);
tamper('UPDATE book SET available = available - 1 WHERE organization_id = ?');
ok(run_job($job), 'put back');
is_deeply(checkpoint, $booked, 'all is well');

my $expiring = new_book();
ledger_call("ledger_post(?, UTC_TIMESTAMP(6), ?, 'grant', NULL, 5, NULL, NULL, NULL, 'system', ?, NULL, UTC_TIMESTAMP(6) + INTERVAL 1 DAY, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \@outcome)",
    map { bytes_of($_) } $expiring, new_ulid(), $expiring);
db_run('UPDATE book SET next_lot_expiry = NULL WHERE organization_id = ?', bytes_of($expiring));
is_deeply([map { $_->{first_fault} } call('admin.ledger.verify', { organization_id => $expiring }, key => admin_key)->json->{faults}->@*],
    ['A lot falls due before the book expects it.'], 'a book that has forgotten what falls due is named');
db_run('UPDATE book SET next_lot_expiry = (SELECT MIN(expires_at) FROM lot l WHERE l.organization_id = book.organization_id) WHERE organization_id = ?',
    bytes_of($expiring));
done_testing;
