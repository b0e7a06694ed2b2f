/* debug-info - what compilers left about a program: lines, functions, variables, frames; from DWARF in ELF files.
 *
 * Several files, each moved by a slide of its own; lookups see all.  Files are read lazily: the first question about a
 * program takes longest.  They come from elsewhere, and may be damaged: what cannot be read is not there.
 *
 * Threads: any, one at a time: each function holds a lock, and none waits for anything else.  Strings live as long as
 *          the object.
 * Units:   linear addresses; bytes; lines and columns from 1 on, 0: not known. */
#pragma once

#include <gio/gio.h>

#include "core/symbols.h"

typedef struct _AsternDebugInfo AsternDebugInfo;

AsternDebugInfo *astern_debug_info_new   (void);
void             astern_debug_info_free  (AsternDebugInfo *info);

/* Takes the DWARF of an ELF file of 32 or 64 bits.  @base (nullable): where its first segment lies; NULL: where the file says.
 * One that was called the same before is gone.  FALSE: it has none that can be read, and nothing changed. */
gboolean         astern_debug_info_add_elf   (AsternDebugInfo *info, GBytes *file, const char *source, const guint64 *base);
/* The file called @source moves: for a kernel whose place is known late. */
void             astern_debug_info_set_slide (AsternDebugInfo *info, const char *source, guint64 slide);
/* Files without a base move to where @symbols have their `_text`: kernels, which KASLR moves. */
void             astern_debug_info_follow_symbols (AsternDebugInfo *info, AsternSymbols *symbols);
gboolean         astern_debug_info_is_empty  (AsternDebugInfo *info);
/* Counts changes of the above. */
guint            astern_debug_info_serial    (AsternDebugInfo *info);

/* ---- lines ---- */

typedef struct
{
  const char *file;         /* (nullable) as the compiler knew it, without “.” and “..” */
  guint       line, column;
  const char *function;     /* (nullable) */
  gboolean    inlined;      /* into the next one, which is where that happened */
} AsternSourcePlace;

/* Where @address is, innermost first: of inlined functions their callers follow.  Returns how many, at most @most. */
guint            astern_debug_info_places    (AsternDebugInfo *info, guint64 address, AsternSourcePlace *places, guint most);
/* All source files, sorted: const char *. */
GPtrArray       *astern_debug_info_files     (AsternDebugInfo *info);
/* Where @line of @file begins, or the next one that has code; once for each copy that there is of it (inlined, unrolled).
 * Returns that line; 0: there is none. */
guint            astern_debug_info_addresses (AsternDebugInfo *info, const char *file, guint line, GArray *addresses);
/* Calls @visit for each piece of code of a line of @file, in no order. */
void             astern_debug_info_each_line (AsternDebugInfo *info, const char *file,
                                              void (*visit) (guint line, guint64 address, gpointer data), gpointer data);

/* ---- frames ---- */

/* RAX RCX RDX RBX RSP RBP RSI RDI R8 ... R15, RIP: as the instruction set numbers them. */
enum { ASTERN_FRAME_SP = 4, ASTERN_FRAME_BP = 5, ASTERN_FRAME_PC = 16, ASTERN_FRAME_REGISTERS };

typedef struct
{
  guint64  registers[ASTERN_FRAME_REGISTERS];   /* SP and PC are linear */
  guint32  known;                               /* a bit each */
  gboolean exact;                               /* PC is the next instruction; else a return address: what called is before it */
} AsternFrameRegisters;

/* Peeks at @size bytes at a linear address; returns how many could be read. */
typedef struct
{
  gsize  (*read) (gpointer user, guint64 address, gpointer data, gsize size);
  gpointer user;
} AsternFrameMemory;

typedef enum
{
  ASTERN_CFI_NONE,        /* nothing is known of this place */
  ASTERN_CFI_DONE,
  ASTERN_CFI_OUTERMOST,   /* nobody called it */
  ASTERN_CFI_UNREADABLE,  /* it says where, but there is no memory: *failed */
} AsternCfi;

/* From a frame to the one that called it, by call frame information.  @failed: (out) */
AsternCfi        astern_debug_info_unwind    (AsternDebugInfo *info, const AsternFrameRegisters *frame,
                                              const AsternFrameMemory *memory, AsternFrameRegisters *caller, guint64 *failed);

/* ---- variables ---- */

typedef struct
{
  char    *path;            /* "task", "task->window.rows", "buffer[3]": also how one would write it */
  char    *name;            /* the last part */
  char    *type;            /* (nullable) */
  char    *value;           /* "42", "{…}", "<not there>" */
  guint    depth;
  gboolean has_children, expanded, parameter;
  gboolean has_address;
  guint64  address;         /* linear */
  guint64  size;            /* 0: not known */
} AsternVariable;

void             astern_variable_free        (AsternVariable *variable);

/* The parameters and variables that are to be seen in a frame; @inline_level: 0: of the innermost inlined function there,
 * as in places().  Children follow those whose path @expanded says yes to.  AsternVariable. */
GPtrArray       *astern_debug_info_variables (AsternDebugInfo *info, const AsternFrameRegisters *frame,
                                              const AsternFrameMemory *memory, guint inline_level,
                                              gboolean (*expanded) (const char *path, gpointer data), gpointer data);
/* One, by a path; those of the file and global ones too.  NULL: there is none of that name. */
AsternVariable  *astern_debug_info_evaluate  (AsternDebugInfo *info, const AsternFrameRegisters *frame,
                                              const AsternFrameMemory *memory, guint inline_level, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternDebugInfo, astern_debug_info_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternVariable, astern_variable_free)
