/*
 * What the caller sent: FastCGI parameters into struct request, the token out of its two headers, the whole body.
 */
#ifndef PURSER_REQUEST_H
#define PURSER_REQUEST_H

#include <fcgiapp.h>

#include "call.h"

/* Reads parameters, names the request (call->request_id), reads the body to its end. BAD_REQUEST for a header or body
 * that can't be, TOO_LARGE past the limit. */
const struct problem *request_read(struct call *call, FCGX_Request *from);

#endif
