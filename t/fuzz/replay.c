/*
 * main() for a fuzz target where libFuzzer is not linked: runs it over every file named, and every file of every
 * directory named. The output is TAP.
 */
#include <dirent.h>
#include <errno.h>

#include "t/fuzz/fuzz.h"

enum { LARGEST = 1 << 24, PATH_ROOM = 4096 };

static unsigned long replayed;

/* The bytes get memory of exactly their size, so that a read past the end is seen. */
static void
replay_file(const char *path)
{
	static uint8_t room[LARGEST];
	FILE *file = fopen(path, "rb");
	size_t size;
	uint8_t *data;

	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	size = fread(room, 1, sizeof(room), file);
	fclose(file);
	data = malloc(size == 0 ? 1 : size);
	MUST(data != NULL);
	memcpy(data, room, size);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	replayed++;
}

static void
replay_directory(const char *path, DIR *directory)
{
	const struct dirent *entry;
	char file[PATH_ROOM];

	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		replay_file(file);
	}
}

int
main(int count, char **arguments)
{
	for (int i = 1; i < count; i++) {
		DIR *directory = opendir(arguments[i]);

		if (directory == NULL) {
			replay_file(arguments[i]);
			continue;
		}
		replay_directory(arguments[i], directory);
		closedir(directory);
	}
	printf("1..1\n%sok 1 - %lu files are replayed\n", replayed > 0 ? "" : "not ", replayed);
	return replayed > 0 ? 0 : 1;
}
