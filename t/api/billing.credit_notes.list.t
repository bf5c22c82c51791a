#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Invoices;
use Purser::Test;

my $organization = new_organization();
my @as = (key => $organization->{key});
is(scalar(call('billing.credit_notes.list', {}, @as)->json->{data}->@*), 0, 'at first there is none');
my @invoices = map { new_issued($organization) } 1 .. 2;
my @notes = map { note_for($organization, $_, { amount => '0.25' })->json } @invoices, $invoices[0];
is(scalar(call('billing.credit_notes.list', {}, @as)->json->{data}->@*), 3, 'all are listed');
is_deeply([map { $_->{id} } call('billing.credit_notes.list', {}, @as)->json->{data}->@*], [map { $_->{id} } reverse @notes], 'newest first');
is_deeply([map { $_->{id} } call('billing.credit_notes.list', { invoice_id => $invoices[0] }, @as)->json->{data}->@*], [map { $_->{id} } @notes[2, 0]], 'or those of an invoice');
my $page = call('billing.credit_notes.list', { limit => 2 }, @as)->json;
is(call('billing.credit_notes.list', { limit => 2, cursor => $page->{next_cursor} }, @as)->json->{data}[0]{id}, $notes[0]{id}, 'in pages');
is(call('billing.credit_notes.list', {}, key => new_organization()->{key})->json->{data}->@*, 0, 'others see none of them');
is_problem(call('billing.credit_notes.list', { invoice_id => $invoices[0] }, key => new_organization()->{key}), 404, 'not_found', "another organization's invoice does not exist");
is_problem(call('billing.credit_notes.list', { invoice_id => 1 }, @as), 422, 'invalid', 'what does not fit is named', errors => { '/invoice_id' => undef });
is_deeply([invoice_faults($organization)], [], 'accounts and documents agree');
done_testing;
