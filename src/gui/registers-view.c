/* registers-view.c - see registers-view.h. */
#include "config.h"

#include "gui/registers-view.h"

#include <string.h>

#include <glib/gi18n.h>

enum { COLUMN_NAME, COLUMN_VALUE, COLUMN_WEIGHT };

#define MAX_BYTES 64      /* of a register */

struct _AsternRegistersView
{
  AsternView            parent_instance;
  const AsternCpuClass *klass;         /* whose rows there are; (nullable) */
  GArray               *values;        /* of the last stop: MAX_BYTES each */
  guint                 serial;        /* that stop's */

  GtkTreeStore *store;
  GtkWidget    *tree;
};

G_DEFINE_FINAL_TYPE (AsternRegistersView, astern_registers_view, ASTERN_TYPE_VIEW)

typedef struct
{
  guint                 cpu;
  const AsternCpuClass *klass;
  guint8               *values;        /* n_registers * MAX_BYTES */
} Question;

static gpointer
ask (AsternView *view)
{
  Question *question = g_new0 (Question, 1);

  question->cpu = astern_run_status (astern_view_run (view))->cpu;
  return question;
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  Question *question = data;
  AsternMachine *machine = session->launch->machine;
  AsternCpu *cpu = machine->cpus[MIN (question->cpu, machine->n_cpus - 1)];

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  question->klass = cpu->klass;
  question->values = g_malloc0 ((gsize) cpu->klass->n_registers * MAX_BYTES);
  for (guint i = 0; i < cpu->klass->n_registers; i++)
    cpu->klass->read_register (cpu, i, question->values + (gsize) i * MAX_BYTES);
}

static void
free_question (gpointer data)
{
  Question *question = data;

  g_free (question->values);
  g_free (question);
}

static char *
format (const AsternRegister *reg, const guint8 *bytes)
{
  GString *text = g_string_new (NULL);

  for (guint i = reg->bits / 8; i-- > 0;)
    g_string_append_printf (text, "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}

static void
make_rows (AsternRegistersView *self, const AsternCpuClass *klass)
{
  const char *group = NULL;
  GtkTreeIter parent, row;

  gtk_tree_store_clear (self->store);
  for (guint i = 0; i < klass->n_registers; i++)
    {
      if (group == NULL || !g_str_equal (group, klass->registers[i].group))
        {
          group = klass->registers[i].group;
          gtk_tree_store_insert_with_values (self->store, &parent, NULL, -1, COLUMN_NAME, group, COLUMN_WEIGHT, 400, -1);
        }
      gtk_tree_store_insert_with_values (self->store, &row, &parent, -1, COLUMN_NAME, klass->registers[i].name,
                                         COLUMN_WEIGHT, 400, -1);
    }
  gtk_tree_view_expand_all (GTK_TREE_VIEW (self->tree));
  self->klass = klass;
}

static void
show (AsternView *view, gpointer data)
{
  AsternRegistersView *self = ASTERN_REGISTERS_VIEW (view);
  Question *question = data;
  GtkTreeModel *model = GTK_TREE_MODEL (self->store);
  gboolean first = question->klass != self->klass;
  GtkTreeIter parent, row;
  guint i = 0;

  if (first)
    make_rows (self, question->klass);
  g_array_set_size (self->values, self->klass->n_registers * MAX_BYTES);
  for (gboolean more = gtk_tree_model_get_iter_first (model, &parent); more; more = gtk_tree_model_iter_next (model, &parent))
    for (gboolean inner = gtk_tree_model_iter_children (model, &row, &parent); inner; inner = gtk_tree_model_iter_next (model, &row))
      {
        const guint8 *now = question->values + (gsize) i * MAX_BYTES;
        gboolean same = memcmp (now, self->values->data + (gsize) i * MAX_BYTES, MAX_BYTES) == 0;
        g_autofree char *text = format (&self->klass->registers[i], now);

        gtk_tree_store_set (self->store, &row, COLUMN_VALUE, text, COLUMN_WEIGHT, same || first ? 400 : 700, -1);
        i++;
      }
  memcpy (self->values->data, question->values, self->values->len);
}

static void
finalize (GObject *object)
{
  g_array_unref (ASTERN_REGISTERS_VIEW (object)->values);
  G_OBJECT_CLASS (astern_registers_view_parent_class)->finalize (object);
}

static void
astern_registers_view_class_init (AsternRegistersViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = free_question;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/registers-view.ui");
  gtk_widget_class_bind_template_child (widget, AsternRegistersView, store);
  gtk_widget_class_bind_template_child (widget, AsternRegistersView, tree);
}

static void
astern_registers_view_init (AsternRegistersView *self)
{
  self->values = g_array_new (FALSE, TRUE, 1);
  gtk_widget_init_template (GTK_WIDGET (self));
}
