/* source-view.c - see source-view.h.  What is asked of the machine is in source-look.c. */
#include "config.h"

#include "gui/source-view.h"

#include "gui/frames.h"
#include "gui/rows.h"
#include "gui/settings.h"
#include "gui/source-area.h"
#include "gui/source-look.h"
#include "gui/source-text.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define MAP_KEY "source-map"
/* A menu of more files than these is of no use; one types a part of the name. */
#define MOST_IN_MENU 400

struct _AsternSourceView
{
  AsternView  parent_instance;
  AsternRows *values;
  AsternRun  *watched;             /* (nullable) whose choice of a frame is heard of */
  GSettings  *settings;            /* (nullable) */
  GVariant   *map;                 /* (nullable) "a(ss)" */

  char       *file;                /* (nullable) as the debug information has it */
  guint       generation;          /* of `file`: an answer for another one is too old */
  gboolean    follow;              /* show where the program is at the next look */
  AsternFrameChoice followed;      /* where the program was then */
  GArray     *code;                /* (nullable) AsternSourceCode of `file` */
  guint       info_serial;
  char       *hover, *hover_text;  /* (nullable) the variable pointed at, and what is known of it */
  gboolean    filling;             /* the list of files changes, not the choice */

  GtkListStore *files;
  GtkWidget *combo, *function, *pages, *none, *missing, *area, *values_tree;
};

G_DEFINE_FINAL_TYPE (AsternSourceView, astern_source_view, ASTERN_TYPE_VIEW)

/* ---- the file ---- */

static void
show_missing (AsternSourceView *self, GPtrArray *looked)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_printf (text, _("“%s” is not here. It was looked for at"), self->file);
  for (guint i = 0; i < looked->len; i++)
    g_string_append_printf (text, "\n%s", (const char *) g_ptr_array_index (looked, i));
  if (looked->len == 0)
    g_string_append_printf (text, "\n%s", _("no place at all: its name does not say where it is."));
  gtk_label_set_text (GTK_LABEL (self->missing), text->str);
  gtk_stack_set_visible_child_name (GTK_STACK (self->pages), "missing");
}

static void
load (AsternSourceView *self)
{
  g_autoptr (GPtrArray) looked = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = astern_source_read (self->file, self->map, looked);

  if (text == NULL)
    {
      astern_source_area_set_text (ASTERN_SOURCE_AREA (self->area), self->file, "");
      show_missing (self, looked);
      return;
    }
  astern_source_area_set_text (ASTERN_SOURCE_AREA (self->area), self->file, text);
  gtk_widget_set_tooltip_text (self->combo, g_ptr_array_index (looked, looked->len - 1));
  gtk_stack_set_visible_child_name (GTK_STACK (self->pages), "text");
}

static void
set_entry (AsternSourceView *self)
{
  GtkEntry *entry = GTK_ENTRY (gtk_bin_get_child (GTK_BIN (self->combo)));

  self->filling = TRUE;
  gtk_entry_set_text (entry, self->file != NULL ? self->file : "");
  gtk_editable_set_position (GTK_EDITABLE (entry), -1);      /* the end of a long name is what one wants to see */
  self->filling = FALSE;
}

/* The user's choice: what the machine says of it comes with the next look. */
static void
open_file (AsternSourceView *self, const char *file)
{
  if (g_strcmp0 (file, self->file) == 0)
    return;
  g_free (self->file);
  self->file = g_strdup (file);
  self->generation++;
  self->follow = FALSE;
  g_clear_pointer (&self->code, g_array_unref);
  set_entry (self);
  load (self);
  astern_view_refresh (ASTERN_VIEW (self));
}

/* Exactly, or else the first that ends so. */
static char *
find_file (AsternSourceView *self, const char *typed)
{
  GtkTreeModel *model = GTK_TREE_MODEL (self->files);
  char *found = NULL;
  GtkTreeIter iter;

  for (gboolean more = typed[0] != '\0' && gtk_tree_model_get_iter_first (model, &iter); more;
       more = gtk_tree_model_iter_next (model, &iter))
    {
      g_autofree char *file = NULL;

      gtk_tree_model_get (model, &iter, 0, &file, -1);
      if (g_str_equal (file, typed))
        {
          g_free (found);
          return g_steal_pointer (&file);
        }
      if (found == NULL && g_str_has_suffix (file, typed))
        found = g_steal_pointer (&file);
    }
  return found;
}

static void
on_combo_changed (AsternSourceView *self)
{
  GtkTreeIter iter;
  g_autofree char *file = NULL;

  if (self->filling || !gtk_combo_box_get_active_iter (GTK_COMBO_BOX (self->combo), &iter))
    return;
  gtk_tree_model_get (gtk_combo_box_get_model (GTK_COMBO_BOX (self->combo)), &iter, 0, &file, -1);
  open_file (self, file);
}

static void
on_entry_activate (AsternSourceView *self)
{
  g_autofree char *file = find_file (self, gtk_entry_get_text (GTK_ENTRY (gtk_bin_get_child (GTK_BIN (self->combo)))));

  if (file != NULL)
    open_file (self, file);
  else
    set_entry (self);
}

static gboolean
on_match_selected (AsternSourceView *self, GtkTreeModel *model, GtkTreeIter *iter)
{
  g_autofree char *file = NULL;

  gtk_tree_model_get (model, iter, 0, &file, -1);
  open_file (self, file);
  return TRUE;
}

/* A part of the name will do. */
static gboolean
matches (GtkEntryCompletion *completion, const char *typed, GtkTreeIter *iter, gpointer unused)
{
  g_autofree char *file = NULL;
  g_autofree char *lower = NULL;

  gtk_tree_model_get (gtk_entry_completion_get_model (completion), iter, 0, &file, -1);
  lower = g_utf8_strdown (file, -1);
  return strstr (lower, typed) != NULL;
}

static void
fill_files (AsternSourceView *self, GPtrArray *files)
{
  self->filling = TRUE;
  gtk_combo_box_set_model (GTK_COMBO_BOX (self->combo), NULL);
  gtk_list_store_clear (self->files);
  for (guint i = 0; i < files->len; i++)
    gtk_list_store_insert_with_values (self->files, NULL, -1, 0, g_ptr_array_index (files, i), -1);
  if (files->len <= MOST_IN_MENU)
    gtk_combo_box_set_model (GTK_COMBO_BOX (self->combo), GTK_TREE_MODEL (self->files));
  self->filling = FALSE;
  set_entry (self);
}

static void
on_choose (AsternSourceView *self)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (self));
  g_autoptr (GtkFileChooserNative) dialog = NULL;
  g_autoptr (GVariant) map = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *text = NULL;

  if (self->file == NULL)
    return;
  dialog = gtk_file_chooser_native_new (_("Folder of the Sources"), GTK_WINDOW (window), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                                        NULL, NULL);
  if (gtk_native_dialog_run (GTK_NATIVE_DIALOG (dialog)) != GTK_RESPONSE_ACCEPT)
    return;
  folder = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));
  map = folder != NULL ? astern_source_map_add (self->map, self->file, folder) : NULL;
  if (map == NULL)
    {
      text = g_strdup_printf (_("“%s” is not in that folder, nor below it."), self->file);
      if (astern_view_run (ASTERN_VIEW (self)) != NULL)
        astern_run_say (astern_view_run (ASTERN_VIEW (self)), text);
      return;
    }
  g_clear_pointer (&self->map, g_variant_unref);
  self->map = g_variant_ref (map);
  if (self->settings != NULL)
    g_settings_set_value (self->settings, MAP_KEY, map);
  load (self);
  self->follow = TRUE;
  astern_view_refresh (ASTERN_VIEW (self));
}

/* ---- looking ---- */

static gpointer
ask (AsternView *view)
{
  AsternSourceView *self = ASTERN_SOURCE_VIEW (view);
  AsternSourceQuestion *question = g_new0 (AsternSourceQuestion, 1);
  const AsternRunStatus *status = astern_run_status (astern_view_run (view));

  question->cpu = status->cpu;
  question->choice = astern_frames_chosen (astern_view_run (view));
  question->followed = self->followed;
  question->follow = self->follow;
  question->generation = self->generation;
  question->file = g_strdup (self->file);
  question->wants_code = self->code == NULL;
  question->info_serial = self->info_serial;
  question->hover = g_strdup (self->hover);
  question->unfolded = astern_rows_unfolded (self->values);
  return question;
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer question)
{
  astern_source_look (session, question);
}

static void
free_question (gpointer question)
{
  astern_source_question_free (question);
}

static void
take_hover (AsternSourceView *self, AsternSourceQuestion *question)
{
  if (g_strcmp0 (self->hover, question->hover) != 0 || g_strcmp0 (self->hover_text, question->hover_text) == 0)
    return;
  g_free (self->hover_text);
  self->hover_text = g_steal_pointer (&question->hover_text);
  gtk_widget_trigger_tooltip_query (self->area);
}

static void
take_file (AsternSourceView *self, AsternSourceQuestion *question)
{
  AsternSourceArea *area = ASTERN_SOURCE_AREA (self->area);
  gboolean here = question->frame_file != NULL && g_strcmp0 (question->file, question->frame_file) == 0;

  if (g_strcmp0 (self->file, question->file) != 0)
    {
      g_free (self->file);
      self->file = g_strdup (question->file);
      set_entry (self);
      load (self);
    }
  if (question->code != NULL)
    {
      g_clear_pointer (&self->code, g_array_unref);
      self->code = g_steal_pointer (&question->code);
    }
  if (self->file != NULL && g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->pages)), "missing") != 0)
    {
      astern_source_area_set_present (area, here ? question->frame_line : 0, question->follow);
      astern_source_area_clear_marks (area);
      for (guint i = 0; question->marks != NULL && i < question->marks->len; i++)
        {
          const AsternSourceMark *mark = &g_array_index (question->marks, AsternSourceMark, i);

          astern_source_area_add_mark (area, mark->line, mark->enabled);
        }
    }
}

static void
show_function (AsternSourceView *self, AsternSourceQuestion *question)
{
  g_autofree char *text = NULL;

  if (question->frame_function != NULL && question->frame_file != NULL)
    text = g_strdup_printf (_("in %s, line %u"), question->frame_function, question->frame_line);
  else if (question->frame_function != NULL)
    text = g_strdup_printf (_("in %s, whose source is not known"), question->frame_function);
  else if (question->has_info)
    text = g_strdup_printf (_("no source is known of 0x%" PRIx64), question->frame_address);
  gtk_label_set_text (GTK_LABEL (self->function), text != NULL ? text : "");
}

static void
show (AsternView *view, gpointer data)
{
  AsternSourceView *self = ASTERN_SOURCE_VIEW (view);
  AsternSourceQuestion *question = data;

  if (question->generation != self->generation)
    {
      astern_view_refresh (view);      /* the user was faster */
      return;
    }
  self->followed = question->followed;
  self->follow = FALSE;
  if (question->files != NULL)
    fill_files (self, question->files);
  self->info_serial = question->info_serial;
  take_file (self, question);
  if (self->file == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->none), question->has_info
                          ? _("The debug information knows nothing of this address; choose a file above.")
                          : _("There is no debug information. It is read from an ELF kernel, and from what is given with "
                              "-symbols or the monitor’s “symbols FILE”."));
      gtk_stack_set_visible_child_name (GTK_STACK (self->pages), "none");
    }
  show_function (self, question);
  astern_rows_show (self->values, g_steal_pointer (&question->values),
                    astern_run_status (astern_view_run (view))->serial);
  take_hover (self, question);
}

/* ---- what the user does ---- */

static void
toggle_at (AsternSourceView *self, guint line)
{
  if (astern_view_run (ASTERN_VIEW (self)) != NULL && self->file != NULL)
    astern_source_toggle (astern_view_run (ASTERN_VIEW (self)), self->file, line);
}

static const AsternSourceCode *
code_at_cursor (AsternSourceView *self)
{
  return self->code != NULL ? astern_source_code_at (self->code, astern_source_area_line (ASTERN_SOURCE_AREA (self->area))) : NULL;
}

static void
move_to_cursor (AsternSourceView *self, AsternMove move)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  const AsternSourceCode *code = code_at_cursor (self);
  AsternMoveRequest request = { .move = move };

  if (run == NULL || code == NULL)
    return;
  request.cpu = astern_run_status (run)->cpu;
  request.address = code->address;
  astern_run_move (run, &request);
}

static void
on_toggle_item (AsternSourceView *self)
{
  toggle_at (self, astern_source_area_line (ASTERN_SOURCE_AREA (self->area)));
}

static void
on_run_to_item (AsternSourceView *self)
{
  move_to_cursor (self, ASTERN_MOVE_RUN_TO);
}

static void
on_run_back_item (AsternSourceView *self)
{
  move_to_cursor (self, ASTERN_MOVE_RUN_BACK_TO);
}

static void
on_code_item (AsternSourceView *self)
{
  const AsternSourceCode *code = code_at_cursor (self);

  if (code != NULL)
    astern_view_request (ASTERN_VIEW (self), ASTERN_SHOW_CODE, code->address);
}

static void
add_item (AsternSourceView *self, GtkWidget *menu, int position, const char *label, GCallback activate, gboolean sensitive)
{
  GtkWidget *item = gtk_menu_item_new_with_mnemonic (label);

  gtk_widget_set_sensitive (item, sensitive);
  g_signal_connect_object (item, "activate", activate, self, G_CONNECT_SWAPPED);
  gtk_menu_shell_insert (GTK_MENU_SHELL (menu), item, position);
  gtk_widget_show (item);
}

static void
on_copy_item (AsternSourceView *self)
{
  g_signal_emit_by_name (self->area, "copy-clipboard");
}

/* In the place of a text editor's menu. */
static void
on_populate_popup (AsternSourceView *self, GtkWidget *menu)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  gboolean can = run != NULL && code_at_cursor (self) != NULL;
  gboolean selected = gtk_text_buffer_get_has_selection (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->area)));

  if (!GTK_IS_MENU (menu))
    return;
  gtk_container_foreach (GTK_CONTAINER (menu), (GtkCallback) (void (*) (void)) gtk_widget_destroy, NULL);
  add_item (self, menu, 0, _("Toggle _Breakpoint"), G_CALLBACK (on_toggle_item),
            can && astern_run_can (run, ASTERN_CAN_BREAK));
  add_item (self, menu, 1, _("_Run to Here"), G_CALLBACK (on_run_to_item),
            can && astern_run_lacks (run, ASTERN_MOVE_RUN_TO) == 0);
  add_item (self, menu, 2, _("Run B_ack to Here"), G_CALLBACK (on_run_back_item),
            can && astern_run_lacks (run, ASTERN_MOVE_RUN_BACK_TO) == 0);
  add_item (self, menu, 3, _("Show _Machine Code"), G_CALLBACK (on_code_item), can);
  add_item (self, menu, 4, _("_Copy"), G_CALLBACK (on_copy_item), selected);
}

/* The menu is about the line that was clicked. */
static gboolean
on_area_button (AsternSourceView *self, GdkEventButton *event)
{
  GtkTextView *area = GTK_TEXT_VIEW (self->area);
  GtkTextIter iter;
  int y;

  if (event->button == GDK_BUTTON_SECONDARY && !gtk_text_buffer_get_has_selection (gtk_text_view_get_buffer (area)) &&
      event->window == gtk_text_view_get_window (area, GTK_TEXT_WINDOW_TEXT))
    {
      gtk_text_view_window_to_buffer_coords (area, GTK_TEXT_WINDOW_TEXT, 0, (int) event->y, NULL, &y);
      gtk_text_view_get_line_at_y (area, &iter, y, NULL);
      gtk_text_buffer_place_cursor (gtk_text_view_get_buffer (area), &iter);
    }
  return GDK_EVENT_PROPAGATE;
}

static gboolean
on_area_key (AsternSourceView *self, GdkEventKey *event)
{
  if (event->keyval != GDK_KEY_F9 || (event->state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return GDK_EVENT_PROPAGATE;
  on_toggle_item (self);
  return GDK_EVENT_STOP;
}

/* The value is asked for when the pointer rests; the tooltip comes when it is there. */
static gboolean
on_query_tooltip (AsternSourceView *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  g_autofree char *path = keyboard ? NULL : astern_source_area_path_at (ASTERN_SOURCE_AREA (self->area), x, y);

  if (g_strcmp0 (path, self->hover) != 0)
    {
      g_clear_pointer (&self->hover_text, g_free);
      g_free (self->hover);
      self->hover = g_steal_pointer (&path);
      if (self->hover != NULL)
        astern_view_refresh (ASTERN_VIEW (self));
      return FALSE;
    }
  if (self->hover_text == NULL)
    return FALSE;
  gtk_tooltip_set_text (tooltip, self->hover_text);
  return TRUE;
}

/* ---- variables ---- */

static gboolean
selected_value (AsternSourceView *self, guint64 *address, guint64 *size)
{
  guint flags;

  if (!astern_rows_selected (self->values, NULL, address, &flags) || (flags & ASTERN_VALUE_IN_MEMORY) == 0)
    return FALSE;
  *size = MAX (flags / ASTERN_VALUE_SIZE, 1);
  return TRUE;
}

static void
on_value_memory (AsternSourceView *self)
{
  guint64 address, size;

  if (selected_value (self, &address, &size))
    astern_view_request (ASTERN_VIEW (self), ASTERN_SHOW_MEMORY, address);
}

static void
on_value_who_wrote (AsternSourceView *self)
{
  guint64 address, size;

  if (astern_view_run (ASTERN_VIEW (self)) != NULL && selected_value (self, &address, &size))
    astern_source_who_wrote (astern_view_run (ASTERN_VIEW (self)), address, size);
}

static void
popup_value_menu (AsternSourceView *self, const GdkEvent *event)
{
  GtkWidget *menu = gtk_menu_new ();
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  guint64 address, size;
  gboolean can = run != NULL && selected_value (self, &address, &size);

  add_item (self, menu, 0, _("Show in _Memory"), G_CALLBACK (on_value_memory), can);
  add_item (self, menu, 1, _("_Who Wrote This?"), G_CALLBACK (on_value_who_wrote),
            can && astern_run_status (run)->has_history);
  gtk_menu_attach_to_widget (GTK_MENU (menu), self->values_tree, NULL);
  g_signal_connect (menu, "selection-done", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_menu_popup_at_pointer (GTK_MENU (menu), event);
}

static gboolean
on_values_button (AsternSourceView *self, GdkEventButton *event)
{
  GtkTreeView *tree = GTK_TREE_VIEW (self->values_tree);
  GtkTreePath *path;

  if (event->button != GDK_BUTTON_SECONDARY || event->window != gtk_tree_view_get_bin_window (tree) ||
      !gtk_tree_view_get_path_at_pos (tree, (int) event->x, (int) event->y, &path, NULL, NULL, NULL))
    return GDK_EVENT_PROPAGATE;
  gtk_tree_selection_select_path (gtk_tree_view_get_selection (tree), path);
  gtk_tree_path_free (path);
  popup_value_menu (self, (GdkEvent *) event);
  return GDK_EVENT_STOP;
}

static gboolean
on_values_popup (AsternSourceView *self)
{
  popup_value_menu (self, NULL);
  return TRUE;
}

/* ---- the object ---- */

static gboolean
code_cursor (AsternView *view, guint64 *address)
{
  AsternSourceView *self = ASTERN_SOURCE_VIEW (view);
  const AsternSourceCode *code = code_at_cursor (self);

  if (code == NULL || !gtk_widget_has_focus (self->area))
    return FALSE;
  *address = code->address;
  return TRUE;
}

static void
on_chosen (AsternSourceView *self)
{
  self->follow = TRUE;
  astern_view_refresh (ASTERN_VIEW (self));
}

static void
run_changed (AsternView *view)
{
  AsternSourceView *self = ASTERN_SOURCE_VIEW (view);
  AsternRun *run = astern_view_run (view);

  if (self->watched != NULL)
    astern_frames_forget (self->watched, G_CALLBACK (on_chosen), self);
  g_set_object (&self->watched, run);
  if (run != NULL)
    astern_frames_watch (run, G_CALLBACK (on_chosen), self);
  g_clear_pointer (&self->file, g_free);
  g_clear_pointer (&self->code, g_array_unref);
  g_clear_pointer (&self->hover, g_free);
  g_clear_pointer (&self->hover_text, g_free);
  self->generation++;
  self->follow = TRUE;
  self->info_serial = G_MAXUINT;
  if (self->values == NULL || gtk_widget_in_destruction (GTK_WIDGET (self)))
    return;
  astern_rows_clear (self->values);
  gtk_label_set_text (GTK_LABEL (self->function), "");
  gtk_label_set_text (GTK_LABEL (self->none), "");
  gtk_stack_set_visible_child_name (GTK_STACK (self->pages), "none");
  set_entry (self);
}

static void
finalize (GObject *object)
{
  AsternSourceView *self = ASTERN_SOURCE_VIEW (object);

  g_clear_object (&self->watched);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->map, g_variant_unref);
  g_clear_pointer (&self->code, g_array_unref);
  g_free (self->file);
  g_free (self->hover);
  g_free (self->hover_text);
  astern_rows_free (self->values);
  G_OBJECT_CLASS (astern_source_view_parent_class)->finalize (object);
}

static void
bind_widgets (GtkWidgetClass *widget)
{
#define BIND(name) gtk_widget_class_bind_template_child (widget, AsternSourceView, name)
  BIND (files);
  BIND (combo);
  BIND (function);
  BIND (pages);
  BIND (none);
  BIND (missing);
  BIND (area);
  BIND (values_tree);
#undef BIND
#define CALLBACK(name) gtk_widget_class_bind_template_callback (widget, name)
  CALLBACK (on_combo_changed);
  CALLBACK (on_entry_activate);
  CALLBACK (on_match_selected);
  CALLBACK (on_choose);
  CALLBACK (on_populate_popup);
  CALLBACK (on_area_button);
  CALLBACK (on_area_key);
  CALLBACK (on_query_tooltip);
  CALLBACK (toggle_at);
  CALLBACK (on_value_memory);
  CALLBACK (on_values_button);
  CALLBACK (on_values_popup);
#undef CALLBACK
}

static void
astern_source_view_class_init (AsternSourceViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = free_question;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  ASTERN_VIEW_CLASS (klass)->code_cursor = code_cursor;
  g_type_ensure (ASTERN_TYPE_SOURCE_AREA);
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/source-view.ui");
  bind_widgets (widget);
}

static void
astern_source_view_init (AsternSourceView *self)
{
  GtkEntryCompletion *completion;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->info_serial = G_MAXUINT;
  self->follow = TRUE;
  self->values = astern_rows_new (GTK_TREE_VIEW (self->values_tree), ASTERN_VALUE_VALUE,
                                  (void (*) (gpointer)) astern_view_refresh, self);
  completion = gtk_entry_get_completion (GTK_ENTRY (gtk_bin_get_child (GTK_BIN (self->combo))));
  gtk_entry_completion_set_match_func (completion, matches, NULL, NULL);
  self->settings = astern_window_settings_new (MAP_KEY);
  if (self->settings != NULL)
    self->map = g_settings_get_value (self->settings, MAP_KEY);
}
