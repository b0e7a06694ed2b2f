/* test-symbols - names of addresses, in several tables. */
#include "config.h"

#include "core/symbols.h"

#include <string.h>

typedef struct { AsternSymbols *symbols; } Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->symbols = astern_symbols_new ();
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_symbols_free (f->symbols);
}

/* Two tables: a program at its place, and a kernel that was moved by 0x10000. */
static void
add_two_tables (Fixture *f)
{
  astern_symbols_begin (f->symbols, "program", 0);
  astern_symbols_add (f->symbols, "start", 0x1000, 0x20, TRUE);
  astern_symbols_add (f->symbols, "common", 0x2000, 0x10, FALSE);
  astern_symbols_add (f->symbols, "stop", 0x1040, 0x10, TRUE);
  astern_symbols_sort (f->symbols);
  astern_symbols_begin (f->symbols, "kernel", 0x10000);
  astern_symbols_add (f->symbols, "common", 0x500, 0, TRUE);
  astern_symbols_add (f->symbols, "start_kernel", 0x400, 0, TRUE);
  astern_symbols_add (f->symbols, "end", 0x600, 0, FALSE);
  astern_symbols_sort (f->symbols);
}

static void
assert_described (Fixture *f, guint64 address, const char *expected)
{
  g_autofree char *text = astern_symbols_describe (f->symbols, address);

  g_assert_cmpstr (text, ==, expected);
}

static void
a_name_has_the_address_of_the_last_table (Fixture *f, gconstpointer data)
{
  AsternSymbol found;
  guint64 value;

  add_two_tables (f);
  g_assert_true (astern_symbols_lookup (f->symbols, "common", &found));
  g_assert_cmphex (found.address, ==, 0x10500);
  g_assert_true (found.code);
  g_assert_true (astern_symbols_lookup (f->symbols, "stop", &found));
  g_assert_cmphex (found.address, ==, 0x1040);
  g_assert_cmpuint (found.size, ==, 0x10);
  g_assert_true (astern_symbols_lookup_value (f->symbols, "start_kernel", &value));
  g_assert_cmphex (value, ==, 0x10400);
  g_assert_false (astern_symbols_lookup (f->symbols, "star", &found));
  g_assert_false (astern_symbols_lookup (f->symbols, "starts", &found));
  g_assert_false (astern_symbols_lookup (f->symbols, "", &found));
  g_assert_false (astern_symbols_lookup_value (f->symbols, "zzz", &value));
}

static void
an_address_is_described_by_what_holds_it (Fixture *f, gconstpointer data)
{
  add_two_tables (f);
  assert_described (f, 0x1000, "start");
  assert_described (f, 0x101f, "start+0x1f");
  assert_described (f, 0x103f, "start+0x3f");        /* between two: the one before */
  assert_described (f, 0x104f, "stop+0xf");
  assert_described (f, 0x10400, "start_kernel");
  assert_described (f, 0x104ff, "start_kernel+0xff");
  assert_described (f, 0x10700, "end+0x100");
  assert_described (f, 0xfff, NULL);
  assert_described (f, 0x30000, NULL);               /* too far from anything */
}

static void
the_nearest_is_told_however_far (Fixture *f, gconstpointer data)
{
  AsternSymbol found;
  guint64 offset;

  g_assert_false (astern_symbols_nearest (f->symbols, 0x1000, &found, &offset));
  add_two_tables (f);
  g_assert_true (astern_symbols_nearest (f->symbols, G_MAXUINT64, &found, &offset));
  g_assert_cmpstr (found.name, ==, "end");
  g_assert_cmphex (offset, ==, G_MAXUINT64 - 0x10600);
  g_assert_false (astern_symbols_nearest (f->symbols, 0xfff, &found, &offset));
}

static void
the_innermost_of_nested_symbols_holds (Fixture *f, gconstpointer data)
{
  astern_symbols_begin (f->symbols, "nested", 0);
  astern_symbols_add (f->symbols, "outer", 0x100, 0x100, FALSE);
  astern_symbols_add (f->symbols, "inner", 0x120, 0x10, FALSE);
  astern_symbols_add (f->symbols, "other", 0x140, 0x10, FALSE);
  astern_symbols_add (f->symbols, "small", 0x10, 0x10, FALSE);
  astern_symbols_sort (f->symbols);
  assert_described (f, 0x125, "inner+0x5");
  assert_described (f, 0x130, "outer+0x30");
  assert_described (f, 0x1ff, "outer+0xff");
  assert_described (f, 0x200, "other+0xc0");
  assert_described (f, 0x30, "small+0x20");
}

static void
of_names_at_one_address_one_with_size_is_shown (Fixture *f, gconstpointer data)
{
  astern_symbols_begin (f->symbols, "aliases", 0);
  astern_symbols_add (f->symbols, "label", 0x100, 0, TRUE);
  astern_symbols_add (f->symbols, "first", 0x100, 8, TRUE);
  astern_symbols_add (f->symbols, "second", 0x100, 8, TRUE);
  astern_symbols_add (f->symbols, "object", 0x100, 8, FALSE);
  astern_symbols_add (f->symbols, "one", 0x200, 0, TRUE);
  astern_symbols_add (f->symbols, "two", 0x200, 0, TRUE);
  astern_symbols_sort (f->symbols);
  assert_described (f, 0x101, "first+0x1");
  assert_described (f, 0x200, "one");
}

static void
tables_can_be_dropped_and_counted (Fixture *f, gconstpointer data)
{
  const char *source;
  guint64 slide;
  guint n;
  AsternSymbol found;

  add_two_tables (f);
  g_assert_cmpuint (astern_symbols_count (f->symbols), ==, 6);
  g_assert_cmpuint (astern_symbols_sources (f->symbols), ==, 2);
  astern_symbols_source (f->symbols, 1, &source, &slide, &n);
  g_assert_cmpstr (source, ==, "kernel");
  g_assert_cmphex (slide, ==, 0x10000);
  g_assert_cmpuint (n, ==, 3);
  astern_symbols_drop (f->symbols, "kernel");
  g_assert_cmpuint (astern_symbols_sources (f->symbols), ==, 1);
  g_assert_true (astern_symbols_lookup (f->symbols, "common", &found));
  g_assert_cmphex (found.address, ==, 0x2000);
  astern_symbols_drop (f->symbols, "nothing");
  g_assert_cmpuint (astern_symbols_count (f->symbols), ==, 3);
}

static void
an_unsorted_table_is_not_looked_into (Fixture *f, gconstpointer data)
{
  AsternSymbol found;
  guint64 offset;

  astern_symbols_begin (f->symbols, "empty", 0);
  astern_symbols_sort (f->symbols);
  astern_symbols_begin (f->symbols, "half", 0);
  astern_symbols_add (f->symbols, "name", 0x100, 0, TRUE);
  astern_symbols_add (f->symbols, "", 0x200, 0, TRUE);          /* no name: none */
  g_assert_false (astern_symbols_lookup (f->symbols, "name", &found));
  g_assert_false (astern_symbols_nearest (f->symbols, 0x100, &found, &offset));
  g_assert_cmpuint (astern_symbols_count (f->symbols), ==, 1);
}

static void
a_slide_may_wrap (Fixture *f, gconstpointer data)
{
  astern_symbols_begin (f->symbols, "moved down", -(guint64) 0x1000);
  astern_symbols_add (f->symbols, "name", 0x1800, 0x100, TRUE);
  astern_symbols_add (f->symbols, "top", G_MAXUINT64 - 0xf, 0x1000, TRUE);
  astern_symbols_sort (f->symbols);
  assert_described (f, 0x810, "name+0x10");
  assert_described (f, G_MAXUINT64 - 0x1008, "top+0x7");
}

static gboolean
collect (const AsternSymbol *symbol, gpointer data)
{
  GString *text = data;

  g_string_append_printf (text, "%s ", symbol->name);
  return text->len < 15;
}

static void
a_symbol_without_a_size_does_not_hold_a_gap (Fixture *f, gconstpointer data)
{
  astern_symbols_begin (f->symbols, "kernel", 0);
  astern_symbols_add (f->symbols, "low", 0x1000, 0, FALSE);
  astern_symbols_add (f->symbols, "high", 0x80000000, 0, TRUE);
  astern_symbols_sort (f->symbols);
  assert_described (f, 0x21000, "low+0x20000");
  assert_described (f, 0x400000, NULL);
}

static void
completion_is_sorted_and_ends_when_told (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);

  add_two_tables (f);
  astern_symbols_complete (f->symbols, "star", collect, text);
  g_assert_cmpstr (text->str, ==, "start start_kernel ");
  g_string_set_size (text, 0);
  astern_symbols_complete (f->symbols, "", collect, text);
  g_assert_cmpstr (text->str, ==, "common end start ");         /* common once */
  g_string_set_size (text, 0);
  astern_symbols_complete (f->symbols, "x", collect, text);
  g_assert_cmpstr (text->str, ==, "");
}

/* Against a search through all. */
static void
random_tables_are_searched_rightly (Fixture *f, gconstpointer data)
{
  enum { N = 300, SPAN = 0x1000 };
  struct { guint64 start, size; } all[N];

  astern_symbols_begin (f->symbols, "random", 0);
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *name = g_strdup_printf ("s%u", i);

      all[i].start = (guint64) g_test_rand_int_range (0, SPAN);
      all[i].size = (guint64) g_test_rand_int_range (1, g_test_rand_bit () ? 8 : 400);
      astern_symbols_add (f->symbols, name, all[i].start, all[i].size, TRUE);
    }
  astern_symbols_sort (f->symbols);
  for (guint64 address = 0; address < SPAN + 500; address++)
    {
      AsternSymbol found;
      guint64 offset = 0, best = 0;
      gboolean any = FALSE, held = FALSE;

      for (guint i = 0; i < N; i++)
        if (all[i].start <= address)
          {
            gboolean here = address - all[i].start < all[i].size;

            if (!any || here > held || (here == held && all[i].start > best))
              best = all[i].start;
            any = TRUE;
            held |= here;
          }
      g_assert_true (astern_symbols_nearest (f->symbols, address, &found, &offset) == any);
      if (any)
        g_assert_cmphex (address - offset, ==, best);
    }
}

#define ADD(name) g_test_add ("/core/symbols/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (a_name_has_the_address_of_the_last_table);
  ADD (an_address_is_described_by_what_holds_it);
  ADD (the_nearest_is_told_however_far);
  ADD (the_innermost_of_nested_symbols_holds);
  ADD (of_names_at_one_address_one_with_size_is_shown);
  ADD (tables_can_be_dropped_and_counted);
  ADD (an_unsorted_table_is_not_looked_into);
  ADD (a_slide_may_wrap);
  ADD (a_symbol_without_a_size_does_not_hold_a_gap);
  ADD (completion_is_sorted_and_ends_when_told);
  ADD (random_tables_are_searched_rightly);
  return g_test_run ();
}
