/* stack-view.c - see stack-view.h. */
#include "config.h"

#include "gui/stack-view.h"

#include "gui/dock.h"
#include "gui/frames.h"
#include "gui/rows.h"
#include "gui/stack-words.h"
#include "launch/unwind.h"

#include <string.h>

#include <glib/gi18n.h>

enum { COLUMN_NUMBER, COLUMN_FUNCTION, COLUMN_PLACE, COLUMN_ADDRESS, COLUMN_FOUND };
enum { HAS_SOURCE = ASTERN_ROW_OWN };
enum { MOST_FRAMES = 64, N_WORDS = 128 };

struct _AsternStackView
{
  AsternView  parent_instance;
  AsternRows *frames, *words;
  AsternRun  *watched;          /* (nullable) whose choice is heard of */

  GtkWidget *pages, *frames_tree, *words_tree, *end;
};

G_DEFINE_FINAL_TYPE (AsternStackView, astern_stack_view, ASTERN_TYPE_VIEW)

/* ---- looking ---- */

typedef struct
{
  guint          cpu, chosen;
  AsternFrameChoice choice;
  gboolean       wants_words;
  AsternRowList *frames, *words;      /* one of them */
  char          *end;
} Question;

static gboolean
shows_words (AsternStackView *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->pages)), "words") == 0;
}

static gpointer
ask (AsternView *view)
{
  Question *question = g_new0 (Question, 1);
  AsternRun *run = astern_view_run (view);

  question->cpu = astern_run_status (run)->cpu;
  question->choice = astern_frames_chosen (run);
  question->wants_words = shows_words (ASTERN_STACK_VIEW (view));
  return question;
}

static void
free_question (gpointer data)
{
  Question *question = data;

  g_clear_pointer (&question->frames, astern_row_list_free);
  g_clear_pointer (&question->words, astern_row_list_free);
  g_free (question->end);
  g_free (question);
}

static const char *
found_text (const AsternFrame *frame)
{
  static const char *const texts[] = {
    [ASTERN_FOUND_PRESENT] = N_("the CPU is here"), [ASTERN_FOUND_CFI] = N_("frame information"),
    [ASTERN_FOUND_ENTRY] = N_("just called"), [ASTERN_FOUND_FRAME_POINTER] = N_("frame pointer"),
    [ASTERN_FOUND_INTERRUPT] = N_("interrupted"), [ASTERN_FOUND_GUESS] = N_("a guess"),
  };

  return frame->place.inlined ? _("inlined") : _(texts[frame->found]);
}

static void
add_frame (AsternSession *session, const Question *question, AsternStack *stack, guint i)
{
  const AsternFrame *frame = &g_array_index (stack->frames, AsternFrame, i);
  guint64 pc = frame->registers.registers[ASTERN_FRAME_PC];
  g_autofree char *symbol = astern_symbols_describe (session->launch->symbols, pc);
  AsternRow *row = astern_row_list_add (question->frames, 0, i + 1);

  row->address = pc;
  row->flags = (i == question->chosen ? ASTERN_ROW_STRONG : 0) | (frame->place.file != NULL ? HAS_SOURCE : 0);
  astern_row_list_printf (question->frames, COLUMN_NUMBER, "%u", i);
  astern_row_list_set (question->frames, COLUMN_FUNCTION, frame->function != NULL ? frame->function : "?");
  if (frame->place.file != NULL)
    {
      g_autofree char *name = g_path_get_basename (frame->place.file);

      astern_row_list_printf (question->frames, COLUMN_PLACE, "%s:%u", name, frame->place.line);
    }
  astern_row_list_printf (question->frames, COLUMN_ADDRESS, "%0*" G_GINT64_MODIFIER "x%s%s%s", frame->bits == 64 ? 16 : 8, pc,
                          symbol != NULL ? " <" : "", symbol != NULL ? symbol : "", symbol != NULL ? ">" : "");
  astern_row_list_set (question->frames, COLUMN_FOUND, found_text (frame));
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  Question *question = data;
  g_autoptr (AsternStack) stack = NULL;

  if (question->wants_words)
    {
      question->words = astern_row_list_new ();
      astern_stack_words (session, question->cpu, N_WORDS, question->words);
      if (question->words->rows->len == 0)
        question->end = g_strdup (_("There is no memory where the stack pointer points."));
      return;
    }
  stack = astern_unwind (session->launch, session->debugger, question->cpu, MOST_FRAMES);
  question->frames = astern_row_list_new ();
  question->chosen = astern_frame_choice_index (&question->choice, session);
  for (guint i = 0; i < stack->frames->len; i++)
    add_frame (session, question, stack, i);
  question->end = g_strdup (stack->end);
}

static void
show (AsternView *view, gpointer data)
{
  AsternStackView *self = ASTERN_STACK_VIEW (view);
  Question *question = data;
  guint serial = astern_run_status (astern_view_run (view))->serial;

  if (question->frames != NULL)
    astern_rows_show (self->frames, g_steal_pointer (&question->frames), serial);
  if (question->words != NULL)
    astern_rows_show (self->words, g_steal_pointer (&question->words), serial);
  gtk_label_set_text (GTK_LABEL (self->end), question->end != NULL ? question->end : "");
  gtk_widget_set_visible (self->end, question->end != NULL);
}

/* ---- what the user does ---- */

static gboolean
is_source (AsternDock *dock, AsternView *source)
{
  return source != NULL && gtk_widget_get_mapped (GTK_WIDGET (source));
}

/* Its code is shown; and where its source was seen before, that is seen then too. */
static void
on_frame_activated (AsternStackView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  AsternDock *dock = ASTERN_DOCK (gtk_widget_get_ancestor (GTK_WIDGET (self), ASTERN_TYPE_DOCK));
  guint64 key, address;
  guint flags;
  gboolean source;

  if (run == NULL || !astern_rows_selected (self->frames, &key, &address, &flags))
    return;
  source = dock != NULL && is_source (dock, astern_dock_find (dock, "source"));
  astern_frames_choose (run, (guint) key - 1);
  astern_view_request (ASTERN_VIEW (self), ASTERN_SHOW_CODE, address);
  if (source && (flags & HAS_SOURCE) != 0)
    astern_dock_show (dock, "source");
}

static void
on_word_activated (AsternStackView *self)
{
  guint64 key, address;
  guint flags;

  if (!astern_rows_selected (self->words, &key, &address, &flags))
    return;
  if ((flags & ASTERN_WORD_CODE) != 0)
    astern_view_request (ASTERN_VIEW (self), ASTERN_SHOW_CODE, address);
  else
    astern_view_request (ASTERN_VIEW (self), ASTERN_SHOW_MEMORY, key - 1);
}

static void
on_page_changed (AsternStackView *self)
{
  astern_view_refresh (ASTERN_VIEW (self));
}

static gboolean
code_cursor (AsternView *view, guint64 *address)
{
  AsternStackView *self = ASTERN_STACK_VIEW (view);
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (gtk_widget_get_toplevel (GTK_WIDGET (view))));
  guint64 key;
  guint flags;

  return focus == self->frames_tree && astern_rows_selected (self->frames, &key, address, &flags);
}

/* ---- the object ---- */

static void
run_changed (AsternView *view)
{
  AsternStackView *self = ASTERN_STACK_VIEW (view);
  AsternRun *run = astern_view_run (view);

  if (self->watched != NULL)
    astern_frames_forget (self->watched, G_CALLBACK (astern_view_refresh), self);
  g_set_object (&self->watched, run);
  if (run != NULL)
    astern_frames_watch (run, G_CALLBACK (astern_view_refresh), self);
  if (self->frames == NULL)
    return;
  astern_rows_clear (self->frames);
  astern_rows_clear (self->words);
  gtk_widget_hide (self->end);
}

static void
finalize (GObject *object)
{
  AsternStackView *self = ASTERN_STACK_VIEW (object);

  g_clear_object (&self->watched);
  astern_rows_free (self->frames);
  astern_rows_free (self->words);
  G_OBJECT_CLASS (astern_stack_view_parent_class)->finalize (object);
}

static void
astern_stack_view_class_init (AsternStackViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = free_question;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  ASTERN_VIEW_CLASS (klass)->code_cursor = code_cursor;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/stack-view.ui");
  gtk_widget_class_bind_template_child (widget, AsternStackView, pages);
  gtk_widget_class_bind_template_child (widget, AsternStackView, frames_tree);
  gtk_widget_class_bind_template_child (widget, AsternStackView, words_tree);
  gtk_widget_class_bind_template_child (widget, AsternStackView, end);
  gtk_widget_class_bind_template_callback (widget, on_frame_activated);
  gtk_widget_class_bind_template_callback (widget, on_word_activated);
  gtk_widget_class_bind_template_callback (widget, on_page_changed);
}

static void
astern_stack_view_init (AsternStackView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->frames = astern_rows_new (GTK_TREE_VIEW (self->frames_tree), -1, (void (*) (gpointer)) astern_view_refresh, self);
  self->words = astern_rows_new (GTK_TREE_VIEW (self->words_tree), ASTERN_WORD_VALUE, (void (*) (gpointer)) astern_view_refresh,
                                 self);
}
