/*
 * Sessions: one sign-in of a person and all the tokens that came of it. A session has a refresh token, which is spent
 * when it is used; a spent one that comes again was stolen from somebody, and ends the session. What is ended is refused
 * on the very next request (fcgi/authenticate_person.c). Sources: 1-wire "Who is calling"; RFC 6749, 6 and 10.4.
 */
#ifndef PURSER_SESSIONS_H
#define PURSER_SESSIONS_H

#include "call.h"

struct session_tokens {
	struct text access_token;
	struct text refresh_token;
	struct text token_type;
	int64_t expires_in;
	struct text scope;
	struct maybe_id organization_id;
};
extern const struct shape session_tokens_shape;

struct sign_in {
	struct text email;
	struct text password;
	struct maybe_id organization_id; /* none: the first in use */
	struct maybe_text scope;         /* what to narrow the session to; none: all that the role gives */
};

/* Signs in: UNAUTHENTICATED (kept) where the address or the password is wrong, RATE_LIMITED where the address is locked,
 * NOT_FOUND where the organization is not one of the person's, INVALID_SCOPE. The call becomes the person's. */
const struct problem *session_open(struct call *call, const struct sign_in *in, struct session_tokens *out);

/* Spends the refresh token for new ones: UNAUTHENTICATED (kept, and the session is ended, where it was spent before) or
 * INVALID_SCOPE. The call becomes the person's. */
const struct problem *session_refresh(
    struct call *call, struct text refresh_token, struct maybe_text scope, struct session_tokens *out);

/* Ends one; `*ended` is 0 where it had ended before, or is none of the person's. */
const struct problem *session_end(struct call *call, struct id person, struct id session, int64_t *ended);

/* Ends all of the person's that still live, but for one where one is named. */
const struct problem *session_end_all(struct call *call, struct id person, struct maybe_id but, int64_t *ended);

/* The organization that a person acts for where none is named: the first of those in use; none where there is none. */
const struct problem *session_first_organization(struct call *call, struct id person, struct maybe_id *organization);

#endif
