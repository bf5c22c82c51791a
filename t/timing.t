#!/usr/bin/perl
# A known and an unknown address take the same time at sign-in: 200 wrong passwords each, in turn, over 25 addresses of each
# kind, eight for each address (the lock-out counts those that nobody has, too). Only with PURSER_CHECK_ALL and on the
# plain build: it takes its time, and sanitizers have times of their own.
# alone: it compares times
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Subjects;
use Purser::Test;
use Time::HiRes qw(time);

plan(skip_all => 'it takes its time: --all') unless $ENV{PURSER_CHECK_ALL};
plan(skip_all => 'it is for the plain build: this one has sanitizers') if has_sanitizers();

my ($addresses, $tries) = (25, 8);
my $client = client(from => '127.0.8.1');

sub has_sanitizers () {
	open my $program, '<:raw', "$ENV{PURSER_BUILD}/purser-fcgi" or die "purser-fcgi: $!";
	local $/;
	return scalar(<$program> =~ /__asan_init/);
}

sub median (@values) {
	my @sorted = sort { $a <=> $b } @values;
	return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}

# One wrong guess: how long it took, and what was said.
sub guess ($email) {
	my $before = time;
	my $reply = call('auth.sessions.create', { email => $email, password => 'none of the otters' }, client => $client);
	return (time - $before, $reply);
}

my %emails;
for my $n (1 .. $addresses) {
	my $person = new_person();
	give_password($person);
	push $emails{known}->@*, $person->{email};
	push $emails{unknown}->@*, $person->{email} =~ s/^person/nobody/r;
}

my (%times, %said);
guess("warm-$_-$$\@example.com") for 1 .. 8;
for my $round (1 .. $tries) {
	for my $n (0 .. $addresses - 1) {
		for my $kind ($n % 2 ? qw(known unknown) : qw(unknown known)) {
			my ($seconds, $reply) = guess($emails{$kind}[$n]);
			push $times{$kind}->@*, $seconds;
			my $json = { ($reply->json // {})->%* };
			delete $json->{instance};
			my %headers = $reply->{headers}->%*;
			delete @headers{qw(date x-request-id)};
			$said{$kind}{ encode_json([$reply->status, $json, \%headers]) }++;
		}
	}
}

is_deeply([map { scalar $times{$_}->@* } qw(known unknown)], [($addresses * $tries) x 2], 'there were ' . $addresses * $tries . ' of each kind');
is_deeply($said{known}, $said{unknown}, 'both are told the same, headers included');
is(scalar(grep { !/^\[401,/ } map { keys %$_ } values %said), 0, 'that it was wrong, every time');
my ($known, $unknown) = map { median($times{$_}->@*) } qw(known unknown);
my $difference = 100 * abs($known - $unknown) / median($times{known}->@*, $times{unknown}->@*);
diag sprintf 'known %.2f ms, unknown %.2f ms: %.2f %%', 1000 * $known, 1000 * $unknown, $difference;
cmp_ok($difference, '<', 5, 'and the medians differ by less than 5 %');
done_testing;
