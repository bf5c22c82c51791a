#!/usr/bin/perl
# Which order lines count towards which commitment, from when on and until when; what a refund takes back; what rolls over.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Commitments;
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

keep_away('commitments.reach');
my ($true, $false) = (JSON::PP::true(), JSON::PP::false());

sub consumed ($of, @commitments) {
	return join ' ', map { commitment_of($of, $_->{id})->{consumed} } @commitments;
}

sub takes ($of, $order) { return [map { [@$_[0, 1]] } uses_of($of, $order)->@*] }

# ---- which ----

my $organization = new_organization(credits => 1_000_000);
my $early = commit_ok($organization, name => 'Ends first', ends_on => day_from(50), eligible_services => ['gpu', 'bare metal']);
my $late = commit_ok($organization, name => 'Ends last', ends_on => day_from(300));
my $disk = commit_ok($organization, name => 'Disks', ends_on => day_from(200), eligible_services => ['disk']);
my $soon = commit_ok($organization, name => 'Not yet', starts_on => day_from(2), ends_on => day_from(30));
my ($e, $l, $d) = map { $_->{id} } $early, $late, $disk;

my $order = settled_order($organization, [line(100, service => 'gpu'), line(200, service => 'disk'), line(300), line(400, service => 'GPU'), line(0, service => 'gpu'),
    line(500, service => 'gpu', commitment_eligible => $false), line(600, service => 'gpu', commitment_eligible => $true), line(9, quantity => '0.01', service => 'gpu')]);
is_deeply(uses_of($organization, $order), [[0, $e, 100, 1_000_000], [1, $d, 200, 2_000_000], [2, $l, 300, 3_000_000], [3, $l, 400, 4_000_000], [6, $e, 600, 6_000_000]],
    'a line counts towards the one that takes its service and ends first; not if it may not, or costs nothing');
is(consumed($organization, $early, $disk, $late), '7.00 2.00 7.00', 'at the price of its credits');
is(commitment_of($organization, $soon->{id})->{consumed}, '0.00', 'one that has not begun takes none');

$order = settled_order($organization, [line(10, service => 'gpu'), line(20, service => 'disk')], commitment_id => $l);
is_deeply(takes($organization, $order), [[0, $l], [1, $l]], 'the one that the order names goes before');
$order = settled_order($organization, [line(10, service => 'gpu'), line(20, service => 'disk'), line(30)], commitment_id => $d);
is_deeply(takes($organization, $order), [[0, $e], [1, $d], [2, $l]], 'for the lines that it takes');
$order = order($organization, 'names one ahead', [line(10, service => 'gpu')], commitment_id => $soon->{id})->json->{id};
settle($organization, $order);
is_deeply(takes($organization, $order), [[0, $e]], 'and while it runs');
$order = order($organization, 'names one that goes', [line(10, service => 'gpu')], commitment_id => $l)->json->{id};
my $gone = commit_ok($organization, name => 'Gone');
my $named = order($organization, 'names another that goes', [line(10)], commitment_id => $gone->{id})->json->{id};
cancel_commitment($organization, $gone->{id});
settle($organization, $named);
is_deeply(takes($organization, $named), [[0, $l]], 'one that was cancelled meanwhile takes none');

# ---- when ----

my $before = consumed($organization, $late);
my $reserved = order($organization, 'only settled', [line(50)])->json->{id};
is(consumed($organization, $late), $before, 'an order that is reserved counts nothing yet');
cancel($organization, $reserved);
my $changed = order($organization, 'other lines', [line(50), line(60)])->json->{id};
settle($organization, $changed, [line(70), line(0), line(80, service => 'disk')]);
is_deeply(uses_of($organization, $changed), [[0, $l, 70, 700_000], [2, $d, 80, 800_000]], 'the lines that were delivered count, not those that were ordered');
settle($organization, $changed) for 1 .. 2;
is(scalar uses_of($organization, $changed)->@*, 2, 'settling again counts nothing again');
my $nothing = order($organization, 'nothing delivered', [line(50)])->json->{id};
settle($organization, $nothing, [line(0)]);
is_deeply(uses_of($organization, $nothing), [], 'an order that is settled for nothing counts nothing');
my $stale = order($organization, 'expired', [line(50)])->json->{id};
db_run("UPDATE orders SET hold_expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE organization_id = ? AND id = ?", bytes_of($organization->{id}), bytes_of($stale));
run_job('orders.expire');
settle($organization, $stale);
is_deeply(takes($organization, $stale), [[0, $l]], 'one that expired counts when it is settled');
my $dear = order($organization, 'too dear', [line(50)])->json->{id};
is_problem(settle($organization, $dear, [line(5_000_000)]), 402, 'insufficient_credits', 'what can not be charged');
is_deeply(uses_of($organization, $dear), [], 'does not count');

my $fixed = settled_order($organization, [line(90, service => 'gpu')]);
amend($organization, $e, eligible_services => ['tape']);
is_deeply(takes($organization, $fixed), [[0, $e]], 'what counted stays where it counted, whatever is amended');
is_deeply(takes($organization, settled_order($organization, [line(1, service => 'gpu')])), [[0, $l]], 'what is settled later follows the new terms');
is(commitment_of($organization, $e)->{consumed}, '8.10', 'and no figure is lost');
consumed_adds_up($organization);
is_whole($organization);

# ---- refunds ----

my $back = new_organization(credits => 100_000);
my $term = commit_ok($back, amount => '10');
my $other_term = commit_ok($back, name => 'Disks', ends_on => day_from(10), eligible_services => ['disk']);
my ($first, $second, $third) = map { settled_order($back, [line(100), line(50, service => 'disk')]) } 1 .. 3;
is(consumed($back, $term, $other_term), '3.00 1.50', 'three orders count');
refund($back, $first);
is(consumed($back, $term, $other_term), '2.00 1.00', 'a refund takes one back from both');
is_deeply(uses_of($back, $first), [[0, $term->{id}, 100, 1_000_000], [1, $other_term->{id}, 50, 500_000], [0, $term->{id}, -100, -1_000_000], [1, $other_term->{id}, -50, -500_000]],
    'by rows of its own');
refund($back, $first);
is(consumed($back, $term, $other_term), '2.00 1.00', 'once');
end_term($back, $other_term->{id});
refund($back, $second);
is(consumed($back, $term, $other_term), '1.00 1.00', 'what is refunded after the term changes nothing of what was used in it');
run_job('commitments.reach');
refund($back, $third);
is(consumed($back, $term, $other_term), '0.00 1.00', 'neither before its end is written down nor behind it');
is_deeply([map { $_->[3] } dues_of($back, $other_term->{id})->@*], [1_000_000], 'nor what fell due');
is(scalar uses_of($back, $third)->@*, 4, 'though the refund is marked as one of the commitment\'s');
consumed_adds_up($back);
is_whole($back);

# ---- paid afterwards, and in another currency ----

my $afterwards = new_post_pay(1000, currency => 'USD');
my $promised = commit_ok($afterwards, amount => '5.5');
my $price = db_value("SELECT price FROM credit_price WHERE currency = 'USD'");
$order = settled_order($afterwards, [line(123), line(77)]);
is_deeply(uses_of($afterwards, $order), [[0, $promised->{id}, 123, 123 * $price], [1, $promised->{id}, 77, 77 * $price]], 'an order that is paid afterwards counts, in its currency');
is(db_value("SELECT SUM(amount) FROM journal_line WHERE organization_id = ? AND account = 'receivable'", bytes_of($afterwards->{id})), 200 * $price, 'by what is owed for it');
refund($afterwards, $order);
is(consumed($afterwards, $promised), '0.00', 'until it is refunded');
is_whole($afterwards);

# ---- other organizations ----

my $stranger = new_organization(credits => 1000);
$order = settled_order($stranger, [line(10, service => 'gpu')]);
is_deeply(uses_of($stranger, $order), [], 'without a commitment nothing counts');
is(db_value('SELECT COUNT(*) FROM commitment_use u JOIN commitment c ON c.id = u.commitment_id WHERE c.organization_id <> u.organization_id'), 0, 'and never towards another organization\'s');

# ---- what rolls over ----

my $chain = new_organization(credits => 100_000);
my $year = commit_ok($chain, name => 'Yearly', amount => '10', rollover_percent => 33);
settled_order($chain, 1101);
my $namesake = commit_ok($chain, name => 'yearly', starts_on => day_from(1), ends_on => day_from(400));
my $next = commit_ok($chain, name => 'Yearly', starts_on => day_from(1), ends_on => day_from(400), amount => '20');
my $after_next = commit_ok($chain, name => 'Yearly', starts_on => day_from(401), ends_on => day_from(500));
end_term($chain, $year->{id});
run_job('commitments.reach');
is(commitment_row($chain, $year->{id})->{rollover}, 333_300, 'a third of what was used too much');
is_deeply([map { commitment_of($chain, $_->{id})->@{qw(carried_in committed)} } $next, $namesake, $after_next], ['0.3333', '19.6667', '0.00', '100.00', '0.00', '100.00'],
    'counts for the next of the same name, and no other');
is(commitment_of($chain, $year->{id})->{status}, 'fulfilled', 'the one that is over was fulfilled');
cancel_commitment($chain, $next->{id});
is_deeply([map { commitment_of($chain, $_->{id})->{carried_in} } $after_next], ['0.3333'], 'where that one is cancelled, for the one behind it');
cancel_commitment($chain, $after_next->{id});
is(commitment_row($chain, $year->{id})->{carried_to}, undef, 'where none is left, it waits');
my $renewed = commit_ok($chain, name => 'Yearly', starts_on => day_from(1), ends_on => day_from(100), amount => '0.3');
is_deeply({ $renewed->%{qw(carried_in committed remaining status consumed_percent take_or_pay)} },
    { carried_in => '0.3333', committed => '0.00', remaining => '0.00', status => 'upcoming', consumed_percent => 100,
    take_or_pay => { due => '0.00', due_on => day_from(100), status => 'none' } }, 'for one that is made later, which may need no more than that');
consumed_adds_up($chain);

# What a milestone has needed of it is used up.
my $heir = new_organization(credits => 100_000);
my $rich = commit_ok($heir, name => 'Heirloom', amount => '10', rollover_percent => 100);
settled_order($heir, 3000);
end_term($heir, $rich->{id});
run_job('commitments.reach');
my %staged = (name => 'Heirloom', true_up => 'milestones', starts_on => day_from(1), ends_on => day_from(300));
my $helped = commit_ok($heir, %staged, milestones => [{ on => day_from(30), amount => '15' }, { on => day_from(60), amount => '40' }]);
is($helped->{carried_in}, '20.00', 'twenty that were used too much count for the next');
db_run('UPDATE commitment SET starts_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE organization_id = ? AND id = ?', bytes_of($heir->{id}), bytes_of($helped->{id}));
settled_order($heir, [line(300)]);
pass_milestone($heir, $helped->{id});
run_job('commitments.reach');
is_deeply([map { [@$_[2 .. 5]] } dues_of($heir, $helped->{id})->@*], [[0, 3_000_000, 0, 0]], 'thanks to them nothing is due at a milestone of 15, where 3 were used');
cancel_commitment($heir, $helped->{id});
my $last = commit_ok($heir, %staged, milestones => [{ on => day_from(30), amount => '15' }]);
is_deeply({ $last->%{qw(carried_in committed)} }, { carried_in => '8.00', committed => '92.00' }, 'when that is cancelled, the twelve that it needed are used up, and eight count on');
cancel_commitment($heir, $last->{id});
is(commit_ok($heir, %staged, milestones => [{ on => day_from(30), amount => '15' }])->{carried_in}, '8.00', 'those no milestone has needed count on as they are');
done_testing;
