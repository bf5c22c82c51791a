#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $made = call('event_subscriptions.create', { event_type => '*', endpoint_url => 'https://hooks.example.invalid/' }, key => $organization->{key})->json;

sub rotate (%how) {
	return call('event_subscriptions.rotate_secret', { subscription_id => $made->{id}, %how }, key => $organization->{key});
}

my $reply = rotate();
is_success($reply, 'a secret is replaced');
like($reply->json->{secret}, qr{\Awhsec_[A-Za-z0-9+/]{43}=\z}, 'the new one is shown');
isnt($reply->json->{secret}, $made->{secret}, 'and another');
is(db_value('SELECT TIMESTAMPDIFF(SECOND, updated_at, old_secret_until) FROM event_subscription WHERE id = ?', bytes_of($made->{id})), 86400, 'the old one signs for a day');
is(call('event_subscriptions.get', { subscription_id => $made->{id} }, key => $organization->{key})->json->{old_secret_until}, $reply->json->{old_secret_until}, 'which is shown');
$reply = rotate(overlap_seconds => 0);
is($reply->json->{old_secret_until}, undef, 'or no longer at all');
is(db_value('SELECT old_secret IS NULL FROM event_subscription WHERE id = ?', bytes_of($made->{id})), 1, 'then it is forgotten');
is_problem(rotate(overlap_seconds => 604801), 422, 'invalid', 'a week is the most', errors => { '/overlap_seconds' => 'out_of_range' });
is_problem(call('event_subscriptions.rotate_secret', { subscription_id => $made->{id} }, key => new_organization()->{key}), 404, 'not_found', "another organization's is not there");
done_testing;
