#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization(credits => 100);
my $id = $organization->{id};
my $reply = call('billing.adjustments.create', { organization_id => $id, credits => -30, reason => 'counted twice' }, key => admin_key);

is_success($reply, 'credits are corrected downwards');
is_deeply({ $reply->json->%{qw(organization_id credits reason sequence available reserved debt)} }, { organization_id => $id, credits => -30,
    reason => 'counted twice', sequence => 2, available => 70, reserved => 0, debt => 0 }, 'and what became of it is told');
is_success($reply = call('billing.adjustments.create', { organization_id => $id, credits => 5, reason => 'forgotten' }, key => admin_key), 'and upwards');
is($reply->json->{available}, 75, 'by just so much');

is_problem(call('billing.adjustments.create', { organization_id => $id, credits => -76, reason => 'x' }, key => admin_key), 402, 'insufficient_credits',
    'no more is taken than there is', members => { available => 75 });
is(call('billing.credits.balance', {}, key => $organization->{key})->json->{available}, 75, 'and then nothing is');
is_problem(call('billing.adjustments.create', { organization_id => $id, credits => 0, reason => 'x' }, key => admin_key), 422, 'invalid',
    'an adjustment changes something', errors => { '/credits' => 'out_of_range' });
is_problem(call('billing.adjustments.create', { organization_id => $id, credits => 1 }, key => admin_key), 422, 'invalid', 'a reason is required',
    errors => { '/reason' => 'missing' });
is_problem(call('billing.adjustments.create', { organization_id => new_ulid(), credits => 1, reason => 'x' }, key => admin_key), 404, 'not_found',
    'an unknown organization is not there');
my $most = openapi->{components}{schemas}{CreateAdjustmentInput}{properties}{credits}{maximum};
my $rich = new_organization();
call('billing.adjustments.create', { organization_id => $rich->{id}, credits => $most, reason => 'x' }, key => admin_key) for 1 .. 100;
is_problem(call('billing.adjustments.create', { organization_id => $rich->{id}, credits => $most, reason => 'x' }, key => admin_key), 409, 'conflict',
    'a balance has an end');
ok(call('billing.credits.verify', {}, key => $organization->{key})->json->{consistent}, 'the ledger is whole');
done_testing;
