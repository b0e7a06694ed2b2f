/* disassembly-private - the disassembly view, for its own files:
 *   disassembly-view.c     its rows, and what it asks and shows
 *   disassembly-look.c     what is answered on the machine's thread
 *   disassembly-actions.c  what can be done with an instruction
 *   disassembly-heat.c     how often instructions were executed
 *   disassembly-moving.c   scrolling, going to, back and forward */
#pragma once

#include "gui/disassembly-gutter.h"
#include "gui/disassembly-view.h"

#define ASTERN_CODE_NAMES 24      /* the most symbols that are offered to complete a name */

/* What is asked and answered. */
typedef struct
{
  AsternRun   *run;
  /* Asked. */
  guint        rows;
  gboolean     reads;          /* lines are wanted, also while the guest runs */
  gboolean     placed;         /* @top is known */
  gboolean     follows;        /* where the machine has come to another instruction, it is to be seen */
  AsternMoment moment;         /* of what is shown */
  guint64      shown_pc;
  guint        cpu, shown_cpu;
  AsternSyntax syntax;
  gint         scroll;         /* instructions forward, or back */
  gboolean     aligns;         /* @top is anywhere in an instruction */
  gboolean     goes;           /* to @go_to, or to what @go_text says */
  guint64      go_to;
  char        *go_text;        /* (nullable) */
  gboolean     remembers;      /* the place gone away from is kept, to go back to */
  gint         cursor_row;     /* the cursor goes to this row; -1: it stays at its address */
  char        *prefix;         /* (nullable) of symbols to be offered */
  /* Asked and answered. */
  guint64      top, cursor;
  gboolean     has_cursor;
  /* Answered. */
  gboolean     running, went;
  gboolean     moves_cursor;   /* @cursor is another than was asked with */
  guint        bits;
  guint64      base, pc, rflags;
  guint16      selector;
  GArray      *lines, *points;
  char        *wrong;          /* (nullable) what is wrong with @go_text */
  char       **names;          /* (nullable) */
} AsternCodeQuestion;

void  astern_disassembly_look          (AsternSession *session, gpointer question);
void  astern_disassembly_free_question (gpointer question);

struct _AsternDisassemblyView
{
  AsternView   parent_instance;

  /* What is shown. */
  GArray      *lines, *points, *arrows;   /* AsternCodeLine, AsternCodePoint, AsternArrow */
  AsternGutter gutter;
  guint        bits;
  guint64      base, pc;
  guint16      selector;
  guint64      rflags;
  AsternMoment moment;
  guint        cpu;
  gboolean     placed, running;
  guint64      top, cursor;
  gboolean     has_cursor;
  gboolean     showing;                   /* the tree changes by itself, not by the user */

  /* What is wanted next. */
  gint         scroll, cursor_row;
  gboolean     goes, remembers, aligns, reads;
  guint64      go_to, bar_to;             /* bar_to: where the scroll bar was moved, if @aligns */
  char        *go_text, *prefix;
  double       wheel;                     /* lines, of smooth scrolling */
  guint64      anchor;                    /* the address at the scroll bar's upper end */
  gboolean     dragging;

  GArray      *heat;                      /* (nullable) AsternExecutionCount, of [heat_start, heat_end) */
  guint64      heat_start, heat_end, heat_most;
  AsternMoment heat_moment;
  GCancellable *heat_cancel;              /* while it is counted */
  guint        heat_timer;

  GArray      *back, *forward;            /* guint64 */
  GSettings   *settings;                  /* (nullable) */
  GSimpleActionGroup *actions;
  GtkListStore *store;                    /* a row's number: all the rest is in lines */
  char        *condition_at;              /* (nullable) the address of the popover, as text */

  GtkWidget   *tree, *scrolled, *bar, *entry, *condition_popover, *condition;
  GtkAdjustment *adjustment;
  GtkEntryCompletion *completion;
  GtkListStore *names;
  GMenuModel  *context_menu;
  GMenu       *view_menu;
  GtkTreeViewColumn *gutter_column, *place_column, *linear_column, *physical_column, *bytes_column, *heat_column, *text_column;
};

/* disassembly-view.c */
const AsternCodeLine *astern_disassembly_line     (AsternDisassemblyView *self, guint row);
/* The row of the cursor, or -1. */
gint   astern_disassembly_cursor_row   (AsternDisassemblyView *self);
/* How many rows there is room for. */
guint  astern_disassembly_rows         (AsternDisassemblyView *self);
void   astern_disassembly_tell_row     (AsternDisassemblyView *self, guint row);    /* it shows something else */
void   astern_disassembly_want         (AsternDisassemblyView *self);   /* lines, with the next look */

void   astern_disassembly_show_place_column (AsternDisassemblyView *self);

/* disassembly-moving.c */
void   astern_disassembly_add_moving   (AsternDisassemblyView *self);
void   astern_disassembly_go           (AsternDisassemblyView *self, guint64 address);
void   astern_disassembly_go_back      (AsternDisassemblyView *self);
void   astern_disassembly_go_forward   (AsternDisassemblyView *self);
void   astern_disassembly_follow       (AsternDisassemblyView *self, guint row);    /* the jump or call of @row */
void   astern_disassembly_went         (AsternDisassemblyView *self, const AsternCodeQuestion *question);
void   astern_disassembly_update_bar   (AsternDisassemblyView *self);

/* disassembly-heat.c */
void   astern_disassembly_add_heat     (AsternDisassemblyView *self);
/* What is shown has changed: perhaps it is to be counted again. */
void   astern_disassembly_update_heat  (AsternDisassemblyView *self);
void   astern_disassembly_forget_heat  (AsternDisassemblyView *self);
/* How often @line was executed, and what is behind it then; FALSE: never, or it is not known. */
gboolean astern_disassembly_heat       (AsternDisassemblyView *self, const AsternCodeLine *line, guint64 *count, GdkRGBA *tint);

/* disassembly-actions.c */
void   astern_disassembly_add_actions  (AsternDisassemblyView *self);
void   astern_disassembly_update_actions (AsternDisassemblyView *self);
void   astern_disassembly_toggle_point (AsternDisassemblyView *self, guint row);
gboolean astern_disassembly_takes_key (AsternView *view, const GdkEventKey *event);
