#!/usr/bin/perl
# Many people do the same thing at the same moment: one address stays one person's, and one name makes many organizations.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use List::Util qw(max);
use Purser::Test;
use Time::HiRes qw(sleep time);

my $many = 32;
my $mark = $$;

# Runs the code in so many processes at the same moment, each with a connection of its own that is open already; gives what
# each came to: the reply's status, code and id.
sub at_once ($count, $run) {
	my $start = time + 1;
	my @pipes = map { my $number = $_;
		my $pid = open(my $pipe, '-|') // die "fork: $!";
		if ($pid == 0) {
			my $client = client(from => '127.0.7.' . $number, timeout => 60);
			$client->request('GET', '/v1/health/live');
			sleep max(0, $start - time);
			my $reply = eval { $run->($number, $client) };
			my $json = $reply ? $reply->json : undef;
			$| = 1;
			say encode_json({ number => $number, status => $reply ? $reply->status : 0, code => $reply ? $reply->code : "no reply: $@",
			    map { $_ => $json->{$_} } qw(id slug) });
			close STDOUT;
			require POSIX;
			POSIX::_exit(0);
		}
		$pipe } 1 .. $count;

	return map { my $pipe = $_; my $line = <$pipe>; close $pipe; decode_json($line) } @pipes;
}

sub outcomes (@results) {
	my %seen;
	$seen{ $_->{status} . ($_->{code} ? " $_->{code}" : '') }++ for @results;
	return \%seen;
}

# ---- one address, many sign-ups ----

my $address = "Crowd-$mark\@example.com";
my @people = at_once($many, sub ($number, $client) {
	# The same address in every way of writing it that is the same.
	my $email = $number % 2 ? $address : lc $address;
	call('auth.users.create', { email => $email, password => "quiet otters of $number", name => "Person $number" }, client => $client);
});

is_deeply(outcomes(@people), { 200 => 1, '409 address_taken' => $many - 1 }, "$many sign-ups with one address make one person");
is(db_value('SELECT COUNT(*) FROM user WHERE email_key = LOWER(?)', $address), 1, 'the database has one');
my ($first) = grep { $_->{status} == 200 } @people;
is(db_value('SELECT COUNT(*) FROM password p JOIN user u ON u.id = p.user_id WHERE u.email_key = LOWER(?)', $address), 1, 'the one person has one password');
my @signed_in = grep { call('auth.sessions.create', { email => $address, password => "quiet otters of $_" })->status == 200 } $first ? $first->{number} : 1;
is_deeply(\@signed_in, [$first->{number}], 'that of the one who was told so');

# ---- one name, many organizations ----

sub slugs_of (@made) {
	my %slugs = map { ($_->{slug} // '') => 1 } @made;
	return scalar keys %slugs;
}

my $founder = new_person();
my @made = at_once($many, sub ($number, $client) {
	call('organizations.create', { name => "Crowd $mark" }, key => $founder->{key}, client => $client);
});
is_deeply(outcomes(@made), { 200 => $many }, "$many organizations of one name are made by one person at once");
is(slugs_of(@made), $many, 'with as many slugs');
is(db_value('SELECT COUNT(*) FROM membership WHERE user_id = ? AND role = ? AND is_active', bytes_of($founder->{id}), 'owner'), $many, 'all of them are theirs');
my $current = call('auth.whoami', {}, key => $founder->{key})->json->{organization}{id};
is(scalar(grep { $_->{id} eq $current } @made), 1, 'and the session acts for one of them');

my @founders = map { new_person() } 1 .. $many;
my @spread = at_once($many, sub ($number, $client) {
	call('organizations.create', { name => "Crowd $mark" }, key => $founders[$number - 1]{key}, client => $client);
});
is_deeply(outcomes(@spread), { 200 => $many }, "$many people make one of that name each");
is(slugs_of(@made, @spread), 2 * $many, 'and no slug is there twice');

# ---- one key, many tries ----

my $hasty = new_person();
my @tries = at_once($many, sub ($number, $client) {
	my $reply;
	do { $reply = call('organizations.create', { name => "Hasty $mark" }, key => $hasty->{key}, idempotency_key => 'hasty', client => $client) }
	    while $reply->status == 409 && ($reply->code // '') eq 'idempotency_in_progress' && sleep 0.01;
	$reply;
});
my %ids = map { ($_->{id} // 'none') => 1 } @tries;
is(scalar keys %ids, 1, "$many tries with one idempotency key make one organization") or diag encode_json(outcomes(@tries));
is(db_value('SELECT COUNT(*) FROM membership WHERE user_id = ?', bytes_of($hasty->{id})), 1, 'and one membership');
done_testing;
