/*
 * The command line program as a whole.
 */
#ifndef PURSER_CLIENT_PROGRAM_H
#define PURSER_CLIENT_PROGRAM_H

/* Its exit code; see complain.h. */
int program_run(int argc, char **argv);

#endif
