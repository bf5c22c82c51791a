#!/usr/bin/perl
# Who may call what: every operation against every kind of token, from the declarations.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;

my $organization = new_organization();
my $revoked = first_key($organization->{id}, [every_scope], revoked_at => '2020-01-01 00:00:00');
my $expired = first_key($organization->{id}, [every_scope], expires_at => '2020-01-01 00:00:00');
my $closed = new_organization();
call('admin.organizations.set', { organization_id => $closed->{id}, status => 'closed' }, key => admin_key);

my %refused = (
	'no token' => undef,
	'what is no token' => 'nonsense',
	'a token of the right form that nobody made' => Purser::Test::new_token(),
	'a token with a typing error' => $organization->{key} =~ s/(.)$/$1 eq 'x' ? 'y' : 'x'/er,
	'a revoked key' => $revoked->{key},
	'an expired key' => $expired->{key},
	"a closed organization's key" => $closed->{key},
);

# Every customer's scope but those of one resource, and the other action.
sub scopes_without ($scope) {
	my ($resource, $action) = split /:/, $scope;
	my $other = $action eq 'read' ? 'write' : 'read';
	return (grep({ $_ ne "$resource:*" } every_scope), $scope =~ /^(?:audit|admin):/ ? () : "$resource:$other");
}

my %poor;

sub poor_key ($scope) {
	return $poor{$scope} //= first_key($organization->{id}, [scopes_without($scope)])->{key};
}

for my $operation (describe_operations) {
	my ($id, $scope) = $operation->@{qw(id scope)};
	next if $scope eq 'PUBLIC';
	my $admin = $scope =~ /^admin:/;

	for my $name (sort keys %refused) {
		is_problem(call($id, {}, key => $refused{$name}), 401, 'unauthenticated', "$id: $name is refused",
		    headers => { 'WWW-Authenticate' => defined $refused{$name} ? qr/error="invalid_token"/ : qr/^Bearer(?!.*error=)/ });
	}
	for my $way ($operation->{ways}->@*) {
		my $path = $way->{path} =~ s/\{[^}]+\}/$organization->{id}/r;
		is_problem(request($way->{method}, $path), 401, 'unauthenticated', "$id: $way->{method} $way->{path} needs a token");
	}
	is_problem(call($id, {}, key => $admin ? $organization->{key} : admin_key), 403, 'forbidden',
	    $admin ? "$id: no customer may" : "$id: the operator's key is for the operator's deeds only", members => { required_scope => $scope });
	is_problem(call($id, {}, key => poor_key($scope)), 403, 'forbidden', "$id: every other scope does not help",
	    members => { required_scope => $scope }) unless $admin;
	if ($operation->{flags}{human}) {
		is_problem(call($id, {}, key => $organization->{key}), 403, 'human_required', "$id: a key is no person");
	} else {
		my $reply = call($id, {}, key => $admin ? admin_key : $organization->{key});
		ok($reply->status != 401 && ($reply->code // '') ne 'forbidden', "$id: its scope is enough") or diag $reply->body;
	}
}

is_success(get('/v1/organization', headers => ['X-API-Key' => $organization->{key}]), 'a token may stand in X-API-Key');
is_success(get('/v1/organization', key => $organization->{key}, headers => ['X-API-Key' => $organization->{key}]), 'or in both headers');
is_problem(get('/v1/organization', key => $organization->{key}, headers => ['X-API-Key' => $revoked->{key}]), 400, 'bad_request', 'but not two different ones');
is_success(get('/v1/organization', headers => [Authorization => "bearer   $organization->{key}"]), "the scheme's name may be in any case");
is_problem(get('/v1/organization', headers => [Authorization => "Basic $organization->{key}"]), 400, 'bad_request', 'another scheme is not understood');
is_problem(get('/v1/organization', query => { access_token => $organization->{key} }), 401, 'unauthenticated', 'a token in the query is not looked at');

my $wild = first_key($organization->{id}, ['*:read']);
is_success(call('billing.credits.balance', {}, key => $wild->{key}), '*:read covers billing:read');
is_problem(call('api_keys.create', { name => 'x' }, key => $wild->{key}), 403, 'forbidden', '*:read covers no write');
is_problem(call('admin.organizations.list', {}, key => $wild->{key}), 403, 'forbidden', '*:read never covers admin:read');
my $operator = first_key(undef, ['admin:read']);
is_success(call('admin.organizations.list', { limit => 1 }, key => $operator->{key}), "an operator's key with admin:read may read");
is_problem(call('admin.organizations.create', { name => 'x' }, key => $operator->{key}), 403, 'forbidden', 'and not write');

my $short = new_key($organization, 'billing:read', { expires_in_days => 1 });
set_clock(86399);
is_success(call('billing.credits.balance', {}, key => $short->{key}), 'a key works until it expires');
set_clock(86401);
is_problem(call('billing.credits.balance', {}, key => $short->{key}), 401, 'unauthenticated', 'and not a second longer');
done_testing;
