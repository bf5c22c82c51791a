#!/usr/bin/perl
# Webhooks as they are really delivered, and the Python client that verifies them.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use IPC::Open2 qw(open2);
use MIME::Base64 qw(encode_base64);
use Purser::Hooks;
use Purser::Jobs;
use Purser::Test;

my $receiver = Purser::Hooks->receiver;
my $stack = Purser::Hooks->start(reach => [$receiver->address]);
my $mine = $stack->new_organization;
local $ENV{PYTHONPATH} = "$FindBin::Bin/../sdk/python";
local $ENV{PYTHONDONTWRITEBYTECODE} = 1;

sub verdict ($event, $secrets, %other) {
	state ($out, $in);
	open2($out, $in, '/usr/bin/python3', "$FindBin::Bin/python/verify.py") if !$in;
	my %headers = map { $_ => $event->{headers}{$_} } qw(webhook-id webhook-timestamp webhook-signature);
	print $in encode_json({ secrets => $secrets, headers => \%headers, body => encode_base64($other{body} // $event->{body}, ''), now => $event->{timestamp} + ($other{late} // 0) }), "\n";
	$in->flush;
	chomp(my $said = <$out> // 'nothing');
	return $said;
}

my $subscription = $stack->subscribe($mine, $receiver->url('/as/python'));
my $happen = sub ($type, $data) { my $id = $stack->happen($mine, $type, $data); $stack->tell; return ($id, ($receiver->events('/as/python'))[-1]) };
my $old = $subscription->{secret};
my ($id, $event) = $happen->('limit.soft', qq({"spent":5,"limit":4,"word":"\x{e9} \\u20ac"}));
is(verdict($event, [$old]), "ok limit.soft $id LimitEvent", 'a delivery is verified, and its data have their type');
is(verdict($event, [$old], body => "$event->{body} "), 'No signature fits.', 'another body is refused');
is(verdict($event, ['whsec_' . encode_base64('x' x 24, '')]), 'No signature fits.', 'and another secret');
is(verdict($event, [$old], late => 301), 'The time is too far from now.', 'and one that comes too late');

my $new = $stack->good('event_subscriptions.rotate_secret', { subscription_id => $subscription->{id}, overlap_seconds => 300 }, key => $mine->{key})->{secret};
($id, $event) = $happen->('order.settled', '{}');
is(verdict($event, $_), "ok order.settled $id OrderEvent", 'while the secret is rotated, whoever knows either verifies it') for [$old], [$new], [$new, $old];
$stack->later(301);
($id, $event) = $happen->('order.settled', '{}');
is(verdict($event, [$new, $old]), "ok order.settled $id OrderEvent", 'and behind it, by the new one');
is(verdict($event, [$old]), 'No signature fits.', 'alone');
done_testing;
