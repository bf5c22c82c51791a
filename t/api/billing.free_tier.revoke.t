#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

sub approve ($organization) { return call('billing.free_tier.approve', { organization_id => $organization->{id} }, key => admin_key)->json->{credits} }
sub revoke ($id, %options) { return call('billing.free_tier.revoke', { organization_id => $id }, key => admin_key, %options) }

my $organization = new_organization(credits => 50);
my $credits = approve($organization);
order($organization, 'a', 20);
my $spent = settle($organization, order($organization, 'b', 30)->json->{id});
my $reply = revoke($organization->{id});
is_success($reply, 'free credits are revoked');
is_deeply({ $reply->json->%{qw(organization_id status credits)} }, { organization_id => $organization->{id}, status => 'revoked', credits => $credits }, 'which is told');
is(figures($organization), '0 20', 'what was available of them is gone');
my %left = map { $_->{source} => $_->{remaining} } call('billing.credits.balance', {}, key => $organization->{key})->json->{lots}->@*;
is($left{free_tier} // 0, 0, 'all that was left of the lot');
is_deeply([expiries($organization->{id})], [$reply->json->{expired}], 'by one expiry');
is_whole($organization);
is_problem(revoke($organization->{id}), 409, 'conflict', 'once');
is_deeply([db_column("SELECT type FROM outbox WHERE organization_id = ? AND type LIKE 'free_tier.%' AND kind = 'event' ORDER BY id", bytes_of($organization->{id}))],
    ['free_tier.granted', 'free_tier.revoked'], 'and it is announced');

# ---- while orders hold them ----

my $holding = new_organization();
approve($holding);
my $first = order($holding, 'first', $credits - 100)->json;
my $second = order($holding, 'second', 60)->json;
$reply = revoke($holding->{id});
is($reply->json->{expired}, 40, 'what no order holds expires at once');
is(figures($holding), '0 ' . ($credits - 40), 'what orders hold stays held');
is_whole($holding);
grant($holding->{id}, 500);
is(figures($holding), '500 ' . ($credits - 40), 'other credits are not touched');
cancel($holding, $second->{id});
is(figures($holding), '500 ' . ($credits - 100), 'what an order gives back expires');
is_deeply([expiries($holding->{id})], [40, 60], 'as it is given back');
settle($holding, $first->{id}, [line($credits - 150)]);
is(figures($holding), '500 0', 'an order that is settled is paid of them, and its rest expires');
is_deeply([expiries($holding->{id})], [40, 60, 50], 'too');
is_whole($holding);

my $late = new_organization();
approve($late);
my $all = order($late, 'all', $credits)->json;
is(revoke($late->{id})->json->{expired}, 0, 'where orders hold all, nothing expires yet');
is(figures($late), "0 $credits", 'and all is held');
is_whole($late);
cancel($late, $all->{id});
is(figures($late), '0 0', 'then all of it');
is_whole($late);

# ---- nothing is left, or nothing was given ----

my $empty = new_organization();
approve($empty);
settle($empty, order($empty, 'x', $credits)->json->{id});
is(revoke($empty->{id})->json->{expired}, 0, 'of what is spent nothing is taken back');
is_whole($empty);
my $pending = new_organization();
is_deeply({ revoke($pending->{id})->json->%{qw(status credits expired granted_at)} }, { status => 'revoked', credits => 0, expired => 0, granted_at => undef }, 'one that waits is turned down');
is(figures($pending), '0 0', 'and has nothing');

# ---- at once ----

for my $round (1 .. 3) {
	my $contended = new_organization();
	approve($contended);
	my @results = at_once(16, sub ($number, $client) {
		my $answer = $number % 2 ? revoke($contended->{id}, client => $client) : order($contended, "order-$number", 100, client => $client);
		return { status => $answer->status };
	});
	is(scalar(grep { ($_->{status} // 0) == 200 } @results), 1, 'of eight who revoke while others order one does');
	is((split ' ', figures($contended))[0], 0, 'and nothing can be had');
	is_whole($contended);
	cancel($contended, $_) for map { $_->{id} } call('orders.list', { status => 'reserved' }, key => $contended->{key})->json->{data}->@*;
	is(figures($contended), '0 0', 'nor when all is given back');
	is_whole($contended);
}

my $closed = new_organization();
call('admin.organizations.set', { organization_id => $closed->{id}, status => 'closed' }, key => admin_key);
is_problem(revoke($closed->{id}), 409, 'organization_closed', 'a closed one is left alone');
is_problem(revoke(new_ulid()), 404, 'not_found', 'one that is not there, too');
is_problem(call('billing.free_tier.revoke', {}, key => admin_key), 422, 'invalid', 'it has to be named', errors => { '/organization_id' => 'missing' });
done_testing;
