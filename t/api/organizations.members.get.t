#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $owner = new_person($organization, 'owner', name => 'Olive');
my $viewer = new_person($organization, 'viewer');
my $stranger = new_person(new_organization(), 'owner');
my $reply = call('organizations.members.get', { member_id => $owner->{id} }, key => $viewer->{key});

is_success($reply, 'a member is read, by a viewer');
like($reply->json->{created_at}, qr/^\d{4}-\d\d-\d\dT.*Z$/, 'with the time of joining');
is_deeply({ $reply->json->%*, created_at => 0 }, { id => $owner->{id}, name => 'Olive', email => $owner->{email}, role => 'owner', is_active => JSON::PP::true(), created_at => 0 },
    'who it is, and as what');
is(get("/v1/orgs/members/$owner->{id}", key => $organization->{key})->body, $reply->body, 'the plain route answers alike, and so does a key');

is_problem(call('organizations.members.get', { member_id => new_ulid() }, key => $viewer->{key}), 404, 'not_found', 'nobody has this id');
is_problem(call('organizations.members.get', { member_id => $stranger->{id} }, key => $viewer->{key}), 404, 'not_found', 'another organization\'s member is not there');
is_problem(get("/v1/orgs/members/$stranger->{id}", key => $viewer->{key}), 404, 'not_found', 'nor by the plain route');
is_problem(call('organizations.members.get', { member_id => new_person()->{id} }, key => $viewer->{key}), 404, 'not_found', 'nor is a person of no organization');
is_problem(get('/v1/orgs/members/nobody', key => $viewer->{key}), 404, 'not_found', 'a path that holds no id leads nowhere');
is_problem(call('organizations.members.get', {}, key => $viewer->{key}), 422, 'invalid', 'an id is needed', errors => { '/member_id' => 'missing' });
is_problem(call('organizations.members.get', { member_id => $owner->{id} }, key => new_key($organization, 'billing:*')->{key}), 403, 'forbidden', 'and the scope');
done_testing;
