#!/usr/bin/perl
# Many people decide on one purchase at the same moment: one wins, the card is charged once at the most, and whatever they
# are told is what became of it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;

my $stack = Purser::Payments->start(PURSER_SLOW_WORKERS => 8);
my $provider = $stack->provider;

# A buyer, so many people who may decide, and a purchase that waits for them.
sub new_case ($people, $card = 'pm_card_visa') {
	my $buyer = $stack->new_buyer($card);
	my @people = map { new_person($buyer, qw(owner admin billing)[$_ % 3]) } 1 .. $people;
	return ($buyer, ask($buyer), @people);
}

sub ask ($buyer) { return $stack->good('billing.approvals.request', { credits => 700 }, key => $buyer->{key}) }

sub decide ($what, $approval, $person, %options) {
	return sub {
		my $reply = $stack->call("billing.approvals.$what", { approval_id => $approval->{id} }, key => $person->{key}, %options);
		return { what => $what, status => $reply->status, code => $reply->code, shown => $reply->json->{status}, topup_id => $reply->json->{topup_id} };
	};
}

sub approval ($buyer, $approval) { return $stack->good('billing.approvals.get', { approval_id => $approval->{id} }, key => $buyer->{key}) }

sub outcomes (@replies) {
	my %seen;
	$seen{ $_->{status} . ' ' . ($_->{status} == 200 ? $_->{shown} : $_->{code}) }++ for @replies;
	return \%seen;
}

sub is_whole ($buyer, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @faults = $stack->faults($buyer);
	return ok(!@faults, $name) || diag join "\n", @faults;
}

sub decided ($approval) { return db_value("SELECT COUNT(*) FROM outbox WHERE entity_id = ? AND type = 'approval.decided'", bytes_of($approval->{id})) }

for my $count (2, 16) {
	my ($buyer, $approval, @people) = new_case($count);
	my @replies = $stack->at_once(map { decide('approve', $approval, $_) } @people);

	is_deeply(outcomes(@replies), { '200 approved' => 1, '409 conflict' => $count - 1 }, "$count people approve at once: one does");
	is(db_value('SELECT COUNT(*) FROM payment WHERE organization_id = ?', bytes_of($buyer->{id})), 1, 'one payment was begun');
	is_whole($buyer, 'and charged once');
	is(approval($buyer, $approval)->{status}, 'approved', 'it is approved');
	is(decided($approval), 1, 'which is announced once');
}

my ($hasty, $once, @hasty) = new_case(1);
my @same = $stack->at_once(map { decide('approve', $once, $hasty[0], idempotency_key => 'same') } 1 .. 12);
my $seen = outcomes(@same);
is(($seen->{'200 approved'} // 0) + ($seen->{'409 idempotency_in_progress'} // 0), 12, 'twelve tries with one key are one deed') or diag encode_json($seen);
cmp_ok($seen->{'200 approved'} // 0, '>=', 1, 'which succeeds');
is_whole($hasty, 'and charges once');

for my $round (1 .. 6) {
	my ($buyer, $approval, @people) = new_case(4);
	my @replies = $stack->at_once(map { decide($_ % 2 ? 'approve' : 'reject', $approval, $people[$_]) } 0 .. 3);
	my $status = approval($buyer, $approval)->{status};
	my $other = grep { $_->{status} == 200 } @replies;

	is($other, 1, "round $round: two approve beside two who reject: one wins") or diag encode_json(outcomes(@replies));
	is((grep { $_->{status} == 200 } @replies)[0]{shown}, $status, "it is $status, as that one was told");
	is(db_value("SELECT COUNT(*) FROM payment WHERE organization_id = ? AND state = 'succeeded'", bytes_of($buyer->{id})), $status eq 'approved' ? 1 : 0, 'and charged only then');
	is(decided($approval), 1, 'announced once');
	is_whole($buyer, 'all is booked');
}

# The job ends what is over at the very moment that people approve.
for my $round (1 .. 6) {
	my ($buyer, $approval, @people) = new_case(3);
	db_run('UPDATE approval SET expires_at = ? WHERE id = ?', private_now($round / 2), bytes_of($approval->{id}));
	my @replies = $stack->at_once(map({ my $person = $people[$_]; my $after = $_ * 0.2; sub { Time::HiRes::sleep($after); return decide('approve', $approval, $person)->() } } 0 .. 2),
	    sub { $stack->run('approvals.expire') for 1 .. 3; return { what => 'expire', status => 0, code => 'ran' } });
	sleep 1;
	$stack->run('approvals.expire');
	my $status = approval($buyer, $approval)->{status};
	my $won = grep { $_->{status} == 200 } @replies;

	is($status, $won ? 'approved' : 'expired', "round $round: approved beside its end, it is $status");
	is(scalar(grep { $_->{what} eq 'approve' && $_->{status} !~ /^(?:200|409|410)$/ } @replies), 0, 'whoever came too late was told so') or diag encode_json(outcomes(@replies));
	is(db_value("SELECT COUNT(*) FROM outbox WHERE entity_id = ? AND type IN ('approval.decided', 'approval.expired')", bytes_of($approval->{id})), 1, 'one end is announced');
	is_whole($buyer, 'and nothing is open');
}

# The processor is slow: while the charge is in flight everybody else is told so, and its time may be over meanwhile.
my ($slow, $flying, @others) = new_case(4);
$provider->control('fault', method => 'POST', path => '/confirm$', hang => 3, when => 'after');
my $confirmed = grep { $_->{name} =~ /confirm$/ } $provider->statistics->{log}->@*;
my $first = $stack->begin('billing.approvals.approve', { approval_id => $flying->{id} }, key => $others[0]{key}, idempotency_key => 'slow');
eventually('a charge is in flight', sub { $confirmed < grep { $_->{name} =~ /confirm$/ } $provider->statistics->{log}->@* }, 20);
my @meanwhile = $stack->at_once(decide('approve', $flying, $others[1]), decide('reject', $flying, $others[2]), decide('approve', $flying, $others[3]));
is_deeply(outcomes(@meanwhile), { '409 conflict' => 3 }, 'nobody else decides meanwhile');
my $held = approval($slow, $flying);
is($held->{status}, 'pending', 'it is pending');
is_deeply([map { $_->{topup_id} } @meanwhile], [($held->{topup_id}) x 3], 'and they are told by which purchase');
db_run('UPDATE approval SET expires_at = ? WHERE id = ?', private_now(-1), bytes_of($flying->{id}));
$stack->run('approvals.expire');
is(approval($slow, $flying)->{status}, 'pending', 'its end waits for the charge');
my $answer = $stack->finish($first);
is_deeply([@$answer{qw(status)}, $answer->{body}{status}], [200, 'approved'], 'which succeeds');
is_whole($slow, 'once');

# The worker dies while it charges.
my ($widowed, $orphan, @left) = new_case(2);
$provider->control('fault', method => 'POST', path => '/confirm$', hang => 8, when => 'after');
$confirmed = grep { $_->{name} =~ /confirm$/ } $provider->statistics->{log}->@*;
my $lost = $stack->begin('billing.approvals.approve', { approval_id => $orphan->{id} }, key => $left[0]{key}, idempotency_key => 'lost');
eventually('another charge is in flight', sub { $confirmed < grep { $_->{name} =~ /confirm$/ } $provider->statistics->{log}->@* }, 20);
Time::HiRes::sleep(0.3);
$stack->kill_workers;
$stack->finish($lost);
$provider->control('clear_faults');
is(approval($widowed, $orphan)->{status}, 'pending', 'a worker dies while it charges: the approval waits');
$stack->settle;
is_deeply([@{ approval($widowed, $orphan) }{qw(status decided_by)}], ['approved', $left[0]{id}], 'the sweeper ends it');
my $told = $stack->call('billing.approvals.approve', { approval_id => $orphan->{id} }, key => $left[0]{key}, idempotency_key => 'lost');
is_deeply([$told->status, $told->json->{status}, $told->header('idempotent-replayed')], [200, 'approved', 'true'], 'and its key gives what became of it');
is_whole($widowed, 'charged once');
done_testing;
