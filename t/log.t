#!/usr/bin/perl
# The log is one JSON object a line, whatever a caller sends, and holds no secret.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;

my $path = "$ENV{PURSER_VAR}/log/purser.log";
my $from = -s $path;
my $organization = new_organization();
my $key = new_key($organization, 'billing:read');
my $long = '%01' x 1200;

call('billing.credits.balance', {}, key => $key->{key}, headers => [traceparent => '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'X-Request-Id' => 'log-1']);
get("/v1/$long", headers => [traceparent => "\x80" x 1000]);
get('/v1/op/' . '"\\' x 500, headers => [traceparent => '"' x 1000]);
get("/v1/health/live?token=$key->{key}");
call('billing.credits.balance', {}, key => "gpra_${\('x' x 49)}", headers => ['X-Request-Id' => 'log-2']);
call('api_keys.create', { name => 'logged', permissions => ['nonsense'] }, key => $organization->{key}, headers => ['X-Request-Id' => 'log-3']);

open my $log, '<:raw', $path or die "$path: $!";
seek $log, $from, 0;
my (@lines, @broken);
while (my $line = <$log>) {
	my $object = eval { decode_json($line) };
	push @{ $object ? \@lines : \@broken }, $object // $line;
}
is_deeply(\@broken, [], 'every line is a JSON object');
my %by_id = map { ($_->{request_id} // '') => $_ } @lines;
my $good = $by_id{'log-1'};
is_deeply([$good->@{qw(operation method path status principal_type principal organization traceparent)}],
    ['billing.credits.balance', 'POST', '/v1/op/billing.credits.balance', 200, 'api_key', $key->{id}, $organization->{id},
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'], 'a request\'s line tells who did what');
is($by_id{'log-2'}{problem}, 'unauthenticated', 'a refusal tells its problem');
is($by_id{'log-3'}{status}, 422, 'and its status');
seek $log, $from, 0;
my $text = do { local $/; <$log> };
unlike($text, qr/\Q$key->{key}\E|\Q$organization->{key}\E|\Q$ENV{PURSER_ADMIN_KEY}\E/, 'no token is in it');
unlike($text, qr/nonsense/, 'nor what a body held');
done_testing;
