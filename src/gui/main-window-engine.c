/* main-window-engine.c - which engine runs the machine: shown, chosen, and what is grey for it. */
#include "config.h"

#include "gui/main-window-private.h"

#include <string.h>

#include <glib/gi18n.h>

static const char *
engine_title (const char *name)
{
  static const struct { const char *name, *title; } titles[] = { { "translate", N_("Translator") }, { "kvm", N_("KVM") } };

  for (gsize i = 0; i < G_N_ELEMENTS (titles); i++)
    if (g_strcmp0 (name, titles[i].name) == 0)
      return _(titles[i].title);
  return name;
}

/* ---- another one takes over ---- */

typedef struct
{
  AsternRun *run;
  char      *name;
} Shift;

static void
free_shift (gpointer data)
{
  Shift *shift = data;

  g_free (shift->name);
  g_object_unref (shift->run);
  g_free (shift);
}

/* The machine's thread. */
static void
do_shift (AsternSession *session, gpointer data)
{
  Shift *shift = data;
  g_autoptr (GError) error = NULL;

  if (!astern_debugger_shift (session->debugger, shift->name, &error))
    astern_run_say (shift->run, error->message);
}

/* The state is the machine's: it follows when the shift was made, by whomever. */
static void
on_engine (GSimpleAction *action, GVariant *value, gpointer data)
{
  AsternMainWindow *window = data;
  g_autoptr (GVariant) present = g_action_get_state (G_ACTION (action));
  Shift *shift;

  if (window->run == NULL || g_variant_equal (present, value))
    return;
  shift = g_new (Shift, 1);
  *shift = (Shift) { g_object_ref (window->run), g_variant_dup_string (value, NULL) };
  astern_run_change (window->run, do_shift, shift, free_shift);
}

void
astern_main_window_add_engine (AsternMainWindow *window)
{
  static const GActionEntry entry = { .name = "engine", .parameter_type = "s", .state = "''", .change_state = on_engine };

  g_action_map_add_action_entries (G_ACTION_MAP (window), &entry, 1, window);
}

/* ---- what there is to see of it ---- */

/* Why a button that goes back is grey. */
static void
explain_button (GtkWidget *button, gpointer data)
{
  const char *action = GTK_IS_ACTIONABLE (button) ? gtk_actionable_get_action_name (GTK_ACTIONABLE (button)) : NULL;
  const char *why = data;

  for (guint i = 0; action != NULL && i < ASTERN_N_MOVES; i++)
    if ((astern_moves[i].needs & ASTERN_NEEDS_HISTORY) && g_str_equal (action + strlen ("win."), astern_moves[i].action))
      {
        const char *label = _(astern_moves[i].label);
        g_autofree char *text = why != NULL ? g_strdup_printf ("%s\n%s", label, why) : g_strdup (label);

        gtk_widget_set_tooltip_text (button, text);
      }
}

static void
explain (AsternMainWindow *window, const char *why)
{
  if (why == window->explained)
    return;
  window->explained = why;
  gtk_container_foreach (GTK_CONTAINER (window->moves), explain_button, (gpointer) why);
}

void
astern_main_window_update_engine (AsternMainWindow *window)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (window), "engine");
  const AsternRunStatus *status = window->run != NULL ? astern_run_status (window->run) : NULL;
  const char *name = status != NULL && status->state != ASTERN_RUN_ENDED && status->engine != NULL ? status->engine : "";

  if (action == NULL)      /* the window is being made */
    return;
  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), name[0] != '\0');
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_string (name));
  gtk_label_set_text (GTK_LABEL (window->engine), engine_title (name));
  gtk_widget_set_sensitive (window->moment, name[0] == '\0' || astern_run_can (window->run, ASTERN_CAN_REVERSE));
  explain (window, name[0] != '\0' ? status->no_history : NULL);
}
