#!/usr/bin/perl
# What a hard limit allows is a month's, in the organization's own zone: its last microsecond counts in the old month and the
# next one in the new, also where the clocks are changed.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

# What a month begins at, against UTC. Lord Howe Island changes its clocks by half an hour, on the first Sundays of April and
# October: so both months begin before that.
my %begins = ('Australia/Lord_Howe' => { summer => '11:00', winter => '10:30' }, 'America/Sao_Paulo' => { summer => '-03:00', winter => '-03:00' });

sub book_of ($organization) {
	return join ' ', db_run("SELECT DATE_FORMAT(cycle_started_at, '%Y-%m-%dT%T'), DATE_FORMAT(cycle_ends_at, '%Y-%m-%dT%T'), cycle_spend FROM book WHERE organization_id = ?",
	    bytes_of($organization->{id}))->fetchrow_array;
}

# The first moment of a month there, in UTC.
sub start_of ($zone, $month) {
	my $number = substr $month, 5, 2;
	my $offset = $begins{$zone}{ $number >= 5 && $number <= 10 ? 'winter' : 'summer' };
	my ($sign, $hours, $minutes) = $offset =~ /^(-?)(\d\d):(\d\d)$/;
	my $seconds = ($hours * 60 + $minutes) * 60 * ($sign ? 1 : -1);
	return db_value("SELECT DATE_FORMAT(TIMESTAMP(?) + INTERVAL ? SECOND, '%Y-%m-%dT%T')", "$month-01", $seconds);
}

# Sets the stack's clock to so many seconds behind that moment.
sub at ($moment, $behind) {
	set_clock(db_value('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), TIMESTAMP(?)) + ?', $moment =~ s/T/ /r, $behind));
}

my ($year) = utc =~ /^(\d{4})/;
$year++;
for my $zone (sort keys %begins) {
	for my $months (['03', '04'], ['04', '05'], ['10', '11'], ['12', '01']) {
		my ($this, $next) = map { "$year-$_" } @$months;
		$next = ($year + 1) . '-01' if $months->[1] eq '01';
		my ($start, $end) = map { start_of($zone, $_) } $this, $next;
		set_clock(0);
		my $organization = new_organization(credits => 10_000, timezone => $zone);
		set_limits($organization, 0, 1);
		at($start, -10 * 86400);
		cancel($organization, order($organization, 'earlier', 1)->json->{id});
		at($end, -40);
		my $held = order($organization, 'old month', 60)->json;
		is(book_of($organization), "$start $end 60", "$zone, $this: the month is the zone's own");
		my $spent = order($organization, 'spent', 40)->json;
		settle($organization, $spent->{id});
		is_problem(order($organization, 'too much', 1), 402, 'limit_reached', 'and what it may spend is spent');

		# Its last microsecond, and the moment after it, by the ledger itself.
		my $reserve = sub ($when) {
			return ledger_call("ledger_post(?, ?, ?, 'reservation', 'available', 1, NULL, NULL, NULL, 'system', 'x', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \@outcome)",
			    bytes_of($organization->{id}), $when, bytes_of(new_ulid()))->{outcome};
		};
		my $last = db_value('SELECT CAST(TIMESTAMP(?) - INTERVAL 1 MICROSECOND AS CHAR)', $end =~ s/T/ /r);
		is($reserve->($last), 'limit_reached', 'to its last microsecond');
		is($reserve->($end =~ s/T/ /r), 'cycle_over', 'then it is over');

		at($end, 1);
		is_success(order($organization, 'new month', 40), 'the new month lets spending go on', status => 202);
		is((split ' ', book_of($organization))[0], $end, 'from its first moment on');
		is(spend_of($organization), '100 0', 'with what is still held');
		is_problem(order($organization, 'too much', 1), 402, 'limit_reached', 'up to the limit again');
		cancel($organization, $held->{id});
		is_success(order($organization, 'freed', 60), 'which a cancelled order of the old month makes room under', status => 202);
		is_whole($organization);
	}
}
done_testing;
