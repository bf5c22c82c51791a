/*
 * Opens what the configuration says while the process may still do so, then gives up root. A unix socket is readable
 * and writable for its owner and for config.socket_group only; a file left behind by a dead process is replaced, the
 * socket of a living one is not.
 */
#include "listen.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "config.h"

enum { BACKLOG = 511, ALL_BUT_OWNER_AND_GROUP = 0117 };

static int
complain(const char *address, const char *what)
{
	fprintf(stderr, "%s: %s.\n", address, what);
	return -1;
}

static int
abandon(int descriptor, const char *address)
{
	int error = errno;

	close(descriptor);
	return complain(address, strerror(error));
}

static bool
somebody_answers(const struct sockaddr_un *name)
{
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool answers;

	if (descriptor < 0)
		return true;
	answers = connect(descriptor, (const struct sockaddr *)name, sizeof(*name)) == 0 || errno == EAGAIN;
	close(descriptor);
	return answers;
}

/* The socket's file goes to the user that the process will be, and to the group that may connect. */
static bool
give_away(const char *path)
{
	struct passwd *user = geteuid() == 0 && *config.user != '\0' ? getpwnam(config.user) : NULL;
	struct group *group = *config.socket_group != '\0' ? getgrnam(config.socket_group) : NULL;
	uid_t owner = user != NULL ? user->pw_uid : (uid_t)-1;
	gid_t owning_group = user != NULL ? user->pw_gid : (gid_t)-1;

	if (*config.socket_group != '\0' && group == NULL) {
		errno = ENOENT;
		return false;
	}
	return chown(path, owner, group != NULL ? group->gr_gid : owning_group) == 0;
}

static int
listen_unix(const char *address, const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t mask;
	int bound;

	if (descriptor < 0)
		return complain(address, strerror(errno));
	memcpy(name.sun_path, path, strnlen(path, sizeof(name.sun_path) - 1));
	if (somebody_answers(&name)) {
		close(descriptor);
		return complain(address, "another process listens there");
	}
	unlink(path);
	mask = umask(ALL_BUT_OWNER_AND_GROUP);
	bound = bind(descriptor, (const struct sockaddr *)&name, sizeof(name));
	umask(mask);
	if (bound != 0 || !give_away(path) || listen(descriptor, BACKLOG) != 0)
		return abandon(descriptor, address);
	return descriptor;
}

static int
bind_tcp(const char *address, const struct addrinfo *to)
{
	int descriptor = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (descriptor < 0)
		return complain(address, strerror(errno));
	setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (bind(descriptor, to->ai_addr, to->ai_addrlen) != 0 || listen(descriptor, BACKLOG) != 0)
		return abandon(descriptor, address);
	return descriptor;
}

static int
listen_tcp(const char *address, const char *endpoint)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM }, *found;
	const char *port = strrchr(endpoint, ':') + 1;
	size_t length = (size_t)(port - endpoint) - 1;
	bool bracketed = *endpoint == '[';
	char host[256];
	int descriptor, error;

	if (bracketed)
		endpoint++, length -= 2;
	snprintf(host, sizeof(host), "%.*s", (int)length, endpoint);
	error = getaddrinfo(host, port, &hints, &found);
	if (error != 0)
		return complain(address, gai_strerror(error));
	descriptor = bind_tcp(address, found);
	freeaddrinfo(found);
	return descriptor;
}

static int
inherit(void)
{
	int listening = 0;
	socklen_t size = sizeof(listening);

	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening)
		return complain("inherit", "descriptor 0 is no listening socket");
	return STDIN_FILENO;
}

int
listen_open(const char *address)
{
	if (strcmp(address, "inherit") == 0)
		return inherit();
	if (strncmp(address, "unix:", 5) == 0)
		return listen_unix(address, address + 5);
	return listen_tcp(address, address + 4);
}

void
listen_remove(const char *address)
{
	if (strncmp(address, "unix:", 5) == 0)
		unlink(address + 5);
}

bool
listen_drop_privileges(void)
{
	const struct passwd *user;

	if (geteuid() == 0 && *config.user != '\0') {
		user = getpwnam(config.user);
		if (user == NULL)
			return complain(config.user, "there is no such user"), false;
		if (initgroups(config.user, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
		    setuid(user->pw_uid) != 0)
			return complain(config.user, strerror(errno)), false;
		if (user->pw_uid != 0 && (setuid(0) == 0 || seteuid(0) == 0))
			return complain(config.user, "the process could still become root again"), false;
	}
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}
