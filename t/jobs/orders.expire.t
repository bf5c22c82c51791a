#!/usr/bin/perl
# Orders that nobody settled or cancelled give back what they hold when their time is over: once, announced, and not before.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Inbox;
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

my $job = 'orders.expire';

sub status_of ($of, $id) {
	return db_value('SELECT status FROM orders WHERE organization_id = ? AND id = ?', bytes_of($of->{id}), bytes_of($id));
}

# So many seconds from now its time is over.
sub ends_in ($of, $id, $seconds) {
	db_run('UPDATE orders SET hold_expires_at = UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE organization_id = ? AND id = ?', $seconds, bytes_of($of->{id}), bytes_of($id));
}

sub statuses ($of) {
	return { map { $_->[0] => $_->[1] } db_run('SELECT status, COUNT(*) FROM orders WHERE organization_id = ? GROUP BY status', bytes_of($of->{id}))->fetchall_arrayref->@* };
}

keep_away($job);
my $organization = new_organization(credits => 100);
my $owner = new_person($organization, 'owner');
my ($first, $second, $done) = map { order($organization, $_, 20)->json } qw(first second done);
settle($organization, $done->{id});
ends_in($organization, $done->{id}, -5);
ends_in($organization, $first->{id}, 600);
ends_in($organization, $second->{id}, 660);
my $afterwards = new_post_pay(1);
my $later = order($afterwards, 'later', 60)->json;
ends_in($afterwards, $later->{id}, 600);
my @crowd = map { new_organization(credits => 100) } 1 .. 8;
for my $of (@crowd) {
	order($of, "order-$_", 2) for 1 .. 45; # more than one transaction ends
	db_run('UPDATE orders SET hold_expires_at = UTC_TIMESTAMP(6) + INTERVAL 600 SECOND WHERE organization_id = ?', bytes_of($of->{id}));
}

# Credits that fell due while they were held go with them.
my $lapsing = new_organization();
call('billing.grants.create', { organization_id => $lapsing->{id}, credits => 50, source => 'promotional', expires_at => utc(300) =~ s/ /T/r . 'Z' }, key => admin_key);
my $lapsed = order($lapsing, 'a', 50)->json;
ends_in($lapsing, $lapsed->{id}, 600);

# Of another's order, whose row somebody has at this moment.
my $held = order($organization, 'held', 20)->json;
ends_in($organization, $held->{id}, 600);

set_clock(500);
ok(run_job($job), 'the job runs before their time is over');
is(status_of($organization, $first->{id}), 'reserved', 'and ends nothing');
is(figures($organization), '20 60', 'what they hold stays held');

set_clock(601);
is(figures($organization), '20 60', 'their time is over');
my $other = connect_again();
$other->begin_work;
my $lock = $other->prepare('SELECT id FROM orders WHERE organization_id = ? AND id = ? FOR UPDATE');
$lock->bind_param(1, bytes_of($organization->{id})->$*, DBI::SQL_BINARY);
$lock->bind_param(2, bytes_of($held->{id})->$*, DBI::SQL_BINARY);
$lock->execute;
my @runs = map { start_job($job) } 1 .. 2;
my @failed = grep { end_program($_) != 0 } @runs;
cmp_ok(scalar @failed, '<', 2, 'of two runners at once one at least goes to its end');
ok(run_job($job), 'and one more finds what they left');
is(status_of($organization, $held->{id}), 'reserved', 'what another has locked is left to them');
$lock->finish;
$other->rollback;
$other->disconnect;
is(status_of($organization, $first->{id}), 'expired', 'the order has expired');
is(figures($organization), '40 40', 'and its credits are given back');
is_deeply(entries_of($organization, $first->{id}), ['reservation -20 20', 'release 20 -20'], 'once');
is_deeply(order_events($organization, $first->{id}), [['order.expired', { order_id => $first->{id}, reference => 'first', credits => 20, held => 20 }]], 'and it is announced');
eventually('to its people, too', sub { grep { $_->{type} eq 'order.expired' } call('notifications.list', {}, key => $owner->{key})->json->{data}->@* });
is(status_of($organization, $second->{id}), 'reserved', 'one whose time is not over stays');
is(status_of($organization, $done->{id}), 'settled', 'one that was settled, too');
is(status_of($afterwards, $later->{id}), 'expired', 'one that is paid afterwards expires');
is(spend_of($afterwards), '0 0', 'and counts no more');
is_deeply([map { statuses($_) } @crowd], [map { { expired => 45 } } @crowd], 'eight organizations with more orders than one transaction ends');
is_deeply([map { figures($_) } @crowd], [map { '100 0' } @crowd], 'have all their credits again');
is(figures($lapsing), '0 0', 'credits that had fallen due are given back to nobody');
is_deeply([expiries($lapsing->{id})], [50], 'but expire');

ok(run_job($job), 'a later run');
is(status_of($organization, $held->{id}), 'expired', 'ends what was left');
ok(run_job($job), 'and one with nothing to do');
is_deeply(entries_of($organization, $held->{id}), ['reservation -20 20', 'release 20 -20'], 'books nothing');

# More than are looked for at once.
my $many = new_organization(credits => 2000);
order($many, 'pattern', 1);
db_run("INSERT INTO orders (organization_id, id, reference, request_digest, post_pay, held, credits, `lines`, created_at, hold_expires_at)
    SELECT organization_id, UNHEX(CONCAT('01900000000070008000', LPAD(HEX(seq), 12, '0'))), CONCAT('copy-', seq), request_digest, post_pay, held, credits, `lines`, created_at,
    UTC_TIMESTAMP(6) + INTERVAL 600 SECOND FROM orders JOIN seq_1_to_1100 WHERE organization_id = ? AND reference = 'pattern'", bytes_of($many->{id}));
ledger_call("ledger_post(?, UTC_TIMESTAMP(6), ?, 'reservation', NULL, 1100, NULL, NULL, NULL, 'system', 'x', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \@outcome)",
    bytes_of($many->{id}), bytes_of(new_ulid()));
ok(run_job($job), 'a thousand orders');
is_deeply(statuses($many), { expired => 1100, reserved => 1 }, 'end in one run');
is(figures($many), '1999 1', 'to the credit');
is_whole($_) for $organization, $afterwards, $lapsing, $many, $crowd[0], $crowd[7];
done_testing;
