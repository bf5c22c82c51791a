#!/usr/bin/perl
# Sessions, tokens, failures and resets are forgotten when they are over for long enough, and not before.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256);
use Purser::Test;
use Purser::Jobs;

my $job = 'auth.purge';
my $organization = new_organization();
my $person = new_person;
my $user = bytes_of($person->{id});
keep_away($job);

# Moments are seconds from now; undef is never.
sub session ($name, $expires, $ended = undef) {
	my $id = bytes_of(new_ulid());
	db_run('INSERT INTO session (id, user_id, user_agent, created_at, refreshed_at, expires_at, ended_at)
	    VALUES (?, ?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL ? SECOND, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)', $id, $user, $name, $expires, $ended);
	return $id;
}

sub token ($session, $kind, $expires) {
	my $digest = sha256(new_ulid());
	db_run('INSERT INTO session_token (digest, session_id, kind, expires_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)', \$digest, $session, $kind, $expires);
	return $digest;
}

sub is_there ($table, $column, $value) { return db_value("SELECT COUNT(*) FROM $table WHERE $column = ?", ref $value ? $value : \$value) }
sub sessions () { return [sort { $a cmp $b } grep { defined } db_column('SELECT user_agent FROM session WHERE user_id = ?', $user)] }

my ($day, $month) = (86400, 30 * 86400);
my $gone = session('expired for a month', -$month - 60);
my $its = token($gone, 'refresh', -$month - 60);
session('expired for less', -$month + 60);
session('ended for a month', 3600, -$month - 60);
session('ended for less', 3600, -$month + 60);
my $live = session('live', 3600);
my %token = (
	'an access token a day old' => token($live, 'access', -$day - 60), 'an access token of today' => token($live, 'access', -$day + 60),
	'a refresh token a month old' => token($live, 'refresh', -$month - 60), 'a refresh token of this month' => token($live, 'refresh', -$month + 60));
my %client = map { $_ => sha256(new_ulid()) } 'a client token a day old', 'a client token of today';
db_run('INSERT INTO client_token (digest, key_digest, expires_at) VALUES (?, ?, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)', \$client{$_}, \sha256($organization->{key}),
    /today/ ? -$day + 60 : -$day - 60) for keys %client;
my %subject = map { $_ => sha256(new_ulid()) } 'a subject of yesterday', 'a subject of today';
db_run('INSERT INTO sign_in_subject (subject, seen_at) VALUES (?, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)', \$subject{$_}, /today/ ? -$day + 60 : -$day - 60) for keys %subject;
my %failure = map { $_ => sha256(new_ulid()) } 'a failure of 15 minutes ago', 'a failure of 14 minutes ago';
db_run('INSERT INTO sign_in_failure (subject, id, at) VALUES (?, ?, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)', \$failure{$_}, $user, /14/ ? -840 : -901) for keys %failure;
my %reset = map { $_ => sha256(new_ulid()) } 'a reset of yesterday', 'a reset of today';
db_run('INSERT INTO password_reset (token_digest, user_id, created_at, expires_at) VALUES (?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL ? SECOND)', \$reset{$_}, $user,
    /today/ ? -$day + 60 : -$day - 60) for keys %reset;
my $many = sha256(new_ulid());
db_run('INSERT INTO sign_in_failure (subject, id, at) SELECT ?, UNHEX(LPAD(HEX(seq), 32, 0)), UTC_TIMESTAMP(6) - INTERVAL 1 DAY FROM seq_1_to_2500', \$many);

ok(run_job($job), 'the job runs');
is_deeply(sessions, ['ended for less', 'expired for less', 'live'], 'sessions go a month after they expired or ended');
ok(!is_there('session_token', 'digest', $its), 'and their tokens with them');
is(is_there('session_token', 'digest', $token{$_}), /old/ ? 0 : 1, $_ . (/old/ ? ' goes' : ' stays')) for sort keys %token;
is(is_there('client_token', 'digest', $client{$_}), /old/ ? 0 : 1, $_ . (/old/ ? ' goes' : ' stays')) for sort keys %client;
is(is_there('sign_in_subject', 'subject', $subject{$_}), /yesterday/ ? 0 : 1, $_ . (/yesterday/ ? ' goes' : ' stays')) for sort keys %subject;
is(is_there('sign_in_failure', 'subject', $failure{$_}), /15/ ? 0 : 1, $_ . (/15/ ? ' goes' : ' stays')) for sort keys %failure;
is(is_there('password_reset', 'token_digest', $reset{$_}), /yesterday/ ? 0 : 1, $_ . (/yesterday/ ? ' goes' : ' stays')) for sort keys %reset;
is(is_there('sign_in_failure', 'subject', $many), 0, 'many go in one run');
is_success(call('auth.whoami', {}, key => $person->{key}), 'who is signed in stays so');

set_clock(120);
ok(run_job($job), 'two minutes later');
is_deeply(sessions, ['live'], 'the next sessions have been over for a month');
set_clock(0);
done_testing;
