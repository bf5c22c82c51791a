#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Test;

sub grant_all (%options) { return call('billing.free_tier.grant_all', {}, key => admin_key, %options) }

my $full = new_organization();
db_run('UPDATE book SET available = 100000000000000, sequence = sequence WHERE organization_id = ?', bytes_of($full->{id}));
# Those whom other tests left. One that can have no more credits keeps nobody waiting.
1 while grant_all()->json->{left} > 0;
is(db_value('SELECT COUNT(*) FROM free_tier WHERE organization_id = ?', bytes_of($full->{id})), 0, 'who has as much as anybody can have waits on');
db_run('UPDATE book SET available = 0 WHERE organization_id = ?', bytes_of($full->{id}));
db_run("INSERT INTO free_tier (organization_id, status, credits, revoked_at) VALUES (?, 'revoked', 0, UTC_TIMESTAMP(6))", bytes_of($full->{id}));
my @organizations = map { new_organization() } 1 .. 120;
my ($closed, $refused) = splice @organizations, 0, 2;
call('admin.organizations.set', { organization_id => $closed->{id}, status => 'closed' }, key => admin_key);
call('billing.free_tier.revoke', { organization_id => $refused->{id} }, key => admin_key);

my $reply = grant_all(idempotency_key => "all-$$");
is_success($reply, 'all who wait are granted theirs');
is_deeply($reply->json, { granted => 100, left => 18 }, 'a hundred at a time');
is(grant_all(idempotency_key => "all-$$")->body, $reply->body, 'a repetition with the same key does no more');
is_deeply(grant_all()->json, { granted => 18, left => 0 }, 'the next call does the rest');
is_deeply(grant_all()->json, { granted => 0, left => 0 }, 'and then nothing is left');
my ($credits) = db_column('SELECT DISTINCT credits FROM free_tier WHERE status = \'granted\'');
is_deeply([grep { figures($_) ne "$credits 0" } @organizations], [], 'everybody has the credits once');
is(db_value('SELECT COUNT(*) FROM free_tier WHERE organization_id IN (?, ?) AND status = \'granted\'', bytes_of($closed->{id}), bytes_of($refused->{id})), 0, 'but the closed one and the one that was turned down');
is_deeply([map { $_->{operation} } grep { $_->{operation} =~ /free_tier/ } call('audit.list', {}, key => $organizations[0]{key})->json->{data}->@*], ['billing.free_tier.approve'], 'each can read of it in its audit');
is_whole($organizations[$_]) for 0, 50, 117;

my @more = map { new_organization() } 1 .. 20;
my @results = at_once(6, sub ($number, $client) {
	my $answer = $number % 2 ? grant_all(client => $client) : call('billing.free_tier.approve', { organization_id => $more[$number]{id} }, key => admin_key, client => $client);
	return { status => $answer->status };
});
is_deeply([grep { ($_->{status} // 0) !~ /^(?:200|409)$/ } @results], [], 'several at once, and single approvals between them, all end');
is_deeply([map { figures($_) } @more], [map { "$credits 0" } @more], 'with the credits once for each');
done_testing;
