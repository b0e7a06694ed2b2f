/* The MP tables, as a kernel walks them. */
#include "config.h"

#include "hw/mp-tables.h"

#include <string.h>

#define AT 0xf8000u

typedef struct
{
  GBytes       *bytes;
  const guint8 *pointer, *table;
  gsize         table_size;
} Fixture;

static const MpPciPin pins[] = { { 1 << 3 | 3, 3, 9 }, { 3 << 3, 0, 11 } };

static void
set_up (Fixture *f, gconstpointer data)
{
  MpTablesOptions options = { .n_cpus = 3, .pci_pins = pins, .n_pci_pins = G_N_ELEMENTS (pins) };
  gsize size;

  f->bytes = mp_tables_build (&options, AT);
  f->pointer = g_bytes_get_data (f->bytes, &size);
  f->table = f->pointer + 16;
  f->table_size = size - 16;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_bytes_unref (f->bytes);
}

static guint8
sum (const guint8 *p, gsize n)
{
  guint8 total = 0;

  while (n-- > 0)
    total += *p++;
  return total;
}

static guint
get16 (const guint8 *p)
{
  return p[0] | (guint) p[1] << 8;
}

/* The n-th entry of a type, or NULL.  Asserts that the walk ends where the header says. */
static const guint8 *
entry (const Fixture *f, guint type, guint n)
{
  const guint8 *at = f->table + 44, *found = NULL;

  for (guint i = get16 (f->table + 34); i > 0; i--)
    {
      g_assert_cmpint (at[0], <=, 4);
      if (at[0] == type && n-- == 0)
        found = at;
      at += at[0] == 0 ? 20 : 8;
    }
  g_assert_cmpint (at - f->table, ==, get16 (f->table + 4));
  g_assert_cmpint (get16 (f->table + 4), ==, f->table_size);
  return found;
}

static void
the_pointer_leads_to_the_table (Fixture *f, gconstpointer data)
{
  g_assert_cmpmem (f->pointer, 4, "_MP_", 4);
  g_assert_cmphex (get16 (f->pointer + 4) | get16 (f->pointer + 6) << 16, ==, AT + 16);
  g_assert_cmpint (f->pointer[8], ==, 1);
  g_assert_cmpint (sum (f->pointer, 16), ==, 0);
  g_assert_cmpmem (f->table, 4, "PCMP", 4);
  g_assert_cmpint (sum (f->table, f->table_size), ==, 0);
}

static void
every_cpu_is_there_and_the_first_one_boots (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 3; i++)
    {
      const guint8 *cpu = entry (f, 0, i);

      g_assert_nonnull (cpu);
      g_assert_cmpint (cpu[1], ==, i);
      g_assert_cmpint (cpu[3], ==, i == 0 ? 3 : 1);
    }
  g_assert_null (entry (f, 0, 3));
}

static void
a_pci_pin_reaches_its_line_and_isa_does_not_have_it (Fixture *f, gconstpointer data)
{
  gboolean isa[16] = { FALSE };
  const guint8 *interrupt;

  for (guint i = 0; (interrupt = entry (f, 3, i)) != NULL; i++)
    if (i < G_N_ELEMENTS (pins))
      {
        g_assert_cmphex (get16 (interrupt + 2), ==, 0xd);
        g_assert_cmpint (interrupt[4], ==, entry (f, 1, 0)[1]);
        g_assert_cmpint (interrupt[5], ==, (pins[i].devfn >> 3) * 4 + pins[i].pin);
        g_assert_cmpint (interrupt[7], ==, pins[i].line);
      }
    else
      {
        g_assert_cmpint (interrupt[4], ==, entry (f, 1, 1)[1]);
        g_assert_cmpint (interrupt[7], ==, interrupt[5] == 0 ? 2 : interrupt[5]);
        isa[interrupt[5]] = TRUE;
      }
  for (guint line = 0; line < 16; line++)
    g_assert_cmpint (isa[line], ==, line != 2 && line != 9 && line != 11);
}

static void
lint0_takes_the_8259s_and_lint1_nmis (Fixture *f, gconstpointer data)
{
  const guint8 *extint = entry (f, 4, 0), *nmi = entry (f, 4, 1);

  g_assert_cmpint (extint[1], ==, 3);
  g_assert_cmpint (extint[7], ==, 0);
  g_assert_cmpint (nmi[1], ==, 1);
  g_assert_cmpint (nmi[7], ==, 1);
}

#define ADD(name) g_test_add ("/hw/mp-tables/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD (the_pointer_leads_to_the_table);
  ADD (every_cpu_is_there_and_the_first_one_boots);
  ADD (a_pci_pin_reaches_its_line_and_isa_does_not_have_it);
  ADD (lint0_takes_the_8259s_and_lint1_nmis);
  return g_test_run ();
}
