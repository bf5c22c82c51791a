#!/usr/bin/perl
# What counts as spent, in the ledger's own procedures: cycles that end, limits that announce themselves, and orders that are
# paid afterwards.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Ledger;
use Test::More;

subtest 'what is paid afterwards moves no credits, and counts towards the limit' => sub {
	my $organization = new_organization();
	my ($owed, $undone) = map { my $amount = $_; sprintf '[{"account":"receivable","unit":"AUD","amount":%d},{"account":"revenue","unit":"AUD","amount":%d}]',
		$amount, -$amount } 600_000, -600_000;
	my $state = sub { my $book = book($organization); return join ' ', @$book{qw(available reserved committed cycle_spend)} };
	set_limit($organization, 100);
	my $row = post($organization, 'reservation', 60, from => 'receivable');
	is("$row->{outcome} $row->{available} $row->{reserved}", 'ok 0 0', 'a reservation without a credit');
	is(lines($organization, $row->{sequence}), '', 'has no lines');
	is($state->(), '0 0 60 60', 'and counts');
	is(post($organization, 'reservation', 41, from => 'receivable')->{outcome}, 'limit_reached', 'up to the hard limit');
	is(post($organization, 'release', 61, from => 'receivable')->{outcome}, 'insufficient', 'no more is released than is committed');
	post($organization, 'release', 10, from => 'receivable');
	is($state->(), '0 0 50 50', 'a release gives back');
	is(post($organization, 'charge', 101, from => 'receivable', committed => 50, money => $owed)->{outcome}, 'limit_reached', 'a charge beyond the limit');
	$row = post($organization, 'charge', 60, from => 'receivable', committed => 50, money => $owed);
	is(lines($organization, $row->{sequence}), 'receivable AUD 600000, revenue AUD -600000', 'a charge is owed in money');
	is($state->(), '0 0 0 60', 'and counts with what it took beyond');
	is(post($organization, 'charge', 1, from => 'receivable', committed => 1, money => $owed)->{outcome}, 'insufficient', 'what was not committed is not charged as such');
	post($organization, 'reservation', 40, from => 'receivable');
	post($organization, 'charge', 10, from => 'receivable', committed => 40, money => $owed);
	is($state->(), '0 0 0 70', 'what was less than committed counts no more');
	$row = post($organization, 'refund', 60, from => 'receivable', money => $undone);
	is(lines($organization, $row->{sequence}), 'receivable AUD -600000, revenue AUD 600000', 'a refund takes the money back');
	is($state->() . lots($organization), '0 0 0 70', 'and neither makes credits nor gives spend back');
	is(fault($organization), '', 'and everything holds');
};

subtest 'a spend needs to know the cycle that it is in' => sub {
	my $organization = new_organization();
	my %now = (at => '2026-01-31 12:59:59.999999', cycle_ends => undef);
	is(post($organization, 'topup', 1000, %now)->{outcome}, 'ok', 'other entries do not');
	for ([ 'reservation' ], [ 'charge', from => 'available' ], [ 'plan_fee' ], [ 'overage' ]) {
		my ($reason, %o) = @$_;
		is(post($organization, $reason, 10, %now, %o)->{outcome}, 'cycle_over', "$reason does");
	}
	is(book($organization)->{sequence}, 1, 'and nothing is booked without it');
	my %january = (cycle => '2025-12-31 13:00:00', cycle_ends => '2026-01-31 13:00:00');
	is(post($organization, 'reservation', 100, %now, %january)->{outcome}, 'ok', 'told, it is booked');
	is(post($organization, 'reservation', 20, %now)->{outcome}, 'ok', 'and the book knows until the cycle ends');
	is(post($organization, 'charge', 90, %now, from => 'reserved')->{outcome}, 'ok', 'to its last microsecond');
	post($organization, 'reservation', 60, %now, from => 'receivable');
	is(book($organization)->{cycle_spend}, 180, 'all of it counts');
	%now = (at => '2026-01-31 13:00:00.000000', cycle_ends => undef);
	is(post($organization, 'reservation', 1, %now)->{outcome}, 'cycle_over', 'then it is over');
	is(post($organization, 'release', 10, %now)->{outcome}, 'ok', 'what is no spend does not mind');
	is(post($organization, 'charge', 1, %now, from => 'reserved')->{outcome}, 'cycle_over', 'a charge does, so that what was held counts in the new one');
	my %february = (cycle => '2026-01-31 13:00:00', cycle_ends => '2026-02-28 13:00:00');
	post($organization, 'reservation', 1, %now, %february);
	is(book($organization)->{cycle_spend}, 81, 'the next cycle begins with what is reserved and committed');
	is(post($organization, 'reservation', 2, at => '2026-01-31 12:59:59.999999', cycle_ends => undef)->{outcome}, 'ok', 'a call that began before');
	is(book($organization)->{cycle_spend}, 83, 'counts in the cycle that it comes to');
	post($organization, 'reservation', 4, %now, %february);
	is(book($organization)->{cycle_spend}, 87, 'told twice, it begins once');
	is(fault($organization), '', 'and everything holds');
};

subtest 'limits announce themselves once a cycle' => sub {
	my $organization = new_organization();
	my %january = (cycle => '2026-01-01', cycle_ends => '2026-02-01');
	my %february = (at => '2026-02-01', cycle => '2026-02-01', cycle_ends => '2026-03-01');
	post($organization, 'topup', 1000);
	set_limit($organization, 100, 50);
	is(post($organization, 'reservation', 49, %january)->{soft_limit}, undef, 'below the soft limit nothing is told');
	is(post($organization, 'release', 9)->{soft_limit}, undef, 'nor on the way down');
	is(post($organization, 'reservation', 10)->{soft_limit}, 50, 'reaching it is');
	is(post($organization, 'charge', 40, from => 'available')->{soft_limit}, undef, 'once');
	post($organization, 'release', 50);
	is(post($organization, 'reservation', 30, cycle_ends => '2026-02-01')->{soft_limit}, undef, 'also when the spend was below it since');
	my $row = post($organization, 'reservation', 31);
	is("$row->{outcome} $row->{hard_told}", 'limit_reached 0', 'the hard limit refuses, which nobody was told');
	$db->do('CALL book_tell_hard(UNHEX(?), ?)', undef, $organization, $start);
	$db->commit;
	is(post($organization, 'reservation', 31)->{hard_told}, 1, 'now somebody was');
	is(post($organization, 'reservation', 10, %february)->{soft_limit}, undef, 'a new cycle begins at what is held');
	is(post($organization, 'reservation', 10, at => '2026-02-02')->{soft_limit}, 50, 'and tells of its soft limit again');
	is(post($organization, 'reservation', 51, at => '2026-02-02')->{hard_told}, 0, 'and of the hard one');
	is(fault($organization), '', 'and everything holds');

	# A cycle whose first spend is refused has begun all the same, where the refusal is kept.
	$organization = new_organization();
	set_limit($organization, 100);
	post($organization, 'topup', 1000);
	post($organization, 'reservation', 1, %january);
	$db->do("CALL ledger_post(UNHEX(?), '2026-02-01', UNHEX(?), 'reservation', NULL, 101, NULL, NULL, NULL, 'system', 'x', NULL, NULL, NULL, NULL, NULL, '2026-02-01',
		'2026-03-01', NULL, NULL, \@outcome)", undef, $organization, new_id());
	$db->do('CALL book_tell_hard(UNHEX(?), ?)', undef, $organization, '2026-02-01');
	$db->commit;
	is(post($organization, 'reservation', 101, %february)->{hard_told}, 1, 'a cycle whose first spend was refused tells it once, too');
	is(book($organization)->{cycle_started_at}, '2026-02-01 00:00:00.000000', 'since it has begun');
	is(fault($organization), '', 'and everything holds');
};

subtest 'a posting tells when it takes the balance below that of automatic top-ups' => sub {
	my $organization = new_organization();
	$db->do('CALL book_set_auto_topup(UNHEX(?), 50)', undef, $organization);
	$db->commit;
	post($organization, 'grant', 100);
	is(post($organization, 'reservation', 50)->{auto_topup_threshold}, undef, 'at the threshold: not yet');
	is(post($organization, 'reservation', 1)->{auto_topup_threshold}, 50, 'below it');
	is(post($organization, 'reservation', 1)->{auto_topup_threshold}, undef, 'once');
	is(post($organization, 'release', 40)->{auto_topup_threshold}, undef, 'not on the way up');
};

$db->disconnect;
done_testing();
