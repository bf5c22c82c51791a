#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Orders;
use Purser::Test;

sub plan_body (%more) { return { product => 'platform', name => 'Inside', tier => 'INTERNAL', %more } }
sub create (%more) { return call('billing.plans.create', plan_body(%more), key => admin_key) }

my $organization = new_organization();
my %whole = (
	currency => 'AUD', monthly_amount => '12.50', yearly_amount => '125.00', trial_days => 7,
	features => { webhooks => JSON::PP::true(), members => 12, support => "e-mail \x{fc}\"" },
	quotas => { requests => { included => 1000, overage_unit_price => '0.0005' }, prompt_tokens => { included => 0, overage_unit_price => undef }, completion_tokens => { included => 5 } },
);
my $reply = create(%whole);
is_success($reply, 'a plan is drafted');
my $plan = $reply->json;
my $version = $plan->{version};
ulid_ok($plan->{id}, 'it has an id');
is_deeply({ $plan->%{qw(product name tier status currency trial_days)} },
    { product => 'platform', name => 'Inside', tier => 'INTERNAL', status => 'draft', currency => 'AUD', trial_days => 7 }, 'is a draft');
is_deeply($plan->{monthly}, { price_id => "price_platform_internal_monthly_$version", amount => '12.50' }, 'has a monthly price');
is_deeply($plan->{yearly}, { price_id => "price_platform_internal_yearly_$version", amount => '125.00' }, 'and a yearly one');
is_deeply($plan->{features}, $whole{features}, 'has its features');
is_deeply($plan->{quotas}, { requests => { included => 1000, overage_unit_price => '0.0005' }, prompt_tokens => { included => 0, overage_unit_price => undef },
    completion_tokens => { included => 5, overage_unit_price => undef } }, 'and its quotas');
ok(!(grep { $_->{id} eq $plan->{id} } call('billing.plans.list', { limit => 1000 }, key => $organization->{key})->json->{data}->@*), 'nobody is offered a draft');

my $least = create()->json;
is_deeply([$least->@{qw(monthly yearly features quotas trial_days currency)}], [undef, undef, {}, {}, 0, 'AUD'], 'a plan needs no more than its place');
is($least->{version}, $version + 1, 'which is the next version');
is(create(product => 'spaces', monthly_amount => '0')->json->{monthly}{price_id} =~ s/\d+\z//r, 'price_spaces_internal_monthly_', 'of another product, too');

my @twice = map { call('billing.plans.create', plan_body(), key => admin_key, idempotency_key => "plan-$$") } 1, 2;
is($twice[1]->body, $twice[0]->body, 'a repeated draft is the first one');

my @results = at_once(8, sub ($number, $client) {
	my $made = call('billing.plans.create', plan_body(), key => admin_key, client => $client);
	return { status => $made->status, version => ($made->json // {})->{version} };
});
is_deeply([sort { $a <=> $b } map { $_->{version} // 0 } @results], [map { $twice[0]->json->{version} + $_ } 1 .. 8], 'eight at once are eight versions');

# ---- what does not fit ----

is_problem(call('billing.plans.create', {}, key => admin_key), 422, 'invalid', 'what is missing is named', errors => { map { ("/$_" => 'missing') } qw(product name tier) });
is_problem(create(product => 'others', tier => 'HUGE', currency => 'XXX', monthly_amount => '-1', yearly_amount => 5, trial_days => 366), 422, 'invalid', 'what can not be, too',
    errors => { '/product' => 'not_allowed', '/tier' => 'not_allowed', '/currency' => 'not_allowed', '/monthly_amount' => 'out_of_range', '/yearly_amount' => 'wrong_type', '/trial_days' => 'out_of_range' });
is_problem(create(tier => 'PRO'), 422, 'invalid', 'platform has no tier PRO', errors => { '/tier' => 'not_allowed' });
is_problem(create(product => 'spaces', tier => 'GROWTH'), 422, 'invalid', 'nor spaces GROWTH', errors => { '/tier' => 'not_allowed' });
is_problem(create(features => { a => 1.5, b => undef, c => [], 'Big' => 1, 'with/slash~' => 1, d => 'x' x 201, e => {} }), 422, 'invalid', 'a feature is a boolean, an integer or a string, and all faults are told',
    errors => { '/features/a' => 'wrong_type', '/features/b' => 'wrong_type', '/features/c' => 'wrong_type', '/features/Big' => 'bad_format',
    '/features/with~1slash~0' => 'bad_format', '/features/d' => 'out_of_range', '/features/e' => 'wrong_type' });
is_problem(create(quotas => { nonsense => { included => 1 }, requests => 5, prompt_tokens => { overage_unit_price => 0.5, more => 1 }, completion_tokens => { included => -1, overage_unit_price => '-1' } }),
    422, 'invalid', 'a quota is of a metric that is there, with what it includes', errors => { '/quotas/nonsense' => 'unknown', '/quotas/requests' => 'wrong_type',
    '/quotas/prompt_tokens/included' => 'missing', '/quotas/prompt_tokens/overage_unit_price' => 'wrong_type', '/quotas/prompt_tokens/more' => 'unknown',
    '/quotas/completion_tokens/included' => 'out_of_range', '/quotas/completion_tokens/overage_unit_price' => 'bad_format' });
is_problem(create(quotas => { requests => { included => $_ } }), 422, 'invalid', "$_ units can not be included", errors => { '/quotas/requests/included' => undef }) for 1.5, '5', 1000000000001;
is_problem(call('billing.plans.create', '{"product":"platform","name":"x","tier":"FREE","features":{"a":1,"a":2}}', key => admin_key), 400, 'bad_request', 'a feature has one value');
is_problem(create(features => []), 422, 'invalid', 'features are an object', errors => { '/features' => 'wrong_type' });
is(create()->json->{version}, $twice[0]->json->{version} + 9, 'what was refused has taken no version');
done_testing;
