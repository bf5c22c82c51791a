#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Commitments;
use Purser::Orders;
use Purser::Test;

my $organization = new_organization(credits => 100_000);
my $made = commit_ok($organization, milestones => [{ on => day_from(50), amount => '40' }, { on => day_from(100), amount => '60' }]);
settled_order($organization, 3000);
my $reply = amend($organization, $made->{id}, ends_on => day_from(218), amount => '120.00', milestones => [{ on => day_from(80), amount => '50.00' }],
    eligible_services => ['gpu'], rollover_percent => 10);

is_success($reply, 'a commitment is amended');
my $amended = $reply->json;
is_deeply({ $amended->%{qw(id name starts_on ends_on amount committed consumed remaining milestones eligible_services rollover_percent)} },
    { id => $made->{id}, name => 'Compute', starts_on => $made->{starts_on}, ends_on => day_from(218), amount => '120.00', committed => '120.00', consumed => '30.00',
    remaining => '90.00', milestones => [{ on => day_from(80), amount => '50.00' }], eligible_services => ['gpu'], rollover_percent => 10 },
    'it says what is promised now, and what counted before still counts');
is($amended->{updated_at} gt $made->{updated_at}, 1, 'when it was amended is told');
is_deeply(commitment_of($organization, $made->{id})->{milestones}, $amended->{milestones}, 'its organization sees the same');

my $unchanged = amend($organization, $made->{id})->json;
my %shown = map { $_ => 1 } qw(updated_at elapsed_percent projected_total projected_shortfall);
is_deeply({ map { $shown{$_} ? () : ($_ => $unchanged->{$_}) } keys %$unchanged }, { map { $shown{$_} ? () : ($_ => $amended->{$_}) } keys %$amended },
    'what is left out stays');
my @twice = map { call('organizations.commitments.amend', { organization_id => $organization->{id}, commitment_id => $made->{id}, amount => '130' }, key => admin_key,
    idempotency_key => "amend-$$") } 1, 2;
is($twice[1]->body, $twice[0]->body, 'a repeated request is answered again');

# ---- before the term and in it ----

my $later = commit_ok($organization, name => 'Later', starts_on => day_from(10), ends_on => day_from(20));
$reply = amend($organization, $later->{id}, starts_on => day_from(5), true_up => 'milestones', milestones => [{ on => day_from(6), amount => '1' }]);
is_deeply({ $reply->json->%{qw(starts_on true_up status)} }, { starts_on => day_from(5), true_up => 'milestones', status => 'upcoming' }, 'before the term all of it can be changed');
is($reply->json->{take_or_pay}{due_on}, day_from(6), 'and what falls due first with it');
is_problem(amend($organization, $made->{id}, starts_on => day_from(-80)), 409, 'conflict', 'once it runs, its first day stays');
is_problem(amend($organization, $made->{id}, true_up => 'milestones'), 409, 'conflict', 'and its way of billing');

# ---- milestones that were reached ----

my $staged = commit_ok($organization, name => 'Staged', true_up => 'milestones', eligible_services => ['none'],
    milestones => [{ on => day_from(10), amount => '20' }, { on => day_from(20), amount => '60' }]);
my $day = pass_milestone($organization, $staged->{id});
$reply = amend($organization, $staged->{id}, milestones => [{ on => day_from(30), amount => '80' }]);
is_deeply($reply->json->{milestones}, [{ on => $day, amount => '20.00' }, { on => day_from(30), amount => '80.00' }], 'only milestones ahead are replaced');
is_deeply(dues_of($organization, $staged->{id}), [[$day, 0, 20_000_000, 0, 0, 20_000_000, undef]], 'what had fallen due was written down before');
is_deeply($reply->json->{take_or_pay}, { due => '20.00', due_on => $day, status => 'due' }, 'and stays due');
is_problem(amend($organization, $staged->{id}, amount => '15', milestones => [{ on => day_from(30), amount => '15' }]), 422, 'invalid',
    'less than what was reached can not be promised', errors => { '/amount' => 'out_of_range', '/milestones/0/amount' => 'out_of_range' });
is_problem(amend($organization, $staged->{id}, milestones => [{ on => $day, amount => '10' }]), 422, 'invalid', 'nor other milestones before',
    errors => { '/milestones/0/on' => undef, '/milestones/0/amount' => undef });

# ---- and the end behind them ----

my $moved = commit_ok($organization, name => 'Moved', true_up => 'milestones', milestones => [{ on => day_from(0), amount => '20' }, { on => day_from(40), amount => '60' }]);
$day = pass_milestone($organization, $moved->{id});
is_problem(amend($organization, $moved->{id}, ends_on => $day), 422, 'invalid', 'a term does not end on the day of a milestone that was reached, which was elsewhere',
    errors => { '/ends_on' => 'out_of_range', '/milestones/0/on' => 'out_of_range' });
is_success(amend($organization, $moved->{id}, ends_on => day_from(1), amount => '30', milestones => [{ on => day_from(1), amount => '30' }]), 'but on the one behind it');
end_term($organization, $moved->{id});
is_deeply(commitment_of($organization, $moved->{id})->{take_or_pay}, { due => '30.00', due_on => $day, status => 'due' }, 'and is over then');

# ---- services ----

my $narrow = commit_ok($organization, name => 'Narrow', eligible_services => ['gpu']);
is_deeply(amend($organization, $narrow->{id}, amount => '70')->json->{eligible_services}, ['gpu'], 'services that are left out stay');
is_deeply(amend($organization, $narrow->{id}, eligible_services => [])->json->{eligible_services}, [], 'with an empty list all count');
settled_order($organization, [line(7, service => 'anything')]);
is(commitment_of($organization, $narrow->{id})->{consumed}, '0.07', 'from then on');
cancel_commitment($organization, $narrow->{id});

# ---- what does not fit ----

is_problem(amend($organization, $made->{id}, ends_on => day_from(-2)), 422, 'invalid', 'it can not end in the past',
    errors => { '/ends_on' => 'out_of_range', '/milestones/0/on' => 'out_of_range' });
is_problem(amend($organization, $made->{id}, ends_on => day_from(60)), 422, 'invalid', 'or before its milestones', errors => { '/milestones/0/on' => 'out_of_range' });
is_problem(amend($organization, $made->{id}, amount => '49.99'), 422, 'invalid', 'or be of less than them', errors => { '/milestones/0/amount' => 'out_of_range' });
is_problem(amend($organization, $made->{id}, rollover_percent => -1, amount => '0', name => 'x'), 422, 'invalid', 'what does not fit is named',
    errors => { '/rollover_percent' => 'out_of_range', '/amount' => 'out_of_range', '/name' => 'unknown' });
is_problem(call('organizations.commitments.amend', {}, key => admin_key), 422, 'invalid', 'and what is missing',
    errors => { '/organization_id' => 'missing', '/commitment_id' => 'missing' });

# ---- what can't be changed any more ----

my $over = commit_ok($organization, name => 'Over');
end_term($organization, $over->{id});
is_problem(amend($organization, $over->{id}, amount => '1'), 409, 'conflict', 'one whose term is over stays');
my $cancelled = commit_ok($organization, name => 'Cancelled');
cancel_commitment($organization, $cancelled->{id});
is_problem(amend($organization, $cancelled->{id}, amount => '1'), 409, 'conflict', 'one that is cancelled, too');

# ---- whose ----

my $other = new_organization();
is_problem(amend($organization, $_, amount => '1'), 404, 'not_found', 'another organization\'s is not there') for commit_ok($other)->{id}, new_ulid();
is_problem(call('organizations.commitments.amend', { organization_id => $organization->{id}, commitment_id => $made->{id} }, key => $organization->{key}), 403, 'forbidden',
    'an organization can not amend its own', members => { required_scope => 'admin:write' });
my $leaving = new_organization();
my $left = commit_ok($leaving);
call('organizations.close', {}, key => new_person($leaving, 'owner')->{key});
is_problem(amend($leaving, $left->{id}, amount => '1'), 409, 'organization_closed', 'a closed one\'s stays');
is_problem(cancel_commitment($leaving, $left->{id}), 409, 'organization_closed', 'and is not cancelled');
done_testing;
