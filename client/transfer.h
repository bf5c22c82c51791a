/*
 * One request to the service and its answer, by libcurl.
 */
#ifndef PURSER_CLIENT_TRANSFER_H
#define PURSER_CLIENT_TRANSFER_H

#include "body.h"
#include "settings.h"

struct request {
	const char *path;
	const char *token;           /* NULL: none */
	const char *accept;
	const char *idempotency_key; /* NULL: none */
	const char *const *headers;  /* more of them, ends with NULL; NULL: none */
	struct body body;
	bool streams;                /* what is good goes to standard output as it comes */
	long most_seconds;           /* 0: as long as something is heard */
	bool may_be_over;            /* a sign-in that has ended is no failure */
};

struct reply {
	long status;
	struct text body; /* of what was streamed: empty */
	long long streamed; /* bytes */
	char retry_after[40];
};

/* Gives up where there is no answer, or one that breaks off. */
struct reply transfer(struct arena *arena, const struct settings *settings, const struct request *request);

#endif
