package Purser::Year::Caller;

# One of the callers: a process that lives the lives of some of the organizations, one request after the other, and is told
# by lines of JSON what comes next. From outside: new, tell, hear.

use v5.36;
use IO::Handle;
use POSIX ();
use Purser::Reply;
use Purser::Sim::Database;
use Purser::Year::Close;
use Purser::Year::Life;
use Purser::Year::Plan qw(organization_of);

my $json = Purser::Reply::codec();

# ---- within -----------------------------------------------------------------------------------------------------------

sub begin ($world) {
	my $stack = $world->{stack};

	$world->{db} = Purser::Sim::Database->new("$stack->{sockets}/mariadb.sock");
	$world->{client} = $stack->client;
	$world->{asked} = 0;
	$world->{lives} = [map { Purser::Year::Life->new($world, organization_of($world->{seed}, $_)) } $world->{numbers}->@*];
}

my %tasks = (
	begin => sub ($life, $task) { return $life->begin($task) },
	tick => sub ($life, $task) { return $life->tick($task) },
	preview => sub ($life, $task) { return Purser::Year::Close::preview($life, $task) },
	run => sub ($life, $task) { return Purser::Year::Close::run($life, $task) },
	check => sub ($life, $task) { return Purser::Year::Close::check($life, $task) },
	last => sub ($life, $task) { return Purser::Year::Close::last_look($life, $task) },
);

sub do_task ($world, $task) {
	my @faults;

	$world->{stack}{offset} = $task->{offset};
	for my $life ($world->{lives}->@*) {
		my @found = eval { $tasks{ $task->{do} }->($life, $task) };
		push @found, "cannot go on: $@" if $@;
		push @faults, { number => $life->{planned}{number}, faults => [splice @found, 0, 20], story => [$life->{story}->@*], id => $life->{id} } if @found;
	}
	return { faults => \@faults, asked => $world->{asked}, refused => $world->{refused}, deeds => $world->{deeds} };
}

sub serve ($world, $in, $out) {
	begin($world);
	while (defined(my $line = <$in>)) {
		my $task = $json->decode($line);
		last if $task->{do} eq 'end';
		say $out $json->encode(do_task($world, $task));
	}
}

# ---- from outside ----------------------------------------------------------------------------------------------------

# `world`: stack, seed, numbers (of its organizations), operator, plans.
sub new ($class, %world) {
	pipe my $in, my $give or die "pipe: $!";
	pipe my $take, my $out or die "pipe: $!";
	my $pid = fork // die "fork: $!";

	if ($pid == 0) {
		close $_ for $give, $take;
		$out->autoflush(1);
		eval { serve(\%world, $in, $out); 1 } or warn "a caller: $@";
		POSIX::_exit(0);
	}
	close $_ for $in, $out;
	$give->autoflush(1);
	return bless { pid => $pid, give => $give, take => $take }, $class;
}

sub tell ($self, %task) { say { $self->{give} } $json->encode(\%task) }

sub hear ($self) {
	my $line = readline $self->{take};
	return defined $line ? $json->decode($line) : die "a caller has ended\n";
}

sub end ($self) {
	$self->tell(do => 'end');
	close $self->{give};
	waitpid $self->{pid}, 0;
}

1;
