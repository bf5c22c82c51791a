#!/usr/bin/perl
# Who asked for a new password gets a mail, if there is such a person: one that works once, and not too many.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256);
use Purser::Test;
use Purser::Jobs;
use Purser::SignIn;

my $job = 'auth.send_resets';
my ($person, $other) = (new_person, new_person);
keep_away($job);

sub ask ($email) { is_success(call('auth.passwords.reset_request', { email => $email }), "somebody asks for $email") }
sub requests () { return db_value('SELECT COUNT(*) FROM password_reset_request') }

sub mails ($who) {
	return db_run("SELECT * FROM outbox WHERE kind = 'mail' AND type = 'password_reset' AND entity_id = ? ORDER BY id", bytes_of($who->{id}))->fetchall_arrayref({});
}

sub resets ($who) { return db_run('SELECT * FROM password_reset WHERE user_id = ?', bytes_of($who->{id}))->fetchall_arrayref({}) }

ask(uc $person->{email});
ask('nobody-' . new_ulid() . '@example.com');
ok(run_job($job), 'the job runs');
is(requests, 0, 'no request is left');
my $mails = mails($person);
is(scalar @$mails, 1, 'the person gets a mail');
is($mails->[0]{recipient}, $person->{email}, 'to the address that the person has signed up with');
is_deeply([$mails->[0]->@{qw(organization_id entity_type data)}], [undef, 'user', '{}'], 'which is about the person and nothing else');
unlike($mails->[0]{secret}, qr/gprp_/, 'its token is sealed');
my $resets = resets($person);
is(scalar @$resets, 1, 'there is a token');
is($resets->[0]{used_at}, undef, 'that was not used');
is(db_value('SELECT TIMESTAMPDIFF(SECOND, created_at, expires_at) FROM password_reset WHERE user_id = ?', bytes_of($person->{id})), 3600, 'for an hour');
is(scalar(db_column("SELECT 1 FROM outbox WHERE recipient LIKE 'nobody-%'")), 0, 'nobody gets none');

ask($person->{email}) for 1 .. 4;
ask($other->{email});
ok(run_job($job), 'when they go on asking');
is(scalar mails($person)->@*, 3, 'there are at most three mails an hour');
is(scalar resets($person)->@*, 3, 'and as many tokens');
is(scalar mails($other)->@*, 1, 'which keeps nobody else from theirs');
set_clock(3660);
ask($person->{email});
ok(run_job($job), 'an hour later');
is(scalar mails($person)->@*, 4, 'there is another');
set_clock(0);

db_run('INSERT INTO password_reset_request (id, email_key) SELECT UNHEX(LPAD(HEX(seq), 32, 0)), CONCAT(seq, ?) FROM seq_1_to_120', '@example.com');
ok(run_job($job), 'many at once');
is(requests, 0, 'are answered in one run');

# ---- the token of the mail ----

# As the command for operators shows it; nothing else does.
sub mailed_token ($who) {
	open my $pipe, '-|', "$ENV{PURSER_BUILD}/purserctl", 'mail', '--to', $who->{email} or die "purserctl: $!";
	my $text = do { local $/; <$pipe> // '' };
	close $pipe or die "purserctl mail: $?";
	return $text =~ /^    (gprp_[0-9A-Za-z]{49})$/m ? $1 : diag $text;
}

my $token = mailed_token($other);
is(resets($other)->[0]{token_digest}, sha256($token), 'the token of the mail is the one that is waited for');
is_success(call('auth.passwords.reset', { token => $token, new_password => 'a quiet harbour wall' }), 'a new password is chosen by it');
is_problem(call('auth.whoami', {}, key => $other->{key}), 401, 'unauthenticated', 'which ends the sessions');
is_success(call('auth.sessions.create', { email => $other->{email}, password => 'a quiet harbour wall' }), 'and is good for signing in');
is_problem(call('auth.passwords.reset', { token => $token, new_password => 'a quiet harbour wall' }), 422, 'invalid', 'once',
    errors => { '/token' => 'unknown' });
is_deeply([secret_stands_in($token)], [], 'the token itself stands nowhere');

give_back($job);
ask($other->{email});
eventually('the runner sends them by itself', sub { mails($other)->@* == 2 }, 15);
done_testing;
