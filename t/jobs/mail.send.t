#!/usr/bin/perl
# Mails that a server does not take are tried again, later and later, and then given up, but its being away counts against none;
# what a slow server took is booked, whoever has the job by then; with no server configured mails are another job's business.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Purser::Jobs;
use Purser::Mail;
use Purser::Test;

my $job = 'mail.send';

private_database;
my $closed = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
my %dead = (PURSER_SMTP_URL => 'smtp://localhost:' . $closed->sockport, PURSER_SMTP_STARTTLS => 'off');
close $closed;

my $id = mail_row('password_reset', 'person@example.com');
ok(run_job($job), 'without SMTP the job runs');
is(mail_of($id)->{attempts}, 0, 'and touches nothing');
ok(run_job('mail.log', %dead), 'with SMTP the job that logs instead runs');
is(mail_of($id)->{delivered_at}, undef, 'and touches nothing');

# ---- a server that is not there ----

sub pause_of ($id, $offset) {
	return db_value('SELECT ROUND(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), retry_at) / 1e6 - ?) FROM outbox WHERE id = ?', $offset, bytes_of($id));
}

my ($at, $runs, @pauses) = (0, 0);
while ($at < 7 * 86400 - 60 && !mail_of($id)->{given_up_at}) {
	run_job($job, %dead) or last;
	$runs++;
	push @pauses, pause_of($id, $at);
	$at += @pauses < 12 ? $pauses[-1] + 2 : 40 * 3600;
	private_clock($at);
}
my $row = mail_of($id);
ok(!$row->{given_up_at} && !$row->{delivered_at} && $row->{mail_due_at}, 'while the server is not there a mail waits, for days');
is($row->{attempts}, 0, 'without an attempt that counts');
is(db_value('SELECT lease_token FROM outbox WHERE id = ?', bytes_of($id)), 2 * $runs, 'each booking ends the lease that it was done under, so that it counts once');
like($row->{last_error}, qr/connect/i, 'the reason is kept');
cmp_ok($pauses[0], '<=', 60, 'it is tried again after a minute');
is_deeply([grep { $pauses[$_] < $pauses[$_ - 1] - 2 } 1 .. $#pauses], [], 'then later and later');
cmp_ok($pauses[-1], '<=', 1800, 'but never later than half an hour');
cmp_ok($pauses[-1], '>=', 1795, 'which it comes to');
$at = 7 * 86400 + 120;
private_clock($at);
ok(run_job($job, %dead), 'after a week');
$row = mail_of($id);
ok($row->{given_up_at} && !$row->{delivered_at} && !$row->{mail_due_at}, 'it is given up');
$at += 2 * 86400;
private_clock($at);
my $given_up = $row->{given_up_at};
ok(run_job($job, %dead), 'days later');
is(mail_of($id)->{given_up_at}, $given_up, 'it stays so');
ok(run_job('mail.log'), 'nor does it count as logged');
is(mail_of($id)->{delivered_at}, undef, 'when SMTP is gone');

db_run("UPDATE outbox SET secret = 'sealed' WHERE id = ?", bytes_of($id));
ok(run_job('mail.forget_secrets'), 'its secret');
is(db_value('SELECT COUNT(*) FROM outbox WHERE secret IS NOT NULL'), 1, 'is kept a while');
private_clock($at + 6 * 86400);
ok(run_job('mail.forget_secrets'), 'and a week after it was given up');
is(db_value('SELECT COUNT(*) FROM outbox WHERE secret IS NOT NULL'), 0, 'forgotten');

# ---- a server that refuses this mail, not for good ----

my $sink = mail_sink;
my $later = mail_row('password_reset', 'never-1@example.com', created_at => private_now(0));
my @refusals = (60, 300, 1800, 7200, 43200);
$at += 6 * 86400;
for my $attempt (1 .. @refusals) {
	ok(run_job($job, sink_settings($sink)), "attempt $attempt");
	my $row = mail_of($later);
	is($row->{attempts}, $attempt, 'is counted');
	ok(!$row->{given_up_at} && !$row->{delivered_at}, 'the mail waits');
	like($row->{last_error}, qr/^450/, 'the reason is kept');
	private_clock($at + $refusals[$attempt - 1] - 10);
	run_job($job, sink_settings($sink));
	is(mail_of($later)->{attempts}, $attempt, "nothing is tried for nearly $refusals[$attempt - 1] seconds");
	$at += $refusals[$attempt - 1] + 5;
	private_clock($at);
}
ok(run_job($job, sink_settings($sink)), 'after the last');
$row = mail_of($later);
ok($row->{given_up_at} && !$row->{delivered_at} && !$row->{mail_due_at}, 'it is given up');
is($row->{attempts}, 6, 'at the sixth attempt');

my $odd = mail_row('password_reset', 'never-2@example.com', created_at => private_now(0));
db_run('UPDATE outbox SET attempts = -1 WHERE id = ?', bytes_of($odd));
ok(run_job($job, sink_settings($sink)), 'a mail with fewer attempts than none');
cmp_ok(abs(pause_of($odd, $at) - 60), '<', 5, 'waits as behind the first');
db_run('UPDATE outbox SET given_up_at = created_at WHERE id = ?', bytes_of($odd));

# ---- the server leaves ----

my $left = mail_row('password_reset', 'leave-1@example.com');
ok(run_job($job, sink_settings($sink)), 'a server that goes down over a mail');
is(mail_of($left)->{attempts}, 0, 'counts for none of its attempts');
like(mail_of($left)->{last_error}, qr/^421/, 'but is told of');
$at += 65;
private_clock($at);
run_job($job, sink_settings($sink));
ok(mail_of($left)->{delivered_at}, 'and gets it when it is back');

# ---- a server that takes longer than the job is leased ----

my $slow = mail_row('password_reset', 'slow-1@example.com');
sub copies ($id) { return scalar grep { $_->{id} eq $id } sink_mails($sink) }
my @runners = start_runner('slow-1', sink_settings($sink));
eventually('a slow server has a mail', sub { copies($slow) }, 20);
push @runners, start_runner('slow-2', sink_settings($sink));
$at += 40;
private_clock($at);
my $beside = mail_row('password_reset', 'beside@example.com', created_at => private_now(0));
eventually('another runner takes the job over', sub { copies($beside) }, 20);
is(mail_of($slow)->{delivered_at}, undef, 'while the first one still waits for its answer');
eventually('which books what it sent', sub { mail_of($slow)->{delivered_at} }, 20);
$at += 400;
private_clock($at);
sleep 3;
is_deeply([end_runners(@runners)], [0, 0], 'the runners end');
is(copies($slow), 1, 'and nobody sends it again');
is(mail_of($slow)->{attempts}, 1, 'nor tries to');

# ---- two at once ----

my @ids = map { mail_row('password_reset', "person-$_\@example.com") } 1 .. 60;
my @pids = map { start_job($job, sink_settings($sink)) } 1 .. 2;
end_program($_) for @pids;
run_job($job, sink_settings($sink));
my %copies;
$copies{ $_->{id} }++ for sink_mails($sink);
is_deeply([map { $copies{$_} // 0 } @ids], [(1) x @ids], 'two runs that take the job from each other send each mail once');
done_testing;
