#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization(currency => 'NZD', timezone => 'Pacific/Auckland', country => 'NZ', billing_address => { line1 => '1 Main St', city => 'Wellington' });
my $reply = call('organizations.get', {}, key => $organization->{key});

is_success($reply, 'an organization reads itself');
is_deeply([sort keys $reply->json->%*], [sort qw(id name slug display_name description website industry size country abn tax_number
    billing_email billing_admin_id billing_address enterprise_billing enterprise_requested_at currency timezone is_personal
    logo_url approval_threshold_credits require_second_person credits_low_threshold rate_limit status created_at updated_at)],
    'every member is there');
is($reply->json->{id}, $organization->{id}, 'it is itself');
is_deeply($reply->json->{billing_address}, { line1 => '1 Main St', line2 => undef, city => 'Wellington', state => undef,
    postal_code => undef, country => undef }, 'with its address');
is_success(call('organizations.get', { organization_id => $organization->{id} }, key => $organization->{key}), 'it can be named');

for my $path ('/organizations', '/v1/organizations') {
	$reply = get("$path/$organization->{id}", key => $organization->{key});
	is_success($reply, "GET $path/{organizationId} answers");
	is_deeply($reply->json, { id => $organization->{id}, name => $organization->{name}, createdAt => $organization->{created_at},
	    currency => 'NZD', timezone => 'Pacific/Auckland' }, 'in its own short form');
	is_problem(get("$path/" . new_ulid(), key => $organization->{key}), 404, 'not_found', 'an unknown one is not there');
	is_problem(get("$path/" . new_organization()->{id}, key => $organization->{key}), 404, 'not_found', 'neither is another one');
	is_problem(get("$path/nonsense", key => $organization->{key}), 404, 'not_found', 'nor what is no ULID');
	is_problem(get("$path/$organization->{id}", query => { x => 1 }, key => $organization->{key}), 422, 'invalid',
	    'an unknown parameter is refused', errors => { '/x' => 'unknown' });
	is_success(get("$path/" . lc $organization->{id}, key => $organization->{key}), 'an id may be in lower case');
}
is_problem(call('organizations.get', { organization_id => new_organization()->{id} }, key => $organization->{key}), 404, 'not_found',
    "another organization does not exist");
is_success(get('/v1/organizations/get', key => $organization->{key}), 'a fixed path wins over one with a parameter');
done_testing;
