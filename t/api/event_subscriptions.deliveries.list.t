#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Subjects;
use Purser::Test;

my $organization = new_organization();
my $subject = { organization => $organization, things => {} };
my $id = new_thing($subject, 'delivery_id');
my $list = sub (%query) { return call('event_subscriptions.deliveries.list', \%query, key => $organization->{key}) };
my $reply = $list->();

is_page($reply, 'deliveries are listed');
my ($delivery) = $reply->json->{data}->@*;
is_deeply([@$delivery{qw(id event_type status next_attempt_at attempts delivered_at)}], [$id, 'order.settled', 'failed', undef, [], undef], 'as they stand');
db_run("INSERT INTO event_attempt (delivery_id, attempt, at, status, detail, milliseconds) VALUES (?, 2, '2026-01-02 03:04:05.5', NULL, ?, 7), (?, 1, '2026-01-02 03:04:05', 500, 'no', 3)",
    bytes_of($id), "a \"quoted\" \x{e9} \\", bytes_of($id));
$reply = $list->(status => 'failed', subscription_id => $delivery->{subscription_id});
is_success($reply, 'by status and subscription');
is_deeply($reply->json->{data}[0]{attempts}, [{ attempt => 1, at => '2026-01-02T03:04:05.000000Z', status => 500, detail => 'no', milliseconds => 3 },
    { attempt => 2, at => '2026-01-02T03:04:05.500000Z', status => undef, detail => "a \"quoted\" \x{e9} \\", milliseconds => 7 }], 'with every attempt, in order');
is_deeply($list->(status => 'delivered')->json->{data}, [], 'none of another status');
is_problem($list->(subscription_id => new_ulid()), 404, 'not_found', 'a subscription that nobody has is not there');
is_problem(call('event_subscriptions.deliveries.list', { subscription_id => $delivery->{subscription_id} }, key => new_organization()->{key}), 404, 'not_found', "nor is another organization's");
is_deeply(call('event_subscriptions.deliveries.list', {}, key => new_organization()->{key})->json->{data}, [], 'none to another organization');
db_run("UPDATE event_delivery SET status = 'pending', due_at = UTC_TIMESTAMP(6) + INTERVAL 1 DAY WHERE id = ?", bytes_of($id));
is($list->(status => 'pending')->json->{data}[0]{id}, $id, 'one that waits');
call('event_subscriptions.delete', { subscription_id => $delivery->{subscription_id} }, key => $organization->{key});
is_deeply([map { @$_{qw(status next_attempt_at)} } $list->()->json->{data}->@*], ['failed', undef], 'waits no more when its subscription is deleted');
is_problem($list->(status => 'lost'), 422, 'invalid', 'there is no such status', errors => { '/status' => 'not_allowed' });
done_testing;
