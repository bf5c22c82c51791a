/*
 * Many outgoing transfers at once in one process (curl_multi). A transfer has a slot of its own with all that it needs;
 * it waits there while its host has its share, and takes one of the places only when it begins. The status line
 * decides what became of it: an answer whose body never ends is an answer.
 */
#include "outgoing.h"

#include <assert.h>
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "config.h"
#include "http.h"
#include "log.h"
#include "outgoing_guard.h"
#include "runner.h"
#include "text.h"

enum {
	SLOTS = 256,
	SLOT_MEMORY = 16 << 20,
	HEADERS_LIMIT = 64 << 10,
	BODY_LIMIT = 4096,
	BUSY_ROOM = 1024,
	KEPT_CONNECTIONS = 64,
	POLL_MILLISECONDS = 100,
	REFILL_MICROSECONDS = 200000,
	GRACE_MICROSECONDS = 1000000,
};

enum slot_state { SLOT_FREE, SLOT_WAITING, SLOT_RUNNING };

struct slot {
	struct arena *arena;
	CURL *handle;
	struct curl_slist *lines;
	uint64_t order; /* of coming */
	void *item;
	const char *url;
	size_t header_bytes;
	int64_t started;
	int64_t seconds; /* that it may take */
	size_t keep;     /* bytes of the body; 0: a detail alone */
	struct buffer body;
	enum slot_state state;
	bool is_answered; /* all headers of a final answer are there */
	bool is_refused;  /* the guard refused an address */
	bool is_operators;
	struct outgoing_host host;
	char why[CURL_ERROR_SIZE];
};

static CURLM *multi;
static struct slot slots[SLOTS];
static size_t running, taken;
static uint64_t comings;
static bool is_driving;

__attribute__((noreturn)) static void
out_of_memory(void)
{
	log_error("libcurl has no memory");
	exit(EXIT_FAILURE);
}

/* ---- libcurl's callbacks ---------------------------------------------------------------------------------------- */

/* Where a connection is made: whatever the name said, and whoever answered for it, this is the address. */
static curl_socket_t
on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct slot *slot = context;
	enum guard guard = slot->is_operators ? GUARD_EXEMPT : outgoing_guard(&address->addr);

	(void)purpose;
	if (guard == GUARD_REFUSED || (guard == GUARD_PUBLIC && !slot->host.is_https)) {
		slot->is_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* What is not kept is not read either: the transfer ends there. */
static size_t
on_body(char *at, size_t size, size_t count, void *context)
{
	struct slot *slot = context;
	size_t length = size * count, room = (slot->keep > 0 ? slot->keep : BODY_LIMIT) - slot->body.length;

	buffer_add(&slot->body, at, length < room ? length : room);
	return length <= room ? length : 0;
}

/* One line at a time, those of interim answers too. */
static size_t
on_header(char *at, size_t size, size_t count, void *context)
{
	struct slot *slot = context;
	size_t length = size * count;
	long status = 0;

	slot->header_bytes += length;
	if (slot->header_bytes > HEADERS_LIMIT)
		return 0;
	if (length <= 2 && (at[0] == '\r' || at[0] == '\n')) {
		curl_easy_getinfo(slot->handle, CURLINFO_RESPONSE_CODE, &status);
		slot->is_answered = slot->is_answered || status >= 200;
	}
	return length;
}

/* One more CA than the system's. */
static CURLcode
on_context(CURL *handle, void *context, void *unused)
{
	(void)handle;
	(void)unused;
	return SSL_CTX_load_verify_locations(context, config.outgoing_ca, NULL) == 1 ? CURLE_OK
										     : CURLE_SSL_CACERT_BADFILE;
}

/* ---- a transfer ------------------------------------------------------------------------------------------------- */

static void
open_multi(void)
{
	if (multi == NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		multi = curl_multi_init();
	if (multi == NULL)
		out_of_memory();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
}

static void
add_line(struct slot *slot, const char *line)
{
	struct curl_slist *longer = curl_slist_append(slot->lines, line);

	if (longer == NULL)
		out_of_memory();
	slot->lines = longer;
}

static bool
is_one_line(struct text value)
{
	for (size_t i = 0; i < value.length; i++)
		if (value.at[i] == '\r' || value.at[i] == '\n' || value.at[i] == '\0')
			return false;
	return value.length > 0;
}

/* No `Expect: 100-continue`, which only costs time. */
static void
add_headers(struct slot *slot, const struct outgoing_request *request)
{
	add_line(slot, "Expect:");
	for (size_t i = 0; i < request->header_count; i++) {
		const struct outgoing_header *header = &request->headers[i];

		assert(is_one_line(header->name) && is_one_line(header->value));
		add_line(slot, arena_format(slot->arena, "%.*s: %.*s", (int)header->name.length, header->name.at,
				   (int)header->value.length, header->value.at)
				   .at);
	}
}

static void
set_method(struct slot *slot, const struct outgoing_request *request)
{
	struct text body = arena_text(slot->arena, request->body.at, request->body.length);

	if (request->method != NULL && strcmp(request->method, "GET") == 0)
		return;
	curl_easy_setopt(slot->handle, CURLOPT_POST, 1L);
	curl_easy_setopt(slot->handle, CURLOPT_POSTFIELDS, body.at);
	curl_easy_setopt(slot->handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.length);
	if (request->method != NULL)
		curl_easy_setopt(
		    slot->handle, CURLOPT_CUSTOMREQUEST, arena_format(slot->arena, "%s", request->method).at);
}

static void
set_request(struct slot *slot, const struct outgoing_request *request)
{
	slot->url = arena_text(slot->arena, request->url.at, request->url.length).at;
	slot->seconds = request->seconds > 0 ? request->seconds : OUTGOING_SECONDS;
	add_headers(slot, request);
	slot->is_operators = request->is_operators;
	slot->keep = request->keep;
	curl_easy_setopt(slot->handle, CURLOPT_URL, slot->url);
	curl_easy_setopt(slot->handle, CURLOPT_HTTPHEADER, slot->lines);
	set_method(slot, request);
	curl_easy_setopt(slot->handle, CURLOPT_USERAGENT, "Purser/1");
	curl_easy_setopt(slot->handle, CURLOPT_TIMEOUT_MS, (long)slot->seconds * 1000L);
}

/* An empty proxy overrules the environment's. A name server that hangs must not be waited for when a transfer ends. */
static void
set_rules(struct slot *slot)
{
	CURL *handle = slot->handle;

	curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(handle, CURLOPT_PROXY, "");
	curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(
	    handle, CURLOPT_CAPATH, NULL); /* with it, libcurl reads the file of CAs for every connection */
	if (*config.outgoing_ca != '\0')
		curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, on_context);
	curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, slot);
	curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(handle, CURLOPT_WRITEDATA, slot);
	curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(handle, CURLOPT_HEADERDATA, slot);
	curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, slot->why);
	curl_easy_setopt(handle, CURLOPT_PRIVATE, slot);
}

static struct slot *
free_slot(void)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].state == SLOT_FREE)
			return &slots[i];
	return NULL;
}

static void
open_slot(struct slot *slot)
{
	struct arena *arena = slot->arena == NULL ? arena_new(SLOT_MEMORY) : slot->arena;
	CURL *handle = slot->handle == NULL ? curl_easy_init() : slot->handle;

	if (handle == NULL)
		out_of_memory();
	arena_reset(arena);
	curl_easy_reset(handle);
	*slot = (struct slot){ .state = SLOT_WAITING, .arena = arena, .handle = handle, .order = comings++ };
	slot->body = buffer_new(arena, BODY_LIMIT);
	taken++;
}

static void
close_slot(struct slot *slot)
{
	if (slot->state == SLOT_RUNNING) {
		curl_multi_remove_handle(multi, slot->handle);
		running--;
	}
	curl_easy_reset(slot->handle);
	curl_slist_free_all(slot->lines);
	slot->lines = NULL;
	slot->state = SLOT_FREE;
	taken--;
}

void
outgoing_add(struct call *call, const struct outgoing_request *request, const void *item, size_t size)
{
	struct slot *slot = free_slot();

	(void)call;
	assert(slot != NULL && is_driving);
	open_slot(slot);
	slot->item = arena_take(slot->arena, size);
	memcpy(slot->item, item, size);
	set_rules(slot);
	set_request(slot, request);
	outgoing_host_of(slot->url, &slot->host);
}

/* ---- the places ------------------------------------------------------------------------------------------------- */

/* Slots of the host that run, or also those that wait. */
static size_t
count_of(struct text host, enum slot_state least)
{
	size_t count = 0;

	for (size_t i = 0; i < SLOTS; i++)
		count += slots[i].state >= least && text_is(host, slots[i].host.name);
	return count;
}

bool
outgoing_is_busy(struct text host)
{
	return count_of(host, SLOT_WAITING) >= OUTGOING_A_HOST;
}

static bool
is_named_before(size_t slot)
{
	for (size_t i = 0; i < slot; i++)
		if (slots[i].state != SLOT_FREE && strcmp(slots[i].host.name, slots[slot].host.name) == 0)
			return true;
	return false;
}

struct text
outgoing_busy_hosts(struct call *call)
{
	struct buffer out = buffer_new(call->arena, BUSY_ROOM);

	for (size_t i = 0; i < SLOTS; i++) {
		if (slots[i].state == SLOT_FREE || is_named_before(i) ||
		    !outgoing_is_busy(text_from(slots[i].host.name)))
			continue;
		if (out.length > 0)
			buffer_add_char(&out, ',');
		buffer_add_string(&out, slots[i].host.name);
	}
	return buffer_text(&out);
}

/* The first that came, of those whose host has room. */
static struct slot *
next_waiting(void)
{
	struct slot *next = NULL;

	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].state == SLOT_WAITING && (next == NULL || slots[i].order < next->order) &&
		    (slots[i].is_operators || count_of(text_from(slots[i].host.name), SLOT_RUNNING) < OUTGOING_A_HOST))
			next = &slots[i];
	return next;
}

static void
begin_waiting(void)
{
	struct slot *slot;

	while (running < OUTGOING_AT_ONCE && running < taken && (slot = next_waiting()) != NULL) {
		slot->started = clock_monotonic_microseconds();
		if (curl_multi_add_handle(multi, slot->handle) != CURLM_OK)
			out_of_memory();
		slot->state = SLOT_RUNNING;
		running++;
	}
}

static size_t
free_places(void)
{
	size_t places = OUTGOING_AT_ONCE - running, room = SLOTS - taken;

	return places < room ? places : room;
}

/* ---- what became of it ------------------------------------------------------------------------------------------ */

/* One line of characters that can be shown, whatever came. */
static struct text
clean(struct arena *arena, struct text raw)
{
	struct buffer out = buffer_new(arena, OUTGOING_DETAIL + 1);
	size_t characters = 0;

	for (size_t i = 0; i < raw.length && characters < OUTGOING_DETAIL; characters++) {
		size_t step = utf8_step(raw.at + i, raw.length - i);
		unsigned char first = (unsigned char)raw.at[i];
		bool is_control =
		    first < ' ' || first == 0x7f || (step == 2 && first == 0xc2 && (unsigned char)raw.at[i + 1] < 0xa0);

		if (step == 0)
			buffer_add_char(&out, '?');
		else if (is_control)
			buffer_add_char(&out, ' ');
		else
			buffer_add(&out, raw.at + i, step);
		i += step == 0 ? 1 : step;
	}
	return text_trim(buffer_text(&out));
}

static struct text
why_not(const struct slot *slot, CURLcode code)
{
	if (slot->is_refused && code == CURLE_COULDNT_CONNECT)
		return TEXT("The endpoint's address is not a public one, or not reached by https.");
	if (code == CURLE_OPERATION_TIMEDOUT)
		return arena_format(slot->arena, "There was no answer within %d seconds.", (int)slot->seconds);
	if (slot->header_bytes > HEADERS_LIMIT)
		return TEXT("The answer has too many headers.");
	return text_from(slot->why[0] != '\0' ? slot->why : curl_easy_strerror(code));
}

/* libcurl hands out the header's value as it came. */
static struct text
media_type_of(const struct slot *slot)
{
	char *type = NULL;

	curl_easy_getinfo(slot->handle, CURLINFO_CONTENT_TYPE, &type);
	if (type == NULL)
		return TEXT("");
	return text_trim(arena_text(slot->arena, type, strcspn(type, ";")));
}

static void
take_reply(struct slot *slot, CURLcode code, struct outgoing_reply *reply)
{
	curl_off_t retry_after = 0;
	long status = 0;

	*reply = (struct outgoing_reply){ .retry_after = -1,
		.body = TEXT_OF(""),
		.media_type = TEXT_OF(""),
		.milliseconds = (clock_monotonic_microseconds() - slot->started) / 1000 };
	if (!slot->is_answered) {
		reply->detail = clean(slot->arena, why_not(slot, code));
		return;
	}
	curl_easy_getinfo(slot->handle, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int)status;
	reply->detail = clean(slot->arena, buffer_text(&slot->body));
	reply->is_whole = code == CURLE_OK;
	if (slot->keep > 0)
		reply->body = buffer_text(&slot->body);
	reply->media_type = media_type_of(slot);
	if (curl_easy_getinfo(slot->handle, CURLINFO_RETRY_AFTER, &retry_after) == CURLE_OK && retry_after > 0)
		reply->retry_after = retry_after;
}

/* ---- driving ---------------------------------------------------------------------------------------------------- */

struct drive {
	struct call *call;
	const struct outgoing_use *use;
	void *context;
	int64_t until;    /* nothing is begun from then on */
	int64_t refilled; /* when it was asked last */
	bool has_freed;   /* places since */
};

static const struct problem *
tell_done(struct drive *drive, struct slot *slot, CURLcode code)
{
	struct arena_mark mark = arena_mark(drive->call->arena);
	struct outgoing_reply *reply = arena_take(drive->call->arena, sizeof(*reply));
	const struct problem *p;

	take_reply(slot, code, reply);
	p = drive->use->done(drive->call, drive->context, slot->item, reply);
	close_slot(slot);
	drive->has_freed = true;
	if (p == NULL)
		arena_release(drive->call->arena, mark);
	return p;
}

/* What waits for its host when nothing more is begun is given back. */
static const struct problem *
give_back(struct drive *drive)
{
	const struct problem *p = NULL;

	if (!job_is_stopping() && clock_monotonic_microseconds() < drive->until)
		return NULL;
	for (size_t i = 0; i < SLOTS && p == NULL; i++) {
		struct arena_mark mark = arena_mark(drive->call->arena);

		if (slots[i].state != SLOT_WAITING)
			continue;
		if (drive->use->untried != NULL)
			p = drive->use->untried(drive->call, drive->context, slots[i].item);
		close_slot(&slots[i]);
		if (p == NULL)
			arena_release(drive->call->arena, mark);
	}
	return p;
}

static const struct problem *
take_ended(struct drive *drive)
{
	const struct problem *p = NULL;
	const CURLMsg *message;
	int left;

	while (p == NULL && (message = curl_multi_info_read(multi, &left)) != NULL) {
		char *slot = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
		p = tell_done(drive, (struct slot *)(void *)slot, message->data.result);
	}
	return p;
}

static const struct problem *
refill(struct drive *drive)
{
	struct arena_mark mark = arena_mark(drive->call->arena);
	int64_t now = clock_monotonic_microseconds();
	const struct problem *p;

	if (job_is_stopping() || now >= drive->until || free_places() == 0 ||
	    (!drive->has_freed && now - drive->refilled < REFILL_MICROSECONDS))
		return NULL;
	drive->refilled = now;
	drive->has_freed = false;
	p = drive->use->refill(drive->call, drive->context, free_places());
	if (p == NULL)
		arena_release(drive->call->arena, mark);
	return p;
}

static void
transfer_a_while(void)
{
	int still;

	curl_multi_perform(multi, &still);
	if ((size_t)still == running && running > 0) {
		curl_multi_poll(multi, NULL, 0, POLL_MILLISECONDS, NULL);
		curl_multi_perform(multi, &still);
	}
}

static bool
is_over(int64_t *stopped)
{
	if (!job_is_stopping())
		return taken == 0;
	if (*stopped == 0)
		*stopped = clock_monotonic_microseconds();
	return taken == 0 || clock_monotonic_microseconds() - *stopped > GRACE_MICROSECONDS;
}

static const struct problem *
may_call(struct call *call)
{
	if (call->in_transaction)
		return fail_internal(call, "outgoing calls within a transaction");
	if (http_is_forbidden())
		return fail_internal(call, "outgoing calls in a worker of the fast pool");
	assert(!is_driving);
	return NULL;
}

const struct problem *
outgoing_drive(struct call *call, const struct outgoing_use *use, void *context, int64_t seconds)
{
	struct drive drive = { .call = call,
		.use = use,
		.context = context,
		.until = clock_monotonic_microseconds() + seconds * 1000000,
		.has_freed = true };
	const struct problem *p = may_call(call);
	int64_t stopped = 0;

	if (p != NULL)
		return p;
	open_multi();
	is_driving = true;
	while ((p = refill(&drive)) == NULL && (p = give_back(&drive)) == NULL && !is_over(&stopped)) {
		begin_waiting();
		transfer_a_while();
		p = take_ended(&drive);
		if (p != NULL)
			break;
	}
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i].state != SLOT_FREE)
			close_slot(&slots[i]);
	is_driving = false;
	return p;
}

void
outgoing_close(void)
{
	if (multi == NULL)
		return;
	for (size_t i = 0; i < SLOTS; i++) {
		curl_easy_cleanup(slots[i].handle);
		arena_free(slots[i].arena);
		slots[i] = (struct slot){ 0 };
	}
	curl_multi_cleanup(multi);
	curl_global_cleanup();
	multi = NULL;
}
