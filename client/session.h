/*
 * Requests in the name of whoever signed in: a token that has expired is renewed, and the request sent again.
 */
#ifndef PURSER_CLIENT_SESSION_H
#define PURSER_CLIENT_SESSION_H

#include "transfer.h"

/* Like transfer(), with the settings' token; the answer is in `arena`. Where the sign-in is over it ends the program, or gives
 * that 401 to whoever asked for it. */
struct reply session_transfer(struct arena *arena, struct settings *settings, struct request *request);

/* A request of the program's own: a JSON body to this path. */
struct request session_request(const char *path, struct text body);

#endif
