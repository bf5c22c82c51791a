#!/usr/bin/perl
# usage.record with each of its round trips to the database failing, before and after the server has seen it: a batch is
# recorded whole or not at all, a repetition completes it, and the answer tells the truth, also where the commit's own
# answer was lost. Needs a build with sanitizers: only that has faults built in.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Orders;
use Purser::Test;
use Purser::Usage;

my $silent = client(record => 0);
my $organization = new_organization(credits => 100_000, rate_limit => 1_000_000, billing_email => 'bills@example.com');
my $armed = call('usage.metrics.list', {}, key => $organization->{key}, headers => ['X-Purser-Fault' => '1:1146'], client => $silent);
plan(skip_all => 'this build has no faults built in') if $armed->status == 200;

my $priced = new_metric('sum', unit_credits => '0.5');
my $unique = new_metric('unique', property => 'user');
quota_cycle($organization, requests => 1_000_000_000);
my ($batches, %wrong) = (0);

sub batch ($number) { return [map { (event("$number-$_", 'requests'), event("$number-$_", $priced), event("$number-$_", $unique, 1, properties => { user => "$number-$_", app => "$number" })) } 1 .. 3] }

# Some are armed for behind the last round trip.
for my $error (2013, -2013, 1213, 1205) {
	for my $trip (1 .. 26) {
		my $events = batch(++$batches);
		my $reply = record($organization, $events, headers => ['X-Purser-Fault' => "$trip:$error"], client => $silent);
		my $there = db_value('SELECT COUNT(*) FROM usage_event WHERE organization_id = ? AND id LIKE ?', bytes_of($organization->{id}), "$batches-%");
		push $wrong{half}->@*, "$trip:$error $there" unless $there == 0 || $there == 9;
		push $wrong{reply}->@*, "$trip:$error " . outcome_of($reply) . " $reply->{body}" unless outcome_of($reply) eq '9 0 0' || $reply->status == 503;
		push $wrong{lost}->@*, "$trip:$error" if $reply->status == 200 && $there == 0;
		my $again = outcome_of(record($organization, $events));
		push $wrong{again}->@*, "$trip:$error $again" unless $again eq ($there ? '0 9 0' : '9 0 0');
	}
}
is_deeply(\%wrong, {}, 'whole or not at all, truly told, and completed by a repetition') || diag explain \%wrong;
is(counter($organization, $_), 3 * $batches . ' ' . 3 * $batches, "the counter of $_ has each event once") for 'requests', $priced, $unique;
is(db_value("SELECT COUNT(*) FROM usage_distinct WHERE organization_id = ? AND metric = ''", bytes_of($organization->{id})), $batches, 'and each `app`');
is((split ' ', figures($organization))[0], 100_000 - db_value('SELECT charged FROM usage_counter WHERE organization_id = ? AND metric = ?', bytes_of($organization->{id}), $priced), 'credits were taken as the counter says');
is_whole($organization);
done_testing;
