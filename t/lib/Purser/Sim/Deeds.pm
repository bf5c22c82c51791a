package Purser::Sim::Deeds;

# What simulated callers do: for each deed the operation, who may ask for it, how chance fills it in when the run is planned,
# its body when it is played, and what a success promises for ever after.

use v5.36;
use Exporter 'import';

our @EXPORT_OK = qw(%deeds plan_deed some_card credits_of);

# An order of at most so many lines; its credits are what they add up to.
sub lines_for ($chance, $most) {
	my @lines = map { { sku => "s$_", description => "Thing $_", quantity => $chance->one_of(1, 1, 1, 2, 3, '0.5', '1.5'), unit_credits => $chance->between(1, $most) } }
	    1 .. $chance->between(1, 3);
	$lines[0]{quantity} = 1;
	return \@lines;
}

# Half goes to the even neighbour.
sub credits_of ($lines) {
	my $sum = 0;
	for my $line (@$lines) {
		my $tenths = int($line->{quantity} * 10 + 0.5) * $line->{unit_credits};
		my ($whole, $rest) = (int($tenths / 10), $tenths % 10);
		$sum += $whole + ($rest > 5 || ($rest == 5 && $whole % 2) ? 1 : 0);
	}
	return $sum;
}

sub reference ($chance, $organization) {
	$organization->{orders} ||= 0;
	return 'order-' . ++$organization->{orders} if !$organization->{orders} || !$chance->chance(1, 8);
	return 'order-' . $chance->between(1, $organization->{orders});
}

# One of those planned so far, the latest rather.
sub recent_order ($chance, $organization) {
	my $count = $organization->{orders} || 1;
	my $back = $chance->below($chance->chance(2, 3) ? 3 : $count);
	return 'order-' . ($count - $back < 1 ? 1 : $count - $back);
}

sub order_ref ($play, $organization, $deed) {
	my $id = $play->value('SELECT id FROM orders WHERE organization_id = ? AND reference = ?', \$organization->{bytes}, $deed->{reference});
	return defined $id ? (order_id => Purser::Sim::Database::ulid_text($id)) : ();
}

# The id of one of the organization's rows, the newest but `pick`.
sub picked ($play, $organization, $deed, $table, $name, $where = '') {
	my @ids = $play->column("SELECT id FROM $table WHERE organization_id = ? $where ORDER BY id DESC LIMIT 8", \$organization->{bytes});
	return @ids ? ($name => Purser::Sim::Database::ulid_text($ids[ $deed->{pick} % @ids ])) : ();
}

my @cards = ([12, 'pm_card_visa'], [2, 'pm_card_mastercard'], [2, 'pm_card_chargeDeclined'], [2, 'pm_card_insufficientFunds'], [1, 'pm_card_chargeDeclinedLostCard'],
	[2, 'pm_card_authenticationRequired'], [3, 'pm_card_processing'], [1, 'pm_card_createDispute']);

sub some_card ($chance) { return $chance->weighted(@cards) }

# `steps`: it talks to the processor between two transactions. `who`: operator, key, owner, billing. `plan` gives what chance decides; `body` what is sent, nothing where there is nothing to
# do it to; `promise` what has to stay so: a kind of row, its id, and what its columns may be.
our %deeds = (
	grant => {
		operation => 'billing.grants.create', who => ['operator'],
		plan => sub ($chance, $organization) {
			return (credits => $chance->between(1, 900), source => $chance->one_of(qw(promotional goodwill free_tier)),
			    $chance->chance(1, 3) ? (expires => $chance->one_of(600, 7200, 90_000, 2_000_000)) : (), $chance->chance(1, 6) ? (priority => $chance->between(-2, 2)) : ());
		},
		body => sub ($play, $organization, $deed) {
			return { organization_id => $organization->{id}, credits => $deed->{credits}, source => $deed->{source},
			    $deed->{expires} ? (expires_at => $play->time_text($deed->{expires})) : (), defined $deed->{priority} ? (priority => $deed->{priority}) : () };
		},
		promise => sub ($deed, $json) { return ('entries', $json->{id}, reason => ['grant']) },
	},
	adjust => {
		operation => 'billing.adjustments.create', who => ['operator'],
		plan => sub ($chance, $organization) { return (credits => $chance->one_of(1, -1) * $chance->between(1, 300)) },
		body => sub ($play, $organization, $deed) { return { organization_id => $organization->{id}, credits => $deed->{credits}, reason => 'A correction.' } },
		promise => sub ($deed, $json) { return ('entries', $json->{id}, reason => ['adjustment']) },
	},
	order => {
		operation => 'orders.create', who => [qw(key key owner)],
		plan => sub ($chance, $organization) {
			my $reference = reference($chance, $organization);
			$organization->{lines}{$reference} //= lines_for($chance, $chance->one_of(20, 100, 400));
			my $lines = $chance->chance(1, 25) ? lines_for($chance, 30) : $organization->{lines}{$reference};
			return (reference => $reference, lines => $lines);
		},
		body => sub ($play, $organization, $deed) { return { reference => $deed->{reference}, lines => $deed->{lines} } },
		promise => sub ($deed, $json) {
			return ('orders', $json->{id}, reference => [$deed->{reference}], $json->{status} eq 'reserved' ? (held => [credits_of($deed->{lines})]) : ());
		},
	},
	settle => {
		operation => 'orders.settle', who => [qw(key key owner)],
		plan => sub ($chance, $organization) {
			return (reference => recent_order($chance, $organization), $chance->chance(1, 3) ? (lines => lines_for($chance, $chance->one_of(5, 60, 500))) : ());
		},
		body => sub ($play, $organization, $deed) {
			my %order = order_ref($play, $organization, $deed) or return;
			return { %order, $deed->{lines} ? (lines => $deed->{lines}) : () };
		},
		promise => sub ($deed, $json) { return ('orders', $json->{id}, status => [qw(settled refunded)], credits => [$json->{credits}]) },
	},
	cancel => {
		operation => 'orders.cancel', who => [qw(key owner)],
		plan => sub ($chance, $organization) { return (reference => recent_order($chance, $organization)) },
		body => sub ($play, $organization, $deed) { my %order = order_ref($play, $organization, $deed); return %order ? \%order : undef },
		promise => sub ($deed, $json) { return ('orders', $json->{orderId}, status => ['cancelled']) },
	},
	refund_order => {
		operation => 'orders.refund', who => ['operator'],
		plan => sub ($chance, $organization) { return (reference => recent_order($chance, $organization)) },
		body => sub ($play, $organization, $deed) {
			my %order = order_ref($play, $organization, $deed) or return;
			return { organization_id => $organization->{id}, %order };
		},
		promise => sub ($deed, $json) { return ('orders', $json->{id}, status => ['refunded']) },
	},
	attach => {
		operation => 'payment_methods.attach', steps => 2, who => [qw(key owner)],
		plan => sub ($chance, $organization) { return (card => some_card($chance)) },
		body => sub ($play, $organization, $deed) { return { payment_method_id => $deed->{card} } },
	},
	set_default => {
		operation => 'payment_methods.set_default', who => [qw(key owner)],
		plan => sub ($chance, $organization) { return (pick => $chance->below(8)) },
		body => sub ($play, $organization, $deed) {
			my %card = picked($play, $organization, $deed, 'payment_method', 'payment_method_row_id', 'AND detached_at IS NULL');
			return %card ? \%card : undef;
		},
	},
	detach => {
		operation => 'payment_methods.detach', steps => 2, who => ['owner'],
		plan => sub ($chance, $organization) { return (pick => $chance->below(8)) },
		body => sub ($play, $organization, $deed) {
			my %card = picked($play, $organization, $deed, 'payment_method', 'payment_method_row_id', 'AND detached_at IS NULL');
			return %card ? \%card : undef;
		},
	},
	topup => {
		operation => 'billing.topup', steps => 2, who => [qw(key owner billing)],
		plan => sub ($chance, $organization) {
			return (credits => $chance->one_of(100, 150, $chance->between(100, 700), $chance->between(100, 2500)), $chance->chance(1, 5) ? (pick => $chance->below(8)) : ());
		},
		body => sub ($play, $organization, $deed) {
			my %card = defined $deed->{pick} ? picked($play, $organization, $deed, 'payment_method', 'payment_method_id', 'AND detached_at IS NULL') : ();
			return { credits => $deed->{credits}, %card };
		},
		promise => sub ($deed, $json) {
			return ('payments', $json->{id}, purpose => ['topup'], $json->{status} eq 'succeeded' ? (state => ['succeeded'], granted => [$json->{credits}])
			    : $json->{status} eq 'failed' ? (state => [qw(failed succeeded)]) : ());
		},
	},
	refund_topup => {
		operation => 'billing.topups.refund', steps => 2, who => ['operator'],
		plan => sub ($chance, $organization) { return (pick => $chance->below(3), $chance->chance(1, 2) ? (cents => $chance->between(1, 60)) : ()) },
		body => sub ($play, $organization, $deed) {
			my %topup = picked($play, $organization, $deed, 'payment', 'topup_id', "AND state = 'succeeded'") or return;
			return { organization_id => $organization->{id}, %topup, reason => 'Asked for.', $deed->{cents} ? (amount => sprintf '0.%02d', $deed->{cents}) : () };
		},
		promise => sub ($deed, $json) { return ('refunds', $json->{id}) },
	},
	request => {
		operation => 'billing.approvals.request', who => [qw(key owner billing)],
		plan => sub ($chance, $organization) { return (credits => $chance->between(100, 9000), $chance->chance(1, 2) ? (hours => $chance->one_of(1, 5, 48, 100)) : ()) },
		body => sub ($play, $organization, $deed) { return { credits => $deed->{credits}, $deed->{hours} ? (expiry_hours => $deed->{hours}) : () } },
		promise => sub ($deed, $json) { return ('approvals', $json->{id}, credits => [$deed->{credits}]) },
	},
	approve => {
		operation => 'billing.approvals.approve', steps => 2, who => [qw(owner billing)],
		plan => sub ($chance, $organization) { return (pick => $chance->below($chance->chance(2, 3) ? 1 : 8)) },
		body => sub ($play, $organization, $deed) { my %approval = picked($play, $organization, $deed, 'approval', 'approval_id'); return %approval ? \%approval : undef },
		promise => sub ($deed, $json) { return ('approvals', $json->{id}, $json->{status} eq 'approved' ? (status => ['approved']) : ()) },
	},
	reject => {
		operation => 'billing.approvals.reject', who => [qw(owner billing)],
		plan => sub ($chance, $organization) { return (pick => $chance->below(3)) },
		body => sub ($play, $organization, $deed) { my %approval = picked($play, $organization, $deed, 'approval', 'approval_id'); return %approval ? \%approval : undef },
		promise => sub ($deed, $json) { return ('approvals', $json->{id}, status => ['rejected']) },
	},
	auto_topup => {
		operation => 'billing.set_auto_topup', who => [qw(key owner)],
		plan => sub ($chance, $organization) {
			return (enabled => $chance->chance(5, 6) ? 1 : 0, threshold => $chance->between(50, 600), amount => $chance->between(100, 700),
			    $chance->chance(1, 2) ? (cap => $chance->between(2, 30)) : ());
		},
		body => sub ($play, $organization, $deed) {
			return { enabled => $deed->{enabled} ? \1 : \0, threshold_credits => $deed->{threshold}, topup_amount_credits => $deed->{amount},
			    $deed->{cap} ? (daily_charge_cap_aud => $deed->{cap}) : () };
		},
	},
	look => {
		operation => 'billing.credits.balance', who => [qw(key owner)], reads => 1,
		plan => sub ($chance, $organization) { return () },
		body => sub ($play, $organization, $deed) { return {} },
	},
);

# `organization` is what the plan knows of it.
sub plan_deed ($chance, $name, $organization) {
	my $deed = $deeds{$name};

	return { deed => $name, organization => $organization->{number}, who => $chance->one_of($deed->{who}->@*), $deed->{plan}->($chance, $organization) };
}

1;
