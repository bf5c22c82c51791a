#!/usr/bin/perl
# Workers and jobs run the same month of the same organization at the same moment: one of them does, the others are told so, and
# there is one invoice.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::FullMonth;
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;

my $rounds = $ENV{PURSER_CHECK_ALL} ? 10 : 3;
my %made = live_through(0 => 1 + $rounds, 1 => 1 + $rounds)->%*;
my @all = map { @$_ } values %made;
leave_out_others($full_period, map { my ($calm, @rest) = $_->@*; @rest } values %made);
my (%expected, @bad);
for my $kind (0, 1) {
	my $calm = shift $made{$kind}->@*;
	db_run('DELETE FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($calm->{id}), $full_period);
	run_month($calm, $full_period)->status == 200 or die 'no run';
	is_full($calm, "a month with everything in it: $full_kinds{$kind}");
	$expected{$kind} = full_outcome($calm);
}
call('billing.run_monthly_cron', { period => $full_period }, key => admin_key)->status == 200 or die 'it is not asked for';
my %told;
for my $round (1 .. $rounds) {
	my @pair = map { shift $made{$_}->@* } 0, 1;
	my @jobs = map { start_job('billing.run') } 1 .. 2;
	my @answers = at_once(8, sub ($number, $client) {
		my @replies = map { run_month($_, $full_period, client => $client, idempotency_key => "race-$number") } $number % 2 ? @pair : reverse @pair;
		return { outcomes => [map { $_->status == 200 ? '200 ' . $_->json->{status} : join ' ', $_->status, $_->code } @replies] };
	});
	$told{$_}++ for map { $_->{outcomes} ? $_->{outcomes}->@* : $_->{error} } @answers;
	end_program($_) for @jobs;
	keep_away('billing.run');
	# One of the two jobs has taken the lease of the other, which leaves its run to whoever comes when that has lapsed.
	at_time(sprintf '2027-07-01T00:%02d:00Z', 5 * $round);
	ok(run_job('billing.run') && run_job('billing.charge'), 'the jobs end what is left');
	for my $kind (0, 1) {
		are_alike([$pair[$kind]], $expected{$kind}, "$full_kinds{$kind}: what eight callers and two jobs have run is one run");
		is(scalar(grep { $_->{period} eq $full_period } invoices_of($pair[$kind])), 1, 'with one invoice');
		reconciles($pair[$kind], 'which reconciles');
		my @late = map { run_month($pair[$kind], $full_period, idempotency_key => "race-$_")->status } 1 .. 8;
		is_deeply(\@late, [(200) x 8], 'and in the end every caller is answered');
	}
}
is_deeply([grep { !/^(?:200 completed|409 conflict)$/ } keys %told], [], 'callers are told the outcome, or that it is under way') or diag explain \%told;
diag join ', ', map { "$told{$_} times $_" } sort keys %told;
is(db_value('SELECT COUNT(*) FROM invoice WHERE serial IS NOT NULL'), db_value('SELECT MAX(serial) FROM invoice'), 'numbers have no gap');
done_testing;
