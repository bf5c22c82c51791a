#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization(credits => 10);
my $reply = call('admin.ledger.verify', { organization_id => $organization->{id} }, key => admin_key);

is_success($reply, 'the operator proves one ledger');
is_deeply($reply->json, { consistent => JSON::PP::true(), organizations => 1, entries => 1, faults_total => 0, faults => [] }, 'whole');
$reply = call('admin.ledger.verify', {}, key => admin_key);
is_success($reply, 'or all of them');
ok($reply->json->{consistent}, 'whole, too') or diag $reply->body;
cmp_ok($reply->json->{organizations}, '>=', 2, 'and there are several');

my $id = bytes_of($organization->{id});
db_run('UPDATE book SET available = available + 1 WHERE organization_id = ?', $id);
$reply = call('admin.ledger.verify', { full => JSON::PP::true() }, key => admin_key);
is_success($reply, 'a forged balance is no error');
is_deeply([$reply->json->@{qw(consistent faults_total)}], [JSON::PP::false(), 1], 'but it is told');
is($reply->json->{faults}[0]{organization_id}, $organization->{id}, 'and whose it is');
db_run('UPDATE book SET available = available - 1 WHERE organization_id = ?', $id);

is_problem(call('admin.ledger.verify', { organization_id => new_ulid() }, key => admin_key), 404, 'not_found', 'an unknown organization is not there');
is_problem(call('admin.ledger.verify', {}, key => $organization->{key}), 403, 'forbidden', 'it is the operator\'s alone', members => { required_scope => 'admin:read' });
done_testing;
