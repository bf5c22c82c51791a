#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::SignIn;

my $account = new_account;
my $session = session_of($account);
my $token = reset_token($account);
my $other = reset_token($account);

sub reset_by ($token, $password = 'another quiet wall') {
	return call('auth.passwords.reset', { token => $token, new_password => $password });
}

call('auth.sessions.create', { email => $account->{email}, password => 'wrong password' }) for 1 .. 10;
is_problem(sign_in($account), 429, 'rate_limited', 'an address is locked');
is_problem(reset_by($token, 'password1234'), 422, 'invalid', 'a common password is refused', errors => { '/new_password' => 'weak' });
is_problem(reset_by($token, lc $account->{email}), 422, 'invalid', 'so is the address', errors => { '/new_password' => 'weak' });
is_problem(reset_by($token, 'short'), 422, 'invalid', 'and a short one', errors => { '/new_password' => 'too_short' });

my $reply = reset_by($token);
is_success($reply, 'with the token of the mail a new password is chosen');
is($reply->body, '{}', 'the reply says nothing');
is_deeply([audit_row($reply)->@{qw(actor_type actor_id target_id outcome)}], ['user', (bytes_of($account->{id})->$*) x 2, 'ok'], 'the audit names the person');
is_problem(call('auth.whoami', {}, key => $session->{access_token}), 401, 'unauthenticated', 'every session has ended');
is_problem(sign_in($account), 401, 'unauthenticated', 'the old password is wrong, and the address no longer locked');
$account->{password} = 'another quiet wall';
is_success(sign_in($account), 'the new one is right');

my @dead = map { reset_by($_) } $token, $other, reset_token($account, expires_in => -1), reset_token($account, used => 1), 'gprp_unknown';
is_problem($dead[0], 422, 'invalid', 'a token works once', errors => { '/token' => 'unknown' });
is_problem($dead[1], 422, 'invalid', 'the others of the person die with it', errors => { '/token' => 'unknown' });
is_problem($dead[2], 422, 'invalid', 'an expired one is refused', errors => { '/token' => 'unknown' });
is_problem($dead[3], 422, 'invalid', 'a used one, too', errors => { '/token' => 'unknown' });
is_problem($dead[4], 422, 'invalid', 'and an unknown one', errors => { '/token' => 'unknown' });
my %words = map { my $id = $_->header('x-request-id'); ($_->body =~ s/\Q$id\E//gr => 1) } @dead;
is(scalar keys %words, 1, 'all in the same words');
is_problem(call('auth.passwords.reset', {}), 422, 'invalid', 'both are needed', errors => { '/token' => 'missing', '/new_password' => 'missing' });

my $new = new_person;
is_success(reset_by(reset_token($new)), 'who had no password gets one');
is_success(call('auth.sessions.create', { email => $new->{email}, password => 'another quiet wall' }), 'and signs in by it');

my @tokens = map { reset_token($account) } 1 .. 2;
my @lines = at_once(map { my $token = $_; sub ($client) {
	return call('auth.passwords.reset', { token => $token, new_password => 'the quietest wall' }, client => $client)->status;
} } (@tokens) x 3);
is(scalar(grep { $_ == 200 } @lines), 1, 'of six at once with two tokens one is done');
is(scalar(grep { $_ == 422 } @lines), 5, 'and the others are refused') or diag join ', ', @lines;
done_testing;
