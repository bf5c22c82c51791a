/*
 * purserctl cors-map: what the front door has to know of the settings.
 */
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "cors.h"
#include "ctl.h"

int
ctl_cors_map(int argc, char **argv)
{
	enum { MAP_BYTES = 1 << 20 };
	struct arena *arena;
	struct buffer out;
	bool written;

	(void)argv;
	if (argc > 1)
		return ctl_usage("cors-map");
	arena = arena_new(MAP_BYTES);
	out = buffer_new(arena, 1024);
	cors_map(&out);
	written = fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
	arena_free(arena);
	if (!written)
		perror("purserctl");
	return written ? EXIT_SUCCESS : EXIT_FAILURE;
}
