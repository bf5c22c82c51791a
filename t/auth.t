#!/usr/bin/perl
# What is a token and what is none: every operation against each that has to be refused, from the declarations, and how a
# good one is sent. Who may do what with a good one is in t/roles.t.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256);
use MIME::Base64 qw(encode_base64);
use Purser::Test;

my $organization = new_organization();
my $revoked = first_key($organization->{id}, [every_scope], revoked_at => '2020-01-01 00:00:00');
my $expired = first_key($organization->{id}, [every_scope], expires_at => '2020-01-01 00:00:00');
my $closed = new_organization();
call('admin.organizations.set', { organization_id => $closed->{id}, status => 'closed' }, key => admin_key);

my %refused = (
	'no token' => undef,
	'what is no token' => 'nonsense',
	'a token of the right form that nobody made' => Purser::Test::new_token(),
	'a token with a typing error' => $organization->{key} =~ s/(.)$/$1 eq 'x' ? 'y' : 'x'/er,
	'a revoked key' => $revoked->{key},
	'an expired key' => $expired->{key},
	"a closed organization's key" => $closed->{key},
);

# Tokens of other kinds, or at their end. What a person's or a client's needs for it is in the database alone.
my $owner = new_person($organization, 'owner');
my $ended = new_person($organization, 'owner');
my $late = new_person($organization, 'owner');
my %client = map { $_ => Purser::Test::new_token('gprc_') } qw(good late revoked orphan);
db_run('UPDATE session SET ended_at = UTC_TIMESTAMP(6) WHERE id = ?', bytes_of($ended->{session_id}));
db_run("UPDATE session_token SET expires_at = '2020-01-01' WHERE session_id = ?", bytes_of($late->{session_id}));
new_client('good', $organization->{key});
new_client('late', $organization->{key}, expires_at => '2020-01-01');
new_client('revoked', $organization->{key}, revoked_at => '2020-01-01');
new_client('orphan', $revoked->{key});

sub new_client ($name, $key, %columns) {
	db_run('INSERT INTO client_token (digest, key_digest, expires_at, revoked_at) VALUES (?, ?, ?, ?)', \sha256($client{$name}), \sha256($key),
	    $columns{expires_at} // '2999-01-01', $columns{revoked_at});
}

%refused = (%refused,
	"an ended session's token" => $ended->{key},
	"a person's expired token" => $late->{key},
	"a client credentials' token past its time" => $client{late},
	"a client credentials' token that was revoked" => $client{revoked},
	"a client credentials' token whose key was revoked" => $client{orphan},
	'a refresh token' => Purser::Test::new_token('gprr_'),
	'an invitation' => Purser::Test::new_token('gpri_'),
	"a person's token with a typing error" => $owner->{key} =~ s/(.)$/$1 eq 'x' ? 'y' : 'x'/er,
	'a JWT that nobody signed' => 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.',
);

# Strangers are counted by their address: each operation is tried from one of its own.
my $addresses = 0;

for my $operation (describe_operations) {
	my $id = $operation->{id};
	next if $operation->{scope} eq 'PUBLIC';
	my %from = (client => client(from => '127.0.4.' . ++$addresses));

	for my $name (sort keys %refused) {
		is_problem(call($id, {}, key => $refused{$name}, %from), 401, 'unauthenticated', "$id: $name is refused",
		    headers => { 'WWW-Authenticate' => defined $refused{$name} ? qr/^Bearer .*error="invalid_token"/ : qr/^Bearer(?!.*error=)/ });
	}
	for my $way ($operation->{ways}->@*) {
		my $path = $way->{path} =~ s/\{[^}]+\}/$organization->{id}/r;
		is_problem(request($way->{method}, $path, %from), 401, 'unauthenticated', "$id: $way->{method} $way->{path} needs a token");
	}
}

for my $name ('the key', 'the person', "client credentials' token") {
	my $token = { 'the key' => $organization->{key}, 'the person' => $owner->{key}, "client credentials' token" => $client{good} }->{$name};
	is(get('/v1/organization', key => $token)->json->{id}, $organization->{id}, "$name acts for the organization");
}
db_run("UPDATE session SET scopes = 'orders:read billing:* admin:read' WHERE id = ?", bytes_of($owner->{session_id}));
is_success(call('billing.credits.balance', {}, key => $owner->{key}), 'a session that was narrowed does what it was left');
is_problem(call('api_keys.list', {}, key => $owner->{key}), 403, 'forbidden', 'and no more', members => { required_scope => 'api_keys:read' });
is_problem(call('admin.organizations.list', {}, key => $owner->{key}), 403, 'forbidden', 'narrowing never widens');
db_run('UPDATE session SET scopes = NULL WHERE id = ?', bytes_of($owner->{session_id}));
db_run("UPDATE client_token SET scopes = 'billing:read' WHERE digest = ?", \sha256($client{good}));
is_success(call('billing.credits.balance', {}, key => $client{good}), 'so is a client');
is_problem(call('api_keys.list', {}, key => $client{good}), 403, 'forbidden', 'in its place', members => { required_scope => 'api_keys:read' });

is_success(get('/v1/organization', headers => ['X-API-Key' => $organization->{key}]), 'a token may stand in X-API-Key');
is_success(get('/v1/organization', key => $organization->{key}, headers => ['X-API-Key' => $organization->{key}]), 'or in both headers');
is_problem(get('/v1/organization', key => $organization->{key}, headers => ['X-API-Key' => $revoked->{key}]), 400, 'bad_request', 'but not two different ones');
is_success(get('/v1/organization', headers => [Authorization => "bearer   $organization->{key}"]), "the scheme's name may be in any case");
is_problem(get('/v1/organization', headers => [Authorization => $_]), 400, 'bad_request', 'another scheme is not understood: ' . substr $_, 0, 12)
    for "Basic $organization->{key}", 'Basic ' . encode_base64("x:$organization->{key}", ''), "Digest username=\"x\"", $organization->{key}, 'Bearer', 'Basic';
is_success(get('/v1/organization', headers => [Authorization => 'Basic eDp5', 'X-API-Key' => $organization->{key}]), 'a token in X-API-Key stands beside a scheme for others');
is_problem(get('/v1/organization', query => { access_token => $organization->{key} }), 401, 'unauthenticated', 'a token in the query is not looked at');

my $wild = first_key($organization->{id}, ['*:read']);
is_success(call('billing.credits.balance', {}, key => $wild->{key}), '*:read covers billing:read');
is_problem(call('api_keys.create', { name => 'x' }, key => $wild->{key}), 403, 'forbidden', '*:read covers no write');
is_problem(call('admin.organizations.list', {}, key => $wild->{key}), 403, 'forbidden', '*:read never covers admin:read');
my $operator = first_key(undef, ['admin:read']);
is_success(call('admin.organizations.list', { limit => 1 }, key => $operator->{key}), "an operator's key with admin:read may read");
is_problem(call('admin.organizations.create', { name => 'x' }, key => $operator->{key}), 403, 'forbidden', 'and not write');

my $short = new_key($organization, 'billing:read', { expires_in_days => 1 });
set_clock(86399);
is_success(call('billing.credits.balance', {}, key => $short->{key}), 'a key works until it expires');
set_clock(86401);
is_problem(call('billing.credits.balance', {}, key => $short->{key}), 401, 'unauthenticated', 'and not a second longer');
done_testing;
