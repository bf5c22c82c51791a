/*
 * Listing the profiles that are kept.
 */
#ifndef PURSER_CLIENT_PROFILES_H
#define PURSER_CLIENT_PROFILES_H

#include "arguments.h"

void profiles_run(const struct arguments *arguments);

#endif
