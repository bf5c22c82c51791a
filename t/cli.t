#!/usr/bin/perl
# The command line against the real service: names, flags, inputs, outputs, pages, keys, questions, help, completion.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Fcntl ();
use POSIX ();
use Purser::CommandLine;
use Purser::Test;

my $organization = new_organization(credits => 100_000);
my $key = $organization->{key};

sub run_ok ($run, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ok($run->{code} eq '0' && $run->{err} eq '', $name) || diag "code $run->{code}\n$run->{err}$run->{out}";
}

# One line, and lines that belong to it.
sub is_complaint ($run, $code, $pattern, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($first, @more) = split /\n/, $run->{err};
	my $ok = $run->{code} eq $code && ($first // '') =~ /\Apurser: / && ($first // '') =~ $pattern && !grep { !/^  / } @more;
	return ok($ok, $name) || diag "code $run->{code}\n$run->{err}";
}

sub words_of ($id) { return split /\./, $id =~ tr/_/-/r }

# ---- names and help --------------------------------------------------------------------------------------------------

my @operations = describe_operations();
my @wrong;
for my $operation (@operations) {
	my $help = purser({}, words_of($operation->{id}), '--help');
	my @fields = $operation->{flags}{raw_body} ? () : map { tr/_/-/r =~ s/\*//r } $operation->{fields}->@*;
	my @missing = grep { $help->{out} !~ /--(?:\[no-\])?\Q$_\E\b/ } @fields;
	push @wrong, "$operation->{id} $help->{code}: @missing $help->{err}" if $help->{code} ne '0' || @missing
	    || $help->{out} !~ /^usage: purser @{[join ' ', words_of($operation->{id})]}\b/ || $help->{out} =~ /--[a-z-]+ BOOLEAN/;
}
ok(!@wrong, 'every operation is a command of its own, whose help names every field') or diag join "\n", @wrong;

my %groups;
for my $operation (@operations) {
	my @words = words_of($operation->{id});
	$groups{join ' ', @words[0 .. $_ - 1]}{$words[$_]} = 1 for 0 .. $#words;
}
@wrong = ();
for my $group (sort keys %groups) {
	my $help = purser({}, split(/ /, $group), '--help');
	push @wrong, map { "$group: $_" } grep { $help->{code} ne '0' || $help->{out} !~ /^  \Q$_\E\s/m } keys $groups{$group}->%*;
}
ok(!@wrong, 'the help of every group names all that is in it') or diag join "\n", @wrong;
like(purser({}, @{ $_->[0] }, '--help')->{out}, qr/^It needs \Q$_->[1]\E; its effect: \w+\.$/m, "who may call `@{ $_->[0] }` is told in words")
    for [[qw(auth whoami)], 'any token'], [[qw(auth sessions list)], "a person's session"], [[qw(oauth token)], 'no token'], [[qw(orders list)], 'orders:read'];
like(purser({}, qw(billing set-auto-topup --help))->{out}, qr/^usage: .* --\[no-\]enabled /, 'a boolean that is required is shown with both of its sides');
is(purser({}, qw(help billing approvals approve))->{out}, purser({}, qw(billing approvals approve --help))->{out},
    '`help` and --help say the same');
like(purser({}, qw(orders create --help))->{out}, qr/^  --lines .*?^    sku  +What is ordered, .*?^    unit_credits  .*?required\)$/ms, 'what stands in an object is told below its flag');
is_complaint(purser({}, qw(billing aprovals)), 1, qr/no command `billing aprovals`.*`purser billing --help`/, 'a word that is no command is told, and where to look');
is_complaint(purser({}, @{ $_->[0] }), 1, qr/did you mean `\Q$_->[1]\E`\?/, "`purser @{ $_->[0] }` is answered by what may be meant")
    for [[qw(orders lst)], 'purser orders list'], [['order'], 'purser orders'], [['logn'], 'purser login'], [['topup'], 'purser billing topup'],
    [['balance'], 'purser billing credits balance'], [[qw(orders list --limt 5)], '--limit'], [[qw(orders list -limit 5)], '--limit'],
    [[qw(billing topup --credit=5)], '--credits'], [[qw(orders list --ouptut json)], '--output'], [[qw(organizations commitments list --no-include-line-item)], '--no-include-line-items'],
    [[qw(orders get 01M83ASMF4A7VF4S9AHQMM9BDT)], '--order-id 01M83ASMF4A7VF4S9AHQMM9BDT'];
unlike(purser({}, $_)->{err}, qr/did you mean/, "nothing is near `$_`") for 'customers', '-', '--', '-o', 'x' x 100;
is_complaint(purser({ key => $key }, qw(billing credits balance --organisation x)), 1, qr/`--organisation` is no flag here/, 'a flag that there is not is told');
is_complaint($_, 1, qr/`--pasword` is no flag here/, '… without its value, which may be a secret') for purser({ key => $key }, qw(auth sessions create --pasword=hunter2));
unlike(purser({ key => $key }, qw(webhooks stripe --json {} --header hunter2))->{err}, qr/hunter2/, '… nor does a header\'s value stand there');
is_complaint(purser({ key => $key }, qw(billing credits balance --all)), 1, qr/--all means nothing here/, 'an option that means nothing is told');
is_complaint(purser({ key => $key }, qw(auth users create)), 1, qr/--email, --password, --name are missing/, 'all required flags that are missing are told at once, before anything is sent');

# ---- inputs ----------------------------------------------------------------------------------------------------------

my $made = purser({ key => $key }, qw(api-keys create --name reports --permissions billing:read --permissions orders:read --rate-limit 7));
run_ok($made, 'scalar flags and a repeated one make the input');
my $made_key = decode_json($made->{out})->{id};
my $seen = purser({ key => $key }, qw(api-keys get --key-id), $made_key);
my $json = decode_json($seen->{out});
is_deeply([$json->{name}, $json->{permissions}, $json->{organization_rate_limit} // $json->{rate_limit}],
    ['reports', ['billing:read', 'orders:read'], 7], '… each as what it is');

run_ok(purser({ key => $key }, qw(organizations update --json), '{"display_name":"From JSON","industry":"maps"}',
    '--industry=space', '--billing-address', '{"line1":"1 High St","city":"Perth","postal_code":"6000","country":"AU"}'),
    'an object comes as JSON, and a flag wins over --json');
$json = call('organizations.get', {}, key => $key)->json;
is_deeply([@$json{qw(display_name industry)}, ($json->{billing_address} // {})->{city}], ['From JSON', 'space', 'Perth'], '… as sent');
my $file = spew(config_home() . '/input.json', '{"display_name":"Aus Datei \u00e9"}');
run_ok(purser({ key => $key }, qw(organizations update --json), "\@$file"), '--json takes a file');
is(call('organizations.get', {}, key => $key)->json->{display_name}, "Aus Datei \x{e9}", '… with what it says');
run_ok(purser({ key => $key, in => '{"display_name":"stdin"}' }, qw(organizations update --json -)), '--json takes standard input');
is(call('organizations.get', {}, key => $key)->json->{display_name}, 'stdin', '… with what it says');

my $exact = '123456789012345678';
my $refused = purser({ key => $key }, qw(orders list --json), qq({"limit":$exact}));
is_complaint($refused, 2, qr{/limit: [^\n]+\. \(422 invalid, request \w+\)$}, 'a refusal ends with 2, tells its only fault once, and names the request');
is($refused->{out}, '', '… and nothing stands on standard output');
my $twice = purser({ key => $key }, qw(orders list --json), qq({"limit":$exact,"cursor":7}));
like($twice->{err}, qr{^  /$_: .+\.$}m, "… and each of several: $_") for qw(limit cursor);
is_complaint(purser({ key => $key }, qw(orders list --limit many)), 1, qr/--limit takes a whole number, not `many`/, 'a word where a number belongs is told here');
is_complaint(purser({ key => $key }, qw(orders list --limit 1 --limit 2)), 1, qr/--limit is given twice/, 'a flag that is given twice is told');
is_complaint(purser({ key => $key }, qw(orders list --limit)), 1, qr/--limit takes a value/, 'a flag without its value is told');
is_complaint(purser({ key => $key }, qw(orders create --reference x --lines sku=scene)), 1, qr/--lines gives is no JSON: it takes '\{…\}', \@FILE, or -/, 'a word where an object belongs is told what it has to be');
is_complaint(purser({ key => $key }, @$_), 1, qr/\Q$_->[-2]\E is empty/, "an option that is given and empty is told: $_->[-2]")
    for [qw(billing topup --credits 500 --idempotency-key), ''], ['whoami', '--api-key', ''], [qw(orders list --json), ''];
is_complaint(purser({ key => $key }, qw(orders list --json [])), 1, qr/no JSON object/, '--json has to be an object');
is_complaint(purser({ key => $key }, qw(orders list --json {)), 1, qr/no JSON/, '… and JSON');
is_complaint(purser({ key => $key }, qw(orders list --json @/nowhere/file)), 1, qr{/nowhere/file can't be read}, '… and a file that is there');
is_complaint(purser({ key => $key }, qw(api-keys update --key-id x --name), "\xff"), 1, qr/no UTF-8/, 'bytes that are no UTF-8 are told');

my $listing = sub (@flags) { return scalar decode_json(purser({ key => $key }, qw(organizations commitments list), @flags)->{out})->{data}->@* };
is($listing->('--include-line-items') + $listing->('--no-include-line-items'), 0, 'a boolean is --x or --no-x');
is_complaint(purser({ key => $key }, qw(organizations commitments list --include-line-items=perhaps)), 1, qr/true or false/, '… or =true or =false');

# ---- bodies of many items --------------------------------------------------------------------------------------------

my $metric = 'requests';
my $lines = join '', map { encode_json({ id => "line-$_", metric => $metric, quantity => 1 }) . "\n" } 1 .. 3;
my $recorded = purser({ key => $key, in => $lines }, qw(usage record --lines -));
run_ok($recorded, 'lines from a pipe go in one request');
is(decode_json($recorded->{out})->{accepted}, 3, '… all of them');
run_ok(purser({ key => $key }, qw(usage record --lines), '@' . spew(config_home() . '/lines', $lines)), 'lines from a file go as well');
$recorded = purser({ key => $key }, qw(usage record), map { ('--events', encode_json({ id => "flag-$_", metric => $metric, quantity => "0.5" })) } 1, 2);
is(decode_json($recorded->{out})->{accepted}, 2, 'a list of objects is its flag, once for each') or diag $recorded->{err};
my $several = purser({ key => $key }, qw(usage record --events), '[]', '--events', encode_json([map { { id => "array-$_", metric => $metric, quantity => 1 } } 1, 2]), '--events', encode_json({ id => 'array-3', metric => $metric, quantity => 1 }));
is(decode_json($several->{out} || '{}')->{accepted}, 3, '… or an array of several') or diag $several->{err};
my $begun = config_home() . '/begun';
spew($begun, "no line of this request\n" . encode_json({ id => 'rest', metric => $metric, quantity => 1 }) . "\n");
open my $rest, '<:raw', $begun or die $!;
sysseek $rest, length "no line of this request\n", 0;
is(decode_json(purser({ key => $key, in => $rest }, qw(usage record --lines -))->{out} || '{}')->{accepted}, 1, 'of a file that somebody has begun to read the rest is sent');
my $token = purser({}, qw(oauth token --grant-type client_credentials --client-secret), $key);
run_ok($token, 'a form is made of flags as well');
ok(decode_json($token->{out})->{access_token}, '… and answers tokens');
is_complaint(purser({}, qw(oauth token --json), '{"grant_type":["client_credentials"]}'), 1, qr/`grant_type` is no text/, '… and takes nothing that a form can\'t hold');

# ---- outputs and pages -----------------------------------------------------------------------------------------------

my @numbers = map { my $order = call('orders.create', { reference => "job-$_", lines => [{ sku => 'scene', description => "Scene $_", quantity => '1', unit_credits => 10 }] }, key => $key); $order->json->{id} } 1 .. 23;
my $page = purser({ key => $key }, qw(orders list --limit 5));
is($page->{out}, call('orders.list', { limit => 5 }, key => $key)->body . "\n", 'in a pipe the answer is the service\'s, byte for byte');
my $all = purser({ key => $key }, qw(orders list --limit 5 --all));
run_ok($all, '--all follows the cursor');
is_deeply([map { $_->{id} } decode_json($all->{out})->{data}->@*], [reverse @numbers], '… through every page, in one JSON document');
my @transactions = map { $_->{id} } decode_json(purser({ key => $key }, qw(billing credits transactions --limit 1000))->{out})->{data}->@*;
is_deeply([map { $_->{id} } decode_json(purser({ key => $key }, qw(billing credits transactions --limit 5 --all --offset 3))->{out})->{data}->@*],
    [@transactions[3 .. $#transactions]], '… from where the first one begins, and skips nothing behind');
my $ndjson = purser({ key => $key }, qw(orders list --output ndjson));
is_deeply([map { decode_json($_)->{id} } split /\n/, $ndjson->{out}], [reverse @numbers], 'NDJSON is the whole list, a row a line');
is(purser({ key => $key }, qw(orders list --output ndjson --all --limit 4))->{out}, $ndjson->{out}, '… and by pages the same');
is(purser({ key => $key }, qw(orders list --output ndjson --all --json), '{"limit":4}')->{out}, $ndjson->{out}, '… wherever the size of a page is said');
my $table = purser({ key => $key }, qw(orders list --output table --limit 2 --all));
my ($head, @rows) = split /\n/, $table->{out};
is_deeply([map { (split / /)[0] } @rows], [reverse @numbers], 'a table has a line a row, over all pages');
like($rows[0], qr/ 1 item /, '… in which a list of objects is how many there are');
like(purser({ key => $key }, qw(billing credits transactions --limit 1 --output table))->{out}, qr/ order \Q$numbers[-1]\E +api_key \w{26}$/m, '… and what has a type and an id is these two');
like($head, qr/^id\s+reference\s+status\b/, '… under the names of the members');
like(purser({ key => $key }, qw(billing credits balance --output table))->{out}, qr/^available\w* +\d+$/m, 'one object is names and values');
is(purser({ key => $key }, qw(billing topups list --output table))->{out}, '', 'a table of nothing is nothing');
is(purser({ key => $key }, qw(billing topups list --all))->{out}, qq({"data":[],"next_cursor":null}\n), '… and all pages of nothing are a document');
my $statement = purser({ key => $key }, qw(organizations commitments statement --organization-id), $organization->{id}, qw(--output csv));
run_ok($statement, 'a media type of the operation\'s own is an output, too');
is((split /\n/, $statement->{out})[0], (split /\n/, request('POST', '/v1/organizations/commitments/statement', key => $key, body => { organization_id => $organization->{id} }, accept => 'text/csv')->body)[0], '… as it comes');
like(purser({ key => $key }, qw(organizations commitments statement --organization-id), $organization->{id}, '--period', POSIX::strftime('%Y-%m', gmtime), qw(--output ndjson))->{out}, qr/\A(?:\{[^\n]+\}\n)+\z/, '… by lines, too, where it is drawn so');
is_complaint(purser({ key => $key }, qw(orders list --output pdf)), 1, qr/no --output pdf of `orders list`: say one of json, table, ndjson\.$/, 'a media type that it has not is told');

my $slow = service(sub ($connection, $request) {
	print $connection "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"n\":1}\n\r\n";
	$connection->flush;
	sleep 3;
	print $connection "8\r\n{\"n\":2}\n\r\n0\r\n\r\n";
});
pipe my $reader, my $writer or die $!;
my $run = purser_begin({ key => $key, out => $writer, env => { PURSER_URL => $slow } }, qw(orders list --output ndjson));
close $writer;
my $began = time;
is(scalar <$reader>, qq({"n":1}\n), 'NDJSON streams as it comes');
cmp_ok(time - $began, '<', 3, '… before the end is there');
is(scalar <$reader>, qq({"n":2}\n), '… which comes, too');
is(purser_end($run)->{code}, 0, '… and ends well');

# ---- who and where ---------------------------------------------------------------------------------------------------

my $other = new_organization();
my $home = config_home();
run_ok(purser({ env => { PURSER_CONFIG_HOME => $home }, in => "$other->{key}\n" }, qw(login --api-key --profile other)), 'a key is kept as a profile');
my $who = sub ($options, @words) { return decode_json(purser($options, 'whoami', @words)->{out})->{organization}{id} };
my $nowhere = { PURSER_CONFIG_HOME => $home, PURSER_URL => undef, PURSER_CA => undef, PURSER_PROFILE => 'other' };
is($who->({ env => $nowhere }), $other->{id}, 'the profile says service, trust and key');
is($who->({ env => $nowhere, key => $key }), $organization->{id}, '… the environment wins over the profile');
is($who->({ env => $nowhere, key => $key }, '--api-key', $other->{key}), $other->{id}, '… and a flag over the environment');
is_complaint(purser({ env => { %$nowhere, PURSER_URL => $slow } }, 'whoami'), 1, qr/`other` is of \Q$ENV{PURSER_URL}\E, not of/, 'a profile\'s key is sent to no other service');
is_complaint(purser({ key => $key, env => { PURSER_URL => $_ } }, 'whoami'), 1, qr/no https address/, "a key is sent nowhere without encryption: $_")
    for 'http://purser.example', 'http://localhost.example', 'http://localhost:80@purser.example', 'http://localhost@purser.example';
is_complaint(purser({ key => $key, env => { PURSER_URL => undef } }, 'whoami'), 1, qr/Which service\?/, 'no service at all is told');
is($who->({ key => $key, env => { PURSER_CONFIG_HOME => undef, XDG_CONFIG_HOME => undef, HOME => $_->[0] } }), $organization->{id}, "$_->[1] needs no credentials where a key is said")
    for [undef, 'who has no home'], ['/dev/null', 'whose home is none'];
is_complaint(purser({}, 'whoami'), 1, qr/Nobody is signed in/, 'no key and no sign-in is told');
is_complaint(purser({}, qw(whoami --profile other)), 1, qr/signed in as profile `other`: run `purser login --profile other`/, '… and by which profile');
my $wrong = purser({ key => 'gpra_wrong' }, 'whoami');
is_complaint($wrong, 2, qr/\(401 /, 'a wrong key is the service\'s to refuse');
like($wrong->{err}, qr/^  Sign in with `purser login`, or give a key/m, '… with a line on how to mend it');
unlike(purser({}, qw(auth sessions create --email nobody@example.com --password wrong))->{err}, qr/Sign in with/, '… as a wrong password is not, which no token mends');

# ---- keys and questions ----------------------------------------------------------------------------------------------

my $buyer = new_organization();
my @topup = (qw(billing topup --credits 500));
my $failed = purser({ key => $buyer->{key} }, @topup);
is_complaint($failed, 2, qr/\(402 card_required/, 'what spends and fails says why');
like($failed->{err}, qr/^  idempotency_key: [0-9A-Z]{26}$/m, '… and its key, with which a second try is safe');
call('payment_methods.attach', { payment_method_id => 'pm_card_visa' }, key => $buyer->{key});
my $first = purser({ key => $buyer->{key} }, @topup, '--idempotency-key', 'once');
run_ok($first, 'a key of one\'s own goes with it');
is(purser({ key => $buyer->{key} }, @topup, '--idempotency-key', 'once')->{out}, $first->{out}, '… so that the second time is the first');
is(call('billing.topups.list', {}, key => $buyer->{key})->json->{data}->@*, 1, '… and bought once');
is_complaint(purser({ key => $key }, qw(orders list --idempotency-key x)), 1, qr/means nothing here/, 'a read takes no key');

my $bought = sub { scalar call('billing.topups.list', {}, key => $buyer->{key})->json->{data}->@* };
my $asked = on_terminal({ key => $buyer->{key}, answers => ['[y/N]', "n\n"] }, @topup);
like($asked->{shown}, qr/Buy credits.*billing topup \{"credits":500\}.*This spends/s, 'on a terminal it says what it would spend, and asks');
is("$asked->{code} " . $bought->(), '1 1', '… and no is no');
$asked = on_terminal({ key => $buyer->{key}, answers => ['[y/N]', "\n"] }, @topup);
is("$asked->{code} " . $bought->(), '1 1', '… and nothing is no');
$asked = on_terminal({ key => $buyer->{key}, answers => ['[y/N]', "y\n"] }, @topup);
is("$asked->{code} " . $bought->(), '0 2', '… and y goes on') or diag $asked->{shown};
$asked = on_terminal({ key => $buyer->{key} }, @topup, '--yes');
ok($asked->{code} eq '0' && $asked->{shown} !~ /Go on/ && $bought->() == 3, '--yes goes on without asking');
my $kept = File::Temp->new;
$asked = on_terminal({ key => $buyer->{key}, out => $kept, answers => ['[y/N]', "n\n"] }, @topup);
ok($asked->{code} eq '1' && -z $kept->filename && $bought->() == 3, 'it asks where only the output goes elsewhere');

# ---- terminals -------------------------------------------------------------------------------------------------------

my $much = sub ($body) { return service(sub ($connection, $request) { print $connection "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " . length($body) . "\r\n\r\n$body" }) };
my $shown = on_terminal({ key => $key, columns => 72 }, qw(orders list --limit 3));
my @lines = split /\n/, $shown->{shown};
ok(!(grep { length(Encode::decode('UTF-8', $_)) > 72 } @lines), 'a table is no wider than the terminal') or diag $shown->{shown};
like($shown->{shown}, qr/^\Q$numbers[-1]\E /m, '… and no id is cut');
like(on_terminal({ key => $key }, qw(billing topups list))->{shown}, qr/^\(There are none\.\)$/m, '… where there are none it says so');
like($shown->{shown}, qr/^\(\d+ columns more: --output json\)\r?$|^\(1 column more: --output json\)\r?$/m, '… and says how many columns there was no room for');
my $whole = on_terminal({ key => $key, columns => 60, env => { PURSER_URL => $much->('{"data":[{"actor":{"type":"user","id":"' . 'x' x 40 . '"},"at":"2026-11-23T04:32:20.123456Z"}],"next_cursor":null}') } }, qw(orders list));
like($whole->{shown}, qr/^user x+…  2026-11-23T04:32:20Z\r?$/m, '… and half a time is none');
like($shown->{shown}, qr/There are more: --all/, '… and says where there are more rows');
like(on_terminal({ key => $key, columns => 72 }, qw(orders list --limit 1 --output json))->{shown}, qr/^  "data": \[\n    \{\n      "id"/m, 'JSON on a terminal stands in lines');
is_complaint({ %$_, err => $_->{shown} }, 1, qr/PDF is nothing to read/, 'a PDF is not thrown at a terminal')
    for on_terminal({ key => $key }, qw(organizations commitments statement --organization-id), $organization->{id}, qw(--output pdf));
my $hostile = service(sub ($connection, $request) {
	my $body = qq({"data":[{"id":"\\u001b[2J","name":"a\xc2\x9b31m\xe2\x80\xaeb","c\\u001b[2J\xc2\x9b":"d"}],"next_cursor":null});
	print $connection "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
});
unlike(on_terminal({ key => $key, env => { PURSER_URL => $hostile } }, qw(orders list --output), $_)->{shown}, qr/\e|\xc2\x9b|\xe2\x80\xae/, "what others named does nothing to the terminal (--output $_)")
    for qw(table json);

my $dotted = purser({ key => $key, env => { PURSER_URL => $much->('{"data":[{"a.b":"there"}],"next_cursor":null}') } }, qw(orders list --output table));
is($dotted->{out}, "a.b\nthere\n", 'a name with a dot has its value below it');
my $hundred = $much->('{"data":[' . join(',', ('{"n":1}') x 60_000) . '],"next_cursor":null}');
my $long = purser({ key => $key, env => { PURSER_URL => $hundred } }, qw(orders list --all --output ndjson --limit 1));
ok($long->{code} eq '0' && $long->{out} =~ tr/\n// == 60_000, 'an answer of many values is none too many') or diag $long->{err};
pipe my $slowly, my $full or die $!;
fcntl $full, Fcntl::F_SETFL(), fcntl($full, Fcntl::F_GETFL(), 0) | Fcntl::O_NONBLOCK() or die $!;
my $patient = purser_begin({ key => $key, out => $full, env => { PURSER_URL => $hundred } }, qw(orders list));
close $full;
sleep 1;
is(length join('', <$slowly>), 30 + 60_000 * 8, 'an output that takes no more just now is waited for');
is(purser_end($patient)->{err}, '', '… without a word');
my $input = spew(config_home() . '/many.json', '{"events":[' . join(',', ('{"id":1}') x 60_000) . ']}');
is(purser({ key => $key, env => { PURSER_URL => $hundred } }, qw(usage record --json), "\@$input")->{err}, '', '… nor is an input');

# ---- completion ------------------------------------------------------------------------------------------------------

sub completed (@words) {
	my $line = join ' ', map { "'$_'" } @words;
	my $program = "$ENV{PURSER_BUILD}/purser";
	open my $bash, '-|', 'bash', '--norc', '-c', qq(. <($program completion bash); COMP_WORDS=($program $line); COMP_CWORD=${\scalar @words}; _purser; printf '%s\\n' "\${COMPREPLY[@]}") or die $!;
	my @candidates = <$bash>;
	chomp @candidates;
	return [sort @candidates];
}
is_deeply(completed(qw(billing appr)), ['approvals'], 'bash completes groups');
is_deeply(completed(qw(billing approvals ap)), ['approve'], '… and commands');
is_deeply(completed(qw(billing approvals approve --ap)), ['--api-key', '--approval-id'], '… and flags');
is_deeply(completed(qw(organizations create --currency A)), ['AUD'], '… and values that there are few of');
is_deeply(completed(qw(orders list --output n)), ['ndjson'], '… and outputs');
is_deeply(completed('orders', 'list', '--output', '=', 'nd'), ['ndjson'], '… behind an = as well');
is_deeply(completed(qw(help orders cre)), ['create'], '… and what one wants help with');
is_deeply(completed(qw(logi)), ['login'], '… and what is the program\'s own');
is_deeply(completed('organizations', 'commitments', 'list', '--no-in'), ['--no-include-line-items'], '… and a boolean\'s other side');
like(purser({}, 'version')->{out}, qr/^purser \d+\.\d+\.\d+$/, 'the version is told');

done_testing;
