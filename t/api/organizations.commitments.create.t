#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Commitments;
use Purser::Orders;
use Purser::Test;

my $organization = new_organization(credits => 100_000);
my ($from, $to) = (day_from(-73), day_from(291));
my $reply = commit($organization, name => 'GPU 2026', amount => '1200.50', milestones => [{ on => day_from(100), amount => '400' }, { on => $to, amount => '1200.50' }],
    eligible_services => ['gpu', 'bare metal'], true_up => 'milestones', rollover_percent => 25, currency => 'AUD');

is_success($reply, 'a commitment is written down');
my $made = $reply->json;
ulid_ok($made->{id}, 'with an id');
is_deeply({ $made->%{qw(organization_id name starts_on ends_on amount currency milestones eligible_services true_up rollover_percent carried_in)} },
    { organization_id => $organization->{id}, name => 'GPU 2026', starts_on => $from, ends_on => $to, amount => '1200.50', currency => 'AUD',
    milestones => [{ on => day_from(100), amount => '400.00' }, { on => $to, amount => '1200.50' }], eligible_services => ['gpu', 'bare metal'],
    true_up => 'milestones', rollover_percent => 25, carried_in => '0.00' }, 'it says what was promised');
is_deeply({ $made->%{qw(status committed consumed remaining consumed_percent pace projected_total projected_shortfall cancelled_at)} },
    { status => 'active', committed => '1200.50', consumed => '0.00', remaining => '1200.50', consumed_percent => 0, pace => 'behind', projected_total => '0.00',
    projected_shortfall => '1200.50', cancelled_at => undef }, 'and how far it is');
is_deeply($made->{take_or_pay}, { due => '400.00', due_on => day_from(100), status => 'pending' }, 'what would be due next');
is_deeply($made->{next_milestone}, { on => day_from(100), amount => '400.00', remaining => '400.00' }, 'and the next milestone');
ok(!exists $made->{line_items}, 'lines are not shown unasked');
is_deeply(commitment_of($organization, $made->{id}), $made, 'its organization sees the same');

my $plain = commit_ok($organization, name => 'Plain', starts_on => day_from(10), ends_on => day_from(10));
is_deeply({ $plain->%{qw(milestones eligible_services true_up rollover_percent status projected_total projected_shortfall pace next_milestone elapsed_percent)} },
    { milestones => [], eligible_services => [], true_up => 'at_end', rollover_percent => 0, status => 'upcoming', projected_total => undef, projected_shortfall => undef,
    pace => 'on', next_milestone => undef, elapsed_percent => 0 }, 'one of a single day ahead, of which little is said');
is_deeply($plain->{take_or_pay}, { due => '100.00', due_on => day_from(10), status => 'pending' }, 'all of it would be due');

my @twice = map { commit($organization, name => 'Once', idempotency_key => "commitment-$$") } 1, 2;
is($twice[1]->body, $twice[0]->body, 'a repeated request makes one');
is(scalar(db_column("SELECT id FROM commitment WHERE organization_id = ? AND name = 'Once'", bytes_of($organization->{id}))), 1, 'and no other');
is(commitment_of($organization, $_->{id})->{name}, $_->{name}, "$_->{name} is listed") for $plain;

# ---- what does not fit ----

sub refused ($name, $errors, %fields) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is_problem(commit($organization, %fields), 422, 'invalid', $name, errors => $errors);
}

is_problem(call('organizations.commitments.create', {}, key => admin_key), 422, 'invalid', 'what is missing is named',
    errors => { map { ("/$_" => 'missing') } qw(organization_id name starts_on ends_on amount) });
refused('days that are none', { '/starts_on' => 'bad_format', '/ends_on' => 'bad_format' }, starts_on => '2026-02-29', ends_on => '2026-13-01');
refused("the year $_", { '/ends_on' => 'bad_format' }, ends_on => "$_-01-01") for 1999, 2200;
refused('a term that ends before it starts', { '/ends_on' => 'out_of_range' }, starts_on => day_from(5), ends_on => day_from(4));
refused('a term that is over', { '/ends_on' => 'out_of_range' }, ends_on => day_from(-2));
is_success(commit($organization, name => 'Last day', ends_on => day_from(0)), 'its last day may be today');
refused('nothing is no promise', { '/amount' => 'out_of_range' }, amount => '0');
refused('nor is a debt', { '/amount' => undef }, amount => '-1.00');
refused('or more than anybody has', { '/amount' => 'out_of_range' }, amount => '10000000000.01');
is_success(commit($organization, name => 'Most', amount => '10000000000'), 'ten thousand million is the most');
refused('another currency than the organization\'s', { '/currency' => 'not_allowed' }, currency => 'USD');
refused('another currency than any', { '/currency' => 'not_allowed' }, currency => 'EUR');
refused('more than all', { '/rollover_percent' => 'out_of_range' }, rollover_percent => 101);
refused('another way', { '/true_up' => 'not_allowed' }, true_up => 'never');
refused('milestones to be billed at, and none', { '/milestones' => 'missing' }, true_up => 'milestones');
refused('no milestone in a list', { '/milestones' => 'too_few' }, milestones => []);
refused('a milestone outside of the term', { '/milestones/0/on' => 'out_of_range', '/milestones/1/on' => 'out_of_range' },
    milestones => [{ on => day_from(-74), amount => '1' }, { on => day_from(292), amount => '2' }]);
refused('a milestone that is over', { '/milestones/0/on' => 'out_of_range' }, milestones => [{ on => day_from(-2), amount => '1' }]);
refused('milestones out of order', { '/milestones/1/on' => 'out_of_range', '/milestones/1/amount' => 'out_of_range' },
    milestones => [{ on => day_from(9), amount => '5' }, { on => day_from(9), amount => '5' }]);
refused('a milestone of more than all', { '/milestones/0/amount' => 'out_of_range' }, milestones => [{ on => day_from(9), amount => '100.01' }]);
refused('less than all on the last day', { '/milestones/0/amount' => 'out_of_range' }, milestones => [{ on => $to, amount => '99.99' }]);
refused('a service twice, and one without a name', { '/eligible_services/1' => 'duplicate', '/eligible_services/2' => undef }, eligible_services => ['gpu', 'gpu', '']);
refused('a service with a line break in its name', { '/eligible_services/0' => 'bad_format' }, eligible_services => ["a\nb"]);
refused('several faults at once', { '/amount' => 'out_of_range', '/true_up' => 'not_allowed', '/price' => 'unknown' }, amount => '0', true_up => 'x', price => 1);

# ---- whose ----

is_problem(commit({ id => new_ulid() }), 404, 'not_found', 'an unknown organization is not there');
is_problem(commit($organization, key => $organization->{key}), 403, 'forbidden', 'an organization can not promise by itself', members => { required_scope => 'admin:write' });
my $closed = new_organization();
call('organizations.close', {}, key => new_person($closed, 'owner')->{key});
is_problem(commit($closed), 409, 'organization_closed', 'a closed one promises nothing more');
my $american = new_organization(currency => 'USD');
is(commit_ok($american, currency => 'USD')->{currency}, 'USD', 'another organization pays in another currency');
is_problem(call('organizations.update', { currency => 'GBP' }, key => $american->{key}), 409, 'conflict', 'which stays while it has a commitment');
cancel_commitment($american, $_->{id}) for commitments($american)->json->{data}->@*;
is_success(call('organizations.update', { currency => 'GBP' }, key => $american->{key}), 'and not longer');

# ---- local days ----

# UTC+14 and UTC-11 all year; a day that clocks make 23 or 25 hours long; one whose midnight they skip.
for (['Pacific/Kiritimati', '2098-05-01', '2098-05-31', '2098-04-30 10:00:00', '2098-05-31 10:00:00'],
	['Pacific/Niue', '2098-05-01', '2098-05-31', '2098-05-01 11:00:00', '2098-06-01 11:00:00'],
	['Etc/GMT+12', '2098-12-31', '2098-12-31', '2098-12-31 12:00:00', '2099-01-01 12:00:00'],
	['America/New_York', '2027-03-14', '2027-03-14', '2027-03-14 05:00:00', '2027-03-15 04:00:00'],
	['America/New_York', '2027-11-07', '2027-11-07', '2027-11-07 04:00:00', '2027-11-08 05:00:00'],
	['Asia/Beirut', '2027-03-27', '2027-03-27', '2027-03-26 22:00:00', '2027-03-27 22:00:00'],
	['Asia/Beirut', '2027-03-28', '2027-03-28', '2027-03-27 22:00:00', '2027-03-28 21:00:00'],
	['Australia/Lord_Howe', '2027-04-04', '2027-04-04', '2027-04-03 13:00:00', '2027-04-04 13:30:00']) {
	my ($zone, $starts_on, $ends_on, $starts_at, $ends_at) = @$_;
	my $there = new_organization(timezone => $zone);
	my $row = commitment_row($there, commit_ok($there, starts_on => $starts_on, ends_on => $ends_on)->{id});
	is("$row->{starts_at} to $row->{ends_at}", "$starts_at.000000 to $ends_at.000000", "$starts_on to $ends_on in $zone are its local days");
}
done_testing;
