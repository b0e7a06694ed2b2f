/* source-look.c - see source-look.h. */
#include "config.h"

#include "gui/source-look.h"

#include "launch/unwind.h"

#include <string.h>

#include <glib/gi18n.h>

void
astern_source_question_free (AsternSourceQuestion *question)
{
  g_free (question->file);
  g_free (question->hover);
  g_clear_pointer (&question->unfolded, g_hash_table_unref);
  g_free (question->frame_file);
  g_free (question->frame_function);
  g_clear_pointer (&question->code, g_array_unref);
  g_clear_pointer (&question->marks, g_array_unref);
  g_clear_pointer (&question->files, g_ptr_array_unref);
  g_free (question->hover_text);
  g_clear_pointer (&question->values, astern_row_list_free);
  g_free (question);
}

/* ---- lines with code ---- */

static void
note_line (guint line, guint64 address, gpointer data)
{
  AsternSourceCode code = { line, address };

  g_array_append_val ((GArray *) data, code);
}

static int
compare_code (gconstpointer a, gconstpointer b)
{
  const AsternSourceCode *x = a, *y = b;

  if (x->line != y->line)
    return x->line < y->line ? -1 : 1;
  return x->address < y->address ? -1 : x->address > y->address;
}

static GArray *
code_of (AsternDebugInfo *info, const char *file)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (AsternSourceCode));
  guint n = 0;

  astern_debug_info_each_line (info, file, note_line, all);
  g_array_sort (all, compare_code);
  for (guint i = 0; i < all->len; i++)
    {
      AsternSourceCode code = g_array_index (all, AsternSourceCode, i);

      if (n == 0 || g_array_index (all, AsternSourceCode, n - 1).line != code.line)
        g_array_index (all, AsternSourceCode, n++) = code;
    }
  g_array_set_size (all, n);
  return all;
}

const AsternSourceCode *
astern_source_code_at (GArray *code, guint line)
{
  guint low = 0, high = code->len;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (g_array_index (code, AsternSourceCode, middle).line < line)
        low = middle + 1;
      else
        high = middle;
    }
  return low < code->len ? &g_array_index (code, AsternSourceCode, low) : NULL;
}

/* ---- breakpoints ---- */

static gboolean
is_on_code (const AsternPoint *point)
{
  return point->kind == ASTERN_POINT_EXECUTE && point->space != ASTERN_SPACE_PHYSICAL && !point->temporary;
}

static GArray *
marks_of (AsternSession *session, const char *file)
{
  GArray *marks = g_array_new (FALSE, FALSE, sizeof (AsternSourceMark));
  AsternPoints *points = astern_debugger_points (session->debugger);

  for (guint i = 0; file != NULL && i < astern_points_count (points); i++)
    {
      const AsternPoint *point = astern_points_at (points, i);
      AsternSourcePlace place;
      AsternSourceMark mark;

      if (!is_on_code (point) || astern_debug_info_places (session->launch->debug_info, point->start, &place, 1) == 0 ||
          g_strcmp0 (place.file, file) != 0)
        continue;
      mark = (AsternSourceMark) { place.line, point->enabled };
      g_array_append_val (marks, mark);
    }
  return marks;
}

typedef struct
{
  AsternRun *run;
  char      *file;
  guint      line;
} Toggle;

static void
free_toggle (gpointer data)
{
  Toggle *toggle = data;

  g_object_unref (toggle->run);
  g_free (toggle->file);
  g_free (toggle);
}

/* Whoever made them: the mark in the margin does not tell. */
static gboolean
remove_points (AsternSession *session, GArray *addresses)
{
  AsternPoints *points = astern_debugger_points (session->debugger);
  gboolean removed = FALSE;

  for (guint i = astern_points_count (points); i-- > 0;)
    {
      AsternPoint *point = astern_points_at (points, i);

      for (guint j = 0; is_on_code (point) && j < addresses->len; j++)
        if (point->start == g_array_index (addresses, guint64, j))
          {
            astern_debugger_remove_point (session->debugger, point);
            removed = TRUE;
            break;
          }
    }
  return removed;
}

static void
add_points (AsternSession *session, Toggle *toggle, guint line, GArray *addresses)
{
  g_autofree char *base = g_path_get_basename (toggle->file);

  for (guint i = 0; i < addresses->len; i++)
    {
      g_autoptr (GError) error = NULL;
      AsternPoint point = { .kind = ASTERN_POINT_EXECUTE, .space = ASTERN_SPACE_LINEAR,
                            .start = g_array_index (addresses, guint64, i), .size = 1, .address_space = ASTERN_POINT_ANY,
                            .error_code = ASTERN_POINT_ANY, .cpu = ASTERN_POINT_ANY, .enabled = TRUE };

      point.text = g_strdup_printf ("break %s:%u", base, line);
      if (astern_debugger_add_point (session->debugger, astern_run_client (toggle->run), &point, &error) == NULL)
        {
          astern_run_say (toggle->run, error->message);
          return;
        }
    }
}

/* The machine's thread. */
static void
do_toggle (AsternSession *session, gpointer data)
{
  Toggle *toggle = data;
  g_autoptr (GArray) addresses = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint line = astern_debug_info_addresses (session->launch->debug_info, toggle->file, toggle->line, addresses);

  if (line == 0)
    {
      g_autofree char *text = g_strdup_printf (_("There is no code at line %u or behind it."), toggle->line);

      astern_run_say (toggle->run, text);
    }
  else if (!remove_points (session, addresses))
    add_points (session, toggle, line, addresses);
}

void
astern_source_toggle (AsternRun *run, const char *file, guint line)
{
  Toggle *toggle = g_new (Toggle, 1);

  *toggle = (Toggle) { g_object_ref (run), g_strdup (file), line };
  astern_run_call (run, do_toggle, toggle, free_toggle);
}

/* ---- who wrote it ---- */

typedef struct
{
  AsternRun *run;
  guint64    address, size;
} Written;

static void
free_written (gpointer data)
{
  g_object_unref (((Written *) data)->run);
  g_free (data);
}

/* The machine's thread. */
static void
do_who_wrote (AsternSession *session, gpointer data)
{
  Written *written = data;
  g_autoptr (GError) error = NULL;

  if (!astern_debugger_who_wrote (session->debugger, astern_run_client (written->run), ASTERN_SPACE_LINEAR, written->address,
                                  written->size, &error))
    astern_run_say (written->run, error->message);
}

void
astern_source_who_wrote (AsternRun *run, guint64 address, guint64 size)
{
  Written *written = g_new (Written, 1);

  *written = (Written) { g_object_ref (run), address, size };
  astern_run_call (run, do_who_wrote, written, free_written);
}

/* ---- values ---- */

typedef struct
{
  AsternSourceQuestion *question;
  const char           *function;
} Values;

/* FNV-1a: what is unfolded is remembered by it. */
static guint64
key_of (const Values *values, const char *path)
{
  guint64 hash = 0xcbf29ce484222325;

  for (const char *at = values->function; *at != '\0'; at++)
    hash = (hash ^ (guchar) *at) * 0x100000001b3;
  for (const char *at = path; *at != '\0'; at++)
    hash = (hash ^ (guchar) *at) * 0x100000001b3;
  return hash != 0 ? hash : 1;
}

static gboolean
is_unfolded (const char *path, gpointer data)
{
  const Values *values = data;

  return values->question->unfolded != NULL && astern_rows_is_in (values->question->unfolded, key_of (values, path));
}

static void
add_values (AsternSourceQuestion *question, AsternDebugInfo *info, const AsternFrame *frame, const AsternFrameMemory *memory)
{
  Values values = { question, frame->function != NULL ? frame->function : "" };
  g_autoptr (GPtrArray) rows = astern_debug_info_variables (info, &frame->registers, memory, frame->inline_level, is_unfolded, &values);

  for (guint i = 0; i < rows->len; i++)
    {
      const AsternVariable *variable = g_ptr_array_index (rows, i);
      AsternRow *row = astern_row_list_add (question->values, variable->depth, key_of (&values, variable->path));

      row->address = variable->address;
      row->flags = (variable->has_children ? ASTERN_ROW_LAZY : 0) | (variable->has_address ? ASTERN_VALUE_IN_MEMORY : 0)
                   | (guint) MIN (variable->size, ASTERN_VALUE_LARGEST) * ASTERN_VALUE_SIZE;
      astern_row_list_set (question->values, ASTERN_VALUE_NAME, variable->name);
      astern_row_list_set (question->values, ASTERN_VALUE_VALUE, variable->value);
      astern_row_list_set (question->values, ASTERN_VALUE_TYPE, variable->type);
    }
}

static void
answer_hover (AsternSourceQuestion *question, AsternDebugInfo *info, const AsternFrame *frame, const AsternFrameMemory *memory)
{
  g_autoptr (AsternVariable) variable = astern_debug_info_evaluate (info, &frame->registers, memory, frame->inline_level,
                                                                   question->hover);

  if (variable != NULL)
    question->hover_text = g_strdup_printf ("%s = %s\n%s", question->hover, variable->value, variable->type);
}

/* ---- the look ---- */

static void
copy_files (AsternSourceQuestion *question, AsternDebugInfo *info)
{
  guint serial = astern_debug_info_serial (info);
  g_autoptr (GPtrArray) files = NULL;

  if (serial == question->info_serial)
    return;
  question->info_serial = serial;
  files = astern_debug_info_files (info);
  question->files = g_ptr_array_new_full (files->len, g_free);
  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (question->files, g_strdup (g_ptr_array_index (files, i)));
}

static void
notice_moves (AsternSession *session, AsternSourceQuestion *question)
{
  AsternFrameChoice now = { astern_frame_choice_index (&question->choice, session),
                            astern_clock_moment (&session->launch->machine->clock) };

  question->follow |= now.index != question->followed.index || astern_moment_compare (now.at, question->followed.at) != 0;
  question->followed = now;
}

void
astern_source_look (AsternSession *session, AsternSourceQuestion *question)
{
  AsternDebugInfo *info = session->launch->debug_info;
  AsternStackReader reader = { session->debugger, question->cpu };
  AsternFrameMemory memory = astern_stack_memory (&reader);
  g_autoptr (AsternStack) stack = NULL;
  const AsternFrame *frame;

  notice_moves (session, question);
  question->values = astern_row_list_new ();
  question->has_info = !astern_debug_info_is_empty (info);
  if (!question->has_info)
    return;
  stack = astern_unwind (session->launch, session->debugger, question->cpu, question->followed.index + 1);
  frame = &g_array_index (stack->frames, AsternFrame, MIN (question->followed.index, stack->frames->len - 1));
  question->frame_file = g_strdup (frame->place.file);
  question->frame_line = frame->place.line;
  question->frame_function = g_strdup (frame->function);
  question->frame_address = frame->registers.registers[ASTERN_FRAME_PC];
  if (question->follow && frame->place.file != NULL && g_strcmp0 (question->file, frame->place.file) != 0)
    {
      g_free (question->file);
      question->file = g_strdup (frame->place.file);
      question->wants_code = TRUE;
    }
  if (question->wants_code && question->file != NULL)
    question->code = code_of (info, question->file);
  question->marks = marks_of (session, question->file);
  copy_files (question, info);
  add_values (question, info, frame, &memory);
  if (question->hover != NULL)
    answer_hover (question, info, frame, &memory);
}
