#!/usr/bin/perl
# A list of any length goes out in constant memory. The short form runs always; 200,000 rows on the plain build with --all.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;

my $rows = $ENV{PURSER_CHECK_ALL} ? 200_000 : 20_000;
my $organization = new_organization(rate_limit => 1000000);

# A grant, and then credits reserved and released in turn: transactions without end, and one lot.
sub book () {
	my $id = uc unpack 'H*', ${ bytes_of($organization->{id}) };
	my %given = (p_organization => "x'$id'", p_at => 'UTC_TIMESTAMP(6)', p_entry => 'RANDOM_BYTES(16)', p_reason => '?',
	    p_credits => 5, p_actor_type => "'job'", p_actor_id => "x'" . '0' x 32 . "'", p_lot_source => '?');
	my $call = db->prepare('CALL ledger_post(' . join(', ', map { $given{$_} // 'NULL' } db_column(
	    "SELECT parameter_name FROM information_schema.parameters WHERE specific_schema = DATABASE()
	    AND specific_name = 'ledger_post' ORDER BY ordinal_position")) . ')');

	db->begin_work;
	for my $n (1 .. $rows) {
		$call->execute($n == 1 ? ('grant', 'goodwill') : ($n % 2 ? 'release' : 'reservation', undef));
		1 while $call->more_results;
	}
	db->commit;
}
book;

# What each worker of the pool has resident, in KiB: anonymous memory only, what its code touches is not growth.
sub resident () {
	my %kib;
	for my $path (glob '/proc/[0-9]*/status') {
		open my $file, '<', $path or next;
		my $text = do { local $/; <$file> } // '';
		$text =~ /^Name:\s+purser-fcgi/m or next;
		my ($pid) = $path =~ /(\d+)/;
		$kib{$pid} = $1 if $text =~ /^RssAnon:\s+(\d+)/m;
	}
	return \%kib;
}

sub streamed () {
	my $reply = call('billing.credits.transactions', {}, key => $organization->{key}, accept => 'application/x-ndjson', client => client(record => 0, timeout => 300));
	return ($reply, [split /\n/, $reply->body]);
}

call('billing.credits.transactions', {}, key => $organization->{key}) for 1 .. 40; # every worker has seen the operation
my $before = resident;
my ($reply, $lines) = streamed;
is($reply->status, 200, 'the stream is answered');
is($reply->media_type, 'application/x-ndjson', 'as NDJSON');
is(scalar @$lines, $rows, 'with every row');
is(decode_json($lines->[0])->{sequence}, $rows, 'the newest first');
is(decode_json($lines->[-1])->{sequence}, 1, 'down to the oldest');

streamed for 1 .. 4;
my $after = resident;
my ($most) = sort { $b <=> $a } map { $after->{$_} - ($before->{$_} // $after->{$_}) } keys %$after;
cmp_ok($most, '<=', 4096, "no worker grew by more than 4 MiB ($most KiB)");
ok(call('billing.credits.verify', {}, key => $organization->{key})->json->{consistent}, 'and the ledger is whole');
done_testing;
