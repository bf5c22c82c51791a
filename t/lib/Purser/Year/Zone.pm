package Purser::Year::Zone;

# Local days and months as moments in UTC, by the system's own rules of time zones: what the service computes is held against it.

use v5.36;
use Exporter 'import';
use POSIX qw(floor mktime strftime tzset);
use Time::Local qw(timegm_modern);

our @EXPORT_OK = qw(day_start month_start month_name next_month add_days stamp_of text_of seconds_of local_day);

my %known;

# The first moment of a local day, in seconds.
sub day_start ($zone, $year, $month, $day) {
	return $known{$zone}{"$year-$month-$day"} //= do {
		local $ENV{TZ} = $zone;
		tzset();
		my $at = mktime(0, 0, 0, $day, $month - 1, $year - 1900, 0, 0, -1);
		$at;
	};
}

sub month_start ($zone, $period) { return day_start($zone, $period =~ /^(\d+)-(\d+)$/, 1) }

sub local_day ($zone, $at) {
	local $ENV{TZ} = $zone;
	tzset();
	return strftime('%Y-%m-%d', localtime floor $at);
}

sub month_name ($year, $month) { return sprintf '%04d-%02d', $year + int(($month - 1) / 12), 1 + ($month - 1) % 12 }
sub next_month ($period) { my ($year, $month) = $period =~ /^(\d+)-(\d+)$/; return month_name($year, $month + 1) }

# A day, YYYY-MM-DD, so many days on.
sub add_days ($day, $count) {
	my ($year, $month, $of) = split /-/, $day;
	return strftime('%Y-%m-%d', gmtime(timegm_modern(0, 0, 12, $of, $month - 1, $year) + 86_400 * $count));
}

# A moment as the database writes it, and as JSON does.
sub stamp_of ($at) { return strftime('%Y-%m-%d %H:%M:%S', gmtime floor $at) . sprintf '.%06d', floor(($at - floor $at) * 1_000_000) }
sub text_of ($at) { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime floor $at) }

# Either of these as seconds.
sub seconds_of ($text) {
	my ($year, $month, $day, $hour, $minute, $second) = $text =~ /^(\d+)-(\d+)-(\d+)[T ](\d+):(\d+):([\d.]+)/ or die "no moment: $text\n";
	return timegm_modern(0, $minute, $hour, $day, $month - 1, $year) + $second;
}

1;
