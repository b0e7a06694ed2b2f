/* moo - reads files of hardware-captured tests (SingleStepTests' MOO format, as its
 * data's README describes it). */
#pragma once

#include <gio/gio.h>

enum { MOO_AX, MOO_BX, MOO_CX, MOO_DX, MOO_CS, MOO_SS, MOO_DS, MOO_ES, MOO_SP, MOO_BP, MOO_SI, MOO_DI, MOO_IP, MOO_FLAGS,
       MOO_N_REGISTERS };

typedef struct { guint32 address; guint8 value; } MooByte;

typedef struct
{
  guint16 present;                    /* bit n: registers[n] is given */
  guint16 registers[MOO_N_REGISTERS];
  GArray *ram;                        /* of MooByte */
} MooState;

typedef struct
{
  char     *name;
  GBytes   *bytes;                    /* the instruction */
  MooState  before, after;
  guint16   mask_present, masks[MOO_N_REGISTERS];
  gint      exception;                /* its vector, -1: none */
  guint32   exception_flags;          /* where the flags were pushed then */
} MooTest;

typedef struct
{
  GPtrArray *tests;                   /* of MooTest */
  guint16    mask_present, masks[MOO_N_REGISTERS];
} MooFile;

MooFile *moo_file_load (const char *path, GError **error);
void     moo_file_free (MooFile *file);
