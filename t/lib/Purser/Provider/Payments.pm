package Purser::Provider::Payments;

# Payments and what becomes of them: charged, declined, refunded, disputed. Every movement of money is a balance
# transaction.

use v5.36;
use Exporter 'import';
use Purser::Provider::Cards;
use Purser::Provider::State;

our @EXPORT = qw(create_intent confirm_intent cancel_intent settle_intent fail_intent authenticate_intent create_refund change_refund
    open_dispute move_disputed_funds close_dispute charge_of);

# ---- payment intents -------------------------------------------------------------------------------------------------

sub create_intent ($in) {
	my $amount = $in->{amount};

	$amount < 50 and refuse(400, 'Amount must be at least 50 cents', code => 'amount_too_small', param => 'amount');
	$amount > 99_999_999 and refuse(400, 'Amount must be no more than 999,999.99', code => 'amount_too_large', param => 'amount');
	$in->{off_session} && !$in->{confirm} and refuse(400, 'You must set confirm=true when setting off_session.', param => 'off_session');
	find('customer', $in->{customer}, 'customer') if $in->{customer};
	my $method = $in->{payment_method} && usable_method($in->{payment_method}, $in->{customer});
	my $intent = add('payment_intent', amount => $amount, currency => $in->{currency}, amount_received => 0, amount_capturable => 0,
	    customer => $in->{customer}, description => $in->{description}, metadata => $in->{metadata} // {}, receipt_email => $in->{receipt_email},
	    payment_method => $method ? $method->{id} : undef, payment_method_types => $in->{payment_method_types} // ['card'],
	    status => $method ? 'requires_confirmation' : 'requires_payment_method', capture_method => 'automatic', confirmation_method => 'automatic',
	    latest_charge => undef, last_payment_error => undef, next_action => undef, canceled_at => undef, cancellation_reason => undef,
	    setup_future_usage => $in->{setup_future_usage}, _redirects => may_redirect($in));

	$intent->{client_secret} = new_id("$intent->{id}_secret");
	emit('payment_intent.created', $intent);
	return $in->{confirm} ? confirm_intent({ %$in{ grep { $_ ne 'payment_method' } keys %$in } }, $intent->{id}) : $intent;
}

# Since 2023-08-16, unless the request says otherwise, a payment may lead through another site, and needs a way back.
sub may_redirect ($in) {
	my $automatic = $in->{automatic_payment_methods} // {};

	return !$in->{payment_method_types} && $Purser::Provider::State::request->{version} ge '2023-08-16'
	    && ($automatic->{enabled} // 1) && ($automatic->{allow_redirects} // 'always') ne 'never';
}

sub unexpected ($intent, $verb) {
	return refuse(400, "You cannot $verb this PaymentIntent because it has a status of $intent->{status}.", code => 'payment_intent_unexpected_state',
	    payment_intent => rendered($intent));
}

sub confirm_intent ($in, $id) {
	my $intent = find('payment_intent', $id, 'intent');
	my $wanted = $in->{payment_method} // $intent->{payment_method};

	unexpected($intent, 'confirm') unless $intent->{status} =~ /^requires_(?:payment_method|confirmation|action)$/;
	defined $wanted or refuse(400, "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the"
	    . ' PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method.',
	    code => 'payment_intent_unexpected_state', payment_intent => rendered($intent));
	$intent->{_redirects} && !$in->{return_url} and refuse(400, 'This PaymentIntent is configured to accept payment methods enabled in your'
	    . ' Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`.');

	my $method = usable_method($wanted, $intent->{customer});
	my $card = $method->{_card};
	@$intent{qw(payment_method last_payment_error next_action)} = ($method->{id}, undef, undef);
	return decline($intent, $method, $card, 1) if $card->{code};
	return start_processing($intent, $method) if $card->{processes};
	return succeed($intent, $method, $intent->{amount}) unless $card->{authenticates};
	my %refusal = (code => 'authentication_required', decline_code => 'authentication_required',
	    message => 'Your card was declined. This transaction requires authentication.');
	return decline($intent, $method, \%refusal, 1) if $in->{off_session} || $in->{error_on_requires_action};
	@$intent{qw(status next_action)} = ('requires_action', { type => 'use_stripe_sdk', use_stripe_sdk => { type => 'three_d_secure_redirect' } });
	emit('payment_intent.requires_action', $intent);
	return $intent;
}

sub cancel_intent ($in, $id) {
	my $intent = find('payment_intent', $id, 'intent');

	unexpected($intent, 'cancel') unless $intent->{status} =~ /^requires_/;
	@$intent{qw(status canceled_at cancellation_reason next_action)} = ('canceled', current_time, $in->{cancellation_reason}, undef);
	emit('payment_intent.canceled', $intent);
	return $intent;
}

sub start_processing ($intent, $method) {
	my $charge = add_charge($intent, $method, $intent->{amount}, status => 'pending', paid => false);

	@$intent{qw(status latest_charge)} = ('processing', $charge->{id});
	emit('charge.pending', $charge);
	emit('payment_intent.processing', $intent);
	return $intent;
}

# The money is there. What was received may differ from what was asked for.
sub succeed ($intent, $method, $amount, $charge = add_charge($intent, $method, $amount)) {
	%$charge = (%$charge, amount => $amount, amount_captured => $amount, paid => true, status => 'succeeded');
	$charge->{balance_transaction} = book($charge, 'charge', $amount, int($amount * 175 / 10_000) + 30);
	%$intent = (%$intent, status => 'succeeded', amount_received => $amount, latest_charge => $charge->{id}, last_payment_error => undef,
	    next_action => undef, payment_method => $method->{id});
	emit('charge.succeeded', $charge);
	emit('payment_intent.succeeded', $intent);
	open_dispute($charge, {}) if $method->{_card}{disputed};
	return $intent;
}

# Within a request the caller gets the error; the payment is open for another card in any case.
sub decline ($intent, $method, $refusal, $in_request, $charge = add_charge($intent, $method, $intent->{amount})) {
	my $message = $refusal->{message} // ($refusal->{decline_code} eq 'insufficient_funds' ? 'Your card has insufficient funds.' : 'Your card was declined.');
	my %error = (type => 'card_error', code => $refusal->{code}, decline_code => $refusal->{decline_code}, message => $message,
	    charge => $charge->{id}, payment_method => rendered($method));

	%$charge = (%$charge, status => 'failed', paid => false, captured => false, amount_captured => 0, failure_code => $refusal->{code},
	    failure_message => $message);
	%$intent = (%$intent, status => 'requires_payment_method', payment_method => undef, latest_charge => $charge->{id}, last_payment_error => \%error,
	    next_action => undef, _tried => $method->{id});
	emit('charge.failed', $charge);
	emit('payment_intent.payment_failed', $intent);
	return $intent unless $in_request;
	return refuse(402, $message, %error, payment_intent => rendered($intent), doc_url => "https://stripe.com/docs/error-codes/$refusal->{code}");
}

# ---- what happens to a payment without a request ---------------------------------------------------------------------

sub settle_intent ($intent, $in) {
	unexpected($intent, 'settle') unless $intent->{status} eq 'processing';
	return succeed($intent, object($intent->{payment_method}), $in->{amount} // $intent->{amount}, object($intent->{latest_charge}));
}

sub fail_intent ($intent, $in) {
	unexpected($intent, 'fail') unless $intent->{status} eq 'processing';
	return decline($intent, object($intent->{payment_method}), { code => 'card_declined', decline_code => $in->{decline_code} // 'generic_decline' }, 0,
	    object($intent->{latest_charge}));
}

# The person answers the bank: for a payment that waits for it, or one that was refused for want of it.
sub authenticate_intent ($intent, $in) {
	my $wanting = ($intent->{last_payment_error} // {})->{code} // '';
	unexpected($intent, 'authenticate') unless $intent->{status} eq 'requires_action'
	    || $intent->{status} eq 'requires_payment_method' && $wanting eq 'authentication_required';
	my $method = object($intent->{payment_method} // $intent->{_tried});

	return succeed($intent, $method, $intent->{amount}) unless $in->{fails};
	%$intent = (%$intent, status => 'requires_payment_method', payment_method => undef, next_action => undef, _tried => $method->{id},
	    last_payment_error => { type => 'invalid_request_error', code => 'payment_intent_authentication_failure', payment_method => rendered($method),
		message => 'The provided PaymentMethod has failed authentication.' });
	emit('payment_intent.payment_failed', $intent);
	return $intent;
}

# ---- charges ---------------------------------------------------------------------------------------------------------

sub add_charge ($intent, $method, $amount, %more) {
	return add('charge', amount => $amount, amount_captured => 0, amount_refunded => 0, captured => true, refunded => false, disputed => false,
	    balance_transaction => undef, currency => $intent->{currency}, customer => $intent->{customer}, description => $intent->{description},
	    failure_code => undef, failure_message => undef, metadata => { $intent->{metadata}->%* }, payment_intent => $intent->{id},
	    payment_method => $method->{id}, payment_method_details => { type => 'card', card => $method->{card} }, %more);
}

# A movement of the processor's balance because of the source; gives its id.
sub book ($source, $type, $amount, $fee = 0) {
	my $booked = add('balance_transaction', amount => $amount, fee => $fee, net => $amount - $fee, currency => $source->{currency}, type => $type,
	    reporting_category => $type, source => $source->{id}, status => 'available', available_on => current_time, description => undef);

	return $booked->{id};
}

# The charge that a charge's or a payment's id names.
sub charge_of ($in) {
	return find('charge', $in->{charge}, 'charge') if $in->{charge};
	my $intent = find('payment_intent', $in->{payment_intent} // '', 'payment_intent');
	my $charge = object($intent->{latest_charge});
	return $charge && $charge->{status} eq 'succeeded' ? $charge
	    : refuse(400, "This PaymentIntent ($intent->{id}) does not have a successful charge to refund.", param => 'payment_intent');
}

# ---- refunds ---------------------------------------------------------------------------------------------------------

sub create_refund ($in) {
	my $charge = charge_of($in);
	my $left = $charge->{amount} - $charge->{amount_refunded};
	my $amount = $in->{amount} // $left;

	$left == 0 and refuse(400, "Charge $charge->{id} has already been refunded.", code => 'charge_already_refunded');
	${ $charge->{disputed} } and refuse(400, "Charge $charge->{id} has been charged back; cannot issue a refund.", code => 'charge_disputed');
	$amount < 1 and refuse(400, 'Invalid positive integer', code => 'parameter_invalid_integer', param => 'amount');
	$amount > $left and refuse(400, "Refund amount ($amount) is greater than unrefunded amount on charge ($left)", param => 'amount');
	my $refund = add('refund', amount => $amount, charge => $charge->{id}, payment_intent => $charge->{payment_intent}, currency => $charge->{currency},
	    metadata => $in->{metadata} // {}, reason => $in->{reason}, status => 'succeeded', failure_reason => undef);
	$refund->{balance_transaction} = book($refund, 'refund', -$amount);
	count_refunded($charge, $amount);
	emit('refund.created', $refund);
	emit('charge.refunded', $charge);
	return $refund;
}

sub count_refunded ($charge, $amount) {
	$charge->{amount_refunded} += $amount;
	$charge->{refunded} = $charge->{amount_refunded} == $charge->{amount} ? true : false;
}

# A refund that fails afterwards: the money is back with the merchant.
sub change_refund ($refund, $in) {
	$refund->{status} eq 'failed' and refuse(400, 'The refund has failed already.');
	$refund->{status} = $in->{status} // 'failed';
	if ($refund->{status} eq 'failed') {
		$refund->{failure_reason} = 'lost_or_stolen_card';
		$refund->{failure_balance_transaction} = book($refund, 'refund_failure', $refund->{amount});
		count_refunded(object($refund->{charge}), -$refund->{amount});
		emit('refund.failed', $refund);
	}
	emit('refund.updated', $refund);
	return $refund;
}

# ---- disputes --------------------------------------------------------------------------------------------------------

# The bank takes the money back at once, unless `withdraws` is false.
sub open_dispute ($charge, $in) {
	my $dispute = add('dispute', amount => $in->{amount} // $charge->{amount}, charge => $charge->{id}, payment_intent => $charge->{payment_intent},
	    currency => $charge->{currency}, reason => $in->{reason} // 'fraudulent', status => 'needs_response', metadata => {}, balance_transactions => [],
	    is_charge_refundable => false, evidence_details => { due_by => current_time + 7 * 86400, has_evidence => false, submission_count => 0 });

	$charge->{disputed} = true;
	emit('charge.dispute.created', $dispute);
	move_disputed_funds($dispute, 'withdrawn') if $in->{withdraws} // 1;
	return $dispute;
}

# `withdrawn` or `reinstated`.
sub move_disputed_funds ($dispute, $direction) {
	($dispute->{_funds} // 'reinstated') eq $direction and refuse(400, "The funds are $direction already.");
	my $booked = book($dispute, 'adjustment', $direction eq 'withdrawn' ? -$dispute->{amount} : $dispute->{amount});

	object($booked)->{reporting_category} = $direction eq 'withdrawn' ? 'dispute' : 'dispute_reversal';
	$dispute->{_funds} = $direction;
	push $dispute->{balance_transactions}->@*, object($booked);
	emit("charge.dispute.funds_$direction", $dispute);
	return $dispute;
}

# `status` won or lost. A win gives the money back, unless `reinstates` is false.
sub close_dispute ($dispute, $in) {
	$dispute->{status} =~ /^(?:won|lost)$/ and refuse(400, 'The dispute is closed already.');
	$dispute->{status} = $in->{status} eq 'won' ? 'won' : 'lost';
	emit('charge.dispute.closed', $dispute);
	move_disputed_funds($dispute, 'reinstated')
	    if $dispute->{status} eq 'won' && ($in->{reinstates} // 1) && ($dispute->{_funds} // '') eq 'withdrawn';
	return $dispute;
}

1;
