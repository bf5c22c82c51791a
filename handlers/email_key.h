/*
 * By what an e-mail address is looked up and compared: its ASCII letters in lower case. What the columns `email_key` hold.
 */
#ifndef PURSER_EMAIL_KEY_H
#define PURSER_EMAIL_KEY_H

#include "arena.h"

static inline struct text
email_key(struct arena *arena, struct text email)
{
	struct buffer key = buffer_new(arena, email.length + 1);

	for (size_t i = 0; i < email.length; i++) {
		char c = email.at[i];

		buffer_add_char(&key, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	}
	return buffer_text(&key);
}

#endif
