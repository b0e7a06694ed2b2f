/* Tests of core/fields. */
#include "config.h"

#include "core/fields.h"

#include <string.h>

typedef struct
{
  guint64 deadline_ns;
  guint32 words[3];
  guint16 divisor;
  guint8  mode;
  guint8  fifo[15];
  guint8  late;        /* came with version 2 */
} State;

#define F(member) ASTERN_FIELD (State, member, 1)
static const AsternField fields[] = {
  F (deadline_ns), ASTERN_FIELD_ARRAY (State, words, 1), F (divisor), F (mode),
  ASTERN_FIELD_BYTES (State, fifo, 1), ASTERN_FIELD (State, late, 2),
};
#define N G_N_ELEMENTS (fields)
#define USED (G_STRUCT_OFFSET (State, late) + 1)   /* the struct's tail is this host's padding */

static State
sample (guint8 from)
{
  State state;

  memset (&state, 0, sizeof state);
  for (guint i = 0; i < USED; i++)
    ((guint8 *) &state)[i] = (guint8) (from + i);
  return state;
}

static void
a_saved_state_loads_to_the_same_bytes (void)
{
  State saved = sample (1), loaded = sample (100);
  g_autoptr (GVariant) variant = g_variant_ref_sink (astern_fields_save (fields, N, &saved));
  g_autoptr (GError) error = NULL;

  g_assert_true (astern_fields_load (fields, N, 2, variant, &loaded, sizeof loaded, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (&loaded, USED, &saved, USED);
}

static void
a_state_is_saved_by_name_and_type (void)
{
  State saved = { .deadline_ns = 1, .words = { 2, 3, 4 }, .divisor = 5, .mode = 6 };
  g_autoptr (GVariant) variant = g_variant_ref_sink (astern_fields_save (fields, N, &saved));
  guint64 deadline_ns;
  guint16 divisor;
  guint8 mode;
  g_autoptr (GVariant) words = g_variant_lookup_value (variant, "words", G_VARIANT_TYPE ("au"));
  g_autoptr (GVariant) fifo = g_variant_lookup_value (variant, "fifo", G_VARIANT_TYPE ("ay"));

  g_assert_true (g_variant_lookup (variant, "deadline_ns", "t", &deadline_ns));
  g_assert_true (g_variant_lookup (variant, "divisor", "q", &divisor));
  g_assert_true (g_variant_lookup (variant, "mode", "y", &mode));
  g_assert_cmpuint (deadline_ns, ==, 1);
  g_assert_cmpuint (divisor, ==, 5);
  g_assert_cmpuint (mode, ==, 6);
  g_assert_cmpuint (g_variant_n_children (words), ==, 3);
  g_assert_cmpuint (g_variant_n_children (fifo), ==, 15);
}

static void
a_state_of_an_older_version_keeps_younger_fields (void)
{
  State saved = sample (1), loaded = sample (100);
  g_autoptr (GVariant) variant = g_variant_ref_sink (astern_fields_save (fields, N - 1, &saved));
  guint8 late = loaded.late;

  g_assert_true (astern_fields_load (fields, N, 1, variant, &loaded, sizeof loaded, NULL));
  g_assert_cmpuint (loaded.late, ==, late);
  g_assert_cmpuint (loaded.mode, ==, saved.mode);
}

static void
a_missing_field_is_refused_and_nothing_changes (void)
{
  State saved = sample (1), loaded = sample (100), before = loaded;
  g_autoptr (GVariant) variant = g_variant_ref_sink (astern_fields_save (fields, N - 1, &saved));
  g_autoptr (GError) error = NULL;

  g_assert_false (astern_fields_load (fields, N, 2, variant, &loaded, sizeof loaded, &error));
  g_assert_nonnull (strstr (error->message, "late"));
  g_assert_cmpmem (&loaded, USED, &before, USED);
}

static void
a_field_of_another_type_or_length_is_refused (void)
{
  static const char *const wrong[] = { "{'mode': <uint16 1>}", "{'mode': <'text'>}", "{'mode': <[byte 1]>}",
                                       "{'mode': <@ay []>}" };
  static const char *const wrong_arrays[] = { "{'words': <[uint32 1, 2]>}", "{'words': <[uint64 1, 2, 3]>}",
                                              "{'words': <uint32 1>}", "{'words': <@au []>}" };
  State loaded = sample (100), before = loaded;

  for (guint i = 0; i < G_N_ELEMENTS (wrong) + G_N_ELEMENTS (wrong_arrays); i++)
    {
      gboolean scalar = i < G_N_ELEMENTS (wrong);
      g_autoptr (GVariant) variant = NULL;
      g_autoptr (GError) error = NULL;

      variant = g_variant_parse (G_VARIANT_TYPE_VARDICT, scalar ? wrong[i] : wrong_arrays[i - G_N_ELEMENTS (wrong)],
                                 NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_false (astern_fields_load (scalar ? &fields[3] : &fields[1], 1, 2, variant, &loaded, sizeof loaded,
                                          &error));
      g_assert_nonnull (strstr (error->message, scalar ? "mode" : "words"));
      g_assert_cmpmem (&loaded, USED, &before, USED);
    }
}

/* Every byte of the struct that the table can lack is missed by the check. */
static void
a_hole_in_the_table_is_found (void)
{
  gsize at;

  g_assert_true (astern_fields_cover (fields, N, USED, &at));
  for (guint lacking = 0; lacking < N; lacking++)
    {
      AsternField table[N];

      memcpy (table, fields, sizeof table);
      memmove (&table[lacking], &table[lacking + 1], (N - lacking - 1) * sizeof table[0]);
      g_assert_false (astern_fields_cover (table, N - 1, USED, &at));
      g_assert_cmpuint (at, ==, fields[lacking].offset);
    }
}

static void
padding_counts_as_a_hole (void)
{
  gsize at;

  g_assert_cmpuint (sizeof (State), >, USED);
  g_assert_false (astern_fields_cover (fields, N, sizeof (State), &at));
  g_assert_cmpuint (at, ==, USED);
}

static void
a_byte_named_twice_or_outside_is_found (void)
{
  const AsternField twice[] = { { "a", 0, 4, 1, 1 }, { "b", 3, 1, 1, 1 } };
  const AsternField outside[] = { { "a", 0, 1, 8, 1 } };
  gsize at;

  g_assert_false (astern_fields_cover (twice, 2, 4, &at));
  g_assert_cmpuint (at, ==, 3);
  g_assert_false (astern_fields_cover (outside, 1, 4, &at));
  g_assert_cmpuint (at, ==, 4);
}

static void
every_byte_of_a_state_changes_its_hash (void)
{
  State state = sample (1);
  guint64 hash = astern_fields_hash (fields, N, &state, 0);

  for (guint i = 0; i < USED; i++)
    {
      ((guint8 *) &state)[i] ^= 0x10;
      g_assert_cmphex (astern_fields_hash (fields, N, &state, 0), !=, hash);
      ((guint8 *) &state)[i] ^= 0x10;
    }
  g_assert_cmphex (astern_fields_hash (fields, N, &state, 0), ==, hash);
  g_assert_cmphex (astern_fields_hash (fields, N, &state, 1), !=, hash);
}

static void
every_bit_and_the_length_change_a_hash (void)
{
  guint8 bytes[100] = { 0 };

  for (gsize size = 0; size <= sizeof bytes; size++)
    {
      guint64 hash = astern_hash_bytes (7, bytes, size);

      if (size > 0)
        g_assert_cmphex (astern_hash_bytes (7, bytes, size - 1), !=, hash);
      for (gsize bit = 0; bit < size * 8; bit++)
        {
          bytes[bit / 8] ^= (guint8) (1 << bit % 8);
          g_assert_cmphex (astern_hash_bytes (7, bytes, size), !=, hash);
          bytes[bit / 8] ^= (guint8) (1 << bit % 8);
        }
    }
}

/* One flipped bit of the input should flip about half of the hash's. */
static void
a_hash_spreads_every_bit (void)
{
  guint8 page[4096];
  guint64 hash;

  for (guint i = 0; i < sizeof page; i++)
    page[i] = (guint8) (i * 37);
  hash = astern_hash_bytes (0, page, sizeof page);
  for (guint bit = 0; bit < sizeof page * 8; bit += 13)
    {
      guint64 changed;

      page[bit / 8] ^= (guint8) (1 << bit % 8);
      changed = hash ^ astern_hash_bytes (0, page, sizeof page);
      page[bit / 8] ^= (guint8) (1 << bit % 8);
      g_assert_cmpint (__builtin_popcountll (changed), >, 8);
      g_assert_cmpint (__builtin_popcountll (changed), <, 56);
    }
}

/* Recordings keep hashes: they must not change with host or version. */
static void
hashes_are_the_same_on_every_host (void)
{
  guint8 bytes[77];

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) (i * 3 + 1);
  g_assert_cmphex (astern_hash_bytes (0, "", 0), ==, G_GUINT64_CONSTANT (0x5015da8a96ec2cac));
  g_assert_cmphex (astern_hash_bytes (1, bytes, 5), ==, G_GUINT64_CONSTANT (0xea4067f613073b1f));
  g_assert_cmphex (astern_hash_bytes (2, bytes, sizeof bytes), ==, G_GUINT64_CONSTANT (0x583a920fea20ba9a));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/core/fields/" #name, name)
  ADD (a_saved_state_loads_to_the_same_bytes);
  ADD (a_state_is_saved_by_name_and_type);
  ADD (a_state_of_an_older_version_keeps_younger_fields);
  ADD (a_missing_field_is_refused_and_nothing_changes);
  ADD (a_field_of_another_type_or_length_is_refused);
  ADD (a_hole_in_the_table_is_found);
  ADD (padding_counts_as_a_hole);
  ADD (a_byte_named_twice_or_outside_is_found);
  ADD (every_byte_of_a_state_changes_its_hash);
  ADD (every_bit_and_the_length_change_a_hash);
  ADD (a_hash_spreads_every_bit);
  ADD (hashes_are_the_same_on_every_host);
  return g_test_run ();
}
