package Purser::Provider::Faults;

# What a test has the processor do wrong.

use v5.36;
use Exporter 'import';
use Purser::Provider::State;

our @EXPORT = qw(reset_faults add_fault fault_for fault_reply);

my @faults;

sub reset_faults () { @faults = () }

# `method` and `path` (a pattern) say which requests; the first `skip` of those go well, then `times` (1; 0 is every one)
# are at fault. What goes wrong, alone or together:
#   when          before (the default) or after the effect: whether the request is carried out before it goes wrong
#   refuse        seconds for which nobody gets a connection; this one is reset, as by `reset`
#   reset         the connection ends without a reply
#   hang          seconds of silence, before or after the effect
#   status        another reply: an error with `code`, `type`, `message`; or `body` as it is; `html` for a page
#   stored        what the Idempotency-Key keeps: true, the false reply (so it is where nothing is said for 500 and 402);
#                 false, nothing; else what really happened
#   headers       more headers, such as Stripe-Should-Retry
#   content_type, cut (bytes that are missing at the end), drip (seconds between two bytes): how the reply goes out
sub add_fault ($fault) {
	state %known = map { $_ => 1 } qw(method path skip times when refuse reset hang status code type message body html stored headers content_type cut drip);
	my @unknown = grep { !$known{$_} } sort keys %$fault;

	@unknown and refuse(400, "A fault has no @unknown.");
	push @faults, { when => 'before', path => '.', method => '', skip => 0, %$fault, left => $fault->{times} // 1 };
	$faults[-1]{html} and $faults[-1]{body} //= "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body>\r\n</html>\r\n";
	$faults[-1]{html} and $faults[-1]{content_type} //= 'text/html';
}

# The fault that this request meets; an empty one where it meets none.
sub fault_for ($request) {
	for my $fault (@faults) {
		next if $fault->{left} < 0 || $fault->{method} && $fault->{method} ne $request->{method} || $request->{path} !~ $fault->{path};
		next if $fault->{skip}-- > 0;
		$fault->{skip} = 0;
		# None left is below 0, since 0 is without end.
		$fault->{left} = -1 if $fault->{left} > 0 && --$fault->{left} == 0;
		return $fault;
	}
	return { when => '' };
}

my %errors = (
	409 => { code => 'idempotency_key_in_use', message => 'There is currently another in-progress request using this Idempotency-Key.' },
	429 => { code => 'lock_timeout', message => 'This object cannot be accessed right now because another API request is currently accessing it.' },
	500 => { type => 'api_error', message => 'An unknown error occurred' },
	503 => { type => 'api_error', message => 'Service unavailable' },
);

# The reply in the place of the true one, { status, body }; nothing where the fault leaves it alone.
sub fault_reply ($fault) {
	return { status => $fault->{status} // 200, body => $fault->{body} } if defined $fault->{body};
	return undef unless $fault->{status};
	my %error = (type => 'invalid_request_error', ($errors{ $fault->{status} } // { message => 'Something went wrong.' })->%*,
	    map { defined $fault->{$_} ? ($_ => $fault->{$_}) : () } qw(type code message));
	return { status => $fault->{status}, body => { error => \%error } };
}

1;
