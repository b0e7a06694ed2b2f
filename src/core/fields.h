/* fields - a table that names every byte of a state struct.
 *
 * One table serves snapshots, files, differences, the state hash and the
 * window's view of a device.  A state struct is plain data: no pointers, no
 * host handles, no padding (a generic test proves that every byte of it is in
 * the table).
 *
 * On disk a state is a GVariant a{sv} keyed by field name: integers of 1, 2, 4
 * or 8 bytes as y q u t, arrays of them as ay aq au at.
 *
 * Threads: tables are constant; the functions work on the caller's memory. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  const char *name;
  guint32     offset;     /* in the state struct */
  guint32     count;      /* elements; 1 for a scalar */
  guint8      size;       /* bytes an element: 1, 2, 4, 8 */
  guint8      since;      /* state version that introduced it */
} AsternField;

#define ASTERN_FIELD(Struct, member, since_version)                                       \
  { #member, G_STRUCT_OFFSET (Struct, member), 1, sizeof (((Struct *) NULL)->member), (since_version) }
/* An array of scalars; its elements have one size. */
#define ASTERN_FIELD_ARRAY(Struct, member, since_version)                                 \
  { #member, G_STRUCT_OFFSET (Struct, member),                                            \
    sizeof (((Struct *) NULL)->member) / sizeof (((Struct *) NULL)->member[0]),           \
    sizeof (((Struct *) NULL)->member[0]), (since_version) }
/* Anything without pointers or padding, kept as bytes (of this host's order). */
#define ASTERN_FIELD_BYTES(Struct, member, since_version)                                 \
  { #member, G_STRUCT_OFFSET (Struct, member), sizeof (((Struct *) NULL)->member), 1, (since_version) }

GVariant *astern_fields_save (const AsternField *fields, guint n_fields, gconstpointer state);

/* Leaves @state untouched unless it returns TRUE.  @version: that of the saved
 * state; a field that is younger keeps its value, any other must be present. */
gboolean  astern_fields_load (const AsternField *fields, guint n_fields, guint version,
                              GVariant *saved, gpointer state, gsize state_size, GError **error);

/* Mixes @state into a running 64-bit hash; the same on every host. */
guint64   astern_fields_hash (const AsternField *fields, guint n_fields, gconstpointer state, guint64 hash);

/* A fast 64-bit hash of bytes: the same on every host. */
guint64   astern_hash_bytes  (guint64 hash, gconstpointer data, gsize size);

/* Whether the table names every byte of a state of @state_size bytes once.  If not,
 * @wrong_offset is the first byte that it lacks, names twice, or that lies outside. */
gboolean  astern_fields_cover (const AsternField *fields, guint n_fields, gsize state_size, gsize *wrong_offset);
