/* board-i440fx.c - what of the PC is i440FX's and PIIX's.
 * Source: Intel 440FX data sheet 290549, 82371SB data sheet 290550, 82371AB data sheet 290562. */
#include "config.h"

#include "hw/board-pc-private.h"

#include "hw/boards/smbus-host.h"
#include "hw/i440fx.h"
#include "hw/piix3.h"
#include "hw/piix4-pm.h"
#include "hw/storage/ide-piix.h"

#define RAM_HOLE_START 0xc0000000u              /* RAM above goes on at 4 GiB */

enum { SCI_LINE = 9, IDE_LINE = 14 };
enum { DEVFN_HOST = 0, DEVFN_ISA = 1 << 3, DEVFN_IDE = 1 << 3 | 1, DEVFN_PM = 1 << 3 | 3 };

static const guint8 pirq_lines[4] = { 10, 10, 11, 11 };

static guint64
low_ram (guint64 ram_bytes)
{
  return MIN (ram_bytes, RAM_HOLE_START);
}

static void
add (AsternBoardPc *board)
{
  board->host = pc_add (board, &i440fx_class, "i440fx");
  board->isa = pc_add (board, &piix3_class, "piix3");
  board->pm = pc_add (board, &piix4_pm_class, "piix4-pm");
  board->ide = pc_add (board, &ide_piix_class, "piix3-ide");
  board->pci = i440fx_bus (board->host);
  pc_set_up_bus (board, piix3_set_intx);

  i440fx_map_memory (board->host, board->ram);
  i440fx_pass_on (board->host, board->isa, PIIX3_RESET_WINDOW);
  astern_pci_attach (board->pci, board->host, DEVFN_HOST);
  astern_pci_attach (board->pci, board->isa, DEVFN_ISA);
  astern_pci_attach (board->pci, board->ide, DEVFN_IDE);
  astern_pci_attach (board->pci, board->pm, DEVFN_PM);
  ide_piix_map (board->ide);
  piix4_pm_map (board->pm);
  piix4_pm_map_smbus (board->pm, pc_add_smbus (board, &smbus_host_piix4_class));
  if (!board->options.smm)
    piix4_pm_without_smm (board->pm);
  pc_at_port (board, 0xcf8, board->host, I440FX_PORTS_WINDOW);
  pc_at_port (board, 0xb2, board->pm, PIIX4_PM_APM_WINDOW);
}

static void
connect (AsternBoardPc *board, AsternIrqFunc changed, gpointer receiver)
{
  for (guint line = 0; line < 16; line++)
    piix3_connect (board->isa, line, changed, receiver, line);
  astern_irq_connect (piix4_pm_sci (board->pm), piix3_set_isa_irq, board->isa, SCI_LINE);
  for (guint channel = 0; channel < IDE_PIIX_CHANNELS; channel++)
    astern_irq_connect (ide_piix_irq (board->ide, channel), piix3_set_isa_irq, board->isa, IDE_LINE + channel);
  pc_add_floppy_controller (board);
}

static AsternIrq *
smi (AsternBoardPc *board)
{
  return piix4_pm_smi (board->pm);
}

static void
set_smm (AsternBoardPc *board, guint cpu, gboolean in_smm)
{
  i440fx_set_smm (board->host, cpu, in_smm);
}

static guint16
pm_base (AsternBoardPc *board)
{
  return (guint16) (astern_pci_get (board->pm, PIIX4_PMBASE, 2) & 0xffc0);
}

static void
describe (AsternBoardPc *board, AcpiTablesOptions *options)
{
  guint64 low = low_ram (board->options.ram_bytes);

  options->pci_hole_start = (guint32) (low <= 0x80000000u ? 0x80000000u : RAM_HOLE_START);
}

static void
start (AsternBoardPc *board)
{
  for (guint i = 0; i < 4; i++)
    pc_config_write (board->isa, PIIX3_PIRQRC + i, 1, pirq_lines[i]);
  pc_config_write (board->pm, PCI_INTERRUPT_LINE, 1, SCI_LINE);
  pc_config_write (board->pm, PIIX4_PMBASE, 4, PC_PM_BASE | 1);
  pc_config_write (board->pm, PIIX4_PMREGMISC, 1, 1);
  pc_config_write (board->pm, PIIX4_SMBBA, 4, PC_SMB_BASE | 1);
  pc_config_write (board->pm, PIIX4_SMBHSTCFG, 1, PIIX4_SMB_HST_EN | PIIX4_SMB_INT_IRQ9);
  for (guint channel = 0; channel < IDE_PIIX_CHANNELS; channel++)
    pc_config_write (board->ide, IDE_PIIX_IDETIM + 2 * channel, 2, 0x8000);     /* its ports are decoded */
  pc_config_write (board->host, I440FX_PAM0, 1, 0x30);
  for (guint i = 1; i < 7; i++)
    pc_config_write (board->host, I440FX_PAM0 + i, 1, 0x33);
}

static guint
pin_line (AsternBoardPc *board, guint devfn, guint pin)
{
  return pirq_lines[piix3_pirq (devfn, pin)];
}

const PcChipSet pc_chip_set_i440fx = {
  .name = "pc", .product = "Standard PC (i440FX + PIIX)",
  .low_ram = low_ram, .add = add, .connect = connect, .set_isa_irq = piix3_set_isa_irq, .smi = smi, .set_smm = set_smm,
  .pm_base = pm_base, .press_button = piix4_pm_press_button, .describe = describe, .start = start,
  .pin_line = pin_line, .pin_gsi = pin_line,
};
