/*
 * The end of a WRITE operation within its last statement. The machinery ends an operation by one call of the procedure
 * `finish` (sql/0005): stored reply, audit row, COMMIT. Where the reply can be foreseen, a handler's own procedure can call
 * it, which saves a round trip and lets go of the locks earlier.
 *
 * The statement takes a struct with a `struct finish finish` (FINISH_FIELDS; as many of FINISH_PARAMETERS as its procedure
 * can't know by itself), and its procedure tells whether it has committed. A connection lost meanwhile runs the operation
 * again: the procedure has to meet what it left.
 */
#ifndef PURSER_FINISH_H
#define PURSER_FINISH_H

#include "call.h"

struct finish {
	struct maybe_id space; /* of the claim; absent: nothing was claimed */
	struct text operation;
	struct maybe_text key;
	int64_t status;
	struct bytes reply;
	bool reply_sealed;
	struct maybe_id organization_id;
	struct maybe_id actor_id;
	struct maybe_text address;
	struct text target_type;
	struct maybe_id target_id;
	struct text outcome; /* ok, or the code of the problem that was committed */
	struct text request_id;
};

/* The rows of a struct `s` that has it as `member` (with its dot; empty for struct finish itself). */
#define FINISH_FIELDS(s, member)                                                                                       \
	FIELD_AS(s, member space, "finish_space", HIDDEN, "The claim's space."),                                       \
	    FIELD_AS(s, member operation, "finish_operation", HIDDEN, "The operation's id."),                          \
	    FIELD_AS(s, member key, "finish_key", HIDDEN, "The claim's key."),                                         \
	    FIELD_AS(s, member status, "finish_status", HIDDEN, "HTTP status."),                                       \
	    FIELD_AS(s, member reply, "finish_reply", HIDDEN, "The body to store."),                                   \
	    FIELD_AS(s, member reply_sealed, "finish_reply_sealed", HIDDEN, "The body is sealed."),                    \
	    FIELD_AS(s, member organization_id, "finish_organization", HIDDEN, "The organization acted for."),         \
	    FIELD_AS(s, member actor_id, "finish_actor", HIDDEN, "Who acted."),                                        \
	    FIELD_AS(s, member address, "finish_address", HIDDEN, "From where."),                                      \
	    FIELD_AS(s, member target_type, "finish_target_type", HIDDEN, "What kind of thing was acted on."),         \
	    FIELD_AS(s, member target_id, "finish_target", HIDDEN, "Which one."),                                      \
	    FIELD_AS(s, member outcome, "finish_outcome", HIDDEN, "ok, or a problem's code."),                         \
	    FIELD_AS(s, member request_id, "finish_request", HIDDEN, "The request's id.")
#define FINISH_PARAMETERS                                                                                              \
	":finish_space, :finish_operation, :finish_key, :finish_status, :finish_reply, :finish_reply_sealed, :call,"   \
	" :finish_organization, :now, :principal_type, :finish_actor, :finish_address, :finish_target_type,"           \
	" :finish_target, :finish_outcome, :finish_request"

/* Before the statement: writes the reply that `out` (the operation's) gives, and says what its procedure hands to
 * `finish`. */
struct finish finish_with(struct call *call, void *out);

/* After it: the procedure has committed, so that nothing is left to be done but to answer. */
void finish_done(struct call *call);

/* Instead, where the statement meets what an earlier run of this very call has left and committed: `out` is the reply. */
void finish_found(struct call *call, void *out);

/* What `finish` takes of the call as it stands; the machinery's own. */
struct finish finish_of(struct call *call);

#endif
