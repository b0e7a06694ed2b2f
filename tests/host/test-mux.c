/* Ctrl-A on a terminal that the guest and the monitor share. */
#include "config.h"

#include "host/mux.h"

#include <string.h>

static void
happened (gpointer user, AsternMuxEvent event, const guint8 *data, gsize size)
{
  static const char letters[] = "gmHQS";
  GString *log = user;

  g_string_append_c (log, letters[event]);
  for (gsize i = 0; i < size; i++)
    if (data[i] == ASTERN_MUX_ESCAPE)
      g_string_append (log, "^A");
    else
      g_string_append_c (log, (char) data[i]);
  g_string_append_c (log, ' ');
}

/* @cut: bytes that come at once. */
static void
assert_feed (const char *typed, gsize cut, const char *expected)
{
  GString *log = g_string_new (NULL);
  AsternMux mux = { .happened = happened, .user = log };

  for (gsize at = 0; at < strlen (typed); at += cut)
    astern_mux_feed (&mux, (const guint8 *) typed + at, MIN (cut, strlen (typed) - at));
  g_assert_cmpstr (log->str, ==, expected);
  g_string_free (log, TRUE);
}

static void
plain_bytes_go_to_the_guest_in_one_piece (void)
{
  assert_feed ("hello\x03", 100, "ghello\x03 ");
}

static void
commands_are_taken_out (void)
{
  assert_feed ("ab\001hcd\001xe", 100, "gab H gcd Q ge ");
}

static void
the_escape_may_be_cut_in_two (void)
{
  assert_feed ("a\001xb", 1, "ga Q gb ");
}

static void
the_escape_twice_sends_it_once (void)
{
  assert_feed ("\001\001", 100, "g^A ");
}

static void
c_switches_to_the_monitor_and_back (void)
{
  assert_feed ("a\001cinfo\001cb", 100, "ga S minfo S gb ");
}

static void
other_keys_after_the_escape_are_dropped (void)
{
  assert_feed ("a\001zb", 100, "ga gb ");
}

#define ADD(name) g_test_add_func ("/host/mux/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (plain_bytes_go_to_the_guest_in_one_piece);
  ADD (commands_are_taken_out);
  ADD (the_escape_may_be_cut_in_two);
  ADD (the_escape_twice_sends_it_once);
  ADD (c_switches_to_the_monitor_and_back);
  ADD (other_keys_after_the_escape_are_dropped);
  return g_test_run ();
}
