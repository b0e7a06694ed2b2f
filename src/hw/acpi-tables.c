/* acpi-tables.c - see acpi-tables.h.
 * Source: ACPI 6.4, section 5.2; IA-PC HPET 1.0a, section 3.2.4; QEMU's docs/specs and the comments of
 * its hw/acpi/bios-linker-loader for the script's records.
 * Left out: SRAT, SLIT, TPM and all else that this board has nothing for. */
#include "config.h"

#include "hw/acpi-tables.h"

#include "hw/boards/ich9-lpc.h"
#include "hw/piix4-pm.h"

#include <glib/gi18n.h>
#include <string.h>

#define HEADER_SIZE   36
#define CHECKSUM_AT   9
#define TABLES_ALIGN  64

#define LAPIC_ADDRESS  0xfee00000u
#define IOAPIC_ADDRESS 0xfec00000u
#define HPET_ADDRESS   0xfed00000u

/* --- building ---------------------------------------------------------------- */

typedef struct
{
  GByteArray *tables;
  GByteArray *loader;
  guint       start;            /* of the table being written */
} Builder;

static void
little (GByteArray *bytes, guint64 value, guint size)
{
  for (; size > 0; size--, value >>= 8)
    {
      guint8 byte = (guint8) value;

      g_byte_array_append (bytes, &byte, 1);
    }
}

static void
text (GByteArray *bytes, const char *string, guint size)
{
  guint length = (guint) strlen (string);

  for (guint i = 0; i < size; i++)
    little (bytes, i < length ? (guint8) string[i] : ' ', 1);
}

static void
zeros (GByteArray *bytes, guint n)
{
  while (n-- > 0)
    little (bytes, 0, 1);
}

static void
put (GByteArray *bytes, guint at, guint64 value, guint size)
{
  for (guint i = 0; i < size; i++)
    bytes->data[at + i] = (guint8) (value >> (8 * i));
}

/* A generic address structure for @bits wide ports. */
static void
port_address (GByteArray *bytes, guint16 port, guint8 bits)
{
  little (bytes, 1, 1);         /* I/O space */
  little (bytes, bits, 1);
  little (bytes, 0, 1);
  little (bytes, bits == 8 ? 1 : bits == 16 ? 2 : 3, 1);   /* accesses of up to 4 bytes */
  little (bytes, port, 8);
}

/* The script's records are 128 bytes each; a name takes 56. */
enum { LOADER_ALLOCATE = 1, LOADER_POINTER = 2, LOADER_CHECKSUM = 3, LOADER_SIZE = 128, LOADER_NAME = 56 };
enum { ZONE_HIGH = 1, ZONE_LOW = 2 };

static guint8 *
loader_record (Builder *b, guint32 command)
{
  guint at = b->loader->len;

  zeros (b->loader, LOADER_SIZE);
  put (b->loader, at, command, 4);
  return b->loader->data + at + 4;
}

static void
loader_allocate (Builder *b, const char *file, guint32 alignment, guint8 zone)
{
  guint8 *record = loader_record (b, LOADER_ALLOCATE);
  guint32 little_alignment = GUINT32_TO_LE (alignment);

  g_strlcpy ((char *) record, file, LOADER_NAME);
  memcpy (record + LOADER_NAME, &little_alignment, 4);
  record[LOADER_NAME + 4] = zone;
}

/* @size bytes at @offset of @in hold an offset into the tables: add their address. */
static void
loader_pointer (Builder *b, const char *in, guint32 offset, guint8 size)
{
  guint8 *record = loader_record (b, LOADER_POINTER);
  guint32 little_offset = GUINT32_TO_LE (offset);

  g_strlcpy ((char *) record, in, LOADER_NAME);
  g_strlcpy ((char *) record + LOADER_NAME, ACPI_TABLES_FILE, LOADER_NAME);
  memcpy (record + 2 * LOADER_NAME, &little_offset, 4);
  record[2 * LOADER_NAME + 4] = size;
}

static void
loader_checksum (Builder *b, const char *file, guint32 offset, guint32 start, guint32 length)
{
  guint8 *record = loader_record (b, LOADER_CHECKSUM);
  guint32 words[3] = { GUINT32_TO_LE (offset), GUINT32_TO_LE (start), GUINT32_TO_LE (length) };

  g_strlcpy ((char *) record, file, LOADER_NAME);
  memcpy (record + LOADER_NAME, words, sizeof words);
}

static void
begin_table (Builder *b, const char *signature, guint8 revision)
{
  while (b->tables->len % 16 != 0)
    little (b->tables, 0, 1);
  b->start = b->tables->len;
  text (b->tables, signature, 4);
  little (b->tables, 0, 4);             /* length, when it is known */
  little (b->tables, revision, 1);
  little (b->tables, 0, 1);             /* checksum: the loader's */
  text (b->tables, "ASTERN", 6);
  text (b->tables, "ASTERNPC", 8);
  little (b->tables, 1, 4);
  text (b->tables, "ASTN", 4);
  little (b->tables, 1, 4);
}

/* Returns the table's offset in the file. */
static guint
end_table (Builder *b)
{
  guint length = b->tables->len - b->start;

  put (b->tables, b->start + 4, length, 4);
  loader_checksum (b, ACPI_TABLES_FILE, b->start + CHECKSUM_AT, b->start, length);
  return b->start;
}

static guint
add_facs (Builder *b)
{
  guint start = b->tables->len;

  text (b->tables, "FACS", 4);
  little (b->tables, 64, 4);
  zeros (b->tables, 24);
  little (b->tables, 1, 1);             /* version */
  zeros (b->tables, 31);
  return start;
}

static guint
add_dsdt (Builder *b, const AcpiTablesOptions *options)
{
  g_autoptr (GByteArray) terms = acpi_dsdt_terms (options);

  begin_table (b, "DSDT", 2);
  g_byte_array_append (b->tables, terms->data, terms->len);
  return end_table (b);
}

/* Where from the base power management has what. */
typedef struct
{
  guint8 sts, cnt, tmr, gpe, gpe_length;
} PmPlaces;

static const PmPlaces *
places_of (const AcpiTablesOptions *options)
{
  static const PmPlaces piix4 = { PIIX4_PMSTS, PIIX4_PMCNTRL, PIIX4_PMTMR, PIIX4_GPSTS, 4 };
  static const PmPlaces ich9 = { ICH9_PM1_STS, ICH9_PM1_CNT, ICH9_PM1_TMR, ICH9_GPE0_STS, 16 };

  return options->q35 ? &ich9 : &piix4;
}

static void
fadt_ports (Builder *b, const PmPlaces *at, guint16 pm)
{
  little (b->tables, pm + at->sts, 4);
  little (b->tables, 0, 4);
  little (b->tables, pm + at->cnt, 4);
  little (b->tables, 0, 4);
  little (b->tables, 0, 4);
  little (b->tables, pm + at->tmr, 4);
  little (b->tables, pm + at->gpe, 4);
  little (b->tables, 0, 4);
  little (b->tables, 4, 1);             /* PM1 event, control, PM2 */
  little (b->tables, 2, 1);
  little (b->tables, 0, 1);
  little (b->tables, 4, 1);             /* timer, general events 0, 1 */
  little (b->tables, at->gpe_length, 1);
  little (b->tables, 0, 2);
}

static void
fadt_addresses (Builder *b, const PmPlaces *at, guint16 pm)
{
  port_address (b->tables, pm + at->sts, 32);
  zeros (b->tables, 12);
  port_address (b->tables, pm + at->cnt, 16);
  zeros (b->tables, 12);
  zeros (b->tables, 12);
  port_address (b->tables, pm + at->tmr, 32);
  port_address (b->tables, pm + at->gpe, (guint8) (at->gpe_length * 8));
  zeros (b->tables, 12);
}

static guint
add_fadt (Builder *b, const AcpiTablesOptions *options, guint facs, guint dsdt)
{
  enum { WBINVD = 1 << 0, PROC_C1 = 1 << 2, NO_SLEEP_BUTTON = 1 << 5, RESET_REG = 1 << 10 };
  guint start;

  begin_table (b, "FACP", 3);
  start = b->start;
  little (b->tables, facs, 4);
  little (b->tables, dsdt, 4);
  little (b->tables, 0, 1);
  little (b->tables, 1, 1);             /* a desktop */
  little (b->tables, 9, 2);             /* SCI */
  little (b->tables, 0xb2, 4);          /* SMI command port */
  little (b->tables, PIIX4_ACPI_ENABLE, 1);
  little (b->tables, PIIX4_ACPI_DISABLE, 1);
  little (b->tables, 0, 2);
  fadt_ports (b, places_of (options), options->pm_base);
  little (b->tables, 0, 1);             /* _CST */
  little (b->tables, 0xfff, 2);         /* no C2, C3 */
  little (b->tables, 0xfff, 2);
  little (b->tables, 0, 4);             /* cache flushing: by WBINVD */
  little (b->tables, 0, 2);             /* duty cycle */
  little (b->tables, 0, 2);             /* alarm day, month */
  little (b->tables, 0x32, 1);          /* CMOS byte of the century */
  little (b->tables, options->i8042 ? 3 : 1, 2);
  little (b->tables, 0, 1);
  little (b->tables, WBINVD | PROC_C1 | NO_SLEEP_BUTTON | RESET_REG, 4);
  port_address (b->tables, 0xcf9, 8);
  little (b->tables, 0x06, 1);
  zeros (b->tables, 3);
  little (b->tables, 0, 8);             /* the FACS is named once, above */
  little (b->tables, dsdt, 8);
  fadt_addresses (b, places_of (options), options->pm_base);
  g_assert (b->tables->len - start == 244);

  loader_pointer (b, ACPI_TABLES_FILE, start + 36, 4);
  loader_pointer (b, ACPI_TABLES_FILE, start + 40, 4);
  loader_pointer (b, ACPI_TABLES_FILE, start + 140, 8);
  return end_table (b);
}

/* ISA line @line is global interrupt @gsi. */
static void
madt_override (Builder *b, guint8 line, guint32 gsi, guint16 flags)
{
  little (b->tables, 2, 1);
  little (b->tables, 10, 1);
  little (b->tables, 0, 1);
  little (b->tables, line, 1);
  little (b->tables, gsi, 4);
  little (b->tables, flags, 2);
}

static guint
add_madt (Builder *b, guint n_cpus)
{
  enum { LEVEL_HIGH = 1 | 3 << 2 };
  static const guint8 level_lines[] = { 5, 9, 10, 11 };
  guint i;

  begin_table (b, "APIC", 3);
  little (b->tables, LAPIC_ADDRESS, 4);
  little (b->tables, 1, 4);             /* 8259s are there too */
  for (i = 0; i < n_cpus; i++)
    {
      little (b->tables, 0, 1);
      little (b->tables, 8, 1);
      little (b->tables, i, 1);
      little (b->tables, i, 1);
      little (b->tables, 1, 4);         /* enabled */
    }
  little (b->tables, 1, 1);
  little (b->tables, 12, 1);
  little (b->tables, 0, 2);             /* I/O APIC id */
  little (b->tables, IOAPIC_ADDRESS, 4);
  little (b->tables, 0, 4);
  madt_override (b, 0, 2, 0);
  for (i = 0; i < G_N_ELEMENTS (level_lines); i++)
    madt_override (b, level_lines[i], level_lines[i], LEVEL_HIGH);
  little (b->tables, 4, 1);             /* NMI: every CPU's LINT1 */
  little (b->tables, 6, 1);
  little (b->tables, 0xff, 1);
  little (b->tables, 0, 2);
  little (b->tables, 1, 1);
  return end_table (b);
}

static guint
add_hpet (Builder *b)
{
  begin_table (b, "HPET", 1);
  little (b->tables, 0x8086a201, 4);
  little (b->tables, 0, 1);             /* in memory */
  little (b->tables, 0, 3);
  little (b->tables, HPET_ADDRESS, 8);
  little (b->tables, 0, 1);
  little (b->tables, 0, 2);             /* shortest period */
  little (b->tables, 0, 1);
  return end_table (b);
}

/* Where memory-mapped configuration is, for buses from 0 on. */
static guint
add_mcfg (Builder *b, const AcpiTablesOptions *options)
{
  begin_table (b, "MCFG", 1);
  little (b->tables, 0, 8);
  little (b->tables, options->ecam, 8);
  little (b->tables, 0, 2);             /* segment */
  little (b->tables, 0, 1);
  little (b->tables, (options->ecam_size >> 20) - 1, 1);
  little (b->tables, 0, 4);
  return end_table (b);
}

static guint
add_extra (Builder *b, GBytes *table)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (table, &size);

  while (b->tables->len % 16 != 0)
    little (b->tables, 0, 1);
  b->start = b->tables->len;
  g_byte_array_append (b->tables, bytes, (guint) size);
  return end_table (b);
}

/* RSDT or XSDT: a table of pointers of @size bytes. */
static guint
add_root (Builder *b, const char *signature, guint8 size, const guint *offsets, guint n)
{
  begin_table (b, signature, 1);
  for (guint i = 0; i < n; i++)
    {
      loader_pointer (b, ACPI_TABLES_FILE, b->tables->len, size);
      little (b->tables, offsets[i], size);
    }
  return end_table (b);
}

static GByteArray *
make_rsdp (Builder *b, guint rsdt, guint xsdt)
{
  GByteArray *rsdp = g_byte_array_new ();

  text (rsdp, "RSD PTR ", 8);
  little (rsdp, 0, 1);
  text (rsdp, "ASTERN", 6);
  little (rsdp, 2, 1);                  /* revision */
  little (rsdp, rsdt, 4);
  little (rsdp, 36, 4);
  little (rsdp, xsdt, 8);
  little (rsdp, 0, 4);
  loader_pointer (b, ACPI_RSDP_FILE, 16, 4);
  loader_pointer (b, ACPI_RSDP_FILE, 24, 8);
  loader_checksum (b, ACPI_RSDP_FILE, 8, 0, 20);
  loader_checksum (b, ACPI_RSDP_FILE, 32, 0, 36);
  return rsdp;
}

void
acpi_tables_build (const AcpiTablesOptions *options, AcpiTables *tables)
{
  Builder b = { g_byte_array_new (), g_byte_array_new (), 0 };
  guint n_extra = options->extra != NULL ? options->extra->len : 0, n = 0, facs, rsdt, xsdt;
  g_autofree guint *offsets = g_new (guint, 4 + n_extra);

  loader_allocate (&b, ACPI_RSDP_FILE, 16, ZONE_LOW);
  loader_allocate (&b, ACPI_TABLES_FILE, TABLES_ALIGN, ZONE_HIGH);
  facs = add_facs (&b);
  offsets[n] = add_fadt (&b, options, facs, add_dsdt (&b, options));
  n++;
  offsets[n++] = add_madt (&b, options->n_cpus);
  if (options->hpet)
    offsets[n++] = add_hpet (&b);
  if (options->ecam_size != 0)
    offsets[n++] = add_mcfg (&b, options);
  for (guint i = 0; i < n_extra; i++)
    offsets[n++] = add_extra (&b, g_ptr_array_index (options->extra, i));
  rsdt = add_root (&b, "RSDT", 4, offsets, n);
  xsdt = add_root (&b, "XSDT", 8, offsets, n);
  tables->rsdp = g_byte_array_free_to_bytes (make_rsdp (&b, rsdt, xsdt));
  tables->tables = g_byte_array_free_to_bytes (b.tables);
  tables->loader = g_byte_array_free_to_bytes (b.loader);
}

void
acpi_tables_clear (AcpiTables *tables)
{
  g_clear_pointer (&tables->tables, g_bytes_unref);
  g_clear_pointer (&tables->rsdp, g_bytes_unref);
  g_clear_pointer (&tables->loader, g_bytes_unref);
}

/* --- installing -------------------------------------------------------------- */

/* A file while the script runs: a copy to work on, and where it will lie. */
typedef struct
{
  const char *name;
  GBytes     *contents;
  guint8     *bytes;
  gsize       size;
  guint64     address;
} Placed;

static guint32
get32 (const guint8 *at)
{
  return at[0] | (guint32) at[1] << 8 | (guint32) at[2] << 16 | (guint32) at[3] << 24;
}

static Placed *
find_placed (Placed files[2], const guint8 *name)
{
  for (guint i = 0; i < 2; i++)
    if (strncmp (files[i].name, (const char *) name, LOADER_NAME) == 0)
      return &files[i];
  return NULL;
}

static gboolean
run_allocate (Placed *file, const guint8 *record, AcpiTablesRoom *room)
{
  gboolean low = record[LOADER_NAME + 4] == ZONE_LOW;
  guint64 *next = low ? &room->low : &room->high;
  guint64 end = low ? room->low_end : room->high_end;
  guint64 align = get32 (record + LOADER_NAME);
  guint64 start = (*next + align - 1) & ~(align - 1);

  if (start + file->size > end)
    return FALSE;
  file->address = start;
  *next = start + file->size;
  return TRUE;
}

static gboolean
run_pointer (Placed files[2], Placed *file, const guint8 *record)
{
  const Placed *target = find_placed (files, record + LOADER_NAME);
  guint32 offset = get32 (record + 2 * LOADER_NAME);
  guint size = record[2 * LOADER_NAME + 4];
  guint64 value = 0;

  if (target == NULL || size > 8 || (guint64) offset + size > file->size)
    return FALSE;
  for (guint i = 0; i < size; i++)
    value |= (guint64) file->bytes[offset + i] << (8 * i);
  value += target->address;
  for (guint i = 0; i < size; i++)
    file->bytes[offset + i] = (guint8) (value >> (8 * i));
  return TRUE;
}

static gboolean
run_checksum (Placed *file, const guint8 *record)
{
  guint32 offset = get32 (record + LOADER_NAME);
  guint32 start = get32 (record + LOADER_NAME + 4);
  guint32 length = get32 (record + LOADER_NAME + 8);
  guint8 sum = 0;

  if (offset >= file->size || (guint64) start + length > file->size)
    return FALSE;
  for (guint32 i = 0; i < length; i++)
    sum += file->bytes[start + i];
  file->bytes[offset] -= sum;
  return TRUE;
}

static gboolean
run_script (const AcpiTables *tables, Placed files[2], AcpiTablesRoom *room)
{
  gsize size;
  const guint8 *script = g_bytes_get_data (tables->loader, &size);

  for (gsize at = 0; at + LOADER_SIZE <= size; at += LOADER_SIZE)
    {
      const guint8 *record = script + at + 4;
      Placed *file = find_placed (files, record);
      gboolean ok = FALSE;

      if (file == NULL)
        return FALSE;
      switch (get32 (script + at))
        {
        case LOADER_ALLOCATE: ok = run_allocate (file, record, room); break;
        case LOADER_POINTER:  ok = run_pointer (files, file, record); break;
        case LOADER_CHECKSUM: ok = run_checksum (file, record); break;
        }
      if (!ok)
        return FALSE;
    }
  return TRUE;
}

guint64
acpi_tables_install (const AcpiTables *tables, AsternBus *memory, AcpiTablesRoom *room, GError **error)
{
  Placed files[2] = {
    { .name = ACPI_RSDP_FILE, .contents = tables->rsdp },
    { .name = ACPI_TABLES_FILE, .contents = tables->tables },
  };
  gboolean ok;

  for (guint i = 0; i < 2; i++)
    {
      gconstpointer contents = g_bytes_get_data (files[i].contents, &files[i].size);

      files[i].bytes = g_memdup2 (contents, files[i].size);
    }
  ok = run_script (tables, files, room);
  for (guint i = 0; i < 2; i++)
    {
      if (ok)
        astern_bus_write_bytes (memory, (AsternPaddr) { files[i].address }, files[i].bytes, files[i].size,
                                ASTERN_ORIGIN_DMA);
      g_free (files[i].bytes);
    }
  if (ok)
    return files[0].address;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
               _("The guest's memory has no room for the ACPI tables; give the machine more with -m."));
  return 0;
}
