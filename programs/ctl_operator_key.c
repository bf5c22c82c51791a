/*
 * purserctl operator-key: the keys of operators, which belong to no organization. Whoever can run this holds the keys
 * to the database anyway.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "config.h"
#include "ctl.h"
#include "id.h"
#include "runner.h"
#include "statement.h"
#include "text.h"
#include "token.h"
#include "transaction.h"

enum { NAME_LENGTH = 200, PREFIX_LENGTH = 12, DAYS_MOST = 36500, DAY_SECONDS = 24 * 60 * 60 };

#define CREATE_USAGE "operator-key create --name NAME [--expires-in-days DAYS]"

static const char why_operators[] = "an operator's key belongs to no organization";

/* ---- SQL -------------------------------------------------------------------------------------------------------- */

struct new_key {
	struct digest digest;
	struct id id;
	struct text name;
	struct text prefix;
	struct maybe_instant expires_at;
};
static const struct field new_key_fields[] = {
	FIELD(new_key, digest, ANY, "SHA-256 of the token."),
	FIELD(new_key, id, ANY, "The key."),
	FIELD(new_key, name, ANY, "Whose or what it is."),
	FIELD(new_key, prefix, ANY, "How the token begins."),
	FIELD(new_key, expires_at, ANY, "From then on it is refused."),
};
SHAPE(new_key)

struct key_ref {
	struct id id;
};
static const struct field key_ref_fields[] = {
	FIELD(key_ref, id, ANY, "The key."),
};
SHAPE(key_ref)

struct key_line {
	struct id id;
	struct text prefix;
	struct text name;
	struct instant created_at;
	struct maybe_instant expires_at;
	struct maybe_instant revoked_at;
	struct maybe_instant last_used_at;
};
static const struct field key_line_fields[] = {
	FIELD(key_line, id, ANY, "The key."),
	FIELD(key_line, prefix, ANY, "How the token begins."),
	FIELD(key_line, name, ANY, "Whose or what it is."),
	FIELD(key_line, created_at, ANY, "When it was made."),
	FIELD(key_line, expires_at, ANY, "From then on it is refused."),
	FIELD(key_line, revoked_at, ANY, "When it was revoked."),
	FIELD(key_line, last_used_at, ANY, "When it was last used."),
};
SHAPE(key_line)

/* A duplicate is this very key: the commit was lost, and the step runs again. */
static const struct statement insert_key = {
	.sql = "INSERT INTO api_key (digest, id, name, prefix, permissions, expires_at, created_at)"
	       " VALUES (:digest, :id, :name, :prefix, 'admin:*', :expires_at, :now)",
	.takes = &new_key_shape,
	.crosses_organizations = why_operators,
	.duplicate_is_zero = true,
};

static const struct statement list_keys = {
	.sql = "SELECT id, prefix, name, created_at, expires_at, revoked_at, last_used_at FROM api_key"
	       " WHERE organization_id IS NULL ORDER BY id",
	.gives = &key_line_shape,
	.crosses_organizations = why_operators,
};

static const struct statement revoke_key = {
	.sql = "UPDATE api_key SET revoked_at = COALESCE(revoked_at, :now) WHERE organization_id IS NULL AND id = :id",
	.takes = &key_ref_shape,
	.crosses_organizations = why_operators,
};

static bool
start(void)
{
	if (!ctl_start())
		return false;
	statements_register(LIST_OF(statement, &insert_key, &list_keys, &revoke_key));
	return true;
}

/* ---- create ----------------------------------------------------------------------------------------------------- */

static const struct problem *
create_step(struct call *call, void *context)
{
	const struct new_key *key = context;
	const struct problem *p;
	int64_t affected;

	p = sql_run(call, &insert_key, key, &affected);
	if (p != NULL || affected == 0)
		return p;
	return transaction_audit(call, "operator_keys.create", "operator_keys", key->id);
}

static int
create(const char *name, int64_t days)
{
	struct call call;

	ctl_call_begin(&call, "purserctl.operator-key.create");
	struct text token = token_make(call.arena, config.api_key_prefix);
	struct new_key key = {
		.digest = token_digest(token),
		.id = id_new(call.now),
		.name = text_from(name),
		.prefix = { token.at, PREFIX_LENGTH },
	};
	if (days > 0)
		key.expires_at = instant_given(instant_plus_seconds(call.now, days * DAY_SECONDS));
	int status = ctl_end(&call, job_step(&call, create_step, &key));
	if (status == EXIT_SUCCESS)
		printf("%s\n", token.at);
	return status;
}

int
ctl_operator_key_create(int argc, char **argv)
{
	static const struct option options[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "expires-in-days", required_argument, NULL, 'e' },
		{ 0 },
	};
	const char *name = "";
	int64_t days = 0;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'n')
			name = optarg;
		else if (option != 'e' || !integer_parse(text_from(optarg), &days) || days < 1 || days > DAYS_MOST)
			return ctl_usage(CREATE_USAGE);
	}
	bool fits = utf8_valid(name, strlen(name)) && *name != '\0' && utf8_count(text_from(name)) <= NAME_LENGTH;
	if (optind < argc || !fits)
		return ctl_usage(CREATE_USAGE);
	return start() ? create(name, days) : EXIT_FAILURE;
}

/* ---- list ------------------------------------------------------------------------------------------------------- */

static const char *
when(struct call *call, struct maybe_instant at)
{
	char text[RFC3339_LENGTH + 1];

	if (!at.given)
		return "-";
	instant_format(at.value, text);
	return arena_text(call->arena, text, strlen(text)).at;
}

static const struct problem *
print_line(struct call *call, void *context, const void *row)
{
	const struct key_line *key = row;
	char id[ID_CHARACTERS + 1];

	(void)context;
	id_format(key->id, id);
	printf("%s  %s…  %s  made %s, expires %s, revoked %s, last used %s\n", id, key->prefix.at, key->name.at,
	    when(call, instant_given(key->created_at)), when(call, key->expires_at), when(call, key->revoked_at),
	    when(call, key->last_used_at));
	return NULL;
}

int
ctl_operator_key_list(int argc, char **argv)
{
	struct call call;

	(void)argv;
	if (argc > 1)
		return ctl_usage("operator-key list");
	if (!start())
		return EXIT_FAILURE;
	ctl_call_begin(&call, "purserctl.operator-key.list");
	return ctl_end(&call, sql_each(&call, &list_keys, NULL, print_line, NULL));
}

/* ---- revoke ----------------------------------------------------------------------------------------------------- */

static const struct problem *
revoke_step(struct call *call, void *context)
{
	const struct key_ref *key = context;
	const struct problem *p;
	int64_t affected;

	p = sql_run(call, &revoke_key, key, &affected);
	if (p == NULL && affected == 0)
		return fail(call, NOT_FOUND, "There is no operator's key with this id.");
	return p != NULL ? p : transaction_audit(call, "operator_keys.revoke", "operator_keys", key->id);
}

int
ctl_operator_key_revoke(int argc, char **argv)
{
	struct key_ref key;
	struct call call;

	if (argc != 2 || !id_parse(text_from(argv[1]), &key.id))
		return ctl_usage("operator-key revoke ID");
	if (!start())
		return EXIT_FAILURE;
	ctl_call_begin(&call, "purserctl.operator-key.revoke");
	return ctl_end(&call, job_step(&call, revoke_step, &key));
}
