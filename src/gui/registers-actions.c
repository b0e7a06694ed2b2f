/* registers-actions.c - what can be done with a register: see registers-view.h. */
#include "config.h"

#include "gui/registers-private.h"

#include "arch/x86/msr.h"
#include "core/expression.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

/* ---- changing: the machine's thread ---- */

typedef struct
{
  AsternRun                *run;
  guint                     cpu, reg;
  const AsternRegisterPart *part;
  AsternRegisterFormat      format;
  char                     *text;
} Edit;

static void
free_edit (gpointer data)
{
  Edit *edit = data;

  g_free (edit->text);
  g_object_unref (edit->run);
  g_free (edit);
}

static gboolean
evaluate (AsternSession *session, AsternCpu *cpu, const char *text, guint64 *value, GError **error)
{
  g_autoptr (AsternExpression) expression = astern_expression_new (text, cpu->klass, &session->launch->names, error);
  const char *fault;

  if (expression == NULL)
    return FALSE;
  if (astern_expression_evaluate (expression, cpu, NULL, value, &fault))
    return TRUE;
  g_set_error (error, ASTERN_REGISTER_FORMAT_ERROR, 0, _("“%s” has no value. %s"), text, fault);
  return FALSE;
}

/* @bytes: what is there, and then what shall be. */
static gboolean
edited_bytes (AsternSession *session, const Edit *edit, AsternCpu *cpu, guint8 *bytes, GError **error)
{
  const AsternRegister *reg = &cpu->klass->registers[edit->reg];
  guint low = edit->part != NULL ? edit->part->low : 0, bits = edit->part != NULL ? edit->part->bits : reg->bits;
  gboolean whole = edit->format == ASTERN_REGISTER_HEX || edit->part != NULL;
  guint64 value, old, mask = bits < 64 ? (G_GUINT64_CONSTANT (1) << bits) - 1 : G_MAXUINT64;

  if (bits > 64 || (!whole && astern_register_parse (edit->format, edit->text, bytes, reg->bits / 8, NULL)))
    return bits <= 64 || astern_register_parse (edit->format, edit->text, bytes, reg->bits / 8, error);
  if (!evaluate (session, cpu, edit->text, &value, error))
    return FALSE;
  if (!astern_register_fits (value, bits))
    {
      g_set_error (error, ASTERN_REGISTER_FORMAT_ERROR, 0, _("0x%" PRIx64 " does not fit into the %u bits of %s."), value,
                   bits, edit->part != NULL ? edit->part->name : reg->name);
      return FALSE;
    }
  memcpy (&old, bytes, sizeof old);
  old = GUINT64_FROM_LE (old);
  value = GUINT64_TO_LE ((old & ~(mask << low)) | (value & mask) << low);
  memcpy (bytes, &value, sizeof value);
  return TRUE;
}

static void
write_edit (AsternSession *session, gpointer data)
{
  Edit *edit = data;
  AsternMachine *machine = session->launch->machine;
  AsternCpu *cpu = machine->cpus[MIN (edit->cpu, machine->n_cpus - 1)];
  guint8 bytes[ASTERN_REGISTER_BYTES] = { 0 };
  g_autoptr (GError) error = NULL;

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  cpu->klass->read_register (cpu, edit->reg, bytes);
  if (!edited_bytes (session, edit, cpu, bytes, &error) ||
      !astern_debugger_write_register (session->debugger, cpu->index, edit->reg, bytes, &error))
    astern_run_say (edit->run, error->message);
}

void
astern_registers_edit (AsternRegistersView *self, const AsternRegistersRow *row, const char *text)
{
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Edit *edit;

  if (run == NULL)
    return;
  edit = g_new (Edit, 1);
  *edit = (Edit) { g_object_ref (run), self->cpu, (guint) row->reg, row->part,
                   g_array_index (self->groups, AsternRegistersGroup, row->group).format, g_strdup (text) };
  astern_run_change (run, write_edit, edit, free_edit);
}

/* ---- points ---- */

/* The MSR that a register is, or shows. */
static gboolean
msr_number (const char *name, guint64 *number)
{
  static const struct { const char *name; guint32 number; } others[] = {
    { "efer", X86_MSR_EFER }, { "fs_base", X86_MSR_FS_BASE }, { "gs_base", X86_MSR_GS_BASE },
    { "k_gs_base", X86_MSR_KERNEL_GS_BASE }, { "IA32_TIME_STAMP_COUNTER", X86_MSR_TSC },
    { "IA32_TSC_ADJUST", X86_MSR_TSC_ADJUST }, { "IA32_APIC_BASE", X86_MSR_APIC_BASE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_equal (others[i].name, name))
      {
        *number = others[i].number;
        return TRUE;
      }
  for (guint i = 0; i < x86_n_msrs; i++)
    if (g_str_equal (x86_msrs[i].name, name))
      {
        *number = x86_msrs[i].number;
        return TRUE;
      }
  return FALSE;
}

/* What is a point of its own when it is written. */
static gboolean
point_of (const AsternRegister *reg, AsternPoint *point)
{
  memset (point, 0, sizeof *point);
  point->address_space = point->error_code = point->cpu = ASTERN_POINT_ANY;
  point->access = ASTERN_POINT_WRITE;
  point->size = 1;
  point->enabled = TRUE;
  point->kind = ASTERN_POINT_CONTROL;
  if (g_str_has_prefix (reg->name, "cr") && g_ascii_isdigit (reg->name[2]))
    {
      point->start = (guint64) g_ascii_digit_value (reg->name[2]);
      return TRUE;
    }
  point->kind = ASTERN_POINT_MSR;
  return msr_number (reg->name, &point->start);
}

typedef struct
{
  AsternRun   *run;
  AsternPoint  point;
} Adding;

static void
free_adding (gpointer data)
{
  Adding *adding = data;

  g_free (adding->point.text);
  g_object_unref (adding->run);
  g_free (adding);
}

static void
add_point (AsternSession *session, gpointer data)
{
  Adding *adding = data;
  g_autoptr (GError) error = NULL;

  if (astern_debugger_add_point (session->debugger, astern_run_client (adding->run), &adding->point, &error) == NULL)
    astern_run_say (adding->run, error->message);
  else
    adding->point.text = NULL;      /* the point's now */
}

static void
on_break_written (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  AsternRegistersView *self = user;
  AsternRegistersRow *row = astern_registers_selected (self);
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Adding adding = { .run = run };

  if (row == NULL || row->reg < 0 || run == NULL || !point_of (&self->klass->registers[row->reg], &adding.point))
    return;
  adding.point.text = g_strdup_printf (_("%s is written"), self->klass->registers[row->reg].name);
  g_object_ref (run);
  astern_run_call (run, add_point, g_memdup2 (&adding, sizeof adding), free_adding);
}

/* ---- who set it ---- */

typedef struct
{
  AsternRun *run;
  guint      cpu, reg;
} Asking;

static void
free_asking (gpointer data)
{
  g_object_unref (((Asking *) data)->run);
  g_free (data);
}

/* The machine's thread.  A long move: it shows its progress, and can be given up. */
static void
who_set (AsternSession *session, gpointer data)
{
  Asking *asking = data;
  g_autoptr (GError) error = NULL;

  if (!astern_debugger_who_set (session->debugger, astern_run_client (asking->run), asking->cpu, asking->reg, &error))
    astern_run_say (asking->run, error->message);
}

static void
on_who_set (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  AsternRegistersView *self = user;
  AsternRegistersRow *row = astern_registers_selected (self);
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  Asking asking = { run, self->cpu, 0 };

  if (row == NULL || row->reg < 0 || run == NULL)
    return;
  asking.reg = (guint) row->reg;
  g_object_ref (run);
  astern_run_call (run, who_set, g_memdup2 (&asking, sizeof asking), free_asking);
}

/* ---- copying and showing ---- */

static void
copy (AsternRegistersView *self, gboolean named)
{
  AsternRegistersRow *row = astern_registers_selected (self);
  g_autofree char *value = NULL, *text = NULL;

  if (row == NULL || row->reg < 0 || self->values == NULL)
    return;
  value = astern_registers_value_text (self, row, astern_registers_value (self, row));
  text = named ? g_strdup_printf ("%s%s%s=%s", self->klass->registers[row->reg].name, row->part != NULL ? "." : "",
                                  row->part != NULL ? row->part->name : "", value) : g_strdup (value);
  gtk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD), text, -1);
}

static void
on_copy (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  copy (user, FALSE);
}

static void
on_copy_named (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  copy (user, TRUE);
}

/* RIP and RSP by themselves lead nowhere where their segments have a base. */
static guint64
linear_address (AsternRegistersView *self, const AsternRegistersRow *row)
{
  const AsternRegister *reg = &self->klass->registers[row->reg];
  const char *segment = g_str_equal (reg->name, "rip") ? "cs_base" : g_str_equal (reg->name, "rsp") || g_str_equal (reg->name, "rbp")
                        ? "ss_base" : NULL;
  gint base = segment != NULL ? astern_cpu_find_register (self->klass, segment) : -1;
  guint64 value, more = 0;

  memcpy (&value, astern_registers_value (self, row), sizeof value);
  if (base >= 0 && !self->long_mode)
    memcpy (&more, self->values + (gsize) base * ASTERN_REGISTER_BYTES, sizeof more);
  return GUINT64_FROM_LE (value) + GUINT64_FROM_LE (more);
}

static void
request (AsternRegistersView *self, AsternShow what)
{
  AsternRegistersRow *row = astern_registers_selected (self);

  if (row != NULL && row->reg >= 0 && self->values != NULL)
    astern_view_request (ASTERN_VIEW (self), what, linear_address (self, row));
}

/* CR3 and page tables' addresses are physical. */
static void
on_show_memory (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  AsternRegistersView *self = user;
  AsternRegistersRow *row = astern_registers_selected (self);

  if (row == NULL || row->reg < 0 || self->values == NULL)
    return;
  if (g_str_equal (self->klass->registers[row->reg].name, "cr3"))
    astern_view_request (ASTERN_VIEW (self), ASTERN_SHOW_PHYSICAL, linear_address (self, row) & ~ASTERN_PAGE_MASK);
  else
    request (self, ASTERN_SHOW_MEMORY);
}

static void
on_show_code (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  request (user, ASTERN_SHOW_CODE);
}

static void
on_show_tables (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  request (user, ASTERN_SHOW_TABLES);
}

static void
on_edit (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  AsternRegistersView *self = user;
  AsternRegistersRow *row = astern_registers_selected (self);
  g_autoptr (GtkTreePath) path = NULL;

  if (row == NULL || row->reg < 0)
    return;
  path = gtk_tree_model_get_path (GTK_TREE_MODEL (self->store), &row->iter);
  gtk_tree_view_set_cursor (GTK_TREE_VIEW (self->tree), path, self->value_column, TRUE);
}

static void
on_format (GSimpleAction *action, GVariant *parameter, gpointer user)
{
  AsternRegistersView *self = user;
  AsternRegistersRow *row = astern_registers_selected (self);
  gint format = astern_register_format_named (g_variant_get_string (parameter, NULL));

  if (row == NULL || format < 0)
    return;
  g_array_index (self->groups, AsternRegistersGroup, row->group).format = (AsternRegisterFormat) format;
  g_simple_action_set_state (action, parameter);
  astern_registers_show_rows (self);
}

/* ---- which of them can be done, and the menu ---- */

void
astern_registers_update_actions (AsternRegistersView *self)
{
  AsternRegistersRow *row = astern_registers_selected (self);
  const AsternRegister *reg = row != NULL && row->reg >= 0 && self->values != NULL ? &self->klass->registers[row->reg] : NULL;
  gboolean address = reg != NULL && reg->bits == 64 && row->part == NULL;
  AsternRun *run = astern_view_run (ASTERN_VIEW (self));
  AsternPoint point;
  const struct { const char *name; gboolean enabled; } enabled[] = {
    { "who-set", reg != NULL && run != NULL && astern_run_status (run)->has_history }, { "edit", reg != NULL }, { "copy", reg != NULL }, { "copy-named", reg != NULL }, { "format", row != NULL },
    { "show-memory", address }, { "show-code", address }, { "show-tables", address },
    { "break-written", reg != NULL && point_of (reg, &point) && run != NULL && astern_run_can (run, ASTERN_CAN_BREAK) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (enabled); i++)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), enabled[i].name)),
                                 enabled[i].enabled);
  if (row != NULL)
    g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "format")),
                               g_variant_new_string (astern_register_format_name (
                                 g_array_index (self->groups, AsternRegistersGroup, row->group).format)));
}

static void
pop_up (AsternRegistersView *self, const GdkEvent *event)
{
  GtkWidget *menu = gtk_menu_new_from_model (G_MENU_MODEL (self->context_menu));

  astern_registers_update_actions (self);
  gtk_menu_attach_to_widget (GTK_MENU (menu), self->tree, NULL);
  g_signal_connect (menu, "selection-done", G_CALLBACK (gtk_widget_destroy), NULL);
  if (event != NULL)
    gtk_menu_popup_at_pointer (GTK_MENU (menu), event);
  else
    gtk_menu_popup_at_widget (GTK_MENU (menu), self->tree, GDK_GRAVITY_CENTER, GDK_GRAVITY_NORTH_WEST, NULL);
}

static gboolean
on_button_press (AsternRegistersView *self, GdkEventButton *event)
{
  g_autoptr (GtkTreePath) path = NULL;

  if (!gdk_event_triggers_context_menu ((GdkEvent *) event) ||
      !gtk_tree_view_get_path_at_pos (GTK_TREE_VIEW (self->tree), (int) event->x, (int) event->y, &path, NULL, NULL, NULL))
    return FALSE;
  gtk_tree_view_set_cursor (GTK_TREE_VIEW (self->tree), path, NULL, FALSE);
  pop_up (self, (GdkEvent *) event);
  return TRUE;
}

static gboolean
on_popup_menu (AsternRegistersView *self)
{
  pop_up (self, NULL);
  return TRUE;
}

void
astern_registers_add_actions (AsternRegistersView *self)
{
  static const GActionEntry entries[] = {
    { .name = "who-set", .activate = on_who_set },
    { .name = "edit", .activate = on_edit },
    { .name = "copy", .activate = on_copy },
    { .name = "copy-named", .activate = on_copy_named },
    { .name = "show-memory", .activate = on_show_memory },
    { .name = "show-code", .activate = on_show_code },
    { .name = "show-tables", .activate = on_show_tables },
    { .name = "break-written", .activate = on_break_written },
    { .name = "format", .parameter_type = "s", .state = "'hex'", .activate = on_format },
  };

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "registers", G_ACTION_GROUP (self->actions));
  g_signal_connect_object (self->tree, "button-press-event", G_CALLBACK (on_button_press), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "popup-menu", G_CALLBACK (on_popup_menu), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_tree_view_get_selection (GTK_TREE_VIEW (self->tree)), "changed",
                           G_CALLBACK (astern_registers_update_actions), self, G_CONNECT_SWAPPED);
  astern_registers_update_actions (self);
}
