/* memory-private - what the files of the memory pane share.
 *
 * Threads: the main thread. */
#pragma once

#include "gui/memory-grid.h"
#include "gui/memory-search.h"
#include "gui/memory-view.h"

/* Bytes as they were at a stop. */
typedef struct
{
  guint64     start;
  GByteArray *bytes, *known;
} AsternMemorySeen;

/* One byte that was typed. */
typedef struct
{
  guint64 address;
  guint8  mask, value;
} AsternMemoryTyped;

struct _AsternMemoryView
{
  AsternView          parent_instance;
  AsternMemoryGrid   *grid;
  AsternSpace         space;
  guint               cpu;              /* whose memory was shown */
  guint               serial;           /* of the stop */
  AsternMemorySeen    now, before;      /* what was shown last, and at the stop before */
  char               *expression;       /* (nullable) to be gone to, or followed */
  gboolean            asked_to_go;      /* it is to be gone to even when it leads where it led before */
  guint               n_gone;           /* counts what was asked for, so that a late answer is known */
  gboolean            has_address;
  guint64             address;          /* where it led last */
  gboolean            showing;          /* what the grid says now is of our own making */
  gboolean            said_no;          /* the address entry shows that it leads nowhere */
  GArray             *typed;            /* AsternMemoryTyped: of a past that nobody has agreed to leave yet */
  guint64             symbol_of;
  char               *symbol;           /* (nullable) of that address */
  AsternMemorySearch *search;           /* (nullable) */
  gboolean            fills;            /* what the value popover is for */

  GSimpleActionGroup *actions;
  GtkWidget          *space_combo, *address_entry, *follow, *grid_box, *scrollbar, *selection_label;
  GtkWidget          *find_button, *find_revealer, *find_kind, *find_entry, *find_progress, *find_stop;
  GtkWidget          *value_popover, *value_entry, *value_label;
  GMenu              *context_menu;
};

/* memory-view.c */
void astern_memory_go          (AsternMemoryView *self, AsternSpace space, guint64 address);
void astern_memory_show_selection (AsternMemoryView *self);

/* memory-actions.c */
/* Those that the present engine can do are enabled. */
void astern_memory_update_actions (AsternMemoryView *self);
void astern_memory_add_actions (AsternMemoryView *self);

/* memory-change.c: typed bytes, values, filling. */
void astern_memory_type        (AsternMemoryView *self, guint64 address, guint8 mask, guint8 value);
void astern_memory_ask_value   (AsternMemoryView *self, gboolean fill);
void astern_memory_value_given (AsternMemoryView *self);

/* memory-find.c */
void astern_memory_add_find    (AsternMemoryView *self);
void astern_memory_stop_find   (AsternMemoryView *self);
