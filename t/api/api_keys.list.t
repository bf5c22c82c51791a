#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
my @made = map { new_key($organization, 'billing:read', { name => "key $_" }) } 1 .. 4;
my $rows = is_page(call('api_keys.list', {}, key => $organization->{key}), 'the keys are listed');

my @ids = reverse sort $organization->{key_id}, map { $_->{id} } @made;
is_deeply([map { $_->{id} } @$rows], \@ids, 'newest first: by id, downwards');
ok(!(grep { exists $_->{key} } @$rows), 'no token is shown');
my $first = call('api_keys.list', { limit => 2 }, key => $organization->{key});
is(scalar is_page($first, 'a page can be short')->@*, 2, 'as short as its limit');
my $second = call('api_keys.list', { limit => 2, cursor => $first->json->{next_cursor} }, key => $organization->{key});
is_deeply([map { $_->{id} } is_page($second, 'its cursor leads on')->@*], [@ids[2, 3]], 'to the rows that follow');
is_deeply([map { $_->{id} } is_page(call('api_keys.list', {}, key => new_organization()->{key}), 'another organization sees its own')->@*]->[1],
    undef, 'and nothing else');

my $stream = call('api_keys.list', {}, key => $organization->{key}, accept => 'application/x-ndjson');
is_success($stream, 'the list streams', type => 'application/x-ndjson');
is_deeply([$stream->rows], $rows, 'the same rows');
is_problem(call('api_keys.list', { limit => 0 }, key => $organization->{key}), 422, 'invalid', 'a limit is at least 1', errors => { '/limit' => 'out_of_range' });
is_problem(call('api_keys.list', { limit => 1001 }, key => $organization->{key}), 422, 'invalid', 'and at most 1000', errors => { '/limit' => 'out_of_range' });

eventually('last_used_at is written within a while', sub {
	my ($row) = grep { $_->{id} eq $organization->{key_id} } call('api_keys.list', {}, key => $organization->{key})->json->{data}->@*;
	return defined $row->{last_used_at};
}, 90) if $ENV{PURSER_CHECK_ALL};
done_testing;
