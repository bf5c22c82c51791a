/*
 * Every problem the API can answer, once, and how one is made. A function that can fail returns `const struct problem *`;
 * NULL is success; callers pass problems up untouched. Rules: RFC 9457.
 */
#ifndef PURSER_PROBLEM_H
#define PURSER_PROBLEM_H

#include "value.h"

/* PROBLEM(kind, HTTP status, code on the wire, title, what a caller can do about it) */
#define PROBLEMS(PROBLEM)                                                                                              \
	PROBLEM(BAD_REQUEST, 400, "bad_request", "The request could not be read",                                      \
	    "Correct the request as the detail says; repeating it unchanged gives the same answer.")                   \
	PROBLEM(INVALID_GRANT, 400, "invalid_grant", "The grant is refused",                                           \
	    "Ask for a new grant: sign in again, or use the newest refresh token.")                                    \
	PROBLEM(UNSUPPORTED_GRANT_TYPE, 400, "unsupported_grant_type", "This grant type is not offered",               \
	    "Use `password`, `refresh_token` or `client_credentials`.")                                                \
	PROBLEM(INVALID_SCOPE, 400, "invalid_scope", "The scope can not be given",                                     \
	    "Ask for scopes that the grant holds, or for none.")                                                       \
	PROBLEM(UNSUPPORTED_TOKEN_TYPE, 400, "unsupported_token_type", "This kind of token is not revoked here",       \
	    "Revoke an API key by `api_keys.revoke`.")                                                                 \
	PROBLEM(INVALID_CLIENT, 401, "invalid_client", "The client is not known",                                      \
	    "Send an API key that works as `client_secret`.")                                                          \
	PROBLEM(UNAUTHENTICATED, 401, "unauthenticated", "Authentication is needed",                                   \
	    "Send a valid, unexpired token as `Authorization: Bearer …` or `X-API-Key`.")                              \
	PROBLEM(INSUFFICIENT_CREDITS, 402, "insufficient_credits", "Not enough credits",                               \
	    "Buy credits, or ask for no more than the member `available` says.")                                       \
	PROBLEM(LIMIT_REACHED, 402, "limit_reached", "The spending limit is reached",                                  \
	    "Raise the hard limit, or wait for the next cycle.")                                                       \
	PROBLEM(QUOTA_EXCEEDED, 402, "quota_exceeded", "The quota is used up",                                         \
	    "Change to a plan that includes more, or wait for the next cycle.")                                        \
	PROBLEM(CARD_REQUIRED, 402, "card_required", "A card is needed",                                               \
	    "Attach a card with `payment_methods.attach`, or name one that is attached.")                              \
	PROBLEM(CARD_DECLINED, 402, "card_declined", "The card was declined",                                          \
	    "Look at `decline_code`; try another card, or ask the card's bank.")                                       \
	PROBLEM(FORBIDDEN, 403, "forbidden", "The token may not do this",                                              \
	    "Use a token that holds the scope in the member `required_scope`.")                                        \
	PROBLEM(HUMAN_REQUIRED, 403, "human_required", "A person has to do this",                                      \
	    "Sign in as a person; API keys and client credentials are refused here whatever their scopes.")            \
	PROBLEM(NOT_FOUND, 404, "not_found", "There is no such thing",                                                 \
	    "Check the path and the ids; what belongs to another organization does not exist for the caller.")         \
	PROBLEM(METHOD_NOT_ALLOWED, 405, "method_not_allowed", "The method does not fit the path",                     \
	    "Use a method named in the `Allow` header.")                                                               \
	PROBLEM(NOT_ACCEPTABLE, 406, "not_acceptable", "No media type of the reply is acceptable",                     \
	    "Ask for a media type that the reference lists for this operation.")                                       \
	PROBLEM(REQUEST_TIMEOUT, 408, "request_timeout", "The request came too slowly",                                \
	    "Send the whole request without long pauses.")                                                             \
	PROBLEM(CONFLICT, 409, "conflict", "The present state does not allow it",                                      \
	    "Read the thing again and decide anew.")                                                                   \
	PROBLEM(ADDRESS_TAKEN, 409, "address_taken", "The e-mail address has an account",                              \
	    "Sign in, or ask for a new password.")                                                                     \
	PROBLEM(IDEMPOTENCY_KEY_REUSED, 409, "idempotency_key_reused", "The idempotency key was used for another body",\
	    "Use a new `Idempotency-Key` for a new request.")                                                          \
	PROBLEM(IDEMPOTENCY_IN_PROGRESS, 409, "idempotency_in_progress", "The first request with this key is at work", \
	    "Repeat the request after the seconds in `Retry-After`.")                                                  \
	PROBLEM(APPROVAL_REQUIRED, 409, "approval_required", "A person has to approve the purchase",                   \
	    "Ask with `billing.approvals.request`, or buy less than `approval_threshold_credits` allows.")             \
	PROBLEM(TOPUP_IN_PROGRESS, 409, "topup_in_progress", "Another purchase is at work",                            \
	    "Wait until the purchase in the member `topup_id` has ended.")                                             \
	PROBLEM(ORGANIZATION_CLOSED, 409, "organization_closed", "The organization is closed",                         \
	    "Only reads are answered; an operator can reopen it.")                                                     \
	PROBLEM(APPROVAL_EXPIRED, 410, "approval_expired", "The approval has expired",                                 \
	    "Ask for a new one with `billing.approvals.request`.")                                                     \
	PROBLEM(LENGTH_REQUIRED, 411, "length_required", "The length of the body is missing",                          \
	    "Send a `Content-Length` header.")                                                                         \
	PROBLEM(TOO_LARGE, 413, "too_large", "The body is too large",                                                  \
	    "Send a smaller body; the reference names the limit.")                                                     \
	PROBLEM(URI_TOO_LONG, 414, "uri_too_long", "The address is too long",                                          \
	    "Send long inputs in a body.")                                                                             \
	PROBLEM(UNSUPPORTED_MEDIA_TYPE, 415, "unsupported_media_type", "The body's media type is not understood",      \
	    "Send `Content-Type: application/json`.")                                                                  \
	PROBLEM(INVALID, 422, "invalid", "The input does not fit",                                                     \
	    "Mend every fault listed in `errors`; all of them are named at once.")                                     \
	PROBLEM(RATE_LIMITED, 429, "rate_limited", "Too many requests",                                                \
	    "Wait for the seconds in `Retry-After`.")                                                                  \
	PROBLEM(HEADERS_TOO_LARGE, 431, "headers_too_large", "The headers are too large",                              \
	    "Send fewer or shorter headers.")                                                                          \
	PROBLEM(INTERNAL, 500, "internal", "Something went wrong on our side",                                         \
	    "Repeat later, and name the request id when you ask us about it.")                                         \
	PROBLEM(BAD_GATEWAY, 502, "bad_gateway", "The service was interrupted",                                        \
	    "Repeat the request; with an `Idempotency-Key` that is always safe.")                                      \
	PROBLEM(UNAVAILABLE, 503, "unavailable", "The service is not available just now",                              \
	    "Repeat after the seconds in `Retry-After`.")                                                              \
	PROBLEM(BUSY, 503, "busy", "Too much contention just now",                                                     \
	    "Repeat after the seconds in `Retry-After`; nothing was changed.")                                         \
	PROBLEM(GATEWAY_TIMEOUT, 504, "gateway_timeout", "The service took too long",                                  \
	    "Repeat the request; with an `Idempotency-Key` that is always safe.")

enum problem_kind {
	NO_PROBLEM,
#define PROBLEM(kind, status, code, title, remedy) kind,
	PROBLEMS(PROBLEM)
#undef PROBLEM
	/* Never leaves the process: the operation's transaction was undone by the database and may be run again. */
	RERUN,
	PROBLEM_KINDS,
};

struct problem_kind_facts {
	int status;
	const char *code;
	const char *title;
	const char *remedy;
};

extern const struct problem_kind_facts problem_facts[PROBLEM_KINDS];

/* One fault of the input, told by where it is (RFC 6901 pointer into the body, or a query parameter). */
struct fault {
	const char *pointer; /* "/lines/0/sku"; "" for the whole body */
	const char *code;    /* missing, unknown, wrong_type, out_of_range, bad_format, … */
	const char *detail;
	bool in_query; /* `loc` begins with "query" instead of "body" */
	const struct fault *next;
};

/* A member of its own beside the standard ones: an integer, or a text. */
struct problem_member {
	const char *name;
	const char *text; /* NULL: `number` counts */
	int64_t number;
	const struct problem_member *next;
};

struct problem {
	enum problem_kind kind;
	const char *detail;
	int retry_after_seconds; /* 0: no Retry-After header */
	const struct fault *faults;
	const struct problem_member *members;
	bool kept; /* what was written before it stays: the transaction is committed, with an audit row of this outcome */
};

struct call;

/* Makes a problem in the call's arena. The sentence is for the caller: what was wrong in their words, no internals. */
const struct problem *fail(struct call *call, enum problem_kind kind, const char *sentence, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with `Retry-After`. */
const struct problem *fail_retry(struct call *call, enum problem_kind kind, int seconds, const char *sentence, ...)
    __attribute__((format(printf, 4, 5)));

/* 422 with one fault at a pointer, for a rule that only a handler knows. */
const struct problem *fail_field(struct call *call, const char *pointer, const char *code, const char *sentence, ...)
    __attribute__((format(printf, 4, 5)));

/* A copy of a problem with one more member. */
const struct problem *problem_with_number(struct call *call, const struct problem *p, const char *name, int64_t number);
const struct problem *problem_with_text(struct call *call, const struct problem *p, const char *name, const char *text);

/* A copy for a refusal that has to be remembered: the operation's transaction is committed all the same (a failed sign-in
 * is counted, a stolen refresh token ends its session). An idempotency key is free again after it. */
const struct problem *problem_kept(struct call *call, const struct problem *p);

/* 500: `what` goes to the log and never to the caller. */
const struct problem *fail_internal(struct call *call, const char *what, ...) __attribute__((format(printf, 2, 3)));

#endif
