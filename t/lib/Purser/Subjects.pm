package Purser::Subjects;

# Who calls, in the tests that walk over every operation: people of every role, keys, strangers, each in an organization of
# its own with a thing of every kind that an operation can name; what the documents say each of them may do; and the least
# body that succeeds. A new operation needs a line here only where the sample of its schema does not.

use v5.36;
use Digest::SHA qw(sha256);
use Exporter 'import';
use Purser::Cards;
use Purser::Orders;
use Purser::Test;

our @EXPORT = qw(subject_names new_subject caller_of token_of body_of refusal_of answer_of is_own success_of new_thing names_of give_password
    new_balance_row new_cost_row);

# ---- what the documents say ------------------------------------------------------------------------------------------

my %role_scopes = (
	owner => [every_scope],
	admin => [every_scope],
	billing => [qw(billing:* orders:read usage:read organizations:read members:read notifications:*)],
	member => [qw(organizations:read members:read orders:* usage:* billing:read notifications:*)],
	viewer => [qw(*:read notifications:*)],
);

# Does one of the names, wildcards included, cover the scope?
sub holds ($names, $scope) {
	my ($resource, $action) = split /:/, $scope;
	my %held = map { $_ => 1 } @$names;

	return $held{$scope} || $held{"$resource:*"} || ($action eq 'read' && $resource ne 'admin' && $held{'*:read'});
}

# Every customer's scope but those of one resource, and the other action.
sub scopes_without ($scope) {
	return every_scope unless $scope =~ /:/;
	my ($resource, $action) = split /:/, $scope;
	my $other = $action eq 'read' ? 'write' : 'read';
	return (grep({ $_ ne "$resource:*" } every_scope), $resource =~ /^(?:audit|admin)$/ ? () : "$resource:$other");
}

# ---- subjects --------------------------------------------------------------------------------------------------------

sub person ($role) {
	return sub ($operation) {
		my $organization = new_organization();
		return { organization => $organization, person => new_person($organization, $role), role => $role, scopes => $role_scopes{$role} };
	};
}

sub key ($permissions) {
	return sub ($operation) {
		my $organization = new_organization();
		my $scopes = [$permissions->($operation->{scope})];
		my $key = first_key($organization->{id}, $scopes, made_by_user_id => bytes_of(new_person($organization, 'owner')->{id}));
		return { organization => $organization, key => $key->{key}, scopes => $scopes };
	};
}

# What client credentials give for a key.
sub client_of ($key) {
	my $token = Purser::Test::new_token('gprc_');
	db_run('INSERT INTO client_token (digest, key_digest, expires_at) VALUES (?, ?, UTC_TIMESTAMP(6) + INTERVAL 3000 DAY)',
	    \sha256($token), \sha256($key));
	return $token;
}

sub close_organization ($organization) {
	db_run("UPDATE organization SET status = 'closed', closed_at = UTC_TIMESTAMP(6) WHERE id = ?", bytes_of($organization->{id}));
	db_run('UPDATE api_key SET organization_closed = TRUE WHERE organization_id = ?', bytes_of($organization->{id}));
}

# Nobody's member any more, while the session lives on.
sub former_owner ($how) {
	return sub ($operation) {
		my $subject = person('owner')->($operation);
		db_run("$how WHERE organization_id = ? AND user_id = ?", bytes_of($subject->{organization}{id}), bytes_of($subject->{person}{id}));
		return { %$subject, role => undef, scopes => [], acts_for_none => 1 };
	};
}

my $needed = sub ($scope) { $scope =~ /:/ && $scope !~ /^admin:/ ? $scope : every_scope };

my @makers = (
	'no token' => sub ($operation) { return { organization => new_organization(), unknown => 1, scopes => [] } },
	map({ ("a person of the role $_" => person($_)) } qw(owner admin billing member viewer)),
	'a key with the scope' => key($needed),
	'a key with every scope but that' => key(\&scopes_without),
	"client credentials' token with the scope" => sub ($operation) {
		my $subject = key($needed)->($operation);
		return { %$subject, key => client_of($subject->{key}) };
	},
	"another organization's owner" => sub ($operation) {
		return { person('owner')->($operation)->%*, named => { person('owner')->($operation)->%*, things => {} } };
	},
	'a person of no organization' => sub ($operation) {
		return { organization => new_organization(), person => new_person(), scopes => [], acts_for_none => 1 };
	},
	"a closed organization's owner" => sub ($operation) {
		my $subject = person('owner')->($operation);
		close_organization($subject->{organization});
		return { %$subject, closed => 1 };
	},
	map({ my ($name, $of) = @$_; $name => sub ($operation) {
		my $subject = key($needed)->($operation);
		close_organization($subject->{organization});
		return { %$subject, key => $of->($subject->{key}), unknown => 1, closed => 1 };
	} } ["a closed organization's key", sub ($key) { $key }], ["a closed organization's client credentials' token", \&client_of]),
	'an owner whose session was narrowed to other scopes' => sub ($operation) {
		my $subject = person('owner')->($operation);
		db_run('UPDATE session SET scopes = ? WHERE id = ?', $operation->{scope} eq 'audit:read' ? 'usage:read' : 'audit:read', bytes_of($subject->{person}{session_id}));
		return { %$subject, narrowed => 1, scopes => [$operation->{scope} eq 'audit:read' ? 'usage:read' : 'audit:read'] };
	},
	'a removed member' => former_owner('DELETE FROM membership'),
	'a deactivated member' => former_owner('UPDATE membership SET is_active = FALSE'),
	"the operator's key" => sub ($operation) { return { organization => new_organization(), key => admin_key, operator => 1, scopes => ['admin:*'] } },
);
my %makers = @makers;

sub subject_names () { return @makers[grep { $_ % 2 == 0 } 0 .. $#makers] }

# A subject of the name in an organization of its own, made for the operation (its keys hold just its scope).
sub new_subject ($name, $operation) {
	return { name => $name, things => {}, $makers{$name}->($operation)->%* };
}

sub token_of ($subject) { return $subject->{person} ? $subject->{person}{key} : $subject->{key} }

# Who may call the operation, with the organization given: the operator, a key, or where it has to be a person, an owner.
sub caller_of ($operation, $organization) {
	state %owners;
	my ($scope, %subject) = ($operation->{scope}, organization => $organization, things => {}, scopes => [every_scope]);

	return { %subject, name => 'nobody' } if $scope eq 'PUBLIC';
	return { %subject, name => 'the operator', key => admin_key, operator => 1, scopes => ['admin:*'] } if $scope =~ /^admin:/;
	return { %subject, name => 'a key', key => $organization->{key} } if !$operation->{flags}{human} && $scope ne 'SIGNED_IN' && !$operation->{flags}{any_person};
	return { %subject, name => 'an owner', person => $owners{ $organization->{id} } //= new_person($organization, 'owner'), role => 'owner' };
}

# ---- what an operation can name --------------------------------------------------------------------------------------

sub fresh_email () {
	state $count = 0;
	return sprintf 'fresh-%d-%d@example.com', $$, ++$count;
}

# A pending invitation; `token` answers it.
sub new_invitation ($organization, $email) {
	my ($id, $token) = (new_ulid(), Purser::Test::new_token('gpri_'));
	db_run("INSERT INTO invitation (id, organization_id, email, email_key, role, token_digest, created_at, expires_at)
	    VALUES (?, ?, ?, LOWER(?), 'member', ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 3000 DAY)",
	    bytes_of($id), bytes_of($organization->{id}), $email, $email, \sha256($token));
	return { id => $id, token => $token };
}

sub new_session ($person) {
	my $id = new_ulid();
	db_run('INSERT INTO session (id, user_id, created_at, refreshed_at, expires_at)
	    VALUES (?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 3000 DAY)', bytes_of($id), bytes_of($person->{id}));
	return $id;
}

sub new_notification ($person, $organization) {
	my $id = new_ulid();
	db_run("INSERT INTO notification (user_id, id, organization_id, type, entity_type, entity_id, data, created_at)
	    VALUES (?, ?, ?, 'organization.closed', 'organization', ?, '{}', UTC_TIMESTAMP(6))",
	    bytes_of($person->{id}), bytes_of($id), bytes_of($organization->{id}), bytes_of($organization->{id}));
	return $id;
}

# A token that refreshes a session of the person.
sub new_refresh_token ($person) {
	my $token = Purser::Test::new_token('gprr_');
	db_run("INSERT INTO session_token (digest, session_id, kind, expires_at) VALUES (?, ?, 'refresh', UTC_TIMESTAMP(6) + INTERVAL 3000 DAY)",
	    \sha256($token), bytes_of($person->{session_id}));
	return $token;
}

sub new_reset_token ($person) {
	my $token = Purser::Test::new_token('gprp_');
	db_run('INSERT INTO password_reset (token_digest, user_id, created_at, expires_at) VALUES (?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 3000 DAY)',
	    \sha256($token), bytes_of($person->{id}));
	return $token;
}

# A purchase of 100 credits that waits for its decision.
sub new_approval ($organization) {
	my $id = new_ulid();
	db_run("INSERT INTO approval (id, organization_id, credits, amount, currency, requested_by, requested_at, expires_at)
	    VALUES (?, ?, 100, 1000000, 'AUD', ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 3000 DAY)", bytes_of($id), bytes_of($organization->{id}), bytes_of(new_ulid()));
	return $id;
}

# A subscription to events, whose endpoint never answers. Its secret is sealed with its id, and can not be made here: it is made by
# somebody else, whose organization is open.
sub new_subscription ($organization) {
	state $maker = new_organization();
	my $reply = call('event_subscriptions.create', { event_type => 'order.settled', endpoint_url => 'https://hooks.example.invalid/' }, key => $maker->{key});
	$reply->status == 200 or die "event_subscriptions.create: $reply->{status} $reply->{body}\n";
	db_run('UPDATE event_subscription SET organization_id = ? WHERE id = ?', bytes_of($organization->{id}), bytes_of($reply->json->{id}));
	return $reply->json->{id};
}

sub new_shown_event ($organization) {
	my $id = new_ulid();
	db_run("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, data, created_at, delivered_at)
	    VALUES (?, ?, 'event', 'order.settled', 'order', ?, '{}', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))", bytes_of($id), bytes_of($organization->{id}), bytes_of(new_ulid()));
	db_run('INSERT INTO event_feed (organization_id, event_id, type, is_shown, at) SELECT organization_id, id, type, TRUE, UTC_TIMESTAMP(6) FROM outbox WHERE id = ?', bytes_of($id));
	return $id;
}

# A delivery to it that failed.
sub new_delivery ($organization) {
	my ($id, $event) = (new_ulid(), new_shown_event($organization));
	db_run("INSERT INTO event_delivery (id, organization_id, subscription_id, event_id, sequence, status, created_at)
	    VALUES (?, ?, ?, ?, 0, 'failed', UTC_TIMESTAMP(6))", bytes_of($id), bytes_of($organization->{id}), bytes_of(new_subscription($organization)), bytes_of($event));
	return $id;
}

# A hold of one request, in a cycle of its own, also where the organization can't call any more.
sub new_hold_row ($organization) {
	my ($id, $of) = (new_ulid(), bytes_of($organization->{id}));
	db_run('INSERT IGNORE INTO usage_cycle (organization_id, starts_at, ends_at) VALUES (?, UTC_DATE - INTERVAL 1 DAY, UTC_DATE + INTERVAL 20 DAY)', $of);
	db_run("INSERT INTO usage_counter (organization_id, cycle_starts_at, metric, held) VALUES (?, UTC_DATE - INTERVAL 1 DAY, 'requests', 1000000)
	    ON DUPLICATE KEY UPDATE held = held + 1000000", $of);
	db_run("INSERT INTO usage_hold (id, organization_id, cycle_starts_at, metric, quantity, created_at, expires_at)
	    VALUES (?, ?, UTC_DATE - INTERVAL 1 DAY, 'requests', 1000000, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 1 DAY)", bytes_of($id), $of);
	return $id;
}

# A subscription to a plan, also where the organization can't call any more; gives a body that names it.
my $free_plan = { price_id => 'price_spaces_free_monthly_1' };
sub new_plan_subscription ($organization) {
	db_run("INSERT IGNORE INTO subscription (id, organization_id, product, plan_id, cycle, status, anchor_on, anchored_at, usage_anchor_on, usage_anchored_at, started_at, period_starts_at, period_ends_at,
	    created_at, updated_at) SELECT ?, ?, product, id, 'monthly', 'active', UTC_DATE, UTC_TIMESTAMP(6), UTC_DATE, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6),
	    UTC_TIMESTAMP(6) + INTERVAL 20 DAY, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM plan WHERE monthly_price_id = 'price_spaces_free_monthly_1'",
	    bytes_of(new_ulid()), bytes_of($organization->{id}));
	return { product => 'spaces' };
}

# A plan that is nobody's, in that state.
sub new_plan_row ($status) {
	my $id = new_ulid();
	db_run("INSERT INTO plan (id, product, name, tier, version, status, currency, features, created_at)
	    SELECT ?, 'spaces', 'Row', 'INTERNAL', COALESCE(MAX(version), 0) + 1, ?, 'AUD', '{}', UTC_TIMESTAMP(6) FROM plan WHERE product = 'spaces' AND tier = 'INTERNAL'",
	    bytes_of($id), $status);
	return $id;
}

# A commitment that is running.
sub new_commitment_row ($organization) {
	my $id = new_ulid();
	db_run("INSERT INTO commitment (id, organization_id, name, starts_on, ends_on, starts_at, ends_at, amount, currency, true_up, rollover_percent, next_at, created_at, updated_at)
	    VALUES (?, ?, 'Row', DATE_FORMAT(UTC_DATE, '%Y-%m-%d'), '2199-12-30', UTC_DATE, '2199-12-31', 1000000, 'AUD', 'at_end', 0, '2199-12-31', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
	    bytes_of($id), bytes_of($organization->{id}));
	return $id;
}

# A top-up that failed, of which only our own row knows.
sub new_topup_row ($organization) {
	my $id = new_ulid();
	db_run("INSERT INTO payment (id, organization_id, purpose, state, credits, amount, tax, currency, provider, customer_id, card_id, request, created_at)
	    VALUES (?, ?, 'topup', 'failed', 100, 1000000, 0, 'AUD', 'sandbox', 'cus_row', 'pm_row', '', UTC_TIMESTAMP(6))", bytes_of($id), bytes_of($organization->{id}));
	return $id;
}

# An issued invoice of which only our own row and its number know.
sub new_invoice_row ($organization) {
	my $id = new_ulid();
	db_run("INSERT INTO invoice (id, organization_id, kind, status, currency, tax_included, subtotal, tax, total, issuer, customer, lines_count, created_at)
	    VALUES (?, ?, 'run', 'draft', 'AUD', FALSE, 1000000, 0, 1000000, '{\"name\":\"Row\",\"address\":[]}', '{\"name\":\"Row\",\"address\":[]}', 0, UTC_TIMESTAMP(6))",
	    bytes_of($id), bytes_of($organization->{id}));
	my $call = db_run("CALL invoice_number(?, ?, 'INV-', 'issued', UTC_TIMESTAMP(6), 0, NULL, UTC_TIMESTAMP(6))", bytes_of($organization->{id}), bytes_of($id));
	1 while $call->more_results;
	return $id;
}

# A credit note for such an invoice.
sub new_credit_note_row ($organization) {
	my ($id, $invoice) = (new_ulid(), new_invoice_row($organization));
	db_run("INSERT INTO credit_note (id, organization_id, invoice_id, reason, currency, amount, tax, issuer, customer, created_at)
	    VALUES (?, ?, ?, 'Row', 'AUD', 10000, 0, '{\"name\":\"Row\",\"address\":[]}', '{\"name\":\"Row\",\"address\":[]}', UTC_TIMESTAMP(6))",
	    bytes_of($id), bytes_of($organization->{id}), bytes_of($invoice));
	my $call = db_run("CALL credit_note_number(?, ?, 'CN-')", bytes_of($organization->{id}), bytes_of($id));
	1 while $call->more_results;
	return $id;
}

# What was collected of its balance a while ago.
sub new_balance_row ($organization) {
	db_run("INSERT INTO balance_snapshot (organization_id, id, amount, currency, source, collected_at) VALUES (?, ?, '644.60', 'AUD', 'ledger', UTC_TIMESTAMP(6))",
	    bytes_of($organization->{id}), bytes_of(new_ulid()));
	return;
}

# What a month of it cost; gives a body that names the month.
sub new_cost_row ($organization) {
	db_run("INSERT INTO cost_snapshot (organization_id, id, year, month, currency, subscription, overage, commitment_shortfall, tax, total, usage_amount, usage_lines,
	    usage_lines_left_out, collected_at) VALUES (?, ?, 2026, 1, 'AUD', 49000000, 10000000, 0, 5900000, 64900000, 12400000, ?, 0, UTC_TIMESTAMP(6))",
	    bytes_of($organization->{id}), bytes_of(new_ulid()), '[{"service":"tiles","operator":"aurora","unit":"requests","quantity":1240,"amount":"12.40"}]');
	return { year => 2026, month => 1 };
}

my $password = 'three quiet otters';

# The person can sign in by what this gives. One password is hashed, by a sign-up, for all.
sub give_password ($person) {
	state $hash = do {
		my $email = "hash-$$\@example.com";
		my $reply = call('auth.users.create', { email => $email, password => $password, name => 'Hash' });
		$reply->status == 200 or die "auth.users.create: $reply->{status} $reply->{body}\n";
		db_value('SELECT hash FROM password WHERE user_id = ?', bytes_of($reply->json->{id}));
	};
	db_run('INSERT INTO password (user_id, hash, changed_at) VALUES (?, ?, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE hash = VALUES(hash)',
	    bytes_of($person->{id}), \$hash);
	return $password;
}

# Things by the name of the field that names them: of the subject's organization, or of the subject.
my %things = (
	organization_id => sub ($subject) { $subject->{organization}{id} },
	key_id => sub ($subject) { first_key($subject->{organization}{id}, ['api_keys:write'])->{id} },
	member_id => sub ($subject) { new_person($subject->{organization}, 'viewer')->{id} },
	billing_admin_id => sub ($subject) { new_person($subject->{organization}, 'viewer')->{id} },
	invitation_id => sub ($subject) { new_invitation($subject->{organization}, fresh_email())->{id} },
	user_id => sub ($subject) { new_person($subject->{organization}, 'viewer')->{id} },
	notification_id => sub ($subject) { new_notification($subject->{person} // new_person($subject->{organization}, 'viewer'), $subject->{organization}) },
	session_id => sub ($subject) { new_session($subject->{person} // new_person()) },
	approval_id => sub ($subject) { new_approval($subject->{organization}) },
	topup_id => sub ($subject) { new_topup_row($subject->{organization}) },
	payment_method_row_id => sub ($subject) { new_card_row($subject->{organization}) },
	payment_method_id => sub ($subject) { new_card_row($subject->{organization}) },
	order_id => sub ($subject) { new_order_row($subject->{organization}) },
	subscription_id => sub ($subject) { new_subscription($subject->{organization}) },
	after_event_id => sub ($subject) { new_shown_event($subject->{organization}) },
	delivery_id => sub ($subject) { new_delivery($subject->{organization}) },
	hold_id => sub ($subject) { new_hold_row($subject->{organization}) },
	commitment_id => sub ($subject) { new_commitment_row($subject->{organization}) },
	invoice_id => sub ($subject) { new_invoice_row($subject->{organization}) },
	credit_note_id => sub ($subject) { new_credit_note_row($subject->{organization}) },
	client_id => sub ($subject) { $subject->{organization}{key_id} },
);

# The id of such a thing, the same one every time; undef where nothing of the name is known here.
sub new_thing ($subject, $field) {
	return $subject->{things}{$field} //= $things{$field} ? $things{$field}->($subject) : undef;
}

# ---- bodies ----------------------------------------------------------------------------------------------------------

# Somebody who can sign in, member of the subject's organization: for what is done before anybody is signed in.
sub somebody ($subject) {
	my $person = new_person($subject->{organization}, 'member');
	give_password($person);
	return $person;
}

# Where the sample of the schema alone would not succeed.
my %bodies = (
	'api_keys.create' => sub ($subject) { return { name => 'made', permissions => ['api_keys:write'] } },
	'api_keys.update' => sub ($subject) { return { key_id => new_thing($subject, 'key_id'), name => 'renamed', rate_limit => 1001 } },
	'organizations.members.invite' => sub ($subject) { return { email => fresh_email(), role => 'viewer' } },
	'organizations.members.update' => sub ($subject) { return { member_id => new_thing($subject, 'member_id'), role => 'member' } },
	'organizations.members.leave' => sub ($subject) { new_person($subject->{organization}, 'owner'); return {} },
	'organizations.invitations.accept' => sub ($subject) {
		return { token => new_invitation(new_organization(), $subject->{person} ? $subject->{person}{email} : fresh_email())->{token} };
	},
	'organizations.integrations.test' => sub ($subject) {
		call('organizations.integrations.set', { loki => { id => 'x', token => 'x', endpoint => 'https://loki.example.invalid/' } }, key => $subject->{organization}{key});
		return { kind => 'loki' };
	},
	'organizations.balance.latest' => sub ($subject) { new_balance_row($subject->{organization}); return {} },
	'organizations.costs.latest' => sub ($subject) { return new_cost_row($subject->{organization}) },
	'usage.metrics.create' => sub ($subject) { return { name => 'made-' . new_ulid(), aggregation => 'sum', unit => 'piece' } },
	'organizations.update' => sub ($subject) { return { name => "Renamed $$" } },
	'auth.users.create' => sub ($subject) { return { email => fresh_email(), password => $password, name => 'New' } },
	'auth.sessions.create' => sub ($subject) { return { email => somebody($subject)->{email}, password => $password } },
	'auth.sessions.refresh' => sub ($subject) { return { refresh_token => new_refresh_token(new_person($subject->{organization}, 'member')) } },
	'auth.passwords.change' => sub ($subject) {
		give_password($subject->{person}) if $subject->{person};
		return { current_password => $password, new_password => 'four louder otters' };
	},
	'auth.passwords.reset' => sub ($subject) { return { token => new_reset_token(somebody($subject)), new_password => 'five louder otters' } },
	'oauth.token' => sub ($subject) { return { grant_type => 'client_credentials', client_secret => $subject->{organization}{key} } },
	'oauth.revoke' => sub ($subject) { return { token => new_refresh_token(new_person($subject->{organization}, 'member')) } },
	'payment_methods.attach' => sub ($subject) { return { payment_method_id => 'pm_card_visa' } },
	'billing.invoices.pay' => sub ($subject) { attach($subject->{organization}); return { invoice_id => new_invoice_row($subject->{organization}) } },
	'billing.invoices.mark_refunded' => sub ($subject) {
		my $id = new_invoice_row($subject->{organization});
		db_run("UPDATE invoice SET status = 'paid', paid = total + 1000000, paid_at = UTC_TIMESTAMP(6) WHERE id = ?", bytes_of($id));
		return { organization_id => $subject->{organization}{id}, invoice_id => $id, reference => 'Transfer back' };
	},
	'billing.topup' => sub ($subject) { attach($subject->{organization}); return { credits => 50 } },
	'billing.approvals.request' => sub ($subject) { return { credits => 100 } },
	'billing.approvals.approve' => sub ($subject) {
		attach($subject->{organization});
		return { approval_id => new_thing($subject, 'approval_id') };
	},
	'billing.set_auto_topup' => sub ($subject) { return { enabled => JSON::PP::false(), threshold_credits => 100, topup_amount_credits => 1000 } },
	'organizations.commitments.create' => sub ($subject) {
		my ($from, $to) = db_run("SELECT DATE_FORMAT(UTC_DATE + INTERVAL 1 DAY, '%Y-%m-%d'), DATE_FORMAT(UTC_DATE + INTERVAL 1 YEAR, '%Y-%m-%d')")->fetchrow_array;
		return { organization_id => $subject->{organization}{id}, name => 'made', starts_on => $from, ends_on => $to, amount => '1.00' };
	},
	'orders.create' => sub ($subject) { grant($subject->{organization}{id}, 10); return order_body(new_ulid(), 10) },
	'billing.subscriptions.start' => sub ($subject) { return $free_plan },
	'billing.subscriptions.preview' => sub ($subject) { return $free_plan },
	'billing.subscriptions.change' => sub ($subject) { return new_plan_subscription($subject->{organization}) },
	'billing.subscriptions.get' => sub ($subject) { return new_plan_subscription($subject->{organization}) },
	'billing.subscriptions.cancel' => sub ($subject) { return new_plan_subscription($subject->{organization}) },
	'billing.subscriptions.resume' => sub ($subject) { return new_plan_subscription($subject->{organization}) },
	'admin.subscriptions.mark_payment' => sub ($subject) {
		return { new_plan_subscription($subject->{organization})->%*, organization_id => $subject->{organization}{id}, outcome => 'made' };
	},
	'billing.plans.create' => sub ($subject) { return { product => 'platform', name => 'Made', tier => 'INTERNAL' } },
	'billing.plans.publish' => sub ($subject) { return { plan_id => new_plan_row('draft') } },
	'billing.plans.retire' => sub ($subject) { return { plan_id => new_plan_row('published') } },
	'billing.free_tier.grant_all' => sub ($subject) { # nobody waits but this one
		db_run("INSERT IGNORE INTO free_tier (organization_id, status, credits, revoked_at) SELECT id, 'revoked', 0, UTC_TIMESTAMP(6) FROM organization WHERE id <> ?",
		    bytes_of($subject->{organization}{id}));
		return {};
	},
	'usage.authorize' => sub ($subject) { return { metric => 'requests', quantity => 1, hold_seconds => 60 } },
	'orders.refund' => sub ($subject) { return { organization_id => $subject->{organization}{id}, order_id => new_settled_row($subject->{organization}) } },
	'event_subscriptions.create' => sub ($subject) { return { event_type => 'order.settled', endpoint_url => 'https://hooks.example.invalid/' } },
	'admin.organizations.set' => sub ($subject) { return { organization_id => $subject->{organization}{id}, rate_limit => 1000001 } },
	'admin.identities.link' => sub ($subject) { return { issuer => 'https://example.com/', subject => new_ulid(), user_id => new_thing($subject, 'user_id') } },
	'admin.identities.unlink' => sub ($subject) {
		my $linked = new_ulid();
		db_run("INSERT INTO identity (issuer, subject, user_id, created_at) VALUES ('https://example.com/', ?, ?, UTC_TIMESTAMP(6))",
		    $linked, bytes_of(new_thing($subject, 'user_id')));
		return { issuer => 'https://example.com/', subject => $linked, user_id => new_thing($subject, 'user_id') };
	},
);

# Fields that end like an id and name nothing of ours.
my %elsewhere = ('payment_methods.attach' => { payment_method_id => 1 },
    map { ($_ => { plan_id => 1, price_id => 1 }) } # plans are the platform's
    qw(billing.plans.publish billing.plans.retire billing.subscriptions.start billing.subscriptions.change billing.subscriptions.preview));

# The fields that name things here, as declared: with `*` where they are required.
sub names_of ($operation) {
	my $not = $elsewhere{ $operation->{id} } // {};
	return grep { /_id\*?$/ && !$not->{ s/\*$//r } } $operation->{fields}->@*;
}

# Does the body name a thing that somebody else could have?
sub names_things ($operation) {
	return 0 if $operation->{scope} eq 'PUBLIC';
	return scalar grep { /^(?:organization_id\*?|\w+_id\*)$/ } names_of($operation);
}

# The least body that succeeds; where the subject names somebody else's things, the least that does.
sub body_of ($operation, $subject) {
	my $id = $operation->{id};
	my %other = $subject->{named} && names_things($operation) ? $subject->{named}->%* : ();
	my $of = %other ? \%other : $subject;
	my @names = map { /^(\w+_id)\*$/ } names_of($operation);

	push @names, 'organization_id' if %other && grep { $_ eq 'organization_id' } $operation->{fields}->@*;
	my %ids = map { my $thing = new_thing($of, $_); defined $thing ? ($_ => $thing) : () } @names;
	return { ($bodies{$id} ? $bodies{$id}->($of) : sample_body($id, \%ids))->%*, %other ? %ids : () };
}

# ---- outcomes --------------------------------------------------------------------------------------------------------

# Something that a person does for themselves.
sub is_own ($operation, $subject) {
	return $subject->{person} && ($operation->{scope} =~ /^(?:SIGNED_IN|ANY_TOKEN)$/ || $operation->{flags}{any_person});
}

sub refused_for_scope ($operation) {
	return ('forbidden', members => { required_scope => $operation->{scope} });
}

sub refused_for_role (@roles) {
	return ('forbidden', members => { required_role => join ' or ', @roles });
}

# The code (and what else the problem has to say) by which the machinery refuses the subject; nothing where it may call.
sub refusal_of ($operation, $subject) {
	my ($scope, $flags) = $operation->@{qw(scope flags)};
	my @roles = grep { $flags->{"role:$_"} } qw(owner admin billing member viewer);

	return if $scope eq 'PUBLIC';
	return 'unauthenticated' if $subject->{unknown};
	return 'human_required' if $flags->{human} && !$subject->{person};
	return 'forbidden' if $subject->{narrowed} && $scope eq 'SIGNED_IN';
	return refused_for_scope($operation) if $subject->{narrowed} && $flags->{any_person};
	return if is_own($operation, $subject) || $scope eq 'ANY_TOKEN';
	return 'human_required' if $scope eq 'SIGNED_IN';
	return refused_for_scope($operation) unless holds($subject->{scopes}, $scope);
	return unless $subject->{person};
	return refused_for_role(@roles) if @roles && !grep { $_ eq $subject->{role} } @roles;
	return 'organization_closed' if $subject->{closed} && $operation->{effect} ne 'read';
	return;
}

# Codes that the least body gives to some who may call; undef where it succeeds.
my %answers = (
	'oauth.token' => sub ($subject) { return $subject->{closed} ? 'invalid_client' : undef },
	'api_keys.rotate' => sub ($subject) { return $subject->{name} =~ /^client credentials/ ? 'forbidden' : undef }, # it would outlive itself
	'auth.sessions.switch' => sub ($subject) { return $subject->{acts_for_none} ? 'not_found' : undef },
	'billing.topups.refund' => sub ($subject) { return 'conflict' }, # nobody has charged a card
	'webhooks.stripe' => sub ($subject) { return 'bad_request' }, # nobody has signed it
);

# The code of a subject that may call, with the least body; undef for a success.
sub answer_of ($operation, $subject) {
	my @unknown = grep { !$things{$_} } map { /^(\w+_id)\*$/ } names_of($operation);

	return 'not_found' if $subject->{named} && names_things($operation);
	return $answers{ $operation->{id} }->($subject) if $answers{ $operation->{id} };
	return @unknown && !$bodies{ $operation->{id} } ? 'not_found' : undef;
}

# The status of a success.
sub success_of ($operation) {
	my ($status) = grep { /^2/ } keys openapi->{paths}{"/v1/op/$operation->{id}"}{post}{responses}->%*;
	return $status;
}

1;
