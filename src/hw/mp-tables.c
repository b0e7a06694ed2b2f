/* mp-tables.c - see mp-tables.h.
 * Source: Intel MultiProcessor Specification, version 1.4, chapter 4.
 * Left out: extended entries; the CPUs' signatures say the family only. */
#include "config.h"

#include "hw/mp-tables.h"

#include <string.h>

#define POINTER_SIZE   16
#define LAPIC_ADDRESS  0xfee00000u
#define IOAPIC_ADDRESS 0xfec00000u
#define LAPIC_VERSION  0x14
#define IOAPIC_VERSION 0x11
#define ALL_APICS      0xff

enum { ENTRY_CPU, ENTRY_BUS, ENTRY_IOAPIC, ENTRY_IO_INTERRUPT, ENTRY_LOCAL_INTERRUPT };
enum { BUS_PCI, BUS_ISA };
enum { KIND_INT, KIND_NMI, KIND_SMI, KIND_EXTINT };
enum { AS_THE_BUS_HAS_IT = 0, LEVEL_HIGH = 1 | 3 << 2 };

typedef struct
{
  GByteArray *bytes;
  guint       n_entries;
} Table;

static void
little (Table *t, guint64 value, guint size)
{
  for (guint i = 0; i < size; i++)
    {
      guint8 byte = (guint8) (value >> (8 * i));

      g_byte_array_append (t->bytes, &byte, 1);
    }
}

static void
text (Table *t, const char *characters, guint size)
{
  for (guint i = 0; i < size; i++)
    little (t, i < strlen (characters) ? (guint8) characters[i] : ' ', 1);
}

static void
entry (Table *t, guint8 type)
{
  little (t, type, 1);
  t->n_entries++;
}

static void
add_cpus (Table *t, guint n_cpus)
{
  enum { ENABLED = 1, BOOTS = 2, FAMILY_6 = 0x600, FPU_AND_APIC = 1 | 1 << 9 };

  for (guint i = 0; i < n_cpus; i++)
    {
      entry (t, ENTRY_CPU);
      little (t, i, 1);
      little (t, LAPIC_VERSION, 1);
      little (t, i == 0 ? ENABLED | BOOTS : ENABLED, 1);
      little (t, FAMILY_6, 4);
      little (t, FPU_AND_APIC, 4);
      little (t, 0, 8);
    }
}

static void
add_bus (Table *t, guint8 id, const char *name)
{
  entry (t, ENTRY_BUS);
  little (t, id, 1);
  text (t, name, 6);
}

static void
add_ioapic (Table *t)
{
  entry (t, ENTRY_IOAPIC);
  little (t, 0, 1);
  little (t, IOAPIC_VERSION, 1);
  little (t, 1, 1);                     /* enabled */
  little (t, IOAPIC_ADDRESS, 4);
}

static void
add_interrupt (Table *t, guint8 type, guint8 kind, guint16 flags, guint8 bus, guint8 source, guint8 apic, guint8 input)
{
  entry (t, type);
  little (t, kind, 1);
  little (t, flags, 2);
  little (t, bus, 1);
  little (t, source, 1);
  little (t, apic, 1);
  little (t, input, 1);
}

static void
add_interrupts (Table *t, const MpTablesOptions *options)
{
  guint pci_lines = 0;

  for (guint i = 0; i < options->n_pci_pins; i++)
    {
      const MpPciPin *pin = &options->pci_pins[i];

      pci_lines |= 1u << pin->line;
      add_interrupt (t, ENTRY_IO_INTERRUPT, KIND_INT, LEVEL_HIGH, BUS_PCI, (guint8) ((pin->devfn >> 3) << 2 | pin->pin),
                     0, pin->line);
    }
  for (guint8 line = 0; line < 16; line++)
    {
      /* The timer is at input 2, for the cascade needs none; what PCI has is not ISA's. */
      if (line == 2 || pci_lines >> line & 1)
        continue;
      add_interrupt (t, ENTRY_IO_INTERRUPT, KIND_INT, AS_THE_BUS_HAS_IT, BUS_ISA, line, 0, line == 0 ? 2 : line);
    }
  add_interrupt (t, ENTRY_LOCAL_INTERRUPT, KIND_EXTINT, AS_THE_BUS_HAS_IT, BUS_ISA, 0, ALL_APICS, 0);
  add_interrupt (t, ENTRY_LOCAL_INTERRUPT, KIND_NMI, AS_THE_BUS_HAS_IT, BUS_ISA, 0, ALL_APICS, 1);
}

/* Makes the bytes from @start on sum up to 0 by the one at @at. */
static void
seal (GByteArray *bytes, guint start, guint end, guint at)
{
  guint8 sum = 0;

  for (guint i = start; i < end; i++)
    sum += bytes->data[i];
  bytes->data[at] = (guint8) -sum;
}

static void
patch16 (GByteArray *bytes, guint at, guint16 value)
{
  bytes->data[at] = (guint8) value;
  bytes->data[at + 1] = (guint8) (value >> 8);
}

GBytes *
mp_tables_build (const MpTablesOptions *options, guint32 at)
{
  Table t = { .bytes = g_byte_array_new () };

  text (&t, "_MP_", 4);
  little (&t, at + POINTER_SIZE, 4);
  little (&t, 1, 1);                    /* length in paragraphs */
  little (&t, 4, 1);                    /* version 1.4 */
  little (&t, 0, 6);                    /* checksum; a table is there; no IMCR */

  text (&t, "PCMP", 4);
  little (&t, 0, 2);                    /* length */
  little (&t, 4, 1);
  little (&t, 0, 1);                    /* checksum */
  text (&t, "ASTERN", 8);
  text (&t, "PC", 12);
  little (&t, 0, 6);                    /* no OEM table */
  little (&t, 0, 2);                    /* number of entries */
  little (&t, LAPIC_ADDRESS, 4);
  little (&t, 0, 4);                    /* no extended entries */
  add_cpus (&t, options->n_cpus);
  add_bus (&t, BUS_PCI, "PCI");
  add_bus (&t, BUS_ISA, "ISA");
  add_ioapic (&t);
  add_interrupts (&t, options);

  patch16 (t.bytes, POINTER_SIZE + 4, (guint16) (t.bytes->len - POINTER_SIZE));
  patch16 (t.bytes, POINTER_SIZE + 34, (guint16) t.n_entries);
  seal (t.bytes, 0, POINTER_SIZE, 10);
  seal (t.bytes, POINTER_SIZE, t.bytes->len, POINTER_SIZE + 7);
  return g_byte_array_free_to_bytes (t.bytes);
}
