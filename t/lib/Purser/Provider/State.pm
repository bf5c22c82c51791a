package Purser::Provider::State;

# What the processor knows: its objects by id, its clock, its settings, and the events it tells.

use v5.36;
use Digest::SHA qw(sha256_base64);
use Exporter 'import';
use Time::HiRes ();

our @EXPORT = qw(%settings reset_state set_seed current_time new_id add object objects rendered refuse emit on_event true false);

our %settings;
our $request;	# the one that is at work, where there is one

my (%objects, %order, $listener);
my ($seed, $count) = ('', 0);

sub true :prototype() () { return \1 }
sub false :prototype() () { return \0 }

sub reset_state () {
	(%objects, %order) = ();
	%settings = (clock => 0, secret_keys => ['sk_test_purser'], version => '2024-06-20', strict_attach => 0);
}

sub set_seed ($text) { $seed = $text }

sub current_time :prototype() () { return int(Time::HiRes::time() + $settings{clock}) }

# Differs between servers of different seeds, and after a reset too.
sub new_id ($prefix) {
	(my $text = sha256_base64("$seed " . ++$count)) =~ tr{+/}{xy};
	return "${prefix}_1" . substr $text, 0, 23;
}

my %prefixes = (customer => 'cus', payment_intent => 'pi', payment_method => 'pm', setup_intent => 'seti', charge => 'ch', refund => 're',
    dispute => 'dp', balance_transaction => 'txn', invoice => 'in', event => 'evt');

# A new object; members that begin with `_` are never shown.
sub add ($kind, %members) {
	my $id = $members{id} // new_id($prefixes{$kind});

	push $order{$kind}->@*, $id;
	return $objects{$id} = { object => $kind, created => current_time, livemode => false, %members, id => $id };
}

sub object ($id) { return $objects{ $id // '' } }

# All of a kind, newest first.
sub objects ($kind) { return map { $objects{$_} } reverse(($order{$kind} // [])->@*) }

# Ends the request with an error of the processor's.
sub refuse ($status, $message, %more) {
	die { status => $status, body => { error => { type => 'invalid_request_error', message => $message, %more } } };
}

my %old_invoice = map { $_ => 1 } qw(charge payment_intent paid subscription tax total_tax_amounts);
my %new_invoice = map { $_ => 1 } qw(parent total_taxes confirmation_secret);

# A copy as that version of the API shows it. Invoices changed with 2025-03-31.
sub rendered ($thing, $version = $settings{version}) {
	return [map { rendered($_, $version) } @$thing] if ref $thing eq 'ARRAY';
	return $thing if ref $thing ne 'HASH';
	my $hidden = ($thing->{object} // '') ne 'invoice' ? {} : $version ge '2025-03-31' ? \%old_invoice : \%new_invoice;
	return { map { $_ => rendered($thing->{$_}, $version) } grep { !/^_/ && !$hidden->{$_} } keys %$thing };
}

sub on_event ($callback) { $listener = $callback }

sub emit ($type, $thing) {
	my $event = add('event', type => $type, api_version => $settings{version}, data => { object => rendered($thing) }, pending_webhooks => 0,
	    request => { id => $request && $request->{id}, idempotency_key => $request && $request->{key} });

	$listener->($event, $request);
}

1;
