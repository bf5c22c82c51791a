/*
 * The catalogue of events: what the resources declare in their lists of events.
 */
#ifndef PURSER_EVENTS_H
#define PURSER_EVENTS_H

#include "operation.h"

/* The declared type of that name; NULL where there is none, or where it is internal: nobody outside knows of that. */
const struct event_type *event_type_named(struct text name);

/* The declared types by number, from 0, in the order of the resources, internal ones too; NULL past the last. */
const struct event_type *event_type_at(size_t index);

#endif
