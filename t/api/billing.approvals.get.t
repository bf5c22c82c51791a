#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Approvals;
use Purser::Test;

my $organization = new_customer();
my $asked = ask($organization);
my $reply = get('/v1/billing/approvals/get', query => { approval_id => $asked->{id} }, key => $organization->{key});

is_success($reply, 'an approval is read');
is_deeply($reply->json, $asked, 'as it was asked for');
expire_now($asked);
my $expired = approval($organization, $asked);
is($expired->{status}, 'expired', 'past its time it reads `expired` at once');
is_deeply([@$expired{qw(decided_by decided_at)}], [undef, undef], 'and nobody has decided it');
is(db_value('SELECT status FROM approval WHERE id = ?', bytes_of($asked->{id})), 'pending', 'before anything wrote that down');

my $edge = ask($organization, expiry_hours => 1);
db_run('UPDATE approval SET expires_at = UTC_TIMESTAMP(6) + INTERVAL 1 SECOND WHERE id = ?', bytes_of($edge->{id}));
is(approval($organization, $edge)->{status}, 'pending', 'until its last second it is pending');

is_problem(call('billing.approvals.get', { approval_id => $asked->{id} }, key => new_organization()->{key}), 404, 'not_found', "another organization's does not exist");
is_problem(call('billing.approvals.get', { approval_id => new_ulid() }, key => $organization->{key}), 404, 'not_found', 'nor does one that was never asked for');
is_problem(call('billing.approvals.get', {}, key => $organization->{key}), 422, 'invalid', 'its id is needed', errors => { '/approval_id' => 'missing' });
is_problem(call('billing.approvals.get', { approval_id => 'x' }, key => $organization->{key}), 422, 'invalid', 'and has to be one', errors => { '/approval_id' => undef });
done_testing;
