/* paging-view.c - see paging-view.h. */
#include "config.h"

#include "gui/paging-view.h"

#include "arch/x86/walk-text.h"
#include "gui/paging-rows.h"
#include "session/evaluate.h"
#include "session/walker.h"

#include <string.h>

#include <glib/gi18n.h>

#define MOST_REGIONS 4000

struct _AsternPagingView
{
  AsternView  parent_instance;
  AsternRows *rows;
  guint       serial;       /* of the stop that was last looked at */
  gboolean    regions;      /* are what is shown */

  GtkWidget *tree, *address, *kind, *user, *sentence, *levels, *tables, *merged, *heading;
};

G_DEFINE_FINAL_TYPE (AsternPagingView, astern_paging_view, ASTERN_TYPE_VIEW)

/* ---- looking ---- */

typedef struct
{
  guint          cpu;
  char          *address;            /* an expression; may be empty */
  X86WalkAccess  access;
  gboolean       regions, merged;
  GHashTable    *unfolded;
  /* Answered. */
  AsternRowList *rows;
  char          *heading, *sentence, *levels;
  gboolean       wrong;              /* the sentence says what is wrong with the address */
} Question;

static gpointer
ask (AsternView *view)
{
  AsternPagingView *self = ASTERN_PAGING_VIEW (view);
  Question *question = g_new0 (Question, 1);
  int kind = gtk_combo_box_get_active (GTK_COMBO_BOX (self->kind));

  question->cpu = astern_run_status (astern_view_run (view))->cpu;
  question->address = g_strstrip (g_strdup (gtk_entry_get_text (GTK_ENTRY (self->address))));
  question->access.write = kind == 1;
  question->access.fetch = kind == 2;
  question->access.user = gtk_combo_box_get_active (GTK_COMBO_BOX (self->user)) == 1;
  question->regions = !gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->tables));
  question->merged = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->merged));
  question->unfolded = astern_rows_unfolded (self->rows);
  return question;
}

static void
free_question (gpointer data)
{
  Question *question = data;

  g_clear_pointer (&question->rows, astern_row_list_free);
  g_hash_table_unref (question->unfolded);
  g_free (question->address);
  g_free (question->heading);
  g_free (question->sentence);
  g_free (question->levels);
  g_free (question);
}

static void
explain (AsternSession *session, Question *question, AsternCpu *cpu, const X86Walker *walker)
{
  const X86State *state = cpu->state;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) levels = NULL;
  X86Walk walk;

  if (question->address[0] == '\0')
    return;
  if (!astern_evaluate (cpu, &session->launch->names, question->address, &question->access.linear, &error))
    {
      question->sentence = g_strdup (error->message);
      question->wrong = TRUE;
      return;
    }
  question->sentence = x86_walk_explain (state, walker, &question->access);
  if (x86_long_mode (state) && !x86_is_canonical (question->access.linear))
    return;
  levels = g_string_new (NULL);
  x86_walk (state, walker, &question->access, &walk);
  x86_walk_append_levels (levels, state, &walk);
  question->levels = g_strchomp (g_strdup (levels->str));
}

/* The machine's thread. */
static void
look (AsternSession *session, gpointer data)
{
  Question *question = data;
  AsternMachine *machine = session->launch->machine;
  AsternCpu *cpu = machine->cpus[MIN (question->cpu, machine->n_cpus - 1)];
  const X86State *state = cpu->state;
  X86Walker walker;
  gboolean all = TRUE;

  if (cpu->sync_out != NULL)
    cpu->sync_out (cpu);
  walker = astern_walker (cpu);
  question->rows = astern_row_list_new ();
  if (question->regions)
    all = astern_paging_add_regions (question->rows, state, &walker, MOST_REGIONS);
  else
    astern_paging_add_tables (question->rows, state, &walker, question->unfolded, question->merged);
  question->heading = g_strdup_printf ("%s, CR3 %0*" G_GINT64_MODIFIER "x%s%s%s%s%s", x86_walk_kind_text (state),
                                       x86_long_mode (state) ? 16 : 8,
                                       state->cr3, state->cr0 & X86_CR0_WP ? ", WP" : "", state->cr4 & X86_CR4_SMEP ? ", SMEP" : "",
                                       state->cr4 & X86_CR4_SMAP ? ", SMAP" : "", state->efer & X86_EFER_NXE ? ", NX" : "",
                                       all ? "" : _("; there is more"));
  explain (session, question, cpu, &walker);
}

/* ---- showing ---- */

static void
set_text (GtkWidget *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text != NULL ? text : "") != 0)
    gtk_label_set_text (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL);
}

static void
set_address (AsternPagingView *self, guint64 address)
{
  g_autofree char *text = g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", address);

  gtk_entry_set_text (GTK_ENTRY (self->address), text);
}

/* A stop at a page fault is the question that is asked here most: put into the form. */
static void
take_fault (AsternPagingView *self)
{
  const AsternRunStatus *status = astern_run_status (astern_view_run (ASTERN_VIEW (self)));
  const AsternHit *hit = &status->stop.hit;

  if (status->serial == self->serial)
    return;
  self->serial = status->serial;
  if (status->stop.why != ASTERN_WHY_POINT || hit->kind != ASTERN_POINT_EXCEPTION || hit->number != X86_EXC_PF
      || hit->linear == ASTERN_POINT_ANY)
    return;
  gtk_combo_box_set_active (GTK_COMBO_BOX (self->kind),
                            hit->error_code & X86_PF_FETCH ? 2 : hit->error_code & X86_PF_WRITE ? 1 : 0);
  gtk_combo_box_set_active (GTK_COMBO_BOX (self->user), hit->error_code & X86_PF_USER ? 1 : 0);
  set_address (self, hit->linear);
}

static void
show (AsternView *view, gpointer data)
{
  AsternPagingView *self = ASTERN_PAGING_VIEW (view);
  Question *question = data;
  GtkStyleContext *style = gtk_widget_get_style_context (self->address);

  if (question->rows == NULL)
    return;
  astern_rows_show (self->rows, g_steal_pointer (&question->rows), 0);
  if (self->regions != question->regions)
    gtk_tree_view_scroll_to_point (GTK_TREE_VIEW (self->tree), 0, 0);
  self->regions = question->regions;
  set_text (self->heading, question->heading);
  set_text (self->sentence, question->sentence);
  set_text (self->levels, question->levels);
  if (question->wrong)
    gtk_style_context_add_class (style, GTK_STYLE_CLASS_ERROR);
  else
    gtk_style_context_remove_class (style, GTK_STYLE_CLASS_ERROR);
  take_fault (self);
}

static void
run_changed (AsternView *view)
{
  AsternPagingView *self = ASTERN_PAGING_VIEW (view);

  astern_rows_clear (self->rows);
  self->serial = 0;
  set_text (self->heading, NULL);
  set_text (self->sentence, NULL);
  set_text (self->levels, NULL);
}

static gboolean
show_address (AsternView *view, AsternShow what, guint64 address)
{
  if (what != ASTERN_SHOW_TABLES)
    return FALSE;
  set_address (ASTERN_PAGING_VIEW (view), address);
  return TRUE;
}

/* ---- what the user does ---- */

static void
on_changed (AsternPagingView *self)
{
  gtk_widget_set_sensitive (self->merged, gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->tables)));
  astern_view_refresh (ASTERN_VIEW (self));
}

static void
on_row_activated (AsternPagingView *self)
{
  guint64 address;

  if (astern_rows_selected (self->rows, NULL, &address, NULL))
    set_address (self, address);
}

static void
on_cr2 (AsternPagingView *self)
{
  gtk_entry_set_text (GTK_ENTRY (self->address), "$cr2");
}

/* ---- the object ---- */

static void
finalize (GObject *object)
{
  astern_rows_free (ASTERN_PAGING_VIEW (object)->rows);
  G_OBJECT_CLASS (astern_paging_view_parent_class)->finalize (object);
}

static void
astern_paging_view_class_init (AsternPagingViewClass *klass)
{
  GtkWidgetClass *widget = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finalize;
  ASTERN_VIEW_CLASS (klass)->ask = ask;
  ASTERN_VIEW_CLASS (klass)->look = look;
  ASTERN_VIEW_CLASS (klass)->show = show;
  ASTERN_VIEW_CLASS (klass)->free_question = free_question;
  ASTERN_VIEW_CLASS (klass)->run_changed = run_changed;
  ASTERN_VIEW_CLASS (klass)->show_address = show_address;
  gtk_widget_class_set_template_from_resource (widget, "/org/astern/Astern/paging-view.ui");
#define CHILD(name) gtk_widget_class_bind_template_child (widget, AsternPagingView, name)
  CHILD (tree);
  CHILD (address);
  CHILD (kind);
  CHILD (user);
  CHILD (sentence);
  CHILD (levels);
  CHILD (tables);
  CHILD (merged);
  CHILD (heading);
#undef CHILD
  gtk_widget_class_bind_template_callback (widget, on_changed);
  gtk_widget_class_bind_template_callback (widget, on_row_activated);
  gtk_widget_class_bind_template_callback (widget, on_cr2);
}

static void
astern_paging_view_init (AsternPagingView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = astern_rows_new (GTK_TREE_VIEW (self->tree), -1, (void (*) (gpointer)) astern_view_refresh, self);
}
