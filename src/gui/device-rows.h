/* device-rows - the devices of a board as rows of a tree: windows, registers, bits, state.
 *
 * Registers are told by their tables, so that nothing is changed by looking.  Only what is unfolded is read.
 *
 * Threads: the machine's. */
#pragma once

#include "core/machine.h"
#include "gui/rows.h"

enum { ASTERN_DEVICE_NAME, ASTERN_DEVICE_VALUE, ASTERN_DEVICE_MEANING, ASTERN_DEVICE_PLACE };

/* Of rows that have a place on a bus, which is their address. */
enum
{
  ASTERN_DEVICE_PORT       = ASTERN_ROW_OWN,
  ASTERN_DEVICE_MEMORY     = ASTERN_ROW_OWN << 1,
  ASTERN_DEVICE_REGISTER   = ASTERN_ROW_OWN << 2,
  ASTERN_DEVICE_SIZE_SHIFT = 16,      /* from here on: its bytes, of a register */
};

void  astern_device_rows_add (AsternRowList *list, AsternMachine *machine, GHashTable *unfolded);
/* "DR=1 THRE=1": the bits of @value that are not 0; free it. */
char *astern_device_bits_text (const AsternReg *reg, guint64 value);
