#!/usr/bin/perl
# A token is checked against the database on every request: no worker remembers it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256);
use JSON::PP ();
use Purser::Test;

my $organization = new_organization(rate_limit => 1000000);

sub statuses ($key, $count) {
	my %seen;
	# A connection each, so that every worker gets its share.
	$seen{ call('billing.credits.balance', {}, key => $key, client => client(record => 0))->status }++ for 1 .. $count;
	return \%seen;
}

for my $round (1 .. 5) {
	my $key = new_key($organization, 'billing:read');

	is_deeply(statuses($key->{key}, 40), { 200 => 40 }, "round $round: the key works in every worker");
	is_success(call('api_keys.revoke', { key_id => $key->{id} }, key => $organization->{key}), 'it is revoked');
	is_deeply(statuses($key->{key}, 40), { 401 => 40 }, 'and refused by every worker from the next request on');
}

my $key = new_key($organization, 'billing:read');
is_deeply(statuses($key->{key}, 20), { 200 => 20 }, 'a key works while its organization is open');
is_success(call('admin.organizations.set', { organization_id => $organization->{id}, status => 'closed' }, key => admin_key), 'the organization is closed');
is_deeply(statuses($key->{key}, 20), { 401 => 20 }, 'and its keys are refused at once');
is_success(call('admin.organizations.set', { organization_id => $organization->{id}, status => 'active' }, key => admin_key), 'it is opened again');
is_deeply(statuses($key->{key}, 20), { 200 => 20 }, 'and they work again');

# ---- people ----

# The deed is done by a request; from the next one on every worker knows it.
sub acts_at_once ($name, $person, $before, $deed, $after, $operation = 'billing.credits.balance') {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $seen = sub { my %seen; $seen{ call($operation, {}, key => $person->{key}, client => client(record => 0))->status }++ for 1 .. 20; return \%seen };

	is_deeply($seen->(), { $before => 20 }, "$name: before");
	is_success($deed->(), "$name: done");
	is_deeply($seen->(), { $after => 20 }, "$name: every worker knows from the next request on");
}

my $open = new_organization(rate_limit => 1000000);
my $owner = new_person($open, 'owner');
my $person = new_person($open, 'member');
my %of_person = (member_id => $person->{id});

acts_at_once('a role is given', $person, 403, sub { call('organizations.members.update', { %of_person, role => 'admin' }, key => $owner->{key}) }, 200, 'api_keys.list');
acts_at_once('a role is taken', $person, 200, sub { call('organizations.members.update', { %of_person, role => 'member' }, key => $owner->{key}) }, 403, 'api_keys.list');
acts_at_once('a member is deactivated', $person, 200, sub { call('organizations.members.update', { %of_person, is_active => JSON::PP::false() }, key => $owner->{key}) }, 403);
acts_at_once('and activated again', $person, 403, sub { call('organizations.members.update', { %of_person, is_active => JSON::PP::true() }, key => $owner->{key}) }, 200);
acts_at_once('a member is removed', $person, 200, sub { call('organizations.members.remove', \%of_person, key => $owner->{key}) }, 403);
acts_at_once('a session is ended', $person, 200, sub { call('auth.sessions.revoke', {}, key => $person->{key}) }, 401, 'auth.whoami');

my $maker = new_person($open, 'admin');
my $token = Purser::Test::new_token('gprc_');
db_run("INSERT INTO client_token (digest, key_digest, expires_at) VALUES (?, ?, '2999-01-01')", \sha256($token), \sha256($open->{key}));
acts_at_once("a client's key is revoked", { key => $token }, 200, sub { call('api_keys.revoke', { key_id => $open->{key_id} }, key => $maker->{key}) }, 401);
my $rest = first_key($open->{id}, [every_scope]);
acts_at_once('the organization is closed', $rest, 200, sub { call('organizations.close', {}, key => $owner->{key}) }, 401);
is_deeply(statuses($owner->{key}, 20), { 200 => 20 }, 'its people still read');
my %closed;
$closed{ call('api_keys.create', { name => 'x' }, key => $maker->{key}, client => client(record => 0))->code // 'done' }++ for 1 .. 20;
is_deeply(\%closed, { organization_closed => 20 }, 'and do nothing else');
done_testing;
