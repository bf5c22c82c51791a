/*
 * Remote write by protobuf-c (proto/remote.proto) and snappy's block format. The protocol has every value as a floating
 * point number: this is the one place that makes such, of a whole number of millionths, and nothing is computed with
 * it.
 */
#include "remote_write.h"

#include <stdlib.h>
#include <string.h>

#include <snappy-c.h>

#include "log.h"
#include "remote.pb-c.h"
#include "text.h"

/* What a series is on the wire, with the memory it points to. */
struct message {
	Remote__TimeSeries series;
	Remote__Label labels[REMOTE_LABELS + 1];
	Remote__Label *label_list[REMOTE_LABELS + 1];
	Remote__Sample sample;
	Remote__Sample *sample_list[1];
};

static char *
copy(struct arena *arena, struct text text)
{
	char *at = arena_take(arena, text.length + 1);

	if (text.length > 0)
		memcpy(at, text.at, text.length);
	return at;
}

static int
compare_labels(const void *a, const void *b)
{
	const Remote__Label *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

static void
add_label(struct arena *arena, struct message *message, const char *name, struct text value)
{
	Remote__Label *label = &message->labels[message->series.n_labels];

	if (value.length == 0)
		return;
	remote__label__init(label);
	label->name = copy(arena, text_from(name));
	label->value = copy(arena, value);
	message->label_list[message->series.n_labels++] = label;
}

static void
make_message(struct arena *arena, const struct remote_series *series, struct instant at, struct message *message)
{
	remote__time_series__init(&message->series);
	message->series.labels = message->label_list;
	add_label(arena, message, "__name__", text_from(series->name));
	for (size_t i = 0; i < REMOTE_LABELS && series->labels[i].name != NULL; i++)
		add_label(arena, message, series->labels[i].name, series->labels[i].value);
	qsort(message->label_list, message->series.n_labels, sizeof(message->label_list[0]), compare_labels);
	remote__sample__init(&message->sample);
	message->sample.value = (double)series->value / (series->in_millionths ? 1000000 : 1);
	message->sample.timestamp = at.microseconds / 1000;
	message->sample_list[0] = &message->sample;
	message->series.samples = message->sample_list;
	message->series.n_samples = 1;
}

static struct text
compress(struct arena *arena, const char *plain, size_t length)
{
	size_t room = snappy_max_compressed_length(length);
	char *at = arena_take(arena, room + 1);

	if (snappy_compress(plain, length, at, &room) != SNAPPY_OK) {
		log_error("snappy can't compress");
		exit(EXIT_FAILURE);
	}
	at[room] = '\0';
	return (struct text){ at, room };
}

struct text
remote_write_body(struct arena *arena, const struct remote_series *series, size_t count, struct instant at)
{
	struct message *messages = arena_array(arena, count + 1, sizeof(*messages));
	Remote__TimeSeries **list = arena_array(arena, count + 1, sizeof(*list));
	Remote__WriteRequest request;
	uint8_t *packed;
	size_t length;

	for (size_t i = 0; i < count; i++) {
		make_message(arena, &series[i], at, &messages[i]);
		list[i] = &messages[i].series;
	}
	remote__write_request__init(&request);
	request.timeseries = list;
	request.n_timeseries = count;
	packed = arena_take(arena, remote__write_request__get_packed_size(&request) + 1);
	length = remote__write_request__pack(&request, packed);
	return compress(arena, (const char *)packed, length);
}
