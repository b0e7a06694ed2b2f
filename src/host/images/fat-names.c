/* fat-names.c - short and long names on FAT.
 * Source: Microsoft, "FAT: General Overview of On-Disk Format", version 1.03, sections on short and long names. */
#include "config.h"

#include "host/images/fat-names.h"

#include <string.h>

#define UNITS_PER_ENTRY 13
#define MAX_UNITS       255
#define LAST_ENTRY      0x40
#define ATTR_LONG_NAME  0x0f

static gboolean
is_short_char (char c)
{
  return g_ascii_isupper (c) || g_ascii_isdigit (c) || (c != '\0' && strchr ("$%'-_@~`!(){}^#&", c) != NULL);
}

/* Up to @max of what is allowed; FALSE: some of @from was not, or did not fit. */
static gboolean
take_chars (guint8 *to, gsize max, const char *from, gsize n)
{
  gboolean exact = n <= max;
  gsize out = 0;

  for (gsize i = 0; i < n && out < max; i++)
    {
      char c = g_ascii_toupper (from[i]);

      exact &= is_short_char (from[i]);
      if (c == ' ' || c == '.')
        continue;
      /* One mark for each character that is not there, whatever its bytes. */
      if (((guchar) from[i] & 0xc0) == 0x80)
        continue;
      to[out++] = (guint8) (is_short_char (c) ? c : '_');
    }
  return exact;
}

static void
add_number (guint8 *to, const guint8 *base, guint number)
{
  char tail[12];
  gsize n = (gsize) g_snprintf (tail, sizeof tail, "~%u", number), length = 0;

  memcpy (to, base, FAT_SHORT_BYTES);
  while (length < 8 && to[length] != ' ')
    length++;
  length = MIN (length, 8 - n);
  memset (to, ' ', 8);
  memcpy (to, base, length);
  memcpy (to + length, tail, n);
}

static guint8
checksum (const guint8 *short_name)
{
  guint8 sum = 0;

  for (guint i = 0; i < FAT_SHORT_BYTES; i++)
    sum = (guint8) ((sum >> 1 | sum << 7) + short_name[i]);
  return sum;
}

static void
put_unit (guint8 *entry, guint i, guint16 unit)
{
  static const guint8 places[UNITS_PER_ENTRY] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };

  entry[places[i]] = (guint8) unit;
  entry[places[i] + 1] = (guint8) (unit >> 8);
}

static void
add_long_name (GByteArray *entries, const gunichar2 *units, glong n, const guint8 *short_name)
{
  guint count = (guint) (n + UNITS_PER_ENTRY - 1) / UNITS_PER_ENTRY;

  for (guint piece = count; piece > 0; piece--)
    {
      guint8 entry[FAT_ENTRY_BYTES] = { 0 };

      entry[0] = (guint8) (piece | (piece == count ? LAST_ENTRY : 0));
      entry[11] = ATTR_LONG_NAME;
      entry[13] = checksum (short_name);
      for (guint i = 0; i < UNITS_PER_ENTRY; i++)
        {
          glong at = (glong) (piece - 1) * UNITS_PER_ENTRY + i;

          put_unit (entry, i, at < n ? units[at] : at == n ? 0 : 0xffff);
        }
      g_byte_array_append (entries, entry, sizeof entry);
    }
}

static gboolean
take_name (GHashTable *taken, const guint8 *short_name)
{
  return g_hash_table_add (taken, g_strndup ((const char *) short_name, FAT_SHORT_BYTES));
}

gboolean
astern_fat_add_name (const char *name, GHashTable *taken, GByteArray *entries, guint8 *short_name)
{
  const char *dot = strrchr (name, '.');
  glong n = 0;
  g_autofree gunichar2 *units = g_utf8_to_utf16 (name, -1, NULL, &n, NULL);
  guint8 base[FAT_SHORT_BYTES];
  gboolean exact;

  if (units == NULL || n == 0 || n > MAX_UNITS)
    return FALSE;
  for (const char *c = name; *c != '\0'; c++)
    if ((guchar) *c < ' ' || strchr ("\"*/:<>?\\|", *c) != NULL)
      return FALSE;
  if (dot == name)
    dot = NULL;
  memset (base, ' ', sizeof base);
  exact = take_chars (base, 8, name, dot != NULL ? (gsize) (dot - name) : strlen (name));
  if (dot != NULL)
    exact &= take_chars (base + 8, 3, dot + 1, strlen (dot + 1)) && dot[1] != '\0';
  memcpy (short_name, base, FAT_SHORT_BYTES);
  exact &= base[0] != ' ';
  if (exact && take_name (taken, short_name))
    return TRUE;
  for (guint number = 1; number < 1000000; number++)
    {
      add_number (short_name, base, number);
      if (take_name (taken, short_name))
        {
          add_long_name (entries, units, n, short_name);
          return TRUE;
        }
    }
  return FALSE;
}
