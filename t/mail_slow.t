#!/usr/bin/perl
# A mail server that has a mail and takes its time to say so: it is waited for, as RFC 5321 has it, but not by a process that is
# told to end.
# early: it waits half a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Mail;
use Purser::Test;
use Time::HiRes qw(time);

my $job = 'mail.send';

private_database;
my $sink = mail_sink;
sub copies ($id) { return scalar grep { $_->{id} eq $id } sink_mails($sink) }

for my $what ('hang-1', 'wait-600-1') {
	my $id = mail_row('password_reset', "$what\@example.com");
	my $runner = start_runner($what, sink_settings($sink));
	eventually("$what: a mail is under way", sub { mail_of($id)->{attempts} }, 20);
	eventually('  the server has it', sub { copies($id) }, 20) if $what =~ /wait/;
	cmp_ok(db_value('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), retry_at) FROM outbox WHERE id = ?', bytes_of($id)), '>', 690, '  and nobody else takes it before the server has had its time');
	my $began = time;
	is_deeply([end_runners($runner)], [0], '  SIGTERM ends the runner');
	cmp_ok(time - $began, '<', 5, '  within five seconds');
	is(mail_of($id)->{attempts}, 0, '  and no attempt is counted');
	db_run('UPDATE outbox SET given_up_at = created_at WHERE id = ?', bytes_of($id));
}

my $id = mail_row('password_reset', 'wait-33-1@example.com');
ok(run_job($job, sink_settings($sink)), 'a server that needs more than half a minute for a mail');
ok(mail_of($id)->{delivered_at}, 'is waited for');
is(copies($id), 1, 'and gets it once');
done_testing;
