#!/usr/bin/perl
# Tokens of an outside identity provider, from signing to an operation. The rules of each claim are in t/unit/jwt.c.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use MIME::Base64 qw(encode_base64url decode_base64);
use Purser::Test;
use Time::HiRes qw(time);

my ($issuer, $audience, $file) = @ENV{qw(PURSER_JWT_ISSUER PURSER_JWT_AUDIENCE PURSER_JWT_JWKS_FILE)};
plan(skip_all => 'no identity provider is configured; run ./check') unless $issuer && $file;

my $directory = tempdir(CLEANUP => 1);

sub bytes_from ($command) {
	open my $pipe, '-|', $command or die "$command: $!";
	binmode $pipe;
	local $/;
	return scalar <$pipe>;
}

sub spit ($path, $bytes) {
	open my $out, '>:raw', $path or die "$path: $!";
	print $out $bytes;
	close $out or die $!;
}

my %make = (
	RS256 => 'genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048',
	ES256 => 'genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256',
	EdDSA => 'genpkey -algorithm ED25519',
);

sub new_key_pair ($algorithm, $kid) {
	my $pem = "$directory/$kid.pem";
	system("openssl $make{$algorithm} -out $pem 2>/dev/null") == 0 or die 'openssl genpkey';
	my $der = bytes_from("openssl pkey -in $pem -pubout -outform DER");
	my %jwk = (kid => $kid, use => 'sig');
	if ($algorithm eq 'RS256') {
		my ($modulus) = bytes_from("openssl rsa -in $pem -noout -modulus 2>/dev/null") =~ /=([0-9A-F]+)/;
		%jwk = (%jwk, kty => 'RSA', alg => 'RS256', n => encode_base64url(pack 'H*', $modulus), e => 'AQAB');
	} elsif ($algorithm eq 'ES256') {
		%jwk = (%jwk, kty => 'EC', crv => 'P-256', x => encode_base64url(substr $der, -64, 32), y => encode_base64url(substr $der, -32));
	} else {
		%jwk = (%jwk, kty => 'OKP', crv => 'Ed25519', x => encode_base64url(substr $der, -32));
	}
	return { algorithm => $algorithm, kid => $kid, pem => $pem, jwk => \%jwk };
}

# r and s of a DER signature, 32 bytes each (RFC 7518, 3.4).
sub raw_signature ($der) {
	my ($r, $s) = unpack 'x3 C/a x C/a', $der;
	return join '', map { substr(("\0" x 32) . $_, -32) } $r, $s;
}

sub sign ($key, $input) {
	spit("$directory/input", $input);
	return bytes_from("openssl pkeyutl -sign -rawin -inkey $key->{pem} -in $directory/input") if $key->{algorithm} eq 'EdDSA';
	my $signature = bytes_from("openssl dgst -sha256 -sign $key->{pem} $directory/input");
	return $key->{algorithm} eq 'ES256' ? raw_signature($signature) : $signature;
}

sub token ($key, $claims = {}, $header = {}) {
	my %claims = (iss => $issuer, aud => $audience, exp => int(time) + 300, iat => int(time), %$claims);
	my $input = join '.', map { encode_base64url(encode_json($_)) } { alg => $key->{algorithm}, kid => $key->{kid}, %$header },
	    { map { $_ => $claims{$_} } grep { defined $claims{$_} } keys %claims };
	return $input . '.' . encode_base64url(sign($key, $input));
}

sub publish (@keys) {
	spit("$file.new", encode_json({ keys => [map { $_->{jwk} } @keys] }));
	rename "$file.new", $file or die $!;
}

my %key = map { $_ => new_key_pair($_, lc $_) } keys %make;
publish(values %key);

my $mine = new_organization(credits => 10);
my $theirs = new_organization();
my $person = new_person($mine, 'billing');
my $subject = "jwt|$$-" . time;

sub balance ($token, $organization = undef) { return call('billing.credits.balance', {}, key => $token) }

is_problem(balance(token($key{RS256}, { sub => $subject })), 401, 'unauthenticated', 'a person who is linked to nobody here is refused');
is_success(call('admin.identities.link', { issuer => $issuer, subject => $subject, user_id => $person->{id} }, key => admin_key), 'the operator links them');
for my $algorithm (sort keys %key) {
	my $reply = balance(token($key{$algorithm}, { sub => $subject }));
	is_success($reply, "a token signed by $algorithm is taken");
	is($reply->json->{balance}, 10, 'and acts for the only membership') if $reply->json;
}
is_problem(call('api_keys.create', { name => 'x' }, key => token($key{ES256}, { sub => $subject })), 403, 'forbidden', 'with the scopes of the role there');
is_success(balance(token($key{ES256}, { sub => $subject, organization_id => $mine->{id} })), 'the organization can be named');
is_problem(balance(token($key{ES256}, { sub => $subject, organization_id => $theirs->{id} })), 403, 'forbidden', 'one they are no member of gives nothing');
db_run("INSERT INTO membership (organization_id, user_id, role, created_at) VALUES (?, ?, 'owner', UTC_TIMESTAMP(6))", bytes_of($theirs->{id}), bytes_of($person->{id}));
is_problem(balance(token($key{ES256}, { sub => $subject })), 403, 'forbidden', 'with two memberships the token has to name one');
my $reply = balance(token($key{ES256}, { sub => $subject, organization_id => $theirs->{id} }));
is($reply->json->{balance}, 0, 'and acts for that') if is_success($reply, 'naming the other is fine now');
my $elsewhere = token($key{ES256}, { sub => $subject, organization_id => $theirs->{id} });
is_problem(call('auth.sessions.switch', { organization_id => $mine->{id} }, key => $elsewhere), 409, 'conflict', 'there is no session here that could switch');
is_problem(call('auth.sessions.revoke', {}, key => $elsewhere), 409, 'conflict', 'nor one that could be ended');

my %refused = (
	'without a signature' => token($key{RS256}, { sub => $subject }) =~ s/[^.]+\z//r,
	'signed by another key of the set' => do { my $t = token($key{RS256}, { sub => $subject }); my ($h, $c) = split /\./, $t; "$h.$c." . encode_base64url(sign($key{ES256}, "$h.$c")) },
	'with algorithm none' => join('.', map({ encode_base64url(encode_json($_)) } { alg => 'none', kid => 'rs256' }, { iss => $issuer, aud => $audience, sub => $subject, exp => int(time) + 300 }), ''),
	'with an algorithm that is not the key\'s' => token($key{ES256}, { sub => $subject }, { kid => 'rs256' }),
	'of an unknown key' => token($key{RS256}, { sub => $subject }, { kid => 'nobody' }),
	'that is expired' => token($key{RS256}, { sub => $subject, exp => int(time) - 1 }),
	'without an end' => token($key{RS256}, { sub => $subject, exp => undef }),
	'for another audience' => token($key{RS256}, { sub => $subject, aud => 'somebody-else' }),
	'by another issuer' => token($key{RS256}, { sub => $subject, iss => 'https://evil.example' }),
	'not yet valid' => token($key{RS256}, { sub => $subject, nbf => int(time) + 3600 }),
	'about nobody' => token($key{RS256}),
	'that was tampered with' => do { my ($h, $c, $s) = split /\./, token($key{EdDSA}, { sub => $subject }); join '.', $h, encode_base64url(encode_json({ iss => $issuer, aud => $audience, sub => $subject, exp => int(time) + 999999 })), $s },
);
is_problem(balance($refused{$_}), 401, 'unauthenticated', "a token $_ is refused", headers => { 'WWW-Authenticate' => qr/error="invalid_token"/ }) for sort keys %refused;

my $good = token($key{RS256}, { sub => $subject, organization_id => $mine->{id} });
db_run('UPDATE membership SET is_active = FALSE WHERE organization_id = ? AND user_id = ?', bytes_of($mine->{id}), bytes_of($person->{id}));
is_problem(balance($good), 403, 'forbidden', 'a membership that ended acts on the next request');
db_run('UPDATE membership SET is_active = TRUE WHERE organization_id = ? AND user_id = ?', bytes_of($mine->{id}), bytes_of($person->{id}));
is_success(balance($good), 'and so does one that is back');
publish($key{ES256});
is_problem(balance($good), 401, 'unauthenticated', 'a key that is taken out of the set signs nothing from the next request on');
publish(values %key);
is_success(balance($good), 'put back, it does');
spit($file, 'no JSON');
is_success(balance($good), 'a broken file leaves the keys of before');
publish(values %key);
is_success(call('admin.identities.unlink', { issuer => $issuer, subject => $subject, user_id => $person->{id} }, key => admin_key), 'the operator unlinks them');
is_problem(balance($good), 401, 'unauthenticated', 'and the next request is refused');
done_testing;
