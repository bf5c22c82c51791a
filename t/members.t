#!/usr/bin/perl
# Members under races, and how soon a change of theirs acts: on the very next request, in every worker, on both paths.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;
use POSIX ();
use Time::HiRes qw(sleep time);

my ($true, $false) = (JSON::PP::true(), JSON::PP::false());

# Each in a process of its own, all at one moment. Gives the replies as "status code", in their order.
sub at_once (@deeds) {
	my $start = time + 0.1 + @deeds * 0.005;
	my @pipes = map {
		my $deed = $_;
		my $pid = open(my $pipe, '-|') // die "fork: $!";
		if ($pid == 0) {
			my $client = client(record => 0);
			get('/v1/health/live', client => $client);
			sleep 0.0005 while time < $start;
			my $reply = eval { $deed->($client) };
			syswrite STDOUT, $reply ? $reply->status . ' ' . ($reply->code // 'ok') : "no reply: $@";
			POSIX::_exit(0);
		}
		$pipe;
	} @deeds;
	return map { my $pipe = $_; local $/; my $line = <$pipe>; close $pipe; $line } @pipes;
}

sub counts (@outcomes) {
	my %count;
	$count{$_}++ for @outcomes;
	return \%count;
}

sub owners_of ($organization) {
	return db_value("SELECT COUNT(*) FROM membership WHERE organization_id = ? AND role = 'owner' AND is_active", bytes_of($organization->{id}));
}

sub update ($who, $whom, %fields) {
	return call('organizations.members.update', { member_id => $whom->{id}, %fields }, key => $who->{key});
}

# ---- two owners against each other ----

my $organization = new_organization(rate_limit => 1000000);
my @owners = map { new_person($organization, 'owner') } 1 .. 2;
my %ways = (
	'demoting each other' => sub ($who, $whom, $client) { call('organizations.members.update', { member_id => $whom->{id}, role => 'admin' }, key => $who->{key}, client => $client) },
	'stepping down' => sub ($who, $whom, $client) { call('organizations.members.update', { member_id => $who->{id}, role => 'admin' }, key => $who->{key}, client => $client) },
	'putting each other to rest' => sub ($who, $whom, $client) { call('organizations.members.update', { member_id => $whom->{id}, is_active => $false }, key => $who->{key}, client => $client) },
	'leaving' => sub ($who, $whom, $client) { call('organizations.members.leave', {}, key => $who->{key}, client => $client) },
	'removing each other' => sub ($who, $whom, $client) { call('organizations.members.remove', { member_id => $whom->{id} }, key => $who->{key}, client => $client) },
);

for my $way (sort keys %ways) {
	my %seen;
	my $worst = 1;
	for my $round (1 .. ($way =~ /demoting/ ? 20 : 6)) {
		db_run("INSERT INTO membership (organization_id, user_id, role, created_at) VALUES (?, ?, 'owner', '2026-01-01')
		    ON DUPLICATE KEY UPDATE role = 'owner', is_active = TRUE", bytes_of($organization->{id}), bytes_of($_->{id})) for @owners;
		my @outcomes = at_once(map { my ($who, $whom) = @owners[$_, 1 - $_]; sub ($client) { $ways{$way}->($who, $whom, $client) } } 0, 1);
		$seen{ join ', ', sort @outcomes }++;
		$worst = owners_of($organization) if owners_of($organization) != 1;
	}
	is($worst, 1, "two owners $way at once leave one, each time");
	is(scalar(grep { !/\A200 ok, (?:403 forbidden|409 conflict)\z/ } keys %seen), 0, 'one of them gets through') or diag join '; ', map { "$_: $seen{$_}" } sort keys %seen;
}

# ---- one token, many hands ----

my $admin = new_person($organization, 'admin');
my $invited = new_person();
my $token = call('organizations.members.invite', { email => $invited->{email}, role => 'member', return_token => $true }, key => $admin->{key})->json->{token};
is_deeply(counts(at_once(map { sub ($client) { call('organizations.invitations.accept', { token => $token }, key => $invited->{key}, client => $client) } } 1 .. 16)),
    { '200 ok' => 1, '409 conflict' => 15 }, 'of 16 who accept with one token at once, one does');
is(db_value('SELECT COUNT(*) FROM membership WHERE user_id = ?', bytes_of($invited->{id})), 1, 'and makes one membership');
is(db_value("SELECT COUNT(*) FROM outbox WHERE type = 'member.joined' AND entity_id = ?", bytes_of($invited->{id})), 1, 'and one event');

my $undecided = new_person();
$token = call('organizations.members.invite', { email => $undecided->{email}, role => 'member', return_token => $true }, key => $admin->{key})->json->{token};
is_deeply(counts(at_once(map { my $accept = $_ % 2 ? $true : $false; sub ($client) { call('organizations.invitations.accept', { token => $token, accept => $accept }, key => $undecided->{key}, client => $client) } } 1 .. 8)),
    { '200 ok' => 1, '409 conflict' => 7 }, 'accepted and declined at once, it is one of them');
is(db_value("SELECT COUNT(*) FROM membership WHERE user_id = ?", bytes_of($undecided->{id})), db_value("SELECT COUNT(*) FROM invitation WHERE email = ? AND status = 'accepted'", $undecided->{email}),
    'a member if it was accepted, and else none');

# ---- one address, many invitations ----

my $outcomes = counts(at_once(map { my $role = (qw(viewer member billing admin))[$_ % 4]; sub ($client) {
	call('organizations.members.invite', { email => 'everybody@example.com', role => $role }, key => $admin->{key}, client => $client) } } 1 .. 16));
is_deeply($outcomes, { '200 ok' => 16 }, '16 invitations to one address at once are all made');
is_deeply({ map { @$_ } db_run("SELECT status, COUNT(*) FROM invitation WHERE organization_id = ? AND email_key = 'everybody\@example.com' GROUP BY status", bytes_of($organization->{id}))->fetchall_arrayref->@* },
    { pending => 1, revoked => 15 }, 'and one is pending');

# One is accepted while another takes its place: whichever comes first, who has joined has not been invited again.
for my $round (1 .. 6) {
	my $guest = new_person();
	my $first = call('organizations.members.invite', { email => $guest->{email}, role => 'viewer', return_token => $true }, key => $admin->{key})->json->{token};
	my @both = at_once(sub ($client) { call('organizations.invitations.accept', { token => $first }, key => $guest->{key}, client => $client) },
	    sub ($client) { call('organizations.members.invite', { email => $guest->{email}, role => 'member' }, key => $admin->{key}, client => $client) });
	is_deeply([sort @both], ['200 ok', '409 conflict'], "round $round: an invitation is accepted or replaced");
}

# ---- on the very next request ----

# What a person gets on connections of their own, so that every worker has its share, on both paths.
sub outcomes ($person, $operation = 'organizations.members.list') {
	my %seen;
	my $path = '/v1/' . $operation =~ tr{.}{/}r;
	for (1 .. 20) {
		my $client = client(record => 0);
		$seen{$_->status}++ for call($operation, {}, key => $person->{key}, client => $client), post($path, {}, key => $person->{key}, client => $client);
	}
	return \%seen;
}

my $subject = new_person($organization, 'member');
my $member = { id => $subject->{id} };
is_deeply(outcomes($subject), { 200 => 40 }, 'a member reads');
is_success(update($admin, $member, is_active => $false), 'is let rest');
is_deeply(outcomes($subject), { 403 => 40 }, 'and is refused by every worker from the next request on');
is_success(update($admin, $member, is_active => $true), 'is woken');
is_deeply(outcomes($subject), { 200 => 40 }, 'and reads again');
is_deeply(outcomes($subject, 'audit.list'), { 403 => 40 }, 'the audit is not for the role member');
is_success(update($admin, $member, role => 'admin'), 'another role is given');
is_deeply(outcomes($subject, 'audit.list'), { 200 => 40 }, 'and acts in every worker from the next request on');
is_success(update($admin, $member, role => 'billing'), 'and taken');
is_deeply(outcomes($subject, 'audit.list'), { 403 => 40 }, 'which acts likewise');
is_success(call('organizations.members.remove', { member_id => $subject->{id} }, key => $admin->{key}), 'the member is removed');
is_deeply(outcomes($subject), { 403 => 40 }, 'and refused by every worker from the next request on');
$token = call('organizations.members.invite', { email => $subject->{email}, role => 'viewer', return_token => $true }, key => $admin->{key})->json->{token};
is_success(call('organizations.invitations.accept', { token => $token }, key => $subject->{key}), 'an invitation brings the person back');
is_deeply(outcomes($subject), { 200 => 40 }, 'in every worker');
is_success(call('admin.organizations.set', { organization_id => $organization->{id}, status => 'closed' }, key => admin_key), 'the organization is closed');
is_deeply(outcomes($subject), { 200 => 40 }, 'reads go on');
is_deeply(outcomes($subject, 'organizations.members.leave'), { 409 => 40 }, 'and nothing else does');
done_testing;
