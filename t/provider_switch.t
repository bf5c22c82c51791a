#!/usr/bin/perl
# What the sandbox had begun brings no credits any more where another processor is chosen.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;

my $sandbox = Purser::Payments->start(PURSER_PROVIDER => 'sandbox');
my %begun = map { my $buyer = $sandbox->new_buyer("pm_card_$_"); $_ => { buyer => $buyer, topup => $sandbox->good('billing.topup', { credits => 100 }, key => $buyer->{key}) } }
    qw(processing authenticationRequired visa);
is_deeply({ map { $_ => $begun{$_}{topup}{status} } keys %begun }, { processing => 'processing', authenticationRequired => 'requires_action', visa => 'succeeded' }, 'purchases are begun in the sandbox');
my $again = $begun{authenticationRequired}{buyer};
my $newer = $sandbox->good('billing.topup', { credits => 100 }, key => $again->{key});
my ($waits) = db_column('SELECT intent_id FROM payment WHERE id = ?', bytes_of($newer->{id}));
db_run("UPDATE sandbox_intent SET state = 'charged', charged_at = UTC_TIMESTAMP(6) WHERE id = ?", $waits);
my @other = (PURSER_PROVIDER => 'stripe');
$sandbox->later(25 * 3600);
ok(run_job('payments.sweep', $sandbox->{settings}->%*, @other), 'with another processor the sweeper goes over them');
is_deeply([sort(db_column("SELECT CONCAT(state, ' ', COALESCE(error_code, '-'), ' ', granted) FROM payment"))], ['failed lapsed 0', 'failed lapsed 0', 'failed superseded 0', 'succeeded - 100'],
    'what was not over brings no credits');
is(db_value('SELECT COUNT(*) FROM payment WHERE look_at IS NOT NULL OR cancel_due'), 0, 'and nothing of it is waited for');
is(db_value("SELECT COALESCE(SUM(available), 0) FROM book"), 100, 'only what the sandbox had sold before was sold');
done_testing;
