#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $id = $organization->{id};
my $reply = call('billing.grants.create', { organization_id => $id, credits => 500, source => 'promotional', expires_at => '2999-01-01T00:00:00Z', priority => -3 }, key => admin_key);

is_success($reply, 'credits are given');
is_deeply({ $reply->json->%{qw(organization_id credits source expires_at priority sequence available reserved debt)} },
    { organization_id => $id, credits => 500, source => 'promotional', expires_at => '2999-01-01T00:00:00Z', priority => -3, sequence => 1,
    available => 500, reserved => 0, debt => 0 }, 'and what became of it is told');
is(call('billing.credits.balance', {}, key => $organization->{key})->json->{available}, 500, 'they are there');
is(call('billing.credits.transactions', {}, key => $organization->{key})->json->{data}[0]{reason}, 'grant', 'as a grant');
is_success(call('billing.grants.create', { organization_id => $id, credits => 1, source => $_ }, key => admin_key), "a $_ grant") for qw(goodwill free_tier);

my @twice = map { call('billing.grants.create', { organization_id => $id, credits => 7, source => 'goodwill' }, key => admin_key, idempotency_key => "grant-$id") } 1, 2;
is($twice[1]->body, $twice[0]->body, 'a repeated grant is the first one');
is(call('billing.credits.balance', {}, key => $organization->{key})->json->{available}, 509, 'and is booked once');

is_problem(call('billing.grants.create', { organization_id => new_ulid(), credits => 1, source => 'goodwill' }, key => admin_key), 404, 'not_found', 'an unknown organization is not there');
is_problem(call('billing.grants.create', {}, key => admin_key), 422, 'invalid', 'what is missing is named',
    errors => { '/organization_id' => 'missing', '/credits' => 'missing', '/source' => 'missing' });
is_problem(call('billing.grants.create', { organization_id => $id, credits => 0, source => 'paid', priority => 1001 }, key => admin_key), 422, 'invalid',
    'what does not fit, too', errors => { '/credits' => 'out_of_range', '/source' => 'not_allowed', '/priority' => 'out_of_range' });
is_problem(call('billing.grants.create', { organization_id => $id, credits => 1, source => 'goodwill', expires_at => '2001-01-01T00:00:00Z' }, key => admin_key),
    422, 'invalid', 'nothing expires before it is given', errors => { '/expires_at' => 'out_of_range' });
is_problem(call('billing.grants.create', '{"organization_id":"' . $id . '","source":"goodwill","credits":' . $_ . '}', key => admin_key), 422, 'invalid',
    "$_ credits can not be", errors => { '/credits' => undef }) for '1.5', '1e3', '99999999999999999999999', '"5"', 'true', '-1';
my $most = openapi->{components}{schemas}{CreateGrantInput}{properties}{credits}{maximum};
my $rich = new_organization();
is_success(call('billing.grants.create', { organization_id => $rich->{id}, credits => $most, source => 'goodwill' }, key => admin_key), 'the most that can be given');
call('billing.grants.create', { organization_id => $rich->{id}, credits => $most, source => 'goodwill' }, key => admin_key) for 1 .. 99;
is_problem(call('billing.grants.create', { organization_id => $rich->{id}, credits => $most, source => 'goodwill' }, key => admin_key), 409, 'conflict',
    'can not be given for ever');
ok(call('billing.credits.verify', {}, key => $_->{key})->json->{consistent}, 'the ledger is whole') for $organization, $rich;
done_testing;
