package Purser::Cards;

# Cards of the sandbox, as the tests use them.

use v5.36;
use Exporter 'import';
use Purser::Test;

our @EXPORT = qw(attach cards_of default_of new_card_row);

# The reply of attaching a test card; options as of `call`.
sub attach ($organization, $card = 'pm_card_visa', %options) {
	return call('payment_methods.attach', { payment_method_id => $card }, key => $organization->{key}, %options);
}

# What is listed, newest first.
sub cards_of ($organization) {
	return call('payment_methods.list', {}, key => $organization->{key})->json->{data}->@*;
}

# The ids of those that are the default: one, or none.
sub default_of ($organization) {
	return map { $_->{id} } grep { $_->{isDefault} } cards_of($organization);
}

# A card that only our own row knows. Options are columns.
sub new_card_row ($organization, %columns) {
	my $id = new_ulid();
	my %row = (provider => 'sandbox', card_id => "pm_row_$id", brand => 'visa', last4 => '4242', exp_month => 12, exp_year => 2999, %columns);
	my @names = sort keys %row;

	db_run('INSERT INTO payment_method (id, organization_id, created_at' . join('', map { ", $_" } @names) . ') VALUES (?, ?, UTC_TIMESTAMP(6)' . ', ?' x @names . ')',
	    bytes_of($id), bytes_of($organization->{id}), @row{@names});
	return $id;
}

1;
