package Purser::Approvals;

# Purchases that wait for a person, as the tests ask for them and decide on them in the suite's stack.

use v5.36;
use Exporter 'import';
use Purser::Cards;
use Purser::Test;

our @EXPORT = qw(new_customer ask approve reject approval events_of set_policy expire_now);

# An organization with a card and two people who may decide. Other options are as of new_organization.
sub new_customer ($card = 'pm_card_visa', %fields) {
	my $organization = new_organization(%fields);

	attach($organization, $card) if defined $card;
	return { %$organization, owner => new_person($organization, 'owner'), billing => new_person($organization, 'billing') };
}

# Asks for a purchase, by default with the organization's key; gives the approval.
sub ask ($organization, %fields) {
	my $key = delete $fields{key} // $organization->{key};
	my $reply = call('billing.approvals.request', { credits => 1000, %fields }, key => $key);

	$reply->status == 200 or die "billing.approvals.request: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

sub approve ($approval, $person, %options) { return call('billing.approvals.approve', { approval_id => $approval->{id} }, key => $person->{key}, %options) }

sub reject ($approval, $person, %fields) { return call('billing.approvals.reject', { approval_id => $approval->{id}, %fields }, key => $person->{key}) }

# The approval as it is now.
sub approval ($organization, $approval) {
	my $reply = call('billing.approvals.get', { approval_id => $approval->{id} }, key => $organization->{key});

	$reply->status == 200 or die "billing.approvals.get: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

# What the outbox says of the thing: types and data, oldest first.
sub events_of ($thing) {
	return map { { type => $_->[0], data => decode_json($_->[1]) } }
	    db_run("SELECT type, data FROM outbox WHERE kind = 'event' AND entity_id = ? ORDER BY id", bytes_of($thing->{id}))->fetchall_arrayref->@*;
}

sub set_policy ($organization, %policy) {
	my $reply = call('organizations.set_purchase_policy', \%policy, key => $organization->{owner}{key});

	$reply->status == 200 or die "organizations.set_purchase_policy: $reply->{status} $reply->{body}\n";
}

# Its time was over a second ago.
sub expire_now ($approval) {
	db_run('UPDATE approval SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE id = ?', bytes_of($approval->{id}));
}

1;
