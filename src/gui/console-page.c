/* console-page.c - see console-page.h.
 * Source: VTE's reference manual; ECMA-48 for a terminal's replies.
 *
 * The terminal is fed with what the console has kept.  Going forward it gets what was printed in between; going back it is
 * reset, and gets the last part of what had been printed up to there; back at the head, in a quiet moment, it gets more.
 * What is fed a second time asks the terminal a second time who it is: those answers are the guest's already, and dropped. */
#include "config.h"

#include "gui/console-page.h"

#include "gui/view.h"

#include <string.h>

#include <glib/gi18n.h>
#include <vte/vte.h>
#define PCRE2_CODE_UNIT_WIDTH 0
#include <pcre2.h>

#define SCROLLBACK_LINES 10000
#define PAST_BYTES       (32u << 10)     /* fed after a reset: as much as a terminal takes in a few ms */
#define LIVE_BYTES       (512u << 10)    /* and at the head, when the user has been there for a while */
#define REFILL_MS        600
#define FEED_MOST        (2u << 20)      /* without a reset */
#define OLD_ANSWERS_US   (G_USEC_PER_SEC / 2)

struct _AsternConsolePage
{
  GtkBox         parent_instance;
  AsternConsole *console;        /* owned */
  AsternRun     *run;            /* owned */
  guint64        begin, shown;   /* bytes that the terminal was fed */
  gint64         refed_us;       /* host's time at which it was fed what it, or another one, had been fed before */
  guint          refill;         /* a timer: LIVE_BYTES are to be fed */
  guint          typing;         /* in a key's or a paste's handler */
  gboolean       refused;        /* that a replay takes no keys was said */

  GtkWidget *terminal, *past, *search_bar, *search_entry;
};

G_DEFINE_FINAL_TYPE (AsternConsolePage, astern_console_page, GTK_TYPE_BOX)

enum { NEWS, N_SIGNALS };
static guint signals[N_SIGNALS];

char *
astern_console_title (const char *name)
{
  if (g_str_has_prefix (name, "serial") && g_ascii_isdigit (name[6]))
    return g_strdup_printf (_("Serial %u"), (guint) g_ascii_strtoull (name + 6, NULL, 10) + 1);
  if (g_str_equal (name, "monitor"))
    return g_strdup (_("Monitor"));
  if (g_str_equal (name, "debugcon"))
    return g_strdup (_("Debug Console"));
  return g_strdup (name);
}

/* ---- feeding ---- */

static gboolean
is_past (AsternConsolePage *page)
{
  return astern_console_has_moments (page->console) && astern_run_status (page->run)->in_past;
}

static void
feed (AsternConsolePage *page, guint64 from, guint64 to)
{
  gsize size;
  g_autofree guint8 *bytes = astern_console_read (page->console, from, to, &size);

  if (size > 0)
    vte_terminal_feed (VTE_TERMINAL (page->terminal), (const char *) bytes, (gssize) size);
  page->shown = to;
}

/* Where a line begins, not in the middle of an escape sequence. */
static guint64
line_after (AsternConsolePage *page, guint64 from, guint64 to)
{
  gsize size;
  g_autofree guint8 *bytes = astern_console_read (page->console, from, MIN (to, from + 1024), &size);
  const guint8 *end = size > 0 ? memchr (bytes, '\n', size) : NULL;

  return end != NULL ? from + (guint64) (end - bytes) + 1 : from;
}

static void
feed_again (AsternConsolePage *page, guint64 to, guint64 most)
{
  guint64 from = to > most ? line_after (page, to - most, to) : 0;

  if (page->shown > 0)
    vte_terminal_reset (VTE_TERMINAL (page->terminal), TRUE, TRUE);
  page->begin = from;
  page->refed_us = g_get_monotonic_time ();
  feed (page, from, to);
}

/* Back from the past, where it was given little to scroll back to. */
static gboolean
on_refill (gpointer data)
{
  AsternConsolePage *page = data;

  page->refill = 0;
  if (!is_past (page) && gtk_widget_get_mapped (page->terminal))
    feed_again (page, astern_console_size (page->console, NULL), LIVE_BYTES);
  return G_SOURCE_REMOVE;
}

static void
plan_refill (AsternConsolePage *page, gboolean past)
{
  gboolean short_of = !past && page->begin > 0 && page->shown - page->begin < LIVE_BYTES / 2;

  if (!short_of)
    g_clear_handle_id (&page->refill, g_source_remove);
  else if (page->refill == 0)
    page->refill = g_timeout_add (REFILL_MS, on_refill, page);
}

void
astern_console_page_update (AsternConsolePage *page)
{
  gboolean past = is_past (page);
  guint64 to = astern_console_size (page->console, past ? &astern_run_status (page->run)->present : NULL);

  gtk_widget_set_visible (page->past, past);
  if (to != page->shown && !gtk_widget_get_mapped (page->terminal))
    {
      g_signal_emit (page, signals[NEWS], 0);
      return;
    }
  if (to < page->shown || to - page->shown > (past ? PAST_BYTES : FEED_MOST))
    feed_again (page, to, past ? PAST_BYTES : LIVE_BYTES);
  else if (to > page->shown)
    feed (page, page->shown, to);
  plan_refill (page, past);
}

/* ---- typing ---- */

gboolean
astern_console_is_reply (const char *text, gsize size)
{
  if (size < 3 || text[0] != '\033')
    return FALSE;
  if (text[1] == ']' || text[1] == 'P')                /* OSC, DCS */
    return TRUE;
  return text[1] == '[' && strchr ("Rcntxy", text[size - 1]) != NULL && strspn (text + 2, "0123456789;?>$") == size - 3;
}

typedef struct
{
  AsternConsole *console;
  gsize          size;
  char           text[];
} Typed;

static void
free_typed (gpointer data)
{
  g_object_unref (((Typed *) data)->console);
  g_free (data);
}

/* The machine's thread. */
static void
do_type (AsternSession *session, gpointer data)
{
  Typed *typed = data;

  if (!astern_timeline_in_past (astern_debugger_timeline (session->debugger)))
    astern_console_type (typed->console, typed->text, typed->size);
}

static void
type_in_past (AsternConsolePage *page, const char *text, gsize size)
{
  Typed *typed = g_malloc (sizeof *typed + size);

  typed->console = g_object_ref (page->console);
  typed->size = size;
  memcpy (typed->text, text, size);
  astern_run_change (page->run, do_type, typed, free_typed);
}

static void
on_commit (AsternConsolePage *page, const char *text, guint size)
{
  gboolean old = is_past (page) || g_get_monotonic_time () - page->refed_us < OLD_ANSWERS_US;

  if (page->typing == 0 && old && astern_console_is_reply (text, size))
    return;
  if (astern_console_has_moments (page->console) && astern_run_status (page->run)->replay)
    {
      if (!page->refused)
        astern_run_say (page->run, _("This is a replay: the guest gets the keys that were recorded, and no others."));
      page->refused = TRUE;
    }
  else if (is_past (page))
    type_in_past (page, text, size);
  else
    astern_console_type (page->console, text, size);
}

/* ---- keys of the terminal's own ---- */

#define ALL_MODIFIERS (GDK_CONTROL_MASK | GDK_SHIFT_MASK | GDK_MOD1_MASK)
#define CTRL_SHIFT    (GDK_CONTROL_MASK | GDK_SHIFT_MASK)

/* (nullable) */
static const char *
action_of (guint keyval, GdkModifierType state)
{
  static const struct { guint key; GdkModifierType state; const char *action; } keys[] = {
    { GDK_KEY_c, CTRL_SHIFT, "copy" }, { GDK_KEY_v, CTRL_SHIFT, "paste" }, { GDK_KEY_f, CTRL_SHIFT, "find" },
    { GDK_KEY_a, CTRL_SHIFT, "select-all" }, { GDK_KEY_plus, GDK_CONTROL_MASK, "larger" }, { GDK_KEY_plus, CTRL_SHIFT, "larger" },
    { GDK_KEY_KP_Add, GDK_CONTROL_MASK, "larger" }, { GDK_KEY_minus, GDK_CONTROL_MASK, "smaller" },
    { GDK_KEY_KP_Subtract, GDK_CONTROL_MASK, "smaller" }, { GDK_KEY_0, GDK_CONTROL_MASK, "normal-size" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i].key == gdk_keyval_to_lower (keyval) && (state & ALL_MODIFIERS) == keys[i].state)
      return keys[i].action;
  return NULL;
}

gboolean
astern_console_takes_key (guint keyval, GdkModifierType state, gboolean function_keys, gboolean monitor)
{
  if (action_of (keyval, state) != NULL)
    return TRUE;
  if (keyval >= GDK_KEY_F1 && keyval <= GDK_KEY_F35)
    return function_keys;
  if (monitor && gdk_keyval_to_lower (keyval) == GDK_KEY_q)      /* a line's editor has no need of it */
    return FALSE;
  state &= ALL_MODIFIERS;
  return gdk_keyval_to_unicode (keyval) != 0 && (state == GDK_CONTROL_MASK || (state & ~(guint) GDK_SHIFT_MASK) == GDK_MOD1_MASK);
}

static gboolean
on_key (AsternConsolePage *page, GdkEventKey *event)
{
  GActionGroup *actions = gtk_widget_get_action_group (gtk_widget_get_ancestor (page->terminal, ASTERN_TYPE_VIEW), "console");
  const char *action = action_of (event->keyval, event->state);
  guint key = event->keyval;

  if (action != NULL)
    {
      g_action_group_activate_action (actions, action, NULL);
      return GDK_EVENT_STOP;
    }
  if ((key == GDK_KEY_Tab || key == GDK_KEY_ISO_Left_Tab) && (event->state & GDK_CONTROL_MASK) != 0)   /* the way out */
    return gtk_widget_child_focus (gtk_widget_get_toplevel (page->terminal),
                                   event->state & GDK_SHIFT_MASK ? GTK_DIR_TAB_BACKWARD : GTK_DIR_TAB_FORWARD);
  return GDK_EVENT_PROPAGATE;
}

/* A key that the terminal answers with an escape sequence is no answer to the guest. */
static gboolean
on_event (AsternConsolePage *page, GdkEvent *event)
{
  page->typing = event->type == GDK_KEY_PRESS;
  return GDK_EVENT_PROPAGATE;
}

static void
on_event_after (AsternConsolePage *page, GdkEvent *event)
{
  page->typing = 0;
}

/* ---- searching ---- */

void
astern_console_page_search (AsternConsolePage *page)
{
  gtk_search_bar_set_search_mode (GTK_SEARCH_BAR (page->search_bar), TRUE);
  gtk_widget_grab_focus (page->search_entry);
}

static void
find_previous (AsternConsolePage *page)
{
  vte_terminal_search_find_previous (VTE_TERMINAL (page->terminal));
}

static void
find_next (AsternConsolePage *page)
{
  vte_terminal_search_find_next (VTE_TERMINAL (page->terminal));
}

static void
on_search_changed (AsternConsolePage *page)
{
  const char *text = gtk_entry_get_text (GTK_ENTRY (page->search_entry));
  g_autofree char *literal = g_regex_escape_string (text, -1);
  g_autoptr (VteRegex) regex = NULL;

  if (text[0] != '\0')
    regex = vte_regex_new_for_search (literal, -1, PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_MULTILINE | PCRE2_CASELESS, NULL);
  vte_terminal_search_set_regex (VTE_TERMINAL (page->terminal), regex, 0);
  if (regex != NULL)
    find_previous (page);
}

static void
on_stop_search (AsternConsolePage *page)
{
  gtk_search_bar_set_search_mode (GTK_SEARCH_BAR (page->search_bar), FALSE);
  gtk_widget_grab_focus (page->terminal);
}

static GtkWidget *
new_search_button (AsternConsolePage *page, const char *icon, const char *name, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon, GTK_ICON_SIZE_MENU);

  gtk_widget_set_tooltip_text (button, name);
  atk_object_set_name (gtk_widget_get_accessible (button), name);
  g_signal_connect_object (button, "clicked", clicked, page, G_CONNECT_SWAPPED);
  return button;
}

static void
add_search (AsternConsolePage *page)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  page->search_bar = gtk_search_bar_new ();
  page->search_entry = gtk_search_entry_new ();
  atk_object_set_name (gtk_widget_get_accessible (page->search_entry), _("Find in the console"));
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "linked");
  gtk_container_add (GTK_CONTAINER (box), page->search_entry);
  gtk_container_add (GTK_CONTAINER (box), new_search_button (page, "go-up-symbolic", _("Find before"), G_CALLBACK (find_previous)));
  gtk_container_add (GTK_CONTAINER (box), new_search_button (page, "go-down-symbolic", _("Find after"), G_CALLBACK (find_next)));
  gtk_container_add (GTK_CONTAINER (page->search_bar), box);
  gtk_search_bar_connect_entry (GTK_SEARCH_BAR (page->search_bar), GTK_ENTRY (page->search_entry));
  gtk_container_add (GTK_CONTAINER (page), page->search_bar);
  g_signal_connect_object (page->search_entry, "search-changed", G_CALLBACK (on_search_changed), page, G_CONNECT_SWAPPED);
  g_signal_connect_object (page->search_entry, "activate", G_CALLBACK (find_previous), page, G_CONNECT_SWAPPED);
  g_signal_connect_object (page->search_entry, "previous-match", G_CALLBACK (find_previous), page, G_CONNECT_SWAPPED);
  g_signal_connect_object (page->search_entry, "next-match", G_CALLBACK (find_next), page, G_CONNECT_SWAPPED);
  g_signal_connect_object (page->search_entry, "stop-search", G_CALLBACK (on_stop_search), page, G_CONNECT_SWAPPED);
}

/* ---- looks ---- */

/* Colours 0 to 15; on a light ground white and yellow would not be seen. */
static const char *const on_dark[16] = {
  "#241f31", "#e0404b", "#33b27d", "#c8a05a", "#5b9ae8", "#b86bcb", "#3cb5c6", "#d0cfcc",
  "#7a7880", "#f66151", "#45d49a", "#f0c440", "#7cb4f5", "#d68ce0", "#50d5e6", "#ffffff",
};
static const char *const on_light[16] = {
  "#171421", "#b01824", "#1b7d50", "#85591f", "#12488b", "#8a35a0", "#1a7482", "#6a686d",
  "#5e5c64", "#d02c20", "#238a5c", "#8a6300", "#1f64c8", "#a040b0", "#1f7f8f", "#3d3846",
};

static void
on_style_updated (AsternConsolePage *page)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (page));
  GdkRGBA text = { 0, 0, 0, 1 }, base = { 1, 1, 1, 1 }, palette[16];
  gboolean dark;

  gtk_style_context_lookup_color (style, "theme_text_color", &text);
  gtk_style_context_lookup_color (style, "theme_base_color", &base);
  dark = base.red + base.green + base.blue < 1.5;
  for (guint i = 0; i < G_N_ELEMENTS (palette); i++)
    gdk_rgba_parse (&palette[i], dark ? on_dark[i] : on_light[i]);
  vte_terminal_set_colors (VTE_TERMINAL (page->terminal), &text, &base, palette, G_N_ELEMENTS (palette));
}

void
astern_console_page_set_scale (AsternConsolePage *page, double scale)
{
  vte_terminal_set_font_scale (VTE_TERMINAL (page->terminal), scale);
}

static void
on_size (AsternConsolePage *page)
{
  VteTerminal *terminal = VTE_TERMINAL (page->terminal);

  astern_console_set_size (page->console, (guint) vte_terminal_get_column_count (terminal),
                           (guint) vte_terminal_get_row_count (terminal));
}

static void
set_up_terminal (AsternConsolePage *page)
{
  VteTerminal *terminal = VTE_TERMINAL (page->terminal);
  g_autoptr (PangoFontDescription) font = pango_font_description_from_string ("monospace 10");

  vte_terminal_set_font (terminal, font);
  vte_terminal_set_scrollback_lines (terminal, SCROLLBACK_LINES);
  vte_terminal_set_scroll_on_output (terminal, FALSE);
  vte_terminal_set_scroll_on_keystroke (terminal, TRUE);
  vte_terminal_set_mouse_autohide (terminal, TRUE);
  vte_terminal_set_audible_bell (terminal, FALSE);
  vte_terminal_set_backspace_binding (terminal, VTE_ERASE_ASCII_DELETE);     /* as a serial terminal's */
  vte_terminal_set_delete_binding (terminal, VTE_ERASE_DELETE_SEQUENCE);
  vte_terminal_search_set_wrap_around (terminal, TRUE);
#define LISTEN(signal, func) g_signal_connect_object (terminal, signal, G_CALLBACK (func), page, G_CONNECT_SWAPPED)
  LISTEN ("commit", on_commit);
  LISTEN ("event", on_event);
  LISTEN ("event-after", on_event_after);
  LISTEN ("key-press-event", on_key);
  LISTEN ("map", astern_console_page_update);
  LISTEN ("char-size-changed", on_size);
  g_signal_connect_object (terminal, "size-allocate", G_CALLBACK (on_size), page, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (page, "style-updated", G_CALLBACK (on_style_updated), page, G_CONNECT_SWAPPED);
#undef LISTEN
}

/* ---- the object ---- */

GtkWidget *
astern_console_page_terminal (AsternConsolePage *page)
{
  return page->terminal;
}

AsternConsole *
astern_console_page_console (AsternConsolePage *page)
{
  return page->console;
}

static void
dispose (GObject *object)
{
  AsternConsolePage *page = ASTERN_CONSOLE_PAGE (object);

  g_clear_handle_id (&page->refill, g_source_remove);
  g_clear_object (&page->console);
  g_clear_object (&page->run);
  G_OBJECT_CLASS (astern_console_page_parent_class)->dispose (object);
}

static void
astern_console_page_class_init (AsternConsolePageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = dispose;
  signals[NEWS] = g_signal_new ("news", ASTERN_TYPE_CONSOLE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
astern_console_page_init (AsternConsolePage *page)
{
  GtkWidget *overlay = gtk_overlay_new (), *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *scrollbar;

  gtk_orientable_set_orientation (GTK_ORIENTABLE (page), GTK_ORIENTATION_VERTICAL);
  page->terminal = vte_terminal_new ();
  page->past = gtk_label_new (_("As it was at this moment"));
  gtk_widget_set_halign (page->past, GTK_ALIGN_END);
  gtk_widget_set_valign (page->past, GTK_ALIGN_START);
  gtk_widget_set_no_show_all (page->past, TRUE);
  gtk_style_context_add_class (gtk_widget_get_style_context (page->past), "astern-past-note");
  gtk_container_add (GTK_CONTAINER (overlay), page->terminal);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), page->past);
  gtk_overlay_set_overlay_pass_through (GTK_OVERLAY (overlay), page->past, TRUE);
  scrollbar = gtk_scrollbar_new (GTK_ORIENTATION_VERTICAL, gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (page->terminal)));
  gtk_box_pack_start (GTK_BOX (row), overlay, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (row), scrollbar, FALSE, FALSE, 0);
  add_search (page);
  gtk_box_pack_start (GTK_BOX (page), row, TRUE, TRUE, 0);
  set_up_terminal (page);
  gtk_widget_show_all (GTK_WIDGET (page));
}

GtkWidget *
astern_console_page_new (AsternConsole *console, AsternRun *run)
{
  AsternConsolePage *page = g_object_new (ASTERN_TYPE_CONSOLE_PAGE, NULL);
  g_autofree char *title = astern_console_title (astern_console_name (console));

  page->console = g_object_ref (console);
  page->run = g_object_ref (run);
  page->refed_us = astern_console_size (console, NULL) > 0 ? g_get_monotonic_time () : 0;
  atk_object_set_name (gtk_widget_get_accessible (page->terminal), title);
  g_signal_connect_object (console, "written", G_CALLBACK (astern_console_page_update), page, G_CONNECT_SWAPPED);
  return GTK_WIDGET (page);
}
