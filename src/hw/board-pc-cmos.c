/* board-pc-cmos.c - what the BIOS finds in the CMOS memory: sizes, CPUs, the order of boot devices.
 * Source: the IBM PC/AT's layout; what SeaBIOS reads, as seen from outside. */
#include "config.h"

#include "hw/board-pc-private.h"

#include "hw/mc146818rtc.h"

#include <string.h>

/* The first three letters, as the CMOS memory has them; 0: nothing. */
static void
read_order (const char *letters, guint8 order[3])
{
  for (guint i = 0; i < 3 && letters[i] != '\0'; i++)
    order[i] = letters[i] == 'a' || letters[i] == 'b' ? 1 : letters[i] == 'c' ? 2 : letters[i] == 'd' ? 3 : letters[i] == 'n' ? 4 : 0;
}

/* The order that is for once is there until the first reset.  Without one, what the guest has put there stays. */
void
pc_fill_boot_cmos (AsternBoardPc *board)
{
  gboolean power_on = astern_clock_moment (&board->machine->clock).icount == 0;
  const guint8 *boot = power_on ? board->boot_once : board->boot_order;

  if (!power_on && memcmp (board->boot_once, board->boot_order, sizeof board->boot_order) == 0)
    return;
  mc146818rtc_set_nvram (board->rtc, 0x3d, (guint8) (boot[1] << 4 | boot[0]));
  mc146818rtc_set_nvram (board->rtc, 0x38, (guint8) (boot[2] << 4 | 1));       /* no check of floppies' signature */
}

void
pc_fill_cmos (AsternBoardPc *board)
{
  const char *order = board->options.boot_order != NULL ? board->options.boot_order : "cad";
  AsternDevice *rtc = board->rtc;
  guint64 low = pc_low_ram (board), high = board->options.ram_bytes - low;
  guint above_1m = (guint) MIN ((low - 0x100000) >> 10, 0xffff);
  guint above_16m = low > 0x1000000 ? (guint) ((low - 0x1000000) >> 16) : 0;

  mc146818rtc_set_nvram (rtc, 0x14, 0x06);      /* FPU, PS/2 mouse */
  mc146818rtc_set_nvram (rtc, 0x15, 640 & 0xff);
  mc146818rtc_set_nvram (rtc, 0x16, 640 >> 8);
  for (guint i = 0; i < 2; i++)
    {
      mc146818rtc_set_nvram (rtc, 0x17 + i, (guint8) (above_1m >> (8 * i)));
      mc146818rtc_set_nvram (rtc, 0x30 + i, (guint8) (above_1m >> (8 * i)));
      mc146818rtc_set_nvram (rtc, 0x34 + i, (guint8) (above_16m >> (8 * i)));
    }
  for (guint i = 0; i < 3; i++)
    mc146818rtc_set_nvram (rtc, 0x5b + i, (guint8) (high >> (16 + 8 * i)));
  mc146818rtc_set_nvram (rtc, 0x5f, (guint8) (board->options.n_cpus - 1));
  read_order (order, board->boot_order);
  read_order (board->options.boot_once != NULL ? board->options.boot_once : order, board->boot_once);
  pc_fill_boot_cmos (board);
}
