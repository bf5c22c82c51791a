#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::SignIn;

my $account = new_account;
my ($here, $there) = map { session_of($account) } 1, 2;
my $mailed = reset_token($account);

sub change ($current, $new, $key = $here->{access_token}) {
	return call('auth.passwords.change', { current_password => $current, new_password => $new }, key => $key);
}

my $wrong = change('not the password', 'another quiet wall');
is_problem($wrong, 422, 'invalid', 'the current password has to be right', errors => { '/current_password' => 'wrong' });
is(failures($account->{email}), 1, 'a wrong one counts as a failed sign-in');
is_deeply([audit_row($wrong)->@{qw(outcome actor_id)}], ['invalid', bytes_of($account->{id})->$*], 'and stands in the audit');
is_problem(change($account->{password}, 'password1234'), 422, 'invalid', 'a common password is refused', errors => { '/new_password' => 'weak' });
is_problem(change($account->{password}, $account->{email}), 422, 'invalid', 'so is the address', errors => { '/new_password' => 'weak' });
is_problem(change('', 'short'), 422, 'invalid', 'faults are named', errors => { '/current_password' => 'too_short', '/new_password' => 'too_short' });
is(failures($account->{email}), 1, 'these are no failures');

my $reply = change($account->{password}, 'another quiet wall');
is_success($reply, 'the password is changed');
is_deeply($reply->json, { sessions_ended => 1 }, 'the other session has ended');
is_problem(call('auth.whoami', {}, key => $there->{access_token}), 401, 'unauthenticated', 'its token is refused');
is_success(call('auth.whoami', {}, key => $here->{access_token}), 'this one lives on');
is_problem(sign_in($account), 401, 'unauthenticated', 'the old password is wrong now');
$account->{password} = 'another quiet wall';
is_success(sign_in($account), 'the new one is right');
is(failures($account->{email}), 0, 'failures are forgotten');
is_problem(call('auth.passwords.reset', { token => $mailed, new_password => 'a third quiet wall' }), 422, 'invalid',
    'a mail of before is good for nothing', errors => { '/token' => 'unknown' });
is_deeply([secret_stands_in('another quiet wall')], [], 'no password stands anywhere');

is_problem(change('wrong password', 'another quiet wall'), 422, 'invalid', 'failures add up') for 1 .. 4;
is_problem(call('auth.sessions.create', { email => $account->{email}, password => 'wrong password' }), 401, 'unauthenticated', 'whichever way') for 1 .. 6;
is_problem(change($account->{password}, 'a third quiet wall'), 429, 'rate_limited', 'after ten of them even the right password has to wait');

my $foreign = new_person;
is_problem(change('whatever it is', 'another quiet wall', $foreign->{key}), 409, 'conflict', 'who has no password has none to change');
is_problem(change('whatever it is', 'another quiet wall', new_organization()->{key}), 403, 'human_required', 'an API key has no password');

my $racer = new_account;
my $session = session_of($racer);
my @lines = at_once(map { my $n = $_; sub ($client) {
	return call('auth.passwords.change', { current_password => $racer->{password}, new_password => "the quiet wall $n" }, key => $session->{access_token},
	    client => $client)->status;
} } 1 .. 4);
is(scalar(grep { $_ == 200 } @lines), 1, 'of four changes at once one is done');
is(scalar(grep { $_ == 422 } @lines), 3, 'and the others had a password that is not the current one any more') or diag join ', ', @lines;
done_testing;
