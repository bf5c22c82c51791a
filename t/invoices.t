#!/usr/bin/perl
# Invoices of purchases: each has one, paid, in the transaction that books it; their numbers have no gap, whoever buys at once,
# fails or is killed; and what is refunded is a note, to the last hundredth.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use DBI;
use Purser::Invoices;
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;
use Purser::Webhooks;
use Time::HiRes qw(sleep time);

my $stack = stack_with_webhooks(PURSER_SLOW_WORKERS => 16);
my $provider = $stack->provider;
$provider->control('webhooks', usual => { off => 1 });

sub list ($organization, %in) {
	my @newest = $stack->good('billing.invoices.list', { limit => 1000, %in }, key => $organization->{key})->{data}->@*;
	return reverse @newest;
}
sub show ($organization, $id) { return $stack->good('billing.invoices.get', { invoice_id => $id }, key => $organization->{key}) }
sub refund ($topup, %in) {
	return $stack->call('billing.topups.refund', { organization_id => $topup->{buyer}{id}, topup_id => $topup->{id}, reason => 'Back.', %in }, key => $stack->admin_key);
}
sub paid ($credits, %fields) {
	my $buyer = $stack->new_buyer('pm_card_visa', %fields);
	return { $stack->good('billing.topup', { credits => $credits }, key => $buyer->{key})->%*, buyer => $buyer };
}
sub serials () { return db_column('SELECT serial FROM invoice WHERE serial IS NOT NULL ORDER BY serial') }

# ---- 64 at once ----

my @buyers = map { $stack->new_buyer } 1 .. 64;
my $began = time;
my @topups = $stack->at_once(map { my $buyer = $_; sub { my $reply = $stack->call('billing.topup', { credits => 100 }, key => $buyer->{key}); return [$reply->status, $reply->json->{status}] } } @buyers);
my $took = time - $began;
is(scalar(grep { $_->[0] == 201 && $_->[1] eq 'succeeded' } @topups), 64, '64 organizations buy at once') or diag explain [grep { $_->[0] != 201 } @topups];
is_deeply([serials], [1 .. 64], 'and their invoices have the numbers 1 to 64');
is(db_value("SELECT COUNT(DISTINCT organization_id) FROM invoice WHERE status = 'paid'"), 64, 'one each, paid');
is_deeply([invoice_faults(@buyers)], [], 'accounts and documents agree');
diag(sprintf '64 purchases took %.1f s', $took - 0.3);

# ---- what fails takes no number ----

my $unlucky = $stack->new_buyer('pm_card_chargeDeclined');
is_problem($stack->call('billing.topup', { credits => 100 }, key => $unlucky->{key}), 402, 'card_declined', 'a purchase is declined');
is_deeply([list($unlucky)], [], 'and has no invoice');

# A booking that the database undoes behind the number.
my $undone = $stack->new_buyer;
db_run("CREATE TRIGGER undone BEFORE INSERT ON outbox FOR EACH ROW BEGIN IF NEW.type = 'invoice.issued' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'undone'; END IF; END");
my $reply = $stack->call('billing.topup', { credits => 100 }, key => $undone->{key}, idempotency_key => 'undone');
is($reply->status, 500, 'a booking is undone behind the number of its invoice');
db_run('DROP TRIGGER undone');
is_deeply([serials], [1 .. 64], 'it has taken none');
is_deeply([list($undone)], [], 'and left no invoice');
$stack->later(61);
$stack->run('payments.sweep');
is_deeply([map { $_->{number} } list($undone)], ['INV-000065'], 'the sweeper books it, and it has the next');
is($stack->call('billing.topup', { credits => 100 }, key => $undone->{key}, idempotency_key => 'undone')->json->{status}, 'succeeded', 'which its key tells');

# Killed while they wait for the number.
my @killed = map { $stack->new_buyer } 1 .. 6;
my $holder = DBI->connect("dbi:MariaDB:database=" . db_value('SELECT DATABASE()') . ";mariadb_socket=$ENV{PURSER_DB_SOCKET}", scalar getpwuid($<), undef, { RaiseError => 1, AutoCommit => 0 });
$holder->do("SELECT next FROM number_series WHERE name = 'invoice' FOR UPDATE");
my @begun = map { $stack->begin('billing.topup', { credits => 100 }, key => $_->{key}, idempotency_key => 'killed') } @killed;
my $until = time + 20;
my $waiting = "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'CALL invoice_number%' OR info LIKE '%number_series%FOR UPDATE%' AND id <> CONNECTION_ID()";
sleep 0.05 until time > $until || db_value($waiting) >= 6;
is(db_value($waiting), 6, 'six wait for the number') or diag explain db_run('SELECT id, time, state, info FROM information_schema.processlist')->fetchall_arrayref;
$stack->kill_workers;
$holder->rollback;
$stack->finish($_) for @begun;
$stack->later(61);
$stack->run('payments.sweep');
$stack->settle;
is_deeply([map { my @all = list($_); scalar @all } @killed], [(1) x 6], 'and were killed there: each purchase has its invoice in the end');
is_deeply([serials], [1 .. 71], 'without a gap');
is($stack->call('billing.topup', { credits => 100 }, key => $_->{key}, idempotency_key => 'killed')->json->{status}, 'succeeded', 'its key tells that it succeeded') for $killed[0];
is_deeply([map { $stack->faults($_) } @killed], [], 'no card was charged twice');

# A later number has no earlier time: who began first and waited for it longer is not issued before who had it.
my ($early, $behind) = map { $stack->new_buyer } 1 .. 2;
$holder->do("SELECT next FROM number_series WHERE name = 'invoice' FOR UPDATE");
my $first = $stack->begin('billing.topup', { credits => 100 }, key => $early->{key}, idempotency_key => 'first');
$until = time + 20;
sleep 0.05 until time > $until || db_value($waiting) >= 1;
$holder->do("UPDATE number_series SET last_at = UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE name = 'invoice'", {}, $stack->{offset} + 20);
$holder->commit;
$stack->finish($first);
is(db_value("SELECT issued_at = (SELECT last_at FROM number_series WHERE name = 'invoice') FROM invoice WHERE organization_id = ?", bytes_of($early->{id})), 1,
    'who waited for a number is issued when it is given');
$stack->good('billing.topup', { credits => 100 }, key => $behind->{key});
is(db_value('SELECT COUNT(*) FROM invoice a JOIN invoice b ON b.serial = a.serial + 1 WHERE b.issued_at < a.issued_at'), 0, 'in the order of the numbers');
db_run("UPDATE number_series SET last_at = '2000-01-01' WHERE name = 'invoice'");

# The last one's day is found at once, however many there are.
like(join(' ', map { $_ // '' } db_run('EXPLAIN SELECT MAX(issued_at) FROM invoice WHERE organization_id = ?', bytes_of($early->{id}))->fetchrow_array), qr/optimized away/, 'the last invoice is found without reading the others');

# ---- refunds ----

# 12.34 has 1.12 of tax: however it is taken apart, the notes add up to it.
my $topup = paid(1234, country => 'AU');
my ($invoice) = list($topup->{buyer});
is_deeply([$invoice->@{qw(subtotal tax total)}], ['11.22', '1.12', '12.34'], 'a price includes its tax');
my @parts = ('0.01', '4.11', '4.11', '0.05', undef);
is(refund($topup, $_ ? (amount => $_) : ())->status, 200, 'a part is given back: ' . ($_ // 'the rest')) for @parts;
my $all = show($topup->{buyer}, $invoice->{id});
is_deeply([map { $_->{amount} } $all->{credit_notes}->@*], ['0.01', '4.11', '4.11', '0.05', '4.06'], 'each part has a note');
is_deeply([map { $_->{tax} } $all->{credit_notes}->@*], ['0.00', '0.37', '0.38', '0.00', '0.37'], 'with its part of the tax; the last takes the remainder');
is_deeply([$all->@{qw(status paid credited due)}], ['paid', '0.00', '12.34', '0.00'], 'and nothing is owed by anybody');
is(scalar(grep { defined $_->{refund_id} } $all->{credit_notes}->@*), 5, 'each names its refund');
is_deeply([map { account_of($topup->{buyer}{id}, $_) } qw(processor_clearing sold tax receivable)], [{}, {}, {}, {}], 'the accounts are even');

# A refund that fails after its note.
my $failing = paid(1000, country => 'AU');
my $made = refund($failing, amount => '3.00')->json;
my $name = db_value('SELECT refund_id FROM payment_refund WHERE id = ?', bytes_of($made->{id}));
is_success(send_event($stack, new_event('refund.failed', { id => $name, object => 'refund', status => 'failed', failure_reason => 'unknown', amount => 300,
    payment_intent => $failing->{payment_intent_id}, metadata => { refund_key => "refund-$made->{id}" }, created => time })), 'a refund fails after all');
my ($mended) = list($failing->{buyer});
is_deeply([map { "$_->{amount} $_->{tax}" } show($failing->{buyer}, $mended->{id})->{credit_notes}->@*], ['3.00 0.27', '-3.00 -0.27'], 'another note takes its note back');
is_deeply([$mended->@{qw(status paid credited)}], ['paid', '10.00', '0.00'], 'and the invoice is as it was');
is(refund($failing, amount => '7.00')->status, 200, 'then another part is given back');
is_deeply([show($failing->{buyer}, $mended->{id})->@{qw(status paid credited due)}], ['paid', '3.00', '7.00', '0.00'], 'and has its note');

# At once.
my $raced = paid(1000);
my @replies = $stack->at_once(map { sub { return refund($raced, amount => '6.00')->status } } 1 .. 6);
is(scalar(grep { $_ == 200 } @replies), 1, 'of six refunds at once one is made');
is_deeply([map { $_->{amount} } show($raced->{buyer}, (list($raced->{buyer}))[0]{id})->{credit_notes}->@*], ['6.00'], 'and has one note');

# ---- what is issued stays ----

my $write = Purser::Invoices::login('write', db_value('SELECT DATABASE()'));
for my $change ('UPDATE invoice SET total = 1', 'UPDATE invoice SET number = NULL', "UPDATE invoice SET customer = '{}'", 'UPDATE invoice SET issued_at = NULL', 'DELETE FROM invoice',
    'UPDATE invoice_line SET amount = 1', 'DELETE FROM invoice_line', 'UPDATE credit_note SET amount = 1', 'DELETE FROM credit_note', 'UPDATE number_series SET next = 1', 'DELETE FROM number_series',
    "INSERT INTO number_series VALUES ('other', 1)") {
	ok(!eval { $write->do($change); 1 } && $@ =~ /denied/, "the workers' login can't: $change") or diag $@;
}
my $line = "INSERT INTO invoice_line (organization_id, invoice_id, position, kind, description, exact, amount, tax) SELECT organization_id, id, 99, 'topup', 'x', 1, 1, 0 FROM invoice LIMIT 1";
ok(!eval { $write->do($line); 1 } && $@ =~ /is issued/, 'nor add a line to what is issued') or diag $@;
ok(!eval { $write->do("UPDATE invoice SET status = 'draft' LIMIT 1"); 1 } && $@ =~ /CONSTRAINT/, 'nor make it a draft again') or diag $@;
$write->disconnect;

is_deeply([invoice_faults(@buyers, $undone, @killed, $early, $behind, map { $_->{buyer} } $topup, $failing, $raced)], [], 'accounts and documents agree');
ok(ledgers_are_whole(), 'every ledger is whole');
done_testing;
