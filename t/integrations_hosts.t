#!/usr/bin/perl
# Many organizations push to endpoints that hang, on one host or on as many hosts as there are; one whose endpoint answers is
# pushed to each minute all the same.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Endpoint;
use Purser::Integrations;
use Purser::Jobs;
use Purser::Test;
use Time::HiRes qw(time);

plan(skip_all => 'it takes its time: --all') unless $ENV{PURSER_CHECK_ALL};

my $hanging = Purser::Endpoint->silent;
my @silent = map { Purser::Endpoint->silent } 1 .. 80;
my $good = Purser::Endpoint->new;
my $stack = Purser::Integrations->start(reach => [map { $_->address } $hanging, @silent, $good]);

sub both ($prom, $loki) {
	return { prom => { id => 'name', token => 'secret', endpoint => $prom->url }, loki => { id => 'name', token => 'secret', endpoint => $loki->url } };
}

sub served ($count, $what) {
	my $began = time;
	eventually($what, sub { $good->requests >= $count }, 8);
	note sprintf 'after %.2f s', time - $began;
	sleep 1; # until that is booked
}

# ---- one host ------------------------------------------------------------------------------------------------------------

my @many = map { $stack->new_organization() } 1 .. 135;
$stack->good('organizations.integrations.set', both($hanging, $hanging), key => $_->{key}) for @many;
my $well = $stack->new_organization();
$stack->set($well, 'prom', $good->url('/ok/well'));
my $job = $stack->begin_run('integrations.push');
served(1, 'behind 270 integrations on one host that hangs, one that answers is served');
$stack->later(61);
served(2, 'a minute later again');
$stack->later(61);
served(3, 'and again');
is($stack->row($well, 'prom')->{failures}, 0, 'none of which failed');
my $held = db_value('SELECT COUNT(*) FROM integration WHERE due_at > UTC_TIMESTAMP(6) + INTERVAL ? SECOND AND kind = \'loki\' OR failures > 0', $stack->{offset});
cmp_ok($held, '<=', 10, 'of the host that hangs no more is taken than it gets');
kill 'TERM', $job;
is(end_program($job, 20), 0, 'the job ends');

# ---- many hosts ----------------------------------------------------------------------------------------------------------

$stack->good('organizations.integrations.set', both($silent[2 * $_], $silent[2 * $_ + 1]), key => $many[$_]{key}) for 0 .. 39;
db_run("UPDATE integration SET due_at = '2100-01-01' WHERE endpoint = ?", $hanging->url);
db_run("UPDATE integration SET failures = 1, due_at = '2026-01-01' WHERE organization_id <> ? AND due_at < '2100-01-01'", bytes_of($well->{id}));
$stack->later(61);
$job = $stack->begin_run('integrations.push');
served(4, 'behind 80 hosts that hang, and failed before, one that answers is served');
$stack->later(61);
served(5, 'a minute later again');
kill 'TERM', $job;
is(end_program($job, 20), 0, 'the job ends');
done_testing;
