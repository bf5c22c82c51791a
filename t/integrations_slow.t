#!/usr/bin/perl
# Endpoints that take what is pushed, but slowly, don't keep all the places from those that are quick; and while a push lasts too
# long it counts as one that failed.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Endpoint;
use Purser::Integrations;
use Purser::Jobs;
use Purser::Test;

my @silent = map { Purser::Endpoint->silent } 1 .. 66;
my $good = Purser::Endpoint->new;
my $stack = Purser::Integrations->start(reach => [map { $_->address } @silent, $good]);

# ---- what a push says of an endpoint -------------------------------------------------------------------------------------

my $well = $stack->new_organization();
$stack->set($well, 'prom', $good->url('/slow/2.2/well'));
$stack->push_all;
is_deeply([@{ $stack->row($well, 'prom') }{qw(failures is_slow)}], [0, 1], 'what took over two seconds is known as slow');
db_run('UPDATE integration SET endpoint = ?', $good->url('/ok/well'));
eventually('until it is quick', sub { $stack->later(61); $stack->push_all; "@{ $stack->row($well, 'prom') }{qw(failures is_slow)}" eq '0 0' }, 30);

# ---- all places --------------------------------------------------------------------------------------------------------

my @slow = map { $stack->new_organization() } 0 .. 32;
for my $number (0 .. $#slow) {
	my ($prom, $loki) = map { { id => 'name', token => 'secret', endpoint => $_->url } } @silent[2 * $number, 2 * $number + 1];
	$stack->good('organizations.integrations.set', { prom => $prom, loki => $loki }, key => $slow[$number]{key});
}
my $theirs = 'WHERE organization_id <> ?';
$stack->chain_audit;
db_run("UPDATE integration SET is_slow = TRUE, last_pushed_at = updated_at + INTERVAL 1 SECOND, due_at = '2026-01-01' $theirs", bytes_of($well->{id}));
my $job = $stack->begin_run('integrations.push');
eventually('behind 66 that were slow the last time, and hang now, one that is quick is served', sub { $good->requests('/ok') >= 2 }, 8);
kill 'TERM', $job;
end_program($job, 20);

# ---- while it lasts ------------------------------------------------------------------------------------------------------

my $now = sub ($seconds) { return private_now($seconds) };
db_run("UPDATE integration SET is_slow = FALSE, failures = kind = 'loki', due_at = IF(kind = 'loki', ?, '2026-01-01') $theirs", $now->(4), bytes_of($well->{id}));
$job = $stack->begin_run('integrations.push');
eventually('33 that were quick are pushed to, and hang', sub { db_value("SELECT COUNT(*) FROM integration WHERE kind = 'prom' AND due_at > '2026-01-01'") >= 33 }, 8);
sleep 6;
is(db_value("SELECT COUNT(*) FROM integration $theirs AND kind = 'loki' AND due_at > ?", bytes_of($well->{id}), $now->(0)), 0, 'meanwhile none is begun beside them that failed before');
kill 'TERM', $job;
end_program($job, 20);
done_testing;
