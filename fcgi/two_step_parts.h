/*
 * What the steps of a request and jobs need of two_step.c, and handlers do not.
 */
#ifndef PURSER_TWO_STEP_PARTS_H
#define PURSER_TWO_STEP_PARTS_H

#include "two_step.h"

/* The present call fails after its intent: its claim goes, unless a row waits for the outcome and will answer it. */
void two_step_abandon(struct call *call);

/* The statements of this file; ends with NULL. */
const struct statement *const *two_step_statements(void);

#endif
