/*
 * The log: one JSON object a line, written with one write(2). Never a password, a token, a key or a body.
 */
#ifndef PURSER_LOG_H
#define PURSER_LOG_H

#include <stdint.h>

struct call;

/* Where lines go; NULL or "" is standard error. Opened for append; call again to follow a rotation. 0 or errno. */
int log_open(const char *path);

/* A line about the process itself: {"at", "level", "message", "pid"}. */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The line of a finished request: who, operation, status, microseconds, round trips, ids, traceparent, and what failed.
 */
void log_request(const struct call *call, int64_t microseconds);

#endif
