#!/usr/bin/perl
# A subscription that was to end goes on.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Subscriptions;
use Purser::Test;

my $organization = new_organization(credits => 9800);
is_problem(resume_plan($organization), 404, 'not_found', 'without a subscription nothing goes on');
my $begun = subscribe($organization, { plan_id => $plan{startup}, cycle => 'monthly', trial => \0 })->json;
end_plan($organization);
my $reply = resume_plan($organization);
is_success($reply, 'one that was to end');
is_deeply($reply->json, $begun, 'is as it was before');
is_deeply(changes_told($organization), [('none active', 'active active', 'active active')], 'and events tell');
is_deeply(resume_plan($organization)->json, $begun, 'one that was not to end is left alone');
is(scalar changes_told($organization)->@*, 3, 'without an event');
is_problem(resume_plan($organization, { product => 'spaces' }), 404, 'not_found', 'of another product there is none');
is_problem(resume_plan(new_organization()), 404, 'not_found', 'nor has another organization one');

end_plan($organization);
mark_payment($organization, 'failed');
set_clock(8 * 86400);
is(mark_payment($organization, 'failed')->json->{status}, 'paused', 'while it is paused');
is_problem(resume_plan($organization), 409, 'conflict', 'only a payment helps');
mark_payment($organization, 'made');
is(resume_plan($organization)->json->{cancel_at}, undef, 'after that it can go on');
set_clock(0);

done_testing;
