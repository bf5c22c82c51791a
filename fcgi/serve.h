/*
 * The life of a request: a table of steps per kind of operation, and the loop over it.
 */
#ifndef PURSER_SERVE_H
#define PURSER_SERVE_H

#include <fcgiapp.h>

#include "call.h"

/* Once per worker, after the fork. */
void serve_start(void);

/* Answers one request; always answers something. */
void serve(FCGX_Request *request);

#endif
