#!/usr/bin/perl
# Every problem that an operation declares was really raised by it, somewhere in the suite.
# alone: it looks at what all others saw
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Reply;
use Test::More;

my $codec = Purser::Reply::codec();

# Those that no request to one operation can bring about by itself; why.
my %excused = (
	request_timeout => 'needs a slow client: t/frontdoor.t raises it once',
	length_required => 'only a web server that passes no length can make a worker say so',
	uri_too_long => 'refused before the operation is known: t/frontdoor.t raises it once',
	headers_too_large => 'refused before the operation is known: t/frontdoor.t raises it once',
	internal => 'our own mistake: none is known',
	bad_gateway => 'needs a worker that dies: the tests of the pool raise it',
	gateway_timeout => 'needs a worker that hangs: the tests of the pool raise it',
	unavailable => 'needs a database that is away: t/faults.t raises it for every write',
	busy => 'needs five lost races in a row: t/faults.t raises it for every write',
);

# Those of one operation.
my %excused_at = (
	map({ $_ => { conflict => 'needs two organizations of one name whose ids end alike' } } qw(organizations.create admin.organizations.create)),
);

plan(skip_all => 'PURSER_RECORD is not set: nothing was noted') unless $ENV{PURSER_RECORD};

open my $describe, '-|', "$ENV{PURSER_BUILD}/purser-describe", 'openapi' or die "purser-describe: $!";
my $document = $codec->decode(do { local $/; <$describe> });

sub codes_of ($response) {
	my ($name) = ($response->{'$ref'} // '') =~ m{([^/]+)$} or return;
	my ($content) = values $document->{components}{responses}{$name}{content}->%*;
	return $content->{schema}{allOf}[1]{properties}{code}{enum}->@*;
}

my (%declared, %operation_at, %raised);

for my $path (keys $document->{paths}->%*) {
	for my $method (keys $document->{paths}{$path}->%*) {
		my $operation = $document->{paths}{$path}{$method};
		next unless $operation->{'x-required-scope'};
		my ($id) = $operation->{operationId} =~ /^([^-]+)/;
		$operation_at{uc($method)}{$path} = $id;
		$declared{$id}{$_} = 1 for map { codes_of($_) } values $operation->{responses}->%*;
	}
}

sub operation_of ($method, $path) {
	my $at = $operation_at{$method eq 'HEAD' ? 'GET' : $method} // {};

	return $at->{$path} if $at->{$path};
	for my $template (grep { /\{/ } keys %$at) {
		my $pattern = join '[^/]+', map { quotemeta } split /\{[^}]+\}/, $template, -1;
		return $at->{$template} if $path =~ /\A$pattern\z/;
	}
	return undef;
}

for my $file (glob "$ENV{PURSER_RECORD}/*.ndjson") {
	open my $in, '<', $file or die "$file: $!";
	while (my $line = <$in>) {
		my $reply = $codec->decode($line);
		# OAuth's refusals are application/json.
		next if $reply->{status} < 400 || ($reply->{media_type} // '') !~ m{^application/(?:problem\+)?json$} || $reply->{body} eq '';
		my $id = operation_of($reply->{method}, $reply->{path}) // next;
		my ($code) = $reply->{body} =~ /"code":"(\w+)"/ or next;
		my $json = eval { Purser::Reply::codec()->utf8(0)->decode($reply->{body}) };
		$raised{$id}{ $json ? $json->{code} : $code } = 1;
	}
}

for my $id (sort keys %declared) {
	my @missing = grep { !$raised{$id}{$_} && !$excused{$_} && !$excused_at{$id}{$_} } sort keys $declared{$id}->%*;
	ok(!@missing, "$id: every declared problem was raised") or diag "never seen: @missing";
}
done_testing;
