/* disassembly-actions.c - what can be done with an instruction of the disassembly. */
#include "config.h"

#include "gui/disassembly-private.h"

#include "session/point-parse.h"

#include <string.h>

#include <glib/gi18n.h>

/* ---- breakpoints: no point changes the guest ---- */

typedef struct
{
  AsternRun *run;
  guint      cpu;
  guint64    address;
  char      *condition;      /* (nullable) */
} Toggle;

static void
free_toggle (gpointer data)
{
  Toggle *toggle = data;

  g_free (toggle->condition);
  g_object_unref (toggle->run);
  g_free (toggle);
}

/* The window's own ones that are at the address, whichever way they say so. */
static gboolean
remove_points (AsternSession *session, const Toggle *toggle)
{
  AsternPoints *points = astern_debugger_points (session->debugger);
  AsternCpu *cpu = session->launch->machine->cpus[toggle->cpu];
  gboolean any = FALSE;
  AsternCodePlace place;
  guint64 physical;

  cpu->klass->code_place (cpu, &place);
  if (!cpu->klass->translate (cpu, toggle->address, &physical))
    physical = ASTERN_POINT_ANY;
  for (guint i = astern_points_count (points); i-- > 0; )
    {
      AsternPoint *point = astern_points_at (points, i);
      guint64 address = point->space == ASTERN_SPACE_LINEAR ? toggle->address
                        : point->space == ASTERN_SPACE_VIRTUAL ? toggle->address - place.base : physical;

      if (point->kind != ASTERN_POINT_EXECUTE || point->owner != astern_run_client (toggle->run) ||
          address - point->start >= MAX (point->size, 1))
        continue;
      astern_debugger_remove_point (session->debugger, point);
      any = TRUE;
    }
  return any;
}

/* The machine's thread. */
static void
do_toggle (AsternSession *session, gpointer data)
{
  Toggle *toggle = data;
  AsternMachine *machine = session->launch->machine;
  AsternPoint point = astern_point_new (ASTERN_POINT_EXECUTE);
  g_autoptr (GError) error = NULL;

  toggle->cpu = MIN (toggle->cpu, machine->n_cpus - 1);
  if (machine->cpus[toggle->cpu]->sync_out != NULL)
    machine->cpus[toggle->cpu]->sync_out (machine->cpus[toggle->cpu]);
  if (toggle->condition == NULL && remove_points (session, toggle))
    return;
  point.space = ASTERN_SPACE_LINEAR;
  point.start = toggle->address;
  point.size = 1;
  if (toggle->condition != NULL)
    point.condition = astern_expression_new (toggle->condition, machine->cpus[toggle->cpu]->klass, &session->launch->names, &error);
  if (error == NULL && astern_debugger_add_point (session->debugger, astern_run_client (toggle->run), &point, &error) != NULL)
    return;
  astern_point_clear (&point);
  astern_run_say (toggle->run, error->message);
}

static void
post_toggle (AsternDisassemblyView *self, guint64 address, const char *condition)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Toggle *toggle;

  if (run == NULL)
    return;
  toggle = g_new (Toggle, 1);
  *toggle = (Toggle) { g_object_ref (run), astern_run_status (run)->cpu, address, g_strdup (condition) };
  astern_run_call (run, do_toggle, toggle, free_toggle);
}

/* A breakpoint on a symbol's row is one on its instruction. */
void
astern_disassembly_toggle_point (AsternDisassemblyView *self, guint row)
{
  if (row < self->lines->len && astern_disassembly_line (self, row)->kind != ASTERN_CODE_ABSENT)
    post_toggle (self, astern_disassembly_line (self, row)->linear, NULL);
}

static void
on_toggle_point (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  gint row = astern_disassembly_cursor_row (user);

  if (row >= 0)
    astern_disassembly_toggle_point (user, (guint) row);
}

static void
on_add_conditional (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  AsternDisassemblyView *self = user;
  gint row = astern_disassembly_cursor_row (self);
  g_autoptr (GtkTreePath) path = NULL;
  GdkRectangle area;

  if (row < 0)
    return;
  g_free (self->condition_at);
  self->condition_at = g_strdup_printf ("%" G_GUINT64_FORMAT, self->cursor);
  path = gtk_tree_path_new_from_indices (row, -1);
  gtk_tree_view_get_cell_area (GTK_TREE_VIEW (self->tree), path, self->text_column, &area);
  gtk_tree_view_convert_bin_window_to_widget_coords (GTK_TREE_VIEW (self->tree), area.x, area.y, &area.x, &area.y);
  area.width = MIN (area.width, 80);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->condition_popover), &area);
  gtk_popover_popup (GTK_POPOVER (self->condition_popover));
  gtk_widget_grab_focus (self->condition);
}

static void
on_condition (AsternDisassemblyView *self)
{
  const char *text = gtk_entry_get_text (GTK_ENTRY (self->condition));

  if (self->condition_at == NULL || text[strspn (text, " ")] == '\0')
    return;
  post_toggle (self, g_ascii_strtoull (self->condition_at, NULL, 10), text);
  gtk_popover_popdown (GTK_POPOVER (self->condition_popover));
}

/* ---- running ---- */

static void
run_to (AsternDisassemblyView *self, AsternMove move)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  AsternMoveRequest request = { .move = move, .address = self->cursor };

  if (run == NULL || !self->has_cursor)
    return;
  request.cpu = astern_run_status (run)->cpu;
  astern_run_move (run, &request);
}

static void
on_run_to (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  run_to (user, ASTERN_MOVE_RUN_TO);
}

static void
on_run_back_to (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  run_to (user, ASTERN_MOVE_RUN_BACK_TO);
}

/* ---- going ---- */

static void
on_back (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  astern_disassembly_go_back (user);
}

static void
on_forward (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  astern_disassembly_go_forward (user);
}

static void
on_go_to (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  gtk_widget_grab_focus (((AsternDisassemblyView *) user)->entry);
}

static void
on_follow_jump (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  gint row = astern_disassembly_cursor_row (user);

  if (row >= 0)
    astern_disassembly_follow (user, (guint) row);
}

static void
on_go_present (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  astern_disassembly_go (user, ((AsternDisassemblyView *) user)->pc);
}

/* When it begins to follow, it goes there. */
static void
on_follow_state (GSimpleAction *action, GVariant *state, gpointer user)
{
  AsternDisassemblyView *self = user;

  g_simple_action_set_state (action, state);
  if (g_variant_get_boolean (state) && self->placed)
    astern_disassembly_go (self, self->pc);
}

static void
on_show_memory (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  astern_view_request (user, ASTERN_SHOW_MEMORY, ((AsternDisassemblyView *) user)->cursor);
}

static void
on_show_tables (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  astern_view_request (user, ASTERN_SHOW_TABLES, ((AsternDisassemblyView *) user)->cursor);
}

/* ---- copying ---- */

static void
copy (AsternDisassemblyView *self, const char *text)
{
  gtk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD), text, -1);
}

static void
on_copy_address (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  AsternDisassemblyView *self = user;
  g_autofree char *text = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", self->cursor);

  copy (self, text);
}

static void
append_line (const AsternDisassemblyView *self, const AsternCodeLine *line, GString *text)
{
  g_autofree char *bytes = astern_code_bytes_text (line);

  if (line->kind == ASTERN_CODE_SYMBOL)
    g_string_append_printf (text, "%s\n", line->text);
  else
    g_string_append_printf (text, "%0*" G_GINT64_MODIFIER "x: %-24s %s\n", self->bits == 64 ? 16 : 8, line->linear, bytes,
                            line->text);
}

/* All that is selected. */
static void
on_copy (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  AsternDisassemblyView *self = user;
  GtkTreeSelection *selection = gtk_tree_view_get_selection (GTK_TREE_VIEW (self->tree));
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->lines->len; i++)
    {
      g_autoptr (GtkTreePath) path = gtk_tree_path_new_from_indices ((int) i, -1);

      if (gtk_tree_selection_path_is_selected (selection, path))
        append_line (self, astern_disassembly_line (self, i), text);
    }
  copy (self, text->str);
}

/* ---- which of them can be done, and the menu ---- */

static void
enable (AsternDisassemblyView *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), name)), enabled);
}

void
astern_disassembly_update_actions (AsternDisassemblyView *self)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  gint row = astern_disassembly_cursor_row (self);
  gboolean any = run != NULL && row >= 0, code = any && astern_disassembly_line (self, (guint) row)->kind != ASTERN_CODE_ABSENT;
  static const char *const need_any[] = { "copy", "copy-address", "show-memory", "show-tables" };
  static const char *const need_code[] = { "toggle-point", "add-conditional" };

  for (gsize i = 0; i < G_N_ELEMENTS (need_any); i++)
    enable (self, need_any[i], any);
  for (gsize i = 0; i < G_N_ELEMENTS (need_code); i++)
    enable (self, need_code[i], code && astern_run_can (run, ASTERN_CAN_BREAK));
  enable (self, "run-to", code && astern_run_lacks (run, ASTERN_MOVE_RUN_TO) == 0);
  enable (self, "run-back-to", code && astern_run_lacks (run, ASTERN_MOVE_RUN_BACK_TO) == 0);
  enable (self, "follow-jump", code && astern_disassembly_line (self, (guint) row)->has_target);
  enable (self, "back", self->back->len > 0);
  enable (self, "forward", self->forward->len > 0);
  enable (self, "go-present", self->placed);
}

static void
pop_up (AsternDisassemblyView *self, const GdkEvent *event)
{
  GtkWidget *menu = gtk_menu_new_from_model (self->context_menu);

  gtk_menu_attach_to_widget (GTK_MENU (menu), self->tree, NULL);
  g_signal_connect (menu, "selection-done", G_CALLBACK (gtk_widget_destroy), NULL);
  if (event != NULL)
    gtk_menu_popup_at_pointer (GTK_MENU (menu), event);
  else
    gtk_menu_popup_at_widget (GTK_MENU (menu), self->tree, GDK_GRAVITY_CENTER, GDK_GRAVITY_NORTH_WEST, NULL);
}

/* In the gutter a click is for a breakpoint. */
static gboolean
on_button_press (AsternDisassemblyView *self, GdkEventButton *event)
{
  GtkTreeView *tree = GTK_TREE_VIEW (self->tree);
  g_autoptr (GtkTreePath) path = NULL;
  GtkTreeViewColumn *column;

  if (event->window != gtk_tree_view_get_bin_window (tree) ||
      !gtk_tree_view_get_path_at_pos (tree, (int) event->x, (int) event->y, &path, &column, NULL, NULL))
    return FALSE;
  if (gdk_event_triggers_context_menu ((GdkEvent *) event))
    {
      if (!gtk_tree_selection_path_is_selected (gtk_tree_view_get_selection (tree), path))
        gtk_tree_view_set_cursor (tree, path, NULL, FALSE);
      gtk_widget_grab_focus (self->tree);
      pop_up (self, (GdkEvent *) event);
      return TRUE;
    }
  if (column != self->gutter_column || event->button != GDK_BUTTON_PRIMARY)
    return FALSE;
  if (event->type == GDK_BUTTON_PRESS)
    astern_disassembly_toggle_point (self, (guint) gtk_tree_path_get_indices (path)[0]);
  return TRUE;
}

static gboolean
on_popup_menu (AsternDisassemblyView *self)
{
  pop_up (self, NULL);
  return TRUE;
}

static gboolean
on_key (AsternDisassemblyView *self, GdkEventKey *event)
{
  static const struct { guint key, modifiers; const char *action; } keys[] = {
    { GDK_KEY_F9, 0, "toggle-point" }, { GDK_KEY_F9, GDK_SHIFT_MASK, "add-conditional" },
    { GDK_KEY_Left, GDK_MOD1_MASK, "back" }, { GDK_KEY_Right, GDK_MOD1_MASK, "forward" },
    { GDK_KEY_l, GDK_CONTROL_MASK, "go-to" }, { GDK_KEY_c, GDK_CONTROL_MASK, "copy" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (event->keyval == keys[i].key && (event->state & gtk_accelerator_get_default_mod_mask ()) == keys[i].modifiers)
      {
        g_action_group_activate_action (G_ACTION_GROUP (self->actions), keys[i].action, NULL);
        return TRUE;
      }
  return FALSE;
}

/* The keys above, before the window's shortcuts. */
gboolean
astern_disassembly_takes_key (AsternView *view, const GdkEventKey *event)
{
  AsternDisassemblyView *self = ASTERN_DISASSEMBLY_VIEW (view);

  return event->keyval == GDK_KEY_F9 && gtk_widget_has_focus (self->tree);
}

/* An action whose state is a setting, where there are settings. */
static GAction *
remembered (AsternDisassemblyView *self, const char *name, const GVariantType *parameter, GVariant *state)
{
  g_autoptr (GVariant) first = g_variant_ref_sink (state);

  return self->settings != NULL ? g_settings_create_action (self->settings, name)
         : G_ACTION (g_simple_action_new_stateful (name, parameter, first));
}

/* How the code looks: the syntax, and which columns there are. */
static void
add_looks (AsternDisassemblyView *self)
{
  const struct { const char *name; GtkTreeViewColumn *column; } columns[] = {
    { "disassembly-linear", self->linear_column }, { "disassembly-physical", self->physical_column },
    { "disassembly-bytes", self->bytes_column },
  };
  g_autoptr (GAction) syntax = remembered (self, "disassembly-syntax", G_VARIANT_TYPE_STRING, g_variant_new_string ("att"));
  g_autoptr (GAction) place = remembered (self, "disassembly-place", NULL, g_variant_new_boolean (TRUE));

  g_action_map_add_action (G_ACTION_MAP (self->actions), syntax);
  g_action_map_add_action (G_ACTION_MAP (self->actions), place);
  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_autoptr (GPropertyAction) action = g_property_action_new (columns[i].name, columns[i].column, "visible");

      g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (action));
    }
}

void
astern_disassembly_add_actions (AsternDisassemblyView *self)
{
  static const GActionEntry entries[] = {
    { .name = "toggle-point", .activate = on_toggle_point },
    { .name = "add-conditional", .activate = on_add_conditional },
    { .name = "run-to", .activate = on_run_to },
    { .name = "run-back-to", .activate = on_run_back_to },
    { .name = "follow-jump", .activate = on_follow_jump },
    { .name = "back", .activate = on_back },
    { .name = "forward", .activate = on_forward },
    { .name = "go-to", .activate = on_go_to },
    { .name = "go-present", .activate = on_go_present },
    { .name = "copy", .activate = on_copy },
    { .name = "copy-address", .activate = on_copy_address },
    { .name = "show-memory", .activate = on_show_memory },
    { .name = "show-tables", .activate = on_show_tables },
    { .name = "follow", .state = "true", .change_state = on_follow_state },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  add_looks (self);
  astern_disassembly_add_heat (self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "code", G_ACTION_GROUP (self->actions));
  g_signal_connect_object (self->tree, "button-press-event", G_CALLBACK (on_button_press), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "popup-menu", G_CALLBACK (on_popup_menu), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "key-press-event", G_CALLBACK (on_key), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->condition, "activate", G_CALLBACK (on_condition), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->actions, "action-state-changed::disassembly-syntax", G_CALLBACK (astern_disassembly_want), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->actions, "action-state-changed::disassembly-place",
                           G_CALLBACK (astern_disassembly_show_place_column), self, G_CONNECT_SWAPPED);
  astern_disassembly_show_place_column (self);
  astern_disassembly_update_actions (self);
}
