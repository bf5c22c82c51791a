/*
 * Which passwords can't be chosen, because they are among the first that anybody would try. Capitals count as small
 * letters (ASCII) throughout: to write `Password` costs the one who guesses next to nothing.
 */
#include "password.h"

#include <ctype.h>
#include <string.h>

#include <openssl/crypto.h>

#include "common_passwords.h"
#include "text.h"

/* A password is cut off behind 200 characters of 4 bytes: the field takes no longer one. */
enum { PASSWORD_MOST = 800, CYCLE_MOST = 4, SEQUENCE_LEAST = 3, BESIDE_SEQUENCES = 2, WORDS_MOST = 64, OWN_LEAST = 3 };

static bool
is_letter(char c)
{
	return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* ---- common ones ----------------------------------------------------------------------------------------------- */

/* `Password2024!` is no better than `password`. */
static bool
is_common(struct text password)
{
	struct text stem = password;

	while (stem.length > 0 && !is_letter(stem.at[stem.length - 1]))
		stem.length--;
	return password_is_common(password) || password_is_common(stem);
}

/* ---- repetitions and sequences --------------------------------------------------------------------------------- */

/* Nothing but its first one to four characters over and over? */
static bool
is_cycle(struct text password)
{
	size_t cycle = 0;

	for (int i = 0; i < CYCLE_MOST && cycle < password.length; i++) {
		size_t step = utf8_step(password.at + cycle, password.length - cycle);

		cycle += step == 0 ? 1 : step;
		if (cycle < password.length && memcmp(password.at, password.at + cycle, password.length - cycle) == 0)
			return true;
	}
	return false;
}

/* How many characters from the beginning on stand beside each other in the row, which is a ring; `step` is 1 or -1. */
static size_t
length_in_row(struct text password, const char *row, int step)
{
	size_t count = strlen(row), length = 0;
	const char *found = *password.at == '\0' ? NULL : strchr(row, *password.at);
	size_t at = found == NULL ? 0 : (size_t)(found - row);

	while (found != NULL && length < password.length && password.at[length] == row[at]) {
		at = (at + (step > 0 ? 1 : count - 1)) % count;
		length++;
	}
	return length;
}

/* The alphabet, the digits, and the rows and columns of the usual keyboards. */
static size_t
length_of_sequence(struct text password)
{
	static const char *const rows[] = { "abcdefghijklmnopqrstuvwxyz", "0123456789", "1234567890-=", "!@#$%^&*()_+",
		"qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm",
		"wxcvbn", "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/" };
	size_t longest = 1;

	while (longest < password.length && password.at[longest] == *password.at)
		longest++;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t forth = length_in_row(password, rows[i], 1), back = length_in_row(password, rows[i], -1);

		longest = forth > longest ? forth : longest;
		longest = back > longest ? back : longest;
	}
	return longest;
}

/* Sequences of three characters or more, but for one or two characters? */
static bool
is_made_of_sequences(struct text password)
{
	size_t beside = 0;

	for (size_t at = 0; at < password.length;) {
		struct text rest = { password.at + at, password.length - at };
		size_t length = length_of_sequence(rest);

		beside += length < SEQUENCE_LEAST ? 1 : 0;
		at += length < SEQUENCE_LEAST ? 1 : length;
	}
	return beside <= BESIDE_SEQUENCES;
}

/* ---- the person's own ------------------------------------------------------------------------------------------ */

/* The next letters that stand together; empty when there are none left. */
static struct text
take_word(struct text *rest)
{
	struct text word;

	while (rest->length > 0 && !is_letter(*rest->at))
		*rest = (struct text){ rest->at + 1, rest->length - 1 };
	word = (struct text){ rest->at, 0 };
	while (word.length < rest->length && is_letter(rest->at[word.length]))
		word.length++;
	*rest = (struct text){ rest->at + word.length, rest->length - word.length };
	return word;
}

static size_t
split(struct text from, struct text *words, size_t count)
{
	for (struct text word = take_word(&from); word.length > 0 && count < WORDS_MOST; word = take_word(&from))
		words[count++] = word;
	return count;
}

static bool
begins_with(struct text text, struct text word)
{
	return text.length >= word.length && text_equal_ignoring_case((struct text){ text.at, word.length }, word);
}

/* Is the text one word after another, each of them as often as it likes, in any order? */
static bool
is_made_of_words(struct text text, const struct text *words, size_t count)
{
	bool reached[PASSWORD_MOST + 1] = { true };

	for (size_t at = 0; at < text.length; at++)
		for (size_t i = 0; i < count && reached[at]; i++)
			if (begins_with((struct text){ text.at + at, text.length - at }, words[i]))
				reached[at + words[i].length] = true;
	return reached[text.length];
}

/* Only letters are looked at: digits and marks between them make nothing harder to guess. */
static bool
is_own(struct text password, struct text email, struct text name)
{
	struct text words[WORDS_MOST];
	size_t count = split(name, words, split(email, words, 0));
	char letters[PASSWORD_MOST];
	size_t length = 0;
	bool own;

	for (size_t i = 0; i < password.length; i++)
		if (is_letter(password.at[i]))
			letters[length++] = password.at[i];
	own = length >= OWN_LEAST && is_made_of_words((struct text){ letters, length }, words, count);
	OPENSSL_cleanse(letters, sizeof(letters));
	return own;
}

/* ---- all rules ------------------------------------------------------------------------------------------------- */

static const char *
fault_of(struct text password, struct text email, struct text name)
{
	if (is_common(password))
		return "The password is a common one, or a common word with digits or marks behind it; choose another.";
	if (is_cycle(password))
		return "The password repeats the same few characters; choose another.";
	if (is_made_of_sequences(password))
		return "The password is made of sequences like 1234, abcd or qwerty; choose another.";
	if (is_own(password, email, name))
		return "The password is made of your own address or name; choose another.";
	return NULL;
}

const char *
password_fault(struct text password, struct text email, struct text name)
{
	char lower_case[PASSWORD_MOST];
	size_t length = password.length < PASSWORD_MOST ? password.length : PASSWORD_MOST;
	const char *fault;

	for (size_t i = 0; i < length; i++)
		lower_case[i] = (char)tolower((unsigned char)password.at[i]);
	fault = fault_of((struct text){ lower_case, length }, email, name);
	OPENSSL_cleanse(lower_case, sizeof(lower_case));
	return fault;
}
