#!/usr/bin/perl
# The processor's invoices: as it has them, and an empty list, soon, whenever it has a hiccup.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Payments;
use Purser::Test;
use Time::HiRes qw(time);

my $id = 'billing.stripe_invoices.list';
is_deeply(call($id, {}, key => new_organization()->{key})->json, { data => [], degraded => JSON::PP::false() }, 'the sandbox knows no invoices of a stranger');

my $stack = Purser::Payments->start;
my $provider = $stack->provider;

sub list ($organization, $in = {}, %options) { return $stack->call($id, $in, key => $organization->{key}, %options) }
sub customer_of ($organization) { return db_value('SELECT customer_id FROM payment_customer WHERE organization_id = ?', bytes_of($organization->{id})) }

my $none = $stack->new_organization;
my $empty = list($none);
is_success($empty, 'an organization that the processor does not know');
is_deeply($empty->json, { data => [], degraded => JSON::PP::false() }, 'has no invoices, which is no hiccup');

my $buyer = $stack->new_buyer;
my $other = $stack->new_buyer;
my @made = map { $provider->control('invoice', customer => customer_of($buyer), %$_) } { amount => 1250 }, { amount => 999, currency => 'usd', status => 'open' },
    { amount => 1, status => 'draft' };
$provider->control('invoice', customer => customer_of($other), amount => 77);

my $reply = list($buyer);
is_success($reply, 'invoices are listed');
my ($draft, $open, $paid) = $reply->json->{data}->@*;
is_deeply($paid, { id => $made[0]{id}, number => $made[0]{number}, status => 'paid', currency => 'AUD', amount_due => '12.50', amount_paid => '12.50',
    created => $paid->{created}, hosted_invoice_url => $made[0]{hosted_invoice_url}, pdf_url => $made[0]{invoice_pdf} }, 'as the processor has them');
like($paid->{created}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'with the time');
is_deeply([@$open{qw(status currency amount_due amount_paid)}], ['open', 'USD', '9.99', '0.00'], 'one that is not paid');
is_deeply([@$draft{qw(status number hosted_invoice_url pdf_url)}], ['draft', undef, undef, undef], 'a draft');
is($reply->json->{degraded}, JSON::PP::false(), 'all is well');
is(scalar(list($other)->json->{data}->@*), 1, "another organization's are its own");
is_deeply([map { $_->{id} } list($buyer, { limit => 2 })->json->{data}->@*], [$made[2]{id}, $made[1]{id}], 'no more than asked for, the newest first');
is_success($stack->request('GET', '/v1/billing/stripe_invoices/list', query => { limit => 1 }, key => $buyer->{key}), 'it is a GET, too');
is_problem(list($buyer, { limit => $_ }), 422, 'invalid', "a limit of $_", errors => { '/limit' => undef }) for 0, 1001, 'x';

$provider->control('invoice', customer => customer_of($other), amount => 100 + $_) for 1 .. 150;
is(scalar(list($other)->json->{data}->@*), 50, 'fifty where nothing is said');
is(scalar(list($other, { limit => 1000 })->json->{data}->@*), 151, 'more than the processor gives at once');

for my $hiccup (['fails', status => 500], ['refuses', status => 400], ['refuses our key', status => 401], ['breaks off', reset => 1], ['sends half', cut => 20],
    ['sends a page', status => 502, html => 1], ['says nothing', hang => 20], ['drips', drip => 1], ['limits us', status => 429], ['sends something else', body => { object => 'list' }]) {
	my ($name, %fault) = @$hiccup;
	$provider->control('fault', path => 'invoices', times => 0, %fault);
	my $begun = time;
	my $degraded = list($buyer);
	my $seconds = time - $begun;
	is_success($degraded, "a processor that $name is no failure of ours");
	is_deeply($degraded->json, { data => [], degraded => JSON::PP::true() }, 'the list is empty and says why');
	cmp_ok($seconds, '<', 3, 'within 3 s');
	$provider->control('clear_faults');
}
$provider->control('refuse');
is_deeply(list($buyer)->json, { data => [], degraded => JSON::PP::true() }, 'a processor that is not there is none, either');
$provider->control('accept');
is(scalar(list($buyer)->json->{data}->@*), 3, 'when it is back, so are the invoices');

done_testing;
