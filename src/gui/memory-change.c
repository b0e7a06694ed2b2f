/* memory-change.c - changing memory: bytes typed into the grid, values, and filling: see memory-view.h. */
#include "config.h"

#include "gui/memory-private.h"

#include "gui/memory-fetch.h"
#include "gui/register-format.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

/* More than this is not filled at once. */
#define MOST_FILLED (16u * 1024 * 1024)

/* ---- typed bytes ---- */

typedef struct
{
  AsternRun   *run;
  guint        cpu;
  AsternSpace  space;
  GArray      *typed;       /* AsternMemoryTyped, in their order */
} Typing;

static void
free_typing (gpointer data)
{
  Typing *typing = data;

  g_array_unref (typing->typed);
  g_object_unref (typing->run);
  g_free (typing);
}

/* The machine's thread. */
static void
write_typed (AsternSession *session, gpointer data)
{
  Typing *typing = data;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < typing->typed->len; i++)
    {
      const AsternMemoryTyped *typed = &g_array_index (typing->typed, AsternMemoryTyped, i);
      guint8 byte = 0;

      astern_memory_read (session, typing->cpu, typing->space, typed->address, &byte, 1);
      byte = (guint8) ((byte & ~typed->mask) | (typed->value & typed->mask));
      if (!astern_debugger_write_memory (session->debugger, typing->cpu, typing->space, typed->address, &byte, 1, &error))
        {
          astern_run_say (typing->run, error->message);
          return;
        }
    }
}

/* In the past the first digit makes the user be asked, and each further one takes the place of the change that waits: so
 * it brings those before it along. */
void
astern_memory_type (AsternMemoryView *self, guint64 address, guint8 mask, guint8 value)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  AsternMemoryTyped typed = { address, mask, value };
  Typing *typing;

  if (run == NULL)
    return;
  if (!astern_run_status (run)->in_past)
    g_array_set_size (self->typed, 0);
  g_array_append_val (self->typed, typed);
  typing = g_new (Typing, 1);
  *typing = (Typing) { g_object_ref (run), self->cpu, self->space, g_array_copy (self->typed) };
  astern_run_change (run, write_typed, typing, free_typing);
}

/* ---- a value, or a filling ---- */

typedef struct
{
  AsternRun        *run;
  guint             cpu;
  AsternSpace       space;
  AsternMemoryKind  kind;
  guint             unit;
  guint64           start, size;
  gboolean          fill;
  char             *text;
} Giving;

static void
free_giving (gpointer data)
{
  Giving *giving = data;

  g_free (giving->text);
  g_object_unref (giving->run);
  g_free (giving);
}

/* @bytes: 8 of them. */
static gboolean
value_bytes (AsternSession *session, const Giving *giving, guint8 *bytes, GError **error)
{
  guint64 value;

  if (giving->kind == ASTERN_MEMORY_FLOATING)
    return astern_register_parse (giving->unit == 4 ? ASTERN_REGISTER_FLOAT : ASTERN_REGISTER_DOUBLE, giving->text, bytes, giving->unit,
                                  error);
  if (!astern_memory_evaluate (session, giving->cpu, giving->text, &value, error))
    return FALSE;
  if (!astern_register_fits (value, 8 * giving->unit))
    {
      g_set_error (error, ASTERN_MEMORY_ERROR, 0, _("0x%" PRIx64 " does not fit into %u bytes."), value, giving->unit);
      return FALSE;
    }
  value = GUINT64_TO_LE (value);
  memcpy (bytes, &value, sizeof value);
  return TRUE;
}

static GByteArray *
filling (const Giving *giving, GError **error)
{
  AsternMemoryPattern pattern;
  GByteArray *bytes;

  if (giving->size > MOST_FILLED)
    {
      g_set_error (error, ASTERN_MEMORY_ERROR, 0, _("That is more than %u MiB."), MOST_FILLED / 1024 / 1024);
      return NULL;
    }
  if (!astern_memory_pattern_parse (ASTERN_PATTERN_BYTES, giving->text, 1, &pattern, error))
    return NULL;
  if (!pattern.exact)
    {
      g_set_error (error, ASTERN_MEMORY_ERROR, 0, _("“%s” is not bytes: each has two hexadecimal digits."), giving->text);
      return NULL;
    }
  bytes = g_byte_array_sized_new ((guint) giving->size);
  g_byte_array_set_size (bytes, (guint) giving->size);
  for (guint i = 0; i < bytes->len; i++)
    bytes->data[i] = pattern.bytes[i % pattern.size];
  return bytes;
}

/* The machine's thread. */
static void
write_given (AsternSession *session, gpointer data)
{
  Giving *giving = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) bytes = NULL;

  if (giving->fill)
    bytes = filling (giving, &error);
  else
    {
      bytes = g_byte_array_new ();
      g_byte_array_set_size (bytes, 8);
      if (!value_bytes (session, giving, bytes->data, &error))
        g_clear_pointer (&bytes, g_byte_array_unref);
    }
  if (bytes == NULL ||
      !astern_debugger_write_memory (session->debugger, giving->cpu, giving->space, giving->start, bytes->data,
                                     giving->fill ? bytes->len : giving->unit, &error))
    astern_run_say (giving->run, error->message);
}

void
astern_memory_value_given (AsternMemoryView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  const AsternMemoryLayout *layout = astern_memory_grid_layout (self->grid);
  Giving *giving;

  gtk_popover_popdown (GTK_POPOVER (self->value_popover));
  gtk_widget_grab_focus (GTK_WIDGET (self->grid));
  if (run == NULL)
    return;
  giving = g_new0 (Giving, 1);
  *giving = (Giving) { .run = g_object_ref (run), .cpu = self->cpu, .space = self->space, .kind = layout->kind, .unit = layout->unit,
                       .fill = self->fills, .text = g_strdup (gtk_entry_get_text (GTK_ENTRY (self->value_entry))) };
  astern_memory_grid_selection (self->grid, &giving->start, &giving->size);
  astern_run_change (run, write_given, giving, free_giving);
}

/* The place of the cursor on the grid. */
static void
point_popover (AsternMemoryView *self)
{
  gint caret = astern_memory_grid_caret (self->grid);
  GdkRectangle box = { 0, 0, 1, 1 };

  if (caret >= 0)
    astern_memory_grid_extents (self->grid, caret, &box);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->value_popover), &box);
}

void
astern_memory_ask_value (AsternMemoryView *self, gboolean fill)
{
  const AsternMemoryLayout *layout = astern_memory_grid_layout (self->grid);
  AsternMemoryKind kind = layout->kind == ASTERN_MEMORY_TEXT ? ASTERN_MEMORY_HEX : layout->kind;
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 start, size;
  guint8 bytes[8] = { 0 };

  self->fills = fill;
  astern_memory_grid_selection (self->grid, &start, &size);
  if (!fill && astern_memory_grid_get_bytes (self->grid, start, layout->unit, bytes))
    {
      g_string_append (text, kind == ASTERN_MEMORY_HEX ? "0x" : "");
      astern_memory_format_cell (kind, layout->unit, bytes, text);
    }
  gtk_label_set_text (GTK_LABEL (self->value_label), fill ? _("Bytes to fill the selection with, as “de ad”") : _("Value"));
  gtk_entry_set_text (GTK_ENTRY (self->value_entry), text->str);
  point_popover (self);
  gtk_popover_popup (GTK_POPOVER (self->value_popover));
  gtk_widget_grab_focus (self->value_entry);
}
