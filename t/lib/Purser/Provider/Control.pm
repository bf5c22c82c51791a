package Purser::Provider::Control;

# What only the tests can do: POST /_control/<command> with a JSON object, answered by one. It is the world outside
# (banks, people, the operator of the processor), the faults, the clock, and what there is to know afterwards.

use v5.36;
use Exporter 'import';
use Purser::Provider::Cards;
use Purser::Provider::Desk;
use Purser::Provider::Faults;
use Purser::Provider::Payments;
use Purser::Provider::State;
use Purser::Provider::Webhooks;
use Purser::Reply;

our @EXPORT = qw(take_control reset_all);

my $json = Purser::Reply::codec();

sub reset_all (@) {
	reset_state();
	reset_faults();
	reset_desk();
	reset_webhooks();
	return {};
}

# Seconds added to the real time (`clock`), secret keys, the account's version of the API, strict_attach.
sub set ($in) {
	exists $settings{$_} or refuse(400, "There is no setting $_.") for keys %$in;
	%settings = (%settings, %$in);
	return { now => current_time };
}

sub new_invoice ($in) {
	my $customer = find('customer', $in->{customer} // '', 'customer');
	my ($status, $amount) = ($in->{status} // 'paid', $in->{amount} // 1000);
	my $paid = $status eq 'paid' ? $amount : 0;
	my $invoice = add('invoice', customer => $customer->{id}, status => $status, currency => $in->{currency} // 'aud', number => $status eq 'draft' ? undef
	    : sprintf('F00D-%04d', 1 + objects('invoice')), amount_due => $amount, amount_paid => $paid, amount_remaining => $amount - $paid, total => $amount,
	    charge => $in->{charge}, payment_intent => $in->{payment_intent}, paid => $paid ? true : false, subscription => undef, tax => undef,
	    total_tax_amounts => [], parent => undef, total_taxes => [], confirmation_secret => undef, metadata => {});

	@$invoice{qw(hosted_invoice_url invoice_pdf)} = map { "https://invoice.stripe.com/i/$invoice->{id}$_" } '', '/pdf' if $status ne 'draft';
	return $invoice;
}

# What was really taken, and given back, for each top-up, by the metadata of its charges.
sub taken (@) {
	my %taken;

	for my $charge (reverse objects('charge')) {
		next if $charge->{status} ne 'succeeded';
		my $sum = $taken{ $charge->{metadata}{topup_id} // '' } //= { charges => 0, amount => 0, refunded => 0, payment_intents => [] };
		$sum->{charges}++;
		$sum->{amount} += $charge->{amount};
		$sum->{refunded} += $charge->{amount_refunded};
		push $sum->{payment_intents}->@*, $charge->{payment_intent};
	}
	return \%taken;
}

sub statistics (@) {
	my %effects = map { $_ => scalar(my @all = objects($_)) }
	    qw(customer payment_method setup_intent payment_intent charge refund dispute balance_transaction invoice event);

	return { desk_statistics()->%*, webhook_statistics()->%*, topups => taken(), effects => \%effects, now => current_time };
}

my %commands = (
	reset => \&reset_all,
	refuse => sub ($in) { return {} },	# for `seconds`, or until `accept`
	accept => sub ($in) { return {} },
	set => \&set,
	fault => sub ($in) { add_fault($in); return {} },
	clear_faults => sub ($in) { reset_faults(); return {} },
	webhooks => sub ($in) { script_webhooks($in); return {} },
	release => sub ($in) { return { released => release_webhooks($in) } },
	settle => sub ($in) { return settle_intent(find('payment_intent', $in->{payment_intent}), $in) },
	fail => sub ($in) { return fail_intent(find('payment_intent', $in->{payment_intent}), $in) },
	authenticate => sub ($in) { return authenticate_intent(find('payment_intent', $in->{payment_intent}), $in) },
	finish_setup => sub ($in) { return finish_setup($in->{setup_intent}, $in->{payment_method}) },
	refund => \&create_refund,
	change_refund => sub ($in) { return change_refund(find('refund', $in->{refund}), $in) },
	dispute => sub ($in) { return open_dispute(charge_of($in), $in) },
	withdraw => sub ($in) { return move_disputed_funds(find('dispute', $in->{dispute}), 'withdrawn') },
	reinstate => sub ($in) { return move_disputed_funds(find('dispute', $in->{dispute}), 'reinstated') },
	close_dispute => sub ($in) { return close_dispute(find('dispute', $in->{dispute}), $in) },
	invoice => \&new_invoice,
	event => sub ($in) { emit($in->{type}, $in->{object}); return {} },
	taken => \&taken,
	statistics => \&statistics,
);

sub run_command ($name, $in) {
	my $command = $commands{$name} or refuse(404, "There is no command $name.");
	return rendered($command->($in));
}

sub take_control ($request, $api) {
	my ($name) = $request->{path} =~ m{/([^/]*)\z};
	my $reply = sub ($status, $body) { $request->{connection}->answer($status, ['Content-Type' => 'application/json'], $json->encode($body)) };
	my $in = $request->{body} eq '' ? {} : eval { $json->decode($request->{body}) };

	return $reply->(400, { error => { message => 'The body is no JSON object.' } }) unless ref $in eq 'HASH';
	return when_delivered(sub { $reply->(200, {}) }) if $name eq 'wait';
	$api->refuse($in->{seconds}) if $name eq 'refuse';
	$api->drop(sub ($connection) { $connection != $request->{connection} }) if $name eq 'reset';
	$api->begin if $name =~ /^(?:accept|reset)$/;
	my $out = eval { run_command($name, $in) };
	return $reply->(200, $out) if $out;
	my $error = $@;
	return $reply->(ref $error ? ($error->{status}, $error->{body}) : (500, { error => { message => "$error" } }));
}

1;
