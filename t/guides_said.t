#!/usr/bin/perl
# What guides and README say and nobody types (t/guides.t types the rest): their links, the commands of an operator, and nginx's
# template as the guide for production fills it in.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Purser::Test;
use Purser::TypeScript;

my $root = "$FindBin::Bin/..";
my @files = ('README.md', (map { s{^\Q$root\E/}{}r } sort glob "$root/docs/guides/*.md"), map { "sdk/$_/README.md" } qw(python typescript));
my %text = map { $_ => Purser::TypeScript::slurp("$root/$_") } @files;

sub output_of (@command) {
	open my $pipe, '-|', @command or die "$command[0]: $!";
	local $/;
	return scalar <$pipe>;
}

# ---- links -------------------------------------------------------------------------------------------------------------

sub slug ($heading) { return lc($heading) =~ s/[^a-z0-9 _-]//gr =~ tr/ /-/r }
sub places_of ($text) { return map { slug($_) => 1 } $text =~ /^#+ (.+)$/gm }

# In the tree; or, from a guide, in the reference.
sub is_there ($file, $path) {
	return -e "$root/" . dirname($file) . "/$path" || ($file =~ m{^docs/(.*)} && -e "$ENV{PURSER_BUILD}/reference/" . dirname($1) . "/$path");
}

my @broken;
for my $file (@files) {
	my %places = places_of($text{$file});
	for my $link ($text{$file} =~ s/^```.*?^```//gmsr =~ /\]\(([^)\s]+)\)/g) {
		next if $link =~ m{^https?:};
		push @broken, "$file: $link" unless $link =~ /^#(.*)/ ? $places{$1} : is_there($file, $link);
	}
}
is_deeply(\@broken, [], 'every link of the guides and READMEs leads somewhere');

# ---- commands ----------------------------------------------------------------------------------------------------------

my %known = map { $_ => 1 } output_of("$ENV{PURSER_BUILD}/purserctl", '--help') =~ /^  ([a-z]\S*(?: [a-z][a-z-]*)?)/gm;
my @unknown;
for my $file (@files) {
	for my $said ($text{$file} =~ /\bpurserctl ([a-z][a-z-]*(?: [a-z][a-z-]*)?)/g) {
		push @unknown, "$file: purserctl $said" unless $known{$said} || $known{ $said =~ s/ .*//r };
	}
	for my $program (qw(purser-fcgi purser-jobs)) {
		my $usage = output_of("$ENV{PURSER_BUILD}/$program", '--help');
		push @unknown, map { "$file: $program $_" } grep { index($usage, $_) < 0 } $text{$file} =~ /\b$program (--[a-z-]+)/g;
	}
}
is_deeply(\@unknown, [], 'every command of an operator that they name is one');

# ---- nginx -------------------------------------------------------------------------------------------------------------

my ($block) = $text{'docs/guides/production.md'} =~ /^```sh\n(sed .*?purser\.conf\.in.*?)^```/ms;
my ($fill_in, @maps) = ($block // '') =~ /^(sed .*?nginx\.conf\n)(.*?\n)(.*?\n)/ms;
my $scratch = tempdir(CLEANUP => 1);
my %here = (
	'/usr/share/purser/nginx' => "$root/nginx", '/usr/share/purser/reference' => "$ENV{PURSER_BUILD}/reference",
	'/etc/ssl/private/billing.key' => "$ENV{PURSER_VAR}/tls/server.key", '/etc/ssl/billing.pem' => "$ENV{PURSER_VAR}/tls/server.pem",
	map({ $_ => "$scratch$_" } qw(/etc/nginx /var/log/nginx /var/lib/nginx)), '|/run|' => "|$scratch|", '127.0.0.1:9443' => "unix:$scratch/metrics.sock",
	'listen [::]:443 ssl http2 default_server;' => '', 'listen 443 ' => "listen unix:$scratch/public.sock ",
);
my $places = join '|', map { quotemeta } sort { length $b <=> length $a } keys %here;

# On this machine instead of a server.
sub type ($command) { return system('sh', '-c', "PATH='$ENV{PURSER_BUILD}':\$PATH; " . $command =~ s/($places)/$here{$1}/gr) }

make_path("$scratch/etc/nginx", "$scratch/var/log/nginx", "$scratch/var/lib/nginx");
ok(defined $fill_in && type($fill_in) == 0, 'the guide fills in the template of nginx');
is_deeply([Purser::TypeScript::slurp("$scratch/etc/nginx/nginx.conf") =~ /(\@[A-Z_]+\@)/g], [], '… every word of it');
is_deeply([map { type($_) } @maps], [0, 0], '… and both of its maps');
my $said = qx(PATH=\$PATH:/usr/sbin nginx -t -c '$scratch/etc/nginx/nginx.conf' -e '$scratch/error.log' -g 'daemon on; master_process on;' 2>&1);
ok($? == 0, '… and nginx takes it, as the service of Debian starts it') or diag $said;

done_testing;
