/*
 * JSON as the client reads and writes it: trees, and members that it makes. Numbers stay the digits that they were.
 */
#ifndef PURSER_CLIENT_JSON_TEXT_H
#define PURSER_CLIENT_JSON_TEXT_H

#include "tree.h"

/* What a person or the service gave, however much it is; NULL where it is no JSON, or deeper than 64 levels. */
const struct tree *json_text_read(struct arena *arena, struct text text);

void json_text_string(struct buffer *out, struct text text); /* quoted and escaped */
void json_text_value(struct buffer *out, const struct tree *tree);
/* A line a value, two blanks a level. */
void json_text_pretty(struct buffer *out, const struct tree *tree, int level);

/* "name": of an object's next member, with the comma before it where one is due. */
void json_text_name(struct buffer *out, struct text name);
/* A member that is a text; nothing where it is absent. */
void json_text_member(struct buffer *out, const char *name, const char *value);

/* Is the text a number as JSON writes it; a whole one? */
bool json_text_is_number(struct text text, bool whole);

#endif
