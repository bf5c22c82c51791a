#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $reply = call('api_keys.create', { name => 'Deploy robot', permissions => ['billing:read', 'orders:*'], rate_limit => 7,
    expires_in_days => 30 }, key => $organization->{key});
is_success($reply, 'a key is made');
my $made = $reply->json;

ulid_ok($made->{id}, 'its id is a ULID');
like($made->{key}, qr/\Agpra_[0-9A-Za-z]{49}\z/, 'the token has the form of an API key');
is($made->{prefix}, substr($made->{key}, 0, 9), 'its prefix is how the token begins');
is($made->{name}, 'Deploy robot', 'its name is as given');
is_deeply($made->{permissions}, ['billing:read', 'orders:*'], 'its permissions are as given');
is($made->{rate_limit}, 7, 'its rate limit is as given');
like($made->{expires_at}, qr/\A\d{4}-\d\d-\d\dT.*Z\z/, 'its expiry is a moment');
is_success(call('billing.credits.balance', {}, key => $made->{key}), 'the new key works at once');
is_problem(call('api_keys.list', {}, key => $made->{key}), 403, 'forbidden', 'it holds no other scope',
    members => { required_scope => 'api_keys:read' });

is(db_value('SELECT COUNT(*) FROM api_key WHERE digest = ? OR name = ?', $made->{key}, $made->{key}), 0,
    'the token itself stands nowhere in its table');

my $plain = call('api_keys.create', { name => 'Plain' }, key => $organization->{key})->json;
is_deeply($plain->{permissions}, ['*:read'], 'without permissions it may read everything');
is($plain->{expires_at}, undef, 'without expires_in_days it never expires');
is_success(call('organizations.current', {}, key => $plain->{key}), 'and that covers organizations:read');
is_problem(call('admin.organizations.list', {}, key => $plain->{key}), 403, 'forbidden', 'but never admin:read');

my $reader = new_key($organization, 'api_keys:*', 'billing:read');
is_problem(call('api_keys.create', { name => 'x', permissions => ['orders:write'] }, key => $reader->{key}), 403, 'forbidden',
    'nobody gives a scope that they do not hold', members => { required_scope => 'orders:write' });
is_problem(call('api_keys.create', { name => 'x', permissions => ['billing:*'] }, key => $reader->{key}), 403, 'forbidden',
    'a wildcard needs every scope that it covers');
is_problem(call('api_keys.create', { name => 'x', permissions => ['*:read'] }, key => $reader->{key}), 403, 'forbidden',
    'so does the standard one');
is_problem(call('api_keys.create', { name => 'x', permissions => ['admin:read'] }, key => $organization->{key}), 403, 'forbidden',
    'no customer gives an admin scope');
is_success(call('api_keys.create', { name => 'x', permissions => ['billing:read'] }, key => $reader->{key}),
    'what is held can be given');

is_problem(call('api_keys.create', {}, key => $organization->{key}), 422, 'invalid', 'a name is required',
    errors => { '/name' => 'missing' });
is_problem(call('api_keys.create', { name => '', permissions => [], rate_limit => 0, expires_in_days => -1, colour => 'red' },
    key => $organization->{key}), 422, 'invalid', 'all faults are named at once', errors => { '/name' => 'too_short',
	'/permissions' => 'too_few', '/rate_limit' => 'out_of_range', '/expires_in_days' => 'out_of_range', '/colour' => 'unknown' });
is_problem(call('api_keys.create', { name => 'x' x 201 }, key => $organization->{key}), 422, 'invalid',
    'a name has at most 200 characters', errors => { '/name' => 'too_long' });
is_success(call('api_keys.create', { name => "\x{e4}" x 200 }, key => $organization->{key}), 'characters are counted, not bytes');
is_problem(call('api_keys.create', { name => 'x', permissions => ['billing:read', 'moon:walk'] }, key => $organization->{key}),
    422, 'invalid', 'an unknown scope is named by its place', errors => { '/permissions/1' => undef });
is_problem(call('api_keys.create', { name => 7, permissions => 'billing:read' }, key => $organization->{key}), 422, 'invalid',
    'wrong types are named', errors => { '/name' => 'wrong_type', '/permissions' => 'wrong_type' });

my $events = [db_column("SELECT type FROM outbox WHERE organization_id = ? AND kind = 'event'", bytes_of($organization->{id}))];
ok(scalar(grep { $_ eq 'api_key.created' } @$events), 'the outbox has the event');
is(db_value("SELECT COUNT(*) FROM outbox WHERE data LIKE CONCAT('%', ?, '%')", $made->{key}), 0,
    'and no event holds the token');
is_problem(call('api_keys.create', { name => 'x', permissions => [('event_subscriptions:write') x 40] }, key => $organization->{key}), 422, 'invalid',
    'a permission is named once', errors => { '/permissions/1' => 'duplicate' });
my $brief = new_key($organization, 'api_keys:*', 'billing:read', { expires_in_days => 1 });
my $child = call('api_keys.create', { name => 'child', permissions => ['billing:read'] }, key => $brief->{key});
is_success($child, 'a key that expires makes another');
is($child->json->{expires_at}, $brief->{expires_at}, 'which expires with it');
is(call('api_keys.create', { name => 'child', permissions => ['billing:read'], expires_in_days => 9 }, key => $brief->{key})->json->{expires_at},
    $brief->{expires_at}, 'whatever it asks for');
done_testing;
