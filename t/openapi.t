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

# Who may call stands beside each operation.
for my $operation (describe_operations) {
	my $post = $reply->json->{paths}{"/v1/op/$operation->{id}"}{post};
	my @roles = grep { $operation->{flags}{"role:$_"} } qw(owner admin billing member viewer);
	my ($media) = keys $post->{requestBody}{content}->%*;

	is_deeply([$post->@{qw(x-required-scope x-side-effect)}, $post->{'x-human'} ? 1 : 0, $post->{'x-required-role'} // []],
	    [$operation->@{qw(scope effect)}, $operation->{flags}{human} ? 1 : 0, \@roles], "$operation->{id}: scope, side-effect and who");
	is_deeply($post->{security}, $operation->{scope} eq 'PUBLIC' ? [] : undef, "$operation->{id}: whether a token is looked at");
	is($media, $operation->{flags}{oauth} ? 'application/x-www-form-urlencoded' : 'application/json', "$operation->{id}: JSON, or OAuth's form");
	is(scalar(grep { ($_->{'$ref'} // '') =~ /Idempotency-Key$/ } $post->{parameters}->@*), $operation->{kind} eq 'write' && !$operation->{flags}{no_key} ? 1 : 0,
	    "$operation->{id}: an idempotency key where it counts");
}
done_testing;
