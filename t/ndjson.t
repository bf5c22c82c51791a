#!/usr/bin/perl
# Streams of records: constant memory, a proper end, and none where something broke.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;
use Time::HiRes qw(sleep time);

my $organization = new_organization(rate_limit => 100000);
my $rows = $ENV{PURSER_CHECK_ALL} ? 200000 : 20000;

# Rows of a ledger that is only read here: no entry of them is ever proven.
my $id = bytes_of($organization->{id});
db_run("INSERT INTO journal_entry (organization_id, sequence, id, at, reason, actor_type, actor_id, available_change, reserved_change,"
    . " available_after, reserved_after, debt_after, previous_hash, hash)"
    . " SELECT ?, seq, UNHEX(LPAD(HEX(seq + ? * 1000000), 32, '0')), '2026-01-01', 'grant', 'operator', ?, 1, 0, seq, 0, 0, REPEAT('x', 32), REPEAT('y', 32)"
    . " FROM seq_1_to_$rows", $id, $$, $id);

sub worker_memory () {
	my $sum = 0;
	for my $pid (worker_pids()) {
		open my $in, '<', "/proc/$pid/smaps_rollup" or next;
		my ($pss) = map { /^Pss:\s+(\d+)/ ? $1 : () } <$in>;
		$sum = $pss if $pss && $pss > $sum;
	}
	return $sum;
}

sub stream (%options) {
	return call('billing.credits.transactions', {}, key => $organization->{key}, accept => 'application/x-ndjson', client => client(timeout => 120), %options);
}

call('billing.credits.transactions', { limit => 10 }, key => $organization->{key}, accept => 'application/x-ndjson') for 1 .. 20;
my $before = worker_memory();
my $reply = stream();
my $after = worker_memory();
is_success($reply, "$rows rows stream", type => 'application/x-ndjson');
my $lines = () = $reply->body =~ /\n/g;
is($lines, $rows, 'all of them');
my @last = (split /\n/, $reply->body)[0, -1];
is_deeply([map { decode_json($_)->{sequence} } @last], [$rows, 1], 'newest first');
cmp_ok($before, '>', 0, 'the memory of the workers is seen');
cmp_ok($after - $before, '<=', 4096, 'a worker grew by at most 4 MiB') if !$ENV{ASAN_OPTIONS};

my $page = call('billing.credits.transactions', { limit => 5 }, key => $organization->{key})->json;
$lines = () = call('billing.credits.transactions', { cursor => $page->{next_cursor} }, key => $organization->{key}, accept => 'application/x-ndjson')->body =~ /\n/g;
is($lines, $rows - 5, 'a stream begins behind a cursor');
$lines = () = call('billing.credits.transactions', { offset => 7 }, key => $organization->{key}, accept => 'application/x-ndjson')->body =~ /\n/g;
is($lines, $rows - 7, 'or behind an offset');

my $both = call('billing.credits.transactions', { limit => 1 }, key => $organization->{key}, accept => 'application/json;q=0.1, application/x-ndjson');
is_success($both, 'the better liked of two media types is taken', type => 'application/x-ndjson');
is_success(call('billing.credits.transactions', { limit => 1 }, key => $organization->{key}, accept => 'application/x-ndjson;q=0, */*'), 'what is refused is not');
is_problem(call('organizations.current', {}, key => $organization->{key}, accept => 'application/x-ndjson'), 406, 'not_acceptable', 'what is no list does not stream');
is_problem(call('billing.credits.transactions', { reason => 'x' }, key => $organization->{key}, accept => 'application/x-ndjson'), 422, 'invalid', 'a fault before the first row is a problem document');
my $empty = call('billing.credits.transactions', {}, key => new_organization()->{key}, accept => 'application/x-ndjson');
is_success($empty, 'a stream may be empty', type => 'application/x-ndjson');
is($empty->body, '', 'without a single line');

# A worker dies in the middle of a stream: whoever reads must see that rows are missing.
sub slow_workers () {
	return grep { my $name = do { open my $in, '<', "/proc/$_/comm"; $in && <$in> }; ($name // '') =~ /^purser-slow/ } worker_pids();
}

sub broken_stream ($version, $delay) {
	my $killer = fork // die $!;
	if ($killer == 0) {
		sleep $delay;
		kill 'KILL', slow_workers();
		require POSIX;
		POSIX::_exit(0);
	}
	open my $curl, '-|', 'curl', '--silent', "--$version", '--cacert', $ENV{PURSER_CA}, '--header', "Authorization: Bearer $organization->{key}",
	    '--header', 'Accept: application/x-ndjson', "$ENV{PURSER_URL}/v1/billing/credits/transactions" or die $!;
	my $got = 0;
	$got++ while <$curl>;
	close $curl;
	my $exit = $? >> 8;
	kill 'KILL', $killer;
	waitpid $killer, 0;
	return $got if $delay > 100;
	eventually('the slow workers are back', sub { call('billing.credits.transactions', { limit => 1 }, key => $organization->{key}, accept => 'application/x-ndjson')->status == 200 });
	return ($got, $exit);
}

for my $version (qw(http1.1 http2)) {
	my ($broken, $unseen, $began) = (0, 0, time);
	broken_stream($version, 1000) == $rows or die 'the stream is not whole';
	my $whole = time - $began;
	for my $try (1 .. 40) {
		my ($got, $exit) = broken_stream($version, $whole * (0.2 + rand 0.8));
		next if $got <= 1 || $got >= $rows; # answered with a problem, or too late
		$broken++;
		$unseen++ if $exit == 0;
		last if $broken == 3;
	}
	cmp_ok($broken, '>', 0, "a stream over $version broke in the middle");
	is($unseen, 0, 'and its reader saw it');
}

# A client that leaves costs nobody anything.
for (1 .. 5) {
	my $client = client(record => 0);
	my $socket = $client->connect;
	$client->put($socket, "POST /v1/op/billing.credits.transactions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer $organization->{key}\r\n"
	    . "Accept: application/x-ndjson\r\nContent-Length: 0\r\n\r\n");
	sysread $socket, my $some, 1000;
	close $socket;
}
is_success(call('billing.credits.balance', {}, key => $organization->{key}), 'after clients that left in the middle, all is well');
db_run('DELETE FROM journal_entry WHERE organization_id = ?', $id);
done_testing;
