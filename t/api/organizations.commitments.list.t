#!/usr/bin/perl
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Commitments;
use Purser::Orders;
use Purser::Test;

my $organization = new_organization(credits => 1_000_000);
my ($old, $made) = map { commit_ok($organization, name => "Number $_", eligible_services => ["service $_"]) } 1, 2;

# A fifth of the term is over: 20.00 is what a linear use would be.
sub is_figures ($name, $id, %wanted) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $row = commitment_of($organization, $id);
	return is_deeply({ map { $_ => $row->{$_} } keys %wanted }, \%wanted, $name);
}

# ---- figures ----

my $order = settled_order($organization, [line(1000, service => 'service 2'), line(70, sku => 'other', quantity => '1.5', service => 'service 2', description => 'An "odd" line, Ünïcode')]);
is_figures('half of what time would ask for', $made->{id}, consumed => '11.05', committed => '100.00', remaining => '88.95', consumed_percent => 11.05, pace => 'behind', status => 'active');
my $row = commitment_of($organization, $made->{id});
cmp_ok($row->{elapsed_percent}, '>=', 20, 'a fifth of the term is over');
cmp_ok($row->{elapsed_percent}, '<', 20.6, 'and not much more');
my $expected = 11.05 / ($row->{elapsed_percent} / 100);
cmp_ok(abs($row->{projected_total} - $expected), '<', 0.1, "it will be used to $row->{projected_total}");
cmp_ok(abs($row->{projected_shortfall} - (100 - $row->{projected_total})), '<', 0.001, 'so much will be missing');
is_deeply($row->{take_or_pay}, { due => '88.95', due_on => $made->{ends_on}, status => 'pending' }, 'and this if nothing more were used');
settled_order($organization, [line(900, service => 'service 2')]);
is_figures('as much as the time', $made->{id}, pace => 'on', consumed => '20.05');
settled_order($organization, [line(300, service => 'service 2')]);
is_figures('more than that', $made->{id}, pace => 'ahead', projected_shortfall => '0.00');
settled_order($organization, [line(7695, service => 'service 2')]);
is_figures('all of it', $made->{id}, status => 'fulfilled', consumed => '100.00', remaining => '0.00', consumed_percent => 100,
    take_or_pay => { due => '0.00', due_on => $made->{ends_on}, status => 'none' });
my $after = settled_order($organization, [line(1, service => 'service 2')]);
is_figures('and more', $made->{id}, status => 'fulfilled', consumed => '100.01', remaining => '0.00', consumed_percent => 100.01);
refund($organization, $after);
refund($organization, $order);
is_figures('a refund takes it off', $made->{id}, status => 'active', consumed => '88.95', remaining => '11.05');
is_figures('the other one was not touched', $old->{id}, consumed => '0.00', pace => 'behind');

# ---- by time ----

is_figures('nobody has to write down that a term is over', $old->{id}, status => 'active');
end_term($organization, $old->{id});
is_figures('what is due then', $old->{id}, status => 'active', take_or_pay => { due => '100.00', due_on => $old->{ends_on}, status => 'due' }, projected_total => '0.00',
    projected_shortfall => '100.00', elapsed_percent => 100);

# ---- the list ----

my $rows = is_page(commitments($organization), 'commitments are listed');
is_deeply([map { $_->{name} } @$rows], ['Number 2', 'Number 1'], 'newest first');
is_deeply([map { $_->{name} } is_page(commitments($organization, commitment_id => $old->{id}), 'one alone')->@*], ['Number 1'], 'is that one');
is_deeply([map { $_->{name} } is_page(get('/v1/organizations/commitments/list', query => { commitment_id => $old->{id} }, key => $organization->{key}), 'by its path')->@*], ['Number 1'], 'too');

my $shown = commitment_of($organization, $made->{id}, include_line_items => JSON::PP::true());
is_deeply([map { "$_->{sku} $_->{line} $_->{credits} $_->{amount} " . ($_->{is_refund} ? 'back' : 'used') } $shown->{line_items}->@*],
    ['other 1 -105 -1.05 back', 'gpu-hour 0 -1000 -10.00 back', 'gpu-hour 0 -1 -0.01 back', 'gpu-hour 0 1 0.01 used', 'gpu-hour 0 7695 76.95 used', 'gpu-hour 0 300 3.00 used',
	'gpu-hour 0 900 9.00 used', 'other 1 105 1.05 used', 'gpu-hour 0 1000 10.00 used'], 'its lines are shown where they are asked for, newest first');
my $item = $shown->{line_items}[-2];
is_deeply({ $item->%{qw(order_id description service)} }, { order_id => $order, description => 'An "odd" line, Ünïcode', service => 'service 2' }, 'with what they are');
like($item->{reference}, qr/^commitment-/, 'and the order\'s reference');
is(scalar $shown->{line_items}->@*, 9, 'all of them');
is_deeply(commitment_of($organization, $old->{id}, include_line_items => JSON::PP::true())->{line_items}, [], 'none where nothing counted');

# ---- pages and streams ----

my $many = new_organization();
my @ids = map { commit_ok($many, name => "Number $_", milestones => [{ on => day_from($_), amount => '1' }])->{id} } 1 .. 105;
is(scalar is_page(commitments($many), 'a page')->@*, 50, 'has 50 rows');
my (@seen, $cursor);
for (1 .. 6) {
	my $page = commitments($many, limit => 25, $cursor ? (cursor => $cursor) : ())->json;
	push @seen, map { $_->{id} } $page->{data}->@*;
	$cursor = $page->{next_cursor} // last;
}
is_deeply(\@seen, [reverse @ids], 'pages follow each other without a gap');
is(scalar is_page(commitments($many, limit => 105), 'a page of all')->@*, 105, 'has all');
my $stream = call('organizations.commitments.list', {}, key => $many->{key}, accept => 'application/x-ndjson');
is(scalar(split /\n/, $stream->body), 105, 'a stream has all');
is_deeply([map { decode_json($_)->{milestones}[0]{on} } split /\n/, $stream->body], [map { day_from($_) } reverse 1 .. 105], 'each with what is its own');

# ---- whose ----

is_deeply(is_page(commitments(new_organization()), 'an organization without commitments'), [], 'has none');
is_problem(commitments($many, commitment_id => $_), 404, 'not_found', 'another organization\'s is not there') for $made->{id}, new_ulid();
is_problem(call('organizations.commitments.list', {}, key => new_key($organization, 'billing:read')->{key}), 403, 'forbidden', 'orders:read is needed',
    members => { required_scope => 'orders:read' });
is_problem(commitments($organization, commitment_id => 'x', include_line_items => 1, status => 'active'), 422, 'invalid', 'what does not fit is named',
    errors => { '/commitment_id' => undef, '/include_line_items' => 'wrong_type', '/status' => 'unknown' });
consumed_adds_up($organization);
done_testing;
