#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization(name => 'Needle & Thread');
my $rows = is_page(call('organizations.list', {}, key => $organization->{key}), 'a key lists what it can see');

is_deeply([map { $_->{id} } @$rows], [$organization->{id}], 'its own organization');
is(scalar is_page(call('organizations.list', { query => 'needle' }, key => $organization->{key}), 'a part of the name is found in any case')->@*, 1, 'here');
is(scalar is_page(call('organizations.list', { query => 'haystack' }, key => $organization->{key}), 'another is looked for in vain')->@*, 0, 'there');
is(scalar is_page(call('organizations.list', { query => '%' }, key => $organization->{key}), 'a percent sign is nothing special')->@*, 0, 'to the search');

for my $path ('/organizations', '/v1/organizations') {
	my $reply = get($path, key => $organization->{key});
	is_success($reply, "GET $path answers");
	is_deeply($reply->json, [{ id => $organization->{id}, name => 'Needle & Thread', createdAt => $organization->{created_at},
	    currency => $organization->{currency}, timezone => $organization->{timezone} }], 'with a bare array of the short form');
	is($reply->header($_), undef, "without $_ where nothing follows") for qw(X-Next-Page Link);
	is_deeply(get($path, query => { query => 'haystack' }, key => $organization->{key})->json, [], 'empty where nothing fits');
	is_problem(get($path, query => { after => 'forged' }, key => $organization->{key}), 422, 'invalid', 'a forged cursor is refused',
	    errors => { '/after' => undef });
	my $stream = get($path, key => $organization->{key}, accept => 'application/x-ndjson');
	is_success($stream, "$path streams", type => 'application/x-ndjson');
	is(scalar(() = $stream->rows), 1, 'a row a line');
}
is_problem(call('organizations.list', { query => '' }, key => $organization->{key}), 422, 'invalid', 'an empty query is refused', errors => { '/query' => 'too_short' });

# ---- a person sees every organization of theirs ----

my $person = new_person($organization, 'viewer');
my @others = map { new_organization(name => "Haystack $_") } 1 .. 4;
for my $n (0 .. 3) {
	db_run("INSERT INTO membership (organization_id, user_id, role, is_active, created_at) VALUES (?, ?, 'member', ?, UTC_TIMESTAMP(6))",
	    bytes_of($others[$n]{id}), bytes_of($person->{id}), $n == 1 ? 0 : 1);
}
is_success(call('admin.organizations.set', { organization_id => $others[2]{id}, status => 'closed' }, key => admin_key), 'one of them is closed');
my @theirs = reverse sort map { $_->{id} } $organization, @others[0, 2, 3];
my $ids = sub ($rows) { return [map { $_->{id} } @$rows] };

is_deeply($ids->(is_page(call('organizations.list', {}, key => $person->{key}), 'a person lists theirs')), \@theirs,
    'all of them, closed ones too, newest first; but none that they rest in');
my @walked;
my $cursor;
do {
	my $page = call('organizations.list', { limit => 1, cursor => $cursor }, key => $person->{key});
	push @walked, is_page($page, 'a page of one')->@*;
	$cursor = $page->json->{next_cursor};
} while (defined $cursor && @walked < 10);
is_deeply($ids->(\@walked), \@theirs, 'page by page as well');
is(scalar is_page(call('organizations.list', { query => 'hAY' }, key => $person->{key}), 'a part of the name')->@*, 3, 'finds those that have it');
is_deeply([map { $_->{id} } call('organizations.list', {}, key => $person->{key}, accept => 'application/x-ndjson')->rows], \@theirs, 'and as a stream');
is_deeply([map { $_->{id} } get('/v1/organizations', key => $person->{key})->json->@*], \@theirs, 'by the plain route');
my $list = get('/v1/orgs/list', query => { limit => 2 }, key => $person->{key});
is_deeply($ids->(is_page($list, 'GET /v1/orgs/list answers')), [@theirs[0, 1]], 'with a page');
is(is_page($list, 'of whole rows')->[0]{status}, 'active', 'as the operation gives them');
is_deeply(is_page(call('organizations.list', {}, key => new_person()->{key}), 'who is a member of nothing lists'), [], 'nothing');

my $gone = new_person($organization, 'owner');
db_run('DELETE FROM membership WHERE user_id = ?', bytes_of($gone->{id}));
is_deeply(is_page(call('organizations.list', {}, key => $gone->{key}), 'and who was removed lists'), [], 'nothing at once');
is_problem(call('organizations.list', {}, key => new_key($organization, 'billing:read')->{key}), 403, 'forbidden', 'a key needs the scope',
    members => { required_scope => 'organizations:read' });
done_testing;
