#!/usr/bin/perl
# Migrations: applied once, whoever comes first; a changed file is refused, and one that fails in its middle is named.
use v5.36;
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Test;
use Purser::Jobs;

my $original = "$FindBin::Bin/../sql";
my $sql = tempdir(CLEANUP => 1);
copy($_, $sql) or die "$_: $!" for glob "$original/*.sql";
my ($second) = glob "$sql/0002_*.sql";
my $name = private_database;
my $count = db_value('SELECT COUNT(*) FROM schema_version');
my $serial = 0;

sub append ($file, $text) {
	open my $out, '>>', $file or die "$file: $!";
	print $out $text;
	close $out or die $!;
}

sub start_migrate () {
	my $log = 'migrate-' . ++$serial;
	return start_program('purserctl', $log, ['migrate', '--sql', $sql]), $log;
}

# Whether it went well, and what it told.
sub migrate () {
	my ($pid, $log) = start_migrate;
	return end_program($pid) == 0, log_of($log);
}

sub empty () {
	db_run("DROP DATABASE $name");
	db_run("CREATE DATABASE $name CHARACTER SET utf8mb4");
	db_run("USE $name");
}

cmp_ok($count, '==', scalar(my @files = glob "$sql/0*_*.sql"), 'every file is noted');
my ($is_well) = migrate;
ok($is_well, 'a second run');
is(db_value('SELECT COUNT(*) FROM schema_version'), $count, 'applies nothing');

empty;
my @both = map { [start_migrate] } 1 .. 2;
is_deeply([map { end_program($_->[0]) } @both], [0, 0], 'two at once both go well');
is(db_value('SELECT COUNT(*) FROM schema_version'), $count, 'and apply every file once');

append($second, "-- changed\n");
($is_well, my $told) = migrate;
ok(!$is_well, 'a changed file is refused');
like($told, qr/0002_\w+\.sql was changed after it had been applied/, 'by its name');

empty;
append($second, "CREATE TABLE half (id INT);\nCREATE TABLE book (id INT);\n");
($is_well, $told) = migrate;
ok(!$is_well, 'a file that fails in its middle ends it');
like($told, qr/0002_\w+\.sql failed and may be applied in part/, 'and is named');
is(db_value('SELECT MAX(version) FROM schema_version'), 1, 'it is not noted, nor is any behind it');
done_testing;
