package Purser::Sim::Bugs;

# Faults that are put into a private stack on purpose, to see the simulation find them: by SQL into its database, or into a
# copy of the source that is built apart.

use v5.36;
use Cwd qw(abs_path);
use File::Basename qw(dirname);

our %bugs;

my $root = abs_path(dirname(__FILE__) . '/../../../..');

# ---- by SQL ----------------------------------------------------------------------------------------------------------

# Exchanges a piece of a stored procedure; the rights to it stay.
sub change_procedure ($stack, $name, $old, $new) {
	my $db = $stack->{db};
	my ($row) = $db->rows("SHOW CREATE PROCEDURE $name");
	my @rights = $db->rows('SELECT User AS user, Host AS host FROM mysql.procs_priv WHERE Db = ? AND Routine_name = ?', $db->{name}, $name);
	my $text = $row->{'Create Procedure'};

	$text =~ s/$old/$new/ or die "$name is not what it was: the bug can't be planted\n";
	$text =~ s/^CREATE/CREATE OR REPLACE/;
	$db->run('SET SESSION sql_mode = ?', $row->{sql_mode});
	$db->handle->do($text);
	$db->run("GRANT EXECUTE ON PROCEDURE $name TO `$_->{user}`\@`$_->{host}`") for @rights;
}

sub drop_unique ($stack) {
	$stack->{db}->run('ALTER TABLE payment DROP INDEX intent, ADD KEY intent (provider, intent_id)');
	$stack->{db}->run('ALTER TABLE provider_event DROP PRIMARY KEY, ADD KEY event (provider, event_id)');
}

sub drop_condition ($stack) {
	change_procedure($stack, 'ledger_post', qr/ELSEIF v_available \+ v_available_change < 0.*?(?=\s+THEN\s+SET v_outcome = 'insufficient')/s, 'ELSEIF FALSE');
}

sub drop_condition_and_checks ($stack) {
	drop_condition($stack);
	$stack->{db}->run("ALTER TABLE book MODIFY COLUMN $_ BIGINT NOT NULL DEFAULT 0") for qw(available reserved committed);
}

# ---- in a copy of the source -----------------------------------------------------------------------------------------

# Events wait in memory until their transaction has ended, as where a program tells of a change after it was made.
my $late_rows = <<'CODE';
static struct { struct outbox_row row; struct id organization; } late[1000];
static size_t late_count;
extern void (*database_after_end)(struct call *call, bool committed);

static void
write_late(struct call *call, bool committed)
{
	size_t count = late_count;
	struct id organization = call->organization;

	late_count = 0;
	for (size_t i = 0; committed && i < count; i++) {
		call->organization = late[i].organization;
		if (sql_run(call, &add_event, &late[i].row, NULL) != NULL)
			break;
	}
	call->organization = organization;
	if (committed && count > 0)
		(void)database_commit(call);
}

CODE

# file => [old text, new text, …]
my %late_outbox = (
	'handlers/outbox.c' => ["const struct problem *\noutbox_tell(", "$late_rows\nconst struct problem *\noutbox_tell(",
	    "\treturn sql_run(call, &add_event, &row, NULL);", "\tdatabase_after_end = write_late;\n\tlate[late_count].row = row;\n"
	    . "\tlate[late_count++].organization = call->organization;\n\treturn NULL;", '#include "outbox.h"', "#include \"outbox.h\"\n#include \"../fcgi/database.h\""],
	'fcgi/database.c' => ["const struct problem *\ndatabase_commit(", "void (*database_after_end)(struct call *call, bool committed);\n\nconst struct problem *\ndatabase_commit(",
	    "\t\treturn database_refused(call, LOGIN_WRITE, error, error_text(LOGIN_WRITE), \"COMMIT\");\n\tcall->in_transaction = false;\n",
	    "\t\treturn database_refused(call, LOGIN_WRITE, error, error_text(LOGIN_WRITE), \"COMMIT\");\n\tcall->in_transaction = false;\n"
	    . "\tif (database_after_end != NULL)\n\t\tdatabase_after_end(call, true);\n",
	    "\t\tdatabase_lose(LOGIN_WRITE);\n\tcall->in_transaction = false;\n}", "\t\tdatabase_lose(LOGIN_WRITE);\n\tcall->in_transaction = false;\n"
	    . "\tif (database_after_end != NULL)\n\t\tdatabase_after_end(call, false);\n}"],
	'fcgi/transaction.c' => ["const struct problem *\ntransaction_finish(", "extern void (*database_after_end)(struct call *call, bool committed);\n\nconst struct problem *\ntransaction_finish(",
	    "\tif (error == 0) {\n\t\tcall->in_transaction = false;\n", "\tif (error == 0) {\n\t\tcall->in_transaction = false;\n"
	    . "\t\tif (database_after_end != NULL)\n\t\t\tdatabase_after_end(call, true);\n"],
);

my %unlocked = ('handlers/payment.c' => [
	"AND id = :payment_id\"\n\t       \" FOR UPDATE\"", "AND id = :payment_id\"",
	'FROM payment WHERE id = :payment_id FOR UPDATE"', 'FROM payment WHERE id = :payment_id"',
	'AND intent_id = :intent_id FOR UPDATE"', 'AND intent_id = :intent_id"']);

sub change_source ($directory, $changes) {
	for my $file (sort keys %$changes) {
		open my $in, '<', "$directory/$file" or die "$file: $!\n";
		my $text = do { local $/; <$in> };
		my @pairs = $changes->{$file}->@*;
		while (my ($old, $new) = splice @pairs, 0, 2) {
			my $at = index $text, $old;
			$at >= 0 or die "$file is not what it was: the bug can't be planted at: $old\n";
			substr($text, $at, length $old) = $new;
		}
		open my $out, '>', "$directory/$file" or die "$file: $!\n";
		print $out $text;
		close $out or die $!;
	}
}

# Gives where the programs are.
sub build_with ($directory, $name, $changes) {
	my $source = "$directory/source-$name";

	system('bash', '-c', <<~'SCRIPT', 'copy', $root, $source) == 0 or die "the source could not be copied\n";
		set -e
		mkdir -p "$2" && cd "$1"
		tar -c --exclude=./build --exclude=./.git --exclude=./var --exclude=./autom4te.cache . | tar -x -C "$2"
		SCRIPT
	change_source($source, $changes);
	system('bash', '-c', <<~'SCRIPT', 'build', $source) == 0 or die "the source with the bug could not be built; see $source/build.log\n";
		mkdir -p "$1/build/bug" && cd "$1/build/bug"
		{ ../../configure --quiet --enable-in-place && make --jobs="$(nproc)" --silent all; } >../../build.log 2>&1
		SCRIPT
	return "$source/build/bug";
}

# ---- the list --------------------------------------------------------------------------------------------------------

%bugs = (
	'intent-index' => { what => "the unique index on a payment's intent, and that on the processor's event, are gone", sql => \&drop_unique },
	'unconditional' => { what => 'ledger_post asks no longer whether there is enough', sql => \&drop_condition },
	'unchecked' => { what => 'the same, and the columns of the book have no CHECK either', sql => \&drop_condition_and_checks },
	'outbox-late' => { what => 'events are written after the commit', source => \%late_outbox },
	'unlocked-booking' => { what => 'a payment is read without a lock when it is booked', source => \%unlocked },
);

# Where the programs with the bug are, where it needs any.
sub programs ($name, $directory) {
	my $changes = $bugs{$name}{source} or return;
	return build_with($directory, $name, $changes);
}

sub plant ($name, $stack) {
	$bugs{$name}{sql}->($stack) if $bugs{$name}{sql};
}

1;
