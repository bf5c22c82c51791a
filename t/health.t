#!/usr/bin/perl
# Health: does the process answer, does the database.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;

for my $path ('/v1/health/live', '/v1/health/ready') {
	my $reply = get($path);
	is_success($reply, "$path answers without a token");
	is_deeply($reply->json, { status => 'ok' }, 'that all is well');
	is_success(get($path, key => 'nonsense'), 'whatever the token');
	my $head = request('HEAD', $path);
	is($head->status, 200, 'HEAD, too');
	is($head->body, '', 'without a body');
	is_problem(post($path, {}), 405, 'method_not_allowed', 'it is only read', headers => { Allow => qr/GET, HEAD/ });
	my $options = request('OPTIONS', $path);
	is($options->status, 204, 'OPTIONS tells how');
	like($options->header('allow'), qr/GET/, 'by Allow');
}

SKIP: {
	my ($table) = map { $_->[0] } grep { $_->[0] =~ /migration/ } db_run('SHOW TABLES')->fetchall_arrayref->@*;
	skip 'no table of migrations', 3 unless defined $table;
	db_run("RENAME TABLE $table TO ${table}_away");
	is_problem(get('/v1/health/ready'), 503, 'unavailable', 'a schema that is not the expected one is not ready');
	is_success(get('/v1/health/live'), 'the process answers all the same');
	db_run("RENAME TABLE ${table}_away TO $table");
	is_success(get('/v1/health/ready'), 'set right again, it is ready');
}
done_testing;
