/*
 * The setting `cors_origins`, as headers and as a map for nginx. Values of the headers stand in nginx/problems.inc,
 * too.
 */
#include "cors.h"

#include <string.h>

#include "config.h"
#include "text.h"

/* The next origin of the list; false at its end. */
static bool
next_origin(const char **at, struct text *origin)
{
	size_t length = strcspn(*at, ",");

	*origin = (struct text){ *at, length };
	*at += length + ((*at)[length] == ',');
	return length > 0;
}

static bool
is_allowed(struct text origin)
{
	const char *at = config.cors_origins;
	struct text allowed;

	while (next_origin(&at, &allowed))
		if (text_equal(allowed, origin))
			return true;
	return false;
}

void
cors_add(struct buffer *head, struct text origin)
{
	if (config.cors_origins[0] == '\0')
		return;
	buffer_add_string(head, "Vary: Origin\r\n");
	if (!is_allowed(origin))
		return;
	buffer_add_string(head, "Access-Control-Allow-Origin: ");
	buffer_add_text(head, origin);
	buffer_add_string(head,
	    "\r\nAccess-Control-Allow-Headers: Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Request-Id"
	    "\r\nAccess-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
	    "\r\nAccess-Control-Expose-Headers: Allow, Content-Disposition, ETag, Idempotent-Replayed, Link, RateLimit,"
	    " RateLimit-Policy, Retry-After, WWW-Authenticate, X-Next-Page, X-Request-Id"
	    "\r\nAccess-Control-Max-Age: 600\r\n");
}

/* A pattern, because nginx compares plain keys without regard to case. An origin holds letters, digits and .-:[]_/
 * alone. */
void
cors_map(struct buffer *out)
{
	const char *at = config.cors_origins;
	struct text origin;

	if (*at != '\0')
		buffer_add_string(out, "default refused;\n");
	while (next_origin(&at, &origin)) {
		buffer_add_string(out, "\"~^");
		for (size_t i = 0; i < origin.length; i++) {
			if (strchr(".[]", origin.at[i]) != NULL)
				buffer_add_char(out, '\\');
			buffer_add_char(out, origin.at[i]);
		}
		buffer_add_string(out, "$\" allowed;\n");
	}
}
