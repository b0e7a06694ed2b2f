/* target - the registers as gdb wants them: names, order, widths, and the target description in XML.
 *
 * The features that gdb knows come first, with the names and the order that it wants; then all registers of the
 * CPU's table that are in none of them, a feature for each group.
 *
 * Threads: constant once made. */
#pragma once

#include "core/cpu.h"

/* What the stub itself does with a register. */
typedef enum
{
  ASTERN_GDB_ROLE_NONE,
  ASTERN_GDB_ROLE_PC,
  ASTERN_GDB_ROLE_SP,
  ASTERN_GDB_ROLE_FP,
  ASTERN_GDB_ROLE_FLAGS,
} AsternGdbRole;

typedef struct
{
  const char *name;       /* gdb's */
  const char *type;       /* of the XML */
  const char *group;      /* (nullable) gdb's, or ours */
  const char *feature;    /* "org.gnu.gdb.i386.core" */
  guint       bits;       /* as gdb sees it */
  gint        index;      /* in the CPU's table; -1: the CPU has none: reads as 0 */
  guint       role;
  guint       offset;     /* in `g`, bytes */
} AsternGdbRegister;

typedef struct
{
  const AsternCpuClass *klass;
  const char           *architecture;   /* "i386:x86-64", "i386", "i8086" */
  gboolean              wide;           /* 64-bit registers */
  GArray               *registers;      /* AsternGdbRegister, by gdb's number */
  guint                 n_in_g;         /* the first so many are in `g`; the others are had one by one */
  guint                 g_bytes;
  char                 *xml;            /* target.xml */
} AsternGdbTarget;

AsternGdbTarget *astern_gdb_target_new  (const AsternCpuClass *klass, gboolean wide, const char *architecture);
void             astern_gdb_target_free (AsternGdbTarget *target);

/* NULL: there is none of that number. */
const AsternGdbRegister *astern_gdb_target_register (const AsternGdbTarget *target, guint64 number);
/* The first one of that role. */
guint            astern_gdb_target_role (const AsternGdbTarget *target, AsternGdbRole role);
