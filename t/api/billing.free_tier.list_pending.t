#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

sub list (%body) { return call('billing.free_tier.list_pending', \%body, key => admin_key) }
sub pending () { return { map { $_->{organization_id} => $_ } list(limit => 1000)->json->{data}->@* } }

# Those whom other tests left wait no longer.
db_run("INSERT IGNORE INTO free_tier (organization_id, status, credits, revoked_at) SELECT id, 'revoked', 0, UTC_TIMESTAMP(6) FROM organization");
my @organizations = map { new_organization(billing_email => "bills-$_\@example.com") } 1 .. 4;
my ($first, $second, $third, $fourth) = @organizations;
my $rows = is_page(list(), 'those who wait are listed');
is_deeply([map { $_->{organization_id} } @$rows[0 .. 3]], [map { $_->{id} } reverse @organizations], 'every new organization is among them, the newest first');
is_deeply($rows->[0], { organization_id => $fourth->{id}, name => $fourth->{name}, billing_email => 'bills-4@example.com', created_at => $fourth->{created_at} }, 'with what helps to decide');
is(call('billing.credits.balance', {}, key => $first->{key})->json->{balance}, 0, 'nobody is given anything by itself');

call('billing.free_tier.approve', { organization_id => $first->{id} }, key => admin_key);
call('billing.free_tier.revoke', { organization_id => $second->{id} }, key => admin_key);
call('admin.organizations.set', { organization_id => $third->{id}, status => 'closed' }, key => admin_key);
my $left = pending();
is_deeply([map { exists $left->{ $_->{id} } ? 1 : 0 } @organizations], [0, 0, 0, 1], 'who has an answer, or is closed, waits no longer');
call('admin.organizations.set', { organization_id => $third->{id}, status => 'active' }, key => admin_key);
ok(pending()->{ $third->{id} }, 'one that is opened again does');

my $page = list(limit => 1)->json;
is_deeply([map { $_->{organization_id} } $page->{data}->@*, list(limit => 1, cursor => $page->{next_cursor})->json->{data}->@*], [map { $_->{id} } $fourth, $third], 'page by page they are the same');
my $stream = get('/v1/billing/free_tier/list_pending', key => admin_key, accept => 'application/x-ndjson');
is_success($stream, 'they stream', type => 'application/x-ndjson');
is(($stream->rows)[0]{organization_id}, $fourth->{id}, 'in the same order');
is_problem(list(status => 'pending'), 422, 'invalid', 'there is no filter', errors => { '/status' => 'unknown' });
done_testing;
