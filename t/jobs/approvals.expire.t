#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Approvals;
use Purser::Jobs;
use Purser::Test;

my $job = 'approvals.expire';
my $organization = new_customer('pm_card_insufficientFunds');
my ($lapsed, $declined, $fresh, $rejected) = map { ask($organization) } 1 .. 4;
is(approve($declined, $organization->{owner})->status, 402, 'one was approved, and the card declined');
is(reject($rejected, $organization->{owner})->status, 200, 'one was rejected');
my $flying = new_customer('pm_card_authenticationRequired');
my $in_flight = ask($flying);
my $topup = approve($in_flight, $flying->{owner})->json->{topup_id};
my @crowd = map { ask(new_organization()) } 1 .. 3;

sub row ($approval) { return join ' ', map { $_ // '-' } db_run('SELECT status, HEX(decided_by), decided_at FROM approval WHERE id = ?', bytes_of($approval->{id}))->fetchrow_array }
sub expired_events ($approval) { return scalar grep { $_->{type} eq 'approval.expired' } events_of($approval) }

keep_away($job);
ok(run_job($job), 'the job runs before their time');
is(row($_), 'pending - -', 'nothing expires') for $lapsed, $fresh, @crowd;
expire_now($_) for $lapsed, $declined, $rejected, $in_flight, @crowd;

# More than one batch holds, of an organization of its own.
my $many = new_organization();
for (1 .. 250) {
	db_run("INSERT INTO approval (id, organization_id, credits, amount, currency, requested_by, requested_at, expires_at)
	    VALUES (?, ?, 100, 1000000, 'AUD', ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))", bytes_of(new_ulid()), bytes_of($many->{id}), bytes_of($many->{key_id}));
}
my $read = approval($organization, $lapsed);
my @runs = map { start_job($job) } 1 .. 2;
my @failed = grep { end_program($_) != 0 } @runs;
cmp_ok(scalar @failed, '<', 2, 'of two runners at once one at least goes to its end');
ok(run_job($job), 'and one more finds what they left');

is(row($_), 'expired - -', 'what was over has expired') for $lapsed, @crowd;
is(row($declined), 'expired - -', 'so has what a card was declined for');
is_deeply(approval($organization, $lapsed), $read, 'readers see what they saw before');
is(expired_events($_), 1, 'each is announced once') for $lapsed, $declined, @crowd;
is_deeply((events_of($lapsed))[-1]{data}, $read, 'with all of it');
is(row($fresh), 'pending - -', 'what has time is left alone');
like(row($rejected), qr/^rejected/, 'so is what was decided');
is(approval($flying, $in_flight)->{status}, 'pending', 'and a charge in flight is waited for');
is(db_value("SELECT COUNT(*) FROM approval WHERE organization_id = ? AND status = 'expired'", bytes_of($many->{id})), 250, 'hundreds expire by one run');
is(db_value("SELECT COUNT(*) FROM outbox WHERE organization_id = ? AND type = 'approval.expired'", bytes_of($many->{id})), 250, 'and are announced, each');
is(scalar(grep { $_->{type} eq 'approval.expired' } call('notifications.list', {}, key => $organization->{billing}{key})->json->{data}->@*), 2, 'in the inbox of those who could have decided');
ok(run_job($job), 'a run with nothing to do');
is(expired_events($lapsed), 1, 'announces nothing');

# The charge that was waited for comes to nothing: then the time is over.
db_run("UPDATE approval SET payment_id = NULL WHERE id = ?", bytes_of($in_flight->{id}));
ok(run_job($job), 'once nothing is in flight any more');
is(approval($flying, $in_flight)->{status}, 'expired', 'it has expired, too');
done_testing;
