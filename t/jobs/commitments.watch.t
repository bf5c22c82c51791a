#!/usr/bin/perl
# Whose commitment will not be used up at its pace is told so: once a month of its own, and not in the first days.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Commitments;
use Purser::Inbox;
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

my $job = 'commitments.watch';
my $day = 86400;

keep_away($_) for $job, 'commitments.reach', 'orders.expire', 'events.purge'; # the latter forgets what was told long ago

sub told ($of, $commitment) { return scalar grep { $_->[0] eq 'commitment.behind' } commitment_events($of, $commitment->{id})->@* }

# The clock stands at that moment (UTC).
sub at ($moment) { set_clock(db_value('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), ?)', $moment)) }

# A term of a hundred days from the first day of the month after the next.
my $first = db_value('SELECT CAST(LAST_DAY(UTC_DATE + INTERVAL 1 MONTH) + INTERVAL 1 DAY AS CHAR)');
sub on_day ($days) { return db_value('SELECT CAST(CAST(? AS DATE) + INTERVAL ? DAY AS CHAR)', $first, $days) }

my $organization = new_organization(credits => 1_000_000);
my $owner = new_person($organization, 'owner');
my @term = (starts_on => $first, ends_on => on_day(99), amount => '100');
my $behind = commit_ok($organization, name => 'Behind', @term, eligible_services => ['a']);
my $on = commit_ok($organization, name => 'On', @term, eligible_services => ['b']);
my $ahead = commit_ok($organization, name => 'Ahead', @term, eligible_services => ['c']);
my $cancelled = commit_ok($organization, name => 'Cancelled', @term);
cancel_commitment($organization, $cancelled->{id});
my $island = new_organization(timezone => 'Pacific/Kiritimati');
my $there = commit_ok($island, @term);

ok(run_job($job), 'the job runs before the term');
at("$first 12:00:00");
ok(run_job($job), 'and in its first days');
is(told($organization, $behind), 0, 'when the pace says nothing yet');
settled_order($organization, [line(950, service => 'b'), line(1300, service => 'c'), line(600, service => 'a')]);
at(on_day(10) . ' 00:00:00');
is_deeply([map { commitment_of($organization, $_->{id})->{pace} } $behind, $on, $ahead], [qw(behind on ahead)], 'after a tenth of the term one is behind, one on its way, one ahead');
my @runs = map { start_job($job) } 1 .. 2;
end_program($_) for @runs;
ok(run_job($job), 'the job tells so');
is_deeply([map { told($organization, $_) } $behind, $on, $ahead, $cancelled], [1, 0, 0, 0], 'of the one that is behind, once, however many run at once');
my $said = commitment_events($organization, $behind->{id})->[0][1];
is_deeply({ $said->%{qw(commitment_id name ends_on committed consumed currency)} },
    { commitment_id => $behind->{id}, name => 'Behind', ends_on => on_day(99), committed => '100.00', consumed => '6.00', currency => 'AUD' }, 'and how far it is');
cmp_ok(abs($said->{projected_total} - 60), '<', 0.05, "it would end at $said->{projected_total}");
cmp_ok(abs($said->{projected_shortfall} + $said->{projected_total} - 100), '<', 0.001, 'and be short of the rest');
eventually('its people hear of it', sub { grep { $_->{type} eq 'commitment.behind' } call('notifications.list', {}, key => $owner->{key})->json->{data}->@* });
ok(run_job($job), 'another run');
is(told($organization, $behind), 1, 'tells nothing again in the same month');
is(told($island, $there), 1, 'of another organization it was told, too');

# The next month begins in UTC+14 fourteen hours before it does in UTC.
my $next = db_value('SELECT CAST(LAST_DAY(CAST(? AS DATE)) + INTERVAL 1 DAY AS CHAR)', $first);
at(db_value("SELECT CAST(CAST(? AS DATETIME) - INTERVAL 14 HOUR + INTERVAL 1 MINUTE AS CHAR)", $next));
ok(run_job($job), 'where the next month has begun');
is_deeply([told($island, $there), told($organization, $behind)], [2, 1], 'it is told again, and nowhere else');
is_deeply([map { told($organization, $_) } $on, $ahead], [1, 1], 'of those that have fallen behind since it is told now');
at("$next 00:01:00");
settled_order($organization, [line(9000, service => 'a')]);
ok(run_job($job), 'once it has caught up');
is(told($organization, $behind), 1, 'nothing is told');
is_deeply([map { told($organization, $_) } $on, $ahead], [2, 2], 'but of those that are behind in this month, too');
at(on_day(101) . ' 00:00:00');
ok(run_job($job), 'behind the end');
is_deeply([map { told($organization, $_) } $behind, $on, $ahead], [1, 2, 2], 'nothing is told of a pace any more');
done_testing;
