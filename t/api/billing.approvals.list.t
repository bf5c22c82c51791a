#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Approvals;
use Purser::Test;

my $organization = new_customer();
ask(new_organization());
is_deeply(is_page(call('billing.approvals.list', {}, key => $organization->{key}), 'without any the list is empty'), [], 'it is');

my %asked = map { $_ => ask($organization) } qw(rejected expired approved pending);
is(reject($asked{rejected}, $organization->{owner})->status, 200, 'one is rejected');
is(approve($asked{approved}, $organization->{owner})->status, 200, 'one approved');
expire_now($asked{expired});

my $rows = is_page(call('billing.approvals.list', {}, key => $organization->{key}), 'all are listed');
is_deeply([map { $_->{id} } @$rows], [map { $asked{$_}{id} } qw(pending approved expired rejected)], 'newest first');
is_deeply($rows, [map { approval($organization, $_) } @$rows], 'as they are read one by one');
for my $status (sort keys %asked) {
	my $found = is_page(call('billing.approvals.list', { status => $status }, key => $organization->{key}), "those that are $status");
	is_deeply([map { $_->{id} } @$found], [$asked{$status}{id}], 'and no others');
}

my @pages;
my $cursor;
do {
	my $page = call('billing.approvals.list', { limit => 3, defined $cursor ? (cursor => $cursor) : () }, key => $organization->{key})->json;
	push @pages, [map { $_->{id} } $page->{data}->@*];
	$cursor = $page->{next_cursor};
} while defined $cursor && @pages < 9;
is_deeply([map { scalar @$_ } @pages], [3, 1], 'page by page');
is_deeply([map { @$_ } @pages], [map { $_->{id} } @$rows], 'in the same order');

my $stream = call('billing.approvals.list', {}, key => $organization->{key}, accept => 'application/x-ndjson');
is_success($stream, 'they are streamed as well', type => 'application/x-ndjson');
is_deeply([map { decode_json($_) } split /\n/, $stream->body], $rows, 'a line each');
is_problem(call('billing.approvals.list', { status => 'lost' }, key => $organization->{key}), 422, 'invalid', 'an unknown state is refused', errors => { '/status' => undef });
done_testing;
