/* breakpoint-form.c - see breakpoint-form.h. */
#include "config.h"

#include "gui/breakpoint-form.h"

#include "session/point-text.h"

#include <string.h>

#include <glib/gi18n.h>

struct _AsternBreakpointForm
{
  GtkGrid    parent_instance;
  gboolean   clearing;

  GtkWidget *kind, *access, *space;
  GtkWidget *place_label, *place, *length, *error_code, *condition, *ignore, *cpu, *address_space, *command;
  GtkWidget *length_label, *error_code_label, *access_label, *space_label;
  GtkWidget *changes_only, *log_only, *temporary;
  GtkWidget *message, *add;
};

G_DEFINE_FINAL_TYPE (AsternBreakpointForm, astern_breakpoint_form, GTK_TYPE_GRID)

enum { CHANGED, SUBMITTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static const struct { const char *text; guint8 access; } accesses[] = {
  { N_("Write"), ASTERN_POINT_WRITE }, { N_("Read"), ASTERN_POINT_READ },
  { N_("Read or write"), ASTERN_POINT_READ | ASTERN_POINT_WRITE },
};

static GtkWidget *
entry_of (AsternBreakpointForm *form, AsternPointPart part)
{
  GtkWidget *const entries[ASTERN_N_POINT_PARTS] = {
    [ASTERN_POINT_PART_PLACE] = form->place, [ASTERN_POINT_PART_LENGTH] = form->length,
    [ASTERN_POINT_PART_ERROR_CODE] = form->error_code, [ASTERN_POINT_PART_CONDITION] = form->condition,
    [ASTERN_POINT_PART_IGNORE] = form->ignore, [ASTERN_POINT_PART_CPU] = form->cpu,
    [ASTERN_POINT_PART_ADDRESS_SPACE] = form->address_space, [ASTERN_POINT_PART_COMMAND] = form->command,
  };

  return entries[part];
}

static AsternPointKind
kind_of (AsternBreakpointForm *form)
{
  return (AsternPointKind) MAX (0, gtk_combo_box_get_active (GTK_COMBO_BOX (form->kind)));
}

AsternPointForm *
astern_breakpoint_form_get (AsternBreakpointForm *form)
{
  AsternPointForm *result = g_new0 (AsternPointForm, 1);

  result->kind = kind_of (form);
  result->space = (AsternSpace) MAX (0, gtk_combo_box_get_active (GTK_COMBO_BOX (form->space)));
  result->access = accesses[MAX (0, gtk_combo_box_get_active (GTK_COMBO_BOX (form->access)))].access;
  if (result->kind == ASTERN_POINT_SYSCALL)     /* a call is told as a fetch, its return as a write */
    result->access = 0;
  result->changes_only = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (form->changes_only));
  result->log_only = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (form->log_only));
  result->temporary = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (form->temporary));
  for (guint i = ASTERN_POINT_PART_NONE + 1; i < ASTERN_N_POINT_PARTS; i++)
    result->texts[i] = g_strdup (gtk_entry_get_text (GTK_ENTRY (entry_of (form, i))));
  return result;
}

void
astern_breakpoint_form_judge (AsternBreakpointForm *form, AsternPointPart wrong, const char *message)
{
  for (guint i = ASTERN_POINT_PART_NONE + 1; i < ASTERN_N_POINT_PARTS; i++)
    {
      GtkStyleContext *style = gtk_widget_get_style_context (entry_of (form, i));
      gboolean empty = gtk_entry_get_text_length (GTK_ENTRY (entry_of (form, i))) == 0;

      if (message != NULL && i == wrong && !empty)
        gtk_style_context_add_class (style, GTK_STYLE_CLASS_ERROR);
      else
        gtk_style_context_remove_class (style, GTK_STYLE_CLASS_ERROR);
    }
  /* What is only not there yet is no mistake. */
  if (wrong != ASTERN_POINT_PART_NONE && gtk_entry_get_text_length (GTK_ENTRY (entry_of (form, wrong))) == 0)
    gtk_style_context_remove_class (gtk_widget_get_style_context (form->message), "astern-problem");
  else
    gtk_style_context_add_class (gtk_widget_get_style_context (form->message), "astern-problem");
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (form->message)), message) != 0)
    gtk_label_set_text (GTK_LABEL (form->message), message != NULL ? message : "");
  gtk_widget_set_sensitive (form->add, message == NULL);
}

void
astern_breakpoint_form_clear (AsternBreakpointForm *form)
{
  form->clearing = TRUE;
  for (guint i = ASTERN_POINT_PART_NONE + 1; i < ASTERN_N_POINT_PARTS; i++)
    gtk_entry_set_text (GTK_ENTRY (entry_of (form, i)), "");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (form->changes_only), FALSE);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (form->log_only), FALSE);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (form->temporary), FALSE);
  form->clearing = FALSE;
  g_signal_emit (form, signals[CHANGED], 0);
}

void
astern_breakpoint_form_begin (AsternBreakpointForm *form)
{
  gtk_widget_grab_focus (gtk_widget_get_visible (form->place) ? form->place : form->kind);
}

/* ---- what each kind has ---- */

static void
set_place_label (AsternBreakpointForm *form, AsternPointKind kind)
{
  static const char *const labels[ASTERN_N_POINT_KINDS] = {
    N_("Address"), N_("Address"), N_("Port"), N_("MSR"), N_("Register"), N_("Vector"), N_("Vector"), "", N_("Number"), "", "",
  };
  static const char *const hints[ASTERN_N_POINT_KINDS] = {
    N_("main, 0xffffffff81000000, $rip + 4"), N_("counter, 0x1000, $rsp + 8"), N_("0x3f8; empty: any"),
    N_("IA32_EFER, 0xc0000080; empty: any"),
    N_("CR3; empty: any"), N_("#PF, 14; empty: any"), N_("0x20; empty: any"), "", N_("60; empty: any"), "", "",
  };

  gtk_label_set_text (GTK_LABEL (form->place_label), labels[kind][0] != '\0' ? _(labels[kind]) : "");
  gtk_entry_set_placeholder_text (GTK_ENTRY (form->place), hints[kind][0] != '\0' ? _(hints[kind]) : "");
  gtk_entry_set_placeholder_text (GTK_ENTRY (form->length), kind == ASTERN_POINT_MEMORY ? "8" : "1");
}

static void
show_parts (AsternBreakpointForm *form)
{
  AsternPointKind kind = kind_of (form);
  gboolean has_space = astern_point_form_has_space (kind, ASTERN_SPACE_LINEAR);
  gboolean has_access = astern_point_form_has_access (kind) && kind != ASTERN_POINT_SYSCALL;

  set_place_label (form, kind);
#define SHOW(name, yes) do { \
    gtk_widget_set_visible (form->name, (yes)); \
    gtk_widget_set_visible (form->name##_label, (yes)); } while (0)
  SHOW (place, astern_point_form_has (kind, ASTERN_POINT_PART_PLACE));
  SHOW (length, astern_point_form_has (kind, ASTERN_POINT_PART_LENGTH));
  SHOW (error_code, astern_point_form_has (kind, ASTERN_POINT_PART_ERROR_CODE));
  SHOW (access, has_access);
  SHOW (space, has_space);
#undef SHOW
  gtk_widget_set_visible (form->changes_only, kind == ASTERN_POINT_MEMORY);
}

static void
on_changed (AsternBreakpointForm *form)
{
  if (!form->clearing)
    g_signal_emit (form, signals[CHANGED], 0);
}

static void
on_kind_changed (AsternBreakpointForm *form)
{
  show_parts (form);
  on_changed (form);
}

static void
on_submitted (AsternBreakpointForm *form)
{
  if (gtk_widget_get_sensitive (form->add))
    g_signal_emit (form, signals[SUBMITTED], 0);
}

static void
on_present_space (AsternBreakpointForm *form)
{
  gtk_entry_set_text (GTK_ENTRY (form->address_space), "$cr3");
}

/* ---- the object ---- */

static void
fill_choices (AsternBreakpointForm *form)
{
  static const char *const spaces[] = { N_("Linear"), N_("Offset (RIP)"), N_("Physical") };

  for (guint i = 0; i < ASTERN_N_POINT_KINDS; i++)
    {
      const char *text = astern_point_kind_text (i);
      g_autofree char *first = g_utf8_substring (text, 0, 1), *upper = g_utf8_strup (first, -1);
      g_autofree char *title = g_strconcat (upper, g_utf8_next_char (text), NULL);

      gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (form->kind), title);
    }
  for (guint i = 0; i < G_N_ELEMENTS (accesses); i++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (form->access), _(accesses[i].text));
  for (guint i = 0; i < G_N_ELEMENTS (spaces); i++)
    gtk_combo_box_text_append_text (GTK_COMBO_BOX_TEXT (form->space), _(spaces[i]));
  gtk_combo_box_set_active (GTK_COMBO_BOX (form->kind), 0);
  gtk_combo_box_set_active (GTK_COMBO_BOX (form->access), 0);
  gtk_combo_box_set_active (GTK_COMBO_BOX (form->space), 0);
}

static void
astern_breakpoint_form_class_init (AsternBreakpointFormClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  signals[CHANGED] = g_signal_new ("changed", ASTERN_TYPE_BREAKPOINT_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SUBMITTED] = g_signal_new ("submitted", ASTERN_TYPE_BREAKPOINT_FORM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/breakpoint-form.ui");
#define CHILD(name) gtk_widget_class_bind_template_child (widget, AsternBreakpointForm, name)
  CHILD (kind);
  CHILD (access);
  CHILD (access_label);
  CHILD (space);
  CHILD (space_label);
  CHILD (place);
  CHILD (place_label);
  CHILD (length);
  CHILD (length_label);
  CHILD (error_code);
  CHILD (error_code_label);
  CHILD (condition);
  CHILD (ignore);
  CHILD (cpu);
  CHILD (address_space);
  CHILD (command);
  CHILD (changes_only);
  CHILD (log_only);
  CHILD (temporary);
  CHILD (message);
  CHILD (add);
#undef CHILD
  gtk_widget_class_bind_template_callback (widget, on_changed);
  gtk_widget_class_bind_template_callback (widget, on_kind_changed);
  gtk_widget_class_bind_template_callback (widget, on_submitted);
  gtk_widget_class_bind_template_callback (widget, on_present_space);
}

static void
astern_breakpoint_form_init (AsternBreakpointForm *form)
{
  gtk_widget_init_template (GTK_WIDGET (form));
  fill_choices (form);
  show_parts (form);
  astern_breakpoint_form_judge (form, ASTERN_POINT_PART_NONE, "");
}
