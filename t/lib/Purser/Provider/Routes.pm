package Purser::Provider::Routes;

# The part of Stripe's API that is spoken here: every path with what it takes, and how lists and `expand` work.

use v5.36;
use Exporter 'import';
use Purser::Provider::Cards;
use Purser::Provider::Parameters;
use Purser::Provider::Payments;
use Purser::Provider::State;

our @EXPORT = qw(find_route run_route);

# What each kind's list can be narrowed by.
my %filters = (
	customer => { email => 'text' },
	payment_method => { customer => 'text', type => 'text' },
	setup_intent => { customer => 'text', payment_method => 'text' },
	payment_intent => { customer => 'text' },
	charge => { customer => 'text', payment_intent => 'text' },
	refund => { charge => 'text', payment_intent => 'text' },
	dispute => { charge => 'text', payment_intent => 'text' },
	balance_transaction => { type => 'text', source => 'text', currency => 'currency' },
	invoice => { customer => 'text', status => qr/\A(?:draft|open|paid|uncollectible|void)\z/ },
	event => { type => 'text', types => ['text'] },
);

my %expand = (expand => ['text']);
my %created = (created => { map { $_ => 'integer' } qw(gt gte lt lte) });
my %page = (%expand, %created, limit => 'integer', starting_after => 'text', ending_before => 'text');
my %details = (description => 'optional', metadata => 'map');
my %customer = (%expand, %details, email => 'optional', name => 'optional', phone => 'optional',
    invoice_settings => { default_payment_method => 'optional' });
my %confirmation = (%expand, payment_method => 'text', off_session => 'boolean', return_url => 'text', error_on_requires_action => 'boolean',
    setup_future_usage => qr/\A(?:on|off)_session\z/, receipt_email => 'optional', payment_method_types => ['text']);

my @routes = map { my ($method, $path, @rest) = @$_; [$method, $path, '/v1/' . join('/', map { $_ eq '*' ? '([^/]+)' : $_ } split m{/}, $path), @rest] } (
	[POST => 'customers', \&create_customer, { %customer, payment_method => 'text' }],
	[POST => 'customers/*', \&update_customer, \%customer],
	[POST => 'setup_intents', \&create_setup, { %expand, %details, customer => 'text', payment_method_types => ['text'],
	    usage => qr/\A(?:on|off)_session\z/, automatic_payment_methods => { enabled => 'boolean', allow_redirects => qr/\A(?:always|never)\z/ } }],
	[POST => 'payment_methods/*/attach', \&attach_method, { %expand, 'customer!' => 'text' }],
	[POST => 'payment_methods/*/detach', \&detach_method, \%expand],
	[GET => 'payment_methods/*', sub ($in, $id) { return payment_method($id, 'payment_method') }, \%expand],
	[POST => 'payment_intents', \&create_intent, { %confirmation, %details, 'amount!' => 'integer', 'currency!' => 'currency', customer => 'text',
	    confirm => 'boolean', statement_descriptor => 'text', statement_descriptor_suffix => 'text', capture_method => qr/\Aautomatic(?:_async)?\z/,
	    confirmation_method => qr/\Aautomatic\z/, automatic_payment_methods => { 'enabled!' => 'boolean', allow_redirects => qr/\A(?:always|never)\z/ } }],
	[POST => 'payment_intents/*/confirm', \&confirm_intent, \%confirmation],
	[POST => 'payment_intents/*/cancel', \&cancel_intent, { %expand,
	    cancellation_reason => qr/\A(?:duplicate|fraudulent|requested_by_customer|abandoned)\z/ }],
	[POST => 'refunds', \&create_refund, { %expand, payment_intent => 'text', charge => 'text', amount => 'integer', metadata => 'map',
	    reason => qr/\A(?:duplicate|fraudulent|requested_by_customer)\z/ }],
	map({ my $kind = $_; (
		[GET => "${kind}s", sub ($in) { return list($kind, $in) }, { %page, $filters{$kind}->%* }],
		[GET => "${kind}s/*", sub ($in, $id) { return find($kind, $id, $kind eq 'payment_intent' ? 'intent' : 'id') }, { %expand, client_secret => 'text' }],
	) } sort keys %filters),
);

# Gives the route and the ids in the path; nothing where there is none.
sub find_route ($method, $path) {
	for my $route (@routes) {
		next if $route->[0] ne $method;
		my @ids = $path =~ m{\A$route->[2]\z} or next;
		return { name => "$method /v1/$route->[1]", run => $route->[3], fields => $route->[4], ids => $route->[1] =~ /\*/ ? \@ids : [] };
	}
	return;
}

# The reply's object, as the version of the request shows it.
sub run_route ($route, $form, $version) {
	my $in = check_parameters($form, $route->{fields});
	my $out = rendered($route->{run}->($in, $route->{ids}->@*), $version);

	expand($out, $version, split /\./, $_) for ($in->{expand} // [])->@*;
	return $out;
}

# ---- lists -----------------------------------------------------------------------------------------------------------

my %compare = (gt => sub { $_[0] > $_[1] }, gte => sub { $_[0] >= $_[1] }, lt => sub { $_[0] < $_[1] }, lte => sub { $_[0] <= $_[1] });

sub matches ($thing, $kind, $in) {
	for my $name (grep { exists $in->{$_} && $_ ne 'types' } keys $filters{$kind}->%*) {
		return 0 if ($thing->{$name} // '') ne $in->{$name};
	}
	return 0 if $in->{types} && !grep { $_ eq $thing->{type} } $in->{types}->@*;
	my $created = $in->{created} // {};
	return !grep { !$compare{$_}->($thing->{created}, $created->{$_}) } keys %$created;
}

sub list ($kind, $in) {
	my $limit = $in->{limit} // 10;
	my @found = grep { matches($_, $kind, $in) } objects($kind);

	$limit < 1 || $limit > 100 and refuse(400, 'This value must be between 1 and 100.', code => 'parameter_invalid_integer', param => 'limit');
	find('customer', $in->{customer}, 'customer') if defined $in->{customer};
	if (my $edge = $in->{starting_after} // $in->{ending_before}) {
		find($kind, $edge, $in->{starting_after} ? 'starting_after' : 'ending_before');
		my ($at) = grep { $found[$_]{id} eq $edge } 0 .. $#found;
		splice @found, 0, ($at // $#found) + 1 if $in->{starting_after};
		splice @found, $at // 0 if !$in->{starting_after};
	}
	my $more = @found > $limit;
	@found = $in->{ending_before} ? @found[-$limit .. -1] : @found[0 .. $limit - 1] if $more;
	return { object => 'list', url => "/v1/${kind}s", has_more => $more ? true : false, data => \@found };
}

# ---- expand ----------------------------------------------------------------------------------------------------------

# Puts the object in the place of its id, along the path.
sub expand ($thing, $version, $name, @rest) {
	for my $one (ref $thing eq 'ARRAY' ? @$thing : $thing) {
		ref $one eq 'HASH' && exists $one->{$name} or refuse(400, "This property cannot be expanded ($name).", param => 'expand');
		my $inner = ref $one->{$name} ? undef : object($one->{$name});
		$one->{$name} = rendered($inner, $version) if $inner;
		expand($one->{$name}, $version, @rest) if @rest && ref $one->{$name};
	}
}

1;
