/*
 * Problem documents (RFC 9457) as lines.
 */
#include "refusal.h"

#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "json_text.h"
#include "out.h"
#include "text.h"

static void
tell_faults(const struct tree *problem)
{
	const struct tree *faults = tree_at(problem, "errors");

	for (const struct tree *fault = faults == NULL ? NULL : faults->first; fault != NULL; fault = fault->next) {
		struct text pointer = text_or(tree_text(fault, "pointer"), ""),
			    detail = text_or(tree_text(fault, "detail"), "");

		complain_more("%s: %s", pointer.length > 0 ? pointer.at : "(the whole)", detail.at);
	}
}

/* The pointer of the only fault, where the problem's detail is that fault's; else NULL. */
static const char *
only_pointer(const struct tree *problem, struct text detail)
{
	const struct tree *faults = tree_at(problem, "errors");
	const struct tree *fault = faults == NULL ? NULL : faults->first;

	if (fault == NULL || fault->next != NULL || !text_equal(text_or(tree_text(fault, "detail"), ""), detail))
		return NULL;
	return text_or(tree_text(fault, "pointer"), "").at;
}

/* Members of the problem's own, for whoever has to decide what to do: available, required_scope, …. */
static void
tell_members(struct arena *arena, const struct tree *problem)
{
	static const char *const told[] = { "type", "title", "status", "detail", "instance", "code", "errors", "error",
		"error_description" };

	for (const struct tree *member = problem->first; member != NULL; member = member->next) {
		struct buffer value = buffer_new(arena, 64);
		bool known = member->kind == TREE_NULL;

		for (size_t i = 0; i < COUNT(told); i++)
			known |= text_is(member->name, told[i]);
		if (known)
			continue;
		json_text_value(&value, member);
		complain_more("%s: %s", member->name.at, member->kind == TREE_TEXT ? member->text.at : value.at);
	}
}

static void
tell(struct arena *arena, const struct settings *settings, const struct reply *reply)
{
	const struct tree *problem = json_text_read(arena, reply->body);
	struct maybe_text detail = tree_text(problem, "detail"), code = tree_text(problem, "code"),
			  instance = tree_text(problem, "instance");

	if (detail.at == NULL || code.at == NULL) {
		complain("%s answered %ld, and not as this service does.", settings->url, reply->status);
		return;
	}
	const char *only = only_pointer(problem, (struct text){ detail.at, detail.length });
	complain("%s%s%s (%ld %s%s%s)", only != NULL ? only : "", only != NULL && only[0] != '\0' ? ": " : "",
	    detail.at, reply->status, code.at, instance.at != NULL ? ", request " : "",
	    instance.at != NULL ? instance.at : "");
	if (only == NULL)
		tell_faults(problem);
	tell_members(arena, problem);
	if (reply->retry_after[0] != '\0' && tree_at(problem, "retry_after") == NULL)
		complain_more("retry_after: %s", reply->retry_after);
}

void
refusal_end(struct arena *arena, const struct settings *settings, const struct reply *reply, const char *advice)
{
	out_flush();
	tell(arena, settings, reply);
	if (advice != NULL)
		complain_more("%s", advice);
	complain_hint_now();
	exit(EXIT_REFUSED);
}
