#!/usr/bin/perl
# The ledger's procedures, tried directly in MariaDB on the workers' own logins: sql/0003_ledger_post.sql, 0016 and 0019 are the code
# under test, and Purser::Ledger recomputes by itself what must come out.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use DBI;
use Purser::Ledger;
use Test::More;

sub in_aud {
	my @lines;
	while (my ($account, $amount) = splice @_, 0, 2) {
		push @lines, qq({"account":"$account","unit":"AUD","amount":$amount});
	}
	return '[' . join(',', @lines) . ']';
}

subtest 'every reason moves its accounts by its sign' => sub {
	my @cases = (
		[ 'grant', 100, {}, 'available CRD 100, promotions CRD -100' ],
		[ 'topup', 500, {}, 'available CRD 500, sold CRD -500' ],
		[ 'auto_topup', 500, {}, 'available CRD 500, sold CRD -500' ],
		[ 'reservation', 60, {}, 'available CRD -60, reserved CRD 60' ],
		[ 'release', 10, {}, 'available CRD 10, reserved CRD -10' ],
		[ 'charge', 20, { from => 'reserved' }, 'reserved CRD -20, consumed CRD 20' ],
		[ 'charge', 20, { from => 'available' }, 'available CRD -20, consumed CRD 20' ],
		[ 'refund', 5, {}, 'available CRD 5, consumed CRD -5' ],
		[ 'clawback', 50, {}, 'available CRD -50, sold CRD 50' ],
		[ 'expiry', 3, {}, 'available CRD -3, breakage CRD 3' ],
		[ 'adjustment', 7, {}, 'available CRD 7, adjustments CRD -7' ],
		[ 'adjustment', -7, {}, 'available CRD -7, adjustments CRD 7' ],
		[ 'plan_fee', 30, {}, 'available CRD -30, consumed CRD 30' ],
		[ 'overage', 31, {}, 'available CRD -31, consumed CRD 31' ],
		[ 'commitment_shortfall', 32, {}, 'available CRD -32, consumed CRD 32' ],
		[ 'commitment_shortfall', 33, { from => 'receivable', money => in_aud(receivable => 9, revenue => -9) }, 'receivable AUD 9, revenue AUD -9' ],
		[ 'invoice', 0, { money => in_aud(receivable => 11, revenue => -10, tax => -1) }, 'receivable AUD 11, revenue AUD -10, tax AUD -1' ],
		[ 'payment', 0, { money => in_aud(processor_clearing => 6, receivable => -6) }, 'processor_clearing AUD 6, receivable AUD -6' ],
		[ 'payment', 0, { money => in_aud(bank => 2, receivable => -2) }, 'bank AUD 2, receivable AUD -2' ],
		[ 'credit_note', 0, { money => in_aud(revenue => 1, receivable => -1) }, 'revenue AUD 1, receivable AUD -1' ],
		[ 'write_off', 0, { money => in_aud(bad_debt => 2, receivable => -2) }, 'bad_debt AUD 2, receivable AUD -2' ],
	);
	my $organization = new_organization();
	for (@cases) {
		my ($reason, $credits, $options, $lines) = @$_;
		my $row = post($organization, $reason, $credits, %$options);
		is(lines($organization, $row->{sequence}), $lines, "$reason of $credits");
	}
	my ($all) = $db->selectrow_array("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
		AND table_name = 'journal_entry' AND column_name = 'reason' AND column_type = CONCAT('enum(', ?, ')')", undef,
		"'grant','topup','auto_topup','reservation','release','charge','refund','clawback','expiry','adjustment',"
		. "'plan_fee','overage','commitment_shortfall','invoice','payment','credit_note','write_off'");
	is($all, 1, 'and there is no other reason');
	is(fault($organization), '', 'and everything holds');
};

subtest 'what is no posting is refused and changes nothing' => sub {
	my $organization = new_organization();
	post($organization, 'grant', 100);
	my ($reason_fault, $sign, $from, $money, $sum, $source) = ('there is no such reason', 'the credits have the wrong sign',
		'a charge is from available, reserved or receivable', 'these are no money lines', 'the money lines do not sum to zero',
		'there is no such source');
	for (map({ [ $sign, $_, 1, money => in_aud(receivable => 5, revenue => -5) ], [ $sign, $_, 0 ] } qw(invoice payment credit_note write_off)),
		[ $reason_fault, 'gift', 1 ], [ $reason_fault, 'GRANT', 1 ], [ $reason_fault, 'grant ', 1 ], [ $reason_fault, '', 1 ],
		[ $sign, 'grant', -1 ], [ $sign, 'grant', 0 ], [ $from, 'charge', 1 ], [ $from, 'charge', 1, from => 'debt' ],
		[ $from, 'charge', 1, from => 'Available' ],
		[ $from, 'charge', 1, from => 'receivable' ], [ $source, 'grant', 1, source => 'PAID' ],
		[ $source, 'grant', 1, source => 'paid ' ], [ $money, 'topup', 1, money => '[]' ],
		[ $sum, 'topup', 1, money => '[{"account":"sold","unit":"AUD","amount":5}]' ],
		[ $money, 'topup', 1, money => '[{"account":"sold ","unit":"AUD","amount":5},{"account":"tax","unit":"AUD","amount":-5}]' ],
		[ $money, 'topup', 1, money => '[{"account":"sold","unit":"CRD","amount":5},{"account":"tax","unit":"CRD","amount":-5}]' ],
		[ $money, 'topup', 1, money => '[{"account":"debt","unit":"AUD","amount":5},{"account":"tax","unit":"AUD","amount":-5}]' ],
		[ $money, 'topup', 1, money => '[{"account":"sold","unit":"AUD"}]' ]) {
		my ($fault, $reason, $credits, %o) = @$_;
		ok(!eval { post($organization, $reason, $credits, %o) } && $@ =~ /ledger_post: \Q$fault\E/,
			"$fault: '$reason' of $credits " . join ' ', %o) or diag $@;
		$db->rollback;
	}
	is(post(new_id(), 'grant', 1)->{outcome}, 'no_book', 'an organization without a book');
	is(post($organization, 'grant', '100000000000000')->{outcome}, 'too_much', 'more than a balance can hold');
	is(book($organization)->{sequence}, 1, 'and nothing was booked');
};

subtest 'lines in money sum to zero per currency and stand behind those in credits' => sub {
	my $organization = new_organization();
	my $row = post($organization, 'topup', 1000,
		money => '[{"account":"processor_clearing","unit":"AUD","amount":11000000},{"account":"sold","unit":"AUD","amount":-10000000},{"account":"tax","unit":"AUD","amount":-1000000}]');
	is(lines($organization, $row->{sequence}), 'available CRD 1000, sold CRD -1000, processor_clearing AUD 11000000,'
		. ' sold AUD -10000000, tax AUD -1000000', 'a top-up');
	$row = post($organization, 'plan_fee', 0, money => '[{"account":"receivable","unit":"AUD","amount":5},'
		. '{"account":"revenue","unit":"AUD","amount":-5}]');
	is(lines($organization, $row->{sequence}), 'receivable AUD 5, revenue AUD -5', 'a fee in money alone');
	is(fault($organization), '', 'and everything holds');
};

subtest 'credits that are not there are not spent' => sub {
	my $organization = new_organization();
	post($organization, 'grant', 100);
	post($organization, 'reservation', 40);
	for ([ 'reservation', 61 ], [ 'charge', 61, from => 'available' ], [ 'charge', 41, from => 'reserved' ],
		[ 'release', 41 ], [ 'adjustment', -61 ], [ 'plan_fee', 61 ], [ 'overage', 61 ], [ 'expiry', 61 ],
		[ 'commitment_shortfall', 61 ]) {
		my ($reason, $credits, %o) = @$_;
		my $row = post($organization, $reason, $credits, %o);
		is("$row->{outcome} $row->{available} $row->{reserved}", 'insufficient 60 40', $reason);
	}
	is(book($organization)->{sequence}, 2, 'and nothing was booked');
	is(fault($organization), '', 'and everything holds');
};

subtest 'lots are drawn by priority, earliest expiry, promotional before paid, oldest' => sub {
	my $organization = new_organization();
	my $n = 0;
	my $lot = sub {
		my ($reason, %o) = @_;
		post($organization, $reason, 10, at => sprintf('2026-01-01 00:00:%02d', ++$n), %o);
	};
	$lot->('topup');                                                                   # 1: paid, never
	$lot->('topup', expires_at => '2027-01-01');                                       # 2: paid, January
	$lot->('grant', source => 'promotional', expires_at => '2027-01-01');              # 3
	$lot->('grant', source => 'goodwill', expires_at => '2026-12-01');                 # 4
	$lot->('grant', source => 'free_tier');                                            # 5
	$lot->('grant', source => 'free_tier');                                            # 6
	$lot->('grant', source => 'promotional', priority => -1);                          # 7
	$lot->('topup', priority => 5, expires_at => '2026-02-01');                        # 8
	my @order;
	for (1 .. 8) {
		my $row = post($organization, 'charge', 10, from => 'available', at => '2026-01-02');
		push @order, $db->selectrow_array("SELECT SECOND(l.created_at) FROM lot_movement m JOIN lot l ON l.id = m.lot_id
			WHERE m.organization_id = UNHEX(?) AND m.sequence = ?", undef, $organization, $row->{sequence});
	}
	is("@order", '7 4 3 2 5 6 1 8', 'in that order');
	is(fault($organization), '', 'and everything holds');
};

subtest 'one charge draws as many lots as it takes, and a reservation none' => sub {
	my $organization = new_organization();
	post($organization, 'grant', 10, source => 'promotional', at => "2026-01-01 00:00:0$_") for 1 .. 5;
	post($organization, 'topup', 10, at => '2026-01-01 00:00:06');
	post($organization, 'reservation', 25, at => '2026-01-01 00:01:00');
	is(lots($organization), 'promotional:10 ' x 5 . 'paid:10', 'reserved credits are still in their lots');
	post($organization, 'charge', 25, from => 'reserved', at => '2026-01-01 00:01:00');
	is(lots($organization), 'promotional:5 promotional:10 promotional:10 paid:10', 'charged ones are not');
	is(fault($organization), '', 'and everything holds');
};

subtest 'a named lot is drawn before all others' => sub {
	my $organization = new_organization();
	post($organization, 'grant', 10, source => 'promotional');
	my $second = post($organization, 'grant', 10, source => 'free_tier', at => '2026-01-01 00:00:01');
	post($organization, 'expiry', 4, lot => $second->{entry}, at => '2026-01-01 00:00:02');
	is(lots($organization), 'promotional:10 free_tier:6', 'as named');
	is(fault($organization), '', 'and everything holds');
};

subtest 'new credits pay what is owed first' => sub {
	my $organization = new_organization();
	post($organization, 'topup', 100);
	post($organization, 'charge', 70, from => 'available');
	my $row = post($organization, 'clawback', 100);
	is(lines($organization, $row->{sequence}), 'available CRD -30, sold CRD 100, debt CRD -70', 'the rest is owed');
	is($row->{debt}, 70, 'and the debt is told');
	$row = post($organization, 'grant', 50);
	is(lines($organization, $row->{sequence}), 'debt CRD 50, promotions CRD -50', 'a small grant goes into it');
	is(lots($organization), '', 'and makes no lot');
	$row = post($organization, 'topup', 50);
	is(lines($organization, $row->{sequence}), 'available CRD 30, sold CRD -50, debt CRD 20', 'a larger one leaves a rest');
	is(lots($organization), 'paid:30', 'in a lot');
	post($organization, 'clawback', 40);
	post($organization, 'clawback', 5);
	is(book($organization)->{debt}, 15, 'debt adds up');
	is(fault($organization), '', 'and everything holds');
};

subtest 'what fell due expires before the next entry' => sub {
	my $organization = new_organization();
	my $lot = post($organization, 'grant', 100, source => 'promotional', expires_at => '2026-02-01');
	post($organization, 'topup', 10);
	is(book($organization)->{next_lot_expiry}, '2026-02-01 00:00:00.000000', 'the book knows when');
	my $row = post($organization, 'charge', 20, from => 'available', at => '2026-02-01');
	is($row->{outcome}, 'insufficient', 'at that very moment the credits are gone');
	is(book($organization)->{sequence}, 2, 'a refusal leaves nothing behind');
	$row = post($organization, 'charge', 5, from => 'available', at => '2026-02-01');
	is("$row->{sequence} $row->{available_before} $row->{available}", '4 110 5', 'the expiry is an entry of its own');
	is(lines($organization, 3), 'available CRD -100, breakage CRD 100', 'of the whole lot');
	my @of = $db->selectrow_array("SELECT actor_type, HEX(actor_id), reference_type, HEX(reference_id) FROM journal_entry
		WHERE organization_id = UNHEX(?) AND sequence = 3", undef, $organization);
	is("@of", "system $zeros lot $lot->{entry}", 'by the system, of that lot');
	is(book($organization)->{next_lot_expiry}, undef, 'and nothing is due any more');
	is(fault($organization), '', 'and everything holds');
};

subtest 'each lot that fell due has its own entry' => sub {
	my $organization = new_organization();
	post($organization, 'grant', $_, expires_at => "2026-02-0$_") for 3, 1, 2;
	$db->do("CALL ledger_expire(UNHEX(?), '2026-02-02 12:00:00')", undef, $organization);
	$db->commit;
	is(lines($organization, 4), 'available CRD -1, breakage CRD 1', 'the earliest first');
	is(lines($organization, 5), 'available CRD -2, breakage CRD 2', 'then the next');
	my $book = book($organization);
	is("$book->{sequence} $book->{next_lot_expiry}", '5 2026-02-03 00:00:00.000000', 'and no more');
	is(fault($organization), '', 'and everything holds');
};

subtest 'reserved credits expire only when they are released' => sub {
	my $organization = new_organization();
	post($organization, 'grant', 100, source => 'promotional', expires_at => '2026-02-01');
	post($organization, 'reservation', 70);
	$db->do("CALL ledger_expire(UNHEX(?), '2026-02-02')", undef, $organization);
	$db->commit;
	my $book = book($organization);
	is("$book->{available} $book->{reserved} $book->{lapsed}", '0 70 70', 'what was available is gone');
	post($organization, 'topup', 50, at => '2026-02-03');
	is(book($organization)->{available}, 50, 'new credits do not go with them');
	is(post($organization, 'charge', 50, from => 'available', at => '2026-02-03')->{outcome}, 'ok', 'and can be spent');
	is(lots($organization), 'promotional:70', 'without drawing what lapsed');
	post($organization, 'charge', 30, from => 'reserved', at => '2026-02-04');
	is(lots($organization), 'promotional:40', 'the reservation itself still draws it');
	my $row = post($organization, 'release', 15, at => '2026-02-05');
	is("$row->{available} $row->{reserved}", '0 25', 'what is released expires at once');
	is(lines($organization, $row->{sequence} + 1), 'available CRD -15, breakage CRD 15', 'as an entry behind the release');
	post($organization, 'release', 25, at => '2026-02-05');
	$book = book($organization);
	is("$book->{available} $book->{reserved} $book->{lapsed}", '0 0 0', 'to the last credit');
	is(fault($organization), '', 'and everything holds');
};

subtest 'what lapsed never outlives its reservation' => sub {
	my $organization = new_organization();
	post($organization, 'grant', 50, source => 'promotional', expires_at => '2026-02-01');
	post($organization, 'reservation', 50);
	post($organization, 'topup', 50, priority => -1, at => '2026-02-02');
	my $row = post($organization, 'charge', 50, from => 'reserved', at => '2026-02-03');
	is("$row->{available} $row->{reserved}", '0 0', 'the charge drew another lot, so the lapsed one expires with it');
	is(fault($organization), '', 'and everything holds');
};

subtest 'a call that began before the expiry may post behind one that began after it' => sub {
	my $organization = new_organization();
	my ($before, $after) = ('2026-01-31 23:59:59.999', '2026-02-01 00:00:00.001');
	post($organization, 'grant', 100, source => 'promotional', expires_at => '2026-02-01');
	post($organization, 'reservation', 70);
	$db->do("CALL ledger_expire(UNHEX(?), ?)", undef, $organization, $after);
	$db->commit;
	my $row = post($organization, 'release', 30, at => $before);
	is("$row->{available} $row->{reserved}", '0 40', 'what is released expires all the same');
	is(lots($organization), 'promotional:40', 'out of its lot');
	is(post($organization, 'charge', 1, from => 'available', at => $before)->{outcome}, 'insufficient', 'and is not spent');
	is(post($organization, 'charge', 15, from => 'reserved', at => $before)->{outcome}, 'ok', 'what is reserved is');
	post($organization, 'release', 25, at => $before);
	my $book = book($organization);
	is("$book->{available} $book->{reserved} $book->{lapsed} " . lots($organization), '0 0 0 ', 'nothing is left');
	is(fault($organization), '', 'and everything holds');
};

subtest 'what the lots do not hold is not drawn' => sub {
	my $organization = new_organization();
	my $owner = DBI->connect("dbi:MariaDB:database=$ENV{PURSER_DB_NAME};mariadb_socket=$ENV{PURSER_DB_SOCKET}",
		scalar getpwuid($<), undef, { RaiseError => 1, PrintError => 0 });
	my $fault = sub { return eval { post($organization, @_) } ? '' : $db->rollback && $@ =~ s/.*ledger_post: | at .*//grs };
	post($organization, 'grant', 100, expires_at => '2026-02-01');
	post($organization, 'reservation', 60);
	$owner->do('UPDATE lot SET remaining = 90 WHERE organization_id = UNHEX(?)', undef, $organization);
	is($fault->('charge', 40, from => 'available'), '', 'one lot may do');
	is($fault->('charge', 60, from => 'reserved'), 'the lots hold less than the book', 'but not for all that is reserved');
	$owner->do('UPDATE lot SET remaining = 60 WHERE organization_id = UNHEX(?)', undef, $organization);
	$db->do("CALL ledger_expire(UNHEX(?), '2026-02-02')", undef, $organization);
	$db->commit;
	is(fault($organization), '', 'put back, everything holds');
	$owner->disconnect;
};

subtest 'thousands of lots that fall due at once are a matter of seconds' => sub {
	my $organization = new_organization();
	my $lots = 3000;
	for (1 .. $lots) {
		my $statement = $db->prepare_cached("CALL ledger_post(UNHEX(?), ?, UNHEX(?), 'grant', NULL, 1, NULL, NULL, NULL,
			'system', 'x', NULL, '2026-02-01', NULL, NULL, NULL, NULL, NULL, NULL, NULL, \@outcome)");
		$statement->execute($organization, $start, new_id());
		$statement->finish;
		1 while $statement->more_results;
	}
	$db->commit;
	my $began = time;
	my @left;
	for (1 .. 3) {
		$db->do("CALL ledger_expire(UNHEX(?), '2026-02-01')", undef, $organization);
		$db->commit;
		push @left, book($organization)->{available};
		cmp_ok(book($organization)->{next_lot_expiry} // '', 'eq', '2026-02-01 00:00:00.000000', 'the rest is still due') if $_ < 3;
	}
	is("@left", '2000 1000 0', 'a thousand at a time');
	cmp_ok(time - $began, '<=', 4, 'in time');
	is(book($organization)->{next_lot_expiry}, undef, 'nothing is due any more');
	is(fault($organization), '', 'and everything holds');
};

subtest 'a posting tells when it takes the balance below the threshold' => sub {
	my $organization = new_organization();
	$db->do('CALL book_set_low_threshold(UNHEX(?), 50)', undef, $organization);
	$db->commit;
	post($organization, 'grant', 100);
	is(post($organization, 'reservation', 50)->{low_threshold}, undef, 'at the threshold: not yet');
	is(post($organization, 'reservation', 1)->{low_threshold}, 50, 'below it');
	is(post($organization, 'reservation', 1)->{low_threshold}, undef, 'once');
	is(post($organization, 'release', 40)->{low_threshold}, undef, 'not on the way up');
};

subtest 'a refund fills the lots that the charge drew' => sub {
	my $organization = new_organization();
	post($organization, 'grant', 10, source => 'promotional', expires_at => '2026-06-01');
	post($organization, 'grant', 10, source => 'free_tier', expires_at => '2026-03-01');
	post($organization, 'topup', 30, at => '2026-01-01 00:00:01');
	my $charge = post($organization, 'charge', 45, from => 'available', at => '2026-01-02');
	is(lots($organization), 'paid:5', 'a charge of three lots');
	post($organization, 'refund', 30, undoes => $charge->{sequence}, at => '2026-01-03');
	is(lots($organization), 'promotional:5 paid:30', 'the last drawn is filled first');
	is(book($organization)->{next_lot_expiry}, '2026-06-01 00:00:00.000000', 'and its expiry counts again');
	post($organization, 'refund', 15, undoes => $charge->{sequence}, at => '2026-04-01');
	is(lots($organization), 'promotional:10 paid:30 goodwill:10', 'what has expired since comes back as goodwill');
	post($organization, 'refund', 7, undoes => $charge->{sequence}, at => '2026-04-02');
	is(lots($organization), 'promotional:10 paid:30 goodwill:10 goodwill:7', 'no lot is filled beyond what it was');
	post($organization, 'refund', 3, at => '2026-04-03');
	is(lots($organization), 'promotional:10 paid:30 goodwill:10 goodwill:7 goodwill:3', 'without its charge, too');
	is(fault($organization), '', 'and everything holds');
};

subtest 'the hard limit holds for what a cycle spends' => sub {
	my $organization = new_organization();
	post($organization, 'topup', 1000);
	set_limit($organization, 100);
	is(post($organization, 'reservation', 60)->{outcome}, 'ok', 'a reservation counts');
	is(post($organization, 'charge', 41, from => 'available')->{outcome}, 'limit_reached', 'one credit too many');
	is(post($organization, 'overage', 40)->{outcome}, 'ok', 'up to the limit');
	is(post($organization, 'charge', 60, from => 'reserved')->{outcome}, 'ok', 'what was reserved has counted already');
	is(post($organization, $_, 1)->{outcome}, 'limit_reached', $_) for 'reservation', 'plan_fee', 'overage';
	is(post($organization, 'adjustment', -1, cycle_ends => '2026-02-01')->{outcome}, 'ok', 'a correction is no spend');
	post($organization, 'reservation', 50, cycle => '2026-02-01', cycle_ends => '2026-03-01', at => '2026-02-01');
	is(book($organization)->{cycle_spend}, 50, 'a new cycle begins at nothing');
	post($organization, 'release', 20, cycle_ends => '2026-03-01', at => '2026-02-01');
	is(book($organization)->{cycle_spend}, 30, 'a release gives back');
	post($organization, 'reservation', 5, cycle => '2026-03-01', at => '2026-03-01');
	is(book($organization)->{cycle_spend}, 35, 'what is still reserved counts in the next cycle');
	is(fault($organization), '', 'and everything holds');
};

subtest 'the chain holds every field of every entry' => sub {
	my $organization = new_organization();
	my $text = "Gl\x{fc}ck | 5; 7:\n\x{1F30F}";
	post($organization, 'grant', 5, description => $text, reference_type => 'order', reference_id => new_id(),
		at => '2026-01-01 00:00:00.000001');
	post($organization, 'grant', 5, at => '2026-12-31 23:59:59.999999');
	is(fault($organization), '', 'its hashes can be recomputed from the documented form');
	my ($kept) = $db->selectrow_array("SELECT description FROM journal_entry WHERE organization_id = UNHEX(?) AND
		sequence = 1", undef, $organization);
	is($kept, $text, 'odd characters included');
};

subtest '16 processes at once neither overspend nor break the chain' => sub {
	my $organization = new_organization();
	my ($callers, $turns) = (16, 40);
	set_limit($organization, 900);
	post($organization, 'grant', 100, source => 'promotional') for 1 .. 10;
	$db->disconnect;
	my @children;
	for my $caller (1 .. $callers) {
		my $pid = fork // die "fork: $!";
		push @children, $pid;
		next if $pid;
		srand $caller;
		my $own = connect_as('write');
		my $mine = 0;
		for (1 .. $turns) {
			my ($reason, $credits, %o) = $mine > 0 && rand() < 0.5 ? ('release', $mine)
				: rand() < 0.5 ? ('reservation', 1 + int rand 9) : ('charge', 1 + int rand 9, from => 'available');
			my $row = eval { post($organization, $reason, $credits, db => $own, %o) } or exit 1;
			next if $row->{outcome} ne 'ok';
			$mine += $credits if $reason eq 'reservation';
			$mine = 0 if $reason eq 'release';
		}
		$own->disconnect;
		exit 0;
	}
	my $failed = 0;
	for (@children) {
		waitpid $_, 0;
		$failed++ if $?;
	}
	$db = connect_as('write');
	my $book = book($organization);
	is($failed, 0, 'none of them failed');
	cmp_ok($book->{cycle_spend}, '<=', 900, 'the limit holds');
	my ($spent) = $db->selectrow_array("SELECT SUM(amount) FROM journal_line WHERE organization_id = UNHEX(?) AND account =
		'consumed'", undef, $organization);
	is($spent + $book->{reserved}, $book->{cycle_spend}, 'to the credit');
	is($spent + $book->{reserved} + $book->{available}, 1000, 'and nothing is lost');
	is(fault($organization), '', 'and everything holds');
};

subtest 'the write login can touch the ledger by its procedures only' => sub {
	for my $table (qw(book journal_entry journal_line lot lot_movement ledger_checkpoint)) {
		for my $sql ("UPDATE $table SET organization_id = organization_id", "DELETE FROM $table",
			"INSERT INTO $table (organization_id) VALUES ('x')") {
			ok(!eval { $db->do($sql) } && $@ =~ /denied/, $sql);
		}
	}
	for my $sql ('UPDATE audit SET outcome = outcome', 'DELETE FROM audit', 'UPDATE audit_chain SET sequence = sequence',
		'DELETE FROM audit_chain') {
		ok(!eval { $db->do($sql) } && $@ =~ /denied/, $sql);
	}
	for my $procedure (qw(ledger_append ledger_draw ledger_room ledger_refill ledger_expire_lots ledger_check_money)) {
		ok(!eval { $db->do("CALL $procedure()") } && $@ =~ /denied/, "CALL $procedure");
	}
	my $read = connect_as('read');
	for my $procedure (qw(ledger_post ledger_expire order_create book_open book_set_limits book_tell_hard book_set_low_threshold book_set_auto_topup
		book_set_post_pay ledger_keep_checkpoint)) {
		ok(!eval { $read->do("CALL $procedure()") } && $@ =~ /denied/, "CALL $procedure by the read login");
	}
	$read->disconnect;
};

$db->disconnect;
done_testing();
