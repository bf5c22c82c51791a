#!/usr/bin/perl
# The demo data of a year: a dozen organizations of different kinds, whose every month adds up, and who have something to
# show in every list. In a database of its own, and asked over a pool of its own.
# early: a year takes a while
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::UNIX;
use POSIX qw(strftime);
use Purser::FastCGI qw(fastcgi_request);
use Purser::Jobs;
use Purser::Test;
use Time::HiRes qw(time);

private_database;
my $socket = "$ENV{PURSER_VAR}/run/demo-$$.sock";
$socket = "/tmp/purser-demo-$$.sock" if length $socket > 100;

sub demo ($log, @options) {
	my $pid = start_program('purserctl', $log, ['demo', @options]);
	my $status = end_program($pid, 300);
	open my $in, '<', "$ENV{PURSER_VAR}/tmp/jobs-$$/$log.out" or die "$log.out: $!";
	return ($status, { map { /^(PURSER_\w+)=(.*)/ ? ($1 => $2) : () } <$in> }, log_of($log));
}

# ---- it is loaded ------------------------------------------------------------------------------------------------------

my $began = time;
my ($status, $told, $said) = demo('demo');
is($status, 0, 'a year is lived through') or diag $said;
note sprintf 'in %.1f s', time - $began;
is_deeply([sort keys %$told], [qw(PURSER_API_KEY PURSER_EMAIL PURSER_ORG PURSER_PASSWORD)], 'and told how to look at it');
my ($again, undef, $why) = demo('again');
isnt($again, 0, 'a database that has organizations gets none of it');
like($why, qr/has organizations/, 'and it is said why');

my @organizations = map { { id => $_->[0], name => $_->[1], began => $_->[2], zone => $_->[3] } }
    db_run('SELECT id, name, created_at, timezone FROM organization ORDER BY id')->fetchall_arrayref->@*;
my $now = strftime '%Y-%m', gmtime;
is(scalar @organizations, 12, 'a dozen organizations');
is(db_value("SELECT COUNT(*) FROM outbox WHERE kind = 'mail' AND delivered_at IS NULL AND given_up_at IS NULL"), 0, 'no mail of the past is left to be sent');
is(db_value('SELECT COUNT(*) FROM event_delivery WHERE event_id IN (SELECT id FROM outbox WHERE created_at < UTC_TIMESTAMP() - INTERVAL 2 DAY)'), 0, 'nor an event');
cmp_ok(db_value('SELECT TIMESTAMPDIFF(MONTH, MIN(created_at), UTC_TIMESTAMP()) FROM organization'), '>=', 12, 'the first has been there for a year');
is(db_value('SELECT COUNT(*) FROM journal_entry WHERE at > UTC_TIMESTAMP(6) + INTERVAL 1 SECOND'), 0, 'nothing has happened in the future');
is(db_value('SELECT COUNT(*) FROM journal_entry a JOIN journal_entry b ON b.organization_id = a.organization_id AND b.sequence = a.sequence + 1 WHERE b.at < a.at'), 0,
    'and everything one behind the other');
is(db_value("SELECT COUNT(*) FROM monthly_run WHERE status NOT IN ('completed', 'nothing_to_do')"), 0, 'every month is run to its end');
my $verify = start_program('purserctl', 'verify', ['ledger', 'verify', '--full']);
is(end_program($verify), 0, 'every ledger is proven') or diag log_of('verify');

# ---- a pool -------------------------------------------------------------------------------------------------------------

my $pool = start_program('purser-fcgi', 'pool', [], PURSER_LISTEN => "unix:$socket", PURSER_LISTEN_SLOW => '', PURSER_WORKERS => 2, PURSER_SLOW_WORKERS => 1,
    PURSER_PID_FILE => '', PURSER_RATE_DEFAULT => 1_000_000, PURSER_RATE_ADDRESS => 1_000_000, PURSER_RATE_CHARGE => 1_000_000);
eventually('it is served', sub { my $to = IO::Socket::UNIX->new(Peer => $socket) or return 0; my ($s) = fastcgi_request($to, 'GET', '/v1/health/ready'); ($s // 0) == 200 }, 60) or diag log_of('pool');

sub ask ($operation, $body, $key) {
	my $to = IO::Socket::UNIX->new(Peer => $socket) or die "$socket: $!";
	my ($code, $content) = fastcgi_request($to, 'POST', "/v1/op/$operation", body => encode_json($body), CONTENT_TYPE => 'application/json',
	    HTTP_AUTHORIZATION => "Bearer $key");
	return { code => $code // 0, json => eval { decode_json($content) } };
}

my $operator = first_key(undef, ['admin:*'])->{key};

for my $organization (@organizations) {
	$organization->{text} = do {
		my $bits = '00' . unpack 'B128', $organization->{id};
		join '', map { substr '0123456789ABCDEFGHJKMNPQRSTVWXYZ', oct("0b$_"), 1 } $bits =~ /(.{5})/g;
	};
	$organization->{key} = first_key($organization->{text}, [every_scope])->{key};
}

# ---- every month adds up -------------------------------------------------------------------------------------------------

# Those that are closed in every zone, from the first on.
sub months_of ($organization) {
	my ($year, $month) = $organization->{began} =~ /^(\d+)-(\d+)/;
	my @months;

	while ((my $name = sprintf '%04d-%02d', $year, $month) lt $now) {
		push @months, $name;
		$year++, $month = 0 if $month == 12;
		$month++;
	}
	pop @months if (gmtime)[3] == 1; # it may not be over yet in the west
	return @months;
}

my $lines = 0;
for my $organization (@organizations) {
	my @wrong;
	for my $month (months_of($organization)) {
		my $reply = ask('organizations.commitments.statement', { organization_id => $organization->{text}, period => $month }, $organization->{key});
		my $reconciliation = $reply->{json}{reconciliation} // {};
		$lines += ($reply->{json}{activity} // [])->@*;
		push @wrong, "$month: $reply->{code} " . encode_json($reply->{code} == 200 ? $reconciliation : $reply->{json})
		    if !$reconciliation->{reconciled} || $reconciliation->{difference} != 0;
	}
	is_deeply(\@wrong, [], "every closed month of $organization->{name} reconciles");
}
cmp_ok($lines, '>', 600, 'and there is something in them');

for my $organization (@organizations) {
	my %run = map { $_->[0] => 1 } db_run('SELECT period FROM monthly_run WHERE organization_id = ?', \$organization->{id})->fetchall_arrayref->@*;
	is_deeply([grep { !$run{$_} } months_of($organization)], [], "every closed month of $organization->{name} was run");
}

for my $organization (@organizations) {
	my @wrong;
	my %digest = db_run('SELECT period, digest FROM monthly_run WHERE organization_id = ?', \$organization->{id})->fetchall_arrayref->@*
	    ? map { $_->[0] => $_->[1] } db_run('SELECT period, digest FROM monthly_run WHERE organization_id = ?', \$organization->{id})->fetchall_arrayref->@* : ();
	for my $month (sort keys %digest) {
		my $run = ask('billing.run_monthly_for_org', { organization_id => $organization->{text}, period => $month }, $organization->{key});
		push @wrong, "$month: $run->{code} " . encode_json($run->{json})
		    if $run->{code} != 200 || $run->{json}{status} eq 'failed' || $run->{json}{digest} ne $digest{$month};
	}
	is_deeply(\@wrong, [], "every month of $organization->{name} comes to the same again");
}

my $receivable = db_value("SELECT COALESCE(SUM(amount), 0) FROM journal_line WHERE account = 'receivable'");
my $invoiced = db_value("SELECT COALESCE(SUM(total - credited - written_off - paid), 0) FROM invoice WHERE kind = 'run' AND status IN ('issued', 'uncollectible')");
my $unbilled = db_value("SELECT COALESCE(SUM(l.amount), 0) FROM journal_line l JOIN journal_entry e USING (organization_id, sequence)
    LEFT JOIN billed_entry b USING (organization_id, sequence) WHERE l.account = 'receivable' AND b.sequence IS NULL
    AND e.reason IN ('charge', 'refund', 'plan_fee', 'overage', 'commitment_shortfall')");
is($receivable, $invoiced + $unbilled, 'what is receivable is what invoices ask for and what no run has billed yet');
is(db_value('SELECT COUNT(*) FROM invoice WHERE number IS NOT NULL'), db_value("SELECT next - 1 FROM number_series WHERE name = 'invoice'"), 'no number of an invoice is missing');

# ---- different kinds ------------------------------------------------------------------------------------------------------

my %state;
for my $organization (@organizations) {
	my $standing = ask('billing.status.get', { organization_id => $organization->{text} }, $organization->{key})->{json};
	push $state{ $standing->{status} }->@*, $organization->{name};
	$organization->{standing} = $standing;
}
ok($state{$_}, "one is $_") for qw(active trialing past_due paused);
my @near = grep { my $usage = $_->{standing}{usage}; grep { $_->{included} && $_->{used} >= 0.9 * $_->{included} && $_->{used} < $_->{included} } @$usage } @organizations;
ok(scalar @near, 'one has used nearly all of a quota');
cmp_ok(db_value('SELECT COUNT(DISTINCT currency) FROM organization'), '>=', 5, 'there are different currencies');
cmp_ok(db_value('SELECT COUNT(DISTINCT timezone) FROM organization'), '>=', 8, 'and time zones');
my %pace;
for my $organization (@organizations) {
	$pace{ $_->{status} }{ $_->{pace} }++ for (ask('organizations.commitments.list', {}, $organization->{key})->{json}{data} // [])->@*;
}
ok($pace{active}{ahead}, 'a commitment is ahead');
ok($pace{active}{behind}, 'one is behind');
ok($pace{fulfilled} || $pace{settled}, 'one is fulfilled');
cmp_ok(db_value("SELECT COUNT(*) FROM invoice_line WHERE kind = 'commitment_shortfall'"), '>=', 1, 'a milestone that was missed is billed');
cmp_ok(db_value("SELECT COUNT(*) FROM monthly_run_line WHERE kind = 'overage'"), '>=', 1, 'overage, too');
is(db_value("SELECT COUNT(*) > 0 FROM approval WHERE status = 'pending' AND credits >= 250000 AND expires_at > UTC_TIMESTAMP()"), 1, 'a large approval waits');
cmp_ok(db_value("SELECT COUNT(*) FROM invoice WHERE kind = 'run' AND status = $_"), '>=', 1, "there are invoices of months that are $_") for "'paid'", "'issued'";
cmp_ok(db_value('SELECT COUNT(*) FROM credit_note'), '>=', 2, 'and credit notes');

# ---- nothing is empty -----------------------------------------------------------------------------------------------------

my ($first) = grep { $_->{text} eq $told->{PURSER_ORG} } @organizations;
my $first_id = { organization_id => $first->{text} };
my $session = ask('auth.sessions.create', { email => $told->{PURSER_EMAIL}, password => $told->{PURSER_PASSWORD}, organization_id => $first->{text} }, '');
is($session->{code}, 200, 'its owner signs in');

for my $operation (qw(organizations.list organizations.members.list billing.credits.transactions billing.topups.list billing.approvals.list billing.plans.list
    billing.invoices.list billing.credit_notes.list payment_methods.list api_keys.list orders.list usage.metrics.list event_subscriptions.list events.list
    organizations.commitments.list organizations.balance.history organizations.costs.history audit.list billing.run_monthly.list)) {
	next if !grep { $_->{id} eq $operation } describe_operations();
	my $reply = ask($operation, {}, $first->{key});
	my $rows = ref $reply->{json} eq 'HASH' ? $reply->{json}{data} // [] : [];
	ok($reply->{code} == 200 && @$rows, "$operation has something to show") or diag encode_json($reply);
}
my $history = ask('usage.history', { %$first_id, months => 12 }, $first->{key});
ok($history->{code} == 200 && ($history->{json}{data} // [])->@* >= 12, 'usage.history has, too') or diag encode_json($history);
my $inbox = ask('notifications.list', {}, $session->{json}{access_token});
ok($inbox->{code} == 200 && ($inbox->{json}{data} // [])->@*, 'and so has notifications.list') or diag encode_json($inbox);

my @closed = months_of($first);
my ($year, $month) = $closed[-1] =~ /^(\d+)-0*(\d+)/;
is(ask('organizations.costs.latest', { year => 0 + $year, month => 0 + $month }, $first->{key})->{code}, 200, 'what the last closed month cost is known');
is(ask('organizations.balance.latest', {}, $first->{key})->{code}, 200, 'and the balance');
cmp_ok(db_value("SELECT COUNT(DISTINCT period) FROM invoice WHERE organization_id = ? AND kind = 'run'", \$first->{id}), '>=', 3, 'there are invoices of three closed months');

kill 'TERM', $pool;
end_program($pool, 20);
unlink $socket;
done_testing;
