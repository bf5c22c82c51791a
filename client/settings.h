/*
 * Which service is called, and as whom: what a flag says wins over the environment, and that over the profile.
 */
#ifndef PURSER_CLIENT_SETTINGS_H
#define PURSER_CLIENT_SETTINGS_H

#include "arguments.h"
#include "credentials.h"

struct settings {
	struct arena *arena;     /* in which the rest lives */
	const char *profile_name;
	struct profile *profile; /* NULL: there is none of that name yet */
	const char *url;         /* without a slash at its end; NULL: not said */
	const char *ca;          /* NULL: the system's */
	const char *token;       /* NULL: none */
	bool signed_in;          /* the token is the profile's sign-in, which can be refreshed */
};

struct settings settings_read(const struct arguments *arguments);
/* Gives up where the service is not said, or is none that a token may be sent to. */
void settings_need_url(const struct settings *settings);

#endif
