#!/usr/bin/perl
# Runners: any number of them, one at a job; killed, fenced off, cut off from the database, they lose nothing and do nothing
# twice. All in a database of its own, with a clock of its own.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Jobs;
use Time::HiRes qw(sleep time);

my $lots = 'credits.expire_lots';
my %every = ('ledger.verify' => 86400, $lots => 60, 'audit.chain' => 10, 'idempotency.purge' => 600);
my $database = private_database;

# The next midnight, and so many seconds past it: so it is known what comes due, and when.
my $midnight = (1 + int time / 86400) * 86400;

sub set_past_midnight ($seconds) { private_clock(int($midnight + $seconds - time)) }

set_past_midnight(2);

my $serial = 0;

# Organizations with credits that fall due in `seconds`, in the order in which the job takes them.
sub new_books ($count, $seconds) {
	my @ids = sort map { new_book } 1 .. $count;
	for my $id (@ids) {
		ledger_call("ledger_post(?, UTC_TIMESTAMP(6), ?, 'grant', NULL, ?, NULL, NULL, NULL, 'system', ?, 'promotional', ?, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \@outcome)",
		    bytes_of($id), bytes_of(new_ulid), ++$serial, bytes_of($id), private_now($seconds));
	}
	return @ids;
}

sub posted (@ids) { return scalar grep { expiries($_) } @ids }
sub expired_once (@ids) { return !grep { 1 != (() = expiries($_)) } @ids }
sub row ($job) { return db_run('SELECT lease_token, leased_until, due_at, last_problem FROM job WHERE id = ?', $job)->fetchrow_hashref }
sub make_due ($job) { db_run('UPDATE job SET due_at = ? WHERE id = ?', private_now(-1), $job) }

# While another holds what that organization's expiry needs, a runner stands still in the middle of its job.
my $holder = connect_again;

sub hold ($id) {
	$holder->begin_work;
	my $locks = $holder->prepare('SELECT id FROM lot WHERE organization_id = ? FOR UPDATE');
	$locks->bind_param(1, ${ bytes_of($id) }, DBI::SQL_BINARY());
	$locks->execute;
	$locks->finish;
}

# The connections that wait for it, and not for each other, as lanes do where they begin. MariaDB looks anew only when nobody has
# asked for a tenth of a second.
sub stuck () {
	sleep 0.12;
	return db_column("SELECT DISTINCT p.id FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
	    JOIN information_schema.innodb_locks l ON l.lock_id = t.trx_requested_lock_id
	    WHERE t.trx_state = 'LOCK WAIT' AND l.lock_table LIKE '%.`lot`' AND p.db = ?", $database);
}

# ---- four of them ----

my @logs = map { "four-$_" } 1 .. 4;
my @four = map { start_runner($_) } @logs;
my $runs = sub ($job) { scalar(() = log_lines("job \Q$job\E: ok,", @logs)) };
eventually('all jobs run at once on an empty database', sub { !grep { !$runs->($_) } keys %every }, 20);
sleep 1.7;
is($runs->($_), 1, "$_ is run once by four runners in its time") for sort grep { $_ ne 'audit.chain' } keys %every;
set_past_midnight(62);
eventually("$lots is run again when it is due", sub { $runs->($lots) == 2 }, 10);
sleep 1.7;
is($runs->($lots), 2, 'by one of them');
is($runs->('ledger.verify'), 1, 'what is not due is not run');
is(row($_)->{lease_token}, $runs->($_), "every lease of $_ was one run") for $lots, 'ledger.verify', 'idempotency.purge';
is_deeply([log_lines('"level":"error"', @logs)], [], 'and nothing went wrong');

my $asked = time;
is_deeply([end_runners(@four)], [0, 0, 0, 0], 'SIGTERM ends them all');
cmp_ok(time - $asked, '<', 5, 'within five seconds');

# ---- killed in the middle ----

set_past_midnight(2);
my @books = new_books(8, -30);
hold($books[4]);
make_due($lots);
my $killed = start_runner('killed');
eventually('a runner is in the middle of its job', sub { stuck }, 20) or done_testing, exit;
kill 'KILL', $killed;
end_program($killed);
$holder->rollback;
is(posted(@books), 4, 'killed there, it has done half');
my $token = row($lots)->{lease_token};
my $next = start_runner('next');
eventually('another runner begins', sub { log_of('next') =~ /runner begins/ }, 20);
sleep 1.5;
is(posted(@books), 4, 'and leaves the job alone while its lease holds');
set_past_midnight(295);
sleep 1.2;
is(row($lots)->{lease_token}, $token, 'for nearly five minutes');
set_past_midnight(330);
eventually('but then it goes on', sub { posted(@books) == 8 }, 20);
ok(expired_once(@books), 'and nothing was done twice');
end_runners($next);

# ---- fenced off ----

set_past_midnight(2);
@books = new_books(8, -30);
hold($books[2]);
make_due($lots);
my $old = start_runner('old');
eventually('a runner is in the middle again', sub { stuck }, 20) or done_testing, exit;
db_run('UPDATE job SET lease_token = lease_token + 1, leased_until = ? WHERE id = ?', private_now(300), $lots);
$holder->rollback;
eventually('the job was taken from it', sub { log_lines('taken the job over', 'old') }, 20);
is(posted(@books), 2, 'with its old token it books nothing more');
is(row($lots)->{last_problem}, undef, 'and says nothing in the name of the new holder');
ok(row($lots)->{leased_until}, 'nor does it end its lease');
ok(run_job($lots), 'the new one runs');
is(posted(@books), 8, 'and does the rest');
ok(expired_once(@books), 'nothing was done twice');
end_runners($old);

# ---- told to end in the middle ----

@books = new_books(4, -30);
hold($books[1]);
make_due($lots);
my $told = start_runner('told');
eventually('a runner is in the middle once more', sub { stuck }, 20) or done_testing, exit;
$asked = time;
is_deeply([end_runners($told)], [0], 'SIGTERM ends it there as well');
cmp_ok(time - $asked, '<', 5, 'within five seconds');
$holder->rollback;
is(posted(@books), 1, 'the rest is not done');
my $left = row($lots);
is($left->{leased_until}, undef, 'but nobody has to wait for its lease');
cmp_ok($left->{due_at}, 'le', private_now(), 'the job is due at once');
my $heir = start_runner('heir');
eventually('and the next runner does it', sub { posted(@books) == 4 }, 20);
ok(expired_once(@books), 'once');
end_runners($heir);

# ---- a clock that is set back ----

set_past_midnight(1900);
ok(run_job($lots), 'a job is run by a clock that goes half an hour too fast');
set_past_midnight(100);
@books = new_books(2, -30);
my $back = start_runner('back');
eventually('set right, it does not wait for the time that was', sub { posted(@books) == 2 }, 20);
end_runners($back);

# ---- without a connection ----

$heir = start_runner('heir');
@books = new_books(4, -30);
hold($books[1]);
make_due($lots);
eventually('a runner is in the middle', sub { stuck }, 20) or done_testing, exit;
db_run("KILL CONNECTION $_") for stuck;
$holder->rollback;
eventually('when its connection is cut it takes another and goes on', sub { posted(@books) == 4 }, 20);
ok(expired_once(@books), 'and does nothing twice');
end_runners($heir);

# ---- one that leaves a job to others ----

my $leaving = start_program('purser-jobs', 'leaving', ['--except', $lots]);
make_due($_) for $lots, 'idempotency.purge';
eventually('a runner with --except runs the other jobs', sub { log_lines('job idempotency.purge: ok,', 'leaving') }, 20);
sleep 1.7;
is_deeply([log_lines("job \Q$lots\E", 'leaving')], [], 'and leaves that one alone, due as it is');
is_deeply([end_runners($leaving)], [0], 'until it ends');
isnt(end_program(start_program('purser-jobs', 'mistaken', ['--except', 'no.such.job'])), 0, 'a job that does not exist can not be left alone');
like(log_of('mistaken'), qr/There is no job no\.such\.job\./, 'as is said');

# ---- a log that is moved away ----

my $log = "$ENV{PURSER_VAR}/tmp/jobs-$$/moved";

# The runner and its lanes that have the file open.
sub writers_to ($file, $runner) {
	open my $children, '<', "/proc/$runner/task/$runner/children" or die $!;
	my @pids = ($runner, split ' ', scalar <$children> // '');
	return scalar grep { grep { (readlink // '') eq $file } glob "/proc/$_/fd/*" } @pids;
}

my $moved = start_runner('moved');
@books = new_books(4, -30);
hold($books[1]);
make_due($lots);
eventually('a runner is in the middle of a job', sub { stuck }, 20) or done_testing, exit;
cmp_ok(writers_to($log, $moved), '>', 3, 'when its log is moved away');
rename $log, "$log.1" or die $!;
kill 'USR1', $moved;
eventually('SIGUSR1 has it and its lanes open the log anew, but for the one in the middle', sub { writers_to("$log.1", $moved) == 1 });
$holder->rollback;
eventually('which does so at its next step', sub { writers_to("$log.1", $moved) == 0 });
eventually('and goes on', sub { posted(@books) == 4 });
is_deeply([end_runners($moved)], [0], 'until it ends');
like(log_of('moved'), qr/the runner ends/, 'as the new log tells');
like(log_of('moved.1'), qr/\A(?!.*the runner ends).*the runner begins/s, 'and the old one does not');

# A server that can be taken away: the socket by another name.
my $socket = "$ENV{PURSER_VAR}/tmp/jobs-$$/there";
my $waiting = start_runner('waiting', PURSER_DATABASE_HOSTS => $socket);
@books = new_books(2, -30);
make_due($lots);
eventually('a runner begins without a database', sub { log_of('waiting') =~ /runner begins/ }, 20);
sleep 1;
is(kill(0, $waiting), 1, 'and waits for it');
symlink $ENV{PURSER_DB_SOCKET}, $socket or die "$socket: $!";
eventually('when it is there the jobs run', sub { posted(@books) == 2 }, 20);
unlink $socket;
db_run("KILL CONNECTION $_") for db_column('SELECT id FROM information_schema.processlist WHERE db = ? AND user LIKE ?', $database, '%write%');
@books = new_books(2, -30);
make_due($lots);
eventually('when it is gone a runner says so', sub { log_lines('no database', 'waiting') }, 20);
symlink $ENV{PURSER_DB_SOCKET}, $socket or die "$socket: $!";
eventually('and goes on when it is back', sub { posted(@books) == 2 }, 20);
unlink $socket;
db_run("KILL CONNECTION $_") for db_column('SELECT id FROM information_schema.processlist WHERE db = ? AND user LIKE ?', $database, '%write%');
$asked = time;
is_deeply([end_runners($waiting)], [0], 'SIGTERM ends one without a database, too');
cmp_ok(time - $asked, '<', 5, 'within five seconds');

is(end_program(start_program('purserctl', 'control', ['job', 'run', 'audit.chain'])), 0, 'purserctl runs a job, too');
isnt(end_program(start_job('no.such.job')), 0, 'a job that there is not is refused');
ok(ledgers_are_whole, 'after all of that every ledger is whole');
done_testing;
