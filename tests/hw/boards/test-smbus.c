/* The SMBus host controllers of both chip sets, and the EEPROM that they find. */
#include "config.h"

#include "core/machine.h"
#include "hw/boards/ich9-smb.h"
#include "hw/boards/smbus-eeprom.h"
#include "hw/boards/smbus-host.h"
#include "hw/piix4-pm.h"
#include "tests/hw/device-fixture.h"

#define READ  0xa1      /* address 0x50 */
#define WRITE 0xa0

typedef struct
{
  AsternClock   clock;
  AsternDevice *host, *eeprom;
  Probe         irq;
} Fixture;

static void
set_up (Fixture *f, gconstpointer klass)
{
  astern_clock_init (&f->clock);
  f->host = astern_device_new (klass, "smbus", NULL, &f->clock);
  f->eeprom = astern_device_new (&smbus_eeprom_class, "spd0", NULL, &f->clock);
  smbus_eeprom_describe (f->eeprom, 512 << 20);
  smbus_eeprom_attach (f->eeprom, smbus_host_bus (f->host), SMBUS_EEPROM_ADDRESS);
  probe_connect (&f->irq, smbus_host_irq (f->host));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_device_free (f->host);
  astern_device_free (f->eeprom);
  astern_clock_clear (&f->clock);
}

static void
put (Fixture *f, guint offset, guint8 value)
{
  astern_device_write8 (f->host, offset, value);
}

static guint8
get (Fixture *f, guint offset)
{
  return astern_device_read8 (f->host, offset);
}

static guint8
status (Fixture *f)
{
  return get (f, SMBUS_HSTSTS) & (guint8) ~SMBUS_STS_INUSE;
}

static void
begin (Fixture *f, guint protocol, guint8 address, guint8 command)
{
  put (f, SMBUS_HSTSTS, 0xff);
  put (f, SMBUS_HSTADD, address);
  put (f, SMBUS_HSTCMD, command);
  put (f, SMBUS_HSTCNT, (guint8) (SMBUS_CNT_START | SMBUS_CNT_INTREN | protocol << 2));
}

static guint8
message (Fixture *f, guint protocol, guint8 address, guint8 command)
{
  begin (f, protocol, address, command);
  clock_run (&f->clock, 10 * 1000 * 1000);
  return status (f);
}

static void
a_byte_is_read_in_its_time_and_interrupts (Fixture *f, gconstpointer klass)
{
  begin (f, SMBUS_BYTE_DATA, READ, 2);
  g_assert_cmphex (status (f), ==, SMBUS_STS_BUSY);
  clock_run (&f->clock, 379 * 1000);
  g_assert_cmphex (status (f), ==, SMBUS_STS_BUSY);
  clock_run (&f->clock, 1000);
  g_assert_cmphex (status (f), ==, SMBUS_STS_INTR);
  g_assert_true (f->irq.level);
  g_assert_cmphex (get (f, SMBUS_HSTDAT0), ==, 8);              /* DDR2 */
  put (f, SMBUS_HSTSTS, SMBUS_STS_INTR);
  g_assert_false (f->irq.level);
}

static void
nobody_answers_at_another_address (Fixture *f, gconstpointer klass)
{
  g_assert_cmphex (message (f, SMBUS_QUICK, READ, 0), ==, SMBUS_STS_INTR);
  g_assert_cmphex (message (f, SMBUS_QUICK, READ + 2, 0), ==, SMBUS_STS_DEV_ERR);
  g_assert_true (f->irq.level);
}

static void
what_is_written_is_read_again (Fixture *f, gconstpointer klass)
{
  put (f, SMBUS_HSTDAT0, 0x34);
  put (f, SMBUS_HSTDAT1, 0x12);
  g_assert_cmphex (message (f, SMBUS_WORD_DATA, WRITE, 0xfe), ==, SMBUS_STS_INTR);
  put (f, SMBUS_HSTDAT0, 0);
  put (f, SMBUS_HSTDAT1, 0);
  message (f, SMBUS_WORD_DATA, READ, 0xfe);
  g_assert_cmphex (get (f, SMBUS_HSTDAT0), ==, 0x34);
  g_assert_cmphex (get (f, SMBUS_HSTDAT1), ==, 0x12);
  message (f, SMBUS_BYTE, WRITE, 0xff);                          /* its address alone */
  message (f, SMBUS_BYTE, READ, 0);
  g_assert_cmphex (get (f, SMBUS_HSTDAT0), ==, 0x12);
}

static void
a_block_goes_by_the_buffer (Fixture *f, gconstpointer klass)
{
  if (klass == &smbus_host_ich9_class)
    put (f, SMBUS_AUX_CTL, SMBUS_AUX_E32B);
  put (f, SMBUS_HSTDAT0, 3);
  get (f, SMBUS_HSTCNT);
  for (guint8 i = 1; i <= 3; i++)
    put (f, SMBUS_BLKDAT, i);
  g_assert_cmphex (message (f, SMBUS_BLOCK, WRITE, 0x7f), ==, SMBUS_STS_INTR);
  message (f, SMBUS_BYTE_DATA, READ, 0x81);
  g_assert_cmphex (get (f, SMBUS_HSTDAT0), ==, 2);
  message (f, SMBUS_BYTE_DATA, READ, 0x7f);
  g_assert_cmphex (get (f, SMBUS_HSTDAT0), ==, 3);              /* the count */
  g_assert_cmphex (message (f, SMBUS_BLOCK, READ, 0x7f), ==, SMBUS_STS_INTR);
  g_assert_cmphex (get (f, SMBUS_HSTDAT0), ==, 3);
  get (f, SMBUS_HSTCNT);
  for (guint8 i = 1; i <= 3; i++)
    {
      g_assert_cmphex (astern_device_peek8 (f->host, SMBUS_BLKDAT), ==, i);
      g_assert_cmphex (get (f, SMBUS_BLKDAT), ==, i);
    }
  g_assert_cmphex (message (f, SMBUS_BLOCK, READ, 0xc0), ==, SMBUS_STS_DEV_ERR);        /* a count of nothing */
}

static void
a_message_can_be_killed (Fixture *f, gconstpointer klass)
{
  begin (f, SMBUS_WORD_DATA, READ, 0);
  put (f, SMBUS_HSTCNT, SMBUS_CNT_KILL);
  g_assert_cmphex (status (f), ==, SMBUS_STS_FAILED);
  clock_run (&f->clock, 10 * 1000 * 1000);
  g_assert_cmphex (status (f), ==, SMBUS_STS_FAILED);
}

static void
without_the_buffer_each_byte_waits_for_the_guest (Fixture *f, gconstpointer klass)
{
  put (f, SMBUS_HSTDAT1, 0);            /* where an I2C read begins */
  g_assert_cmphex (message (f, SMBUS_I2C_READ, WRITE, 0), ==, SMBUS_STS_BUSY | SMBUS_STS_BYTE_DONE);
  g_assert_cmphex (get (f, SMBUS_BLKDAT), ==, 128);
  put (f, SMBUS_HSTSTS, SMBUS_STS_BYTE_DONE);
  g_assert_false (f->irq.level);
  clock_run (&f->clock, 1000 * 1000);
  g_assert_true (f->irq.level);
  g_assert_cmphex (get (f, SMBUS_BLKDAT), ==, 8);
  put (f, SMBUS_HSTCNT, SMBUS_CNT_LAST_BYTE | SMBUS_CNT_INTREN | SMBUS_I2C_READ << 2);
  put (f, SMBUS_HSTSTS, SMBUS_STS_BYTE_DONE);
  clock_run (&f->clock, 1000 * 1000);
  g_assert_cmphex (status (f), ==, SMBUS_STS_BUSY | SMBUS_STS_BYTE_DONE);
  g_assert_cmphex (get (f, SMBUS_BLKDAT), ==, 8);
  put (f, SMBUS_HSTSTS, SMBUS_STS_BYTE_DONE);
  clock_run (&f->clock, 1000 * 1000);
  g_assert_cmphex (status (f), ==, SMBUS_STS_INTR);
}

static void
in_use_is_whose_reads_it_first (Fixture *f, gconstpointer klass)
{
  g_assert_cmphex (astern_device_peek8 (f->host, SMBUS_HSTSTS), ==, 0);
  g_assert_cmphex (get (f, SMBUS_HSTSTS), ==, 0);
  g_assert_cmphex (get (f, SMBUS_HSTSTS), ==, SMBUS_STS_INUSE);
  put (f, SMBUS_HSTSTS, SMBUS_STS_INUSE);
  g_assert_cmphex (get (f, SMBUS_HSTSTS), ==, 0);
}

/* Rows, columns, banks and ranks multiply to the size; the checksum is right. */
static void
a_module_tells_its_size (void)
{
  AsternClock clock;
  AsternDevice *eeprom;

  astern_clock_init (&clock);
  eeprom = astern_device_new (&smbus_eeprom_class, "spd0", NULL, &clock);
  for (guint64 size = 1 << 20; size <= SMBUS_MODULE_MOST; size *= 2)
    {
      const guint8 *spd = astern_device_state (eeprom);
      guint8 sum = 0;

      smbus_eeprom_describe (eeprom, size);
      g_assert_cmpuint ((G_GUINT64_CONSTANT (8) << (spd[3] + spd[4])) * spd[17] * ((spd[5] & 7) + 1u), ==, size);
      for (guint i = 0; i < 63; i++)
        sum = (guint8) (sum + spd[i]);
      g_assert_cmphex (spd[63], ==, sum);
    }
  astern_device_free (eeprom);
  astern_clock_clear (&clock);
}

static AsternTargetKind
port (AsternMachine *machine, guint64 number)
{
  AsternRoute route;

  astern_bus_route (machine->ports, number, &route);
  return route.read.kind;
}

static void
piix4s_ports_follow_its_base (void)
{
  AsternMachine *machine = astern_machine_new (1 << 20, NULL);
  AsternPciBus pci = { .memory = machine->physical, .ports = machine->ports };
  AsternDevice *pm = astern_device_new (&piix4_pm_class, "piix4-pm", machine, &machine->clock);
  AsternDevice *host = astern_device_new (&smbus_host_piix4_class, "smbus", machine, &machine->clock);

  astern_machine_add_device (machine, pm);
  astern_machine_add_device (machine, host);
  astern_pci_attach (&pci, pm, 1 << 3 | 3);
  piix4_pm_map_smbus (pm, host);
  astern_pci_config_write (pm, PIIX4_SMBBA, 2, 0x701, NULL);
  g_assert_cmpint (port (machine, 0x700), ==, ASTERN_TARGET_NONE);
  astern_pci_config_write (pm, PIIX4_SMBHSTCFG, 1, PIIX4_SMB_HST_EN, NULL);
  g_assert_cmpint (port (machine, 0x700), ==, ASTERN_TARGET_DEVICE);
  g_assert_cmpint (port (machine, 0x710), ==, ASTERN_TARGET_NONE);
  astern_machine_free (machine);
}

static void
ich9s_controller_does_nothing_until_it_is_enabled (void)
{
  AsternMachine *machine = astern_machine_new (1 << 20, NULL);
  AsternPciBus pci = { .memory = machine->physical, .ports = machine->ports };
  AsternDevice *smb = astern_device_new (&ich9_smb_class, "ich9-smb", machine, &machine->clock);
  AsternDevice *host = astern_device_new (&smbus_host_ich9_class, "smbus", machine, &machine->clock);

  astern_machine_add_device (machine, smb);
  astern_machine_add_device (machine, host);
  ich9_smb_set_host (smb, host);
  astern_pci_attach (&pci, smb, 31 << 3 | 3);
  astern_device_write (smb, ICH9_SMB_PORTS_WINDOW, SMBUS_HSTCNT, 1, SMBUS_CNT_START, NULL);
  g_assert_cmphex (astern_device_peek (smb, ICH9_SMB_PORTS_WINDOW, SMBUS_HSTSTS, 1), ==, 0);
  astern_pci_config_write (smb, ICH9_SMB_HOSTC, 1, ICH9_SMB_HST_EN, NULL);
  astern_device_write (smb, ICH9_SMB_PORTS_WINDOW, SMBUS_HSTCNT, 1, SMBUS_CNT_START, NULL);
  g_assert_cmphex (astern_device_peek (smb, ICH9_SMB_PORTS_WINDOW, SMBUS_HSTSTS, 1), ==, SMBUS_STS_BUSY);
  astern_machine_free (machine);
}

#define ADD(chip, name) g_test_add ("/hw/boards/smbus/" #chip "/" #name, Fixture, &smbus_host_##chip##_class, set_up, name, tear_down)
#define BOTH(name)      ADD (piix4, name); ADD (ich9, name)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  BOTH (a_byte_is_read_in_its_time_and_interrupts);
  BOTH (nobody_answers_at_another_address);
  BOTH (what_is_written_is_read_again);
  BOTH (a_block_goes_by_the_buffer);
  BOTH (a_message_can_be_killed);
  ADD (ich9, without_the_buffer_each_byte_waits_for_the_guest);
  ADD (ich9, in_use_is_whose_reads_it_first);
  g_test_add_func ("/hw/boards/smbus/a_module_tells_its_size", a_module_tells_its_size);
  g_test_add_func ("/hw/boards/smbus/piix4s_ports_follow_its_base", piix4s_ports_follow_its_base);
  g_test_add_func ("/hw/boards/smbus/ich9s_controller_does_nothing_until_it_is_enabled",
                   ich9s_controller_does_nothing_until_it_is_enabled);
  return g_test_run ();
}
