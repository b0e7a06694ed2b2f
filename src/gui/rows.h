/* rows - what a view's tree should hold, and making it hold that with as few changes as can be.
 *
 * A list is filled on the machine's thread: rows in the order of the tree, each with its depth and a key that no other
 * row of the list has.  On the main thread it is shown: a row is known again by its key, and only texts that differ are
 * touched; so the selection, the scroll position and what is unfolded stay.  Rows that may be unfolded but are
 * not have one child that says so; what is unfolded is asked for with the next look.
 *
 * Threads: a list is plain data of whoever has it; AsternRows is the main thread's. */
#pragma once

#include <gtk/gtk.h>

#define ASTERN_ROW_TEXTS 10

/* The columns of the store: first the texts. */
enum
{
  ASTERN_ROWS_KEY = ASTERN_ROW_TEXTS,   /* guint64 */
  ASTERN_ROWS_ADDRESS,                  /* guint64: where it leads to; the view's own */
  ASTERN_ROWS_FLAGS,                    /* guint: below, and the view's own */
  ASTERN_ROWS_WEIGHT,                   /* gint, of the font */
  ASTERN_ROWS_N_COLUMNS
};

enum
{
  ASTERN_ROW_LAZY   = 1 << 0,     /* has children, which are looked at when it is unfolded */
  ASTERN_ROW_OPEN   = 1 << 1,     /* is unfolded when it appears */
  ASTERN_ROW_STRONG = 1 << 2,     /* bold, changed or not */
  ASTERN_ROW_OWN    = 1 << 8,     /* the view's own flags: from here on */
};

typedef struct
{
  guint       depth;
  guint       flags;
  guint64     key;              /* not 0 */
  guint64     address;
  const char *texts[ASTERN_ROW_TEXTS];   /* the list's; NULL: empty */
} AsternRow;

typedef struct
{
  GArray       *rows;           /* AsternRow */
  GStringChunk *strings;
} AsternRowList;

AsternRowList *astern_row_list_new  (void);
void           astern_row_list_free (AsternRowList *list);
/* The row, to be filled in before the next one is added. */
AsternRow     *astern_row_list_add  (AsternRowList *list, guint depth, guint64 key);
/* Sets a text of the row added last. */
void           astern_row_list_set    (AsternRowList *list, guint column, const char *text);
void           astern_row_list_printf (AsternRowList *list, guint column, const char *format, ...) G_GNUC_PRINTF (3, 4);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AsternRowList, astern_row_list_free)

typedef struct _AsternRows AsternRows;

/* @changed is called when rows were unfolded or folded by the user.  @compared: the column whose text is bold where it is
 * another one than at the last stop; -1: none. */
AsternRows *astern_rows_new       (GtkTreeView *tree, int compared, void (*changed) (gpointer user), gpointer user);
void        astern_rows_free      (AsternRows *rows);
/* Takes @list.  @serial: of the stop (AsternRunStatus). */
void        astern_rows_show      (AsternRows *rows, AsternRowList *list, guint serial);
void        astern_rows_clear     (AsternRows *rows);
/* The keys of what is unfolded, for a look: a set.  Unref it. */
GHashTable *astern_rows_unfolded  (AsternRows *rows);
gboolean    astern_rows_is_in     (GHashTable *keys, guint64 key);
/* The row selected, or FALSE.  @rows may be NULL: a tree tells of its selection while it is made. */
gboolean    astern_rows_selected  (AsternRows *rows, guint64 *key, guint64 *address, guint *flags);
/* A store with the columns above. */
GtkTreeStore *astern_rows_store_new (void);
