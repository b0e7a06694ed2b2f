/* events-view.c - see events-view.h.
 *
 * At most MOST_KEPT events are kept, the latest of the stretch.
 *
 * Left out: names of system calls, which are an operating system's. */
#include "config.h"

#include "gui/events-view.h"

#include "gui/event-format.h"
#include "gui/past.h"
#include "session/evaluate.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#define MOST_KEPT 20000

enum { COLUMN_MOMENT, COLUMN_TIME, COLUMN_CPU, COLUMN_KIND, COLUMN_DETAILS, COLUMN_PLACE, COLUMN_HAPPENING, N_COLUMNS };

typedef struct
{
  GQueue        events;        /* AsternHappening, owned */
  guint64       n_found;
  AsternStretch stretch;
  gint64        took_us;
} Answer;

struct _AsternEventsView
{
  AsternView    parent_instance;
  Answer       *answer;        /* (nullable) what is shown */
  GCancellable *asking;        /* (nullable) */
  GtkListStore *store;
  const char   *why;           /* (nullable) constant: why there is no history, as it is shown */

  GtkWidget *kinds, *stretch, *look, *give_up, *filter, *watch, *tree, *summary;
  GtkWidget *buttons[ASTERN_N_HAPPENED];
};

G_DEFINE_FINAL_TYPE (AsternEventsView, astern_events_view, ASTERN_TYPE_VIEW)

/* ---- looking, on the machine's thread ---- */

typedef struct
{
  const AsternPastChoice *choice;
  guint                   kinds, cpu;
  char                   *watch;     /* an expression */
} Question;

typedef struct
{
  AsternMachine *machine;
  Answer        *answer;
} Collecting;

static void
free_question (gpointer data)
{
  Question *question = data;

  g_free (question->watch);
  g_free (question);
}

static void
free_answer (gpointer data)
{
  Answer *answer = data;

  g_queue_clear_full (&answer->events, (GDestroyNotify) astern_happening_free);
  g_free (answer);
}

static void
keep (Answer *answer, AsternHappening *happening)
{
  answer->n_found++;
  if (answer->events.length >= MOST_KEPT)
    astern_happening_free (g_queue_pop_head (&answer->events));
  g_queue_push_tail (&answer->events, happening);
}

static gboolean
collect (gpointer user, const AsternHit *hit)
{
  Collecting *collecting = user;

  keep (collecting->answer, astern_happening_new (hit, astern_clock_now_ns (&collecting->machine->clock)));
  return TRUE;
}

static void
collect_logged (gpointer user, AsternEventKind kind, const char *text)
{
  Collecting *collecting = user;
  AsternMachine *machine = collecting->machine;

  keep (collecting->answer, astern_happening_logged (text, machine->running_cpu, astern_clock_moment (&machine->clock),
                                                     astern_clock_now_ns (&machine->clock)));
}

static gboolean
watched (AsternSession *session, const Question *question, guint64 *address, GError **error)
{
  AsternCpu *cpu = session->launch->machine->cpus[question->cpu];

  *address = 0;
  if (!(question->kinds >> ASTERN_HAPPENED_WATCHED & 1))
    return TRUE;
  if (question->watch[0] == '\0')
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("Which memory?  Give the address of 8 bytes to watch."));
      return FALSE;
    }
  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  return astern_evaluate (cpu, &session->launch->names, question->watch, address, error);
}

static gpointer
look_back (AsternSession *session, AsternClient *client, gpointer data, GError **error)
{
  const Question *question = data;
  AsternMachine *machine = session->launch->machine;
  g_autoptr (GArray) points = NULL;
  Collecting collecting = { machine, NULL };
  AsternTraceRequest request = { .stretch = astern_past_stretch (session->debugger, question->choice), .hit = collect,
                                 .user = &collecting };
  AsternTraceResult result;
  guint64 address;

  if (!watched (session, question, &address, error))
    return NULL;
  points = astern_happened_points (machine, question->kinds, ASTERN_SPACE_LINEAR, address, 8);
  request.points = (const AsternPoint *) points->data;
  request.n_points = points->len;
  if (question->kinds >> ASTERN_HAPPENED_LOGGED & 1)
    {
      request.logged = collect_logged;
      request.events = 1u << ASTERN_EVENT_GUEST_ERRORS | 1u << ASTERN_EVENT_UNIMP;
    }
  collecting.answer = g_new0 (Answer, 1);
  if (!astern_debugger_trace (session->debugger, client, &request, &result, error))
    {
      free_answer (collecting.answer);
      return NULL;
    }
  for (GList *l = collecting.answer->events.head; l != NULL; l = l->next)
    astern_happening_name_place (l->data, session->launch->symbols);
  collecting.answer->stretch = result.stretch;
  collecting.answer->took_us = result.took_us;
  return collecting.answer;
}

/* ---- showing ---- */

/* While nothing was looked for: how to, or why not. */
static const char *
hint (const AsternEventsView *self)
{
  return self->why != NULL ? self->why : _("What happened before the present is found by executing it again.");
}

static void
show_summary (AsternEventsView *self, guint n_shown)
{
  const Answer *answer = self->answer;
  char first[ASTERN_MOMENT_TEXT], last[ASTERN_MOMENT_TEXT];
  g_autofree char *text = NULL;

  if (answer == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->summary), hint (self));
      return;
    }
  text = g_strdup_printf (_("%u of %" PRIu64 " events from %s to %s%s"), n_shown, answer->n_found,
                          astern_moment_format (answer->stretch.from, first), astern_moment_format (answer->stretch.to, last),
                          answer->n_found > answer->events.length ? _("; of so many the last ones are kept") : "");
  gtk_label_set_text (GTK_LABEL (self->summary), text);
}

static void
append_row (AsternEventsView *self, AsternHappening *happening)
{
  char moment[ASTERN_MOMENT_TEXT];
  g_autofree char *time = astern_happening_time (happening);

  gtk_list_store_insert_with_values (self->store, NULL, -1, COLUMN_MOMENT, astern_moment_format (happening->before, moment),
                                     COLUMN_TIME, time, COLUMN_CPU, happening->cpu,
                                     COLUMN_KIND, astern_happened_name (happening->kind), COLUMN_DETAILS, happening->details,
                                     COLUMN_PLACE, happening->place, COLUMN_HAPPENING, happening, -1);
}

/* The model is away meanwhile: the tree would follow each row. */
static void
fill (AsternEventsView *self)
{
  const char *filter = gtk_entry_get_text (GTK_ENTRY (self->filter));
  guint n = 0;

  gtk_tree_view_set_model (GTK_TREE_VIEW (self->tree), NULL);
  gtk_list_store_clear (self->store);
  for (GList *l = self->answer != NULL ? self->answer->events.head : NULL; l != NULL; l = l->next)
    if (astern_happening_matches (l->data, filter))
      {
        append_row (self, l->data);
        n++;
      }
  gtk_tree_view_set_model (GTK_TREE_VIEW (self->tree), GTK_TREE_MODEL (self->store));
  show_summary (self, n);
}

static void
scroll_to_end (AsternEventsView *self)
{
  gint n = gtk_tree_model_iter_n_children (GTK_TREE_MODEL (self->store), NULL);
  g_autoptr (GtkTreePath) path = n > 0 ? gtk_tree_path_new_from_indices (n - 1, -1) : NULL;

  if (path != NULL)
    gtk_tree_view_scroll_to_cell (GTK_TREE_VIEW (self->tree), path, NULL, FALSE, 0, 0);
}

static void
update_buttons (AsternEventsView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  const AsternRunStatus *status = run != NULL ? astern_run_status (run) : NULL;
  gboolean can = status != NULL && status->state == ASTERN_RUN_STOPPED && status->has_history && self->asking == NULL;

  gtk_widget_set_sensitive (self->look, can);
  gtk_widget_set_sensitive (self->give_up, self->asking != NULL);
  gtk_widget_set_sensitive (self->watch,
                            gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->buttons[ASTERN_HAPPENED_WATCHED])));
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AsternEventsView) self = data;
  g_autoptr (GError) error = NULL;
  Answer *answer = astern_past_finish (result, &error);
  gboolean current = self->asking != NULL && self->asking == g_task_get_cancellable (G_TASK (result));

  if (!current)
    {
      g_clear_pointer (&answer, free_answer);
      return;
    }
  g_clear_object (&self->asking);
  update_buttons (self);
  if (answer == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->summary), error->message);
      return;
    }
  g_clear_pointer (&self->answer, free_answer);
  self->answer = answer;
  fill (self);
  scroll_to_end (self);
}

/* ---- the user ---- */

static guint
wanted (AsternEventsView *self)
{
  guint kinds = 0;

  for (guint kind = 0; kind < ASTERN_N_HAPPENED; kind++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->buttons[kind])))
      kinds |= 1u << kind;
  return kinds;
}

static void
on_look (AsternEventsView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Question *question;

  if (run == NULL || self->asking != NULL)
    return;
  question = g_new (Question, 1);
  *question = (Question) { astern_past_choice (gtk_combo_box_get_active_id (GTK_COMBO_BOX (self->stretch))), wanted (self),
                           astern_run_status (run)->cpu, g_strstrip (g_strdup (gtk_entry_get_text (GTK_ENTRY (self->watch)))) };
  self->asking = g_cancellable_new ();
  gtk_label_set_text (GTK_LABEL (self->summary), _("Executing it again…"));
  update_buttons (self);
  astern_past_ask (run, look_back, question, free_question, free_answer, self->asking, on_answer, g_object_ref (self));
}

static void
on_give_up (AsternEventsView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));

  if (run != NULL && self->asking != NULL)
    astern_run_cancel (run);
}

static void
on_row_activated (AsternEventsView *self, GtkTreePath *path)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  AsternHappening *happening;
  GtkTreeIter iter;

  if (run == NULL || !gtk_tree_model_get_iter (GTK_TREE_MODEL (self->store), &iter, path))
    return;
  gtk_tree_model_get (GTK_TREE_MODEL (self->store), &iter, COLUMN_HAPPENING, &happening, -1);
  astern_run_goto (run, happening->before);
}

static void
on_filter_changed (AsternEventsView *self)
{
  if (self->answer != NULL)
    fill (self);
}

/* ---- the view ---- */

static void
forget (AsternEventsView *self)
{
  g_clear_object (&self->asking);      /* its answer is nobody's */
  gtk_list_store_clear (self->store);
  g_clear_pointer (&self->answer, free_answer);
}

/* What was found is of a history that ended when its engine was followed by one that has none. */
static void
on_changed (AsternEventsView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  const char *why = run != NULL ? astern_run_status (run)->no_history : NULL;

  if (why != self->why)
    {
      self->why = why;
      forget (self);
      fill (self);
    }
  update_buttons (self);
}

static void
run_changed (AsternView *view)
{
  AsternEventsView *self = ASTERN_EVENTS_VIEW (view);
  AsternRun *run = astern_view_run (view);

  if (self->store == NULL)
    return;
  forget (self);
  fill (self);
  on_changed (self);
  if (run != NULL)
    g_signal_connect_object (run, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
}

static void
dispose (GObject *object)
{
  AsternEventsView *self = ASTERN_EVENTS_VIEW (object);

  if (self->store != NULL)
    forget (self);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (astern_events_view_parent_class)->dispose (object);
}

static void
astern_events_view_class_init (AsternEventsViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  ASTERN_VIEW_CLASS (klass)->while_running = TRUE;      /* what has happened stays so */
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/events-view.ui");
#define CHILD(name) gtk_widget_class_bind_template_child (widget, AsternEventsView, name)
  CHILD (kinds);
  CHILD (stretch);
  CHILD (look);
  CHILD (give_up);
  CHILD (filter);
  CHILD (watch);
  CHILD (tree);
  CHILD (summary);
#undef CHILD
  gtk_widget_class_bind_template_callback (widget, on_look);
  gtk_widget_class_bind_template_callback (widget, on_give_up);
  gtk_widget_class_bind_template_callback (widget, on_row_activated);
  gtk_widget_class_bind_template_callback (widget, on_filter_changed);
}

static void
add_column (AsternEventsView *self, const char *title, gint column, gint width)
{
  GtkCellRenderer *cell = gtk_cell_renderer_text_new ();
  GtkTreeViewColumn *shown = gtk_tree_view_column_new_with_attributes (title, cell, "text", column, NULL);

  gtk_tree_view_column_set_sizing (shown, GTK_TREE_VIEW_COLUMN_FIXED);
  gtk_tree_view_column_set_fixed_width (shown, width);
  gtk_tree_view_column_set_resizable (shown, TRUE);
  gtk_tree_view_append_column (GTK_TREE_VIEW (self->tree), shown);
}

static void
astern_events_view_init (AsternEventsView *self)
{
  static const guint at_first = 1u << ASTERN_HAPPENED_INTERRUPT | 1u << ASTERN_HAPPENED_EXCEPTION | 1u << ASTERN_HAPPENED_SYSCALL
                                | 1u << ASTERN_HAPPENED_MODE | 1u << ASTERN_HAPPENED_LOGGED;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->store = gtk_list_store_new (N_COLUMNS, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
                                    G_TYPE_POINTER);
  add_column (self, _("Moment"), COLUMN_MOMENT, 130);
  add_column (self, _("Guest Time"), COLUMN_TIME, 130);
  add_column (self, _("CPU"), COLUMN_CPU, 40);
  add_column (self, _("Kind"), COLUMN_KIND, 100);
  add_column (self, _("Details"), COLUMN_DETAILS, 380);
  add_column (self, _("Location"), COLUMN_PLACE, 220);
  gtk_tree_view_set_fixed_height_mode (GTK_TREE_VIEW (self->tree), TRUE);
  for (guint kind = 0; kind < ASTERN_N_HAPPENED; kind++)
    {
      self->buttons[kind] = gtk_toggle_button_new_with_label (_(astern_happened_title (kind)));
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->buttons[kind]), at_first >> kind & 1);
      g_signal_connect_object (self->buttons[kind], "toggled", G_CALLBACK (update_buttons), self, G_CONNECT_SWAPPED);
      gtk_widget_show (self->buttons[kind]);
    }
  for (guint kind = 0; kind < ASTERN_N_HAPPENED; kind++)
    gtk_container_add (GTK_CONTAINER (self->kinds), self->buttons[kind]);
  for (const AsternPastChoice *choice = astern_past_choices; choice->id != NULL; choice++)
    gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (self->stretch), choice->id, _(choice->label));
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (self->stretch), "1M");
  fill (self);
  update_buttons (self);
}
