package Purser::Year::Deeds;

# What an organization, its people, the operator and the processor do in a year. A deed gives the replies that it got; what
# it may be refused with is `may`. Whatever has an effect that the books must show is noted in the life's own account.

use v5.36;
use Exporter 'import';
use Purser::Sim::Deeds;
use Purser::Year::Plan qw(@services);
use Purser::Year::Zone qw(add_days local_day seconds_of text_of);

our @EXPORT_OK = qw(%deeds come_about);

my @metrics = qw(requests prompt_tokens completion_tokens);

# ---- helpers ---------------------------------------------------------------------------------------------------------

sub lines_for ($life) {
	my $chance = $life->{chance};
	my $most = $chance->one_of(20, 100, 400, 2000);
	my @lines = map { { sku => "s$_", description => "Thing $_", quantity => $chance->one_of(1, 1, 2, 3, '0.5', '1.5'), unit_credits => $chance->between(1, $most),
	    $chance->chance(4, 5) ? (service => $chance->one_of(@services)) : (), $chance->chance(1, 6) ? (commitment_eligible => $chance->one_of(\0, \1)) : () } } 1 .. $chance->between(1, 4);
	$lines[0]{quantity} = 1; # nobody orders for nothing
	return \@lines;
}

sub some_order ($life, @statuses) {
	my @ids = grep { my $order = $life->{orders}{$_}; grep { $order->{status} eq $_ } @statuses } sort { $life->{orders}{$a}{number} <=> $life->{orders}{$b}{number} } keys $life->{orders}->%*;
	return unless @ids;
	my @late = @ids > 6 ? @ids[-6 .. -1] : @ids;
	return $life->{chance}->one_of(@late);
}

# Of the organization's rows the newest but a few.
sub some_row ($life, $sql) {
	my @ids = map { $_->{id} } $life->rows($sql);
	return @ids ? Purser::Sim::Database::ulid_text($life->{chance}->one_of(@ids)) : undef;
}

sub some_invoice ($life, @statuses) {
	my $in = join ', ', map { "'$_'" } @statuses;
	return some_row($life, "SELECT id FROM invoice WHERE organization_id = ? AND kind = 'run' AND status IN ($in) ORDER BY serial DESC LIMIT 4");
}

sub settle_order ($life, $id) {
	my $order = $life->{orders}{$id};
	my $lines = $life->{chance}->chance(1, 4) ? lines_for($life) : undef;
	my $reply = $life->request('orders.settle', { order_id => $id, $lines ? (lines => $lines) : () });

	if ($reply->status == 200) {
		@$order{qw(status credits lines)} = ('settled', Purser::Sim::Deeds::credits_of($lines // $order->{lines}), $lines // $order->{lines});
	}
	return $reply;
}

sub today ($life, $days = 0) { return add_days(local_day($life->{zone}, $life->now), $days) }

# The plan's version that its price is of, by its words.
sub some_plan ($life) {
	my $plan = $life->{chance}->one_of($life->{world}{plans}->@*);
	return { plan_id => $plan->{id}, cycle => $plan->{cycles}[ $life->{chance}->below(scalar $plan->{cycles}->@*) ], $life->{chance}->chance(1, 3) ? (seats => $life->{chance}->between(1, 6)) : () };
}

# Events of usage, as the service has to count them.
sub events_for ($life) {
	my $chance = $life->{chance};
	my @events;

	for (1 .. $chance->between(1, 5)) {
		my $metric = $chance->one_of(@metrics);
		my $back = $chance->weighted([5, 0], [2, $chance->between(1, 86_400)], [3, $chance->between(86_400, 40 * 86_400)]);
		my $at = $life->now - $back - 1;
		push @events, { id => 'e' . ++$life->{event_count}, metric => $metric, quantity => $chance->weighted([3, $chance->between(1, 60)], [2, $chance->between(60, 900)]) . $chance->one_of('', '', '.5', '.25'),
		    occurred_at => text_of($at), $chance->chance(1, 3) ? (service => $chance->one_of(@services)) : () };
	}
	return \@events;
}

# What waits for the world outside comes to its end: bank transfers that were under way for so many days, people who confirm.
sub come_about ($life, $days) {
	for my $row ($life->rows("SELECT intent_id, state, CAST(created_at AS CHAR) AS at FROM payment WHERE organization_id = ? AND intent_id IS NOT NULL AND state IN ('charging', 'unknown', 'requires_action') ORDER BY id")) {
		next if $life->now - seconds_of($row->{at}) < $days * 86_400;
		my $command = $row->{state} eq 'requires_action' ? 'authenticate' : 'settle';
		my $done = eval { $life->{world}{stack}->provider->control($command, payment_intent => $row->{intent_id}) };
		$life->tell("outside: $command $row->{intent_id}" . ($done ? '' : " fails: $@"));
	}
}

# ---- deeds -----------------------------------------------------------------------------------------------------------

our %deeds = (
	order => { often => 24, do => sub ($life) {
		my $lines = lines_for($life);
		my @running = grep { !$_->{cancelled} } $life->{commitments}->@*;
		my $named = @running && $life->{chance}->chance(1, 4) ? $life->{chance}->one_of(@running) : undef;
		my $reply = $life->request('orders.create', { reference => 'order-' . ++$life->{order_count}, lines => $lines, $named ? (commitment_id => $named->{id}) : () });

		return $reply if $reply->status != 202 && $reply->status != 200;
		my $id = $reply->json->{id};
		$life->{orders}{$id} = { id => $id, number => $life->{order_count}, status => 'reserved', lines => $lines, commitment_id => $named ? $named->{id} : undef };
		return $life->{chance}->chance(3, 4) ? ($reply, settle_order($life, $id)) : $reply;
	} },
	settle => { often => 4, do => sub ($life) {
		my $id = some_order($life, 'reserved') // return;
		return settle_order($life, $id);
	} },
	cancel => { often => 1, do => sub ($life) {
		my $id = some_order($life, 'reserved') // return;
		my $reply = $life->request('orders.cancel', { order_id => $id });
		$life->{orders}{$id}{status} = 'cancelled' if $reply->status == 200;
		return $reply;
	} },
	refund => { often => 3, do => sub ($life) {
		my $id = some_order($life, 'settled') // return;
		my $reply = $life->operator('orders.refund', { order_id => $id });
		$life->{orders}{$id}{status} = 'refunded' if $reply->status == 200;
		return $reply;
	} },
	grant => { often => 3, do => sub ($life) {
		my $credits = $life->{chance}->between(10, 4000);
		my $reply = $life->operator('billing.grants.create', { credits => $credits, source => $life->{chance}->one_of(qw(promotional goodwill)),
		    $life->{chance}->chance(1, 2) ? (expires_at => text_of($life->now + 86_400 * $life->{chance}->between(2, 70))) : () });
		$life->{done}{granted} += $credits if $reply->status == 200;
		return $reply;
	} },
	adjust => { often => 1, may => qr/^(?:402|409|422)$/, do => sub ($life) {
		my $credits = $life->{chance}->one_of(1, 1, -1) * $life->{chance}->between(1, 300);
		my $reply = $life->operator('billing.adjustments.create', { credits => $credits, reason => 'A correction.' });
		$life->{done}{adjusted} += $credits if $reply->status == 200;
		return $reply;
	} },
	topup => { often => 6, do => sub ($life) { return $life->request('billing.topup', { credits => $life->{chance}->between(200, 20_000) }) } },
	refund_topup => { often => 1, may => qr/^(?:402|404|409|422)$/, do => sub ($life) {
		my $id = some_row($life, "SELECT id FROM payment WHERE organization_id = ? AND state = 'succeeded' AND purpose <> 'invoice' ORDER BY id DESC LIMIT 3") // return;
		return $life->operator('billing.topups.refund', { topup_id => $id, reason => 'Asked for.', $life->{chance}->chance(1, 2) ? (amount => $life->{chance}->between(1, 9) . '.50') : () });
	} },
	auto_topup => { often => 1, may => qr/^(?:402|409|422)$/, do => sub ($life) {
		return $life->request('billing.set_auto_topup', { enabled => $life->{chance}->one_of(\0, \1), threshold_credits => 500, topup_amount_credits => 2000, daily_charge_cap_aud => 100 });
	} },
	attach => { often => 1, do => sub ($life) {
		return $life->request('payment_methods.attach', { payment_method_id => $life->{chance}->one_of(qw(pm_card_visa pm_card_mastercard pm_card_chargeCustomerFail)) });
	} },
	subscribe => { often => 4, do => sub ($life) { return $life->request('billing.subscriptions.start', { some_plan($life)->%*, trial => $life->{chance}->chance(1, 3) ? \1 : \0 }) }, may => qr/^(?:402|404|409|422)$/ },
	change => { often => 7, do => sub ($life) {
		my $plan = some_plan($life);
		my ($product) = map { $_->{product} } grep { $_->{id} eq $plan->{plan_id} } $life->{world}{plans}->@*;
		return $life->request('billing.subscriptions.change', { %$plan, product => $product });
	}, may => qr/^(?:402|404|409|422)$/ },
	end => { often => 1, do => sub ($life) { return $life->request('billing.subscriptions.cancel', { product => $life->{chance}->one_of(qw(platform platform spaces)),
	    when => $life->{chance}->one_of(qw(now period_end period_end)) }) } },
	resume => { often => 1, do => sub ($life) { return $life->request('billing.subscriptions.resume', { product => 'platform' }) } },
	use => { often => 14, do => sub ($life) {
		my $events = events_for($life);
		my $reply = $life->request('usage.record', { events => $events });
		my %lost = $reply->status == 200 ? map { $_->{index} => 1 } $reply->json->{rejected}->@* : ();
		push $life->{events}{ $_->{metric} }->@*, $_ for $reply->status == 200 ? map { $lost{$_} ? () : $events->[$_] } 0 .. $#$events : ();
		return $reply;
	} },
	hold => { often => 2, may => qr/^(?:402|404|409|429)$/, do => sub ($life) {
		my $metric = $life->{chance}->one_of(@metrics);
		my $reply = $life->request('usage.authorize', { metric => $metric, quantity => $life->{chance}->between(1, 200) });
		return $reply if $reply->status != 200 || !$reply->json->{hold_id};
		my $quantity = $life->{chance}->between(1, 200);
		my $committed = $life->request('usage.commit', { hold_id => $reply->json->{hold_id}, quantity => $quantity });
		push $life->{events}{$metric}->@*, { metric => $metric, quantity => $quantity, occurred_at => text_of($life->now) } if $committed->status == 200;
		return ($reply, $committed);
	} },
	commit => { often => 1, do => sub ($life) {
		my $chance = $life->{chance};
		my $name = $chance->one_of('Compute', 'Compute', 'Storage');
		my @same = grep { $_->{name} eq $name } $life->{commitments}->@*;
		my $starts = @same && $chance->chance(1, 2) ? add_days($same[-1]{ends_on}, 1) : today($life, $chance->between(-20, 20));
		my $days = $chance->between(20, 150);
		my $ends = add_days($starts, $days);
		return if $ends lt today($life);
		my $amount = $chance->between(5, 900);
		my %terms = (name => $name, starts_on => $starts, ends_on => $ends, amount => "$amount.00", rollover_percent => $chance->one_of(0, 0, 50, 33, 100),
		    $chance->chance(1, 2) ? (eligible_services => [$chance->some_of(2, @services)]) : ());
		if ($chance->chance(1, 2)) {
			$terms{true_up} = 'milestones';
			$terms{milestones} = [grep { $_->{on} ge today($life) } { on => add_days($starts, int($days / 3)), amount => sprintf('%.2f', $amount / 3) }, { on => add_days($starts, int($days * 2 / 3)), amount => sprintf('%.2f', $amount / 2) }];
		}
		delete @terms{qw(milestones true_up)} if $terms{milestones} && !$terms{milestones}->@*;
		my $reply = $life->operator('organizations.commitments.create', \%terms);
		push $life->{commitments}->@*, { %terms, id => $reply->json->{id}, said => $reply->json } if $reply->status == 200;
		return $reply;
	}, may => qr/^(?:404|409)$/ },
	amend => { often => 1, do => sub ($life) {
		my @running = grep { !$_->{cancelled} && $_->{ends_on} ge today($life) } $life->{commitments}->@*;
		return unless @running;
		my $commitment = $life->{chance}->one_of(@running);
		my %terms = $life->{chance}->chance(1, 2) ? (amount => $life->{chance}->between(500, 1500) . '.00') : (ends_on => add_days($commitment->{ends_on}, $life->{chance}->between(1, 20)));
		my $reply = $life->operator('organizations.commitments.amend', { commitment_id => $commitment->{id}, %terms });
		if ($reply->status == 200) {
			@$commitment{ keys %terms } = values %terms;
			$commitment->{amended} = 1;
		}
		return $reply;
	}, may => qr/^(?:404|409|422)$/ },
	give_up => { often => 1, do => sub ($life) {
		return unless $life->{chance}->chance(1, 4);
		my @running = grep { !$_->{cancelled} && $_->{ends_on} ge today($life) } $life->{commitments}->@*;
		return unless @running;
		my $commitment = $life->{chance}->one_of(@running);
		my $reply = $life->operator('organizations.commitments.cancel', { commitment_id => $commitment->{id} });
		$commitment->{cancelled} = 1 if $reply->status == 200;
		return $reply;
	} },
	pay => { often => 3, do => sub ($life) {
		my $id = some_invoice($life, qw(issued issued uncollectible)) // return;
		return $life->request('billing.invoices.pay', { invoice_id => $id });
	} },
	mark_paid => { often => 2, do => sub ($life) {
		my $id = some_invoice($life, 'issued') // return;
		return $life->operator('billing.enterprise.mark_invoiced', { invoice_id => $id, reference => 'Transfer ' . $life->{chance}->below(100_000) });
	} },
	note => { often => 1, may => qr/^(?:404|409|422)$/, do => sub ($life) {
		my $id = some_invoice($life, qw(issued paid)) // return;
		return $life->operator('billing.credit_notes.create', { invoice_id => $id, reason => 'Mended.', $life->{chance}->chance(2, 3) ? (amount => '0.' . $life->{chance}->between(10, 99)) : () });
	} },
	give_back => { often => 1, do => sub ($life) {
		my $id = some_row($life, "SELECT id FROM invoice WHERE organization_id = ? AND kind = 'run' AND paid > IF(status = 'void', 0, total - credited - written_off) ORDER BY serial DESC LIMIT 4") // return;
		return $life->operator('billing.invoices.mark_refunded', { invoice_id => $id, reference => 'Back ' . $life->{chance}->below(100_000) });
	} },
	void => { often => 1, do => sub ($life) {
		return unless $life->{chance}->chance(1, 2);
		my $id = some_invoice($life, 'issued') // return;
		return $life->operator('billing.invoices.void', { invoice_id => $id });
	} },
	write_off => { often => 1, do => sub ($life) {
		return unless $life->{chance}->chance(1, 3);
		my $id = some_invoice($life, 'issued') // return;
		return $life->operator('billing.invoices.write_off', { invoice_id => $id });
	} },
	mark_payment => { often => 1, may => qr/^(?:404|409|422)$/, do => sub ($life) {
		return unless $life->{chance}->chance(1, 3);
		return $life->operator('admin.subscriptions.mark_payment', { outcome => $life->{chance}->one_of(qw(made made failed)), reason => 'Told by phone.' });
	} },
	# The world outside.
	dispute => { often => 1, do => sub ($life) {
		my ($intent) = map { $_->{intent_id} } $life->rows("SELECT intent_id FROM payment WHERE organization_id = ? AND state = 'succeeded' AND intent_id IS NOT NULL ORDER BY id DESC LIMIT 1");
		return if !defined $intent || $life->{disputed}{$intent}++;
		my $dispute = eval { $life->{world}{stack}->provider->control('dispute', payment_intent => $intent) };
		$life->tell("the bank disputes $intent" . ($dispute ? '' : ", which fails: $@"));
		push $life->{disputes}->@*, $dispute->{id} if $dispute;
		return;
	} },
	close_dispute => { often => 1, do => sub ($life) {
		my $dispute = shift @{ $life->{disputes} //= [] } // return;
		my $status = $life->{chance}->one_of(qw(won lost));
		eval { $life->{world}{stack}->provider->control('close_dispute', dispute => $dispute, status => $status) };
		$life->tell("the dispute $dispute is $status$@");
		return;
	} },
	refund_outside => { often => 1, do => sub ($life) {
		my ($intent) = map { $_->{intent_id} } $life->rows("SELECT intent_id FROM payment WHERE organization_id = ? AND state = 'succeeded' AND intent_id IS NOT NULL ORDER BY id DESC LIMIT 1");
		return if !defined $intent || $life->{disputed}{$intent};
		my $cents = $life->{chance}->between(1, 400);
		my $refund = eval { $life->{world}{stack}->provider->control('refund', payment_intent => $intent, amount => $cents) };
		$life->tell("the processor's operator gives back $cents of $intent" . ($refund ? '' : ", which fails: $@"));
		return;
	} },
	come_about => { often => 1, do => sub ($life) { come_about($life, 0); return } },
);

1;
