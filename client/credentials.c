/*
 * Reading and replacing the file of credentials. It is JSON: {"profiles": {"default": {"url": …, …}}}.
 */
#include "credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"
#include "json_text.h"
#include "text.h"

enum { FILE_MOST = 1 << 20, ROOM_FOR_A_PROFILE = 16 * 1024 };

struct credentials_change {
	struct arena *arena;
	const char *path;
	char *temporary;
	int lock, file;
};

static const struct {
	const char *name;
	size_t offset;
} members[] = {
	{ "url", offsetof(struct profile, url) },
	{ "ca", offsetof(struct profile, ca) },
	{ "api_key", offsetof(struct profile, api_key) },
	{ "access_token", offsetof(struct profile, access_token) },
	{ "refresh_token", offsetof(struct profile, refresh_token) },
	{ "email", offsetof(struct profile, email) },
};

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || value[0] == '\0' ? NULL : value;
}

static const char *
directory(struct arena *arena)
{
	const char *own = environment("PURSER_CONFIG_HOME"), *shared = environment("XDG_CONFIG_HOME"),
		   *home = environment("HOME");

	if (own != NULL)
		return own;
	if (shared != NULL)
		return arena_format(arena, "%s/purser", shared).at;
	return home == NULL ? NULL : arena_format(arena, "%s/.config/purser", home).at;
}

static const char *
needed_directory(struct arena *arena)
{
	const char *place = directory(arena);

	if (place == NULL)
		give_up("There is no place for credentials: neither PURSER_CONFIG_HOME nor HOME is set.");
	return place;
}

const char *
credentials_path(struct arena *arena)
{
	return arena_format(arena, "%s/credentials", needed_directory(arena)).at;
}

/* ---- reading ---- */

static struct profile *
profile_of(struct arena *arena, const struct tree *tree)
{
	struct profile *profile = arena_take(arena, sizeof(*profile));

	profile->name = tree->name.at;
	for (size_t i = 0; i < COUNT(members); i++)
		memcpy((char *)profile + members[i].offset, &(const char *){ tree_text(tree, members[i].name).at },
		    sizeof(const char *));
	return profile;
}

static const char *
member_of(const struct profile *profile, size_t i)
{
	const char *value;

	memcpy(&value, (const char *)profile + members[i].offset, sizeof(value));
	return value;
}

/* Once: the file is read more than once where it is changed. */
static void
warn_where_open(int file, const char *path)
{
	static bool warned;
	struct stat status;

	if (warned || fstat(file, &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return;
	warned = true;
	complain("Others may read or change %s, and call as you: chmod 600 '%s'", path, path);
}

struct profile *
credentials_read(struct arena *arena)
{
	struct profile *first = NULL, **last = &first;
	const struct tree *tree;
	const char *path;
	ssize_t length;
	char *text;
	int file;

	if (directory(arena) == NULL) /* somebody without a home may still say everything by flags */
		return NULL;
	path = credentials_path(arena);
	text = arena_take(arena, FILE_MOST);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
		return NULL;
	length = file < 0 ? -1 : read(file, text, FILE_MOST);
	if (length < 0)
		give_up("%s can't be read: %s.", path, strerror(errno));
	warn_where_open(file, path);
	close(file);
	tree = tree_at(tree_parse(arena, (struct text){ text, (size_t)length }), "profiles");
	if (tree == NULL)
		give_up("%s is damaged: it holds no profiles. Move it away and sign in again.", path);
	for (tree = tree->first; tree != NULL; tree = tree->next) {
		*last = profile_of(arena, tree);
		last = &(*last)->next;
	}
	return first;
}

struct profile *
profile_named(struct profile *list, const char *name)
{
	while (list != NULL && strcmp(list->name, name) != 0)
		list = list->next;
	return list;
}

/* ---- changing ---- */

static void
make_directory(const char *path)
{
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		give_up("%s can't be made: %s.", path, strerror(errno));
}

static void
make_directories(struct arena *arena, const char *path)
{
	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/'))
		make_directory(arena_text(arena, path, (size_t)(slash - path)).at);
	make_directory(path);
}

struct credentials_change *
credentials_begin(struct arena *arena)
{
	struct credentials_change *change = arena_take(arena, sizeof(*change));
	const char *path = credentials_path(arena), *place = needed_directory(arena);
	const char *lock = arena_format(arena, "%s/credentials.lock", place).at;
	struct stat status = { 0 };
	int fault;

	change->arena = arena;
	change->path = path;
	make_directories(arena, place);
	change->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (change->lock < 0 || flock(change->lock, LOCK_EX) != 0)
		give_up("%s can't be locked: %s.", lock, strerror(errno));
	change->temporary = (char *)arena_format(arena, "%s.XXXXXX", change->path).at;
	change->file = mkostemp(change->temporary, O_CLOEXEC);
	if (change->file < 0)
		give_up("%s can't be written: %s.", change->path, strerror(errno));
	interrupt_removes(change->temporary);
	if (stat(change->path, &status) != 0)
		status.st_size = 0;
	fault = posix_fallocate(change->file, 0, status.st_size + ROOM_FOR_A_PROFILE);
	if (fault != 0)
		give_up("%s can't be written: %s.", change->path, strerror(fault));
	return change;
}

static void
close_change(struct credentials_change *change)
{
	close(change->file);
	close(change->lock);
	interrupt_removes(NULL);
}

void
credentials_leave(struct credentials_change *change)
{
	unlink(change->temporary);
	close_change(change);
}

static void
add_profile(struct buffer *out, const struct profile *profile)
{
	json_text_name(out, text_from(profile->name));
	buffer_add_char(out, '{');
	for (size_t i = 0; i < COUNT(members); i++)
		json_text_member(out, members[i].name, member_of(profile, i));
	buffer_add_char(out, '}');
}

static bool
write_all(int file, struct text text)
{
	while (text.length > 0) {
		ssize_t written = write(file, text.at, text.length);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0)
			text = (struct text){ text.at + written, text.length - (size_t)written };
	}
	return true;
}

void
credentials_put(struct credentials_change *change, const struct profile *profile, bool keeps)
{
	struct buffer out = buffer_new(change->arena, 4096);

	buffer_add_string(&out, "{\"profiles\":{");
	for (const struct profile *other = credentials_read(change->arena); other != NULL; other = other->next)
		if (strcmp(other->name, profile->name) != 0)
			add_profile(&out, other);
	if (keeps)
		add_profile(&out, profile);
	buffer_add_string(&out, "}}\n");
	if (!write_all(change->file, buffer_text(&out)) || ftruncate(change->file, (off_t)out.length) != 0 ||
	    fsync(change->file) != 0 || rename(change->temporary, change->path) != 0)
		give_up("%s can't be written: %s.", change->path, strerror(errno));
	close_change(change);
}
