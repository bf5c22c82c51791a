#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my $organization = new_organization();
grant($organization->{id}, $_) for 10, 20, 30;
my $reply = call('billing.credits.verify', {}, key => $organization->{key});

is_success($reply, 'a ledger is proven');
is_deeply({ $reply->json->%{qw(consistent entries balance sum head_sequence first_fault)} },
    { consistent => JSON::PP::true(), entries => 3, balance => 60, sum => 60, head_sequence => 3, first_fault => undef }, 'whole');
like($reply->json->{head_hash}, qr/\A[0-9a-f]{64}\z/, 'and its head named');
is_success($reply = call('billing.credits.verify', { full => JSON::PP::true() }, key => $organization->{key}), 'also from the first entry on');
is($reply->json->{entries}, 3, 'all entries');
is_problem(call('billing.credits.verify', { full => JSON::PP::true() }, key => $organization->{key}), 429, 'rate_limited', 'once a minute');
is_success(call('billing.credits.verify', { full => JSON::PP::false() }, key => $organization->{key}), 'the short proof is not limited by that');

my $id = bytes_of($organization->{id});
db_run('UPDATE journal_entry SET available_change = available_change + 1 WHERE organization_id = ? AND sequence = 2', $id);
$reply = call('billing.credits.verify', {}, key => $organization->{key});
is_success($reply, 'a forged ledger is no error');
ok(!$reply->json->{consistent}, 'but it is told');
like($reply->json->{first_fault}, qr/2/, 'and the entry is named');
db_run('UPDATE journal_entry SET available_change = available_change - 1 WHERE organization_id = ? AND sequence = 2', $id);
ok(call('billing.credits.verify', {}, key => $organization->{key})->json->{consistent}, 'set right again, all is well');

my $empty = call('billing.credits.verify', {}, key => new_organization()->{key});
is_success($empty, 'a ledger without entries is whole, too');
is($empty->json->{head_sequence}, 0, 'and says it has none');
is_problem(call('billing.credits.verify', { full => 1 }, key => $organization->{key}), 422, 'invalid', 'full is true or false', errors => { '/full' => 'wrong_type' });
done_testing;
