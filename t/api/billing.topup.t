#!/usr/bin/perl
# Buying credits by card, at the sandbox. What happens when the processor fails is in t/payments.t.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Test;

my $organization = new_organization();
my $card = attach($organization)->json;

sub topup ($organization, $body = { credits => 100 }, %options) {
	return call('billing.topup', $body, key => $organization->{key}, %options);
}
sub balance ($organization) { return call('billing.credits.balance', {}, key => $organization->{key})->json->{balance} }
sub row ($topup) { return db_run('SELECT * FROM payment WHERE id = ?', bytes_of($topup->{id}))->fetchrow_hashref }
sub buyer ($card = 'pm_card_visa', %fields) {
	my $buyer = new_organization(%fields);
	attach($buyer, $card)->status == 200 or die "no card\n";
	return $buyer;
}

# ---- credits, and amounts ----

my $reply = topup($organization, { credits => 250, description => 'For the spring' });
my $topup = $reply->json;
is_success($reply, 'credits are bought', status => 201);
is_deeply([sort keys %$topup], [sort qw(id status credits amount currency payment_intent_id decline_code description refunded balance created_at)], 'the reply tells of it');
is_deeply({ %$topup{qw(status credits amount currency balance description decline_code refunded)} }, { status => 'succeeded', credits => 250, amount => '2.50',
    currency => 'AUD', balance => 250, description => 'For the spring', decline_code => undef, refunded => '0.00' }, 'a hundred credits are one dollar');
ulid_ok($topup->{id}, 'it has an id');
is(balance($organization), 250, 'the credits are there');
my $entry = call('billing.credits.transactions', {}, key => $organization->{key})->json->{data}[0];
is_deeply([$entry->{reason}, $entry->{amount}, $entry->{reference}, $entry->{description}], ['topup', 250, { type => 'topup', id => $topup->{id} }, 'For the spring'],
    'the ledger says where they came from');
is_deeply([map { "$_->{source} $_->{remaining}" } call('billing.credits.balance', {}, key => $organization->{key})->json->{lots}->@*], ['paid 250'], 'they are a paid lot');
is_deeply(db_run('SELECT account, unit, amount FROM journal_line WHERE organization_id = ? AND sequence = ? ORDER BY line', bytes_of($organization->{id}), $entry->{sequence})->fetchall_arrayref,
    [['available', 'CRD', 250], ['sold', 'CRD', -250], ['processor_clearing', 'AUD', 2500000], ['sold', 'AUD', -2500000]], 'with the money beside them');
is(db_value("SELECT data FROM outbox WHERE organization_id = ? AND type = 'topup.succeeded'", bytes_of($organization->{id})),
    qq({"topup_id":"$topup->{id}","credits":250,"amount":"2.50","currency":"AUD","status":"succeeded"}), 'and an event tells of it');
is_deeply([map { "$_->{operation} $_->{outcome} " . $_->{target}{id} } grep { $_->{operation} eq 'billing.topup' } call('audit.list', {}, key => $organization->{key})->json->{data}->@*],
    ["billing.topup ok $topup->{id}"], 'the audit names it');

is(topup($organization, { amount => '1.00', currency => 'AUD' })->json->{credits}, 100, 'an amount buys its credits');
is(topup($organization, { credits => 50, currency => 'AUD', anything => { else => 1 }, payment_method_id => $card->{id} })->status, 201, 'what it does not know is left alone');
is(request('POST', '/v1/billing/topup', key => $organization->{key}, body => { credits => 50 })->status, 201, 'the resource path is the same');
is(balance($organization), 450, 'all of them are there');

# Prices in fractions of a cent are rounded to whole ones, half to even; the amount has to be exact.
my $singapore = buyer('pm_card_visa', currency => 'SGD', country => 'SG');
is(topup($singapore, { credits => $_->[0] })->json->{amount}, $_->[1], "$_->[0] credits are $_->[1] SGD") for [55, '0.50'], [100, '0.90'], [101, '0.91'], [105, '0.94'], [115, '1.04'];
is_problem(topup($singapore, { amount => '0.91', currency => 'SGD' }), 422, 'invalid', 'an amount that buys no whole number is refused', errors => { '/amount' => 'out_of_range' });
is(topup($singapore, { amount => '0.90', currency => 'SGD' })->json->{credits}, 100, 'one that does is not');

# Prices include the tax of the organization's country.
my $taxed = buyer('pm_card_visa', country => 'AU');
my $with_tax = topup($taxed, { credits => 1105 })->json;
is(row($with_tax)->{tax}, 1000000, 'GST is a tenth of what is paid without it, to whole cents');
is_deeply([db_run("SELECT account, amount FROM journal_line WHERE organization_id = ? AND unit = 'AUD' ORDER BY line", bytes_of($taxed->{id}))->fetchall_arrayref->@*],
    [['processor_clearing', 11050000], ['sold', -10050000], ['tax', -1000000]], 'and has a line of its own');

# ---- what does not fit ----

for (
	[{}, { '/credits' => 'missing' }, 'neither credits nor an amount'],
	[{ credits => 100, amount => '1.00', currency => 'AUD' }, { '/amount' => 'not_allowed' }, 'both'],
	[{ amount => '1.00' }, { '/currency' => 'missing' }, 'an amount without its currency'],
	[{ amount => '1.00', currency => 'NZD' }, { '/currency' => 'not_allowed' }, "a currency that is not the organization's"],
	[{ credits => 100, currency => 'USD' }, { '/currency' => 'not_allowed' }, 'beside credits, too'],
	[{ amount => '1.00', currency => 'XXX' }, { '/currency' => 'not_allowed' }, 'a currency without a price'],
	[{ credits => 49 }, { '/credits' => 'out_of_range' }, 'fewer than fifty'],
	[{ amount => '0.49', currency => 'AUD' }, { '/amount' => 'out_of_range' }, 'for less than fifty'],
	[{ amount => '0.00', currency => 'AUD' }, { '/amount' => 'out_of_range' }, 'for nothing'],
	[{ amount => '1.005', currency => 'AUD' }, { '/amount' => 'out_of_range' }, 'a fraction of a cent'],
	[{ amount => 1, currency => 'AUD' }, { '/amount' => 'wrong_type' }, 'an amount that is a number'],
	[{ credits => '100' }, { '/credits' => 'wrong_type' }, 'credits that are text'],
	[{ credits => 100, payment_method_id => 'x', description => '' }, { '/payment_method_id' => 'bad_format', '/description' => 'too_short' }, 'everything at once'],
) {
	my ($body, $errors, $name) = @$_;
	is_problem(topup($organization, $body), 422, 'invalid', "$name is refused", errors => $errors);
}
my $british = buyer('pm_card_visa', currency => 'GBP');
is_problem(topup($british, { credits => 56 }), 422, 'invalid', 'less than a card can be charged is refused', errors => { '/credits' => 'out_of_range' });
is(topup($british, { credits => 57 })->json->{amount}, '0.30', 'the least is not');

# ---- cards ----

is_problem(topup(new_organization()), 402, 'card_required', 'without a card nothing can be bought');
is_problem(topup($organization, { credits => 100, payment_method_id => new_ulid() }), 404, 'not_found', 'an unknown card is not there');
is_problem(topup($organization, { credits => 100, payment_method_id => attach(new_organization())->json->{id} }), 404, 'not_found', "nor is another organization's");
my $gone = attach($organization, 'pm_card_mastercard')->json;
call('payment_methods.detach', { payment_method_row_id => $gone->{id} }, key => $organization->{key});
is_problem(topup($organization, { credits => 100, payment_method_id => $gone->{id} }), 404, 'not_found', 'nor one that was detached');

my $poor = buyer('pm_card_insufficientFunds');
my $declined = topup($poor, { credits => 100 }, idempotency_key => 'poor');
is_problem($declined, 402, 'card_declined', 'a declined card is told', members => { decline_code => 'insufficient_funds' });
is(balance($poor), 0, 'it buys nothing');
my $replayed = topup($poor, { credits => 100 }, idempotency_key => 'poor');
is($replayed->body, $declined->body, 'the same key tells the same');
is($replayed->header('idempotent-replayed'), 'true', 'without another try');
is(db_value('SELECT COUNT(*) FROM payment WHERE organization_id = ?', bytes_of($poor->{id})), 1, 'it was tried once');
like(db_value("SELECT data FROM outbox WHERE organization_id = ? AND type = 'topup.failed'", bytes_of($poor->{id})), qr/"status":"failed","decline_code":"insufficient_funds"\}$/, 'an event tells why');
is_success(topup($poor, { credits => 100, payment_method_id => attach($poor)->json->{id} }), 'another card pays', status => 201);

my $asked = buyer('pm_card_authenticationRequired');
my $waiting = topup($asked, { credits => 100 }, idempotency_key => 'asked');
is_success($waiting, 'a card may ask for its holder', status => 201);
is($waiting->json->{status}, 'requires_action', 'the top-up says so');
ok(length $waiting->json->{client_secret}, 'with the secret to authenticate with');
is(topup($asked, { credits => 100 }, idempotency_key => 'asked')->body, $waiting->body, 'the same key tells it again');
my $lesser = new_key($asked, 'billing:write');
is_problem(topup({ key => $lesser->{key} }, { credits => 100 }, idempotency_key => 'asked'), 403, 'forbidden', 'but not to who holds less');
is(balance($asked), 0, 'nothing was bought');
my $instead = topup($asked, { credits => 100, payment_method_id => attach($asked)->json->{id} });
is_success($instead, 'the next purchase takes its place', status => 201);
is(row($waiting->json)->{state}, 'failed', 'the one that waited is over');
is(balance($asked), 100, 'one of them was paid');

# ---- one at a time, once ----

my $slow = buyer('pm_card_processing');
my $processing = topup($slow, { credits => 100 }, idempotency_key => 'slow');
is($processing->json->{status}, 'processing', 'a charge may take its time');
is_problem(topup($slow, { credits => 100 }, idempotency_key => 'slow'), 409, 'idempotency_in_progress', 'its key waits');
is_problem(topup($slow), 409, 'topup_in_progress', 'and so does every other purchase', members => { topup_id => $processing->json->{id} });
is_problem(topup($slow, { credits => 90000000 }), 409, 'topup_in_progress', 'whatever it is');

my $once = buyer();
my @twice = map { topup($once, { credits => 100 }, idempotency_key => 'once') } 1, 2;
is($twice[1]->body, $twice[0]->body, 'the same key gives the same reply');
is($twice[1]->header('idempotent-replayed'), 'true', 'as a replay');
is(balance($once), 100, 'it was bought once');
is_problem(topup($once, { credits => 200 }, idempotency_key => 'once'), 409, 'idempotency_key_reused', 'another body needs another key');

# ---- how much without an approval ----

my $careful = buyer();
db_run('UPDATE organization SET approval_threshold_credits = 300 WHERE id = ?', bytes_of($careful->{id}));
is_problem(topup($careful, { credits => 301 }), 409, 'approval_required', 'above the threshold a person has to approve', members => { approval_threshold_credits => 300 });
is_success(topup($careful, { credits => 200 }), 'below it nobody has to', status => 201);
is_problem(topup($careful, { credits => 101 }), 409, 'approval_required', 'what was bought in a day counts', members => { approval_threshold_credits => 300 });
is_success(topup($careful, { credits => 100 }), 'up to the threshold', status => 201);
db_run('UPDATE payment SET created_at = created_at - INTERVAL 86401 SECOND, closed_at = closed_at - INTERVAL 86401 SECOND WHERE organization_id = ?', bytes_of($careful->{id}));
is_success(topup($careful, { credits => 300 }), 'a day later it counts no more', status => 201);
is_problem(topup($once, { credits => 99901 }), 409, 'approval_required', 'else the threshold is the platform\'s', members => { approval_threshold_credits => 100000 });
ok(call('billing.credits.verify', { full => JSON::PP::true() }, key => $_->{key})->json->{consistent}, 'the ledger is whole') for $organization, $taxed;
done_testing;
