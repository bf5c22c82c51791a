#!/usr/bin/perl
# The TypeScript client: what its types promise, how it calls, what it does where networks and servers fail, what it trusts;
# as an ES module, as a CommonJS module, and in a browser.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Copy qw(copy);
use Purser::Cards;
use Purser::Front;
use Purser::Hooks;
use Purser::Jobs;
use Purser::Test;
use Purser::TypeScript;
use Time::HiRes qw(sleep time);

sub write_file ($file, $text) {
	open my $out, '>:raw', $file or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
}

my $program = Purser::TypeScript->installed;

# ---- the package -------------------------------------------------------------------------------------------------------

my $facts = decode_json(Purser::TypeScript::slurp("$program/node_modules/purser/package.json"));
ok(!$facts->{dependencies} && !$facts->{peerDependencies} && !$facts->{optionalDependencies}, 'the package needs no other');
is_deeply([grep { $facts->{scripts}{$_} } qw(preinstall install postinstall prepare)], [], 'whoever installs it runs no script of it');
is_deeply([grep { !-e "$program/node_modules/purser/$_" } qw(README.md dist/esm/index.d.ts dist/cjs/index.js src/index.ts)], [], 'all that it names is packed');

my ($status, $said) = Purser::TypeScript::run_quietly('sh', '-c', 'echo no; exit 3');
is_deeply([$status >> 8, $said], [3, "no\n"], 'a step of these tests that fails is seen to fail');
ok(!eval { Purser::TypeScript::run_quietly('false'); 1 }, '… where nobody looks at it, too');

copy("$FindBin::Bin/typescript/$_->[0]", "$program/$_->[1]") or die $! for ['tsconfig.json', 'tsconfig.json'], map { ['types.ts', $_] } qw(types.ts types_commonjs.cts);
my @readme = Purser::TypeScript::slurp("$FindBin::Bin/../sdk/typescript/README.md") =~ /^```ts\n(.*?)^```$/msg;
write_file("$program/readme.mts", join "\n", @readme);
($status, $said) = Purser::TypeScript::run_quietly('node', Purser::TypeScript->compiler, '--project', "$program/tsconfig.json", '--noEmit', 'false', '--outDir', "$program/compiled");
is($status, 0, 'strict programs of both kinds of modules, and that of the README, get the types that they are promised, and are refused what is wrong') or diag $said;

# ---- against the API ---------------------------------------------------------------------------------------------------

my %trust = (NODE_EXTRA_CA_CERTS => $ENV{PURSER_CA});
# Only a build with sanitizers takes orders for faults.
my $probe = call('api_keys.create', { name => 'probe' }, key => new_organization()->{key}, headers => ['X-Purser-Fault' => '1:1146'], client => client(record => 0));
my $faults = $probe->status == 500 ? 1 : 0;
for my $script ('esm.mjs', 'cjs.cjs') {
	my $organization = new_organization(credits => 10_000, rate_limit => 100_000);
	# The second differs in how it is imported alone.
	my $brief = $script eq 'cjs.cjs' && !$ENV{PURSER_CHECK_ALL} ? 1 : 0;
	Purser::TypeScript->prove($script, { key => $organization->{key}, credits => 10_000, demo => $ENV{PURSER_ORG}, faults => $faults, brief => $brief, all => $ENV{PURSER_CHECK_ALL} ? 1 : 0 }, %trust);
}
Purser::TypeScript->prove('network.mjs');

my $reader = new_organization(credits => 10_000);
attach($reader);
{
	local @ENV{qw(PURSER_API_KEY NODE_EXTRA_CA_CERTS)} = ($reader->{key}, $ENV{PURSER_CA});
	($status, $said) = Purser::TypeScript::run_quietly('node', "$program/compiled/readme.mjs");
}
is($status, 0, 'what the README shows runs as it stands') or diag $said;
like($said, qr/^10000 100\n.*\njob-1\n/s, '… and does what it says');

# ---- webhooks ----------------------------------------------------------------------------------------------------------

my $port = Purser::Front::free_port();
my $origins = "https://app.example.com,http://127.0.0.1:$port";
my $receiver = Purser::Hooks->receiver;
my $stack = Purser::Hooks->start(reach => [$receiver->address], PURSER_CORS_ORIGINS => $origins);
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

my $front = Purser::Front->start("$stack->{sockets}/front", socket => "$stack->{sockets}/slow.sock", origins => $origins);
END { undef $front }

my $through = $front->client;
my $until = time + 30;
sleep 0.1 until time > $until || eval { request('GET', '/v1/health/ready', client => $through)->status == 200 };
my $balance = request('POST', '/v1/billing/credits/balance', body => {}, key => $mine->{key}, client => $through)->json->{available};
my ($chromium) = grep { -x } map { "$_/chromium" } split /:/, $ENV{PATH};
Purser::TypeScript->prove('browser.mjs', { %delivered, api => $front->url, port => $port, key => $mine->{key}, credits => $balance, chromium => $chromium });
done_testing;
