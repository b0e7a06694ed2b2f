/* new-machine.c - see new-machine.h.
 *
 * With each change the command line is made again and given to the options' own parser, so that what is refused is refused
 * here, in its words. */
#include "config.h"

#include "gui/new-machine.h"

#include "arch/x86/features.h"
#include "gui/command-line.h"
#include "gui/machine-form.h"
#include "hw/display/cards.h"

#include <string.h>

#include <glib/gi18n.h>

struct _AsternNewMachine
{
  GtkWindow parent_instance;

  char **words;        /* (nullable) what can be started */

  /* Template children. */
  GtkWidget *start;
  GtkWidget *name, *cpu, *cpus, *memory, *engine;
  GtkWidget *by_kernel, *by_firmware, *kernel, *initrd, *append, *bios;
  GtkWidget *disk, *cdrom, *network, *vga;
  GtkWidget *kernel_choose, *initrd_choose, *bios_choose, *record_choose;
  GtkWidget *serial1, *serial2, *serial3, *serial4;
  GtkWidget *record, *history, *gdb, *start_stopped;
  GtkWidget *seed, *rtc, *extra;
  GtkWidget *command, *copy, *problem, *problem_revealer;
};

G_DEFINE_FINAL_TYPE (AsternNewMachine, astern_new_machine, GTK_TYPE_WINDOW)

/* ---- what was filled in ---- */

static GtkEntry *
entry_of (GtkWidget *combo)
{
  return GTK_ENTRY (gtk_bin_get_child (GTK_BIN (combo)));
}

static const char *
text_of (GtkWidget *widget)
{
  return gtk_entry_get_text (GTK_IS_COMBO_BOX (widget) ? entry_of (widget) : GTK_ENTRY (widget));
}

static AsternMachineForm
read_form (AsternNewMachine *self)
{
  return (AsternMachineForm) {
    .name = text_of (self->name),
    .cpu = text_of (self->cpu),
    .n_cpus = (guint) gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->cpus)),
    .memory_mib = (guint) gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->memory)),
    .engine = gtk_combo_box_get_active_id (GTK_COMBO_BOX (self->engine)),
    .firmware = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->by_firmware)),
    .kernel = text_of (self->kernel),
    .initrd = text_of (self->initrd),
    .append = text_of (self->append),
    .bios = text_of (self->bios),
    .disk = text_of (self->disk),
    .cdrom = text_of (self->cdrom),
    .network = text_of (self->network),
    .vga = text_of (self->vga),
    .serials = { text_of (self->serial1), text_of (self->serial2), text_of (self->serial3), text_of (self->serial4) },
    .record = text_of (self->record),
    .history = text_of (self->history),
    .gdb = text_of (self->gdb),
    .start_stopped = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->start_stopped)),
    .seed = text_of (self->seed),
    .rtc = text_of (self->rtc),
    .extra = text_of (self->extra),
  };
}

/* ---- what comes of it ---- */

/* A kernel is asked for when it is to boot by one. */
static gboolean
check (const AsternMachineForm *form, const char *const *words, GError **error)
{
  if (!form->firmware && astern_command_line_find (words, "kernel") == NULL)
    {
      g_set_error (error, ASTERN_LAUNCH_ERROR, ASTERN_LAUNCH_ERROR_USAGE,
                   _("Choose a kernel, or let the machine boot by its firmware."));
      return FALSE;
    }
  return astern_machine_form_check (words, error);
}

static void
show_problem (AsternNewMachine *self, const GError *error)
{
  if (error != NULL)
    gtk_label_set_text (GTK_LABEL (self->problem), error->message);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->problem_revealer), error != NULL);
  gtk_widget_set_sensitive (self->start, error == NULL);
}

static void
update (AsternNewMachine *self)
{
  AsternMachineForm form = read_form (self);
  g_autoptr (GError) error = NULL;
  char **words = astern_machine_form_words (&form, &error);
  g_autofree char *line = NULL;

  gtk_widget_set_sensitive (self->kernel, !form.firmware);
  gtk_widget_set_sensitive (self->kernel_choose, !form.firmware);
  gtk_widget_set_sensitive (self->initrd, !form.firmware);
  gtk_widget_set_sensitive (self->initrd_choose, !form.firmware);
  gtk_widget_set_sensitive (self->append, !form.firmware);
  gtk_widget_set_sensitive (self->bios, form.firmware);
  gtk_widget_set_sensitive (self->bios_choose, form.firmware);
  g_clear_pointer (&self->words, g_strfreev);
  if (words != NULL)
    {
      line = astern_command_line_text ((const char *const *) words);
      check (&form, (const char *const *) words, &error);
    }
  gtk_label_set_text (GTK_LABEL (self->command), line != NULL ? line : "");
  gtk_widget_set_sensitive (self->copy, line != NULL);
  show_problem (self, error);
  self->words = words;
}

static void
on_start (AsternNewMachine *self)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));

  if (self->words == NULL || !gtk_widget_get_sensitive (self->start) || parent == NULL)
    return;
  g_action_group_activate_action (G_ACTION_GROUP (parent), "start", g_variant_new_strv ((const char *const *) self->words, -1));
  gtk_widget_destroy (GTK_WIDGET (self));
}

static void
on_copy (AsternNewMachine *self)
{
  gtk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD),
                          gtk_label_get_text (GTK_LABEL (self->command)), -1);
}

/* ---- choosing files ---- */

static void
on_chosen (GtkNativeDialog *dialog, int response, GtkEntry *entry)
{
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    gtk_entry_set_text (entry, path);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
choose (AsternNewMachine *self, GtkWidget *entry, const char *title, GtkFileChooserAction action)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, _("_Choose"), _("_Cancel"));

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), FALSE);
  if (action == GTK_FILE_CHOOSER_ACTION_SAVE)
    {
      gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
      gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), "run.astern");
    }
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_chosen), entry, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
choose_kernel (AsternNewMachine *self)
{
  choose (self, self->kernel, _("Choose a Kernel"), GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
choose_initrd (AsternNewMachine *self)
{
  choose (self, self->initrd, _("Choose an Initial RAM Disk"), GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
choose_bios (AsternNewMachine *self)
{
  choose (self, self->bios, _("Choose Firmware"), GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
choose_disk (AsternNewMachine *self)
{
  choose (self, self->disk, _("Choose a Disk Image"), GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
choose_cdrom (AsternNewMachine *self)
{
  choose (self, self->cdrom, _("Choose a CD or DVD Image"), GTK_FILE_CHOOSER_ACTION_OPEN);
}

static void
choose_record (AsternNewMachine *self)
{
  choose (self, self->record, _("Record Into"), GTK_FILE_CHOOSER_ACTION_SAVE);
}

/* ---- the object ---- */

/* "x86-64-v2     to SSE4.2 and POPCNT": the lines of models are those with a gap; names only are offered. */
static void
add_models (GtkComboBoxText *cpu)
{
  g_autofree char *list = x86_features_list_models ();
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      gsize length = strcspn (*line, " ");
      g_autofree char *name = g_strndup (*line, length);

      if (length > 0 && g_str_has_prefix (*line + length, "  "))
        gtk_combo_box_text_append_text (cpu, name);
    }
  gtk_entry_set_placeholder_text (entry_of (GTK_WIDGET (cpu)), x86_features_default_model ());
}

/* Some of what -nic takes; without one there is the first. */
static void
add_networks (GtkWidget *network)
{
  static const char *const networks[] = { "user", "user,hostfwd=tcp::2222-:22", "none" };

  for (gsize i = 0; i < G_N_ELEMENTS (networks); i++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (network), networks[i]);
  gtk_entry_set_placeholder_text (entry_of (network), networks[0]);
}

static void
add_display_cards (GtkWidget *vga)
{
  for (const AsternVgaCard *card = astern_vga_cards; card->name != NULL; card++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (vga), card->name);
  gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (vga), "none");
  gtk_entry_set_placeholder_text (entry_of (vga), astern_vga_cards[0].name);
}

static void
add_places (GtkWidget *serial, const char *at_first)
{
  static const char *const places[] = { "vc", "null", "pty", "file:serial.log", "tcp:localhost:4444,server,nowait", "unix:/tmp/serial,server,nowait" };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (serial), places[i]);
  gtk_entry_set_text (entry_of (serial), at_first);
  gtk_entry_set_placeholder_text (entry_of (serial), _("no port"));
}

/* The entry within is what is focused and read out. */
static void
name_entry (GtkWidget *combo)
{
  const char *name = atk_object_get_name (gtk_widget_get_accessible (combo));

  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (entry_of (combo))), name);
}

static void
finalize (GObject *object)
{
  g_strfreev (ASTERN_NEW_MACHINE (object)->words);
  G_OBJECT_CLASS (astern_new_machine_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget)
{
#define CHILD(name) gtk_widget_class_bind_template_child (widget, AsternNewMachine, name)
  CHILD (start);
  CHILD (name);
  CHILD (cpu);
  CHILD (cpus);
  CHILD (memory);
  CHILD (engine);
  CHILD (by_kernel);
  CHILD (by_firmware);
  CHILD (kernel);
  CHILD (initrd);
  CHILD (append);
  CHILD (bios);
  CHILD (kernel_choose);
  CHILD (initrd_choose);
  CHILD (bios_choose);
  CHILD (record_choose);
  CHILD (disk);
  CHILD (cdrom);
  CHILD (network);
  CHILD (vga);
  CHILD (serial1);
  CHILD (serial2);
  CHILD (serial3);
  CHILD (serial4);
  CHILD (record);
  CHILD (history);
  CHILD (gdb);
  CHILD (start_stopped);
  CHILD (seed);
  CHILD (rtc);
  CHILD (extra);
  CHILD (command);
  CHILD (copy);
  CHILD (problem);
  CHILD (problem_revealer);
#undef CHILD
}

static void
astern_new_machine_class_init (AsternNewMachineClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);
  GtkBindingSet *keys = gtk_binding_set_by_class (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  gtk_binding_entry_add_signal (keys, GDK_KEY_Escape, 0, "close", 0);
  g_signal_new_class_handler ("close", ASTERN_TYPE_NEW_MACHINE, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (gtk_window_close),
                              NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/new-machine.ui");
  bind_children (widget);
  gtk_widget_class_bind_template_callback (widget, update);
  gtk_widget_class_bind_template_callback (widget, on_start);
  gtk_widget_class_bind_template_callback (widget, on_copy);
  gtk_widget_class_bind_template_callback (widget, choose_kernel);
  gtk_widget_class_bind_template_callback (widget, choose_initrd);
  gtk_widget_class_bind_template_callback (widget, choose_bios);
  gtk_widget_class_bind_template_callback (widget, choose_disk);
  gtk_widget_class_bind_template_callback (widget, choose_cdrom);
  gtk_widget_class_bind_template_callback (widget, choose_record);
}

static void
astern_new_machine_init (AsternNewMachine *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_models (GTK_COMBO_BOX_TEXT (self->cpu));
  add_networks (self->network);
  add_display_cards (self->vga);
  add_places (self->serial1, "vc");
  add_places (self->serial2, "");
  add_places (self->serial3, "");
  add_places (self->serial4, "");
  name_entry (self->cpu);
  name_entry (self->network);
  name_entry (self->vga);
  name_entry (self->serial1);
  name_entry (self->serial2);
  name_entry (self->serial3);
  name_entry (self->serial4);
  update (self);
}

AsternNewMachine *
astern_new_machine_new (GtkWindow *parent, const char *kernel)
{
  AsternNewMachine *self = g_object_new (ASTERN_TYPE_NEW_MACHINE, "transient-for", parent, NULL);

  if (kernel != NULL)
    gtk_entry_set_text (GTK_ENTRY (self->kernel), kernel);
  return self;
}
