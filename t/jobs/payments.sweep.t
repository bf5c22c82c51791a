#!/usr/bin/perl
# The sweeper ends what requests have left open: when it is due, one payment at a time, however many sweep. That nothing is
# charged or booked twice whatever happens is in t/payments.t.
# early: it takes a minute
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Payments;
use Purser::Test;
use Time::HiRes qw(time);

my $job = 'payments.sweep';
my $stack = Purser::Payments->start;
my $provider = $stack->provider;

sub buy ($buyer, %more) { return $stack->good('billing.topup', { credits => 100, %more }, key => $buyer->{key}) }
sub row ($topup) { return db_run('SELECT state, lease_token, error_code, CAST(look_at AS CHAR) AS look_at FROM payment WHERE id = ?', bytes_of($topup->{id}))->fetchrow_hashref }
sub looks_in ($topup) { return db_value('SELECT ROUND(TIMESTAMPDIFF(MICROSECOND, ?, look_at) / 1000000) FROM payment WHERE id = ?', private_now(), bytes_of($topup->{id})) }
sub looked () { return scalar grep { $_->{name} =~ /^(?:GET|POST) .*payment_intents\/\*/ } $provider->statistics->{log}->@* }

ok($stack->run($job), 'with nothing to do it ends well');

# ---- when ----

my $slow = buy($stack->new_buyer('pm_card_processing'));
is($slow->{status}, 'processing', 'a charge takes its time');
cmp_ok(looks_in($slow), '<=', 5, 'the first look is due within seconds');
my $before = looked;
$stack->run($job) if looks_in($slow) > 2;
is(looked, $before, 'not before');
for (30, 120, 600, 3600, 3600) {
	my $left = looks_in($slow);
	$stack->later($left + 1 > 1 ? $left + 1 : 1);
	ok($stack->run($job), 'it is looked at when it is due');
	my $next = looks_in($slow);
	ok($next > 0.6 * $_ && $next <= $_, "and again $_ s later") or diag $next;
}
cmp_ok(row($slow)->{lease_token}, '==', 5, 'each look has a lease of its own');
$provider->control('settle', payment_intent => $slow->{payment_intent_id});
$stack->later(3601);
$stack->run($job);
is_deeply([@{ row($slow) }{qw(state look_at)}], ['succeeded', undef], 'when it is paid it is booked, and never looked at again');

# Its holder may authenticate without our being told.
my $asks = buy($stack->new_buyer('pm_card_authenticationRequired'));
for (60, 600, 3600, 3600) {
	my $next = looks_in($asks);
	ok($next > 0.9 * $_ && $next <= $_, "a payment that waits for its holder is looked at in $_ s") or diag $next;
	$stack->later($next + 1);
	$stack->run($job);
}
$stack->later(86400 - 60 - 600 - 2 * 3600 - 310);
$stack->run($job);
cmp_ok(looks_in($asks), '<', 400, 'and when its day is over') or diag looks_in($asks);
my $quiet = buy($stack->new_buyer('pm_card_authenticationRequired'));
$provider->control('authenticate', payment_intent => $quiet->{payment_intent_id});
$stack->later(61);
$stack->run($job);
is(row($quiet)->{state}, 'succeeded', 'so that a holder who has paid waits a minute for the credits');

# ---- what nobody performs ----

# A row, as a worker leaves it that dies right behind its intent.
my $buyer = $stack->new_buyer;
my $first = buy($buyer);
my $left = new_ulid();
db_run("INSERT INTO payment (id, organization_id, purpose, state, credits, amount, tax, currency, provider, customer_id, card_id, request, created_at, look_at)
    SELECT ?, organization_id, purpose, 'pending', credits, amount, tax, currency, provider, customer_id, card_id, REPLACE(request, ?, ?), ?, ? FROM payment WHERE id = ?",
    bytes_of($left), $first->{id}, $left, private_now(), private_now(60), bytes_of($first->{id}));
$stack->run($job);
is(row({ id => $left })->{state}, 'pending', 'a payment is left to its worker for a minute');
$stack->later(61);
$stack->run($job);
is(row({ id => $left })->{state}, 'succeeded', 'then the sweeper performs it');
is($provider->taken($left)->{charges}, 1, 'it is charged once');
is_deeply([$stack->faults($buyer)], [], 'and booked once');

# ---- many at once ----

my @buyers = map { $stack->new_buyer('pm_card_processing') } 1 .. 6;
my @topups = map { buy($_) } @buyers;
$provider->control('settle', payment_intent => $_->{payment_intent_id}) for @topups;
$stack->later(10);
my @pids = map { $stack->begin_run($job) } 1 .. 3;
ok(grep({ end_program($_) == 0 } @pids) >= 1, 'of three sweepers at once those give up whose lease another took');
$stack->later(61);
$stack->run($job);
is_deeply([map { row($_)->{state} } @topups], [('succeeded') x 6], 'all that was due is done, by whomever');
is_deeply([map { $stack->faults($_) } @buyers], [], 'each once');

# A sweeper that is killed holds its payment for a minute.
my $held = $stack->new_buyer('pm_card_processing');
my $topup = buy($held);
$provider->control('settle', payment_intent => $topup->{payment_intent_id});
$stack->later(10);
$provider->control('fault', method => 'GET', path => '^/v1/payment_intents/', hang => 20, when => 'before', times => 1);
my $seen = grep { $_->{name} eq 'GET /v1/payment_intents/*' } $provider->statistics->{log}->@*;
my $pid = $stack->begin_run($job);
ok($stack->seen('GET /v1/payment_intents/*', $seen + 1), 'a sweeper asks the processor');
kill 'KILL', $pid;
end_program($pid);
$provider->control('clear_faults');
$stack->run($job);
is(row($topup)->{state}, 'charging', 'it is killed: the payment is leased');
$stack->later(61);
$stack->run($job);
is(row($topup)->{state}, 'succeeded', 'a minute later another ends it');
is_deeply([$stack->faults($held)], [], 'once');

# ---- a processor that never answers ----

my @stuck = map { $stack->new_buyer('pm_card_processing') } 1 .. 3;
my @open = map { buy($_) } @stuck;
$stack->later(10);
$provider->control('fault', path => '^/v1/payment_intents/', times => 0, reset => 1);
my $began = time;
ok($stack->run($job), 'a processor that never answers is no failure of the job');
cmp_ok(time - $began, '<', 28, 'which gives the other jobs their turn');
$provider->control('clear_faults');
is_deeply([map { row($_)->{state} =~ /^(?:charging|unknown)$/ ? 1 : 0 } @open], [1, 1, 1], 'what nobody knows stays open');
$provider->control('settle', payment_intent => $_->{payment_intent_id}) for @open;
$stack->settle;
is_deeply([map { $stack->faults($_) } @stuck], [], 'and is ended when it answers again');

# One that can't be ended keeps no other from it.
my ($broken, $fine) = map { $stack->new_buyer('pm_card_processing') } 1 .. 2;
my ($bad, $good) = map { buy($_) } $broken, $fine;
$provider->control('settle', payment_intent => $_->{payment_intent_id}) for $bad, $good;
db_run("UPDATE payment SET provider = 'nobody', look_at = look_at - INTERVAL 1 SECOND WHERE id = ?", bytes_of($bad->{id}));
$stack->later(10);
isnt(end_program($stack->begin_run($job)), 0, 'a payment that can not be ended is a failure of the job');
is(row($good)->{state}, 'succeeded', 'and the next one is ended all the same');
db_run("UPDATE payment SET provider = 'stripe' WHERE id = ?", bytes_of($bad->{id}));
$stack->settle;
is_deeply([map { $stack->faults($_) } $broken, $fine], [], 'mended, it is ended too');

# ---- a processor that is not chosen any more ----

my $late = $stack->new_buyer('pm_card_processing');
my $rest = buy($late);
$provider->control('settle', payment_intent => $rest->{payment_intent_id});
$stack->later(10);
ok(run_job($job, $stack->{settings}->%*, PURSER_PROVIDER => '', PURSER_STRIPE_KEY => ''), 'without a key the processor is asked in vain');
like(row($rest)->{state}, qr/^(?:charging|unknown)$/, 'and the payment waits');
$stack->later(3601);
ok(run_job($job, $stack->{settings}->%*, PURSER_PROVIDER => ''), 'with its key');
is(row($rest)->{state}, 'succeeded', 'what it charged is booked, though it is not chosen any more');
done_testing;
