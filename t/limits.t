#!/usr/bin/perl
# Rate limits: by organization, by key, by address; windows of a minute that all workers share.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;

my $organization = new_organization(rate_limit => 20);
my @clients = map { client(url => $ENV{PURSER_URL}) } 1 .. 4;

# The whole of a window lies ahead: a test that straddles two would see both.
sub new_window () {
	state $offset = 0;
	$offset += 60 - (time + $offset) % 60 + 1;
	set_clock($offset);
}

new_window();
my @status = map { call('organizations.current', {}, key => $organization->{key}, client => $clients[$_ % 4])->status } 1 .. 25;
is_deeply(\@status, [(200) x 20, (429) x 5], 'all workers count together, and the limit is exact');
my $refused = call('organizations.current', {}, key => $organization->{key});
is_problem($refused, 429, 'rate_limited', 'what is over it is refused', headers => { 'RateLimit-Policy' => qr/^"default";q=20;w=60$/, RateLimit => qr/^"default";r=0;t=\d+$/ });
cmp_ok($refused->header('retry-after'), '<=', 60, 'for at most a minute');
is_success(call('organizations.current', {}, key => new_organization()->{key}), 'another organization is not touched');
my $second = first_key($organization->{id}, [every_scope]);
is_problem(call('organizations.current', {}, key => $second->{key}), 429, 'rate_limited', 'another key of the same one is');
new_window();
is_success(call('organizations.current', {}, key => $organization->{key}), 'a new window begins anew');

my $own = first_key($organization->{id}, [every_scope], rate_limit => 2);
new_window();
is_deeply([map { call('organizations.current', {}, key => $own->{key})->status } 1 .. 3], [200, 200, 429], "a key's own limit holds where it is smaller");
is_problem(call('organizations.current', {}, key => $own->{key}), 429, 'rate_limited', 'and is named', headers => { RateLimit => qr/^"key";/ });
is_success(call('organizations.current', {}, key => $organization->{key}), "the organization's other keys go on");

# Who asks for what is not theirs pays for it, too.
my $weak = first_key($organization->{id}, ['usage:read'], rate_limit => 3);
new_window();
is_deeply([map { call('organizations.current', {}, key => $weak->{key})->status } 1 .. 4], [403, 403, 403, 429], 'refusals count');

# What is repeated by its key costs nothing.
my $writer = new_organization(rate_limit => 3);
new_window();
my %once = (key => $writer->{key}, idempotency_key => 'limit');
my $first = call('api_keys.create', { name => 'x' }, %once);
is_success($first, 'a write costs a token');
is(call('api_keys.create', { name => 'x' }, %once)->header('idempotent-replayed'), 'true', 'a replay gives its token back') for 1 .. 10;
is_deeply([map { call('organizations.current', {}, key => $writer->{key})->status } 1 .. 3], [200, 200, 429], 'so two of three are left');

# People count for the organization they act for, together with its keys; who acts for none counts alone.
my $shared = new_organization(rate_limit => 6);
my @people = map { new_person($shared, $_) } qw(owner viewer);
new_window();
is_deeply([map { call('organizations.current', {}, key => $_)->status } ($shared->{key}, map { $_->{key} } @people) x 2], [(200) x 6], 'people and keys of an organization');
is_problem(call('organizations.current', {}, key => $_->{key}), 429, 'rate_limited', 'are limited together', headers => { RateLimit => qr/^"default";/ }) for $shared, @people;
is_success(call('auth.whoami', {}, key => new_person()->{key}), 'a person of none is not touched');

# Unknown callers are limited by their address; pages are not.
new_window();
my %seen;
for (1 .. 700) {
	my $reply = call('organizations.current', {}, key => 'nonsense');
	$seen{$reply->status}++;
	last if $reply->status == 429;
}
my $limited = call('organizations.current', {}, key => 'nonsense');
is_problem($limited, 429, 'rate_limited', 'refused tokens are limited by address', headers => { RateLimit => qr/^"address";/ });
is_problem(call('organizations.current', {}), 429, 'rate_limited', 'so is no token at all');
is_problem(call('auth.sessions.refresh', { refresh_token => 'x' }), 429, 'rate_limited', 'so is what needs none', headers => { RateLimit => qr/^"address";/, 'RateLimit-Policy' => qr/^"address";q=600;w=60$/ });
is_problem(call('oauth.revoke', { token => 'x' }), 429, 'rate_limited', 'in OAuth, too');
is_problem(call('oauth.revoke', { token => 'x' }, key => $shared->{key}), 429, 'rate_limited', 'a good token is not looked at there');
is_success(call('oauth.revoke', { token => 'x' }, client => client(from => '127.0.9.1')), 'another address is not touched');
is_success(call('organizations.current', {}, key => $writer->{key} = new_organization()->{key}), 'a good token is not');
is_success(get('/v1/health/live'), 'neither is health');
is(get('/v1/openapi.json', client => client(record => 0))->status, 200, 'nor the OpenAPI document');
new_window();
done_testing;
