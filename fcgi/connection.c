/*
 * One connection to MariaDB. The library's own host list stays with a host that accepts and never answers, so the loop
 * over the hosts is ours, with one host for every attempt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "connection.h"

enum { HOST_LENGTH = 256 };

struct host {
	char name[HOST_LENGTH];
	const char *socket; /* NULL: TCP */
	unsigned port;
};

static unsigned last_good;

static unsigned
count_hosts(void)
{
	unsigned count = 1;

	for (const char *at = config.database_hosts; *at != '\0'; at++)
		count += *at == ',';
	return count;
}

/* name:port, the name in brackets where it is an IPv6 address. */
static void
split_port(struct host *host)
{
	char *colon = strrchr(host->name, ':');

	if (colon == NULL)
		return;
	host->port = (unsigned)strtoul(colon + 1, NULL, 10);
	*colon = '\0';
	if (host->name[0] != '[' || colon[-1] != ']')
		return;
	colon[-1] = '\0';
	memmove(host->name, host->name + 1, strlen(host->name));
}

/* Fills `host` from the entry with this number; false for an empty or over-long one. */
static bool
host_at(unsigned index, struct host *host)
{
	const char *at = config.database_hosts;

	for (; index > 0; index--)
		at = strchr(at, ',') + 1;
	at += strspn(at, " \t");
	size_t length = strcspn(at, ", \t");
	if (length == 0 || length >= sizeof(host->name))
		return false;
	memcpy(host->name, at, length);
	host->name[length] = '\0';
	host->port = 0;
	host->socket = strchr(host->name, '/') != NULL ? host->name : NULL;
	if (host->socket != NULL)
		return true;
	split_port(host);
	return true;
}

static void
set_options(MYSQL *handle, const struct account *account)
{
	unsigned connect = (unsigned)config.database_connect_seconds;
	/* Longer than the server lets a statement run, so that its own answer comes first. */
	unsigned answer = account->migrates ? 0 : (unsigned)config.database_statement_seconds + 2;

	mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
	mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &answer);
	mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &answer);
	mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (account->setup != NULL)
		mysql_options(handle, MYSQL_INIT_COMMAND, account->setup);
}

static MYSQL *
connect_to(const struct host *host, const struct account *account, char why[static WHY_LENGTH])
{
	MYSQL *handle = mysql_init(NULL);
	/* CLIENT_FOUND_ROWS: an UPDATE that sets what was there already has found its row all the same. */
	unsigned long flags = CLIENT_FOUND_ROWS | (account->migrates ? CLIENT_MULTI_STATEMENTS : 0);

	if (handle == NULL)
		abort();
	set_options(handle, account);
	if (mysql_real_connect(handle, host->socket != NULL ? NULL : host->name, account->user, account->password,
		account->migrates ? NULL : config.database_name, host->port, host->socket, flags) != NULL)
		return handle;
	snprintf(why, WHY_LENGTH, "%s: %u %s", host->name, mysql_errno(handle), mysql_error(handle));
	mysql_close(handle);
	return NULL;
}

MYSQL *
connection_open(const struct account *account, char why[static WHY_LENGTH])
{
	unsigned hosts = count_hosts();

	snprintf(why, WHY_LENGTH, "database_hosts names no host");
	for (unsigned i = 0; i < hosts; i++) {
		unsigned index = (last_good + i) % hosts;
		struct host host;

		if (!host_at(index, &host))
			continue;
		MYSQL *handle = connect_to(&host, account, why);
		if (handle != NULL) {
			last_good = index;
			return handle;
		}
	}
	return NULL;
}

void
connection_avoid_host(void)
{
	last_good = (last_good + 1) % count_hosts();
}
