/* bookmarks-view.c - see bookmarks-view.h.
 *
 * The store is the session's (session/bookmarks.h), and the monitor's too: what is changed here is asked for there, and
 * shown when it has been. */
#include "config.h"

#include "gui/bookmarks-view.h"

#include "gui/timeline-scale.h"
#include "session/bookmarks.h"
#include "core/timeline.h"


enum { COLUMN_ID, COLUMN_NAME, COLUMN_MOMENT, COLUMN_TIME, COLUMN_NOTE, COLUMN_ICOUNT, COLUMN_STEP, COLUMN_WEIGHT };

struct _AsternBookmarksView
{
  AsternView   parent_instance;
  guint        serial;          /* of what is shown */
  gboolean     filled;

  /* Template children. */
  GtkListStore *store;
  GtkWidget    *tree, *remove, *go;
};

G_DEFINE_FINAL_TYPE (AsternBookmarksView, astern_bookmarks_view, ASTERN_TYPE_VIEW)

/* ---- looking ---- */

typedef struct
{
  guint        id;
  AsternMoment moment;
  guint64      guest_ns;      /* or ASTERN_BOOKMARK_NS_UNKNOWN */
  char        *name, *note;
} Row;

typedef struct
{
  guint      known;           /* the serial of what is shown ... */
  gboolean   filled;          /* ... if anything is */
  guint      serial;
  GPtrArray *rows;            /* Row, by moment; (nullable): nothing is new */
} Question;

static void
free_row (gpointer data)
{
  Row *row = data;

  g_free (row->name);
  g_free (row->note);
  g_free (row);
}

static void
free_question (gpointer data)
{
  Question *question = data;

  g_clear_pointer (&question->rows, g_ptr_array_unref);
  g_free (question);
}

static gpointer
ask (AsternView *view)
{
  AsternBookmarksView *self = ASTERN_BOOKMARKS_VIEW (view);
  Question *question = g_new0 (Question, 1);

  question->known = self->serial;
  question->filled = self->filled;
  return question;
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const Row *first = *(const Row *const *) a, *second = *(const Row *const *) b;
  int order = astern_moment_compare (first->moment, second->moment);

  return order != 0 ? order : first->id < second->id ? -1 : 1;
}

/* A recording does not say what guest time a moment was; history does, once it has come there. */
static guint64
guest_time (AsternTimeline *timeline, const AsternBookmark *bookmark)
{
  if (bookmark->guest_ns != ASTERN_BOOKMARK_NS_UNKNOWN
      || astern_moment_compare (bookmark->moment, astern_timeline_head (timeline)) > 0)
    return bookmark->guest_ns;
  return astern_activity_ns (astern_timeline_activity (timeline), bookmark->moment.icount);
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  Question *question = data;
  AsternBookmarks *bookmarks = session->bookmarks;
  AsternTimeline *timeline = astern_debugger_timeline (session->debugger);

  question->serial = astern_bookmarks_serial (bookmarks);
  if (question->filled && question->serial == question->known)
    return;
  question->rows = g_ptr_array_new_with_free_func (free_row);
  for (guint i = 0; i < astern_bookmarks_count (bookmarks); i++)
    {
      const AsternBookmark *bookmark = astern_bookmarks_at (bookmarks, i);
      Row *row = g_new (Row, 1);

      *row = (Row) { bookmark->id, bookmark->moment, guest_time (timeline, bookmark), g_strdup (bookmark->name),
                     g_strdup (bookmark->note) };
      g_ptr_array_add (question->rows, row);
    }
  g_ptr_array_sort (question->rows, compare_rows);
}

static void
set_row (AsternBookmarksView *self, GtkTreeIter *iter, const Row *row)
{
  char moment[ASTERN_MOMENT_TEXT];
  g_autofree char *seconds = row->guest_ns != ASTERN_BOOKMARK_NS_UNKNOWN ? astern_timeline_scale_seconds (row->guest_ns, 1e4)
                                                                         : g_strdup ("");

  gtk_list_store_set (self->store, iter, COLUMN_ID, row->id, COLUMN_NAME, row->name,
                      COLUMN_MOMENT, astern_moment_format (row->moment, moment), COLUMN_TIME, seconds, COLUMN_NOTE, row->note,
                      COLUMN_ICOUNT, row->moment.icount, COLUMN_STEP, row->moment.step, COLUMN_WEIGHT, 400, -1);
}

static gboolean
find_row (GPtrArray *rows, guint id)
{
  for (guint i = 0; i < rows->len; i++)
    if (((const Row *) g_ptr_array_index (rows, i))->id == id)
      return TRUE;
  return FALSE;
}

/* Those that are gone go first, so that the others stay, and the selection with them. */
static void
remove_gone (AsternBookmarksView *self, GPtrArray *rows)
{
  GtkTreeModel *model = GTK_TREE_MODEL (self->store);
  GtkTreeIter iter;
  gboolean more = gtk_tree_model_get_iter_first (model, &iter);

  while (more)
    {
      guint id;

      gtk_tree_model_get (model, &iter, COLUMN_ID, &id, -1);
      more = find_row (rows, id) ? gtk_tree_model_iter_next (model, &iter) : gtk_list_store_remove (self->store, &iter);
    }
}

/* What is left is in the order of @rows, and a part of them: a bookmark's moment never changes. */
static void
fill (AsternBookmarksView *self, GPtrArray *rows)
{
  GtkTreeModel *model = GTK_TREE_MODEL (self->store);

  remove_gone (self, rows);
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = g_ptr_array_index (rows, i);
      GtkTreeIter iter;
      guint id = 0;

      if (gtk_tree_model_iter_nth_child (model, &iter, NULL, (int) i))
        gtk_tree_model_get (model, &iter, COLUMN_ID, &id, -1);
      if (id != row->id)
        gtk_list_store_insert (self->store, &iter, (int) i);
      set_row (self, &iter, row);
    }
}

/* Where one stands is bold. */
static void
show_present (AsternBookmarksView *self, AsternMoment present)
{
  GtkTreeModel *model = GTK_TREE_MODEL (self->store);
  GtkTreeIter iter;

  for (gboolean more = gtk_tree_model_get_iter_first (model, &iter); more; more = gtk_tree_model_iter_next (model, &iter))
    {
      AsternMoment moment;
      int before, weight;

      gtk_tree_model_get (model, &iter, COLUMN_ICOUNT, &moment.icount, COLUMN_STEP, &moment.step, COLUMN_WEIGHT, &before, -1);
      weight = astern_moment_compare (moment, present) == 0 ? 700 : 400;
      if (weight != before)
        gtk_list_store_set (self->store, &iter, COLUMN_WEIGHT, weight, -1);
    }
}

static void update_buttons (AsternBookmarksView *self);

static void
show (AsternView *view, gpointer data)
{
  AsternBookmarksView *self = ASTERN_BOOKMARKS_VIEW (view);
  Question *question = data;

  if (question->rows != NULL)
    fill (self, question->rows);
  self->serial = question->serial;
  self->filled = TRUE;
  show_present (self, astern_run_status (astern_view_run (view))->present);
  update_buttons (self);
}

static void
run_changed (AsternView *view)
{
  AsternBookmarksView *self = ASTERN_BOOKMARKS_VIEW (view);

  self->filled = FALSE;
  if (self->store != NULL)
    gtk_list_store_clear (self->store);
}

/* ---- doing ---- */

static void
do_add (AsternSession *session, gpointer data)
{
  astern_bookmarks_add_here (session->bookmarks, NULL, NULL);
}

void
astern_bookmarks_view_add_here (AsternRun *run)
{
  astern_run_call (run, do_add, NULL, NULL);
}

typedef struct
{
  guint id;
  char *name, *note;      /* (nullable) */
} Edit;

static void
free_edit (gpointer data)
{
  Edit *edit = data;

  g_free (edit->name);
  g_free (edit->note);
  g_free (edit);
}

static void
do_edit (AsternSession *session, gpointer data)
{
  const Edit *edit = data;

  astern_bookmarks_edit (session->bookmarks, edit->id, edit->name, edit->note);
}

static void
do_remove (AsternSession *session, gpointer data)
{
  astern_bookmarks_remove (session->bookmarks, GPOINTER_TO_UINT (data));
}

static guint
id_at (AsternBookmarksView *self, const char *path)
{
  GtkTreeIter iter;
  guint id = 0;

  if (gtk_tree_model_get_iter_from_string (GTK_TREE_MODEL (self->store), &iter, path))
    gtk_tree_model_get (GTK_TREE_MODEL (self->store), &iter, COLUMN_ID, &id, -1);
  return id;
}

static void
edit (AsternBookmarksView *self, const char *path, const char *name, const char *note)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Edit *edited = g_new (Edit, 1);

  *edited = (Edit) { id_at (self, path), g_strdup (name), g_strdup (note) };
  if (run != NULL)
    astern_run_call (run, do_edit, edited, free_edit);
  else
    free_edit (edited);
}

/* One has a name. */
static void
on_name_edited (AsternBookmarksView *self, const char *path, const char *text)
{
  if (text[0] != '\0')
    edit (self, path, text, NULL);
}

static void
on_note_edited (AsternBookmarksView *self, const char *path, const char *text)
{
  edit (self, path, NULL, text);
}

static gboolean
get_selected (AsternBookmarksView *self, GtkTreeIter *iter)
{
  return gtk_tree_selection_get_selected (gtk_tree_view_get_selection (GTK_TREE_VIEW (self->tree)), NULL, iter);
}

static void
on_remove (AsternBookmarksView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  GtkTreeIter iter;
  guint id;

  if (run == NULL || !get_selected (self, &iter))
    return;
  gtk_tree_model_get (GTK_TREE_MODEL (self->store), &iter, COLUMN_ID, &id, -1);
  astern_run_call (run, do_remove, GUINT_TO_POINTER (id), NULL);
}

static void
on_go (AsternBookmarksView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  AsternMoment moment;
  GtkTreeIter iter;

  if (run == NULL || !get_selected (self, &iter))
    return;
  gtk_tree_model_get (GTK_TREE_MODEL (self->store), &iter, COLUMN_ICOUNT, &moment.icount, COLUMN_STEP, &moment.step, -1);
  if (astern_run_status (run)->state == ASTERN_RUN_RUNNING)
    astern_run_pause (run);
  astern_run_goto (run, moment);
}

static void
update_buttons (AsternBookmarksView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  GtkTreeIter iter;
  gboolean any = get_selected (self, &iter);

  gtk_widget_set_sensitive (self->remove, any);
  gtk_widget_set_sensitive (self->go, any && run != NULL && astern_run_status (run)->has_history);
}

static gboolean
on_key (AsternBookmarksView *self, GdkEventKey *event)
{
  if (event->keyval != GDK_KEY_Delete && event->keyval != GDK_KEY_KP_Delete)
    return FALSE;
  on_remove (self);
  return TRUE;
}

/* ---- the object ---- */

static void
dispose (GObject *object)
{
  ASTERN_BOOKMARKS_VIEW (object)->store = NULL;
  G_OBJECT_CLASS (astern_bookmarks_view_parent_class)->dispose (object);
}

static void
astern_bookmarks_view_class_init (AsternBookmarksViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = free_question;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  ASTERN_VIEW_CLASS (klass)->while_running = TRUE;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/bookmarks-view.ui");
  gtk_widget_class_bind_template_child (widget, AsternBookmarksView, store);
  gtk_widget_class_bind_template_child (widget, AsternBookmarksView, tree);
  gtk_widget_class_bind_template_child (widget, AsternBookmarksView, remove);
  gtk_widget_class_bind_template_child (widget, AsternBookmarksView, go);
  gtk_widget_class_bind_template_callback (widget, on_name_edited);
  gtk_widget_class_bind_template_callback (widget, on_note_edited);
  gtk_widget_class_bind_template_callback (widget, on_remove);
  gtk_widget_class_bind_template_callback (widget, on_go);
  gtk_widget_class_bind_template_callback (widget, on_key);
  gtk_widget_class_bind_template_callback (widget, update_buttons);
}

static void
astern_bookmarks_view_init (AsternBookmarksView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  update_buttons (self);
}
