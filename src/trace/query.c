/* query.c - SQL of the user's over a recording, see recording.h.
 *
 * The file is never changed: an authorizer lets through what reads, and refuses the rest in our words. */
#include "config.h"

#include "trace/recording-private.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_COLUMN_WIDTH 60

static int
authorize (gpointer user, int action, const char *a, const char *b, const char *database, const char *trigger)
{
  switch (action)
    {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    default:
      return SQLITE_DENY;
    }
}

/* ---- values as text ---- */

static void
append_blob (GString *text, const guint8 *bytes, int size)
{
  g_string_append (text, "x'");
  for (int i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  g_string_append_c (text, '\'');
}

void
astern_recording_append_printable (GString *text, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c == '\t')
        g_string_append (text, "\\t");
      else if (c == '\n')
        g_string_append (text, "\\n");
      else if (c == '\\')
        g_string_append (text, "\\\\");
      else if (g_unichar_iscntrl (c))
        g_string_append_printf (text, "\\x%02x", c);
      else
        g_string_append_unichar (text, c);
    }
}

static char *
value_text (sqlite3_stmt *row, int column)
{
  GString *text = g_string_new (NULL);

  if (sqlite3_column_type (row, column) == SQLITE_BLOB)
    append_blob (text, sqlite3_column_blob (row, column), sqlite3_column_bytes (row, column));
  else if (sqlite3_column_type (row, column) != SQLITE_NULL)
    astern_recording_append_printable (text, (const char *) sqlite3_column_text (row, column));
  return g_string_free (text, FALSE);
}

/* ---- tables ---- */

typedef struct
{
  int        n_columns;
  GPtrArray *cells;      /* char *, row by row, names first */
  gboolean  *numbers;    /* a column's values so far are all numbers */
} Table;

static void
add_names (Table *table, sqlite3_stmt *statement)
{
  for (int i = 0; i < table->n_columns; i++)
    {
      GString *name = g_string_new (NULL);

      astern_recording_append_printable (name, sqlite3_column_name (statement, i));
      g_ptr_array_add (table->cells, g_string_free (name, FALSE));
      table->numbers[i] = TRUE;
    }
}

static void
add_row (Table *table, sqlite3_stmt *row)
{
  for (int i = 0; i < table->n_columns; i++)
    {
      int type = sqlite3_column_type (row, i);

      table->numbers[i] = table->numbers[i] && (type == SQLITE_INTEGER || type == SQLITE_FLOAT || type == SQLITE_NULL);
      g_ptr_array_add (table->cells, value_text (row, i));
    }
}

static guint
column_width (const Table *table, int column)
{
  glong width = 1;

  for (guint i = (guint) column; i < table->cells->len; i += (guint) table->n_columns)
    width = MAX (width, g_utf8_strlen (g_ptr_array_index (table->cells, i), -1));
  return (guint) MIN (width, MAX_COLUMN_WIDTH);
}

static void
append_aligned (GString *text, const char *cell, guint width, gboolean right, gboolean last)
{
  glong length = g_utf8_strlen (cell, -1);
  int pad = length < (glong) width ? (int) (width - (guint) length) : 0;

  if (right)
    g_string_append_printf (text, "%*s", pad, "");
  g_string_append (text, cell);
  if (!right && !last)
    g_string_append_printf (text, "%*s", pad, "");
  g_string_append (text, last ? "\n" : "  ");
}

static void
append_table (GString *text, const Table *table, gboolean aligned)
{
  g_autofree guint *widths = g_new (guint, (gsize) table->n_columns);

  for (int i = 0; i < table->n_columns; i++)
    widths[i] = column_width (table, i);
  for (guint i = 0; i < table->cells->len; i++)
    {
      int column = (int) (i % (guint) table->n_columns);
      const char *cell = g_ptr_array_index (table->cells, i);
      gboolean last = column == table->n_columns - 1;

      if (aligned)
        append_aligned (text, cell, widths[column], table->numbers[column], last);
      else
        {
          g_string_append (text, cell);
          g_string_append_c (text, last ? '\n' : '\t');
        }
    }
}

/* ---- the query ---- */

static gboolean
wrong (AsternTraceStore *store, GError **error)
{
  gboolean denied = (sqlite3_errcode (store->db) & 0xff) == SQLITE_AUTH;

  g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_QUERY,
               denied ? _("A recording is only read; give a SELECT (%s).")
                      : _("The query does not work: %s. “astern query FILE .schema” shows the tables."),
               sqlite3_errmsg (store->db));
  return FALSE;
}

static gboolean
collect (AsternTraceStore *store, sqlite3_stmt *statement, Table *table, GError **error)
{
  int code;

  add_names (table, statement);
  while ((code = sqlite3_step (statement)) == SQLITE_ROW)
    add_row (table, statement);
  if (code == SQLITE_DONE)
    return TRUE;
  return (code & 0xff) == SQLITE_CORRUPT ? astern_trace_store_fail (store, error) : wrong (store, error);
}

gboolean
astern_recording_query (AsternRecording *recording, const char *sql, gboolean aligned, GString *text, GError **error)
{
  AsternTraceStore *store = astern_recording_store (recording);
  sqlite3_stmt *statement = NULL;
  const char *rest = NULL;
  Table table = { 0 };
  gboolean good;

  if (g_str_equal (sql, ".schema"))
    {
      g_string_append (text, astern_trace_store_schema);
      return TRUE;
    }
  sqlite3_set_authorizer (store->db, authorize, NULL);
  good = sqlite3_prepare_v2 (store->db, sql, -1, &statement, &rest) == SQLITE_OK || wrong (store, error);
  if (good && (statement == NULL || rest[strspn (rest, " \t\n;")] != '\0'))
    {
      g_set_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_QUERY, _("Give one SELECT as one argument."));
      good = FALSE;
    }
  if (good)
    {
      table.n_columns = sqlite3_column_count (statement);
      table.cells = g_ptr_array_new_with_free_func (g_free);
      table.numbers = g_new0 (gboolean, (gsize) table.n_columns);
      good = collect (store, statement, &table, error);
      if (good)
        append_table (text, &table, aligned);
      g_ptr_array_unref (table.cells);
      g_free (table.numbers);
    }
  sqlite3_finalize (statement);
  sqlite3_set_authorizer (store->db, NULL, NULL);
  return good;
}
