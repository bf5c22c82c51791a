package Purser::Examples;

# What the examples of the reference are made of: for every operation somebody who may call it, in an organization where the
# call makes sense, and an input that is worth reading. Reads look at one organization that something has happened in; what
# changes something gets one of its own each time; what is about months gets one that has lived through the last. An operation stands here only where t/lib/Purser/Subjects.pm's least body
# teaches too little.

use v5.36;
use Exporter 'import';
use File::Temp qw(tempdir);
use POSIX qw(strftime);
use Purser::Cards;
use Purser::Front;
use Purser::Hooks;
use Purser::Invoices;
use Purser::Jobs;
use Purser::Orders qw(new_post_pay);
use Purser::Subjects;
use Purser::Subscriptions qw(at_time);
use Purser::Test;
use Purser::Webhooks ();
use Time::HiRes qw(sleep time);

our @EXPORT = qw(example_of);

my %company = (
	name => 'Northern Imagery', display_name => 'Northern Imagery Pty Ltd', country => 'AU', timezone => 'Australia/Sydney', billing_email => 'accounts@example.com',
	billing_address => { line1 => '12 Harbour Street', city => 'Sydney', state => 'NSW', postal_code => '2000', country => 'AU' },
);
my $startup = 'price_platform_startup_monthly_1';
my $hook = 'https://hooks.example.invalid/purser'; # which nothing is ever sent to

# ---- what happens before ---------------------------------------------------------------------------------------------

# The reply of a call that has to succeed; by the key or token, or the organization's.
sub good ($operation, $input, $by, %options) {
	my $reply = call($operation, $input, %options, key => ref $by ? $by->{key} : $by);
	$reply->status =~ /^2/ or die "$operation: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

sub of ($subject, %more) { return { organization_id => $subject->{organization}{id}, %more } }

sub scene ($quantity) {
	return { sku => 'scene-50cm', description => 'Scene, 50 cm', quantity => $quantity, unit_credits => 120, service => 'imagery', operator => 'aurora' };
}

sub ordered ($subject, $reference = 'job-2041', @more) {
	return good('orders.create', { reference => $reference, lines => [scene(2), @more] }, $subject->{organization})->{id};
}

sub settled ($subject, @more) {
	my $order = ordered($subject, 'job-2041', @more);
	good('orders.settle', { order_id => $order }, $subject->{organization});
	return $order;
}

sub bought ($subject) {
	attach($subject->{organization});
	return good('billing.topup', { credits => 5000, description => 'For October' }, $subject->{organization})->{id};
}

sub subscribed ($subject) {
	good('billing.subscriptions.start', { price_id => $startup, seats => 3, trial => JSON::PP::false() }, $subject->{organization});
	return;
}

sub drafted () { return good('billing.plans.create', { product => 'spaces', name => 'Studio', tier => 'INTERNAL', monthly_amount => '49.00' }, admin_key)->{id} }

sub published () { return good('billing.plans.publish', { plan_id => drafted() }, admin_key)->{id} }

sub asked_for ($subject) {
	return good('billing.approvals.request', { credits => 20_000, expiry_hours => 48 }, $subject->{organization})->{id};
}

sub invited ($organization, $email = 'grace@example.com') {
	return good('organizations.members.invite', { email => $email, role => 'member', return_token => JSON::PP::true() }, $organization);
}

sub made_key ($subject) {
	return good('api_keys.create', { name => 'Nightly reports', permissions => ['billing:read', 'usage:read'], rate_limit => 600 }, $subject->{organization})->{id};
}

sub committed ($subject) {
	return good('organizations.commitments.create', of($subject, name => 'Imagery 2030', starts_on => '2030-01-01', ends_on => '2030-12-31', amount => '12000.00'), admin_key)->{id};
}

sub held ($subject) {
	return good('usage.authorize', { metric => 'requests', quantity => 100, hold_seconds => 600 }, $subject->{organization})->{hold_id};
}

sub listening ($subject, $url = $hook, %options) {
	return good('event_subscriptions.create', { event_type => 'order.settled', endpoint_url => $url, description => 'Tells the warehouse' }, $subject->{organization}, %options)->{id};
}

sub owed ($subject) {
	return new_issued($subject->{organization}, net => 4900, tax => 490, description => 'Startup, monthly');
}

sub credited ($subject) {
	return good('billing.credit_notes.create', of($subject, invoice_id => owed($subject), amount => '11.00', reason => 'An hour without service.'), admin_key)->{id};
}

sub usage () {
	return [{ id => 'call-7f31', metric => 'requests', quantity => 3, service => 'tiles' }, { id => 'call-7f32', metric => 'requests', quantity => 1, service => 'search' }];
}

sub auto_topup () { return { enabled => JSON::PP::true(), threshold_credits => 1000, topup_amount_credits => 5000, daily_charge_cap_aud => 200 } }

sub prometheus () {
	return { prom => { id => '481516', token => 'prometheus-password', endpoint => 'https://prometheus.example.invalid/api/prom/push' } };
}

sub month ($ago) {
	my ($month, $year) = (gmtime)[4, 5];
	return strftime('%Y-%m', 0, 0, 0, 1, $month - $ago, $year);
}

sub last_month () { return month(1) }

# An organization that pays afterwards, and owes for what it has settled in the last month.
sub in_debt () {
	at_time(last_month() . '-20T02:00:00Z');
	my $organization = eval {
		my $made = new_post_pay(5000, %company, rate_limit => 6000);
		settled({ organization => $made }, { sku => 'tasking', description => 'A pass of tomorrow', quantity => 1, unit_credits => 900, service => 'tasking', operator => 'aurora' });
		$made;
	};
	my $why = $@;
	set_clock(0);
	return $organization // die $why;
}

# One whose last month has been billed.
sub billed () {
	state $organization = do {
		my $made = in_debt();
		good('billing.run_monthly_for_org', { organization_id => $made->{id}, period => last_month() }, $made);
		$made;
	};
	return $organization;
}

# ---- an outside that answers -----------------------------------------------------------------------------------------

my ($receiver, $front);
END { undef $front; undef $receiver }

# What lets a program reach it.
sub reaching () { return (PURSER_OUTGOING_ALLOW => $receiver->address, PURSER_OUTGOING_CA => $ENV{PURSER_CA}) }

# The front door of workers of this database that may reach somebody, and know the processor's secret, as the stack's own do not.
sub door () {
	return $front //= do {
		my $directory = tempdir(CLEANUP => 1);
		my $socket = "$directory/slow.sock";
		$receiver = Purser::Hooks->receiver;
		start_program('purser-fcgi', 'outside', [], PURSER_LISTEN => "unix:$directory/fast.sock", PURSER_LISTEN_SLOW => "unix:$socket", PURSER_WORKERS => 1,
		    PURSER_SLOW_WORKERS => 1, PURSER_PID_FILE => '', PURSER_PROVIDER => 'stripe', PURSER_STRIPE_KEY => 'sk_test_example',
		    PURSER_STRIPE_WEBHOOK_SECRETS => $Purser::Webhooks::secrets[0], reaching());
		my $until = time + 60;
		sleep 0.05 until -S $socket || time > $until;
		Purser::Front->start("$directory/front", socket => $socket);
	};
}

sub through_door () { return (client => door()->client) }

# Whose name the examples show as one of example.com.
sub receiving ($name, $path) { return $receiver->url("/as/$name$path") }

sub pushing ($subject, $kind, $name, $path) {
	my @door = through_door();
	good('organizations.integrations.set', { $kind => { id => '481516', token => "$name-password", endpoint => receiving($name, $path) } }, $subject->{organization}, @door);
	return;
}

# The organization that reads look at, with the things that they name.
sub story () {
	state $story = do {
		keep_away($_) for qw(snapshots.collect_balance snapshots.collect_costs integrations.push); # the story has its own
		my $organization = new_organization(%company, credits => 60_000, rate_limit => 6000);
		my $subject = { organization => $organization, things => {}, scopes => [every_scope] };
		my $things = $subject->{things};

		$things->{member_id} = new_person($organization, 'billing')->{id};
		$things->{user_id} = $things->{member_id};
		$things->{topup_id} = bought($subject);
		subscribed($subject);
		settled($subject);
		$things->{order_id} = ordered($subject, 'job-2042', scene('0.5'));
		good('usage.record', { events => usage() }, $organization);
		$things->{credit_note_id} = credited($subject);
		$things->{invoice_id} = good('billing.invoices.list', { limit => 1, kind => 'topup' }, $organization)->{data}[0]{id};
		$things->{commitment_id} = committed($subject);
		$things->{subscription_id} = listening($subject);
		$things->{approval_id} = asked_for($subject);
		$things->{key_id} = made_key($subject);
		invited($organization);
		new_thing($subject, 'delivery_id');
		new_balance_row($organization);
		new_cost_row($organization);
		good('billing.set_auto_topup', auto_topup(), $organization);
		good('organizations.integrations.set', prometheus(), $organization);
		good('admin.identities.link', { issuer => 'https://identity.example.com', subject => new_ulid(), user_id => $things->{user_id} }, admin_key);
		$subject;
	};
	return $story;
}

# ---- inputs ----------------------------------------------------------------------------------------------------------

sub person_of ($user_id) { return db_value('SELECT email FROM user WHERE id = ?', bytes_of($user_id)) }

sub once ($word) {
	state $count = 0;
	return sprintf '%s-%d-%d', $word, $$, ++$count;
}

my %inputs = (
	# organizations
	'organizations.create' => sub ($s) { return { %company{qw(name country timezone billing_email)}, currency => 'AUD' } },
	'organizations.get' => sub ($s) { return of($s) },
	'organizations.list' => sub ($s) { return { query => 'north', limit => 2 } },
	'organizations.update' => sub ($s) { return { billing_email => 'bills@example.com', billing_address => $company{billing_address}, credits_low_threshold => 500 } },
	'organizations.set_purchase_policy' => sub ($s) { return { approval_threshold_credits => 10_000, require_second_person => JSON::PP::true() } },
	'organizations.members.update' => sub ($s) { return { member_id => new_thing($s, 'member_id'), role => 'billing' } },
	'organizations.members.invite' => sub ($s) { return { email => 'grace@example.com', role => 'member', return_token => JSON::PP::true() } },
	'organizations.invitations.list' => sub ($s) { return { status => 'pending', limit => 2 } },
	'organizations.invitations.resend' => sub ($s) { return { invitation_id => invited($s->{organization})->{id} } },
	'organizations.invitations.revoke' => sub ($s) { return { invitation_id => invited($s->{organization})->{id} } },
	'organizations.invitations.accept' => sub ($s) { return { token => invited(new_organization(%company), $s->{person}{email})->{token}, accept => JSON::PP::true() } },
	'organizations.balance.latest' => sub ($s) { return {} },
	'organizations.balance.history' => sub ($s) { return { from => month(1) . '-01T00:00:00Z', limit => 2 } },
	'organizations.costs.latest' => sub ($s) { return { year => 2026, month => 1 } },
	'organizations.costs.history' => sub ($s) { return { year => 2026, month => 1, limit => 2 } },
	'organizations.commitments.statement' => sub ($s) { return of($s, period => month(0)) },
	'organizations.limits.set' => sub ($s) { return { spending_limit_soft => 800, spending_limit_hard => 1000 } },
	'organizations.commitments.list' => sub ($s) { return { commitment_id => new_thing($s, 'commitment_id'), include_line_items => JSON::PP::true() } },
	'organizations.commitments.create' => sub ($s) {
		return of($s, name => 'Imagery 2030', starts_on => '2030-01-01', ends_on => '2030-12-31', amount => '12000.00', eligible_services => ['imagery'],
		    milestones => [{ on => '2030-06-30', amount => '5000.00' }], true_up => 'milestones', rollover_percent => 10);
	},
	'organizations.commitments.amend' => sub ($s) { return of($s, commitment_id => committed($s), amount => '15000.00', rollover_percent => 20) },
	'organizations.commitments.cancel' => sub ($s) { return of($s, commitment_id => committed($s)) },
	'organizations.integrations.set' => sub ($s) { return prometheus() },
	'organizations.integrations.get' => sub ($s) {
		pushing($s, 'prom', 'prometheus', '/api/prom/push');
		run_job('integrations.push', reaching()) or die "integrations.push\n";
		return {};
	},
	'organizations.integrations.test' => sub ($s) { pushing($s, 'loki', 'loki', '/loki/api/v1/push'); return { kind => 'loki' } },

	# credits and cards
	'billing.credits.transactions' => sub ($s) { return { reason => 'topup', limit => 2 } },
	'billing.topup' => sub ($s) { attach($s->{organization}); return { credits => 5000, description => 'For October' } },
	'billing.topups.list' => sub ($s) { return { status => 'succeeded', limit => 2 } },
	'billing.topups.refund' => sub ($s) { return of($s, topup_id => bought($s), amount => '10.00', reason => 'Bought twice.') },
	'billing.grants.create' => sub ($s) { return of($s, credits => 5000, source => 'promotional', expires_at => '2030-06-30T00:00:00Z', priority => 10) },
	'billing.adjustments.create' => sub ($s) { return of($s, credits => -40, reason => 'Booked twice on 3 March.') },
	'payment_methods.set_default' => sub ($s) { attach($s->{organization}); return { payment_method_row_id => attach($s->{organization}, 'pm_card_mastercard')->json->{id} } },
	'payment_methods.detach' => sub ($s) { return { payment_method_row_id => attach($s->{organization})->json->{id} } },
	'billing.approvals.request' => sub ($s) { return { credits => 20_000, expiry_hours => 48 } },
	'billing.approvals.approve' => sub ($s) { attach($s->{organization}); return { approval_id => asked_for($s) } },
	'billing.approvals.reject' => sub ($s) { return { approval_id => asked_for($s), reason => 'Not before the new budget.' } },
	'billing.approvals.list' => sub ($s) { return { status => 'pending', limit => 2 } },
	'billing.set_auto_topup' => sub ($s) { attach($s->{organization}); return auto_topup() },
	'webhooks.stripe' => sub ($s) {
		my $body = encode_json({ id => 'evt_1PurserExample', object => 'event', type => 'payment_intent.succeeded', data => { object => { id => 'pi_1PurserExample', object => 'payment_intent' } } });
		return { body => $body, headers => { 'Stripe-Signature' => Purser::Webhooks::signature($body) } };
	},

	# orders and usage
	'orders.create' => sub ($s) { return { reference => 'job-2041', lines => [scene(2), { sku => 'priority', description => 'Within an hour', quantity => 1, unit_credits => 50 }] } },
	'orders.estimate' => sub ($s) { return { lines => [scene('2.5')] } },
	'orders.settle' => sub ($s) { return { order_id => ordered($s), lines => [scene('1.5')] } },
	'orders.cancel' => sub ($s) { return { order_id => ordered($s) } },
	'orders.refund' => sub ($s) { return of($s, order_id => settled($s)) },
	'orders.list' => sub ($s) { return { status => 'settled', from => month(1) . '-01T00:00:00Z', limit => 2 } },
	'usage.record' => sub ($s) { return { events => usage() } },
	'usage.authorize' => sub ($s) { return { metric => 'requests', quantity => 100, hold_seconds => 600 } },
	'usage.commit' => sub ($s) { return { hold_id => held($s), quantity => 80 } },
	'usage.release' => sub ($s) { return { hold_id => held($s) } },
	'usage.history' => sub ($s) { return of($s, months => 3, by => 'day', limit => 2) },
	'usage.metrics.create' => sub ($s) { return { name => once('tiles'), aggregation => 'sum', unit => 'tile', unit_credits => '0.25' } },

	# plans, months and papers
	'billing.plans.create' => sub ($s) {
		return { product => 'platform', name => 'Studio', tier => 'INTERNAL', currency => 'AUD', monthly_amount => '49.00', yearly_amount => '490.00', trial_days => 14,
		    features => { support => 'business hours' }, quotas => { requests => { included => 100_000, overage_unit_price => '0.0005' } } };
	},
	'billing.plans.publish' => sub ($s) { return { plan_id => drafted() } },
	'billing.plans.retire' => sub ($s) { return { plan_id => published() } },
	'billing.subscriptions.start' => sub ($s) { return { price_id => $startup, seats => 3, trial => JSON::PP::false() } },
	'billing.subscriptions.preview' => sub ($s) { return { price_id => $startup, seats => 3, trial => JSON::PP::false() } },
	'billing.subscriptions.change' => sub ($s) { subscribed($s); return { price_id => $startup, seats => 5 } },
	'billing.subscriptions.cancel' => sub ($s) { subscribed($s); return { product => 'platform', when => 'period_end' } },
	'billing.subscriptions.resume' => sub ($s) {
		subscribed($s);
		good('billing.subscriptions.cancel', { product => 'platform', when => 'period_end' }, $s->{organization});
		return { product => 'platform' };
	},
	'billing.subscriptions.get' => sub ($s) { return { product => 'platform' } },
	'admin.subscriptions.mark_payment' => sub ($s) { subscribed($s); return of($s, product => 'platform', outcome => 'made', invoice_number => 'R-2041', amount => '147.00') },
	'billing.run_monthly_for_org' => sub ($s) { return of($s, period => last_month()) },
	'billing.run_monthly_preview' => sub ($s) { return of($s, period => last_month()) },
	'billing.run_monthly_cron' => sub ($s) { billed(); return { period => last_month() } },
	'billing.invoices.preview' => sub ($s) { return { period => last_month() } },
	'admin.runs.list' => sub ($s) { return of($s, status => 'completed', limit => 2) },
	'billing.invoices.pay' => sub ($s) { attach($s->{organization}); return { invoice_id => owed($s) } },
	'billing.invoices.list' => sub ($s) { return { status => 'paid', kind => 'topup', limit => 2 } },
	'billing.invoices.void' => sub ($s) { return of($s, invoice_id => owed($s)) },
	'billing.invoices.write_off' => sub ($s) { return of($s, invoice_id => owed($s)) },
	'billing.credit_notes.create' => sub ($s) { return of($s, invoice_id => owed($s), amount => '11.00', reason => 'An hour without service.') },
	'billing.enterprise.mark_invoiced' => sub ($s) { return of($s, invoice_id => owed($s), reference => 'Bank transfer 88121') },
	'billing.enterprise.accrual' => sub ($s) { return of($s, period => month(0)) },
	'admin.ledger.verify' => sub ($s) { return of($s, full => JSON::PP::true()) },
	'admin.reconcile' => sub ($s) { return { from => month(1) . '-01', to => month(1) . '-07' } },

	# keys and people
	'api_keys.create' => sub ($s) { return { name => 'Nightly reports', permissions => ['billing:read', 'usage:read'], rate_limit => 600, expires_in_days => 90 } },
	'api_keys.update' => sub ($s) { return { key_id => made_key($s), name => 'Weekly reports', rate_limit => 1200 } },
	'api_keys.rotate' => sub ($s) { return { key_id => made_key($s), overlap_seconds => 3600 } },
	'api_keys.revoke' => sub ($s) { return { key_id => made_key($s) } },
	'auth.users.create' => sub ($s) { return { email => once('grace') . '@example.com', password => 'three quiet otters', name => 'Grace Lim' } },
	'auth.sessions.revoke' => sub ($s) { return { session_id => new_thing($s, 'session_id') } },
	'auth.passwords.reset_request' => sub ($s) { return { email => 'grace@example.com' } },
	'admin.organizations.create' => sub ($s) { return { %company{qw(name country timezone billing_email)}, currency => 'AUD', owner_email => 'ada@example.com' } },
	'admin.organizations.list' => sub ($s) { return { query => 'Northern', status => 'active', limit => 2 } },
	'admin.organizations.set' => sub ($s) { return of($s, enterprise_billing => JSON::PP::true(), spending_limit_hard => 5000, rate_limit => 6000) },
	'admin.users.list' => sub ($s) { return { query => person_of($s->{things}{user_id}), limit => 2 } },
	'audit.list' => sub ($s) { return { operation => 'orders.create', outcome => 'ok', limit => 2 } },

	# events
	'event_subscriptions.create' => sub ($s) { return { event_type => 'order.settled', endpoint_url => $hook, description => 'Tells the warehouse' } },
	'event_subscriptions.update' => sub ($s) { return { subscription_id => listening($s), description => 'Tells both warehouses', status => 'paused' } },
	'event_subscriptions.delete' => sub ($s) { return { subscription_id => listening($s) } },
	'event_subscriptions.rotate_secret' => sub ($s) { return { subscription_id => listening($s), overlap_seconds => 86_400 } },
	'event_subscriptions.test' => sub ($s) { my @door = through_door(); return { subscription_id => listening($s, receiving('hooks', '/purser'), @door) } },
	'event_subscriptions.deliveries.list' => sub ($s) { return { status => 'failed', limit => 2 } },
	'events.list' => sub ($s) { return { type => 'topup.succeeded', limit => 2 } },
	'notifications.unread_count' => sub ($s) { new_thing($s, 'notification_id'); return {} },
	'notifications.mark_all_read' => sub ($s) { new_thing($s, 'notification_id'); return {} },
	'notifications.list' => sub ($s) { new_thing($s, 'notification_id'); return { unread_only => JSON::PP::true(), limit => 2 } },
);

# ---- examples --------------------------------------------------------------------------------------------------------

my %of_months = map { $_ => 1 } qw(admin.runs.list billing.runs.list billing.run_monthly_for_org billing.run_monthly_preview billing.invoices.preview);
my %through_door = map { $_ => 1 } qw(event_subscriptions.test organizations.integrations.test webhooks.stripe);

# Somebody who may call the operation just now, and with what: { subject, input, environment }.
sub example_of ($operation) {
	my $id = $operation->{id};
	my $of_story = $operation->{kind} eq 'read' && !$of_months{$id};
	my $organization = $of_story ? story()->{organization} : !$of_months{$id} ? new_organization(%company, credits => 60_000) : $operation->{kind} eq 'read' ? billed() : in_debt();
	my $subject = caller_of($operation, $organization);

	$subject->{things} = { story()->{things}->%*, organization_id => $organization->{id} } if $of_story;
	my $input = $inputs{$id} ? $inputs{$id}->($subject)
	    : $operation->{flags}{list} ? { body_of($operation, $subject)->%*, limit => 2 } : body_of($operation, $subject);
	my $token = token_of($subject);
	return { subject => $subject, input => $input, environment => { PURSER_CA => $ENV{PURSER_CA},
	    PURSER_URL => $through_door{$id} ? door()->url : $ENV{PURSER_URL}, defined $token ? (PURSER_API_KEY => $token) : () } };
}

1;
