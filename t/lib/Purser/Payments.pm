package Purser::Payments;

# A pool of workers and jobs that charge cards at a scripted processor: with a database, a clock and a processor of their own,
# so that a test can do to each of them what it likes.
#
#	my $stack = Purser::Payments->start;
#	my $buyer = $stack->new_buyer('pm_card_visa');
#	my $reply = $stack->call('billing.topup', { credits => 100 }, key => $buyer->{key}, idempotency_key => 'once');
#
# db_run and the like of Purser::Test, run_job and private_clock of Purser::Jobs act on the same database from then on; call,
# new_organization and grant of Purser::Test do not: the methods here do.

use v5.36;
use IO::Socket::UNIX;
use POSIX ();
use List::Util qw(max);
use Purser::Client;
use Purser::FastCGI qw(fastcgi_request);
use Purser::Jobs;
use Purser::Provider;
use Purser::Reply;
use Purser::Test qw(bytes_of db_column db_run db_value every_scope first_key);
use Time::HiRes qw(sleep time);

my $json = Purser::Reply::codec();
my @pools;

# Options are settings of the programs, such as PURSER_APPROVAL_THRESHOLD_CREDITS; `provider` makes the processor elsewhere.
sub start ($class, %settings) {
	my $provider = delete $settings{provider} // Purser::Provider->new;
	my $sockets = "/tmp/purser-payments-$$";
	mkdir $sockets, 0700;
	private_database();
	my $self = bless { provider => $provider, slow => "$sockets/slow.sock", sockets => $sockets, offset => 0, settings => {
	    PURSER_PROVIDER => 'stripe', PURSER_STRIPE_URL => $provider->url, PURSER_STRIPE_KEY => $provider->key,
	    map({ $_ => 1_000_000 } qw(PURSER_RATE_DEFAULT PURSER_RATE_CHARGE PURSER_RATE_ORDERS PURSER_RATE_ADDRESS)), %settings } }, $class;

	$self->{pool} = start_program('purser-fcgi', 'pool', [], $self->{settings}->%*, PURSER_LISTEN => "unix:$sockets/fast.sock",
	    PURSER_LISTEN_SLOW => "unix:$self->{slow}", PURSER_WORKERS => 1, PURSER_SLOW_WORKERS => $settings{PURSER_SLOW_WORKERS} // 4, PURSER_PID_FILE => '');
	push @pools, $self;
	my $until = time + 60;
	until ($self->answers) {
		time < $until or die "the pool does not answer:\n" . log_of('pool');
		sleep 0.1;
	}
	$self->{admin} = first_key(undef, ['admin:read', 'admin:write'], rate_limit => 1_000_000);
	return $self;
}

sub provider ($self) { return $self->{provider} }
sub admin_key ($self) { return $self->{admin}{key} }
sub pool ($self) { return $self->{pool} }

# ---- calls -----------------------------------------------------------------------------------------------------------

sub answers ($self) {
	my $socket = IO::Socket::UNIX->new(Peer => $self->{slow}) or return 0;
	my ($status) = fastcgi_request($socket, 'GET', '/v1/health/ready');
	return ($status // 0) == 200;
}

# A request to the pool, straight to a slow worker; undef where it ended without a reply. Options as of Purser::Test's
# request: key, idempotency_key, body, query, type; `parameters` are more of FastCGI's.
sub request ($self, $method, $path, %options) {
	my $socket = IO::Socket::UNIX->new(Peer => $self->{slow}) or die "no pool: $!\n";
	my $body = $options{body};
	my %parameters = ($options{parameters} // {})->%*;

	$path .= '?' . Purser::Test::query_string($options{query}) if $options{query};
	$parameters{HTTP_AUTHORIZATION} = "Bearer $options{key}" if defined $options{key};
	$parameters{HTTP_IDEMPOTENCY_KEY} = $options{idempotency_key} if defined $options{idempotency_key};
	if (defined $body) {
		$parameters{body} = ref $body ? $json->encode($body) : $body;
		$parameters{CONTENT_TYPE} = $options{type} // 'application/json';
	}
	my ($status, $content, $head) = fastcgi_request($socket, $method, $path, %parameters);
	return undef unless defined $status;
	my $reply = Purser::Reply->parse($head =~ s/^Status: (\d+)[^\r\n]*/HTTP\/1.1 $1/r, $method, $path);
	@$reply{qw(body complete)} = ($content, 1);
	state $notes = Purser::Client->new(url => $ENV{PURSER_URL}, ca => $ENV{PURSER_CA});
	$notes->note($reply);
	return $reply;
}

# An operation by its id.
sub call ($self, $operation, $body = {}, %options) {
	return $self->request('POST', "/v1/op/$operation", %options, body => $body);
}

# The body of a call that has to succeed.
sub good ($self, $operation, $body = {}, %options) {
	my $reply = $self->call($operation, $body, %options) // die "$operation: no reply\n";
	$reply->status =~ /^2/ or die "$operation: $reply->{status} $reply->{body}\n";
	return $reply->json;
}

# Each piece of work in a process of its own, all begun at the same moment; gives what they returned, in order.
sub at_once ($self, @work) {
	my $start = time + 0.3;
	my @pipes = map {
		my $pid = open(my $pipe, '-|') // die "fork: $!";
		if ($pid == 0) {
			sleep max(0, $start - time);
			my $out = eval { $_->() } // { error => "$@" };
			syswrite STDOUT, $json->encode($out);
			close STDOUT;
			POSIX::_exit(0);
		}
		$pipe;
	} @work;
	return map { local $/; my $text = <$_>; close $_; defined $text ? $json->decode($text) : undef } @pipes;
}

# A call in a process of its own; `finish` waits for it and gives { status, body }, or undef where no reply came.
sub begin ($self, $operation, $body = {}, %options) {
	my $pid = open(my $pipe, '-|') // die "fork: $!";

	if ($pid == 0) {
		my $reply = eval { $self->call($operation, $body, %options) };
		syswrite STDOUT, $json->encode($reply ? { status => $reply->status, body => $reply->json } : undef);
		close STDOUT;
		POSIX::_exit(0);
	}
	return $pipe;
}

sub finish ($self, $pipe) {
	local $/;
	my $text = <$pipe>;
	close $pipe;
	return $json->decode($text);
}

# ---- organizations ---------------------------------------------------------------------------------------------------

# An organization with a key that holds every customer's scope; `credits` grants it some, other options are fields of
# admin.organizations.create.
sub new_organization ($self, %fields) {
	state $count = 0;
	my $credits = delete $fields{credits};
	my $organization = $self->good('admin.organizations.create', { name => sprintf('Buyer %d-%d', $$, ++$count), %fields }, key => $self->admin_key);
	my $key = first_key($organization->{id}, [every_scope]);

	$self->good('billing.grants.create', { organization_id => $organization->{id}, credits => $credits, source => 'goodwill' }, key => $self->admin_key)
	    if $credits;
	return { %$organization, key => $key->{key}, key_id => $key->{id} };
}

# The same with a card, which is the default one; `card` is what the processor knows of it.
sub new_buyer ($self, $card = 'pm_card_visa', %fields) {
	my $organization = $self->new_organization(%fields);

	return { %$organization, card => $self->add_card($organization, $card) };
}

sub add_card ($self, $organization, $card) {
	return $self->good('payment_methods.attach', { payment_method_id => $card }, key => $organization->{key});
}

# ---- time and jobs ---------------------------------------------------------------------------------------------------

# Moves the clock of the pool, the jobs and the processor so many seconds on from where it is.
sub later ($self, $seconds) {
	$self->{offset} += $seconds;
	private_clock($self->{offset});
	$self->provider->control('set', clock => $self->{offset});
}

# Runs a job of this stack once, to its end.
sub run ($self, $job) { return run_job($job, $self->{settings}->%*) }
sub begin_run ($self, $job) { return start_job($job, $self->{settings}->%*) }

# Lets an hour pass and the sweeper run, until no payment waits to be looked at before `hours` are over.
sub settle ($self, $hours = 4) {
	for (1 .. $hours) {
		last unless db_value("SELECT COUNT(*) FROM payment WHERE state IN ('pending', 'charging', 'unknown') OR cancel_due");
		$self->later(3601);
		$self->run('payments.sweep');
	}
}

# ---- the workers -----------------------------------------------------------------------------------------------------

sub workers ($self) {
	open my $file, '<', "/proc/$self->{pool}/task/$self->{pool}/children" or return;
	return split ' ', scalar(<$file>) // '';
}

# Kills every worker with signal 9, and waits until others answer in their place.
sub kill_workers ($self) {
	my %old = map { $_ => 1 } $self->workers;
	my $until = time + 30;

	kill 'KILL', keys %old;
	sleep 0.05 until time > $until || !grep { $old{$_} } $self->workers;
	sleep 0.05 until time > $until || $self->answers;
}

# Waits until the processor has seen so many requests of that name, such as 'POST /v1/payment_intents'.
sub seen ($self, $name, $count = 1) {
	my $until = time + 30;

	while (time < $until) {
		my @seen = grep { $_->{name} eq $name } $self->provider->statistics->{log}->@*;
		return 1 if @seen >= $count;
		sleep 0.02;
	}
	return 0;
}

# ---- what has to hold ------------------------------------------------------------------------------------------------

# What is wrong with an organization's purchases once everything has been settled: nothing is open, each charge brought its
# credits once, and the ledger holds what the processor took.
sub faults ($self, $organization) {
	my $id = bytes_of($organization->{id});
	my @faults;

	push @faults, map { "a payment is $_" }
	    db_column("SELECT state FROM payment WHERE organization_id = ? AND state NOT IN ('succeeded', 'failed')", $id);
	push @faults, 'a claim is open'
	    if db_value('SELECT COUNT(*) FROM idempotency WHERE space = ? AND status IS NULL', $id);
	for my $row (db_run('SELECT id, state, received, granted FROM payment WHERE organization_id = ?', $id)->fetchall_arrayref->@*) {
		my ($payment, $state, $received, $granted) = @$row;
		my $taken = $self->provider->taken(Purser::Test::ulid_text($payment));
		my $entries = db_value("SELECT COUNT(*) FROM journal_entry WHERE organization_id = ? AND reference_type = 'topup' AND reference_id = ?
		    AND reason IN ('topup', 'auto_topup')", $id, \$payment);
		push @faults, "charged $taken->{charges} times" if $taken->{charges} > 1;
		push @faults, "$taken->{charges} charges, and the payment is $state" if $taken->{charges} != ($state eq 'succeeded');
		push @faults, "$taken->{amount} taken, $received booked" if $taken->{amount} * 10_000 != $received;
		push @faults, "$entries entries of a payment that is $state" if $entries != ($state eq 'succeeded');
	}
	push @faults, 'the ledger has other credits than the payments'
	    if db_value("SELECT COALESCE(SUM(-l.amount), 0) FROM journal_line l JOIN journal_entry e USING (organization_id, sequence)
		WHERE l.organization_id = ? AND l.account = 'sold' AND l.unit = 'CRD' AND e.reason IN ('topup', 'auto_topup')", $id)
	    != db_value('SELECT COALESCE(SUM(granted), 0) FROM payment WHERE organization_id = ?', $id);
	return @faults;
}

sub stop ($self) {
	my $pid = delete $self->{pool} or return;
	kill 'TERM', $pid;
	end_program($pid, 15);
	$self->provider->stop;
	unlink glob "$self->{sockets}/*";
	rmdir $self->{sockets};
}

my $owner = $$;
END {
	my $status = $?;
	if ($owner == $$) {
		$_->stop for @pools;
	}
	$? = $status;
}

1;
