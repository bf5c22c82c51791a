#!/usr/bin/perl
# The Python client: its types hold under mypy --strict, its own tests pass, it does what it says against the running
# server, waiting and awaited; and the programs in its README run as they stand.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use Purser::FullMonth qw(has_faults);
use Purser::Test;

my $python = '/usr/bin/python3'; # Debian's, which finds Debian's httpx, as its mypy does
my $sdk = "$FindBin::Bin/../sdk/python";
my $scratch = tempdir(CLEANUP => 1);
my $rows = $ENV{PURSER_CHECK_ALL} ? 200000 : 10000;
my $many = $ENV{PURSER_CHECK_ALL} ? 100000 : 20000; # events in one call
$ENV{PYTHONPYCACHEPREFIX} = "$scratch/compiled";

sub output_of (@command) {
	open my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command or die "$command[0]: $!";
	local $/;
	my $said = <$pipe> // '';
	close $pipe;
	return ($? >> 8, $said);
}

# What mypy says of them, and of the rest: of all at once, for it reads the client each time. What httpx has for its own
# command line is left aside.
sub mypy (@files) {
	local $ENV{MYPYPATH} = join ':', $sdk, "$sdk/tests";
	my $settings = write_file('mypy.ini', "[mypy]\n[mypy-idna.*,rich.*,click.*,pygments.*]\nfollow_imports = skip\n");
	my (undef, $said) = output_of('/usr/bin/mypy', '--config-file', $settings, '--strict', '--python-version', '3.9', '--no-incremental', '--cache-dir', '/dev/null', @files);
	return split /^/, $said;
}

# Takes over what tests in Python say of themselves.
sub sentences ($what, @modules) {
	my ($status, $said) = output_of($python, "$sdk/tests/tap.py", @modules);
	my $count = 0;

	for my $line (split /\n/, $said) {
		$line =~ /^(not )?ok \d+ - (.*)/ ? (ok(!$1, $2), $count++) : $line =~ /^1\.\./ || diag $line;
	}
	ok($status == 0 && $count > 0, "$what, $count in all, came to their end");
}

sub write_file ($name, $text) {
	open my $out, '>:utf8', "$scratch/$name" or die "$scratch/$name: $!";
	print $out $text;
	close $out or die $!;
	return "$scratch/$name";
}

# ---- types -------------------------------------------------------------------------------------------------------------

my ($status, $said);
my %wrong = (
	'a field that there is not' => 'client.orders.create(reference="r", lines=[], colour="red")',
	'a float for money' => 'client.billing.adjustments.create(organization_id="o", credits=1.5, reason="r")',
	'a choice that there is not' => 'client.orders.list(status="lost")',
	'what is required left out' => 'client.orders.create(reference="r")',
	'a typing error in an item' => 'client.orders.create(reference="r", lines=[{"sku": "s", "desc": "d", "quantity": 1, "unit_credits": 1}])',
	'a reply taken for another' => 'number: int = client.billing.credits.balance().value',
	'a key for a read' => 'client.orders.list(idempotency_key="k")',
	'a page that is not awaited' => 'purser.AsyncPurser().orders.list().data',
);
my @wrong = sort keys %wrong;
my @wrong_files = map { write_file("wrong_$_.py", "import purser\n\nclient = purser.Purser()\n$wrong{$wrong[$_]}\n") } 0 .. $#wrong;
open my $readme, '<:utf8', "$sdk/README.md" or die "README.md: $!";
my @programs = do { local $/; <$readme> =~ /^```python\n(.*?)^```$/msg };
my @files = map { write_file("program_$_.py", $programs[$_ - 1]) } 1 .. @programs;
my @said = mypy("$sdk/purser", glob("$sdk/tests/*.py"), "$FindBin::Bin/python/live.py", @wrong_files, @files);
is(join('', grep { !/wrong_\d+\.py:4: / && !/: note: / && !/\AFound \d+ errors in ${\scalar @wrong} files \(checked \d+ source files\)$/ } @said), '',
    'mypy --strict has nothing to say of the client, its tests, and the programs in its README');
for my $number (0 .. $#wrong) {
	ok(scalar(grep { /wrong_$number\.py:4: error/ } @said), "mypy finds $wrong[$number]");
}

# ---- its own tests -----------------------------------------------------------------------------------------------------

$ENV{PYTHONPATH} = "$sdk:$sdk/tests:$FindBin::Bin/python";
sentences('its own tests', map { "test_$_" } qw(codec calls async webhooks));
($status, $said) = output_of($python, '-c', 'import sys; sys.modules["httpx"] = None; import purser; purser.Purser("https://a.example"); purser.AsyncPurser("https://a.example")');
like($said, qr/ConfigurationError: AsyncPurser needs httpx/, 'without httpx only the client to be awaited is missing');

# ---- against the server ------------------------------------------------------------------------------------------------

my $organization = new_organization(credits => 1000000, rate_limit => 1000000);
my $ledger = new_organization(rate_limit => 1000000);

# Rows of a ledger that is only read here: no entry of them is ever proven.
my $id = bytes_of($ledger->{id});
db_run("INSERT INTO journal_entry (organization_id, sequence, id, at, reason, actor_type, actor_id, available_change, reserved_change,"
    . " available_after, reserved_after, debt_after, previous_hash, hash)"
    . " SELECT ?, seq, UNHEX(LPAD(HEX(seq + ? * 1000000), 32, '0')), '2026-01-01', 'grant', 'operator', ?, 1, 0, seq, 0, 0, REPEAT('x', 32), REPEAT('y', 32)"
    . " FROM seq_1_to_$rows", $id, $$, $id);

my ($slow) = first_key($organization->{id}, ['billing:read'], rate_limit => 1);
($status, $said) = output_of('openssl', qw(req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout), "$scratch/other.key", '-out', "$scratch/other.pem");
$status == 0 or die "openssl: $said\n";
local $ENV{PURSER_API_KEY} = $organization->{key};
local $ENV{PURSER_GIVEN} = encode_json({
	organization_id => $organization->{id}, narrow_key => new_key($organization, 'billing:read')->{key}, slow_key => $slow->{key},
	ledger_key => $ledger->{key}, rows => $rows + 0, many => $many + 0, all => $ENV{PURSER_CHECK_ALL} ? \1 : \0, other_ca => "$scratch/other.pem", nobody => 'https://127.0.0.1:9', faults => has_faults() ? \1 : \0,
});
sentences('tests against the server', 'live');
db_run('DELETE FROM journal_entry WHERE organization_id = ?', $id);

# ---- the README --------------------------------------------------------------------------------------------------------

cmp_ok(scalar @programs, '>=', 5, 'the README shows programs');
($status, $said) = output_of($python, "$FindBin::Bin/python/programs.py", @files);
like($said, qr/^ok \S+program_$_\.py$/m, "program $_ runs") or diag $said for 1 .. @files;
done_testing;
