#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $url = 'https://hooks.example.invalid/purser?a=b';

sub create ($body, %options) {
	return call('event_subscriptions.create', { event_type => 'order.settled', endpoint_url => $url, %$body }, key => $organization->{key}, %options);
}

my $reply = create({ filter_config => { metric => 'requests', count => 1 }, headers => { 'X-Token' => 'very secret', Authorization => 'Bearer hidden' }, description => 'Ours' });
my $made = $reply->json;
is_success($reply, 'a subscription is made');
ulid_ok($made->{id}, 'it has an id');
like($made->{secret}, qr{\Awhsec_[A-Za-z0-9+/]{43}=\z}, 'and a secret of 32 bytes');
is_deeply([@$made{qw(event_type endpoint_url status description)}], ['order.settled', $url, 'active', 'Ours'], 'it is what was asked for');
is_deeply($made->{filter_config}, { metric => 'requests', count => 1 }, 'with its filter');
is_deeply($made->{headers}, { 'X-Token' => '***', Authorization => '***' }, 'and its headers, masked');
my $shown = call('event_subscriptions.get', { subscription_id => $made->{id} }, key => $organization->{key})->json;
ok(!exists $shown->{secret}, 'the secret is shown once');
unlike(encode_json($shown), qr/very secret|hidden/, 'the headers never again');
is(db_value("SELECT COUNT(*) FROM event_subscription WHERE secret LIKE '%whsec%' OR headers LIKE '%secret%' OR headers LIKE '%hidden%'"), 0, 'the database holds them sealed');
is_success(create({ event_type => '*' }), 'all types at once');

my %once = (idempotency_key => "create-$organization->{id}");
my @twice = map { create({}, %once) } 1, 2;
is($twice[1]->body, $twice[0]->body, 'repeated with its key, it is the same one, secret and all');
my $stored = $twice[0]->json->{secret};
is(db_value('SELECT COUNT(*) FROM idempotency WHERE reply LIKE ?', "%$stored%"), 0, 'which is kept sealed');

is_problem(call('event_subscriptions.create', {}, key => $organization->{key}), 422, 'invalid', 'what is missing is named',
    errors => { '/event_type' => 'missing', '/endpoint_url' => 'missing' });
is_problem(create({ event_type => $_ }), 422, 'invalid', "$_ is no type", errors => { '/event_type' => 'unknown' }) for qw(order.* order nothing.happened auto_topup.due **);
is_problem(create({ endpoint_url => 'https://127.0.0.1/' }), 422, 'invalid', 'a private address is refused', errors => { '/endpoint_url' => 'not_allowed' });
is_problem(create({ endpoint_url => 'http://hooks.example.invalid/' }), 422, 'invalid', 'and so is http', errors => { '/endpoint_url' => 'not_allowed' });
is_problem(create({ filter_config => { metric => ['a'] } }), 422, 'invalid', 'a filter compares with plain values', errors => { '/filter_config' => 'wrong_type' });
is_problem(create({ filter_config => { map { $_ => 1 } 1 .. 11 } }), 422, 'invalid', 'of ten members at most', errors => { '/filter_config' => 'too_many' });
my %headers = ('two lines' => { A => "x\r\nB: y" }, 'a blank name' => { 'A B' => 'x' }, 'an empty name' => { '' => 'x' }, 'a name with a colon' => { 'A:' => 'x' }, 'an empty value' => { A => '' },
    'a number' => { A => 1 }, 'ours' => { 'Webhook-Id' => 'x' }, 'the length' => { 'content-length' => '1' }, 'the host' => { Host => 'x' }, 'the connection' => { Connection => 'close' },
    'a proxy' => { 'Proxy-Authorization' => 'x' }, 'the encoding' => { 'Transfer-Encoding' => 'chunked' }, 'one twice' => { A => 'x', a => 'y' }, 'other letters' => { A => "\x{e9}" },
    'too many' => { map { ("X-$_" => 'x') } 1 .. 21 }, 'too long a value' => { A => 'x' x 1001 }, 'too much' => { map { ("X-$_" => 'x' x 900) } 1 .. 10 });
is_problem(create({ headers => $headers{$_} }), 422, 'invalid', "headers that are refused: $_", errors => { '/headers' => undef }) for sort keys %headers;

my $crowd = new_organization();
is(scalar(grep { call('event_subscriptions.create', { event_type => '*', endpoint_url => $url }, key => $crowd->{key})->status == 200 } 1 .. 50), 50, 'fifty can be made');
is_problem(call('event_subscriptions.create', { event_type => '*', endpoint_url => $url }, key => $crowd->{key}), 409, 'conflict', 'one more can not');
is_problem(call('event_subscriptions.create', { event_type => '*', endpoint_url => $url }, key => new_key($organization, 'event_subscriptions:read')->{key}), 403, 'forbidden', 'who may read may not make one',
    members => { required_scope => 'event_subscriptions:write' });
done_testing;
