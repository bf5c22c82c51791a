/*
 * What somebody may have meant who typed what there is not.
 */
#ifndef PURSER_CLIENT_SUGGESTION_H
#define PURSER_CLIENT_SUGGESTION_H

#include "arguments.h"

/* A command's words as they are typed, for a path that names none ("orders.lst": "orders list"), or NULL. */
const char *suggested_command(struct arena *arena, const char *path);

/* A flag or an option of the command, with its dashes, for one that there is not ("--limt": "--limit"), or NULL. */
const char *suggested_flag(const struct arguments *arguments, struct text typed);

#endif
