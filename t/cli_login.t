#!/usr/bin/perl
# Signing in from the command line: the password unseen, the file of credentials, sign-ins that are renewed, at most once
# at a time, and that end.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp;
use Purser::Test;
use Purser::CommandLine;

my $password = 'four words nobody guesses';
my $count = 0;

# Somebody who can sign in, and owns an organization.
sub signed_up () {
	my $email = sprintf 'cli-%d-%d@example.com', $$, ++$count;
	my $user = call('auth.users.create', { email => $email, password => $password, name => 'Cli' })->json;
	my $organization = new_organization();
	db_run("INSERT INTO membership (organization_id, user_id, role, created_at) VALUES (?, ?, 'owner', UTC_TIMESTAMP(6))", bytes_of($organization->{id}), bytes_of($user->{id}));
	return { %$user, email => $email, organization => $organization };
}

sub file_of ($home) { return "$home/credentials" }
sub profile_of ($home, $name = 'default') { return decode_json(slurp(file_of($home)))->{profiles}{$name} }

# A clean environment: only the file says who and where.
sub kept ($home) { return { PURSER_CONFIG_HOME => $home, PURSER_URL => undef, PURSER_CA => undef } }

sub expire ($person, $kind) {
	db_run('UPDATE session_token t JOIN session s ON s.id = t.session_id SET t.expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE
	    WHERE s.user_id = ? AND t.kind = ?', bytes_of($person->{id}), $kind);
}

sub log_in ($home, $person, @more) {
	return purser({ env => { PURSER_CONFIG_HOME => $home }, in => "$password\n" }, qw(login --email), $person->{email}, @more);
}

# ---- at the terminal -------------------------------------------------------------------------------------------------

my $person = signed_up();
my $home = config_home() . '/deep/er';
my $login = on_terminal({ env => { PURSER_CONFIG_HOME => $home }, answers => ['E-mail: ', "$person->{email}\n", 'Password: ', "$password\n"] }, 'login');
is($login->{code}, 0, 'a person signs in by e-mail and password') or diag $login->{shown};
unlike($login->{shown}, qr/Others may read/, '… without a warning');
unlike($login->{shown}, qr/nobody guesses/, '… with the password unseen');
like($login->{shown}, qr/^Signed in as \Q$person->{email}\E at \Q$ENV{PURSER_URL}\E/m, '… and is told so');
is(sprintf('%o', (stat file_of($home))[2] & 07777), '600', 'the credentials are for their owner alone');
is(sprintf('%o', (stat $home)[2] & 07777), '700', '… and so is where they are');
unlike(slurp(file_of($home)), qr/nobody guesses/, '… and the password is not among them');
is_deeply([glob "$home/*"], [file_of($home), "$home/credentials.lock"], '… and nothing else is left there');

my $who = purser({ env => kept($home) }, 'whoami');
is(decode_json($who->{out})->{organization}{id}, $person->{organization}{id}, 'whoami says for whom one calls');
like(purser({ env => kept($home) }, 'profiles')->{out}, qr/^default +\Q$ENV{PURSER_URL}\E +\Q$person->{email}\E$/m, 'profiles are listed');
unlike(purser({ env => kept($home) }, 'profiles')->{out}, qr/gpr[as]_\w{9}/, '… without a token');

chmod 0644, file_of($home);
my $open = purser({ env => kept($home) }, 'whoami');
is("$open->{code} $open->{err}", "0 purser: Others may read or change ${\file_of($home)}, and call as you: chmod 600 '${\file_of($home)}'\n", 'credentials that are not for their owner alone are told, once');
chmod 0600, file_of($home);
is(purser({ in => '' }, qw(login --email x@example.com))->{err}, "purser: Password: standard input is no terminal, and has no line that it could be.\n", 'no password at all is told');

my $before = slurp(file_of($home));
my $wrong = on_terminal({ env => { PURSER_CONFIG_HOME => $home }, answers => ['Password: ', "wrong\n"] }, qw(login --email), $person->{email});
is($wrong->{code}, 2, 'a wrong password is the service\'s to refuse');
like($wrong->{shown}, qr/^purser: .+ \(401 \w+, request \w+\)$/m, '… in a line');
unlike($wrong->{shown}, qr/Sign in with/, '… and who signs in is not advised to');
is(slurp(file_of($home)), $before, '… and what was there stays');
my $cut = on_terminal({ env => { PURSER_CONFIG_HOME => $home }, answers => ['Password: ', "\x03"] }, qw(login --email), $person->{email});
is($cut->{code}, 1, 'Ctrl-C at the password ends it with 1');
like($cut->{shown}, qr/^purser: Interrupted\.$/m, '… in a line');
is(slurp(file_of($home)), $before, '… and what was there stays');

my $second = signed_up();
my $other = log_in($home, $second, qw(--profile second));
is($other->{code}, 0, 'where there is no terminal the password is the first line') or diag $other->{err};
is(profile_of($home)->{email}, $person->{email}, 'another profile leaves the first one alone');
is(decode_json(purser({ env => kept($home) }, qw(whoami --profile second))->{out})->{organization}{id}, $second->{organization}{id}, '… and --profile says which');
is(decode_json(purser({ env => { kept($home)->%*, PURSER_PROFILE => 'second' } }, 'whoami')->{out})->{organization}{id}, $second->{organization}{id}, '… or PURSER_PROFILE');
like(purser({ env => kept($home) }, qw(whoami --profile ../x))->{err}, qr/profile's name/, 'a name that is none is told');

# ---- renewed ---------------------------------------------------------------------------------------------------------

expire($person, 'access');
my $old = profile_of($home);
is(purser({ env => kept($home) }, 'whoami')->{code}, 0, 'an access token that has expired is renewed');
my $new = profile_of($home);
isnt($new->{refresh_token}, $old->{refresh_token}, '… and the new tokens are kept');
is($new->{email}, $old->{email}, '… beside what was known');
is(profile_of($home, 'second')->{email}, $second->{email}, '… and the other profiles');
is(sprintf('%o', (stat file_of($home))[2] & 07777), '600', '… in a file for its owner alone');

my $refreshes = sub { db_value("SELECT COUNT(*) FROM session_token t JOIN session s ON s.id = t.session_id WHERE s.user_id = ? AND t.kind = 'refresh'", bytes_of($person->{id})) };
my $so_far = $refreshes->();
expire($person, 'access');
my @runs = map { purser_begin({ env => kept($home) }, 'whoami') } 1 .. 8;
my @ends = map { purser_end($_) } @runs;
is_deeply([map { $_->{code} } @ends], [(0) x 8], 'eight at the same moment all go through') or diag map { $_->{err} } @ends;
is($refreshes->(), $so_far + 1, '… by one renewal');
is(purser({ env => kept($home) }, 'whoami')->{code}, 0, '… and the sign-in is still good');

# ---- over ------------------------------------------------------------------------------------------------------------

my $out = purser({ env => kept($home) }, qw(logout --profile second));
is("$out->{code} $out->{out}", "0 Signed out of $ENV{PURSER_URL}.\n", 'logout ends the sign-in');
is_deeply([sort keys profile_of($home, 'second')->%*], ['ca', 'url'], '… keeps where it was');
is(purser({ env => kept($home) }, qw(logout --profile second))->{out}, "Nobody is signed in as profile `second`.\n", '… and a second time does nothing');
like(purser({ env => kept($home) }, qw(whoami --profile second))->{err}, qr/Nobody is signed in/, '… and nobody calls by it');

expire($person, $_) for qw(access refresh);
my $ended = purser({ env => kept($home) }, 'whoami');
is("$ended->{code} $ended->{err}", "2 purser: Your sign-in at $ENV{PURSER_URL} has ended: run `purser login`.\n", 'a sign-in that is over is told in a line');
is(purser({ env => kept($home) }, qw(api-keys create --name x))->{err}, $ended->{err}, '… without a doubt about what was to be done');
is(purser({ env => kept($home) }, qw(orders list --output), $_)->{err}, $ended->{err}, "… by --output $_, too") for qw(json table ndjson);
$out = purser({ env => kept($home) }, 'logout');
is("$out->{code} $out->{out}$out->{err}", "0 Signed out of $ENV{PURSER_URL}.\n", '… and logout has nothing left to end');
is_deeply([sort keys profile_of($home)->%*], ['ca', 'url'], '… but forgets the tokens');

# A service that lets nobody in, and breaks off where a token is to be renewed.
my $breaking = service(sub ($connection, $request) {
	my $body = encode_json({ code => 'unauthenticated', detail => 'No.' });
	print $connection "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/problem+json\r\nContent-Length: " . length($body) . "\r\n\r\n$body" if $request !~ m{^POST /v1/auth/sessions/refresh };
});
my $unsure = config_home();
spew(file_of($unsure), encode_json({ profiles => { default => { url => $breaking, access_token => 'a', refresh_token => 'b' } } }));
like(purser({ env => kept($unsure) }, qw(api-keys create --name x))->{err}, qr/\Apurser: The answer of \Q$breaking\E did not come: [^\n]+\n\z/, 'where a token can\'t be renewed nothing was done, and nothing else is said');

# ---- keys and files --------------------------------------------------------------------------------------------------

my $organization = new_organization();
my $keys = config_home();
my $typed = on_terminal({ env => { PURSER_CONFIG_HOME => $keys }, answers => ['API key: ', "$organization->{key}\n"] }, qw(login --api-key));
is($typed->{code}, 0, 'a key is typed at the terminal') or diag $typed->{shown};
unlike($typed->{shown}, qr/\Q$organization->{key}\E/, '… unseen');
is(decode_json(purser({ env => kept($keys) }, 'whoami')->{out})->{organization}{id}, $organization->{id}, '… and kept');
$wrong = purser({ env => { PURSER_CONFIG_HOME => $keys } }, qw(login --api-key gpra_wrong));
is($wrong->{code}, 2, 'a key that is none is not kept');
like($wrong->{err}, qr/\Apurser: [^\n]+\n\z/, '… and told of in one line');
is(profile_of($keys)->{api_key}, $organization->{key}, '… and what was there stays');
like(purser({ env => kept($keys) }, 'logout')->{out}, qr/forgotten here; it is still good until it is revoked/, 'logout forgets a key, and says that it is still good');
is(profile_of($keys)->{api_key}, undef, '… really');
spew(file_of($keys), '{"profiles":');
is(purser({ env => kept($keys) }, 'whoami')->{err}, 'purser: ' . file_of($keys) . " is damaged: it holds no profiles. Move it away and sign in again.\n", 'a file that is damaged is told');
my $xdg = config_home();
is(purser({ env => { PURSER_CONFIG_HOME => undef, XDG_CONFIG_HOME => $xdg }, in => "$organization->{key}\n" }, qw(login --api-key))->{code}, 0, 'XDG_CONFIG_HOME is heeded');
ok(-e "$xdg/purser/credentials", '… in a directory of its own');
is(purser({ env => { PURSER_CONFIG_HOME => undef, XDG_CONFIG_HOME => undef, HOME => $xdg }, in => "$organization->{key}\n" }, qw(login --api-key))->{code}, 0, 'else it is the home directory');
ok(-e "$xdg/.config/purser/credentials", '… under .config');

done_testing;
