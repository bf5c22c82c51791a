#!/usr/bin/perl
# From the ledger: available credits at their price, in the organization's currency.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

keep_away('snapshots.collect_balance');
my $organization = new_organization(credits => 1234);
my $id = $organization->{id};
sub latest ($key = $organization->{key}) { return call('organizations.balance.latest', {}, key => $key) }
sub due (@ids) { db_run("UPDATE snapshot_turn SET due_at = '2026-01-01' WHERE kind = 'balance' AND organization_id = ?", bytes_of($_)) for @ids }
sub rows ($of = $id) { return db_value('SELECT COUNT(*) FROM balance_snapshot WHERE organization_id = ?', bytes_of($of)) }

is_problem(latest(), 404, 'not_found', 'before the first collection there is none');
is_problem(get('/v1/organization/balance', key => $organization->{key}), 404, 'not_found', 'by the plain route neither');
ok(run_job('snapshots.collect_balance'), 'it is collected');
my $reply = latest();
is_success($reply, 'then it is there');
my $json = $reply->json;
is_deeply({ %$json, collected_at => undef }, { organization_id => $id, amount => '12.34', currency => 'AUD', source => 'ledger', collected_at => undef }, 'whose, how much, of what');
like($json->{collected_at}, qr/\A2\d{3}-\d\d-\d\dT[0-9:.]+Z\z/, 'and when');
is_deeply(get('/v1/organization/balance', key => $organization->{key})->json, $json, 'the plain route answers alike');
is_deeply(get('/v1/organizations/balance/latest', key => $organization->{key})->json, $json, 'and the operation as a read');

due($id);
ok(run_job('snapshots.collect_balance'), 'three hours later');
is(rows(), 1, 'what is unchanged makes no second row');
call('billing.adjustments.create', { organization_id => $id, credits => -1234, reason => 'all of it' }, key => admin_key);
due($id);
ok(run_job('snapshots.collect_balance'), 'when it has changed');
is(latest()->json->{amount}, '0.00', 'it is another');
is(rows(), 2, 'in a row of its own');

my $pound = new_organization(currency => 'GBP');
call('billing.grants.create', { organization_id => $pound->{id}, credits => 7, source => 'goodwill', expires_at => '2999-01-01T00:00:00Z' }, key => admin_key);
call('orders.create', { reference => 'held', lines => [{ sku => 'a', description => 'b', quantity => 2, unit_credits => 1 }] }, key => $pound->{key});
ok(run_job('snapshots.collect_balance'), 'in another currency');
is_deeply([@{ latest($pound->{key})->json }{qw(amount currency)}], ['0.026', 'GBP'], 'the price is its own, parts of a cent are kept, and what is held is not available');
is_deeply(latest()->json, call('organizations.balance.latest', {}, key => $organization->{key})->json, 'the first one is as before');

my $stranger = new_organization();
is_problem(latest($stranger->{key}), 404, 'not_found', 'another organization sees nothing of it');
is_problem(call('organizations.balance.latest', { organization_id => $id }, key => $stranger->{key}), 422, 'invalid', 'nor can it ask', errors => { '/organization_id' => 'unknown' });
is_problem(call('organizations.balance.latest', {}, key => new_key($organization, 'organizations:read')->{key}), 403, 'forbidden', 'the scope is needed', members => { required_scope => 'billing:read' });
is_problem(latest(undef), 401, 'unauthenticated', 'and a token');
my $broken = new_organization();
db_run('DELETE FROM book WHERE organization_id = ?', bytes_of($broken->{id}));
due($id, $stranger->{id});
ok(run_job('snapshots.collect_balance'), 'one that can not be collected');
is(latest($stranger->{key})->json->{amount}, '0.00', 'keeps no other one waiting');
is(db_value("SELECT failures FROM snapshot_turn WHERE kind = 'balance' AND organization_id = ?", bytes_of($broken->{id})), 1, 'and is noted');
db_run('DELETE FROM snapshot_turn WHERE organization_id = ?', bytes_of($broken->{id}));
done_testing;
