#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $name = sprintf 'Listed %d-%d', $$, time;
my @made = sort { $a->{id} cmp $b->{id} } map { new_organization(name => "$name $_") } 1 .. 3;
my $rows = is_page(call('admin.organizations.list', { query => lc $name }, key => admin_key), 'the operator finds organizations by their name');

is_deeply([map { $_->{id} } @$rows], [reverse map { $_->{id} } @made], 'newest first: by id, downwards');
call('admin.organizations.set', { organization_id => $made[1]{id}, status => 'closed' }, key => admin_key);
is_deeply([map { $_->{id} } is_page(call('admin.organizations.list', { query => $name, status => 'closed' }, key => admin_key), 'and by their state')->@*],
    [$made[1]{id}], 'the closed one');
my $page = call('admin.organizations.list', { query => $name, limit => 2 }, key => admin_key);
is(scalar is_page($page, 'a page at a time')->@*, 2, 'two');
is_deeply([map { $_->{id} } is_page(call('admin.organizations.list', { query => $name, limit => 2, cursor => $page->json->{next_cursor} }, key => admin_key), 'then the rest')->@*],
    [$made[0]{id}], 'one');
is_problem(call('admin.organizations.list', { query => 'other', cursor => $page->json->{next_cursor} }, key => admin_key), 422, 'invalid',
    'a cursor belongs to its filter', errors => { '/cursor' => undef });
is_problem(call('admin.organizations.list', { status => 'lost' }, key => admin_key), 422, 'invalid', 'a state is one of two', errors => { '/status' => 'not_allowed' });
is_problem(call('admin.organizations.list', {}, key => $made[0]{key}), 403, 'forbidden', 'no customer sees it', members => { required_scope => 'admin:read' });
done_testing;
