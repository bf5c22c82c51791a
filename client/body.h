/*
 * The input of an operation: what --json gives, with the flags over it.
 */
#ifndef PURSER_CLIENT_BODY_H
#define PURSER_CLIENT_BODY_H

#include "arguments.h"
#include "tree.h"

struct body {
	const char *media_type;
	struct text text; /* to send */
	int file;         /* else: sent from here, from its beginning; -1: no file */
	long long file_length;
};

/* Gives up where a value is none of its flag's kind, or a required one is missing. */
struct body body_make(const struct arguments *arguments);
/* Does a flag or --json give this member? */
bool body_names(const struct arguments *arguments, const char *name);
/* The same with one member more, which wins over all: the next page's cursor. */
struct body body_with_member(const struct arguments *arguments, const char *name, struct text value);

#endif
