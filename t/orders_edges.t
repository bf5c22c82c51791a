#!/usr/bin/perl
# Orders where something else changes at the same moment: a lot falls due with the month's end, the time zone moves, a
# limit is passed or changed, the connection is lost behind the commit.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

keep_away($_) for qw(credits.expire_lots orders.expire auto_topup.run);
my ($year) = utc =~ /^(\d{4})/;
$year++;

sub at ($moment) {
	set_clock(db_value('SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), TIMESTAMP(?))', $moment =~ s/T/ /r));
}

sub give_lot ($organization, $credits, $expires) {
	is_success(call('billing.grants.create', { organization_id => $organization->{id}, credits => $credits, source => 'promotional', expires_at => $expires },
	    key => admin_key), "a lot until $expires");
}

sub watch ($organization, $low, $auto = undef) {
	is_success(call('organizations.update', { credits_low_threshold => $low }, key => $organization->{key}), "a threshold of $low");
	db_run('CALL book_set_auto_topup(?, ?)', bytes_of($organization->{id}), $auto) if defined $auto;
}

sub told ($organization) {
	return [sort(db_column("SELECT type FROM outbox WHERE organization_id = ? AND kind = 'event' AND type REGEXP '^(credits.low|auto_topup.due|limit)' ",
	    bytes_of($organization->{id})))];
}

sub available ($organization) { return db_value('SELECT available FROM book WHERE organization_id = ?', bytes_of($organization->{id})) }

# ---- a lot that falls due --------------------------------------------------------------------------------------------

my $monthly = new_organization(credits => 60, timezone => 'Etc/UTC');
give_lot($monthly, 1000, "$year-06-01T00:00:00Z");
watch($monthly, 100, 80);
at("$year-05-30T00:00:00");
cancel($monthly, order($monthly, 'in May', 1)->json->{id});
at("$year-06-01T00:00:05");
is(order($monthly, 'first in June', 5)->status, 202, "the month's first order, at the moment when a lot falls due");
is(available($monthly), 55, 'takes what is left');
is_deeply(told($monthly), ['auto_topup.due', 'credits.low'], 'and what that passes is announced');
set_clock(0);

my $refused = new_organization(credits => 60, timezone => 'Etc/UTC');
give_lot($refused, 1000, "$year-06-10T00:00:00Z");
watch($refused, 100);
set_limits($refused, 0, 0.1);
at("$year-06-09T00:00:00");
is(order($refused, 'first', 1)->status, 202, 'an order below the hard limit');
at("$year-06-10T00:00:05");
is_problem(order($refused, 'second', 20), 402, 'limit_reached', 'one beyond it, when a lot falls due');
is(available($refused), 59, 'leaves the expiry, because its refusal is announced');
is_deeply(told($refused), ['credits.low', 'limit.hard'], 'and so is what the expiry passed');
set_clock(0);

# ---- cycles ----------------------------------------------------------------------------------------------------------

my $mover = new_organization(credits => 10000, timezone => 'Pacific/Kiritimati');
set_limits($mover, 0, 1);
at("$year-01-15T00:00:00");
is(settle($mover, order($mover, 'January', 100)->json->{id})->status, 200, "all of January's limit is spent");
at("$year-01-31T10:00:05");
set_zone($mover, 'Pacific/Pago_Pago');
is_problem(order($mover, 'January again', 100), 402, 'limit_reached', 'a move to where it is January still gives no second January');
at("$year-02-01T11:00:05");
is(order($mover, 'February', 100)->status, 202, 'February comes there, too');
is_problem(order($mover, 'more', 1), 402, 'limit_reached', 'with a limit of its own');
set_clock(0);

for my $first (qw(settle order)) {
	my $organization = new_organization(credits => 10000, timezone => 'Etc/UTC');
	set_limits($organization, 0, 1);
	at("$year-01-31T00:00:00");
	my $held = order($organization, 'held', 100)->json->{id};
	at("$year-02-01T00:00:05");
	is(settle($organization, $held)->status, 200, 'what was held over the end of the month is settled first') if $first eq 'settle';
	is_problem(order($organization, 'February', 1), 402, 'limit_reached', "what was held counts in the new month, though the $first comes first");
	is(settle($organization, $held)->status, 200, 'and is settled after') if $first eq 'order';
	set_clock(0);
}

# ---- limits ----------------------------------------------------------------------------------------------------------

my $told = new_organization(credits => 10000);
set_limits($told, 0.1, 0.2);
is(order($told, 'one', 10)->status, 202, 'an order reaches the soft limit');
is_problem(order($told, 'two', 11), 402, 'limit_reached', 'another would pass the hard one');
is_problem(order($told, 'three', 11), 402, 'limit_reached', 'twice');
is_deeply(told($told), ['limit.hard', 'limit.soft'], 'each announces itself once');
set_limits($told, 0.3, 0.4);
is(order($told, 'four', 20)->status, 202, 'limits that were raised are reached anew');
is_problem(order($told, 'five', 11), 402, 'limit_reached', 'and passed anew');
is_deeply(told($told), ['limit.hard', 'limit.hard', 'limit.soft', 'limit.soft'], 'and announce themselves anew');

my $limited = new_organization();
set_limits($limited, 10, 0);
is_problem(call('organizations.update', { currency => 'USD' }, key => $limited->{key}), 409, 'conflict', 'with a soft limit in one currency there is no other');

# ---- the connection is lost ------------------------------------------------------------------------------------------

for my $key (undef, 'once') {
	for my $nth (1 .. 4) {
		my $organization = new_organization(credits => 1000);
		order($organization, 'warm', 1); # knows its cycle from here on
		my $reply = order($organization, 'lost', 5, ($key ? (idempotency_key => $key) : ()), headers => ['X-Purser-Fault' => "$nth:-2013"]);

		is($reply->status, 202, ($key ? 'with a key' : 'without a key') . ", an order whose round trip $nth loses its answer is told as made");
		is(available($organization), 994, 'and was made once');
		is(db_value("SELECT COUNT(*) FROM audit WHERE organization_id = ? AND operation = 'orders.create'", bytes_of($organization->{id})), 2, 'with one audit row');
	}
}
done_testing;
