#!/usr/bin/perl
# Where periods and cycles begin: on the anchor's day in the organization's zone, never chained, over short months, leap years,
# midnights that clocks skip or show twice, and at the ends of the world. What is expected is found by asking the system's own
# localtime for the first moment of each day.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Purser::Jobs;
use Purser::Orders;
use Purser::Subscriptions;
use Purser::Test;
use Time::Local qw(timegm_modern);

keep_away('subscriptions.roll');

sub in_zone ($zone, $run) {
	local $ENV{TZ} = $zone;
	POSIX::tzset();
	my @result = $run->();
	$ENV{TZ} = 'UTC';
	POSIX::tzset();
	return wantarray ? @result : $result[0];
}

sub date_at ($seconds) { return POSIX::strftime('%Y-%m-%d', localtime $seconds) }

# The first moment whose date there is that one, or a later one. Clocks are changed on the quarter of an hour.
sub day_start ($zone, $year, $month, $day) {
	my $date = sprintf '%04d-%02d-%02d', $year, $month, $day;
	return in_zone($zone, sub {
		my $at = timegm_modern(0, 0, 0, $day, $month - 1, $year) - 15 * 3600;
		$at += 900 while date_at($at) lt $date;
		return $at;
	});
}

sub last_day ($year, $month) {
	return $month == 2 ? ($year % 4 == 0 && ($year % 100 != 0 || $year % 400 == 0) ? 29 : 28) : (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[$month - 1];
}

# So many months behind the anchor's day.
sub boundary ($zone, $anchor, $months) {
	my ($year, $month, $day) = @$anchor;
	my $count = $year * 12 + $month - 1 + $months;
	($year, $month) = (int($count / 12), $count % 12 + 1);
	my $last = last_day($year, $month);
	return day_start($zone, $year, $month, $day < $last ? $day : $last);
}

sub utc_of_stack () {
	open my $file, '<', $ENV{PURSER_TEST_CLOCK} or return utc;
	return utc(<$file> + 0);
}

# ---- the table ----

my %zones = ('UTC' => 2027, 'Australia/Lord_Howe' => 2027, 'America/Sao_Paulo' => 2016, 'Pacific/Kiritimati' => 2027, 'Etc/GMT+12' => 2027, 'Africa/Cairo' => 2027);
my $months = 26; # a leap February is among them
my $skipped = 0;
my $monthly = new_plan(monthly_amount => 0, yearly_amount => 0);
for my $zone (sort keys %zones) {
	my $year = $zones{$zone};
	my @subjects;
	for my $day (15, 18, 28 .. 31) {
		my $start = day_start($zone, $year, 1, $day) + 3600;
		at_time(text_of($start));
		my $organization = new_organization(timezone => $zone);
		my $began = seconds_of(subscribe($organization, { plan_id => $monthly, cycle => 'monthly' })->json->{period}{start});
		push @subjects, [$organization, [$year, 1, $day], $began];
	}
	my @faults;
	for my $month (1 .. $months) {
		for (@subjects) {
			my ($organization, $anchor, $began) = @$_;
			my $end = boundary($zone, $anchor, $month);
			my $start = $month == 1 ? $began : boundary($zone, $anchor, $month - 1);
			$skipped++ if in_zone($zone, sub { (localtime $end)[2] }) != 0;
			for ($end - 2, $end) {
				at_time(text_of($_));
				my $period = subscription_of($organization)->json->{period};
				my $wanted = $_ < $end ? [$start, $end] : [$end, boundary($zone, $anchor, $month + 1)];
				my $found = [map { seconds_of($_) } @$period{qw(start end)}];
				push @faults, "anchor @$anchor, month $month: @$found, not @$wanted" if "@$found" ne "@$wanted";
			}
		}
	}
	ok(!@faults, "$zone: $months months from the 15th, 18th, 28th, 29th, 30th and 31st") || diag join "\n", @faults[0 .. ($#faults < 9 ? $#faults : 9)];

	# What the job writes down, years late, is the same.
	ok(run_job('subscriptions.roll'), 'the job passes all of them at once');
	# What another job holds at the moment comes with the next run.
	run_job('subscriptions.roll') for grep { db_value('SELECT COUNT(*) FROM subscription WHERE due_at <= ?', utc_of_stack()) } 1 .. 5;
	@faults = ();
	for (@subjects) {
		my ($organization, $anchor, $began) = @$_;
		my @cycles = grep { $_->[0] >= $began } map { [map { seconds_of($_) } split / (?=\d{4}-)/] } cycles_of($organization);
		my @wanted = map { boundary($zone, $anchor, $_) } 1 .. @cycles;
		push @faults, "anchor @$anchor" if join(' ', map { $_->[1] } @cycles) ne "@wanted" || join(' ', map { $_->[0] } @cycles[1 .. $#cycles]) ne join(' ', @wanted[0 .. $#wanted - 1]);
		push @faults, "anchor @$anchor has " . @cycles if @cycles < $months;
	}
	is_deeply(\@faults, [], 'and the cycles of usage are the same boundaries, end to end');
}
cmp_ok($skipped, '>', 1, "midnights that clocks skip were among them: $skipped");

# Clocks in Cairo go back at midnight, so that the last hour of 28 October comes twice.
is(text_of(day_start('Africa/Cairo', 2027, 10, 29)), '2027-10-28T22:00:00Z', 'an hour that is shown twice stays in its day, both times');

# By the year, from 29 February.
at_time('2028-02-29T12:00:00Z');
my $leap = new_organization();
is(subscribe($leap, { plan_id => $monthly, cycle => 'yearly' })->json->{period}{end}, '2029-02-28T00:00:00Z', 'a year from 29 February ends on the 28th');
at_time('2032-03-01T00:00:00Z');
is(subscription_of($leap)->json->{period}{start}, '2032-02-29T00:00:00Z', 'and in a leap year on the 29th again');

# ---- the spending limit's cycle ----

# The hard limit counts from the subscription's start, and anew with each of its months, whether the job has come by or not.
at_time('2029-01-10T10:00:00Z');
my $spending = new_organization(credits => 10_000);
set_limits($spending, 5, 10);
order($spending, 'before', 900);
is(spend_of($spending), '900 0', 'what the calendar month has spent');
subscribe($spending, { plan_id => $monthly, cycle => 'monthly' });
is(spend_of($spending), '900 0', 'counts on as far as it is held');
my $held = order($spending, 'held', 100);
is_problem(order($spending, 'too much', 1), 402, 'limit_reached', 'under the same limit');
settle($spending, $held->json->{id});
at_time('2029-02-10T00:00:10Z');
is_success(order($spending, 'next', 100), 'a month from the start spending goes on', status => 202);
is(spend_of($spending), '1000 0', 'with what is still held');
is_problem(order($spending, 'too much', 1), 402, 'limit_reached', 'up to the limit');
is_deeply([db_column("SELECT type FROM outbox WHERE organization_id = ? AND kind = 'event' AND type LIKE 'limit.%' ORDER BY created_at", bytes_of($spending->{id}))],
    [qw(limit.soft limit.hard limit.soft limit.hard)], 'and every cycle tells of its limits');
is_whole($spending);

# A start cuts the cycle that the calendar began; what it has spent counts on, until the new one is over.
at_time('2029-01-10T10:00:00Z');
my $cut = new_organization(credits => 10_000);
set_limits($cut, 0, 10);
settle($cut, order($cut, 'before', 900)->json->{id});
subscribe($cut, { plan_id => $monthly, cycle => 'monthly' });
is(spend_of($cut), '900 0', 'a subscription begins a cycle of its own, and keeps the spend');
is_problem(order($cut, 'too much', 101), 402, 'limit_reached', 'under the same limit');
at_time('2029-02-01T00:00:10Z');
is_problem(order($cut, 'still too much', 101), 402, 'limit_reached', 'also when the calendar month is over');
at_time('2029-02-10T00:00:10Z');
is_success(order($cut, 'after', 1000), 'its month is counted from the start', status => 202);
is(end_plan($cut, { when => 'now' })->json->{status}, 'cancelled', 'and goes on behind its end');
is(spend_of($cut), '1000 0', 'with all of its spend');

# ---- a zone that changes ----

at_time('2029-05-20T10:00:00Z');
my $moving = new_organization(timezone => 'UTC');
subscribe($moving, { plan_id => $monthly, cycle => 'monthly' });
for (['Pacific/Kiritimati', '2029-06-20T00:00:00Z', '2029-07-19T10:00:00Z'], ['Etc/GMT+12', '2029-07-19T10:00:00Z', '2029-08-20T12:00:00Z'],
	['UTC', '2029-08-20T12:00:00Z', '2029-09-20T00:00:00Z']) {
	my ($zone, $start, $end) = @$_;
	set_zone($moving, $zone);
	at_time(text_of(seconds_of($start) + 3));
	is_deeply(subscription_of($moving)->json->{period}, { start => $start, end => $end }, "moved to $zone, the period that runs keeps its end, and the next one ends there");
	run_job('subscriptions.roll');
}
my @cycles = map { [split / (?=\d{4}-)/] } cycles_of($moving);
is_deeply([map { $_->[0] } @cycles[1 .. $#cycles]], [map { $_->[1] } @cycles[0 .. $#cycles - 1]], 'the cycles stay end to end');
is(scalar @cycles, 5, 'and none is a matter of hours');
set_clock(0);

done_testing;
