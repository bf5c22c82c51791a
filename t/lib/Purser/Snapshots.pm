package Purser::Snapshots;

# A stack of its own whose balances come from a provider of the test: a Purser::Payments, and a small server over https, under
# the stack's certificate, that answers for each organization what it was told to, or does what a provider should not.
#
#	my $stack = Purser::Snapshots->start;
#	$stack->answer($organization, '{"amount": "12.5", "currency": "EUR"}');
#	$stack->answer($organization, undef, fault => 'hang');
#	$stack->collect;

use v5.36;
use parent 'Purser::Payments';
use Purser::Test qw(bytes_of db_run db_value);
use Purser::Jobs;

my $three_hours = 3 * 3600;

# `source` is another one than the provider.
sub start ($class, %options) {
	my $upstream = Purser::Snapshots::Upstream->new;
	my $source = delete $options{source} // $upstream->url('/balances/{organization_id}?of=purser');
	my $self = $class->SUPER::start(PURSER_SNAPSHOT_SOURCE => $source, PURSER_SNAPSHOT_TOKEN => 'shown-to-the-provider',
	    PURSER_OUTGOING_CA => $ENV{PURSER_CA}, %options);

	$self->{upstream} = $upstream;
	return $self;
}

sub upstream ($self) { return $self->{upstream} }

# From now on; options are status, type, and fault: hang, drip, reset, huge, redirect.
sub answer ($self, $organization, $body, %options) {
	return $self->{upstream}->set($organization->{id}, $body, %options);
}

# Everything that is due is collected; `later` after so long that everything is.
sub collect ($self, $what = 'balance') { return $self->run("snapshots.collect_$what") }
sub collect_later ($self, $what = 'balance') {
	$self->later($three_hours);
	return $self->collect($what);
}

# Amount and currency of each, the oldest first.
sub balances ($self, $organization) {
	return map { "$_->[0] $_->[1]" } db_run('SELECT amount, currency FROM balance_snapshot WHERE organization_id = ? ORDER BY id',
	    bytes_of($organization->{id}))->fetchall_arrayref->@*;
}

sub turn ($self, $organization, $kind = 'balance') {
	return db_run('SELECT * FROM snapshot_turn WHERE organization_id = ? AND kind = ?', bytes_of($organization->{id}), $kind)->fetchrow_hashref;
}

# In how many seconds it is collected next, by the clock of the stack.
sub due_in ($self, $organization, $kind = 'balance') {
	return db_value('SELECT ROUND(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), due_at) / 1e6 - ?) FROM snapshot_turn WHERE organization_id = ? AND kind = ?',
	    $self->{offset}, bytes_of($organization->{id}), $kind);
}

sub stop ($self) {
	$self->{upstream}->stop if $self->{upstream};
	return $self->SUPER::stop;
}

# Its server.
package Purser::Snapshots::Upstream {
	use parent 'Purser::Server';
	use JSON::PP ();
	use Time::HiRes qw(sleep);

	my $codec = JSON::PP->new->canonical;

	sub new ($class) {
		my $self = $class->SUPER::new;
		$self->tell;
		return $self;
	}

	# Its processes read it anew for every request.
	sub tell ($self) {
		my $answers = "$self->{file}.answers";
		open my $out, '>', "$answers.new" or die "$answers: $!";
		print $out $codec->encode($self->{told} // {});
		close $out or die $!;
		rename "$answers.new", $answers or die $!;
	}

	sub set ($self, $id, $body, %options) {
		$self->{told}{$id} = { body => $body, %options };
		$self->tell;
	}

	# Of one organization where it is named.
	sub requests ($self, $id = '') {
		return grep { index($_->{path}, $id) >= 0 } $self->SUPER::requests;
	}

	sub told_for ($self, $path) {
		my ($id) = $path =~ m{^/balances/([0-9A-Z]{26})\b} or return { status => 404, body => '{}' };
		open my $in, '<', "$self->{file}.answers" or die "$self->{file}.answers: $!";
		local $/;
		return $codec->decode(<$in>)->{$id} // { status => 404, body => '{}' };
	}

	sub answer ($self, $socket, $path, $headers) {
		my $told = $self->told_for($path);
		my $fault = $told->{fault} // '';
		my $type = 'Content-Type: ' . ($told->{type} // 'application/json; charset=utf-8');

		if ($fault eq 'hang') {
			sleep 60;
		} elsif ($fault eq 'reset') {
			return Purser::Server::reset_connection($socket);
		} elsif ($fault eq 'drip') { # an answer whose end never comes
			syswrite $socket, "HTTP/1.1 200 OK\r\n$type\r\nContent-Length: 100000\r\n\r\n$told->{body}";
			for (1 .. 60) { sleep 1; syswrite $socket, ' ' or return 0 }
			return 0;
		} elsif ($fault eq 'huge') {
			return Purser::Server::endless($socket, ' ', $told->{body}, $type);
		} elsif ($fault eq 'redirect') {
			return Purser::Server::reply($socket, 302, '', 'Location: ' . $self->url('/balances/elsewhere'));
		}
		return Purser::Server::reply($socket, $told->{status} // 200, $told->{body} // '', $type);
	}

	sub stop ($self) {
		unlink "$self->{file}.answers" if $self->{file} && $self->{owner} == $$;
		$self->SUPER::stop;
	}
}

1;
