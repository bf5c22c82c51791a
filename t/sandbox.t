#!/usr/bin/perl
# The sandbox: its own functions against the stack's database, and what a developer does by hand.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Cards;
use Purser::Test;

# ---- the functions ----

open my $program, '-|', "$ENV{PURSER_BUILD}/t/unit/sandbox 2>&1" or die "t/unit/sandbox: $!";
my @said = <$program>;
close $program;
is($?, 0, 'charges, refunds and lists are as a card processor does them');
diag @said if $?;
cmp_ok(scalar(grep { /^ok / } @said), '>=', 18, 'all of it was looked at');

# ---- by hand ----

# An intent that waits for its person, as it stands in the sandbox.
sub waiting_intent () {
	my $organization = new_organization();
	attach($organization, 'pm_card_authenticationRequired');
	my $customer = db_value('SELECT customer_id FROM payment_customer WHERE organization_id = ?', bytes_of($organization->{id}));
	my $id = 'pi_' . new_ulid();
	db_run("INSERT INTO sandbox_intent (id, customer_id, payment_id, amount, currency, description, client_secret, state, request_digest, idempotency_key, created_at)
	    VALUES (?, ?, ?, 1000000, 'AUD', 'ten', 'secret', 'action', UNHEX(SHA2('x', 256)), ?, UTC_TIMESTAMP(6))", $id, $customer, bytes_of(new_ulid()), $id);
	return $id;
}

sub purserctl (@words) {
	open my $out, '-|', "$ENV{PURSER_BUILD}/purserctl @words 2>&1" or die "purserctl: $!";
	my $said = do { local $/; <$out> };
	close $out;
	return [$? >> 8, $said =~ s/\n\z//r];
}

sub state_of ($intent) { return db_value('SELECT state FROM sandbox_intent WHERE id = ?', $intent) }

my $intent = waiting_intent();
is_deeply(purserctl('sandbox', 'authenticate', $intent), [0, 'succeeded'], 'a developer authenticates for the person');
is(state_of($intent), 'charged', 'and the card is charged');
is_deeply(purserctl('sandbox', 'fail', $intent), [1, 'purserctl: this payment intent does not wait for a person'], 'what was authenticated can not fail any more');
is(state_of($intent), 'charged', 'and stays charged');
$intent = waiting_intent();
is_deeply(purserctl('sandbox', 'fail', $intent), [0, 'declined'], 'or fails to');
is(state_of($intent), 'declined', 'and the card is not charged');
is_deeply(purserctl('sandbox', 'authenticate', 'pi_nothing'), [1, 'purserctl: the sandbox has no such payment intent'], 'an unknown intent is told of');
is_deeply(purserctl('sandbox', 'authenticate'), [2, 'Usage: purserctl sandbox authenticate PAYMENT_INTENT'], 'the command tells how it is called');
is(db_value("SELECT COUNT(*) FROM payment_method m JOIN organization o ON o.id = m.organization_id WHERE o.id = ? AND m.default_of = o.id AND m.provider = 'sandbox'",
    bytes_of($ENV{PURSER_ORG})), 1, 'the demo organization has a default card') if $ENV{PURSER_ORG};
done_testing;
