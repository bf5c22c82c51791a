package Purser::Sim::Lane;

# One lane of the simulation: a process with a stack of its own that plays the seeds it is given, one after the other.

use v5.36;
use IO::Handle;
use POSIX ();
use Purser::Reply;
use Purser::Sim::Bugs;
use Purser::Sim::Deeds qw(%deeds);
use Purser::Sim::Plan qw(plan_of);
use Purser::Sim::Play;
use Purser::Sim::Stack;
use Purser::Sim::Wire;
use Time::HiRes qw(time);

my $json = Purser::Reply::codec();

# ---- within the lane -------------------------------------------------------------------------------------------------

sub operations_of ($programs) {
	open my $pipe, '-|', "$programs/purser-describe", 'operations' or die "purser-describe: $!";
	my (undef, @lines) = <$pipe>;
	my %operations;

	for my $line (@lines) {
		my ($id, undef, undef, undef, undef, $flags) = split /\t/, $line;
		$operations{$id} = { slow => $flags =~ /\bslow\b/ ? 1 : 0 };
	}
	return \%operations;
}

sub begin ($options) {
	my $stack = Purser::Sim::Stack->new(directory => $options->{directory}, programs => $options->{programs});
	my $operations = operations_of($options->{programs});

	Purser::Sim::Bugs::plant($options->{bug}, $stack) if $options->{bug};
	$stack->start;
	return { stack => $stack, operations => $operations, jobs => [$stack->job_names],
	    wire => Purser::Sim::Wire->new($stack, { map { $_ => $operations->{$_}{slow} } keys %$operations }) };
}

sub plan_for ($seed, $operations) { return plan_of($seed, sub ($deed) { return exists $operations->{ $deeds{$deed}{operation} } }) }

sub play_seed ($lane, $seed) {
	my $began = time;
	my $play = Purser::Sim::Play->new(plan_for($seed, $lane->{operations}), stack => $lane->{stack}, wire => $lane->{wire}, jobs => $lane->{jobs});
	my @faults = $play->play;
	my $asked = values $play->{deeds}->%*;

	return { seed => $seed, theme => $play->{plan}{theme}, seconds => time - $began, asked => $asked, faults => \@faults, story => $play->{story} };
}

# The nightly proof of every ledger there is takes longer with each seed: now and then a lane begins anew.
my $seeds_a_stack = 400;

sub begin_anew ($lane, $options) {
	$lane->{stack}->stop if $lane;
	return begin($options);
}

sub serve ($options, $in, $out) {
	my $lane = eval { begin($options) };
	my $played = 0;

	say $out $json->encode($lane ? { ready => 1 } : { broken => "$@" });
	while (defined $lane && defined(my $seed = <$in>)) {
		last if $seed eq "end\n";
		$lane = begin_anew($lane, $options) if $played++ && $played % $seeds_a_stack == 0;
		say $out $json->encode(play_seed($lane, $seed + 0));
	}
	$lane->{stack}->stop if $lane;
}

# ---- from outside ----------------------------------------------------------------------------------------------------

# Options: directory, programs, bug.
sub new ($class, %options) {
	pipe my $in, my $give or die "pipe: $!";
	pipe my $take, my $out or die "pipe: $!";
	my $pid = fork // die "fork: $!";

	if ($pid == 0) {
		close $_ for $give, $take;
		$out->autoflush(1);
		# Who is at the terminal means the whole run, which lets the seeds that are begun come to their end.
		@SIG{qw(INT TERM)} = ('IGNORE') x 2;
		serve(\%options, $in, $out);
		POSIX::_exit(0);
	}
	close $_ for $in, $out;
	$give->autoflush(1);
	return bless { pid => $pid, give => $give, take => $take, directory => $options{directory} }, $class;
}

sub give ($self, $seed) {
	say { $self->{give} } $seed;
}

# What it says next: { ready }, { broken }, or a seed's result; nothing where it has ended.
sub hear ($self) {
	my $line = readline $self->{take};
	return defined $line ? $json->decode($line) : undef;
}

# Other lanes have the pipe open, too, so its end alone would not do.
sub end ($self) {
	$self->give('end');
	close $self->{give};
	waitpid $self->{pid}, 0;
}

1;
