#!/usr/bin/perl
# Cards under races: one customer at the processor, one default, one card for one request.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use POSIX ();
use Purser::Cards;
use Purser::Test;
use Time::HiRes qw(sleep time);

my $many = 12;

# Each in a process of its own, all at one moment. Gives the replies as [status, code, id].
sub at_once (@deeds) {
	my $start = time + 0.2 + @deeds * 0.005;
	my @pipes = map {
		my $deed = $_;
		my $pid = open(my $pipe, '-|') // die "fork: $!";
		if ($pid == 0) {
			my $client = client(record => 0, timeout => 60);
			get('/v1/health/live', client => $client);
			sleep 0.0005 while time < $start;
			my $reply = eval { $deed->($client) };
			syswrite STDOUT, encode_json($reply ? [$reply->status, $reply->code, $reply->json->{id} // $reply->json->{customer_id}] : [0, "no reply: $@", undef]);
			POSIX::_exit(0);
		}
		$pipe;
	} @deeds;
	return map { my $pipe = $_; local $/; my $line = <$pipe>; close $pipe; decode_json($line) } @pipes;
}

sub statuses (@outcomes) {
	my %count;
	$count{ $_->[0] }++ for @outcomes;
	return \%count;
}

my $organization = new_organization(rate_limit => 1000000);
my @begun = at_once(map { sub ($client) { call('payment_methods.create_setup_intent', {}, key => $organization->{key}, client => $client) } } 1 .. $many);
is_deeply(statuses(@begun), { 200 => $many }, "$many callers at once begin to take a card");
is(scalar(keys %{ { map { $_->[2] => 1 } @begun } }), 1, 'for one customer');

my $fresh = new_organization(rate_limit => 1000000);
my @attached = at_once(map { sub ($client) { attach($fresh, 'pm_card_visa', client => $client) } } 1 .. $many);
is_deeply(statuses(@attached), { 200 => $many }, "$many callers at once attach a card to a new organization");
is(scalar(cards_of($fresh)), $many, 'each has come to a card of its own');
is(scalar(default_of($fresh)), 1, 'one of them is the default');
is(db_value('SELECT COUNT(*) FROM payment_customer WHERE organization_id = ?', bytes_of($fresh->{id})), 1, 'the organization is one customer');
is(db_value('SELECT COUNT(DISTINCT customer_id) FROM sandbox_card WHERE customer_id IN (SELECT id FROM sandbox_customer WHERE organization_id = ?)', bytes_of($fresh->{id})), 1,
    'at the processor too');

my $shared = db_value('SELECT card_id FROM payment_method WHERE id = ?', bytes_of($attached[0][2]));
db_run('DELETE FROM payment_method WHERE id = ?', bytes_of($attached[0][2]));
my @same = at_once(map { sub ($client) { attach($fresh, $shared, client => $client) } } 1 .. $many);
is_deeply(statuses(@same), { 200 => $many }, 'one card attached by many at once is attached');
is(scalar(keys %{ { map { $_->[2] => 1 } @same } }), 1, 'as one');

my @repeated = at_once(map { sub ($client) {
	my $reply;
	do { $reply = attach($fresh, 'pm_card_amex', idempotency_key => 'race', client => $client) } while ($reply->code // '') eq 'idempotency_in_progress' && sleep 0.02;
	return $reply;
} } 1 .. $many);
is_deeply(statuses(@repeated), { 200 => $many }, 'one request, repeated by many at once, is answered to all');
is(scalar(keys %{ { map { $_->[2] => 1 } @repeated } }), 1, 'with one card');

my @ids = map { $_->{id} } cards_of($fresh);
my @chosen = at_once(map { my $id = $_; sub ($client) { call('payment_methods.set_default', { payment_method_row_id => $id }, key => $fresh->{key}, client => $client) } } @ids);
is_deeply(statuses(@chosen), { 200 => scalar @ids }, 'every card is made the default at once');
is(scalar(default_of($fresh)), 1, 'one is it in the end');

my ($default) = default_of($fresh);
my @gone = at_once(map { sub ($client) { call('payment_methods.detach', { payment_method_row_id => $default }, key => $fresh->{key}, client => $client) } } 1 .. 4);
ok(!grep({ $_->[0] != 200 && $_->[0] != 404 } @gone), 'a card is detached by many at once') or diag encode_json(\@gone);
ok(scalar(grep { $_->[0] == 200 } @gone), 'by one of them at least');
is(scalar(default_of($fresh)), 1, 'another is the default');
@ids = map { $_->{id} } cards_of($fresh);
@gone = at_once(map { my $id = $_; sub ($client) { call('payment_methods.detach', { payment_method_row_id => $id }, key => $fresh->{key}, client => $client) } } @ids);
is_deeply(statuses(@gone), { 200 => scalar @ids }, 'all cards are detached at once');
is_deeply([cards_of($fresh)], [], 'none is left');
ok(attach($fresh)->json->{isDefault}, 'and the next is the default');
done_testing;
