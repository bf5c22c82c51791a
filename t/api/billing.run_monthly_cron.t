#!/usr/bin/perl
# A month for everybody: asked for by the operator, done by the job.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Runs;
use Purser::Subscriptions;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll);
sub ask ($period = undef) { return call('billing.run_monthly_cron', { period => $period }, key => admin_key) }

at_time('2031-01-10T12:00:00Z');
my @organizations = map { new_organization(credits => 10_000, timezone => $_) } qw(UTC Pacific/Kiritimati Etc/GMT+12);
subscribe($_, { plan_id => $plan{startup}, cycle => 'monthly', trial => \0 }) for @organizations;

leave_out_others($_, @organizations) for qw(2031-02 2031-03);
my $others = db_value("SELECT COUNT(*) FROM monthly_run r JOIN organization o ON o.id = r.organization_id WHERE r.period = '2031-02' AND o.created_at < '2031-03-01'");

# ---- asking ----

at_time('2031-02-28T09:59:00Z');
is_problem(ask('2031-02'), 409, 'conflict', 'a month that is not over anywhere is refused');
at_time('2031-02-28T10:00:00Z');
my $reply = ask('2031-02');
is_success($reply, 'it is over first where days begin first');
my $told = $reply->json;
is_deeply([sort keys %$told], [sort qw(period total done failed)], 'the reply tells how far it is');
is_deeply([@$told{qw(period done failed)}], ['2031-02', $others, 0], 'nothing is done yet');
is($told->{total}, db_value("SELECT COUNT(*) FROM organization WHERE created_at < '2031-03-01'"), 'of all organizations');
ok(run_job('billing.run'), 'the job runs');
is_deeply([map { scalar db_value('SELECT status FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($_->{id}), '2031-02') } @organizations],
    [undef, 'completed', undef], 'only the month that is over in the organization\'s zone');

at_time('2031-03-01T00:00:00Z');
ok(run_job('billing.run'), 'hours later');
is_deeply([map { scalar db_value('SELECT status FROM monthly_run WHERE organization_id = ? AND period = ?', bytes_of($_->{id}), '2031-02') } @organizations],
    ['completed', 'completed', undef], 'another one');
$told = ask('2031-02')->json;
cmp_ok($told->{done}, '<', $told->{total}, 'asking again tells how far it is');
at_time('2031-03-01T12:00:00Z');
ok(run_job('billing.run'), 'and when it is over everywhere');
$told = ask()->json;
is_deeply([@$told{qw(period done failed)}], ['2031-02', $told->{total}, 0], 'all is done: of the last month that is over, where none is named');
is_deeply([map { scalar run_lines($_, '2031-02')->@* } @organizations], [1, 1, 1], 'each fee is billed');
my $entries = entries_count($organizations[0]);
ok(run_job('billing.run'), 'asking again when it is done');
is(entries_count($organizations[0]), $entries, 'runs nothing twice');

# ---- what failed is tried again ----

at_time('2031-04-01T12:00:00Z');
db_run("CREATE TRIGGER run_line_bad BEFORE INSERT ON monthly_run_line FOR EACH ROW BEGIN
	IF NEW.organization_id = X'" . unpack('H*', bytes_of($organizations[0]{id})->$*) . "' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a fault'; END IF; END");
ask('2031-03');
run_job('billing.run');
$told = ask('2031-03')->json;
is_deeply([@$told{qw(done failed)}], [$told->{total} - 1, 1], 'one that fails is told of, and keeps nobody waiting');
run_job('billing.run');
is(ask('2031-03')->json->{failed}, 1, 'it fails again');
db_run('DROP TRIGGER run_line_bad');
run_job('billing.run');
is(ask('2031-03')->json->{failed}, 0, 'until what was wrong is mended');
is_deeply(run_lines($organizations[0], '2031-03'), ['plan_fee 4900 49.0000 invoice'], 'and nothing of it is lost');

# ---- who is counted ----

# One that came after the month runs it by itself, before the last one's month is over: it takes nobody's place.
at_time('2031-05-01T00:05:00Z');
my $late = new_organization();
leave_out_others('2031-04', @organizations, $late);
is(run_month($late, '2031-04')->json->{status}, 'nothing_to_do', 'one that came too late runs the month for itself');
$told = ask('2031-04')->json;
is($told->{done}, db_value("SELECT COUNT(*) FROM monthly_run r JOIN organization o ON o.id = r.organization_id WHERE r.period = '2031-04' AND o.created_at < '2031-05-01'"), 'and is not counted');
ok(run_job('billing.run'), 'the job runs');
is(db_value("SELECT finished_at FROM run_order WHERE period = '2031-04'"), undef, 'which is not done before the last month is over');

# Those whose month is not over cost no lock, and nobody looks for them again before time.
my $second = connect_again();
$second->begin_work;
$second->do('SELECT id FROM organization WHERE id = ? FOR UPDATE', undef, ${ bytes_of($organizations[2]{id}) });
at_time('2031-05-01T00:10:00Z');
db_run("UPDATE run_order SET look_at = '2031-05-01 00:06' WHERE period = '2031-04'");
my $since = time;
ok(run_job('billing.run'), 'the job looks for what has come since');
cmp_ok(time - $since, '<', 5, 'and waits for nobody whose month is not over');
$second->rollback;
$second->disconnect;
is(db_value("SELECT look_at BETWEEN '2031-05-01 01:09:00' AND '2031-05-01 01:12:00' FROM run_order WHERE period = '2031-04'"), 1, 'it looks again in an hour');
at_time('2031-05-01T11:30:00Z');
ok(run_job('billing.run'), 'the last hour comes');
is(db_value("SELECT look_at FROM run_order WHERE period = '2031-04'"), '2031-05-01 12:00:00.000000', 'then when the month is over');
at_time('2031-05-01T12:00:01Z');
ok(run_job('billing.run'), 'which it is');
is_deeply(run_lines($organizations[2], '2031-04'), ['plan_fee 4900 49.0000 invoice'], 'the last one is run');
isnt(db_value("SELECT finished_at FROM run_order WHERE period = '2031-04'"), undef, 'and all is done');

is_problem(ask('2031'), 422, 'invalid', 'a period is a month', errors => { '/period' => undef });
is_problem(call('billing.run_monthly_cron', {}, key => $organizations[0]{key}), 403, 'forbidden', 'it is the operator\'s');
done_testing;
