/* The parallel port, pvpanic, the i6300esb watchdog, serial cards, VMware's backdoor. */
#include "config.h"

#include "core/machine.h"
#include "hw/boards/i6300esb.h"
#include "hw/boards/parallel.h"
#include "hw/boards/pvpanic.h"
#include "hw/boards/serial-cards.h"
#include "hw/boards/vmport.h"
#include "hw/pci.h"
#include "hw/uart16550.h"
#include "tests/hw/device-fixture.h"

#include <string.h>

typedef struct
{
  AsternCpu parent;
  guint32   state[4];           /* rax, rbx, rcx, rdx */
} FakeCpu;

typedef struct
{
  AsternMachine *machine;
  AsternPciBus   pci;
  AsternIsaBus   isa;
  FakeCpu        cpu;
  Probe          lines[32];
  gint           pin;
  GString       *sent;
} Fixture;

static const AsternField fake_fields[] = { { "state", 0, 4, 4, 1 } };
static const AsternRegister fake_registers[] = {
  { "rax", "general", 32, 0 }, { "rbx", "general", 32, 1 }, { "rcx", "general", 32, 2 }, { "rdx", "general", 32, 3 },
};

static void
read_register (const AsternCpu *cpu, guint index, guint8 *bytes)
{
  memcpy (bytes, &((const FakeCpu *) cpu)->state[index], 4);
}

static gboolean
write_register (AsternCpu *cpu, guint index, const guint8 *bytes)
{
  memcpy (&((FakeCpu *) cpu)->state[index], bytes, 4);
  return TRUE;
}

static const AsternCpuClass fake_class = {
  .name = "fake", .state_version = 1, .fields = fake_fields, .n_fields = 1, .registers = fake_registers, .n_registers = 4,
  .read_register = read_register, .write_register = write_register,
};

static void
isa_line (gpointer receiver, guint line, gboolean level)
{
  probe_changed (&((Fixture *) receiver)->lines[line & 31], line, level);
}

static void
pin_changed (gpointer receiver, guint devfn, guint pin, gboolean level)
{
  ((Fixture *) receiver)->pin = level ? (gint) pin : -1;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->machine = astern_machine_new (1 << 20, NULL);
  astern_memory_add (f->machine->memory, "ram", 1 << 16, FALSE, NULL);
  f->cpu.parent = (AsternCpu) { .klass = &fake_class, .state = f->cpu.state };
  astern_machine_add_cpu (f->machine, &f->cpu.parent);
  f->pci = (AsternPciBus) { .memory = f->machine->physical, .ports = f->machine->ports, .set_intx = pin_changed, .router = f };
  f->isa = (AsternIsaBus) { .ports = f->machine->ports, .memory = f->machine->physical, .set_irq = isa_line, .router = f };
  f->sent = g_string_new (NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_machine_free (f->machine);
  g_string_free (f->sent, TRUE);
}

static void
sent (gpointer user, const guint8 *data, gsize size)
{
  g_string_append_len (((Fixture *) user)->sent, (const char *) data, (gssize) size);
}

static AsternDevice *
add (Fixture *f, const AsternCard *card, AsternLink *link)
{
  AsternDevice *device = astern_device_new (card->klass, card->name, f->machine, &f->machine->clock);
  g_autoptr (AsternCardSettings) settings = astern_settings_new (card, f->machine);

  astern_machine_add_device (f->machine, device);
  if (link != NULL)
    {
      link->send = sent;
      link->user = f;
      astern_settings_set_link (settings, "chardev", link);
    }
  astern_settings_set_isa (settings, &f->isa);
  if (card->configure != NULL)
    g_assert_true (card->configure (device, settings, NULL));
  if (card->slot == ASTERN_SLOT_PCI)
    {
      astern_pci_attach (&f->pci, device, 3 << 3);
      astern_device_write (device, 0, PCI_BAR0, 4, card == &pci_serial_card ? 0xc000 : 0xe0000000, NULL);
      astern_device_write (device, 0, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY, NULL);
    }
  return device;
}

static guint32
access_at (AsternBus *bus, guint64 address, guint size, gboolean write, guint32 value)
{
  AsternAccess access = { { address }, (guint8) size, write ? ASTERN_ACCESS_WRITE : ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU, 0 };

  if (!write)
    return (guint32) astern_bus_read (bus, &access);
  astern_bus_write (bus, &access, value);
  return 0;
}

#define INB(port)           access_at (f->machine->ports, (port), 1, FALSE, 0)
#define INL(port)           access_at (f->machine->ports, (port), 4, FALSE, 0)
#define OUTB(port, value)   access_at (f->machine->ports, (port), 1, TRUE, (value))
#define LOAD(address)       access_at (f->machine->physical, (address), 4, FALSE, 0)
#define STORE(address, v)   access_at (f->machine->physical, (address), 4, TRUE, (v))

static void
the_strobe_prints_a_byte (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternLink) link = astern_link_new (f->machine, "printer");

  add (f, &parallel_card, link);
  g_assert_cmphex (INB (0x379), ==, 0xdf);
  OUTB (0x378, 'A');
  OUTB (0x37a, 0x1d);
  OUTB (0x37a, 0x1c);
  g_assert_cmpstr (f->sent->str, ==, "A");
  g_assert_cmphex (INB (0x379), ==, 0x5f);              /* busy */
  g_assert_cmpint (f->lines[7].rises, ==, 0);
  clock_run (&f->machine->clock, 6000);
  g_assert_cmphex (INB (0x379), ==, 0xdf);
  g_assert_cmpint (f->lines[7].rises, ==, 1);
  OUTB (0x37c, 'B');                                    /* EPP */
  g_assert_cmpstr (f->sent->str, ==, "AB");
}

static void
a_panic_stops_the_machine (Fixture *f, gconstpointer data)
{
  add (f, &pvpanic_card, NULL);
  g_assert_cmphex (INB (0x505), ==, 3);
  OUTB (0x505, 2);
  g_assert_cmpint (f->machine->stop_requested, ==, ASTERN_STOP_NONE);
  OUTB (0x505, 1);
  g_assert_cmpint (f->machine->stop_requested, ==, ASTERN_STOP_PANIC);
}

static void
a_panic_by_pci_stops_the_machine (Fixture *f, gconstpointer data)
{
  add (f, &pvpanic_pci_card, NULL);
  g_assert_cmphex (access_at (f->machine->physical, 0xe0000000, 1, FALSE, 0), ==, 3);
  access_at (f->machine->physical, 0xe0000000, 1, TRUE, 1);
  g_assert_cmpint (f->machine->stop_requested, ==, ASTERN_STOP_PANIC);
}

static void
reload (Fixture *f, guint32 value)
{
  STORE (0xe000000c, 0x80);
  STORE (0xe000000c, 0x86);
  STORE (0xe000000c, value);
}

static void
set_preload (Fixture *f, guint n, guint32 value)
{
  STORE (0xe000000c, 0x80);
  STORE (0xe000000c, 0x86);
  STORE (0xe0000000 + 4 * n, value);
}

static void
the_watchdog_fires_when_nobody_reloads_it (Fixture *f, gconstpointer data)
{
  AsternDevice *dog = add (f, &i6300esb_card, NULL);
  const guint64 half_s = 500000000;

  STORE (0xe0000000, 1);                                /* locked: dropped */
  g_assert_cmphex (LOAD (0xe0000000), ==, 0xfffff);
  set_preload (f, 0, 0x3ff);                            /* about a second a stage */
  set_preload (f, 1, 0x3ff);
  astern_device_write (dog, 0, 0x68, 1, 2, NULL);
  for (guint i = 0; i < 8; i++)
    {
      clock_run (&f->machine->clock, half_s);
      reload (f, 0x100);
    }
  g_assert_cmphex (LOAD (0xe0000008), ==, 0);
  clock_run (&f->machine->clock, 3 * half_s);
  g_assert_cmphex (LOAD (0xe0000008), ==, 1);           /* the first stage */
  g_assert_cmpint (f->machine->stop_requested, ==, ASTERN_STOP_NONE);
  clock_run (&f->machine->clock, 2 * half_s);
  g_assert_cmpint (f->machine->stop_requested, ==, ASTERN_STOP_RESET);
  astern_device_reset (dog);
  g_assert_cmphex (LOAD (0xe000000c), ==, 0xffffffff);
  astern_device_write (dog, 0, PCI_BAR0, 4, 0xe0000000, NULL);
  astern_device_write (dog, 0, PCI_COMMAND, 2, PCI_COMMAND_MEMORY, NULL);
  g_assert_cmphex (LOAD (0xe000000c), ==, 0x200);       /* that is how the next boot knows */
}

static void
its_action_can_be_another (Fixture *f, gconstpointer data)
{
  AsternDevice *dog = add (f, &i6300esb_card, NULL);

  i6300esb_set_action (dog, WATCHDOG_STOP);
  set_preload (f, 0, 0);
  set_preload (f, 1, 0);
  astern_device_write (dog, 0, 0x68, 1, 3, NULL);
  astern_device_write (dog, 0, 0x68, 1, 0, NULL);       /* locked */
  clock_run (&f->machine->clock, 3000000);
  g_assert_cmpint (f->machine->stop_requested, ==, ASTERN_STOP_PANIC);
}

static void
a_serial_card_on_pci_sends_and_interrupts (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternLink) link = astern_link_new (f->machine, "line");

  f->pin = -1;
  add (f, &pci_serial_card, link);
  OUTB (0xc000, 'x');
  g_assert_cmpstr (f->sent->str, ==, "x");
  OUTB (0xc004, 0x08);
  OUTB (0xc001, 0x01);
  g_assert_cmpint (f->pin, ==, -1);
  link->input (link->device, "y", 1);
  g_assert_cmpint (f->pin, ==, 0);
  g_assert_cmphex (INB (0xc000), ==, 'y');
  g_assert_cmpint (f->pin, ==, -1);
}

static void
a_serial_card_on_isa_has_its_line (Fixture *f, gconstpointer data)
{
  g_autoptr (AsternLink) link = astern_link_new (f->machine, "line");

  add (f, &isa_serial_card, link);
  OUTB (0x3f8 + 4, 0x08);
  OUTB (0x3f8 + 1, 0x01);
  link->input (link->device, "y", 1);
  g_assert_true (f->lines[20].level);
}

static guint32
backdoor (Fixture *f, guint32 command, guint32 argument)
{
  f->cpu.state[0] = 0x564d5868;
  f->cpu.state[1] = argument;
  f->cpu.state[2] = command;
  return INL (VMPORT_PORT);
}

static void
the_backdoor_knows_itself_and_its_pointer (Fixture *f, gconstpointer data)
{
  static const guint8 packet[] = { 0xff, 0x7f, 0x00, 0x40, 0x00, 0x01 };
  AsternDevice *port = add (f, &vmport_card, NULL);

  f->cpu.state[0] = 0;
  g_assert_cmphex (INL (VMPORT_PORT), ==, 0xffffffff);
  g_assert_cmpint (backdoor (f, 10, 0), ==, 6);
  g_assert_cmphex (f->cpu.state[1], ==, 0x564d5868);
  g_assert_cmphex (backdoor (f, 40, 0), ==, 0xffff0000);
  backdoor (f, 41, 0x45414552);
  g_assert_cmphex (backdoor (f, 40, 0), ==, 1);
  g_assert_cmphex (backdoor (f, 39, 1), ==, 0x3442554a);
  g_assert_false (vmport_listens (port));
  backdoor (f, 41, 0x53424152);
  g_assert_true (vmport_listens (port));
  vmport_input (port, packet, sizeof packet);
  g_assert_cmphex (backdoor (f, 40, 0), ==, 4);
  g_assert_cmphex (backdoor (f, 39, 4), ==, 0x20);
  g_assert_cmphex (f->cpu.state[1], ==, 0xffff);
  g_assert_cmphex (f->cpu.state[2], ==, 0x4000u * 0xffff / 32767);
}

#define ADD(name) g_test_add ("/hw/boards/small-devices/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (the_strobe_prints_a_byte);
  ADD (a_panic_stops_the_machine);
  ADD (a_panic_by_pci_stops_the_machine);
  ADD (the_watchdog_fires_when_nobody_reloads_it);
  ADD (its_action_can_be_another);
  ADD (a_serial_card_on_pci_sends_and_interrupts);
  ADD (a_serial_card_on_isa_has_its_line);
  ADD (the_backdoor_knows_itself_and_its_pointer);
  return g_test_run ();
}
