/* screen-picture.c - see screen-picture.h. */
#include "config.h"

#include "gui/screen-picture.h"

#include "host/png.h"

#include <glib/gi18n.h>

static GBytes *
encode (AsternScreenArea *area)
{
  cairo_surface_t *surface = astern_screen_area_surface (area);
  AsternPicture picture = { 0 };

  if (surface == NULL)
    return NULL;
  cairo_surface_flush (surface);
  picture.width = (guint) cairo_image_surface_get_width (surface);
  picture.height = (guint) cairo_image_surface_get_height (surface);
  picture.stride = (guint) cairo_image_surface_get_stride (surface) / sizeof (guint32);
  picture.pixels = (guint32 *) (gpointer) cairo_image_surface_get_data (surface);
  return astern_png_encode (&picture);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AsternRun) run = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_parse_name (G_FILE (source));
  g_autofree char *text = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    text = g_strdup_printf (_("The picture is in “%s”."), name);
  else
    text = g_strdup_printf (_("The picture could not be written to “%s”: %s"), name, error->message);
  astern_run_say (run, text);
}

static void
save_to (AsternScreenArea *area, AsternRun *run, GFile *file)
{
  g_autoptr (GBytes) png = encode (area);

  if (png != NULL)
    g_file_replace_contents_bytes_async (file, png, NULL, FALSE, G_FILE_CREATE_NONE, NULL, on_written, g_object_ref (run));
}

/* With the guest's moment, so that pictures of one run stand in its order. */
static char *
file_name (AsternRun *run)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%d %H-%M-%S");

  if (!astern_run_can (run, ASTERN_CAN_COUNT_EXACTLY))
    return g_strdup_printf ("Astern %s %.6f s.png", when, (double) astern_run_status (run)->guest_ns / 1e9);
  return g_strdup_printf ("Astern %s @%" G_GUINT64_FORMAT ".png", when, astern_run_status (run)->present.icount);
}

void
astern_screen_save (AsternScreenArea *area, AsternRun *run)
{
  const char *folder = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);
  g_autofree char *name = file_name (run);
  g_autofree char *path = g_build_filename (folder != NULL ? folder : g_get_home_dir (), name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  save_to (area, run, file);
}

typedef struct
{
  AsternScreenArea *area;
  AsternRun        *run;
} Saving;

static void
on_response (GtkNativeDialog *dialog, int response, gpointer data)
{
  Saving *saving = data;
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL)
    save_to (saving->area, saving->run, file);
  g_object_unref (saving->area);
  g_object_unref (saving->run);
  g_free (saving);
  g_object_unref (dialog);
}

void
astern_screen_save_as (AsternScreenArea *area, AsternRun *run)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (area));
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_("Save the Screen"), GTK_WINDOW (window),
                                                              GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);
  g_autofree char *name = file_name (run);
  Saving *saving = g_new (Saving, 1);

  *saving = (Saving) { g_object_ref (area), g_object_ref (run) };
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), saving);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
astern_screen_copy (AsternScreenArea *area)
{
  cairo_surface_t *surface = astern_screen_area_surface (area);
  g_autoptr (GdkPixbuf) picture = NULL;

  if (surface == NULL)
    return;
  picture = gdk_pixbuf_get_from_surface (surface, 0, 0, cairo_image_surface_get_width (surface),
                                         cairo_image_surface_get_height (surface));
  gtk_clipboard_set_image (gtk_widget_get_clipboard (GTK_WIDGET (area), GDK_SELECTION_CLIPBOARD), picture);
}

void
astern_screen_copy_text (AsternScreenArea *area)
{
  gtk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (area), GDK_SELECTION_CLIPBOARD),
                          astern_screen_area_text (area), -1);
}
