#!/usr/bin/perl
# Organizations that many handle at the same moment.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;
use POSIX ();
use Time::HiRes qw(sleep time);

# Runs all of them at once, each with a connection of its own that is there before; gives their replies in order, as
# [status, decoded body]. A connection to the database is not shared with a child: they end without closing it.
sub at_once (@calls) {
	my $start = time + 0.3 + 0.02 * @calls;
	my @pipes;

	for my $call (@calls) {
		pipe my $in, my $out or die $!;
		my $pid = fork // die $!;
		if ($pid == 0) {
			my $client = client(record => 0);
			get('/v1/health/live', client => $client);
			my $left = $start - time;
			sleep $left if $left > 0;
			my $reply = $call->($client);
			syswrite $out, encode_json([$reply->status, $reply->json]);
			POSIX::_exit(0);
		}
		close $out;
		push @pipes, [$pid, $in];
	}
	return map {
		my ($pid, $in) = @$_;
		local $/;
		my $text = <$in>;
		waitpid $pid, 0;
		defined $text && length $text ? decode_json($text) : [0, {}];
	} @pipes;
}

sub statuses (@replies) { return join ' ', sort map { $_->[0] } @replies }

sub creates ($count, $name, $token_of) {
	return map { my $token = $token_of->($_); sub ($client) { call('organizations.create', { name => $name }, key => $token, client => $client) } } 1 .. $count;
}

# ---- one name ----

for my $round (1 .. 3) {
	my @founders = map { new_person() } 1 .. 32;
	my @replies = at_once(creates(32, "Same Name $$ $round", sub ($n) { $founders[$n - 1]{key} }));
	is(statuses(@replies), join(' ', (200) x 32), "32 people create an organization of one name at once, round $round");
	my %slugs = map { ($_->[1]{slug} // '') => 1 } @replies;
	is(scalar keys %slugs, 32, 'every one has a slug of its own');
	ok($slugs{"same-name-$$-$round"}, 'and the first has the plain one');
	my @owners = map { db_value("SELECT COUNT(*) FROM membership m JOIN book b ON b.organization_id = m.organization_id
	    WHERE m.organization_id = ? AND m.user_id = ? AND m.role = 'owner'", bytes_of($replies[$_][1]{id} // new_ulid()), bytes_of($founders[$_]{id})) } 0 .. 31;
	is(join('', @owners), '1' x 32, 'each is owned by who made it, and has its book');
}

# ---- one person ----

my $founder = new_person();
my @made = at_once(creates(8, 'Eight', sub ($n) { $founder->{key} }));
is(statuses(@made), join(' ', (200) x 8), 'one person of no organization creates eight at once');
my $acting = call('organizations.current', {}, key => $founder->{key})->json->{id};
is(scalar(grep { $_->[1]{id} eq $acting } @made), 1, 'and acts for one of them');
is(scalar is_page(call('organizations.list', {}, key => $founder->{key}), 'they have')->@*, 8, 'all eight');

my @same = map { sub ($client) { call('organizations.create', { name => 'Same key' }, key => $founder->{key}, idempotency_key => 'race', client => $client) } } 1 .. 8;
my @answers = at_once(@same);
is(scalar(grep { $_->[0] != 200 && !($_->[0] == 409 && $_->[1]{code} eq 'idempotency_in_progress') } @answers), 0, 'eight times the same request with one idempotency key');
is(db_value("SELECT COUNT(*) FROM organization o JOIN membership m ON m.organization_id = o.id WHERE o.name = 'Same key' AND m.user_id = ?", bytes_of($founder->{id})), 1, 'make one');

# ---- undone and run again ----

# A build with faults loses the deadlock it is told to lose; any other just succeeds.
my $home = new_organization(rate_limit => 100000);
my $maker = first_key($home->{id}, ['organizations:*'], made_by_user_id => bytes_of(new_person($home, 'owner')->{id}));
for my $nth (1 .. 10) {
	my ($first, $second) = map { call('organizations.create', { name => "Undone $nth" }, key => $maker->{key}, idempotency_key => "undone $nth", headers => $_) }
	    ['X-Purser-Fault' => "$nth:1213"], [];
	is_success($first, "a key creates one, and round trip $nth ends in a deadlock");
	is($second->body, $first->body, "the idempotency key is the organization's that asks, all the same");
}

# ---- closing ----

my $organization = new_organization();
my @owners = map { new_person($organization, 'owner') } 1 .. 8;
my @closings = at_once(map { my $key = $_->{key}; sub ($client) { call('organizations.close', {}, key => $key, client => $client) } } @owners);
is(statuses(@closings), join(' ', 200, (409) x 7), 'eight owners close an organization at once, and one of them does');
is(scalar(grep { $_->[0] == 409 && $_->[1]{code} ne 'organization_closed' } @closings), 0, 'the others hear that it is closed');
is(db_value("SELECT COUNT(*) FROM outbox WHERE organization_id = ? AND type = 'organization.closed'", bytes_of($organization->{id})), 1, 'it is told once');

# Nothing is changed behind a closing: an update comes before it, or is refused.
my $busy = new_organization();
my ($closer, @writers) = map { new_person($busy, 'owner') } 0 .. 7;
my @replies = at_once(sub ($client) { sleep 0.002; call('organizations.close', {}, key => $closer->{key}, client => $client) },
    map { my ($key, $n) = ($writers[$_]{key}, $_); sub ($client) { call('organizations.update', { name => "Busy $n" }, key => $key, client => $client) } } 0 .. 6);
is($replies[0][0], 200, 'one closes while seven write');
is(scalar(grep { $_->[0] != 200 && !($_->[0] == 409 && $_->[1]{code} eq 'organization_closed') } @replies), 0, 'who each come before it or are refused');
is(db_value('SELECT updated_at = closed_at FROM organization WHERE id = ?', bytes_of($busy->{id})), 1, 'the closing is the last change');

# ---- the currency ----

for my $round (1 .. 5) {
	my $new = new_organization();
	my ($change, $booking) = at_once(sub ($client) { call('organizations.update', { currency => 'USD' }, key => $new->{key}, client => $client) },
	    sub ($client) { call('billing.grants.create', { organization_id => $new->{id}, credits => 1, source => 'goodwill' }, key => admin_key, client => $client) });
	is($booking->[0], 200, 'a booking while the currency changes');
	like($change->[0], qr/\A(?:200|409)\z/, 'which comes before it or not at all');
	is(db_value('SELECT CONCAT(o.currency, b.currency) FROM organization o JOIN book b ON b.organization_id = o.id WHERE o.id = ?', bytes_of($new->{id})),
	    $change->[0] == 200 ? 'USDUSD' : 'AUDAUD', 'organization and book agree');
}
done_testing;
