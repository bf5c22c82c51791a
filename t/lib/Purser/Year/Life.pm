package Purser::Year::Life;

# An organization's life: what it does at each tick of the year, by its own chance, and what it was told. What was done is
# remembered as its own account of the months (`done`), which the books are held against.

use v5.36;
use Purser::Reply;
use Purser::Sim::Database;
use Purser::Sim::Deeds;
use Purser::Sim::Ledger;
use Purser::Year::Deeds qw(%deeds come_about);
use Purser::Year::Zone qw(text_of);

my $json = Purser::Reply::codec();

sub new ($class, $world, $planned) {
	return bless { world => $world, db => $world->{db}, planned => $planned, chance => $planned->{chance}, zone => $planned->{fields}{timezone}, story => [],
	    done => { granted => 0, adjusted => 0 }, orders => {}, events => {}, commitments => [], closed => {}, statements => {}, told => {}, count => 0 }, $class;
}

# ---- asking ----------------------------------------------------------------------------------------------------------

sub now ($self) { return $self->{world}{stack}->now }

sub tell ($self, $line) { push $self->{story}->@*, text_of($self->now) . " $line" }

sub words_of ($body) {
	my $text = $json->encode($body);
	return length $text > 260 ? substr($text, 0, 260) . '...' : $text;
}

# Sends it; gives the reply. `key`: a token of somebody else; `as`: other words of the story.
sub request ($self, $operation, $body, %options) {
	my $world = $self->{world};
	my $id = sprintf 'year-%d-%d-%d', $world->{seed}, $self->{planned}{number}, ++$self->{count};
	my @headers = (Authorization => 'Bearer ' . ($options{key} // $self->{key}), 'Content-Type' => 'application/json', 'X-Request-Id' => $id,
	    $options{reads} ? () : ('Idempotency-Key' => $id));

	$world->{asked}++;
	my $reply = $world->{client}->request('POST', "/v1/op/$operation", \@headers, $json->encode($body));
	my $more = $reply->status =~ /^2/ ? '' : ' ' . ($reply->code // '') . ': ' . (ref $reply->json eq 'HASH' ? ($reply->json->{detail} // '') : '')
	    . (ref $reply->json eq 'HASH' && $reply->json->{errors} ? ' ' . $json->encode($reply->json->{errors}) : '');
	$self->tell("$operation " . words_of($body) . ' -> ' . $reply->status . $more) if !$options{reads} || $reply->status !~ /^2/;
	return $reply;
}

sub operator ($self, $operation, $body, %options) {
	return $self->request($operation, { organization_id => $self->{id}, %$body }, key => $self->{world}{operator}, %options);
}

# What has to succeed.
sub good ($self, $reply) {
	$reply->status =~ /^2/ or die "refused: $reply->{path} $reply->{status} $reply->{body}\n";
	return $reply->json;
}

# ---- the database ----------------------------------------------------------------------------------------------------

sub rows ($self, $sql, @values) { return $self->{db}->rows($sql, \$self->{bytes}, @values) }
sub value ($self, $sql, @values) { return $self->{db}->value($sql, \$self->{bytes}, @values) }
sub ulid ($bytes) { return Purser::Sim::Database::ulid_text($bytes) }

# ---- the beginning ---------------------------------------------------------------------------------------------------

sub begin ($self, $task) {
	my ($planned, $world) = @$self{qw(planned world)};
	my $made = $self->good($self->request('admin.organizations.create', $planned->{fields}, key => $world->{operator}));

	@$self{qw(id bytes)} = ($made->{id}, Purser::Sim::Database::ulid_bytes($made->{id}));
	$self->{currency} = $planned->{fields}{currency};
	$self->{key} = $self->{db}->new_key($made->{id}, $self->now);
	$self->{ledger} = Purser::Sim::Ledger->new($self->{db}, $self->{bytes});
	$self->{post_pay} = $planned->{post_pay};
	$self->good($self->operator('admin.organizations.set', { rate_limit => 1_000_000, spending_limit_hard => 1_000_000, enterprise_billing => $planned->{post_pay} ? \1 : \0 }));
	if ($planned->{credits}) {
		$self->good($self->operator('billing.grants.create', { credits => $planned->{credits}, source => 'goodwill' }));
		$self->{done}{granted} += $planned->{credits};
	}
	$self->request('payment_methods.attach', { payment_method_id => $planned->{card} }) if $planned->{card};
	$self->do_deed('subscribe') if $self->{chance}->chance(4, 5);
	$self->do_deed('commit') if $self->{chance}->chance(2, 5);
	return $self->unexpected;
}

# ---- a tick ----------------------------------------------------------------------------------------------------------

# What nobody may ever be told.
sub unexpected ($self) { return splice @{ $self->{unexpected} //= [] } }

sub do_deed ($self, $name) {
	my $world = $self->{world};
	my @replies = grep { ref } $deeds{$name}{do}->($self);

	for my $reply (@replies) {
		$world->{deeds}{$name}++;
		next if $reply->status =~ /^2/;
		$world->{refused}{"$name: $reply->{status} " . ($reply->code // '') . ' ' . (ref $reply->json eq 'HASH' ? $reply->json->{detail} // '' : '') =~ s/\d[\d.,:TZ-]*/N/gr}++;
		my $may = $deeds{$name}{may} // qr/^(?:402|404|409)$/;
		push $self->{unexpected}->@*, "$name: $reply->{status} " . substr($reply->{body}, 0, 400) if $reply->status !~ $may;
	}
}

sub tick ($self, $task) {
	my $chance = $self->{chance};

	if ($self->{planned}{turns_in} && $task->{month} >= $self->{planned}{turns_in}) {
		delete $self->{planned}{turns_in};
		$self->{post_pay} = $self->{post_pay} ? 0 : 1;
		$self->good($self->operator('admin.organizations.set', { enterprise_billing => $self->{post_pay} ? \1 : \0 }));
	}
	come_about($self, 4);
	my @names = sort keys %deeds;
	$self->do_deed($chance->weighted(map { [$deeds{$_}{often}, $_] } @names)) for 1 .. $chance->between(1, $self->{planned}{busy});
	return $self->unexpected;
}

1;
