package Purser::FullMonth;

# A month with everything in it, for twins: organizations of one kind that live through the same days, so that the run of one
# has to come to what the run of any other comes to. June 2027 in the time zone UTC.

use v5.36;
use Exporter 'import';
use Purser::Cards;
use Purser::Commitments;
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;
use Purser::Usage;

our @EXPORT = qw($full_period %full_kinds live_through full_outcome is_full are_alike settle_charges has_faults);

our $full_period = '2027-06';
our %full_kinds = (0 => 'credits and a card', 1 => 'on account');

# Its requests cost 0.02 beyond 100; the other's prompts 0.05 beyond 10.
my ($first_plan, $second_plan);

sub publish_plans () {
	($first_plan, $second_plan) = map { new_plan(monthly_amount => 10_000_000) } 1, 2;
	db_run('INSERT INTO plan_quota (plan_id, metric, included, overage_unit_price) VALUES (?, ?, ?, ?)', bytes_of($_->[0]), @$_[1 .. 3])
	    for [$first_plan, 'requests', 100, 20_000], [$first_plan, 'prompt_tokens', 1_000, 1_000], [$second_plan, 'requests', 200, 30_000], [$second_plan, 'prompt_tokens', 1_000, 2_000];
}

sub ok_or_die ($reply, $what) {
	$reply->status =~ /^20[02]$/ or die "$what: " . $reply->status . ' ' . $reply->body . "\n";
	return $reply->json;
}

sub begin_life ($post_pay) {
	my $organization = $post_pay ? new_post_pay(100_000, country => 'AU', rate_limit => 1_000_000) : new_organization(country => 'AU', rate_limit => 1_000_000, credits => 2_000);
	$organization->{post_pay} = $post_pay;
	ok_or_die(attach($organization), 'a card') unless $post_pay;
	ok_or_die(subscribe($organization, { plan_id => $first_plan, cycle => 'monthly', trial => \0 }), 'a subscription');
	commit_ok($organization, name => 'Compute', starts_on => '2027-04-21', ends_on => '2027-06-15', amount => '5.00', eligible_services => ['gpu']);
	commit_ok($organization, name => 'Disks', starts_on => '2027-04-21', ends_on => '2028-04-20', amount => '12.00', eligible_services => ['disk'],
	    true_up => 'milestones', milestones => [{ on => '2027-06-10', amount => '2.00' }]);
	ok_or_die(record($organization, [event('april', 'requests', 102)]), 'usage');
	return $organization;
}

# May: what is left after the fee is too little for a card, and carried over where the run does so.
sub live_through_may ($organization) {
	ok_or_die(run_month($organization, '2027-05'), 'May');
	grant($organization->{id}, 1_100) unless $organization->{post_pay};
	ok_or_die(record($organization, [event('late', 'requests', 7, occurred_at => '2027-05-02T00:00:00Z'), event('june', 'requests', 250), event('tokens', 'prompt_tokens', 1_500)]), 'usage of June');
	my @ids = map { ok_or_die(order($organization, "order-$_", [line(10 * $_, service => 'gpu'), line(5, service => 'disk'), line(3)]), 'an order')->{id} } 1 .. 3;
	ok_or_die(settle($organization, $_), 'settled') for @ids;
	ok_or_die(refund($organization, $ids[1]), 'refunded');
}

# The plan that has sold what was beyond its quota is left.
sub change_in_june ($organization) { ok_or_die(change_plan($organization, { plan_id => $second_plan }), 'another plan') }

sub end_june ($organization) {
	ok_or_die(record($organization, [event('end', 'requests', 900), event('end tokens', 'prompt_tokens', 4_000)]), 'usage of the new plan');
	my $last = ok_or_die(order($organization, 'last', [line(40, service => 'disk')]), 'an order');
	ok_or_die(settle($organization, $last->{id}), 'settled');
}

# So many of a kind, as they are when June is over: { kind => [organizations] }.
sub live_through (%counts) {
	keep_away($_) for qw(billing.run billing.charge subscriptions.roll payments.sweep orders.expire usage.reset commitments.reach commitments.watch);
	publish_plans() unless $first_plan;
	at_time('2027-04-20T12:00:00Z');
	my %made = map { my $kind = $_; $kind => [map { begin_life($kind) } 1 .. $counts{$kind}] } sort keys %counts;
	my @all = map { $made{$_}->@* } sort keys %made;
	at_time('2027-06-01T00:00:30Z');
	live_through_may($_) for @all;
	at_time('2027-06-03T00:00:00Z');
	change_in_june($_) for @all;
	at_time('2027-06-18T00:00:00Z');
	end_june($_) for @all;
	at_time('2027-07-01T00:00:30Z');
	return \%made;
}

# ---- what there is afterwards, in words that are alike for all twins -------------------------------------------------

sub rows ($sql, @values) { return join "\n", map { join ' ', map { $_ // '-' } @$_ } db_run($sql, @values)->fetchall_arrayref->@* }

sub full_outcome ($organization) {
	my $id = bytes_of($organization->{id});
	return join "\n--\n",
	    rows('SELECT period, status, step, lines_count, orders_count, credits, subtotal, tax, total, problem, invoice_id IS NOT NULL FROM monthly_run WHERE organization_id = ? ORDER BY period', $id),
	    rows('SELECT period, position, kind, description, quantity, unit, unit_price, credits, amount, paid_from FROM monthly_run_line WHERE organization_id = ? ORDER BY period, position', $id),
	    rows("SELECT period, kind, status, currency, subtotal, tax, total, accrued, paid, credited, retry_at IS NULL, failed_at IS NULL, lines_count, orders_count FROM invoice
	        WHERE organization_id = ? AND kind = 'run' ORDER BY serial", $id),
	    rows("SELECT l.position, l.kind, l.description, l.quantity, l.credits, l.amount, l.accrued, l.tax_rate, l.tax FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id
	        WHERE l.organization_id = ? AND i.kind = 'run' ORDER BY i.serial, l.position", $id),
	    rows('SELECT e.reason, e.available_change, e.reserved_change, l.account, l.unit, l.amount FROM journal_entry e LEFT JOIN journal_line l
	        ON l.organization_id = e.organization_id AND l.sequence = e.sequence WHERE e.organization_id = ? ORDER BY e.sequence, l.account, l.unit', $id),
	    rows('SELECT available, reserved FROM book WHERE organization_id = ?', $id),
	    rows("SELECT purpose, state, COUNT(*), SUM(amount) FROM payment WHERE organization_id = ? GROUP BY purpose, state ORDER BY purpose, state", $id),
	    rows("SELECT type, COUNT(*) FROM outbox WHERE organization_id = ? AND type NOT LIKE 'order%' AND type <> 'invoice.overdue' GROUP BY type ORDER BY type", $id),
	    'receivable ' . receivable_of($organization) . ' unbilled ' . unbilled_of($organization);
}

# Does the month have what it promises to have? By the kinds of its lines.
sub is_full ($organization, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my %kinds = map { $_ => 1 } db_column('SELECT kind FROM monthly_run_line WHERE organization_id = ? AND period = ?', bytes_of($organization->{id}), $full_period);
	my @wanted = (qw(plan_fee overage late_usage commitment_shortfall settled), $organization->{post_pay} ? qw(orders refund) : 'carried');
	my $id = bytes_of($organization->{id});
	$kinds{settled} = db_value('SELECT COUNT(*) FROM billed_usage WHERE organization_id = ? AND period = ? AND is_settled AND credits > 0', $id, $full_period);
	$kinds{carried} = db_value('SELECT COUNT(*) FROM monthly_run WHERE organization_id = ? AND carried_to = ?', $id, $full_period);
	return ok(!(grep { !$kinds{$_} } @wanted), $name) || diag 'there are only ' . join ', ', grep { $kinds{$_} } sort keys %kinds;
}

sub first_difference ($got, $expected) {
	my @got = split /\n/, $got;
	for my $line (split /\n/, $expected) {
		my $other = shift @got // 'nothing more';
		return "$other\n  instead of  $line" if $other ne $line;
	}
	return join "\n", 'besides:', @got;
}

sub are_alike ($organizations, $expected, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @other = grep { full_outcome($_) ne $expected } @$organizations;
	return is(scalar @other, 0, $name) || diag join "\n", map { first_difference(full_outcome($_), $expected) } @other[0 .. ($#other > 4 ? 4 : $#other)];
}

# What was not charged is, and what was is booked.
sub settle_charges () {
	for my $time (map { "2027-07-01T00:${_}:00Z" } 21, 40, 59) {
		at_time($time);
		run_job('payments.sweep') && run_job('billing.charge') or die "the charges\n";
	}
}

# Only a build with sanitizers has.
sub has_faults () {
	my $probe = new_organization();
	return call('api_keys.create', { name => 'probe' }, key => $probe->{key}, headers => ['X-Purser-Fault' => '1:1146'], client => client(record => 0))->status != 200;
}


1;
