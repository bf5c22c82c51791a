/*
 * Walks over the resources' lists of events.
 */
#include "events.h"

#include "text.h"

const struct event_type *
event_type_at(size_t index)
{
	for (size_t i = 0; resources[i] != NULL; i++) {
		const struct event_type *const *list = resources[i]->events;

		for (size_t j = 0; list != NULL && list[j] != NULL; j++)
			if (index-- == 0)
				return list[j];
	}
	return NULL;
}

const struct event_type *
event_type_named(struct text name)
{
	const struct event_type *type;

	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++)
		if (!type->internal && text_is(name, type->type))
			return type;
	return NULL;
}
