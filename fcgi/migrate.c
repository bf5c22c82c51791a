/*
 * Applying migrations. Statements that define tables commit by themselves, so a file that fails in its middle stays
 * half applied and is not noted: the report names it, and a person has to look.
 */
#include <ctype.h>
#include <dirent.h>
#include <mysqld_error.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "clock.h"
#include "config.h"
#include "connection.h"
#include "migrate.h"
#include "seal.h"
#include "text.h"

enum { NUMBER_DIGITS = 4, LOCK_SECONDS = 60, SQL_MEMORY = 64 << 20 };

#define SETUP                                       \
	"SET autocommit = 1, time_zone = '+00:00'," \
	" sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'"

struct migration {
	struct arena *arena;
	MYSQL *handle;
	const char *directory;
	FILE *out, *report;
};

static bool __attribute__((format(printf, 2, 3))) wrong(const struct migration *m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(m->report, format, args);
	va_end(args);
	fputc('\n', m->report);
	return false;
}

/* ---- talking to the server -------------------------------------------------------------------------------------- */

/* Runs every statement of the text. False, with the error in the handle. A text that ends with a comment is no error.
 */
static bool
run_all(MYSQL *handle, struct text sql)
{
	int more = mysql_real_query(handle, sql.at, sql.length);

	while (more == 0) {
		mysql_free_result(mysql_store_result(handle));
		more = mysql_next_result(handle);
	}
	return more < 0 || mysql_errno(handle) == ER_EMPTY_QUERY;
}

static bool
run_one(const struct migration *m, struct text sql)
{
	if (run_all(m->handle, sql))
		return true;
	return wrong(m, "%u %s", mysql_errno(m->handle), mysql_error(m->handle));
}

/* The first column of the first row; NULL where there is none. */
static const char *
ask(const struct migration *m, struct text sql)
{
	if (mysql_real_query(m->handle, sql.at, sql.length) != 0)
		return NULL;
	MYSQL_RES *result = mysql_store_result(m->handle);
	MYSQL_ROW row = result != NULL ? mysql_fetch_row(result) : NULL;
	const char *answer = row != NULL && row[0] != NULL ? arena_text(m->arena, row[0], strlen(row[0])).at : NULL;
	mysql_free_result(result);
	return answer;
}

/* The text in quotes, safe inside of a statement. */
static const char *
quoted(const struct migration *m, const char *text)
{
	size_t length = strlen(text);
	char *safe = arena_take(m->arena, 2 * length + 1);

	mysql_real_escape_string(m->handle, safe, text, length);
	return arena_format(m->arena, "'%s'", safe).at;
}

static const char *
quoted_name(const struct migration *m, const char *name)
{
	struct buffer out = buffer_new(m->arena, 80);

	buffer_add_char(&out, '`');
	for (; *name != '\0'; name++)
		buffer_add_string(&out, *name == '`' ? "``" : (char[]){ *name, '\0' });
	buffer_add_char(&out, '`');
	return out.at;
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

static bool
read_file(const struct migration *m, const char *name, struct text *content)
{
	const char *path = arena_format(m->arena, "%s/%s", m->directory, name).at;
	struct buffer text = buffer_new(m->arena, 1 << 16);
	char piece[1 << 14];
	size_t length;
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return wrong(m, "%s can't be read", path);
	while ((length = fread(piece, 1, sizeof(piece), file)) > 0)
		buffer_add(&text, piece, length);
	bool is_whole = ferror(file) == 0;
	fclose(file);
	*content = buffer_text(&text);
	return is_whole ? true : wrong(m, "%s can't be read", path);
}

static int
is_migration(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t length = strlen(name);

	for (int i = 0; i < NUMBER_DIGITS; i++)
		if (!isdigit((unsigned char)name[i]))
			return 0;
	return name[NUMBER_DIGITS] == '_' && strcmp(name + length - 4, ".sql") == 0;
}

/* ---- migrations ------------------------------------------------------------------------------------------------- */

static bool
note(const struct migration *m, int version, const char *name, const char *sha256)
{
	char at[RFC3339_LENGTH + 1];

	instant_format(clock_now(), at);
	at[10] = ' ';
	at[strcspn(at, "Z")] = '\0';
	return run_one(
	    m, arena_format(m->arena,
		   "INSERT INTO schema_version (version, name, sha256, applied_at) VALUES (%d, %s, x'%s', '%s')",
		   version, quoted(m, name), sha256, at));
}

static bool
apply(const struct migration *m, int version, const char *name)
{
	struct text content = TEXT("");
	char sha256[2 * sizeof(struct digest) + 1];

	if (!read_file(m, name, &content))
		return false;
	struct digest digest = digest_of(content.at, content.length);
	hex_encode(digest.bytes, sizeof(digest.bytes), sha256);
	const char *applied =
	    ask(m, arena_format(m->arena, "SELECT LOWER(HEX(sha256)) FROM schema_version WHERE version = %d", version));
	if (applied != NULL && strcmp(applied, sha256) != 0)
		return wrong(m, "%s was changed after it had been applied", name);
	if (applied != NULL)
		return true;
	if (!run_one(m, TEXT(SETUP)) || !run_one(m, content) || !note(m, version, name, sha256))
		return wrong(m, "%s failed and may be applied in part", name);
	fprintf(m->out, "applied %s\n", name);
	return true;
}

static bool
apply_all(const struct migration *m)
{
	struct dirent **entries = NULL;
	int count = scandir(m->directory, &entries, is_migration, alphasort);
	bool good = count == SCHEMA_VERSION
			? true
			: wrong(m, "%s holds %d migrations and not %d", m->directory, count, SCHEMA_VERSION);

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		if (good && strtol(name, NULL, 10) != i + 1)
			good = wrong(m, "%s should have the number %d", name, i + 1);
		good = good && apply(m, i + 1, name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return good;
}

static bool
check_version(const struct migration *m)
{
	const char *version = ask(m, TEXT("SELECT MAX(version) FROM schema_version"));

	if (version == NULL || strtol(version, NULL, 10) <= SCHEMA_VERSION)
		return true;
	return wrong(m, "the schema stands at %s already, this program at %d", version, SCHEMA_VERSION);
}

/* ---- the logins ------------------------------------------------------------------------------------------------- */

static const char *
login_name(const struct migration *m, const char *user)
{
	return arena_format(m->arena, "%s@'%%'", quoted(m, user)).at;
}

static const char *
identified(const struct migration *m, const char *password)
{
	if (*password == '\0')
		return "VIA unix_socket";
	return arena_format(m->arena, "BY %s", quoted(m, password)).at;
}

static struct text
fill(const struct migration *m, struct text form)
{
	const struct {
		const char *name;
		const char *value;
	} places[] = {
		{ "{database}", quoted_name(m, config.database_name) },
		{ "{read_login}", login_name(m, config.database_read_user) },
		{ "{read_identified}", identified(m, config.database_read_password) },
		{ "{write_login}", login_name(m, config.database_write_user) },
		{ "{write_identified}", identified(m, config.database_write_password) },
	};
	struct buffer out = buffer_new(m->arena, form.length * 2);

	for (const char *at = form.at; *at != '\0';) {
		size_t i = 0;

		while (i < COUNT(places) && strncmp(at, places[i].name, strlen(places[i].name)) != 0)
			i++;
		if (i < COUNT(places)) {
			buffer_add_string(&out, places[i].value);
			at += strlen(places[i].name);
		} else {
			buffer_add_char(&out, *at++);
		}
	}
	return buffer_text(&out);
}

static bool
set_roles(const struct migration *m)
{
	struct text form = TEXT("");

	if (!read_file(m, "roles.sql", &form))
		return false;
	return run_one(m, fill(m, form)) ? true : wrong(m, "roles.sql failed");
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static bool
open_schema(const struct migration *m)
{
	const char *name = quoted_name(m, config.database_name);

	return run_one(
	    m, arena_format(m->arena,
		   "CREATE DATABASE IF NOT EXISTS %s CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; USE %s;"
		   " CREATE TABLE IF NOT EXISTS schema_version ("
		   " version INT NOT NULL PRIMARY KEY, name VARBINARY(200) NOT NULL,"
		   " sha256 BINARY(32) NOT NULL, applied_at DATETIME(6) NOT NULL)",
		   name, name));
}

/* Two at once: the second waits and finds nothing left to do. The lock ends with the connection. */
static bool
take_lock(const struct migration *m)
{
	const char *lock = quoted(m, arena_format(m->arena, "%.40s.migrate", config.database_name).at);
	const char *taken = ask(m, arena_format(m->arena, "SELECT GET_LOCK(%s, %d)", lock, LOCK_SECONDS));

	return taken != NULL && *taken == '1' ? true : wrong(m, "another migration is at work");
}

bool
migrate(const char *directory, FILE *out, FILE *report)
{
	const struct account owner = { .user = config.database_owner_user,
		.password = config.database_owner_password,
		.setup = SETUP,
		.migrates = true };
	char why[WHY_LENGTH];
	struct migration m = { .directory = directory, .out = out, .report = report };

	m.handle = connection_open(&owner, why);
	if (m.handle == NULL)
		return wrong(&m, "the owner's login failed: %s", why);
	m.arena = arena_new(SQL_MEMORY);
	bool good = take_lock(&m) && open_schema(&m) && check_version(&m) && apply_all(&m) && set_roles(&m);
	arena_free(m.arena);
	mysql_close(m.handle);
	return good;
}
