/* memory-map-view.c - see memory-map-view.h. */
#include "config.h"

#include "gui/memory-map-view.h"

#include "gui/memory-map.h"
#include "gui/rows.h"

#include <glib/gi18n.h>

enum { COLUMN_RANGE, COLUMN_SIZE, COLUMN_KIND, COLUMN_WHAT, COLUMN_NAME };
enum { MEMORY = ASTERN_ROW_OWN };

/* 32-bit addresses are all shown, answered or not; of ports all there are. */
#define MEMORY_END G_GUINT64_CONSTANT (0x100000000)
#define PORTS_END  G_GUINT64_CONSTANT (0x10000)
#define LEAST_PIXELS 2

struct _AsternMemoryMapView
{
  AsternView  parent_instance;
  AsternRows *rows;
  GArray     *map;           /* (nullable) owned: AsternMapRange of the memory bus */

  GtkWidget  *tree, *strip;
};

G_DEFINE_FINAL_TYPE (AsternMemoryMapView, astern_memory_map_view, ASTERN_TYPE_VIEW)

/* ---- looking ---- */

typedef struct
{
  AsternRowList *rows;
  GArray        *map;
} Question;

static gpointer
ask (AsternView *view)
{
  return g_new0 (Question, 1);
}

static const char *
kind_text (AsternMapKind kind)
{
  static const char *const names[] = { N_("hole"), N_("RAM"), N_("ROM"), N_("device") };

  return _(names[kind]);
}

static void
add_range (AsternRowList *list, const AsternMapRange *range, gboolean ports)
{
  g_autofree char *size = astern_memory_map_size_text (range->end - range->start);
  AsternRow *row = astern_row_list_add (list, 1, (range->start + 1) << 1 | ports);
  int digits = ports ? 4 : range->end > MEMORY_END ? 10 : 8;

  row->address = range->start;
  row->flags = ports ? 0 : MEMORY;
  astern_row_list_printf (list, COLUMN_RANGE, "%0*" G_GINT64_MODIFIER "x–%0*" G_GINT64_MODIFIER "x", digits, range->start, digits,
                          range->end - 1);
  if (ports)
    astern_row_list_printf (list, COLUMN_SIZE, "%" G_GUINT64_FORMAT, range->end - range->start);
  else
    astern_row_list_set (list, COLUMN_SIZE, size);
  astern_row_list_set (list, COLUMN_KIND, kind_text (range->kind));
  if (range->differs && range->writes[0] != '\0')
    astern_row_list_printf (list, COLUMN_WHAT, _("%s, written: %s"), range->what[0] != '\0' ? range->what : "–", range->writes);
  else if (range->differs)
    astern_row_list_printf (list, COLUMN_WHAT, _("%s, writes are dropped"), range->what);
  else
    astern_row_list_set (list, COLUMN_WHAT, range->what);
  if (range->offset != 0 && range->kind != ASTERN_MAP_HOLE)
    {
      g_autofree char *offset = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", range->offset);

      astern_row_list_printf (list, COLUMN_NAME, _("%s: %s from %s on"), range->name, range->what, offset);
    }
  else
    astern_row_list_set (list, COLUMN_NAME, range->name);
}

static void
add_bus (AsternRowList *list, const GArray *map, gboolean ports)
{
  astern_row_list_add (list, 0, G_MAXUINT64 - ports)->flags = ASTERN_ROW_STRONG | ASTERN_ROW_OPEN;
  astern_row_list_set (list, COLUMN_RANGE, ports ? _("Ports") : _("Physical memory"));
  for (guint i = 0; i < map->len; i++)
    add_range (list, &g_array_index (map, AsternMapRange, i), ports);
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  Question *question = data;
  AsternMachine *machine = session->launch->machine;
  g_autoptr (GArray) ports = astern_memory_map_new (machine->ports, PORTS_END);

  question->map = astern_memory_map_new (machine->physical, MEMORY_END);
  question->rows = astern_row_list_new ();
  add_bus (question->rows, question->map, FALSE);
  add_bus (question->rows, ports, TRUE);
}

static void
show (AsternView *view, gpointer data)
{
  AsternMemoryMapView *self = ASTERN_MEMORY_MAP_VIEW (view);
  Question *question = data;

  if (question->rows == NULL)
    return;
  astern_rows_show (self->rows, g_steal_pointer (&question->rows), 0);
  g_clear_pointer (&self->map, g_array_unref);
  self->map = g_steal_pointer (&question->map);
  gtk_widget_queue_draw (self->strip);
}

static void
free_question (gpointer data)
{
  Question *question = data;

  g_clear_pointer (&question->rows, astern_row_list_free);
  g_clear_pointer (&question->map, g_array_unref);
  g_free (question);
}

static void
run_changed (AsternView *view)
{
  AsternMemoryMapView *self = ASTERN_MEMORY_MAP_VIEW (view);

  astern_rows_clear (self->rows);
  g_clear_pointer (&self->map, g_array_unref);
  gtk_widget_queue_draw (self->strip);
}

/* ---- the strip ---- */

static gboolean
on_draw (AsternMemoryMapView *self, cairo_t *cr, GtkWidget *strip)
{
  static const char *const classes[] = { "hole", "ram", "rom", "device" };
  GtkStyleContext *style = gtk_widget_get_style_context (strip);
  int width = gtk_widget_get_allocated_width (strip), height = gtk_widget_get_allocated_height (strip);
  g_autofree gint *edges = NULL;

  if (self->map == NULL)
    return FALSE;
  edges = astern_memory_map_edges (self->map, width, LEAST_PIXELS);
  for (guint i = 0; i < self->map->len; i++)
    {
      GdkRGBA colour;

      gtk_style_context_save (style);
      gtk_style_context_add_class (style, classes[g_array_index (self->map, AsternMapRange, i).kind]);
      gtk_style_context_get_color (style, gtk_style_context_get_state (style), &colour);
      gtk_style_context_restore (style);
      gdk_cairo_set_source_rgba (cr, &colour);
      cairo_rectangle (cr, edges[i], 0, edges[i + 1] - edges[i], height);
      cairo_fill (cr);
    }
  return FALSE;
}

/* The range under the pointer; NULL: none. */
static const AsternMapRange *
range_at (AsternMemoryMapView *self, int x)
{
  g_autofree gint *edges = NULL;
  gint i;

  if (self->map == NULL)
    return NULL;
  edges = astern_memory_map_edges (self->map, gtk_widget_get_allocated_width (self->strip), LEAST_PIXELS);
  i = astern_memory_map_at (edges, self->map->len, x);
  return i >= 0 ? &g_array_index (self->map, AsternMapRange, i) : NULL;
}

static gboolean
on_query_tooltip (AsternMemoryMapView *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  const AsternMapRange *range = keyboard ? NULL : range_at (self, x);
  g_autofree char *size = NULL, *text = NULL;

  if (range == NULL)
    return FALSE;
  size = astern_memory_map_size_text (range->end - range->start);
  text = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x–0x%" G_GINT64_MODIFIER "x: %s %s, %s", range->start, range->end - 1,
                          kind_text (range->kind),
                          range->what, size);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static gboolean
on_strip_button (AsternMemoryMapView *self, GdkEventButton *event)
{
  const AsternMapRange *range = range_at (self, (int) event->x);

  if (event->button != GDK_BUTTON_PRIMARY || event->type != GDK_BUTTON_PRESS || range == NULL)
    return FALSE;
  astern_view_request (ASTERN_VIEW (self), ASTERN_SHOW_PHYSICAL, range->start);
  return TRUE;
}

static void
on_row_activated (AsternMemoryMapView *self)
{
  guint64 address;
  guint flags;

  if (astern_rows_selected (self->rows, NULL, &address, &flags) && (flags & MEMORY))
    astern_view_request (ASTERN_VIEW (self), ASTERN_SHOW_PHYSICAL, address);
}

/* ---- the object ---- */

static void
finalize (GObject *object)
{
  AsternMemoryMapView *self = ASTERN_MEMORY_MAP_VIEW (object);

  astern_rows_free (self->rows);
  g_clear_pointer (&self->map, g_array_unref);
  G_OBJECT_CLASS (astern_memory_map_view_parent_class)->finalize (object);
}

static void
astern_memory_map_view_class_init (AsternMemoryMapViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = free_question;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/memory-map-view.ui");
  gtk_widget_class_bind_template_child (widget, AsternMemoryMapView, tree);
  gtk_widget_class_bind_template_child (widget, AsternMemoryMapView, strip);
  gtk_widget_class_bind_template_callback (widget, on_draw);
  gtk_widget_class_bind_template_callback (widget, on_query_tooltip);
  gtk_widget_class_bind_template_callback (widget, on_strip_button);
  gtk_widget_class_bind_template_callback (widget, on_row_activated);
}

static void
nothing_changed (gpointer self)
{
}

static void
astern_memory_map_view_init (AsternMemoryMapView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_add_events (self->strip, GDK_BUTTON_PRESS_MASK);
  self->rows = astern_rows_new (GTK_TREE_VIEW (self->tree), -1, nothing_changed, self);
}
