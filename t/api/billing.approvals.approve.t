#!/usr/bin/perl
# With the sandbox as the processor: its cards say what becomes of a charge.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Approvals;
use Purser::Cards;
use Purser::Test;

sub balance_of ($organization) { return call('billing.credits.balance', {}, key => $organization->{key})->json->{available} }

sub payments_of ($organization) {
	return db_column('SELECT state FROM payment WHERE organization_id = ? ORDER BY id', bytes_of($organization->{id}));
}

sub deeds_on ($thing) { return db_column('SELECT operation FROM audit WHERE target_id = ? ORDER BY id', bytes_of($thing->{id})) }

# The card becomes the one that is charged.
sub use_card ($organization, $kind) {
	my $card = attach($organization, $kind)->json;
	my $reply = call('payment_methods.set_default', { payment_method_row_id => $card->{id} }, key => $organization->{key});
	$reply->status == 200 or die "payment_methods.set_default: $reply->{status} $reply->{body}\n";
}

# ---- success ----

my $organization = new_customer();
my $asked = ask($organization, credits => 250_000);
my $reply = approve($asked, $organization->{billing}, idempotency_key => 'yes');
my $approved = $reply->json;

is_success($reply, 'a purchase above the threshold is approved');
is_deeply([@$approved{qw(id status credits amount decided_by reason last_error)}], [$asked->{id}, 'approved', 250_000, '2500.00', $organization->{billing}{id}, undef, undef],
    'by whom it was');
ok($approved->{decided_at}, 'and when');
ulid_ok($approved->{topup_id}, 'with its purchase');
is(balance_of($organization), 250_000, 'the credits are there when it is answered');
is_deeply(approval($organization, $asked), $approved, 'it reads like that');
is_deeply([map { $_->{type} } events_of($asked)], ['approval.requested', 'approval.decided'], 'events tell of it');
is_deeply((events_of($asked))[1]{data}, $approved, 'with all of it');
is_deeply([map { $_->{type} } events_of({ id => $approved->{topup_id} })], ['topup.succeeded'], 'and of the purchase');
is_deeply([deeds_on($asked)], ['billing.approvals.request', 'billing.approvals.approve'], 'the deeds are in the audit, with what they were done to');

my $again = approve($asked, $organization->{billing}, idempotency_key => 'yes');
is($again->body, $reply->body, 'repeated with its key, the reply is the same');
is($again->header('idempotent-replayed'), 'true', 'as a replay');
is_problem(approve({ id => new_ulid() }, $organization->{billing}, idempotency_key => 'yes'), 409, 'idempotency_key_reused', 'another approval needs another key');
is_problem(approve($asked, $organization->{owner}), 409, 'conflict', 'it is not approved twice');
is_deeply([payments_of($organization)], ['succeeded'], 'the card was charged once');
my $next = call('billing.topup', { credits => 100_000 }, key => $organization->{key});
is($next->status, 201, 'what was approved does not count for what can be bought without');

# ---- a declined card, and another one ----

my $unlucky = new_customer('pm_card_chargeCustomerFail');
my $held = ask($unlucky);
my $declined = approve($held, $unlucky->{owner}, idempotency_key => 'try');
is_problem($declined, 402, 'card_declined', 'a declined card is told', members => { decline_code => 'generic_decline' });
is(approve($held, $unlucky->{owner}, idempotency_key => 'try')->body, $declined->body, 'the same for the same key: the card was really tried');
my $waiting = approval($unlucky, $held);
is_deeply([@$waiting{qw(status topup_id decided_by decided_at)}], ['pending', undef, undef, undef], 'the approval waits on');
like($waiting->{last_error}, qr/declined/i, 'and says why');
is_deeply([payments_of($unlucky)], ['failed'], 'one charge was tried');
use_card($unlucky, 'pm_card_visa');
is_success(approve($held, $unlucky->{owner}, idempotency_key => 'other card'), 'another card can be tried');
is_deeply([@{ approval($unlucky, $held) }{qw(status last_error)}], ['approved', undef], 'and pays it');
is(balance_of($unlucky), 1000, 'the credits came once');
is_deeply([map { $_->{type} } events_of($held)], ['approval.requested', 'approval.decided'], 'the decline was no decision');

my $spent = new_customer('pm_card_insufficientFunds');
my $lapsing = ask($spent);
is_problem(approve($lapsing, $spent->{owner}), 402, 'card_declined', 'one more decline', members => { decline_code => 'insufficient_funds' });
expire_now($lapsing);
is(approval($spent, $lapsing)->{status}, 'expired', 'an approval whose card was declined expires like any other');

# ---- a charge that takes its time ----

my $patient = new_customer('pm_card_processing');
my $slow = ask($patient);
my $begun = approve($slow, $patient->{owner}, idempotency_key => 'slow');
is_success($begun, 'a charge that is not over answers the approval');
my $topup = $begun->json->{topup_id};
is_deeply([@{ $begun->json }{qw(status decided_by decided_at)}], ['pending', undef, undef], 'still pending');
ulid_ok($topup, 'with the purchase in flight');
is_problem(approve($slow, $patient->{owner}, idempotency_key => 'slow'), 409, 'idempotency_in_progress', 'its key waits for the outcome');
is_problem(approve($slow, $patient->{billing}), 409, 'conflict', 'nobody else approves it meanwhile', members => { topup_id => $topup });
is_problem(reject($slow, $patient->{billing}), 409, 'conflict', 'or rejects it', members => { topup_id => $topup });
is_problem(approve(ask($patient), $patient->{owner}), 409, 'topup_in_progress', 'another purchase has to wait', members => { topup_id => $topup });
expire_now($slow);
is(approval($patient, $slow)->{status}, 'pending', 'its time being over is waited with');
is_problem(approve($slow, $patient->{billing}), 409, 'conflict', 'still nobody else approves it');
eventually('and the charge succeeds all the same', sub { approval($patient, $slow)->{status} eq 'approved' }, 30);
is(approval($patient, $slow)->{decided_by}, $patient->{owner}{id}, 'approved by who did so');
my $told = approve($slow, $patient->{owner}, idempotency_key => 'slow');
is_success($told, 'the key gives the outcome now');
is_deeply([$told->json->{status}, $told->header('idempotent-replayed')], ['approved', 'true'], 'as whoever booked it has left it');
is(balance_of($patient), 1000, 'the credits came once');

# ---- a card whose holder has to authenticate ----

my $careful = new_customer('pm_card_authenticationRequired');
my $asks = ask($careful);
my $action = approve($asks, $careful->{owner})->json;
is($action->{status}, 'pending', 'where the holder has to authenticate, it stays pending');
my $shown = call('billing.topups.get', { topup_id => $action->{topup_id} }, key => $careful->{key})->json;
is($shown->{status}, 'requires_action', 'the purchase says so');
ok($shown->{client_secret}, 'and has what the person needs for it');
is_problem(approve($asks, $careful->{owner}), 409, 'conflict', 'it is in flight meanwhile', members => { topup_id => $action->{topup_id} });
use_card($careful, 'pm_card_visa');
my $other = ask($careful, credits => 500);
is(approve($other, $careful->{owner})->json->{status}, 'approved', 'another purchase takes the place of one that waits');
is_deeply([@{ approval($careful, $asks) }{qw(status topup_id)}], ['pending', undef], 'which can be approved anew');
is(approve($asks, $careful->{owner})->json->{status}, 'approved', 'and is');
is(balance_of($careful), 1500, 'each was bought once');

# ---- who may, and what may be ----

my $strict = new_customer();
my $maker = $strict->{billing};
my $made = first_key($strict->{id}, ['billing:write'], made_by_user_id => bytes_of($maker->{id}));
my ($by_person, $by_key, $by_stranger) = (ask($strict, key => $maker->{key}), ask($strict, key => $made->{key}), ask($strict));
is_success(approve(ask($strict, key => $maker->{key}), $maker), 'who asked may approve');
set_policy($strict, require_second_person => JSON::PP::true());
like(approve($by_person, $maker)->json->{detail}, qr/somebody else/i, 'unless a second person is asked for: that says what to do');
is_problem(approve($by_person, $maker), 403, 'forbidden', 'who asked is refused');
is_problem(approve($by_key, $maker), 403, 'forbidden', 'so is the person who made the key that asked');
is_success(approve($_, $strict->{owner}), 'somebody else approves') for $by_person, $by_key;
is_success(approve($by_stranger, $maker), 'what nobody in person asked for, anybody approves');

my $poor = new_customer(undef);
my $cardless = ask($poor);
is_problem(approve($cardless, $poor->{owner}), 402, 'card_required', 'without a card nothing is charged');
is(approval($poor, $cardless)->{topup_id}, undef, 'and nothing is in flight');
is_problem(approve($cardless, $_->[0]), 403, $_->[1], "$_->[2] does not approve") for [{ key => $poor->{key} }, 'human_required', 'a key'],
    [new_person($poor, 'member'), 'forbidden', 'a member'], [new_person($poor, 'viewer'), 'forbidden', 'a viewer'];
is_problem(approve({ id => 'x' }, $poor->{owner}), 422, 'invalid', 'an id has to be one', errors => { '/approval_id' => undef });
is_problem(approve($cardless, $strict->{owner}), 404, 'not_found', "another organization's owner has no such approval");
is_problem(approve({ id => new_ulid() }, $poor->{owner}), 404, 'not_found', 'what was never asked for is not there');
expire_now($cardless);
is_problem(approve($cardless, $poor->{owner}), 410, 'approval_expired', 'after its time it is not approved');

my $repriced = ask($strict);
db_run("UPDATE approval SET amount = amount - 10000 WHERE id = ?", bytes_of($repriced->{id}));
is_problem(approve($repriced, $strict->{owner}), 409, 'conflict', 'at another price than was shown nothing is charged');
my $ledger = call('billing.credits.verify', {}, key => $strict->{key})->json;
ok($ledger->{consistent}, 'the ledger is whole');
done_testing;
