#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;

my ($person, $other) = (new_person(), new_person());
my $link = { issuer => 'https://identity.example', subject => "link-$$-" . time, user_id => $person->{id} };
my $first = call('admin.identities.link', $link, key => admin_key);

is_success($first, 'a subject of an identity provider is linked to a person');
is_deeply({ $first->json->%{qw(issuer subject user_id)} }, $link, 'as asked');
my $again = call('admin.identities.link', $link, key => admin_key);
is_success($again, 'doing it again is fine');
is($again->json->{created_at}, $first->json->{created_at}, 'and changes nothing');
is_problem(call('admin.identities.link', { %$link, user_id => $other->{id} }, key => admin_key), 409, 'conflict', 'a subject is one person');
is_problem(call('admin.identities.link', { %$link, subject => 'x', user_id => new_ulid() }, key => admin_key), 404, 'not_found', 'who has to exist');
is_success(call('admin.identities.link', { %$link, subject => uc $link->{subject}, user_id => $other->{id} }, key => admin_key),
    'subjects are compared byte by byte');
is_problem(call('admin.identities.link', { user_id => $person->{id} }, key => admin_key), 422, 'invalid', 'all is needed',
    errors => { '/issuer' => 'missing', '/subject' => 'missing' });

is_problem(call('admin.identities.link', { %$link, issuer => "\x{e9}" x 300, subject => "\x{e9}" x 200 }, key => admin_key), 422, 'invalid', 'their length counts in bytes',
    errors => { '/issuer' => undef, '/subject' => undef });
is_success(call('admin.identities.link', { %$link, issuer => "\x{e9}" x 250, subject => "\x{e9}" x 127 }, key => admin_key), 'up to 500 and 255');
my @statuses;
pipe my $in, my $out or die $!;
for my $child (1 .. 8) {
	next if fork;
	my $reply = call('admin.identities.link', { %$link, subject => "$link->{subject}-race", user_id => ($child % 2 ? $person : $other)->{id} },
	    key => admin_key, client => client(record => 0));
	syswrite $out, $reply->status . "\n";
	require POSIX;
	POSIX::_exit(0);
}
close $out;
@statuses = map { chomp; $_ } <$in>;
1 while wait > 0;
is(scalar(grep { $_ != 200 && $_ != 409 } @statuses), 0, 'eight at once are served or told of the conflict') or diag "@statuses";
is(db_value('SELECT COUNT(*) FROM identity WHERE subject = ?', "$link->{subject}-race"), 1, 'and one link is made');
done_testing;
