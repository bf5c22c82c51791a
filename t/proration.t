#!/usr/bin/perl
# Two thousand changes at random: of plans, seats and ways to pay, at any second, over the ends of months, in many zones. What
# the preview tells is what the change does, to the credit; each line is the exact share of its price, rounded once; and every
# ledger is whole.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Math::BigInt;
use Purser::Jobs;
use Purser::Orders;
use Purser::Subscriptions;
use Purser::Test;
use Time::HiRes qw(sleep time);

my ($organizations, $changes) = ($ENV{PURSER_CHECK_ALL} ? 100 : 10, 20);
my $seed = $ENV{PURSER_SEED} // int rand 2 ** 31;
srand $seed;
diag "PURSER_SEED=$seed";

keep_away('subscriptions.roll');
keep_away('ledger.verify');
my @zones = qw(UTC Australia/Sydney Australia/Lord_Howe America/Sao_Paulo Pacific/Kiritimati Etc/GMT+12 Africa/Cairo Asia/Kathmandu America/St_Johns);
my %price = (AUD => 10_000, USD => db_value("SELECT price FROM credit_price WHERE currency = 'USD'"), NZD => db_value("SELECT price FROM credit_price WHERE currency = 'NZD'"));
my @plans = map {
	my %row = (currency => (qw(AUD AUD AUD USD NZD))[rand 5], monthly_amount => int rand 900_000_000, yearly_amount => int rand 9_000_000_000);
	$row{monthly_amount} = 0 if rand() < 0.1;
	+{ id => new_plan(%row), %row };
} 1 .. 24;
my %plan_of = map { $_->{id} => $_ } @plans;

# value × part / whole, rounded half-even.
sub share ($value, $part, $whole) {
	my ($quotient, $rest) = Math::BigInt->new($value)->bmul($part)->bdiv($whole);
	my $twice = $rest->bmul(2)->bcmp($whole);
	$quotient->binc if $twice > 0 || ($twice == 0 && $quotient->is_odd);
	return $quotient->numify;
}

# What both calls see has to be within one second.
sub early_in_the_second () {
	my $fraction = time - int time;
	sleep 1.01 - $fraction if $fraction > 0.7;
}

# Somewhere behind that moment: a moment later, some days, often about a month's end.
sub later_than ($at) {
	my $way = rand;
	return $at + 1 + int rand 100 if $way < 0.1;
	return $at + int rand 12 * 86400 if $way < 0.7;
	my (undef, undef, undef, undef, $month, $year) = gmtime $at;
	require Time::Local;
	my $end = Time::Local::timegm_modern(0, 0, 0, 1, ($month + 1) % 12, 1900 + $year + ($month == 11 ? 1 : 0));
	my $to = $end - 86400 + int rand 2 * 86400;
	return $to > $at ? $to : $at + 1;
}

sub random_wish () {
	my %wish;
	$wish{plan_id} = $plans[rand @plans]{id} if rand() < 0.7;
	$wish{cycle} = rand() < 0.5 ? 'monthly' : 'yearly' if rand() < 0.3;
	$wish{seats} = 1 + int rand 40 if rand() < 0.5;
	return \%wish;
}

# What is wrong with a preview by itself.
sub faults_of ($told) {
	my ($sum, @faults) = (0);
	for ($told->{lines}->@*) {
		$sum += $_->{credits};
		push @faults, "a share of $_->{seconds} of $_->{of_seconds}" if $_->{seconds} < 0 || $_->{seconds} > $_->{of_seconds};
	}
	push @faults, "the lines sum up to $sum" if $sum != $told->{charge_credits} - $told->{credit_back};
	my ($new) = grep { $_->{credits} >= 0 && $_->{description} !~ /^Not used/ } $told->{lines}->@*;
	if ($new) {
		my ($of, $cycle) = ($plan_of{ $told->{subscription}{plan_id} }, $told->{subscription}{cycle});
		my $amount = Math::BigInt->new($of->{"${cycle}_amount"})->bmul($told->{subscription}{seats});
		my $wanted = share($amount, $new->{seconds}, Math::BigInt->new($price{ $of->{currency} })->bmul($new->{of_seconds}));
		push @faults, "$new->{credits} credits, not $wanted" if $new->{credits} != $wanted;
	}
	return @faults;
}

my ($done, $up, $down, $account, @faults) = (0, 0, 0, 0);
my $began = seconds_of('2027-01-01T00:00:00Z');
for my $number (1 .. $organizations) {
	my $at = $began + int rand 40 * 86400;
	at_time(text_of($at));
	my $post_pay = $number == 1 || rand() < 0.15;
	my %fields = (timezone => $zones[rand @zones], rate_limit => 1_000_000);
	my $organization = $post_pay ? new_post_pay(1_000_000_000, %fields) : new_organization(%fields, credits => 100_000_000_000);
	my $client = client(timeout => 60);
	subscribe($organization, { plan_id => $plans[rand @plans]{id}, cycle => rand() < 0.5 ? 'monthly' : 'yearly', seats => 1 + int rand 40 }, client => $client)->status == 200 or die;
	my $available = available_of($organization);
	for (1 .. $changes) {
		$at = later_than($at);
		at_time(text_of($at));
		my $wish = random_wish();
		early_in_the_second();
		my $told = preview($organization, $wish, client => $client);
		my $run = change_plan($organization, $wish, client => $client);
		if ($told->status != 200 || $run->status != 200) {
			push @faults, "preview $told->{status} $told->{body}, run $run->{status} $run->{body}";
			last;
		}
		$told = $told->json;
		push @faults, faults_of($told);
		$run = $run->json;
		my $now = available_of($organization);
		my $moved = $post_pay ? 0 : $told->{credit_back} - $told->{charge_credits};
		push @faults, "told $moved, and " . ($now - $available) . ' moved' if $now - $available != $moved;
		$available = $now;
		my $same = join ' ', map { $_ // '' } @$run{qw(id plan_id price_id cycle seats status cancel_at)};
		my $foretold = join ' ', map { $_ // '' } $told->{subscription}->@{qw(id plan_id price_id cycle seats status cancel_at)};
		push @faults, "told $foretold, became $same" if $same ne $foretold;
		push @faults, "another period" if substr($run->{period}{end}, 0, 19) ne substr($told->{period}{end}, 0, 19);
		$done++;
		$up++ if $told->{charge_credits} > 0;
		$down++ if $told->{credit_back} > 0;
		$account++ if ($told->{paid_from} // '') eq 'account';
	}
	my $verified = call('billing.credits.verify', { full => \1 }, key => $organization->{key}, client => $client)->json;
	push @faults, 'a ledger is not whole' unless $verified->{consistent};

	# What was drawn and not given back is what its periods cost.
	my ($worth, $drawn) = db_run('SELECT SUM(credits), SUM(drawn - refilled) FROM subscription_fee WHERE organization_id = ? AND charged_at IS NOT NULL', bytes_of($organization->{id}))->fetchrow_array;
	push @faults, "charged $drawn for stretches worth $worth" if $worth != $drawn;
	if ($post_pay) {
		my $owed = db_value("SELECT SUM(amount) FROM journal_line WHERE organization_id = ? AND account = 'receivable'", bytes_of($organization->{id})) // 0;
		push @faults, "owes $owed for $worth credits" if $owed != $worth * 10_000;
	}
}
set_clock(0);
ok(!@faults, "$done changes are as they were told") || diag join "\n", @faults[0 .. ($#faults < 14 ? $#faults : 14)];
is($done, $organizations * $changes, 'all of them');
cmp_ok($up, '>', $done / 5, "$up took credits");
cmp_ok($down, '>', $done / 10, "$down gave some back");
cmp_ok($account, '>', 0, "$account were on account");

done_testing;
