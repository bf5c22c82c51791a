#!/usr/bin/perl
# Metrics: for this machine only, and they count what happened.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;

my $organization = new_organization(credits => 1);
my $stranger = client(from => '127.0.10.1');
call($_->{id}, {}, client => $stranger) for describe_operations; # so that there is a series of each
my $text = Purser::Test::metrics_text();

is_problem(get('/metrics'), 404, 'not_found', 'the public listener knows no metrics');
is_problem(get('/metrics', key => admin_key), 404, 'not_found', 'not even for the operator');
for my $line (split /\n/, $text) {
	like($line, qr/\A(?:# (?:HELP|TYPE) [a-zA-Z_:][\w:]* .+|[a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})? (?:[-+]?[0-9.e+-]+|NaN|[+-]Inf))\z/, 'a line of the Prometheus text format')
	    or last;
}
my %type = $text =~ /^# TYPE (\S+) (\S+)$/mg;
my %series = map { $_ => 1 } $text =~ /^([a-zA-Z_:][\w:]*)[\{ ]/mg;
for my $name (sort keys %series) {
	my $base = $name =~ s/_(?:bucket|sum|count)$//r;
	ok($type{$name} || ($type{$base} // '') eq 'histogram', "$name has a type") or last;
}

sub requests () { return metric('purser_requests_total', operation => 'billing.credits.balance') // 0 }
my $before = requests();
call('billing.credits.balance', {}, key => $organization->{key}) for 1 .. 5;
call('billing.credits.balance', {});
is(requests() - $before, 6, 'every request is counted, refused ones, too');
my ($histogram) = grep { $type{$_} eq 'histogram' } sort keys %type;
ok($histogram, 'there is a histogram of latency');
my $count = metric("${histogram}_count", operation => 'billing.credits.balance');
is(metric("${histogram}_bucket", operation => 'billing.credits.balance', le => '+Inf'), $count, 'whose last bucket holds all');
like($text, qr/^purser_\w*(?:database|round_trips)\w* /m, 'database round trips are counted') or diag join "\n", sort keys %type;
like($text, qr/^purser_\w*workers?\w*\{/m, 'so are workers');
unlike($text, qr/gpra_|$organization->{id}/, 'no token and no organization stands in a metric');
done_testing;
