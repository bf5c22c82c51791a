#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Usage;

my $organization = new_organization();
my $unique = new_metric('unique', property => 'user');
my @rows = is_page(call('usage.metrics.list', { limit => 1000 }, key => $organization->{key}), 'metrics are listed')->@*;
my %named = map { $_->{name} => $_ } @rows;
is_deeply([map { $_->{name} } @rows], [sort map { $_->{name} } @rows], 'by name');
is_deeply([map { $named{$_}{aggregation} } qw(prompt_tokens completion_tokens requests)], [('sum') x 3], 'three exist from the beginning');
is_deeply({ $named{$unique}->%{qw(aggregation unit property unit_credits)} }, { aggregation => 'unique', unit => 'piece', property => 'user', unit_credits => undef }, 'with all that is known of each');
my $page = call('usage.metrics.list', { limit => 2 }, key => $organization->{key})->json;
is_deeply([map { $_->{name} } call('usage.metrics.list', { cursor => $page->{next_cursor}, limit => 1000 }, key => $organization->{key})->json->{data}->@*],
    [map { $_->{name} } @rows[2 .. $#rows]], 'page by page');
is(scalar(() = get('/v1/usage/metrics/list', key => $organization->{key}, accept => 'application/x-ndjson')->body =~ /\n/g), scalar @rows, 'or as a stream');
is_problem(call('usage.metrics.list', {}, key => new_key($organization, 'billing:read')->{key}), 403, 'forbidden', 'with the scope');
done_testing;
