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

my $owner = new_person($organization, 'owner');
my $member = new_person($organization, 'member');
my $set = sub ($status) { return call('admin.organizations.set', { organization_id => $id, status => $status }, key => admin_key) };
my $events = sub { return [db_column("SELECT type FROM outbox WHERE organization_id = ? AND type LIKE 'organization.%' ORDER BY id", bytes_of($id))] };
my $closed_at = sub { return db_value('SELECT closed_at FROM organization WHERE id = ?', bytes_of($id)) };

is_success($set->('active'), 'what is open is opened');
is_deeply($events->(), [], 'and nothing happens');
is_success($set->('closed'), 'an organization is closed');
is_problem(call('organizations.current', {}, key => $organization->{key}), 401, 'unauthenticated', 'its keys are refused at once');
is_problem(call('api_keys.create', { name => 'x' }, key => $owner->{key}), 409, 'organization_closed', 'its people only read');
is_success(call('organizations.current', {}, key => $owner->{key}), 'but that they do');
my $moment = $closed_at->();
isnt($moment, undef, 'the moment is kept, for the erasure');
is_deeply([db_column("SELECT recipient FROM outbox WHERE organization_id = ? AND kind = 'mail' AND type = 'organization_closed'", bytes_of($id))],
    [$owner->{email}], 'its owner gets a mail');
is_success($set->('closed'), 'what is closed is closed again');
is($closed_at->(), $moment, 'which leaves the moment as it was');
is_deeply($events->(), ['organization.closed'], 'there is one event');
is_success(call('admin.organizations.set', { organization_id => $id, rate_limit => 6000 }, key => admin_key), 'a closed one can be changed by the operator');
is_problem(call('organizations.current', {}, key => $organization->{key}), 401, 'unauthenticated', 'and stays closed');

is_success($set->('active'), 'it is reopened');
is_success(call('organizations.current', {}, key => $organization->{key}), 'its keys work again');
is_success(call('api_keys.create', { name => 'x' }, key => $owner->{key}), 'so do its people');
is($closed_at->(), undef, 'nothing will be erased');
is_deeply($events->(), ['organization.closed', 'organization.reopened'], 'and an event tells of it');
is(db_value("SELECT COUNT(*) FROM notification WHERE user_id = ? AND type IN ('organization.closed', 'organization.reopened')", bytes_of($member->{id})), 2, 'every member is told');

my $erased = new_organization();
is_success(call('admin.organizations.set', { organization_id => $erased->{id}, status => 'closed' }, key => admin_key), 'another is closed');
db_run('UPDATE organization SET erased_at = UTC_TIMESTAMP(6) WHERE id = ?', bytes_of($erased->{id}));
is_problem(call('admin.organizations.set', { organization_id => $erased->{id}, $_->@* }, key => admin_key), 409, 'conflict', "once it is erased it has no $_->[0] to change")
    for ['status', 'active'], ['owner_email', 'owner@example.com'], ['hubspot_id', 'h-2'];
is(db_value('SELECT status FROM organization WHERE id = ?', bytes_of($erased->{id})), 'closed', 'and it stays closed');
is_problem(call('billing.grants.create', { organization_id => $erased->{id}, credits => 1, source => 'goodwill' }, key => admin_key), 409, 'conflict', 'nothing is booked there');
my $shut = new_organization();
call('admin.organizations.set', { organization_id => $shut->{id}, status => 'closed' }, key => admin_key);
is_problem(call('admin.organizations.set', { organization_id => $shut->{id}, owner_email => 'late@example.com' }, key => admin_key), 409, 'conflict', 'nobody is invited where nobody can join');
is_success(call('admin.organizations.set', { organization_id => $shut->{id}, owner_email => 'late@example.com', status => 'active' }, key => admin_key), 'but where it is opened anew');

is_problem(call('admin.organizations.set', { organization_id => new_ulid(), rate_limit => 1 }, key => admin_key), 404, 'not_found', 'an unknown one is not there');
is_problem(call('admin.organizations.set', { rate_limit => 0, spending_limit_hard => -1, status => 'lost' }, key => admin_key), 422, 'invalid',
    'every fault is named', errors => { '/organization_id' => 'missing', '/rate_limit' => 'out_of_range', '/spending_limit_hard' => 'out_of_range', '/status' => 'not_allowed' });
is_problem(call('admin.organizations.set', '{"organization_id":"' . $id . '","spending_limit_hard":1e3}', key => admin_key), 422, 'invalid',
    'an amount has no exponent', errors => { '/spending_limit_hard' => undef });
is_problem(call('admin.organizations.set', { organization_id => $id }, key => $organization->{key}), 403, 'forbidden', 'it is the operator\'s alone');
done_testing;
