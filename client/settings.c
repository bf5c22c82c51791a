/*
 * Flags, environment and profile put together.
 */
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "text.h"

static const char *
first_of(const char *flag, const char *variable, const char *profile)
{
	const char *value = getenv(variable);

	if (flag != NULL)
		return flag;
	return value != NULL && value[0] != '\0' ? value : profile;
}

static const char *
without_slash(struct arena *arena, const char *url)
{
	size_t length = strlen(url);

	while (length > 0 && url[length - 1] == '/')
		length--;
	return arena_text(arena, url, length).at;
}

static void
check_name(const char *name)
{
	size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

	if (length == 0 || length > 64 || name[length] != '\0')
		give_up(
		    "A profile's name has up to 64 letters, digits, dots, hyphens and underscores: not `%s`.", name);
}

/* A profile's token is for the profile's service alone: another one would learn it. */
static void
check_token_stays(const struct settings *settings, const char *profile_url)
{
	if (settings->url != NULL && profile_url != NULL && strcmp(settings->url, profile_url) != 0)
		give_up("The profile `%s` is of %s, not of %s: use another --profile, or --api-key.",
		    settings->profile_name, profile_url, settings->url);
}

static void
use_profile(struct settings *settings, const char *key)
{
	const struct profile *profile = settings->profile;

	if (key != NULL) {
		settings->token = key;
		return;
	}
	if (profile == NULL || (profile->access_token == NULL && profile->api_key == NULL))
		return;
	check_token_stays(settings, profile->url == NULL ? NULL : without_slash(settings->arena, profile->url));
	settings->token = profile->access_token != NULL ? profile->access_token : profile->api_key;
	settings->signed_in = profile->access_token != NULL;
}

struct settings
settings_read(const struct arguments *arguments)
{
	struct arena *arena = arguments->arena;
	const char *const *options = arguments->options;
	struct settings settings = { .arena = arena };
	const char *url;

	settings.profile_name = first_of(options[OPTION_PROFILE], "PURSER_PROFILE", "default");
	check_name(settings.profile_name);
	settings.profile = profile_named(credentials_read(arena), settings.profile_name);
	url = first_of(options[OPTION_URL], "PURSER_URL", settings.profile == NULL ? NULL : settings.profile->url);
	settings.url = url == NULL ? NULL : without_slash(arena, url);
	settings.ca = first_of(options[OPTION_CA], "PURSER_CA", settings.profile == NULL ? NULL : settings.profile->ca);
	if (arguments->local == NULL || strcmp(arguments->local, "login") != 0)
		use_profile(&settings, first_of(options[OPTION_API_KEY], "PURSER_API_KEY", NULL));
	return settings;
}

static bool
begins(const char *url, const char *with)
{
	size_t length = strlen(with);

	return strncmp(url, with, length) == 0 && url[length] != '\0';
}

/* Of this machine, unencrypted. */
static bool
is_own_machine(const char *url)
{
	static const char *const hosts[] = { "http://localhost", "http://127.0.0.1", "http://[::1]" };

	for (size_t i = 0; i < COUNT(hosts); i++) {
		size_t length = strlen(hosts[i]);
		const char *behind = url + length;

		if (strncmp(url, hosts[i], length) != 0)
			continue;
		if (*behind == ':')
			behind += 1 + strspn(behind + 1, "0123456789");
		if (*behind == '\0' || *behind == '/')
			return true;
	}
	return false;
}

void
settings_need_url(const struct settings *settings)
{
	if (settings->url == NULL)
		give_up("Which service? Say --url or PURSER_URL, or sign in with `purser login --url https://…`.");
	if (!begins(settings->url, "https://") && !is_own_machine(settings->url))
		give_up("%s is no https address: a token is sent to nothing else.", settings->url);
}
