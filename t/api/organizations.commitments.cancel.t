#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Commitments;
use Purser::Orders;
use Purser::Test;

my $organization = new_organization(credits => 100_000);
my $made = commit_ok($organization);
settled_order($organization, 1000);
my $reply = cancel_commitment($organization, $made->{id});

is_success($reply, 'a commitment is cancelled');
my $cancelled = $reply->json;
is_deeply({ $cancelled->%{qw(id status consumed pace take_or_pay next_milestone)} },
    { id => $made->{id}, status => 'cancelled', consumed => '10.00', pace => 'behind', take_or_pay => { due => '0.00', due_on => $made->{ends_on}, status => 'none' },
    next_milestone => undef }, 'nothing falls due any more');
like($cancelled->{cancelled_at}, qr/^20/, 'when, is told');
is(cancel_commitment($organization, $made->{id})->body, $reply->body, 'cancelling again answers the same');
my $order = settled_order($organization, 500);
is_deeply(uses_of($organization, $order), [], 'nothing counts towards it from then on');
is(commitment_of($organization, $made->{id})->{consumed}, '10.00', 'what counted stays');

# ---- what had fallen due ----

my $staged = commit_ok($organization, name => 'Staged', true_up => 'milestones', milestones => [{ on => day_from(10), amount => '20' }]);
my $day = pass_milestone($organization, $staged->{id});
is_deeply(cancel_commitment($organization, $staged->{id})->json->{take_or_pay}, { due => '20.00', due_on => $day, status => 'due' }, 'what fell due at a milestone stays due');
is_deeply([map { $_->[0] } commitment_events($organization, $staged->{id})->@*], ['commitment.due'], 'and is announced');

# ---- what can't be cancelled ----

my $over = commit_ok($organization, name => 'Over');
end_term($organization, $over->{id});
is_problem(cancel_commitment($organization, $over->{id}), 409, 'conflict', 'one whose term is over is not cancelled');
my $other = new_organization();
is_problem(cancel_commitment($organization, $_), 404, 'not_found', 'nor another organization\'s') for commit_ok($other)->{id}, new_ulid();
is_problem(call('organizations.commitments.cancel', { organization_id => new_ulid(), commitment_id => $made->{id} }, key => admin_key), 404, 'not_found', 'an unknown organization has none');
is_problem(call('organizations.commitments.cancel', {}, key => admin_key), 422, 'invalid', 'what is missing is named',
    errors => { '/organization_id' => 'missing', '/commitment_id' => 'missing' });
is_problem(call('organizations.commitments.cancel', { organization_id => $organization->{id}, commitment_id => $made->{id} }, key => $organization->{key}), 403, 'forbidden',
    'an organization can not cancel its own', members => { required_scope => 'admin:write' });

# ---- before it began ----

my $later = commit_ok($organization, name => 'Later', starts_on => day_from(10), ends_on => day_from(20));
is(cancel_commitment($organization, $later->{id})->json->{status}, 'cancelled', 'one that has not begun is cancelled');
my @twice = map { call('organizations.commitments.cancel', { organization_id => $organization->{id}, commitment_id => $later->{id} }, key => admin_key,
    idempotency_key => "cancel-$$") } 1, 2;
is($twice[1]->body, $twice[0]->body, 'a repeated request is answered again');
done_testing;
