/* Tests of core/events. */
#include "config.h"

#include "core/events.h"

#include <gio/gio.h>

static void
a_kind_that_is_off_is_counted_and_not_written (void)
{
  g_autofree char *text = NULL;
  gsize size;
  AsternEvents events = { .file = open_memstream (&text, &size) };

  astern_events_log (&events, ASTERN_EVENT_UNIMP, "port %d", 1);
  events.enabled = 1u << ASTERN_EVENT_UNIMP;
  astern_events_log (&events, ASTERN_EVENT_UNIMP, "port %d", 2);
  astern_events_log (&events, ASTERN_EVENT_UNIMP, "port %d\n", 3);
  astern_events_log (&events, ASTERN_EVENT_INT, "vector %d", 4);
  fclose (events.file);

  g_assert_cmpstr (text, ==, "port 2\nport 3\n");
  g_assert_cmpuint (events.counts[ASTERN_EVENT_UNIMP], ==, 3);
  g_assert_cmpuint (events.counts[ASTERN_EVENT_INT], ==, 1);
  free (g_steal_pointer (&text));
}

static void
names_become_a_mask (void)
{
  g_autoptr (GError) error = NULL;
  guint32 mask = 0;

  g_assert_true (astern_events_parse ("int,guest_errors", &mask, &error));
  g_assert_no_error (error);
  g_assert_cmphex (mask, ==, 1u << ASTERN_EVENT_INT | 1u << ASTERN_EVENT_GUEST_ERRORS);
}

static void
an_unknown_name_is_an_error_that_lists_the_known (void)
{
  g_autoptr (GError) error = NULL;
  guint32 mask = 42;

  g_assert_false (astern_events_parse ("int,colour", &mask, &error));
  g_assert_nonnull (strstr (error->message, "colour"));
#define X(id, name, help) g_assert_nonnull (strstr (error->message, name));
  ASTERN_EVENT_KINDS (X)
#undef X
  g_assert_cmpuint (mask, ==, 42);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/core/events/" #name, name)
  ADD (a_kind_that_is_off_is_counted_and_not_written);
  ADD (names_become_a_mask);
  ADD (an_unknown_name_is_an_error_that_lists_the_known);
  return g_test_run ();
}
