/*
 * What is JSON at all: the corpus of the body's fuzzer, where y_* is JSON and n_* is not.
 */
#include <dirent.h>
#include <stdio.h>

#include "call.h"
#include "json.h"
#include "unit.h"

static struct call call;
static const char *corpus = "t/fuzz/corpus/body";

static struct text
content_of(const char *name)
{
	static char bytes[1 << 20];
	char path[1000];
	FILE *file;
	size_t length;

	snprintf(path, sizeof(path), "%s/%s", corpus, name);
	file = fopen(path, "r");
	if (file == NULL)
		fail_msg("%s can't be read", path);
	length = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	return arena_text(call.arena, bytes, length);
}

static void
judge(const char *name)
{
	static const struct shape anything = { .name = "anything", .size = 1, .freeform = true };
	struct text body = content_of(name);
	char into[1] = { 0 };
	const struct problem *p = json_read(&call, body, &anything, into);

	if (name[0] == 'y' && p != NULL)
		fail_msg("%s was refused: %s", name, p->detail);
	if (name[0] == 'n' && (p == NULL || p->kind != BAD_REQUEST))
		fail_msg("%s was taken", name);
	if (p == NULL)
		json_digest(&call, body);
	if (body.length > 0)
		assert_int_equal(json_is_object(call.arena, body), p == NULL);
}

static void
the_corpus_is_told_apart(void **state)
{
	DIR *directory = opendir(corpus);
	const struct dirent *entry;
	size_t count = 0;

	(void)state;
	if (directory == NULL)
		fail_msg("%s can't be opened", corpus);
	while ((entry = readdir(directory)) != NULL) {
		arena_reset(call.arena);
		if (entry->d_name[0] != '.') {
			judge(entry->d_name);
			count++;
		}
	}
	closedir(directory);
	assert_true(count > 200);
}

int
main(int count, char **arguments)
{
	static const struct CMUnitTest tests[] = {
		PROVES("the corpus is told apart", the_corpus_is_told_apart),
	};
	int failed;

	if (count > 1)
		corpus = arguments[1];
	call.arena = arena_new(64 << 20);
	failed = RUN(tests);
	arena_free(call.arena);
	return failed;
}
