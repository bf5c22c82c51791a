package Purser::Integrations;

# A stack of its own whose organizations push to endpoints of the test: a Purser::Payments, which may reach those although they
# are on loopback.

use v5.36;
use parent 'Purser::Payments';
use Purser::Test qw(bytes_of db_run db_value);

# `reach` lists what may be reached, as address:port.
sub start ($class, %options) {
	my $reach = delete $options{reach};

	return $class->SUPER::start(PURSER_OUTGOING_ALLOW => join(',', @$reach), PURSER_OUTGOING_CA => $ENV{PURSER_CA}, PURSER_RATE_USAGE => 1_000_000, %options);
}

# Sets one of an organization's integrations: where to, and by default with what signs in there.
sub set ($self, $organization, $kind, $url, %more) {
	return $self->good('organizations.integrations.set', { $kind => { id => 'name', token => 'secret', endpoint => $url, %more } }, key => $organization->{key});
}

sub remove ($self, $organization, $kind) {
	return $self->good('organizations.integrations.set', { $kind => undef }, key => $organization->{key});
}

sub shown ($self, $organization, $kind) {
	return $self->good('organizations.integrations.get', {}, key => $organization->{key})->{$kind};
}

sub try ($self, $organization, $kind, %options) {
	return $self->call('organizations.integrations.test', { kind => $kind }, key => $organization->{key}, %options);
}

# Everything that is due is pushed.
sub push_all ($self) { return $self->run('integrations.push') }

# The audit's rows are linked into its chain, whatever their age: Loki is told of those.
sub chain_audit ($self) {
	$self->later(61);
	return $self->run('audit.chain');
}

sub row ($self, $organization, $kind) {
	return db_run('SELECT * FROM integration WHERE organization_id = ? AND kind = ?', bytes_of($organization->{id}), $kind)->fetchrow_hashref;
}

# In how many seconds it is pushed to, by the clock of the stack.
sub due_in ($self, $organization, $kind) {
	return db_value("SELECT ROUND(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), due_at) / 1e6 - ?) FROM integration WHERE organization_id = ? AND kind = ?",
	    $self->{offset}, bytes_of($organization->{id}), $kind);
}

1;
