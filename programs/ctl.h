/*
 * The commands of purserctl, one function each, and what they share. `argv[0]` is the command's last word; what follows
 * are its own options. Each answers the exit status.
 */
#ifndef PURSER_CTL_H
#define PURSER_CTL_H

#include "call.h"

int ctl_migrate(int argc, char **argv);
int ctl_check_config(int argc, char **argv);
int ctl_cors_map(int argc, char **argv);
int ctl_operator_key_create(int argc, char **argv);
int ctl_operator_key_list(int argc, char **argv);
int ctl_operator_key_revoke(int argc, char **argv);
int ctl_job_run(int argc, char **argv);
int ctl_ledger_verify(int argc, char **argv);
int ctl_sandbox_authenticate(int argc, char **argv);
int ctl_sandbox_fail(int argc, char **argv);
int ctl_mail(int argc, char **argv);
int ctl_demo(int argc, char **argv);

/* Log, clock, keys and statements made ready for a command that works on the database. False: it was told what is wrong. */
bool ctl_start(void);

/* A call in the command's name, to be given to job_step and to the sql_ functions; its arenas end with the process. */
void ctl_call_begin(struct call *call, const char *command);

/* Tells on standard error what went wrong, if anything did; answers the exit status. */
int ctl_end(const struct call *call, const struct problem *p);

/* The command was called wrongly: tells how it is called. Answers the exit status. */
int ctl_usage(const char *how);

#endif
