package Purser::Provider::Webhooks;

# Tells the receivers what happened, signed as Stripe signs, and as wrongly as a test asks for.

use v5.36;
use Digest::SHA qw(hmac_sha256_hex);
use Exporter 'import';
use Purser::Provider::Loop;
use Purser::Provider::Post;
use Purser::Provider::State;
use Purser::Reply;
use Time::HiRes qw(time);

our @EXPORT = qw(reset_webhooks script_webhooks send_event release_webhooks when_delivered webhook_statistics);

my $json = Purser::Reply::codec();
my (@receivers, @rules, %usual, @deliveries, @queue, @held, @gathered, @waiters);
my ($busy, $unfinished, $generation) = (0, 0, 0);

sub reset_webhooks () {
	(@receivers, @rules, @deliveries, @queue, @held, @gathered) = ();
	%usual = (retries => 3, retry_seconds => 0.05);
	($busy, $unfinished) = (0, 0);
	$generation++;
	notice_end();
}

# `receivers`: [{ url, secrets, ca }]. `usual` holds for every event; `rules`, [{ type (a pattern), times, … }], for the next
# events that match. What can be asked for, alone or together:
#   off            nothing is sent
#   before_reply   the request that caused it is answered when the receiver has answered
#   copies         so many deliveries of the event, at once;  alias: so many more with another event's id
#   reorder        gathers so many events and sends them in the reverse order, one after the other
#   concurrent     gathers so many events and sends them at once
#   hold           until they are released
#   stale          seconds by which the timestamp lies in the past (or the future, below 0)
#   forge          signed with a secret that is nobody's;  tamper: the body is another than the signed one
#   retries, retry_seconds   how often, and how soon, what was not answered by 2xx comes again
sub script_webhooks ($in) {
	@receivers = $in->{receivers}->@* if $in->{receivers};
	%usual = (%usual, $in->{usual}->%*) if $in->{usual};
	push @rules, map { { left => $_->{times} // 1, %$_ } } ($in->{rules} // [])->@*;
}

sub script_for ($type) {
	for my $rule (grep { $_->{left} > 0 } @rules) {
		next if $type !~ ($rule->{type} // '.');
		$rule->{left}--;
		return { %usual, %$rule };
	}
	return {%usual};
}

sub webhook_statistics () {
	return { deliveries => \@deliveries, held => [map { $_->{event}{id} } @held], gathered => [map { $_->{event}{id} } @gathered],
	    unfinished => $unfinished };
}

# ---- what goes where, and when ---------------------------------------------------------------------------------------

sub send_event ($event, $request) {
	my $script = script_for($event->{type});
	return if $script->{off} || !@receivers;
	my @events = ($event) x ($script->{copies} // 1);
	push @events, map { add('event', %$event, id => new_id('evt')) } 1 .. $script->{alias} // 0;
	my @jobs = map { my $one = $_; map { { receiver => $_, event => $one, script => $script, attempt => 1 } } @receivers } @events;

	return push @held, @jobs if $script->{hold};
	my $size = $script->{reorder} // $script->{concurrent};
	if ($size) {
		push @gathered, @jobs;
		return if @gathered < $size * @jobs;
		@jobs = $script->{reorder} ? reverse splice @gathered : splice @gathered;
	}
	wait_before_reply($request, \@jobs) if $request && $script->{before_reply};
	start(\@jobs, $script->{concurrent} || ($script->{copies} // 1) > 1);
}

sub wait_before_reply ($request, $jobs) {
	$request->{deliveries} += @$jobs;
	$_->{answered} = sub { --$request->{deliveries} == 0 && $request->{resume} and $request->{resume}->() } for @$jobs;
}

# The oldest `count` of those held back (all), in their order or the reverse one, after each other or at once.
sub release_webhooks ($in) {
	my @jobs = splice @held, 0, $in->{count} // scalar @held;

	push @jobs, splice @gathered if !defined $in->{count};
	@jobs = reverse @jobs if $in->{reverse};
	start(\@jobs, $in->{at_once});
	return scalar @jobs;
}

# Never before the reply that is being written.
sub start ($jobs, $at_once) {
	$unfinished += @$jobs;
	return after(0, sub { deliver($_) for @$jobs }) if $at_once;
	push @queue, @$jobs;
	after(0, \&next_in_queue);
}

sub next_in_queue () {
	return if $busy || !@queue;
	$busy = 1;
	my $job = shift @queue;
	deliver($job, sub { $busy = 0; next_in_queue() });
}

# ---- one delivery ----------------------------------------------------------------------------------------------------

sub signature ($job, $body) {
	my $timestamp = current_time - ($job->{script}{stale} // 0);
	my @secrets = $job->{script}{forge} ? ('whsec_of_somebody_else') : $job->{receiver}{secrets}->@*;

	return join ',', "t=$timestamp", (map { 'v1=' . hmac_sha256_hex("$timestamp.$body", $_) } @secrets), 'v0=' . hmac_sha256_hex($body, 'test');
}

sub deliver ($job, $next = sub { }) {
	my $body = $json->encode(rendered($job->{event}));
	my $signature = signature($job, $body);
	my ($receiver, $begun, $mine) = ($job->{receiver}, time, $generation);
	$body =~ s/"(amount(?:_received)?)":(\d+)/"$1":9$2/g || ($body .= ' ') if $job->{script}{tamper};
	my $delivery = { event => $job->{event}{id}, type => $job->{event}{type}, object => $job->{event}{data}{object}{id}, url => $receiver->{url},
	    attempt => $job->{attempt}, status => undef };

	push @deliveries, $delivery;
	post_to($receiver->{url}, $receiver->{ca}, { 'Content-Type' => 'application/json; charset=utf-8', 'Stripe-Signature' => $signature,
	    'User-Agent' => 'Stripe/1.0 (+https://stripe.com/docs/webhooks)' }, $body, sub ($status, $answer) {
		return if $mine != $generation;
		%$delivery = (%$delivery, status => 0 + $status, answer => substr($answer, 0, 500), seconds => time - $begun);
		end_delivery($job, $status);
		$next->();
	});
}

# What was sent to be refused does not come again.
sub end_delivery ($job, $status) {
	my ($script, $answered) = ($job->{script}, delete $job->{answered});

	if ($status !~ /^2/ && $job->{attempt} <= $script->{retries} && !grep { $script->{$_} } qw(forge tamper stale)) {
		my $mine = $generation;
		after($script->{retry_seconds} * 2**($job->{attempt}++ - 1), sub { deliver($job) if $mine == $generation });
	} else {
		$unfinished--;
		notice_end();
	}
	$answered->() if $answered;
}

# Calls back when nothing is under way any more; what is held back is not under way.
sub when_delivered ($callback) {
	push @waiters, $callback;
	notice_end();
}

sub notice_end () {
	return if $unfinished > 0;
	$_->() for splice @waiters;
}

1;
