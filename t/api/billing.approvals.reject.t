#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Approvals;
use Purser::Cards;
use Purser::Test;

my $organization = new_customer();
my $asked = ask($organization);
my $reply = reject($asked, $organization->{billing}, reason => 'Too much for a Monday.');
my $rejected = $reply->json;

is_success($reply, 'a purchase is turned down');
is_deeply([@$rejected{qw(id status decided_by reason topup_id last_error)}], [$asked->{id}, 'rejected', $organization->{billing}{id}, 'Too much for a Monday.', undef, undef],
    'by whom, and why');
ok($rejected->{decided_at}, 'and when');
is_deeply(approval($organization, $asked), $rejected, 'it stays so');
my @events = events_of($asked);
is_deeply([map { $_->{type} } @events], ['approval.requested', 'approval.decided'], 'an event tells of it');
is_deeply($events[1]{data}, $rejected, 'with all of it');
is(reject(ask($organization), $organization->{owner})->json->{reason}, undef, 'no reason need be given');

is_problem(reject($asked, $organization->{owner}), 409, 'conflict', 'it is not rejected twice');
is_problem(approve($asked, $organization->{owner}), 409, 'conflict', 'nor approved any more');
is(scalar events_of($asked), 2, 'nothing more is told');
is(db_value('SELECT COUNT(*) FROM payment WHERE organization_id = ?', bytes_of($organization->{id})), 0, 'no card was charged');

my $late = ask($organization);
expire_now($late);
is_problem(reject($late, $organization->{owner}), 410, 'approval_expired', 'after its time it is not decided');
my $approved = ask($organization);
is(approve($approved, $organization->{owner})->json->{status}, 'approved', 'one is approved');
is_problem(reject($approved, $organization->{billing}), 409, 'conflict', 'and not rejected then');

attach($organization, 'pm_card_authenticationRequired');
my ($card) = grep { !$_->{isDefault} } cards_of($organization);
call('payment_methods.set_default', { payment_method_row_id => $card->{id} }, key => $organization->{key});
my $waiting = ask($organization);
my $topup = approve($waiting, $organization->{owner})->json->{topup_id};
is_problem(reject($waiting, $organization->{billing}), 409, 'conflict', 'nor while its charge is in flight', members => { topup_id => $topup });

# ---- who may ----

my $held = ask($organization, key => $organization->{billing}{key});
set_policy($organization, require_second_person => JSON::PP::true());
is_problem(reject($held, $organization->{billing}), 403, 'forbidden', 'where a second person is asked for, who asked does not decide');
is_problem(reject($held, { key => $organization->{key} }), 403, 'human_required', 'a key never does');
is_problem(reject($held, new_person($organization, 'member')), 403, 'forbidden', 'nor a member without that role');
is_problem(reject($held, new_customer()->{owner}), 404, 'not_found', "another organization's owner has no such approval");
is_problem(reject({ id => new_ulid() }, $organization->{owner}), 404, 'not_found', 'what was never asked for is not there');
is_problem(reject($held, $organization->{owner}, reason => $_->[0]), 422, 'invalid', "a reason that is $_->[1] is refused", errors => { '/reason' => undef })
    for ['', 'empty'], ["a\nb", 'more than a line'], ['x' x 501, 'too long'];
is(approval($organization, $held)->{status}, 'pending', 'all that has changed nothing');
is_success(reject($held, $organization->{owner}), 'somebody else decides');
done_testing;
