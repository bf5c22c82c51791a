/*
 * What the authenticate*.c files share, and nobody else needs.
 */
#ifndef PURSER_AUTHENTICATE_PARTS_H
#define PURSER_AUTHENTICATE_PARTS_H

#include "call.h"

/* 401 with its header. A caller without a good token counts against its address; past the limit it hears 429 instead. */
const struct problem *authenticate_refuse(struct call *call, const char *sentence);

/* A token found by its digest: what the statements take. */
struct token_digest {
	struct digest digest;
};
extern const struct shape token_digest_shape;

extern const char authenticate_why[]; /* why these statements may leave out the organization */

/* Fill call->principal and call->organization from one row, or refuse. */
const struct problem *authenticate_session(struct call *call);
const struct problem *authenticate_identity(struct call *call, struct text token);

extern const struct statement find_session, find_identity;

#endif
