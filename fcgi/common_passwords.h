/*
 * The bundled list of common passwords.
 */
#ifndef PURSER_COMMON_PASSWORDS_H
#define PURSER_COMMON_PASSWORDS_H

#include "value.h"

/* Is it on the list? ASCII letters have to be small. The list holds common passwords of 12 and more characters, and
 * common words of 6 to 11 letters, for those who put digits or marks behind one of them. */
bool password_is_common(struct text lower_case);

#endif
