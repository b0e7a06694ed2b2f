/* main-window-files.c - what a window is started with, what it saves, and what was opened last. */
#include "config.h"

#include "gui/main-window-private.h"

#include "gui/command-line.h"
#include "gui/new-machine.h"
#include "gui/recent.h"
#include "gui/start-page.h"
#include "session/save.h"

#include <string.h>

#include <glib/gi18n.h>

/* ---- what was opened last ---- */

static void
remember (const char *title, const char *const *words)
{
  g_autofree char *file = astern_recent_file ();

  astern_recent_add (file, title, words, g_get_real_time () / G_USEC_PER_SEC);
}

/* The demo has a button of its own. */
void
astern_main_window_remember (AsternMainWindow *window)
{
  if (window->remembered || window->words == NULL)
    return;
  window->remembered = TRUE;
  if (g_strcmp0 (window->words[0], "demo") != 0)
    remember (window->title, (const char *const *) window->words);
}

void
astern_main_window_remember_file (const char *path)
{
  g_autofree char *title = g_filename_display_basename (path);

  remember (title, (const char *const[]) { path, NULL });
}

void
astern_main_window_remember_recording (AsternMainWindow *window)
{
  const char *path = window->words != NULL ? astern_command_line_find ((const char *const *) window->words, "record") : NULL;

  if (path != NULL && window->remembered)
    astern_main_window_remember_file (path);
}

/* ---- starting ---- */

gboolean
astern_main_window_start_words (AsternMainWindow *window, const char *const *words)
{
  g_auto (AsternStart) start = { .options = NULL };
  g_autoptr (GError) error = NULL;

  if (astern_start_from_args (&start, words, &error))
    astern_main_window_start (window, &start);
  else
    astern_main_window_say (window, GTK_MESSAGE_ERROR, error->message);
  return error == NULL;
}

static void
demo (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_main_window_start_words (data, (const char *const[]) { "demo", NULL });
}

static void
start_words (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree const char **words = g_variant_get_strv (parameter, NULL);

  astern_main_window_start_words (data, words);
}

/* ---- opening ---- */

static void
say_other (AsternMainWindow *window, const char *path)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *text = g_strdup_printf (_("“%s” is neither a recording nor a kernel that can be booted (a Linux bzImage, a "
                                             "multiboot or PVH image). Give other files in the options of a new machine."), name);

  astern_main_window_say (window, GTK_MESSAGE_ERROR, text);
}

void
astern_main_window_open (AsternMainWindow *window, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  AsternFileKind kind;

  if (!astern_start_file_kind (absolute, &kind, &error))
    astern_main_window_say (window, GTK_MESSAGE_ERROR, error->message);
  else if (kind == ASTERN_FILE_RECORDING)
    astern_main_window_start_words (window, (const char *const[]) { absolute, NULL });
  else if (kind == ASTERN_FILE_KERNEL)
    astern_main_window_new_machine (window, absolute);
  else
    say_other (window, absolute);
}

static void
on_open_response (GtkNativeDialog *dialog, int response, AsternMainWindow *window)
{
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    astern_main_window_open (window, path);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
add_filter (GtkFileChooser *chooser, const char *name, const char *type, const char *pattern)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  if (type != NULL)
    gtk_file_filter_add_mime_type (filter, type);
  gtk_file_filter_add_pattern (filter, pattern);
  gtk_file_chooser_add_filter (chooser, filter);
}

static void
open (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_("Open a Recording or a Kernel"), data, GTK_FILE_CHOOSER_ACTION_OPEN,
                                                              _("_Open"), _("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), FALSE);
  add_filter (GTK_FILE_CHOOSER (dialog), _("All files"), NULL, "*");
  add_filter (GTK_FILE_CHOOSER (dialog), _("Recordings"), NULL, "*.astern");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_open_response), data, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_dropped (AsternMainWindow *window, GdkDragContext *context, int x, int y, GtkSelectionData *dropped, guint info, guint time)
{
  g_auto (GStrv) uris = gtk_selection_data_get_uris (dropped);
  g_autofree char *path = uris != NULL && uris[0] != NULL ? g_filename_from_uri (uris[0], NULL, NULL) : NULL;

  if (path != NULL)
    astern_main_window_open (window, path);
}

/* ---- saving ---- */

typedef struct
{
  GWeakRef window;
  char    *to;
  char    *from;       /* (nullable) to be copied from */
  gboolean done;       /* the machine's thread was there */
  GError  *error;      /* (nullable) */
} Saving;

static void
free_saving (gpointer data)
{
  Saving *saving = data;

  g_weak_ref_clear (&saving->window);
  g_free (saving->to);
  g_free (saving->from);
  g_clear_error (&saving->error);
  g_free (saving);
}

static void
say_saved (Saving *saving)
{
  g_autoptr (AsternMainWindow) window = g_weak_ref_get (&saving->window);
  g_autofree char *name = g_filename_display_name (saving->to);
  g_autofree char *text = NULL;

  if (saving->error == NULL)
    astern_main_window_remember_file (saving->to);
  if (window == NULL)
    return;
  if (saving->error != NULL)
    {
      astern_main_window_say (window, GTK_MESSAGE_ERROR, saving->error->message);
      return;
    }
  text = g_strdup_printf (_("The run is saved in “%s”, and can be replayed from there."), name);
  astern_main_window_say (window, GTK_MESSAGE_INFO, text);
}

static void
copy (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Saving *saving = data;

  astern_recording_copy (saving->from, saving->to, &saving->error);
  g_task_return_boolean (task, TRUE);
}

static void
on_copied (GObject *source, GAsyncResult *result, gpointer data)
{
  say_saved (g_task_get_task_data (G_TASK (result)));
}

/* The main thread again. */
static gboolean
go_on (gpointer data)
{
  Saving *saving = data;
  g_autoptr (GTask) task = NULL;

  if (!saving->done)
    g_set_error (&saving->error, G_IO_ERROR, G_IO_ERROR_CLOSED, _("The machine has ended; nothing was saved."));
  if (saving->error == NULL && saving->from != NULL)
    {
      task = g_task_new (NULL, NULL, on_copied, NULL);
      g_task_set_task_data (task, saving, free_saving);
      g_task_run_in_thread (task, copy);
      return G_SOURCE_REMOVE;
    }
  say_saved (saving);
  free_saving (saving);
  return G_SOURCE_REMOVE;
}

/* The machine's thread. */
static void
do_save (AsternSession *session, gpointer data)
{
  Saving *saving = data;

  saving->done = TRUE;
  astern_session_save (session, saving->to, &saving->from, &saving->error);
}

/* Any thread: it was saved, or there was no machine. */
static void
saved (gpointer data)
{
  g_idle_add (go_on, data);
}

void
astern_main_window_save_recording (AsternMainWindow *window, const char *path)
{
  Saving *saving = g_new0 (Saving, 1);

  g_weak_ref_init (&saving->window, window);
  saving->to = g_canonicalize_filename (path, NULL);
  astern_run_call (window->run, do_save, saving, saved);
}

static void
on_save_response (GtkNativeDialog *dialog, int response, AsternMainWindow *window)
{
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));

  if (response == GTK_RESPONSE_ACCEPT && path != NULL && window->run != NULL)
    astern_main_window_save_recording (window, path);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

/* "demo.astern"; a recording's own name has it already. */
static char *
proposed_name (AsternMainWindow *window)
{
  const char *title = window->title != NULL ? window->title : "run";
  gsize length = strlen (title) - (g_str_has_suffix (title, ".astern") ? strlen (".astern") : 0);
  g_autofree char *stem = g_strndup (title, length);

  return g_strdup_printf ("%s.astern", g_strdelimit (stem, "/", '-'));
}

static void
save_recording (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_("Save the Run as a Recording"), data, GTK_FILE_CHOOSER_ACTION_SAVE,
                                                              _("_Save"), _("_Cancel"));
  g_autofree char *name = proposed_name (data);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), FALSE);
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  add_filter (GTK_FILE_CHOOSER (dialog), _("Recordings"), NULL, "*.astern");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_save_response), data, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ---- the command line ---- */

static void
copy_command_line (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AsternMainWindow *window = data;
  g_autofree char *text = window->words != NULL ? astern_command_line_text ((const char *const *) window->words) : NULL;
  g_autofree char *said = NULL;

  if (text == NULL)
    return;
  gtk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (window), GDK_SELECTION_CLIPBOARD), text, -1);
  said = g_strdup_printf (_("Copied: %s"), text);
  astern_main_window_say (window, GTK_MESSAGE_INFO, said);
}

/* ---- new machines ---- */

/* One at a time: what was filled in is not lost behind another one. */
void
astern_main_window_new_machine (AsternMainWindow *window, const char *kernel)
{
  if (window->new_machine != NULL && kernel != NULL)
    gtk_widget_destroy (window->new_machine);
  if (window->new_machine == NULL)
    {
      window->new_machine = GTK_WIDGET (astern_new_machine_new (GTK_WINDOW (window), kernel));
      g_object_add_weak_pointer (G_OBJECT (window->new_machine), (gpointer *) &window->new_machine);
    }
  gtk_window_present (GTK_WINDOW (window->new_machine));
}

static void
new_machine (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  astern_main_window_new_machine (data, NULL);
}

/* ---- all of them ---- */

static const GActionEntry entries[] = {
  { .name = "demo", .activate = demo },
  { .name = "open", .activate = open },
  { .name = "start", .activate = start_words, .parameter_type = "as" },
  { .name = "new-machine", .activate = new_machine },
  { .name = "save-recording", .activate = save_recording },
  { .name = "copy-command-line", .activate = copy_command_line },
};

void
astern_main_window_add_file_actions (AsternMainWindow *window)
{
  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
  gtk_drag_dest_set (GTK_WIDGET (window), GTK_DEST_DEFAULT_ALL, NULL, 0, GDK_ACTION_COPY);
  gtk_drag_dest_add_uri_targets (GTK_WIDGET (window));
  g_signal_connect (window, "drag-data-received", G_CALLBACK (on_dropped), NULL);
}
