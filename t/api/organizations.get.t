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

# ---- a person sees every organization of theirs ----

my ($second, $closed, $resting) = map { new_organization() } 1 .. 3;
my $person = new_person($organization, 'viewer');
my $join = sub ($where, $active) {
	db_run("INSERT INTO membership (organization_id, user_id, role, is_active, created_at) VALUES (?, ?, 'member', ?, UTC_TIMESTAMP(6))",
	    bytes_of($where->{id}), bytes_of($person->{id}), $active);
};
$join->(@$_) for [$second, 1], [$closed, 1], [$resting, 0];
is_success(call('admin.organizations.set', { organization_id => $closed->{id}, status => 'closed' }, key => admin_key), 'one of them is closed');
is(call('organizations.get', {}, key => $person->{key})->json->{id}, $organization->{id}, 'the one acted for where none is named');
is(call('organizations.get', { organization_id => $second->{id} }, key => $person->{key})->json->{id}, $second->{id}, 'another one of theirs by its id');
is(call('organizations.get', { organization_id => $closed->{id} }, key => $person->{key})->json->{status}, 'closed', 'a closed one as well');
is(get("/v1/organizations/$second->{id}", key => $person->{key})->json->{name}, $second->{name}, 'the plain route, too');
my %sentences = map {
	my $refused = call('organizations.get', { organization_id => $_ }, key => $person->{key});
	is_problem($refused, 404, 'not_found', 'none that they rest in, are no member of, or that nobody has');
	$refused->json->{detail} => 1;
} $resting->{id}, new_organization()->{id}, new_ulid();
is(scalar keys %sentences, 1, 'and nobody learns which of it');
is_problem(get("/organizations/$resting->{id}", key => $person->{key}), 404, 'not_found', 'the plain route, too');
db_run('DELETE FROM membership WHERE organization_id = ? AND user_id = ?', bytes_of($second->{id}), bytes_of($person->{id}));
is_problem(call('organizations.get', { organization_id => $second->{id} }, key => $person->{key}), 404, 'not_found', 'who was removed sees it no more');
is_problem(call('organizations.get', { organization_id => $organization->{id} }, key => new_person()->{key}), 403, 'forbidden', 'who acts for none has no scope to read with',
    members => { required_scope => 'organizations:read' });
done_testing;
