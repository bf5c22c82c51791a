#!/usr/bin/perl
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Cards;
use Purser::Invoices;
use Purser::Test;

my $organization = new_organization(name => "Zoë's \"Größe\" GmbH", country => 'AU', timezone => 'Australia/Sydney');
my @as = (key => $organization->{key});

is(scalar(call('billing.invoices.list', {}, @as)->json->{data}->@*), 0, 'at first there is none');
attach($organization);
my @topups = map { call('billing.topup', { credits => $_ }, @as)->json } 100, 1234;
my @invoices = invoices_of($organization);
is(scalar(@invoices), 2, 'each purchase has an invoice');
my $first = $invoices[0];
ulid_ok($first->{id}, 'which has an id');
like($first->{number}, qr/^INV-\d{6,}$/, 'a number');
is_deeply({ map { $_ => $first->{$_} } qw(kind period status currency tax_included subtotal tax total paid credited due payment_id lines_count orders_count) },
    { kind => 'topup', period => undef, status => 'paid', currency => 'AUD', tax_included => JSON::PP::true(), subtotal => '0.91', tax => '0.09', total => '1.00', paid => '1.00',
    credited => '0.00', due => '0.00', payment_id => $topups[0]{id}, lines_count => 1, orders_count => 0 }, 'and is paid, its price includes the tax');
is($first->{$_}, $first->{created_at}, "$_ is the moment of the purchase") for qw(issued_at paid_at due_at);
like($first->{pdf_url}, qr{^https://.*/v1/billing/invoices/$first->{id}/pdf$}, 'it says where it is as a PDF');
is($invoices[1]{number} =~ s/\D//gr - $first->{number} =~ s/\D//gr, 1, 'the next one has the next number');

my $open = new_issued($organization);
is_deeply([map { $_->{status} } invoices_of($organization)], ['paid', 'paid', 'issued'], 'newest first, whatever they are for');
is_deeply([map { $_->{id} } invoices_of($organization, status => 'issued')], [$open], 'those that are so far');
is_deeply([map { $_->{kind} } invoices_of($organization, kind => 'topup')], ['topup', 'topup'], 'those of purchases');
my $page = call('billing.invoices.list', { limit => 2 }, @as)->json;
is_deeply([map { $_->{id} } $page->{data}->@*, call('billing.invoices.list', { limit => 2, cursor => $page->{next_cursor} }, @as)->json->{data}->@*],
    [$open, map { $_->{id} } reverse @invoices], 'in pages');
is_deeply([map { decode_json($_)->{id} } split /\n/, call('billing.invoices.list', {}, @as, accept => 'application/x-ndjson')->body], [$open, map { $_->{id} } reverse @invoices], 'and line by line');
is(call('billing.invoices.list', { limit => 2 }, key => new_organization()->{key})->json->{data}->@*, 0, 'others see none of them');
is(call('organizations.record.get', {}, @as)->json->{last_invoice_date} > time - 600, 1, 'the record tells when the last was issued');
is(call('billing.status.get', { organization_id => $organization->{id} }, @as)->json->{open_invoices}, 1, 'the status how many are open');

is_problem(call('billing.invoices.list', { limit => 0, status => 'gone', kind => 'x' }, @as), 422, 'invalid', 'what does not fit is named',
    errors => { '/limit' => 'out_of_range', '/status' => 'not_allowed', '/kind' => 'not_allowed' });

# A draft is nobody's business.
db_run("INSERT INTO invoice (id, organization_id, kind, status, currency, tax_included, subtotal, tax, total, issuer, customer, lines_count, created_at)
    VALUES (?, ?, 'run', 'draft', 'AUD', FALSE, 0, 0, 0, '{}', '{}', 0, UTC_TIMESTAMP(6))", bytes_of(my $draft = new_ulid()), bytes_of($organization->{id}));
is(scalar(my @shown = invoices_of($organization)), 3, 'a draft is not listed');
is_problem(call('billing.invoices.get', { invoice_id => $draft }, @as), 404, 'not_found', 'nor read');
is_problem(pay_invoice($organization, $draft), 404, 'not_found', 'nor paid');
is_problem(void_invoice($organization, $draft), 404, 'not_found', 'nor voided');
db_run('DELETE FROM invoice WHERE id = ?', bytes_of($draft));

is_deeply([invoice_faults($organization)], [], 'accounts and documents agree');
done_testing;
