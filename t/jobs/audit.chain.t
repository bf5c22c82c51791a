#!/usr/bin/perl
# The audit's chain holds every row once, whoever links it and however late it was committed.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256);
use Purser::Test;
use Purser::Jobs;
use Time::HiRes qw(sleep);

my $job = 'audit.chain';

# ---- what a chain has to be ----

sub hexadecimal ($bytes) { return defined $bytes ? uc unpack 'H*', $bytes : '-' }

# As the head of handlers/audit.c tells it.
sub hash_of ($previous, $row) {
	return sha256(join '|', 'purser-audit-1', hexadecimal($previous), hexadecimal($row->{id}), hexadecimal($row->{organization_id}), $row->{at},
	    map { hexadecimal($row->{$_}) } qw(actor_type actor_id address operation target_type target_id outcome request_id));
}

# The first fault of the whole chain, or ''.
sub fault_of_chain () {
	my ($previous, $expected) = ("\0" x 32, 1);
	my $links = db_run('SELECT c.sequence, c.previous_hash, c.hash, a.* FROM audit_chain c LEFT JOIN audit a ON a.id = c.audit_id ORDER BY c.sequence');

	while (my $link = $links->fetchrow_hashref) {
		return "link $expected is $link->{sequence}" if $link->{sequence} != $expected;
		return "link $expected has no row" if !defined $link->{id};
		return "link $expected does not follow the one before" if $link->{previous_hash} ne $previous;
		return "link $expected is not the hash of its row" if $link->{hash} ne hash_of($previous, $link);
		($previous, $expected) = ($link->{hash}, $expected + 1);
	}
	return '';
}

sub count_links () { return db_value('SELECT COUNT(*) FROM audit_chain') }

sub unlinked ($where, @values) {
	return db_value("SELECT COUNT(*) FROM audit a LEFT JOIN audit_chain c ON c.audit_id = a.id WHERE c.audit_id IS NULL AND $where", @values);
}

# ---- what requests left ----

my $organization = new_organization();
is_success(call('api_keys.create', { name => 'first' }, key => $organization->{key}), 'a write');
grant($organization->{id}, 5);
my $rows = db_value('SELECT COUNT(*) FROM audit WHERE organization_id = ?', bytes_of($organization->{id}));
cmp_ok($rows, '>', 1, 'leaves a row');
set_clock(120);
ok(run_job($job), 'the job runs when they are a minute old');
is(unlinked('a.organization_id = ?', bytes_of($organization->{id})), 0, 'and links them all');
is(fault_of_chain, '', 'every link of the whole chain is the hash of its row and the link before');
set_clock(0);

# ---- alone ----

private_database;

# Rows of a call each, `age` seconds old.
sub add_rows ($count, $age, $db = db) {
	my $at = private_now(-$age);
	my $row = $db->prepare("INSERT INTO audit (id, organization_id, at, actor_type, actor_id, address, operation, target_type, target_id, outcome, request_id)
	    SELECT UNHEX(CONCAT(LPAD(HEX(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ?) DIV 1000), 12, '0'), LPAD(HEX(seq), 4, '0'), HEX(RANDOM_BYTES(8)))),
		IF(seq % 2, NULL, REPEAT('o', 16)), ?, 'api_key', IF(seq % 3, REPEAT('a', 16), NULL), IF(seq % 5, '::1', NULL), 'x|y', 'thing',
		IF(seq % 7, NULL, REPEAT('t', 16)), 'ok', CONCAT('r-', seq)
	    FROM seq_1_to_$count");
	$row->execute($at, $at);
}

add_rows(1203, 120);
add_rows(3, 5);

# Whoever wants the 700th place waits for this.
my $rival = connect_again;
$rival->begin_work;
$rival->do("INSERT INTO audit_chain (sequence, audit_id, previous_hash, hash) VALUES (700, 'x', 'x', 'x')");
my $killed = start_job($job);
eventually('rows are linked in batches: the first is there while the second is in the making', sub { count_links == 500 }, 20);
kill 'KILL', $killed;
end_program($killed);
$rival->rollback;
is(count_links, 500, 'a killed runner leaves whole batches');

my @runs = map { start_job($job) } 1 .. 2;
my @failed = grep { end_program($_) != 0 } @runs;
cmp_ok(scalar @failed, '<', 2, 'of two at once one at least goes to its end');
ok(run_job($job), 'and one more finds what they left');
is(count_links, 1203, 'each row that is a minute old is linked once');
is(fault_of_chain, '', 'without a fork');

$rival->begin_work;
add_rows(2, 1800, $rival);
private_clock(60);
ok(run_job($job), 'a minute later');
is(count_links, 1206, 'the young ones are old enough');
is(unlinked('TRUE'), 0, 'and none is left');
$rival->commit;
is(unlinked('TRUE'), 2, 'two rows were committed half an hour late');
private_clock(60 + 600 - (time + 60) % 600);
ok(run_job($job), 'the first run of the next ten minutes');
is(unlinked('TRUE'), 0, 'links them, too');
is(fault_of_chain, '', 'at the end of the chain');
ok(run_job($job), 'a run with nothing to do');
is(count_links, 1208, 'links nothing');

db_run("UPDATE audit SET outcome = 'OK' WHERE id = (SELECT audit_id FROM audit_chain WHERE sequence = 600)");
is(fault_of_chain, 'link 600 is not the hash of its row', 'a row that was changed is found by its link');
done_testing;
