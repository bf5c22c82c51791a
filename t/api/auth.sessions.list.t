#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256);
use Purser::Test;
use Purser::SignIn;

my $organization = new_organization();
my $account = new_account;
join_organization($account, $organization, 'member');
my $phone = call('auth.sessions.create', { email => $account->{email}, password => $account->{password} }, headers => ['User-Agent' => 'Phone/1'])->json;
my $desk = call('auth.sessions.create', { email => $account->{email}, password => $account->{password} },
    headers => ['User-Agent' => 'D' x 150 . "\xc3\xa4" x 60])->json;

my $rows = is_page(call('auth.sessions.list', {}, key => $desk->{access_token}), 'a person lists the sessions');
is(scalar @$rows, 2, 'both of them');
is_deeply([map { $_->{current} ? 1 : 0 } @$rows], [1, 0], 'the newest first, which is this one');
is_deeply([sort keys $rows->[0]->%*], [sort qw(id current organization_id address user_agent created_at refreshed_at expires_at)], 'each with what tells it apart');
is($rows->[1]{user_agent}, 'Phone/1', 'with what the person signed in');
is(length $rows->[0]{user_agent}, 175, 'a long name is cut, between two characters');
is($rows->[0]{organization_id}, $organization->{id}, 'for which organization');
like($rows->[0]{address}, qr/\A(?:127\.|::1)/, 'from where');
unlike(call('auth.sessions.list', {}, key => $desk->{access_token})->body, qr/gpr[sr]_/, 'no token is shown');

my $page = call('auth.sessions.list', { limit => 1 }, key => $phone->{access_token})->json;
is(scalar $page->{data}->@*, 1, 'a page is as long as asked');
my $next = call('auth.sessions.list', { limit => 1, cursor => $page->{next_cursor} }, key => $phone->{access_token})->json;
is_deeply([map { $_->{current} ? 1 : 0 } $next->{data}->@*], [1], 'the next page goes on');
is($next->{next_cursor}, undef, 'and is the last');
my $stream = call('auth.sessions.list', {}, key => $phone->{access_token}, accept => 'application/x-ndjson');
is(scalar(() = $stream->body =~ /\n/g), 2, 'as a stream it has a line for each');

db_run('DELETE FROM membership WHERE user_id = ?', bytes_of($account->{id}));
is(call('auth.sessions.list', {}, key => $desk->{access_token})->json->{data}[0]{organization_id}, undef, 'who is no member any more acts for none');
db_run('UPDATE session s JOIN session_token t ON t.session_id = s.id SET s.expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE t.digest = ?',
    \sha256($phone->{access_token}));
is(scalar call('auth.sessions.list', {}, key => $desk->{access_token})->json->{data}->@*, 1, 'one that is over is not shown');
is(scalar call('auth.sessions.list', {}, key => new_person()->{key})->json->{data}->@*, 1, 'nobody sees those of others');
is_problem(call('auth.sessions.list', {}, key => $organization->{key}), 403, 'human_required', 'an API key has no sessions');
is_problem(call('auth.sessions.list', { limit => 0 }, key => $desk->{access_token}), 422, 'invalid', 'a page has rows', errors => { '/limit' => 'out_of_range' });
done_testing;
