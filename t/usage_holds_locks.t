#!/usr/bin/perl
# What holds lock: whoever asks, holds, uses, gives back and lapses at the same moment gets an answer, and no organization
# waits for another.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Holds;
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;
use Time::HiRes qw(sleep time);

keep_away('usage.lapse_holds');
my ($metric, $priced) = (new_metric(), new_metric('sum', 1));

sub new_caller (%more) { return new_organization(rate_limit => 1_000_000, %more) }
sub deadlocks () { return (db_run("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")->fetchrow_array)[1] }

# A statement with the hold's id alone, in an open transaction of somebody else.
sub run_with ($connection, $sql, $hold) {
	my $statement = $connection->prepare($sql);
	$statement->bind_param(1, bytes_of($hold)->$*, DBI::SQL_BINARY);
	return $statement->execute;
}

# ---- other organizations ----

my ($before, $between, $behind) = sort { $a->{id} cmp $b->{id} } map { new_caller(credits => 1000) } 1 .. 3;
my %hold = map { $_->{id} => authorize($_, $priced, 5, 600)->json->{hold_id} } $before, $behind;
for my $organization ($before, $between, $behind) { # so many that an index is worth it
	authorize($organization, $priced, 1, 900) for 1 .. 30;
}
for my $other ($before, $behind) {
	my $connection = connect_again();
	$connection->begin_work;
	run_with($connection, "UPDATE usage_hold SET status = 'released' WHERE id = ?", $hold{ $other->{id} });
	my $start = time;
	is(authorize($between, $priced, 5, 600)->status, 200, 'while a hold of another organization is being ended');
	cmp_ok(time - $start, '<', 1, 'nobody waits for it');
	$connection->rollback;
	$connection->disconnect;
}
db_run("UPDATE usage_hold SET status = 'released' WHERE status = 'open'");

# ---- many of one ----

my $busy = new_caller(credits => 30_000);
give_quotas($busy, $priced => [15_000, undef], $metric => [15_000, undef]);
my $deadlocks = deadlocks();
for my $used (8, 13) {
	my @results = at_once(32, sub ($number, $client) {
		my ($which, @statuses) = $number % 2 ? $priced : $metric;
		for my $turn (1 .. 10) {
			my $reply = authorize($busy, $which, 10, 600, client => $client);
			push @statuses, 'authorize ' . $reply->status;
			my $hold = $reply->status == 200 && $reply->json->{hold_id} or next;
			push @statuses, $number % 4 < 2 ? 'release ' . release_hold($busy, $hold, client => $client)->status
			    : 'commit ' . commit_hold($busy, $hold, $used, client => $client)->status;
		}
		return { statuses => \@statuses };
	});
	my %seen;
	$seen{$_}++ for map { ($_->{statuses} // [$_->{error}])->@* } @results;
	is_deeply(\%seen, { 'authorize 200' => 320, 'release 200' => 160, 'commit 200' => 160 }, "32 callers who hold 10, give back, and use $used: each gets an answer");
}
is(deadlocks(), $deadlocks, 'without a deadlock');
is((split / /, counter_of($busy, $_))[1], 0, 'and nothing stays held') for $metric, $priced;
is_whole($busy);

# ---- what lapses while it is being ended ----

my $late = new_caller(credits => 10);
my $last = authorize($late, $priced, 10, 600)->json->{hold_id};
db_run('UPDATE usage_hold SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = ?', bytes_of($last));
$deadlocks = deadlocks();
my @results = at_once(2, sub ($number, $client) {
	if ($number == 2) {
		sleep 0.4;
		my $reply = authorize($late, $priced, 10, 600, client => $client);
		return { status => $reply->status, $reply->json->%* };
	}
	my $connection = connect_again();
	$connection->begin_work;
	run_with($connection, 'SELECT id FROM usage_hold WHERE id = ? FOR UPDATE', $last);
	sleep 1.2;
	my $ended = eval { run_with($connection, "UPDATE usage_hold SET status = 'released' WHERE id = ?", $last); 1 };
	$connection->rollback;
	return { ended => $ended ? 1 : 0 };
});
is($results[0]{ended}, 1, 'whoever has a hold locked ends it while another wants to see it lapse') or diag explain $results[0];
ok($results[1]{allowed}, 'who waits meanwhile, and gets what it held') or diag explain $results[1];
is(deadlocks(), $deadlocks, 'without a deadlock');
is(hold_of($last)->{status}, 'lapsed', 'it has lapsed');
is_whole($late);
done_testing;
