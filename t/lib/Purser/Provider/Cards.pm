package Purser::Provider::Cards;

# Customers, their payment methods, and the test cards by name.

use v5.36;
use Exporter 'import';
use Purser::Provider::State;

our @EXPORT = qw(create_customer update_customer payment_method usable_method attach_method detach_method create_setup finish_setup find);

# `code` declines every charge. `attaches` can be kept for later even where the setting strict_attach makes the others fail
# then already, as they do at Stripe.
my %cards = (
	pm_card_visa => { last4 => '4242' },
	pm_card_mastercard => { last4 => '4444', brand => 'mastercard' },
	pm_card_chargeDeclined => { last4 => '0002', code => 'card_declined', decline_code => 'generic_decline' },
	pm_card_chargeCustomerFail => { last4 => '0341', code => 'card_declined', decline_code => 'generic_decline', attaches => 1 },
	pm_card_insufficientFunds => { last4 => '9995', code => 'card_declined', decline_code => 'insufficient_funds' },
	pm_card_chargeDeclinedLostCard => { last4 => '9987', code => 'card_declined', decline_code => 'lost_card' },
	pm_card_chargeDeclinedExpiredCard => { last4 => '0069', code => 'expired_card', decline_code => 'expired_card' },
	pm_card_authenticationRequired => { last4 => '3184', authenticates => 1 },
	pm_card_processing => { last4 => '0077', processes => 1 },
	pm_card_createDispute => { last4 => '0259', disputed => 1 },
);

# The object of the kind, or 404.
sub find ($kind, $id, $parameter = 'id') {
	my $found = object($id);

	return $found if $found && $found->{object} eq $kind;
	my $name = $kind eq 'payment_method' ? 'PaymentMethod' : $kind;
	return refuse(404, "No such $name: '$id'", code => 'resource_missing', param => $parameter);
}

sub merge_metadata ($thing, $changes) {
	for my $name (keys(($changes // {})->%*)) {
		$thing->{metadata}{$name} = $changes->{$name};
		delete $thing->{metadata}{$name} if $changes->{$name} eq '';
	}
}

# ---- customers -------------------------------------------------------------------------------------------------------

sub create_customer ($in) {
	my $customer = add('customer', balance => 0, currency => undef, default_source => undef, delinquent => false, description => undef,
	    email => undef, name => undef, phone => undef, metadata => {}, invoice_settings => { default_payment_method => undef });

	attach_method({ customer => $customer->{id} }, $in->{payment_method}) if $in->{payment_method};
	update_customer($in, $customer->{id});
	emit('customer.created', $customer);
	return $customer;
}

sub update_customer ($in, $id) {
	my $customer = find('customer', $id);
	my $default = ($in->{invoice_settings} // {})->{default_payment_method};

	if (defined $default && $default ne '') {
		my $method = find('payment_method', $default, 'invoice_settings[default_payment_method]');
		($method->{customer} // '') eq $id or refuse(400, "The customer does not have a payment method with the ID $default. The payment"
		    . ' method must be attached to the customer.', code => 'resource_missing', param => 'invoice_settings[default_payment_method]');
	}
	$customer->{invoice_settings}{default_payment_method} = $default || undef if defined $default;
	$customer->{$_} = $in->{$_} for grep { exists $in->{$_} } qw(description email name phone);
	merge_metadata($customer, $in->{metadata});
	return $customer;
}

# ---- payment methods -------------------------------------------------------------------------------------------------

# A test card's name stands for a new payment method of that card every time.
sub payment_method ($id, $parameter = 'payment_method') {
	my $card = $cards{$id} or return find('payment_method', $id, $parameter);

	return add('payment_method', type => 'card', customer => undef, metadata => {}, _card => $card, billing_details => { email => undef, name => undef },
	    card => { brand => $card->{brand} // 'visa', last4 => $card->{last4}, exp_month => 12, exp_year => 2040, country => 'AU', funding => 'credit' });
}

# The one that a payment or a set-up may use.
sub usable_method ($id, $customer) {
	my $method = payment_method($id);

	$method->{_detached} and refuse(400, 'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment,'
	    . ' shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again.');
	return $method unless $method->{customer};
	$customer or refuse(400, "The PaymentMethod $id belongs to a Customer. Please include the Customer in the `customer` parameter.");
	$method->{customer} eq $customer or refuse(400, "The provided PaymentMethod does not belong to the Customer $customer.");
	return $method;
}

sub attach_method ($in, $id) {
	my $customer = find('customer', $in->{customer}, 'customer');
	my $method = usable_method($id, $in->{customer});
	my $card = $method->{_card};

	if ($settings{strict_attach} && $card->{code} && !$card->{attaches}) {
		refuse(402, 'Your card was declined.', type => 'card_error', code => $card->{code}, decline_code => $card->{decline_code});
	}
	$method->{customer} = $customer->{id};
	emit('payment_method.attached', $method);
	return $method;
}

sub detach_method ($in, $id) {
	my $method = find('payment_method', $id, 'payment_method');

	$method->{customer} or refuse(400, 'The payment method you provided is not attached to a customer so detachment is impossible.');
	my $settings = object($method->{customer})->{invoice_settings};
	$settings->{default_payment_method} = undef if ($settings->{default_payment_method} // '') eq $id;
	@$method{qw(customer _detached)} = (undef, 1);
	emit('payment_method.detached', $method);
	return $method;
}

# ---- set-ups ---------------------------------------------------------------------------------------------------------

sub create_setup ($in) {
	find('customer', $in->{customer}, 'customer') if $in->{customer};
	my $setup = add('setup_intent', customer => $in->{customer}, metadata => $in->{metadata} // {}, payment_method => undef,
	    payment_method_types => $in->{payment_method_types} // ['card'], usage => $in->{usage} // 'off_session', description => $in->{description},
	    status => 'requires_payment_method', last_setup_error => undef, next_action => undef);

	$setup->{client_secret} = new_id("$setup->{id}_secret");
	emit('setup_intent.created', $setup);
	return $setup;
}

# What a person does in a browser: names a card, which becomes the customer's.
sub finish_setup ($id, $card) {
	my $setup = find('setup_intent', $id);
	my $method = payment_method($card);

	attach_method({ customer => $setup->{customer} }, $method->{id}) if $setup->{customer};
	@$setup{qw(status payment_method)} = ('succeeded', $method->{id});
	emit('setup_intent.succeeded', $setup);
	return $setup;
}

1;
