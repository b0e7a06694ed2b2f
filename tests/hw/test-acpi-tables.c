/* The ACPI tables, as a system finds them after the loader's script has run. */
#include "config.h"

#include "core/machine.h"
#include "hw/acpi-tables.h"
#include "hw/aml.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#define RAM_SIZE (1u << 20)
#define HIGH     0x20000
#define LOW      0xf0000

typedef struct
{
  AsternMachine *machine;
  AcpiTables     tables;
  guint64        rsdp;
} Fixture;

static const AcpiTablesOptions options = {
  .n_cpus = 4, .pm_base = 0x600, .pci_hole_start = 0x20000000, .n_serial = 4, .i8042 = TRUE, .hpet = TRUE,
  .virtio_mmio = 0x81,
};

static void
set_up (Fixture *f, gconstpointer data)
{
  AcpiTablesRoom room = { HIGH, HIGH + 0x10000, LOW, LOW + 0x10000 };
  g_autoptr (GError) error = NULL;

  f->machine = astern_machine_new (RAM_SIZE, &error);
  g_assert_no_error (error);
  astern_bus_add_memory (f->machine->physical, 0,
                         astern_memory_add (f->machine->memory, "ram", RAM_SIZE, FALSE, NULL), 0);
  acpi_tables_build (&options, &f->tables);
  f->rsdp = acpi_tables_install (&f->tables, f->machine->physical, &room, &error);
  g_assert_no_error (error);
  g_assert_cmphex (f->rsdp, !=, 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  acpi_tables_clear (&f->tables);
  astern_machine_free (f->machine);
}

static const guint8 *
at (Fixture *f, guint64 address)
{
  g_assert_cmphex (address, <, RAM_SIZE);
  return astern_memory_host (f->machine->memory, address);
}

static guint64
get (const guint8 *p, guint size)
{
  guint64 value = 0;

  while (size-- > 0)
    value = value << 8 | p[size];
  return value;
}

static guint8
sum (const guint8 *p, gsize n)
{
  guint8 total = 0;

  while (n-- > 0)
    total += *p++;
  return total;
}

/* The table of @signature by way of RSDP and XSDT, or NULL. */
static const guint8 *
find (Fixture *f, const char *signature)
{
  const guint8 *rsdp = at (f, f->rsdp);
  const guint8 *xsdt = at (f, get (rsdp + 24, 8));
  guint32 length = (guint32) get (xsdt + 4, 4);

  for (guint32 i = 36; i + 8 <= length; i += 8)
    {
      const guint8 *table = at (f, get (xsdt + i, 8));

      if (memcmp (table, signature, 4) == 0)
        return table;
    }
  return NULL;
}

/* What a user adds is found as the others are, with its checksum made. */
static void
a_table_of_the_users_is_found (Fixture *f, gconstpointer data)
{
  static const guint8 mine[40] = { 'M', 'I', 'N', 'E', 40, [36] = 1, 2, 3, 4 };
  g_autoptr (GPtrArray) extra = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  AcpiTablesRoom room = { HIGH + 0x10000, HIGH + 0x20000, LOW, LOW + 0x10000 };
  AcpiTablesOptions with = options;
  g_autoptr (GError) error = NULL;
  const guint8 *table;

  g_assert_null (find (f, "MINE"));
  g_ptr_array_add (extra, g_bytes_new_static (mine, sizeof mine));
  with.extra = extra;
  acpi_tables_clear (&f->tables);
  acpi_tables_build (&with, &f->tables);
  f->rsdp = acpi_tables_install (&f->tables, f->machine->physical, &room, &error);
  g_assert_no_error (error);
  table = find (f, "MINE");
  g_assert_nonnull (table);
  g_assert_cmphex (sum (table, sizeof mine), ==, 0);
  g_assert_cmpmem (table + 36, 4, mine + 36, 4);
  g_assert_nonnull (find (f, "FACP"));
}

static void
every_checksum_is_right (Fixture *f, gconstpointer data)
{
  const guint8 *rsdp = at (f, f->rsdp);
  const guint8 *rsdt = at (f, get (rsdp + 16, 4));
  const guint8 *fadt = find (f, "FACP");
  const guint8 *dsdt;

  g_assert_cmpmem (rsdp, 8, "RSD PTR ", 8);
  g_assert_cmphex (f->rsdp & 15, ==, 0);
  g_assert_cmphex (sum (rsdp, 20), ==, 0);
  g_assert_cmphex (sum (rsdp, 36), ==, 0);
  for (guint32 i = 36; i < get (rsdt + 4, 4); i += 4)
    {
      const guint8 *table = at (f, get (rsdt + i, 4));

      g_assert_cmphex (sum (table, get (table + 4, 4)), ==, 0);
    }
  g_assert_cmphex (sum (rsdt, get (rsdt + 4, 4)), ==, 0);
  g_assert_nonnull (fadt);
  dsdt = at (f, get (fadt + 40, 4));
  g_assert_cmpmem (dsdt, 4, "DSDT", 4);
  g_assert_cmphex (sum (dsdt, get (dsdt + 4, 4)), ==, 0);
  g_assert_cmphex (get (fadt + 140, 8), ==, get (fadt + 40, 4));
}

static void
fadt_names_the_power_ports (Fixture *f, gconstpointer data)
{
  const guint8 *fadt = find (f, "FACP");
  const guint8 *facs = at (f, get (fadt + 36, 4));

  g_assert_cmphex (get (fadt + 56, 4), ==, 0x600);
  g_assert_cmphex (get (fadt + 64, 4), ==, 0x604);
  g_assert_cmphex (get (fadt + 76, 4), ==, 0x608);
  g_assert_cmphex (get (fadt + 80, 4), ==, 0x60c);
  g_assert_cmpint (get (fadt + 46, 2), ==, 9);
  g_assert_cmphex (get (fadt + 48, 4), ==, 0xb2);
  g_assert_cmphex (get (fadt + 116 + 4, 8), ==, 0xcf9);
  g_assert_cmphex (get (fadt + 208, 1), ==, 1);
  g_assert_cmphex (get (fadt + 208 + 4, 8), ==, 0x608);
  g_assert_cmpmem (facs, 4, "FACS", 4);
  g_assert_cmphex (get (fadt + 36, 4) & 63, ==, 0);
}

static void
madt_lists_every_cpu_and_override (Fixture *f, gconstpointer data)
{
  const guint8 *madt = find (f, "APIC");
  guint cpus = 0, ioapics = 0, overrides = 0, nmis = 0;

  g_assert_nonnull (madt);
  g_assert_cmphex (get (madt + 36, 4), ==, 0xfee00000);
  for (guint32 i = 44; i < get (madt + 4, 4); i += madt[i + 1])
    {
      g_assert_cmpint (madt[i + 1], !=, 0);
      cpus += madt[i] == 0;
      ioapics += madt[i] == 1;
      nmis += madt[i] == 4;
      if (madt[i] == 2)
        {
          overrides++;
          if (madt[i + 3] == 0)
            g_assert_cmpint (get (madt + i + 4, 4), ==, 2);
        }
    }
  g_assert_cmpint (cpus, ==, 4);
  g_assert_cmpint (ioapics, ==, 1);
  g_assert_cmpint (overrides, ==, 5);
  g_assert_cmpint (nmis, ==, 1);
}

static void
too_little_room_is_an_error (Fixture *f, gconstpointer data)
{
  AcpiTablesRoom room = { HIGH, HIGH + 0x100, LOW, LOW + 0x10000 };
  g_autoptr (GError) error = NULL;

  g_assert_cmphex (acpi_tables_install (&f->tables, f->machine->physical, &room, &error), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

/* The reference disassembler's view of the DSDT; NULL where it is not installed. */
static char *
disassemble (Fixture *f)
{
  g_autofree char *iasl = g_find_program_in_path ("iasl");
  const guint8 *dsdt = at (f, get (find (f, "FACP") + 40, 4));
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL, *aml = NULL, *dsl = NULL, *output = NULL;
  char *text = NULL;
  int status = 0;

  if (iasl == NULL)
    return NULL;
  folder = g_dir_make_tmp ("astern-XXXXXX", &error);
  g_assert_no_error (error);
  aml = g_build_filename (folder, "dsdt.aml", NULL);
  dsl = g_build_filename (folder, "dsdt.dsl", NULL);
  g_assert_true (g_file_set_contents (aml, (const char *) dsdt, (gssize) get (dsdt + 4, 4), &error));
  {
    char *argv[] = { iasl, (char *) "-d", aml, NULL };

    g_assert_true (g_spawn_sync (folder, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL,
                                 &status, &error));
  }
  g_assert_cmpint (status, ==, 0);
  g_assert_null (strstr (output, "rror"));
  g_assert_true (g_file_get_contents (dsl, &text, NULL, &error));
  g_remove (aml);
  g_remove (dsl);
  g_rmdir (folder);
  return text;
}

static void
iasl_reads_the_dsdt (Fixture *f, gconstpointer data)
{
  static const char *const wanted[] = {
    "Scope (\\_SB)", "Device (PCI0)", "Device (ISA)", "Device (LNKD)", "Device (COM4)", "Device (C003)",
    "EisaId (\"PNP0A03\")", "EisaId (\"PNP0B00\")", "Name (\\_S5, Package (0x04)", "Method (_SRS, 1, Serialized)",
    "Device (VR00)", "Device (VR07)", "\"LNRO0005\"", "0xFEF00E00,",
    "Device (HPET)", "DWordMemory (ResourceProducer", "Name (_PRT, Package (0x7C)", "0x20000000,",
  };
  g_autofree char *text = disassemble (f);

  if (text == NULL)
    {
      g_test_skip ("iasl (Debian: acpica-tools) is not installed");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    if (strstr (text, wanted[i]) == NULL)
      g_error ("No “%s” in:\n%s", wanted[i], text);
  g_assert_null (strstr (text, "External"));    /* every name that is used is there */
}

static void
package_lengths_grow_as_needed (void)
{
  static const guint sizes[] = { 10, 56, 57, 58, 300, 4080, 4090, 4100, 70000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Aml *aml = aml_new ();
      g_autoptr (GByteArray) bytes = NULL;
      guint length, extra;

      aml_scope (aml, "_SB");           /* four bytes of name */
      for (guint n = 0; n < sizes[i]; n++)
        aml_nothing (aml);
      aml_end (aml);
      bytes = aml_finish (aml);
      extra = bytes->data[1] >> 6;
      length = extra == 0 ? bytes->data[1] : bytes->data[1] & 0x0f;
      for (guint n = 0; n < extra; n++)
        length |= (guint) bytes->data[2 + n] << (4 + 8 * n);
      g_assert_cmpint (length, ==, bytes->len - 1);
      g_assert_cmpint (bytes->len, ==, 1 + 1 + extra + 4 + sizes[i]);
    }
}

#define ADD(name) g_test_add ("/hw/acpi-tables/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (every_checksum_is_right);
  ADD (a_table_of_the_users_is_found);
  ADD (fadt_names_the_power_ports);
  ADD (madt_lists_every_cpu_and_override);
  ADD (too_little_room_is_an_error);
  ADD (iasl_reads_the_dsdt);
  g_test_add_func ("/hw/aml/package_lengths_grow_as_needed", package_lengths_grow_as_needed);
  return g_test_run ();
}
