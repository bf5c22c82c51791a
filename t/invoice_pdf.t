#!/usr/bin/perl
# Invoices as documents: the figures of JSON, whole and on every page, for whoever may read them, whatever stands in them.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Cards;
use Purser::Documents;
use Purser::Invoices;
use Purser::Test;
use Time::HiRes qw(time);

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

sub pdf_of ($organization, $id, %options) {
	return call('billing.invoices.get', { invoice_id => $id }, key => $organization->{key}, accept => 'application/pdf', %options);
}
sub path_of ($invoice) { return $invoice->{pdf_url} =~ s{^https?://[^/]+}{}r }

# Replaces the one line of a draft by so many of the same sum.
sub spread ($organization, $id, $count, $description) {
	db_run('DELETE FROM invoice_line WHERE invoice_id = ?', bytes_of($id));
	db_run("INSERT INTO invoice_line (organization_id, invoice_id, position, kind, description, quantity, unit, unit_price, exact, amount, tax_rate_name, tax_rate, tax, from_at, to_at, source)
	    SELECT ?, ?, seq, 'overage', ?, seq * 1000000, 'requests', 125, 1000000, 1000000, 'GST', 100000, 100000, '2025-12-31 13:00:00', '2026-01-31 13:00:00',
	    JSON_OBJECT('metric', 'calls', 'included', 1000, 'counter_id', 'x', 'rounding', 'half-even, once') FROM seq_1_to_$count", bytes_of($organization->{id}), bytes_of($id), $description);
	db_run('UPDATE invoice SET lines_count = ? WHERE id = ?', $count, bytes_of($id));
}

# ---- a purchase ----

my $organization = new_organization(name => 'Zoë & “Größe” Κωνσταντινούπολη', country => 'AU', abn => '51824753556', timezone => 'Australia/Sydney',
    billing_address => { line1 => '1 Rue de l’Église', city => 'Sydney', state => 'NSW', postal_code => '2000', country => 'AU' });
my @as = (key => $organization->{key});
attach($organization);
call('billing.topup', { credits => 98765 }, @as);
my ($id) = map { $_->{id} } invoices_of($organization);
my $invoice = show_invoice($organization, $id);

my $reply = pdf_of($organization, $id);
is_success($reply, 'a purchase has an invoice as a document', type => 'application/pdf');
like($reply->body, qr/\A%PDF-1\.\d.*%%EOF\s*\z/s, 'which is one');
is($reply->header('content-disposition'), qq(attachment; filename="invoice-$invoice->{number}.pdf"), 'with a name for its file');
is(pdf_of($organization, $id)->body, $reply->body, 'it has the same bytes each time');
my $text = text_of($reply->body);
like($text, qr/Subtotal\s+\Q$invoice->{subtotal}\E\n/, 'the subtotal is that of JSON');
like($text, qr/GST 10 % on \Q$invoice->{subtotal}\E\s+\Q$invoice->{tax}\E\n/, 'the tax too, with what it is on');
like($text, qr/Total AUD\s+\Q$invoice->{total}\E\n/, 'and the total');
like($text, qr/Paid\s+\Q$invoice->{total}\E\n\s*Amount due AUD\s+0\.00\n/, 'it is paid');
for my $words ($invoice->{number}, 'Zoë & “Größe” Κωνσταντινούπολη', '1 Rue de l’Église', 'ABN 51824753556', 'incl. tax', 'Page 1 of 1', $invoice->{lines}[0]{description}) {
	ok(index($text, $words) >= 0, "`$words` stands there");
}

# ---- by its address ----

is(get(path_of($invoice), @as)->body, $reply->body, 'its pdf_url answers the same');
is_success(get(path_of($invoice), @as, accept => 'text/html, */*;q=0.1'), 'to a browser too', type => 'application/pdf');
is_problem(get(path_of($invoice), @as, accept => 'application/json'), 406, 'not_acceptable', 'and nothing else');
my $head = request('HEAD', path_of($invoice), @as);
is_deeply([$head->status, $head->body], [200, ''], 'HEAD tells its head alone');
is_success(pdf_of($organization, $id, accept => 'application/pdf;q=0.5, application/json'), 'who likes JSON better gets that');
is_problem(pdf_of($organization, $id, accept => 'image/png'), 406, 'not_acceptable', 'a picture it is not');
like(pdf_of($organization, $id, accept => 'image/png')->json->{detail}, qr{application/json, text/csv and application/pdf}, 'what there is, is named');

# ---- who may ----

my $other = new_organization();
is_problem(pdf_of($other, $id), 404, 'not_found', "another organization's document does not exist");
is_problem(get(path_of($invoice), key => $other->{key}), 404, 'not_found', 'by no path');
is_problem(get(path_of($invoice), key => undef), 401, 'unauthenticated', 'nor for nobody');
is_problem(get(path_of($invoice), key => new_key($organization, 'orders:read')->{key}), 403, 'forbidden', 'nor without the scope');

# ---- a month of many lines ----

my $long = new_issued($organization, net => 6000, tax => 600,
    before_issue => sub ($id) { spread($organization, $id, 60, 'Calls of the gateway, Ελληνικά и кириллица, ' . 'long ' x 12) });
my $document = pdf_of($organization, $long)->body;
my @pages = split /\f/, text_of($document);
my $shown = show_invoice($organization, $long);
cmp_ok(scalar @pages, '>', 2, 'sixty lines need pages');
my $lines = 0;
for my $number (1 .. @pages) {
	my $page = $pages[ $number - 1 ];
	like($page, qr/Page $number of ${\ scalar @pages}\s*\z/, "page $number says which it is");
	like($page, qr/Description\s+Quantity\s+Unit price\s+Tax\s+Amount AUD/, "page $number has the heading");
	is(($page =~ /Brought forward\s+([\d.]+)/)[0], sprintf('%.2f', $lines), "page $number begins with what came before") if $number > 1;
	$lines += () = $page =~ /^\s*Calls of the gateway.*\s1\.00$/mg;
	is(($page =~ /Carried forward\s+([\d.]+)/)[0], sprintf('%.2f', $lines), "page $number carries it on") if $number < @pages;
}
is($lines, 60, 'all lines are there');
like($pages[-1], qr/Subtotal\s+60\.00\n\s*GST 10 % on 60\.00\s+6\.00\n\s*Total AUD\s+66\.00\n/, 'the totals stand at the end');
is_deeply([$shown->@{qw(subtotal tax total)}], ['60.00', '6.00', '66.00'], 'and are those of JSON');
like($pages[0], qr/1 January 2026 to 31 January 2026/, "days are those of the organization's zone");
like($pages[0], qr/metric calls; included 1000; rounding half-even, once/, 'a line says what it was computed from');
unlike($pages[0], qr/counter/, 'but for ids');
like($pages[0], qr/Period\s+January 2026/, 'the month is named');
like($pages[0], qr/requests\n/, 'and what is counted');

# ---- what becomes of one ----

is_success(note_for($organization, $long, { amount => '11.00', reason => 'A day without service.' }), 'a part is given back');
$text = text_of(pdf_of($organization, $long)->body);
like($text, qr/Credited\s+11\.00\n\s*Paid\s+0\.00\n\s*Amount due AUD\s+55\.00\n/, 'which is taken off');
like($text, qr/Credit note CN-\d+ of .*: 11\.00, tax included 1\.00\. A day without service\./, 'and the note is named');

# ---- credit notes ----

my ($note) = call('billing.credit_notes.list', { invoice_id => $long }, @as)->json->{data}->@*;
sub note_pdf (@more) { return call('billing.credit_notes.get', { credit_note_id => $note->{id} }, accept => 'application/pdf', @more) }
my $paper = note_pdf(@as);
is_success($paper, 'a credit note is a document, too', type => 'application/pdf');
is($paper->header('content-disposition'), qq(attachment; filename="credit-note-$note->{number}.pdf"), 'with a name for its file');
is(note_pdf(@as)->body, $paper->body, 'and the same bytes each time');
$text = text_of($paper->body);
for my $words ($note->{number}, $shown->{number}, 'A day without service.', $organization->{name} // 'Zoë', 'Page 1 of 1') {
	ok(index($text, $words) >= 0, "`$words` stands there");
}
my $of_note = call('billing.credit_notes.get', { credit_note_id => $note->{id} }, @as)->json;
like($text, qr/Without tax\s+\Q$of_note->{net}\E\n\s*Tax\s+\Q$of_note->{tax}\E\n\s*Credit AUD\s+\Q$of_note->{amount}\E\n/, 'its figures are those of JSON');
is_problem(note_pdf(key => $other->{key}), 404, 'not_found', "another organization's does not exist");

my $void = new_issued($organization);
is_success(void_invoice($organization, $void), 'one is void');
$text = text_of(pdf_of($organization, $void)->body);
like($text, qr/Status\s+Void/, 'and says so');
unlike($text, qr/Amount due/, 'with nothing due');

# ---- whatever stands in it ----

my %strange = ('a word without an end' => 'x' x 500, 'rockets' => "\x{1F680} " x 100, 'an override of direction' => "\x{202E}drawkcab", 'line feeds' => "a\n" x 200,
    'Han' => '漢字' x 200, 'marks' => "e\x{301}" x 200, 'a formula' => '=1+1', 'parentheses' => '(((\\)\\(', 'blanks' => ' ' x 400, 'a private character' => "\x{E000}\x{FFFD}\x{D7FF}");
for my $name (sort keys %strange) {
	my $strange = new_issued($organization, description => $strange{$name});
	my $answer = pdf_of($organization, $strange);
	is_success($answer, "$name makes no difference", type => 'application/pdf');
	like(text_of($answer->body), qr/Total AUD\s+1\.10\n/, "$name: the total is there");
}

# ---- names in other scripts ----

for my $name ('株式会社サンプル', '한국전자 주식회사', '北京软件有限公司') {
	my $of = new_organization(name => $name, country => 'JP');
	my $document = pdf_of($of, new_issued($of))->body;
	ok(index(text_of($document), $name) >= 0, "$name can be searched for");
	my $shares = drawn_share($document);
	my @words = split ' ', $name;
	is_deeply([grep { ($shares->{$_} // 0) < 8 } @words], [], 'and is drawn') or diag explain $shares;
}

# ---- as long as it gets ----

my $largest = new_issued($organization, net => 1_000_000, tax => 100_000, before_issue => sub ($id) { spread($organization, $id, 10_000, ('Ünit ' x 99) . 'test') });
my @workers = worker_pids();
my $began = time;
my $answer = pdf_of($organization, $largest);
is_success($answer, '10,000 lines of 500 characters are a document', type => 'application/pdf');
note sprintf '%.2f s, %d bytes, a worker had %d kB at most', time - $began, length $answer->body, worker_memory('VmHWM', 'status');
my ($count, $last) = last_page_of($answer->body);
like($last, qr/Total AUD\s+11000\.00\n/, 'with its total');
like($last, qr/Page $count of $count\s*\z/, "on $count pages");
is_deeply([sort(worker_pids())], [sort @workers], 'no worker has died of it');

# ---- memory ----

pdf_of($organization, $long) for 1 .. 8;
my $before = worker_memory();
pdf_of($organization, $long) for 1 .. 40;
cmp_ok($before, '>', 0, 'the memory of the workers is seen');
cmp_ok(worker_memory() - $before, '<=', 256, 'no worker grows by documents') if !$ENV{ASAN_OPTIONS};

is_deeply([invoice_faults($organization)], [], 'documents and accounts agree');
done_testing;
