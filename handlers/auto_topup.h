/*
 * What the files of automatic top-ups share: the settings of an organization, what was charged today, and how a pause and
 * a reached cap are noted and announced.
 */
#ifndef PURSER_AUTO_TOPUP_H
#define PURSER_AUTO_TOPUP_H

#include "call.h"

/* An organization beside its settings, which are absent where they were never set. */
struct auto_topup_settings {
	struct text timezone;
	struct amount aud_price; /* of one credit */
	struct maybe_bool enabled;
	struct maybe_credits threshold_credits;
	struct maybe_credits topup_amount_credits;
	struct maybe_decimal daily_charge_cap_aud;
	struct maybe_text state;
	struct maybe_instant last_attempt_at;
	struct maybe_text last_error;
	struct maybe_instant capped_until;
};

/* Of the call's organization. */
const struct problem *auto_topup_read(struct call *call, struct auto_topup_settings *out);

/* What automatic top-ups have charged, or are charging, since midnight there, in AUD. */
const struct problem *auto_topup_charged_today(
    struct call *call, const struct auto_topup_settings *settings, struct amount *out);

/* Nothing is charged any more until a person sets it anew; told by an event, and by mail to owners and those who look after
 * billing. Where it is not active, nothing changes. `detail` is a sentence. */
const struct problem *auto_topup_pause(struct call *call, const char *reason, struct text detail);

/* Nothing is charged before `until`; announced the first time only. */
const struct problem *auto_topup_wait_capped(
    struct call *call, const struct auto_topup_settings *settings, struct instant until, struct text detail);

/* Off until a person sets it anew, in an organization that is being closed. Locks the book. */
const struct problem *auto_topup_end(struct call *call);

#endif
