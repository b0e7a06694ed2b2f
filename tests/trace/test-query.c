/* SQL over recordings: what comes out, and what is refused. */
#include "config.h"

#include "recording-fixture.h"

static char *
ask (Fixture *f, const char *sql, gboolean aligned, GError **error)
{
  g_autoptr (AsternRecording) recording = open_recording (f);
  g_autoptr (GString) text = g_string_new (NULL);

  if (!astern_recording_query (recording, sql, aligned, text, error))
    return NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
record_some (Fixture *f)
{
  AsternWriter *writer = begin_recording (f, NULL, 0);

  write_input (writer, 5, 0, "serial0", "a\tb");
  write_input (writer, 1000, 0, "ps2-keyboard", "\x1b");
  end_recording (writer, 2000, "quit");
}

static void
assert_answer (Fixture *f, const char *sql, gboolean aligned, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = ask (f, sql, aligned, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (answer, ==, expected);
}

static void
rows_are_separated_by_tabs (Fixture *f, gconstpointer data)
{
  record_some (f);
  assert_answer (f, "SELECT icount, port, data FROM journal ORDER BY id;", FALSE,
                 "icount\tport\tdata\n5\tserial0\tx'610962'\n1000\tps2-keyboard\tx'1b'\n");
}

static void
columns_line_up (Fixture *f, gconstpointer data)
{
  record_some (f);
  assert_answer (f, "SELECT icount, port, step FROM journal ORDER BY id", TRUE,
                 "icount  port          step\n"
                 "     5  serial0          0\n"
                 "  1000  ps2-keyboard     0\n");
}

static void
values_cannot_command_the_terminal (Fixture *f, gconstpointer data)
{
  record_some (f);
  assert_answer (f, "SELECT 'a' || char (9) || char (27) || '\\' || char (10) || char (155) AS t", FALSE, "t\na\\t\\x1b\\\\\\n\\x9b\n");
}

static void
a_recording_is_never_changed (Fixture *f, gconstpointer data)
{
  static const char *const refused[] = {
    "DELETE FROM journal", "UPDATE head SET icount = 0", "DROP TABLE journal", "PRAGMA user_version = 3", "PRAGMA journal_mode = WAL",
    "ATTACH ':memory:' AS other", "CREATE TABLE mine (a)", "CREATE TEMP TABLE mine (a)", "VACUUM",
    "INSERT INTO bookmark (icount, step, name) VALUES (1, 0, 'x')", "BEGIN",
  };

  record_some (f);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ask (f, refused[i], FALSE, &error));
      g_assert_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_QUERY);
      g_assert_nonnull (strstr (error->message, "SELECT"));
    }
  assert_answer (f, "SELECT count(*) AS n FROM journal", FALSE, "n\n2\n");
}

static void
a_wrong_query_says_what_is_wrong (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  record_some (f);
  g_assert_null (ask (f, "SELECT a FROM nowhere", FALSE, &error));
  g_assert_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_QUERY);
  g_assert_nonnull (strstr (error->message, "nowhere"));
}

static void
only_one_query_is_taken (Fixture *f, gconstpointer data)
{
  static const char *const wrong[] = { "", "  ;", "SELECT 1; SELECT 2" };

  record_some (f);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (ask (f, wrong[i], FALSE, &error));
      g_assert_error (error, ASTERN_RECORDING_ERROR, ASTERN_RECORDING_ERROR_QUERY);
    }
}

static void
the_schema_can_be_shown (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *schema = NULL;

  record_some (f);
  schema = ask (f, ".schema", FALSE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (schema, "CREATE TABLE journal"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add ("/trace/query/" #name, Fixture, NULL, set_up, name, tear_down)
  ADD (rows_are_separated_by_tabs);
  ADD (columns_line_up);
  ADD (values_cannot_command_the_terminal);
  ADD (a_recording_is_never_changed);
  ADD (a_wrong_query_says_what_is_wrong);
  ADD (only_one_query_is_taken);
  ADD (the_schema_can_be_shown);
  return g_test_run ();
}
