/*
 * When each API key was last used: noted in shared memory by the workers, written to MariaDB once a minute by the keeper
 * process of the pool, so that a request costs no write.
 */
#ifndef PURSER_KEY_USE_H
#define PURSER_KEY_USE_H

#include <stddef.h>

#include "value.h"

size_t key_use_size(void);
void key_use_lay(void *shared);
void key_use_note(struct id key, struct instant now);
/* Takes out one noted use; false at the end of a round over the table. For one process, the keeper. */
bool key_use_take(struct id *key, struct instant *at);

#endif
