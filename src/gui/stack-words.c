/* stack-words.c - see stack-words.h. */
#include "config.h"

#include "gui/stack-words.h"

#include "core/bytes.h"
#include "launch/unwind.h"

#include <string.h>

#include <glib/gi18n.h>

enum { MOST_WORDS = 512, TEXT_BYTES = 48, SHORTEST_TEXT = 4 };

char *
astern_stack_text (const guint8 *bytes, gsize n)
{
  GString *text = g_string_new ("“");
  gsize i;

  for (i = 0; i < n && bytes[i] != 0; i++)
    {
      if (bytes[i] == '\n')
        g_string_append (text, "\\n");
      else if (bytes[i] == '\t')
        g_string_append (text, "\\t");
      else if (bytes[i] >= 0x20 && bytes[i] < 0x7f)
        g_string_append_c (text, (char) bytes[i]);
      else
        break;
    }
  g_string_append (text, i == n ? "…”" : "”");
  return g_string_free (text, i < SHORTEST_TEXT || (i < n && bytes[i] != 0));
}

/* What a word may be: a return address, a place in code or data that has a name, a text's address. */
static void
add_meaning (AsternSession *session, guint cpu, guint bits, guint64 base, guint64 value, AsternRowList *list)
{
  guint64 linear = value + base;
  guint8 bytes[TEXT_BYTES];
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  gboolean follows_call;
  gsize n;

  if (value < 16)
    return;
  follows_call = astern_follows_call (session->debugger, cpu, linear, bits);
  name = astern_symbols_describe (session->launch->symbols, linear);
  if (follows_call || name != NULL)
    {
      AsternSymbol symbol;
      guint64 offset;
      AsternRow *row = &g_array_index (list->rows, AsternRow, list->rows->len - 1);

      row->address = linear;
      if (follows_call || (astern_symbols_nearest (session->launch->symbols, linear, &symbol, &offset) && symbol.code))
        row->flags |= ASTERN_WORD_CODE;
      if (!follows_call)
        astern_row_list_set (list, ASTERN_WORD_MEANING, name);
      else if (name != NULL)
        astern_row_list_printf (list, ASTERN_WORD_MEANING, _("returns to %s"), name);
      else
        astern_row_list_set (list, ASTERN_WORD_MEANING, _("behind a call"));
      return;
    }
  n = astern_debugger_read_memory (session->debugger, cpu, ASTERN_SPACE_LINEAR, linear, bytes, sizeof bytes);
  text = astern_stack_text (bytes, n);
  if (text != NULL)
    astern_row_list_set (list, ASTERN_WORD_MEANING, text);
}

void
astern_stack_words (AsternSession *session, guint cpu, guint n, AsternRowList *list)
{
  AsternMachine *machine = session->launch->machine;
  AsternCpu *of = machine->cpus[MIN (cpu, machine->n_cpus - 1)];
  g_autofree guint8 *bytes = g_malloc0 (MOST_WORDS * 8);
  AsternCodePlace place;
  guint64 sp;
  guint word;
  gsize got;

  if (of->sync_out != NULL)
    of->sync_out (of);
  of->klass->code_place (of, &place);
  sp = of->klass->stack_linear (of);
  word = place.bits / 8;
  got = astern_debugger_read_memory (session->debugger, of->index, ASTERN_SPACE_LINEAR, sp, bytes, MIN (n, MOST_WORDS) * word);
  for (guint i = 0; i < got / word; i++)
    {
      const guint8 *at = bytes + (gsize) i * word;
      guint64 value = word == 8 ? astern_get_le64 (at) : word == 4 ? astern_get_le32 (at) : astern_get_le16 (at);
      guint64 address = sp + (guint64) i * word;

      astern_row_list_add (list, 0, address + 1);
      astern_row_list_printf (list, ASTERN_WORD_OFFSET, "+%x", i * word);
      astern_row_list_printf (list, ASTERN_WORD_ADDRESS, "%0*" G_GINT64_MODIFIER "x", place.bits == 64 ? 16 : 8, address);
      astern_row_list_printf (list, ASTERN_WORD_VALUE, "%0*" G_GINT64_MODIFIER "x", (int) word * 2, value);
      add_meaning (session, of->index, place.bits, place.base, value, list);
    }
}
