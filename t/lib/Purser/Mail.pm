package Purser::Mail;

# Mails as they arrive: a mail server of the tests' own (t/mail/sink.py), what it got, and rows of the outbox that are mails.

use v5.36;
use Encode qw(decode decode_utf8);
use Exporter 'import';
use File::Basename qw(dirname);
use MIME::QuotedPrint qw(decode_qp);
use Purser::Reply;
use Purser::Test;

our @EXPORT = qw(mail_sink sink_settings sink_mails mail_row mail_of make_certificate);

my $program = dirname(__FILE__) . '/../../mail/sink.py';
my $directory = "$ENV{PURSER_VAR}/tmp/mail-$$";
my $json = Purser::Reply::codec();
my @sinks;

# A certificate for localhost that is its own CA; gives the paths of it and its key.
sub make_certificate () {
	mkdir $directory;
	my @paths = ("$directory/certificate.pem", "$directory/key.pem");
	system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
	    . " -addext subjectAltName=DNS:localhost -keyout $paths[1] -out $paths[0] 2>$directory/openssl.err") == 0
	    or die "openssl made no certificate\n";
	return @paths;
}

# Starts a mail server; its options are the program's.
sub mail_sink (@options) {
	mkdir $directory;
	my $file = "$directory/mails-" . @sinks;
	pipe my $their_in, my $our_out or die "pipe: $!";
	pipe my $our_in, my $their_out or die "pipe: $!";
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		close $our_out;
		open STDIN, '<&', $their_in or die $!;
		open STDOUT, '>&', $their_out or die $!;
		open STDERR, '>>', "$file.err" or die $!;
		exec '/usr/bin/python3', $program, $file, @options or POSIX::_exit(127);
	}
	close $their_in;
	close $their_out;
	my $port = <$our_in> // die "$program did not start: " . qx{cat $file.err};
	chomp $port;
	push @sinks, { pid => $pid, file => $file, port => $port, life => $our_out, owner => $$ };
	return $sinks[-1];
}

# What a program needs to send there, in the clear; more settings overrule.
sub sink_settings ($sink, %more) {
	return (PURSER_SMTP_URL => "smtp://localhost:$sink->{port}", PURSER_SMTP_STARTTLS => 'off', PURSER_MAIL_FROM => 'bills@purser.example', %more);
}

# A header's value, unfolded and decoded.
sub header ($head, $name) {
	my ($value) = $head =~ /^\Q$name\E: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)\r$/mi or return undef;
	$value =~ s/\r//g;
	return $value =~ /=\?/ ? decode('MIME-Header', $value) : $value =~ s/\n(?=[ \t])//gr;
}

sub mail_from ($line) {
	my $mail = $json->decode($line);
	my ($head, $body) = split /\r\n\r\n/, $mail->{content}, 2;
	$head .= "\r\n";
	my ($id) = (header($head, 'Message-ID') // '') =~ /^<([0-9A-Z]{26})\@/;

	return { %$mail, head => $head, id => $id, subject => header($head, 'Subject'), date => header($head, 'Date'),
	    body => decode_utf8(decode_qp($body)) =~ s/\r\n/\n/gr };
}

# What it has taken, in order: { from, to, tls, user, connection, content, id, subject, date, body }. Each is read once.
sub sink_mails ($sink) {
	my $mails = $sink->{mails} //= [];

	open my $in, '<', $sink->{file} or return @$mails;
	seek $in, $sink->{read} // 0, 0;
	while (my $line = <$in>) {
		last if $line !~ /\n\z/;
		push @$mails, mail_from($line);
		$sink->{read} = tell $in;
	}
	return @$mails;
}

# A mail that waits; gives its id.
sub mail_row ($type, $recipient, %columns) {
	my $id = $columns{id} // new_ulid();
	db_run("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, recipient, data, created_at)
	    VALUES (?, ?, 'mail', ?, 'user', ?, ?, ?, COALESCE(?, UTC_TIMESTAMP(6)))", bytes_of($id),
	    $columns{organization_id} ? bytes_of($columns{organization_id}) : undef, $type, bytes_of($id), $recipient, $columns{data} // '{}', $columns{created_at});
	return $id;
}

sub mail_of ($id) {
	return db_run('SELECT attempts, retry_at, delivered_at, given_up_at, last_error, mail_due_at FROM outbox WHERE id = ?', bytes_of($id))->fetchrow_hashref;
}

END {
	my $status = $?;
	for my $sink (grep { $_->{owner} == $$ } @sinks) {
		kill 'KILL', $sink->{pid};
		waitpid $sink->{pid}, 0;
	}
	if ($status == 0 && Test::More->builder->is_passing) {
		unlink glob "$directory/*";
		rmdir $directory;
	}
	$? = $status;
}

1;
