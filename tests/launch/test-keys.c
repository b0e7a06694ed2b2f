/* Names of keys. */
#include "config.h"

#include "launch/keys.h"

static void
a_chord_goes_down_in_order_and_up_in_reverse (void)
{
  g_autoptr (GByteArray) packets = astern_key_packets ("ctrl-alt-delete", NULL);

  g_assert_cmpmem (packets->data, packets->len,
                   "\x1d\x00\x01\x38\x00\x01\x53\xe0\x01\x53\xe0\x00\x38\x00\x00\x1d\x00\x00", 18);
}

static void
an_unknown_key_is_named (void)
{
  g_autofree char *unknown = NULL;

  g_assert_null (astern_key_packets ("ctrl-any", &unknown));
  g_assert_cmpstr (unknown, ==, "any");
}

#define ADD(name) g_test_add_func ("/launch/keys/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_chord_goes_down_in_order_and_up_in_reverse);
  ADD (an_unknown_key_is_named);
  return g_test_run ();
}
