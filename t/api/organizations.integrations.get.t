#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

keep_away('integrations.push');

my $organization = new_organization();
my %set = (prom => { id => '42', token => 'glc_0123456789', endpoint => 'https://prom.invalid/write' }, loki => { id => '43', token => 'short', endpoint => 'https://loki.invalid/push' });

sub shown ($key) { return call('organizations.integrations.get', {}, key => $key) }

is_success(shown($organization->{key}), 'without any');
is(shown($organization->{key})->body, '{"prom":null,"loki":null}', 'there are none');
call('organizations.integrations.set', \%set, key => $organization->{key})->status == 200 or die;
my $reply = shown($organization->{key});
is_success($reply, 'both are shown');
is_deeply({ $reply->json->{prom}->%{qw(id token endpoint last_pushed_at)} }, { id => '42', token => '****6789', endpoint => 'https://prom.invalid/write', last_pushed_at => undef },
    'Prometheus, its token masked');
is_deeply({ $reply->json->{loki}->%{qw(id token endpoint last_pushed_at)} }, { id => '43', token => '****rt', endpoint => 'https://loki.invalid/push', last_pushed_at => undef },
    'and Loki');
is(join(' ', sort keys $reply->json->{prom}->%*), 'endpoint id last_error last_pushed_at token', 'and nothing else of it');
db_run("UPDATE integration SET last_pushed_at = '2026-01-02 03:04:05', last_error = 'The other side said no.', due_at = '2999-01-01' WHERE organization_id = ?", bytes_of($organization->{id}));
is(shown($organization->{key})->json->{loki}{last_pushed_at}, '2026-01-02T03:04:05Z', 'and when one last succeeded');
is(shown($organization->{key})->json->{prom}{last_error}, 'The other side said no.', 'why the last push failed');
is(get('/v1/organizations/integrations/get', key => $organization->{key})->status, 200, 'it answers GET');

is_success(shown(new_person($organization, $_)->{key}), "the role $_ may look") for qw(owner admin billing member viewer);
is_success(shown(new_key($organization, 'organizations:read')->{key}), 'a key with the scope may');
is_problem(shown(new_key($organization, 'billing:read')->{key}), 403, 'forbidden', 'one without it may not', members => { required_scope => 'organizations:read' });
is(shown(new_organization()->{key})->body, '{"prom":null,"loki":null}', 'another organization sees its own');
my $owner = new_person($organization, 'owner');
db_run("UPDATE organization SET status = 'closed', closed_at = UTC_TIMESTAMP(6) WHERE id = ?", bytes_of($organization->{id}));
is_success(shown($owner->{key}), 'a closed one can still be read');
done_testing;
