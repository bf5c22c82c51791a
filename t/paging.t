#!/usr/bin/perl
# Lists: every one that is declared pages, streams and refuses what is no cursor of its own.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Inbox;
use Purser::Test;

my $organization = new_organization(rate_limit => 100000);
my $stranger = new_organization();
grant($organization->{id}, $_) for 1 .. 7;
new_key($organization, 'billing:read') for 1 .. 6;
my ($person, $strange_person) = map { new_person($_, 'owner') } $organization, $stranger;
tell($organization, 'organization.reopened') for 1 .. 7;
new_person(new_organization(), 'owner') for 1 .. 51; # more than a page for the operator

# Who may read it: the operator, a person, or else a key.
sub key_for ($operation, $of, $member) {
	return admin_key if $operation->{scope} =~ /^admin:/;
	return $operation->{flags}{human} || $operation->{scope} eq 'SIGNED_IN' ? $member->{key} : $of->{key};
}

# What it can't be read without.
sub least ($operation, $of) { return map { $_ eq 'organization_id*' ? (organization_id => $of->{id}) : () } $operation->{fields}->@* }

for my $operation (grep { $_->{flags}{list} } describe_operations) {
	my $id = $operation->{id};
	my $key = key_for($operation, $organization, $person);
	my %least = least($operation, $organization);
	my @all = call($id, { %least, limit => 1000 }, key => $key)->json->{data}->@*;
	my (@seen, $cursor);

	for (1 .. 1000) {
		my $page = call($id, { %least, limit => 3, defined $cursor ? (cursor => $cursor) : () }, key => $key);
		push @seen, is_page($page, "$id: a page")->@*;
		$cursor = $page->json->{next_cursor} // last;
		last if @seen > 12;
	}
	is_deeply(\@seen, [@all[0 .. $#seen]], "$id: pages follow each other without a gap");
	is(scalar is_page(call($id, { %least }, key => $key), "$id: without a limit")->@*, @all > 50 ? 50 : scalar @all, "$id: a page has 50 rows");
	is_problem(call($id, { %least, limit => 1001 }, key => $key), 422, 'invalid', "$id: a limit ends at 1000", errors => { '/limit' => 'out_of_range' });
	my $page = call($id, { %least, limit => 1 }, key => $key)->json;
	if (defined $page->{next_cursor}) {
		my $forged = $page->{next_cursor} =~ s/(.)(.{20})$/($1 eq 'A' ? 'B' : 'A') . $2/er;
		is_problem(call($id, { %least, cursor => $forged }, key => $key), 422, 'invalid', "$id: a forged cursor", errors => { '/cursor' => 'bad_cursor' });
		is_problem(call($id, { least($operation, $stranger), cursor => $page->{next_cursor} }, key => key_for($operation, $stranger, $strange_person)), 422, 'invalid', "$id: another organization's cursor", errors => { '/cursor' => 'bad_cursor' })
		    if $operation->{scope} !~ /^admin:/;
	}
	for my $bad ('', 'x', '!!!!', 'A' x 500, 'A' x 501) {
		is_problem(call($id, { %least, cursor => $bad }, key => $key), 422, 'invalid', "$id: no cursor: " . length $bad, errors => { '/cursor' => undef });
	}
	my $stream = call($id, { %least }, key => $key, accept => 'application/x-ndjson');
	is_success($stream, "$id: it streams", type => 'application/x-ndjson');
	is_deeply([($stream->rows)[0 .. $#seen]], \@seen, "$id: the same rows");
	my @few = call($id, { %least, limit => 2 }, key => $key, accept => 'application/x-ndjson')->rows;
	is_deeply(\@few, [@all[0 .. $#few]], "$id: a stream takes a limit");
	cmp_ok(scalar @few, '<=', 2, "$id: and keeps it");
	is_success(call($id, { %least, limit => 1000000 }, key => $key, accept => 'application/x-ndjson'), "$id: and one without a ceiling", type => 'application/x-ndjson');
}

# The cursor of one list is not one of another, nor of the same with another filter.
my $cursor = call('billing.credits.transactions', { limit => 1 }, key => $organization->{key})->json->{next_cursor};
is_problem(call('api_keys.list', { cursor => $cursor }, key => $organization->{key}), 422, 'invalid', 'a cursor of another list', errors => { '/cursor' => 'bad_cursor' });
is_problem(call('billing.credits.transactions', { cursor => $cursor, reason => 'grant' }, key => $organization->{key}), 422, 'invalid', 'a cursor of another filter', errors => { '/cursor' => 'bad_cursor' });
is_success(call('billing.credits.transactions', { cursor => $cursor, limit => 7 }, key => $organization->{key}), 'a cursor with another limit is good');

# What is written between two pages moves nothing.
my $first = call('billing.credits.transactions', { limit => 3 }, key => $organization->{key})->json;
grant($organization->{id}, 100);
is_deeply([map { $_->{sequence} } call('billing.credits.transactions', { limit => 3, cursor => $first->{next_cursor} }, key => $organization->{key})->json->{data}->@*], [4, 3, 2],
    'a row that comes between two pages moves nothing');
done_testing;
