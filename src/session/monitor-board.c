/* monitor-board.c - `info` about the board: PCI, interrupt controllers, the tree of devices.
 * Source: `info pci`, `info pic` and `info qtree` are laid out like QEMU's. */
#include "config.h"

#include "session/monitor-private.h"

#include "hw/ioapic.h"
#include "hw/lapic.h"
#include "hw/pci.h"
#include "hw/pic8259.h"

#include <string.h>

#include <glib/gi18n.h>
#include <inttypes.h>

#define COMMAND(name) \
  static gboolean name (AsternMonitor *monitor, const AsternMonitorCommand *command, const char *argument, GString *answer, \
                        GError **error)

/* ---- a device's state by its field table ---- */

/* Element @i of the field @name. */
static guint64
field (AsternDevice *device, const char *name, guint i)
{
  for (guint n = 0; n < device->klass->n_fields; n++)
    {
      const AsternField *f = &device->klass->fields[n];
      guint64 value = 0;

      if (!g_str_equal (f->name, name))
        continue;
      g_assert (i < f->count);
      memcpy (&value, (const guint8 *) astern_device_state (device) + f->offset + (gsize) i * f->size, f->size);
      return value;
    }
  g_assert_not_reached ();
}

static void
foreach_of_class (AsternMonitor *monitor, const AsternDeviceClass *klass, void (*visit) (AsternDevice *, GString *), GString *answer)
{
  for (guint i = 0; i < monitor->machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (monitor->machine->devices, i);

      if (device->klass == klass)
        visit (device, answer);
    }
}

/* ---- interrupt controllers ---- */

static void
append_pic (AsternDevice *pic, GString *answer)
{
  enum { ICW4_SFNM = 0x10 };

  g_string_append_printf (answer, "%s: irr=%02x imr=%02x isr=%02x hprio=%u irq_base=%02x rr_sel=%u elcr=%02x fnm=%u lines=%02x\n",
                          pic->name, (guint) field (pic, "irr", 0), (guint) field (pic, "imr", 0), (guint) field (pic, "isr", 0),
                          (guint) (field (pic, "lowest", 0) + 1) & 7, (guint) field (pic, "icw2", 0) & 0xf8,
                          (guint) field (pic, "read_isr", 0), (guint) field (pic, "elcr", 0),
                          (field (pic, "icw4", 0) & ICW4_SFNM) != 0, (guint) field (pic, "lines", 0));
}

static void
append_ioapic (AsternDevice *ioapic, GString *answer)
{
  static const char *const deliveries[8] = { "fixed", "lowest", "SMI", "reserved", "NMI", "INIT", "reserved", "ExtINT" };
  guint32 levels = (guint32) field (ioapic, "pins", 0);

  g_string_append_printf (answer, "%s: id=%u\n", ioapic->name, (guint) field (ioapic, "id", 0) >> 24);
  for (guint pin = 0; pin < IOAPIC_PINS; pin++)
    {
      guint64 entry = field (ioapic, "redirection", pin);

      g_string_append_printf (answer, "  pin %-2u 0x%016" G_GINT64_MODIFIER "x dest=%u vec=%u %s %s %s %s %s%s%s\n", pin, entry,
                              (guint) (entry >> 56), (guint) entry & 0xff, entry >> 13 & 1 ? "active-lo" : "active-hi",
                              entry >> 15 & 1 ? "level" : "edge", entry >> 16 & 1 ? "masked" : "unmasked",
                              deliveries[entry >> 8 & 7], entry >> 11 & 1 ? "logical" : "physical",
                              entry >> 14 & 1 ? " remote-irr" : "", levels >> pin & 1 ? " raised" : "");
    }
}

COMMAND (info_pic)
{
  foreach_of_class (monitor, &pic8259_class, append_pic, answer);
  foreach_of_class (monitor, &ioapic_class, append_ioapic, answer);
  return TRUE;
}

static void
append_vectors (GString *answer, AsternDevice *lapic, const char *name, const char *shown)
{
  guint n = 0;

  g_string_append_printf (answer, "%s\t", shown);
  for (guint vector = 0; vector < 256; vector++)
    if (field (lapic, name, vector / 32) >> (vector % 32) & 1)
      {
        g_string_append_printf (answer, " %u%s", vector, field (lapic, "tmr", vector / 32) >> (vector % 32) & 1 ? "(level)" : "");
        n++;
      }
  g_string_append (answer, n > 0 ? "\n" : " (none)\n");
}

/* Registers as the table has them, but for the 256-bit ones, which are shown as vectors. */
COMMAND (info_lapic)
{
  g_autofree char *name = g_strdup_printf ("lapic%s", argument);
  AsternDevice *lapic;

  if (argument[0] == '\0')
    {
      g_free (name);
      name = g_strdup_printf ("lapic%u", monitor->cpu);
    }
  lapic = astern_machine_find_device (monitor->machine, name);
  if (lapic == NULL)
    return astern_monitor_fail (error, _("There is no local APIC “%s”."), name);
  g_string_append_printf (answer, "%s: base=%016" G_GINT64_MODIFIER "x\n", name, field (lapic, "base", 0));
  for (guint i = 0; i < lapic->klass->windows[0].n_regs; i++)
    {
      const AsternReg *reg = &lapic->klass->windows[0].regs[i];
      guint64 value = astern_device_register (lapic, reg, 0);

      if ((reg->value == NULL && reg->backing == ASTERN_NO_BACKING) || (reg->offset >= 0x100 && reg->offset < 0x280))
        continue;
      g_string_append_printf (answer, "%-15s 0x%08x", reg->name, (guint) value);
      for (const AsternRegField *f = reg->bits; f != NULL && f->name != NULL; f++)
        g_string_append_printf (answer, " %s=%u", f->name, (guint) (value >> f->low & ((G_GUINT64_CONSTANT (1) << f->bits) - 1)));
      g_string_append_c (answer, '\n');
    }
  append_vectors (answer, lapic, "isr", "ISR");
  append_vectors (answer, lapic, "irr", "IRR");
  return TRUE;
}

/* Each line with what the controllers make of it. */
COMMAND (info_irq)
{
  AsternDevice *pics[2] = { astern_machine_find_device (monitor->machine, "pic-master"),
                            astern_machine_find_device (monitor->machine, "pic-slave") };
  AsternDevice *ioapic = astern_machine_find_device (monitor->machine, "ioapic");

  for (guint line = 0; line < (ioapic != NULL ? IOAPIC_PINS : 16u); line++)
    {
      AsternDevice *pic = line < 16 ? pics[line / 8] : NULL;
      guint pin = line == 0 ? 2 : line;
      guint64 entry = ioapic != NULL && line != 2 ? field (ioapic, "redirection", pin) : 0;

      g_string_append_printf (answer, "%2u:", line);
      if (pic != NULL)
        g_string_append_printf (answer, _(" PIC vector %02x%s%s%s%s"), (guint) (field (pic, "icw2", 0) & 0xf8) + (line & 7),
                                field (pic, "lines", 0) >> (line & 7) & 1 ? _(", raised") : "",
                                field (pic, "imr", 0) >> (line & 7) & 1 ? _(", masked") : "",
                                field (pic, "irr", 0) >> (line & 7) & 1 ? _(", requested") : "",
                                field (pic, "isr", 0) >> (line & 7) & 1 ? _(", in service") : "");
      if (ioapic != NULL && line != 2)
        g_string_append_printf (answer, _("%s I/O APIC pin %u, vector %02x%s%s%s%s"), pic != NULL ? ";" : "", pin,
                                (guint) entry & 0xff, field (ioapic, "pins", 0) >> pin & 1 ? _(", raised") : "",
                                entry >> 15 & 1 ? _(", level") : _(", edge"), entry >> 16 & 1 ? _(", masked") : "",
                                entry >> 14 & 1 ? _(", in service") : "");
      g_string_append_c (answer, '\n');
    }
  return TRUE;
}

/* ---- PCI ---- */

static AsternPciBus *
find_pci_bus (AsternMonitor *monitor)
{
  for (guint i = 0; i < monitor->machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (monitor->machine->devices, i);

      if (astern_pci_is_function (device) && ((AsternPciFunction *) device)->bus != NULL)
        return ((AsternPciFunction *) device)->bus;
    }
  return NULL;
}

static void
append_bar (GString *answer, AsternDevice *device, guint n)
{
  const AsternPciBar *bar = &((AsternPciFunction *) device)->bars[n];
  guint64 address = astern_pci_bar_address (device, n);

  if (bar->kind == ASTERN_PCI_BAR_NONE)
    return;
  g_string_append_printf (answer, "      BAR%u: ", n);
  if (address == G_MAXUINT64)
    g_string_append_printf (answer, "%s, %" PRIu64 " bytes, not mapped.\n", bar->kind == ASTERN_PCI_BAR_PORTS ? "I/O" : "memory",
                            bar->size);
  else if (bar->kind == ASTERN_PCI_BAR_PORTS)
    g_string_append_printf (answer, "I/O at 0x%04" PRIx64 " [0x%04" PRIx64 "].\n", address, address + bar->size - 1);
  else
    g_string_append_printf (answer, "%u bit %smemory at 0x%08" PRIx64 " [0x%08" PRIx64 "].\n", bar->wide ? 64 : 32,
                            bar->kind == ASTERN_PCI_BAR_PREFETCH ? "prefetchable " : "", address, address + bar->size - 1);
}

static void
append_function (GString *answer, AsternDevice *device)
{
  const AsternPciFunction *function = (const AsternPciFunction *) device;
  guint class_code = astern_pci_get (device, PCI_CLASS + 1, 2);
  const char *name = astern_pci_class_name (class_code);

  g_string_append_printf (answer, "  Bus  0, device %3u, function %u:\n    ", function->devfn >> 3, function->devfn & 7);
  if (name != NULL)
    g_string_append (answer, name);
  else
    g_string_append_printf (answer, "Class %04x", class_code);
  g_string_append_printf (answer, ": PCI device %04x:%04x\n", astern_pci_get (device, PCI_VENDOR_ID, 2),
                          astern_pci_get (device, PCI_DEVICE_ID, 2));
  if (astern_pci_get (device, PCI_SUBVENDOR_ID, 2) != 0)
    g_string_append_printf (answer, "      PCI subsystem %04x:%04x\n", astern_pci_get (device, PCI_SUBVENDOR_ID, 2),
                            astern_pci_get (device, PCI_SUBSYSTEM_ID, 2));
  if (astern_pci_get (device, PCI_INTERRUPT_PIN, 1) != 0)
    g_string_append_printf (answer, "      IRQ %u, pin %c\n", astern_pci_get (device, PCI_INTERRUPT_LINE, 1),
                            '@' + astern_pci_get (device, PCI_INTERRUPT_PIN, 1));
  for (guint n = 0; n < ASTERN_PCI_N_BARS; n++)
    append_bar (answer, device, n);
  g_string_append_printf (answer, "      id \"%s\"\n", device->name);
}

COMMAND (info_pci)
{
  AsternPciBus *bus = find_pci_bus (monitor);

  for (guint devfn = 0; bus != NULL && devfn < 256; devfn++)
    if (bus->functions[devfn] != NULL)
      append_function (answer, bus->functions[devfn]);
  return TRUE;
}

/* ---- all devices, by the bus they are on ---- */

typedef struct
{
  const AsternDevice *device;
  const char         *space;
  GString            *answer;
} Ranges;

static void
append_if_own (guint64 start, guint64 end, const char *name, const AsternTarget *read, const AsternTarget *write, gpointer data)
{
  const Ranges *ranges = data;

  if ((read->kind == ASTERN_TARGET_DEVICE && read->device == ranges->device)
      || (write->kind == ASTERN_TARGET_DEVICE && write->device == ranges->device))
    g_string_append_printf (ranges->answer, "    %s %016" G_GINT64_MODIFIER "x/%016" G_GINT64_MODIFIER "x\n", ranges->space, start,
                            end - start);
}

static void
append_device (AsternMonitor *monitor, const AsternDevice *device, GString *answer)
{
  Ranges memory = { device, "mmio", answer }, ports = { device, "pio ", answer };

  g_string_append_printf (answer, "  dev: %s, id \"%s\"\n", device->klass->name, device->name);
  if (astern_pci_is_function (device))
    g_string_append_printf (answer, "    addr = %02x.%x\n", ((const AsternPciFunction *) device)->devfn >> 3,
                            ((const AsternPciFunction *) device)->devfn & 7);
  astern_bus_foreach (monitor->machine->physical, append_if_own, &memory);
  astern_bus_foreach (monitor->machine->ports, append_if_own, &ports);
}

COMMAND (info_qtree)
{
  GPtrArray *devices = monitor->machine->devices;

  for (guint pci = 0; pci < 2; pci++)
    {
      g_string_append (answer, pci ? "bus: pci.0\n  type PCI\n" : "bus: main-system-bus\n  type System\n");
      for (guint i = 0; i < devices->len; i++)
        if (astern_pci_is_function (g_ptr_array_index (devices, i)) == (gboolean) pci)
          append_device (monitor, g_ptr_array_index (devices, i), answer);
    }
  return TRUE;
}

#define N ASTERN_COMPLETES_NOTHING
const AsternMonitorCommand astern_monitor_board_commands[] = {
  { "info pci",   NULL, NULL,          N_("the PCI functions, and where their base addresses are"), N, info_pci },
  { "info irq",   NULL, NULL,          N_("the interrupt lines, and what the controllers make of them"), N, info_irq },
  { "info pic",   NULL, NULL,          N_("the PICs and the I/O APIC"), N, info_pic },
  { "info lapic", NULL, N_("[NUMBER]"), N_("the CPU's local APIC, or another one's"), N, info_lapic },
  { "info qtree", NULL, NULL,          N_("the devices by the bus they are on"), N, info_qtree },
  { .words = NULL },
};
