#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
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
done_testing;
