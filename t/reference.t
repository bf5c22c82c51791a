#!/usr/bin/perl
# The reference: that all is there, that nothing leads nowhere, how it is served, and what a reader sees of it in a browser.
# SCREENSHOTS=directory writes pages as they look, narrow and wide, light and dark.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Compress::Zlib ();
use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Purser::Test;
use Purser::TypeScript;

my $site = "$ENV{PURSER_BUILD}/reference";
my $docs = "$FindBin::Bin/../docs";
my $front = client(record => 0);

sub slurp ($file) { return Purser::TypeScript::slurp($file) }
sub names_of ($directory, $extension) { return map { s{^\Q$directory\E/}{}r } sort glob "$directory/*.$extension $directory/guides/*.$extension" }

my @pages = names_of($site, 'html');
my %html = map { $_ => slurp("$site/$_") } @pages;
my @operations = describe_operations();

# ---- what is there -----------------------------------------------------------------------------------------------------

sub part_of ($id) {
	my $page = $html{ $id =~ s/\.[^.]*$/.html/r } // '';
	my ($part) = $page =~ m{<section class="operation" id="\Q$id\E">(.*?)</section>}s;
	return $part // '';
}

# What the page lacks of what the table of operations tells.
sub missing_of ($operation) {
	my $part = part_of($operation->{id});
	my $raw = $operation->{flags}{raw_body};
	my ($canonical, @others) = grep { $_ ne 'POST /v1/' . $operation->{id} =~ tr{.}{/}r } map { "$_->{method} $_->{path}" } $operation->{ways}->@*;
	my @wanted = map { "<code>$_</code>" } $canonical, @others, $operation->{scope} =~ /:/ ? $operation->{scope} : (), $raw ? () : map { s/\*$//r } $operation->{fields}->@*;

	push @wanted, '<span class="method">POST</span> <code>/v1/' . ($operation->{id} =~ tr{.}{/}r) . '</code>';
	push @wanted, map { qq(data-language="$_"><code>) } qw(curl cli python typescript json);
	push @wanted, map { qq(problems.html#$_") } 'internal', $operation->{problems}->@*;
	return grep { index($part, $_) < 0 } @wanted;
}

my @lacking = map { my @missing = missing_of($_); @missing ? "$_->{id}: @missing" : () } @operations;
is_deeply(\@lacking, [], 'every operation has its fields, scope, problems, paths, and a program in each language');
is(scalar(() = join('', values %html) =~ /<section class="operation"/g), scalar @operations, '… and stands there once');
is_deeply([grep { part_of($_) =~ m{<dt>Repetition</dt><dd>may be sent again</dd>} && part_of($_) =~ m{<dt>Effect</dt><dd>(?!reads|computes)} } map { $_->{id} } @operations], [], 'what only computes is not said to write');
is_deeply([grep { my %seen; grep { $seen{$_}++ } $html{$_} =~ /\sid="([^"]*)"/g } @pages], [], 'no page has two places of one name');
is_deeply([grep { -s "$site/$_" > 200_000 } @pages], [], 'no page is larger than 200 KB');
is_deeply([grep { $html{$_} =~ m{<(?:style|iframe|object|embed|base)\b|<script(?! src=)|\s(?:style|on\w+)=["']}i } @pages], [], 'no page has style or script of its own');
is_deeply([grep { /[^a-z]/ } join('', values %html) =~ /data-language="([^"]*)"/g], [], 'a program names its language, and nothing else');
is_deeply([grep { slurp("$docs/site/guides") !~ /^\Q$_\E$/m } map { m{([^/]+)\.md$} } glob "$docs/guides/*.md"], [], 'every guide is among the contents');

my %standard = qx{env -i $ENV{PURSER_BUILD}/purser-describe config} =~ /^#?\s*rate_(\w+) = (\d+)$/mg;
my $limits = slurp("$docs/site/introduction.md") =~ tr/,//dr;
like($limits, qr/ $standard{default} requests a minute/, 'the first page says how many requests there are a minute');
like($limits, qr/`$_`,? ?$standard{$_}\)/, "… and how many of `$_`") for qw(charge orders usage);
is_deeply([$html{$_->[0]} =~ /<li><a href="#([a-z_.]+)">/g], [$html{$_->[0]} =~ /<h2 id="([a-z_.]+)"/g], "all $_->[1] are listed before they are told of")
    for ['problems.html', 'problems'], ['event-types.html', 'events'];

# ---- links -------------------------------------------------------------------------------------------------------------

sub ids_of ($page) { state %ids; return $ids{$page} //= { map { $_ => 1 } $html{$page} =~ /\sid="([^"]+)"/g } }

sub joined ($page, $path) {
	my @parts = (($page =~ m{^(.*/)} ? split(m{/}, $1) : ()), split m{/}, $path);
	my @path;
	$_ eq '..' ? pop @path : $_ ne '.' && push @path, $_ for @parts;
	return join '/', @path;
}

my (%outside, @broken);

sub look ($page, $link, $twin) {
	return if $link =~ m{^(?:https?|mailto):} || ($link =~ m{^/} && ++$outside{$link});
	my ($path, $anchor) = $link =~ /^([^#]*)(?:#(.*))?$/;
	my $target = $path eq '' ? $page : joined($page, $path);
	return push @broken, "$page: $link" unless -f "$site/$target";
	push @broken, "$page: $link has no such place" if defined $anchor && !$twin && $target =~ /\.html$/ && !ids_of($target)->{$anchor};
}

for my $page (@pages) {
	look($page, $_, 0) for $html{$page} =~ /\s(?:href|src)="([^"]*)"/g;
}
is_deeply(\@broken, [], 'every link of every page leads somewhere');
@broken = ();
for my $twin (names_of($site, 'md')) {
	my $text = slurp("$site/$twin") =~ s/^```.*?^```//gmsr =~ s/`[^`\n]*`//gr;
	look($twin, $_, 1) for $text =~ /\]\(([^)\s]+)\)/g;
	push @broken, "$twin has no page" unless -f "$site/" . $twin =~ s/md$/html/r;
}
is_deeply(\@broken, [], '… so does every link of the twins in Markdown');
my $llms = slurp("$site/llms.txt");
like($llms, qr/\A# \S.*\n\n> \S/, 'llms.txt begins with a title and a sentence');
is_deeply([sort $llms =~ /\]\(([^)]+)\)/g], [grep { $_ ne 'index.md' } names_of($site, 'md')], '… and names every page, as it stands there');
my $found = decode_json(slurp("$site/search.json"));
@broken = ();
look('index.html', $_->{href}, 0) for @$found;
is_deeply(\@broken, [], 'every place that the search knows is there');
is_deeply([sort map { $_->{name} } grep { $_->{kind} eq 'operation' } @$found], [sort map { $_->{id} } @operations], '… and it knows every operation');
is_deeply([grep { request('GET', $_, client => $front)->status != 200 } sort keys %outside], [], 'what is outside of the reference answers');

# ---- what is missing or evil -------------------------------------------------------------------------------------------

my $scratch = tempdir(CLEANUP => 1);

sub copied_docs () {
	state $number = 0;
	my $copy = "$scratch/docs" . ++$number;
	make_path("$copy/guides", "$copy/site");
	for my $file (map { s{^\Q$docs\E/}{}r } glob "$docs/examples.json $docs/guides/* $docs/site/*") {
		copy("$docs/$file", "$copy/$file") or die "$file: $!";
	}
	return $copy;
}

sub put ($file, $text) {
	open my $out, '>:raw', $file or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
}

sub written ($from) {
	my $to = tempdir(DIR => $scratch);
	return (written_to($to, $from), $to);
}

sub written_to ($to, $from) {
	open my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', "$ENV{PURSER_BUILD}/purser-describe", 'reference', $to, $from or die $!;
	my $said = do { local $/; <$pipe> // '' };
	close $pipe;
	return ($? >> 8, $said);
}

my $copy = copied_docs();
my $examples = decode_json(slurp("$docs/examples.json"));
delete $examples->@{qw(orders.create audit.list)};
put("$copy/examples.json", encode_json($examples));
my ($status, $said, $to) = written($copy);
is($status, 1, 'a reference without an example is refused');
is_deeply([sort $said =~ /no example of (\S+)/g], [qw(audit.list orders.create)], '… each that is missing is named') or diag $said;
is_deeply([glob "$to/*"], [], '… and nothing is written');
$copy = copied_docs();
unlink "$copy/guides/webhooks.md";
($status, $said) = written($copy);
ok($status == 1 && $said =~ m{guides/webhooks\.md: No such file}, 'a guide that is not there is named') or diag $said;
$copy = copied_docs();
my %stale = ('site/events.md' => 'hooks.create', 'guides/webhooks.md' => 'event_subscriptions.make');
put("$copy/$_", slurp("$copy/$_") . "\nOr `events.list`, `order.settled` or `$stale{$_}`.\n") for keys %stale;
($status, $said, $to) = written($copy);
is_deeply([$status, sort $said =~ m{/((?:site|guides)/.* is no operation, resource or event)\.$}mg], [1, map { "$_: `$stale{$_}` is no operation, resource or event" } sort keys %stale],
    'so is an operation that prose names and nobody declares') or diag $said;
is_deeply([glob "$to/*"], [], '… and nothing is written');
$copy = copied_docs();
put("$copy/examples.json", '{"orders.create":');
($status, $said) = written($copy);
ok($status == 1 && $said =~ /\A[^\n]*examples\.json is no JSON object\.\n\z/, 'so are examples that are no JSON') or diag $said;
($status, $said) = written_to("$scratch/not/there", $docs);
ok($status == 1 && $said =~ m{\A[^\n]*not/there[^\n]*: No such file or directory\n\z}, 'a directory that is not there is one error') or diag $said;

$copy = copied_docs();
my $evil = q(</code></pre><script>alert(1)</script>"'&<img src=x onerror=alert(1)>);
$examples = decode_json(slurp("$docs/examples.json"));
$examples->{'api_keys.create'}{input}{name} = $examples->{'api_keys.create'}{reply}{$evil} = $evil;
put("$copy/examples.json", encode_json($examples));
put("$copy/guides/webhooks.md", "# A `<b>` $evil\n\nFirst.\n\n$evil [x](javascript:alert(1)) <b onclick=\"x\">y</b>\n\n## $evil\n\n```\"><script>alert(2)</script>\n$evil\n```\n");
($status, $said, $to) = written($copy);
is($status, 0, 'what looks like HTML is no fault') or diag $said;
for my $file ('api_keys.html', 'guides/webhooks.html', 'index.html', 'guides/production.html') {
	my $text = slurp("$to/$file");
	unlike($text, qr/<script(?! src="(?:\.\.\/)?search\.js" defer>)|<img|<b onclick|javascript:/i, "… and is text in $file");
}
like(slurp("$to/api_keys.html"), qr/&lt;script&gt;alert\(1\)&lt;\/script&gt;/, '… as it was given');

# ---- how it is served --------------------------------------------------------------------------------------------------

sub page ($path, %options) { return request($options{method} // 'GET', $path, client => $front, %options) }

my $home = page('/docs/');
is($home->status, 200, 'the reference is served');
is($home->header('content-type'), 'text/html; charset=utf-8', '… as HTML');
is($home->body, $html{'index.html'}, '… as it was written');
like($home->header('content-security-policy'), qr/\Adefault-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self';.* frame-ancestors 'none'\z/, 'nothing may come from elsewhere');
is($home->header('x-content-type-options'), 'nosniff', 'nothing is sniffed');
like($home->header('strict-transport-security') // '', qr/max-age=\d+/, 'HSTS is sent');
like($home->header('cache-control'), qr/max-age=\d+/, 'it may be kept for a while');
like($home->header('x-request-id') // '', qr/\A[0-9a-f]{32}\z/, 'a reply has its id');
my %types = ('orders.md' => 'text/markdown; charset=utf-8', 'style.css' => 'text/css; charset=utf-8', 'search.js' => 'text/javascript; charset=utf-8',
    'search.json' => 'application/json', 'llms.txt' => 'text/plain; charset=utf-8', 'icon.svg' => 'image/svg+xml');
is_deeply({ map { $_ => page("/docs/$_")->header('content-type') } sort keys %types }, \%types, 'every kind of file has its type');
my $again = page('/docs/orders.html', headers => ['If-None-Match' => page('/docs/orders.html')->header('etag')]);
is($again->status, 304, 'what is known is not sent again');
my $small = page('/docs/orders.html', headers => ['Accept-Encoding' => 'gzip']);
is(Compress::Zlib::memGunzip($small->body), $html{'orders.html'}, 'who takes gzip gets it');
like($small->header('vary'), qr/Accept-Encoding/i, '… and caches are told');
my $moved = page('/docs');
is_deeply([$moved->status, $moved->header('location'), $moved->body], [308, '/docs/', ''], '/docs leads to /docs/');
is_problem(page($_), 404, 'not_found', "$_ is nothing") for '/docs/nothing.html', '/docs/guides', '/docs/guides/', '/docs/../docs/../etc/passwd', '/docs/%2e%2e/purser-fcgi', '/docs/index', '/docsx';
is_problem(page('/docs/..%2f..%2fetc/passwd'), 400, 'bad_request', 'a path that leads above everything is none');
is_problem(page('/docs/orders.html', method => 'POST', body => {}), 405, 'method_not_allowed', 'it is only read', headers => { Allow => qr/\AGET, HEAD\z/ });
is(page('/docs/orders.html', method => 'HEAD')->status, 200, 'HEAD is answered');

my $tried = qx{PATH="\$PATH:/usr/local/sbin:/usr/sbin:/sbin" nginx -t -e stderr -c '$ENV{PURSER_VAR}/nginx/purser.conf' 2>&1};
ok($tried =~ /test is successful/ && $tried !~ /\[\w+\]/, 'nginx takes its configuration without a warning') or diag $tried;

# ---- in a browser ------------------------------------------------------------------------------------------------------

my ($chromium) = grep { -x } map { "$_/chromium" } split /:/, $ENV{PATH};
my $program = Purser::TypeScript->installed;
copy("$FindBin::Bin/reference/browser.mjs", "$program/reference.mjs") or die $!;
my ($largest) = sort { length $html{$b} <=> length $html{$a} } @pages;
my @kinds = ('index.html', 'orders.html', 'guides/webhooks.html', 'problems.html', $ENV{PURSER_CHECK_ALL} ? ($largest, 'event-types.html', 'guides/first-five-minutes.html') : ());
Purser::TypeScript->prove('reference.mjs', {
	url => "$ENV{PURSER_URL}/docs/", chromium => $chromium, kinds => \@kinds, dark => $ENV{PURSER_CHECK_ALL} ? \@kinds : ['problems.html'], narrow => $ENV{PURSER_CHECK_ALL} ? \@pages : [@kinds[0, 1]],
	screenshots => $ENV{SCREENSHOTS} // '',
});
done_testing;
