#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Jobs;
use Purser::SignIn;

my $person = new_person;
my $unknown = new_address;
keep_away('auth.send_resets');

sub requests ($email) { return db_value('SELECT COUNT(*) FROM password_reset_request WHERE email_key = ?', lc $email) }

my $reply = call('auth.passwords.reset_request', { email => uc $person->{email} });
is_success($reply, 'a person asks for a new password');
is($reply->body, '{}', 'the reply says nothing');
is(requests($person->{email}), 1, 'a request is noted, the address in lower case');
my $other = call('auth.passwords.reset_request', { email => $unknown });
is_success($other, 'anybody asks for one');
is($other->body, $reply->body, 'and hears the same');
is(requests($unknown), 1, 'the same is noted');
is(db_value('SELECT COUNT(*) FROM password_reset WHERE user_id = ?', bytes_of($person->{id})), 0, 'nothing else is done by the request');
is_deeply([map { audit_row($_)->@{qw(outcome actor_type target_id)} } $reply, $other], [('ok', 'nobody', undef) x 2], 'the audit tells no more');
is_problem(call('auth.passwords.reset_request', { email => 'nobody' }), 422, 'invalid', 'what is no address is a fault', errors => { '/email' => 'bad_format' });
is_problem(call('auth.passwords.reset_request', {}), 422, 'invalid', 'the address is needed', errors => { '/email' => 'missing' });
done_testing;
