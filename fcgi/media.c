/*
 * Content-Type and Accept. A quality value is read as thousandths; what can't be read is passed over, so that a strange
 * Accept header never hides a reply that a plain one would get.
 */
#include "media.h"

#include <string.h>

#include "text.h"

struct range {
	struct text type; /* "application/json", "application/ *", "* / *" */
	int quality;      /* thousandths; 0 refuses */
};

static struct text
until(const char **at, const char *end, char stop)
{
	const char *begin = *at, *found = memchr(begin, stop, (size_t)(end - begin));
	const char *last = found == NULL ? end : found;

	*at = found == NULL ? end : found + 1;
	return text_trim((struct text){ begin, (size_t)(last - begin) });
}

static int
thousandths(struct text q)
{
	int value = 0, digits = 0;

	if (q.length == 0 || (q.at[0] != '0' && q.at[0] != '1'))
		return 1000;
	if (q.at[0] == '1')
		return 1000;
	for (size_t i = 2; i < q.length && digits < 3 && q.at[i] >= '0' && q.at[i] <= '9'; i++, digits++)
		value = value * 10 + (q.at[i] - '0');
	for (; digits < 3; digits++)
		value *= 10;
	return value;
}

static struct range
next_range(const char **at, const char *end)
{
	struct text whole = until(at, end, ',');
	const char *part = whole.at, *part_end = whole.at + whole.length;
	struct range range = { until(&part, part_end, ';'), 1000 };

	while (part < part_end) {
		struct text parameter = until(&part, part_end, ';');

		if (parameter.length > 2 && (parameter.at[0] == 'q' || parameter.at[0] == 'Q') &&
		    parameter.at[1] == '=')
			range.quality = thousandths((struct text){ parameter.at + 2, parameter.length - 2 });
	}
	return range;
}

/* 0: does not match; else the more exact the larger. */
static int
closeness(struct text range, struct text media)
{
	const char *slash = memchr(media.at, '/', media.length);
	size_t major = (size_t)(slash - media.at) + 1;

	if (text_equal_ignoring_case(range, media))
		return 3;
	if (range.length == major + 1 && range.at[major] == '*' &&
	    text_equal_ignoring_case((struct text){ range.at, major }, (struct text){ media.at, major }))
		return 2;
	return text_is((struct text){ range.at, range.length }, "*/*") ? 1 : 0;
}

static int
quality_of(struct text accept, struct text media)
{
	const char *at = accept.at, *end = accept.at + accept.length;
	int best = 0, quality = 0;

	while (at < end) {
		struct range range = next_range(&at, end);
		int match = closeness(range.type, media);

		if (match > best) {
			best = match;
			quality = range.quality;
		}
	}
	return quality;
}

const char *
media_choose(struct text accept, const char *const *offered)
{
	const char *chosen = NULL;
	int best = 0;

	if (text_trim(accept).length == 0)
		return offered[0];
	for (size_t i = 0; offered[i] != NULL; i++) {
		int quality = quality_of(accept, text_from(offered[i]));

		if (quality > best) {
			best = quality;
			chosen = offered[i];
		}
	}
	return chosen;
}

bool
media_is(struct text content_type, const char *media)
{
	const char *at = content_type.at, *end = content_type.at + content_type.length;

	if (!text_equal_ignoring_case(until(&at, end, ';'), text_from(media)))
		return false;
	while (at < end) {
		struct text parameter = until(&at, end, ';');

		if (parameter.length > 8 &&
		    text_equal_ignoring_case((struct text){ parameter.at, 8 }, TEXT("charset=")) &&
		    !text_equal_ignoring_case((struct text){ parameter.at + 8, parameter.length - 8 }, TEXT("utf-8")) &&
		    !text_equal_ignoring_case(
			(struct text){ parameter.at + 8, parameter.length - 8 }, TEXT("\"utf-8\"")))
			return false;
	}
	return true;
}
