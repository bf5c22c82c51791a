#!/usr/bin/perl
# While no SMTP is configured, every mail that waits gets its line in the log, once, and counts as delivered.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Jobs;

my $job = 'mail.log';

private_database;

sub add_row ($kind, $recipient, $delivered = 0) {
	my $id = new_ulid();
	db_run("INSERT INTO outbox (id, kind, type, entity_type, entity_id, recipient, data, secret, created_at, delivered_at)
	    VALUES (?, ?, 'invitation', 'user', ?, ?, '{\"role\":\"owner\"}', 'sealed-secret', UTC_TIMESTAMP(6), IF(?, '2026-01-01', NULL))",
	    bytes_of($id), $kind, bytes_of($id), $recipient, $delivered);
	return $id;
}

sub waiting ($kind) { return db_value('SELECT COUNT(*) FROM outbox WHERE kind = ? AND delivered_at IS NULL', $kind) }

my $runs = 0;
sub lines_of_run () { return log_lines('"mail ', 'once-' . $runs) }

# `%of` is whom each went to, by its id.
my %of = map { my $address = "person-$_\@example.com"; add_row('mail', $address) => $address } 1 .. 250;
my $erased = add_row('mail', undef);
add_row('event', undef) for 1 .. 120;
my $old = add_row('mail', 'old@example.com', 1);

# Somebody else holds one of them.
my ($held) = sort keys %of;
my $rival = connect_again;
$rival->begin_work;
my $lock = $rival->prepare('SELECT id FROM outbox WHERE id = ? FOR UPDATE');
$lock->bind_param(1, bytes_of($held)->$*, DBI::SQL_BINARY);
$lock->execute;
$lock->finish;

ok(run_job($job), 'the job runs'), $runs++;
is(waiting('mail'), 1, 'every mail but the one that somebody holds is delivered, more than a batch of them');
$rival->rollback;
is(waiting('event'), 120, 'events still wait');
is(db_value('SELECT delivered_at FROM outbox WHERE id = ?', bytes_of($old)), '2026-01-01 00:00:00.000000', 'what was delivered keeps its time');
my @lines = lines_of_run;
is(scalar @lines, 250, 'each has one line in the log');
my %line_of = map { /mail ([0-9A-Z]{26}):/ ? ($1 => $_) : () } @lines;
is_deeply([grep { ($line_of{$_} // '') !~ /invitation to \Q$of{$_}\E, not sent/ } grep { $_ ne $held } sort keys %of], [],
    'that says its id, its type, whom it goes to, and that it is not sent');
like($line_of{$erased} // '', qr/invitation to nobody/, 'one of an erased person goes to nobody');
unlike(join('', @lines), qr/sealed-secret|"role"|owner|invites/, 'and nothing of its secret, its data or its text');

ok(run_job($job), 'the next run'), $runs++;
is(waiting('mail'), 0, 'takes the one that was held');
is_deeply([map { /mail (\S+):/ } lines_of_run], [$held], 'and no other again');
ok(run_job($job), 'a run with nothing to do'), $runs++;
is(scalar(() = lines_of_run), 0, 'says nothing');

add_row('mail', 'slow@example.com');
db_run('CREATE TRIGGER slow BEFORE UPDATE ON outbox FOR EACH ROW DO SLEEP(3)');
my $killed = start_job($job);
eventually('a run is under way', sub { db_value('SELECT leased_until FROM job WHERE id = ?', $job) }, 20);
kill 'KILL', $killed;
end_program($killed);
cmp_ok(db_value('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), leased_until) FROM job WHERE id = ?', $job), '<=', 30, 'killed, it is waited for half a minute at most');
done_testing;
