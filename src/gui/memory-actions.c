/* memory-actions.c - what can be done with what is selected, and how it is shown: see memory-view.h. */
#include "config.h"

#include "gui/memory-private.h"

#include "gui/memory-fetch.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#define MOST_COPIED (1u * 1024 * 1024)
#define MOST_SAVED  (64u * 1024 * 1024)

static void
say (AsternMemoryView *self, const char *text)
{
  if (astern_view_run (ASTERN_VIEW (self)) != NULL)
    astern_run_say (astern_view_run (ASTERN_VIEW (self)), text);
}

/* ---- points, and who wrote ---- */

typedef struct
{
  AsternRun   *run;
  AsternSpace  space;
  guint64      start, size;
  guint8       access;
} Selected;

static void
free_selected (gpointer data)
{
  g_object_unref (((Selected *) data)->run);
  g_free (data);
}

static void
call (AsternMemoryView *self, AsternRunFunc func, guint8 access)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Selected *selected;

  if (run == NULL)
    return;
  selected = g_new0 (Selected, 1);
  *selected = (Selected) { .run = g_object_ref (run), .space = self->space, .access = access };
  astern_memory_grid_selection (self->grid, &selected->start, &selected->size);
  astern_run_call (run, func, selected, free_selected);
}

/* The machine's thread. */
static void
who_wrote (AsternSession *session, gpointer data)
{
  Selected *selected = data;
  g_autoptr (GError) error = NULL;

  if (!astern_debugger_who_wrote (session->debugger, astern_run_client (selected->run), selected->space, selected->start,
                                  selected->size, &error))
    astern_run_say (selected->run, error->message);
}

/* The machine's thread.  The text is what one would have typed at the monitor. */
static void
add_point (AsternSession *session, gpointer data)
{
  Selected *selected = data;
  AsternPoint point = {
    .kind = ASTERN_POINT_MEMORY, .space = selected->space, .start = selected->start, .size = selected->size,
    .access = selected->access, .address_space = ASTERN_POINT_ANY, .error_code = ASTERN_POINT_ANY, .cpu = ASTERN_POINT_ANY,
    .enabled = TRUE,
  };
  const char *access = selected->access == ASTERN_POINT_WRITE ? "" : selected->access == ASTERN_POINT_READ ? "-r " : "-a ";
  g_autoptr (GError) error = NULL;

  point.text = g_strdup_printf ("watch %s%s0x%" G_GINT64_MODIFIER "x,%" G_GUINT64_FORMAT, access,
                                selected->space == ASTERN_SPACE_PHYSICAL ? "-p " : "", selected->start, selected->size);
  if (astern_debugger_add_point (session->debugger, astern_run_client (selected->run), &point, &error) == NULL)
    {
      astern_run_say (selected->run, error->message);
      g_free (point.text);
    }
}

#define ACTION(name) static void name (GSimpleAction *action, GVariant *parameter, gpointer user)

ACTION (on_who_wrote)
{
  call (user, who_wrote, 0);
}

ACTION (on_watch_writes)
{
  call (user, add_point, ASTERN_POINT_WRITE);
}

ACTION (on_watch_reads)
{
  call (user, add_point, ASTERN_POINT_READ);
}

ACTION (on_watch_accesses)
{
  call (user, add_point, ASTERN_POINT_READ | ASTERN_POINT_WRITE);
}

/* ---- copying and saving: read on the machine's thread, and taken from there ---- */

typedef struct
{
  AsternMemoryView *view;       /* owned */
  AsternRun        *run;        /* owned */
  guint             cpu;
  AsternSpace       space;
  guint64           start;
  gsize             size, got;
  guint8           *bytes;
  gint              how;        /* AsternMemoryCopy, or SAVE */
  GFile            *file;       /* (nullable) */
} Reading;

enum { SAVE = -1 };

static gboolean
free_reading (gpointer data)
{
  Reading *reading = data;

  g_clear_object (&reading->file);
  g_free (reading->bytes);
  g_object_unref (reading->view);
  g_object_unref (reading->run);
  g_free (reading);
  return G_SOURCE_REMOVE;
}

/* Widgets end on the main thread. */
static void
free_there (gpointer data)
{
  g_idle_add (free_reading, data);
}

static void
on_saved (GObject *file, GAsyncResult *result, gpointer data)
{
  AsternRun *run = data;
  g_autoptr (GError) error = NULL;

  if (!g_file_replace_contents_finish (G_FILE (file), result, NULL, &error))
    astern_run_say (run, error->message);
  g_object_unref (run);
}

static gboolean
take (gpointer data)
{
  Reading *reading = data;
  g_autofree char *text = NULL;

  if (reading->got < reading->size)
    {
      text = g_strdup_printf (_("Nothing is mapped at %016" PRIx64 "."), reading->start + reading->got);
      astern_run_say (reading->run, text);
    }
  else if (reading->how == SAVE)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&reading->bytes), reading->size);

      g_file_replace_contents_bytes_async (reading->file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL, on_saved,
                                           g_object_ref (reading->run));
    }
  else
    {
      text = astern_memory_copy_text ((AsternMemoryCopy) reading->how, reading->bytes, reading->size);
      gtk_clipboard_set_text (gtk_clipboard_get (GDK_SELECTION_CLIPBOARD), text, -1);
    }
  return G_SOURCE_REMOVE;
}

/* The machine's thread.  Freed behind what takes it: sources of one priority go in their order. */
static void
read_selected (AsternSession *session, gpointer data)
{
  Reading *reading = data;

  reading->bytes = g_malloc (reading->size);
  reading->got = astern_memory_read (session, reading->cpu, reading->space, reading->start, reading->bytes, reading->size);
  g_idle_add (take, reading);
}

static void
begin_reading (AsternMemoryView *self, gint how, GFile *file)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  guint64 start, size, most = how == SAVE ? MOST_SAVED : MOST_COPIED;
  g_autofree char *text = NULL;
  Reading *reading;

  astern_memory_grid_selection (self->grid, &start, &size);
  if (size > most)
    {
      text = g_strdup_printf (_("That is more than %u MiB."), (guint) (most / 1024 / 1024));
      say (self, text);
      return;
    }
  if (run == NULL)
    return;
  reading = g_new0 (Reading, 1);
  *reading = (Reading) { .view = g_object_ref (self), .run = g_object_ref (run), .cpu = self->cpu, .space = self->space,
                         .start = start, .size = (gsize) size, .how = how, .file = file != NULL ? g_object_ref (file) : NULL };
  astern_run_call (run, read_selected, reading, free_there);
}

ACTION (on_copy_hex)
{
  begin_reading (user, ASTERN_COPY_HEX, NULL);
}

ACTION (on_copy_c)
{
  begin_reading (user, ASTERN_COPY_C, NULL);
}

ACTION (on_copy_text)
{
  begin_reading (user, ASTERN_COPY_TEXT, NULL);
}

static void
on_save_response (GtkNativeDialog *dialog, int response, AsternMemoryView *self)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      begin_reading (self, SAVE, file);
    }
  g_object_unref (dialog);
}

ACTION (on_save)
{
  AsternMemoryView *self = user;
  GtkWindow *parent = GTK_WINDOW (gtk_widget_get_toplevel (GTK_WIDGET (self)));
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_("Save Memory"), parent, GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"),
                                                              _("_Cancel"));
  g_autofree char *name = NULL;
  guint64 start, size;

  astern_memory_grid_selection (self->grid, &start, &size);
  name = g_strdup_printf ("%" G_GINT64_MODIFIER "x.bin", start);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_save_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ---- changing and showing ---- */

ACTION (on_edit)
{
  astern_memory_ask_value (user, FALSE);
}

ACTION (on_fill)
{
  astern_memory_ask_value (user, TRUE);
}

static void
request (AsternMemoryView *self, AsternShow what)
{
  guint64 start, size;

  astern_memory_grid_selection (self->grid, &start, &size);
  astern_view_request (ASTERN_VIEW (self), what, start);
}

ACTION (on_show_code)
{
  request (user, ASTERN_SHOW_CODE);
}

ACTION (on_show_tables)
{
  request (user, ASTERN_SHOW_TABLES);
}

/* Where a linear address leads: the machine's thread, and back. */
typedef struct
{
  AsternMemoryView *view;
  AsternRun        *run;
  guint             cpu;
  guint64           linear, physical;
  gboolean          mapped;
} Translating;

static gboolean
go_physical (gpointer data)
{
  Translating *translating = data;

  if (translating->view->grid == NULL)      /* closed meanwhile */
    return G_SOURCE_REMOVE;
  if (translating->mapped)
    astern_memory_go (translating->view, ASTERN_SPACE_PHYSICAL, translating->physical);
  else
    say (translating->view, _("Nothing is mapped there."));
  return G_SOURCE_REMOVE;
}

static gboolean
free_translating (gpointer data)
{
  Translating *translating = data;

  g_object_unref (translating->view);
  g_object_unref (translating->run);
  g_free (translating);
  return G_SOURCE_REMOVE;
}

static void
free_translating_there (gpointer data)
{
  g_idle_add (free_translating, data);
}

static void
translate (AsternSession *session, gpointer data)
{
  Translating *translating = data;

  translating->mapped = astern_debugger_translate (session->debugger, translating->cpu, translating->linear, &translating->physical);
  g_idle_add (go_physical, translating);
}

/* A pointer that is stored here, followed. */
ACTION (on_follow_pointer)
{
  AsternMemoryView *self = user;
  guint64 start, size, value = 0;
  guint8 bytes[8] = { 0 };
  guint width;

  astern_memory_grid_selection (self->grid, &start, &size);
  width = astern_memory_grid_layout (self->grid)->address_digits == 16 ? 8 : 4;
  if (!astern_memory_grid_get_bytes (self->grid, start, width, bytes))
    return;
  memcpy (&value, bytes, sizeof value);
  astern_memory_go (self, ASTERN_SPACE_LINEAR, GUINT64_FROM_LE (value));
}

ACTION (on_show_physical)
{
  AsternMemoryView *self = user;
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Translating *translating;
  guint64 size;

  if (run == NULL || self->space == ASTERN_SPACE_PHYSICAL)
    return;
  translating = g_new0 (Translating, 1);
  *translating = (Translating) { .view = g_object_ref (self), .run = g_object_ref (run), .cpu = self->cpu };
  astern_memory_grid_selection (self->grid, &translating->linear, &size);
  astern_run_call (run, translate, translating, free_translating_there);
}

/* ---- how it is shown ---- */

static const char *
state_of (AsternMemoryView *self, const char *action)
{
  g_autoptr (GVariant) state = g_action_group_get_action_state (G_ACTION_GROUP (self->actions), action);

  return g_intern_string (g_variant_get_string (state, NULL));
}

static void
set_format (AsternMemoryView *self)
{
  static const char *const kinds[ASTERN_N_MEMORY_KINDS] = { "hex", "unsigned", "signed", "floating", "text" };
  const char *kind = state_of (self, "kind");
  AsternMemoryKind n = ASTERN_MEMORY_HEX;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i], kind))
      n = (AsternMemoryKind) i;
  astern_memory_grid_set_format (self->grid, n, (guint) g_ascii_strtoull (state_of (self, "unit"), NULL, 10),
                                 (guint) g_ascii_strtoull (state_of (self, "row"), NULL, 10));
}

static void
on_format (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  g_simple_action_set_state (action, parameter);
  set_format (user);
}

/* ---- the menu ---- */

static void
pop_up (AsternMemoryView *self, const GdkEvent *event)
{
  GtkWidget *menu = gtk_menu_new_from_model (G_MENU_MODEL (self->context_menu));
  gint caret = astern_memory_grid_caret (self->grid);
  GdkRectangle box = { 0, 0, 1, 1 };

  gtk_menu_attach_to_widget (GTK_MENU (menu), GTK_WIDGET (self->grid), NULL);
  g_signal_connect (menu, "selection-done", G_CALLBACK (gtk_widget_destroy), NULL);
  if (caret >= 0)
    astern_memory_grid_extents (self->grid, caret, &box);
  if (event != NULL)
    gtk_menu_popup_at_pointer (GTK_MENU (menu), event);
  else
    gtk_menu_popup_at_rect (GTK_MENU (menu), gtk_widget_get_window (GTK_WIDGET (self->grid)), &box, GDK_GRAVITY_SOUTH_WEST,
                            GDK_GRAVITY_NORTH_WEST, NULL);
}

static gboolean
on_button_press (AsternMemoryView *self, GdkEventButton *event)
{
  if (!gdk_event_triggers_context_menu ((GdkEvent *) event))
    return FALSE;
  pop_up (self, (GdkEvent *) event);
  return TRUE;
}

static gboolean
on_popup_menu (AsternMemoryView *self)
{
  pop_up (self, NULL);
  return TRUE;
}

static gboolean
on_key_press (AsternMemoryView *self, GdkEventKey *event)
{
  guint modifiers = event->state & gtk_accelerator_get_default_mod_mask ();

  if (modifiers == GDK_CONTROL_MASK && event->keyval == GDK_KEY_c)
    begin_reading (self, ASTERN_COPY_HEX, NULL);
  else if (modifiers == GDK_CONTROL_MASK && event->keyval == GDK_KEY_f)
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->find_button), TRUE);
  else if (modifiers == GDK_CONTROL_MASK && event->keyval == GDK_KEY_l)
    gtk_widget_grab_focus (self->address_entry);
  else
    return FALSE;
  return TRUE;
}

static void
enable (AsternMemoryView *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), name)), enabled);
}

void
astern_memory_update_actions (AsternMemoryView *self)
{
  static const char *const need_points[] = { "watch-writes", "watch-reads", "watch-accesses" };
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));

  enable (self, "who-wrote", run != NULL && astern_run_status (run)->has_history);
  for (gsize i = 0; i < G_N_ELEMENTS (need_points); i++)
    enable (self, need_points[i], run != NULL && astern_run_can (run, ASTERN_CAN_BREAK));
}

void
astern_memory_add_actions (AsternMemoryView *self)
{
  static const GActionEntry entries[] = {
    { .name = "who-wrote", .activate = on_who_wrote },
    { .name = "watch-writes", .activate = on_watch_writes },
    { .name = "watch-reads", .activate = on_watch_reads },
    { .name = "watch-accesses", .activate = on_watch_accesses },
    { .name = "copy-hex", .activate = on_copy_hex },
    { .name = "copy-c", .activate = on_copy_c },
    { .name = "copy-text", .activate = on_copy_text },
    { .name = "save", .activate = on_save },
    { .name = "edit", .activate = on_edit },
    { .name = "fill", .activate = on_fill },
    { .name = "show-code", .activate = on_show_code },
    { .name = "show-tables", .activate = on_show_tables },
    { .name = "show-physical", .activate = on_show_physical },
    { .name = "follow-pointer", .activate = on_follow_pointer },
    { .name = "kind", .parameter_type = "s", .state = "'hex'", .activate = on_format },
    { .name = "unit", .parameter_type = "s", .state = "'1'", .activate = on_format },
    { .name = "row", .parameter_type = "s", .state = "'0'", .activate = on_format },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "memory", G_ACTION_GROUP (self->actions));
  g_signal_connect_object (self->grid, "button-press-event", G_CALLBACK (on_button_press), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->grid, "popup-menu", G_CALLBACK (on_popup_menu), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->grid, "key-press-event", G_CALLBACK (on_key_press), self, G_CONNECT_SWAPPED);
}
