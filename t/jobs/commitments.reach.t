#!/usr/bin/perl
# What fell due of commitments is written down once, announced, and not before; nothing that is used later changes it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Commitments;
use Purser::Inbox;
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

my $job = 'commitments.reach';
my $day = 86400;

keep_away($_) for $job, 'commitments.watch', 'orders.expire';

# The clock stands so many days and seconds behind today's beginning (UTC).
my $today = db_value('SELECT TIMESTAMPDIFF(SECOND, UTC_DATE, UTC_TIMESTAMP())');
sub at_day ($days, $seconds = 0) { set_clock($days * $day - $today + $seconds) }

my $organization = new_organization(credits => 1_000_000);
my $owner = new_person($organization, 'owner');
my $plain = commit_ok($organization, name => 'Plain', starts_on => day_from(0), ends_on => day_from(9), amount => '10', eligible_services => ['a']);
my $staged = commit_ok($organization, name => 'Staged', starts_on => day_from(0), ends_on => day_from(29), amount => '30', true_up => 'milestones', eligible_services => ['b'],
    milestones => [{ on => day_from(9), amount => '10' }, { on => day_from(19), amount => '20' }, { on => day_from(29), amount => '30' }]);
my $met = commit_ok($organization, name => 'Met', starts_on => day_from(0), ends_on => day_from(9), amount => '1', eligible_services => ['c']);
my $shown = commit_ok($organization, name => 'Shown', starts_on => day_from(0), ends_on => day_from(29), amount => '30', eligible_services => ['d'],
    milestones => [{ on => day_from(9), amount => '10' }]);
my $dropped = commit_ok($organization, name => 'Dropped', starts_on => day_from(0), ends_on => day_from(9));
cancel_commitment($organization, $dropped->{id});
settled_order($organization, [line(400, service => 'a'), line(600, service => 'b'), line(100, service => 'c')]);

# ---- before ----

at_day(10, -5);
ok(run_job($job), 'the job runs before anything is due');
is_deeply([map { dues_of($organization, $_->{id})->@* } $plain, $staged, $met, $shown, $dropped], [], 'and writes nothing down');
is(commitment_of($organization, $plain->{id})->{status}, 'active', 'to its last second a term runs');
settled_order($organization, [line(50, service => 'a')]);
is(commitment_of($organization, $plain->{id})->{consumed}, '4.50', 'and takes what is settled');

# ---- readers know ----

at_day(10, 1);
is_deeply(commitment_of($organization, $plain->{id})->{take_or_pay}, { due => '5.50', due_on => $plain->{ends_on}, status => 'due' }, 'a reader knows at once what is due');
is_deeply({ commitment_of($organization, $staged->{id})->%{qw(status take_or_pay next_milestone)} },
    { status => 'active', take_or_pay => { due => '4.00', due_on => $staged->{milestones}[0]{on}, status => 'due' },
    next_milestone => { on => $staged->{milestones}[1]{on}, amount => '20.00', remaining => '14.00' } }, 'also at a milestone');
is(commitment_of($organization, $met->{id})->{status}, 'fulfilled', 'and what was fulfilled');
my $late = settled_order($organization, [line(1000, service => 'a'), line(200, service => 'b')]);
is_deeply([map { $_->[1] } uses_of($organization, $late)->@*], [$staged->{id}], 'a term that is over takes nothing more, whether it is written down or not');

# ---- written down ----

my @runs = map { start_job($job) } 1 .. 2;
end_program($_) for @runs;
ok(run_job($job), 'the job writes down what fell due, however many run at once');
is_deeply(dues_of($organization, $plain->{id}), [[$plain->{ends_on}, 1, 10_000_000, 4_500_000, 0, 5_500_000, undef]], 'at the end what is missing');
is_deeply(dues_of($organization, $staged->{id}), [[$staged->{milestones}[0]{on}, 0, 10_000_000, 6_000_000, 0, 4_000_000, undef]],
    'at a milestone what was missing then, without what came a second later');
is_deeply(dues_of($organization, $met->{id}), [[$met->{ends_on}, 1, 1_000_000, 1_000_000, 0, 0, undef]], 'nothing where all was used');
is_deeply([map { dues_of($organization, $_->{id})->@* } $shown, $dropped], [], 'nothing of a cancelled one, or at a milestone that is only shown');
is_deeply(commitment_events($organization, $plain->{id}), [['commitment.due', { commitment_id => $plain->{id}, name => 'Plain', due_on => $plain->{ends_on}, is_end => JSON::PP::true(),
    committed => '10.00', consumed => '4.50', due => '5.50', currency => 'AUD' }]], 'it is announced');
is_deeply([map { scalar commitment_events($organization, $_->{id})->@* } $staged, $met, $shown], [1, 0, 0], 'once each where something is due');
eventually('to its people, too', sub { grep { $_->{type} eq 'commitment.due' } call('notifications.list', {}, key => $owner->{key})->json->{data}->@* });
my @before = map { commitment_of($organization, $_->{id}) } $plain, $staged, $met;
ok(run_job($job), 'a run with nothing to do');
is_deeply([map { my %row = commitment_of($organization, $_->{id})->%*; delete @row{qw(projected_total projected_shortfall elapsed_percent)}; \%row } $plain, $staged, $met],
    [map { my %row = %$_; delete @row{qw(projected_total projected_shortfall elapsed_percent)}; \%row } @before], 'changes nothing');
is(commitment_of($organization, $met->{id})->{status}, 'fulfilled', 'fulfilled stays fulfilled');

# ---- once billed ----

bill_due($organization, $plain->{id}, '2026-01');
is_deeply({ commitment_of($organization, $plain->{id})->%{qw(status take_or_pay)} }, { status => 'settled', take_or_pay => { due => '5.50', due_on => $plain->{ends_on}, status => 'invoiced' } },
    'it is settled when it is billed');
bill_due($organization, $staged->{id}, '2026-01');
is_deeply(commitment_of($organization, $staged->{id})->{take_or_pay}, { due => '8.00', due_on => $staged->{milestones}[1]{on}, status => 'pending' },
    'what was billed at a milestone counts at the next one');

# ---- two points at once ----

at_day(31);
is_deeply({ commitment_of($organization, $staged->{id})->%{qw(status take_or_pay)} }, { status => 'active', take_or_pay => { due => '18.00', due_on => $staged->{milestones}[1]{on}, status => 'due' } },
    'a month later two points have passed, and the reader knows both');
ok(run_job($job), 'as the job, which had been away');
is_deeply([map { [@$_[0 .. 5]] } dues_of($organization, $staged->{id})->@*], [[$staged->{milestones}[0]{on}, 0, 10_000_000, 6_000_000, 0, 4_000_000],
    [$staged->{milestones}[1]{on}, 0, 20_000_000, 8_000_000, 4_000_000, 8_000_000], [$staged->{ends_on}, 1, 30_000_000, 8_000_000, 12_000_000, 10_000_000]],
    'each takes off what was due before; a milestone on the last day is the end itself');
bill_due($organization, $staged->{id}, '2026-02');
is_deeply({ commitment_of($organization, $staged->{id})->%{qw(status take_or_pay remaining)} }, { status => 'settled', remaining => '22.00',
    take_or_pay => { due => '22.00', due_on => $staged->{ends_on}, status => 'invoiced' } }, 'used and billed is all that was promised');
is_deeply(dues_of($organization, $shown->{id}), [[$shown->{ends_on}, 1, 30_000_000, 0, 0, 30_000_000, undef]], 'one with milestones to look at falls due at its end alone');

# ---- whose row is locked ----

my $other = new_organization();
my ($free, $held) = map { commit_ok($other, name => $_, starts_on => day_from(31), ends_on => day_from(31)) } qw(free held);
at_day(32, 1);
my $db = connect_again();
$db->begin_work;
my $lock = $db->prepare('SELECT id FROM commitment WHERE organization_id = ? AND id = ? FOR UPDATE');
$lock->bind_param(1, bytes_of($other->{id})->$*, DBI::SQL_BINARY);
$lock->bind_param(2, bytes_of($held->{id})->$*, DBI::SQL_BINARY);
$lock->execute;
ok(run_job($job), 'what another has locked keeps nobody waiting');
is_deeply([map { scalar dues_of($other, $_->{id})->@* } $free, $held], [1, 0], 'and is left to them');
$lock->finish;
$db->rollback;
$db->disconnect;
ok(run_job($job), 'a later run');
is(scalar dues_of($other, $held->{id})->@*, 1, 'finds it');
consumed_adds_up($_) for $organization, $other;
is_whole($organization);
done_testing;
