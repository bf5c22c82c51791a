/*
 * Which passwords can't be chosen.
 */
#include <string.h>

#include "common_passwords.h"
#include "password.h"
#include "text.h"
#include "unit.h"

static const char *
fault_of(const char *password)
{
	return password_fault(text_from(password), TEXT("Anna.Miller84@mail.example"), TEXT("Anna Zoë Miller"));
}

static void
assert_refused(const char *const *passwords, size_t count, const char *why)
{
	for (size_t i = 0; i < count; i++) {
		const char *fault = fault_of(passwords[i]);

		if (fault == NULL || strstr(fault, why) == NULL)
			fail_msg("%s: %s", passwords[i], fault == NULL ? "is taken" : fault);
	}
}

static void
common_ones_are_refused(void **state)
{
	static const char *const common[] = { "qwerty123456", "QWERTY123456", "1q2w3e4r5t6y", "passwordpassword",
		"PasswordPassword", "passwordpassword1", "administrator", "Administrator2026!", "Password2026!",
		"football-1234567" };

	(void)state;
	assert_refused(common, COUNT(common), "common");
}

static void
repetitions_are_refused(void **state)
{
	static const char *const repeated[] = { "xxxxxxxxxxxx", "xXxXxXxXxXxX", "k7k7k7k7k7k7", "k7#k7#k7#k7#k",
		"k7#pk7#pk7#pk7", "............", "éééééééééééé", "é€x😀é€x😀é€x😀" };

	(void)state;
	assert_refused(repeated, COUNT(repeated), "repeats");
}

static void
sequences_are_refused(void **state)
{
	static const char *const sequences[] = { "345678901234", "210987654321", "bcdefghijklm", "ZYXWVUTSRQPO",
		"mnbvcxzlkjhgfdsa", "yuiopghjkl;bn", "!@#$%^&*()_+", "abcd4321wxyz", "abc123def456", "aaaabbbbccccdddd",
		"2wsx4rfv6yhn", "azertyuiopqs", "qwertzuiopyx", "0123456789xy" };

	(void)state;
	assert_refused(sequences, COUNT(sequences), "sequences");
}

static void
the_persons_own_is_refused(void **state)
{
	static const char *const own[] = { "anna.miller84@mail.example", "Anna.Miller84", "annamiller1984",
		"MillerAnna!!2026", "19.miller.84", "zoë-miller-1984", "AnnaAnnaAnna7", "anna_mail_2026" };

	(void)state;
	assert_refused(own, COUNT(own), "your own");
}

static void
others_are_taken(void **state)
{
	static const char *const good[] = { "correct horse battery staple", "tr0mbone&cargo", "annamillersdog7",
		"83920174lm60", "739201846203", "footballs on monday", "qwertyuiopxkvbr", "wg7#Kp2!vRq9",
		"éléphant rose vif", "abcabcabcabx-kz7", "zoe miller likes tea" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (fault_of(good[i]) != NULL)
			fail_msg("%s: %s", good[i], fault_of(good[i]));
}

static void
an_unknown_address_or_name_refuses_nothing(void **state)
{
	(void)state;
	assert_null(password_fault(TEXT("annamiller1984"), TEXT(""), (struct text){ NULL, 0 }));
	assert_null(password_fault(TEXT("839201748392"), TEXT(""), TEXT("")));
}

static void
a_letter_of_an_own_word_is_not_the_word(void **state)
{
	(void)state;
	assert_null(password_fault(TEXT("8392j0174839"), TEXT("j@x.example"), TEXT("J")));
	assert_null(password_fault(TEXT("millipede-1984"), TEXT("mill@x.example"), TEXT("Mill")));
}

static void
the_longest_text_is_looked_at_without_harm(void **state)
{
	char password[2000];

	(void)state;
	for (size_t i = 0; i < sizeof(password); i++)
		password[i] = (char)('a' + i * i % 23);
	assert_null(password_fault((struct text){ password, sizeof(password) }, TEXT("a@b.example"), TEXT("Abc")));
	memset(password, 'x', sizeof(password));
	assert_non_null(password_fault((struct text){ password, sizeof(password) }, TEXT(""), TEXT("")));
}

static void
the_list_is_found_from_end_to_end(void **state)
{
	(void)state;
	assert_true(password_is_common(TEXT("010203040506")));
	assert_true(password_is_common(TEXT("zxcvbnmmnbvcxz")));
	assert_true(password_is_common(TEXT("password")));
	assert_true(password_is_common(TEXT("christopher1")));
	assert_false(password_is_common(TEXT("")));
	assert_false(password_is_common(TEXT("passwordpasswor")));
	assert_false(password_is_common(TEXT("passwordpasswordx")));
	assert_false(password_is_common(TEXT("PASSWORD")));
	assert_false(password_is_common(TEXT("0")));
	assert_false(password_is_common(TEXT("~~~~~~~~~~~~")));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("common ones are refused", common_ones_are_refused),
		PROVES("repetitions are refused", repetitions_are_refused),
		PROVES("sequences are refused", sequences_are_refused),
		PROVES("the person's own is refused", the_persons_own_is_refused),
		PROVES("others are taken", others_are_taken),
		PROVES("an unknown address or name refuses nothing", an_unknown_address_or_name_refuses_nothing),
		PROVES("a letter of an own word is not the word", a_letter_of_an_own_word_is_not_the_word),
		PROVES("the longest text is looked at without harm", the_longest_text_is_looked_at_without_harm),
		PROVES("the list is found from end to end", the_list_is_found_from_end_to_end),
	};

	return RUN(tests);
}
