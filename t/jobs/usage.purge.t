#!/usr/bin/perl
# Events go when they can't come again, different values when their cycle is long over, and nothing before.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

private_database;
my $organization = bytes_of(new_ulid());

sub events ($id, $days, $count = 1) {
	db_run("INSERT INTO usage_event (organization_id, metric, id, quantity, occurred_at, recorded_at, service, operator)
	    SELECT ?, 'requests', CONCAT(?, '-', seq), 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) - INTERVAL ? SECOND, '', '' FROM seq_1_to_$count", $organization, $id, $days * 86400);
}

sub values_of ($metric, $days, $count = 1) {
	db_run("INSERT INTO usage_distinct (organization_id, cycle_starts_at, metric, value_digest)
	    SELECT ?, UTC_TIMESTAMP(6) - INTERVAL ? SECOND, ?, UNHEX(SHA2(seq, 256)) FROM seq_1_to_$count", $organization, $days * 86400, $metric);
}

sub left () {
	return join ' ', db_column("SELECT CONCAT(SUBSTRING_INDEX(id, '-', 1), ':', COUNT(*)) FROM usage_event GROUP BY SUBSTRING_INDEX(id, '-', 1) ORDER BY 1"),
	    db_column("SELECT CONCAT(metric, ':', COUNT(*)) FROM usage_distinct GROUP BY metric ORDER BY 1");
}

events('new', 0, 3);
events('young', 45.99);
events('old', 46.01);
events('many', 90, 12000);
values_of('present', 30);
values_of('past', 130.5);
values_of('gone', 133, 6000);
ok(run_job('usage.purge'), 'the job runs');
is(left, 'new:3 young:1 past:1 present:1', 'what is old goes, many in one run, all else stays');
private_clock(86400);
ok(run_job('usage.purge'), 'a day later');
is(left, 'new:3 past:1 present:1', 'the next is old enough');
done_testing;
