#!/usr/bin/perl
# The TypeScript client: what its types promise, how it calls, what it does where networks and servers fail, what it trusts;
# as an ES module, as a CommonJS module, and in a browser.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Copy qw(copy);
use IO::Socket::INET;
use POSIX ();
use Purser::Hooks;
use Purser::Jobs;
use Purser::Test;
use Purser::TypeScript;
use Time::HiRes qw(sleep time);

my $program = Purser::TypeScript->installed;

# ---- the package -------------------------------------------------------------------------------------------------------

my $facts = decode_json(Purser::TypeScript::slurp("$program/node_modules/purser/package.json"));
ok(!$facts->{dependencies} && !$facts->{peerDependencies} && !$facts->{optionalDependencies}, 'the package needs no other');
is_deeply([grep { !-e "$program/node_modules/purser/$_" } qw(README.md dist/esm/index.d.ts dist/cjs/index.js src/index.ts)], [], 'all that it names is packed');

copy("$FindBin::Bin/typescript/$_->[0]", "$program/$_->[1]") or die $! for ['tsconfig.json', 'tsconfig.json'], map { ['types.ts', $_] } qw(types.ts types_commonjs.cts);
my ($status, $said) = Purser::TypeScript::run_quietly('node', Purser::TypeScript->compiler, '--project', "$program/tsconfig.json");
is($status, 0, 'strict programs of both kinds of modules get the types that they are promised, and are refused what is wrong') or diag $said;

# ---- against the API ---------------------------------------------------------------------------------------------------

my %trust = (NODE_EXTRA_CA_CERTS => $ENV{PURSER_CA});
# Only a build with sanitizers takes orders for faults.
my $probe = call('api_keys.create', { name => 'probe' }, key => new_organization()->{key}, headers => ['X-Purser-Fault' => '1:1146'], client => client(record => 0));
my $faults = $probe->status == 500 ? 1 : 0;
for my $script ('esm.mjs', 'cjs.cjs') {
	my $organization = new_organization(credits => 10_000, rate_limit => 100_000);
	Purser::TypeScript->prove($script, { key => $organization->{key}, credits => 10_000, demo => $ENV{PURSER_ORG}, faults => $faults }, %trust);
}
Purser::TypeScript->prove('network.mjs');

# ---- webhooks ----------------------------------------------------------------------------------------------------------

sub free_port () {
	my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die "no port: $@";
	return $socket->sockport;
}

my ($front, $metrics, $port) = map { free_port() } 1 .. 3;
my $receiver = Purser::Hooks->receiver;
my $stack = Purser::Hooks->start(reach => [$receiver->address], PURSER_CORS_ORIGINS => "https://app.example.com,http://127.0.0.1:$port");
my $mine = $stack->new_organization(credits => 500);
my $subscription = $stack->subscribe($mine, $receiver->url('/as/mine'));
my $another = $stack->subscribe($mine, $receiver->url('/as/another'));
$stack->happen($mine, 'order.settled', qq({"credits":7,"text":"\x{e9} \\u20ac"}));
$stack->tell;
my ($event) = $receiver->events('/as/mine');
$event->{headers} = { map { $_ => $event->{headers}{$_} } qw(webhook-id webhook-timestamp webhook-signature) };
utf8::decode($event->{body});
my %delivered = (event => { id => $event->{id}, body => $event->{body}, headers => $event->{headers} }, secret => $subscription->{secret}, other => $another->{secret}, now => $event->{timestamp} + 0);
Purser::TypeScript->prove('webhooks.mjs', \%delivered);

# ---- in a browser ------------------------------------------------------------------------------------------------------

# Another nginx, before the workers that were told of a page's origin.
sub start_front () {
	my $directory = $stack->{sockets};
	my $configuration = Purser::TypeScript::slurp("$ENV{PURSER_VAR}/nginx/purser.conf");
	my ($old) = $ENV{PURSER_URL} =~ /:(\d+)$/;

	mkdir "$directory/tmp";
	$configuration =~ s{unix:\S*/(?:fast|slow)\.sock}{unix:$directory/slow.sock}g;
	$configuration =~ s{\Q$ENV{PURSER_VAR}\E/tmp}{$directory/tmp}g;
	$configuration =~ s{^pid .*}{pid $directory/nginx.pid;}m;
	$configuration =~ s{listen \[::1\]:\d+[^;]*;}{};
	$configuration =~ s{(listen 127\.0\.0\.1:)$old\b}{$1$front};
	$configuration =~ s{(listen 127\.0\.0\.1:)(?!$front\b)\d+}{$1$metrics};
	open my $out, '>', "$directory/nginx.conf" or die $!;
	print $out $configuration;
	close $out or die $!;
	my $pid = fork // die "fork: $!";
	return $pid if $pid;
	local $ENV{PATH} = "$ENV{PATH}:/usr/local/sbin:/usr/sbin:/sbin";
	exec 'nginx', '-c', "$directory/nginx.conf", '-e', "$directory/nginx-error.log" or POSIX::_exit(127);
}

my ($owner, $nginx) = ($$, start_front());

END {
	if ($nginx && $owner == $$) {
		local $?;
		kill 'QUIT', $nginx;
		waitpid $nginx, 0;
	}
}

my $until = time + 30;
my $api = "https://localhost:$front";
my $through = Purser::Client->new(url => $api, ca => $ENV{PURSER_CA});
sleep 0.1 until time > $until || eval { request('GET', '/v1/health/ready', client => $through)->status == 200 };
my $balance = request('POST', '/v1/billing/credits/balance', body => {}, key => $mine->{key}, client => $through)->json->{available};
my ($chromium) = grep { -x } map { "$_/chromium" } split /:/, $ENV{PATH};
Purser::TypeScript->prove('browser.mjs', { %delivered, api => $api, port => $port, key => $mine->{key}, credits => $balance, chromium => $chromium });
done_testing;
