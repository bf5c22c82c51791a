package Purser::Provider::Desk;

# The way of a request: who calls, what fault it meets, its Idempotency-Key, its effect, and the reply.

use v5.36;
use Exporter 'import';
use MIME::Base64 qw(decode_base64);
use Purser::Provider::Faults;
use Purser::Provider::Loop;
use Purser::Provider::Parameters;
use Purser::Provider::Routes;
use Purser::Provider::State;
use Purser::Reply;

our @EXPORT = qw(take_request reset_desk desk_statistics);

my $json = Purser::Reply::codec();
my (%keys, @log);
my $generation = 0;

# What is under way is forgotten.
sub reset_desk () {
	%keys = ();
	@log = ();
	$generation++;
}

sub desk_statistics () {
	my %requests;
	$requests{ $_->{name} }{ $_->{status} // 'none' }++ for @log;
	return { log => \@log, requests => \%requests, keys => { map { $_ => { %{ $keys{$_} }{qw(uses replays status)} } } keys %keys } };
}

# ---- who calls -------------------------------------------------------------------------------------------------------

sub authenticate ($request) {
	my $header = $request->{headers}{authorization} // '';
	my $key = $header =~ /^Bearer (\S+)$/i ? $1 : $header =~ /^Basic (\S+)$/i ? decode_base64($1) =~ s/:.*//sr : '';

	$key eq '' and refuse(401, 'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth'
	    . ' (e.g. \'Authorization: Bearer YOUR_SECRET_KEY\').');
	grep({ $_ eq $key } $settings{secret_keys}->@*) or refuse(401, 'Invalid API Key provided: ' . substr($key, 0, 8) . '****');
}

# ---- the Idempotency-Key ---------------------------------------------------------------------------------------------

# The stored reply, where there is one; marks the key as in use where there is none. A key is forgotten after a day.
sub claim ($request, $form) {
	my $key = $request->{key} // return;
	my $same = $json->encode([$request->{method}, $request->{path}, $form]);
	my $known = $keys{$key};

	length $key > 255 and refuse(400, 'Keys for idempotent requests must be at most 255 characters long.', type => 'idempotency_error');
	$known = undef if $known && current_time - $known->{at} >= 86_400;
	if ($known && ($known->{running} || $known->{stored})) {
		$known->{same} eq $same or refuse(400, 'Keys for idempotent requests can only be used with the same parameters they were first used with.'
		    . " Try using a key other than '$key' if you meant to execute a different request.", type => 'idempotency_error');
		$known->{running} and refuse(409, 'There is currently another in-progress request using this Idempotency-Key (that probably means you'
		    . ' submitted twice, and the other request is still going through).', code => 'idempotency_key_in_use');
		@$known{qw(uses replays)} = ($known->{uses} + 1, $known->{replays} + 1);
		return { $known->{stored}->%*, headers => ['Idempotent-Replayed' => 'true', 'Original-Request' => $known->{request_id}] };
	}
	$keys{$key} = { at => current_time, same => $same, running => 1, uses => 1 + ($known ? $known->{uses} : 0), replays => $known ? $known->{replays} : 0 };
	$request->{claim} = $keys{$key};
	return;
}

# Successes, declined cards and the processor's own failures stay with the key; other refusals leave it free.
sub stays ($reply) { return $reply->{status} =~ /^(?:2..|402|500)$/ ? 1 : 0 }

sub keep ($request, $reply, $stays) {
	my $claim = $request->{claim} or return;

	@$claim{qw(stored status request_id)} = ($reply, $reply->{status}, $request->{id}) if $stays;
}

# ---- the effect ------------------------------------------------------------------------------------------------------

# What `work` gives as a reply, or what it refused with.
sub outcome ($work) {
	my $body = eval { $work->() };

	return { status => 200, body => $body } if $body;
	my $error = $@;
	return $error if ref $error eq 'HASH' && $error->{status};
	print STDERR "provider: $error";
	return { status => 500, body => { error => { type => 'api_error', message => 'The scripted processor is broken.' } } };
}

# All that is done at one moment, once per request that no fault keeps from it.
sub carry_out ($request, $route, $form) {
	local $Purser::Provider::State::request = $request;
	my $false = fault_reply($request->{fault});
	my $untouched = $false && $request->{fault}{when} eq 'before';
	my $reply = $untouched ? $false : outcome(sub { run_route($route, $form, $request->{version}) });
	my $stored = $false ? $request->{fault}{stored} // (ref $false->{body} && stays($false) ? 1 : undef) : undef;

	$request->{log}{effect} = $untouched ? 0 : 1;
	keep($request, $stored ? $false : $reply, $stored // (!$untouched && stays($reply)));
	return $false // $reply;
}

# ---- the way ---------------------------------------------------------------------------------------------------------

sub take_request ($request) {
	my ($headers, $fault) = ($request->{headers}, fault_for($request));
	my $route = find_route(@$request{qw(method path)});

	%$request = (%$request, id => new_id('req'), fault => $fault, version => $headers->{'stripe-version'} // $settings{version}, deliveries => 0,
	    key => $request->{method} eq 'POST' ? $headers->{'idempotency-key'} : undef);
	$request->{log} = { name => $route ? $route->{name} : "$request->{method} $request->{path}", path => $request->{path}, key => $request->{key},
	    id => $request->{id}, at => current_time, version => $request->{version} };
	push @log, $request->{log};
	my $before = $fault->{when} eq 'before';
	my $cut = $before && ($fault->{reset} || $fault->{refuse});
	return cut_off($request) if $cut && !$fault->{hang};

	my ($form, $replayed);
	my $refused = outcome(sub {
		authenticate($request);
		$route or refuse(404, "Unrecognized request URL ($request->{method}: $request->{path}). Please see https://stripe.com/docs.");
		$form = parse_form($request->{method} eq 'POST' ? $request->{body} : $request->{query});
		$replayed = claim($request, $form);
		return 1;
	});
	my $known = $refused->{status} == 200 ? $replayed : $refused;
	later($request, $before && $fault->{hang}, sub {
		return cut_off($request) if $cut;
		return $known ? reply_with($request, fault_reply($fault) // $known) : perform($request, $route, $form);
	});
}

sub later ($request, $seconds, $work) {
	return $work->() unless $seconds;
	my $mine = $generation;
	after($seconds, sub { $work->() if $mine == $generation });
}

# The effect, then the webhooks that are to come before the reply.
sub perform ($request, $route, $form) {
	my $reply = carry_out($request, $route, $form);

	return reply_with($request, $reply) if $request->{deliveries} == 0;
	$request->{resume} = sub { reply_with($request, $reply) };
}

sub reply_with ($request, $reply) {
	my $fault = $request->{fault};
	my $after = $fault->{when} eq 'after';

	later($request, $after && $fault->{hang}, sub {
		return $after && ($fault->{reset} || $fault->{refuse}) ? cut_off($request) : finish($request, $reply);
	});
}

sub release ($request) {
	delete $request->{claim}{running} if $request->{claim};
}

sub cut_off ($request) {
	my $connection = $request->{connection};

	release($request);
	$connection->{listener}->refuse($request->{fault}{refuse}) if $request->{fault}{refuse};
	$connection->end(1);
}

sub finish ($request, $reply) {
	my $fault = $request->{fault};
	my $body = ref $reply->{body} ? $json->encode($reply->{body}) : $reply->{body};
	my @headers = ($reply->{headers} // [])->@*;

	release($request);
	$request->{log}{status} = 0 + $reply->{status};
	push @headers, 'WWW-Authenticate' => 'Basic realm="Stripe"' if $reply->{status} == 401;
	push @headers, 'Idempotency-Key' => $request->{key} if defined $request->{key};
	push @headers, ($fault->{headers} // {})->%*;
	$request->{connection}->answer($reply->{status}, ['Content-Type' => $fault->{content_type} // 'application/json', 'Request-Id' => $request->{id},
	    'Stripe-Version' => $request->{version}, @headers], $body, %$fault{qw(cut drip)});
}

1;
