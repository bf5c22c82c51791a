/*
 * One memfd with a head and three parts behind it. The head says what the layout is: sizes, and which operation has
 * which number; a program of another version, or with other settings, begins a fresh block instead of misreading the
 * old one.
 */
#include "shared.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "key_use.h"
#include "limit.h"
#include "log.h"
#include "metrics.h"
#include "password.h"
#include "route.h"

enum { LAYOUT_VERSION = 1, ALIGNMENT = 64 };

struct head {
	uint64_t layout;
};

struct layout {
	size_t metrics, limit, key_use, size;
	uint64_t fingerprint;
};

static size_t
place(size_t *end, size_t size)
{
	size_t at = (*end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

	*end = at + size;
	return at;
}

/* FNV-1a */
static uint64_t
mix(uint64_t hash, const void *at, size_t length)
{
	const unsigned char *bytes = at;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

static struct layout
plan(void)
{
	struct layout layout = { .fingerprint =
				     mix(UINT64_C(14695981039346656037), &(int){ LAYOUT_VERSION }, sizeof(int)) };
	size_t end = sizeof(struct head);

	layout.metrics = place(&end, metrics_size());
	layout.limit = place(&end, limit_size(config.rate_slots));
	layout.key_use = place(&end, key_use_size());
	layout.size = end;
	layout.fingerprint = mix(layout.fingerprint, &layout, offsetof(struct layout, fingerprint));
	for (size_t i = 0; i < route_count(); i++) {
		const char *id = route_operation(i)->id;

		layout.fingerprint = mix(layout.fingerprint, id, strlen(id) + 1);
	}
	return layout;
}

static void *
map(int descriptor, size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* The block of the process before, or NULL when it is none of ours. */
static void *
adopt(int descriptor, const struct layout *layout)
{
	struct stat status;
	struct head *head;

	if (descriptor < 0 || fstat(descriptor, &status) != 0 || status.st_size != (off_t)layout->size)
		return NULL;
	head = map(descriptor, layout->size);
	if (head != NULL && head->layout == layout->fingerprint)
		return head;
	if (head != NULL)
		munmap(head, layout->size);
	return NULL;
}

static void *
create(int *descriptor, const struct layout *layout)
{
	struct head *head;

	*descriptor = memfd_create("purser", MFD_CLOEXEC);
	if (*descriptor < 0 || ftruncate(*descriptor, (off_t)layout->size) != 0)
		return NULL;
	head = map(*descriptor, layout->size);
	if (head != NULL)
		head->layout = layout->fingerprint;
	return head;
}

int
shared_open(int descriptor)
{
	struct layout layout = plan();
	char *at = adopt(descriptor, &layout);

	if (at == NULL) {
		if (descriptor >= 0) {
			log_info("the layout of the shared memory is new: metrics and rate limits begin anew");
			close(descriptor);
		}
		at = create(&descriptor, &layout);
	}
	if (at == NULL)
		return -1;
	metrics_use(at + layout.metrics);
	limit_use(at + layout.limit, config.rate_slots);
	key_use_lay(at + layout.key_use);
	password_use(descriptor);
	return descriptor;
}
