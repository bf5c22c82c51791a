#!/usr/bin/perl
# Warnings of limits and quotas: when 64 callers cross them at the same moment, and the runner is killed while it sends, each is
# told once a cycle, by one event and one mail a recipient. A mail that a kill cut off behind the server's yes may arrive twice,
# under one Message-ID.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Mail;
use Purser::Orders;
use Purser::Test;
use Purser::Usage;
use Time::HiRes qw(sleep time);

my $job = 'mail.send';
my ($callers, $each, $price) = (64, 4, 7);

# The stack's own runner has no SMTP and would log what waits.
keep_away('mail.log');
my $sink = mail_sink;

# Sends, and is killed, over and over; gives how often it was, when `done` says so.
sub send_and_kill ($done) {
	my $kills = 0;
	while (!$done->()) {
		my $pid = start_job($job, sink_settings($sink));
		sleep 0.1 + rand 0.4;
		$kills += kill 'KILL', $pid;
		end_program($pid);
	}
	return $kills;
}

# What happens at the same moment runs in a process of its own.
sub beside_kills ($what) {
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		$what->();
		POSIX::_exit(0);
	}
	my $ended = 0;
	return send_and_kill(sub { $ended ||= waitpid($pid, POSIX::WNOHANG()) == $pid });
}

# The rest, with what a killed one had at hand.
sub send_rest ($offset) {
	set_clock($offset + 910);
	my $went = run_job($job, sink_settings($sink));
	set_clock($offset);
	return $went;
}

# What the organization was told since, as the outbox has it: "kind type recipient".
sub told ($organization) {
	return [db_column("SELECT CONCAT_WS(' ', kind, type, recipient, IF(kind = 'event', JSON_VALUE(data, '\$.percent'), NULL)) FROM outbox
	    WHERE organization_id = ? AND (type LIKE 'limit.%' OR type LIKE 'usage%') ORDER BY type, kind, id", bytes_of($organization->{id}))];
}

# Types of mails that an address got, each Message-ID once.
sub got ($address) {
	my %mails = map { $_->{id} => $_ } grep { $_->{to}[0] eq $address } sink_mails($sink);
	return [map { $_->{subject} =~ /soft spending limit|hard spending limit|has used \d+ %|begins anew/ ? $& : $_->{subject} } map { $mails{$_} } sort keys %mails];
}

my $limited = new_organization(credits => 100_000, rate_limit => 1_000_000, billing_email => "limits-$$\@example.com");
set_limits($limited, 5, 10);
my $metered = new_organization(rate_limit => 1_000_000, billing_email => "quotas-$$\@example.com");
quota_cycle($metered, requests => 1000);

sub rush ($cycle) {
	at_once($callers, sub ($number, $client) {
		for my $turn (1 .. $each) {
			order($limited, "$cycle-$number-$turn", $price, client => $client);
			record($metered, [map { event("$cycle-$number-$turn-$_") } 1 .. 5], client => $client);
		}
		return {};
	});
}

is_success(record($metered, [event('first')]), 'usage is recorded');
my $kills = beside_kills(sub { rush('first') });
cmp_ok($kills, '>', 2, "$callers callers, and a runner that is killed $kills times meanwhile");
is(spend_of($limited), '994 0', 'spend to the hard limit');
is(counter($metered, 'requests'), '1281 1281', 'and past the quota');
ok(send_rest(0), 'what is left is sent');
my $limits = ['event limit.hard', "mail limit.hard limits-$$\@example.com", 'event limit.soft', "mail limit.soft limits-$$\@example.com"];
is_deeply(told($limited), $limits, 'soft and hard limit are told by one event and one mail each');
is_deeply([sort { $a cmp $b } got("limits-$$\@example.com")->@*], ['hard spending limit', 'soft spending limit'], 'and both mails have arrived');
my @parts = (50, 80, 90, 100);
is_deeply([sort { $a cmp $b } told($metered)->@*], [sort((map { "event usage.threshold $_" } @parts), (map { "mail usage_$_ quotas-$$\@example.com" } @parts))],
    '50, 80, 90 and 100 % of the quota too');
is_deeply([sort { $a cmp $b } got("quotas-$$\@example.com")->@*], [sort map { "has used $_ %" } @parts], 'and their mails have arrived');
my $copies = () = grep { $_->{to}[0] =~ /-$$\@/ } sink_mails($sink);
cmp_ok($copies - 6, '<=', $kills, 'repeated at most once for each kill');

# ---- the next cycle ----

# What open orders hold would count in the next cycle too.
cancel($limited, Purser::Test::ulid_text($_)) for db_column("SELECT id FROM orders WHERE organization_id = ? AND status = 'reserved'", bytes_of($limited->{id}));
my $later = 40 * 86400;
set_clock($later);
my @statuses = map { order($limited, "next-$_", 100)->status } 1 .. 12;
is_deeply(\@statuses, [(202) x 10, 402, 402], 'in the next cycle as much can be spent again');
ok(send_rest($later), 'then');
is_deeply([sort { $a cmp $b } got("limits-$$\@example.com")->@*], [('hard spending limit') x 2, ('soft spending limit') x 2], 'both limits are told anew, once');
is_deeply([sort { $a cmp $b } told($limited)->@*], [sort(@$limits, @$limits)], 'by events, too');
set_clock(0);
done_testing;
