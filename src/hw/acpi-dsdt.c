/* acpi-dsdt.c - the boards' devices as ACPI names them.
 * Source: ACPI 6.4, chapters 5 and 6; PCI Firmware Specification 3.2, section 4 (_CRS, _PRT).
 * Left out: hot plug, sleep states other than soft off, the printer and floppy controller.
 *
 * What is evaluated while the table is loaded is plain names; everything else is in methods,
 * for firmware's parsers know no more than that. */
#include "config.h"

#include "hw/acpi-tables.h"
#include "hw/aml.h"
#include "hw/boards/ich9-lpc.h"
#include "hw/piix3.h"
#include "hw/piix4-pm.h"
#include "hw/virtio/virtio-mmio.h"

/* PIIX has four, ICH9 eight. */
static const char *const link_names[] = { "LNKA", "LNKB", "LNKC", "LNKD", "LNKE", "LNKF", "LNKG", "LNKH" };
static const char *const pirq_names[] = { "PRQA", "PRQB", "PRQC", "PRQD", NULL };
static const char *const more_pirq_names[] = { "PRQE", "PRQF", "PRQG", "PRQH", NULL };

/* Lines that a PIRQ may be routed to. */
static const guint32 pirq_lines[] = { 5, 10, 11 };

static void
name_id (Aml *a, const char *id, guint uid)
{
  aml_name (a, "_HID");
  aml_eisa_id (a, id);
  aml_name (a, "_UID");
  aml_integer (a, uid);
}

static void
host_bridge_resources (Aml *a, const AcpiTablesOptions *options)
{
  guint32 start = options->pci_hole_start, last = 0xfebfffff;
  guint64 ecam = options->ecam, ecam_end = ecam + options->ecam_size;

  aml_name (a, "_CRS");
  aml_resources (a);
  aml_res_bus_window (a, 0, options->ecam_size != 0 ? (guint16) ((options->ecam_size >> 20) - 1) : 0xff);
  aml_res_io (a, 0xcf8, 8);
  aml_res_io_window (a, 0x0000, 0x0cf7);
  aml_res_io_window (a, 0x0d00, 0xffff);
  aml_res_memory_window (a, 0xa0000, 0xbffff, TRUE);
  /* Memory-mapped configuration lies somewhere in the hole. */
  if (options->ecam_size != 0 && ecam > start && ecam <= last)
    aml_res_memory_window (a, start, (guint32) ecam - 1, FALSE);
  if (options->ecam_size == 0 || ecam > last)
    aml_res_memory_window (a, start, last, FALSE);
  else if (ecam_end <= last)
    aml_res_memory_window (a, (guint32) MAX (ecam_end, start), last, FALSE);
  if (options->pci_hole64_size != 0)
    aml_res_memory64_window (a, options->pci_hole64_start, options->pci_hole64_start + options->pci_hole64_size - 1);
  aml_end (a);
}

/* A pin's route: to a link (by name), or to an input of the I/O APIC. */
static void
route (Aml *a, guint slot, guint pin, const char *link, guint gsi)
{
  aml_package (a, 4);
  aml_integer (a, slot << 16 | 0xffff);
  aml_integer (a, pin);
  if (link != NULL)
    aml_path (a, link);
  else
    aml_integer (a, 0);
  aml_integer (a, gsi);
  aml_end (a);
}

/* Every pin of every slot, to the link of its PIRQ. */
static void
interrupt_routing (Aml *a)
{
  guint slot, pin;

  aml_name (a, "_PRT");
  aml_package (a, 31 * 4);
  for (slot = 1; slot < 32; slot++)
    for (pin = 0; pin < 4; pin++)
      route (a, slot, pin, link_names[piix3_pirq (slot << 3, pin)], 0);
  aml_end (a);
}

/* ICH9's PIRQ as the chip is wired after a reset. */
static guint
ich9_pirq (guint slot, guint pin)
{
  return slot < 25 ? 4 + ((slot + pin) & 3) : pin;
}

/* ICH9's pins lead to links for 8259s, and to inputs of their own where the system says that it uses the I/O APIC. */
static void
ich9_interrupt_routing (Aml *a)
{
  for (guint apic = 0; apic < 2; apic++)
    {
      aml_name (a, apic ? "PRTA" : "PRTP");
      aml_package (a, 32 * 4);
      for (guint slot = 0; slot < 32; slot++)
        for (guint pin = 0; pin < 4; pin++)
          route (a, slot, pin, apic ? NULL : link_names[ich9_pirq (slot, pin)], apic ? 16 + ich9_pirq (slot, pin) : 0);
      aml_end (a);
    }
  aml_method (a, "_PRT", 0);
  aml_if (a);
  aml_path (a, "\\PICF");
  aml_return (a); aml_path (a, "PRTA");
  aml_end (a);
  aml_return (a); aml_path (a, "PRTP");
  aml_end (a);
}

static void
interrupt_model (Aml *a)
{
  aml_name (a, "\\PICF");
  aml_integer (a, 0);
  aml_method (a, "\\_PIC", 1);
  aml_store (a); aml_arg (a, 0); aml_path (a, "\\PICF");
  aml_end (a);
}

/* The system may have all that PCI Express offers but hot plug of the standard controller's kind. */
static void
express_control (Aml *a)
{
  aml_method (a, "_OSC", 4);
  aml_dword_field (a); aml_arg (a, 3); aml_integer (a, 8); aml_path (a, "CTRL");
  aml_and (a); aml_path (a, "CTRL"); aml_integer (a, 0x1d); aml_path (a, "CTRL");
  aml_return (a); aml_arg (a, 3);
  aml_end (a);
}

/* What the board's own address space windows take. */
static void
motherboard (Aml *a, const AcpiTablesOptions *options)
{
  if (options->ecam_size == 0 || options->ecam > G_MAXUINT32)
    return;
  aml_device (a, "MBRD");
  name_id (a, "PNP0C02", 1);
  aml_name (a, "_CRS");
  aml_resources (a);
  aml_res_memory (a, (guint32) options->ecam, options->ecam_size);
  aml_end (a);
  aml_end (a);
}

/* The interrupt number in a one-interrupt descriptor at the start of a buffer. */
static void
line_field (Aml *a)
{
  aml_integer (a, 5);
  aml_path (a, "LINE");
}

static void
link_methods (Aml *a, const char *name)
{
  static const guint32 none[] = { 0 };
  g_autofree char *pirq = g_strconcat ("\\_SB.PCI0.ISA.", name, NULL);

  aml_method (a, "_STA", 0);            /* present and working; enabled when routed */
  aml_if (a);
  aml_and (a); aml_path (a, pirq); aml_integer (a, 0x80); aml_nothing (a);
  aml_return (a); aml_integer (a, 0x09);
  aml_end (a);
  aml_return (a); aml_integer (a, 0x0b);
  aml_end (a);

  aml_method (a, "_DIS", 0);
  aml_or (a); aml_path (a, pirq); aml_integer (a, 0x80); aml_path (a, pirq);
  aml_end (a);

  aml_method (a, "_CRS", 0);
  aml_name (a, "NOW");
  aml_resources (a);
  aml_res_level_irqs (a, none, 1);
  aml_end (a);
  aml_dword_field (a); aml_path (a, "NOW"); line_field (a);
  aml_and (a); aml_path (a, pirq); aml_integer (a, 0x0f); aml_path (a, "LINE");
  aml_return (a); aml_path (a, "NOW");
  aml_end (a);

  aml_method (a, "_SRS", 1);
  aml_dword_field (a); aml_arg (a, 0); line_field (a);
  aml_store (a); aml_path (a, "LINE"); aml_path (a, pirq);
  aml_end (a);
}

static void
interrupt_link (Aml *a, guint n)
{
  aml_device (a, link_names[n]);
  name_id (a, "PNP0C0F", n);
  aml_name (a, "_PRS");
  aml_resources (a);
  aml_res_level_irqs (a, pirq_lines, G_N_ELEMENTS (pirq_lines));
  aml_end (a);
  link_methods (a, n < 4 ? pirq_names[n] : more_pirq_names[n - 4]);
  aml_end (a);
}

static void
isa_device (Aml *a, const char *name, const char *id, guint uid, guint16 port, guint8 n_ports, guint irq)
{
  aml_device (a, name);
  name_id (a, id, uid);
  aml_name (a, "_STA");
  aml_integer (a, 0x0f);
  aml_name (a, "_CRS");
  aml_resources (a);
  if (n_ports != 0)
    aml_res_io (a, port, n_ports);
  if (n_ports != 0 && port == 0x60)
    aml_res_io (a, 0x64, 1);
  aml_res_irq (a, irq);
  aml_end (a);
  aml_end (a);
}

/* By which a guest says that it panicked. */
static void
panic_device (Aml *a, guint16 port)
{
  aml_device (a, "PEVT");
  aml_name (a, "_HID");
  aml_string (a, "QEMU0001");
  aml_name (a, "_STA");
  aml_integer (a, 0x0f);
  aml_name (a, "_CRS");
  aml_resources (a);
  aml_res_io (a, port, 1);
  aml_end (a);
  aml_end (a);
}

static void
isa_bridge (Aml *a, const AcpiTablesOptions *options)
{
  static const guint16 com_ports[] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
  static const guint8 com_irqs[] = { 4, 3, 4, 3 };
  guint i;

  aml_device (a, "ISA");
  aml_name (a, "_ADR");
  aml_integer (a, options->q35 ? 0x001f0000 : 0x00010000);
  aml_pci_config_bytes (a, "PIRQ", options->q35 ? ICH9_PIRQA_ROUT : PIIX3_PIRQRC, pirq_names);
  if (options->q35)
    aml_pci_config_bytes (a, "PIRR", ICH9_PIRQE_ROUT, more_pirq_names);
  isa_device (a, "RTC", "PNP0B00", 0, 0x70, 2, 8);
  if (options->i8042)
    {
      isa_device (a, "KBD", "PNP0303", 0, 0x60, 1, 1);
      isa_device (a, "MOU", "PNP0F13", 0, 0, 0, 12);
    }
  for (i = 0; i < options->n_serial && i < G_N_ELEMENTS (com_ports); i++)
    {
      char name[5] = { 'C', 'O', 'M', (char) ('1' + i), 0 };

      isa_device (a, name, "PNP0501", i + 1, com_ports[i], 8, com_irqs[i]);
    }
  if (options->pvpanic_port != 0)
    panic_device (a, options->pvpanic_port);
  aml_end (a);
}

static void
hpet_device (Aml *a)
{
  aml_device (a, "HPET");
  name_id (a, "PNP0103", 0);
  aml_name (a, "_CRS");
  aml_resources (a);
  aml_res_memory (a, 0xfed00000, 0x400);
  aml_end (a);
  aml_end (a);
}

/* Virtio devices without a bus, by the ID that Linux's virtio_mmio knows. */
static void
virtio_mmio_devices (Aml *a, guint8 slots)
{
  for (guint slot = 0; slot < VIRTIO_MMIO_SLOTS; slot++)
    {
      char name[5] = { 'V', 'R', '0', (char) ('0' + slot), 0 };
      guint32 line = virtio_mmio_line (slot);

      if (!(slots >> slot & 1))
        continue;
      aml_device (a, name);
      aml_name (a, "_HID");
      aml_string (a, "LNRO0005");
      aml_name (a, "_UID");
      aml_integer (a, slot);
      aml_name (a, "_CCA");
      aml_integer (a, 1);
      aml_name (a, "_STA");
      aml_integer (a, 0x0f);
      aml_name (a, "_CRS");
      aml_resources (a);
      aml_res_memory (a, virtio_mmio_address (slot), VIRTIO_MMIO_BYTES);
      aml_res_level_irqs (a, &line, 1);
      aml_end (a);
      aml_end (a);
    }
}

static void
processors (Aml *a, guint n_cpus)
{
  guint i;

  for (i = 0; i < n_cpus; i++)
    {
      char name[5];

      g_snprintf (name, sizeof name, "C%03X", i & 0xfff);
      aml_device (a, name);
      aml_name (a, "_HID");
      aml_string (a, "ACPI0007");
      aml_name (a, "_UID");
      aml_integer (a, i);
      aml_end (a);
    }
}

static void
soft_off (Aml *a)
{
  guint i;

  aml_name (a, "\\_S5");
  aml_package (a, 4);
  for (i = 0; i < 2; i++)
    aml_integer (a, PIIX4_SLP_TYP_S5);
  aml_integer (a, 0);
  aml_integer (a, 0);
  aml_end (a);
}

GByteArray *
acpi_dsdt_terms (const AcpiTablesOptions *options)
{
  Aml *a = aml_new ();
  guint i;

  if (options->q35)
    interrupt_model (a);
  aml_scope (a, "\\_SB");
  aml_device (a, "PCI0");
  name_id (a, options->q35 ? "PNP0A08" : "PNP0A03", 0);
  if (options->q35)
    {
      aml_name (a, "_CID");
      aml_eisa_id (a, "PNP0A03");
      express_control (a);
    }
  aml_name (a, "_ADR");
  aml_integer (a, 0);
  host_bridge_resources (a, options);
  isa_bridge (a, options);
  for (i = 0; i < (options->q35 ? 8 : 4); i++)
    interrupt_link (a, i);
  if (options->q35)
    ich9_interrupt_routing (a);
  else
    interrupt_routing (a);
  aml_end (a);
  if (options->hpet)
    hpet_device (a);
  motherboard (a, options);
  virtio_mmio_devices (a, options->virtio_mmio);
  processors (a, options->n_cpus);
  aml_end (a);
  soft_off (a);
  return aml_finish (a);
}
