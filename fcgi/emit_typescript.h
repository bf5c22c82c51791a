/*
 * The generated half of the TypeScript client (sdk/typescript/src): its types, and its methods.
 */
#ifndef PURSER_EMIT_TYPESCRIPT_H
#define PURSER_EMIT_TYPESCRIPT_H

#include "arena.h"

/* types.ts: an interface for every shape of an input or a reply, the data of every event, the codes of problems. */
void emit_typescript_types(struct buffer *out);

/* operations.ts: a class for every group of operations, a method for every operation. */
void emit_typescript_operations(struct buffer *out);

#endif
