/* test-wire - packets found in streams of bytes, and packets made. */
#include "config.h"

#include "gdbstub/wire.h"

#include <string.h>

typedef struct
{
  AsternGdbWire wire;
  GString      *seen;      /* what happened, one letter each, packets as [..] */
} Fixture;

static void
happened (gpointer user, AsternGdbWireEvent event, const guint8 *data, gsize size)
{
  static const char letters[] = { [ASTERN_GDB_WIRE_TOO_LONG] = 'L', [ASTERN_GDB_WIRE_BROKEN] = 'B',
                                  [ASTERN_GDB_WIRE_INTERRUPT] = 'I', [ASTERN_GDB_WIRE_ACK] = '+', [ASTERN_GDB_WIRE_NAK] = '-' };
  Fixture *f = user;

  if (event != ASTERN_GDB_WIRE_PACKET)
    {
      g_string_append_c (f->seen, letters[event]);
      return;
    }
  g_assert_cmpint (data[size], ==, 0);
  g_string_append_c (f->seen, '[');
  g_string_append_len (f->seen, (const char *) data, (gssize) size);
  g_string_append_c (f->seen, ']');
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  astern_gdb_wire_init (&f->wire, happened, f);
  f->seen = g_string_new (NULL);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  astern_gdb_wire_clear (&f->wire);
  g_string_free (f->seen, TRUE);
}

static void
feed (Fixture *f, const char *text)
{
  astern_gdb_wire_feed (&f->wire, (const guint8 *) text, strlen (text));
}

#define SEES(f, wanted) G_STMT_START { g_assert_cmpstr ((f)->seen->str, ==, wanted); g_string_truncate ((f)->seen, 0); } G_STMT_END

static void
a_packet_with_the_right_sum_is_taken (Fixture *f, gconstpointer unused)
{
  feed (f, "$g#67");
  SEES (f, "[g]");
  feed (f, "$#00");
  SEES (f, "[]");
  feed (f, "$qC#B4");    /* digits may be capital */
  SEES (f, "[qC]");
}

static void
a_packet_may_come_byte_by_byte (Fixture *f, gconstpointer unused)
{
  for (const char *c = "+$m0,4#fd+"; *c != '\0'; c++)
    astern_gdb_wire_feed (&f->wire, (const guint8 *) c, 1);
  SEES (f, "+[m0,4]+");
}

static void
a_wrong_sum_breaks_a_packet_unless_sums_are_not_looked_at (Fixture *f, gconstpointer unused)
{
  feed (f, "$g#68$g#6x$g#g7$g#67");
  SEES (f, "BBB[g]");
  f->wire.no_sums = TRUE;
  feed (f, "$g#00");
  SEES (f, "[g]");
}

static void
escapes_are_undone (Fixture *f, gconstpointer unused)
{
  /* '#', '$', '}' and '*' as gdb escapes them, and the sum is of what is sent. */
  feed (f, "$X0,4:}\x03}\x04}]}\n#84");
  SEES (f, "[X0,4:#$}*]");
}

static void
interrupts_are_heard_between_packets_and_are_data_inside (Fixture *f, gconstpointer unused)
{
  feed (f, "\x03");
  SEES (f, "I");
  feed (f, "$X0,1:\x03#22\x03");
  SEES (f, "[X0,1:\x03]I");
}

static void
junk_between_packets_is_passed_over (Fixture *f, gconstpointer unused)
{
  feed (f, "hello#12\n$g#67-");
  SEES (f, "[g]-");
}

static void
a_packet_whose_end_was_lost_gives_way_to_the_next (Fixture *f, gconstpointer unused)
{
  feed (f, "$m1234,$g#67");
  SEES (f, "[g]");
}

static void
a_new_client_begins_anew (Fixture *f, gconstpointer unused)
{
  feed (f, "$m1234,");
  astern_gdb_wire_reset (&f->wire);
  feed (f, "10#00$g#67");
  SEES (f, "[g]");
}

static void
a_packet_that_is_too_long_is_said_to_be_so_and_the_next_is_taken (Fixture *f, gconstpointer unused)
{
  g_autofree guint8 *zeros = g_malloc0 (ASTERN_GDB_MOST_PACKET + 1);

  feed (f, "$");
  astern_gdb_wire_feed (&f->wire, zeros, ASTERN_GDB_MOST_PACKET + 1);
  feed (f, "#00$g#67");
  SEES (f, "L[g]");
  feed (f, "$");
  astern_gdb_wire_feed (&f->wire, zeros, ASTERN_GDB_MOST_PACKET);
  feed (f, "#00");
  g_assert_cmpuint (f->seen->len, ==, ASTERN_GDB_MOST_PACKET + 2);
}

static void
what_is_framed_is_taken_again_as_it_was (Fixture *f, gconstpointer unused)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint8 all[256];

  for (guint i = 0; i < sizeof all; i++)
    all[i] = (guint8) i;
  astern_gdb_wire_frame (out, all, sizeof all);
  astern_gdb_wire_feed (&f->wire, out->data, out->len);
  g_assert_cmpmem (f->seen->str + 1, f->seen->len - 2, all, sizeof all);
}

static void
framing_escapes_what_means_something (Fixture *f, gconstpointer unused)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  astern_gdb_wire_frame (out, (const guint8 *) "OK", 2);
  g_assert_cmpmem (out->data, out->len, "$OK#9a", 6);
  g_byte_array_set_size (out, 0);
  astern_gdb_wire_frame (out, (const guint8 *) "}*", 2);
  g_assert_cmpmem (out->data, out->len, "$}]}\n#61", 8);
}

#define ADD(name) g_test_add ("/gdbstub/wire/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_packet_with_the_right_sum_is_taken);
  ADD (a_packet_may_come_byte_by_byte);
  ADD (a_wrong_sum_breaks_a_packet_unless_sums_are_not_looked_at);
  ADD (escapes_are_undone);
  ADD (interrupts_are_heard_between_packets_and_are_data_inside);
  ADD (junk_between_packets_is_passed_over);
  ADD (a_packet_whose_end_was_lost_gives_way_to_the_next);
  ADD (a_new_client_begins_anew);
  ADD (a_packet_that_is_too_long_is_said_to_be_so_and_the_next_is_taken);
  ADD (what_is_framed_is_taken_again_as_it_was);
  ADD (framing_escapes_what_means_something);
  return g_test_run ();
}
