package Purser::Sim::Random;

# Chance that comes from a number alone: the same number gives the same run, on every machine and Perl.

use v5.36;
no warnings 'portable'; # 64 bits it is

# Two seeds that are neighbours have nothing in common (splitmix64).
sub new ($class, $seed) { return bless { state => $seed }, $class }

sub bits ($self) {
	use integer;
	my $z = $self->{state} += 0x1e3779b97f4a7c15;
	my $shifted = sub ($by) { return ($z >> $by) & ((1 << (64 - $by)) - 1) };

	$z = ($z ^ $shifted->(30)) * 0x3f58476d1ce4e5b9;
	$z = ($z ^ $shifted->(27)) * 0x14d049bb133111eb;
	return ($z ^ $shifted->(31)) & 0x7fff_ffff_ffff;
}

# 0 .. $count - 1
sub below ($self, $count) { return $self->bits % $count }
sub between ($self, $least, $most) { return $least + $self->below($most - $least + 1) }
sub chance ($self, $of, $in) { return $self->below($in) < $of }
sub one_of ($self, @list) { return $list[ $self->below(scalar @list) ] }

# [weight, thing], … → a thing
sub weighted ($self, @pairs) {
	my $sum = 0;
	$sum += $_->[0] for @pairs;
	my $at = $self->below($sum);
	for my $pair (@pairs) {
		return $pair->[1] if ($at -= $pair->[0]) < 0;
	}
}

# So many of the list, each once.
sub some_of ($self, $count, @list) {
	return map { splice @list, $self->below(scalar @list), 1 } 1 .. ($count < @list ? $count : @list);
}

1;
