#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Test;

sub estimate ($of, @lines) {
	return call('orders.estimate', { lines => [map { ref ? $_ : line($_) } @lines] }, key => $of->{key});
}

sub answer ($of, @lines) { return join ' ', map { ref ? $_ ? 'yes' : 'no' : $_ } estimate($of, @lines)->json->@{qw(credits available sufficient)} }

my $organization = new_organization(credits => 100);
my $reply = estimate($organization, 60, line(3, quantity => '2.5', service => 'disk'));
is_success($reply, 'an order is estimated');
is_deeply($reply->json, { lines => [
    { line(60)->%*, credits => 60, service => undef, operator => undef, commitment_eligible => undef },
    { line(3)->%*, quantity => '2.5', service => 'disk', operator => undef, commitment_eligible => undef, credits => 8 } ],
    credits => 68, available => 100, sufficient => JSON::PP::true() }, 'line by line');
is(figures($organization), '100 0', 'and nothing is held');
is(answer($organization, 100), '100 100 yes', 'all of it suffices');
is(answer($organization, 101), '101 100 no', 'more does not');
order($organization, 'a', 40);
is(answer($organization, 61), '61 60 no', 'what is reserved does not count');

set_limits($organization, 0, 0.5);
is(answer($organization, 10), '10 60 yes', 'up to the hard limit');
is(answer($organization, 11), '11 60 no', 'and no further');

my $expiring = new_organization(credits => 10);
call('billing.grants.create', { organization_id => $expiring->{id}, credits => 50, source => 'promotional', expires_at => '2999-01-01T00:00:00Z' }, key => admin_key);
is(answer($expiring, 60), '60 60 yes', 'credits that expire count');
db_run('UPDATE lot SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE organization_id = ? AND expires_at IS NOT NULL', bytes_of($expiring->{id}));
is(answer($expiring, 11), '11 10 no', 'until they have, whether that is booked or not');

my $afterwards = new_post_pay(1);
is(answer($afterwards, 100), '100 0 yes', 'who pays afterwards needs no credits');
is(answer($afterwards, 101), '101 0 no', 'but stays under the hard limit');
order($afterwards, 'a', 60);
is(answer($afterwards, 41), '41 0 no', 'with what is ordered already');
db_run('UPDATE book SET cycle_ends_at = UTC_TIMESTAMP(6), cycle_spend = 90 WHERE organization_id = ?', bytes_of($afterwards->{id}));
is(answer($afterwards, 40), '40 0 yes', 'and a new cycle begins with what is held');

is_problem(estimate($organization, line(1, quantity => '0.1')), 422, 'invalid', 'what could not be ordered is not estimated', errors => { '/lines' => 'out_of_range' });
is_problem(call('orders.estimate', {}, key => $organization->{key}), 422, 'invalid', 'without lines there is nothing to tell', errors => { '/lines' => 'missing' });
is_problem(get('/v1/orders/estimate', key => $organization->{key}), 422, 'invalid', 'and they do not fit into an address');
done_testing;
