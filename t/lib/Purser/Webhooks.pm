package Purser::Webhooks;

# Stripe's webhooks, as the tests send them: signed events straight to a stack of Purser::Payments, and a door to it for those
# that the scripted processor sends by itself.

use v5.36;
use Digest::SHA qw(hmac_sha256_hex);
use Exporter 'import';
use IO::Socket::IP;
use IO::Socket::UNIX;
use POSIX ();
use Purser::FastCGI qw(fastcgi_request);
use Purser::Payments;
use Purser::Test;

our @EXPORT = qw(@secrets stack_with_webhooks signature send_event new_event events_of shown_payment held_disputes);

our @secrets = ('whsec_first', 'whsec_second');

my %doors;

# ---- the stack -------------------------------------------------------------------------------------------------------

# Takes HTTP and passes it on to a slow worker, each request in a process of its own. Gives the door's URL.
sub open_door ($stack) {
	my $door = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 64, ReuseAddr => 1) or die "no door: $@";
	my $pid = fork // die "fork: $!";

	if ($pid == 0) {
		local $SIG{CHLD} = 'IGNORE';
		while (my $guest = $door->accept) {
			my $child = fork // next;
			next if $child;
			eval { let_in($stack, $guest) };
			POSIX::_exit(0);
		}
		POSIX::_exit(0);
	}
	$doors{$pid} = 1;
	return 'http://127.0.0.1:' . $door->sockport . '/v1/webhooks/stripe';
}

sub let_in ($stack, $guest) {
	my $bytes = '';

	1 while $bytes !~ /\r\n\r\n/ && sysread $guest, $bytes, 65536, length $bytes;
	my ($head, $body) = split /\r\n\r\n/, $bytes, 2;
	my ($length) = $head =~ /^Content-Length: (\d+)/mi;
	my ($path) = $head =~ m{^POST (\S+)};
	my ($signature) = $head =~ /^Stripe-Signature: ([^\r\n]*)/mi;
	1 while length $body < $length && sysread $guest, $body, 65536, length $body;
	my $socket = IO::Socket::UNIX->new(Peer => $stack->{slow}) or die "no pool: $!";
	my ($status, $content, $answer) = fastcgi_request($socket, 'POST', $path, body => $body, CONTENT_TYPE => 'application/json',
	    HTTP_STRIPE_SIGNATURE => $signature);
	$status //= 502;
	$content //= '';
	my ($type) = ($answer // '') =~ /^(Content-Type: [^\r\n]*)/mi;
	syswrite $guest, join "\r\n", "HTTP/1.1 $status X", $type // (), 'Content-Length: ' . length $content, 'Connection: close', '', $content;
}

# A stack that two secrets are good for, and whose processor tells it everything; options as of Purser::Payments.
sub stack_with_webhooks (%settings) {
	my $stack = Purser::Payments->start(PURSER_STRIPE_WEBHOOK_SECRETS => join(',', @secrets), PURSER_SLOW_WORKERS => 6, %settings);

	$stack->{door} = open_door($stack);
	$stack->provider->control('webhooks', receivers => [{ url => $stack->{door}, secrets => [$secrets[0]] }]);
	return $stack;
}

END {
	my $status = $?;
	kill 'KILL', keys %doors;
	waitpid $_, 0 for keys %doors;
	$? = $status;
}

# ---- events ----------------------------------------------------------------------------------------------------------

# The header for a body; `age` seconds ago, by these secrets.
sub signature ($body, %options) {
	my $time = time - ($options{age} // 0) + ($options{clock} // 0);
	return join ',', "t=$time", map { 'v1=' . hmac_sha256_hex("$time.$body", $_) } ($options{secrets} // [$secrets[0]])->@*;
}

sub new_event ($type, $object, %more) {
	state $count = 0;
	return { id => sprintf('evt_test_%d_%d', $$, ++$count), object => 'event', type => $type, data => { object => $object }, %more };
}

# The event, signed as the options say; or under the `signature` given, even none. Gives the reply.
sub send_event ($stack, $event, %options) {
	my $body = ref $event ? encode_json($event) : $event;
	my $signature = exists $options{signature} ? $options{signature} : signature($body, clock => $stack->{offset}, %options);

	return $stack->request('POST', $options{path} // '/v1/webhooks/stripe', body => $body,
	    parameters => defined $signature ? { HTTP_STRIPE_SIGNATURE => $signature } : {});
}

# ---- what came of them -----------------------------------------------------------------------------------------------

# The types of the events that went out about the top-up, in order.
sub events_of ($topup_id) {
	return [db_column('SELECT type FROM outbox WHERE entity_id = ? ORDER BY id', bytes_of($topup_id))];
}

# Money in hundredths, and credits: what the row says, what the journal says, and what the book says.
sub shown_payment ($stack, $topup_id) {
	my $row = db_run('SELECT organization_id, state, received, refunded, disputed, clawed, granted, clawed_credits FROM payment WHERE id = ?', bytes_of($topup_id))
	    ->fetchrow_hashref or return;
	my ($available, $debt) = db_run('SELECT available, debt FROM book WHERE organization_id = ?', \$row->{organization_id})->fetchrow_array;
	my $sum = sub ($account, $unit) {
		return db_value("SELECT COALESCE(SUM(l.amount), 0) FROM journal_line l JOIN journal_entry e USING (organization_id, sequence)
		    WHERE e.organization_id = ? AND e.reference_id = ? AND l.account = ? AND l.unit $unit 'CRD'", \$row->{organization_id}, bytes_of($topup_id), $account);
	};
	return { state => $row->{state}, map({ $_ => $row->{$_} / 10_000 } qw(received refunded disputed clawed)), granted => 0 + $row->{granted},
	    clawed_credits => 0 + $row->{clawed_credits}, cleared => $sum->('processor_clearing', '<>') / 10_000, sold => -$sum->('sold', '='),
	    available => 0 + $available, debt => 0 + $debt };
}

sub held_disputes ($topup_id) {
	return db_run('SELECT withdrawn, reinstated, status FROM payment_dispute WHERE payment_id = ? ORDER BY dispute_id', bytes_of($topup_id))->fetchall_arrayref;
}

1;
