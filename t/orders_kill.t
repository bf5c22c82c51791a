#!/usr/bin/perl
# 64 callers order, settle and cancel while workers and MariaDB are killed with signal 9, again and again: not one credit is
# spent twice, nothing that was acknowledged is lost, and every reply is one that a program can read.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Derived qw(derived_checks);
use Purser::Orders;
use Purser::Test;
use Time::HiRes qw(sleep time);

my ($callers, $seconds, $credits, $price) = (64, $ENV{PURSER_CHECK_ALL} ? 90 : 10, $ENV{PURSER_CHECK_ALL} ? 40_000 : 4_000, 7);
my $patience = 60;
my $organization = new_organization(credits => $credits, rate_limit => 1_000_000);

# What t/database.t does, too: MariaDB killed, and started anew by the stack's own functions.
sub restart_mariadb () {
	my ($port) = $ENV{PURSER_URL} =~ /:(\d+)$/;
	local $ENV{STACK} = "$FindBin::Bin/../scripts/stack.sh";
	return system('bash', '-euc', 'source "$STACK"; stack_use "$PURSER_VAR" "$PURSER_BUILD" "$0"; stack_alive mariadb && kill -s KILL "$pid";
	    stack_directories; exec {stack_lock}</dev/null; stack_mariadb_start', $port) == 0;
}

# Repeats the call until it is answered for good.
sub insist ($seen, $ask) {
	my $until = time + $patience;
	while (time < $until) {
		my $reply = eval { $ask->() };
		my $what = $reply ? join ' ', grep { defined } $reply->status, $reply->media_type, $reply->code : "no reply: $@";
		$seen->{$what}++;
		return $reply if $reply && $reply->status =~ /^20|^402/;
		sleep 0.02 + rand 0.05;
	}
	return undef;
}

# One caller; writes a line for each order: its reference, its id, what it was acknowledged to be, and for how much.
sub caller_of ($number, $until) {
	my $client = client(record => 0, timeout => 20);
	my %seen;
	srand $number;
	for (my $n = 1; time < $until; $n++) {
		my $reference = "kill-$number-$n";
		my @key = rand() < 0.5 ? (idempotency_key => $reference) : ();
		my $made = insist(\%seen, sub { order($organization, $reference, $price, client => $client, @key) });
		say join "\t", 'unanswered', $reference and next unless $made;
		say join "\t", 'refused', $reference and sleep(0.2), next if $made->status == 402;
		my ($id, $state, $for) = ($made->json->{id}, 'reserved', $price);
		my $chance = rand;
		if ($chance < 0.4) {
			my $done = insist(\%seen, sub { cancel($organization, $id, client => $client, @key) });
			($state, $for) = $done ? ('cancelled', $price) : ('unanswered', 0);
		} elsif ($chance < 0.6) {
			my $done = insist(\%seen, sub { settle($organization, $id, 3, client => $client, @key) });
			($state, $for) = $done ? ('settled', 3) : ('unanswered', 0);
		}
		say join "\t", 'made', $reference, $id, $state, $for, scalar @key;
	}
	say join "\t", 'seen', $_ =~ s/\s+/ /gr, $seen{$_} for keys %seen;
}

my $until = time + $seconds;
my @pipes = map { my $number = $_;
	my $pid = open(my $pipe, '-|') // die "fork: $!";
	if ($pid == 0) {
		caller_of($number, $until);
		close STDOUT;
		require POSIX;
		POSIX::_exit(0);
	}
	$pipe } 1 .. $callers;

my ($killed, $restarted, $next) = (0, 0, time + 2);
while (time < $until) {
	my @workers = worker_pids();
	$killed += kill 'KILL', $workers[rand @workers] if @workers;
	if (time > $next) {
		db->disconnect;
		ok(restart_mariadb(), 'MariaDB is killed, and comes back') and $restarted++;
		$next = time + 3;
	}
	sleep 0.1 + rand 0.1;
}

my (%made, %refused, %unanswered, %seen);
for my $pipe (@pipes) {
	while (my $line = <$pipe>) {
		chomp $line;
		my ($what, $name, @rest) = split /\t/, $line;
		$made{$name} = { id => $rest[0], state => $rest[1], credits => $rest[2], keyed => $rest[3] } if $what eq 'made';
		$refused{$name} = 1 if $what eq 'refused';
		$unanswered{$name} = 1 if $what eq 'unanswered';
		$seen{$name} += $rest[0] if $what eq 'seen';
	}
	close $pipe;
}
diag "$killed kills of workers, $restarted of MariaDB; " . keys(%made) . ' orders made, ' . keys(%refused) . ' refused; replies: '
    . join ', ', map { "$_ × $seen{$_}" } sort keys %seen;

cmp_ok($killed, '>', $seconds / 3, 'workers were killed');
cmp_ok($restarted, '>=', 1, 'and MariaDB');
cmp_ok(scalar keys %made, '>', 100, 'and work was done meanwhile');
is(join("\n", grep { !m{^(?:200|202) application/json$|^(?:402|409|429|502|503|504) application/problem\+json} } keys %seen), '',
    'every reply was a success, or a problem document that says what is the matter');
is_deeply([grep { /idempotency_key_reused|conflict/ } keys %seen], [], 'no repetition was taken for another request');
is_deeply(\%unanswered, {}, 'every order was answered in the end');

# A connection of its own: that of before has seen MariaDB die.
my $db = DBI->connect("dbi:MariaDB:database=$ENV{PURSER_DB_NAME};mariadb_socket=$ENV{PURSER_DB_SOCKET}", scalar getpwuid($<), undef,
    { RaiseError => 1, PrintError => 0 });
my $hex = unpack 'H*', bytes_of($organization->{id})->$*;
my $rows = $db->selectall_hashref("SELECT reference, HEX(id) AS id, status, credits FROM orders WHERE organization_id = X'$hex'", 'reference');
my %audited = map { $_->[0] => $_->[1] } $db->selectall_arrayref("SELECT HEX(target_id), COUNT(*) FROM audit WHERE organization_id = X'$hex'
    AND operation = 'orders.create' AND outcome = 'ok' GROUP BY target_id")->@*;
sub hex_of ($id) { return uc unpack 'H*', bytes_of($id)->$* }

my @lost = grep { my ($order, $row) = ($made{$_}, $rows->{$_}); !$row || $row->{id} ne hex_of($order->{id}) } sort keys %made;
is_deeply(\@lost, [], 'no acknowledged order is lost');
my @other = grep { my ($order, $row) = ($made{$_}, $rows->{$_}); $row && $order->{state} ne 'unanswered' && "$row->{status} $row->{credits}" ne "$order->{state} $order->{credits}" } sort keys %made;
is_deeply([map { "$_: $rows->{$_}{status} $rows->{$_}{credits}, not $made{$_}{state} $made{$_}{credits}" } @other], [], 'each is what it was acknowledged to be');
is_deeply([grep { !$made{$_} } sort keys %$rows], [], 'nothing is there that was not acknowledged in the end');
is_deeply([grep { my $n = $audited{ hex_of($made{$_}{id}) } // 0; $made{$_}{keyed} ? $n != 1 : $n < 1 } sort keys %made], [], 'each left its audit row; those with a key just one');

my ($available, $reserved, $spend, $limit) = $db->selectrow_array("SELECT available, reserved, cycle_spend, hard_limit FROM book WHERE organization_id = X'$hex'");
my ($held, $charged) = $db->selectrow_array("SELECT SUM(IF(status = 'reserved', held, 0)), SUM(IF(status = 'settled', credits, 0)) FROM orders WHERE organization_id = X'$hex'");
is($reserved, $held, 'what is reserved is what the open orders hold');
is($available + $reserved + $charged, $credits, 'and with what was charged and what is left it is all there was: not one credit is over');
is($spend, $reserved + $charged, 'the cycle has spent just that');
my $balance;
eventually('the balance can be read', sub { my $reply = call('billing.credits.balance', {}, key => $organization->{key});
	$balance = $reply->status == 200 ? $reply->json : undef });
is($balance->{available}, $available, 'as it is');
is_whole($organization);
note $db->selectrow_array("SELECT CONCAT('the last that came late: ', MAX(sequence)) FROM journal_late WHERE organization_id = X'$hex'") // 'none came late';
is_deeply([map { $_->[0] } grep { $db->selectrow_array($_->[1]) } derived_checks($hex)], [], 'and what is kept beside its entries is what they say, in whatever order they came');

# What is left is spent to the last order, and no further.
my $more = 0;
$more++ while $more < 10_000 && order($organization, "rest-$more", $price)->status == 202;
is($more, int($available / $price), 'what is left is exactly what it was');
eventually('and the pool is complete again', sub { worker_pids() >= 2 });
$db->disconnect;
done_testing;
