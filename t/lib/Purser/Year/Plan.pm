package Purser::Year::Plan;

# Who lives through the year: organizations of every kind, by the seed alone; and when something happens in a month.

use v5.36;
use Exporter 'import';
use Purser::Sim::Random;

our @EXPORT_OK = qw(organization_of ticks_of @services);

our @services = qw(gpu storage chat batch);

my @zones = qw(UTC Pacific/Kiritimati Etc/GMT+12 Asia/Kolkata Australia/Adelaide Asia/Kathmandu America/St_Johns Pacific/Chatham Australia/Lord_Howe
    Europe/London America/New_York Australia/Sydney America/Los_Angeles Pacific/Auckland Asia/Singapore);

# What it is by nature. `number` is from 1.
sub organization_of ($seed, $number) {
	my $chance = Purser::Sim::Random->new($seed * 100_003 + $number);
	my $kind = $chance->weighted([5, 'prepaid'], [3, 'post_pay'], [1, 'turns_post_pay'], [1, 'turns_prepaid']);

	return {
		number => $number, chance => $chance, kind => $kind,
		fields => { name => "Organization $number of $seed" . ($chance->chance(1, 10) ? " \x{2014} Gr\x{f6}\x{df}e & S\x{f6}hne" : ''), currency => $chance->one_of(qw(AUD AUD AUD USD GBP NZD SGD)),
		    timezone => $number <= @zones ? $zones[$number - 1] : $chance->one_of(@zones),
		    $chance->chance(5, 6) ? (country => $chance->one_of(qw(AU AU AU US GB NZ SG))) : () },
		post_pay => $kind =~ /^(?:post_pay|turns_prepaid)$/ ? 1 : 0,
		turns_in => $kind =~ /^turns/ ? $chance->between(3, 9) : 0, # the month of the year
		card => $chance->weighted([10, 'pm_card_visa'], [2, undef], [2, 'pm_card_chargeCustomerFail'], [1, 'pm_card_authenticationRequired'], [1, 'pm_card_processing'],
		    [1, 'pm_card_createDispute']),
		credits => $chance->one_of(0, 500, 5_000, 20_000, 100_000),
		busy => $chance->between(1, 4), # deeds a tick, at the most
		by_cron => $chance->chance(3, 4) ? 1 : 0, # who runs its months
		previews => $chance->chance(1, 2) ? 1 : 0,
	};
}

# When something happens in a month: seconds since its first day at noon in UTC, when all the world has closed the month
# before. The last tick lies where the east has a new month and the west has not.
sub ticks_of ($seed, $period, $days) {
	my $chance = Purser::Sim::Random->new($seed * 7_919 + ($period =~ s/-//r));
	my @ticks = map { ($_ * 7 + $chance->between(1, 6)) * 86_400 + $chance->below(86_400) - 43_200 } 0 .. 3;

	$ticks[0] = 3600 if $chance->chance(1, 2);
	@ticks = map { $_ < ($days - 1) * 86_400 ? $_ : ($days - 1) * 86_400 - 1 } @ticks;
	return (@ticks, $days * 86_400 - 43_200 + $chance->one_of(-7_200 - 1800, 60, 5 * 3600, 9 * 3600));
}

1;
