/* aml.c - see aml.h.
 * Source: ACPI 6.4, chapters 6.4 (resource descriptors) and 20 (AML).
 * Left out: all that our tables do not use. */
#include "config.h"

#include "hw/aml.h"

#include <string.h>

enum
{
  OP_ZERO = 0x00, OP_ONE = 0x01, OP_NAME = 0x08, OP_BYTE = 0x0a, OP_WORD = 0x0b, OP_DWORD = 0x0c,
  OP_STRING = 0x0d, OP_QWORD = 0x0e, OP_SCOPE = 0x10, OP_BUFFER = 0x11, OP_PACKAGE = 0x12, OP_METHOD = 0x14,
  OP_DUAL_NAME = 0x2e, OP_MULTI_NAME = 0x2f, OP_EXTENDED = 0x5b, OP_ARG0 = 0x68, OP_STORE = 0x70,
  OP_AND = 0x7b, OP_OR = 0x7d, OP_DWORD_FIELD = 0x8a, OP_IF = 0xa0, OP_ELSE = 0xa1, OP_RETURN = 0xa4,
};
enum { EXTENDED_REGION = 0x80, EXTENDED_FIELD = 0x81, EXTENDED_DEVICE = 0x82 };
enum { REGION_PCI_CONFIG = 2, FIELD_BYTE_ACCESS = 1 };

typedef struct
{
  guint    start;       /* of what the length counts, without the length itself */
  gboolean resources;   /* a buffer of descriptors: has a size and an end tag */
} Open;

struct _Aml
{
  GByteArray *bytes;
  GArray     *open;     /* Open */
};

static void
byte (Aml *aml, guint8 value)
{
  g_byte_array_append (aml->bytes, &value, 1);
}

static void
little (Aml *aml, guint64 value, guint size)
{
  for (; size > 0; size--, value >>= 8)
    byte (aml, (guint8) value);
}

Aml *
aml_new (void)
{
  Aml *aml = g_new0 (Aml, 1);

  aml->bytes = g_byte_array_new ();
  aml->open = g_array_new (FALSE, FALSE, sizeof (Open));
  return aml;
}

GByteArray *
aml_finish (Aml *aml)
{
  GByteArray *bytes = aml->bytes;

  g_assert (aml->open->len == 0);
  g_array_unref (aml->open);
  g_free (aml);
  return bytes;
}

static void
insert (Aml *aml, guint at, const guint8 *data, guint size)
{
  guint behind = aml->bytes->len - at;

  g_byte_array_set_size (aml->bytes, aml->bytes->len + size);
  memmove (aml->bytes->data + at + size, aml->bytes->data + at, behind);
  memcpy (aml->bytes->data + at, data, size);
}

static void
open_package (Aml *aml, gboolean resources)
{
  Open open = { aml->bytes->len, resources };

  g_array_append_val (aml->open, open);
}

/* PkgLength counts itself: one byte up to 63, else a nibble and one to three bytes. */
static void
close_package (Aml *aml, guint start)
{
  guint length = aml->bytes->len - start;
  guint8 bytes[4];
  guint extra = 0, i;

  if (length + 1 > 0x3f)
    for (extra = 1; length + 1 + extra >= 1u << (4 + 8 * extra); extra++)
      g_assert (extra < 3);
  length += 1 + extra;
  if (extra == 0)
    bytes[0] = (guint8) length;
  else
    bytes[0] = (guint8) (extra << 6 | (length & 0x0f));
  for (i = 0; i < extra; i++)
    bytes[1 + i] = (guint8) (length >> (4 + 8 * i));
  insert (aml, start, bytes, 1 + extra);
}

void
aml_end (Aml *aml)
{
  Open open;

  g_assert (aml->open->len > 0);
  open = g_array_index (aml->open, Open, aml->open->len - 1);
  g_array_set_size (aml->open, aml->open->len - 1);
  if (open.resources)
    {
      guint8 size[3] = { OP_WORD };
      guint n;

      little (aml, 0x0079, 2);          /* end tag; checksum 0: not checked */
      n = aml->bytes->len - open.start;
      size[1] = (guint8) n;
      size[2] = (guint8) (n >> 8);
      insert (aml, open.start, size, sizeof size);
    }
  close_package (aml, open.start);
}

void
aml_path (Aml *aml, const char *path)
{
  g_auto (GStrv) segments = NULL;
  guint n, i;

  if (*path == '\\')
    byte (aml, (guint8) *path++);
  segments = g_strsplit (path, ".", -1);
  n = g_strv_length (segments);
  if (n == 0)
    byte (aml, 0);
  else if (n == 2)
    byte (aml, OP_DUAL_NAME);
  else if (n > 2)
    {
      byte (aml, OP_MULTI_NAME);
      byte (aml, (guint8) n);
    }
  for (i = 0; i < n; i++)
    {
      gsize length = strlen (segments[i]);
      guint letter;

      g_assert (length >= 1 && length <= 4);
      for (letter = 0; letter < 4; letter++)
        byte (aml, (guint8) (letter < length ? segments[i][letter] : '_'));
    }
}

void
aml_scope (Aml *aml, const char *path)
{
  byte (aml, OP_SCOPE);
  open_package (aml, FALSE);
  aml_path (aml, path);
}

void
aml_device (Aml *aml, const char *name)
{
  byte (aml, OP_EXTENDED);
  byte (aml, EXTENDED_DEVICE);
  open_package (aml, FALSE);
  aml_path (aml, name);
}

void
aml_method (Aml *aml, const char *name, guint n_args)
{
  byte (aml, OP_METHOD);
  open_package (aml, FALSE);
  aml_path (aml, name);
  byte (aml, (guint8) (n_args | 1 << 3));       /* serialized: it may make names */
}

void
aml_package (Aml *aml, guint8 n_elements)
{
  byte (aml, OP_PACKAGE);
  open_package (aml, FALSE);
  byte (aml, n_elements);
}

void
aml_resources (Aml *aml)
{
  byte (aml, OP_BUFFER);
  open_package (aml, TRUE);
}

void
aml_if (Aml *aml)
{
  byte (aml, OP_IF);
  open_package (aml, FALSE);
}

void
aml_else (Aml *aml)
{
  byte (aml, OP_ELSE);
  open_package (aml, FALSE);
}

void
aml_name (Aml *aml, const char *name)
{
  byte (aml, OP_NAME);
  aml_path (aml, name);
}

void
aml_integer (Aml *aml, guint64 value)
{
  guint size = value <= 0xff ? 1 : value <= 0xffff ? 2 : value <= G_MAXUINT32 ? 4 : 8;

  if (value <= 1)
    {
      byte (aml, value ? OP_ONE : OP_ZERO);
      return;
    }
  byte (aml, size == 1 ? OP_BYTE : size == 2 ? OP_WORD : size == 4 ? OP_DWORD : OP_QWORD);
  little (aml, value, size);
}

void
aml_string (Aml *aml, const char *text)
{
  byte (aml, OP_STRING);
  g_byte_array_append (aml->bytes, (const guint8 *) text, (guint) strlen (text) + 1);
}

void
aml_eisa_id (Aml *aml, const char *id)
{
  guint32 value = 0;
  guint i;

  g_assert (strlen (id) == 7);
  /* Three letters of five bits, four hexadecimal digits; the whole big endian. */
  for (i = 0; i < 3; i++)
    value = value << 5 | ((guint32) id[i] - 0x40);
  for (i = 3; i < 7; i++)
    value = value << 4 | (guint32) g_ascii_xdigit_value (id[i]);
  byte (aml, OP_DWORD);
  little (aml, GUINT32_SWAP_LE_BE (value), 4);
}

void
aml_arg (Aml *aml, guint n)
{
  byte (aml, (guint8) (OP_ARG0 + n));
}

void
aml_return (Aml *aml)
{
  byte (aml, OP_RETURN);
}

void
aml_store (Aml *aml)
{
  byte (aml, OP_STORE);
}

void
aml_and (Aml *aml)
{
  byte (aml, OP_AND);
}

void
aml_or (Aml *aml)
{
  byte (aml, OP_OR);
}

void
aml_nothing (Aml *aml)
{
  byte (aml, 0);
}

void
aml_dword_field (Aml *aml)
{
  byte (aml, OP_DWORD_FIELD);
}

void
aml_pci_config_bytes (Aml *aml, const char *region, guint8 offset, const char *const *names)
{
  guint n = g_strv_length ((char **) names);
  guint i;

  byte (aml, OP_EXTENDED);
  byte (aml, EXTENDED_REGION);
  aml_path (aml, region);
  byte (aml, REGION_PCI_CONFIG);
  aml_integer (aml, offset);
  aml_integer (aml, n);

  byte (aml, OP_EXTENDED);
  byte (aml, EXTENDED_FIELD);
  open_package (aml, FALSE);
  aml_path (aml, region);
  byte (aml, FIELD_BYTE_ACCESS);
  for (i = 0; i < n; i++)
    {
      aml_path (aml, names[i]);
      byte (aml, 8);            /* bits */
    }
  aml_end (aml);
}

void
aml_res_io (Aml *aml, guint16 start, guint8 length)
{
  byte (aml, 0x47);
  byte (aml, 1);                /* decodes 16 bits */
  little (aml, start, 2);
  little (aml, start, 2);
  byte (aml, 1);                /* alignment */
  byte (aml, length);
}

void
aml_res_irq (Aml *aml, guint line)
{
  byte (aml, 0x22);
  little (aml, 1u << line, 2);
}

void
aml_res_level_irqs (Aml *aml, const guint32 *lines, guint8 n)
{
  guint i;

  byte (aml, 0x89);
  little (aml, 2 + 4u * n, 2);
  byte (aml, 1 | 1 << 3);       /* consumer, level, active high, shared */
  byte (aml, n);
  for (i = 0; i < n; i++)
    little (aml, lines[i], 4);
}

void
aml_res_memory (Aml *aml, guint32 start, guint32 length)
{
  byte (aml, 0x86);
  little (aml, 9, 2);
  byte (aml, 1);
  little (aml, start, 4);
  little (aml, length, 4);
}

/* An address space descriptor whose range does not move; @size: bytes an address. */
static void
address_window (Aml *aml, guint8 tag, guint8 type, guint8 type_flags, guint size, guint64 first, guint64 last)
{
  byte (aml, tag);
  little (aml, 3 + 5 * size, 2);
  byte (aml, type);
  byte (aml, 1 << 2 | 1 << 3);  /* both ends fixed, positive decode, producer */
  byte (aml, type_flags);
  little (aml, 0, size);        /* granularity */
  little (aml, first, size);
  little (aml, last, size);
  little (aml, 0, size);        /* translation */
  little (aml, last - first + 1, size);
}

void
aml_res_bus_window (Aml *aml, guint16 first, guint16 last)
{
  address_window (aml, 0x88, 2, 0, 2, first, last);
}

void
aml_res_io_window (Aml *aml, guint16 first, guint16 last)
{
  address_window (aml, 0x88, 1, 3, 2, first, last);
}

void
aml_res_memory_window (Aml *aml, guint32 first, guint32 last, gboolean cacheable)
{
  address_window (aml, 0x87, 0, cacheable ? 3 : 1, 4, first, last);
}

void
aml_res_memory64_window (Aml *aml, guint64 first, guint64 last)
{
  address_window (aml, 0x8a, 0, 3, 8, first, last);
}
