#!/usr/bin/perl
# What customers may have called: by a table of addresses, in every way to write them, where the endpoint is chosen; and once
# more where the connection is made, for endpoints that were chosen when their names meant something else.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Hooks;
use Purser::Jobs;
use Purser::Test;

# ---- when it is chosen -------------------------------------------------------------------------------------------------

my $organization = new_organization();

sub create ($url) {
	return call('event_subscriptions.create', { event_type => '*', endpoint_url => $url }, key => $organization->{key});
}

my %refused = (
	'not a public one' => [map({ "https://$_/" } qw(127.0.0.1 127.1 127.255.255.254 0x7f.1 0x7f000001 0177.0.0.1 2130706433 017700000001 0 0.0.0.0 0.1.2.3 10.0.0.1
	    10.255.255.255 100.64.0.1 100.127.255.255 169.254.169.254 0xa9fea9fe 169.254.1 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.7 192.88.99.1 192.168.0.1
	    192.168.257 198.18.0.1 198.19.255.255 198.51.100.9 203.0.113.77 224.0.0.1 239.1.2.3 240.0.0.1 255.255.255.255
	    [::] [::1] [::127.0.0.1] [::ffff:127.0.0.1] [::ffff:8.8.8.8] [::ffff:7f00:1] [64:ff9b::7f00:1] [64:ff9b::808:808] [64:ff9b:1::1] [100::1] [2001::1] [2001:2::1]
	    [2001:db8::1] [2002:7f00:1::1] [2002:808:808::1] [3fff::1] [fc00::1] [fd12:3456::1] [fe80::1] [fec0::1] [ff02::1] [5f00::1])),
	    'https://localhost/', 'https://LOCALHOST./', 'https://127.0.0.1:8443/', 'https://127.0.0.1.:443/', 'https://%31%32%37.0.0.1/'],
	'by https' => ['http://example.invalid/', 'http://8.8.8.8/', 'ftp://8.8.8.8/', 'file:///etc/passwd', 'gopher://8.8.8.8:70/_'],
	'name or a password' => ['https://me@example.invalid/', 'https://me:secret@example.invalid/', 'https://:secret@example.invalid/'],
	'fragment' => ['https://example.invalid/#here'],
	'' => ['example.invalid/', '//example.invalid/', 'javascript:1', 'https://', 'https:///', 'https://exa mple.invalid/', "https://example.invalid/\x{e9}", 'https://example.invalid:99999/', 'https://example.invalid:0/', 'https://example.invalid:x/',
	    'https://[::1/', 'https://[fe80::1%25eth0]/', 'https://1.2.3.4\@127.0.0.1/', 'https://127.0.0.1\@8.8.8.8/', '*'],
);
for my $why (sort keys %refused) {
	for my $url ($refused{$why}->@*) {
		my $reply = create($url);
		is_problem($reply, 422, 'invalid', (encode_json([$url]) =~ s/^\["|"\]$//gr) . ' is refused', errors => { '/endpoint_url' => undef });
		like($reply->json->{errors}[0]{detail}, qr/\Q$why\E/, '  for what it is') if $why ne '';
	}
}
is_success(create($_), "$_ is taken") for 'https://8.8.8.8/', 'https://8.8.8.8:8443/a?b=c', 'https://9.255.255.255/', 'https://11.0.0.0/', 'https://100.63.255.255/', 'https://100.128.0.0/',
    'https://172.15.255.255/', 'https://172.32.0.0/', 'https://[2606:4700::1111]/', 'https://[2001:4860:4860::8888]:444/', 'https://no-such-name.invalid/', 'HTTPS://EXAMPLE.INVALID';

# ---- when it is called -------------------------------------------------------------------------------------------------

my ($reached, $forbidden) = map { Purser::Hooks->receiver } 1, 2;
my $stack = Purser::Hooks->start(reach => [$reached->address]);
my $buyer = $stack->new_organization;
my $subscription = $stack->subscribe($buyer, $reached->url('/as/good'));

sub try ($url) {
	db_run('UPDATE event_subscription SET endpoint_url = ?, host = ? WHERE id = ?', $url, 'x:1', bytes_of($subscription->{id}));
	return $stack->good('event_subscriptions.test', { subscription_id => $subscription->{id} }, key => $buyer->{key});
}

my $tried = try($reached->url('/as/good'));
is_deeply([@$tried{qw(ok status)}], [JSON::PP::true(), 204], 'what outgoing_allow names is reached');
my $port = $forbidden->port;
for my $host ('127.0.0.1', 'localhost', '0x7f.1', '2130706433', '127.1', '0', '[::1]', '[::ffff:127.0.0.1]', '[::]', '[64:ff9b::7f00:1]') {
	$tried = try("https://$host:$port/as/good");
	is_deeply([@$tried{qw(ok status)}], [JSON::PP::false(), undef], "$host is not, on another port");
	like($tried->{detail}, qr/not a public one|Failed to connect|Couldn't connect/, "  and that is told: $tried->{detail}");
}
is_deeply([$forbidden->requests], [], 'nothing came there');
$tried = try('http://127.0.0.1:' . $port . '/');
is($tried->{status}, undef, 'nor by http');
$tried = try($_) and is($tried->{status}, undef, "nor is $_ a way") for "file:///etc/passwd", "ftp://127.0.0.1:$port/", "gopher://127.0.0.1:$port/_x", "dict://127.0.0.1:$port/x";
$tried = try($reached->url('/redirect/1'));
is($tried->{status}, 302, 'a redirect is an answer');
is_deeply([$reached->requests('/ok/elsewhere')], [], 'and not followed');
$tried = try($reached->url('/status/500'));
is_deeply([@$tried{qw(ok status detail)}], [JSON::PP::false(), 500, 'this is   what 500 means ? here'], 'an answer is shown, but for what can not be');
$tried = try($reached->url('/reset/1'));
is($tried->{status}, undef, 'a reset is no answer');
my $began = time;
$tried = try($reached->url('/endless/1'));
is_deeply([@$tried{qw(ok status)}], [JSON::PP::true(), 200], 'of an answer of 1 GiB the status counts');
is($tried->{detail}, 'x' x 500, 'and 500 characters are kept');
cmp_ok($tried->{milliseconds}, '<', 3000, 'the rest is not read');
$tried = try($reached->url('/hang/1'));
is($tried->{status}, undef, 'who says nothing has 5 seconds where somebody waits');
like($tried->{detail}, qr/within 5 seconds/, 'which is told');
cmp_ok($tried->{milliseconds}, '<', 6000, 'and no more');
is($stack->{pool} && $stack->answers, 1, 'the pool is alive');
done_testing;
