/* disassembly-look.c - the disassembly's questions, answered: the machine's thread. */
#include "config.h"

#include "gui/disassembly-private.h"

#include "arch/x86/state.h"
#include "gui/memory-fetch.h"

#include <string.h>

typedef struct
{
  AsternSession *session;
  AsternCpu     *cpu;
} Reader;

static gsize
read_bytes (gpointer data, guint64 linear, guint8 *bytes, gsize n)
{
  Reader *reader = data;

  return astern_memory_read (reader->session, reader->cpu->index, ASTERN_SPACE_LINEAR, linear, bytes, n);
}

static gboolean
translate (gpointer data, guint64 linear, guint64 *physical)
{
  Reader *reader = data;

  return reader->cpu->klass->translate (reader->cpu, linear, physical);
}

static gboolean
find_symbol (gpointer data, guint64 linear, guint64 *start, const char **name)
{
  Reader *reader = data;
  AsternSymbol symbol;
  guint64 offset;

  if (!astern_symbols_nearest (reader->session->launch->symbols, linear, &symbol, &offset))
    return FALSE;
  *start = symbol.address;
  *name = symbol.name;
  return TRUE;
}

static char *
describe (gpointer data, guint64 linear)
{
  return astern_symbols_describe (((AsternSession *) data)->launch->symbols, linear);
}

/* ---- where ---- */

/* Brings @address into view, unless it is there already. */
static void
bring (AsternCodeQuestion *question, const AsternCodeSource *source, guint64 address, guint above)
{
  if (question->placed)
    {
      gint row;

      astern_code_read (source, &question->top, question->rows, question->lines);
      row = astern_code_row_of (question->lines, address);
      if (row >= 0 && (guint) row + 2 < question->rows && g_array_index (question->lines, AsternCodeLine, row).linear == address)
        return;
    }
  question->top = astern_code_back (source, address, above);
  question->placed = TRUE;
}

static void
put_cursor (AsternCodeQuestion *question, guint64 address)
{
  question->cursor = address;
  question->has_cursor = question->moves_cursor = TRUE;
}

static void
go (AsternSession *session, AsternCodeQuestion *question, const AsternCodeSource *source)
{
  g_autoptr (GError) error = NULL;

  if (question->go_text != NULL && !astern_memory_evaluate (session, question->cpu, question->go_text, &question->go_to, &error))
    {
      question->wrong = g_strdup (error->message);
      return;
    }
  if (source->bits != 64)
    question->go_to &= G_MAXUINT32;
  question->went = TRUE;
  put_cursor (question, question->go_to);
  bring (question, source, question->go_to, question->rows / 4);
}

static gboolean
has_moved (AsternSession *session, const AsternCodeQuestion *question)
{
  return astern_moment_compare (astern_timeline_present (astern_debugger_timeline (session->debugger)), question->moment) != 0
         || question->pc != question->shown_pc || question->cpu != question->shown_cpu;
}

static void
find_place (AsternSession *session, AsternCodeQuestion *question, const AsternCodeSource *source)
{
  if (question->goes)
    go (session, question, source);
  else if (!question->placed || (question->follows && !question->running && has_moved (session, question)))
    {
      put_cursor (question, question->pc);
      bring (question, source, question->pc, question->rows / 3);
    }
  if (!question->placed)
    bring (question, source, question->pc, question->rows / 3);
  if (question->aligns)
    question->top = astern_code_align (source, question->top);
  if (question->scroll < 0)
    question->top = astern_code_back (source, question->top, (guint) -question->scroll);
  else if (question->scroll > 0)
    question->top = astern_code_forward (source, question->top, (guint) question->scroll);
}

static void
set_cursor (AsternCodeQuestion *question)
{
  if (question->cursor_row < 0 || question->lines->len == 0)
    return;
  put_cursor (question, g_array_index (question->lines, AsternCodeLine,
                                       MIN ((guint) question->cursor_row, question->lines->len - 1)).linear);
}

/* ---- what ---- */

static void
read_place (AsternCodeQuestion *question, AsternCpu *cpu)
{
  const X86State *state = cpu->state;
  AsternCodePlace place;

  cpu->klass->code_place (cpu, &place);
  question->bits = place.bits;
  question->base = place.base;
  question->pc = place.linear;
  question->selector = state->seg[X86_CS].selector;
  question->rflags = state->rflags;
}

static void
read_points (AsternSession *session, AsternCodeQuestion *question)
{
  AsternPoints *points = astern_debugger_points (session->debugger);

  for (guint i = 0; i < astern_points_count (points); i++)
    {
      const AsternPoint *point = astern_points_at (points, i);
      AsternCodePoint code = { point->id, point->space, point->start, point->size, 0 };

      if (point->kind != ASTERN_POINT_EXECUTE)
        continue;
      code.flags = (point->owner == astern_run_client (question->run) ? ASTERN_CODE_POINT : ASTERN_CODE_OTHERS)
                   | (point->enabled ? 0 : ASTERN_CODE_DISABLED) | (point->temporary ? ASTERN_CODE_TEMPORARY : 0)
                   | (point->condition != NULL || point->holds != NULL || point->ignore > 0 || point->log_only
                      ? ASTERN_CODE_CONDITIONAL : 0);
      g_array_append_val (question->points, code);
    }
}

static gboolean
add_name (const AsternSymbol *symbol, gpointer data)
{
  GPtrArray *names = data;

  g_ptr_array_add (names, g_strdup (symbol->name));
  return names->len < ASTERN_CODE_NAMES;
}

static void
complete (AsternSession *session, AsternCodeQuestion *question)
{
  GPtrArray *names = g_ptr_array_new ();

  astern_symbols_complete (session->launch->symbols, question->prefix, add_name, names);
  g_ptr_array_add (names, NULL);
  question->names = (char **) g_ptr_array_free (names, FALSE);
}

void
astern_disassembly_look (AsternSession *session, gpointer data)
{
  AsternCodeQuestion *question = data;
  AsternMachine *machine = session->launch->machine;
  AsternCpu *cpu = machine->cpus[MIN (question->cpu, machine->n_cpus - 1)];
  Reader reader = { session, cpu };
  g_autoptr (AsternDisassembler) disassembler = astern_disassembler_new (describe, session);
  AsternCodeSource source = { .disassembler = disassembler, .read = read_bytes, .translate = translate, .symbol = find_symbol,
                              .data = &reader };

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  question->running = astern_debugger_is_running (session->debugger);
  question->lines = g_array_new (FALSE, TRUE, sizeof (AsternCodeLine));
  question->points = g_array_new (FALSE, TRUE, sizeof (AsternCodePoint));
  read_points (session, question);
  if (question->prefix != NULL)
    complete (session, question);
  if (question->running && !question->reads)
    return;
  question->reads = TRUE;
  read_place (question, cpu);
  astern_disassembler_set_syntax (disassembler, question->syntax);
  source.bits = question->bits;
  source.base = question->base;
  source.selector = question->selector;
  source.pc = question->pc;
  find_place (session, question, &source);
  astern_code_read (&source, &question->top, question->rows, question->lines);
  set_cursor (question);
  question->moment = astern_timeline_present (astern_debugger_timeline (session->debugger));
}

void
astern_disassembly_free_question (gpointer data)
{
  AsternCodeQuestion *question = data;

  g_clear_pointer (&question->lines, g_array_unref);
  g_clear_pointer (&question->points, g_array_unref);
  g_free (question->go_text);
  g_free (question->prefix);
  g_free (question->wrong);
  g_strfreev (question->names);
  g_object_unref (question->run);
  g_free (question);
}
