#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();

for my $reply (call('organizations.current', {}, key => $organization->{key}), get('/v1/organization', key => $organization->{key})) {
	is_success($reply, "$reply->{path} answers");
	is_deeply($reply->json, { $organization->%{qw(id name created_at updated_at)} }, 'with id, name and times');
}
is_problem(call('organizations.current', { organization_id => $organization->{id} }, key => $organization->{key}), 422, 'invalid',
    'it takes nothing', errors => { '/organization_id' => 'unknown' });
my $poor = new_key($organization, 'billing:read');
is_problem(get('/v1/organization', key => $poor->{key}), 403, 'forbidden', 'it needs its scope',
    members => { required_scope => 'organizations:read' });
done_testing;
