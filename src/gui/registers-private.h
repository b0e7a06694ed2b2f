/* registers-private - what the files of the registers' pane share.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/register-format.h"
#include "gui/registers-view.h"

typedef struct
{
  const char           *name;       /* the class's */
  AsternRegisterFormat  format;
} AsternRegistersGroup;

/* A row: a group, a register, or a part of one. */
typedef struct
{
  GtkTreeIter               iter;      /* a GtkTreeStore's stay */
  gint                      parent;    /* index of the row above; -1: a group */
  guint                     group;     /* index */
  gint                      reg;       /* index of the register; -1: a group */
  const AsternRegisterPart *part;      /* (nullable) constant */
  gboolean                  expanded;
} AsternRegistersRow;

struct _AsternRegistersView
{
  AsternView            parent_instance;
  const AsternCpuClass *klass;         /* whose rows there are; (nullable) */
  guint                 cpu;           /* whose values */
  guint                 serial;        /* of the stop */
  guint8               *values;        /* ASTERN_REGISTER_BYTES each; (nullable): none were shown yet */
  guint8               *before;        /* at the stop before; as many */
  char                **names;         /* (nullable) of addresses: n_registers, each nullable */
  gboolean              long_mode, real_mode;
  GArray               *groups;        /* AsternRegistersGroup */
  GArray               *rows;          /* AsternRegistersRow, parents before their children */

  GSimpleActionGroup   *actions;
  GtkTreeStore         *store;
  GtkWidget            *tree;
  GtkTreeViewColumn    *value_column;
  GtkCellRenderer      *value_cell;
  GMenu                *context_menu;
};

/* registers-view.c.  NULL: none is selected. */
AsternRegistersRow *astern_registers_selected  (AsternRegistersView *self);
const guint8       *astern_registers_value     (AsternRegistersView *self, const AsternRegistersRow *row);
char               *astern_registers_value_text (AsternRegistersView *self, const AsternRegistersRow *row, const guint8 *bytes);
AsternRegistersRow *astern_registers_row_at    (AsternRegistersView *self, GtkTreePath *path);
/* All rows anew: formats changed. */
void                astern_registers_show_rows (AsternRegistersView *self);

/* registers-actions.c */
void                astern_registers_edit        (AsternRegistersView *self, const AsternRegistersRow *row, const char *text);
void                astern_registers_add_actions (AsternRegistersView *self);
void                astern_registers_update_actions (AsternRegistersView *self);
