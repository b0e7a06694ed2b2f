/* smbios - the tables that say what the machine is, for people and for quirk lists.
 *
 * Firmware takes them from fw_cfg as two files, the entry point and the structures;
 * a machine that starts without firmware puts them into memory itself.
 *
 * Threads: any. */
#pragma once

#include "core/bus.h"

#define SMBIOS_ANCHOR_FILE "etc/smbios/smbios-anchor"
#define SMBIOS_TABLES_FILE "etc/smbios/smbios-tables"

/* A string that a user gave: -smbios type=1,product=...; in every structure of that type. */
typedef struct
{
  guint       type;
  const char *key, *value;
} SmbiosField;

typedef struct
{
  const SmbiosField *fields;            /* (nullable) */
  guint       n_fields;
  const GPtrArray *files;               /* (nullable) GBytes: structures; of their types there are no others */
  const char *uuid;                     /* (nullable) as text */
  const char *product, *version;     /* of the system: the board's */
  guint   n_cpus;
  guint64 ram_bytes;
} SmbiosOptions;

/* Whether a structure of this type has such a string. */
gboolean smbios_knows (guint type, const char *key);

/* Whether it is one structure with its strings, and not the end's. */
gboolean smbios_is_structure (GBytes *bytes);

/* "123e4567-e89b-12d3-a456-426614174000" as sixteen bytes, in its order; all zero when @text is NULL. */
void smbios_parse_uuid (const char *text, guint8 uuid[16]);

/* Both are new references. */
void smbios_build   (const SmbiosOptions *options, GBytes **anchor, GBytes **tables);

/* Puts the entry point at @anchor_at, a multiple of 16 in 0xf0000..0xfffff, and the structures at @tables_at. */
void smbios_install (GBytes *anchor, GBytes *tables, AsternBus *memory, guint64 anchor_at, guint32 tables_at);
