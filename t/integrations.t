#!/usr/bin/perl
# Pushing in earnest: a real Prometheus, over TLS and with basic auth, shows what the API says; and endpoints that hang, reset,
# redirect, fail and never end keep no other organization waiting.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Purser::Endpoint;
use Purser::Integrations;
use Purser::Jobs;
use Purser::Test;
use Time::HiRes qw(sleep time);

# ---- Prometheus --------------------------------------------------------------------------------------------------------

my $directory = "$ENV{PURSER_VAR}/tmp/prometheus-$$";
my ($prometheus, $port);

sub write_file ($name, $text) {
	open my $out, '>', "$directory/$name" or die "$directory/$name: $!";
	print $out $text;
	close $out or die $!;
}

sub start_prometheus () {
	my $free = Purser::Endpoint->silent;
	my $tls = "$ENV{PURSER_VAR}/tls";
	my $password = crypt 'secret', '$2b$04$' . 'abcdefghijklmnopqrstuu';

	$port = $free->port;
	$free->stop;
	mkdir $directory or die "$directory: $!";
	write_file('prometheus.yml', "global: {}\n");
	write_file('web.yml', "tls_server_config:\n  cert_file: $tls/server.pem\n  key_file: $tls/server.key\nbasic_auth_users:\n  name: $password\n");
	$prometheus = fork // die "fork: $!";
	if ($prometheus == 0) {
		open STDOUT, '>', "$directory/log";
		open STDERR, '>&', \*STDOUT;
		local $ENV{GOMAXPROCS} = 1;
		exec 'prometheus', "--config.file=$directory/prometheus.yml", "--web.config.file=$directory/web.yml", '--web.enable-remote-write-receiver',
		    "--web.listen-address=127.0.0.1:$port", "--storage.tsdb.path=$directory/data" or POSIX::_exit(127);
	}
}

sub ask ($path, @arguments) {
	open my $curl, '-|', 'curl', '--silent', '--cacert', $ENV{PURSER_CA}, '--user', 'name:secret', @arguments, "https://127.0.0.1:$port$path" or die "curl: $!";
	local $/;
	my $reply = <$curl> // '';
	close $curl;
	return $reply;
}

# The series as it has them: { 'name{label="value",…}' => value }, the organization's label left out.
sub series ($of) {
	my $reply = decode_json(ask('/api/v1/query', '--data-urlencode', qq(query={organization="$of->{slug}"})));
	return { map {
		my %labels = $_->{metric}->%*;
		my $name = delete $labels{__name__};
		delete $labels{organization};
		join('', $name, map { qq({$_="$labels{$_}"}) } sort keys %labels) => $_->{value}[1];
	} $reply->{data}{result}->@* };
}

END {
	my $status = $?;
	if ($prometheus) {
		kill 'TERM', $prometheus;
		waitpid $prometheus, 0;
		system 'rm', '-rf', $directory if $status == 0;
	}
	$? = $status;
}

start_prometheus();
my @bad = map { Purser::Endpoint->new } 1 .. 6;
my $good = Purser::Endpoint->new;
my $silent = Purser::Endpoint->silent;
my $stack = Purser::Integrations->start(reach => ["127.0.0.1:$port", map { $_->address } @bad, $good, $silent]);
eventually('Prometheus is there', sub { ask('/-/ready') =~ /Ready/ }, 30);

# ---- what it shows -------------------------------------------------------------------------------------------------------

my $of = $stack->new_organization(credits => 900_000_000_001);
my $plain = $stack->new_organization();
my $order = $stack->good('orders.create', { reference => 'a', lines => [{ sku => 'x', description => 'x', quantity => 1, unit_credits => 70 }] }, key => $of->{key});
$stack->good('orders.create', { reference => 'b', lines => [{ sku => 'x', description => 'x', quantity => 1, unit_credits => 30 }] }, key => $of->{key});
$stack->good('orders.settle', { order_id => $order->{id} }, key => $of->{key});
$stack->good('organizations.limits.set', { spending_limit_soft => 20, spending_limit_hard => 50.01 }, key => $of->{key});
$stack->good('usage.metrics.create', { name => 'disk/hot:1.5-x', aggregation => 'sum', unit => 'GB' }, key => $stack->admin_key);
$stack->good('usage.record', { events => [
	{ id => '1', metric => 'requests', quantity => 41 }, { id => '2', metric => 'requests', quantity => 1 },
	{ id => '3', metric => 'disk/hot:1.5-x', quantity => '0.1' },
	{ id => '4', metric => 'prompt_tokens', quantity => '1000000000' },
] }, key => $of->{key});
$stack->set($_, 'prom', "https://127.0.0.1:$port") for $of, $plain;
my $answer = $stack->try($of, 'prom')->json;
ok($answer->{ok}, 'Prometheus takes a try') or diag $answer->{detail};
is_deeply(series($of), { purser_credits_available => '899999999901' }, 'and shows the sample');
ok($stack->push_all, 'the job runs');
my $shown = {
	purser_credits_available => '899999999901', purser_credits_reserved => '30', purser_credits_debt => '0', purser_cycle_spend_credits => '100',
	purser_spending_limit_hard_credits => '5001', purser_spending_limit_soft_credits => '2000',
	'purser_usage{metric="requests"}' => '42', 'purser_usage{metric="disk/hot:1.5-x"}' => '0.1', 'purser_usage{metric="prompt_tokens"}' => '1000000000',
};
is_deeply(series($of), $shown, 'and Prometheus shows what it has, spends, may spend and has used');
my $balance = $stack->good('billing.credits.balance', {}, key => $of->{key});
is_deeply([@$balance{qw(available reserved debt)}], [899_999_999_901, 30, 0], 'which is what the API says');
is_deeply(series($plain), { purser_credits_available => '0', purser_credits_reserved => '0', purser_credits_debt => '0', purser_cycle_spend_credits => '0' },
    'of one that has nothing there is nothing to limit or to count');
ok($stack->shown($of, 'prom')->{last_pushed_at}, 'its owner sees that it went well');

# With a plan there is something included.
$stack->good('billing.subscriptions.start', { plan_id => free_plan(), cycle => 'monthly' }, key => $plain->{key});
$stack->later(61);
ok($stack->push_all, 'a minute later');
my $later = decode_json(ask('/api/v1/query', '--data-urlencode', qq(query=purser_usage_included{organization="$plain->{slug}"}), '--data-urlencode', 'time=' . (time + 62)));
is_deeply([map { [$_->{metric}{metric}, $_->{value}[1]] } $later->{data}{result}->@*], [['requests', '10000']], 'what a plan includes is shown, too');

sub free_plan () {
	return Purser::Test::ulid_text(db_value("SELECT id FROM plan WHERE product = 'platform' AND tier = 'FREE'"));
}

# A wrong token is Prometheus' to refuse.
$stack->set($plain, 'prom', "https://127.0.0.1:$port", token => 'wrong');
$stack->push_all;
like($stack->shown($plain, 'prom')->{last_error}, qr/^The answer was 401/, 'a wrong token is refused, and its owner sees it');
$stack->remove($_, 'prom') for $of, $plain;

# ---- dead endpoints ------------------------------------------------------------------------------------------------------

my @paths = ('/hang/x', '/reset/x', '/status/500/x', '/redirect/x', '/endless/x', '/status/429/x');
my @dead = map { $stack->new_organization() } 1 .. 42;
for my $number (0 .. $#dead) {
	my $url = $number % 7 == 6 ? $silent->url : $bad[$number % 7]->url($paths[$number % 7]);
	$stack->set($dead[$number], 'prom', $url);
}
my @well = map { $stack->new_organization() } 1 .. 10;
$stack->set($well[$_], 'prom', $good->url("/ok/$_")) for 0 .. $#well;
my $began = time;
my $job = $stack->begin_run('integrations.push');
eventually('beside 42 organizations with dead endpoints, ten others are served', sub { $good->requests == 10 }, 30);
my ($first) = sort { $a <=> $b } map { $_->{at} } map { $_->requests } @bad, $good;
my @times = sort { $a <=> $b } map { $_->{at} - $first } $good->requests;
note sprintf 'of the ten the first after %.2f s, the last after %.2f s', @times[0, -1];
cmp_ok($times[-1], '<', 9, 'before any of the dead ones has had its ten seconds');
sleep 1;
$began = time;
$stack->later(61);
eventually('and a minute later again, while those still hang', sub { $good->requests == 20 }, 30);
@times = sort { $a <=> $b } map { $_->{at} - $began } ($good->requests)[10 .. 19];
note sprintf 'the first after %.2f s, the last after %.2f s', @times[0, -1];
cmp_ok($times[-1], '<', 9, 'as soon');
is(scalar(grep { $stack->row($_, 'prom')->{failures} } @well), 0, 'none of them failed');
kill 'TERM', $job;
is(end_program($job, 20), 0, 'a job that is told to end does so');
cmp_ok(time - $began, '<', 12, 'at once, whatever hangs');
my %errors = map { $_ => $stack->row($dead[$_], 'prom')->{last_error} } 1 .. 4;
like($errors{1}, qr/\w/, 'a reset is told in words');
like($errors{2}, qr/^The answer was 500/, 'an error with its status');
like($errors{3}, qr/^The answer was 302/, 'a redirect, too');
is($errors{4}, undef, 'an answer without end was taken by its status');
is(scalar $bad[3]->requests('/ok/elsewhere'), 0, 'nobody went where the redirect led to');
done_testing;
