#!/usr/bin/perl
# Orders are settled and refunded while their commitment is amended, cancelled, reaches a milestone or its end: no line is lost,
# none counts twice, and what was written down as due is what had counted until then.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Commitments;
use Purser::Jobs;
use Purser::Orders;
use Purser::Subscriptions qw(at_time);
use Purser::Test;
use Time::HiRes qw(sleep);

keep_away('commitments.reach');

sub orders_of ($of, $count) { return map { order($of, "race-$_", [line(10), line(5, service => 'disk')])->json->{id} } 1 .. $count }

# Nobody got anything but an answer.
# With a connection of its own, as everything that a process does by itself.
sub operate ($operation, $client, $of, %fields) {
	return { status => call("organizations.commitments.$operation", { organization_id => $of->{id}, %fields }, key => admin_key, client => $client)->status };
}

sub refund_by ($client, $of, $order) {
	return { status => call('orders.refund', { organization_id => $of->{id}, order_id => $order }, key => admin_key, client => $client)->status };
}

sub all_answered ($name, @answers) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @bad = grep { ($_->{status} // 0) !~ /^(?:200|409)$/ } @answers;
	return ok(!@bad, $name) || diag explain \@bad;
}

sub used ($of, $commitment) {
	return db_value('SELECT COALESCE(SUM(amount), 0) FROM commitment_use WHERE organization_id = ? AND commitment_id = ?', bytes_of($of->{id}), bytes_of($commitment->{id}));
}

# ---- settled at the same moment ----

my $organization = new_organization(credits => 100_000, rate_limit => 1_000_000);
my ($all, $disks) = (commit_ok($organization, amount => '50'), commit_ok($organization, name => 'Disks', ends_on => day_from(5), eligible_services => ['disk']));
my @orders = orders_of($organization, 48);
all_answered('16 callers settle 48 orders', map { $_->{replies}->@* } at_once(16, sub ($number, $client) {
	return { replies => [map { { status => settle($organization, $orders[$_], undef, client => $client)->status } } map { $number - 1 + 16 * $_ } 0 .. 2] };
}));
is(join(' ', map { used($organization, $_) } $all, $disks), 48 * 100_000 . ' ' . 48 * 50_000, 'every line counts once');
consumed_adds_up($organization);
all_answered('several refund the same ones', at_once(8, sub ($number, $client) { return refund_by($client, $organization, $orders[$number % 4]) }));
is(join(' ', map { used($organization, $_) } $all, $disks), 44 * 100_000 . ' ' . 44 * 50_000, 'each is taken back once');
consumed_adds_up($organization);
is_whole($organization);

# ---- amended and cancelled meanwhile ----

my $moving = new_organization(credits => 100_000, rate_limit => 1_000_000);
my ($amended, $cancelled) = (commit_ok($moving, name => 'Amended', eligible_services => ['disk']), commit_ok($moving, name => 'Cancelled', ends_on => day_from(100)));
@orders = orders_of($moving, 36);
my @ends = map { day_from(200 + $_) } 0 .. 12;
all_answered('orders are settled while one commitment is amended and another cancelled', at_once(12, sub ($number, $client) {
	my $ways = $number % 4;
	if ($ways < 2) {
		settle($moving, $_, undef, client => $client) for @orders[map { 6 * ($number >> 2) + 3 * $ways + $_ } 0 .. 2], @orders[map { 18 + 6 * ($number >> 2) + 3 * $ways + $_ } 0 .. 2];
		return { status => 200 };
	}
	sleep 0.1 * rand;
	return operate('cancel', $client, $moving, commitment_id => $cancelled->{id}) if $ways == 2;
	return operate('amend', $client, $moving, commitment_id => $amended->{id}, amount => sprintf('1%02d', $number), ends_on => $ends[$number]);
}));
settle($moving, $_) for @orders;
consumed_adds_up($moving);
is(db_value('SELECT COUNT(*) FROM commitment_use u JOIN commitment c ON c.organization_id = u.organization_id AND c.id = u.commitment_id WHERE u.organization_id = ? AND u.at > c.cancelled_at',
    bytes_of($moving->{id})), 0, 'nothing counts behind a cancellation');
is(db_value('SELECT COUNT(DISTINCT order_id) FROM commitment_use WHERE organization_id = ?', bytes_of($moving->{id})), 36, 'and every order counts with what was running');
my $row = commitment_row($moving, $amended->{id});
is($row->{next_at}, $row->{ends_at}, 'the one that was amended ends when it says');
is_whole($moving);

# ---- a milestone and the end ----

for my $what ('milestone', 'end') {
	my $ending = new_organization(credits => 100_000, rate_limit => 1_000_000);
	my $commitment = commit_ok($ending, true_up => 'milestones', milestones => [{ on => day_from(10), amount => '50' }]);
	@orders = orders_of($ending, 24);
	settle($ending, $orders[$_]) for 0 .. 3;
	# In a moment, while orders are settled and refunded.
	my $at = db_value('SELECT CAST(UTC_TIMESTAMP(6) + INTERVAL 1500000 MICROSECOND AS CHAR)');
	db_run('UPDATE commitment_milestone SET at = ? WHERE organization_id = ?', $at, bytes_of($ending->{id})) if $what eq 'milestone';
	db_run('UPDATE commitment SET next_at = ?, ends_at = IF(?, ?, ends_at) WHERE organization_id = ?', $at, $what eq 'end' ? 1 : 0, $at, bytes_of($ending->{id}));
	my @answers = at_once(6, sub ($number, $client) {
		if ($number == 6) {
			sleep 0.2;
			local $ENV{PURSER_CONFIG} = "$ENV{PURSER_VAR}/purser.conf";
			return { status => system("$ENV{PURSER_BUILD}/purser-jobs", '--once', 'commitments.reach') == 0 ? 200 : 0 };
		}
		for (map { 4 + ($number - 1) * 4 + $_ } 0 .. 3) {
			settle($ending, $orders[$_], undef, client => $client);
			sleep 0.15 * rand;
		}
		return refund_by($client, $ending, $orders[$number % 4]);
	});
	all_answered("orders are settled and refunded while the $what comes", @answers);
	sleep 1.5;
	run_job('commitments.reach');
	my ($due) = dues_of($ending, $commitment->{id})->@*;
	is($due->[3], db_value('SELECT COALESCE(SUM(amount), 0) FROM commitment_use WHERE organization_id = ? AND at < ?', bytes_of($ending->{id}), $at),
	    "at the $what what had counted before it was written down");
	is($due->[5], $due->[2] - $due->[3], 'and what was missing then');
	is(scalar dues_of($ending, $commitment->{id})->@*, 1, 'once');
	consumed_adds_up($ending);
	is_whole($ending);
}
# ---- previews reach what orders count towards ----

keep_away('billing.run');
at_time('2027-01-20T00:00:00Z');
my $shown = new_organization(credits => 100_000, rate_limit => 1_000_000);
commit_ok($shown, name => "By February $_", starts_on => '2027-02-01', ends_on => '2027-12-31', amount => '900.00', true_up => 'milestones', milestones => [{ on => "2027-02-$_", amount => '400.00' }]) for 20, 10;
at_time('2027-03-01T00:00:10Z');
@orders = orders_of($shown, 24);
my $deadlocks = sub { (db_run("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")->fetchrow_array)[1] };
my $before = $deadlocks->();
all_answered('previews find milestones that nobody has written down, while orders are settled', map { $_->{replies}->@* } at_once(4, sub ($number, $client) {
	my $settles = $number % 2 ? 0 : 12;
	return { replies => [(map { { status => settle($shown, $orders[($number / 2 - 1) * 12 + $_], undef, client => $client)->status } } 0 .. $settles - 1),
	    $settles ? () : map { { status => call('billing.run_monthly_preview', { organization_id => $shown->{id}, period => '2027-02' }, key => $shown->{key}, client => $client)->status } } 1 .. 12] };
}));
is($deadlocks->() - $before, 0, 'in the order in which orders lock them');
consumed_adds_up($shown);
done_testing;
