#!/usr/bin/perl
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Encode qw(decode);
use Purser::Cards;
use Purser::Invoices;
use Purser::Test;

my $organization = new_organization(name => '=Zoë & “Größe” 株式会社', country => 'AU', abn => '51824753556',
    billing_address => { line1 => '1 Rue de l’Église', city => 'Sydney', state => 'NSW', postal_code => '2000', country => 'AU' });
my @as = (key => $organization->{key});
attach($organization);
my $topup = call('billing.topup', { credits => 1234 }, @as)->json;
my ($id) = map { $_->{id} } invoices_of($organization);

my $all = show_invoice($organization, $id);
is_deeply($all->{customer}, { name => '=Zoë & “Größe” 株式会社', address => ['1 Rue de l’Église', 'Sydney NSW 2000', 'AU'], country => 'AU', tax_number => 'ABN 51824753556' },
    'the customer stands there as it was then');
is($all->{issuer}{name}, 'Purser', 'and the issuer');
is_deeply($all->{lines}, [{ position => 1, kind => 'topup', description => '1234 credits', quantity => 1234, unit => 'credit', unit_price => undef, credits => 1234, exact => '12.34', amount => '12.34',
    tax_rate_name => 'GST', tax_rate => 100000, tax => '1.12', from => undef, to => undef, source => { topup_id => $topup->{id}, purpose => 'topup' } }], 'its line says what it was computed from');
is_deeply($all->{taxes}, [{ name => 'GST', rate => 100000, net => '11.22', tax => '1.12' }], 'the tax stands by its rate');
is_deeply([$all->@{qw(subtotal tax total)}, $all->{credit_notes}], ['11.22', '1.12', '12.34', []], 'and in the totals');
is(get("/v1/billing/invoices/$id", @as)->body, call('billing.invoices.get', { invoice_id => $id }, @as)->body, 'the plain route answers the same');

is_success(call('organizations.update', { name => 'Renamed' }, @as), 'the customer gets another name');
is(show_invoice($organization, $id)->{customer}{name}, '=Zoë & “Größe” 株式会社', 'which changes no issued invoice');

# ---- CSV ----

my $evil = new_issued($organization, net => 250, tax => 25, description => '=HYPERLINK("http://evil.example","x"), ünï');
my $reply = call('billing.invoices.get', { invoice_id => $evil }, @as, accept => 'text/csv');
is($reply->status, 200, 'it is there as CSV');
like($reply->header('content-type'), qr{^text/csv}, 'as which it is told');
my $number = show_invoice($organization, $evil)->{number};
is($reply->header('content-disposition'), qq(attachment; filename="invoice-$number.csv"), 'with a name for its file');
is(decode('UTF-8', $reply->body), join("\r\n", 'invoice,position,kind,description,from,to,quantity,unit,unit_price,credits,currency,amount,tax_name,tax_rate_millionths,tax',
    qq("$number",1,"plan_fee","'=HYPERLINK(""http://evil.example"",""x""), ünï",,,,,,,"AUD",2.50,"GST",100000,0.25), qq("$number",,"subtotal",,,,,,,,"AUD",2.50,,,), qq("$number",,"tax",,,,,,,,"AUD",0.25,,,),
    qq("$number",,"total",,,,,,,,"AUD",2.75,,,), ''), 'a row a line, and the totals; nothing in it is a formula');
is(call('billing.invoices.get', { invoice_id => $id }, @as, accept => 'image/png')->status, 406, 'as a picture it is not');

# ---- who else ----

my $other = new_organization();
is_problem(call('billing.invoices.get', { invoice_id => $id }, key => $other->{key}), 404, 'not_found', "another organization's invoice does not exist");
is_problem(get("/v1/billing/invoices/$id", key => $other->{key}), 404, 'not_found', 'by no path');
is_problem(call('billing.invoices.get', { invoice_id => $id }, key => $other->{key}, accept => 'text/csv'), 404, 'not_found', 'in no form');
is_problem(call('billing.invoices.get', { invoice_id => new_ulid() }, @as), 404, 'not_found', 'nor does one that is none');
is_problem(call('billing.invoices.get', {}, @as), 422, 'invalid', 'it has to be named', errors => { '/invoice_id' => 'missing' });

# ---- without country and tax ----

my $nowhere = new_organization(currency => 'USD');
attach($nowhere);
call('billing.topup', { credits => 1000 }, key => $nowhere->{key});
my ($untaxed) = invoices_of($nowhere);
$untaxed = show_invoice($nowhere, $untaxed->{id});
is_deeply([$untaxed->@{qw(subtotal tax total)}, $untaxed->{lines}[0]->@{qw(tax_rate_name tax_rate tax)}, $untaxed->{customer}{country}], ['6.60', '0.00', '6.60', undef, 0, '0.00', undef],
    'an organization of no country pays no tax');

is_deeply([invoice_faults($organization, $nowhere)], [], 'accounts and documents agree');
done_testing;
