/* test-paging-rows - page tables as rows: unfolded, merged, and as regions. */
#include "config.h"

#include <string.h>

#include "gui/paging-rows.h"

#define ALL (X86_PTE_P | X86_PTE_W | X86_PTE_U)

typedef struct
{
  guint64        memory[8 * 512];     /* eight pages */
  X86State       state;
  X86Walker      walker;
  GHashTable    *unfolded;
  AsternRowList *list;
} Fixture;

static guint64
read_entry (gpointer owner, guint64 physical, guint size)
{
  Fixture *f = owner;
  guint64 value = 0;

  if (physical + size <= sizeof f->memory)
    memcpy (&value, (guint8 *) f->memory + physical, size);
  return value;
}

static void
put (Fixture *f, guint64 at, guint64 entry)
{
  memcpy ((guint8 *) f->memory + at, &entry, 8);
}

static void
unfold (Fixture *f, guint64 key)
{
  g_hash_table_add (f->unfolded, g_memdup2 (&key, sizeof key));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->walker = (X86Walker) { f, read_entry, NULL, TRUE };
  f->unfolded = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  f->list = astern_row_list_new ();
  f->state.cr0 = X86_CR0_PE | X86_CR0_PG | X86_CR0_WP;
  f->state.cr3 = 0x1000;
  f->state.cr4 = X86_CR4_PAE;
  f->state.efer = X86_EFER_LMA | X86_EFER_LME | X86_EFER_NXE;
  put (f, 0x1000, 0x2000 | ALL);
  put (f, 0x2000, 0x3000 | ALL);
  put (f, 0x3000, 0x4000 | X86_PTE_P | X86_PTE_W);
  put (f, 0x3008, 0x40000000 | ALL | X86_PTE_PS | X86_PTE_NX);
  for (guint i = 0; i < 4; i++)
    put (f, 0x4000 + i * 8, (0x10000 + i * 0x1000) | X86_PTE_P | X86_PTE_W);
  put (f, 0x4020, 0x77000 | X86_PTE_P);
  put (f, 0x4028, 0x99000 | X86_PTE_P);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_row_list_free (f->list);
  g_hash_table_unref (f->unfolded);
}

static void
holds (Fixture *f, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < f->list->rows->len; i++)
    {
      const AsternRow *row = &g_array_index (f->list->rows, AsternRow, i);

      g_string_append_printf (text, "%u %s|%s|%s|%s|%s%s\n", row->depth, row->texts[ASTERN_PAGING_INDEX], row->texts[ASTERN_PAGING_LINEAR],
                              row->texts[ASTERN_PAGING_SIZE], row->texts[ASTERN_PAGING_PHYSICAL], row->texts[ASTERN_PAGING_FLAGS],
                              row->flags & ASTERN_ROW_LAZY ? "|…" : "");
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
what_is_folded_up_is_not_read (Fixture *f, gconstpointer data)
{
  astern_paging_add_tables (f->list, &f->state, &f->walker, f->unfolded, TRUE);
  holds (f, "0 PML4E 0|0000000000000000–0000007fffffffff|512 GiB|→ 2000|P W U|…\n");
}

static void
unfolded_tables_have_runs_of_equal_pages (Fixture *f, gconstpointer data)
{
  for (guint level = 1; level <= 3; level++)
    unfold (f, level);
  astern_paging_add_tables (f->list, &f->state, &f->walker, f->unfolded, TRUE);
  holds (f, "0 PML4E 0|0000000000000000–0000007fffffffff|512 GiB|→ 2000|P W U|…\n"
            "1 PDPTE 0|0000000000000000–000000003fffffff|1 GiB|→ 3000|P W U|…\n"
            "2 PDE 0|0000000000000000–00000000001fffff|2 MiB|→ 4000|P W|…\n"
            "3 PTE 0–3|0000000000000000–0000000000003fff|16 KiB|10000|P W\n"
            "3 PTE 4|0000000000004000–0000000000004fff|4 KiB|77000|P\n"
            "3 PTE 5|0000000000005000–0000000000005fff|4 KiB|99000|P\n"
            "2 PDE 1|0000000000200000–00000000003fffff|2 MiB|40000000|P W U PS NX\n");
}

static void
without_merging_each_page_is_a_row (Fixture *f, gconstpointer data)
{
  for (guint level = 1; level <= 3; level++)
    unfold (f, level);
  astern_paging_add_tables (f->list, &f->state, &f->walker, f->unfolded, FALSE);
  g_assert_cmpuint (f->list->rows->len, ==, 10);
}

static void
regions_have_the_rights_of_all_levels (Fixture *f, gconstpointer data)
{
  g_assert_true (astern_paging_add_regions (f->list, &f->state, &f->walker, 100));
  holds (f, "0 supervisor|0000000000000000–0000000000003fff|16 KiB|10000|rwx\n"
            "0 supervisor|0000000000004000–0000000000005fff|8 KiB|scattered|r-x\n"
            "0 user|0000000000200000–00000000003fffff|2 MiB|40000000|rw-\n");
}

static void
regions_that_lie_scattered_say_so (Fixture *f, gconstpointer data)
{
  put (f, 0x4010, 0x66000 | X86_PTE_P | X86_PTE_W);
  g_assert_false (astern_paging_add_regions (f->list, &f->state, &f->walker, 1));     /* there are more */
  holds (f, "0 supervisor|0000000000000000–0000000000003fff|16 KiB|scattered|rwx\n");
}

/* Each of them leads to itself at every level: 2^36 pages. */
static void
tables_that_map_without_end_are_given_up (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 512; i++)
    put (f, 0x1000 + i * 8, 0x1000 | ALL);
  g_assert_false (astern_paging_add_regions (f->list, &f->state, &f->walker, 100));
}

#define ADD(name) g_test_add ("/gui/paging-rows/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (what_is_folded_up_is_not_read);
  ADD (unfolded_tables_have_runs_of_equal_pages);
  ADD (without_merging_each_page_is_a_row);
  ADD (regions_have_the_rights_of_all_levels);
  ADD (regions_that_lie_scattered_say_so);
  ADD (tables_that_map_without_end_are_given_up);
  return g_test_run ();
}
