/* main-window.c - see main-window.h. */
#include "config.h"

#include "gui/main-window.h"

#include "gui/dock.h"
#include "gui/moves.h"
#include "gui/start.h"
#include "gui/start-page.h"
#include "gui/timeline-view.h"
#include "gui/main-window-private.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (AsternMainWindow, astern_main_window, GTK_TYPE_APPLICATION_WINDOW)

/* A move shows its progress when it takes longer than this. */
#define PROGRESS_AFTER_MS 200

AsternRun *
astern_main_window_run (AsternMainWindow *window)
{
  return window->run;
}

/* ---- sentences ---- */

void
astern_main_window_say (AsternMainWindow *window, GtkMessageType type, const char *text)
{
  gtk_label_set_text (GTK_LABEL (window->info_text), text);
  gtk_info_bar_set_message_type (GTK_INFO_BAR (window->info), type);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (window->info), TRUE);
}

static void
on_info_response (AsternMainWindow *window)
{
  gtk_info_bar_set_revealed (GTK_INFO_BAR (window->info), FALSE);
}

/* ---- the state, in the header and below ---- */

static const char *
state_text (AsternRun *run)
{
  const AsternRunStatus *status = astern_run_status (run);

  switch (status->state)
    {
    case ASTERN_RUN_STARTING:
      return _("Starting…");
    case ASTERN_RUN_RUNNING:
      return _("Running");
    case ASTERN_RUN_MOVING:
      return _("Moving…");
    case ASTERN_RUN_ENDED:
      return _("The machine has ended");
    case ASTERN_RUN_STOPPED:
      break;
    }
  return astern_run_stop_text (run);
}

static void
show_moment (AsternMainWindow *window, const AsternRunStatus *status)
{
  char moment[ASTERN_MOMENT_TEXT];

  if (gtk_widget_has_focus (window->moment))
    return;
  if (astern_run_can (window->run, ASTERN_CAN_COUNT_EXACTLY))
    astern_moment_format (status->present, moment);
  else
    g_snprintf (moment, sizeof moment, _("%.6f s"), (double) status->guest_ns / 1e9);
  gtk_entry_set_text (GTK_ENTRY (window->moment), moment);
}

static void
show_cpus (AsternMainWindow *window, const AsternRunStatus *status)
{
  GtkComboBoxText *cpus = GTK_COMBO_BOX_TEXT (window->cpus);

  if (window->n_cpus == status->n_cpus)
    return;
  window->n_cpus = status->n_cpus;
  gtk_combo_box_text_remove_all (cpus);
  for (guint i = 0; i < status->n_cpus; i++)
    {
      g_autofree char *name = g_strdup_printf (_("CPU %u"), i);

      gtk_combo_box_text_append_text (cpus, name);
    }
  gtk_combo_box_set_active (GTK_COMBO_BOX (cpus), (gint) status->cpu);
  gtk_widget_set_visible (window->cpus, status->n_cpus > 1);
}

static void
show_status (AsternMainWindow *window)
{
  const AsternRunStatus *status = astern_run_status (window->run);
  g_autofree char *where = g_strdup_printf (status->in_past ? _("%.6f s, in the past") : _("%.6f s"),
                                            (double) status->guest_ns / 1e9);
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (window));
  gboolean running = status->state == ASTERN_RUN_RUNNING;

  gtk_label_set_text (GTK_LABEL (window->state), state_text (window->run));
  gtk_label_set_text (GTK_LABEL (window->where), where);
  if (status->in_past)
    gtk_style_context_add_class (style, "astern-past");
  else
    gtk_style_context_remove_class (style, "astern-past");
  gtk_stack_set_visible_child_name (GTK_STACK (window->run_pause), running ? "pause" : "continue");
  show_moment (window, status);
  if (status->n_cpus > 0)
    show_cpus (window, status);
}

static gboolean
reveal_progress (gpointer data)
{
  AsternMainWindow *window = data;

  window->progress_timer = 0;
  gtk_revealer_set_reveal_child (GTK_REVEALER (window->progress_revealer), TRUE);
  return G_SOURCE_REMOVE;
}

static void
show_moving (AsternMainWindow *window, gboolean moving)
{
  if (moving && window->progress_timer == 0)
    {
      gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (window->progress), 0);
      window->progress_timer = g_timeout_add (PROGRESS_AFTER_MS, reveal_progress, window);
    }
  else if (!moving)
    {
      g_clear_handle_id (&window->progress_timer, g_source_remove);
      gtk_revealer_set_reveal_child (GTK_REVEALER (window->progress_revealer), FALSE);
    }
}

static void
on_changed (AsternMainWindow *window)
{
  const AsternRunStatus *status = astern_run_status (window->run);

  if (status->state == ASTERN_RUN_RUNNING || status->state == ASTERN_RUN_STOPPED)
    astern_main_window_remember (window);
  show_status (window);
  show_moving (window, status->state == ASTERN_RUN_MOVING);
  astern_moves_update (G_ACTION_MAP (window), window->run);
  astern_main_window_update_actions (window);
}

/* ---- how long a refresh takes: from the stop to the frame that shows it, with G_MESSAGES_DEBUG=astern ---- */

static void
on_painted (GdkFrameClock *clock, gpointer data)
{
  AsternMainWindow *window = data;

  g_clear_signal_handler (&window->painting, clock);
  if (window->run != NULL)
    g_debug ("stop %u shown after %.1f ms", window->painted,
             (double) (g_get_monotonic_time () - astern_run_status (window->run)->stopped_us) / 1e3);
}

static void
on_looked (AsternMainWindow *window)
{
  const AsternRunStatus *status = astern_run_status (window->run);
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (window));

  if (status->serial == window->painted || status->state == ASTERN_RUN_RUNNING || clock == NULL)
    return;
  window->painted = status->serial;
  if (window->painting == 0)
    window->painting = g_signal_connect_object (clock, "after-paint", G_CALLBACK (on_painted), window, 0);
  gtk_widget_queue_draw (window->state);     /* there is a frame, whatever else has changed */
}

/* ---- the run's signals ---- */

static void
on_said (AsternMainWindow *window, const char *text)
{
  astern_main_window_say (window, GTK_MESSAGE_INFO, text);
}

static void
on_failed (AsternMainWindow *window, const char *text)
{
  astern_main_window_say (window, GTK_MESSAGE_ERROR, text);
}

static void
on_progress (AsternMainWindow *window, double fraction)
{
  /* The past is looked through without a move: the machine is as if it had stood all the time. */
  gboolean busy = fraction < 1 || astern_run_status (window->run)->state == ASTERN_RUN_MOVING;

  show_moving (window, busy);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (window), "cancel")), busy);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (window->progress), fraction);
}

static void
on_asks_to_branch (AsternMainWindow *window)
{
  gtk_info_bar_set_revealed (GTK_INFO_BAR (window->branch_bar), TRUE);
}

static void
answer_branch (AsternMainWindow *window, gboolean yes)
{
  gtk_info_bar_set_revealed (GTK_INFO_BAR (window->branch_bar), FALSE);
  if (window->run != NULL)
    astern_run_branch (window->run, yes);
}

static void
on_branch_yes (AsternMainWindow *window)
{
  answer_branch (window, TRUE);
}

static void
on_branch_no (AsternMainWindow *window)
{
  answer_branch (window, FALSE);
}

static void set_run (AsternMainWindow *window, AsternRun *run);

static void
on_ended (AsternMainWindow *window, int status)
{
  AsternStart *next = &window->next;

  if (window->closing)
    {
      gtk_widget_destroy (GTK_WIDGET (window));
      return;
    }
  astern_main_window_remember_recording (window);
  set_run (window, NULL);
  if (next->options != NULL)
    astern_main_window_start (window, next);
}

/* ---- the run ---- */

static void
set_run (AsternMainWindow *window, AsternRun *run)
{
  if (window->run != NULL)
    g_signal_handlers_disconnect_by_data (window->run, window);
  g_set_object (&window->run, run);
  astern_dock_set_run (ASTERN_DOCK (window->dock), run);
  astern_view_set_run (ASTERN_VIEW (window->timeline), run);
  gtk_info_bar_set_revealed (GTK_INFO_BAR (window->branch_bar), FALSE);
  if (run == NULL)
    astern_start_page_refresh (ASTERN_START_PAGE (window->start_page));
  gtk_stack_set_visible_child_name (GTK_STACK (window->pages), run != NULL ? "machine" : "start");
  astern_moves_update (G_ACTION_MAP (window), run);
  astern_main_window_update_actions (window);
  if (run == NULL)
    {
      show_moving (window, FALSE);
      gtk_label_set_text (GTK_LABEL (window->state), "");
      gtk_label_set_text (GTK_LABEL (window->where), "");
      return;
    }
  g_signal_connect_object (run, "changed", G_CALLBACK (on_changed), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "looked", G_CALLBACK (on_looked), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "said", G_CALLBACK (on_said), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "failed", G_CALLBACK (on_failed), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "progress", G_CALLBACK (on_progress), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "asks-to-branch", G_CALLBACK (on_asks_to_branch), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "ended", G_CALLBACK (on_ended), window, G_CONNECT_SWAPPED);
}

void
astern_main_window_start (AsternMainWindow *window, AsternStart *start)
{
  g_autoptr (AsternRun) run = NULL;

  if (window->run != NULL)
    {
      astern_start_clear (&window->next);
      window->next = *start;
      *start = (AsternStart) { .options = NULL };
      astern_run_quit (window->run);
      return;
    }
  gtk_info_bar_set_revealed (GTK_INFO_BAR (window->info), FALSE);
  g_free (window->title);
  window->title = astern_start_title (start);
  g_strfreev (window->words);
  window->words = g_steal_pointer (&start->words);
  window->remembered = FALSE;
  run = astern_run_new (g_steal_pointer (&start->options), start->story, g_steal_pointer (&start->recording),
                        g_steal_pointer (&start->replay));
  set_run (window, run);
}

/* ---- moves ---- */

static AsternRun *
run_of (gpointer user)
{
  return ((AsternMainWindow *) user)->run;
}

static gboolean
cursor_of (AsternView *view, gpointer data)
{
  AsternViewClass *klass = ASTERN_VIEW_GET_CLASS (view);

  return klass->code_cursor != NULL && klass->code_cursor (view, data);
}

static gboolean
place_of (gpointer user, AsternMove move, AsternMoveRequest *request)
{
  AsternMainWindow *window = user;

  if (move == ASTERN_MOVE_GOTO)
    {
      gtk_widget_grab_focus (window->moment);
      return FALSE;
    }
  return astern_dock_foreach (ASTERN_DOCK (window->dock), cursor_of, &request->address);
}

/* "@1234", "+10" and "-10" from the present, or "12.5s" of guest time: the monitor's words. */
static void
on_moment_activate (AsternMainWindow *window)
{
  const char *text = gtk_entry_get_text (GTK_ENTRY (window->moment));
  AsternMoment moment;
  gint64 by;
  char *end;

  if (window->run == NULL)
    return;
  by = g_ascii_strtoll (text, &end, 10);
  if ((text[0] == '+' || text[0] == '-') && *end == '\0')
    {
      moment = astern_run_status (window->run)->present;
      moment = (AsternMoment) { by < 0 && (guint64) -by > moment.icount ? 0 : moment.icount + (guint64) by, 0 };
    }
  else if (!astern_moment_parse (text, &moment))
    {
      astern_main_window_say (window, GTK_MESSAGE_WARNING, _("A moment is written as @1234567, or as +1000 or -1000 from here."));
      return;
    }
  gtk_widget_grab_focus (window->dock);
  astern_run_goto (window->run, moment);
}

static void
on_cpu_changed (AsternMainWindow *window)
{
  int cpu = gtk_combo_box_get_active (GTK_COMBO_BOX (window->cpus));

  if (window->run != NULL && cpu >= 0)
    astern_run_set_cpu (window->run, (guint) cpu);
}

/* ---- addresses that views ask for ---- */

typedef struct
{
  AsternShow what;
  guint64    address;
} Wanted;

static gboolean
shows (AsternView *view, gpointer data)
{
  Wanted *wanted = data;
  AsternViewClass *klass = ASTERN_VIEW_GET_CLASS (view);

  if (klass->show_address == NULL || !klass->show_address (view, wanted->what, wanted->address))
    return FALSE;
  astern_dock_show (ASTERN_DOCK (gtk_widget_get_ancestor (GTK_WIDGET (view), ASTERN_TYPE_DOCK)),
                    gtk_widget_get_name (GTK_WIDGET (view)));
  return TRUE;
}

static void
on_show_address (AsternMainWindow *window, guint what, guint64 address)
{
  static const char *const panes[ASTERN_N_SHOWS] = { "disassembly", "memory", "memory", "paging" };
  Wanted wanted = { what, address };

  if (astern_dock_foreach (ASTERN_DOCK (window->dock), shows, &wanted) || astern_pane_find (panes[what]) == NULL)
    return;
  shows (astern_dock_show (ASTERN_DOCK (window->dock), panes[what]), &wanted);
}

/* ---- the object ---- */

static gboolean
delete_event (GtkWidget *widget, GdkEventAny *event)
{
  AsternMainWindow *window = ASTERN_MAIN_WINDOW (widget);

  astern_main_window_save_settings (window);
  if (window->run == NULL)
    return FALSE;
  window->closing = TRUE;      /* gone when the machine is */
  astern_run_quit (window->run);
  return TRUE;
}

/* Keys of the guest's, and of a terminal, come before shortcuts. */
static gboolean
key_press_event (GtkWidget *widget, GdkEventKey *event)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (widget));
  GtkWidget *view = focus != NULL ? gtk_widget_get_ancestor (focus, ASTERN_TYPE_VIEW) : NULL;
  AsternViewClass *klass = view != NULL ? ASTERN_VIEW_GET_CLASS (view) : NULL;

  if (klass != NULL && klass->takes_key != NULL && klass->takes_key (ASTERN_VIEW (view), event) &&
      gtk_window_propagate_key_event (GTK_WINDOW (widget), event))
    return TRUE;
  return GTK_WIDGET_CLASS (astern_main_window_parent_class)->key_press_event (widget, event);
}

static void
dispose (GObject *object)
{
  AsternMainWindow *window = ASTERN_MAIN_WINDOW (object);

  g_clear_handle_id (&window->progress_timer, g_source_remove);
  if (window->run != NULL)
    set_run (window, NULL);
  astern_start_clear (&window->next);
  if (window->new_machine != NULL)
    gtk_widget_destroy (window->new_machine);
  g_clear_pointer (&window->words, g_strfreev);
  g_clear_pointer (&window->title, g_free);
  g_clear_pointer (&window->first_layout, g_free);
  g_clear_object (&window->settings);
  G_OBJECT_CLASS (astern_main_window_parent_class)->dispose (object);
}

static void
astern_main_window_class_init (AsternMainWindowClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  widget->delete_event = delete_event;
  widget->key_press_event = key_press_event;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/main-window.ui");
#define CHILD(name) gtk_widget_class_bind_template_child (widget, AsternMainWindow, name)
  CHILD (moves);
  CHILD (moment);
  CHILD (cpus);
  CHILD (info);
  CHILD (info_text);
  CHILD (branch_bar);
  CHILD (branch_yes);
  CHILD (branch_no);
  CHILD (progress_revealer);
  CHILD (progress);
  CHILD (pages);
  CHILD (state);
  CHILD (where);
  CHILD (engine);
  CHILD (panes_section);
#undef CHILD
}

static GtkWidget *
new_button (const char *icon, const char *action, const char *label)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon, GTK_ICON_SIZE_BUTTON);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, label);
  gtk_widget_set_focus_on_click (button, FALSE);
  atk_object_set_name (gtk_widget_get_accessible (button), label);
  gtk_widget_show (button);
  return button;
}

/* From far back to far on, as on a tape. */
static void
add_move_buttons (AsternMainWindow *window)
{
  static const struct { AsternMove move; const char *icon; } back[] = {
    { ASTERN_MOVE_CONTINUE_BACK, "media-seek-backward-symbolic" },
    { ASTERN_MOVE_OVER_BACK, "go-previous-symbolic" },
    { ASTERN_MOVE_STEP_BACK, "media-skip-backward-symbolic" },
  };
  static const struct { AsternMove move; const char *icon; } on[] = {
    { ASTERN_MOVE_STEP, "media-skip-forward-symbolic" },
    { ASTERN_MOVE_STEP_OVER, "go-next-symbolic" },
  };
  GtkContainer *box = GTK_CONTAINER (window->moves);

#define ADD(row) do { \
    g_autofree char *action = g_strdup_printf ("win.%s", astern_moves[(row).move].action); \
    gtk_container_add (box, new_button ((row).icon, action, _(astern_moves[(row).move].label))); } while (0)
  for (gsize i = 0; i < G_N_ELEMENTS (back); i++)
    ADD (back[i]);
  window->run_pause = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (window->run_pause), new_button ("media-playback-start-symbolic", "win.continue", _("Continue")),
                       "continue");
  gtk_stack_add_named (GTK_STACK (window->run_pause), new_button ("media-playback-pause-symbolic", "win.pause", _("Pause")), "pause");
  gtk_widget_show (window->run_pause);
  gtk_container_add (box, window->run_pause);
  for (gsize i = 0; i < G_N_ELEMENTS (on); i++)
    ADD (on[i]);
#undef ADD
}

static void
add_pages (AsternMainWindow *window)
{
  GtkWidget *machine = gtk_paned_new (GTK_ORIENTATION_VERTICAL);

  window->dock = astern_dock_new ();
  window->timeline = g_object_new (astern_timeline_view_get_type (), "name", "timeline", NULL);
  gtk_widget_set_size_request (window->timeline, -1, 170);
  gtk_paned_pack1 (GTK_PANED (machine), window->dock, TRUE, FALSE);
  gtk_paned_pack2 (GTK_PANED (machine), window->timeline, FALSE, FALSE);
  gtk_widget_show_all (machine);
  window->start_page = astern_start_page_new ();
  gtk_stack_add_named (GTK_STACK (window->pages), window->start_page, "start");
  gtk_stack_add_named (GTK_STACK (window->pages), machine, "machine");
  g_signal_connect_object (window->dock, "show-address", G_CALLBACK (on_show_address), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (window->timeline, "show-address", G_CALLBACK (on_show_address), window, G_CONNECT_SWAPPED);
}

static void
astern_main_window_init (AsternMainWindow *window)
{
  g_type_ensure (GTK_TYPE_APPLICATION_WINDOW);
  gtk_widget_init_template (GTK_WIDGET (window));
  add_move_buttons (window);
  add_pages (window);
  g_signal_connect_object (window->info, "response", G_CALLBACK (on_info_response), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (window->branch_yes, "clicked", G_CALLBACK (on_branch_yes), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (window->branch_no, "clicked", G_CALLBACK (on_branch_no), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (window->moment, "activate", G_CALLBACK (on_moment_activate), window, G_CONNECT_SWAPPED);
  g_signal_connect_object (window->cpus, "changed", G_CALLBACK (on_cpu_changed), window, G_CONNECT_SWAPPED);
}

static void
load_style (void)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (provider, "/org/astern/Astern/style.css");
  gtk_style_context_add_provider_for_screen (gdk_screen_get_default (), GTK_STYLE_PROVIDER (provider),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

AsternMainWindow *
astern_main_window_new (GtkApplication *application)
{
  AsternMainWindow *window = g_object_new (ASTERN_TYPE_MAIN_WINDOW, "application", application, NULL);

  load_style ();
  window->moves_funcs = (AsternMovesFuncs) { run_of, place_of, window };
  astern_moves_add (G_ACTION_MAP (window), application, &window->moves_funcs);
  astern_main_window_add_actions (window, application);
  astern_main_window_update_actions (window);
  return window;
}
