/*
 * The rows of integrations. A token is sealed with the organization and the kind bound in, so that it opens nowhere
 * else.
 */
#include "integration.h"

#include "clock.h"
#include "id.h"
#include "resources.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

const char *const integration_kinds[] = { INTEGRATION_PROM, INTEGRATION_LOKI, NULL };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct kind_query {
	struct text kind;
};
static const struct field kind_query_fields[] = {
	FIELD(kind_query, kind, ONE_OF(integration_kinds), "Which of the two."),
};
SHAPE(kind_query)

#define SHOWN_FIELDS                                                                       \
	FIELD(integration, kind, ANY, "Which of the two."),                                \
	    FIELD(integration, login, ANY, "The name to sign in with."),                   \
	    FIELD(integration, endpoint, ANY, "Where it is."),                             \
	    FIELD(integration, token_end, ANY, "The token's last characters."),            \
	    FIELD(integration, failures, ANY, "How often in a row it failed."),            \
	    FIELD(integration, last_error, ANY, "What went wrong the last time, if so."),  \
	    FIELD(integration, last_pushed_at, ANY, "When it last took what was pushed."), \
	    FIELD(integration, updated_at, ANY, "When it was set.")

static const struct field shown_integration_fields[] = {
	SHOWN_FIELDS,
};
VIEW(shown_integration, integration)

static const struct field integration_fields[] = {
	SHOWN_FIELDS,
	FIELD(integration, token, ANY, "The token, sealed."),
	FIELD(integration, due_at, ANY, "When it is pushed to next."),
	FIELD(integration, cursor_sequence, ANY, "The last link of the audit's chain that was pushed."),
	FIELD(integration, created_at, ANY, "Since when it is there."),
};
SHAPE(integration)

struct new_integration {
	struct text kind;
	struct text login;
	struct bytes token;
	struct text token_end;
	struct text endpoint;
	struct text host;
};
static const struct field new_integration_fields[] = {
	FIELD(new_integration, kind, ANY, "Which of the two."),
	FIELD(new_integration, login, ANY, "The name to sign in with."),
	FIELD(new_integration, token, ANY, "The token, sealed."),
	FIELD(new_integration, token_end, ANY, "The token's last characters."),
	FIELD(new_integration, endpoint, ANY, "Where it is."),
	FIELD(new_integration, host, ANY, "Name and port of that."),
};
SHAPE(new_integration)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

#define SHOWN_COLUMNS "kind, login, endpoint, token_end, failures, last_error, last_pushed_at, updated_at"

static const struct statement read_shown = {
	.sql = "SELECT " SHOWN_COLUMNS " FROM integration WHERE organization_id = :organization AND kind = :kind",
	.takes = &kind_query_shape,
	.gives = &shown_integration_shape,
};

static const struct statement read_sealed = {
	.sql = "SELECT " SHOWN_COLUMNS ", token, due_at, cursor_sequence, created_at FROM integration"
	       " WHERE organization_id = :organization AND kind = :kind",
	.takes = &kind_query_shape,
	.gives = &integration_shape,
};

static const struct statement set_integration = {
	.sql = "INSERT INTO integration (organization_id, kind, login, token, token_end, endpoint, host, due_at, "
	       "cursor_sequence, created_at, updated_at)"
	       " VALUES (:organization, :kind, :login, :token, :token_end, :endpoint, :host, :now,"
	       " (SELECT MAX(sequence) FROM audit_chain), :now, :now)"
	       " ON DUPLICATE KEY UPDATE login = VALUES(login), token = VALUES(token), token_end = VALUES(token_end),"
	       " endpoint = VALUES(endpoint), host = VALUES(host), due_at = :now, failures = 0, refusals = 0,"
	       " last_error = NULL, dropped_at = NULL, updated_at = :now",
	.takes = &new_integration_shape,
};

static const struct statement remove_integration = {
	.sql = "DELETE FROM integration WHERE organization_id = :organization AND kind = :kind",
	.takes = &kind_query_shape,
};

/* ---- reading ---------------------------------------------------------------------------------------------------- */

const struct problem *
integration_read(struct call *call, const char *kind, struct integration *integration, bool *found)
{
	struct kind_query query = { text_from(kind) };

	return sql_maybe(call, &read_shown, &query, integration, found);
}

const struct problem *
integration_read_sealed(struct call *call, const char *kind, struct integration *integration, bool *found)
{
	struct kind_query query = { text_from(kind) };

	return sql_maybe(call, &read_sealed, &query, integration, found);
}

static const char *
seal_context(struct call *call, const char *kind)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(call->organization, ulid);
	return arena_format(call->arena, "integration.token.%s.%s", ulid, kind).at;
}

const struct problem *
integration_token(struct call *call, const struct integration *integration, struct text *token)
{
	if (!unseal(call->arena, integration->token, seal_context(call, integration->kind.at), token))
		return fail_internal(call, "the token of an integration does not open");
	return NULL;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* The last four characters, but never more than half of it. */
static struct text
end_of(struct text token)
{
	size_t count = utf8_count(token), shown = count / 2 < 4 ? count / 2 : 4;
	struct text end = token;

	for (; count > shown; count--) {
		size_t step = utf8_step(end.at, end.length);

		end.at += step;
		end.length -= step;
	}
	return end;
}

const struct problem *
integration_set(struct call *call, const char *kind, const struct integration_setting *setting)
{
	struct new_integration row = { .kind = text_from(kind),
		.login = setting->login,
		.token = seal(call->arena, setting->token, seal_context(call, kind)),
		.token_end = end_of(setting->token),
		.endpoint = setting->endpoint,
		.host = setting->host };

	return sql_run(call, &set_integration, &row, NULL);
}

const struct problem *
integration_remove(struct call *call, const char *kind)
{
	struct kind_query query = { text_from(kind) };

	return sql_run(call, &remove_integration, &query, NULL);
}

/* ---- time ------------------------------------------------------------------------------------------------------- */

struct instant
integration_due_next(const struct call *call, struct instant was_due, int64_t failures)
{
	static const int64_t minutes[] = { 1, 2, 5, 15, 60 };
	struct instant next = instant_plus_seconds(was_due, INTEGRATION_EVERY_SECONDS);
	size_t step = failures > (int64_t)COUNT(minutes) ? COUNT(minutes) - 1 : (size_t)failures - 1;

	if (failures > 0)
		return instant_plus_seconds(call->now, minutes[step] * 60);
	return instant_before(call->now, next) ? next : instant_plus_seconds(call->now, INTEGRATION_EVERY_SECONDS);
}

const struct resource integration_resource = {
	.name = "integration",
	.summary = "An organization's Prometheus and Loki.",
	.statements = LIST_OF(statement, &read_shown, &read_sealed, &set_integration, &remove_integration),
};
