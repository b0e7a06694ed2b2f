/* stack-words - the words that lie on a CPU's stack, and what they may be.
 *
 * Threads: the machine's, stopped. */
#pragma once

#include "gui/rows.h"
#include "session/session.h"

enum { ASTERN_WORD_OFFSET, ASTERN_WORD_ADDRESS, ASTERN_WORD_VALUE, ASTERN_WORD_MEANING };

enum { ASTERN_WORD_CODE = ASTERN_ROW_OWN };      /* the row's address is that of code */

/* @n words from SS:SP on, 2, 4 or 8 bytes each, by the size of the code that runs. */
void  astern_stack_words (AsternSession *session, guint cpu, guint n, AsternRowList *list);

/* What is at @bytes as text in quotes; NULL: it does not look like any.  Free it. */
char *astern_stack_text  (const guint8 *bytes, gsize n);
