package Purser::Sim::Plan;

# What a seed plays, all of it decided beforehand: organizations, and steps, each a list of what callers do at once or
# something that happens to the world. The same seed gives the same plan.

use v5.36;
use Exporter 'import';
use Purser::Sim::Deeds qw(%deeds plan_deed some_card);
use Purser::Sim::Random;

our @EXPORT_OK = qw(plan_of show_step);

# What a seed is mostly about: how often each deed is done.
my %themes = (
	orders => { order => 12, settle => 8, cancel => 4, refund_order => 2, grant => 3, adjust => 2, look => 1 },
	lots => { grant => 8, order => 8, settle => 6, cancel => 4, refund_order => 4, adjust => 3 },
	topups => { topup => 10, order => 4, settle => 2, attach => 2, set_default => 1, detach => 1, look => 1 },
	approvals => { request => 7, approve => 8, reject => 3, topup => 3, order => 2, attach => 1 },
	auto => { order => 9, settle => 4, auto_topup => 3, topup => 2, grant => 1, attach => 2, set_default => 1, detach => 1 },
	refunds => { topup => 6, refund_topup => 7, order => 4, settle => 2, grant => 1 },
);

# How a processor fails a request. What is silent for good makes the outcome unknown without anybody's waiting for it.
my @faults = (
	[4, { when => 'after', status => 500, headers => { 'Stripe-Should-Retry' => 'false' } }],
	[4, { when => 'before', status => 500, stored => \0, headers => { 'Stripe-Should-Retry' => 'false' } }],
	[2, { when => 'before', status => 500, headers => { 'Stripe-Should-Retry' => 'false' } }],
	[2, { when => 'after', reset => 1 }],
	[2, { when => 'before', reset => 1 }],
	[1, { when => 'after', status => 503, stored => \0 }],
	[1, { when => 'before', status => 429, stored => \0 }],
	[1, { when => 'after', cut => 20 }],
	[2, { when => 'after', hang => 0.08 }],
	[2, { when => 'before', hang => 0.08 }],
);

my @paths = ('/confirm$', '/confirm$', '/confirm$', '/payment_intents$', '/payment_intents$', '.', '/cancel$', '/refunds$', '/payment_intents');

# How it tells of what happened.
my @webhooks = ({ off => 1, type => 'payment_intent' }, { before_reply => 1 }, { copies => 2 }, { copies => 3 }, { alias => 1 }, { hold => 1 }, { reorder => 3 }, { concurrent => 3 });

# What happens without a request.
my @happenings = ([4, 'settle'], [2, 'fail'], [3, 'authenticate'], [1, 'refuse_authentication'], [3, 'dispute'], [3, 'close_dispute'], [2, 'refund'], [1, 'fail_refund']);

my @jobs = qw(payments.sweep refunds.sweep orders.expire approvals.expire credits.expire_lots auto_topup idempotency.free);

# ---- organizations ---------------------------------------------------------------------------------------------------

sub plan_organization ($chance, $number, $pays) {
	return {
		number => $number,
		fields => { currency => $chance->one_of(qw(AUD AUD AUD GBP USD)), timezone => $chance->one_of('UTC', 'Australia/Sydney', 'America/New_York', 'Pacific/Chatham') },
		credits => $chance->one_of(0, 100, $chance->between(1, 800), 3000),
		hard_limit => $chance->chance(1, 3) ? $chance->between(200, 3000) : undef,
		post_pay => $pays ? 0 : $chance->chance(1, 6) ? 1 : 0,
		threshold => $chance->chance(1, 2) ? $chance->between(300, 3000) : undef,
		card => $pays ? ($chance->chance(2, 3) ? 'pm_card_visa' : some_card($chance)) : undef,
	};
}

# ---- steps -----------------------------------------------------------------------------------------------------------

# Deeds at once. Some are sent twice under one key, and some aim at one thing.
sub plan_callers ($chance, $plan, $weights) {
	my $crowd = $chance->weighted([4, 1], [5, $chance->between(2, 3)], [3, $chance->between(4, 6)]);
	my (@deeds, $same);

	for (1 .. $crowd) {
		my $organization = $chance->one_of($plan->{organizations}->@*);
		my $name = $chance->weighted(map { [$weights->{$_}, $_] } sort keys %$weights);
		my $deed = plan_deed($chance, $name, $organization);
		if ($same && $chance->chance(1, 3)) {
			$deed->{organization} = $same->{organization};
			for my $aim (qw(reference pick)) {
				$deed->{$aim} = $same->{$aim} if defined $deed->{$aim} && defined $same->{$aim} && !($aim eq 'reference' && $name eq 'order');
			}
		}
		$deed->{key} = 'k' . ++$plan->{keys} if !$deeds{$name}{reads} && $chance->chance(9, 10);
		$deed->{twice} = 1 if $deed->{key} && $chance->chance(1, 8);
		$deed->{nginx} = 1 if $chance->chance(1, 4);
		push @deeds, $same = $deed;
	}
	return { step => 'callers', deeds => \@deeds };
}

sub plan_clock ($chance) {
	return { step => 'clock', seconds => $chance->weighted([3, $chance->between(1, 30)], [4, $chance->between(31, 900)], [3, $chance->between(901, 10_000)],
	    [2, $chance->between(40_000, 90_000)], [1, $chance->between(90_000, 900_000)]) } if $chance->chance(4, 5);
	return { step => 'clock', month => 1, seconds => $chance->one_of(-1, 0, 1, 3600) };
}

sub plan_world ($chance, $pays) {
	return plan_clock($chance) if $chance->chance($pays ? 2 : 3, 5);
	return { step => 'jobs', jobs => [$chance->some_of($chance->weighted([3, 1], [1, 2]), $pays ? @jobs : @jobs[2, 4])], $chance->chance(1, 4) ? (kill => $chance->between(5, 45)) : () }
	    if !$pays || $chance->chance(1, 3);
	return { step => 'fault', $chance->weighted(@faults)->%*, path => $chance->one_of(@paths), skip => $chance->one_of(0, 0, 1), times => $chance->one_of(1, 1, 2) }
	    if $chance->chance(2, 5);
	return { step => 'webhooks', type => $chance->one_of('.', 'succeeded', 'refund', 'dispute', 'payment_intent'), $chance->one_of(@webhooks)->%*, times => $chance->between(1, 4) }
	    if $chance->chance(1, 3);
	return { step => 'release', reverse => $chance->one_of(\0, \1), at_once => $chance->one_of(\0, \1) } if $chance->chance(1, 6);
	return { step => 'outside', what => $chance->weighted(@happenings), pick => $chance->below(4), cents => $chance->between(1, 40) };
}

# MariaDB is killed in one seed of 50.
sub kills_database ($seed) { return $seed % 50 == 17 }

# `has` tells whether the build knows a deed's operation.
sub plan_of ($seed, $has) {
	my $chance = Purser::Sim::Random->new($seed);
	my $theme = $chance->weighted([4, 'orders'], [2, 'lots'], [4, 'topups'], [3, 'approvals'], [3, 'auto'], [3, 'refunds']);
	my $weights = { map { $has->($_) ? ($_ => $themes{$theme}{$_}) : () } keys $themes{$theme}->%* };
	my $pays = exists $weights->{topup} || exists $weights->{approve};
	my $plan = { seed => $seed, theme => $theme, pays => $pays, keys => 0 };

	# Near the end of a month now and then.
	$plan->{day} = $chance->chance(1, 3) ? 27 : $chance->between(0, 26);
	$plan->{second} = $chance->below(86_400);
	$plan->{organizations} = [map { plan_organization($chance, $_, $pays) } 1 .. $chance->weighted([3, 1], [2, 2])];
	my $steps = $chance->between(8, 14);
	my $kills_at = kills_database($seed) ? $chance->below($steps) : -1;
	for my $number (0 .. $steps - 1) {
		my $step = plan_callers($chance, $plan, $weights);
		$step->{kill} = { after => $chance->below(30), which => $chance->below(64), count => $chance->weighted([2, 1], [1, 4]) } if $chance->chance(1, 6);
		$step->{kill_runner} = 1 if $chance->chance(1, 60);
		$step->{kill_database} = $chance->below(8) if $number == $kills_at;
		push $plan->{steps}->@*, $step;
		push $plan->{steps}->@*, plan_world($chance, $pays) for 1 .. $chance->weighted([4, 0], [5, 1], [2, 2]);
	}
	return $plan;
}

# ---- in words --------------------------------------------------------------------------------------------------------

sub shown ($value) {
	return '-' if !defined $value;
	return $$value ? 'yes' : 'no' if ref $value eq 'SCALAR';
	return '[' . join(', ', map { shown($_) } @$value) . ']' if ref $value eq 'ARRAY';
	return ref $value eq 'HASH' ? '{' . join(' ', map { "$_=" . shown($value->{$_}) } sort keys %$value) . '}' : $value;
}

sub show_step ($step) {
	return join ' ', $step->{step}, map { "$_=" . shown($step->{$_}) } grep { $_ ne 'step' } sort keys %$step if $step->{step} ne 'callers';
	my $more = join '', map { defined $step->{$_} ? " $_=" . shown($step->{$_}) : '' } qw(kill kill_runner kill_database);
	return "callers$more\n" . join "\n", map { my $deed = $_; "    $deed->{deed} of $deed->{who}@" . $deed->{organization} . ': '
	    . join ' ', map { "$_=" . ($_ eq 'lines' ? join('+', map { "$_->{quantity}x$_->{unit_credits}" } $deed->{lines}->@*) : shown($deed->{$_})) }
	    grep { !/^(?:deed|who|organization)$/ } sort keys %$deed } $step->{deeds}->@*;
}

1;
