#!/usr/bin/perl
# What keeps passwords from being guessed: the lock-out, which counts exactly, and answers that do not tell whether anybody
# has the address.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256);
use IO::Socket::UNIX;
use Purser::FastCGI qw(fastcgi_request);
use Purser::Test;
use Purser::SignIn;
use Time::HiRes qw(time);

sub guess ($email) { return call('auth.sessions.create', { email => $email, password => 'wrong password' }) }

# ---- ten failures ----

my $known = new_account;
for my $email ($known->{email}, new_address) {
	my $who = $email eq $known->{email} ? 'a known address' : 'an unknown address';
	my @statuses = map { guess($email)->status } 1 .. 10;
	is_deeply(\@statuses, [(401) x 10], "$who: ten guesses are refused");
	my $locked = guess($email);
	is_problem($locked, 429, 'rate_limited', "$who: then it is locked");
	cmp_ok($locked->header('retry-after'), '<=', 900, "$who: for no longer than a quarter of an hour");
	cmp_ok($locked->header('retry-after'), '>', 840, "$who: since the first failure");
	is_problem(guess(uc $email), 429, 'rate_limited', "$who: in any case of its letters");
	is(failures($email), 10, "$who: what is locked counts no further");
	is(audit_row($locked)->{id}, undef, "$who: and leaves no row");
}
is_problem(sign_in($known), 429, 'rate_limited', 'the right password does not help');
is_success(sign_in(new_account), 'others are not kept out');

# The window slides: of these ten failures, from 920 to 200 seconds ago, the first is over.
my $sliding = new_account;
for my $n (1 .. 10) {
	db_run('INSERT INTO sign_in_failure (subject, id, at) VALUES (?, ?, UTC_TIMESTAMP(6) - INTERVAL ? SECOND)', \sha256(lc $sliding->{email}), bytes_of(new_ulid()), 1000 - 80 * $n);
}
is_success(sign_in($sliding), 'failures older than 15 minutes count no longer') or diag failures($sliding->{email});
is(failures($sliding->{email}), 0, 'a success forgets all');
for my $n (0 .. 9) {
	db_run('INSERT INTO sign_in_failure (subject, id, at) VALUES (?, ?, UTC_TIMESTAMP(6) - INTERVAL ? SECOND)', \sha256(lc $sliding->{email}), bytes_of(new_ulid()), 60 * $n);
}
my $wait = sign_in($sliding)->header('retry-after') // 0;
ok($wait > 340 && $wait <= 360, 'the wait ends when the oldest of the ten is 15 minutes old') or diag $wait;
set_clock(370);
is_success(sign_in($sliding), 'and then the password is looked at again');
set_clock(0);

my $nine = new_account;
guess($nine->{email}) for 1 .. 9;
is_success(sign_in($nine), 'nine failures lock nothing');
guess($nine->{email}) for 1 .. 9;
is_success(sign_in($nine), 'and a success begins anew');

# ---- at once ----

# On a busy machine somebody may have waited too long for a turn: nothing was decided then, and they come again.
sub decision ($body, $client) {
	my $reply;

	for (1 .. 10) {
		$reply = call('auth.sessions.create', $body, client => $client);
		last if ($reply->code // '') ne 'busy';
	}
	return $reply;
}

for my $email (new_account()->{email}, new_address) {
	my @lines = at_once((sub ($client) { return decision({ email => $email, password => 'wrong password' }, $client)->status }) x 40);
	my %count;
	$count{$_}++ for @lines;
	is_deeply(\%count, { 401 => 10, 429 => 30 }, 'of 40 guesses at once ten are answered');
}
my $mixed = new_account;
my @lines = at_once(map { my $n = $_; sub ($client) {
	return decision({ email => $mixed->{email}, password => $n == 20 ? $mixed->{password} : 'wrong password' }, $client)->status;
} } 1 .. 40);
my %count;
$count{$_}++ for @lines;
cmp_ok(($count{401} // 0), '<=', $lines[19] == 200 ? 20 : 10, 'a right one among them is no way round') or diag join ' ', @lines;
is(($count{200} // 0) + ($count{401} // 0) + ($count{429} // 0), 40, 'and each of them is decided') or diag join ' ', @lines;

# ---- a password that changes meanwhile ----

my $changing = new_account;
my $session = session_of($changing);
@lines = at_once(sub ($client) { return call('auth.passwords.change', { current_password => $changing->{password}, new_password => 'another quiet wall' },
	key => $session->{access_token}, client => $client)->status },
    map { sub ($client) { return call('auth.sessions.create', { email => $changing->{email}, password => $changing->{password} }, client => $client)->json->{access_token} // '' } } 1 .. 6);
is(shift @lines, 200, 'a password is changed while others sign in by the old one');
is(scalar(grep { $_ ne '' && call('auth.whoami', {}, key => $_)->status == 200 } @lines), 0, 'none of them is signed in after it');

# ---- waiting has an end ----

# Whoever has waited for a worker as long as for a turn is told to come again, so that a crowd is worked off in time.
{
	my $path = $ENV{PURSER_DB_SOCKET} =~ s{[^/]+\z}{slow.sock}r;
	my $patient = new_account;
	my $body = encode_json({ email => $patient->{email}, password => $patient->{password} });
	my $try = sub ($age) {
		my $socket = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!";
		return fastcgi_request($socket, 'POST', '/v1/op/auth.sessions.create', body => $body, CONTENT_TYPE => 'application/json', %$age);
	};
	my ($status, $reply) = $try->({ PURSER_ARRIVED => sprintf '%.3f', time - 6 });
	is($status, 503, 'a request that waited six seconds for a worker is told that it is busy');
	is(decode_json($reply)->{code}, 'busy', 'as that');
	is(($try->({ PURSER_ARRIVED => sprintf '%.3f', time - 1 }))[0], 200, 'one that waited for a second is served');
	is(($try->({}))[0], 200, 'so is one of a web server that does not tell');
	is(($try->({ PURSER_ARRIVED => $_ }))[0], 200, "or tells `$_`") for '', 'now', '1.5', '99999999999.999', '-1.000';
	is(failures($patient->{email}), 0, 'and none of it is a failed sign-in');
}

# ---- a clock that goes back ----

{
	my $early = new_account;
	set_clock(86400);
	guess($early->{email}) for 1 .. 10;
	is_problem(sign_in($early), 429, 'rate_limited', 'locked tomorrow');
	set_clock(0);
	is_success(sign_in($early), 'failures of a clock that was ahead lock nobody today');
}

# ---- equal answers ----

sub answer_of ($reply) {
	my $id = $reply->header('x-request-id');
	my %headers = map { $_ => $reply->header($_) } qw(content-type www-authenticate cache-control content-length);
	return { %headers, status => $reply->status, body => $reply->body =~ s/\Q$id\E//gr };
}

my $somebody = new_account;
is_deeply(answer_of(guess(new_address)), answer_of(guess($somebody->{email})), 'a known and an unknown address hear the same');
is_deeply(answer_of(call('auth.passwords.reset_request', { email => new_address })), answer_of(call('auth.passwords.reset_request', { email => $somebody->{email} })),
    'when they ask for a new password as well');

# How often the database is asked tells nothing either: the log has it of every request.
sub round_trips ($reply) {
	my $id = $reply->header('x-request-id');
	my $found;

	eventually('the log has the request', sub {
		for my $log (glob "$ENV{PURSER_VAR}/log/*") {
			open my $in, '<', $log or next;
			($found) = map { /"round_trips":(\d+)/ ? $1 : () } grep { /\Q$id\E/ } <$in>;
			return 1 if defined $found;
		}
		return 0;
	});
	return $found;
}
is(round_trips(guess(new_address)), round_trips(guess($somebody->{email})), 'and the database is asked as often');
done_testing;
