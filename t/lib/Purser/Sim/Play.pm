package Purser::Sim::Play;

# Plays a plan: every step against the real thing, and after every step the rules. What a caller was told is remembered and
# held against what is there from then on; who got no answer asks again under the same key.

use v5.36;
use POSIX qw(floor strftime);
use Purser::Reply;
use Purser::Sim::Database qw(stamp);
use Purser::Sim::Deeds qw(%deeds);
use Purser::Sim::Ledger;
use Purser::Sim::Plan qw(show_step);
use Purser::Sim::Rules;
use Time::HiRes qw(sleep time);
use Time::Local qw(timegm_modern);

my $json = Purser::Reply::codec();
my $key_life = 23 * 3600;

# `stack`, `wire` and `jobs` (what the runner knows) are the lane's.
sub new ($class, $plan, %lane) {
	return bless { %lane, plan => $plan, db => $lane{stack}{db}, told => [], unknown => [], count => 0, deeds => {}, disputed => {}, story => [] }, $class;
}

# ---- the database, for deeds -----------------------------------------------------------------------------------------

sub value ($self, @query) { return $self->{db}->value(@query) }
sub column ($self, $sql, @values) { return map { $_->[0] } $self->{db}->run($sql, @values)->fetchall_arrayref->@* }

sub now ($self) { return $self->{stack}->now }
sub time_text ($self, $seconds) { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime floor($self->now + $seconds)) }

sub say_so ($self, $line) { push $self->{story}->@*, $line }

# ---- the clock -------------------------------------------------------------------------------------------------------

sub month_after ($at) {
	my (undef, undef, undef, undef, $month, $year) = gmtime floor $at;
	return timegm_modern(0, 0, 0, 1, ($month + 1) % 12, $year + 1900 + ($month == 11 ? 1 : 0));
}

# Forward only: the seed's day and second in the month that follows.
sub begin_time ($self) {
	my ($plan, $now) = ($self->{plan}, $self->now);
	my $month = month_after($now);
	my $at = $plan->{day} == 27 ? month_after($month) - 86_400 : $month + 86_400 * $plan->{day};

	$self->{stack}->set_time(floor($at + $plan->{second} - time));
	$self->{began} = $self->now;
}

sub move_clock ($self, $seconds) {
	my $stack = $self->{stack};
	$stack->set_time($stack->{offset} + $seconds) if $seconds > 0;
}

sub play_clock ($self, $step) {
	$self->move_clock($step->{month} ? floor(month_after($self->now) + $step->{seconds} - $self->now) : $step->{seconds});
	return;
}

# ---- the beginning ---------------------------------------------------------------------------------------------------

sub ask_now ($self, $operation, $token, $body) {
	my ($reply) = $self->{wire}->exchange([{ operation => $operation, token => $token, body => $json->encode($body), nginx => 1, id => 'begin-' . ++$self->{count} }]);
	return $reply && $reply->{status} =~ /^2/ ? $reply->{json} : die "$operation: " . ($reply ? "$reply->{status} " . $json->encode($reply->{json}) : 'no reply') . "\n";
}

sub begin_organization ($self, $planned) {
	my ($db, $operator) = ($self->{db}, $self->{stack}{operator});
	my $made = $self->ask_now('admin.organizations.create', $operator, { name => "Seed $self->{plan}{seed}, $planned->{number}", country => 'AU', $planned->{fields}->%* });
	my $bytes = Purser::Sim::Database::ulid_bytes($made->{id});
	my %tokens = (operator => $operator, key => $db->new_key($made->{id}, $self->now), map { $_ => $db->new_person($made->{id}, $_, $self->now) } qw(owner billing));

	$db->run('UPDATE book SET hard_limit = ?, post_pay = ? WHERE organization_id = ?', $planned->{hard_limit}, $planned->{post_pay}, \$bytes);
	$db->run('UPDATE organization SET approval_threshold_credits = ?, enterprise_billing = ? WHERE id = ?', $planned->{threshold}, $planned->{post_pay}, \$bytes);
	my $organization = { id => $made->{id}, bytes => $bytes, tokens => \%tokens, planned => $planned, promises => [], references => {}, bounds => {},
	    ledger => Purser::Sim::Ledger->new($db, $bytes) };
	$organization->{rules} = Purser::Sim::Rules->new($db, $bytes, $organization->{ledger});
	$self->ask_now('payment_methods.attach', $tokens{owner}, { payment_method_id => $planned->{card} }) if $planned->{card};
	$self->{organizations}{ $planned->{number} } = $organization;
	if ($planned->{credits}) {
		$self->ask_now('billing.grants.create', $operator, { organization_id => $made->{id}, credits => $planned->{credits}, source => 'goodwill' });
		$organization->{bounds}{grant}{sure}++;
	}
}

# ---- what callers are told -------------------------------------------------------------------------------------------

sub hex_of ($ulid) { return uc unpack 'H*', Purser::Sim::Database::ulid_bytes($ulid) }

# How sure it is that a deed is done: `sure`, or `maybe`.
sub count_deed ($self, $asked, $how) {
	my $organization = $asked->{organization};
	my $name = $asked->{deed}{deed};

	$organization->{bounds}{$name}{$how}++;
	$organization->{references}{ $asked->{deed}{reference} }{$how}++ if $name eq 'order';
}

my %refusals = (grant => qr/^(?:404|409|422)$/, refund_topup => qr/^(?:402|404|409|422)$/, auto_topup => qr/^(?:402|409|422)$/, approve => qr/^(?:402|404|409|410)$/, reject => qr/^(?:404|409|410)$/);
my $refusal = qr/^(?:402|404|409)$/;

sub take_success ($self, $asked, $reply) {
	my $promise = $deeds{ $asked->{deed}{deed} }{promise};

	$asked->{outcome} = 'done';
	$self->count_deed($asked, 'sure');
	return unless $promise;
	my ($kind, $id, %is) = $promise->($asked->{deed}, $reply->{json});
	push $asked->{organization}{promises}->@*, { kind => $kind, id => hex_of($id), is => \%is, what => "$asked->{name} ($reply->{status})" };
}

# Gives what is wrong with the reply itself.
sub take_reply ($self, $asked, $reply) {
	my ($name, $code) = ($asked->{deed}{deed}, $reply && ref $reply->{json} eq 'HASH' ? $reply->{json}{code} // '' : '');

	push $asked->{replies}->@*, $reply ? "$reply->{status}" . ($code ? " $code" : '') . ($reply->{replayed} ? ' again' : '') : 'no reply';
	return if !$reply || $reply->{status} =~ /^50[234]$/ || $code eq 'idempotency_in_progress';
	if (succeeded($reply)) {
		my $text = $json->encode($reply->{json});
		return "$asked->{name}: the same key got another reply:\n$asked->{text}\n$text" if defined $asked->{text} && $asked->{key} && $asked->{text} ne $text && !$self->may_change($asked);
		return if ($asked->{outcome} // 'refused') ne 'refused';
		$asked->{text} = $text;
		$self->take_success($asked, $reply);
		return;
	}
	return "$asked->{name}: refused after it was done: $reply->{status} $code" if ($asked->{outcome} // '') eq 'done' && $asked->{key};
	$asked->{outcome} = 'refused';
	return if $reply->{status} =~ ($refusals{$name} // $refusal) && $code ne 'idempotency_key_reused';
	return "$asked->{name}: " . $reply->{status} . ' ' . $json->encode($reply->{json});
}

# What a caller is told of a purchase that is not over is not kept under the key.
sub may_change ($self, $asked) { return $asked->{text} =~ /"status":"(?:processing|pending)"/ }

# ---- callers ---------------------------------------------------------------------------------------------------------

# What was printed is a text to the codec, too.
sub numbers ($value) {
	return { map { $_ => numbers($value->{$_}) } keys %$value } if ref $value eq 'HASH';
	return [map { numbers($_) } @$value] if ref $value eq 'ARRAY';
	return !ref $value && $value =~ /\A-?\d{1,15}\z/ ? 0 + $value : $value;
}

sub ask ($self, $deed) {
	my $organization = $self->{organizations}{ $deed->{organization} };
	my $body = $deeds{ $deed->{deed} }{body}->($self, $organization, $deed) or return;

	return { deed => $deed, organization => $organization, body => $json->encode(numbers($body)), key => $deed->{key}, at => $self->now, replies => [], name =>
	    join ' ', $deed->{deed}, $deed->{key} // '(no key)', "of organization $deed->{organization}" };
}

sub request_of ($self, $asked) {
	my $id = sprintf 'seed-%d-%d', $self->{plan}{seed}, ++$self->{count};

	push $asked->{ids}->@*, $id;
	return { operation => $deeds{ $asked->{deed}{deed} }{operation}, token => $asked->{organization}{tokens}{ $asked->{deed}{who} }, body => $asked->{body},
	    key => $asked->{key} ? "$self->{plan}{seed}-$asked->{key}" : undef, id => $id, nginx => $asked->{deed}{nginx} };
}

sub succeeded ($reply) { return $reply && $reply->{status} =~ /^2/ ? 1 : 0 }

# Sends all that is asked, and takes the replies.
sub send_all ($self, $asked, $meanwhile = undef) {
	my @each = map { my $one = $_; ($one) x ($one->{deed}{twice} && !$one->{replies}->@* ? 2 : 1) } @$asked;
	my @replies = $self->{wire}->exchange([map { $self->request_of($_) } @each], $meanwhile);
	# A refusal leaves the key free, so of two requests at once the refused one was first.
	my @order = sort { succeeded($replies[$a]) <=> succeeded($replies[$b]) || $a <=> $b } 0 .. $#each;
	my @faults = map { $self->take_reply($each[$_], $replies[$_]) } @order;

	push $self->{unknown}->@*, grep { !$_->{outcome} && $_->{key} } @$asked;
	$self->count_deed($_, 'maybe') for grep { !$_->{outcome} && !$_->{key} } @$asked;
	return @faults;
}

# Those who got no answer, while their keys are good.
sub who_asks_again ($self) {
	my @again;

	for my $asked (splice $self->{unknown}->@*) {
		if ($self->now - $asked->{at} < $key_life) {
			push @again, $asked;
		} else {
			$asked->{outcome} = 'lapsed';
			$self->count_deed($asked, 'maybe');
		}
	}
	return @again;
}

sub kill_meanwhile ($self, $step) {
	my $stack = $self->{stack};

	return sub {
		if ($step->{kill}) {
			sleep $step->{kill}{after} / 1000;
			$stack->kill_workers($step->{kill}->@{qw(which count)});
		}
		if (defined $step->{kill_database}) {
			sleep $step->{kill_database} / 1000;
			$stack->kill_database;
			$stack->start_database;
		}
		if ($step->{kill_runner}) {
			$stack->kill_runner;
			$stack->start_runner;
		}
	};
}

sub play_callers ($self, $step) {
	my @asked = ($self->who_asks_again, grep { $_ } map { $self->ask($_) } $step->{deeds}->@*);
	my @faults = $self->send_all(\@asked, $self->kill_meanwhile($step));

	$self->{deeds}{ $_->{ids}[0] } = $_ for @asked;
	$self->say_so("    $_->{name}: " . join ', ', $_->{replies}->@*) for @asked;
	return @faults;
}

# ---- what happens to the world ---------------------------------------------------------------------------------------

sub jobs_named ($self, @names) {
	return map { my $name = $_; grep { $_ eq $name || /^\Q$name\E\./ } $self->{jobs}->@* } @names;
}

# Each in a process of its own, at once; kills them after so many milliseconds, where that is asked for.
sub run_jobs ($self, $names, $kill = undef) {
	my %pids = map { $self->{stack}->start_jobs($_) => $_ } $self->jobs_named(@$names);
	my @faults;

	if (defined $kill) {
		sleep $kill / 1000;
		kill 'KILL', keys %pids;
	}
	for my $pid (keys %pids) {
		my $status = $self->{stack}->end_jobs($pid);
		push @faults, "the job $pids{$pid} ended with $status" if $status != 0 && $status != 9;
	}
	return $self->{expect_trouble} ? () : @faults;
}

sub play_jobs ($self, $step) { return $self->run_jobs($step->{jobs}, $step->{kill}) }

sub control ($self, $command, %in) { return $self->{stack}->provider->control($command, %in) }

# A processor that is told what it can't do changes nothing.
sub try_control ($self, $command, %in) { return eval { $self->control($command, %in) } }

sub play_fault ($self, $step) {
	$self->control('fault', %{ numbers({ %$step{ grep { $_ ne 'step' } keys %$step } }) });
	return;
}

sub play_webhooks ($self, $step) {
	$self->control('webhooks', rules => [numbers({ %$step{ grep { $_ ne 'step' } keys %$step } })]);
	return;
}

sub play_release ($self, $step) {
	$self->control('release', %$step{qw(reverse at_once)});
	return;
}

sub some_intent ($self, $step, $where) {
	my @intents = map { my $organization = $_; $self->column("SELECT intent_id FROM payment WHERE organization_id = ? AND intent_id IS NOT NULL AND $where ORDER BY id DESC LIMIT 4",
	    \$organization->{bytes}) } map { $self->{organizations}{$_} } sort keys $self->{organizations}->%*;

	return @intents ? $intents[ $step->{pick} % @intents ] : undef;
}

my %outside = (
	settle => ["state IN ('charging', 'unknown')", sub ($self, $intent, $step) { $self->try_control('settle', payment_intent => $intent) }],
	fail => ["state IN ('charging', 'unknown')", sub ($self, $intent, $step) { $self->try_control('fail', payment_intent => $intent) }],
	authenticate => ["state = 'requires_action'", sub ($self, $intent, $step) { $self->try_control('authenticate', payment_intent => $intent) }],
	refuse_authentication => ["state = 'requires_action'", sub ($self, $intent, $step) { $self->try_control('authenticate', payment_intent => $intent, fails => \1) }],
	refund => ["state = 'succeeded'", sub ($self, $intent, $step) {
		my $refund = $self->try_control('refund', payment_intent => $intent, amount => $step->{cents}) or return;
		push $self->{refunds}->@*, $refund->{id};
	}],
	dispute => ["state = 'succeeded'", sub ($self, $intent, $step) {
		return if $self->{disputed}{$intent}++;
		my $dispute = $self->try_control('dispute', payment_intent => $intent, $step->{pick} == 1 ? (amount => $step->{cents}) : ()) or return;
		push $self->{disputes}->@*, $dispute->{id};
	}],
);

sub play_outside ($self, $step) {
	my $what = $step->{what};

	if ($what eq 'close_dispute') {
		my $dispute = shift(($self->{disputes} //= [])->@*) or return;
		$self->try_control('close_dispute', dispute => $dispute, status => $step->{pick} % 2 ? 'won' : 'lost');
	} elsif ($what eq 'fail_refund') {
		my $refund = shift(($self->{refunds} //= [])->@*) or return;
		$self->try_control('change_refund', refund => $refund, status => 'failed');
	} else {
		my $intent = $self->some_intent($step, $outside{$what}[0]) // return;
		$outside{$what}[1]->($self, $intent, $step);
	}
	return;
}

my %steps = (callers => \&play_callers, clock => \&play_clock, jobs => \&play_jobs, fault => \&play_fault, webhooks => \&play_webhooks,
    release => \&play_release, outside => \&play_outside);

# ---- the rules -------------------------------------------------------------------------------------------------------

sub taken ($self) {
	return {} unless $self->{plan}{pays};
	my $taken = $self->control('taken');
	return { map { hex_of($_) => $taken->{$_} } grep { length == 26 } keys %$taken };
}

sub broken_promises ($self, $organization) {
	my %rows = (entries => $organization->{ledger}{entries}, map { my $kind = $_; $kind => { map { $_->{id} => $_ } $organization->{rules}{$kind}->@* } }
	    qw(orders payments approvals refunds));
	my @faults;

	for my $promise ($organization->{promises}->@*) {
		my $row = $rows{ $promise->{kind} }{ $promise->{id} };
		if (!$row) {
			push @faults, "$promise->{what} was told, and is not among the $promise->{kind}";
			next;
		}
		for my $column (sort keys $promise->{is}->%*) {
			my @may = $promise->{is}{$column}->@*;
			push @faults, "$promise->{what} was told, and its $column is $row->{$column}, not @may" unless grep { $row->{$column} eq $_ } @may;
		}
	}
	return @faults;
}

# What is there without anybody's having been told so, or who may still be told.
sub unasked ($self, $organization) {
	my ($bounds, $reasons) = ($organization->{bounds}, $organization->{ledger}{reasons});
	my %open;
	my @faults;

	$open{ $_->{deed}{deed} }++, $open{"order $_->{deed}{reference}"} = 1 for map { $_->{deed}{deed} eq 'order' ? $_ : { deed => { %{ $_->{deed} }, reference => '' } } }
	    grep { $_->{organization} == $organization } $self->{unknown}->@*;
	for my $pair ([grant => $reasons->{grant} // 0], [adjust => $reasons->{adjustment} // 0]) {
		my ($name, $count) = @$pair;
		my $least = $bounds->{$name}{sure} // 0;
		my $most = $least + ($bounds->{$name}{maybe} // 0) + ($open{$name} // 0);
		push @faults, "$count times $name in the ledger, $least to $most were asked for" if $count < $least || $count > $most;
	}
	for my $order ($organization->{rules}{orders}->@*) {
		push @faults, "order $order->{reference} is there, and everybody who asked for it was refused"
		    unless $organization->{references}{ $order->{reference} } || $open{"order $order->{reference}"};
	}
	my $bought = grep { $_->{purpose} eq 'topup' && $_->{state} eq 'succeeded' } $organization->{rules}{payments}->@*;
	my $most = ($bounds->{topup}{sure} // 0) + ($bounds->{topup}{maybe} // 0) + ($open{topup} // 0);
	push @faults, "$bought top-ups succeeded, $most were asked for and not refused" if $bought > $most;
	return @faults;
}

sub check ($self) {
	my $taken;
	my @faults;

	$self->{db}->at_one_moment(sub {
		$taken = $self->taken; # no older than the moment
		for my $number (sort keys $self->{organizations}->%*) {
			my $organization = $self->{organizations}{$number};
			push @faults, map { "organization $number: $_" } $organization->{ledger}->faults, $organization->{rules}->faults($taken, $organization->{planned}{threshold}),
			    $self->broken_promises($organization), $self->unasked($organization);
		}
	});
	push @faults, Purser::Sim::Rules::faults_of_provider_events($self->{db}, $self->{began}) if $self->{plan}{pays};
	return @faults;
}

# ---- the end ---------------------------------------------------------------------------------------------------------

# What the processor still works on comes to its end.
sub end_processing ($self) {
	for my $organization (values $self->{organizations}->%*) {
		$self->try_control('settle', payment_intent => $_) for $self->column("SELECT intent_id FROM payment WHERE organization_id = ? AND intent_id IS NOT NULL
		    AND state IN ('charging', 'unknown')", \$organization->{bytes});
	}
	$self->control('wait');
}

sub make_well ($self) {
	$self->{expect_trouble} = 0;
	return unless $self->{plan}{pays};
	$self->control('clear_faults');
	$self->control('release');
	$self->end_processing;
}

# Everybody gets an answer, if need be after the jobs have gone on.
sub answer_all ($self) {
	my @faults;

	for my $round (1 .. 6) {
		my @again = $self->who_asks_again or last;
		push @faults, $self->send_all(\@again);
		$self->say_so("    $_->{name}: " . join ', ', $_->{replies}->@*) for @again;
		last unless $self->{unknown}->@*;
		$self->move_clock(200);
		push @faults, $self->run_jobs(['payments.sweep', 'refunds.sweep', 'idempotency.free']);
	}
	return @faults;
}

sub waiting ($self) { return map { $self->{organizations}{$_}{rules}->waiting($self->now) } sort keys $self->{organizations}->%* }

# Moves the clock to where what waits is due, and lets the jobs end it. A payment that waits for its person does so for a day,
# in which it, and an automatic top-up that waits for it, are looked at often, and the latter may then wait for a person itself:
# in the end hour by hour.
sub end_all ($self) {
	my @faults;

	for my $round (1 .. 70) {
		my @waiting = $self->waiting or return @faults;
		# What has no time of its own waits for something else here.
		my ($first) = sort { $a <=> $b } map { $_->{at} // () } @waiting;
		last unless defined $first;
		my $step = $first > $self->now ? 1 + floor($first - $self->now) : 0;
		$step = 3600 if $round > 10 && $step < 3600;
		$self->move_clock($step) if $step;
		my %jobs = map { $_->{job} => 1 } grep { defined $_->{at} && $_->{at} <= $self->now } @waiting;
		$self->say_so(strftime('    %Y-%m-%d %H:%M:%S ', gmtime $self->now) . join('; ', map { $_->{what} } @waiting) . ': ' . join ', ', sort keys %jobs);
		push @faults, $self->run_jobs([sort keys %jobs]);
		$self->end_processing if $self->{plan}{pays};
	}
	return @faults, map { "it waits for ever: $_->{what}" } $self->waiting;
}

# The holds of orders end, and what comes of that.
sub end_holds ($self) {
	my ($reserved) = $self->column("SELECT COUNT(*) FROM orders WHERE status = 'reserved' AND organization_id IN (" . join(', ', map { "X'" . unpack('H*', $_->{bytes}) . "'" }
	    values $self->{organizations}->%*) . ')');
	$self->move_clock(31 * 86_400) if $reserved;
}

# A write that was told leaves one audit row, a refused one none.
sub faults_of_audit ($self) {
	my (%rows, @faults);

	for my $organization (values $self->{organizations}->%*) {
		$rows{ $_->{request_id} }++ for $self->{db}->rows("SELECT request_id FROM audit WHERE organization_id = ? AND outcome = 'ok'", \$organization->{bytes});
	}
	for my $asked (values $self->{deeds}->%*) {
		my $deed = $deeds{ $asked->{deed}{deed} };
		next if $deed->{reads} || $deed->{steps} || !$asked->{outcome} || $asked->{outcome} eq 'lapsed';
		my $count = 0;
		$count += $rows{$_} // 0 for $asked->{ids}->@*;
		my $wanted = $asked->{outcome} eq 'done' ? $asked->{key} ? 1 : scalar(grep { /^2/ } $asked->{replies}->@*) : 0;
		push @faults, "$asked->{name}: $count audit rows, not $wanted (" . join(', ', $asked->{replies}->@*) . ')' if $count != $wanted;
	}
	return @faults;
}

sub disputed_at_the_processor ($self) {
	my %sum;
	my $list = $self->{stack}->provider->api('GET', 'disputes', { limit => 100 })->json;

	for my $dispute ($list->{data}->@*) {
		$sum{ $dispute->{payment_intent} } -= $_->{amount} * 10_000 for $dispute->{balance_transactions}->@*;
	}
	return \%sum;
}

sub last_faults ($self) {
	my $disputed = $self->{plan}{pays} ? $self->disputed_at_the_processor : {};
	my @faults;

	for my $number (sort keys $self->{organizations}->%*) {
		my $rules = $self->{organizations}{$number}{rules};
		push @faults, map { "organization $number: $_" } $rules->last_faults;
		for my $payment (grep { defined $_->{intent_id} && $_->{state} eq 'succeeded' } $rules->{payments}->@*) {
			my $gone = $disputed->{ $payment->{intent_id} } // 0;
			push @faults, "organization $number: disputes hold $payment->{disputed} of payment $payment->{id}, and $gone at the processor" if $gone != $payment->{disputed};
		}
	}
	return @faults, $self->faults_of_audit;
}

# Its jobs are not to disturb the seeds that follow.
sub retire ($self) {
	for my $organization (values $self->{organizations}->%*) {
		$self->{db}->run('UPDATE auto_topup SET enabled = FALSE, due_at = NULL WHERE organization_id = ?', \$organization->{bytes});
		$self->{db}->run('UPDATE book SET auto_topup_threshold = NULL WHERE organization_id = ?', \$organization->{bytes});
	}
}

sub end ($self) {
	$self->make_well;
	my @faults = $self->answer_all;
	push @faults, $self->end_all;
	$self->end_holds if !@faults;
	push @faults, $self->end_all if !@faults;
	push @faults, map { "nobody is told what became of: $_->{name}" } grep { $self->now - $_->{at} < $key_life } $self->{unknown}->@*;
	$_->{ledger}->forget for values $self->{organizations}->%*;
	push @faults, $self->check;
	push @faults, $self->last_faults;
	$self->retire;
	return @faults;
}

# ---- the whole -------------------------------------------------------------------------------------------------------

sub step ($self, $name, $work) {
	my $began = time;
	my @faults = eval { $work->() };
	push @faults, "it died: $@" if $@;
	my $done = time;
	push @faults, eval { $self->check } if !@faults && $name ne 'end';
	push @faults, "the check died: $@" if $@;
	$self->say_so(sprintf '    %.0f ms, the rules %.0f ms', 1000 * ($done - $began), 1000 * (time - $done));
	return @faults;
}

# Gives what is wrong, at the first step where anything is; the story tells what was done until then.
sub play ($self) {
	my $stack = $self->{stack};
	my @faults = $self->step('begin', sub {
		$self->begin_time;
		$stack->provider_begins;
		$self->begin_organization($_) for $self->{plan}{organizations}->@*;
		return;
	});

	my $number = 0;
	for my $step ($self->{plan}{steps}->@*) {
		return @faults if @faults;
		$self->{expect_trouble} = 1 if defined $step->{kill_database};
		$self->say_so(++$number . '. ' . strftime('%Y-%m-%d %H:%M:%S', gmtime $self->now) . ' ' . show_step($step));
		@faults = $self->step($step->{step}, sub { $steps{ $step->{step} }->($self, $step) });
	}
	return @faults if @faults;
	$self->say_so('The end ' . strftime('%Y-%m-%d %H:%M:%S', gmtime $self->now));
	@faults = $self->step('end', sub { $self->end });
	push @faults, map { "a sanitizer found something: $_" } $stack->sanitizer_reports;
	return @faults;
}

1;
