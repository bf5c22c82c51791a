#!/usr/bin/perl
# Examples of inputs that quoting goes wrong with: what each text says when it is run is the input, byte for byte. The programs
# that it calls are stand-ins that print what they were given; t/examples.t runs the real ones.
use v5.36;
use utf8;
use Encode ();
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use IPC::Open3;
use JSON::PP ();
use Symbol qw(gensym);
use Test::More;

binmode $_, ':encoding(UTF-8)' for Test::More->builder->output, Test::More->builder->failure_output;
my $describe = ($ENV{PURSER_BUILD} // "$FindBin::Bin/../build/plain") . '/purser-describe';
$ENV{ASAN_OPTIONS} .= ':detect_leaks=0' if defined $ENV{ASAN_OPTIONS} && !$ENV{PURSER_CHECK_ALL}; # it is run hundreds of times
my $scratch = tempdir(CLEANUP => 1);
my $codec = JSON::PP->new->utf8->canonical->allow_nonref;

sub put ($file, $text) {
	open my $out, '>:encoding(UTF-8)', "$scratch/$file" or die "$file: $!";
	print $out $text;
	close $out or die "$file: $!";
	return "$scratch/$file";
}

# What a command prints on both, given that on its standard input.
sub answer ($given, @command) {
	my $pid = open3(my $in, my $out, my $errors = gensym, @command);
	print $in $given;
	close $in;
	my $said = do { local $/; <$out> // '' };
	my $complaint = do { local $/; <$errors> // '' };
	waitpid $pid, 0;
	return ($? >> 8, $said, $complaint);
}

sub text_of ($operation, $language, $input) {
	my ($status, $text, $complaint) = answer($codec->encode($input), $describe, 'example', $operation, $language);
	die "$operation $language: $complaint" if $status != 0;
	utf8::decode($text);
	return $text;
}

# ---- stand-ins -----------------------------------------------------------------------------------------------------------

my $shell = <<'END';
curl() { printf '%s\0' "$@"; }
purser() { printf '%s\0' "$@"; }
END
put('purser.py', <<'END');
import json, datetime, decimal
def plain(value):
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return str(value)
class Reply:
    data = ()
class Purser:
    def __getattr__(self, name):
        return self
    def __call__(self, **given):
        for name, value in given.items():
            if isinstance(value, bytes):
                given[name] = value.decode()
        json.dump({name.rstrip("_"): value for name, value in given.items()}, open("python.json", "w"), default=plain)
        return Reply
END
put('purser.mjs', <<'END');
import { writeFileSync } from "node:fs";
const anything = new Proxy(() => {}, {
  get: (target, name) => anything,
  apply: (target, self, given) => (writeFileSync("typescript.json", JSON.stringify(given)), { data: [] }),
});
export class Purser { constructor() { return anything; } }
END

sub words_of ($text) {
	my ($status, $said, $complaint) = answer($shell . Encode::encode('UTF-8', $text), 'bash', '-s');
	die "bash: $complaint" if $status != 0;
	return map { Encode::decode('UTF-8', $_) } split /\0/, $said, -1;
}

sub given_by ($language, $text) {
	my %command = (python => ['python3', put('example.py', $text)], typescript => ['node', put('example.mjs', $text =~ s/"purser"/".\/purser.mjs"/r)]);
	my ($status, undef, $complaint) = answer('', 'sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', $scratch, $command{$language}->@*);
	die "$language: $complaint\n$text" if $status != 0;
	open my $in, '<:raw', "$scratch/$language.json" or die $!;
	local $/;
	return $codec->decode(<$in>);
}

# ---- inputs ----------------------------------------------------------------------------------------------------------------

my @nasty = ("it's", q(say "yes"), q(both ' and "), '$(reboot) `reboot` $HOME', 'back\\slash \\n', "two\nlines\n--flag", "tab\there", '-', '--yes', '@file', '!bang!', ' blanks ',
    "\x{e9}\x{20ac}\x{1f600}", "*?[a]{b,c}~", '${x}%s%d', "'''\"\"\"", '#', "\x{2028}", 'a' x 200);

for my $name (@nasty) {
	my $input = { name => $name, permissions => [$name, 'orders:*'] };
	my $shown = $name =~ s/([^ -~])/sprintf '\\x{%x}', ord $1/ger;
	my @words = words_of(text_of('api_keys.create', 'curl', $input));
	my ($body) = map { $words[$_ + 1] } grep { $words[$_] eq '-d' } 0 .. $#words;
	my @flags = words_of(text_of('api_keys.create', 'cli', $input));
	is_deeply(JSON::PP->new->decode($body), $input, "curl sends what was meant: $shown");
	is_deeply([grep { $_ ne '' } @flags[0 .. 7]], [qw(api-keys create --name), $name, '--permissions', $name, '--permissions', 'orders:*'], '… so does the command line');
	is_deeply(given_by('python', text_of('api_keys.create', 'python', $input)), $input, '… and Python');
	is_deeply(given_by('typescript', text_of('api_keys.create', 'typescript', $input)), [$input], '… and TypeScript');
}

# ---- kinds -----------------------------------------------------------------------------------------------------------------

my $text = text_of('organizations.commitments.create', 'python', { organization_id => '01JADY2P9BZ0MQ5V1C8X3T7RNE', amount => '1200.00', name => 'Imagery' });
like($text, qr/^from decimal import Decimal$/m, 'Python imports what it names');
like($text, qr/amount=Decimal\("1200\.00"\)/, '… and is exact where money is');
$text = text_of('audit.list', 'python', { from => '2026-01-31T09:30:00Z', to => '2026-01-31T09:30:05.000001Z', limit => 2 });
like($text, qr/from_=datetime\(2026, 1, 31, 9, 30, tzinfo=timezone\.utc\)/, 'a time is a datetime with its zone, under a name that Python allows');
like($text, qr/to=datetime\(2026, 1, 31, 9, 30, 5, 1, tzinfo=timezone\.utc\)/, '… to the microsecond');
like($text, qr/^for deed in page\.data:$/m, 'a list is gone through');
like(text_of('orders.create', 'python', { reference => 'r', lines => [{ sku => 's', description => 'd', quantity => '2.5', unit_credits => 1 }] }), qr/"quantity": Decimal\("2\.5"\)/, 'so it is inside of lists');
like(text_of('billing.topup', 'curl', { credits => 5 }), qr/Idempotency-Key: \$KEY/, 'what spends has a key');
like(text_of('billing.topup', 'cli', { credits => 5 }), qr/ --yes$/m, '… and is not asked about on the command line');
unlike(text_of('auth.users.create', 'curl', { email => 'a@example.com', password => 'x' }), qr/Authorization/, 'what is public shows no token');
like(text_of('usage.record', 'curl', { events => [{ id => 'a' }, { id => 'b' }] }), qr/x-ndjson.*--data-binary '\{"id": "a"\}\n\{"id": "b"\}'/s, 'many items go out by lines');
unlike(text_of('orders.list', 'python', { limit => 2, cursor => undef }), qr/cursor/, 'what is null and need not be is left out');
my @form = words_of(text_of('oauth.token', 'curl', { grant_type => 'client_credentials', client_secret => "a&b=c 'd" }));
is_deeply([grep { /^client_secret/ } @form], ["client_secret=a&b=c 'd"], 'a form is encoded by curl');
my $hook = { body => qq({"a":"it's"}\n), headers => { 'Stripe-Signature' => 't=1,v1=a' } };
my @raw = words_of(text_of('webhooks.stripe', 'curl', $hook));
is((map { $raw[$_ + 1] } grep { $raw[$_] eq '--data-binary' } 0 .. $#raw)[0], $hook->{body}, 'what is signed goes out as it is, by curl');
is_deeply(given_by('python', text_of('webhooks.stripe', 'python', $hook)), $hook, '… by Python');
is_deeply(given_by('typescript', text_of('webhooks.stripe', 'typescript', $hook)), [$hook->{body}, { headers => $hook->{headers} }], '… by TypeScript');

# ---- faults ------------------------------------------------------------------------------------------------------------------

for my $fault (['no.such', 'curl', '{}', qr/no operation no\.such/], ['orders.create', 'cobol', '{}', qr/cobol is none of/], ['orders.create', 'curl', '[]', qr/no JSON object/],
	['orders.create', 'curl', '', qr/no JSON object/]) {
	my ($operation, $language, $input, $why) = @$fault;
	my ($status, $said, $complaint) = answer($input, $describe, 'example', $operation, $language);
	ok($status == 1 && $said eq '' && $complaint =~ $why, "$operation in $language of `$input` is refused") or diag "$status $said $complaint";
}
my ($status, $said, $complaint) = answer('', $describe, 'example', 'orders.create');
ok($status == 2 && $complaint =~ /^usage:/, 'too few words get the usage');
($status, $said, $complaint) = answer('', $describe, '--help');
ok($status == 0 && $complaint eq '', 'who asks for it gets it, too');
is_deeply([grep { !/^usage: |^  [a-z-]+  +\S|^  [a-z]+ [A-Z]|^ {22}\S/ } split /\n/, $said], [], '… every name apart from its text');
done_testing;
