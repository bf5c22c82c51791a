#!/usr/bin/perl
# Many senders at the same moment, with duplicates of each other's events and workers killed meanwhile: counters equal the
# distinct events exactly. A quota that 64 senders pass together is told once. With PURSER_CHECK_ALL a million events.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Orders;
use Purser::Test;
use Purser::Usage;
use Time::HiRes qw(sleep time);

my ($senders, $events, $batch) = (8, $ENV{PURSER_CHECK_ALL} ? 1_000_000 : 24_000, $ENV{PURSER_CHECK_ALL} ? 5000 : 500);
my $each = $events / $senders;
my $organization = new_organization(rate_limit => 1_000_000);
my $bystander = new_organization();
record($bystander, [event(0, 'requests', 5)]);
my $price = new_metric('sum', unit_credits => '0.01');
grant($organization->{id}, 1_000_000);
my $over = "$ENV{PURSER_VAR}/tmp/usage-$$.over";

# With every tenth event comes one of its neighbour's, who sends it too. In random order, repeated until it is answered.
sub sender ($number, $client) {
	my ($accepted, $duplicates, $repeats) = (0, 0, 0);
	for (my $from = 0; $from < $each; $from += $batch) {
		my $lines = lines_of_events(map {
			my $i = $_;
			map { event("s$_-$i", $i % 2 ? 'requests' : $price, 1 + $i % 7, service => "service $_") } $number, $i % 10 == 0 ? $number % $senders + 1 : ();
		} sort { rand() <=> 0.5 } $from .. $from + $batch - 1);
		my $reply;
		until ($reply && $reply->status == 200) {
			$reply = eval { record_lines($organization, $lines, client => client(timeout => 60, record => 0)) };
			die "$reply->{status} $reply->{body}\n" if $reply && $reply->status >= 400 && $reply->status !~ /^50[0234]$/;
			sleep 0.05 if !$reply || $reply->status != 200;
			$repeats++;
		}
		$accepted += $reply->json->{accepted};
		$duplicates += $reply->json->{duplicates};
	}
	return { accepted => $accepted, duplicates => $duplicates, repeats => $repeats };
}

sub slurp ($path) {
	open my $file, '<', $path or return '';
	return scalar(<$file>) // '';
}

# Lines go to the slow workers.
my $killer = fork // die "fork: $!";
if ($killer == 0) {
	while (!-e $over) {
		sleep($ENV{PURSER_CHECK_ALL} ? 1 : 0.15);
		my @workers = grep { slurp("/proc/$_/comm") =~ /slow/ } workers_of_stack;
		kill 'KILL', $workers[rand @workers] if @workers;
	}
	require POSIX;
	POSIX::_exit(0);
}
my $began = time;
my @results = at_once($senders, \&sender);
my $seconds = time - $began;
open my $end, '>', $over or die "$over: $!";
waitpid $killer, 0;
unlink $over;
is_deeply([grep { $_->{error} } @results], [], 'every sender is answered in the end');
my ($repeats, $told, $known) = (0, 0, 0);
$known += $_->{duplicates} // 0 for @results;
$repeats += $_->{repeats} // 0 for @results;
$told += $_->{accepted} // 0 for @results;

my (%value, %count, %service);
for my $number (1 .. $senders) {
	for my $i (0 .. $each - 1) {
		my ($metric, $quantity) = ($i % 2 ? 'requests' : $price, 1 + $i % 7);
		$value{$metric} += $quantity;
		$count{$metric}++;
		$service{"service $number"}{$metric} += $quantity;
	}
}
is(count_events($organization), $count{requests} + $count{$price}, 'each event is there once');
is(counter($organization, $_), "$value{$_} $count{$_}", "the counter of $_ equals the distinct events") for 'requests', $price;
my %found;
for (days($organization, 'requests')->@*, days($organization, $price)->@*) {
	my ($service, $used) = / (service \d+)  (\d+) \d+$/ or next;
	$found{$service} += $used;
}
is_deeply(\%found, { map { my $of = $_; $of => $service{$of}{requests} + $service{$of}{$price} } keys %service }, 'so do the days by service');
is((split ' ', figures($organization))[0], 1_000_000 - int($value{$price} / 100 + 0.5), 'and the credits, rounded once');
cmp_ok($known, '>=', $events / 10, 'a tenth and more was known before, sent by two or again');
is($told + $known, $events * 1.1, 'every event is told as one or the other');
cmp_ok($told, '<=', $count{requests} + $count{$price}, 'no event was accepted twice');
is(counter($bystander, 'requests'), '5 1', 'another organization\'s counters are untouched');
is_whole($organization);
diag sprintf '%d events by %d senders in %.1f s (%.0f/s), %d requests', $events, $senders, $seconds, $events / $seconds, $repeats;

# ---- a quota ---------------------------------------------------------------------------------------------------------------

my $planned = new_organization(rate_limit => 1_000_000, billing_email => 'bills@example.com');
quota_cycle($planned, requests => 640);
my @replies = at_once(64, sub ($number, $client) { return { map { $_ => outcome_of(record($planned, [event("$number-$_", 'requests', 2)], client => $client)) } 1 .. 6 } });
is_deeply([grep { $_ ne '1 0 0' } map { values %$_ } @replies], [], '64 callers use up a quota together');
is(counter($planned, 'requests'), '768 384', 'to the unit');
is_deeply([sort(told_of($planned)->@*)], [sort map { ("event usage.threshold $_", "mail usage_$_ $_") } 50, 80, 90, 100], 'each part of it is told once, by event and mail');
done_testing;
