#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $mark = sprintf 'listed-%d-%d', $$, time;
my $organization = new_organization();
my @made = map { new_person($_ == 2 ? ($organization, 'viewer') : (undef, undef), email => "$mark-$_\@example.com", name => "Listed $_") } 1 .. 3;
my @wanted = reverse sort { $a->{id} cmp $b->{id} } @made;

my $rows = is_page(call('admin.users.list', { query => uc $mark }, key => admin_key), 'the operator finds people by their address');
is_deeply([map { $_->{id} } @$rows], [map { $_->{id} } @wanted], 'newest first');
my ($member) = grep { $_->{id} eq $made[1]{id} } @$rows;
is_deeply([@$member{qw(email name organizations_count erased_at)}], ["$mark-2\@example.com", 'Listed 2', 1, undef], 'with name, address and organizations');
my $page = call('admin.users.list', { query => $mark, limit => 2 }, key => admin_key);
is(scalar is_page($page, 'a page at a time')->@*, 2, 'two');
is_deeply([map { $_->{id} } is_page(call('admin.users.list', { query => $mark, limit => 2, cursor => $page->json->{next_cursor} }, key => admin_key), 'then the rest')->@*],
    [$wanted[2]{id}], 'one');
is_problem(call('admin.users.list', {}, key => $made[1]{key}), 403, 'forbidden', 'nobody else sees them', members => { required_scope => 'admin:read' });
done_testing;
