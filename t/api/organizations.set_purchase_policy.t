#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my ($true, $false) = (JSON::PP::true(), JSON::PP::false());
my $organization = new_organization();
my ($owner, $admin) = map { new_person($organization, $_) } qw(owner admin);
my $before = call('organizations.get', {}, key => $owner->{key})->json;

is_deeply({ $before->%{qw(approval_threshold_credits require_second_person)} }, { approval_threshold_credits => undef, require_second_person => $false },
    "at first the platform's threshold counts, and one person is enough");
my $reply = call('organizations.set_purchase_policy', {}, key => $owner->{key});
is_success($reply, 'nothing is said');
is_deeply($reply->json, $before, 'and nothing changed');

$reply = call('organizations.set_purchase_policy', { approval_threshold_credits => 5000, require_second_person => $true }, key => $owner->{key});
is_success($reply, 'an owner sets both');
is($reply->json->{approval_threshold_credits}, 5000, 'the threshold');
is($reply->json->{require_second_person}, $true, 'and the second person');
isnt($reply->json->{updated_at}, $before->{updated_at}, 'the change has its moment');
$reply = call('organizations.set_purchase_policy', { approval_threshold_credits => 0 }, key => $admin->{key});
is_success($reply, 'an admin sets one');
is_deeply({ $reply->json->%{qw(approval_threshold_credits require_second_person)} }, { approval_threshold_credits => 0, require_second_person => $true },
    'the other stays; nothing at all may be bought without an approval');
is(call('organizations.set_purchase_policy', { require_second_person => $false }, key => $admin->{key})->json->{require_second_person}, $false, 'it can be taken back');
is_deeply([db_column("SELECT DISTINCT actor_type FROM audit WHERE organization_id = ? AND operation = 'organizations.set_purchase_policy'", bytes_of($organization->{id}))],
    ['user'], 'the audit tells that it was a person');

is_problem(call('organizations.set_purchase_policy', { approval_threshold_credits => 1 }, key => $organization->{key}), 403, 'human_required', 'a key with every scope can not');
is_problem(call('organizations.set_purchase_policy', { approval_threshold_credits => 1 }, key => new_person($organization, $_)->{key}), 403, 'forbidden', "nor a $_")
    for qw(billing member viewer);
is_problem(call('organizations.set_purchase_policy', { approval_threshold_credits => 1 }, key => new_person()->{key}), 403, 'forbidden', 'nor a person of no organization');
is_problem(call('organizations.set_purchase_policy', { approval_threshold_credits => 1 }, key => admin_key), 403, 'human_required', 'nor the operator');
is(call('organizations.get', {}, key => $owner->{key})->json->{approval_threshold_credits}, 0, 'and so it is as it was');
is_problem(call('organizations.set_purchase_policy', { approval_threshold_credits => -1, require_second_person => 'yes', name => 'x' }, key => $owner->{key}), 422, 'invalid',
    'every fault is named at once', errors => { '/approval_threshold_credits' => 'out_of_range', '/require_second_person' => 'wrong_type', '/name' => 'unknown' });
is_success(call('organizations.close', {}, key => $owner->{key}), 'when it is closed');
is_problem(call('organizations.set_purchase_policy', { approval_threshold_credits => 1 }, key => $owner->{key}), 409, 'organization_closed', 'nothing of it changes');
done_testing;
