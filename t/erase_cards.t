#!/usr/bin/perl
# Before an organization is erased its cards are detached at the processor; one that does not answer is waited for, a week.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;

my $job = 'organizations.erase';
my $day = 86400;
my $stack = Purser::Payments->start;
my $provider = $stack->provider;

sub closed_buyer () {
	my $buyer = $stack->new_buyer;
	$stack->add_card($buyer, 'pm_card_visa');
	$buyer->{cards} = [db_column('SELECT card_id FROM payment_method WHERE organization_id = ? ORDER BY id', bytes_of($buyer->{id}))];
	$stack->good('admin.organizations.set', { organization_id => $buyer->{id}, status => 'closed' }, key => $stack->admin_key);
	return $buyer;
}

sub is_erased ($of) { return defined db_value('SELECT erased_at FROM organization WHERE id = ?', bytes_of($of->{id})) }
sub attached ($of) { return db_value('SELECT COUNT(*) FROM payment_method WHERE organization_id = ? AND detached_at IS NULL', bytes_of($of->{id})) }
sub detachments () { return scalar grep { $_->{name} eq 'POST /v1/payment_methods/*/detach' } $provider->statistics->{log}->@* }
my $runs = 0;

# The job, run once; what it said of the processor.
sub erase () {
	my $pid = $stack->begin_run($job);
	$runs++;
	is(end_program($pid), 0, 'the job ends well');
	return scalar log_lines(qr/did not detach its cards/, "once-$runs");
}

my $first = closed_buyer;
my $second = closed_buyer;
$stack->later(29 * $day);
is(erase, 0, 'before their time is over');
is(detachments, 0, 'cards stay');
$stack->later($day + 60);

$provider->control('fault', path => "$first->{cards}[1]/detach\$", status => 500, times => 0);
is(erase, 1, 'a processor that does not answer is told of in the log');
ok(!is_erased($first), 'and the organization waits');
is(attached($first), 1, 'with the card that is left');
ok(is_erased($second), 'another does not wait for it');
my $before = detachments;
$provider->control('clear_faults');
is(erase, 0, 'when it answers');
ok(is_erased($first), 'the organization is erased');
is(detachments, $before + 1, 'after its last card was detached');
is(db_value("SELECT COUNT(*) FROM payment_method WHERE card_id LIKE 'pm%'"), 0, 'no card is known any more');

my $left = closed_buyer;
my $more = closed_buyer;
$provider->control('fault', path => '/detach$', reset => 1, times => 0);
$stack->later(30 * $day + 60);
is(erase, 2, 'each that waits is told of');
$stack->later(7 * $day - 120);
erase;
ok(!is_erased($left) && !is_erased($more), 'for a week they wait');
$stack->later(120);
is(erase, 2, 'then the log tells');
ok(is_erased($left) && is_erased($more), 'that they were erased all the same');

# Many that wait hold up the other jobs no longer than a few.
my @many = map { closed_buyer } 1 .. 5;
$stack->later(30 * $day + 60);
$before = detachments;
is(erase, 5, 'of many all are told of');
is(scalar(grep { is_erased($_) } @many), 0, 'and all wait');
$provider->control('clear_faults');
my $reopened = shift @many;
$stack->good('admin.organizations.set', { organization_id => $reopened->{id}, status => 'active' }, key => $stack->admin_key);
is(erase, 0, 'when it answers again');
is(scalar(grep { !is_erased($_) } @many), 0, 'all are erased');
is(attached($reopened), 2, 'and one that was reopened keeps its cards');
done_testing;
