#!/usr/bin/perl
# Delivering where nobody else looks: what is leased is left alone until the lease is over, the outcome of a lost lease is not
# booked, a subscription that can not be opened keeps no other, and one host has two at once.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Hooks;
use Purser::Jobs;
use Purser::Test;
use Time::HiRes qw(sleep time);

my $receiver = Purser::Hooks->receiver;
my $stack = Purser::Hooks->start(reach => [$receiver->address]);
my $mine = $stack->new_organization;
$stack->fan_out;

# ---- leases ------------------------------------------------------------------------------------------------------------

my $slow = $stack->subscribe($mine, $receiver->url('/slow/3'));
my $event = $stack->happen($mine);
$stack->fan_out;
my $job = $stack->begin_run('events.deliver');
eventually('a delivery is under way', sub { scalar $receiver->events('/slow') });
ok($stack->run('events.deliver'), 'another process looks, too');
is(scalar $receiver->events('/slow'), 1, 'and leaves it alone');
db_run('UPDATE event_delivery SET lease_token = lease_token + 1');
end_program($job);
is(db_value('SELECT COUNT(*) FROM event_attempt'), 0, 'whose lease was lost books nothing');
$stack->deliver;
is(scalar $receiver->events('/slow'), 1, 'nothing is due before the lease is over');
$stack->later(31);
$stack->deliver;
is(scalar $receiver->events('/slow'), 2, 'then it is sent again');
is(db_value("SELECT CONCAT(status, ' ', attempts) FROM event_delivery"), 'delivered 1', 'and booked');
$stack->good('event_subscriptions.delete', { subscription_id => $slow->{id} }, key => $mine->{key});

# ---- one that can't be opened ------------------------------------------------------------------------------------------

my ($broken, $whole) = map { $stack->subscribe($mine, $receiver->url("/as/$_")) } qw(broken whole);
db_run("UPDATE event_subscription SET secret = 'nonsense' WHERE id = ?", bytes_of($broken->{id}));
$stack->happen($mine);
ok($stack->tell && $stack->deliver, 'the job ends well');
is(scalar $receiver->events('/as/whole'), 1, 'a subscription whose secret can not be opened keeps no other from its events');
is(scalar $receiver->events('/as/broken'), 0, 'and is sent nothing');
$stack->good('event_subscriptions.delete', { subscription_id => $_->{id} }, key => $mine->{key}) for $broken, $whole;

# ---- a host ------------------------------------------------------------------------------------------------------------

my @slow = map { $stack->subscribe($mine, $receiver->url("/slow/0.5/$_")) } 1 .. 6;
db_run('UPDATE event_subscription SET trust = 2');
$stack->happen($mine);
my $began = time;
$stack->tell;
my @at = sort { $a <=> $b } map { $_->{at} } $receiver->events('/slow/0.5');
is(@at, 6, 'six subscriptions at one host are served');
my @beside = map { my $one = $_; scalar grep { $_ >= $one && $_ < $one + 0.4 } @at } @at;
is((sort @beside)[-1], 2, 'two at once');

# ---- closed and erased -------------------------------------------------------------------------------------------------

my $last = $stack->subscribe($mine, $receiver->url('/as/last'));
$stack->good('admin.organizations.set', { organization_id => $mine->{id}, status => 'closed' }, key => $stack->admin_key);
$stack->tell;
is_deeply([map { decode_json($_->{body})->{event_type} } $receiver->events('/as/last')], ['organization.closed'], 'that the organization was closed is still told');
$stack->later(31 * 86400);
$stack->happen($mine);
$stack->run('organizations.erase');
$stack->tell;
is(scalar $receiver->events('/as/last'), 1, 'and nothing after it was erased');
is(db_value("SELECT COUNT(*) FROM event_subscription WHERE organization_id = ? AND (secret <> '' OR endpoint_url <> '')", bytes_of($mine->{id})), 0, 'its secrets are gone');
done_testing;
