#!/usr/bin/perl
# What goes wrong around the command line: each ends with one clear line and the right exit code, never by a signal, and
# says so where something may have been done all the same.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Purser::Test;
use Purser::CommandLine;
use Time::HiRes qw(sleep);

my $organization = new_organization(credits => 1000);
my $key = $organization->{key};

sub is_line ($run, $code, $pattern, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @lines = split /\n/, $run->{err} // $run->{shown};
	my $ok = $run->{code} eq $code && @lines == 1 && $lines[0] =~ /\Apurser: / && $lines[0] =~ $pattern;
	return ok($ok, $name) || diag "code $run->{code}\n" . ($run->{err} // $run->{shown});
}

sub fixed ($status, $type, $body) {
	return sub ($connection, $request) {
		print $connection "HTTP/1.1 $status\r\nContent-Type: $type\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
	};
}

sub at ($url, %more) { return { key => $key, env => { PURSER_URL => $url, %more } } }

call('orders.create', { reference => "many-$_", lines => [{ sku => 'scene', description => 'x' x 400, quantity => '1', unit_credits => 1 }] }, key => $key) for 1 .. 40;

# ---- interrupted -----------------------------------------------------------------------------------------------------

my $endless = service(sub ($connection, $request) {
	print $connection "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
	for (1 .. 1000) {
		print $connection "8\r\n{\"n\":1}\n\r\n" or return;
		$connection->flush or return;
		sleep 0.1;
	}
});
for my $signal (qw(INT TERM HUP)) {
	pipe my $reader, my $writer or die $!;
	my $run = purser_begin({ at($endless)->%*, out => $writer }, qw(orders list --output ndjson));
	close $writer;
	is(scalar <$reader>, qq({"n":1}\n), "a list is under way when SIG$signal comes");
	kill $signal, $run->{pid};
	is_line(purser_end($run), 1, $signal eq 'INT' ? qr/Interrupted\./ : qr/Ended from outside\./, '… and ends with one line and 1');
}
{
	pipe my $reader, my $writer or die $!;
	my $run = purser_begin({ at($endless)->%*, out => $writer, ignored => 'HUP' }, qw(orders list --output ndjson));
	close $writer;
	<$reader>;
	kill HUP => $run->{pid};
	<$reader> for 1 .. 4;
	kill INT => $run->{pid};
	is_line(purser_end($run), 1, qr/Interrupted\./, 'what nohup started outlives a hang-up');
}
my $silent = service(sub ($connection, $request) { sleep 60 });
my $run = purser_begin(at($silent), qw(billing topup --credits 500));
sleep 1;
kill INT => $run->{pid};
my $cut = purser_end($run);
is($cut->{code}, 1, 'Ctrl-C while something is being bought ends with 1');
like($cut->{err}, qr/\Apurser: Interrupted\.\n  .*--idempotency-key '[0-9A-Z]{26}'\.\n\z/, '… and says with which key a second try is safe');
$run = purser_begin(at($silent), qw(orders cancel --order-id), new_ulid(), '--idempotency-key', 'mine');
sleep 1;
kill INT => $run->{pid};
like(purser_end($run)->{err}, qr/--idempotency-key 'mine'/, '… with the caller\'s own where there is one');
$run = purser_begin(at($silent), qw(api-keys create --name x));
sleep 1;
kill INT => $run->{pid};
like(purser_end($run)->{err}, qr/Interrupted\.\n  It may have been done all the same\.\n\z/, '… and without one that it may have been done');

is_line(purser({ key => $key }, qw(billing topup --credits 500 --idempotency-key), "a\nb"), 1, qr/Idempotency-Key has a line break/, 'what could not be sent at all leaves no doubt');

# ---- nobody reads, nothing fits --------------------------------------------------------------------------------------

# Every way in which something gets to standard output.
my $kept = config_home();
spew("$kept/credentials", encode_json({ profiles => { default => { url => $ENV{PURSER_URL}, ca => $ENV{PURSER_CA}, api_key => $key } } }));
my @statement = (qw(organizations commitments statement --organization-id), $organization->{id}, '--period', POSIX::strftime('%Y-%m', gmtime), '--output');
my @written = (
	(map { [qw(orders list --output), $_] } qw(json ndjson table)), (map { [qw(orders list --all --limit 5 --output), $_] } qw(json ndjson table)),
	(map { [qw(whoami --output), $_] } qw(json ndjson table)), (map { [@statement, $_] } qw(csv pdf ndjson)),
	[], ['orders'], [qw(orders list --help)], [qw(help orders list)], [qw(completion bash)], [qw(--complete ord)], ['version'], ['profiles'],
);
for my $words (@written) {
	pipe my $reader, my $writer or die $!;
	close $reader;
	is_line(purser({ key => $key, out => $writer, env => { PURSER_CONFIG_HOME => $kept } }, @$words), 1, qr/Nobody reads the output any more\.$/, "a pipe that was closed ends `purser @$words` with one line and 1");
	open my $full, '>', '/dev/full' or die $!;
	is_line(purser({ key => $key, out => $full, env => { PURSER_CONFIG_HOME => $kept } }, @$words), 1, qr/The output can't be written: No space left on device\.$/, '… and so does a full disk');
}
open my $full, '>', '/dev/full' or die $!;
is_line(purser({ env => { PURSER_CONFIG_HOME => $kept }, in => "$key\n", out => $full }, qw(login --api-key)), 1, qr/No space left on device\. What you asked for was done\.$/, 'so does login, which says that it was done');
is_line(purser({ env => { PURSER_CONFIG_HOME => $kept }, out => $full }, 'logout'), 1, qr/No space left on device\. What you asked for was done\.$/, '… and logout');
is_line(purser({ key => $key, out => $full }, qw(organizations update --industry maps)), 1, qr/No space left on device\. What you asked for was done\.$/, '… and says what was done before');
is(call('organizations.get', {}, key => $key)->json->{industry}, 'maps', '… which it was');
my $closed = qx{PURSER_CONFIG_HOME=@{[config_home()]} $ENV{PURSER_BUILD}/purser version 2>&1 >&-};
is(($? >> 8) . " $closed", "1 purser: The output can't be written: Bad file descriptor.\n", 'an output that is closed is told, and nothing else is written to');

my $mounted;
END { system "umount '$mounted'" if $mounted }
SKIP: {
	my $disk = config_home();
	skip 'only root can mount a small disk', 8 if $> != 0 || system("mount -t tmpfs -o size=64k,mode=700 tmpfs '$disk' 2>/dev/null") != 0;
	$mounted = $disk;
	my $env = { PURSER_CONFIG_HOME => $disk };
	is(purser({ env => $env, in => "$key\n" }, qw(login --api-key))->{code}, 0, 'credentials fit on a small disk');
	my $before = slurp("$disk/credentials");
	open my $filler, '>:raw', "$disk/filler" or die $!;
	$filler->autoflush;
	1 while syswrite $filler, 'x' x 4096;
	is_line(purser({ env => $env, in => "$key\n" }, qw(login --api-key)), 1, qr/credentials can't be written: No space left on device\.$/, 'on a full one login ends with one line and 1');
	is(slurp("$disk/credentials"), $before, '… and what was there stays');
	is_deeply([sort map { s{.*/}{}r } glob "$disk/*"], [qw(credentials credentials.lock filler)], '… and nothing is left behind');

	truncate $filler, 0;
	my $person = new_person($organization, 'owner');
	my $refresh = "gprs_refresh-$person->{id}";
	db_run("INSERT INTO session_token (digest, session_id, kind, expires_at) VALUES (UNHEX(SHA2('$refresh', 256)), ?, 'refresh', UTC_TIMESTAMP(6) + INTERVAL 1 DAY)", bytes_of($person->{session_id}));
	spew("$disk/credentials", encode_json({ profiles => { default => { url => $ENV{PURSER_URL}, ca => $ENV{PURSER_CA}, access_token => 'gprs_expired', refresh_token => $refresh } } }));
	seek $filler, 0, 0;
	1 while syswrite $filler, 'x' x 4096;
	is_line(purser({ env => $env }, 'whoami'), 1, qr/credentials can't be written: No space left/, 'where new tokens would not fit none are asked for');
	is(db_value("SELECT COUNT(*) FROM session_token WHERE digest = UNHEX(SHA2('$refresh', 256)) AND spent_at IS NULL"), 1, '… so that the old one is still good');
	close $filler;
	my $out = "$disk/list";
	open my $list, '>:raw', $out or die $!;
	is_line(purser({ key => $key, out => $list }, qw(orders list --all --output ndjson)), 1, qr/No space left on device\.$/, 'a list that does not fit ends with one line and 1');
	close $list;
	is(system("umount '$disk'"), 0, 'the small disk is gone again');
	undef $mounted;
}

# ---- who is there ----------------------------------------------------------------------------------------------------

my $wrong_ca = config_home() . '/ca.pem';
system("openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=nobody -days 1 -out '$wrong_ca' 2>/dev/null") == 0 or die 'openssl';
is_line(purser({ key => $key, env => { PURSER_CA => $wrong_ca } }, 'whoami'), 1, qr/The certificate of \Q$ENV{PURSER_URL}\E is not trusted, by \Q$wrong_ca\E: /, 'a wrong CA is told in one line, with 1');
is_line(purser({ key => $key, env => { PURSER_CA => undef } }, 'whoami'), 1, qr/is not trusted, by the system's authorities: /, '… and so is none');
is_line(purser({ key => $key, env => { PURSER_CA => '/nowhere/ca.pem' } }, 'whoami'), 1, qr{/nowhere/ca\.pem holds no certificates}, '… and one that is not there');
is_line(purser(at('https://localhost:9'), qw(billing topup --credits 500)), 1, qr/Nothing answers at/, 'where nothing listens, one line and 1, and no word of a second try, for nothing was sent');
is_line(purser(at('https://no-such-host.invalid'), 'whoami'), 1, qr/no-such-host\.invalid is not known/, 'a host that there is not, too');
is_line(purser(at(service(fixed('502 Bad Gateway', 'text/html', '<html>oops</html>'))), 'whoami'), 2, qr/answered 502, and not as this service does/, 'a page instead of a problem document is told, with 2');
is(purser(at(service(fixed('502 Bad Gateway', 'text/html', '<html>oops</html>'))), qw(auth sessions switch --organization-id x))->{err} =~ s/.*\n//r, "  It may have been done all the same.\n", '… and where something was to be done without a key, that it may be');
my $date = 'Wed, 21 Oct 2026 07:28:00 GMT';
my $dated = service(fixed("503 Busy\r\nRetry-After: $date", 'application/problem+json', encode_json({ code => 'unavailable', detail => 'Later.' })));
is(purser(at($dated), 'whoami')->{err}, "purser: Later. (503 unavailable)\n  retry_after: $date\n", 'when to come again is told, though it is a date');
is_line(purser(at(service(fixed('200 OK', 'text/html', '<html>'))), qw(whoami --output table)), 1, qr/no JSON/, 'a page instead of an answer is told');
is_line(purser(at(service(sub ($connection, $request) { })), 'whoami'), 1, qr/did not come/, 'no answer at all is told');
my $torn = service(sub ($connection, $request) { print $connection "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"n\":1}\n\r\n8\r\n{\"n" });
my $half = purser(at($torn), qw(orders list --output ndjson));
is_line($half, 1, qr/broke off, and is not all there is/, 'a stream that breaks off is told, with 1');
is($half->{out}, qq({"n":1}\n{"n), '… behind what had come');
my $escape = purser(at(service(fixed('409 Conflict', 'application/problem+json', encode_json({ type => 'x', code => 'conflict', status => 409, title => 'x', detail => "a\e[31mb\nc", instance => 'I' })))), 'whoami');
is_line($escape, 2, qr/a\?\[31mb\?c \(409 conflict, request I\)/, 'what a problem says does nothing to the terminal');

done_testing;
