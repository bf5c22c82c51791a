/*
 * The block of memory that all processes of a pool share: metrics, rate limits, noted uses of keys. It lives in a memfd
 * that the master hands on when it executes itself.
 */
#ifndef PURSER_SHARED_H
#define PURSER_SHARED_H

/* Maps the block behind the descriptor if its layout is this program's, else (or for -1) a fresh one, and tells metrics,
 * limit and key_use where they lie, and password which file its turns are on. After route_build. Answers the descriptor,
 * closed on exec; -1 with errno. It stays open in every worker: closing it would give away the turn that one has. */
int shared_open(int descriptor);

#endif
