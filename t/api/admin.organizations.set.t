#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $id = $organization->{id};
my $reply = call('admin.organizations.set', { organization_id => $id, rate_limit => 5000, hubspot_id => 'h-1', owner_email => 'new@example.com' }, key => admin_key);

is_success($reply, 'the operator changes an organization');
is($reply->json->{rate_limit}, 5000, 'its rate limit');
is(db_value("SELECT COUNT(*) FROM invitation WHERE organization_id = ? AND role = 'owner'", bytes_of($id)), 1,
    'the owner is invited');
is(db_value('SELECT organization_rate_limit FROM api_key WHERE organization_id = ?', bytes_of($id)), 5000,
    'its keys know the new limit');

is_problem(call('admin.organizations.set', { organization_id => $id, enterprise_billing => JSON::PP::true() }, key => admin_key), 409, 'conflict',
    'enterprise billing needs a hard limit');
is_success($reply = call('admin.organizations.set', { organization_id => $id, enterprise_billing => JSON::PP::true(), spending_limit_hard => 1234.567891 }, key => admin_key),
    'with one it is possible');
ok($reply->json->{enterprise_billing}, 'and shows');
is(db_value('SELECT hard_limit FROM book WHERE organization_id = ?', bytes_of($id)), 123456,
    'the limit is kept in credits, rounded down');
is_problem(call('admin.organizations.set', { organization_id => $id, spending_limit_hard => 0 }, key => admin_key), 409, 'conflict',
    'the limit can not be taken away then');

is_success(call('admin.organizations.set', { organization_id => $id, status => 'closed' }, key => admin_key), 'an organization is closed');
is_problem(call('organizations.current', {}, key => $organization->{key}), 401, 'unauthenticated', 'its keys are refused at once');
is_success(call('admin.organizations.set', { organization_id => $id, status => 'active' }, key => admin_key), 'and reopened');
is_success(call('organizations.current', {}, key => $organization->{key}), 'its keys work again');

is_problem(call('admin.organizations.set', { organization_id => new_ulid(), rate_limit => 1 }, key => admin_key), 404, 'not_found', 'an unknown one is not there');
is_problem(call('admin.organizations.set', { rate_limit => 0, spending_limit_hard => -1, status => 'lost' }, key => admin_key), 422, 'invalid',
    'every fault is named', errors => { '/organization_id' => 'missing', '/rate_limit' => 'out_of_range', '/spending_limit_hard' => 'out_of_range', '/status' => 'not_allowed' });
is_problem(call('admin.organizations.set', '{"organization_id":"' . $id . '","spending_limit_hard":1e3}', key => admin_key), 422, 'invalid',
    'an amount has no exponent', errors => { '/spending_limit_hard' => undef });
is_problem(call('admin.organizations.set', { organization_id => $id }, key => $organization->{key}), 403, 'forbidden', 'it is the operator\'s alone');
done_testing;
