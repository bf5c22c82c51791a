#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my ($true, $false) = (JSON::PP::true(), JSON::PP::false());
my $organization = new_organization(name => 'Before', website => 'https://before.example', billing_address => { line1 => 'A', city => 'B' });
my $admin = new_person($organization, 'admin');
my %as = (key => $admin->{key});
my $before = call('organizations.get', {}, %as)->json;

my $reply = call('organizations.update', {}, %as);
is_success($reply, 'nothing is said');
is_deeply($reply->json, $before, 'and nothing changed, not even when it was changed last');

my %all = (name => 'After', display_name => 'The After', description => 'All of it.', website => 'https://after.example', industry => 'Space',
    size => '11-50', country => 'NZ', abn => '51824753556', tax_number => 'T1', billing_email => 'pay@example.com', billing_admin_id => $admin->{id},
    currency => 'NZD', timezone => 'Pacific/Auckland', is_personal => $true, logo_url => 'https://after.example/logo.png', credits_low_threshold => 500);
$reply = call('organizations.update', { %all, billing_address => { line1 => 'C' }, enterprise_billing => $true }, %as);
is_success($reply, 'everything is said');
my $after = $reply->json;
is_deeply({ $after->%{keys %all} }, \%all, 'all is as given');
is_deeply($after->{billing_address}, { line1 => 'C', line2 => undef, city => undef, state => undef, postal_code => undef, country => undef }, 'the address is a new one as a whole');
ok(!$after->{enterprise_billing} && $after->{enterprise_requested_at}, 'enterprise billing is asked for');
is($after->{slug}, $before->{slug}, 'the slug stays');
isnt($after->{updated_at}, $before->{updated_at}, 'and the change has its moment');
is_deeply(call('organizations.get', {}, %as)->json, $after, 'it is kept');
is(call('billing.credits.balance', {}, %as)->json->{currency}, 'NZD', 'the book is in the new currency');

$reply = call('organizations.update', { name => 'Alone', description => undef }, %as);
is_deeply({ $reply->json->%*, updated_at => '' }, { %$after, name => 'Alone', updated_at => '' }, 'what is left out, or null, stays');
is(call('organizations.update', { enterprise_billing => $true }, %as)->json->{enterprise_requested_at}, $after->{enterprise_requested_at}, 'to ask again is no new request');
is(call('organizations.update', { enterprise_billing => $false }, %as)->json->{enterprise_requested_at}, undef, 'a request can be taken back');

# ---- enterprise billing, once it is there ----

my $enterprise = new_organization();
call('admin.organizations.set', { organization_id => $enterprise->{id}, enterprise_billing => $true, spending_limit_hard => 100 }, key => admin_key);
my $granted = call('organizations.get', {}, key => $enterprise->{key})->json;
ok($granted->{enterprise_billing}, 'an organization has enterprise billing');
is_deeply(call('organizations.update', { enterprise_billing => $_ }, key => $enterprise->{key})->json, $granted, 'only the operator takes it away, and nothing is left to ask')
    for $false, $true;

# ---- the currency ----

my $limited = new_organization();
call('admin.organizations.set', { organization_id => $limited->{id}, spending_limit_hard => 100 }, key => admin_key);
is_problem(call('organizations.update', { currency => 'GBP' }, key => $limited->{key}), 409, 'conflict', 'what is limited in a currency keeps it');

grant($organization->{id}, 5);
is_problem(call('organizations.update', { currency => 'USD', name => 'Dollars' }, %as), 409, 'conflict', 'once something is booked the currency stays');
is(call('organizations.get', {}, %as)->json->{name}, 'Alone', 'and so does the rest of what was said with it');
is_success(call('organizations.update', { currency => 'NZD', name => 'Still' }, %as), 'the same currency is no change');
is(call('billing.credits.balance', {}, %as)->json->{currency}, 'NZD', 'it is booked in as before');

# ---- who answers for billing ----

my $member = new_person($organization, 'viewer');
my $resting = new_person($organization, 'member');
my $other = new_person(new_organization(), 'owner');
db_run('UPDATE membership SET is_active = FALSE WHERE user_id = ?', bytes_of($resting->{id}));
is(call('organizations.update', { billing_admin_id => $member->{id} }, %as)->json->{billing_admin_id}, $member->{id}, 'any active member can answer for billing');
my %sentences = map {
	my $refused = call('organizations.update', { billing_admin_id => $_ }, %as);
	is_problem($refused, 422, 'invalid', 'nobody else', errors => { '/billing_admin_id' => 'unknown' });
	$refused->json->{errors}[0]{detail} => 1;
} $resting->{id}, $other->{id}, new_ulid();
is(scalar keys %sentences, 1, 'and nobody learns whether somebody exists');

# ---- who ----

is_success(call('organizations.update', { name => 'By key' }, key => $organization->{key}), 'a key with the scope changes it, too');
is_success(call('organizations.update', { name => 'By owner' }, key => new_person($organization, 'owner')->{key}), 'and an owner');
is_problem(call('organizations.update', { name => 'x' }, key => new_person($organization, $_)->{key}), 403, 'forbidden', "no $_",
    members => { required_scope => 'organizations:write' }) for qw(billing member viewer);
is_problem(call('organizations.update', { name => 'x' }, key => new_person()->{key}), 403, 'forbidden', 'nor a person of no organization');
is(call('organizations.get', {}, %as)->json->{name}, 'By owner', 'the name is the last one given');
is_problem(call('organizations.update', { organization_id => new_organization()->{id} }, %as), 422, 'invalid', 'no other organization can be named',
    errors => { '/organization_id' => 'unknown' });
is_problem(call('organizations.update', { name => '', currency => 'EUR', logo_url => 'x', credits_low_threshold => -1, slug => 'mine', status => 'closed',
    enterprise_requested_at => undef, timezone => 'x', approval_threshold_credits => 1 }, %as), 422, 'invalid', 'every fault is named at once',
    errors => { '/name' => 'too_short', '/currency' => 'not_allowed', '/logo_url' => 'bad_format', '/credits_low_threshold' => 'out_of_range',
    '/slug' => 'unknown', '/status' => 'unknown', '/enterprise_requested_at' => 'unknown', '/timezone' => 'bad_format', '/approval_threshold_credits' => 'unknown' });

is_success(call('organizations.update', { credits_low_threshold => 0 }, %as), 'a threshold of nothing is one');
is_success(call('organizations.close', {}, key => new_person($organization, 'owner')->{key}), 'when it is closed');
is_problem(call('organizations.update', { name => 'x' }, %as), 409, 'organization_closed', 'nothing of it changes');
is_problem(call('organizations.update', { name => 'x' }, key => $organization->{key}), 401, 'unauthenticated', 'and its keys are dead');
done_testing;
