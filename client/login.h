/*
 * Signing in and out, and keeping keys.
 */
#ifndef PURSER_CLIENT_LOGIN_H
#define PURSER_CLIENT_LOGIN_H

#include "arguments.h"

void login_run(const struct arguments *arguments);
void logout_run(const struct arguments *arguments);

#endif
