/* segment-rows - the descriptor tables that a CPU uses now, as rows of a tree.
 *
 * Threads: the machine's. */
#pragma once

#include "gui/rows.h"
#include "session/session.h"

enum { ASTERN_SEGMENT_ENTRY, ASTERN_SEGMENT_TYPE, ASTERN_SEGMENT_PLACE, ASTERN_SEGMENT_LIMIT, ASTERN_SEGMENT_DPL,
       ASTERN_SEGMENT_FLAGS,
       ASTERN_SEGMENT_USERS };

/* What a row's address is: linear both. */
enum { ASTERN_SEGMENT_CODE = ASTERN_ROW_OWN, ASTERN_SEGMENT_MEMORY = ASTERN_ROW_OWN << 1 };

/* @cpu's state is up to date. */
void astern_segment_rows_add (AsternRowList *list, AsternSession *session, AsternCpu *cpu, GHashTable *unfolded);
