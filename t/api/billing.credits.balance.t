#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $reply = call('billing.credits.balance', {}, key => $organization->{key});

is_success($reply, 'a new organization has a balance');
is_deeply({ $reply->json->%{qw(balance reserved available debt currency value lots)} },
    { balance => 0, reserved => 0, available => 0, debt => 0, currency => 'AUD', value => '0.00', lots => [] }, 'of nothing');
like($reply->json->{as_of}, qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\z/, 'as of now');

grant($organization->{id}, 12345);
$reply = get('/v1/billing/credits/balance', key => $organization->{key});
is_success($reply, 'GET answers, too');
is($reply->json->{balance}, 12345, 'a grant shows at once');
is($reply->json->{value}, '123.45', '100 credits are 1.00 AUD');
is_deeply([map { [$_->@{qw(source remaining expires_at)}] } $reply->json->{lots}->@*], [['goodwill', 12345, undef]], 'with its lot');

my $hours = sub ($count) { my @t = gmtime(time + $count * 3600); sprintf '%04d-%02d-%02dT%02d:%02d:%02dZ', $t[5] + 1900, $t[4] + 1, @t[3, 2, 1, 0] };
call('billing.grants.create', { organization_id => $organization->{id}, credits => 100, source => 'promotional', expires_at => $hours->(48) }, key => admin_key);
call('billing.grants.create', { organization_id => $organization->{id}, credits => 10, source => 'free_tier', expires_at => $hours->(24) }, key => admin_key);
is_deeply([map { $_->{source} } call('billing.credits.balance', {}, key => $organization->{key})->json->{lots}->@*],
    [qw(free_tier promotional goodwill)], 'lots stand in the order in which they are drawn: the earliest expiry first');
set_clock(25 * 3600);
$reply = call('billing.credits.balance', {}, key => $organization->{key});
is($reply->json->{available}, 12445, 'what fell due is gone at that very moment');
is_deeply([map { $_->{source} } $reply->json->{lots}->@*], [qw(promotional goodwill)], 'with its lot');
set_clock(0);

is_problem(call('billing.credits.balance', { x => 1 }, key => $organization->{key}), 422, 'invalid', 'it takes nothing', errors => { '/x' => 'unknown' });
my $singapore = new_organization(currency => 'SGD', credits => 100);
is($singapore->{currency}, 'SGD', 'another currency');
is(call('billing.credits.balance', {}, key => $singapore->{key})->json->{value}, '0.90', 'has its own price');
done_testing;
