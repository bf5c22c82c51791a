#!/usr/bin/perl
# Who has not paid an invoice by its day is told so 1, 7 and 14 days later, by an event and a mail, and pauses nothing for it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Invoices;
use Purser::Jobs;
use Purser::Orders;
use Purser::Runs qw(run_month);
use Purser::Subscriptions;
use Purser::Test;

my $job = 'invoices.remind';
keep_away($_) for $job, qw(billing.run billing.charge orders.expire events.purge mail.send snapshots.collect_costs);

# The whole days of the reminders that were told of an invoice.
sub told ($id) { return [map { decode_json($_)->{days} } db_column("SELECT data FROM outbox WHERE type = 'invoice.overdue' AND kind = 'event' AND entity_id = ? ORDER BY id", bytes_of($id))] }
sub mails ($organization) {
	return map { decode_json($_) } db_column("SELECT data FROM outbox WHERE organization_id = ? AND kind = 'mail' AND type = 'invoice_overdue' ORDER BY id", bytes_of($organization->{id}));
}
sub on_day ($id, $days, $seconds = 60) {
	at_time(text_of(db_value("SELECT TIMESTAMPDIFF(SECOND, '1970-01-01', due_at) FROM invoice WHERE id = ?", bytes_of($id)) + $days * 86_400 + $seconds));
	return run_job($job);
}

at_time('2027-01-10T12:00:00Z');
my $slow = new_post_pay(1_000_000, billing_email => 'bills@example.com');
is(call('organizations.update', { billing_email => 'bills@example.com' }, key => $slow->{key})->status, 200, 'somebody gets the bills');
settle($slow, order($slow, 'o', 1000)->json->{id});
at_time('2027-02-01T12:00:00Z');
my $id = run_month($slow, '2027-01')->json->{invoice_id};
my ($swift, $partly, $mistaken, $lost) = map { new_organization() } 1 .. 4;
my @others = map { new_issued($_) } $swift, $partly, $mistaken, $lost;
my $due = show_invoice($slow, $id)->{due_at};
for my $other (@others) { # as if they had been issued on the same day
	db_run('UPDATE invoice o JOIN invoice i ON i.id = ? SET o.due_at = i.due_at, o.remind_at = i.remind_at WHERE o.id = ?', map { bytes_of($_) } $id, $other);
}

ok(on_day($id, 0), 'on the day until which it may be paid');
is_deeply(told($id), [], 'nobody is reminded');
ok(on_day($id, 1, -60), 'nor a minute before a day later');
is_deeply(told($id), [], 'yet');
is_success(mark_paid($swift, $others[0], 'In time'), 'one is paid');
is_success(note_for($partly, $others[1], { amount => '0.60' }), 'one is corrected in part');
is_success(void_invoice($mistaken, $others[2]), 'one is void');
is_success(write_off($lost, $others[3]), 'one is given up');
at_time(text_of(db_value("SELECT TIMESTAMPDIFF(SECOND, '1970-01-01', due_at) FROM invoice WHERE id = ?", bytes_of($id)) + 86_460));
my @runs = map { start_job($job) } 1 .. 2;
end_program($_) for @runs;
ok(run_job($job), 'a day later');
is_deeply(told($id), [1], 'the customer is, once, however many run at once');
is_deeply([map { told($_) } @others], [[], [1], [], []], 'others only where something is owed');
my ($mail) = mails($slow);
is_deeply([$mail->@{qw(number period amount currency due_at)}], [show_invoice($slow, $id)->@{qw(number period due currency due_at)}], 'the mail says which, and how much');
like($mail->{detail}, qr/transfer to .* that names the invoice's number/, 'and how it is paid');
is(db_value("SELECT recipient FROM outbox WHERE organization_id = ? AND kind = 'mail' AND type = 'invoice_overdue'", bytes_of($slow->{id})), 'bills@example.com', 'it goes to whom the bills go to');
my $text = do {
	local $ENV{PURSER_CONFIG} = "$ENV{PURSER_VAR}/purser.conf";
	qx{$ENV{PURSER_BUILD}/purserctl mail --to bills\@example.com};
};
like($text, qr/^Subject: Invoice \Q$mail->{number}\E for .* is overdue$/m, 'it says so at its head');
like($text =~ s/\s+/ /gr, qr/was to be paid until .* 2027.* Of it 10\.00 AUD are left\. .*Pay by a transfer to/, 'and the rest in sentences');
ok(on_day($id, 6), 'on the days between');
is_deeply(told($id), [1], 'there is no other');
ok(on_day($id, 7), 'on the seventh');
is_deeply(told($id), [1, 7], 'there is');
ok(on_day($id, 20), 'a run that comes late');
is_deeply(told($id), [1, 7, 20], 'makes up for what it missed by one');
ok(on_day($id, 60), 'and then');
is_deeply(told($id), [1, 7, 20], 'it is not told any more');
is(scalar(mails($slow)), 3, 'each had its mail');
is_deeply([show_invoice($slow, $id)->@{qw(status failed_at retry_at)}], ['issued', undef, undef], 'no card is charged for it, and nothing is behind: that is the operator\'s to decide');
is(show_invoice($slow, $id)->{due_at}, $due, 'its day stays what it was');
is_deeply([invoice_faults($slow, $swift, $partly, $mistaken, $lost)], [], 'accounts and documents agree');
done_testing;
