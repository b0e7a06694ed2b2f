/* smbios.c - see smbios.h.
 * Source: DMTF DSP0134, System Management BIOS Reference Specification 2.8.
 * Left out: all that 2.8 does not require of a virtual machine. */
#include "config.h"

#include "hw/smbios.h"

#include <string.h>

#define ANCHOR_SIZE    31
#define LOW_RAM_MOST   0xc0000000u
#define HANDLE_CHASSIS 0x300
#define HANDLE_CPU     0x400
#define HANDLE_ARRAY   0x1000
#define HANDLE_DIMM    0x1100
#define HANDLE_MAPPED  0x1300

/* Structures, one behind the other. */
typedef struct
{
  GByteArray *bytes;
  guint       start;            /* of the one being written */
  GString    *strings;          /* its strings, each with its terminator */
  guint8      n_strings;
  guint       n, longest;
  const SmbiosOptions *options;
} Tables;

static void
little (Tables *t, guint64 value, guint size)
{
  for (; size > 0; size--, value >>= 8)
    {
      guint8 byte = (guint8) value;

      g_byte_array_append (t->bytes, &byte, 1);
    }
}

static void
begin (Tables *t, guint8 type, guint16 handle)
{
  t->start = t->bytes->len;
  t->n_strings = 0;
  g_string_truncate (t->strings, 0);
  little (t, type, 1);
  little (t, 0, 1);             /* length, when it is known */
  little (t, handle, 2);
}

/* A string's number takes its place. */
static void
string (Tables *t, const char *text)
{
  g_string_append_len (t->strings, text, (gssize) strlen (text) + 1);
  little (t, ++t->n_strings, 1);
}

/* A structure of a type that a user has given himself is not kept. */
static gboolean
is_given (const Tables *t, guint8 type)
{
  for (guint i = 0; t->options->files != NULL && i < t->options->files->len; i++)
    if (*(const guint8 *) g_bytes_get_data (g_ptr_array_index (t->options->files, i), NULL) == type)
      return TRUE;
  return FALSE;
}

static void
end (Tables *t)
{
  if (is_given (t, t->bytes->data[t->start]))
    {
      g_byte_array_set_size (t->bytes, t->start);
      return;
    }
  t->bytes->data[t->start + 1] = (guint8) (t->bytes->len - t->start);
  g_byte_array_append (t->bytes, (const guint8 *) t->strings->str, (guint) t->strings->len);
  little (t, 0, t->n_strings == 0 ? 2 : 1);
  t->longest = MAX (t->longest, t->bytes->len - t->start);
  t->n++;
}

/* ---- what a user may say ---- */

static const struct { guint type; const char *key; } known[] = {
  { 0, "vendor" }, { 0, "version" }, { 0, "date" },
  { 1, "manufacturer" }, { 1, "product" }, { 1, "version" }, { 1, "serial" }, { 1, "sku" }, { 1, "family" },
  { 2, "manufacturer" }, { 2, "product" }, { 2, "version" }, { 2, "serial" }, { 2, "asset" }, { 2, "location" },
  { 3, "manufacturer" }, { 3, "version" }, { 3, "serial" }, { 3, "asset" }, { 3, "sku" },
  { 4, "sock_pfx" }, { 4, "manufacturer" }, { 4, "version" }, { 4, "serial" }, { 4, "asset" }, { 4, "part" },
  { 11, "value" },
  { 17, "loc_pfx" }, { 17, "bank" }, { 17, "manufacturer" }, { 17, "serial" }, { 17, "asset" }, { 17, "part" },
};

gboolean
smbios_knows (guint type, const char *key)
{
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (known[i].type == type && strcmp (known[i].key, key) == 0)
      return TRUE;
  return FALSE;
}

/* The last that was given; (nullable) as @fallback is. */
static const char *
said (const Tables *t, guint type, const char *key, const char *fallback)
{
  for (guint i = t->options->n_fields; i-- > 0;)
    if (t->options->fields[i].type == type && strcmp (t->options->fields[i].key, key) == 0)
      return t->options->fields[i].value;
  return fallback;
}

/* A string, or none. */
static void
string_said (Tables *t, guint type, const char *key, const char *fallback)
{
  const char *text = said (t, type, key, fallback);

  if (text != NULL && *text != '\0')
    string (t, text);
  else
    little (t, 0, 1);
}

static gboolean
any_said (const Tables *t, guint type)
{
  for (guint i = 0; i < t->options->n_fields; i++)
    if (t->options->fields[i].type == type)
      return TRUE;
  return FALSE;
}

void
smbios_parse_uuid (const char *text, guint8 uuid[16])
{
  guint n = 0;

  memset (uuid, 0, 16);
  for (; text != NULL && *text != '\0' && n < 32; text++)
    if (g_ascii_isxdigit (*text))
      {
        uuid[n / 2] = (guint8) (uuid[n / 2] << 4 | (guint) g_ascii_xdigit_value (*text));
        n++;
      }
}

/* ---- the structures ---- */

enum { STRUCTURE_HEADER = 4, END_TYPE = 127 };

gboolean
smbios_is_structure (GBytes *bytes)
{
  gsize size, at;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  if (size < STRUCTURE_HEADER + 2 || data[0] == END_TYPE || data[1] < STRUCTURE_HEADER || data[1] > size - 2)
    return FALSE;
  for (at = data[1]; at + 2 < size; at++)
    if (data[at] == 0 && data[at + 1] == 0)
      return FALSE;
  return data[size - 2] == 0 && data[size - 1] == 0;
}

static void
add_files (Tables *t)
{
  for (guint i = 0; t->options->files != NULL && i < t->options->files->len; i++)
    {
      gsize size;
      const guint8 *bytes = g_bytes_get_data (g_ptr_array_index (t->options->files, i), &size);

      g_byte_array_append (t->bytes, bytes, (guint) size);
      t->longest = MAX (t->longest, (guint) size);
      t->n++;
    }
}

static void
add_firmware (Tables *t)
{
  begin (t, 0, 0);
  string_said (t, 0, "vendor", "Astern");
  string_said (t, 0, "version", "1");
  little (t, 0xe800, 2);        /* segment */
  string_said (t, 0, "date", "01/01/2026");
  little (t, 1, 1);             /* 128 KiB */
  little (t, 1 << 3, 8);        /* characteristics: not told */
  little (t, 0, 1);
  little (t, 1 << 2 | 1 << 4, 1);       /* targeted content; a virtual machine */
  little (t, 0xffff0001, 4);    /* releases: of the BIOS 1.0; no embedded controller */
  end (t);
}

/* The first three parts of a UUID are little-endian numbers here. */
static void
put_uuid (Tables *t)
{
  static const guint8 order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
  guint8 uuid[16];

  smbios_parse_uuid (t->options->uuid, uuid);
  for (guint i = 0; i < 16; i++)
    little (t, uuid[order[i]], 1);
}

static void
add_system (Tables *t)
{
  const SmbiosOptions *options = t->options;

  begin (t, 1, 0x100);
  string_said (t, 1, "manufacturer", "Astern");
  string_said (t, 1, "product", options->product != NULL ? options->product : "Standard PC");
  string_said (t, 1, "version", options->version != NULL ? options->version : "pc");
  string_said (t, 1, "serial", NULL);
  put_uuid (t);
  little (t, 6, 1);             /* woken by the power switch */
  string_said (t, 1, "sku", NULL);
  string_said (t, 1, "family", NULL);
  end (t);
}

/* Only where a user says something of it. */
static void
add_baseboard (Tables *t)
{
  if (!any_said (t, 2))
    return;
  begin (t, 2, 0x200);
  string_said (t, 2, "manufacturer", "Astern");
  string_said (t, 2, "product", t->options->product);
  string_said (t, 2, "version", t->options->version);
  string_said (t, 2, "serial", NULL);
  string_said (t, 2, "asset", NULL);
  little (t, 1, 1);             /* a hosting board */
  string_said (t, 2, "location", NULL);
  little (t, HANDLE_CHASSIS, 2);
  little (t, 0x0a, 1);          /* motherboard */
  little (t, 0, 1);
  end (t);
}

static void
add_chassis (Tables *t)
{
  begin (t, 3, HANDLE_CHASSIS);
  string_said (t, 3, "manufacturer", "Astern");
  little (t, 1, 1);             /* type: other */
  string_said (t, 3, "version", t->options->version != NULL ? t->options->version : "pc");
  string_said (t, 3, "serial", NULL);
  string_said (t, 3, "asset", NULL);
  little (t, 0x030303, 3);      /* states: safe */
  little (t, 2, 1);             /* security: unknown */
  little (t, 0, 4);
  little (t, 0, 4);             /* height, cords, elements */
  string_said (t, 3, "sku", NULL);
  end (t);
}

static void
add_oem_strings (Tables *t)
{
  guint n = 0;

  if (!any_said (t, 11))
    return;
  begin (t, 11, 0xe00);
  for (guint i = 0; i < t->options->n_fields; i++)
    n += t->options->fields[i].type == 11;
  little (t, MIN (n, 255), 1);
  for (guint i = 0; i < t->options->n_fields && t->n_strings < 255; i++)
    if (t->options->fields[i].type == 11)
      {
        g_string_append_len (t->strings, t->options->fields[i].value, (gssize) strlen (t->options->fields[i].value) + 1);
        t->n_strings++;
      }
  end (t);
}

static void
add_processor (Tables *t, guint index)
{
  g_autofree char *socket = g_strdup_printf ("%s %u", said (t, 4, "sock_pfx", "CPU"), index);

  begin (t, 4, (guint16) (HANDLE_CPU + index));
  string (t, socket);
  little (t, 3, 1);             /* a CPU */
  little (t, 1, 1);             /* family: other */
  string_said (t, 4, "manufacturer", "Astern");
  little (t, 0, 8);             /* CPUID: ask the CPU */
  string_said (t, 4, "version", t->options->version != NULL ? t->options->version : "pc");
  little (t, 0, 1);             /* voltage */
  little (t, 0, 2);             /* clocks: unknown */
  little (t, 1000, 2);
  little (t, 1000, 2);
  little (t, 0x41, 1);          /* populated, enabled */
  little (t, 1, 1);             /* upgrade: other */
  little (t, 0xffff, 2);        /* caches: not told */
  little (t, 0xffff, 2);
  little (t, 0xffff, 2);
  string_said (t, 4, "serial", NULL);
  string_said (t, 4, "asset", NULL);
  string_said (t, 4, "part", NULL);
  little (t, 0x010101, 3);      /* cores, enabled cores, threads */
  little (t, 2, 2);             /* characteristics: unknown */
  little (t, 1, 2);
  end (t);
}

/* Physical memory as one module. */
static void
add_memory (Tables *t, guint64 ram_bytes)
{
  guint64 mib = ram_bytes >> 20;

  begin (t, 16, HANDLE_ARRAY);
  little (t, 1, 1);
  little (t, 3, 1);             /* system memory */
  little (t, 6, 1);             /* multi-bit ECC: what a perfect memory comes nearest */
  little (t, 0x80000000, 4);
  little (t, 0xfffe, 2);
  little (t, 1, 2);
  little (t, ram_bytes, 8);
  end (t);

  begin (t, 17, HANDLE_DIMM);
  little (t, HANDLE_ARRAY, 2);
  little (t, 0xfffe, 2);
  little (t, 0xffff, 2);        /* widths: unknown */
  little (t, 0xffff, 2);
  little (t, mib < 0x7fff ? mib : 0x7fff, 2);
  little (t, 9, 1);             /* DIMM */
  little (t, 0, 1);
  {
    g_autofree char *place = g_strdup_printf ("%s 0", said (t, 17, "loc_pfx", "DIMM"));

    string (t, place);
  }
  string_said (t, 17, "bank", NULL);
  little (t, 7, 1);             /* RAM */
  little (t, 2, 2);
  little (t, 0, 2);
  string_said (t, 17, "manufacturer", "Astern");
  string_said (t, 17, "serial", NULL);
  string_said (t, 17, "asset", NULL);
  string_said (t, 17, "part", NULL);
  little (t, 0, 1);             /* rank: unknown */
  little (t, mib < 0x7fff ? 0 : mib, 4);
  little (t, 0, 2);
  little (t, 0, 6);
  end (t);
}

/* [start, end) in physical addresses. */
static void
add_mapped (Tables *t, guint16 index, guint64 start, guint64 finish)
{
  begin (t, 19, (guint16) (HANDLE_MAPPED + index));
  little (t, G_MAXUINT32, 4);   /* the addresses are below, in bytes */
  little (t, G_MAXUINT32, 4);
  little (t, HANDLE_ARRAY, 2);
  little (t, 1, 1);
  little (t, start, 8);
  little (t, finish - 1, 8);
  end (t);
}

static guint8
sum (const guint8 *bytes, gsize size)
{
  guint8 total = 0;

  while (size-- > 0)
    total += *bytes++;
  return total;
}

/* The 32-bit entry point, for structures at @at. */
static GBytes *
make_anchor (const Tables *t, guint32 at)
{
  guint8 bytes[ANCHOR_SIZE] = {
    '_', 'S', 'M', '_', 0, ANCHOR_SIZE, 2, 8, (guint8) t->longest, (guint8) (t->longest >> 8), 0,
    0, 0, 0, 0, 0, '_', 'D', 'M', 'I', '_', 0, (guint8) t->bytes->len, (guint8) (t->bytes->len >> 8),
    (guint8) at, (guint8) (at >> 8), (guint8) (at >> 16), (guint8) (at >> 24),
    (guint8) t->n, (guint8) (t->n >> 8), 0x28,
  };

  return g_bytes_new (bytes, sizeof bytes);
}

void
smbios_build (const SmbiosOptions *options, GBytes **anchor, GBytes **tables)
{
  Tables t = { .bytes = g_byte_array_new (), .strings = g_string_new (NULL), .options = options };
  guint64 low = MIN (options->ram_bytes, LOW_RAM_MOST);

  add_files (&t);
  add_firmware (&t);
  add_system (&t);
  add_baseboard (&t);
  add_chassis (&t);
  for (guint i = 0; i < options->n_cpus; i++)
    add_processor (&t, i);
  add_oem_strings (&t);
  add_memory (&t, options->ram_bytes);
  add_mapped (&t, 0, 0, low);
  if (options->ram_bytes > low)
    add_mapped (&t, 1, G_GUINT64_CONSTANT (1) << 32, (G_GUINT64_CONSTANT (1) << 32) + options->ram_bytes - low);
  begin (&t, 32, 0x2000);       /* no error at boot */
  little (&t, 0, 7);
  end (&t);
  begin (&t, 127, 0x7f00);      /* the end */
  end (&t);
  *anchor = make_anchor (&t, 0);
  *tables = g_byte_array_free_to_bytes (t.bytes);
  g_string_free (t.strings, TRUE);
}

void
smbios_install (GBytes *anchor, GBytes *tables, AsternBus *memory, guint64 anchor_at, guint32 tables_at)
{
  guint8 bytes[ANCHOR_SIZE];
  guint32 at = GUINT32_TO_LE (tables_at);

  memcpy (bytes, g_bytes_get_data (anchor, NULL), sizeof bytes);
  memcpy (bytes + 24, &at, 4);
  bytes[21] = (guint8) -sum (bytes + 16, ANCHOR_SIZE - 16);
  bytes[4] = (guint8) -sum (bytes, ANCHOR_SIZE);
  astern_bus_write_bytes (memory, (AsternPaddr) { anchor_at }, bytes, sizeof bytes, ASTERN_ORIGIN_DMA);
  astern_bus_write_bytes (memory, (AsternPaddr) { tables_at }, g_bytes_get_data (tables, NULL),
                          g_bytes_get_size (tables), ASTERN_ORIGIN_DMA);
}
