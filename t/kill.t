#!/usr/bin/perl
# Workers are killed with signal 9 at random moments under load: no write that was acknowledged is lost, none is half done
# or done twice, and every caller gets a reply that a program can read.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;
use Time::HiRes qw(sleep time);

my ($callers, $seconds) = (6, $ENV{PURSER_CHECK_ALL} ? 60 : 8);
my $organization = new_organization(rate_limit => 1000000);
admin_key;

sub master () {
	open my $file, '<', "$ENV{PURSER_VAR}/run/purser-fcgi.process" or die "no master: $!";
	return (split ' ', scalar <$file>)[0];
}

sub parent_of ($pid) {
	open my $file, '<', "/proc/$pid/stat" or return 0;
	return (split ' ', (scalar(<$file>) // '') =~ s/^.*\) //sr)[1] // 0;
}

sub workers () {
	my $master = master;
	return grep { parent_of($_) == $master } map { m{(\d+)} } glob '/proc/[0-9]*';
}

my $over = "$ENV{PURSER_VAR}/tmp/kill-$$.over";

# One caller: a key a grant, repeated until it is acknowledged. Writes a line for each: key, tries, the id.
sub caller_of ($number, $out) {
	my %seen;
	for (my $n = 1; !-e $over; $n++) {
		my ($key, $tries, $reply) = ("kill-$$-$n", 0);
		do {
			$reply = eval { call('billing.grants.create', { organization_id => $organization->{id}, credits => 1, source => 'goodwill' },
			    key => $ENV{PURSER_ADMIN_KEY}, idempotency_key => $key, client => client(record => 0)) };
			$seen{ $reply ? $reply->status . ' ' . ($reply->media_type // '') : "no reply: $@" }++;
			sleep 0.02 if !$reply || $reply->status != 200;
		} until ($reply && $reply->status == 200) || ++$tries > 500;
		say $out join "\t", 'acknowledged', $key, $reply->json->{id} // '' if $reply && $reply->status == 200;
	}
	say $out join "\t", 'seen', $_, $seen{$_} for keys %seen;
}

my @pipes = map { my $number = $_;
	my $pid = open(my $pipe, '-|') // die "fork: $!";
	if ($pid == 0) {
		$| = 1;
		caller_of($number, \*STDOUT);
		close STDOUT;
		require POSIX;
		POSIX::_exit(0);
	}
	$pipe } 1 .. $callers;

# On a busy machine it takes longer until there were enough.
my ($killed, $began) = (0, time);
while (time < $began + $seconds || ($killed <= $seconds * 5 && time < $began + 10 * $seconds)) {
	my @workers = workers;
	$killed += kill 'KILL', $workers[rand @workers] if @workers;
	sleep 0.05 + rand 0.05;
}
open my $end, '>', $over or die "$over: $!";

my (%acknowledged, %seen);
for my $pipe (@pipes) {
	while (my $line = <$pipe>) {
		chomp $line;
		my ($what, $name, $value) = split /\t/, $line;
		$what eq 'seen' ? ($seen{$name} += $value) : ($acknowledged{$name} = $value);
	}
	close $pipe;
}
unlink $over;
diag "$killed kills, " . keys(%acknowledged) . ' grants acknowledged; replies: ' . join ', ', map { "$_ × $seen{$_}" } sort keys %seen;

cmp_ok($killed, '>', $seconds, 'workers were killed');
cmp_ok(scalar keys %acknowledged, '>', 50, 'and work was done meanwhile');
is(join("\n", grep { !/^200 application\/json$|^(409|502|503|504) application\/problem\+json$/ } keys %seen), '',
    'every reply was a success or a problem document that asks for a repeat');

my $in_ledger = { map { $_->[0] => $_->[1] } db_run('SELECT hex(id), count(*) FROM journal_entry WHERE organization_id = ? GROUP BY id',
    bytes_of($organization->{id}))->fetchall_arrayref->@* };
my @lost = grep { !$in_ledger->{ uc unpack 'H*', ${ bytes_of($acknowledged{$_}) } } } keys %acknowledged;
is_deeply(\@lost, [], 'no acknowledged grant is lost');
my %distinct = reverse %acknowledged;
is(scalar keys %distinct, scalar keys %acknowledged, 'no two keys share a grant');
is(scalar keys %$in_ledger, scalar keys %acknowledged, 'nothing is there that was not acknowledged in the end');
is(db_value('SELECT count(*) FROM audit WHERE organization_id = ? AND operation = ?', bytes_of($organization->{id}), 'billing.grants.create'),
    scalar keys %acknowledged, 'each left one audit row');

my $balance;
eventually('the balance can be read', sub { my $reply = call('billing.credits.balance', {}, key => $organization->{key});
	$balance = $reply->status == 200 ? $reply->json : undef });
is($balance->{available}, scalar keys %acknowledged, 'the balance is their sum');
my $verify = call('billing.credits.verify', {}, key => $organization->{key})->json;
ok($verify->{consistent}, 'the ledger is whole') or diag encode_json($verify);
cmp_ok(scalar(my @left = workers), '>=', 2, 'and the pool is complete again');
done_testing;
