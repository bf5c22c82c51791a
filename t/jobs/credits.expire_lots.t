#!/usr/bin/perl
# Credits expire where nobody writes: at the right moment, once, and as the readers said before.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Test;
use Purser::Jobs;

my $job = 'credits.expire_lots';

sub grant_until ($organization, $credits, $expires_at) {
	my $reply = call('billing.grants.create', { organization_id => $organization->{id}, credits => $credits,
	    source => 'promotional', expires_at => $expires_at =~ s/ /T/r . 'Z' }, key => admin_key);
	$reply->status == 200 or die "billing.grants.create: $reply->{status} $reply->{body}\n";
}

# What no operation of this test's does: `reason` is reservation or release.
sub book_entry ($organization, $reason, $credits, $at) {
	return ledger_call("ledger_post(?, ?, ?, ?, NULL, ?, NULL, NULL, NULL, 'system', ?, NULL, NULL, NULL, NULL, NULL, NULL, TIMESTAMP('2999-01-01'), NULL, NULL, \@outcome)",
	    bytes_of($organization->{id}), $at, bytes_of(new_ulid()), $reason, $credits, bytes_of($organization->{id}))->{outcome};
}

sub figures ($organization) {
	my $json = call('billing.credits.balance', {}, key => $organization->{key})->json;
	return { $json->%{qw(balance available reserved debt)}, lots => [map { "$_->{source} $_->{remaining}" } $json->{lots}->@*] };
}

sub entries ($organization) {
	return db_value('SELECT COUNT(*) FROM journal_entry WHERE organization_id = ?', bytes_of($organization->{id}));
}

sub is_whole ($organization, $name) {
	my $json = call('billing.credits.verify', {}, key => $organization->{key})->json;
	ok($json->{consistent}, $name) or diag $json->{first_fault};
}

# Ten minutes ahead; by the stack's clock until then nothing is due.
my $due = utc(600);
my $organization = new_organization(credits => 50);
grant_until($organization, 100, $due);
my $reserving = new_organization();
grant_until($reserving, 100, $due);
is(book_entry($reserving, 'reservation', 70, utc), 'ok', 'credits that expire can be reserved');
my $quiet = new_organization();
grant_until($quiet, 7, utc(660));
my @crowd = map { new_organization() } 1 .. 16;
grant_until($crowd[$_], 1 + $_, $due) for 0 .. $#crowd;

my $warned = new_organization();
db_run('UPDATE book SET low_threshold = 50 WHERE organization_id = ?', bytes_of($warned->{id}));
grant_until($warned, 100, $due);

# More lots than one call posts.
my $many = new_book();
db->begin_work;
ledger_call("ledger_post(?, ?, ?, 'grant', NULL, 1, NULL, NULL, NULL, 'system', 'x', NULL, ?, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \@outcome)",
    bytes_of($many), utc, bytes_of(new_ulid), $due) for 1 .. 1500;
db->commit;

keep_away($job);
set_clock(480);
ok(run_job($job), 'the job runs before the moment');
is_deeply([expiries($organization->{id})], [], 'and expires nothing');

set_clock(601);
my $before = figures($organization);
is_deeply($before, { balance => 50, available => 50, reserved => 0, debt => 0, lots => ['goodwill 50'] }, 'readers see the credits gone at the moment itself');
is(entries($organization), 2, 'before anything is booked');
my $reserving_before = figures($reserving);

grant($warned->{id}, 10);
my $events = sub { return db_value("SELECT COUNT(*) FROM outbox WHERE organization_id = ? AND type = 'credits.low'", bytes_of($warned->{id})) };
is($events->(), 1, 'a grant that posts the expiry first tells that the credits are low');

my @runs = map { start_job($job) } 1 .. 2;
my @failed = grep { end_program($_) != 0 } @runs;
cmp_ok(scalar @failed, '<', 2, 'of two runners at once one at least goes to its end');
ok(run_job($job), 'and one more finds what they left');
is_deeply([expiries($organization->{id})], [100], 'the expiry is booked once');
is(scalar(expiries($many)), 1500, 'more lots than one call posts expire by one run');
is($events->(), 1, 'nothing is told twice');
is_deeply(figures($organization), $before, 'and readers see what they saw before');
is_deeply([map { join ' ', expiries($_->{id}) } @crowd], [1 .. 16], 'sixteen organizations that fell due at once: each once');
is(db_value("SELECT COUNT(*) FROM journal_entry WHERE organization_id = ? AND reason = 'expiry' AND at < ?", bytes_of($organization->{id}), $due), 0,
    'not before its moment');
is(db_value('SELECT next_lot_expiry FROM book WHERE organization_id = ?', bytes_of($organization->{id})), undef, 'nothing more is due');

is_deeply([expiries($reserving->{id})], [30], 'of reserved credits only the rest expires');
is_deeply(figures($reserving), $reserving_before, 'to the readers as well');
is_deeply([$reserving_before->@{qw(available reserved)}], [0, 70], 'what is reserved stays');
is(book_entry($reserving, 'release', 70, utc(601)), 'ok', 'until it is released');
is_deeply([expiries($reserving->{id})], [30, 70], 'then it expires, too');
is(figures($reserving)->{balance}, 0, 'to the last credit');

my %entries = map { $_->{id} => entries($_) } $organization, $reserving, @crowd;
ok(run_job($job), 'a run with nothing to do');
is_deeply({ map { $_->{id} => entries($_) } $organization, $reserving, @crowd }, \%entries, 'books nothing');
is_deeply([expiries($quiet->{id})], [], 'a minute later something else falls due');
set_clock(722);
give_back($job);
eventually('and expires by the runner that is always there', sub { "@{[expiries($quiet->{id})]}" eq '7' }, 20);
is_whole($organization, 'the ledger is whole');
is_whole($reserving, 'that with reserved credits, too');
is_whole($crowd[$_], 'and number ' . ($_ + 1)) for 0, 15;
done_testing;
