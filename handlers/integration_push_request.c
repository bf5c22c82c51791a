/*
 * Where a push goes, and what it says of itself: address, headers, and who signs in.
 */
#include "integration_push.h"

#include <string.h>

#include "seal.h"
#include "text.h"

const struct push_kind *
push_kind_named(struct text name)
{
	return text_is(name, push_prom.name) ? &push_prom : &push_loki;
}

/* A host alone gets the path that its kind has by convention. */
static struct text
address_of(struct call *call, const struct push_kind *kind, struct text endpoint)
{
	const char *host = strstr(endpoint.at, "://"), *path = host == NULL ? NULL : strpbrk(host + 3, "/?#");
	int length = (int)(path == NULL ? endpoint.length : (size_t)(path - endpoint.at));

	if (path != NULL && strcmp(path, "/") != 0)
		return endpoint;
	return arena_format(call->arena, "%.*s%s", length, endpoint.at, kind->path);
}

static struct text
basic_auth(struct call *call, struct text login, struct text token)
{
	struct text plain = arena_format(call->arena, "%s:%s", login.at, token.at);

	return arena_format(
	    call->arena, "Basic %s", base64_encode(call->arena, (const unsigned char *)plain.at, plain.length).at);
}

static void
add_header(struct push *push, struct text name, struct text value)
{
	push->headers[push->request.header_count++] = (struct outgoing_header){ name, value };
}

const struct problem *
push_address(struct call *call, const struct push_kind *kind, const struct integration *integration, struct push *push)
{
	struct text token;
	const struct problem *p = integration_token(call, integration, &token);

	if (p != NULL)
		return p;
	push->request.url = address_of(call, kind, integration->endpoint);
	push->request.headers = push->headers;
	add_header(push, TEXT("Content-Type"), text_from(kind->media_type));
	add_header(push, TEXT("Authorization"), basic_auth(call, integration->login, token));
	if (kind == &push_prom) {
		add_header(push, TEXT("Content-Encoding"), TEXT("snappy"));
		add_header(push, TEXT("X-Prometheus-Remote-Write-Version"), TEXT("0.1.0"));
	}
	return NULL;
}
