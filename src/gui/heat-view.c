/* heat-view.c - see heat-view.h.
 *
 * Keys: the arrows go from cell to cell, Enter shows that page's memory, as a click does. */
#include "config.h"

#include "gui/heat-view.h"

#include "gui/heat-grid.h"
#include "gui/past.h"

#include <glib/gi18n.h>

typedef struct
{
  GArray       *heat;         /* AsternPageHeat */
  GArray       *ranges;       /* AsternHeatRange */
  AsternStretch stretch;
} Answer;

enum { READS, WRITES, EXECUTIONS, N_COLOURS };

struct _AsternHeatView
{
  AsternView     parent_instance;
  Answer        *answer;      /* (nullable) */
  GCancellable  *asking;      /* (nullable) */
  GArray        *ranges;      /* (nullable) what is shown: of all memory, or of what was used */
  AsternHeatGrid grid;
  AsternHeatSum *sums, most;  /* sums: (nullable) of the grid's cells */
  gint64         cursor;
  const char    *why;         /* (nullable) constant: why there is no history, as it is shown */

  GtkWidget *stretch, *look, *give_up, *reads, *writes, *executions, *used, *area, *summary;
};

G_DEFINE_FINAL_TYPE (AsternHeatView, astern_heat_view, ASTERN_TYPE_VIEW)

/* ---- looking, on the machine's thread ---- */

static void
free_answer (gpointer data)
{
  Answer *answer = data;

  g_array_unref (answer->heat);
  g_array_unref (answer->ranges);
  g_free (answer);
}

static gpointer
look_back (AsternSession *session, AsternClient *client, gpointer question, GError **error)
{
  AsternTraceResult result;
  GArray *heat = astern_debugger_page_heat (session->debugger, client, astern_past_stretch (session->debugger, question), &result,
                                            error);
  Answer *answer;

  if (heat == NULL)
    return NULL;
  answer = g_new (Answer, 1);
  *answer = (Answer) { heat, astern_heat_ranges (session->launch->machine), result.stretch };
  return answer;
}

/* ---- drawing ---- */

static void
lay_out (AsternHeatView *self)
{
  g_clear_pointer (&self->sums, g_free);
  g_clear_pointer (&self->ranges, g_array_unref);
  if (self->answer == NULL)
    return;
  self->ranges = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->used)) ? astern_heat_used_ranges (self->answer->heat)
                                                                              : g_array_ref (self->answer->ranges);
  self->grid = astern_heat_grid (self->ranges, (guint) gtk_widget_get_allocated_width (self->area),
                                 (guint) gtk_widget_get_allocated_height (self->area));
  self->sums = astern_heat_sums (&self->grid, self->ranges, self->answer->heat, &self->most);
  if ((guint64) self->cursor * self->grid.pages_per_cell >= self->grid.n_pages)
    self->cursor = self->grid.n_pages > 0 ? 0 : -1;
}

static void
colours_of (GtkWidget *widget, GdkRGBA colours[N_COLOURS])
{
  static const char *const names[N_COLOURS] = { "astern_heat_reads", "astern_heat_writes", "astern_heat_executions" };

  for (guint i = 0; i < N_COLOURS; i++)
    if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), names[i], &colours[i]))
      gtk_style_context_get_color (gtk_widget_get_style_context (widget), GTK_STATE_FLAG_NORMAL, &colours[i]);
}

/* The colours of what happened there, each by its degree; alpha by the highest. */
static GdkRGBA
mix (AsternHeatView *self, const AsternHeatSum *sum, const GdkRGBA colours[N_COLOURS])
{
  double degrees[N_COLOURS] = {
    gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->reads)) ? astern_heat_degree (sum->reads, self->most.reads) : 0,
    gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->writes)) ? astern_heat_degree (sum->writes, self->most.writes) : 0,
    gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->executions)) ? astern_heat_degree (sum->executions, self->most.executions) : 0,
  };
  double whole = degrees[0] + degrees[1] + degrees[2];
  GdkRGBA mixed = { 0, 0, 0, MAX (MAX (degrees[0], degrees[1]), degrees[2]) };

  for (guint i = 0; i < N_COLOURS && whole > 0; i++)
    {
      mixed.red += colours[i].red * degrees[i] / whole;
      mixed.green += colours[i].green * degrees[i] / whole;
      mixed.blue += colours[i].blue * degrees[i] / whole;
    }
  return mixed;
}

static void
draw_cell (AsternHeatView *self, cairo_t *cr, guint64 cell, const GdkRGBA *colour)
{
  double size = self->grid.cell;

  gdk_cairo_set_source_rgba (cr, colour);
  cairo_rectangle (cr, (double) (cell % self->grid.columns) * size, (double) (cell / self->grid.columns) * size, size - 1, size - 1);
  cairo_fill (cr);
}

static gboolean
on_draw (AsternHeatView *self, cairo_t *cr)
{
  GtkStyleContext *style = gtk_widget_get_style_context (self->area);
  guint64 n;
  GdkRGBA colours[N_COLOURS], ink, faint;

  gtk_render_background (style, cr, 0, 0, gtk_widget_get_allocated_width (self->area), gtk_widget_get_allocated_height (self->area));
  if (self->sums == NULL)
    return FALSE;
  n = (self->grid.n_pages + self->grid.pages_per_cell - 1) / self->grid.pages_per_cell;
  colours_of (self->area, colours);
  gtk_style_context_get_color (style, gtk_style_context_get_state (style), &ink);
  faint = (GdkRGBA) { ink.red, ink.green, ink.blue, 0.08 };
  for (guint64 cell = 0; cell < n; cell++)
    {
      GdkRGBA colour = mix (self, &self->sums[cell], colours);

      draw_cell (self, cr, cell, colour.alpha > 0 ? &colour : &faint);
    }
  if (gtk_widget_has_focus (self->area) && self->cursor >= 0 && (guint64) self->cursor < n)
    {
      double size = self->grid.cell;

      gdk_cairo_set_source_rgba (cr, &ink);
      cairo_set_line_width (cr, 1);
      cairo_rectangle (cr, (double) (self->cursor % self->grid.columns) * size - 0.5,
                       (double) (self->cursor / self->grid.columns) * size - 0.5, size, size);
      cairo_stroke (cr);
    }
  return FALSE;
}

static void
on_resized (AsternHeatView *self)
{
  lay_out (self);
}

static void
redraw (AsternHeatView *self)
{
  gtk_widget_queue_draw (self->area);
}

static gboolean
on_focus (AsternHeatView *self)
{
  redraw (self);
  return FALSE;
}

static void
on_used_toggled (AsternHeatView *self)
{
  self->cursor = 0;
  lay_out (self);
  redraw (self);
}

/* ---- the user at the grid ---- */

static char *
cell_text (AsternHeatView *self, guint64 cell)
{
  return astern_heat_text (astern_heat_cell_address (&self->grid, self->ranges, cell), self->grid.pages_per_cell,
                           &self->sums[cell]);
}

static gboolean
on_tooltip (AsternHeatView *self, gint x, gint y, gboolean keyboard, GtkTooltip *tooltip)
{
  gint64 cell = self->sums == NULL ? -1 : keyboard ? self->cursor : astern_heat_cell_at (&self->grid, x, y);
  g_autofree char *text = NULL;

  if (cell < 0)
    return FALSE;
  text = cell_text (self, (guint64) cell);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
show_cursor (AsternHeatView *self)
{
  g_autofree char *text = self->sums != NULL && self->cursor >= 0 ? cell_text (self, (guint64) self->cursor) : NULL;

  if (text != NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->summary), text);
      atk_object_set_description (gtk_widget_get_accessible (self->area), text);
    }
  redraw (self);
}

static void
show_memory (AsternHeatView *self)
{
  if (self->sums != NULL && self->cursor >= 0)
    astern_view_request (ASTERN_VIEW (self), ASTERN_SHOW_PHYSICAL,
                         astern_heat_cell_address (&self->grid, self->ranges, (guint64) self->cursor));
}

static gboolean
on_button (AsternHeatView *self, GdkEventButton *event)
{
  gint64 cell = self->sums != NULL ? astern_heat_cell_at (&self->grid, event->x, event->y) : -1;

  gtk_widget_grab_focus (self->area);
  if (event->button != GDK_BUTTON_PRIMARY || event->type != GDK_BUTTON_PRESS || cell < 0)
    return FALSE;
  self->cursor = cell;
  show_cursor (self);
  show_memory (self);
  return TRUE;
}

static gboolean
on_key (AsternHeatView *self, GdkEventKey *event)
{
  gint64 columns = self->grid.columns, next = self->cursor;

  if (self->sums == NULL || (event->state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return FALSE;
  switch (event->keyval)
    {
    case GDK_KEY_Left:   next -= 1; break;
    case GDK_KEY_Right:  next += 1; break;
    case GDK_KEY_Up:     next -= columns; break;
    case GDK_KEY_Down:   next += columns; break;
    case GDK_KEY_Return: show_memory (self); return TRUE;
    default:             return FALSE;
    }
  if (next >= 0 && (guint64) next * self->grid.pages_per_cell < self->grid.n_pages)
    self->cursor = next;
  show_cursor (self);
  return TRUE;
}

/* ---- asking ---- */

static void
update_buttons (AsternHeatView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  const AsternRunStatus *status = run != NULL ? astern_run_status (run) : NULL;

  gtk_widget_set_sensitive (self->look, status != NULL && status->state == ASTERN_RUN_STOPPED && status->has_history
                                        && self->asking == NULL);
  gtk_widget_set_sensitive (self->give_up, self->asking != NULL);
}

static void
show_summary (AsternHeatView *self)
{
  char first[ASTERN_MOMENT_TEXT], last[ASTERN_MOMENT_TEXT];
  g_autofree char *text = NULL;

  if (self->answer == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->summary), self->why != NULL ? self->why : _("Which pages were used is found by executing it again."));
      return;
    }
  text = g_strdup_printf (ngettext ("%u page used from %s to %s", "%u pages used from %s to %s", self->answer->heat->len),
                          self->answer->heat->len, astern_moment_format (self->answer->stretch.from, first),
                          astern_moment_format (self->answer->stretch.to, last));
  gtk_label_set_text (GTK_LABEL (self->summary), text);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AsternHeatView) self = data;
  g_autoptr (GError) error = NULL;
  Answer *answer = astern_past_finish (result, &error);

  if (self->asking == NULL || self->asking != g_task_get_cancellable (G_TASK (result)))
    {
      g_clear_pointer (&answer, free_answer);
      return;
    }
  g_clear_object (&self->asking);
  update_buttons (self);
  if (answer == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->summary), error->message);
      return;
    }
  g_clear_pointer (&self->answer, free_answer);
  self->answer = answer;
  self->cursor = 0;
  lay_out (self);
  show_summary (self);
  redraw (self);
}

static void
on_look (AsternHeatView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));

  if (run == NULL || self->asking != NULL)
    return;
  self->asking = g_cancellable_new ();
  gtk_label_set_text (GTK_LABEL (self->summary), _("Executing it again…"));
  update_buttons (self);
  astern_past_ask (run, look_back, (gpointer) astern_past_choice (gtk_combo_box_get_active_id (GTK_COMBO_BOX (self->stretch))),
                   NULL, free_answer, self->asking, on_answer, g_object_ref (self));
}

static void
on_give_up (AsternHeatView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));

  if (run != NULL && self->asking != NULL)
    astern_run_cancel (run);
}

/* ---- the view ---- */

static void
forget (AsternHeatView *self)
{
  g_clear_object (&self->asking);
  g_clear_pointer (&self->answer, free_answer);
  g_clear_pointer (&self->sums, g_free);
  g_clear_pointer (&self->ranges, g_array_unref);
}

/* What was found is of a history that ended when its engine was followed by one that has none. */
static void
on_changed (AsternHeatView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  const char *why = run != NULL ? astern_run_status (run)->no_history : NULL;

  if (why != self->why)
    {
      self->why = why;
      forget (self);
      show_summary (self);
      redraw (self);
    }
  update_buttons (self);
}

static void
run_changed (AsternView *view)
{
  AsternHeatView *self = ASTERN_HEAT_VIEW (view);
  AsternRun *run = astern_view_run (view);

  forget (self);
  if (self->area == NULL)      /* it goes */
    return;
  show_summary (self);
  on_changed (self);
  redraw (self);
  if (run != NULL)
    g_signal_connect_object (run, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
}

static gboolean
takes_key (AsternView *view, const GdkEventKey *event)
{
  AsternHeatView *self = ASTERN_HEAT_VIEW (view);

  return gtk_widget_has_focus (self->area) && (event->state & gtk_accelerator_get_default_mod_mask ()) == 0
         && (event->keyval == GDK_KEY_Left || event->keyval == GDK_KEY_Right || event->keyval == GDK_KEY_Up
             || event->keyval == GDK_KEY_Down || event->keyval == GDK_KEY_Return);
}

static void
dispose (GObject *object)
{
  forget (ASTERN_HEAT_VIEW (object));
  G_OBJECT_CLASS (astern_heat_view_parent_class)->dispose (object);
}

static void
astern_heat_view_class_init (AsternHeatViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = dispose;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  ASTERN_VIEW_CLASS (klass)->takes_key = takes_key;
  ASTERN_VIEW_CLASS (klass)->while_running = TRUE;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/heat-view.ui");
#define CHILD(name) gtk_widget_class_bind_template_child (widget, AsternHeatView, name)
  CHILD (stretch);
  CHILD (look);
  CHILD (give_up);
  CHILD (reads);
  CHILD (writes);
  CHILD (executions);
  CHILD (used);
  CHILD (area);
  CHILD (summary);
#undef CHILD
#define CALLBACK(name) gtk_widget_class_bind_template_callback (widget, name)
  CALLBACK (on_look);
  CALLBACK (on_give_up);
  CALLBACK (on_draw);
  CALLBACK (on_resized);
  CALLBACK (on_tooltip);
  CALLBACK (on_button);
  CALLBACK (on_key);
  CALLBACK (redraw);
  CALLBACK (on_focus);
  CALLBACK (on_used_toggled);
#undef CALLBACK
}

static void
astern_heat_view_init (AsternHeatView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_add_events (self->area, GDK_BUTTON_PRESS_MASK | GDK_KEY_PRESS_MASK);
  for (const AsternPastChoice *choice = astern_past_choices; choice->id != NULL; choice++)
    if (choice->insns <= 10000000)      /* each access is counted: longer takes too long */
      gtk_combo_box_text_append (GTK_COMBO_BOX_TEXT (self->stretch), choice->id, _(choice->label));
  gtk_combo_box_set_active_id (GTK_COMBO_BOX (self->stretch), "1M");
  show_summary (self);
  update_buttons (self);
}
