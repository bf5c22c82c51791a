/*
 * Examples: one call of one operation as a reader would write it with curl, on the command line, in Python or in TypeScript,
 * made from the input alone. The reference shows them, and the tests run them as they are.
 */
#ifndef PURSER_EMIT_EXAMPLE_H
#define PURSER_EMIT_EXAMPLE_H

#include "emit_client.h"
#include "tree.h"

enum example_language { EXAMPLE_CURL, EXAMPLE_CLI, EXAMPLE_PYTHON, EXAMPLE_TYPESCRIPT, EXAMPLE_LANGUAGE_COUNT };

/* "curl", "cli", "python", "typescript" */
extern const char *const example_language_names[EXAMPLE_LANGUAGE_COUNT];

/*
 * The whole text, with a newline at its end. `input` is an object of the operation's members; of CLIENT_BODY_RAW it is
 * {"body": "the text that is sent", "headers": {"Name": "value", …}}. What is null and need not be is left out. The caller
 * finds address, token and certificates in PURSER_URL, PURSER_API_KEY and PURSER_CA (NODE_EXTRA_CA_CERTS of TypeScript).
 */
void emit_example(struct buffer *out, const struct client_operation *operation, const struct tree *input,
    enum example_language language);

/* A reply as JSON for reading: members in the order of the declaration, a line each, and what is inside of one on the same line
 * where it fits. */
void emit_example_reply(struct buffer *out, const struct client_operation *operation, const struct tree *reply);

#endif
