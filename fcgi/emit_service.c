/*
 * The machinery's own pages (pages.c) in the OpenAPI document: health, the document itself, what a problem means.
 */
#include "emit_openapi.h"

struct page {
	const char *path, *name, *summary;
	bool tagged;     /* carries an ETag and can answer 304 */
	bool has_code;   /* its path ends with a problem's code */
	int problems[8]; /* ends with 0 */
};

static const struct page pages[] = {
	{ "/v1/health/live", "service.live", "Does the process answer?", false, false, { 400, 431, 502, 504 } },
	{ "/v1/health/ready", "service.ready", "Do the process and the database answer, and do they fit each other?",
	    false, false, { 400, 431, 502, 503, 504 } },
	{ "/v1/openapi.json", "service.openapi", "This document.", true, false, { 400, 431, 500, 502, 504 } },
	{ "/openapi.json", "service.openapi-root", "This document.", true, false, { 400, 431, 500, 502, 504 } },
	{ "/problems/{code}", "service.problem", "What a kind of problem means and what to do about it.", false, true,
	    { 400, 404, 431, 502, 504 } },
};

static void
emit_page_parameters(struct emitter *emitter, const struct page *page)
{
	emit_array(emitter, "parameters");
	if (page->has_code) {
		emit_object(emitter, NULL);
		emit_string(emitter, "name", "code");
		emit_string(emitter, "in", "path");
		emit_string(emitter, "description", "The member `code` of a problem document.");
		emit_boolean(emitter, "required", true);
		emit_object(emitter, "schema");
		emit_string(emitter, "type", "string");
		emit_object_end(emitter);
		emit_object_end(emitter);
	}
	emit_reference(emitter, NULL, "parameters", "X-Request-Id");
	emit_array_end(emitter);
}

static void
emit_text_member(struct emitter *emitter, const char *name, const char *type)
{
	emit_object(emitter, name);
	emit_string(emitter, "type", type);
	emit_object_end(emitter);
}

static void
emit_page_schema(struct emitter *emitter, const struct page *page)
{
	emit_object(emitter, "schema");
	emit_string(emitter, "type", "object");
	if (!page->tagged) {
		emit_object(emitter, "properties");
		emit_text_member(emitter, "status", page->has_code ? "integer" : "string");
		if (page->has_code) {
			emit_text_member(emitter, "code", "string");
			emit_text_member(emitter, "title", "string");
			emit_text_member(emitter, "remedy", "string");
		}
		emit_object_end(emitter);
		emit_array(emitter, "required");
		emit_string(emitter, NULL, "status");
		emit_array_end(emitter);
	}
	emit_object_end(emitter);
}

static void
emit_page_replies(struct emitter *emitter, const struct page *page)
{
	const char *const headers[] = { "X-Request-Id", page->tagged ? "ETag" : NULL, NULL };

	emit_object(emitter, "responses");
	emit_object(emitter, "200");
	emit_string(emitter, "description", "Yes, here it is.");
	emit_header_references(emitter, headers);
	emit_object(emitter, "content");
	emit_object(emitter, "application/json");
	emit_page_schema(emitter, page);
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_object_end(emitter);
	if (page->tagged) {
		emit_object(emitter, "304");
		emit_string(emitter, "description", "The document is still the one named in `If-None-Match`.");
		emit_header_references(emitter, headers);
		emit_object_end(emitter);
	}
	emit_page_problems(emitter, page->problems);
	emit_object_end(emitter);
}

void
emit_service_paths(struct emitter *emitter)
{
	for (size_t i = 0; i < COUNT(pages); i++) {
		const struct page *page = &pages[i];

		emit_object(emitter, page->path);
		emit_object(emitter, "get");
		emit_string(emitter, "operationId", page->name);
		emit_array(emitter, "tags");
		emit_string(emitter, NULL, "service");
		emit_array_end(emitter);
		emit_string(emitter, "summary", page->summary);
		emit_array(emitter, "security");
		emit_array_end(emitter);
		emit_page_parameters(emitter, page);
		emit_page_replies(emitter, page);
		emit_object_end(emitter);
		emit_object_end(emitter);
	}
}
