#!/usr/bin/perl
# A procedure whose answer is there already when the database undoes it: the operation runs again, and the statement's next
# answer is not taken for the one that was undone.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Orders;
use Purser::Test;

# The row that an order leaves for a moment while the cycle is found out is deleted behind the answer: a deadlock there.
db_run(<<'SQL');
CREATE TRIGGER undone_behind BEFORE DELETE ON orders FOR EACH ROW
	SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'undone on purpose'
SQL
my $waiting = new_organization(credits => 100);
is_problem(order($waiting, "$_", 1), 503, 'busy', "an order that is undone behind its answer each time, on worker $_") for 1 .. 24;
db_run('DROP TRIGGER undone_behind');

my $organization = new_organization(credits => 1000);
is(order($organization, 'the first of its cycle', 10)->status, 202, 'once nothing is undone, an order is made');
is(order($organization, "another $_", 1)->status, 202, "and the next, which has no answer, too: $_") for 1 .. 40;
is(db_value('SELECT available FROM book WHERE organization_id = ?', bytes_of($organization->{id})), 950, 'each counts once');
done_testing;
