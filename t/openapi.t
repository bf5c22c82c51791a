#!/usr/bin/perl
# The OpenAPI document as it is served.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;

my $reply = get('/v1/openapi.json');

is_success($reply, 'it is public');
is_deeply($reply->json, openapi, 'it is what purser-describe prints');
my $tag = $reply->header('etag');
like($tag, qr/^"[^"]+"$/, 'it has a strong ETag');
is(get('/openapi.json')->body, $reply->body, '/openapi.json is the same');
is(get('/v1/openapi.json')->header('etag'), $tag, 'every worker has the same ETag') for 1 .. 10;

my $known = get('/v1/openapi.json', headers => ['If-None-Match' => $tag]);
is($known->status, 304, 'who has it gets 304');
is($known->body, '', 'without a body');
is($known->header('etag'), $tag, 'with its ETag');
is(get('/v1/openapi.json', headers => ['If-None-Match' => qq("other", W/$tag)])->status, 304, 'a list of tags is read');
is(get('/v1/openapi.json', headers => ['If-None-Match' => '*'])->status, 304, 'so is *');
is(get('/v1/openapi.json', headers => ['If-None-Match' => '"other"'])->status, 200, 'another tag is not it');

my $head = request('HEAD', '/v1/openapi.json');
is($head->status, 200, 'HEAD answers');
is($head->body, '', 'without a body');
is($head->header('content-length'), length $reply->body, 'but with its length') if defined $head->header('content-length');
is($head->header('etag'), $tag, 'and its ETag');
is_problem(request('POST', '/v1/openapi.json', body => {}), 405, 'method_not_allowed', 'it is only read', headers => { Allow => qr/GET/ });
is_success(get('/v1/openapi.json', key => 'nonsense'), 'a token is not looked at');
is($reply->json->{openapi}, '3.1.0', 'it is OpenAPI 3.1');
my %ids;
$ids{ $_->{operationId} }++ for map { grep { ref && $_->{operationId} } values %$_ } values $reply->json->{paths}->%*;
is_deeply([grep { $ids{$_} > 1 } keys %ids], [], 'every operationId is there once');

sub begins_of ($id) { my @words = split /\./, $id; return map { join '.', @words[0 .. $_] } 1 .. $#words }
my %declared = map { $_ => 1 } (map { begins_of($_->{id}) } describe_operations), keys $reply->json->{webhooks}->%*;
is_deeply([grep { !$declared{$_} } $reply->body =~ /`([a-z_]+(?:\.[a-z_]+)+)`/g], [], 'no sentence names an operation or an event that is not there');

# The bodies that an operation takes besides its own, and the writes without a key that do nothing twice.
my %forms = ('usage.record' => [map { "application/$_" } qw(x-ndjson cloudevents+json cloudevents-batch+json)]);
my %repeatable = map { $_ => 1 } qw(oauth.revoke usage.record webhooks.stripe);

# Who may call stands beside each operation.
for my $operation (describe_operations) {
	my $post = $reply->json->{paths}{"/v1/op/$operation->{id}"}{post};
	my @roles = grep { $operation->{flags}{"role:$_"} } qw(owner admin billing member viewer);
	my @media = ($operation->{flags}{oauth} ? 'application/x-www-form-urlencoded' : 'application/json', ($forms{ $operation->{id} } // [])->@*);

	is_deeply([$post->@{qw(x-required-scope x-side-effect)}, $post->{'x-human'} ? 1 : 0, $post->{'x-required-role'} // []],
	    [$operation->@{qw(scope effect)}, $operation->{flags}{human} ? 1 : 0, \@roles], "$operation->{id}: scope, side-effect and who");
	is_deeply($post->{security}, $operation->{scope} eq 'PUBLIC' ? [] : undef, "$operation->{id}: whether a token is looked at");
	is_deeply([sort keys $post->{requestBody}{content}->%*], [sort @media], "$operation->{id}: JSON, or OAuth's form, and what it takes besides");
	is($post->{'x-repeatable'} ? 1 : 0, $repeatable{ $operation->{id} } // 0, "$operation->{id}: whether it may be sent again without a key");
	is(scalar(grep { ($_->{'$ref'} // '') =~ /Idempotency-Key$/ } $post->{parameters}->@*), $operation->{kind} eq 'write' && !$operation->{flags}{no_key} ? 1 : 0,
	    "$operation->{id}: an idempotency key where it counts");
}

# ---- bodies and replies besides JSON ---------------------------------------------------------------------------------------

my ($paths, $schemas) = ($reply->json->{paths}, $reply->json->{components}{schemas});
my $body = $paths->{'/v1/usage/record'}{post}{requestBody};
my ($lines, $single, $batch) = map { $body->{content}{$_}{schema} } $forms{'usage.record'}->@*;
sub named ($name) { return { '$ref' => "#/components/schemas/$name" } }
is_deeply($lines, named('UsageEventInput'), 'a line of usage is an event, as those of the list are');
is_deeply($schemas->{RecordUsageInput}{properties}{events}{items}, $lines, 'which are named alike');
is_deeply($single, named('CloudEventInput'), 'a CloudEvent is another shape');
is_deeply([$batch->@{qw(type items)}], ['array', $single], 'of which a batch is a list');
is_deeply([sort $schemas->{CloudEventInput}{required}->@*], [qw(data id source specversion type)], 'with members that have to be there');
ok($schemas->{CloudEventInput}{additionalProperties}, 'and others that may');
like($body->{description}, qr/`application\/x-ndjson`/, 'it is told how lines are sent');
is_deeply([grep { /InputInput$/ } keys %$schemas], [], 'no name says twice that it is an input');

my %contents = map { my $path = $_; map { ("$_ $path" => $paths->{$path}{$_}{responses}{200}{content}) } keys $paths->{$path}->%* } keys %$paths;
my @streams = grep { $contents{$_} && $contents{$_}{'application/x-ndjson'} } sort keys %contents;
is_deeply([grep { !$contents{$_}{'application/x-ndjson'}{schema}{'$ref'} } @streams], [], 'the lines of every reply have a shape');
is_deeply($contents{'post /v1/organizations/commitments/statement'}{'application/x-ndjson'}{schema}, named('StatementActivity'), 'those of a statement are its activity');
ok($paths->{'/v1/organizations/commitments/statement'}{get}{responses}{200}{headers}{'Content-Disposition'}, 'and a file of it has a name');
done_testing;
