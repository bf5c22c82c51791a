/*
 * The settings: one table says what each is called, what it may be and what it is when nobody says anything. The file,
 * the environment, the checks and the manual are walks over it.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

struct config config;

enum setting_kind {
	SETTING_TEXT,
	SETTING_SECRET, /* a text that is never printed */
	SETTING_INTEGER,
	SETTING_SWITCH, /* on or off */
};

struct setting {
	const char *name;
	enum setting_kind kind;
	size_t offset;
	const char *standard;
	int64_t least, most;                     /* of a number; of a text's length */
	const char *(*check)(const char *value); /* of a text, or NULL; answers NULL or the end of "`name` …" */
	const char *environment; /* where it is not PURSER_ and the name; "": the environment can't set it */
	const char *summary;
};

static bool
all_of(const char *value, const char *extra)
{
	for (; *value != '\0'; value++)
		if (!isalnum((unsigned char)*value) && strchr(extra, *value) == NULL)
			return false;
	return true;
}

static bool
port_is_valid(const char *digits)
{
	size_t length = strspn(digits, "0123456789");
	long port = length > 0 && length <= 5 && digits[length] == '\0' ? strtol(digits, NULL, 10) : 0;

	return port >= 1 && port <= 65535;
}

/* address:port, the address of IPv6 in brackets. */
static bool
endpoint_is_valid(const char *endpoint)
{
	const char *colon = strrchr(endpoint, ':');

	if (colon == NULL || colon == endpoint || !port_is_valid(colon + 1))
		return false;
	if (*endpoint == '[')
		return colon[-1] == ']' && colon - endpoint > 3;
	return memchr(endpoint, ':', (size_t)(colon - endpoint)) == NULL;
}

static const char *
check_listen(const char *value)
{
	if (strcmp(value, "inherit") == 0)
		return NULL;
	if (strncmp(value, "unix:/", 6) == 0)
		return strlen(value) - 5 <= 100 ? NULL : "has a socket path of more than 100 characters";
	if (strncmp(value, "tcp:", 4) == 0 && endpoint_is_valid(value + 4))
		return NULL;
	return "must be unix:/path, tcp:address:port or inherit";
}

static const char *
check_listen_slow(const char *value)
{
	if (*value == '\0')
		return NULL;
	return strcmp(value, "inherit") == 0 ? "can't be inherited; leave it empty" : check_listen(value);
}

static const char *
check_path(const char *value)
{
	return *value == '\0' || *value == '/' ? NULL : "must be an absolute path";
}

static const char *
check_name(const char *value)
{
	return all_of(value, "_-.$") ? NULL : "may hold letters, digits, and _ - . $ only";
}

static const char *
check_prefix(const char *value)
{
	return all_of(value, "_") ? NULL : "may hold letters, digits and _ only";
}

static bool
url_is_origin(const char *url)
{
	const char *host = NULL;

	if (strncmp(url, "https://", 8) == 0)
		host = url + 8;
	else if (strncmp(url, "http://", 7) == 0)
		host = url + 7;
	return host != NULL && *host != '\0' && all_of(host, ".-:[]_");
}

static const char *
check_url(const char *value)
{
	return url_is_origin(value) ? NULL : "must be like https://api.example.com, without a slash at the end";
}

/* Looks at each item of a comma-separated list; blanks are no part of any. */
static bool
each_item(const char *list, bool (*is_valid)(const char *item))
{
	char item[512];

	for (;;) {
		size_t length = strcspn(list, ",");

		if (length == 0 || length >= sizeof(item))
			return false;
		memcpy(item, list, length);
		item[length] = '\0';
		if (!is_valid(item))
			return false;
		if (list[length] == '\0')
			return true;
		list += length + 1;
	}
}

static const char *
check_origins(const char *value)
{
	if (*value == '\0' || each_item(value, url_is_origin))
		return NULL;
	return "must be origins like https://app.example.com, with commas and no blanks between";
}

static bool
host_is_valid(const char *host)
{
	if (strpbrk(host, " \t") != NULL)
		return false;
	return *host == '/' ? strlen(host) <= 100 : endpoint_is_valid(host);
}

static const char *
check_hosts(const char *value)
{
	return each_item(value, host_is_valid)
		   ? NULL
		   : "must be /path/to/socket or host:port, with commas and no blanks between";
}

static const char *
check_endpoints(const char *value)
{
	if (*value == '\0' || each_item(value, endpoint_is_valid))
		return NULL;
	return "must be address:port, with commas and no blanks between";
}

static bool
is_path(const char *item)
{
	return *item == '/';
}

static const char *
check_paths(const char *value)
{
	return *value == '\0' || each_item(value, is_path) ? NULL : "must be absolute paths, with commas between";
}

static const char *
check_smtp(const char *value)
{
	if (*value == '\0' || (strncmp(value, "smtp://", 7) == 0 && all_of(value + 7, ".-:[]_")) ||
	    (strncmp(value, "smtps://", 8) == 0 && all_of(value + 8, ".-:[]_")))
		return NULL;
	return "must be like smtp://mail.example.com:587 or smtps://mail.example.com:465";
}

/* It stands as it is in an envelope and in a header. */
static const char *
check_address(const char *value)
{
	const char *at = strchr(value, '@');

	for (const char *c = value; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || *c == '<' || *c == '>')
			return "may hold neither blanks, angle brackets nor other than ASCII characters";
	if (at == NULL || at == value || at[1] == '\0' || strchr(at + 1, '@') != NULL)
		return "must be one address, like bills@example.com";
	return NULL;
}

static const char *
check_provider(const char *value)
{
	if (*value == '\0' || strcmp(value, "sandbox") == 0 || strcmp(value, "stripe") == 0)
		return NULL;
	return "must be stripe, sandbox, or nothing";
}

/* It goes into a request as it is, with an id in the place of the name. */
static const char *
check_snapshot_source(const char *value)
{
	if (strcmp(value, "ledger") == 0)
		return NULL;
	if (strncmp(value, "https://", 8) != 0 || strstr(value, "{organization_id}") == NULL)
		return "must be ledger, or like https://balances.example.com/{organization_id}";
	return all_of(value, "-._~:/?#[]@!$&'()*+,;=%{}") ? NULL : "may hold only what a URL can";
}

/* It is printed on one line of a document. */
static const char *
check_line(const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return "may hold no control characters";
	return utf8_valid(value, strlen(value)) ? NULL : "must be UTF-8";
}

static const char *
check_number_prefix(const char *value)
{
	return all_of(value, "-_/.") ? NULL : "may hold letters, digits, and - _ / . only";
}

#define TEXT_SETTING(member, otherwise, least, most, rule, text)                                                 \
	{                                                                                                        \
#member, SETTING_TEXT, offsetof(struct config, member), otherwise, least, most, rule, NULL, text \
	}
#define SECRET_SETTING(member, text)                                                                   \
	{                                                                                              \
#member, SETTING_SECRET, offsetof(struct config, member), "", 0, 200, NULL, NULL, text \
	}
#define INTEGER_SETTING(member, otherwise, least, most, text)                                                       \
	{                                                                                                           \
#member, SETTING_INTEGER, offsetof(struct config, member), otherwise, least, most, NULL, NULL, text \
	}

static const struct setting settings[] = {
	TEXT_SETTING(listen, "unix:/run/purser/fast.sock", 1, 200, check_listen,
	    "Where the fast pool listens: unix:/path, tcp:address:port, or inherit (descriptor 0; then there is one "
	    "pool)."),
	TEXT_SETTING(listen_slow, "unix:/run/purser/slow.sock", 0, 200, check_listen_slow,
	    "Where the slow pool listens; empty for none."),
	INTEGER_SETTING(workers, "8", 1, 256, "Workers of the fast pool."),
	INTEGER_SETTING(slow_workers, "4", 1, 256, "Workers of the slow pool."),
	TEXT_SETTING(socket_group, "", 0, 32, check_name,
	    "The group that may connect to the unix sockets (nginx's); empty for the user's own."),
	TEXT_SETTING(user, "purser", 0, 32, check_name, "Whom to become when started as root; empty to stay root."),
	TEXT_SETTING(pid_file, "", 0, 4000, check_path, "Where the master's process id is written; empty for nowhere."),
	TEXT_SETTING(log_file, "", 0, 4000, check_path, "The log; empty for standard error."),
	TEXT_SETTING(database_hosts, "/run/mysqld/mysqld.sock", 1, 4000, check_hosts,
	    "MariaDB's sockets or host:port, separated by commas, in order of preference."),
	TEXT_SETTING(database_name, "purser", 1, 64, check_name, "The schema."),
	TEXT_SETTING(database_read_user, "purser_read", 1, 80, NULL, "The login that can only select."),
	SECRET_SETTING(database_read_password, "Its password; empty for socket authentication."),
	TEXT_SETTING(database_write_user, "purser_write", 1, 80, NULL, "The login that writes."),
	SECRET_SETTING(database_write_password, "Its password; empty for socket authentication."),
	TEXT_SETTING(database_owner_user, "purser_owner", 1, 80, NULL,
	    "The login that migrates; programs that serve never use it."),
	SECRET_SETTING(database_owner_password, "Its password; empty for socket authentication."),
	INTEGER_SETTING(database_connect_seconds, "2", 1, 60, "How long connecting to one host may take."),
	INTEGER_SETTING(database_statement_seconds, "10", 1, 3600, "How long a statement may run."),
	TEXT_SETTING(secret_file, "/etc/purser/secret.keys", 1, 4000, check_path,
	    "The keys that seal and sign: `<key id> <64 hexadecimal digits>` a line, the newest last."),
	TEXT_SETTING(api_key_prefix, "gpra_", 1, 12, check_prefix, "How the API keys of this installation begin."),
	INTEGER_SETTING(session_seconds, "3600", 60, 86400, "How long an access token of a session lives."),
	INTEGER_SETTING(refresh_days, "14", 1, 365, "How long a refresh token can be used."),
	TEXT_SETTING(jwt_issuer, "", 0, 500, NULL,
	    "The issuer (`iss`) of an outside identity provider whose tokens are taken; empty for none."),
	TEXT_SETTING(jwt_audience, "", 0, 500, NULL, "What its tokens have to be meant for (`aud`)."),
	TEXT_SETTING(jwt_jwks_file, "", 0, 4000, check_path, "The file with its keys (a JSON Web Key Set)."),
	TEXT_SETTING(public_url, "https://localhost", 1, 300, check_url, "How callers reach the API."),
	TEXT_SETTING(cors_origins, "", 0, 4000, check_origins,
	    "Web origins that may call, separated by commas; empty for none."),
	{ "test_clock_file", SETTING_TEXT, offsetof(struct config, test_clock_file), "", 0, 4000, check_path,
	    "PURSER_TEST_CLOCK", "The file with the test clock's offset in seconds; looked at only with test_clock." },
	/* The environment alone can't move a server's clock. */
	{ "test_clock", SETTING_SWITCH, offsetof(struct config, test_clock), "off", 0, 0, NULL, "",
	    "on: the time is moved by the offset in test_clock_file. For tests only." },
	INTEGER_SETTING(rate_default, "600", 1, 1000000000, "Requests a minute and organization."),
	INTEGER_SETTING(rate_charge, "60", 1, 1000000000, "The same for what may charge a card."),
	INTEGER_SETTING(rate_orders, "6000", 1, 1000000000, "The same for orders."),
	INTEGER_SETTING(rate_usage, "60000", 1, 1000000000, "The same for usage."),
	INTEGER_SETTING(rate_address, "60", 1, 1000000000,
	    "Sign-ins, and requests with no token or a refused one, a minute and client address."),
	INTEGER_SETTING(rate_slots, "65536", 1024, 16777216, "How many windows the node's table of rate limits holds."),
	INTEGER_SETTING(body_limit_bytes, "1048576", 1024, 67108864, "The largest body."),
	INTEGER_SETTING(stream_limit_bytes, "67108864", 1024, INT64_C(1073741824),
	    "The largest body of many items (usage.record by lines)."),
	TEXT_SETTING(spool_directory, "/tmp", 1, 4000, check_path, "Where such bodies wait, as files without a name."),
	INTEGER_SETTING(
	    memory_limit_bytes, "67108864", 1048576, INT64_C(4294967296), "The most memory one request may use."),
	INTEGER_SETTING(request_timeout_seconds, "30", 1, 3600, "How long the web server may pause within a request."),
	INTEGER_SETTING(key_use_flush_seconds, "60", 1, 3600, "How often the last uses of API keys are written."),
	INTEGER_SETTING(free_tier_credits, "1000", 0, INT64_C(1000000000000), "What an approved free tier grants."),
	INTEGER_SETTING(approval_threshold_credits, "100000", 0, INT64_C(1000000000000),
	    "The platform's threshold above which a purchase needs approval."),
	INTEGER_SETTING(event_days, "90", 31, 36500,
	    "How many days an event can be listed; longer than it can wait to be delivered."),
	INTEGER_SETTING(hold_days, "30", 1, 3650, "How many days an order's reservation is held."),
	TEXT_SETTING(provider, "", 0, 20, check_provider,
	    "The card processor: stripe; or sandbox, which charges no card and yet sells credits, for development and "
	    "demonstrations; empty for none."),
	TEXT_SETTING(stripe_url, "https://api.stripe.com", 1, 300, check_url, "Where Stripe's API answers."),
	SECRET_SETTING(stripe_key, "Stripe's secret key."),
	SECRET_SETTING(stripe_webhook_secrets,
	    "What Stripe signs webhooks with (whsec_…); two, with a comma between, while one is replaced."),
	TEXT_SETTING(smtp_url, "", 0, 300, check_smtp,
	    "The mail server: smtp://host:port or smtps://host:port; empty: mails are only logged."),
	TEXT_SETTING(smtp_user, "", 0, 200, NULL, "Who signs in there; empty for nobody."),
	SECRET_SETTING(smtp_password, "The password for it."),
	TEXT_SETTING(smtp_ca, "", 0, 4000, check_path, "A file with one more CA for the mail server; empty for none."),
	{ "smtp_starttls", SETTING_SWITCH, offsetof(struct config, smtp_starttls), "on", 0, 0, NULL, NULL,
	    "on: a server of smtp:// that offers no STARTTLS gets no mail." },
	TEXT_SETTING(mail_from, "purser@localhost", 3, 254, check_address, "The address that mails come from."),
	TEXT_SETTING(issuer_name, "Purser", 1, 200, check_line, "Who issues invoices, as they are printed."),
	TEXT_SETTING(
	    issuer_address, "", 0, 500, check_line, "The issuer's address, with semicolons between its lines."),
	TEXT_SETTING(issuer_tax_number, "", 0, 60, check_line,
	    "The issuer's tax number, with what kind of number it is, like ABN 51 824 753 556; empty for none."),
	TEXT_SETTING(invoice_prefix, "INV-", 0, 12, check_number_prefix, "How the numbers of invoices begin."),
	TEXT_SETTING(credit_note_prefix, "CN-", 0, 12, check_number_prefix, "How the numbers of credit notes begin."),
	INTEGER_SETTING(invoice_due_days, "14", 0, 365, "How many days an invoice may be paid."),
	INTEGER_SETTING(invoice_lines_limit, "10000", 1, 10000,
	    "The most lines of an invoice that a monthly run issues by itself."),
	INTEGER_SETTING(invoice_total_limit, "100000", 1, INT64_C(1000000000),
	    "The largest total, in whole units of its currency, of an invoice that a monthly run issues by itself."),
	TEXT_SETTING(outgoing_allow, "", 0, 4000, check_endpoints,
	    "What customers' webhooks and integrations may reach although it is private or not https: address:port, "
	    "with commas between."),
	TEXT_SETTING(outgoing_ca, "", 0, 4000, check_path, "A file with one more CA for those; empty for none."),
	TEXT_SETTING(pdf_font, "/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf", 1, 4000, check_path,
	    "The TrueType font of documents; its characters are put into them."),
	TEXT_SETTING(pdf_font_bold, "/usr/share/fonts/truetype/liberation2/LiberationSans-Bold.ttf", 1, 4000,
	    check_path, "Its bold companion."),
	TEXT_SETTING(pdf_fallback_fonts,
	    "/usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf,"
	    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
	    0, 2000, check_paths,
	    "TrueType fonts for characters that these lack, the first preferred; put into documents that need them."),
	INTEGER_SETTING(pdf_seconds, "20", 1, 300, "How long a document may take to be drawn before it is refused."),
	TEXT_SETTING(snapshot_source, "ledger", 1, 1000, check_snapshot_source,
	    "Where balance snapshots come from: ledger; or the https URL of a provider that answers with amount and "
	    "currency, with {organization_id} in it."),
	SECRET_SETTING(snapshot_token, "What that provider is shown as a bearer token; empty for nothing."),
};
enum { SETTINGS = sizeof(settings) / sizeof(settings[0]) };

/* The texts that config points to, by setting. */
static char *owned[SETTINGS];

static void *
member(const struct setting *setting)
{
	return (char *)&config + setting->offset;
}

static const char *
set_text(const struct setting *setting, const char *value)
{
	size_t index = (size_t)(setting - settings), length = strlen(value);
	static char fault[80];
	char *copy;

	if ((int64_t)length < setting->least || (int64_t)length > setting->most) {
		snprintf(fault, sizeof(fault), "must have %" PRId64 " to %" PRId64 " characters", setting->least,
		    setting->most);
		return fault;
	}
	if (setting->check != NULL && setting->check(value) != NULL)
		return setting->check(value);
	copy = strdup(value);
	if (copy == NULL)
		return "does not fit into memory";
	free(owned[index]);
	owned[index] = copy;
	*(const char **)member(setting) = copy;
	return NULL;
}

static const char *
set_integer(const struct setting *setting, const char *value)
{
	static char fault[80];
	char *end;
	long long number;

	errno = 0;
	number = strtoll(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || isspace((unsigned char)*value) || number < setting->least ||
	    number > setting->most) {
		snprintf(fault, sizeof(fault), "must be a number from %" PRId64 " to %" PRId64, setting->least,
		    setting->most);
		return fault;
	}
	*(int64_t *)member(setting) = number;
	return NULL;
}

static const char *
set_switch(const struct setting *setting, const char *value)
{
	bool on = strcmp(value, "on") == 0;

	if (!on && strcmp(value, "off") != 0)
		return "must be on or off";
	*(bool *)member(setting) = on;
	return NULL;
}

/* Answers NULL, or the end of the sentence "`name` …". */
static const char *
set(const struct setting *setting, const char *value)
{
	switch (setting->kind) {
	case SETTING_INTEGER:
		return set_integer(setting, value);
	case SETTING_SWITCH:
		return set_switch(setting, value);
	case SETTING_TEXT:
	case SETTING_SECRET:
		break;
	}
	return set_text(setting, value);
}

static const struct setting *
find(const char *name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

static char *
trim(char *text)
{
	size_t length;

	text += strspn(text, " \t\r\n");
	for (length = strlen(text); length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL; length--)
		text[length - 1] = '\0';
	return text;
}

/* One line of the file; `seen` by setting. Answers how many faults it has. */
static int
read_line(const char *path, int number, char *line, bool *seen, FILE *report)
{
	const char *name = trim(line), *fault;
	char *equals = strchr(line, '=');
	const struct setting *setting;

	if (*name == '\0' || *name == '#')
		return 0;
	if (equals == NULL)
		return fprintf(report, "%s:%d: this is no `name = value`.\n", path, number), 1;
	*equals = '\0';
	name = trim(line);
	setting = find(name);
	if (setting == NULL)
		return fprintf(report, "%s:%d: there is no setting `%s`.\n", path, number, name), 1;
	if (seen[setting - settings])
		return fprintf(report, "%s:%d: `%s` was set before.\n", path, number, name), 1;
	seen[setting - settings] = true;
	fault = set(setting, trim(equals + 1));
	if (fault != NULL)
		return fprintf(report, "%s:%d: `%s` %s.\n", path, number, name, fault), 1;
	return 0;
}

static int
read_file(const char *path, FILE *report)
{
	bool seen[SETTINGS] = { false };
	FILE *file = fopen(path, "re");
	int faults = 0;
	char *line = NULL;
	size_t room = 0;

	if (file == NULL)
		return fprintf(report, "%s: %s.\n", path, strerror(errno)), 1;
	for (int number = 1; getline(&line, &room, file) >= 0; number++)
		faults += read_line(path, number, line, seen, report);
	if (ferror(file))
		faults += (fprintf(report, "%s: it can't be read.\n", path), 1);
	free(line);
	fclose(file);
	return faults;
}

static void
environment_name(const struct setting *setting, char out[static 64])
{
	if (setting->environment != NULL) {
		snprintf(out, 64, "%s", setting->environment);
		return;
	}
	snprintf(out, 64, "PURSER_%s", setting->name);
	for (; *out != '\0'; out++)
		*out = (char)toupper((unsigned char)*out);
}

static int
read_environment(FILE *report)
{
	int faults = 0;

	for (size_t i = 0; i < SETTINGS; i++) {
		char name[64];
		const char *value, *fault;

		environment_name(&settings[i], name);
		value = *name == '\0' ? NULL : getenv(name);
		fault = value == NULL ? NULL : set(&settings[i], value);
		if (fault != NULL)
			faults += (fprintf(report, "%s in the environment %s.\n", name, fault), 1);
	}
	return faults;
}

/* What only several settings together can be wrong about. */
static int
check_together(FILE *report)
{
	int faults = 0;

	if (strcmp(config.listen, config.listen_slow) == 0)
		faults += (fprintf(report, "`listen` and `listen_slow` must differ.\n"), 1);
	if (config.test_clock && *config.test_clock_file == '\0')
		faults += (fprintf(report, "`test_clock` is on, but `test_clock_file` names no file.\n"), 1);
	if (strcmp(config.provider, "stripe") == 0 && *config.stripe_key == '\0')
		faults += (fprintf(report, "`provider` is stripe, but there is no `stripe_key`.\n"), 1);
	return faults;
}

const char *
config_standard_file(void)
{
	const char *named = getenv("PURSER_CONFIG");

	if (named != NULL)
		return named;
	return access(CONFIG_STANDARD_FILE, F_OK) == 0 ? CONFIG_STANDARD_FILE : NULL;
}

int
config_load(const char *path, FILE *report)
{
	int faults = 0;

	for (size_t i = 0; i < SETTINGS; i++) {
		const char *fault = set(&settings[i], settings[i].standard);

		if (fault != NULL)
			faults += (fprintf(report, "The standard value of `%s` %s.\n", settings[i].name, fault), 1);
	}
	if (path != NULL && *path != '\0')
		faults += read_file(path, report);
	faults += read_environment(report);
	return faults + check_together(report);
}

void
config_describe(FILE *out)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		char name[64];

		environment_name(&settings[i], name);
		fprintf(out, "# %s\n", settings[i].summary);
		if (*name != '\0')
			fprintf(out, "# Environment: %s\n", name);
		fprintf(out, "%s =%s%s\n\n", settings[i].name, *settings[i].standard == '\0' ? "" : " ",
		    settings[i].standard);
	}
}
