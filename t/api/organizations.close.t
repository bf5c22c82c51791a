#!/usr/bin/perl
# Closing acts on the very next request, whoever sends it.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Approvals;
use Purser::Jobs;
use Purser::Test;

my $organization = new_organization(credits => 70);
my $id = bytes_of($organization->{id});
my %people = map { $_ => new_person($organization, $_) } qw(owner admin billing member viewer);
my $second = new_person($organization, 'owner');
my $resting = new_person($organization, 'owner');
db_run('UPDATE membership SET is_active = FALSE WHERE user_id = ?', bytes_of($resting->{id}));
my $key = new_key($organization, 'billing:read');

sub close_by ($key, %options) { return call('organizations.close', {}, key => $key, %options) }

is_problem(close_by($organization->{key}), 403, 'human_required', 'a key with every scope does not close its organization');
is_problem(close_by($people{$_}{key}), 403, 'forbidden', "nor does a person who is no owner: $_") for qw(admin billing member viewer);
is_problem(close_by(new_person()->{key}), 403, 'forbidden', 'nor one of no organization');
is_problem(call('organizations.close', { organization_id => new_organization()->{id} }, key => $people{owner}{key}), 422, 'invalid', 'no other organization can be named',
    errors => { '/organization_id' => 'unknown' });
is(call('organizations.get', {}, key => $people{owner}{key})->json->{status}, 'active', 'it is open');

# Something that has fallen due and is not booked yet is not left behind.
my $soon = call('billing.grants.create', { organization_id => $organization->{id}, credits => 5, source => 'promotional',
    expires_at => db_value("SELECT DATE_FORMAT(UTC_TIMESTAMP(6) + INTERVAL 1 SECOND, '%Y-%m-%dT%H:%i:%s.%fZ')") }, key => admin_key);
is_success($soon, 'credits that fall due in a second');
eventually('and are gone to readers', sub { call('billing.credits.balance', {}, key => $people{owner}{key})->json->{balance} == 70 });

my $reply = close_by($people{owner}{key});
is_success($reply, 'an owner closes it');
my $closed = $reply->json;
is_deeply([sort keys %$closed], [qw(balance deletes_at id open_invoices)], 'the reply has what was promised');
is_deeply({ $closed->%{qw(id balance open_invoices)} }, { id => $organization->{id}, balance => 70, open_invoices => 0 }, 'and tells what is left behind');
is(db_value("SELECT TIMESTAMPDIFF(MICROSECOND, closed_at, ?) FROM organization WHERE id = ?", $closed->{deletes_at} =~ tr/TZ/ /dr =~ s/(\d\d:)/ $1/r, $id), 30 * 86400 * 1000000,
    'and when it is erased: 30 days later');

# ---- the very next request ----

is_problem(call('billing.credits.balance', {}, key => $_), 401, 'unauthenticated', 'its keys are refused') for $organization->{key}, $key->{key};
for my $role (sort keys %people) {
	my $read = call('organizations.get', {}, key => $people{$role}{key});
	is_success($read, "a session still reads: $role");
	is($read->json->{status}, 'closed', 'that it is closed');
}
is(call('billing.credits.balance', {}, key => $people{billing}{key})->json->{available}, 70, 'its balance, too');
for my $operation (describe_operations) {
	my ($name, $scope) = $operation->@{qw(id scope)};
	next if $scope !~ /:/ || $scope =~ /^admin:/;
	if ($operation->{effect} eq 'read') {
		my $read = call($name, sample_body($name), key => $people{owner}{key});
		ok($read->status == 200 || $read->status == 404, "$name: reads") or diag "$read->{status} $read->{body}";
	} elsif (!$operation->{flags}{any_person}) {
		is_problem(call($name, sample_body($name), key => $people{owner}{key}), 409, 'organization_closed', "$name: is refused");
	}
}
is_problem(close_by($people{owner}{key}), 409, 'organization_closed', 'it is closed once');
is_problem(close_by($second->{key}), 409, 'organization_closed', 'by whichever owner');
is_problem(close_by($people{admin}{key}), 403, 'forbidden', 'and who may not is told so');

# ---- what it leaves ----

is_deeply([db_run("SELECT actor_id, target_id, outcome FROM audit WHERE organization_id = ? AND operation = 'organizations.close'", $id)->fetchrow_array],
    [${ bytes_of($people{owner}{id}) }, $$id, 'ok'], 'the audit tells who closed it');
my $event = db_run("SELECT entity_type, entity_id, data FROM outbox WHERE organization_id = ? AND kind = 'event' AND type = 'organization.closed'", $id)->fetchall_arrayref({});
is(scalar @$event, 1, 'one event tells of it');
is_deeply([$event->[0]{entity_type}, $event->[0]{entity_id}, decode_json($event->[0]{data})],
    ['organization', $$id, { id => $organization->{id}, deletes_at => $closed->{deletes_at} }], 'with the day of the erasure');
is(db_value("SELECT COUNT(*) FROM notification WHERE organization_id = ? AND type = 'organization.closed'", $id), 6, 'it reaches every active member');
my $mails = db_run("SELECT recipient, secret, data FROM outbox WHERE organization_id = ? AND kind = 'mail' AND type = 'organization_closed' ORDER BY recipient", $id)->fetchall_arrayref({});
is_deeply([map { $_->{recipient} } @$mails], [sort map { $_->{email} } $people{owner}, $second], 'every active owner gets a mail');
is_deeply([map { $_->{secret} } @$mails], [undef, undef], 'which hides nothing');
is_deeply(decode_json($mails->[0]{data}), { id => $organization->{id}, deletes_at => $closed->{deletes_at} }, 'and knows the day of the erasure');

# ---- elsewhere ----

my $other = new_organization();
my $wanderer = new_person($organization, 'member');
db_run("INSERT INTO membership (organization_id, user_id, role, created_at) VALUES (?, ?, 'owner', UTC_TIMESTAMP(6))", bytes_of($other->{id}), bytes_of($wanderer->{id}));
db_run('UPDATE session SET organization_id = ? WHERE id = ?', bytes_of($other->{id}), bytes_of($wanderer->{session_id}));
is_success(call('organizations.update', { name => 'Elsewhere' }, key => $wanderer->{key}), 'its people work on elsewhere');
is_success(call('organizations.current', {}, key => $other->{key}), 'and other keys work');

# ---- what would buy credits ends ----

sub state_of ($topup) { return db_value('SELECT state FROM payment WHERE id = ?', bytes_of($topup->{id})) }
sub good ($operation, $body, $by) {
	my $reply = call($operation, $body, key => $by->{key});
	$reply->status =~ /^2/ or die "$operation: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

keep_away('orders.expire');
my $buyer = new_customer('pm_card_authenticationRequired', credits => 70);
my ($asked, $late) = map { ask($buyer) } 1 .. 2;
expire_now($late);
good('billing.set_auto_topup', { enabled => JSON::PP::true(), threshold_credits => 20, topup_amount_credits => 100 }, $buyer);
my $order = good('orders.create', { reference => 'held', lines => [{ sku => 'x', description => 'y', quantity => 1, unit_credits => 10 }] }, $buyer);
my $waiting = good('billing.topup', { credits => 100 }, $buyer);
is($waiting->{status}, 'requires_action', 'a purchase waits for its person');
is_success(close_by($buyer->{owner}{key}), 'closing');
my $seen = call('billing.topups.get', { topup_id => $waiting->{id} }, key => $buyer->{owner}{key})->json;
is_deeply([@$seen{qw(status client_secret)}], ['failed', undef], 'ends it');
is(db_value('SELECT error_code FROM payment WHERE id = ?', bytes_of($waiting->{id})), 'organization_closed', 'and says why');
eventually('it is cancelled at the processor', sub { db_value('SELECT state FROM sandbox_intent WHERE payment_id = ?', bytes_of($waiting->{id})) eq 'cancelled' }, 90);
my $refused = call('billing.approvals.get', { approval_id => $asked->{id} }, key => $buyer->{owner}{key})->json;
is_deeply([@$refused{qw(status reason decided_by)}], ['rejected', 'The organization was closed.', $buyer->{owner}{id}], 'a purchase that waits for approval is turned down');
is_deeply([map { $_->{type} } events_of($asked)], ['approval.requested', 'approval.decided'], 'which is told');
is(call('billing.approvals.get', { approval_id => $late->{id} }, key => $buyer->{owner}{key})->json->{status}, 'expired', 'one whose time was over stays expired');
is_problem(approve($asked, $buyer->{billing}), 409, 'organization_closed', 'nothing can be approved');
is_deeply([call('billing.auto_topup.get', {}, key => $buyer->{owner}{key})->json->@{qw(enabled state)}], [JSON::PP::false(), 'off'], 'nothing is bought by itself');
is(db_value('SELECT auto_topup_threshold FROM book WHERE organization_id = ?', bytes_of($buyer->{id})), undef, 'the book knows of no threshold');
is_problem(call('orders.settle', { order_id => $order->{id} }, key => $buyer->{owner}{key}), 409, 'organization_closed', 'an order stays as it is');
db_run('UPDATE orders SET hold_expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = ?', bytes_of($order->{id}));
ok(run_job('orders.expire'), 'the job that ends orders');
is(call('orders.get', { order_id => $order->{id} }, key => $buyer->{owner}{key})->json->{status}, 'expired', 'ends this one when its time is over');
is(call('billing.credits.balance', {}, key => $buyer->{owner}{key})->json->{available}, 70, 'and gives back what it held');
is_success(call('admin.organizations.set', { organization_id => $buyer->{id}, status => 'active' }, key => admin_key), 'reopened');
is(call('billing.approvals.get', { approval_id => $asked->{id} }, key => $buyer->{key})->json->{status}, 'rejected', 'what was turned down stays so');
is_success(call('billing.topup', { credits => 100 }, key => $buyer->{key}), 'and it can buy again', status => 201);

# The charge of an approval that waits for its person.
my $approver = new_customer('pm_card_authenticationRequired');
my $charged = ask($approver);
ok(approve($charged, $approver->{owner})->json->{topup_id}, 'an approved purchase waits for its person');
is_success(call('admin.organizations.set', { organization_id => $approver->{id}, status => 'closed' }, key => admin_key), 'the operator closes');
is_deeply([call('billing.approvals.get', { approval_id => $charged->{id} }, key => $approver->{owner}{key})->json->@{qw(status topup_id)}], ['rejected', undef], 'it is turned down, too');
is(db_value("SELECT COUNT(*) FROM payment WHERE open_of = ?", bytes_of($approver->{id})), 0, 'nothing of it is open');

# One that is under way.
my $payer = new_customer('pm_card_processing');
my $paid = good('billing.topup', { credits => 100 }, $payer);
is($paid->{status}, 'processing', 'a charge is under way');
is_success(close_by($payer->{owner}{key}), 'closing');
eventually('leaves it to be booked', sub { state_of($paid) eq 'succeeded' }, 60);
is(call('billing.credits.balance', {}, key => $payer->{owner}{key})->json->{available}, 100, 'the credits are there');
is_success(call('billing.topups.refund', { organization_id => $payer->{id}, topup_id => $paid->{id}, reason => 'It has left.' }, key => admin_key), 'and the operator gives the money back');
is(call('billing.credits.balance', {}, key => $payer->{owner}{key})->json->{available}, 0, 'for the credits');

my %once = (key => $wanderer->{key}, idempotency_key => 'close');
my $closing = call('organizations.close', {}, %once);
is_success($closing, 'closing with an idempotency key');
my $again = call('organizations.close', {}, %once);
is_success($again, 'is told again when it is repeated');
is($again->body, $closing->body, 'byte for byte');
is_problem(call('organizations.close', {}, %once, idempotency_key => 'again'), 409, 'organization_closed', 'with another key it is closed already');
done_testing;
