#!/usr/bin/perl
# usage.record with bodies as large as they may be, and larger; cut off, compressed, and full of faults: the memory of the
# worker stays small, and what is refused leaves nothing.
use v5.36;
use Compress::Zlib ();
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;
use Purser::Usage;

my $organization = new_organization(rate_limit => 1_000_000);
my $client = client(timeout => 120);

# The most memory that a worker ever had.
sub peak () {
	my $most = 0;
	for my $pid (workers_of_stack) {
		open my $in, '<', "/proc/$pid/status" or next;
		my ($peak) = map { /^VmHWM:\s+(\d+)/ ? $1 : () } <$in>;
		$most = $peak if $peak && $peak > $most;
	}
	return $most;
}

sub lines ($prefix, $count, $more = '') {
	my $now = moment();
	return join '', map { qq({"id":"$prefix-$_","metric":"requests","quantity":1,"occurred_at":"$now","service":"chat"$more}\n) } 1 .. $count;
}

record_lines($organization, lines('warm', 10)) for 1 .. 3;
my $before = peak();
is(outcome_of(record_lines($organization, lines('full', 100_000), client => $client)), '100000 0 0', '100,000 lines in one request');
my $grown = peak() - $before;
diag "the worker had $grown kB more";
cmp_ok($grown, '<', 40 * 1024, 'take less than 40 MiB of a worker\'s memory') if !$ENV{ASAN_OPTIONS};
is(counter($organization, 'requests'), '100010 100010', 'all of them are counted');
is(outcome_of(record_lines($organization, lines('full', 100_000), client => $client)), '0 100000 0', 'sent again, all of them are known');
is_problem(record_lines($organization, lines('more', 100_001), client => $client), 413, 'too_large', 'a line more is too many');
my $long = record_lines($organization, lines('long', 100, ',"properties":{"a":"' . 'x' x 600_000 . '"}'), client => $client);
is(outcome_of($long), '100 0 0', 'nearly 64 MiB of long lines are taken');
is_problem(record_lines($organization, lines('long', 120, ',"properties":{"a":"' . 'x' x 600_000 . '"}'), client => $client), 413, 'too_large', 'more than 64 MiB are not');
is_problem(record_lines($organization, lines('wide', 1, ',"properties":{"a":"' . 'x' x 1_100_000 . '"}'), client => $client), 413, 'too_large', 'nor is a line of more than a mebibyte');
my $name = 'n' x 60;
my $texts = join '', map { sprintf qq({"id":"%s%06d","metric":"requests","quantity":1,"service":"%s%06d","operator":"%s%06d"}\n), 'i' x 200, $_, $name, $_, $name, $_ } 1 .. 100_000;
is_problem(record_lines($organization, $texts, client => $client), 413, 'too_large', 'texts past all measure come in parts');
my $end = 0;
$end = index($texts, "\n", $end) + 1 for 1 .. 60_000;
is(outcome_of(record_lines($organization, substr($texts, 0, $end), client => $client)), '60000 0 0', 'as many as fit are taken, each of a service of its own');
my $broken = record_lines($organization, "{\n" x 5000 . lines('last', 1), client => $client);
is(outcome_of($broken), '1 0 5000', 'faults do not end a body');
is(scalar $broken->json->{rejected}->@*, 1000, 'the first thousand are named');

# ---- what does not come whole ----------------------------------------------------------------------------------------------

my $body = lines('cut', 1000);
my $head = "POST /v1/usage/record HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $organization->{key}\r\nContent-Type: application/x-ndjson\r\n";
raw($head . 'Content-Length: ' . length($body) . "\r\n\r\n" . substr($body, 0, 50_000), shut => 1, client => client(timeout => 20));
is(db_value("SELECT COUNT(*) FROM usage_event WHERE organization_id = ? AND id LIKE 'cut-%'", bytes_of($organization->{id})), 0, 'of a body that is cut off nothing is recorded');
my $packed = Compress::Zlib::memGzip($body);
is_problem(record_lines($organization, $packed, headers => ['Content-Encoding' => 'gzip']), 415, 'unsupported_media_type', 'a compressed body is refused');
my $chunked = join '', map { sprintf "%x\r\n%s\r\n", length, $_ } unpack('(a7000)*', lines('chunk', 2000)), '';
my $reply = raw($head . "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n$chunked");
is(outcome_of($reply), '2000 0 0', 'one of unknown length is read to its end');
is(outcome_of(record($organization, [event('after')])), '1 0 0', 'and the service goes on');
done_testing;
