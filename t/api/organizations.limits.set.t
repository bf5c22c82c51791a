#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Inbox;
use Purser::Orders;
use Purser::Test;

sub set ($of, $soft, $hard, %options) {
	return call('organizations.limits.set', { spending_limit_soft => $soft, spending_limit_hard => $hard }, key => $of->{key}, %options);
}

# Types of what was announced, and to whom the mails went.
sub announced ($of, $kind = 'event') {
	return [db_column("SELECT CONCAT_WS(' ', type, recipient) FROM outbox WHERE organization_id = ? AND type LIKE 'limit.%' AND kind = ? ORDER BY id", bytes_of($of->{id}), $kind)];
}

my $organization = new_organization(credits => 1000, billing_email => 'bills@example.com');
my $owner = new_person($organization, 'owner');
order($organization, 'before', 10);
my $reply = set($organization, 1.234567, 2.5);
is_success($reply, 'limits are set');
is_deeply($reply->json, { soft => 1.234567, hard => 2.5, currency => 'AUD', soft_credits => 123, hard_credits => 250, spent => 10,
    balance => 1000, available => 990, reserved => 10, debt => 0 }, 'and told, in money and in credits, rounded down');
like($reply->body, qr/"soft":1\.234567,/, 'as they were written');
is_success(request('PUT', '/v1/billing/limits', key => $organization->{key}, body => { spending_limit_soft => 1, spending_limit_hard => 2 }), 'by the plain route, too');

# ---- what they do ----

order($organization, 'a', 89);
is_deeply(announced($organization), [], 'below the soft limit nothing happens');
order($organization, 'b', 1);
is_deeply(announced($organization), ['limit.soft'], 'reaching it is announced');
is_deeply(announced($organization, 'mail'), ['limit.soft bills@example.com'], 'and a mail goes to the address for bills');
order($organization, 'c', 50);
is_deeply(announced($organization), ['limit.soft'], 'once');
is(order($organization, 'd', 51)->status, 402, 'past the hard limit an order is refused');
is_deeply(announced($organization), ['limit.soft', 'limit.hard'], 'which is announced');
is_deeply(announced($organization, 'mail'), ['limit.soft bills@example.com', 'limit.hard bills@example.com'], 'by mail, too');
is(order($organization, 'e', 51)->status, 402, 'again refused');
is(order($organization, 'f', 51, idempotency_key => 'f')->status, 402, 'also under a key');
is(scalar announced($organization)->@*, 2, 'it is not announced again');
is_deeply(decode_json(db_value("SELECT data FROM outbox WHERE organization_id = ? AND type = 'limit.hard' AND kind = 'event'", bytes_of($organization->{id}))),
    { spent => 150, limit => 200 }, 'with the spend and the limit');
is_success(order($organization, 'd', 50), 'what fits is still taken', status => 202);
is(db_value("SELECT COUNT(*) FROM audit WHERE organization_id = ? AND operation = 'orders.create' AND outcome = 'limit_reached'", bytes_of($organization->{id})), 1,
    'the refusal that was announced is in the audit');
eventually('the owner finds both in the inbox', sub {
	my %types = map { $_->{type} => $_->{title} } call('notifications.list', {}, key => $owner->{key})->json->{data}->@*;
	return ($types{'limit.soft'} // '') =~ /soft/ && ($types{'limit.hard'} // '') =~ /hard/;
});

# Raised, it lets spending go on; none at all, too.
is_success(set($organization, 0, 3), 'the hard limit is raised, the soft one gone');
is_success(order($organization, 'g', 100), 'and spending goes on', status => 202);
is_success(set($organization, 0, 0), 'without limits');
is(set($organization, 0, 0)->json->{hard_credits}, undef, 'there are none');
is_success(order($organization, 'h', 500), 'everything goes', status => 202);
is_success(set($organization, 0, 1), 'below what is spent already');
is_problem(order($organization, 'i', 1), 402, 'limit_reached', 'nothing goes', members => { hard_limit => 100, spent => 800 });

# Without an address for bills the owners hear of it.
my $owned = new_organization(credits => 100);
my @owners = map { new_person($owned, $_) } qw(owner owner admin);
set_limits($owned, 0.1, 0);
order($owned, 'a', 10);
is_deeply([sort { $a cmp $b } announced($owned, 'mail')->@*], [sort map { "limit.soft $_->{email}" } @owners[0, 1]], 'without such an address the owners get the mail');

# Every currency by its own price.
my $sterling = new_organization(currency => 'GBP', credits => 10);
my $price = db_value("SELECT price FROM credit_price WHERE currency = 'GBP'");
is(set($sterling, 0, 10)->json->{hard_credits}, int(10_000_000 / $price), 'limits are in the organization\'s currency');

# ---- what is refused ----

is_problem(set($organization, 2, 1), 422, 'invalid', 'the soft limit is not above the hard one', errors => { '/spending_limit_soft' => 'out_of_range' });
is_success(set($organization, 2, 0), 'unless there is none');
is_success(set($organization, 2, 2), 'it may be equal');
is_problem(set($organization, 0.001, 2), 422, 'invalid', 'a limit of less than a credit is none', errors => { '/spending_limit_soft' => 'out_of_range' });
is_problem(set($organization, 0, 0.009999), 422, 'invalid', 'neither the hard one', errors => { '/spending_limit_hard' => 'out_of_range' });
is_problem(set($organization, -1, 1000000001), 422, 'invalid', 'what can not be', errors => { '/spending_limit_soft' => 'out_of_range', '/spending_limit_hard' => 'out_of_range' });
is_problem(set($organization, '1', '1.0'), 422, 'invalid', 'they are numbers', errors => { '/spending_limit_soft' => 'wrong_type', '/spending_limit_hard' => 'wrong_type' });
is_problem(call('organizations.limits.set', {}, key => $organization->{key}), 422, 'invalid', 'both are needed',
    errors => { '/spending_limit_soft' => 'missing', '/spending_limit_hard' => 'missing' });

my $afterwards = new_post_pay(10);
is_problem(set($afterwards, 0, 0), 409, 'conflict', 'who pays afterwards always has a hard limit');
is_problem(set($afterwards, 0, 10.01), 409, 'conflict', 'at most the operator\'s');
is_success(set($afterwards, 4, 5), 'a lower one can be set');
is_success(set($afterwards, 4, 10), 'and raised again');
my $closed = new_organization();
my $person = new_person($closed, 'owner');
db_run("UPDATE organization SET status = 'closed', closed_at = UTC_TIMESTAMP(6) WHERE id = ?", bytes_of($closed->{id}));
is_problem(set({ key => $person->{key} }, 0, 0), 409, 'organization_closed', 'a closed organization sets none');

# ---- the operator's word ----

sub operator ($of, %fields) {
	return call('admin.organizations.set', { organization_id => $of->{id}, %fields }, key => admin_key);
}

sub limits_of ($of) {
	return join ' ', map { $_ // '-' } db_run('SELECT b.soft_limit, b.hard_limit, o.spending_limit_soft, o.spending_limit_hard, o.spending_limit_ceiling, b.post_pay
	    FROM organization o JOIN book b ON b.organization_id = o.id WHERE o.id = ?', bytes_of($of->{id}))->fetchrow_array;
}

is(limits_of($afterwards), '400 1000 4000000 10000000 10000000 1', 'the book and the organization agree');
operator($afterwards, spending_limit_hard => 20);
is(limits_of($afterwards), '400 2000 4000000 20000000 20000000 1', 'the operator raises the limit and the ceiling, and leaves the soft limit');
operator($afterwards, spending_limit_hard => 3);
is(limits_of($afterwards), '300 300 3000000 3000000 3000000 1', 'but it is never above the hard one');
operator($afterwards, enterprise_billing => JSON::PP::false());
is(limits_of($afterwards), '300 300 3000000 3000000 - 0', 'who pays at once again has no ceiling');
operator($afterwards, spending_limit_hard => 0);
is(limits_of($afterwards), '300 - 3000000 - - 0', 'nor needs a limit');
is_problem(operator($afterwards, spending_limit_hard => 0.001), 422, 'invalid', 'less than a credit is no limit for the operator either', errors => { '/spending_limit_hard' => 'out_of_range' });
set_limits($afterwards, 0, 7);
operator($afterwards, enterprise_billing => JSON::PP::true());
is(limits_of($afterwards), '- 700 - 7000000 7000000 1', 'the limit that is there becomes the ceiling');
is_whole($_) for $organization, $owned;
done_testing;
