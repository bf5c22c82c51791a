#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my ($person, $other) = (new_person(), new_person());
my @subjects = map { "list-$$-$_" } 1 .. 2;

call('admin.identities.link', { issuer => 'https://identity.example', subject => $_, user_id => $person->{id} }, key => admin_key) for @subjects;
my $reply = call('admin.identities.list', { user_id => $person->{id} }, key => admin_key);
is_success($reply, 'the operator sees who a person is elsewhere');
is_deeply([map { $_->{subject} } $reply->json->{data}->@*], \@subjects, 'every link, the oldest first');
is_deeply(call('admin.identities.list', { user_id => $other->{id} }, key => admin_key)->json, { data => [] }, 'another person has none');
done_testing;
