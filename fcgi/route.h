/*
 * From method and path to an operation: /v1/op/{id}, the resource path, and the plain routes. Built once from the
 * resources. Also the numbering of the operations that metrics use.
 */
#ifndef PURSER_ROUTE_H
#define PURSER_ROUTE_H

#include <stdio.h>

#include "call.h"

/* Indexes the resources; answers the number of faults (two operations with one id or route, a member without a row, …),
 * each told in a line to `report`. */
int route_build(FILE *report);

size_t route_count(void); /* operations */
const struct operation *route_operation(size_t index);
const struct operation *route_named(struct text id); /* NULL: none */
int route_index(const struct operation *operation); /* -1: none */

/* Fills call->operation, call->rest and the path's parameters. NOT_FOUND or METHOD_NOT_ALLOWED; for OPTIONS NULL with
 * call->operation left NULL and an Allow header set. */
const struct problem *route(struct call *call);

/* Does an operation that takes many items answer at this path? For the reading of its body, which comes before route(). */
bool route_streams_in(struct text path);

/* "/v1/billing/credits/balance" for an operation's id; `out` holds 200 characters. */
void route_path(const struct operation *operation, char out[static 200]);

#endif
