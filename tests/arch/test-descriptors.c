/* test-descriptors - descriptors, gates and task-state segments, in words. */
#include "config.h"

#include "arch/x86/descriptors.h"

#include <string.h>

static void
decode (guint64 low, guint64 high, gboolean long_mode, gboolean idt, X86Descriptor *d)
{
  const guint64 words[2] = { GUINT64_TO_LE (low), GUINT64_TO_LE (high) };

  g_assert_true (x86_descriptor_decode ((const guint8 *) words, sizeof words, long_mode, idt, d));
}

static void
says (const X86Descriptor *d, const char *text, const char *flags)
{
  g_autofree char *said = x86_descriptor_text (d), *set = x86_descriptor_flags (d);

  g_assert_cmpstr (said, ==, text);
  g_assert_cmpstr (set, ==, flags);
}

static void
segments_have_base_and_limit_in_bytes (void)
{
  X86Descriptor d;

  decode (0x00cf9b000000ffff, 0, FALSE, FALSE, &d);
  says (&d, "32-bit code, readable", "P A D G");
  g_assert_cmphex (d.limit, ==, 0xffffffff);
  decode (0x1240f2345678000f, 0, FALSE, FALSE, &d);
  says (&d, "32-bit data, writable", "P B");
  g_assert_cmphex (d.base, ==, 0x12345678);
  g_assert_cmphex (d.limit, ==, 0xf);
  g_assert_cmpuint (d.dpl, ==, 3);
  decode (0x00001c000000ffff, 0, FALSE, FALSE, &d);
  says (&d, "16-bit code, execute only, conforming", "");
  g_assert_false (d.present);
  decode (0x000094000000ffff, 0, FALSE, FALSE, &d);
  says (&d, "16-bit data, read-only, expand-down", "P");
}

static void
the_l_bit_counts_in_long_mode_alone (void)
{
  X86Descriptor d;

  decode (0x00af9b000000ffff, 0, TRUE, FALSE, &d);
  says (&d, "64-bit code, readable", "P A L G");
  decode (0x00af9b000000ffff, 0, FALSE, FALSE, &d);
  says (&d, "16-bit code, readable", "P A L G");
}

static void
system_descriptors_take_two_places_in_long_mode (void)
{
  X86Descriptor d;

  decode (0x12008b3456780067, 0xffffffff, TRUE, FALSE, &d);
  says (&d, "64-bit TSS, busy", "P");
  g_assert_cmpuint (d.bytes, ==, 16);
  g_assert_cmphex (d.base, ==, 0xffffffff12345678);
  g_assert_cmphex (d.limit, ==, 0x67);
  decode (0x12008b3456780067, 0xffffffff, FALSE, FALSE, &d);
  says (&d, "32-bit TSS, busy", "P");
  g_assert_cmpuint (d.bytes, ==, 8);
  g_assert_cmphex (d.base, ==, 0x12345678);
  decode (0x0000810000000067, 0, FALSE, FALSE, &d);
  says (&d, "16-bit TSS, available", "P");
  decode (0x0000810000000067, 0, TRUE, FALSE, &d);
  says (&d, "reserved type", "P");
}

static void
gates_lead_to_selector_and_offset (void)
{
  X86Descriptor d;

  decode (0x81008e0300101234, 0xffffffff, TRUE, TRUE, &d);
  says (&d, "64-bit interrupt gate", "P IST3");
  g_assert_cmphex (d.selector, ==, 0x10);
  g_assert_cmphex (d.offset, ==, 0xffffffff81001234);
  decode (0x1234ef0000085678, 0, FALSE, TRUE, &d);
  says (&d, "32-bit trap gate", "P");
  g_assert_cmphex (d.offset, ==, 0x12345678);
  g_assert_cmpuint (d.dpl, ==, 3);
  decode (0x1234ec0200085678, 0, FALSE, FALSE, &d);
  says (&d, "32-bit call gate", "P 2 parameters");
  decode (0x1234840200085678, 0, FALSE, FALSE, &d);
  says (&d, "16-bit call gate", "P 2 parameters");
  g_assert_cmphex (d.offset, ==, 0x5678);
  decode (0x0000e50000280000, 0, FALSE, TRUE, &d);
  says (&d, "task gate", "P");
  g_assert_cmphex (d.selector, ==, 0x28);
}

static void
what_means_nothing_in_a_table_is_reserved (void)
{
  X86Descriptor d;

  decode (0x00cf9b000000ffff, 0, FALSE, TRUE, &d);         /* a segment in the IDT */
  says (&d, "reserved type", "P G");
  decode (0x1234ee0000085678, 0, FALSE, FALSE, &d);        /* an interrupt gate in the GDT */
  g_assert_cmpint (d.kind, ==, X86_DESCRIPTOR_RESERVED);
  decode (0, 0, FALSE, FALSE, &d);
  says (&d, "empty", "");
}

static void
a_table_that_ends_too_early_has_no_descriptor (void)
{
  const guint8 bytes[16] = { 0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0 };
  X86Descriptor d;

  g_assert_false (x86_descriptor_decode (bytes, 7, FALSE, FALSE, &d));
  g_assert_false (x86_descriptor_decode (bytes, 8, TRUE, TRUE, &d));
  g_assert_true (x86_descriptor_decode (bytes, 8, TRUE, FALSE, &d));
}

static void
a_task_state_segment_has_its_fields (void)
{
  guint8 tss[0x68] = { 0 };
  const X86TssField *f = x86_tss_fields (64);

  for (guint i = 0; i < 8; i++)
    tss[0x24 + i] = (guint8) (0x10 + i);
  tss[0x66] = 0x68;
  for (; !g_str_equal (f->name, "IST1"); f++)
    ;
  g_assert_cmphex (x86_tss_value (f, tss, sizeof tss), ==, 0x1716151413121110);
  for (; f[1].name != NULL; f++)
    ;
  g_assert_cmpstr (f->name, ==, "IOMAP");
  g_assert_cmphex (x86_tss_value (f, tss, sizeof tss), ==, 0x68);
  g_assert_cmphex (x86_tss_value (f, tss, 0x67), ==, 0);
}

static void
ports_pass (const guint8 *tss, gsize size, const char *expected)
{
  g_autofree char *text = x86_tss_ports_text (tss, size, 0x68, 2);

  g_assert_cmpstr (text, ==, expected);
}

static void
the_bitmap_lets_ports_through_up_to_its_last_byte (void)
{
  guint8 tss[0x68 + 129];

  memset (tss, 0xff, sizeof tss);
  ports_pass (tss, sizeof tss, "none");
  ports_pass (tss, 0x68, "none");
  tss[0x68 + 0x60 / 8] = 0xee;            /* 0x60, 0x64 */
  ports_pass (tss, sizeof tss, "0x60, 0x64");
  tss[0x68 + 127] = 0x00;
  ports_pass (tss, sizeof tss, "0x60, 0x64, …");
  tss[0x68 + 0x60 / 8] = 0xff;
  ports_pass (tss, sizeof tss, "0x3f8–0x3ff");
  ports_pass (tss, sizeof tss - 1, "none");     /* the byte after it is read, too */
}

#define ADD(name) g_test_add_func ("/arch/descriptors/" #name, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (segments_have_base_and_limit_in_bytes);
  ADD (the_l_bit_counts_in_long_mode_alone);
  ADD (system_descriptors_take_two_places_in_long_mode);
  ADD (gates_lead_to_selector_and_offset);
  ADD (what_means_nothing_in_a_table_is_reserved);
  ADD (a_table_that_ends_too_early_has_no_descriptor);
  ADD (a_task_state_segment_has_its_fields);
  ADD (the_bitmap_lets_ports_through_up_to_its_last_byte);
  return g_test_run ();
}
