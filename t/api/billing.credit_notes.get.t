#!/usr/bin/perl
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Invoices;
use Purser::Test;

my $organization = new_organization(name => 'Zoë & „Größe“ 株式会社');
my @as = (key => $organization->{key});
my $id = new_issued($organization, net => 1000, tax => 100);
my $invoice = show_invoice($organization, $id);
my $note = note_for($organization, $id, { amount => '2.20', reason => 'Une journée de trop.' })->json;
sub show ($which, @more) { return call('billing.credit_notes.get', { credit_note_id => $which }, @more) }

my $shown = show($note->{id}, @as);
is_success($shown, 'a credit note is read');
is_deeply([$shown->json->@{qw(id number organization_id invoice_id invoice_number currency reason)}],
    [$note->{id}, $note->{number}, $organization->{id}, $id, $invoice->{number}, 'AUD', 'Une journée de trop.'], 'it says which, of what, and why');
is_deeply([$shown->json->@{qw(net tax amount)}], ['2.00', '0.20', '2.20'], 'net, tax and sum');
is($shown->json->{invoice_issued_at}, $invoice->{issued_at}, 'when its invoice was issued');
is_deeply([map { $shown->json->{$_} } qw(issuer customer)], [map { $invoice->{$_} } qw(issuer customer)], 'and for whom, as it stands on that');
is($shown->json->{customer}{name}, 'Zoë & „Größe“ 株式会社', 'letter by letter');
is_success(call('organizations.update', { name => 'Renamed' }, @as), 'the customer gets another name');
is(show($note->{id}, @as)->body, $shown->body, 'which changes no note');

my $other = new_organization();
is_problem(show($note->{id}, key => $other->{key}), 404, 'not_found', "another organization's note does not exist");
is_problem(show($id, @as), 404, 'not_found', 'an invoice is no note');
is_problem(show(new_ulid(), @as), 404, 'not_found', 'nor is what is none');
is_problem(call('billing.credit_notes.get', {}, @as), 422, 'invalid', 'it has to be named', errors => { '/credit_note_id' => 'missing' });
is_deeply([invoice_faults($organization, $other)], [], 'accounts and documents agree');
done_testing;
