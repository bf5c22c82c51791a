/*
 * Turns: only so many processes of a node are at something at once, and the others wait. A turn is a record lock (POSIX,
 * fcntl) on one byte of a file that all of them have open, so that the kernel gives it back when its holder dies, however
 * it dies.
 *
 * A process loses its turn when it closes any descriptor of that file, and is never in its own way: one turn at a time.
 */
#ifndef PURSER_TURN_H
#define PURSER_TURN_H

#include <stdint.h>

/* Before the processes are forked, or in each of them: the file, open for writing, and how many turns there are at once,
 * at least 1. Only bytes far behind the end of any file are locked. Without it nobody waits. */
void turn_use(int descriptor, int places);

/* Takes a turn, and waits for one no longer than that. Answers its number, for turn_give; or -1 with errno, which is
 * EAGAIN when none came free in time. */
int turn_take(int64_t wait_microseconds);

void turn_give(int place);

/* Turns of other kinds, on bytes of their own in the same file: the first of `places` from `first` on (0 to 2^60) that
 * is free, at once. Answers it, or -1 with errno, EAGAIN when none is. */
int64_t turn_take_at(int64_t first, int64_t places);

void turn_give_at(int64_t place);

#endif
