/*
 * The reference: a static site of the declarations, the guides and the recorded examples. One walk makes pages out of blocks;
 * emit_reference_html.c and emit_reference_markdown.c write the same blocks twice, for people and for programs that read.
 */
#ifndef PURSER_EMIT_REFERENCE_H
#define PURSER_EMIT_REFERENCE_H

#include "emit_client.h"

#include <stdio.h>

/*
 * Writes the site into the directory, which is there. `docs` holds examples.json ({"operation": {"input": {…}, "reply": …},
 * …}), guides/NAME.md, and site/ (`guides`: their names in order, a line each; introduction.md; the files that are copied).
 * False where something is missing or can't be written; every fault is a line in `faults`.
 */
bool reference_write(const char *directory, const char *docs, FILE *faults);

#endif
