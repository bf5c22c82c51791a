/*
 * Settings from a file and from the environment, and what is said about those that can't be.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "unit.h"

static char path[] = "/tmp/purser-config-XXXXXX";
static char said[4000];

/* Loads settings written as a file; what was said about them stands in `said`. */
static int
load(const char *settings)
{
	FILE *file = fopen(path, "w"), *report = fmemopen(said, sizeof(said), "w");
	int faults;

	assert_non_null(file);
	assert_non_null(report);
	fputs(settings, file);
	fclose(file);
	memset(said, 0, sizeof(said));
	faults = config_load(path, report);
	fclose(report);
	return faults;
}

static void
nothing_set_gives_the_standard(void **state)
{
	(void)state;
	assert_int_equal(config_load(NULL, stderr), 0);
	assert_int_equal(config.workers, 8);
	assert_int_equal(config.rate_orders, 6000);
	assert_string_equal(config.api_key_prefix, "gpra_");
	assert_false(config.test_clock);
	assert_string_equal(config.provider, "");
}

static void
cards_are_taken_only_where_the_settings_say_by_whom(void **state)
{
	(void)state;
	assert_int_equal(load("provider =\n"), 0);
	assert_int_equal(load("provider = sandbox\n"), 0);
	assert_int_equal(load("provider = stripe\n"), 1);
	assert_non_null(strstr(said, "stripe_key"));
	assert_int_equal(load("provider = none\n"), 1);
	assert_non_null(strstr(said, "`provider` must be stripe, sandbox, or nothing."));
}

static void
the_file_is_read(void **state)
{
	(void)state;
	assert_int_equal(load("# a word\n\n  workers\t=  3  \nlisten=tcp:[::1]:9000\ndatabase_name =a=b\n"), 1);
	assert_int_equal(load("workers = 3\nlisten = tcp:[::1]:9000\ndatabase_hosts = /run/a.sock,b:3306\r\n"), 0);
	assert_int_equal(config.workers, 3);
	assert_string_equal(config.listen, "tcp:[::1]:9000");
	assert_string_equal(config.database_hosts, "/run/a.sock,b:3306");
}

static void
the_environment_wins(void **state)
{
	(void)state;
	setenv("PURSER_WORKERS", "5", 1);
	setenv("PURSER_NOBODY_KNOWS", "x", 1);
	assert_int_equal(load("workers = 3\n"), 0);
	assert_int_equal(config.workers, 5);
	setenv("PURSER_WORKERS", "many", 1);
	assert_int_equal(load(""), 1);
	assert_non_null(strstr(said, "PURSER_WORKERS"));
	unsetenv("PURSER_WORKERS");
}

static void
all_faults_are_named_at_once(void **state)
{
	(void)state;
	assert_int_equal(load("workers = 0\nwrokers = 3\nno equals\nlisten = somewhere\npublic_url = https://x/\n"
			      "rate_default = 1e3\nslow_workers = 2\nslow_workers = 2\n"),
	    7);
	assert_non_null(strstr(said, ":1: `workers` must be a number from 1 to 256."));
	assert_non_null(strstr(said, ":2: there is no setting `wrokers`."));
	assert_non_null(strstr(said, ":8: `slow_workers` was set before."));
	assert_int_equal(load("event_days = 30\n"), 1);
	assert_non_null(strstr(said, "`event_days` must be a number from 31 to 36500."));
}

static void
a_secret_is_never_told(void **state)
{
	char line[400] = "database_read_password = ";

	(void)state;
	memset(line + strlen(line), 'q', 300);
	assert_int_equal(load(line), 1);
	assert_null(strstr(said, "qq"));
}

static void
the_clock_is_moved_only_by_both_settings(void **state)
{
	(void)state;
	assert_int_equal(load("test_clock = on\n"), 1);
	setenv("PURSER_TEST_CLOCK", "/tmp/offset", 1);
	assert_int_equal(load(""), 0);
	assert_false(config.test_clock);
	assert_int_equal(load("test_clock = on\n"), 0);
	assert_string_equal(config.test_clock_file, "/tmp/offset");
	unsetenv("PURSER_TEST_CLOCK");
}

static void
lists_are_checked_item_by_item(void **state)
{
	(void)state;
	assert_int_equal(load("database_hosts = a:1, b:2\n"), 1);
	assert_int_equal(load("database_hosts = a:1,,b:2\n"), 1);
	assert_int_equal(load("database_hosts = a:70000\n"), 1);
	assert_int_equal(load("cors_origins = https://a.example,http://localhost:3000\n"), 0);
	assert_int_equal(load("cors_origins = https://a.example/path\n"), 1);
}

static void
mails_come_from_one_address(void **state)
{
	(void)state;
	assert_int_equal(load("mail_from = bills@example.com\n"), 0);
	assert_string_equal(config.mail_from, "bills@example.com");
	assert_int_equal(load("mail_from = Bills <bills@example.com>\n"), 1);
	assert_int_equal(load("mail_from = <bills@example.com>\n"), 1);
	assert_int_equal(load("mail_from = bills@example.com, x@example.com\n"), 1);
	assert_int_equal(load("mail_from = bills@example.com,x@example.com\n"), 1);
	assert_int_equal(load("mail_from = bills\001@example.com\n"), 1);
	assert_int_equal(load("mail_from = bills.example.com\n"), 1);
	assert_int_equal(load("mail_from = @example.com\n"), 1);
	assert_int_equal(load("mail_from = bills@\n"), 1);
	assert_non_null(strstr(said, "`mail_from` must be one address"));
}

static void
what_is_described_can_be_loaded(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	config_describe(out);
	fclose(out);
	assert_int_equal(load(text), 0);
	free(text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("nothing set gives the standard", nothing_set_gives_the_standard),
		PROVES("cards are taken only where the settings say by whom",
		    cards_are_taken_only_where_the_settings_say_by_whom),
		PROVES("the file is read", the_file_is_read),
		PROVES("the environment wins", the_environment_wins),
		PROVES("all faults are named at once", all_faults_are_named_at_once),
		PROVES("a secret is never told", a_secret_is_never_told),
		PROVES("the clock is moved only by both settings", the_clock_is_moved_only_by_both_settings),
		PROVES("lists are checked item by item", lists_are_checked_item_by_item),
		PROVES("mails come from one address", mails_come_from_one_address),
		PROVES("what is described can be loaded", what_is_described_can_be_loaded),
	};
	int descriptor = mkstemp(path), status;

	if (descriptor < 0)
		return EXIT_FAILURE;
	close(descriptor);
	status = RUN(tests);
	unlink(path);
	return status;
}
