#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX qw(mktime strftime tzset);
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;
use Time::HiRes qw(time);

my $offset = 0;

sub status ($of, %options) { return call('billing.status.get', { organization_id => $of->{id} }, key => $of->{key}, %options) }
sub figures_of ($json) { return join ' ', @$json{qw(status balance reserved available)}, $json->{plan} ? $json->{plan}{tier} : '-' }
sub usage_of ($json) { return { map { $_->{metric} => join ' ', map { $_ // '-' } @$_{qw(used included remaining overage)} } $json->{usage}->@* } }

# The first moments of this calendar month and of the next one there.
sub month ($zone) {
	local $ENV{TZ} = $zone;
	tzset();
	my (undef, undef, undef, undef, $month, $year) = localtime(time + $offset);
	my @moments = map { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime mktime(0, 0, 0, 1, $month + $_, $year, 0, 0, -1)) } 0, 1;
	$ENV{TZ} = 'UTC';
	tzset();
	return { start => $moments[0], end => $moments[1] };
}

sub operator ($operation, $of, %fields) {
	my $reply = call($operation, { organization_id => $of->{id}, %fields }, key => admin_key);
	$reply->status == 200 or die "$operation: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

sub subscription ($verb, $of, %fields) {
	my $reply = call("billing.subscriptions.$verb", \%fields, key => $of->{key});
	$reply->status == 200 or die "billing.subscriptions.$verb: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

sub used ($of, $metric, $quantity) {
	my $reply = call('usage.record', { events => [{ id => new_ulid(), metric => $metric, quantity => $quantity }] }, key => $of->{key});
	$reply->status == 200 && $reply->json->{accepted} == 1 or die "usage.record: $reply->{status} $reply->{body}\n";
}

# From here on no job writes down what has ended.
sub be_late ($seconds) {
	keep_away('subscriptions.roll');
	set_clock($offset += $seconds);
}

# ---- without a subscription ----

my $bare = new_organization();
my $reply = status($bare);
is_success($reply, 'the status is read');
is_deeply($reply->json, { organization_id => $bare->{id}, status => 'active', plan => undef, cycle => 'monthly', period => month('UTC'), balance => 0, reserved => 0, available => 0,
    usage => [], limits => { soft => undef, hard => undef, spent => 0 }, pause_reason => undef, next_invoice_at => month('UTC')->{end}, open_invoices => 0 },
    'without a subscription the cycle is the calendar month, and nothing is in it');
is(get('/v1/billing/status/get', query => { organization_id => $bare->{id} }, key => $bare->{key})->body, $reply->body, 'GET answers the same');
for my $zone (qw(Pacific/Kiritimati Etc/GMT+12 America/Sao_Paulo Australia/Lord_Howe)) {
	my $json = status(new_organization(timezone => $zone))->json;
	is_deeply([$json->@{qw(period next_invoice_at)}], [month($zone), month($zone)->{end}], "months begin where it is: $zone");
}

my $organization = new_organization(credits => 1000);
order($organization, 'held', 100);
my $order = order($organization, 'settled', 30)->json;
settle($organization, $order->{id});
set_limits($organization, 2, 5);
is(figures_of(status($organization)->json), 'active 970 100 870 -', 'credits are what can be spent and what is held');
is_deeply(status($organization)->json->{limits}, { soft => 200, hard => 500, spent => 130 }, 'limits are in credits, and so is what is spent');
operator('billing.grants.create', $organization, credits => 40, source => 'promotional', expires_at => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime time + 3600));
is(status($organization)->json->{available}, 910, 'credits that expire soon count');
keep_away('credits.expire_lots');
set_clock($offset = 3601);
is(status($organization)->json->{available}, 870, 'and are gone at that moment');
set_clock($offset = 0);
used($organization, 'requests', 12);
used($organization, 'prompt_tokens', '0.5');
is_deeply(usage_of(status($organization)->json), { requests => '12 - - 0', prompt_tokens => '0.5 - - 0' }, 'without a plan there is usage and no quota');

# ---- trial, month, end ----

my $trial = subscription('start', $organization, price_id => 'price_platform_startup_monthly_1');
my $json = status($organization)->json;
is(figures_of($json), 'trialing 1010 100 910 STARTUP', 'a trial is told');
is(join(' ', sort keys $json->{plan}->%*) . " $json->{plan}{name} $json->{plan}{version}", 'id name tier version Startup 1', 'with its plan');
is($json->{period}{end}, $trial->{trial_end}, 'its cycle is the trial');
used($organization, 'requests', $_) for 249_000, 1_500;
is_deeply(usage_of($json = status($organization)->json), { requests => '250500 250000 0 500', prompt_tokens => '0 5000000 5000000 0', completion_tokens => '0 1000000 1000000 0' },
    'each quota is there with what is left of it, or what goes beyond');
is($json->{limits}{spent}, 130, 'what was spent and held before it counts on');
be_late(14 * 86400 + 60);
$json = status($organization)->json;
is(figures_of($json) =~ s/ .*? (\w+)$/ $1/r, 'active STARTUP', 'the moment the trial is over the subscription is active, though no job has seen it');
is($json->{period}{start}, $trial->{trial_end}, 'and its first month has begun');
is_deeply(usage_of($json)->{requests}, '0 250000 250000 0', 'with new quotas');
my $month = $json->{period};
be_late(32 * 86400);
$json = status($organization)->json;
is($json->{period}{start}, $month->{end}, 'months follow each other end to end');
subscription('cancel', $organization, when => 'period_end');
be_late(31 * 86400);
$json = status($organization)->json;
is(figures_of($json) =~ s/ .* / /r, 'active -', 'the moment a cancelled subscription ends there is none');
is($json->{next_invoice_at}, month('UTC')->{end}, 'what comes next is due with the calendar month');
is($json->{period}{end}, month('UTC')->{end}, 'which is the cycle again');
set_clock($offset = 0);

# ---- paid by the year ----

my $yearly = new_organization(credits => 60000);
my $year = subscription('start', $yearly, price_id => 'price_platform_startup_yearly_1', trial => JSON::PP::false());
$json = status($yearly)->json;
is("$json->{status} $json->{cycle} $json->{available}", 'active yearly 11000', 'what is paid by the year');
is($json->{period}{start}, $year->{period}{start}, 'has a cycle that began with it');
ok($json->{period}{end} lt $year->{period}{end}, 'and ends after a month');

# ---- payments that fail ----

my $late = new_organization(credits => 5000);
subscription('start', $late, price_id => 'price_platform_startup_monthly_1', trial => JSON::PP::false());
operator('admin.subscriptions.mark_payment', $late, outcome => 'failed', invoice_number => 'A-1', reason => 'The card was declined.');
$json = status($late)->json;
is("$json->{status} " . ($json->{pause_reason} // '-'), 'past_due -', 'after a payment failed it is past due');
set_clock($offset = 8 * 86400);
operator('admin.subscriptions.mark_payment', $late, outcome => 'failed', invoice_number => 'A-1');
$json = status($late)->json;
is($json->{status}, 'paused', 'after the last attempt it is paused');
is($json->{pause_reason}{invoices}[0]{invoice_number}, 'A-1', 'and the reason is told');
is($json->{plan}{tier}, 'STARTUP', 'the plan is still there');
operator('admin.subscriptions.mark_payment', $late, outcome => 'made');
$json = status($late)->json;
is("$json->{status} " . ($json->{pause_reason} // '-'), 'active -', 'a payment ends the pause at once');

# ---- closed, and who may ----

is_success(status({ id => $bare->{id}, key => new_person($bare, $_)->{key} }), "the role $_ may read it") for qw(owner admin billing member viewer);
is_success(status({ id => $bare->{id}, key => new_key($bare, 'billing:read')->{key} }), 'a key with the scope may');
is_problem(status({ id => $bare->{id}, key => new_key($bare, 'organizations:read')->{key} }), 403, 'forbidden', 'one without it may not', members => { required_scope => 'billing:read' });
is_problem(status({ id => $organization->{id}, key => $bare->{key} }), 404, 'not_found', 'another organization is not there');
is_problem(call('billing.status.get', {}, key => $bare->{key}), 422, 'invalid', 'it has to be named', errors => { '/organization_id' => 'missing' });
my $owner = new_person($late, 'owner');
db_run("UPDATE organization SET status = 'closed', closed_at = UTC_TIMESTAMP(6) WHERE id = ?", bytes_of($late->{id}));
$reply = status({ id => $late->{id}, key => $owner->{key} });
is_success($reply, 'a closed one can still be read');
is($reply->json->{status}, 'closed', 'and says that it is closed');
done_testing;
