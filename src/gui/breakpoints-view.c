/* breakpoints-view.c - see breakpoints-view.h. */
#include "config.h"

#include "gui/breakpoints-view.h"

#include "gui/breakpoint-form.h"
#include "gui/rows.h"
#include "session/evaluate.h"
#include "session/point-parse.h"
#include "session/point-text.h"

#include <string.h>

#include <glib/gi18n.h>

enum { COLUMN_ID, COLUMN_WHAT, COLUMN_PLACE, COLUMN_CONDITION, COLUMN_HITS, COLUMN_IGNORE, COLUMN_OWNER };
enum { ENABLED = ASTERN_ROW_OWN, LOG_ONLY = ASTERN_ROW_OWN << 1, ONCE = ASTERN_ROW_OWN << 2, OURS = ASTERN_ROW_OWN << 3,
       CODE = ASTERN_ROW_OWN << 4 };

struct _AsternBreakpointsView
{
  AsternView  parent_instance;
  AsternRows *rows;

  GtkWidget *tree, *adding, *revealer, *remove, *remove_all, *go;
  AsternBreakpointForm *form;
  GtkTreeViewColumn *enabled_column, *log_column, *once_column;
  GtkCellRenderer *enabled_cell, *log_cell, *once_cell;
};

G_DEFINE_FINAL_TYPE (AsternBreakpointsView, astern_breakpoints_view, ASTERN_TYPE_VIEW)

/* ---- looking ---- */

typedef struct
{
  AsternRun       *run;
  guint            cpu;
  AsternPointForm *form;       /* (nullable) to be judged */
  AsternRowList   *rows;
  AsternPointPart  wrong;
  char            *message;    /* (nullable) */
} Question;

static gpointer
ask (AsternView *view)
{
  AsternBreakpointsView *self = ASTERN_BREAKPOINTS_VIEW (view);
  Question *question = g_new0 (Question, 1);

  question->run = g_object_ref (astern_view_run (view));
  question->cpu = astern_run_status (question->run)->cpu;
  if (gtk_revealer_get_reveal_child (GTK_REVEALER (self->revealer)))
    question->form = astern_breakpoint_form_get (self->form);
  return question;
}

static void
free_question (gpointer data)
{
  Question *question = data;

  g_clear_pointer (&question->form, astern_point_form_free);
  g_clear_pointer (&question->rows, astern_row_list_free);
  g_free (question->message);
  g_object_unref (question->run);
  g_free (question);
}

static AsternCpu *
cpu_of (AsternSession *session, guint index)
{
  AsternMachine *machine = session->launch->machine;
  AsternCpu *cpu = machine->cpus[MIN (index, machine->n_cpus - 1)];

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  return cpu;
}

static const char *
owner_text (AsternSession *session, const AsternPoint *point)
{
  const char *name = astern_debugger_client_name (session->debugger, point->owner);

  if (g_strcmp0 (name, "window") == 0)
    return _("window");
  if (g_strcmp0 (name, "monitor") == 0)
    return _("monitor");
  return name != NULL ? name : "";
}

static void
add_row (AsternSession *session, Question *question, const AsternPoint *point)
{
  g_autofree char *what = astern_point_what_text (point);
  g_autofree char *place = astern_point_place_text (point, session->launch->symbols);
  g_autofree char *limits = astern_point_limit_text (point);
  const char *more = place[0] == '\0' && g_str_has_prefix (limits, ", ") ? limits + 2 : limits;
  AsternRow *row = astern_row_list_add (question->rows, 0, point->id);

  row->address = point->start;
  row->flags = (point->enabled ? ENABLED : 0) | (point->log_only ? LOG_ONLY : 0) | (point->temporary ? ONCE : 0)
               | (point->owner == astern_run_client (question->run) ? OURS : 0)
               | (point->kind == ASTERN_POINT_EXECUTE && point->space != ASTERN_SPACE_PHYSICAL ? CODE : 0);
  astern_row_list_printf (question->rows, COLUMN_ID, "%u", point->id);
  astern_row_list_set (question->rows, COLUMN_WHAT, what);
  astern_row_list_printf (question->rows, COLUMN_PLACE, "%s%s", place, more);
  if (point->condition != NULL)
    {
      g_autofree char *condition = g_strstrip (g_strdup (astern_expression_text (point->condition)));

      astern_row_list_set (question->rows, COLUMN_CONDITION, condition);
    }
  astern_row_list_printf (question->rows, COLUMN_HITS, "%" G_GUINT64_FORMAT, point->hits);
  astern_row_list_printf (question->rows, COLUMN_IGNORE, "%" G_GUINT64_FORMAT, point->ignore);
  astern_row_list_set (question->rows, COLUMN_OWNER, owner_text (session, point));
}

static void
judge (AsternSession *session, Question *question)
{
  g_autoptr (GError) error = NULL;
  AsternPoint point;

  if (astern_point_form_point (question->form, cpu_of (session, question->cpu), &session->launch->names,
                               session->launch->machine->n_cpus, &point, &question->wrong, &error))
    astern_point_clear (&point);
  else
    question->message = g_strdup (error->message);
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  Question *question = data;
  AsternPoints *points = astern_debugger_points (session->debugger);

  question->rows = astern_row_list_new ();
  for (guint i = 0; i < astern_points_count (points); i++)
    add_row (session, question, astern_points_at (points, i));
  if (question->form != NULL)
    judge (session, question);
}

static void
update_buttons (AsternBreakpointsView *self)
{
  guint flags = 0;
  gboolean any = astern_rows_selected (self->rows, NULL, NULL, &flags);

  gtk_widget_set_sensitive (self->remove, any);
  gtk_widget_set_sensitive (self->go, any && (flags & CODE));
}

static void
show (AsternView *view, gpointer data)
{
  AsternBreakpointsView *self = ASTERN_BREAKPOINTS_VIEW (view);
  Question *question = data;
  gboolean ours = FALSE;

  gtk_widget_set_sensitive (self->adding, astern_run_can (astern_view_run (view), ASTERN_CAN_BREAK));
  if (question->rows == NULL)
    return;
  for (guint i = 0; i < question->rows->rows->len; i++)
    ours |= (g_array_index (question->rows->rows, AsternRow, i).flags & OURS) != 0;
  astern_rows_show (self->rows, g_steal_pointer (&question->rows), 0);
  gtk_widget_set_sensitive (self->remove_all, ours);
  update_buttons (self);
  if (question->form != NULL)
    astern_breakpoint_form_judge (self->form, question->wrong, question->message);
}

static void
run_changed (AsternView *view)
{
  AsternBreakpointsView *self = ASTERN_BREAKPOINTS_VIEW (view);

  astern_rows_clear (self->rows);
  gtk_widget_set_sensitive (self->adding, astern_view_run (view) != NULL);
}

/* ---- changing: no point changes the guest ---- */

typedef enum { REMOVE, REMOVE_OURS, TOGGLE_ENABLED, TOGGLE_LOG, TOGGLE_ONCE, SET_CONDITION, SET_IGNORE } ChangeKind;

typedef struct
{
  AsternRun  *run;
  ChangeKind  kind;
  guint       id, cpu;
  char       *text;
} Change;

static void
free_change (gpointer data)
{
  Change *change = data;

  g_object_unref (change->run);
  g_free (change->text);
  g_free (change);
}

static void
remove_ours (AsternSession *session, AsternClient *client)
{
  AsternPoints *points = astern_debugger_points (session->debugger);

  for (guint i = astern_points_count (points); i-- > 0; )
    if (astern_points_at (points, i)->owner == client)
      astern_debugger_remove_point (session->debugger, astern_points_at (points, i));
}

static gboolean
set_condition (AsternSession *session, const Change *change, AsternPoint *point, GError **error)
{
  gboolean empty = change->text[strspn (change->text, " ")] == '\0';
  AsternExpression *condition = NULL;

  if (!empty)
    condition = astern_expression_new (change->text, cpu_of (session, change->cpu)->klass, &session->launch->names, error);
  if (!empty && condition == NULL)
    return FALSE;
  g_clear_pointer (&point->condition, astern_expression_free);
  point->condition = condition;
  return TRUE;
}

static gboolean
change_point (AsternSession *session, const Change *change, AsternPoint *point, GError **error)
{
  switch (change->kind)
    {
    case TOGGLE_ENABLED:
      point->enabled = !point->enabled;
      return TRUE;
    case TOGGLE_LOG:
      point->log_only = !point->log_only;
      return TRUE;
    case TOGGLE_ONCE:
      point->temporary = !point->temporary;
      return TRUE;
    case SET_CONDITION:
      return set_condition (session, change, point, error);
    default:
      return astern_evaluate (cpu_of (session, change->cpu), &session->launch->names, change->text, &point->ignore, error);
    }
}

/* The machine's thread. */
static void
apply_change (AsternSession *session, gpointer data)
{
  Change *change = data;
  AsternPoint *point = astern_points_find (astern_debugger_points (session->debugger), change->id);
  g_autoptr (GError) error = NULL;

  if (change->kind == REMOVE_OURS)
    remove_ours (session, astern_run_client (change->run));
  else if (point == NULL)
    return;      /* gone meanwhile */
  else if (change->kind == REMOVE)
    astern_debugger_remove_point (session->debugger, point);
  else if (change_point (session, change, point, &error))
    astern_debugger_point_changed (session->debugger, point);
  else
    astern_run_say (change->run, error->message);
}

static void
post_change (AsternBreakpointsView *self, ChangeKind kind, guint id, const char *text)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Change *change;

  if (run == NULL)
    return;
  change = g_new (Change, 1);
  *change = (Change) { g_object_ref (run), kind, id, astern_run_status (run)->cpu, g_strdup (text) };
  astern_run_call (run, apply_change, change, free_change);
}

static void
post_at_path (AsternBreakpointsView *self, ChangeKind kind, const char *path, const char *text)
{
  GtkTreeModel *model = gtk_tree_view_get_model (GTK_TREE_VIEW (self->tree));
  GtkTreeIter iter;
  guint64 id;

  if (!gtk_tree_model_get_iter_from_string (model, &iter, path))
    return;
  gtk_tree_model_get (model, &iter, ASTERN_ROWS_KEY, &id, -1);
  post_change (self, kind, (guint) id, text);
}

static void
on_enabled_toggled (AsternBreakpointsView *self, const char *path)
{
  post_at_path (self, TOGGLE_ENABLED, path, NULL);
}

static void
on_log_toggled (AsternBreakpointsView *self, const char *path)
{
  post_at_path (self, TOGGLE_LOG, path, NULL);
}

static void
on_once_toggled (AsternBreakpointsView *self, const char *path)
{
  post_at_path (self, TOGGLE_ONCE, path, NULL);
}

static void
on_condition_edited (AsternBreakpointsView *self, const char *path, const char *text)
{
  post_at_path (self, SET_CONDITION, path, text);
}

static void
on_ignore_edited (AsternBreakpointsView *self, const char *path, const char *text)
{
  post_at_path (self, SET_IGNORE, path, text);
}

static void
on_remove (AsternBreakpointsView *self)
{
  guint64 id;

  if (astern_rows_selected (self->rows, &id, NULL, NULL))
    post_change (self, REMOVE, (guint) id, NULL);
}

static void
on_remove_all (AsternBreakpointsView *self)
{
  post_change (self, REMOVE_OURS, 0, NULL);
}

static void
on_go (AsternBreakpointsView *self)
{
  guint64 address;
  guint flags;

  if (astern_rows_selected (self->rows, NULL, &address, &flags) && (flags & CODE))
    astern_view_request (ASTERN_VIEW (self), ASTERN_SHOW_CODE, address);
}

static gboolean
on_key (AsternBreakpointsView *self, GdkEventKey *event)
{
  if (event->keyval != GDK_KEY_Delete)
    return FALSE;
  on_remove (self);
  return TRUE;
}

/* ---- a new one ---- */

typedef struct
{
  AsternRun       *run;
  guint            cpu;
  AsternPointForm *form;
} Addition;

static void
free_addition (gpointer data)
{
  Addition *addition = data;

  astern_point_form_free (addition->form);
  g_object_unref (addition->run);
  g_free (addition);
}

/* The machine's thread. */
static void
add_point (AsternSession *session, gpointer data)
{
  Addition *addition = data;
  g_autoptr (GError) error = NULL;
  AsternPointPart wrong;
  AsternPoint point;

  if (!astern_point_form_point (addition->form, cpu_of (session, addition->cpu), &session->launch->names,
                                session->launch->machine->n_cpus, &point, &wrong, &error))
    astern_run_say (addition->run, error->message);
  else if (astern_debugger_add_point (session->debugger, astern_run_client (addition->run), &point, &error) == NULL)
    {
      astern_point_clear (&point);
      astern_run_say (addition->run, error->message);
    }
}

static void
on_form_submitted (AsternBreakpointsView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Addition *addition;

  if (run == NULL)
    return;
  addition = g_new (Addition, 1);
  *addition = (Addition) { g_object_ref (run), astern_run_status (run)->cpu, astern_breakpoint_form_get (self->form) };
  astern_run_call (run, add_point, addition, free_addition);
  astern_breakpoint_form_clear (self->form);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->adding), FALSE);
}

static void
on_form_changed (AsternBreakpointsView *self)
{
  astern_view_refresh (ASTERN_VIEW (self));
}

static void
on_adding_toggled (AsternBreakpointsView *self)
{
  gboolean yes = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->adding));

  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), yes);
  if (yes)
    astern_breakpoint_form_begin (self->form);
  astern_view_refresh (ASTERN_VIEW (self));
}

/* ---- the object ---- */

static void
show_flag (GtkTreeViewColumn *column, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter, gpointer flag)
{
  guint flags;

  gtk_tree_model_get (model, iter, ASTERN_ROWS_FLAGS, &flags, -1);
  g_object_set (cell, "active", (flags & GPOINTER_TO_UINT (flag)) != 0, NULL);
}

static void
finalize (GObject *object)
{
  astern_rows_free (ASTERN_BREAKPOINTS_VIEW (object)->rows);
  G_OBJECT_CLASS (astern_breakpoints_view_parent_class)->finalize (object);
}

static void
bind_widgets (GtkWidgetClass *widget)
{
#define CHILD(name) gtk_widget_class_bind_template_child (widget, AsternBreakpointsView, name)
  CHILD (tree);
  CHILD (adding);
  CHILD (revealer);
  CHILD (remove);
  CHILD (remove_all);
  CHILD (go);
  CHILD (form);
  CHILD (enabled_column);
  CHILD (log_column);
  CHILD (once_column);
  CHILD (enabled_cell);
  CHILD (log_cell);
  CHILD (once_cell);
#undef CHILD
  gtk_widget_class_bind_template_callback (widget, on_adding_toggled);
  gtk_widget_class_bind_template_callback (widget, on_remove);
  gtk_widget_class_bind_template_callback (widget, on_remove_all);
  gtk_widget_class_bind_template_callback (widget, on_go);
  gtk_widget_class_bind_template_callback (widget, on_key);
  gtk_widget_class_bind_template_callback (widget, on_form_changed);
  gtk_widget_class_bind_template_callback (widget, on_form_submitted);
  gtk_widget_class_bind_template_callback (widget, on_enabled_toggled);
  gtk_widget_class_bind_template_callback (widget, on_log_toggled);
  gtk_widget_class_bind_template_callback (widget, on_once_toggled);
  gtk_widget_class_bind_template_callback (widget, on_condition_edited);
  gtk_widget_class_bind_template_callback (widget, on_ignore_edited);
  gtk_widget_class_bind_template_callback_full (widget, "update_buttons", G_CALLBACK (update_buttons));
}

static void
astern_breakpoints_view_class_init (AsternBreakpointsViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = free_question;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  ASTERN_VIEW_CLASS (klass)->while_running = TRUE;      /* hits are counted */
  g_type_ensure (ASTERN_TYPE_BREAKPOINT_FORM);
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/breakpoints-view.ui");
  bind_widgets (widget);
}

static void
astern_breakpoints_view_init (AsternBreakpointsView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = astern_rows_new (GTK_TREE_VIEW (self->tree), -1, (void (*) (gpointer)) astern_view_refresh, self);
#define FLAG(name, flag) \
  gtk_tree_view_column_set_cell_data_func (self->name##_column, self->name##_cell, show_flag, GUINT_TO_POINTER (flag), NULL)
  FLAG (enabled, ENABLED);
  FLAG (log, LOG_ONLY);
  FLAG (once, ONCE);
#undef FLAG
  update_buttons (self);
}
