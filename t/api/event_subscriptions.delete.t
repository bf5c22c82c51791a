#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my $made = call('event_subscriptions.create', { event_type => '*', endpoint_url => 'https://hooks.example.invalid/', headers => { A => 'x' } }, key => $organization->{key})->json;
my %which = (subscription_id => $made->{id});

is_problem(call('event_subscriptions.delete', \%which, key => new_organization()->{key}), 404, 'not_found', "another organization's is not there");
is_deeply(call('event_subscriptions.delete', \%which, key => $organization->{key})->json, { ok => JSON::PP::true(), id => $made->{id} }, 'a subscription is deleted');
is(db_value("SELECT COUNT(*) FROM event_subscription WHERE id = ? AND secret = '' AND old_secret IS NULL AND headers IS NULL", bytes_of($made->{id})), 1, 'its secrets are gone');
is_problem(call("event_subscriptions.$_", \%which, key => $organization->{key}), 404, 'not_found', "it is not there: $_") for qw(get update delete rotate_secret test);
done_testing;
