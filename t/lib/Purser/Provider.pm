package Purser::Provider;

# The scripted card processor, as a test uses it: started on a free port, told what to do, asked what it did.

use v5.36;
use File::Basename qw(dirname);
use Purser::Client;
use Purser::Reply;

my $program = dirname(__FILE__) . '/../../provider/server.pl';
my $json = Purser::Reply::codec();

# `port` where it has to be a certain one.
sub new ($class, %options) {
	my $pid = open my $out, '-|', $^X, $program, $options{port} // 0 or die "$program: $!";
	my ($port, $control_port) = split ' ', <$out> // die "$program did not start\n";

	return bless { pid => $pid, out => $out, owner => $$, url => "http://127.0.0.1:$port", port => $port, key => 'sk_test_purser',
	    control => Purser::Client->new(url => "http://127.0.0.1:$control_port", record => 0) }, $class;
}

sub url ($self) { return $self->{url} }
sub key ($self) { return $self->{key} }

# A command of Purser::Provider::Control; gives its reply, dies where it is refused.
sub control ($self, $command, %in) {
	my $client = $self->{control};

	if (($self->{process} // $$) != $$) {
		delete $client->{socket};
	}
	$self->{process} = $$;
	my $reply = $client->request('POST', "/_control/$command", [], $json->encode(\%in));
	return $reply->status == 200 ? $reply->json : die "$command: $reply->{body}\n";
}

sub statistics ($self) { return $self->control('statistics') }

# What was taken for the top-up: { charges, amount, refunded, payment_intents }.
sub taken ($self, $topup_id) {
	return $self->control('taken')->{$topup_id} // { charges => 0, amount => 0, refunded => 0, payment_intents => [] };
}

sub escape ($text) { return $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger }

# Parameters as the API takes them; a list gives name[]=, a hash name[member]=.
sub form ($fields, $prefix = undef) {
	return join '&', map {
		my ($name, $value) = (defined $prefix ? "${prefix}[$_]" : $_, $fields->{$_});
		ref $value eq 'HASH' ? form($value, $name) : map { escape($name . (ref $value ? '[]' : '')) . '=' . escape($_) } ref $value ? @$value : $value
	} sort keys %$fields;
}

# A request to the API on a connection of its own, unless `client` is one. `headers` is a list.
sub api ($self, $method, $path, $fields = {}, %options) {
	my $client = $options{client} // Purser::Client->new(url => $self->{url}, record => 0, timeout => $options{timeout} // 5);
	my $form = form($fields);
	my @headers = (Authorization => "Bearer $self->{key}", 'Content-Type' => 'application/x-www-form-urlencoded',
	    defined $options{key} ? ('Idempotency-Key' => $options{key}) : (), ($options{headers} // [])->@*);

	return $client->request($method, "/v1/$path" . ($method eq 'GET' && length $form ? "?$form" : ''), \@headers, $method eq 'GET' ? undef : $form);
}

sub stop ($self) {
	my $pid = delete $self->{pid} or return;
	return if $self->{owner} != $$;

	local $?;
	kill 'TERM', $pid;
	close $self->{out};
}

sub DESTROY ($self) { $self->stop }

1;
