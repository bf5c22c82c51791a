#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my ($true, $false) = (JSON::PP::true(), JSON::PP::false());

sub role_of ($person, $organization) {
	return db_value('SELECT role FROM membership WHERE organization_id = ? AND user_id = ? AND is_active', bytes_of($organization->{id}), bytes_of($person->{id}));
}

sub acting_for ($person) { return call('organizations.current', {}, key => $person->{key})->json->{id} }

# ---- a person ----

my $founder = new_person();
is_problem(call('organizations.current', {}, key => $founder->{key}), 403, 'forbidden', 'a person of no organization');
my $reply = call('organizations.create', { name => 'Own House', display_name => 'The House', description => 'All of it.',
    website => 'https://example.com', industry => 'Space', size => '11-50', country => 'SG', abn => '51824753556', tax_number => 'T1',
    billing_email => 'pay@example.com', billing_admin_id => $founder->{id}, billing_address => { line1 => 'A', country => 'SG' },
    enterprise_billing => $true, currency => 'SGD', timezone => 'Asia/Singapore', is_personal => $true }, key => $founder->{key});
is_success($reply, 'makes one with everything');
my $made = $reply->json;
is_deeply({ $made->%{qw(name display_name description website industry size country abn tax_number billing_email billing_admin_id currency timezone status)} },
    { name => 'Own House', display_name => 'The House', description => 'All of it.', website => 'https://example.com',
    industry => 'Space', size => '11-50', country => 'SG', abn => '51824753556', tax_number => 'T1', billing_email => 'pay@example.com',
    billing_admin_id => $founder->{id}, currency => 'SGD', timezone => 'Asia/Singapore', status => 'active' }, 'all is as given');
is($made->{billing_address}{line1}, 'A', 'the address, too');
ok($made->{is_personal}, 'and that it stands for one person');
ok(!$made->{enterprise_billing} && $made->{enterprise_requested_at}, 'enterprise billing is a request at first');
like($made->{slug}, qr/\Aown-house/, 'the slug is made from the name');
is($made->{$_}, undef, "$_ is the platform's") for qw(approval_threshold_credits rate_limit credits_low_threshold);
is(role_of($founder, $made), 'owner', 'the maker is its owner');
is(acting_for($founder), $made->{id}, 'and acts for it from the next request on');
is(call('billing.credits.balance', {}, key => $founder->{key})->json->{currency}, 'SGD', 'it has a book, in its currency');
is_deeply([db_run("SELECT actor_type, actor_id, target_id FROM audit WHERE organization_id = ? AND operation = 'organizations.create'", bytes_of($made->{id}))->fetchrow_array],
    ['user', ${ bytes_of($founder->{id}) }, ${ bytes_of($made->{id}) }], 'its audit begins with the making');
is(db_value('SELECT COUNT(*) FROM invitation WHERE organization_id = ?', bytes_of($made->{id})), 0, 'nobody is invited');

my $second = call('organizations.create', { name => 'Own House' }, key => $founder->{key});
is_success($second, 'the same person makes a second one of the same name');
isnt($second->json->{slug}, $made->{slug}, 'it has a slug of its own');
is_deeply({ $second->json->%{qw(currency timezone is_personal billing_address enterprise_requested_at)} },
    { currency => 'AUD', timezone => 'UTC', is_personal => $false, billing_address => undef, enterprise_requested_at => undef }, 'and what is standard');
is(role_of($founder, $second->json), 'owner', 'is its owner as well');
is(acting_for($founder), $made->{id}, 'and goes on acting for the first');

my @long = map { call('organizations.create', { name => 'A long name ' . 'x' x 150 }, key => $founder->{key})->json->{slug} } 1 .. 3;
is(scalar(grep { /\Aa-long-name-x{30,}(?:-[0-9a-z]{8})?\z/ && length $_ <= 60 } @long), 3, 'a long name gives a short slug');
is(scalar keys %{ { map { $_ => 1 } @long } }, 3, 'of its own');

my %once = (key => $founder->{key}, idempotency_key => 'once');
my $once = call('organizations.create', { name => 'Once' }, %once);
db_run('UPDATE session SET organization_id = ? WHERE id = ?', bytes_of($second->json->{id}), bytes_of($founder->{session_id}));
my $again = call('organizations.create', { name => 'Once' }, %once);
is($again->body, $once->body, 'a repeated request gives the same reply, also to a session that acts for another by now');
is($again->header('idempotent-replayed'), 'true', 'as a replay');
is(db_value("SELECT COUNT(*) FROM organization o JOIN membership m ON m.organization_id = o.id WHERE o.name = 'Once' AND m.user_id = ?", bytes_of($founder->{id})), 1, 'and one was made');

# ---- others ----

my $organization = new_organization();
my $viewer = new_person($organization, 'viewer');
my $child = call('organizations.create', { name => "A viewer's" }, key => $viewer->{key});
is_success($child, 'whatever the role here');
is(acting_for($viewer), $organization->{id}, 'and stays here');

my $removed = new_person($organization, 'member');
db_run('DELETE FROM membership WHERE user_id = ?', bytes_of($removed->{id}));
my $next = call('organizations.create', { name => 'Next' }, key => $removed->{key});
is_success($next, 'so does who was removed here');
is(acting_for($removed), $next->json->{id}, 'and acts for the new one');

my $left = new_organization();
my $last = new_person($left, 'owner');
is_success(call('organizations.close', {}, key => $last->{key}), 'who closed an organization');
is_success(call('organizations.create', { name => 'After it' }, key => $last->{key}), 'makes another');

my $owner = new_person($organization, 'owner');
my $key = call('api_keys.create', { name => 'maker', permissions => ['organizations:*'] }, key => $owner->{key})->json->{key};
my $by_key = call('organizations.create', { name => 'By key', billing_admin_id => $owner->{id} }, key => $key);
is_success($by_key, 'a key of a person makes one');
is(role_of($owner, $by_key->json), 'owner', 'of which that person is the owner');
is(acting_for($owner), $organization->{id}, 'whose session stays where it is');
is_problem(call('organizations.get', { organization_id => $by_key->json->{id} }, key => $key), 404, 'not_found', 'and the key does not see it');
is_problem(call('organizations.create', { name => 'x' }, key => $organization->{key}), 403, 'human_required', 'a key that no person made can not');
my $reader = call('api_keys.create', { name => 'reader', permissions => ['organizations:read'] }, key => $owner->{key})->json->{key};
is_problem(call('organizations.create', { name => 'x' }, key => $reader), 403, 'forbidden', 'nor can one without the scope',
    members => { required_scope => 'organizations:write' });
db_run('UPDATE user SET erased_at = UTC_TIMESTAMP(6) WHERE id = ?', bytes_of($owner->{id}));
is_problem(call('organizations.create', { name => 'x' }, key => $key), 403, 'human_required', 'nor one of a person who is gone');
is_problem(call('organizations.create', { name => 'x' }, key => admin_key), 403, 'forbidden', 'the operator has an operation of their own');
is_problem(call('organizations.create', { name => 'x' }), 401, 'unauthenticated', 'and nobody makes none');

# ---- what does not fit ----

my $stranger = new_person($organization, 'admin');
my @sentences = map {
	my $refused = call('organizations.create', { name => 'x', billing_admin_id => $_ }, key => $founder->{key});
	is_problem($refused, 422, 'invalid', 'only the owner can answer for billing', errors => { '/billing_admin_id' => 'unknown' });
	$refused->json->{errors}[0]{detail};
} $stranger->{id}, new_ulid();
is($sentences[0], $sentences[1], 'and nobody learns whether somebody else exists');
is_problem(call('organizations.create', {}, key => $founder->{key}), 422, 'invalid', 'a name is required', errors => { '/name' => 'missing' });
is_problem(call('organizations.create', { name => "Bell\x{9b}31m", display_name => "\x{202e}moc", industry => "a\x{2028}b", website => "https://\x{e9}.example", billing_email => "a\x{85}\@example.com" },
    key => $founder->{key}), 422, 'invalid', 'nothing that a terminal or a mail would obey', errors => { map { ("/$_" => 'bad_format') } qw(name display_name industry website billing_email) });
is_success(call('organizations.create', { name => "\x{5c71}\x{1f469}\x{200d}\x{1f680}\x{627}" }, key => $founder->{key}), 'but every script, and joined signs');
is_problem(call('organizations.create', { name => ' x ', currency => 'EUR', timezone => 'Mars/Olympus', country => 'XX', abn => '51824753557',
    website => 'ftp://x', billing_email => 'nobody', owner_email => 'a@example.com', size => 5, billing_address => { line1 => 1, planet => 'x' } },
    key => $founder->{key}), 422, 'invalid', 'every fault is named at once', errors => { '/name' => 'bad_format', '/currency' => 'not_allowed',
    '/timezone' => 'bad_format', '/country' => 'bad_format', '/abn' => 'bad_format', '/website' => 'bad_format', '/billing_email' => 'bad_format',
    '/owner_email' => 'unknown', '/size' => 'wrong_type', '/billing_address/line1' => 'wrong_type', '/billing_address/planet' => 'unknown' });
done_testing;
