#!/usr/bin/perl
# The end of a hold's time: what it held goes to its commit or to somebody else, never to both, however long either waited for
# a lock; and what holds have whose time is over makes nobody's refusal.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Holds;
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;
use Time::HiRes qw(sleep time);

keep_away('usage.lapse_holds');
my ($metric, $other, $priced, $dearer) = (new_metric(), new_metric(), new_metric('sum', 1), new_metric('sum', 1));

sub new_caller (%more) { return new_organization(rate_limit => 1_000_000, %more) }

# So many holds of a metric, of so much each, whose time is over.
sub overdue ($of, $count, $which, $quantity = 1) {
	for (1 .. $count) {
		my $reply = authorize($of, $which, $quantity, 600);
		$reply->json->{hold_id} or die "usage.authorize: $reply->{body}\n";
	}
	db_run("UPDATE usage_hold SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE organization_id = ? AND status = 'open'", bytes_of($of->{id}));
}

# A transaction of somebody else that has locked the row.
sub lock_row ($sql, @values) {
	my $connection = connect_again();
	$connection->begin_work;
	my $statement = $connection->prepare("$sql FOR UPDATE");
	$statement->bind_param($_ + 1, ref $values[$_] ? ($values[$_]->$*, DBI::SQL_BINARY) : $values[$_]) for 0 .. $#values;
	$statement->execute;
	$statement->fetchall_arrayref->@* == 1 or die "there is no such row\n";
	$statement->finish;
	return $connection;
}

sub may ($reply) { return $reply->json->{allowed} ? 'may' : $reply->json->{reason} // $reply->code // $reply->status }

# ---- a commit that waits past the end ----

for my $locked ('the hold', 'the counter') {
	my $organization = new_caller();
	give_quotas($organization, $metric => [10, undef]);
	my $hold = authorize($organization, $metric, 10, 600)->json->{hold_id};
	my @row = $locked eq 'the hold' ? ('SELECT id FROM usage_hold WHERE id = ?', bytes_of($hold))
	    : ('SELECT value FROM usage_counter WHERE organization_id = ? AND metric = ?', bytes_of($organization->{id}), $metric);
	db_run('UPDATE usage_hold SET expires_at = UTC_TIMESTAMP(6) + INTERVAL 2200000 MICROSECOND WHERE id = ?', bytes_of($hold));
	my @results = at_once(3, sub ($number, $client) {
		if ($number == 1) {
			my $lock = lock_row(@row);
			sleep 2;
			$lock->rollback;
			$lock->disconnect;
			return {};
		}
		sleep $number == 2 ? 0.4 : 1.5;
		my $reply = $number == 2 ? commit_hold($organization, $hold, 10, client => $client) : authorize($organization, $metric, 10, 600, client => $client);
		return { status => $reply->status, $reply->json->%* };
	});
	is($results[1]{status} // $results[1]{error}, 409, "a commit that waits for $locked past the end of its time is refused");
	ok($results[2]{allowed}, 'who asked behind the end has it') or diag explain $results[2];
	is(commit_hold($organization, $results[2]{hold_id}, 10)->status, 200, 'and commits it') if $results[2]{hold_id};
	is(counter_of($organization, $metric), '10 0 1 0', 'the quota is used once');
	is(hold_of($hold)->{status}, 'lapsed', 'by one of the two');
}

# ---- more of them than are ended at once ----

my $many = new_caller(credits => 160);
overdue($many, 160, $priced);
is(may(authorize($many, $priced, 160, 600)), 'may', '160 holds that are over keep nobody from the 160 credits that they have');
is(figures($many), '0 160', 'which are reserved once');
is_whole($many);

my $crowded = new_caller(credits => 100);
give_quotas($crowded, $metric => [100, undef], $priced => [1000, undef]);
overdue($crowded, 20, $metric, 5);
overdue($crowded, 20, $priced, 5);
for my $which ($metric, $priced) {
	my @results = at_once(64, sub ($number, $client) { return { may => may(authorize($crowded, $which, 5, 600, client => $client)) } });
	my %seen;
	$seen{$_->{may} // $_->{error}}++ for @results;
	is_deeply(\%seen, { may => 20, $which eq $metric ? 'quota_exceeded' : 'insufficient_credits' => 44 }, '64 callers at once get what 20 holds had that are over, and no more');
	is((split / /, counter_of($crowded, $which))[1], 100, 'and the counter holds it');
}
is(figures($crowded), '0 100', 'the credits, too');
is_whole($crowded);

my $over = new_caller(credits => 100);
give_quotas($over, $metric => [0, '0.01'], $other => [0, '0.01']);
overdue($over, 1, $other, 100);
is(may(authorize($over, $metric, 100)), 'may', 'what was held beyond the quota of another metric can be used, too');
is(may(authorize($over, $metric, 101)), 'insufficient_credits', 'to the last credit');
is(may(authorize($over, $metric, 100, 600)), 'may', 'and held');

my $more = new_caller(credits => 100);
my $hold = authorize($more, $priced, 10, 600)->json->{hold_id};
overdue($more, 1, $dearer, 90);
db_run('UPDATE usage_hold SET expires_at = UTC_TIMESTAMP(6) + INTERVAL 600 SECOND WHERE id = ?', bytes_of($hold));
is(commit_hold($more, $hold, 100)->status, 200, 'a commit of more than was held has what others held');
is(figures($more), '0 0', 'and takes it once');
is_whole($more);

# ---- who else needs the credits ----

my $sender = new_caller(credits => 60);
overdue($sender, 60, $priced);
my $reply = call('usage.record', { events => [map { +{ id => "$_", metric => $dearer, quantity => 30 } } 1 .. 2] }, key => $sender->{key});
is_success($reply, 'usage that is recorded takes the credits of holds that are over');
is($reply->json->{accepted}, 2, 'and is counted once');
is(figures($sender), '0 0', 'all of them');
is(call('usage.record', { events => [{ id => '3', metric => $dearer, quantity => 1 }] }, key => $sender->{key})->code, 'insufficient_credits', 'and then no more');
is_whole($sender);

my $buyer = new_caller(credits => 60);
overdue($buyer, 60, $priced);
is(order($buyer, 'first', 60)->status, 202, 'an order has them');
is(order($buyer, 'second', 1)->code, 'insufficient_credits', 'once');
is(figures($buyer), '0 60', 'and holds them');
is_whole($buyer);

sub limits_told ($of) { return [db_column("SELECT type FROM outbox WHERE organization_id = ? AND kind = 'event' AND type = 'limit.hard'", bytes_of($of->{id}))] }
for my $way ('an order', 'usage') {
	my $afterwards = new_post_pay(0.60, rate_limit => 1_000_000);
	overdue($afterwards, 1, $priced, 60);
	my $take = sub ($id, $credits) { $way eq 'usage' ? call('usage.record', { events => [{ id => $id, metric => $dearer, quantity => $credits }] }, key => $afterwards->{key}) : order($afterwards, $id, $credits) };
	like($take->('first', 60)->status, qr/^20/, "$way within the hard limit, but for a hold that is over, is taken");
	is_deeply(limits_told($afterwards), [], 'and the limit was not reached');
	is($take->('second', 1)->code, 'limit_reached', 'then it is');
	is_deeply(limits_told($afterwards), ['limit.hard'], 'which is told');
	is_whole($afterwards);
}

# ---- locks ----

my $ordered = new_caller(credits => 10);
overdue($ordered, 1, $dearer, 10);
my @results = at_once(3, sub ($number, $client) {
	if ($number == 1) {
		my $lock = lock_row('SELECT value FROM usage_counter WHERE organization_id = ? AND metric = ?', bytes_of($ordered->{id}), $dearer);
		sleep 1.5;
		$lock->rollback;
		$lock->disconnect;
		return {};
	}
	sleep $number == 2 ? 0.3 : 0.9;
	return { may => may(authorize($ordered, $priced, 10, 600, client => $client)) } if $number == 2;
	my $book = connect_again();
	$book->do('SET innodb_lock_wait_timeout = 0');
	$book->begin_work;
	my $statement = $book->prepare('SELECT available FROM book WHERE organization_id = ? FOR UPDATE');
	$statement->bind_param(1, bytes_of($ordered->{id})->$*, DBI::SQL_BINARY);
	my $free = eval { $statement->execute } ? 'free' : "$@";
	$book->rollback;
	return { book => $free };
});
is($results[1]{may} // $results[1]{error}, 'may', 'who needs the credits of another metric\'s holds waits for its counter');
is($results[2]{book} // $results[2]{error}, 'free', 'and keeps nobody from the book meanwhile');
done_testing;
