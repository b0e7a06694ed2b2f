/* board-smbus.c - the boards' SMBus: the host controller, and as many memory modules as there is RAM. */
#include "config.h"

#include "hw/board-pc-private.h"

#include "hw/boards/smbus-eeprom.h"
#include "hw/boards/smbus-host.h"

/* The largest first; RAM beyond eight modules is in none. */
static void
add_modules (AsternBoardPc *board, SmbusBus *bus)
{
  guint64 rest = board->options.ram_bytes;

  for (guint i = 0; i < SMBUS_EEPROMS && rest >= 1 << 20; i++)
    {
      guint64 size;
      g_autofree char *name = g_strdup_printf ("spd%u", i);
      AsternDevice *eeprom;

      for (size = SMBUS_MODULE_MOST; size > rest; size /= 2)
        ;
      eeprom = pc_add (board, &smbus_eeprom_class, name);
      smbus_eeprom_describe (eeprom, size);
      smbus_eeprom_attach (eeprom, bus, SMBUS_EEPROM_ADDRESS + i);
      rest -= size;
    }
}

AsternDevice *
pc_add_smbus (AsternBoardPc *board, const AsternDeviceClass *klass)
{
  AsternDevice *host = pc_add (board, klass, "smbus");

  add_modules (board, smbus_host_bus (host));
  return host;
}
