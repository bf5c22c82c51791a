#!/usr/bin/perl
# Mails that no server takes are tried again, later and later, and then given up; with no server configured they are another
# job's business.
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

my $at = 0;
my @pauses = (60, 300, 1800, 7200, 43200);
for my $attempt (1 .. @pauses) {
	ok(run_job($job, %dead), "attempt $attempt");
	my $row = mail_of($id);
	is($row->{attempts}, $attempt, 'is counted');
	ok(!$row->{given_up_at} && !$row->{delivered_at}, 'the mail waits');
	like($row->{last_error}, qr/connect/i, 'the reason is kept');
	private_clock($at + $pauses[$attempt - 1] - 10);
	run_job($job, %dead);
	is(mail_of($id)->{attempts}, $attempt, "nothing is tried for nearly $pauses[$attempt - 1] seconds");
	$at += $pauses[$attempt - 1] + 5;
	private_clock($at);
}
ok(run_job($job, %dead), 'after the last');
my $row = mail_of($id);
ok($row->{given_up_at} && !$row->{delivered_at} && !$row->{mail_due_at}, 'it is given up');
is($row->{attempts}, 6, 'at the sixth attempt');
$at += 2 * 86400;
private_clock($at);
ok(run_job($job, %dead), 'days later');
is(mail_of($id)->{attempts}, 6, 'it stays so');
ok(run_job('mail.log'), 'nor does it count as logged');
is(mail_of($id)->{delivered_at}, undef, 'when SMTP is gone');

db_run("UPDATE outbox SET secret = 'sealed' WHERE id = ?", bytes_of($id));
ok(run_job('mail.forget_secrets'), 'its secret');
is(db_value('SELECT COUNT(*) FROM outbox WHERE secret IS NOT NULL'), 1, 'is kept a while');
private_clock($at + 6 * 86400);
ok(run_job('mail.forget_secrets'), 'and a week after it was given up');
is(db_value('SELECT COUNT(*) FROM outbox WHERE secret IS NOT NULL'), 0, 'forgotten');

# ---- two at once ----

my $sink = mail_sink;
my @ids = map { mail_row('password_reset', "person-$_\@example.com") } 1 .. 60;
my @pids = map { start_job($job, sink_settings($sink)) } 1 .. 2;
end_program($_) for @pids;
run_job($job, sink_settings($sink));
my %copies;
$copies{ $_->{id} }++ for sink_mails($sink);
is_deeply([map { $copies{$_} // 0 } @ids], [(1) x @ids], 'two runs that take the job from each other send each mail once');
done_testing;
