package Purser::Usage;

# Usage, as the tests record it and look at it.

use v5.36;
use Exporter 'import';
use POSIX qw(strftime);
use Purser::Test;

our @EXPORT = qw(event record record_lines outcome_of counters counter days new_metric quota_cycle told_of moment lines_of_events count_events workers_of_stack);

# `seconds` from now, as a time in JSON.
sub moment ($seconds = 0) { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + $seconds)) }

sub event ($id, $metric = 'requests', $quantity = 1, %more) {
	return { id => "$id", metric => $metric, quantity => $quantity, %more };
}

sub record ($organization, $events, %options) {
	return call('usage.record', { events => $events }, key => $organization->{key}, %options);
}

sub lines_of_events (@events) { return join '', map { encode_json($_) . "\n" } @events }

sub record_lines ($organization, $lines, %options) {
	return call('usage.record', $lines, key => $organization->{key}, type => 'application/x-ndjson', %options);
}

# "accepted duplicates rejected" of a reply, or its status and code.
sub outcome_of ($reply) {
	return $reply->status . ' ' . ($reply->code // '') if $reply->status != 200;
	return join ' ', $reply->json->@{qw(accepted duplicates rejected_total)};
}

# Counters of the running cycle by metric, as usage.current shows them.
sub counters ($organization) {
	my $json = call('usage.current', { organization_id => $organization->{id} }, key => $organization->{key})->json;
	return { map { $_->{metric} => $_ } $json->{metrics}->@* };
}

# What one has in the database, over all cycles: "value events".
sub counter ($organization, $metric) {
	return join ' ', db_run('SELECT COALESCE(SUM(value), 0) DIV 1000000, COALESCE(SUM(events), 0) FROM usage_counter WHERE organization_id = ? AND metric = ?',
	    bytes_of($organization->{id}), $metric)->fetchrow_array;
}

# "day service operator value events", in order.
sub days ($organization, $metric) {
	return [db_column("SELECT CONCAT_WS(' ', day, service, operator, value DIV 1000000, events) FROM usage_day
	    WHERE organization_id = ? AND metric = ? ORDER BY day, service, operator, cycle_starts_at", bytes_of($organization->{id}), $metric)];
}

sub count_events ($organization) { return db_value('SELECT COUNT(*) FROM usage_event WHERE organization_id = ?', bytes_of($organization->{id})) }

# A metric of a name of its own; gives that.
sub new_metric ($aggregation, %more) {
	state $count = 0;
	my $name = sprintf 'test_%d_%d_%s', $$, ++$count, $aggregation;
	my $reply = call('usage.metrics.create', { name => $name, aggregation => $aggregation, unit => 'piece', %more }, key => admin_key);
	$reply->status == 200 or die "usage.metrics.create: $reply->{status} $reply->{body}\n";
	return $name;
}

# A cycle that runs now, of a plan that includes so much of the metrics. From 10 days ago to 20 days ahead.
sub quota_cycle ($organization, %included) {
	my $plan = new_ulid();
	state $version = 1000;
	db_run("INSERT INTO plan (id, product, name, tier, version, status, currency, features, created_at)
	    VALUES (?, 'platform', 'Test', 'TEST', ?, 'published', 'AUD', '{}', UTC_TIMESTAMP(6))", bytes_of($plan), ++$version + $$ * 100);
	db_run('INSERT INTO plan_quota (plan_id, metric, included, overage_unit_price) VALUES (?, ?, ?, 1)', bytes_of($plan), $_, $included{$_}) for keys %included;
	db_run('INSERT INTO usage_cycle (organization_id, starts_at, ends_at, plan_id)
	    VALUES (?, UTC_TIMESTAMP() - INTERVAL 10 DAY, UTC_TIMESTAMP() + INTERVAL 20 DAY, ?)', bytes_of($organization->{id}), bytes_of($plan));
	return $plan;
}

# What was announced of quotas: "kind type", by time; in any order where it is one request's.
sub told_of ($organization) {
	return [db_column("SELECT CONCAT(kind, ' ', type, COALESCE(CONCAT(' ', JSON_VALUE(data, '\$.percent')), '')) FROM outbox
	    WHERE organization_id = ? AND type LIKE 'usage%' ORDER BY created_at, id", bytes_of($organization->{id}))];
}

# ---- workers ---------------------------------------------------------------------------------------------------------

sub parent_of ($pid) {
	open my $file, '<', "/proc/$pid/stat" or return 0;
	return (split ' ', (scalar(<$file>) // '') =~ s/^.*\) //sr)[1] // 0;
}

sub workers_of_stack () {
	open my $file, '<', "$ENV{PURSER_VAR}/run/purser-fcgi.process" or die "no master: $!";
	my ($master) = split ' ', scalar <$file>;
	return grep { parent_of($_) == $master } map { m{(\d+)} } glob '/proc/[0-9]*';
}

1;
