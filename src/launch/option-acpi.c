/* option-acpi.c - -acpitable.
 * Source: QEMU's manual, "Invocation"; ACPI 6.4, section 5.2.6, for a table's header. */
#include "config.h"

#include "launch/option-acpi.h"

#include "launch/option-parsers.h"
#include "launch/suboptions.h"

#include <string.h>

#include <glib/gi18n.h>

enum { LENGTH_AT = 4, REVISION_AT = 8, CHECKSUM_AT = 9, HEADER_BYTES = 36, MAX_TABLE_BYTES = 1 << 20 };

/* Texts and numbers of the header, and where they are. */
static const struct { const char *key; guint8 at, size; gboolean number; } header_keys[ASTERN_ACPI_KEYS] = {
  { "sig", 0, 4, FALSE }, { "rev", REVISION_AT, 1, TRUE }, { "oem_id", 10, 6, FALSE }, { "oem_table_id", 16, 8, FALSE },
  { "oem_rev", 24, 4, TRUE }, { "asl_compiler_id", 28, 4, FALSE }, { "asl_compiler_rev", 32, 4, TRUE },
};

void
astern_acpi_table_clear (AsternAcpiTableItem *item)
{
  g_free (item->files);
  for (guint i = 0; i < ASTERN_ACPI_KEYS; i++)
    g_free (item->header[i]);
}

static gboolean
set_header (AsternAcpiTableItem *table, const char *option, const AsternSuboption *item, GError **error)
{
  for (guint i = 0; i < ASTERN_ACPI_KEYS; i++)
    {
      guint64 number;

      if (!g_str_equal (header_keys[i].key, item->key))
        continue;
      if (header_keys[i].number && !astern_suboption_number (item, option, 0, header_keys[i].size == 1 ? 0xff : G_MAXUINT32, &number, error))
        return FALSE;
      if (!header_keys[i].number && strlen (item->value) > header_keys[i].size)
        return astern_launch_usage (error, _("%s: “%s” is too long for “%s=”, which has %u characters."), option, item->value, item->key,
                                    header_keys[i].size);
      g_free (table->header[i]);
      table->header[i] = g_strdup (item->value);
      return TRUE;
    }
  astern_suboption_unknown (item, option, "file, data, sig, rev, oem_id, oem_table_id, oem_rev, asl_compiler_id, asl_compiler_rev", error);
  return FALSE;
}

static gboolean
set_table (AsternAcpiTableItem *table, const char *option, const GArray *items, GError **error)
{
  for (guint i = 0; i < items->len; i++)
    {
      const AsternSuboption *item = &g_array_index (items, AsternSuboption, i);
      gboolean whole = g_str_equal (item->key, "file");

      if (!whole && !g_str_equal (item->key, "data"))
        {
          if (!set_header (table, option, item, error))
            return FALSE;
          continue;
        }
      if (table->files != NULL)
        return astern_launch_usage (error, _("%s takes one of “file=” and “data=”, once."), option);
      table->files = g_strdup (item->value);
      table->whole = whole;
    }
  return (table->files != NULL && table->files[0] != '\0')
         || astern_launch_usage (error, _("%s needs “file=” with a whole table, or “data=” with what follows its header."), option);
}

gboolean
astern_option_acpitable (AsternLaunchOptions *options, const char *name, const char *argument, GError **error)
{
  g_autoptr (GArray) items = astern_suboptions_parse (argument, NULL);
  AsternAcpiTableItem table = { .files = NULL };

  if (!set_table (&table, name, items, error))
    {
      astern_acpi_table_clear (&table);
      return FALSE;
    }
  g_array_append_val (options->acpi_tables, table);
  astern_option_keep (options, "-acpitable", argument);
  return TRUE;
}

/* ---- making one ---- */

static void
put_number (guint8 *at, guint64 value, guint size)
{
  for (; size > 0; size--, value >>= 8)
    *at++ = (guint8) value;
}

static void
put_header (guint8 *table, const AsternAcpiTableItem *item)
{
  for (guint i = 0; i < ASTERN_ACPI_KEYS; i++)
    {
      guint8 *at = table + header_keys[i].at;

      if (item->header[i] == NULL)
        continue;
      if (header_keys[i].number)
        {
          guint64 number = 0;

          astern_parse_number (item->header[i], header_keys[i].key, 0, G_MAXUINT32, &number, NULL);
          put_number (at, number, header_keys[i].size);
          continue;
        }
      memset (at, 0, header_keys[i].size);
      memcpy (at, item->header[i], strlen (item->header[i]));
    }
}

GBytes *
astern_acpi_table_make (const AsternAcpiTableItem *item, GBytes *content, GError **error)
{
  static const guint8 plain[HEADER_BYTES] = "ASTN\0\0\0\0\1\0ASTERNASTERNPC\1\0\0\0ASTN\1\0\0";
  gsize size, header = item->whole ? 0 : HEADER_BYTES;
  const guint8 *bytes = g_bytes_get_data (content, &size);
  guint8 *table;

  if ((item->whole && size < HEADER_BYTES) || size > MAX_TABLE_BYTES)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_IMAGE,
                   _("“%s” is no ACPI table: it has %zu bytes; “data=” takes what follows a header."), item->files, size);
      return NULL;
    }
  table = g_malloc (size + header);
  memcpy (table, plain, header);
  if (size > 0)
    memcpy (table + header, bytes, size);
  put_header (table, item);
  put_number (table + LENGTH_AT, size + header, 4);
  table[CHECKSUM_AT] = 0;
  return g_bytes_new_take (table, size + header);
}
