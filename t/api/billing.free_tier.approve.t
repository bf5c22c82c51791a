#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Test;

sub approve ($id, %options) { return call('billing.free_tier.approve', { organization_id => $id }, key => admin_key, %options) }
sub events ($organization) {
	return [db_column("SELECT CONCAT(type, ' ', data) FROM outbox WHERE organization_id = ? AND type LIKE 'free_tier.%' AND kind = 'event' ORDER BY id", bytes_of($organization->{id}))];
}

my $organization = new_organization();
my $reply = approve($organization->{id});
is_success($reply, 'an organization is approved');
my $credits = $reply->json->{credits};
cmp_ok($credits, '>', 0, 'there are credits to be had');
is_deeply({ $reply->json->%{qw(organization_id status expired revoked_at)} }, { organization_id => $organization->{id}, status => 'granted', expired => 0, revoked_at => undef }, 'it is granted');
is_deeply(call('billing.credits.balance', {}, key => $organization->{key})->json->{lots}, [{ source => 'free_tier', remaining => $credits, expires_at => undef }], 'as a lot of the free tier');
is_deeply(events($organization), ["free_tier.granted {\"credits\":$credits}"], 'which is announced');
is_problem(approve($organization->{id}), 409, 'conflict', 'once');
is(figures($organization), "$credits 0", 'and no more');

my $keyed = new_organization();
my @twice = map { approve($keyed->{id}, idempotency_key => "approve-$keyed->{id}") } 1, 2;
is($twice[1]->body, $twice[0]->body, 'a repetition answers the same');

for my $round (1 .. 3) {
	my $contended = new_organization();
	my @results = at_once(16, sub ($number, $client) { return { status => approve($contended->{id}, client => $client)->status } });
	is_deeply([sort map { $_->{status} // 0 } @results], [200, (409) x 15], 'of sixteen at once one grants');
	is(figures($contended), "$credits 0", 'the credits of one');
	is_whole($contended);
}

my $owing = new_organization(credits => 100);
db_run('UPDATE lot SET remaining = remaining WHERE organization_id = ?', bytes_of($owing->{id}));
call_clawback($owing, 100 + $credits + 10);
is_success(approve($owing->{id}), 'one that owes is approved');
is(figures($owing), '0 0', 'but a debt takes it');
is_whole($owing);

sub call_clawback ($of, $amount) {
	my $statement = db_run("CALL ledger_post(?, UTC_TIMESTAMP(6), ?, 'clawback', NULL, ?, NULL, NULL, NULL, 'system', ?, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \@outcome)",
	    bytes_of($of->{id}), bytes_of(new_ulid()), $amount, bytes_of($of->{id}));
	1 while $statement->more_results;
}

my $closed = new_organization();
call('admin.organizations.set', { organization_id => $closed->{id}, status => 'closed' }, key => admin_key);
is_problem(approve($closed->{id}), 409, 'organization_closed', 'a closed one gets nothing');
my $refused = new_organization();
call('billing.free_tier.revoke', { organization_id => $refused->{id} }, key => admin_key);
is_problem(approve($refused->{id}), 409, 'conflict', 'nor one that was turned down');
is_problem(approve(new_ulid()), 404, 'not_found', 'nor one that is not there');
is_problem(call('billing.free_tier.approve', {}, key => admin_key), 422, 'invalid', 'it has to be named', errors => { '/organization_id' => 'missing' });
is_whole($_) for $organization, $keyed;
done_testing;
