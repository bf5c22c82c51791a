#!/usr/bin/perl
# Pushing by the minute: every audit row reaches Loki once, whatever the endpoint did before; who does not take it is asked
# again later and later; what is refused for good goes at last; and neither a killed job nor changed settings lose or repeat anything.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Endpoint;
use Purser::Integrations;
use Purser::Jobs;
use Purser::Test;

my $endpoint = Purser::Endpoint->new;
my $hanging = Purser::Endpoint->new;
my $stack = Purser::Integrations->start(reach => [$endpoint->address, $hanging->address]);
my $of = $stack->new_organization(credits => 100);

# Deeds that the audit tells of.
sub act ($count = 1) { $stack->good('api_keys.create', { name => 'a deed' }, key => $of->{key}) for 1 .. $count }

# The ids that arrived at a path, in order; each with the time it was labelled with.
sub lines ($path) {
	return map { my $line = decode_json($_->[1]); $line->{label} = $_->[0]; $line }
	    map { decode_json($_->{body})->{streams}[0]{values}->@* } $endpoint->requests($path);
}
sub ids ($path) { return map { $_->{id} } lines($path) }

# What there is to tell since it was set.
sub audit () {
	return map { Purser::Test::ulid_text($_) } db_column("SELECT a.id FROM audit a JOIN integration i ON i.organization_id = a.organization_id AND i.kind = 'loki'
	    WHERE a.organization_id = ? AND a.at >= i.created_at ORDER BY a.id", bytes_of($of->{id}));
}

sub redirect ($path) {
	db_run("UPDATE integration SET endpoint = ? WHERE organization_id = ? AND kind = 'loki'", $endpoint->url($path), bytes_of($of->{id}));
}

# ---- once each ----

act(2);
$stack->later(5);
$stack->set($of, 'loki', $endpoint->url('/ok/a'));
act(2);
$stack->chain_audit;
ok($stack->push_all, 'the job runs');
my @lines = lines('/ok/a');
is_deeply([map { $_->{id} } @lines], [audit()], 'Loki is told of what was done since it was set, in order');
is($lines[0]{operation}, 'organizations.integrations.set', 'that it was set comes first');
is_deeply([sort keys $lines[1]->%*], [sort qw(label id at actor_type actor_id address operation target_type target_id outcome request_id)], 'a line is a flat object');
is_deeply([@{ $lines[1] }{qw(actor_type actor_id operation outcome)}], ['api_key', $of->{key_id}, 'api_keys.create', 'ok'], 'who, what, how');
my $at = $lines[1]{at} =~ s/^.*?\.(\d+)Z$/$1/r;
is(substr($lines[1]{label}, -9), sprintf('%s000', $at . '0' x (6 - length $at)), 'each at its time, to the microsecond');
is($stack->row($of, 'loki')->{failures}, 0, 'all is well');
ok($stack->shown($of, 'loki')->{last_pushed_at}, 'as its owner can see');
cmp_ok($stack->due_in($of, 'loki'), '<=', 60, 'it is due again in a minute');
ok($stack->push_all, 'a run right behind');
$stack->later(61);
ok($stack->push_all, 'and one a minute later');
is(scalar $endpoint->requests('/ok/a'), 1, 'tell nothing again');

act(3);
$stack->chain_audit;
# A deed that began before all these, and was committed after.
my $late = pack('H*', substr(db_value('SELECT HEX(id) FROM audit WHERE organization_id = ? ORDER BY id DESC LIMIT 1', bytes_of($of->{id})), 0, 12));
my ($milliseconds) = unpack 'Q>', "\0\0$late";
$late = substr(pack('Q>', $milliseconds - 30_000), 2) . "late row..";
$stack->push_all;
db_run("INSERT INTO audit (id, organization_id, at, actor_type, operation, outcome, request_id)
    SELECT ?, organization_id, at - INTERVAL 30 SECOND, 'api_key', 'some.operation', 'ok', 'late' FROM audit WHERE organization_id = ? ORDER BY id DESC LIMIT 1",
    \$late, bytes_of($of->{id}));
act(1);
$stack->chain_audit;
ok($stack->push_all, 'what was committed late');
is(scalar(grep { $_->{request_id} eq 'late' } lines('/ok/a')), 1, 'is told all the same');
is_deeply([sort(ids('/ok/a'))], [audit()], 'and everything is, once');

# ---- many ----

db_run("INSERT INTO audit (id, organization_id, at, actor_type, operation, outcome, request_id)
    SELECT CONCAT(SUBSTR(x.id, 1, 6), LPAD(seq, 10, '0')), x.organization_id, x.at, 'api_key', 'some.operation', 'ok', CONCAT('many-', seq)
    FROM (SELECT id, organization_id, at FROM audit WHERE organization_id = ? ORDER BY id DESC LIMIT 1) x JOIN seq_1_to_1200", bytes_of($of->{id}));
$stack->chain_audit;
my $before = () = $endpoint->requests('/ok/a');
ok($stack->push_all, 'one run');
my @sizes = map { scalar decode_json($_->{body})->{streams}[0]{values}->@* } ($endpoint->requests('/ok/a'))[$before .. $before + 2];
is_deeply(\@sizes, [500, 500, 200], 'pushes 1,200 rows, 500 at a time');
is_deeply([sort(ids('/ok/a'))], [audit()], 'once each');

# ---- it does not take them ----

redirect('/status/500/a');
act(2);
$stack->chain_audit;
my @waits;
for (1 .. 6) {
	$stack->push_all;
	push @waits, $stack->due_in($of, 'loki');
	$stack->later($waits[-1] - 2);
	$stack->push_all;
	$stack->later(3);
}
is_deeply([map { int($_ / 60 + 0.5) } @waits], [1, 2, 5, 15, 60, 60], 'it is asked again after 1, 2, 5, 15, 60 and 60 minutes');
is(scalar $endpoint->requests('/status/500/a'), 6, 'and not before');
is($stack->row($of, 'loki')->{failures}, 6, 'failures are counted');
like($stack->shown($of, 'loki')->{last_error}, qr/^The answer was 500: this is/, 'and the last one is shown');
redirect('/status/429/a');
$stack->push_all;
is(int($stack->due_in($of, 'loki') / 60 + 0.5), 60, 'who asks for half an hour gets the hour that is due anyway');
redirect('/status/400/a');
$stack->later(3601);
$stack->push_all;
like($stack->shown($of, 'loki')->{last_error}, qr/^The answer was 400/, 'a refusal is kept, too');
$stack->set($of, 'loki', $endpoint->url('/status/429/b'));
is($stack->shown($of, 'loki')->{last_error}, undef, 'what is set anew begins anew');
$stack->push_all;
is(int($stack->due_in($of, 'loki') / 60 + 0.5), 30, 'and who asks for half an hour gets it');
$stack->set($of, 'loki', $endpoint->url('/ok/a'));
act(1);
$stack->chain_audit;
$stack->push_all;
is_deeply([sort(ids('/ok/a'))], [audit()], 'mended, it gets everything that it had missed, once');
is($stack->row($of, 'loki')->{failures}, 0, 'and is well again');

# ---- lines that it refuses for good ----

redirect('/status/422/a');
act(3);
$stack->chain_audit;
my $told = () = ids('/ok/a');
my $cursor = $stack->row($of, 'loki')->{cursor_sequence};
for my $refusal (1 .. 4) {
	$stack->push_all;
	like($stack->shown($of, 'loki')->{last_error}, qr/^The answer was 422/, "refusal $refusal is told");
	is($stack->row($of, 'loki')->{cursor_sequence}, $cursor, 'and the lines are kept');
	$stack->later(3601);
	if ($refusal == 2) {
		redirect('/status/503/a');
		$stack->push_all;
		$stack->later(3601);
		redirect('/status/422/a');
	}
}
$stack->push_all;
like($stack->shown($of, 'loki')->{last_error}, qr/^Refused 5 times, \d+ lines were dropped\. The answer was 422/, 'at the fifth they are dropped, which is told');
my ($dropped) = $stack->shown($of, 'loki')->{last_error} =~ /(\d+) lines/;
cmp_ok($dropped, '>=', 3, 'with their number');
cmp_ok($stack->due_in($of, 'loki'), '<=', 60, 'it is pushed to again in a minute');
redirect('/ok/a');
act(1);
$stack->chain_audit;
$stack->push_all;
is(scalar(() = ids('/ok/a')), scalar(audit()) - $dropped, 'then it gets what comes behind, and not those');
is($stack->row($of, 'loki')->{failures}, 0, 'and is well');
like($stack->shown($of, 'loki')->{last_error}, qr/were dropped/, 'that lines were dropped stays to be read');
$stack->later(86400);
act(1);
$stack->chain_audit;
$stack->push_all;
is($stack->shown($of, 'loki')->{last_error}, undef, 'for a day');
$stack->remove($of, 'loki');
$stack->later(5);
$stack->set($of, 'loki', $endpoint->url('/ok/a'));
sub since ($path) { my %known = map { $_ => 1 } audit(); return grep { $known{$_} } ids($path) }

# ---- a token that does not open ----

my $broken = $stack->new_organization();
$stack->set($broken, 'prom', $endpoint->url('/ok/broken'));
db_run("UPDATE integration SET token = CONCAT(token, 'x') WHERE organization_id = ?", bytes_of($broken->{id}));
act(1);
$stack->chain_audit;
ok($stack->push_all, 'what can not be made ready');
like($stack->shown($broken, 'prom')->{last_error}, qr/our side/, 'is told as our fault');
is(scalar $endpoint->requests('/ok/broken'), 0, 'and not sent');
is_deeply([sort(since('/ok/a'))], [audit()], 'while others are served');
$stack->remove($broken, 'prom');

# ---- closed ----

act(1);
$stack->good('admin.organizations.set', { organization_id => $of->{id}, status => 'closed' }, key => $stack->admin_key);
$stack->chain_audit;
my $count = () = ids('/ok/a');
$stack->push_all;
is(scalar(() = ids('/ok/a')), $count, 'a closed organization is not pushed');
$stack->good('admin.organizations.set', { organization_id => $of->{id}, status => 'active' }, key => $stack->admin_key);
$stack->later(3601);
$stack->chain_audit;
$stack->push_all;
is_deeply([sort(since('/ok/a'))], [audit()], 'reopened, it is told what happened meanwhile');

# ---- killed in the middle ----

act(2);
$stack->chain_audit;
db_run("UPDATE integration SET endpoint = ? WHERE organization_id = ?", $hanging->url('/hang/a'), bytes_of($of->{id}));
my $job = $stack->begin_run('integrations.push');
eventually('a push is under way', sub { $hanging->requests('/hang/a') }, 20);
kill 'KILL', $job;
end_program($job);
cmp_ok(db_value("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), leased_until) - ? FROM job WHERE id = 'integrations.push'", $stack->{offset}), '<=', 31, 'killed, it is waited for half a minute at most');
redirect('/ok/a');
$count = () = ids('/ok/a');
ok($stack->push_all, 'the next run');
is(scalar(() = ids('/ok/a')), $count, 'leaves it alone while its lease holds');
$stack->later(61);
$stack->push_all;
is_deeply([sort(since('/ok/a'))], [audit()], 'and then goes on where the killed one had been');

# ---- set anew in the middle ----

act(2);
$stack->chain_audit;
db_run("UPDATE integration SET endpoint = ? WHERE organization_id = ?", $hanging->url('/hang/b'), bytes_of($of->{id}));
$job = $stack->begin_run('integrations.push');
eventually('a push to the old place is under way', sub { $hanging->requests('/hang/b') }, 20);
$stack->set($of, 'loki', $endpoint->url('/ok/a'));
eventually('the new one is served beside it', sub { (() = ids('/ok/a')) >= $count + 2 }, 5);
is(end_program($job), 0, 'when the old one has had its time');
is($stack->row($of, 'loki')->{failures}, 0, 'nobody is blamed for it');
$stack->chain_audit;
$stack->push_all;
is_deeply([sort(since('/ok/a'))], [audit()], 'and all was told once');

# ---- removed, and set again ----

$stack->remove($of, 'loki');
act(1);
$stack->later(5);
$stack->set($of, 'loki', $endpoint->url('/ok/b'));
act(1);
$stack->chain_audit;
$stack->push_all;
is_deeply([ids('/ok/b')], [audit()], 'one that is new again hears of what is done from then on');
is_deeply([map { $_->{operation} } lines('/ok/b')], ['organizations.integrations.set', 'api_keys.create'], 'and of nothing before');
done_testing;
