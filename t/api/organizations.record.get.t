#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $seeds = decode_json(do { open my $in, '<:raw', "$FindBin::Bin/../contract.seeds.json" or die $!; local $/; <$in> });

sub record ($of, %options) { return call('organizations.record.get', {}, key => $of->{key}, %options) }

# ---- of nobody in particular ----

my $bare = new_organization(name => 'Bare & Co');
my $reply = record($bare);
is_success($reply, 'the record is read');
my $json = $reply->json;
is(join(' ', sort keys %$json), join(' ', sort keys $seeds->{org_record}->%*), 'it has the members that were promised, and no others');
ok(defined $json->{$_}, "$_ is there") for $seeds->{org_record_required}->@*;
my %nothing = map { $_ => undef } qw(spaces_subscription_tier spaces_subscription_seats spaces_subscription_status spaces_subscription_cancel_at subscription_pause_reason
    subscription_cycle subscription_price_id trial_end billing_email org_display_name address_1 address_2 address_city address_zip address_state address_country
    hubspot_id prom_id prom_token prom_endpoint loki_id loki_token loki_endpoint);
my %zero = map { $_ => 0 } qw(last_invoice_date prompt_tokens completion_tokens total_tokens prompt_tokens_cost completion_tokens_cost total_tokens_cost prompt_tokens_cost_savings
    completion_tokens_cost_savings total_tokens_cost_savings num_requests num_apps free_balance spending_limit_soft spending_limit_hard);
my %default = (%nothing, %zero, org_stripe_id => '', org_creator => '', id => $bare->{id}, org_name => 'Bare & Co', subscription_tier => '_NONE_', currency => 'aud', is_active => JSON::PP::true(),
    is_personal => JSON::PP::false(), added_on => $bare->{created_at}, modified_on => $bare->{updated_at},
    alert_emails => { map { $_ => undef } qw(soft_limit hard_limit payment_failed usage_reset usage_50 usage_80 usage_90 usage_100) });
my %seen = %$json;
my $rate = delete $seen{rate_limit};
is_deeply(\%seen, \%default, 'nothing has happened there yet');
like($rate, qr/^[1-9]\d*$/, 'the limit is the platform\'s');
like($reply->body, qr/"prompt_tokens_cost":0(?:\.0+)?,/, 'costs are numbers');
is(get('/v1/organizations/record/get', key => $bare->{key})->body, $reply->body, 'GET answers the same');

# ---- what it is ----

my $organization = new_organization(name => 'Whole', currency => 'SGD', display_name => 'The Whole', is_personal => JSON::PP::true(), billing_email => 'bills@example.com', rate_limit => 12345,
    billing_address => { line1 => '1 Road', line2 => 'Level 2', city => 'Perth', state => 'WA', postal_code => '6000', country => 'AU' });
my ($first, $second) = map { new_person($organization, 'owner') } 1, 2;
db_run('UPDATE membership SET created_at = created_at - INTERVAL 1 DAY WHERE user_id = ?', bytes_of($first->{id}));
db_run("INSERT INTO payment_customer (organization_id, provider, customer_id, created_at) VALUES (?, 'sandbox', 'cus_of_sandbox_$$', UTC_TIMESTAMP(6))", bytes_of($organization->{id}));
is(record($organization)->json->{org_stripe_id}, '', 'another processor\'s customer is not Stripe\'s');
db_run("INSERT INTO payment_customer (organization_id, provider, customer_id, created_at) VALUES (?, 'stripe', 'cus_$$', UTC_TIMESTAMP(6))", bytes_of($organization->{id}));
db_run("UPDATE organization SET hubspot_id = 'hub-1' WHERE id = ?", bytes_of($organization->{id}));
is_deeply({ record($organization)->json->%{qw(org_name org_display_name currency is_personal billing_email rate_limit address_1 address_2 address_city address_state address_zip address_country
    org_creator org_stripe_id hubspot_id)} }, { org_name => 'Whole', org_display_name => 'The Whole', currency => 'sgd', is_personal => JSON::PP::true(), billing_email => 'bills@example.com', rate_limit => 12345,
    address_1 => '1 Road', address_2 => 'Level 2', address_city => 'Perth', address_state => 'WA', address_zip => '6000', address_country => 'AU',
    org_creator => $first->{id}, org_stripe_id => "cus_$$", hubspot_id => 'hub-1' }, 'what is known of it is told');
db_run("UPDATE membership SET role = 'member' WHERE user_id = ?", bytes_of($first->{id}));
is(record($organization)->json->{org_creator}, $second->{id}, 'of its owners the first one counts');
my $renamed = call('organizations.update', { name => 'Whole Again' }, key => $organization->{key})->json;
is_deeply([record($organization)->json->@{qw(org_name modified_on)}], ['Whole Again', $renamed->{updated_at}], 'a change shows at once');

# ---- who may ----

is_success(record(new_person($organization, $_)), "the role $_ may read it") for qw(owner admin billing member viewer);
is_success(record(new_key($organization, 'organizations:read')), 'a key with the scope may');
is_problem(record(new_key($organization, 'billing:read')), 403, 'forbidden', 'one without it may not', members => { required_scope => 'organizations:read' });
is_problem(record({ key => admin_key }), 403, 'forbidden', 'nor may the operator');
is_problem(call('organizations.record.get', { organization_id => $bare->{id} }, key => $organization->{key}), 422, 'invalid', 'nobody asks for another\'s',
    errors => { '/organization_id' => 'unknown' });
db_run("UPDATE organization SET status = 'closed', closed_at = UTC_TIMESTAMP(6) WHERE id = ?", bytes_of($organization->{id}));
$reply = record($second);
is_success($reply, 'a closed one can still be read');
ok(!$reply->json->{is_active}, 'and is not active');
done_testing;
