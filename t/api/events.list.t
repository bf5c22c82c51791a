#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Test;

my $organization = new_organization();
my $key = $organization->{key};
my @made = map { new_key($organization, 'audit:read')->{id} } 1 .. 3;
my $list = sub (%query) { return call('events.list', \%query, key => $key) };

eventually('events appear', sub { $list->(type => 'api_key.created')->json->{data}->@* == 3 });
my $reply = $list->(type => 'api_key.created');
is_page($reply, 'they are listed');
my @events = $reply->json->{data}->@*;
is_deeply([map { $_->{entity_id} } @events], \@made, 'in order, the first one first');
is_deeply({ $events[0]->%{qw(event_type organization_id entity_type entity_id data)} },
    { event_type => 'api_key.created', organization_id => $organization->{id}, entity_type => 'api_key', entity_id => $made[0], data => { id => $made[0] } }, 'each in its envelope');
is_deeply([map { $_->{entity_id} } $list->(type => 'api_key.created', after_event_id => $events[0]{event_id})->json->{data}->@*], [@made[1, 2]], 'only what came after one');
my $page = $list->(type => 'api_key.created', limit => 2)->json;
is_deeply([map { $_->{entity_id} } $list->(type => 'api_key.created', limit => 2, cursor => $page->{next_cursor})->json->{data}->@*], [$made[2]], 'the next page goes on');
is_deeply($list->(after_event_id => $events[2]{event_id}, type => 'api_key.created')->json->{data}, [], 'nothing after the last');
is_problem($list->(after_event_id => new_ulid()), 404, 'not_found', 'nothing comes after what is not there');
is_problem(call('events.list', { after_event_id => $events[0]{event_id} }, key => new_organization()->{key}), 404, 'not_found', "another organization's is not there");
is_deeply(call('events.list', { type => 'api_key.created' }, key => new_organization()->{key})->json->{data}, [], 'nor listed');
my $own = new_ulid();
db_run("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, data, created_at) VALUES (?, ?, 'event', 'auto_topup.due', 'auto_topup', ?, '{}', UTC_TIMESTAMP(6))",
    bytes_of($own), bytes_of($organization->{id}), bytes_of($own));
my $next = new_key($organization, 'audit:read')->{id};
eventually('what happens next appears', sub { grep { $_->{entity_id} eq $next } $list->()->json->{data}->@* });
is_deeply([grep { $_->{event_id} eq $own } $list->()->json->{data}->@*], [], 'but none of our own');
done_testing;
