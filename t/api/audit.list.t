#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Inbox;
use Purser::Test;

my $organization = new_organization();
my $key = new_key($organization, 'billing:read');
my $revoked = call('api_keys.revoke', { key_id => $key->{id} }, key => $organization->{key}, headers => ['X-Request-Id' => 'revocation-1']);
my $granted = grant($organization->{id}, 5);
my $rows = is_page(call('audit.list', {}, key => $organization->{key}), 'the deeds are listed');

is_deeply([map { $_->{operation} } @$rows],
    [qw(billing.grants.create api_keys.revoke api_keys.create admin.organizations.create)], 'newest first');
my ($grant, $revocation) = @$rows;
is_deeply([$revocation->@{qw(outcome request_id)}], ['ok', 'revocation-1'], 'each tells the request it was done by');
is_deeply($revocation->{actor}, { type => 'api_key', id => $organization->{key_id} }, 'who did it');
is_deeply($revocation->{target}, { type => 'api_keys', id => $key->{id} }, 'to what');
like($revocation->{address}, qr/^[0-9a-f.:]+$/, 'and from where');
is($grant->{actor}{type}, 'operator', 'an operator\'s deed is told to the organization');
is($grant->{address}, undef, 'but not from where');
is($grant->{target}{id}, $granted->{id}, 'with what it made');
call('billing.credits.balance', {}, key => $organization->{key});
call('api_keys.revoke', { key_id => new_ulid() }, key => $organization->{key});
is(scalar is_page(call('audit.list', {}, key => $organization->{key}), 'reading and what was refused')->@*, 4, 'leave no row');

my @by_actor = map { $_->{operation} } is_page(call('audit.list', { actor => $organization->{key_id} }, key => $organization->{key}), 'by actor')->@*;
is_deeply(\@by_actor, [qw(api_keys.revoke api_keys.create)], 'only what the key did');
my @by_operation = map { $_->{id} } is_page(call('audit.list', { operation => 'api_keys.revoke' }, key => $organization->{key}), 'by operation')->@*;
is_deeply(\@by_operation, [$revocation->{id}], 'only that');
is_deeply([map { $_->{id} } is_page(call('audit.list', { from => $revocation->{at}, to => $grant->{at} }, key => $organization->{key}), 'by time')->@*],
    [$revocation->{id}], 'from the first moment to before the last');
is_problem(call('audit.list', { from => 'yesterday' }, key => $organization->{key}), 422, 'invalid', 'a time is a time', errors => { '/from' => 'bad_format' });

my $first = call('audit.list', { limit => 3 }, key => $organization->{key});
my $second = call('audit.list', { limit => 3, cursor => $first->json->{next_cursor} }, key => $organization->{key});
is_deeply([map { $_->{id} } $first->json->{data}->@*, is_page($second, 'the cursor leads on')->@*], [map { $_->{id} } @$rows], 'over every row once');
my $stream = call('audit.list', {}, key => $organization->{key}, accept => 'application/x-ndjson');
is_success($stream, 'the list streams', type => 'application/x-ndjson');
is_deeply([$stream->rows], $rows, 'the same rows');
is(scalar(grep { my $id = $_->{id}; grep { $_->{id} eq $id } @$rows } is_page(call('audit.list', {}, key => new_organization()->{key}), 'sees its own')->@*), 0, 'and no other\'s');
is_problem(call('audit.list', {}, key => new_key($organization, 'billing:*')->{key}), 403, 'forbidden', 'it needs audit:read');

# ---- people, and what was refused and kept ----

my $house = new_organization();
my ($owner, $member) = map { new_person($house, $_) } qw(owner member);
my $made = call('api_keys.create', { name => 'by a person' }, key => $owner->{key}, headers => ['X-Request-Id' => 'by-a-person']);
is_success($made, 'a person makes a key');
my ($newest) = is_page(call('audit.list', { limit => 1 }, key => $owner->{key}), 'an owner reads the audit')->@*;
is_deeply($newest->{actor}, { type => 'user', id => $owner->{id} }, 'where the person did it, not their session');
is_deeply([$newest->@{qw(operation outcome request_id)}], ['api_keys.create', 'ok', 'by-a-person'], 'by this request');
is_deeply($newest->{target}, { type => 'api_keys', id => $made->json->{id} }, 'to that key');
like($newest->{address}, qr/^[0-9a-f.:]+$/, 'from an address');
is_problem(call('audit.list', {}, key => $member->{key}), 403, 'forbidden', 'a member has no audit:read', members => { required_scope => 'audit:read' });

# Somebody who has a password, and what was done to it.
my ($email, $password) = ("audited-$$\@example.com", 'a password of the audit');
my $somebody = call('auth.users.create', { email => $email, password => $password, name => 'Somebody' })->json;
join_organization($somebody, $house, 'viewer');
is_problem(call('auth.sessions.create', { email => $email, password => 'not the password' }), 401, 'unauthenticated', 'somebody signs in with a wrong password');
my $session = call('auth.sessions.create', { email => $email, password => $password });
is_success($session, 'and with the right one');
is_problem(call('auth.passwords.change', { current_password => 'not the password', new_password => 'another one of the audit' },
    key => $session->json->{access_token}, headers => ['X-Request-Id' => 'refused']), 422, 'invalid', 'and fails to change it');
my $by_outcome = sub ($outcome) { return is_page(call('audit.list', { outcome => $outcome }, key => $house->{key}), "by the outcome $outcome") };
my ($invalid, @others) = $by_outcome->('invalid')->@*;
is_deeply(\@others, [], 'a kept refusal is found by its code');
is_deeply([$invalid->@{qw(operation request_id outcome actor)}],
    ['auth.passwords.change', 'refused', 'invalid', { type => 'user', id => $somebody->{id} }], 'and tells which person was refused what');
is($invalid->{target}{id}, $somebody->{id}, 'of whom');
my ($unknown, @more) = $by_outcome->('unauthenticated')->@*;
is_deeply(\@more, [], 'so is one by nobody who is known');
is_deeply([$unknown->@{qw(operation actor)}], ['auth.sessions.create', { type => 'nobody', id => '0' x 26 }], 'who has an id of zeros');
is($unknown->{target}{id}, $somebody->{id}, 'and tried to be somebody');
is_deeply([map { $_->{operation} } $by_outcome->('ok')->@*], [qw(auth.sessions.create api_keys.create admin.organizations.create)], 'what went well is found by ok');
is_deeply([map { $_->{outcome} } is_page(call('audit.list', { actor => $somebody->{id} }, key => $house->{key}), 'by a person')->@*], ['invalid', 'ok'],
    'with both outcomes');
is_deeply($by_outcome->('conflict'), [], 'nothing ended in any other way');
is_problem(call('audit.list', { outcome => $_ }, key => $house->{key}), 422, 'invalid', "there is no outcome $_", errors => { '/outcome' => 'bad_format' })
    for 'fine', 'OK';
done_testing;
