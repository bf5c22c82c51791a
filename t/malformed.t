#!/usr/bin/perl
# Ten thousand malformed requests: no 5xx, no HTML, no crash, no growth. What is sent is made from a seed; PURSER_SEED
# repeats a run.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Subjects;
use Purser::Test;
use Time::HiRes qw(time);

my $wanted = 10000;
my $seed = $ENV{PURSER_SEED} // time & 0xffffff;
srand $seed;
diag "PURSER_SEED=$seed";

my $organization = new_organization(rate_limit => 10000000, credits => 1000);
my @operations = grep { ($_->{scope} !~ /^admin:/ || rand() < 0.5) && (!$_->{flags}{slow} || rand() < 0.3) } describe_operations;

sub one_of (@list) { return $list[rand @list] }

# Whoever may call it. What does away with the caller's session or organization has one of its own, and soon another.
sub token ($operation) {
	state (%expendable, %uses);
	my ($id, $of) = ($operation->{id}, $organization);

	if ($operation->{effect} eq 'destructive') {
		$expendable{$id} = new_organization() if $uses{$id}++ % 10 == 0;
		$of = $expendable{$id};
	}
	return token_of(caller_of($operation, $of)) // '';
}

# ---- bodies ----------------------------------------------------------------------------------------------------------

my @odd_values = ('null', 'true', '""', '[]', '{}', '0', '-0', '-1', '1.0', '1e2', '1E400', '-1e-400', '9223372036854775807', '9223372036854775808',
    '-9223372036854775809', '1' . '0' x 400, '0.' . '0' x 400 . '1', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\uD83D\\uDE00"', "\"\xc3\xa4\"",
    "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", '"' . 'x' x 5000 . '"', '"<script>alert(1)</script>"', '"\' OR 1=1 --"',
    '"%s%n%n"', '"../../etc/passwd"', '"01H0S97D8RX4RBFHHTB1HE7SFR"', '"81H0S97D8RX4RBFHHTB1HE7SFR"', '"2026-02-30T00:00:00Z"', '"9999-12-31T23:59:60Z"',
    '"+100000-01-01T00:00:00Z"', '[[[[[[[[]]]]]]]]', '{"a":{"b":{"c":[1,2,{"d":null}]}}}', '[' . '1,' x 2000 . '1]', 'NaN', 'Infinity', "'x'", '01', '+1',
    '.5', '5.', '0x10', "\"a\tb\"", "\"a\nb\"", '"\\x41"', '"\\', '"');

sub field_names ($operation) {
	my @names = map { s/\*$//r } $operation->{fields}->@*;
	return (@names, 'no_such_field', '', 'constructor', '__proto__', "\xc3\xa4", '\\u0061', 'x' x 300);
}

sub odd_object ($operation) {
	return '{' . join(',', map { '"' . one_of(field_names($operation)) . '":' . one_of(@odd_values) } 1 .. rand 6) . '}';
}

my %sample;

# A body that would be good, with one byte changed, lost or doubled.
sub bent_body ($operation) {
	my $sample = $sample{ $operation->{id} } //= sample_body($operation->{id});
	my $body = $operation->{flags}{oauth} ? join('&', map { "$_=$sample->{$_}" } sort keys %$sample) : encode_json($sample);
	my $at = int rand length $body;

	return one_of(sub { substr($body, $at, 1) = chr int rand 256; $body }, sub { substr($body, $at, 1) = ''; $body }, sub { substr $body, 0, $at },
	    sub { substr($body, $at, 0) = substr $body, rand $at + 1, 3; $body })->();
}

my @structures = (
	sub { '[' x (1 + rand 3000) }, sub { '{"a":' x (1 + rand 500) }, sub { my $n = 30 + int rand 6; '{"a":' x $n . '1' . '}' x $n },
	sub { '{' . join(',', map { "\"m$_\":$_" } 1 .. 200 + rand 200) . '}' }, sub { '{"a":1,"a":2}' }, sub { '{"a":1,"\\u0061":2}' }, sub { '' }, sub { ' ' x rand 100 },
	sub { "\xef\xbb\xbf{}" }, sub { "\xff\xfe{\0}\0" }, sub { "\0" x rand 50 }, sub { '{}{}' }, sub { '{}//' }, sub { '/**/{}' }, sub { '{a:1}' }, sub { "{'a':1}" },
	sub { '{"a":1,}' }, sub { '{,}' }, sub { '[1,2' }, sub { '"' . 'x' x rand(20000) }, sub { join '', map { chr int rand 256 } 1 .. rand 300 }, sub { '<xml/>' },
	sub { 'a=b&c=d' }, sub { '1' x rand 100000 }, sub { '{"a":' . '9' x (1 + rand(50000)) . '}' }, sub { '{"a":"' . '\\u0041' x rand(3000) . '"}' },
);

# ---- requests --------------------------------------------------------------------------------------------------------

my @odd_headers = (
	['Content-Type', 'text/plain'], ['Content-Type', ''], ['Content-Type', 'application/json; charset=utf-16'], ['Content-Type', 'application/json,application/json'],
	['Accept', 'x'], ['Accept', '*/*;q=0'], ['Accept', ',' x 500], ['Accept', 'application/json;q=' . '9' x 300], ['Accept', 'text/html'],
	['Idempotency-Key', ''], ['Idempotency-Key', 'x' x 300], ['Idempotency-Key', "a\tb"], ['Idempotency-Key', "\xff"], ['X-Request-Id', "\x01"], ['X-Request-Id', 'x' x 3000],
	['Authorization', 'Bearer'], ['Authorization', 'Bearer ' . 'x' x 5000], ['Authorization', "Bearer \xff\xfe"], ['Authorization', 'Digest username="x"'],
	['X-API-Key', 'gpra_' . 'A' x 49], ['Traceparent', '00-zz-zz-00'], ['Traceparent', 'x' x 2000], ['If-None-Match', '"' x 200], ['Range', 'bytes=0-'],
	['Expect', '100-continue'], ['Expect', 'the unexpected'], ['Upgrade', 'h2c'], ['Connection', 'upgrade'], ['Content-Encoding', 'gzip'], ['Cookie', 'a=' . 'x' x 3000],
	['X-Forwarded-For', '127.0.0.1' . ', 1.1.1.1' x 100], ['Host', 'evil.example'], ['Forwarded', 'for="'], ['X-HTTP-Method-Override', 'DELETE'], ['Origin', 'null'],
);

my @odd_paths = (
	sub ($path) { $path . '/' }, sub ($path) { "/$path" }, sub ($path) { uc $path }, sub ($path) { $path . '%00' }, sub ($path) { $path . '%' }, sub ($path) { $path . '%zz' },
	sub ($path) { $path =~ s{/}{%2f}gr }, sub ($path) { "$path/../../../etc/passwd" }, sub ($path) { "$path;x=1" }, sub ($path) { $path . '?' . 'a=1&' x rand 300 },
	sub ($path) { $path . '?' . join '&', map { sprintf '%%%02x=%%%02X', rand 256, rand 256 } 1 .. 20 }, sub ($path) { $path . '?limit=-1&limit=2&&==&=' },
	sub ($path) { $path . '?' . 'x' x rand 8000 }, sub ($path) { '/v1/' . 'x/' x rand 2000 }, sub ($path) { "/v1/organizations/" . one_of('x', '..', '%2e%2e', "8" x 26, "0" x 26, "I" x 26) },
	sub ($path) { $path . chr(128 + rand 128) }, sub ($path) { '*' }, sub ($path) { "http://evil.example$path" }, sub ($path) { $path . '#fragment' }, sub ($path) { "/problems/" . 'x' x rand 500 },
);

sub bad_request ($operation) {
	my $path = $operation->{ways}[rand $operation->{ways}->@*]{path} =~ s/\{[^}]+\}/$organization->{id}/r;
	my $method = one_of(qw(POST POST POST POST GET PUT PATCH DELETE HEAD OPTIONS TRACE CONNECT post), 'X' x 20);
	my %headers = (Host => 'localhost', Authorization => 'Bearer ' . token($operation),
	    'Content-Type' => $operation->{flags}{oauth} && rand() < 0.8 ? 'application/x-www-form-urlencoded' : 'application/json');
	my $kind = rand;
	my $body = $kind < 0.35 ? odd_object($operation) : $kind < 0.6 ? bent_body($operation) : one_of(@structures)->();

	$method = 'POST' if $kind < 0.8 && rand() < 0.8;
	$path = one_of(@odd_paths)->($path) if rand() < 0.15;
	for (1 .. (rand() < 0.3 ? 1 + rand 3 : 0)) {
		my ($name, $value) = one_of(@odd_headers)->@*;
		$headers{$name} = $value;
	}
	return ($method, $path, \%headers, $body);
}

sub framed ($method, $path, $headers, $body) {
	my $head = "$method $path HTTP/1.1\r\n" . join '', map { "$_: $headers->{$_}\r\n" } sort keys %$headers;
	my $how = rand;

	return $head . 'Content-Length: ' . length($body) . "\r\n\r\n$body" if $how < 0.85;
	return "${head}Transfer-Encoding: chunked\r\n\r\n" . join('', map { sprintf "%x\r\n%s\r\n", length, $_ } $body =~ /(.{1,100})/sg) . "0\r\n\r\n" if $how < 0.93;
	return $head . "Content-Length: 0\r\n\r\n$body" if $how < 0.96;
	return "$head\r\n$body" if $how < 0.98;
	return "${head}Transfer-Encoding: chunked\r\n\r\n" . one_of('zz', '-1', 'ffffffffffffffffffff', "1\r\nab") . "\r\n\r\n";
}

# ---- what came of it -------------------------------------------------------------------------------------------------

my (%status, @bad);

sub judge ($reply, $sent) {
	$status{$reply->{status}}++;
	my $html = ($reply->media_type // '') =~ /html/ || ($reply->{body} // '') =~ /<html/i;
	my $ours = $reply->{status} < 400 || $reply->{method} eq 'HEAD' || ($reply->media_type // '') eq 'application/problem+json'
	    || ($sent =~ m{\A\S+ \S*oauth} && ($reply->media_type // '') eq 'application/json' && defined(($reply->json // {})->{error}));
	return if $reply->{status} < 500 && !$html && $ours;
	push @bad, sprintf "%s %s <- %s", $reply->{status}, substr($reply->{body} // '', 0, 200), substr($sent, 0, 400) =~ s/[^ -~]/./gr;
}

sub anonymous_kilobytes () {
	my %memory;

	for my $pid (worker_pids) {
		open my $in, '<', "/proc/$pid/smaps_rollup" or next;
		($memory{$pid}) = map { /^Anonymous:\s+(\d+)/ ? $1 : () } <$in>;
	}
	return \%memory;
}

# Strangers are counted by their address.
sub quiet_client () {
	return client(record => 1, timeout => 3, from => join '.', 127, map { 1 + int rand 250 } 1 .. 3);
}

# Several at once on each connection, as a proxy would send them.
sub send_some ($count) {
	my @sent = map { framed(bad_request(one_of(@operations))) } 1 .. $count;
	my $quiet = quiet_client();
	my $socket = $quiet->connect;
	my $buffer = '';
	my $answered = 0;

	$sent[-1] =~ s/^(Content-Length: \d+)/${1}0/m if rand() < 0.1; # a client that leaves before its body is whole
	for my $bytes (@sent) {
		my ($method, $path) = $bytes =~ /^(\S*) (\S*)/;
		$path = '' unless $path =~ m{^/[!-~]*$};
		$quiet->put($socket, $bytes) or last;
		last if $bytes =~ /^Content-Length: [1-9]\d*0\r/m && $bytes eq $sent[-1];
		my $reply = eval { $quiet->read_reply($socket, \$buffer, $method, $path) };
		push @bad, "an unreadable reply: $@ <- " . substr($bytes, 0, 200) =~ s/[^ -~]/./gr if $@ && $@ !~ /no answer within/;
		last unless $reply;
		judge($reply, $bytes);
		$answered++;
		last if $reply->{closes};
	}
	close $socket;
	return $answered || 1;
}

my $deaths = metric('purser_worker_deaths_total') // 0;
my $done = 0;
$done += send_some(20) while $done < $wanted / 4;
my $memory = anonymous_kilobytes();
$done += send_some(20) while $done < $wanted;
my $after = anonymous_kilobytes();

is(scalar @bad, 0, "$done malformed requests: no 5xx, no HTML, a problem document for each refusal") or diag join "\n", @bad[0 .. ($#bad < 20 ? $#bad : 20)];
note join ' ', map { "$_: $status{$_}" } sort keys %status;
is(metric('purser_worker_deaths_total') // 0, $deaths, 'no worker died');
my @grown = grep { exists $after->{$_} && $after->{$_} - $memory->{$_} > ($ENV{ASAN_OPTIONS} ? 32768 : 1024) } sort keys %$memory;
cmp_ok(scalar(grep { exists $after->{$_} } keys %$memory), '>', 0, 'the memory of the workers is seen');
is_deeply(\@grown, [], 'no worker grew') or diag join "\n", map { "$_: $memory->{$_} -> $after->{$_} kB" } @grown;
cmp_ok($status{$_} // 0, '>', 10, "there were some of $_") for 200, 400, 404, 405, 415, 422;
is_success(call('billing.credits.balance', {}, key => $organization->{key}), 'and the service goes on');
ok(call('admin.ledger.verify', { organization_id => $organization->{id} }, key => admin_key)->json->{consistent}, 'with its ledger whole');
done_testing;
