/*
 * An organization in two words, for replies that are about something else.
 */
#ifndef PURSER_ORGANIZATION_TINY_H
#define PURSER_ORGANIZATION_TINY_H

#include "operation.h"

struct organization_tiny {
	struct id id;
	struct text name;
};
static const struct field organization_tiny_fields[] = {
	FIELD(organization_tiny, id, ANY, "The organization's id."),
	FIELD(organization_tiny, name, ANY, "Its name."),
};
SHAPE(organization_tiny)

#endif
