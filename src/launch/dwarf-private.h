/* dwarf-private - what the files of debug-info share.  All of it is called with the lock held. */
#pragma once

#include "launch/debug-info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>

#define ASTERN_DWARF_DEEPEST 64      /* scopes, and what types are made of */

/* A stretch of code of a unit, or of a function in it; not moved. */
typedef struct
{
  guint64   start, end;
  Dwarf_Off die;
} DwarfRange;

typedef struct
{
  char      *source;
  GBytes    *bytes;
  Elf       *elf;
  Dwarf     *dwarf;
  Dwarf_CFI *cfi[2];         /* (nullable) .debug_frame, .eh_frame */
  gboolean   looked_for_cfi;
  gboolean   has_base;
  guint64    slide;
  guint      machine;        /* EM_X86_64, EM_386 */
  GArray    *units;          /* (nullable) DwarfRange, sorted; made when asked for */
  GHashTable *functions;     /* offset of a unit -> GArray of DwarfRange, sorted */
  GHashTable *symbols;       /* (nullable) name -> guint64 */
} DwarfFile;

struct _AsternDebugInfo
{
  GMutex        mutex;
  GPtrArray    *files;       /* DwarfFile */
  GStringChunk *strings;
  GPtrArray    *sources;     /* (nullable) const char *, sorted */
  GHashTable   *units_of;    /* file name -> GArray of DwarfUnitOf; made with `sources` */
  guint         serial;
};

typedef struct
{
  DwarfFile *file;
  Dwarf_Off  unit;
} DwarfUnitOf;

/* ---- dwarf-files.c ---- */

/* The file and the unit that have @address; @pc: the same, not moved.  NULL: none has. */
DwarfFile *astern_dwarf_find_unit     (AsternDebugInfo *info, guint64 address, Dwarf_Addr *pc, Dwarf_Die *unit);
/* The function of @unit that has @pc. */
gboolean   astern_dwarf_find_function (DwarfFile *file, Dwarf_Die *unit, Dwarf_Addr pc, Dwarf_Die *function);
/* The scopes that have @pc, from the function on inwards, at most ASTERN_DWARF_DEEPEST; returns how many. */
guint      astern_dwarf_scopes        (DwarfFile *file, Dwarf_Die *unit, Dwarf_Addr pc, Dwarf_Die *scopes);
/* The value of a symbol of the file's symbol table, not moved. */
gboolean   astern_dwarf_find_symbol   (DwarfFile *file, const char *name, guint64 *value);
/* The units that have code, each once. */
void       astern_dwarf_each_unit     (AsternDebugInfo *info, void (*visit) (DwarfFile *file, Dwarf_Die *unit, gpointer data),
                                       gpointer data);
/* @text (nullable), as long as @info lives. */
const char *astern_dwarf_keep         (AsternDebugInfo *info, const char *text);

/* ---- dwarf-locations.c ---- */

/* What an expression is evaluated with. */
typedef struct
{
  DwarfFile                  *file;
  const AsternFrameRegisters *frame;      /* (nullable) */
  const AsternFrameMemory    *memory;
  Dwarf_Attribute            *frame_base; /* (nullable) */
  Dwarf_Attribute            *attribute;  /* (nullable) what is evaluated */
  Dwarf_Addr                  pc;         /* not moved */
  gboolean                    has_cfa;
  guint64                     cfa;
  guint64                     failed;     /* the address that could not be read */
} DwarfContext;

#define ASTERN_DWARF_VALUE_BYTES 64

/* Where something is. */
typedef struct
{
  enum { DWARF_NOWHERE, DWARF_IN_MEMORY, DWARF_BYTES } kind;
  guint64  address;                              /* IN_MEMORY: linear */
  guint8   bytes[ASTERN_DWARF_VALUE_BYTES];      /* BYTES: from registers, or constant */
  guint    size;
} DwarfLocation;

/* An attribute that holds a location, at context->pc. */
gboolean   astern_dwarf_locate        (DwarfContext *context, Dwarf_Attribute *attribute, DwarfLocation *location);
/* Operations that compute a number; @start (nullable) is on the stack first.  *@is_value: it is one, and not an address. */
gboolean   astern_dwarf_compute       (DwarfContext *context, const Dwarf_Op *ops, size_t n, const guint64 *start, guint64 *result,
                                       gboolean *is_value);
/* @regno: as DWARF numbers registers for the file's machine. */
gboolean   astern_dwarf_register      (const DwarfContext *context, guint regno, guint64 *value);
gint       astern_dwarf_register_index (const DwarfFile *file, guint regno);      /* in AsternFrameRegisters; -1: none of those */

/* ---- dwarf-frames.c ---- */

gboolean   astern_dwarf_cfa           (DwarfContext *context, guint64 *cfa);

/* ---- dwarf-types.c ---- */

/* Follows typedefs and qualifiers.  FALSE: void, or too deep. */
gboolean   astern_dwarf_real_type     (Dwarf_Die *type, Dwarf_Die *real);
/* DW_AT_type of @die, also by its abstract origin. */
gboolean   astern_dwarf_type_of       (Dwarf_Die *die, Dwarf_Die *type);
void       astern_dwarf_type_name     (Dwarf_Die *type, GString *text);      /* @type nullable: void */
/* 0: not known. */
guint64    astern_dwarf_type_size     (Dwarf_Die *type);
/* The value of @type in @n bytes, as text. */
void       astern_dwarf_format        (DwarfContext *context, Dwarf_Die *type, const guint8 *bytes, gsize n, GString *text);

/* ---- dwarf-parts.c ---- */

/* Something with a type, somewhere. */
typedef struct
{
  Dwarf_Die     type;
  gboolean      has_type;
  DwarfLocation location;
  guint         bit_offset, bit_size;      /* of a bit field; size 0: it is none */
  guint         dimension;                 /* of an array: how many of its dimensions are gone already */
} DwarfValue;

typedef struct
{
  DwarfContext context;
  Dwarf_Attribute frame_base;
  Dwarf_Die    scopes[ASTERN_DWARF_DEEPEST], unit;
  guint        n_scopes;
  GPtrArray   *rows;
  gboolean   (*expanded) (const char *path, gpointer data);
  gpointer     data;
} DwarfReader;

/* @separator: between the whole's path and @name: ".", "->", "". */
typedef gboolean (*DwarfPartFunc) (DwarfReader *reader, const char *name, const char *separator, DwarfValue *part, gpointer data);

/* Members, elements, or what a pointer points to, until @func returns FALSE; returns what it did last. */
gboolean        astern_dwarf_each_part  (DwarfReader *reader, DwarfValue *value, DwarfPartFunc func, gpointer data);
gboolean        astern_dwarf_is_pointer (Dwarf_Die *real);
/* What a pointer points to, @index further on.  FALSE: nothing that has a type. */
gboolean        astern_dwarf_target     (DwarfReader *reader, DwarfValue *value, Dwarf_Die *pointer, gint64 index,
                                         DwarfValue *target);
gboolean        astern_dwarf_element    (DwarfReader *reader, DwarfValue *value, Dwarf_Die *array, guint64 index,
                                         DwarfValue *part);
AsternVariable *astern_dwarf_describe   (DwarfReader *reader, const char *path, const char *name, DwarfValue *value, guint depth);
