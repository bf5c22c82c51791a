#!/usr/bin/perl
# Who sets up an installation says by whom cards are charged: without a word nobody buys anything, and everything else works.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;
use Time::HiRes qw(sleep);

# ---- no card processor ----

my $stack = Purser::Payments->start(PURSER_PROVIDER => '');
my $organization = $stack->new_organization(credits => 500);
my $owner = new_person($organization, 'owner');
my @key = (key => $organization->{key});
my $words = 'This installation takes no cards.';

sub is_refused ($operation, $body, $name, %by) {
	my $reply = $stack->call($operation, $body, %by ? %by : @key);
	is_problem($reply, 409, 'conflict', $name);
	is($reply->json->{detail}, $words, 'and why');
}

is_refused('payment_methods.create_setup_intent', {}, 'no card is begun to be taken');
is_refused('payment_methods.attach', { payment_method_id => 'pm_card_visa' }, 'none is attached');
is_refused('billing.topup', { credits => 100 }, 'nothing is bought');
is_refused('billing.topup', { credits => 1000000 }, 'also not what would need an approval');
is_refused('billing.approvals.request', { credits => 100 }, 'no approval is asked for');
is_refused('billing.set_auto_topup', { enabled => \1, threshold_credits => 10, topup_amount_credits => 100 }, 'nothing is bought by itself');
is_success($stack->call('billing.set_auto_topup', { enabled => \0, threshold_credits => 10, topup_amount_credits => 100 }, @key), 'which can be said');
is_refused('admin.reconcile', {}, 'there is nothing to hold the ledger against', key => $stack->admin_key);
is_deeply($stack->good('payment_methods.list', {}, @key)->{data}, [], 'the list of cards is empty');
is_deeply($stack->good('billing.stripe_invoices.list', {}, @key), { data => [], degraded => JSON::PP::false() }, 'so is that of the processor\'s invoices');
is($stack->good('billing.credits.balance', {}, @key)->{available}, 500, 'credits are there');
ok($stack->good('orders.create', { reference => 'a', lines => [{ sku => 'x', description => 'y', quantity => 1, unit_credits => 5 }] }, @key), 'and are spent');

# What is left of another time.
my $id = bytes_of($organization->{id});
my $card = new_ulid();
db_run("INSERT INTO payment_customer (organization_id, provider, customer_id, created_at) VALUES (?, 'sandbox', 'cus_x', UTC_TIMESTAMP(6))", $id);
db_run("INSERT INTO payment_method (id, organization_id, provider, card_id, brand, last4, exp_month, exp_year, is_default, created_at)
    VALUES (?, ?, 'sandbox', 'pm_x', 'visa', '4242', 12, 2999, TRUE, UTC_TIMESTAMP(6))", bytes_of($card), $id);
db_run("UPDATE auto_topup SET enabled = TRUE, state = 'active', threshold_credits = 100000, due_at = UTC_TIMESTAMP(6) WHERE organization_id = ?", $id);
my $approval = new_ulid();
db_run("INSERT INTO approval (id, organization_id, credits, amount, currency, requested_by, requested_at, expires_at)
    VALUES (?, ?, 100, 1000000, 'AUD', ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL 1 DAY)", bytes_of($approval), $id, bytes_of($owner->{id}));
is_refused('billing.topup', { credits => 100, payment_method_id => $card }, 'a card of that time is not charged');
is_refused('billing.approvals.approve', { approval_id => $approval }, 'nor by an approval', key => $owner->{key});
is_refused('payment_methods.set_default', { payment_method_row_id => $card }, 'or made the default');
ok($stack->run('auto_topup.run'), 'automatic top-ups');
is(db_value('SELECT state FROM auto_topup WHERE organization_id = ?', $id), 'active', 'wait for a processor');
is_success($stack->call('payment_methods.detach', { payment_method_row_id => $card }, @key), 'it can be detached');
is(db_value('SELECT COUNT(*) FROM payment'), 0, 'no payment was begun');
$stack->stop;

# ---- the warning ----

sub said_at_start ($log, $drop) {
	my $directory = "$ENV{PURSER_VAR}/tmp";
	my $configuration = "$directory/no-cards-$$.conf";
	open my $in, '<', "$ENV{PURSER_VAR}/purser.conf" or die $!;
	open my $out, '>', $configuration or die $!;
	print $out grep { !$drop || !/^test_clock/ } <$in>;
	close $out or die $!;
	my $pid = start_program('purser-fcgi', $log, [], PURSER_CONFIG => $configuration, PURSER_PROVIDER => 'sandbox', PURSER_LISTEN => "unix:/tmp/no-cards-$$.sock",
	    PURSER_LISTEN_SLOW => '', PURSER_WORKERS => 2, PURSER_PID_FILE => '');
	eventually('the pool starts', sub { log_lines(qr/worker|ready|start/, $log) || -S "/tmp/no-cards-$$.sock" }, 60);
	sleep 2;
	end_program($pid, 20);
	kill 'TERM', $pid;
	unlink $configuration, "/tmp/no-cards-$$.sock";
	return scalar log_lines(qr/cards are not charged: provider = sandbox/, $log);
}

is(said_at_start('warned', 1), 1, 'a pool whose cards are not charged says so, once');
is(said_at_start('tests', 0), 0, 'but not one whose clock is a test\'s');
done_testing;
