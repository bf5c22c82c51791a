#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Approvals;
use Purser::Inbox ();
use Purser::Test;

my $organization = new_customer(undef);
my $reply = call('billing.approvals.request', { credits => 250_000 }, key => $organization->{key});
my $approval = $reply->json;

is_success($reply, 'a purchase is asked for, without any card');
is_deeply([sort keys %$approval], [sort qw(id organization_id credits amount currency status requested_by requested_at expires_at decided_by decided_at reason topup_id last_error)],
    'and told of');
ulid_ok($approval->{id}, 'with an id');
is_deeply([@$approval{qw(organization_id credits amount currency status requested_by)}], [$organization->{id}, 250_000, '2500.00', 'AUD', 'pending', $organization->{key_id}],
    'its price, and the key that asked');
is_deeply([@$approval{qw(decided_by decided_at reason topup_id last_error)}], [(undef) x 5], 'nobody has decided');

# The seconds between two times of the API, fractions left out.
sub seconds_between ($from, $to) { return db_value("SELECT TIMESTAMPDIFF(SECOND, REPLACE(?, 'Z', ''), REPLACE(?, 'Z', ''))", $from, $to) }

is(seconds_between(@$approval{qw(requested_at expires_at)}), 72 * 3600, 'it can be decided for 72 hours');
is(seconds_between(@{ ask($organization, expiry_hours => $_) }{qw(requested_at expires_at)}), $_ * 3600, "or for $_") for 1, 720;
is(ask($organization, credits => 50)->{amount}, '0.50', 'a small purchase can be asked for, too');
is(ask($organization, credits => 99_999_999)->{amount}, '999999.99', 'and the largest that a card takes');

my @events = events_of($approval);
is_deeply([map { $_->{type} } @events], ['approval.requested'], 'an event tells of it');
is_deeply($events[0]{data}, $approval, 'with all of it');
my @inbox = grep { $_->{type} eq 'approval.requested' && $_->{entity}{id} eq $approval->{id} } call('notifications.list', {}, key => $organization->{billing}{key})->json->{data}->@*;
is(scalar @inbox, 1, 'it is in the inbox of those who decide');
like($inbox[0]{title}, qr/waits for approval/, 'with a title');

is(ask($organization, key => $organization->{billing}{key})->{requested_by}, $organization->{billing}{id}, 'a person who asks is named');
my %prices = (SGD => '90.00', GBP => '52.00', NZD => '110.00', USD => '66.00');
for my $currency (sort keys %prices) {
	my $asked = ask(new_organization(currency => $currency), credits => 10_000);
	is_deeply([@$asked{qw(amount currency)}], [$prices{$currency}, $currency], "the price is the one in $currency");
}

my @twice = map { call('billing.approvals.request', { credits => 77 }, key => $organization->{key}, idempotency_key => 'twice') } 1 .. 2;
is($twice[1]->body, $twice[0]->body, 'asked again with the same key, it is the same approval');
is(db_value('SELECT COUNT(*) FROM approval WHERE organization_id = ? AND credits = 77', bytes_of($organization->{id})), 1, 'and there is one');

# ---- refusals ----

sub refused ($fields, $pointers, $name) {
	is_problem(call('billing.approvals.request', $fields, key => $organization->{key}), 422, 'invalid', $name, errors => { map { $_ => undef } @$pointers });
}

my $before = db_value('SELECT COUNT(*) FROM approval WHERE organization_id = ?', bytes_of($organization->{id}));
refused({}, ['/credits'], 'credits are needed');
refused({ credits => $_ }, ['/credits'], "$_ credits are none") for 0, -1;
refused({ credits => 49 }, ['/credits'], 'a card is not charged less than its least');
refused({ credits => 100_000_000 }, ['/credits'], 'nor more than its most');
refused({ credits => $_ }, ['/credits'], "$_ credits have no price") for 1_000_000_000_000_000, 9_223_372_036_854_775_807;
refused({ credits => '100' }, ['/credits'], 'a text is no number');
refused({ credits => 100, expiry_hours => $_ }, ['/expiry_hours'], "$_ hours can't be") for 0, -1, 721;
refused({ credits => 0, expiry_hours => 0, colour => 'red' }, ['/credits', '/expiry_hours', '/colour'], 'all faults are told at once');
is(db_value('SELECT COUNT(*) FROM approval WHERE organization_id = ?', bytes_of($organization->{id})), $before, 'nothing was kept of that');

# 58 credits cost 0.3016 GBP: rounded half-even to 0.30, which is the least.
is(ask(new_organization(currency => 'GBP'), credits => 58)->{amount}, '0.30', 'what is charged is rounded to whole pence');
done_testing;
