#!/usr/bin/perl
# Webhooks out: what arrives, in which order, signed as the package that receivers use understands it; what is tried again, when,
# and when no more. All with a clock of its own.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use IPC::Open2 qw(open2);
use MIME::Base64 qw(encode_base64);
use Purser::Gate;
use Purser::Hooks;
use Purser::Jobs;
use Purser::Test;

my $receiver = Purser::Hooks->receiver;
my $stack = Purser::Hooks->start(reach => [$receiver->address]);
my $mine = $stack->new_organization;
my $other = $stack->new_organization;
$stack->tell;

# What the npm package `standardwebhooks` says of events, with the secret.
sub verdicts ($secret, @events) {
	my $pid = open2(my $out, my $in, $^X, '-I', "$FindBin::Bin/lib", '-MPurser::Gate', '-e', 'Purser::Gate::run("standardwebhooks.cjs")');
	for my $event (@events) {
		my %headers = map { $_ => $event->{headers}{$_} } qw(webhook-id webhook-timestamp webhook-signature);
		print $in encode_json({ secret => $secret, headers => \%headers, body => encode_base64($event->{body}, '') }), "\n";
	}
	close $in;
	my @verdicts = map { decode_json($_) } grep { /^\{/ } <$out>; # npm tells what it has installed
	waitpid $pid, 0;
	return map { $_->{ok} ? 'ok' : $_->{error} } @verdicts;
}

sub ids (@events) { return [map { $_->{id} } @events] }
sub due_in ($delivery) {
	return db_value('SELECT ROUND(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), due_at) / 1e6 - ?) FROM event_delivery WHERE id = ?', $stack->{offset}, bytes_of($delivery->{id}));
}

# ---- what arrives ------------------------------------------------------------------------------------------------------

my $plain = $stack->subscribe($mine, $receiver->url('/as/plain'), headers => { 'X-Mine' => 'a secret of mine' });
my $theirs = $stack->subscribe($other, $receiver->url('/as/theirs'));
my @happened = map { $stack->happen($mine, 'order.settled', qq({"credits":$_,"text":"\x{e9} \\u20ac"})) } 1 .. 8;
$stack->happen($mine, 'auto_topup.due');
ok($stack->tell, 'the jobs run');
my @events = $receiver->events('/as/plain');
is_deeply(ids(@events), \@happened, 'every event arrives once, in order, and none of our own');
is_deeply([$receiver->events('/as/theirs')], [], 'nothing of it at another organization');
is_deeply([verdicts($plain->{secret}, @events)], [('ok') x 8], 'the package standardwebhooks verifies each');
is_deeply([verdicts($theirs->{secret}, $events[0])], ['No matching signature found'], 'and not with another secret');
is_deeply([verdicts($plain->{secret}, { $events[0]->%*, body => "$events[0]{body} " })], ['No matching signature found'], 'nor with another body');
my $body = decode_json($events[0]{body});
is_deeply([sort keys %$body], [qw(data entity_id entity_type event_id event_type organization_id timestamp)], 'the body is the envelope');
is_deeply([@$body{qw(event_id event_type organization_id entity_type)}, $body->{data}{credits}], [$happened[0], 'order.settled', $mine->{id}, 'order', 1], 'and says what happened');
is($events[0]{headers}{'x-mine'}, 'a secret of mine', 'own headers come along');
is($events[0]{headers}{'content-type'}, 'application/json', 'it is JSON');
my @deliveries = $stack->deliveries($mine, $plain);
is_deeply([map { $_->{status} } @deliveries], [('delivered') x 8], 'the deliveries are told');
is_deeply([@{ $deliveries[0]{attempts}[0] }{qw(attempt status detail)}], [1, 204, ''], 'with each attempt');
$stack->tell;
is(scalar $receiver->events('/as/plain'), 8, 'nothing arrives twice');

# ---- what a subscription is for ----------------------------------------------------------------------------------------

my $narrow = $stack->subscribe($mine, $receiver->url('/as/narrow'), event_type => 'order.settled', filter_config => { credits => 7, who => undef, word => "a\"\x{e9}" });
my @fits = map { $stack->happen($mine, @$_) } ['order.settled', qq({"word":"a\\"\x{e9}","more":1,"credits":7,"who":null})];
$stack->happen($mine, @$_) for ['order.settled', '{"credits":7,"who":null}'], ['order.settled', qq({"credits":8,"who":null,"word":"a\\"\x{e9}"})],
    ['order.settled', qq({"credits":"7","who":null,"word":"a\\"\x{e9}"})], ['order.cancelled', qq({"credits":7,"who":null,"word":"a\\"\x{e9}"})], ['order.settled', qq({"data":{"credits":7}})];
$stack->tell;
is_deeply(ids($receiver->events('/as/narrow')), \@fits, 'only events of the type whose data has all that the filter names');
$stack->update($mine, $narrow, filter_config => {}, event_type => 'order.cancelled');
@fits = (@fits, $stack->happen($mine, 'order.cancelled'));
$stack->tell;
is_deeply(ids($receiver->events('/as/narrow')), \@fits, 'and another type once that is changed');
$stack->good('event_subscriptions.delete', { subscription_id => $narrow->{id} }, key => $mine->{key});
$stack->happen($mine, 'order.cancelled');
$stack->tell;
is_deeply(ids($receiver->events('/as/narrow')), \@fits, 'nothing once it is deleted');

my $escaped = $stack->good('event_subscriptions.create', sprintf('{"event_type":"order.settled","endpoint_url":"%s","filter_config":{"w\\u006frd":"a\\/\\u00e9","odd":"\\u000a"}}', $receiver->url('/as/escaped')), key => $mine->{key});
is_deeply($escaped->{filter_config}, { word => "a/\x{e9}", odd => "\n" }, 'a filter may be written with escapes');
@fits = $stack->happen($mine, 'order.settled', qq({"word":"a/\x{e9}","odd":"\\n"}));
$stack->tell;
is_deeply(ids($receiver->events('/as/escaped')), \@fits, 'and fits what it means');
$stack->good('event_subscriptions.delete', { subscription_id => $escaped->{id} }, key => $mine->{key});

# ---- secrets -----------------------------------------------------------------------------------------------------------

my $new = $stack->good('event_subscriptions.rotate_secret', { subscription_id => $plain->{id}, overlap_seconds => 300 }, key => $mine->{key});
isnt($new->{secret}, $plain->{secret}, 'a rotation gives another secret');
my $last = sub () { $stack->happen($mine); $stack->tell; return ($receiver->events('/as/plain'))[-1] };
my $event = $last->();
is_deeply([map { verdicts($_, $event) } $new->{secret}, $plain->{secret}], ['ok', 'ok'], 'both verify during the overlap');
is(scalar(my @two = split / /, $event->{signature}), 2, 'by a signature each');
$stack->later(301);
$event = $last->();
is_deeply([map { verdicts($_, $event) } $new->{secret}, $plain->{secret}], ['ok', 'No matching signature found'], 'behind it only the new one');

# ---- trying again ------------------------------------------------------------------------------------------------------

my $witness = $stack->subscribe($mine, $receiver->url('/as/witness'), event_type => 'webhook.paused');
my $owner = new_person($mine, 'owner');
my $bad = $stack->subscribe($mine, $receiver->url('/as/bad'));
$stack->update($mine, $plain, status => 'paused');
$receiver->set('bad', 500);
my $first = $stack->happen($mine);
$stack->tell;
$receiver->set('bad', 204);
my @next = map { $stack->happen($mine) } 1 .. 5;
$stack->tell;
is_deeply(ids($receiver->events('/as/bad')), [$first, @next], 'what failed holds nothing back');
my ($failed) = $stack->deliveries($mine, $bad);
is_deeply([@$failed{qw(event_id status)}, @{ $failed->{attempts}[0] }{qw(status detail)}], [$first, 'pending', 500, 'it is bad'], 'its attempt tells what was answered');
$receiver->set('bad', 500);
for my $seconds (10, 60, 600, 3600, 21600, 86400) {
	my $before = $receiver->events('/as/bad');
	$stack->later(-3 + due_in($failed));
	$stack->tell;
	is(scalar $receiver->events('/as/bad'), $before, "not before $seconds seconds have passed") if $seconds > 10;
	$stack->later(4);
	$stack->tell;
	is(scalar $receiver->events('/as/bad'), $before + 1, "after $seconds seconds it is tried again");
	cmp_ok(due_in($failed), '>', $seconds, '  and later once more') if $seconds < 86400;
}
my @wrong = grep { $_ ne $first } @{ ids(($receiver->events('/as/bad'))[6 .. 11]) };
is_deeply(\@wrong, [], 'always the same event');
($failed) = $stack->deliveries($mine, $bad);
is_deeply([$failed->{status}, $failed->{next_attempt_at}, scalar $failed->{attempts}->@*], ['failed', undef, 7], 'after seven attempts it has failed');
my $shown = $stack->shown($mine, $bad);
is_deeply([@$shown{qw(status pause_reason)}], ['paused', 'An event could not be delivered in 7 attempts.'], 'and the subscription is paused');
$stack->tell;
my @told = $receiver->events('/as/witness');
is(scalar @told, 1, 'which is an event');
is_deeply(decode_json($told[0]{body})->{data}, { subscription_id => $bad->{id}, host => $receiver->address, reason => $shown->{pause_reason} }, 'that says why');
is(db_value("SELECT COUNT(*) FROM notification WHERE user_id = ? AND type = 'webhook.paused'", bytes_of($owner->{id})), 1, 'and reaches the inbox of an owner');
is(db_value("SELECT COUNT(*) FROM outbox WHERE kind = 'mail' AND type = 'webhook.paused' AND recipient = ?", $owner->{email}), 1, 'and the mailbox');

# ---- paused and resumed ------------------------------------------------------------------------------------------------

my $before = $receiver->events('/as/bad');
$stack->happen($mine);
$stack->tell;
$receiver->set('bad', 204);
my $again = $stack->good('event_subscriptions.redeliver', { delivery_id => $failed->{id} }, key => $mine->{key});
is($again->{status}, 'pending', 'a failed delivery is asked for again');
$stack->tell;
is(scalar $receiver->events('/as/bad'), $before, 'nothing goes to a paused subscription');
is($stack->update($mine, $bad, status => 'active')->{pause_reason}, undef, 'resumed, it has no reason to be paused');
$stack->tell;
is_deeply(ids(($receiver->events('/as/bad'))[$before .. $before]), [$first], 'what waited goes on, the same event by the same id');
is(scalar $receiver->events('/as/bad'), $before + 1, 'and what happened meanwhile is not sent');
$stack->good('event_subscriptions.redeliver', { delivery_id => $failed->{id} }, key => $mine->{key});
$stack->tell;
is(scalar $receiver->events('/as/bad'), $before + 2, 'also what has arrived is sent once more when asked for');
($failed) = $stack->deliveries($mine, $bad);
is_deeply([$failed->{status}, scalar $failed->{attempts}->@*], ['delivered', 9], 'and each attempt is listed');

# ---- answers that say more ---------------------------------------------------------------------------------------------

my $busy = $stack->subscribe($mine, $receiver->url('/status/429'));
$stack->happen($mine);
$stack->tell;
my ($asked) = $stack->deliveries($mine, $busy);
cmp_ok(abs(due_in($asked) - 1800), '<', 60, 'Retry-After is kept to');
$stack->update($mine, $busy, status => 'paused');
my $gone = $stack->subscribe($mine, $receiver->url('/status/410'));
$stack->happen($mine);
$stack->tell;
is($stack->shown($mine, $gone)->{status}, 'paused', '410 pauses at once');
my $elsewhere = $stack->subscribe($mine, $receiver->url('/redirect/x'));
$stack->happen($mine);
$stack->tell;
is(($stack->deliveries($mine, $elsewhere))[0]{attempts}[0]{status}, 302, 'a redirect is a failure');

# ---- nobody else's -----------------------------------------------------------------------------------------------------

is($stack->call($_->[0], $_->[1], key => $other->{key})->status, 404, "another organization finds nothing by $_->[0]")
    for map({ ["event_subscriptions.$_", { subscription_id => $plain->{id} }] } qw(get update delete test rotate_secret)), ['event_subscriptions.redeliver', { delivery_id => $failed->{id} }];
is($stack->call('event_subscriptions.deliveries.list', { subscription_id => $plain->{id} }, key => $other->{key})->status, 404, 'nor in a list');
is(scalar $receiver->events('/as/theirs'), 0, 'and was sent nothing in all this time');
my $feed = $stack->good('events.list', { limit => 1000 }, key => $other->{key})->{data};
is(scalar(grep { $_->{organization_id} ne $other->{id} } @$feed), 0, 'nor sees it in the feed');
done_testing;
