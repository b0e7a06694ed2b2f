/* segments-view.c - see segments-view.h. */
#include "config.h"

#include "gui/segments-view.h"

#include "gui/segment-rows.h"

struct _AsternSegmentsView
{
  AsternView  parent_instance;
  AsternRows *rows;

  GtkWidget  *tree;
};

G_DEFINE_FINAL_TYPE (AsternSegmentsView, astern_segments_view, ASTERN_TYPE_VIEW)

typedef struct
{
  guint          cpu;
  GHashTable    *unfolded;
  AsternRowList *rows;
} Question;

static gpointer
ask (AsternView *view)
{
  Question *question = g_new0 (Question, 1);

  question->cpu = astern_run_status (astern_view_run (view))->cpu;
  question->unfolded = astern_rows_unfolded (ASTERN_SEGMENTS_VIEW (view)->rows);
  return question;
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  Question *question = data;
  AsternMachine *machine = session->launch->machine;
  AsternCpu *cpu = machine->cpus[MIN (question->cpu, machine->n_cpus - 1)];

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  question->rows = astern_row_list_new ();
  astern_segment_rows_add (question->rows, session, cpu, question->unfolded);
}

static void
show (AsternView *view, gpointer data)
{
  Question *question = data;

  if (question->rows != NULL)
    astern_rows_show (ASTERN_SEGMENTS_VIEW (view)->rows, g_steal_pointer (&question->rows),
                      astern_run_status (astern_view_run (view))->serial);
}

static void
free_question (gpointer data)
{
  Question *question = data;

  g_clear_pointer (&question->rows, astern_row_list_free);
  g_hash_table_unref (question->unfolded);
  g_free (question);
}

static void
run_changed (AsternView *view)
{
  astern_rows_clear (ASTERN_SEGMENTS_VIEW (view)->rows);
}

/* A gate's handler, a segment's memory. */
static void
on_row_activated (AsternSegmentsView *self)
{
  guint64 address;
  guint flags;

  if (astern_rows_selected (self->rows, NULL, &address, &flags) && (flags & (ASTERN_SEGMENT_CODE | ASTERN_SEGMENT_MEMORY)))
    astern_view_request (ASTERN_VIEW (self), flags & ASTERN_SEGMENT_CODE ? ASTERN_SHOW_CODE : ASTERN_SHOW_MEMORY, address);
}

static void
finalize (GObject *object)
{
  astern_rows_free (ASTERN_SEGMENTS_VIEW (object)->rows);
  G_OBJECT_CLASS (astern_segments_view_parent_class)->finalize (object);
}

static void
astern_segments_view_class_init (AsternSegmentsViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = free_question;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/segments-view.ui");
  gtk_widget_class_bind_template_child (widget, AsternSegmentsView, tree);
  gtk_widget_class_bind_template_callback (widget, on_row_activated);
}

static void
astern_segments_view_init (AsternSegmentsView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = astern_rows_new (GTK_TREE_VIEW (self->tree), ASTERN_SEGMENT_PLACE, (void (*) (gpointer)) astern_view_refresh, self);
}
