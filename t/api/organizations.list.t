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
done_testing;
