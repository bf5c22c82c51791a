#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::SignIn;

my $email = new_address;
my $password = 'a quiet harbour wall';
my $reply = call('auth.users.create', { email => $email, password => $password, name => "J\x{fc}rgen" });
is_success($reply, 'anybody signs up');
my $id = $reply->json->{id};
ulid_ok($id, 'the reply is the person\'s id');
is_deeply([keys $reply->json->%*], ['id'], 'and nothing else');

my $row = db_run('SELECT u.*, p.hash FROM user u JOIN password p ON p.user_id = u.id WHERE u.id = ?', bytes_of($id))->fetchrow_hashref;
is($row->{email}, $email, 'the address is kept as it was written');
is($row->{email_key}, lc $email, 'and compared in lower case');
like($row->{hash}, qr/\Ascrypt\$15\$8\$1\$[\w-]{22}\$[\w-]{43}\z/, 'the password is kept as its scrypt hash');
my $audit = audit_row($reply);
is($audit->{actor_type}, 'user', 'the audit names a person');
is(unpack('H*', $audit->{actor_id}), unpack('H*', bytes_of($id)->$*), 'this one');
is($audit->{outcome}, 'ok', 'as the one who has done it');
is_success(call('auth.sessions.create', { email => uc $email, password => $password }), 'the person signs in, the address in any case');
is_deeply([secret_stands_in($password)], [], 'the password itself stands nowhere');

is_problem(call('auth.users.create', { email => uc $email, password => 'another quiet wall', name => 'x' }), 409, 'address_taken',
    'an address has one person, in any case');
is_problem(call('auth.users.create', { email => new_address, password => 'password1234', name => 'x' }), 422, 'invalid',
    'a common password is refused', errors => { '/password' => 'weak' });
is_problem(call('auth.users.create', { email => 'marguerite.lavoisier@example.com', password => 'marguerite.lavoisier', name => 'x' }), 422, 'invalid',
    'so is the address itself', errors => { '/password' => 'weak' });
is_problem(call('auth.users.create', { email => 'nobody', password => 'short', name => '', role => 'owner' }), 422, 'invalid',
    'all faults are named at once', errors => { '/email' => 'bad_format', '/password' => 'too_short', '/name' => 'too_short', '/role' => 'unknown' });
is_problem(call('auth.users.create', { email => new_address, password => 'x' x 201, name => 'x' }), 422, 'invalid',
    'a password has at most 200 characters', errors => { '/password' => 'too_long' });
is_problem(call('auth.users.create', { email => "\x{e4}" x 140 . '@example.com', password => $password, name => 'x' }), 422, 'invalid',
    'an address has at most 254 bytes', errors => { '/email' => 'bad_format' });
is_problem(call('auth.users.create', {}), 422, 'invalid', 'all three are needed',
    errors => { '/email' => 'missing', '/password' => 'missing', '/name' => 'missing' });

my $key = 'sign-up-' . new_ulid();
my ($first, $second) = map { call('auth.users.create', { email => $_, password => $password, name => 'x' }, idempotency_key => $key) } new_address, new_address;
is_success($first, 'an idempotency key');
is_success($second, 'is ignored');
isnt($second->json->{id}, $first->json->{id}, 'so these are two people');

my $crowd = new_address;
my @lines = at_once(map { my $n = $_; sub ($client) {
	my $reply = call('auth.users.create', { email => $crowd, password => "the quiet wall $n", name => "Twin $n" }, client => $client);
	return join ' ', $reply->status, $reply->code // '';
} } 1 .. 32);
is(scalar(grep { /^200/ } @lines), 1, 'of 32 sign-ups at once with one address one is done');
is(scalar(grep { $_ eq '409 address_taken' } @lines), 31, 'and the others are told that it is taken') or diag join ', ', @lines;
is(db_value('SELECT COUNT(*) FROM user u JOIN password p ON p.user_id = u.id WHERE u.email_key = ?', lc $crowd), 1, 'there is one person, with a password');
done_testing;
