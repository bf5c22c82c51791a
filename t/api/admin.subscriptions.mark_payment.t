#!/usr/bin/perl
# Payments of subscriptions that were taken outside: a week of failures pauses a subscription, one that is made ends that.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Inbox;
use Purser::Jobs;
use Purser::Subscriptions;
use Purser::Test;

keep_away('subscriptions.roll');
my $organization = new_organization(credits => 4900);
my $owner = new_person($organization, 'owner');
subscribe($organization, { plan_id => $plan{startup}, cycle => 'monthly', trial => \0 });

sub retry_of () {
	return db_value('SELECT ROUND(TIMESTAMPDIFF(SECOND, past_due_since, retry_at) / 86400) FROM subscription WHERE organization_id = ?', bytes_of($organization->{id}));
}

my $reply = mark_payment($organization, 'failed', reason => 'The bank said no.', invoice_number => 'X-1', amount => '49.00');
is_success($reply, 'a payment failed');
is($reply->json->{status}, 'past_due', 'the subscription is past due');
is(retry_of(), 1, 'to be tried again after a day');
for ([1, 3], [3, 5], [5, 7]) {
	set_clock($_->[0] * 86400 + 5);
	is(mark_payment($organization, 'failed')->json->{status}, 'past_due', "on day $_->[0] it fails again");
	is(retry_of(), $_->[1], "the next try is on day $_->[1]");
}
is(subscription_of($organization)->json->{pause_reason}, undef, 'so far it is not paused');
set_clock(7 * 86400 + 5);
my $paused = mark_payment($organization, 'failed', reason => 'The bank said no.', invoice_number => 'X-1', amount => '49.00')->json;
is($paused->{status}, 'paused', 'on day 7 it is');
is_deeply([sort keys $paused->{pause_reason}{invoices}[0]->%*], [sort qw(invoice_id invoice_number amount timestamp pause_reason invoice_name payment_link severity)], 'for a reason');
is_deeply({ $paused->{pause_reason}{invoices}[0]->%{qw(invoice_number amount pause_reason severity)} },
    { invoice_number => 'X-1', amount => '49.00', pause_reason => 'The bank said no.', severity => 'critical' }, 'that names the invoice');
is_deeply(subscription_of($organization)->json, $paused, 'which the organization reads');
is_deeply(changes_told($organization), ['none active', 'active past_due', 'past_due paused'], 'events tell of each step');
is(db_value("SELECT COUNT(*) FROM outbox WHERE organization_id = ? AND type = 'subscription.paused'", bytes_of($organization->{id})), 1, 'and one of the pause');
is_problem(change_plan($organization, { seats => 2 }), 409, 'conflict', 'a paused one is not changed');
mark_payment($organization, 'failed', invoice_number => "X-2 \"'\\");
is_deeply([map { $_->{invoice_number} } subscription_of($organization)->json->{pause_reason}{invoices}->@*], ['X-1', "X-2 \"'\\"], 'another invoice is another line of the reason');
$reply = mark_payment($organization, 'made');
is_deeply([$reply->json->@{qw(status pause_reason)}], ['active', undef], 'a payment ends the pause');
is(mark_payment($organization, 'made')->json->{status}, 'active', 'another changes nothing');
mark_payment($organization, 'failed');
is(mark_payment($organization, 'made')->json->{status}, 'active', 'nor is one that came in time a pause');
is(retry_of(), undef, 'nothing is tried any more');
set_clock(0);

my $trying = new_organization();
is_problem(mark_payment($trying, 'failed'), 404, 'not_found', 'without a subscription there is no payment');
subscribe($trying, { plan_id => $plan{startup}, cycle => 'monthly' });
is_problem(mark_payment($trying, 'failed'), 409, 'conflict', 'nor in a trial');
is_problem(call('admin.subscriptions.mark_payment', { organization_id => new_ulid(), outcome => 'made' }, key => admin_key), 404, 'not_found', 'an organization that nobody knows');
is_problem(call('admin.subscriptions.mark_payment', { organization_id => $organization->{id}, outcome => 'made' }, key => $organization->{key}), 403, 'forbidden', 'only operators say so');

done_testing;
