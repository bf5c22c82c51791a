#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $name = "made_$$";
my %metric = (name => $name, aggregation => 'sum', unit => 'page', unit_credits => '0.25');
sub create (%fields) { return call('usage.metrics.create', { %metric, %fields }, key => admin_key) }

my $made = create();
is_success($made, 'a metric is made');
is_deeply({ $made->json->%{qw(name aggregation unit property unit_credits)} }, { %metric, property => undef }, 'as it was said');
is_deeply(create()->json, $made->json, 'making it again answers the one that is there');
is_problem(create(unit => 'sheet'), 409, 'conflict', 'with another unit it is another one');
is_problem(create(unit_credits => '0.26'), 409, 'conflict', 'or with another price');
is_problem(call('usage.metrics.create', { name => $name, aggregation => 'sum', unit => 'page' }, key => admin_key), 409, 'conflict', 'or without one');

is_success(create(name => "$name.visitors", aggregation => 'unique', property => 'visitor'), 'a metric of different values');
is_problem(create(name => "$name.none", aggregation => 'unique'), 422, 'invalid', 'needs their property', errors => { '/property' => 'missing' });
is_problem(create(name => "$name.much", property => 'visitor'), 422, 'invalid', 'which no other has', errors => { '/property' => 'not_allowed' });
is_problem(create(name => "$name.last", aggregation => 'last'), 422, 'invalid', 'a last value has no price', errors => { '/unit_credits' => 'not_allowed' });
is_problem(create(name => "a b\n", unit => '', aggregation => 'mean', unit_credits => '0'), 422, 'invalid', 'all that does not fit is named',
    errors => { '/name' => 'bad_format', '/unit' => 'too_short', '/aggregation' => 'not_allowed', '/unit_credits' => 'out_of_range' });
is_problem(create(unit_credits => '0.0000001'), 422, 'invalid', 'a price has six decimals', errors => { '/unit_credits' => 'bad_format' });
my $organization = new_organization();
is_problem(call('usage.metrics.create', \%metric, key => $organization->{key}), 403, 'forbidden', 'only an operator makes one');
is_problem(call('usage.metrics.create', { %metric, organization_id => $organization->{id} }, key => admin_key), 422, 'invalid', 'it belongs to no organization',
    errors => { '/organization_id' => 'unknown' });
done_testing;
