#!/usr/bin/perl
# Thirty days after it was closed an organization is erased: people and secrets go, ledger, audit and id stay. All in a
# database of its own, with a clock of its own.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256);
use Purser::Test;
use Purser::Jobs;
use Time::HiRes qw(sleep);

my $job = 'organizations.erase';
my $day = 86400;
private_database;

# ---- a customer with a past; whatever tells who they are has `zebra` in it, whatever is another's `giraffe` ----

sub close_row ($id) { db_run("UPDATE organization SET status = 'closed', closed_at = UTC_TIMESTAMP(6) WHERE id = ?", bytes_of($id)) }

sub new_customer ($word) {
	my $id = new_book;
	db_run("UPDATE organization SET name = ?, slug = ?, display_name = ?, description = ?, website = ?, logo_url = ?, industry = ?, size = ?, abn = '51824753556', tax_number = ?,
	    billing_email = ?, billing_line1 = ?, billing_line2 = ?, billing_city = ?, billing_state = ?, billing_postal_code = ?, billing_country = 'AU', hubspot_id = ? WHERE id = ?",
	    ("$word-x") x 8, "$word-tax", ("$word-y") x 6, "$word-hub", bytes_of($id));
	ledger_call("ledger_post(?, UTC_TIMESTAMP(6), ?, 'grant', NULL, 100, NULL, NULL, NULL, 'system', 'x', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \@outcome)",
	    bytes_of($id), bytes_of(new_ulid()));
	return $id;
}

sub join_organization ($person, $id, $role = 'member', $is_active = 1) {
	db_run('INSERT INTO membership (organization_id, user_id, role, is_active, created_at) VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))',
	    bytes_of($id), bytes_of($person->{id}), $role, $is_active);
}

sub new_member ($word, $name, $id, $role) {
	my $person = new_person($id, $role, email => "$name\@$word.example", name => "$name $word");
	my $user = bytes_of($person->{id});
	db_run("INSERT INTO password (user_id, hash, changed_at) VALUES (?, ?, UTC_TIMESTAMP(6))", $user, "scrypt-$word");
	db_run("INSERT INTO identity (issuer, subject, user_id, created_at) VALUES ('https://issuer.example', ?, ?, UTC_TIMESTAMP(6))", "$name-$word", $user);
	db_run("INSERT INTO password_reset (token_digest, user_id, created_at, expires_at) VALUES (?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))", \sha256($person->{email}), $user);
	db_run("INSERT INTO password_reset_request (id, email_key) VALUES (?, ?)", bytes_of(new_ulid()), $person->{email});
	db_run("UPDATE session SET address = '192.0.2.1', user_agent = ? WHERE user_id = ?", "browser of $word", $user);
	db_run("INSERT INTO outbox (id, kind, type, entity_type, entity_id, recipient, data, secret, created_at)
	    VALUES (?, 'mail', 'password_reset', 'user', ?, ?, '{}', ?, UTC_TIMESTAMP(6))", bytes_of(new_ulid()), $user, $person->{email}, "secret-$word");
	return $person;
}

sub outbox ($id, $kind, $type, $entity_type, %more) {
	db_run("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, recipient, data, secret, created_at, delivered_at)
	    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6), ?)", bytes_of(new_ulid()), bytes_of($id), $kind, $type, $entity_type, bytes_of($more{entity} // new_ulid()),
	    $more{recipient}, $more{data} // '{}', $more{secret}, $more{delivered_at});
}

# Cards and purchases; one card was detached before.
sub fill_payments ($id, $word) {
	my ($organization, $approval, $payment) = (bytes_of($id), bytes_of(new_ulid()), bytes_of(new_ulid()));
	db_run("INSERT INTO payment_customer (organization_id, provider, customer_id, created_at) VALUES (?, 'sandbox', ?, UTC_TIMESTAMP(6))", $organization, "cus_$word");
	db_run("INSERT INTO payment_method (id, organization_id, provider, card_id, brand, last4, exp_month, exp_year, is_default, created_at, detached_at)
	    VALUES (?, ?, 'sandbox', ?, ?, '4242', 7, 2041, ?, UTC_TIMESTAMP(6), ?)", bytes_of(new_ulid()), $organization, "pm_${_}_$word", $word, $_, $_ ? undef : utc) for 0, 1;
	db_run("INSERT INTO approval (id, organization_id, credits, amount, currency, status, requested_by, requested_at, expires_at, reason, last_error)
	    VALUES (?, ?, 5, 50000, 'AUD', 'rejected', ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), ?, ?)", $approval, $organization, bytes_of(new_ulid()), "because of $word", "no $word");
	db_run("INSERT INTO payment (id, organization_id, purpose, state, credits, amount, tax, currency, description, provider, customer_id, card_id, request, intent_id, client_secret, last_error,
	    received, granted, approval_id, created_at) VALUES (?, ?, 'approval', 'succeeded', 5, 50000, 0, 'AUD', ?, 'sandbox', ?, ?, ?, ?, ?, ?, 50000, 5, ?, UTC_TIMESTAMP(6))", $payment, $organization,
	    "for $word", "cus_$word", "pm_$word", "customer=cus_$word", 'pi_' . lc $id, "secret of $word", "no $word", $approval);
	db_run("INSERT INTO payment_refund (id, organization_id, payment_id, amount, currency, reason, state, last_error, created_at)
	    VALUES (?, ?, ?, 10000, 'AUD', ?, 'failed', ?, UTC_TIMESTAMP(6))", bytes_of(new_ulid()), $organization, $payment, "for $word", "no $word");
	db_run("INSERT INTO auto_topup (organization_id, enabled, threshold_credits, topup_amount_credits, state, last_error, updated_at) VALUES (?, TRUE, 1, 1, 'off', ?, UTC_TIMESTAMP(6))",
	    $organization, "no $word");
	outbox($id, 'event', 'approval.decided', 'approval', data => qq({"reason":"$word"}));
}

# What there is in the tables of keys, invitations and the outbox.
sub fill ($id, $word) {
	fill_payments($id, $word);
	my $key = first_key($id, ['*:read'], revoked_at => undef);
	db_run('UPDATE api_key SET name = ? WHERE organization_id = ?', "key of $word", bytes_of($id));
	db_run("INSERT INTO client_token (digest, key_digest, expires_at) VALUES (?, ?, UTC_TIMESTAMP(6))", \sha256("$word token"), \sha256($key->{key}));
	for my $status (qw(pending accepted declined)) {
		db_run("INSERT INTO invitation (id, organization_id, email, email_key, role, token_digest, status, created_at, expires_at)
		    VALUES (?, ?, ?, ?, 'member', ?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))", bytes_of(new_ulid()), bytes_of($id), ("$status\@$word.example") x 2, \sha256("$word $status"), $status);
	}
	outbox($id, 'mail', 'invitation', 'invitation', recipient => "pending\@$word.example", data => qq({"role":"$word"}), secret => "sealed $word");
	outbox($id, 'mail', 'organization_closed', 'organization', recipient => "owner\@$word.example", delivered_at => utc);
	outbox($id, 'event', 'member.joined', 'member', data => qq({"name":"$word"}));
	outbox($id, 'event', 'credits.low', 'organization', data => '{"available":7}');
	outbox($id, 'event', 'webhook.paused', 'event_subscription', data => qq({"endpoint_url":"$word"}));
	db_run("INSERT INTO event_subscription (id, organization_id, event_type, endpoint_url, host, filter_config, headers, headers_shown, description, secret, old_secret,
	    pause_reason, created_at, updated_at) VALUES (?, ?, '*', ?, ?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))", bytes_of(new_ulid()), bytes_of($id),
	    "https://$word.example", "$word.example:443", qq({"name":"$word"}), $word, qq({"$word":"***"}), $word, $word, $word, $word);
	db_run("INSERT INTO integration (organization_id, kind, login, token, token_end, endpoint, host, due_at, last_error, created_at, updated_at)
	    VALUES (?, 'prom', ?, ?, '', ?, 'x.example:443', '2999-01-01', ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))", bytes_of($id), $word, "sealed $word", "https://$word.example", "no $word");
	return $key;
}

my $gone = new_customer('zebra');
my $stays = new_customer('giraffe');
my %gone = map { $_ => new_member('zebra', $_, $gone, $_) } qw(owner viewer);
my $only_resting = new_member('zebra', 'resting', $gone, 'member');
db_run('UPDATE membership SET is_active = FALSE WHERE user_id = ?', bytes_of($only_resting->{id}));
my $both = new_member('giraffe', 'both', $gone, 'admin');
join_organization($both, $stays, 'owner');
my $rests_elsewhere = new_member('giraffe', 'rests', $gone, 'member');
join_organization($rests_elsewhere, $stays, 'member', 0);
my $other = new_member('giraffe', 'other', $stays, 'owner');
db_run('UPDATE organization SET billing_admin_id = ? WHERE id = ?', bytes_of($gone{owner}{id}), bytes_of($gone));
my $key = fill($gone, 'zebra');
my $kept_key = fill($stays, 'giraffe');
close_row($gone);

# Columns of the whole database in which the word stands, but for what is kept on purpose.
sub places_of ($word) {
	my @found;
	my $columns = db_run("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()
	    AND data_type IN ('varchar', 'char', 'varbinary', 'mediumtext', 'text', 'blob', 'mediumblob', 'longtext')");
	while (my ($table, $column) = $columns->fetchrow_array) {
		push @found, "$table.$column" if db_value("SELECT COUNT(*) FROM $table WHERE CAST(`$column` AS CHAR) LIKE ?", "%$word%");
	}
	return join ' ', sort @found;
}

# All that belongs to the organization and to its people, row by row.
sub state_of ($id, @people) {
	my @rows = map { db_run("SELECT * FROM $_ WHERE " . ($_ eq 'organization' ? 'id' : 'organization_id') . ' = ?', bytes_of($id))->fetchall_arrayref }
	    qw(organization api_key invitation outbox book journal_entry journal_line lot payment_customer payment_method payment approval payment_refund auto_topup integration);
	push @rows, map { my $user = $_; map { db_run("SELECT * FROM $_ WHERE " . ($_ eq 'user' ? 'id' : 'user_id') . ' = ?', bytes_of($user->{id}))->fetchall_arrayref }
	    qw(user password identity password_reset) } @people;
	return \@rows;
}

sub ledger_of ($id) {
	return [map { db_run("SELECT * FROM $_ WHERE organization_id = ?", bytes_of($id))->fetchall_arrayref } qw(book journal_entry journal_line lot lot_movement)];
}

sub count_of ($table, $person) { return db_value("SELECT COUNT(*) FROM $table WHERE user_id = ?", bytes_of($person->{id})) }
sub is_erased ($id) { return defined db_value('SELECT erased_at FROM organization WHERE id = ?', bytes_of($id)) }
sub audit_of ($id) { return db_value("SELECT COUNT(*) FROM audit WHERE organization_id = ? AND operation = 'organizations.erase'", bytes_of($id)) }

# A notification of theirs for everybody, by the trigger.
outbox($gone, 'event', 'organization.closed', 'organization', entity => $gone);
cmp_ok(count_of('notification', $both), '>=', 1, 'everybody was told of the closing');

my $everywhere = places_of('zebra');
is($everywhere, join(' ', sort map { my $table = $_->[0]; map { "$table.$_" } $_->[1]->@* } ['api_key', ['name']], ['identity', ['subject']], ['invitation', [qw(email email_key pending_for)]],
    ['organization', [qw(name slug display_name description website logo_url industry size tax_number billing_email billing_line1 billing_line2 billing_city billing_state
    billing_postal_code hubspot_id)]], ['outbox', [qw(recipient data secret)]], ['password', ['hash']], ['password_reset_request', ['email_key']], ['session', ['user_agent']],
    ['user', [qw(email email_key name)]], ['notification', ['data']], ['payment_customer', ['customer_id']], ['payment_method', [qw(brand card_id)]],
    ['payment', [qw(card_id client_secret customer_id description last_error request)]], ['approval', [qw(last_error reason)]], ['payment_refund', [qw(last_error reason)]],
    ['auto_topup', ['last_error']], ['integration', [qw(login token endpoint last_error)]],
    ['event_subscription', [qw(description endpoint_url filter_config headers headers_shown host old_secret pause_reason secret)]]), 'before, they stand everywhere');
my $ledger = ledger_of($gone);
my $untouched = state_of($stays, $both, $rests_elsewhere, $other);

# ---- a month ----

my $open = new_customer('elephant');
my $reopened = new_customer('elephant2');
close_row($reopened);
private_clock(30 * $day - 60);
ok(run_job($job), 'a minute before the thirty days are over the job runs');
ok(!is_erased($gone), 'and erases nothing');
is(places_of('zebra'), $everywhere, 'nothing at all');
db_run("UPDATE organization SET status = 'active', closed_at = NULL WHERE id = ?", bytes_of($reopened));

private_clock(30 * $day + 60);
my $holder = connect_again;
$holder->begin_work;
$holder->do("SELECT id FROM organization WHERE id = X'" . unpack('H*', ${ bytes_of($gone) }) . "' FOR UPDATE");
ok(run_job($job), 'while somebody holds it');
ok(!is_erased($gone), 'it is left for the next run');
$holder->rollback;

ok(run_job($job), 'that one comes');
ok(is_erased($gone), 'and it is erased');
is(places_of('zebra'), '', 'nobody and nothing of it is told anywhere');
ok(!is_erased($_), 'an open one is not, nor one that was reopened') for $open, $reopened;

my $row = db_run('SELECT * FROM organization WHERE id = ?', bytes_of($gone))->fetchrow_hashref;
is($row->{name}, 'Erased organization', 'its name says so');
is(join(' ', grep { defined $row->{$_} } qw(display_name description website logo_url industry size abn tax_number billing_email billing_admin_id billing_line1 billing_line2
    billing_city billing_state billing_postal_code billing_country hubspot_id)), '', 'and nothing else tells of it');
is_deeply([$row->@{qw(status currency)}], ['closed', 'AUD'], 'it stays closed, in its currency');
is(audit_of($gone), 1, 'the audit tells of the erasure');
is_deeply([db_run("SELECT actor_type, HEX(target_id), target_type, outcome FROM audit WHERE operation = 'organizations.erase'")->fetchrow_array],
    ['job', uc unpack('H*', ${ bytes_of($gone) }), 'organization', 'ok'], 'as the deed of a job');

# ---- people ----

for my $person (values %gone, $only_resting) {
	is_deeply([db_run('SELECT email, email_key, name, erased_at IS NOT NULL FROM user WHERE id = ?', bytes_of($person->{id}))->fetchrow_array], [undef, undef, 'Erased', 1],
	    "$person->{name}: the row stays, and tells nothing");
	is(join(' ', map { count_of($_, $person) } qw(password session identity password_reset notification membership)), '0 0 0 0 0 0', 'no way in is left');
	is(db_value('SELECT COUNT(*) FROM session_token WHERE digest = ?', \sha256($person->{key})), 0, 'no token either');
}
is_deeply(state_of($stays, $both, $rests_elsewhere, $other), $untouched, 'another organization, and whoever belongs to it, stay as they were');
is(join(' ', map { count_of('session', $_) } $both, $rests_elsewhere, $other), '1 1 1', 'with their sessions');
is(db_value('SELECT organization_id FROM session WHERE user_id = ?', bytes_of($both->{id})), undef, 'which act for the erased one no longer');
is(db_value('SELECT organization_id FROM session WHERE user_id = ?', bytes_of($other->{id})), ${ bytes_of($stays) }, 'or for the other one as before');
is(db_value('SELECT COUNT(*) FROM membership WHERE organization_id = ?', bytes_of($gone)), 0, 'nobody is a member of the erased one');
is(db_value('SELECT COUNT(*) FROM notification WHERE organization_id = ?', bytes_of($gone)), 0, 'and nobody has news of it');
isnt(places_of('giraffe'), '', 'what is others\' is there');

# ---- secrets ----

is(db_value('SELECT COUNT(*) FROM api_key WHERE digest = ?', \sha256($key->{key})), 0, 'its key is unknown');
is_deeply([db_run('SELECT name, prefix, revoked_at IS NOT NULL FROM api_key WHERE organization_id = ?', bytes_of($gone))->fetchrow_array], ['erased', '', 1], 'its row says no more than that there was one');
is(db_value('SELECT COUNT(*) FROM client_token WHERE digest = ?', \sha256('zebra token')), 0, 'what the key gave is gone');
is(db_value('SELECT COUNT(*) FROM client_token WHERE digest = ?', \sha256('giraffe token')), 1, 'what others gave is not');
is(join(' ', sort(db_column('SELECT status FROM invitation WHERE organization_id = ?', bytes_of($gone)))), 'accepted declined revoked', 'no invitation is pending');
is(db_value("SELECT COUNT(*) FROM outbox WHERE organization_id = ? AND kind = 'mail' AND (delivered_at IS NULL OR recipient IS NOT NULL OR secret IS NOT NULL)", bytes_of($gone)), 0,
    'no mail is on its way, or tells to whom it went');
is(db_value("SELECT data FROM outbox WHERE organization_id = ? AND type = 'credits.low'", bytes_of($gone)), '{"available":7}', 'an event of the ledger stays');

# ---- cards and purchases ----

is(db_value("SELECT COUNT(*) FROM payment_method WHERE organization_id = ? AND card_id = CONCAT('erased-', HEX(id)) AND last4 = '' AND exp_year = 0 AND NOT is_default AND detached_at IS NOT NULL",
    bytes_of($gone)), 2, 'of its cards no more is known than that there were two');
is_deeply([db_run('SELECT amount, received, granted, state, intent_id FROM payment WHERE organization_id = ?', bytes_of($gone))->fetchrow_array], [50000, 50000, 5, 'succeeded', 'pi_' . lc $gone],
    'what it paid, and by which charge, stays');
is_deeply([db_run('SELECT credits, amount, status FROM approval WHERE organization_id = ?', bytes_of($gone))->fetchrow_array], [5, 50000, 'rejected'], 'and what was decided');
is_deeply([db_run('SELECT amount, state FROM payment_refund WHERE organization_id = ?', bytes_of($gone))->fetchrow_array], [10000, 'failed'], 'and what was given back');

# ---- what is kept ----

is_deeply(ledger_of($gone), $ledger, 'the ledger is as it was');
ok(ledgers_are_whole, 'and verifies');
ok(run_job($job), 'the job runs again');
is(audit_of($gone), 1, 'what is erased is erased once');

# ---- at the same moment ----

my @crowd = map { my $id = new_customer("crowd-$_"); close_row($id); $id } 1 .. 130;
db_run("UPDATE organization SET closed_at = closed_at - INTERVAL 1 DAY WHERE status = 'closed' AND erased_at IS NULL");
my $late = new_member('lion', 'late', $crowd[0], 'owner');
$holder->begin_work;
my $insert = $holder->prepare("INSERT INTO membership (organization_id, user_id, role, created_at) VALUES (?, ?, 'member', UTC_TIMESTAMP(6))");
$insert->bind_param(1, ${ bytes_of($open) }, DBI::SQL_BINARY());
$insert->bind_param(2, ${ bytes_of($late->{id}) }, DBI::SQL_BINARY());
$insert->execute;
my $run = start_job($job);
sleep 1.5;
ok(!is_erased($crowd[0]), 'whoever becomes a member elsewhere at this moment is waited for');
$holder->commit;
is(end_program($run), 0, 'then the job goes on');
is(scalar(grep { !is_erased($_) } @crowd), 0, 'to the last of more than it takes at once');
is(db_value('SELECT email FROM user WHERE id = ?', bytes_of($late->{id})), 'late@lion.example', 'and leaves that person alone');
ok(ledgers_are_whole, 'all their ledgers verify');
done_testing;
