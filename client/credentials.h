/*
 * The file of credentials: profiles, each with a service and who calls it. Readable by its owner alone, and replaced as a
 * whole: whoever reads it sees the old one or the new one.
 */
#ifndef PURSER_CLIENT_CREDENTIALS_H
#define PURSER_CLIENT_CREDENTIALS_H

#include "arena.h"

struct profile {
	const char *name;
	const char *url;           /* each of the others NULL where there is none */
	const char *ca;
	const char *api_key;
	const char *access_token;  /* of a sign-in */
	const char *refresh_token;
	const char *email;
	struct profile *next;
};

/* Where it is: $PURSER_CONFIG_HOME, $XDG_CONFIG_HOME/purser or ~/.config/purser. */
const char *credentials_path(struct arena *arena);
/* Its profiles; NULL: none. Gives up where there is a file that can't be read. */
struct profile *credentials_read(struct arena *arena);
struct profile *profile_named(struct profile *list, const char *name);

/*
 * Changing it: whoever else changes it waits from begin to end. `begin` takes the room first, so that a full disk is noticed
 * before anything happens that could not be undone.
 */
struct credentials_change;
struct credentials_change *credentials_begin(struct arena *arena);
/* As they are now, with this profile in place of the one with its name; without it where `keeps` is false. */
void credentials_put(struct credentials_change *change, const struct profile *profile, bool keeps);
/* Nothing has to be written. */
void credentials_leave(struct credentials_change *change);

#endif
