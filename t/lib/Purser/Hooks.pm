package Purser::Hooks;

# What the tests of webhooks use: a stack of its own that may reach the receivers of the test (a Purser::Payments), and the
# receivers: a Purser::Endpoint that also answers at /as/NAME/… with the status that `set` gave the name, 204 where it gave none,
# at /slow/SECONDS/… with 204 after a while, at /late/STATUS with that after two seconds, and at /turns/NAME with 204 at once and not
# at all by turns. `set` may give a list: one after the other, the last for ever.

use v5.36;
use parent -norequire, 'Purser::Hooks::Stack';

package Purser::Hooks::Receiver {
	use parent 'Purser::Endpoint';
	use Fcntl qw(:flock);
	use Time::HiRes qw(sleep);

	sub set ($self, $name, @statuses) {
		open my $out, '>', "$self->{file}.$name.new" or die $!;
		print $out join ' ', @statuses;
		close $out or die $!;
		rename "$self->{file}.$name.new", "$self->{file}.$name" or die $!;
	}

	sub next_status ($self, $name) {
		open my $file, '+<', "$self->{file}.$name" or return 204;
		flock $file, LOCK_EX;
		my ($first, @rest) = split ' ', <$file> // '';
		if (@rest) {
			seek $file, 0, 0;
			truncate $file, 0;
			print $file join ' ', @rest;
		}
		close $file;
		return $first // 204;
	}

	sub answer ($self, $socket, $path, $headers) {
		my (undef, $what, $more) = split m{/}, $path;

		return Purser::Server::reply($socket, $self->next_status($more), "it is $more") if $what eq 'as';
		if ($what eq 'late') {
			sleep 2;
			return Purser::Server::reply($socket, $more);
		}
		if ($what eq 'turns') {
			my $before = () = $self->requests($path);
			sleep 30 if $before % 2 == 0;
			return Purser::Server::reply($socket, 204);
		}
		return $self->SUPER::answer($socket, $path, $headers) if $what ne 'slow';
		sleep $more;
		return Purser::Server::reply($socket, 204);
	}

	# The events that came to a path that begins so, in order: { id, signature, timestamp, body, at, headers }.
	sub events ($self, $begin = '/') {
		return map { my $headers = $_->{headers};
			{ id => $headers->{'webhook-id'}, timestamp => $headers->{'webhook-timestamp'}, signature => $headers->{'webhook-signature'}, body => $_->{body}, at => $_->{at},
			headers => $headers } } $self->requests($begin);
	}

	sub stop ($self) {
		unlink glob "$self->{file}.*" if $self->{file} && $self->{owner} == $$;
		$self->SUPER::stop;
	}
}

package Purser::Hooks::Stack {
	use parent 'Purser::Payments';
	use Purser::Test qw(bytes_of db_run new_ulid);

	# `reach` lists what may be reached, as address:port.
	sub start ($class, %options) {
		my $reach = delete $options{reach};

		return $class->SUPER::start(PURSER_OUTGOING_ALLOW => join(',', @$reach), PURSER_OUTGOING_CA => $ENV{PURSER_CA}, %options);
	}

	sub subscribe ($self, $organization, $url, %more) {
		return $self->good('event_subscriptions.create', { event_type => '*', endpoint_url => $url, %more }, key => $organization->{key});
	}

	sub update ($self, $organization, $subscription, %more) {
		return $self->good('event_subscriptions.update', { subscription_id => $subscription->{id}, %more }, key => $organization->{key});
	}

	sub shown ($self, $organization, $subscription) {
		return $self->good('event_subscriptions.get', { subscription_id => $subscription->{id} }, key => $organization->{key});
	}

	# Deliveries to a subscription, the first event first.
	sub deliveries ($self, $organization, $subscription, %more) {
		my $rows = $self->good('event_subscriptions.deliveries.list', { subscription_id => $subscription->{id}, limit => 1000, %more }, key => $organization->{key})->{data};
		return sort { $a->{event_id} cmp $b->{event_id} } @$rows;
	}

	# Writes an event as a transaction of an operation would; gives its id.
	sub happen ($self, $organization, $type = 'order.settled', $data = '{}') {
		my $id = new_ulid();
		db_run("INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, data, created_at)
		    VALUES (?, ?, 'event', ?, 'order', ?, ?, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)", bytes_of($id), bytes_of($organization->{id}), $type, bytes_of(new_ulid()), $data, $self->{offset});
		return $id;
	}

	sub fan_out ($self) { return $self->run('events.fan_out') }
	sub deliver ($self) { return $self->run('events.deliver') }
	sub tell ($self) { return $self->fan_out && $self->deliver }
}

package Purser::Hooks;

sub receiver ($class) { return Purser::Hooks::Receiver->new }

1;
