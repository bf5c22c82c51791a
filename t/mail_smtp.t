#!/usr/bin/perl
# Mails over SMTP, to a real mail server: every text, names of all kinds, a server that signs in and encrypts, refuses, falls
# silent, breaks off; and a runner that is killed while it sends.
# early: it takes a minute
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use Purser::Jobs;
use Purser::Mail;
use Purser::Test;
use Time::HiRes qw(sleep time);

my $job = 'mail.send';
my ($certificate, $key) = make_certificate;

# ---- a token, from the operation to the mailbox ----

# The stack's own runner has no SMTP, and would log what waits.
keep_away('mail.log');
my $sealed = mail_sink('--tls', $certificate, $key, '--auth', 'purser', 'pass word');
my %encrypted = sink_settings($sealed, PURSER_SMTP_STARTTLS => 'on', PURSER_SMTP_CA => $certificate, PURSER_SMTP_USER => 'purser', PURSER_SMTP_PASSWORD => 'pass word');
my $address = sprintf 'token-%d@example.com', $$;
my $organization = new_organization(owner_email => $address, timezone => 'Australia/Sydney');
ok(run_job($job, %encrypted), 'the job runs, with STARTTLS, a CA of its own and a sign-in');
my ($invitation) = grep { $_->{to}[0] eq $address } sink_mails($sealed);
ok($invitation, 'the invitation has arrived') or done_testing, exit;
ok($invitation->{tls}, 'encrypted');
is($invitation->{user}, 'purser', 'after a sign-in');
is($invitation->{from}, 'bills@purser.example', 'from the configured address');
my ($token) = $invitation->{body} =~ /^    (gpri_[0-9A-Za-z]{49})$/m;
ok($token, 'with its token');
is(db_value('SELECT delivered_at IS NOT NULL FROM outbox WHERE id = ?', bytes_of($invitation->{id})), 1, 'the Message-ID names the row, which counts as delivered');
like($invitation->{date}, qr/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+1[01]00$/, 'its date is told in the organization\'s zone');
my $logs = join '', map { log_of("once-$_") } 1 .. 1;
like($logs, qr/mail \Q$invitation->{id}\E: invitation to \Q$address\E, sent, attempt 1/, 'the log tells of it');
unlike($logs, qr/\Q$token\E|pass word/, 'without the token, and without the password');
give_back('mail.log');

# ---- the rest alone ----

private_database;
my $sink = mail_sink('--mails-a-connection', 50);
my %plain = sink_settings($sink);
my $runs = 1;

sub send_now (%settings) { $runs++; return run_job($job, %plain, %settings) }
sub line_of ($id) { return (log_lines("mail $id:", "once-$runs"))[0] // '' }
sub arrived ($id) { return grep { $_->{id} eq $id } sink_mails($sink) }
sub clock_to ($seconds) { private_clock($seconds) }

sub named ($name, $zone = 'UTC') {
	my $id = new_book;
	db_run('UPDATE organization SET name = ?, timezone = ? WHERE id = ?', $name, $zone, bytes_of($id));
	return $id;
}

# Every text, with all that can fill one.
my $name = 'Übermaß & Söhne 株式会社';
my $of = named($name, 'Asia/Kathmandu');
open my $in, '<', "$FindBin::Bin/../handlers/mail_text.c" or die $!;
my @types = do { local $/; <$in> =~ /^\t\{ "([a-z0-9_.]+)",/mg };
cmp_ok(scalar @types, '>=', 14, 'the table of texts is found');
my $data = encode_json({ role => 'owner', spent => 12, limit => 34, detail => 'The card has expired.', deletes_at => '2026-12-22T00:00:00Z', metric => 'requests',
    percent => 80, used => '80.5', included => 100, amount => '12.34', currency => 'AUD', host => 'example.com:443', reason => 'It answers nothing.',
    number => 'INV-000007', period => '2026-01', total => '110.00', due_at => '2026-02-15T00:00:00Z' });
my %id_of = map { $_ => mail_row($_, "$_\@example.com", organization_id => $of, data => $data, created_at => '2026-01-31 18:30:00') } @types;
my $erased = mail_row('invitation', undef);
my $unknown = mail_row('no_such_text', 'person@example.com');
ok(send_now, 'every text is sent');
my %mail_of = map { $_->{id} => $_ } sink_mails($sink);
for my $type (@types) {
	my $mail = $mail_of{ $id_of{$type} } // { map { $_ => '' } qw(subject body head date content) };
	like($mail->{subject}, $type eq 'password_reset' ? qr/^Choose/ : qr/\Q$name\E/, "$type: the subject has the name, whatever its letters");
	unlike("$mail->{subject}$mail->{body}", qr/[{}]|no longer kept\)(?!$)/m, "$type: every gap is filled");
	is($mail->{date}, 'Sun, 1 Feb 2026 00:15:00 +0545', "$type: dated in the zone");
	is_deeply([grep { length > 998 } split /\r\n/, $mail->{content}], [], "$type: no line is too long");
	is_deeply([grep { /[^\x20-\x7e\t]/ } split /\r\n/, $mail->{content}], [], "$type: and each of them is plain ASCII, ended by CRLF");
}
my $sample = $mail_of{ $id_of{usage_80} };
like($sample->{head}, qr/^Auto-Submitted: auto-generated\r$/m, 'they say that a program wrote them');
like($sample->{head}, qr{^Content-Type: text/plain; charset=utf-8\r$}m, 'and in which letters');
like($sample->{head}, qr/^MIME-Version: 1.0\r$/m, 'by MIME');
like($sample->{head}, qr/^Message-ID: <\Q$id_of{usage_80}\E\@purser.example>\r$/m, 'under the row\'s own name');
like($sample->{body} =~ s/\n/ /gr, qr/On 1 February 2026, 00:15 \(Asia\/Kathmandu\), .* had used 80\.5 of the 100 requests .* 80 % or more/, 'a text tells the hour there, and the figures');
my %connections = map { $_->{connection} => 1 } sink_mails($sink);
is(scalar keys %connections, 1, 'all went over one connection');
is(mail_of($erased)->{last_error}, 'No mail can be sent to such an address.', 'one whose recipient was erased is given up');
ok(mail_of($erased)->{given_up_at}, 'at once');
like(mail_of($unknown)->{last_error}, qr/no text for mails of the type no_such_text/, 'one that has no text waits');
ok(mail_of($unknown)->{mail_due_at}, 'and is tried again');
db_run('UPDATE outbox SET given_up_at = created_at WHERE id = ?', bytes_of($unknown));

# ---- names that want to be more than names ----

my %subject_of = (
	"Evil\r\nBcc: everybody\@example.com\r\n\r\nBuy now" => 'Invitation to Evil  Bcc: everybody@example.com    Buy now',
	'=?UTF-8?B?RXZpbA==?=' => 'Invitation to =?UTF-8?B?RXZpbA==?=',
	'é' x 200 => 'Invitation to ' . 'é' x 200,
	'株' x 200 => 'Invitation to ' . '株' x 200,
	'A' x 200 => 'Invitation to ' . 'A' x 200,
	"😀 \t.\n.\n" => 'Invitation to 😀  . . ',
);
my %row_of = map { $_ => mail_row('invitation', 'names@example.com', organization_id => named($_), data => '{"role":"owner"}') } sort keys %subject_of;
my $dots = mail_row('auto_topup.paused', 'dots@example.com', organization_id => named('.'), data => '{"detail":"' . join(' ', '.', ('ü' x 71, '.') x 3, 'y' x 1500) . '"}');
ok(send_now, 'odd names are sent');
for my $odd (sort keys %subject_of) {
	my ($mail) = arrived($row_of{$odd});
	is($mail->{subject}, $subject_of{$odd}, 'a subject comes out as it was meant');
	is(scalar(() = $mail->{head} =~ /^(?!From|To|Subject|Date|Message-ID|Auto-Submitted|MIME-Version|Content-Type|Content-Transfer-Encoding|[ \t])/mg), 0, 'and there is no header but ours');
	is_deeply([grep { length > 78 } split /\r\n/, $mail->{head}], [], 'nor a line of more than 78 characters');
}
my ($dotted) = arrived($dots);
like($dotted->{body} // '', qr/^ü{71}$/m, 'letters come out as they were');
like($dotted->{body} // '', qr/^\.$/m, 'a dot on a line of its own ends nothing');
like($dotted->{body} // '', qr/^y{1500}$/m, 'a word of any length stays one');

# ---- servers of all kinds ----

sub at_once_given_up ($recipient, $words) {
	my $id = mail_row('password_reset', $recipient);
	my $other = mail_row('password_reset', "other-$recipient");
	send_now;
	my $row = mail_of($id);
	ok($row->{given_up_at} && !$row->{delivered_at} && $row->{attempts} == 1, "$recipient: refused for good, it is given up");
	is($row->{last_error}, $words, 'in the server\'s words');
	like(line_of($id), qr/"level":"error".*given up, attempt 1: \Q$words\E/, 'which the log has');
	is(scalar(arrived($other)), 1, 'the next one goes out');
}

at_once_given_up('refused-1@example.com', '550 5.1.1 nobody of that name');
at_once_given_up('content-1@example.com', '554 5.6.0 not such a text');

sub taken_the_second_time ($recipient, $copies, $why) {
	my $id = mail_row('password_reset', $recipient);
	send_now;
	my $row = mail_of($id);
	ok(!$row->{delivered_at} && !$row->{given_up_at} && $row->{attempts} == 1, "$recipient: it waits");
	like($row->{last_error}, $why, 'because of that');
	send_now;
	is(mail_of($id)->{attempts}, 1, 'and is left alone');
	clock_to(61);
	send_now;
	ok(mail_of($id)->{delivered_at}, 'a minute later it is taken');
	is(mail_of($id)->{last_error}, undef, 'and all is well');
	is(scalar(arrived($id)), $copies, "it arrived, $copies times under one Message-ID");
	clock_to(0);
}

taken_the_second_time('later-1@example.com', 1, qr/^450 4\.2\.0 come again$/);
taken_the_second_time('drop-1@example.com', 1, qr/\S/);
taken_the_second_time('late-1@example.com', 2, qr/\S/);

my @many = map { mail_row('password_reset', "many-$_\@example.com") } 1 .. 130;
my $began = time;
ok(send_now, 'a server that takes 50 mails a connection');
my $took = time - $began;
is(scalar(grep { mail_of($_)->{delivered_at} } @many), 130, 'gets them all in one run');
diag sprintf '%.0f mails a second', @many / $took if $ENV{HARNESS_IS_VERBOSE};

# What may not happen: a mail or a password in the clear, or to somebody else.
sub stays_here ($what, $why, %settings) {
	my $id = mail_row('password_reset', 'secret@example.com');
	my $next = mail_row('password_reset', 'secret@example.com');
	send_now(%settings);
	my $row = mail_of($id);
	ok($row->{mail_due_at} && $row->{attempts} == 0, "$what: nothing is sent, and no attempt counted");
	like($row->{last_error}, $why, 'for that reason');
	is(mail_of($next)->{attempts}, 0, 'and no other mail is tried at such a server');
	db_run('UPDATE outbox SET delivered_at = created_at WHERE id IN (?, ?)', bytes_of($id), bytes_of($next));
}

my $closed = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
my $nobody = $closed->sockport;
close $closed;
stays_here('a server without STARTTLS', qr/SSL/i, PURSER_SMTP_STARTTLS => 'on');
stays_here('a certificate of nobody', qr/certificate|SSL/i, %encrypted, PURSER_SMTP_CA => '');
stays_here('a wrong password', qr/535|login/i, %encrypted, PURSER_SMTP_PASSWORD => 'wrong');
stays_here('no server at all', qr/connect/i, PURSER_SMTP_URL => "smtp://localhost:$nobody");
is(scalar(grep { $_->{to}[0] eq 'secret@example.com' } sink_mails($sink), sink_mails($sealed)), 0, 'not one of them has arrived anywhere');
unlike(join('', map { log_of("once-$_") } 1 .. $runs), qr/pass word/, 'the password is in no log');

# One that accepts and says nothing. The other lanes go on meanwhile, and mails when it is back.
my $mute = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
my $waiting = mail_row('password_reset', 'mute@example.com');
my $runner = start_runner('mute', %plain, PURSER_SMTP_URL => 'smtp://localhost:' . $mute->sockport);
eventually('a runner has a mail at hand', sub { mail_of($waiting)->{attempts} }, 20);
my $chained = sub { db_value("SELECT last_finished_at FROM job WHERE id = 'credits.expire_lots'") // '' };
my $before = $chained->();
clock_to(65);
eventually('while the server is silent other jobs are run', sub { $chained->() gt $before }, 8);
ok(!mail_of($waiting)->{last_error}, 'the mail still waits for it then');
eventually('until patience ends', sub { mail_of($waiting)->{last_error} }, 20);
$began = time;
is_deeply([end_runners($runner)], [0], 'SIGTERM ends the runner');
cmp_ok(time - $began, '<', 5, 'within five seconds');
clock_to(200);
ok(send_now, 'with a server that speaks');
is(scalar(arrived($waiting)), 1, 'it goes out');
clock_to(0);

# ---- killed while it sends ----

my $victim = mail_sink;
my @all = map { mail_row('organization_closed', "killed-$_\@example.com", organization_id => $of, data => '{}') } 1 .. 150;
my ($kills, $clock) = (0, 0);
for (1 .. 12) {
	my $had = () = sink_mails($victim);
	my $pid = start_job($job, sink_settings($victim));
	my $until = time + 20;
	my $enough = $had + 5 + int rand 10;
	sleep 0.01 while time < $until && (() = sink_mails($victim)) < $enough;
	last if (() = sink_mails($victim)) >= @all;
	kill 'KILL', $pid;
	end_program($pid);
	$kills++;
}
cmp_ok($kills, '>', 3, "killed $kills times while it sent");
cmp_ok(scalar(grep { !mail_of($_)->{delivered_at} } @all), '>', 0, 'it has not booked them all');
clock_to(910);
ok(run_job($job, sink_settings($victim)), 'the next one goes on, a quarter of an hour later with what was at hand');
my %copies;
$copies{ $_->{id} }++ for sink_mails($victim);
is_deeply([grep { !$copies{$_} } @all], [], 'no mail is lost');
is(scalar keys %copies, scalar @all, 'none is there that was not written');
is(scalar(grep { mail_of($_)->{delivered_at} } @all), scalar @all, 'each is booked');
my $again = 0;
$again += $_ - 1 for values %copies;
cmp_ok($again, '<=', $kills, "$again went out twice, at most one for each kill");
done_testing;
