#!/usr/bin/perl
# A token is checked against the database on every request: no worker remembers it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
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
done_testing;
