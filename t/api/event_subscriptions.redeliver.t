#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Subjects;
use Purser::Test;

my $organization = new_organization();
my $id = new_thing({ organization => $organization, things => {} }, 'delivery_id');
my $redeliver = sub ($who = $organization, $which = $id) { return call('event_subscriptions.redeliver', { delivery_id => $which }, key => $who->{key}) };
keep_away('events.deliver');

my $reply = $redeliver->();
is_success($reply, 'a delivery is asked for again');
is_deeply([@{ $reply->json }{qw(id status)}], [$id, 'pending'], 'and waits');
ok(defined $reply->json->{next_attempt_at}, 'for now');
my $subscription = $reply->json->{subscription_id};
is(db_value('SELECT due_at <= UTC_TIMESTAMP(6) FROM event_subscription WHERE id = ?', bytes_of($subscription)), 1, 'the subscription is looked at');
db_run('UPDATE event_delivery SET attempts = 100 WHERE id = ?', bytes_of($id));
is_problem($redeliver->(), 409, 'conflict', 'after 100 attempts it is enough');
is_problem($redeliver->(new_organization()), 404, 'not_found', "another organization's is not there");
is_problem($redeliver->($organization, new_ulid()), 404, 'not_found', 'nor is an unknown one');
call('event_subscriptions.delete', { subscription_id => $subscription }, key => $organization->{key});
is_problem($redeliver->(), 404, 'not_found', 'nor where the subscription was deleted');
done_testing;
