#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $reply = call('admin.organizations.create', { name => 'Full House', display_name => 'The House', description => 'All of it.',
    website => 'https://example.com', industry => 'Space', size => '11-50', country => 'AU', abn => '51824753556', tax_number => 'T1',
    billing_email => 'pay@example.com', billing_address => { line1 => 'A', line2 => 'B', city => 'C', state => 'D', postal_code => 'E',
    country => 'AU' }, enterprise_billing => JSON::PP::true(), currency => 'SGD', timezone => 'Asia/Singapore',
    is_personal => JSON::PP::false(), owner_email => 'owner@example.com' }, key => admin_key);

is_success($reply, 'an organization is made with everything');
my $made = $reply->json;
is_deeply({ $made->%{qw(name display_name description website industry size country abn tax_number billing_email currency timezone status)} },
    { name => 'Full House', display_name => 'The House', description => 'All of it.', website => 'https://example.com',
    industry => 'Space', size => '11-50', country => 'AU', abn => '51824753556', tax_number => 'T1', billing_email => 'pay@example.com',
    currency => 'SGD', timezone => 'Asia/Singapore', status => 'active' }, 'all is as given');
is($made->{billing_address}{postal_code}, 'E', 'the address, too');
ok(!$made->{enterprise_billing} && $made->{enterprise_requested_at}, 'enterprise billing is a request at first');
like($made->{slug}, qr/\Afull-house/, 'the slug is made from the name');
is(db_value("SELECT COUNT(*) FROM invitation WHERE organization_id = ? AND email = 'owner\@example.com' AND role = 'owner'", bytes_of($made->{id})), 1, 'the owner is invited');

my $plain = call('admin.organizations.create', { name => 'Full House' }, key => admin_key)->json;
isnt($plain->{slug}, $made->{slug}, 'a second one of the name has another slug');
is($plain->{currency}, 'AUD', 'the standard currency is AUD');
is($plain->{timezone}, 'UTC', 'the standard zone is UTC');
is($plain->{billing_address}, undef, 'no address is null');
my $unicode = call('admin.organizations.create', { name => "\x{6771}\x{4eac} \x{1f680}" }, key => admin_key);
is_success($unicode, 'a name can be in any script');
is($unicode->json->{name}, "\x{6771}\x{4eac} \x{1f680}", 'and comes back as it was');

is_problem(call('admin.organizations.create', {}, key => admin_key), 422, 'invalid', 'a name is required', errors => { '/name' => 'missing' });
is_problem(call('admin.organizations.create', { name => ' x ', currency => 'EUR', timezone => 'Mars/Olympus', country => 'XX', abn => '51824753557',
    website => 'ftp://x', billing_email => 'nobody', owner_email => "a\@b.c\nBcc: d\@e.f", size => 5, billing_address => { line1 => 1, planet => 'x' } },
    key => admin_key), 422, 'invalid', 'every fault is named at once', errors => { '/name' => 'bad_format', '/currency' => 'not_allowed',
    '/timezone' => 'bad_format', '/country' => 'bad_format', '/abn' => 'bad_format', '/website' => 'bad_format', '/billing_email' => 'bad_format',
    '/owner_email' => 'bad_format', '/size' => 'wrong_type', '/billing_address/line1' => 'wrong_type', '/billing_address/planet' => 'unknown' });
is_problem(call('admin.organizations.create', { name => 'x', billing_admin_id => new_ulid() }, key => admin_key), 422, 'invalid',
    'the billing admin has to exist', errors => { '/billing_admin_id' => undef });
is_problem(call('admin.organizations.create', { name => 'x' }, key => new_organization()->{key}), 403, 'forbidden', 'it is the operator\'s alone',
    members => { required_scope => 'admin:write' });

my @twice = map { call('admin.organizations.create', { name => 'Once' }, key => admin_key, idempotency_key => "once-$$") } 1, 2;
is($twice[1]->body, $twice[0]->body, 'a repeated request with its key makes no second one');
is($twice[1]->header('idempotent-replayed'), 'true', 'and says so');
done_testing;
