/* board-q35.c - what of the PC is Q35's and ICH9's.
 * Source: Intel 3 Series Express Chipset Family data sheet 316966, ICH9 data sheet 316972. */
#include "config.h"

#include "hw/board-pc-private.h"

#include "hw/boards/ich9-lpc.h"
#include "hw/boards/ich9-smb.h"
#include "hw/boards/q35-mch.h"
#include "hw/boards/smbus-host.h"
#include "hw/boards/smi-features.h"
#include "hw/storage/ahci.h"

#define ECAM_START 0xb0000000u                  /* where firmware puts it; with less RAM below it */
#define ECAM_SIZE  0x10000000u

enum { SCI_LINE = 9 };
enum { DEVFN_HOST = 0, DEVFN_LPC = 31 << 3, DEVFN_AHCI = 31 << 3 | 2, DEVFN_SMB = 31 << 3 | 3 };

static const guint8 pirq_lines[4] = { 10, 10, 11, 11 };

/* Where there is RAM beyond the ECAM window's start, it goes on at 4 GiB from 2 GiB on, in whole gigabytes. */
static guint64
low_ram (guint64 ram_bytes)
{
  return ram_bytes > ECAM_START ? 0x80000000u : ram_bytes;
}

static void
add (AsternBoardPc *board)
{
  board->host = pc_add (board, &q35_mch_class, "q35-mch");
  board->isa = board->pm = pc_add (board, &ich9_lpc_class, "ich9-lpc");
  board->ide = pc_add (board, &ahci_class, "ahci");
  board->pci = q35_mch_bus (board->host);
  board->smb = pc_add (board, &ich9_smb_class, "ich9-smb");
  pc_set_up_bus (board, ich9_lpc_set_intx);

  q35_mch_pass_on (board->host, board->isa, ICH9_LPC_RESET_WINDOW);
  astern_pci_attach (board->pci, board->host, DEVFN_HOST);
  astern_pci_attach (board->pci, board->isa, DEVFN_LPC);
  astern_pci_attach (board->pci, board->ide, DEVFN_AHCI);
  ich9_smb_set_host (board->smb, pc_add_smbus (board, &smbus_host_ich9_class));
  astern_pci_attach (board->pci, board->smb, DEVFN_SMB);
  q35_mch_map_memory (board->host, board->ram, low_ram (board->options.ram_bytes));
  ich9_lpc_map (board->isa);
  if (board->options.smm)
    board->smi_features = pc_add (board, &smi_features_class, "smi-features");
  else
    {
      ich9_lpc_without_smm (board->isa);
      q35_mch_without_smm (board->host);
    }
  pc_at_port (board, 0xcf8, board->host, Q35_MCH_PORTS_WINDOW);
  pc_at_port (board, 0xb2, board->isa, ICH9_LPC_APM_WINDOW);
}

static void
connect (AsternBoardPc *board, AsternIrqFunc changed, gpointer receiver)
{
  for (guint line = 0; line < ICH9_LPC_LINES; line++)
    ich9_lpc_connect (board->isa, line, changed, receiver, line);
}

static AsternIrq *
smi (AsternBoardPc *board)
{
  return ich9_lpc_smi (board->isa);
}

static void
set_smm (AsternBoardPc *board, guint cpu, gboolean in_smm)
{
  q35_mch_set_smm (board->host, cpu, in_smm);
}

static guint16
pm_base (AsternBoardPc *board)
{
  return (guint16) (astern_pci_get (board->isa, ICH9_PMBASE, 2) & 0xff80);
}

static void
describe (AsternBoardPc *board, AcpiTablesOptions *options)
{
  guint64 low = low_ram (board->options.ram_bytes), size;

  options->q35 = TRUE;
  options->ecam = q35_mch_ecam (board->host, &size);
  options->ecam_size = (guint32) size;
  if (size == 0)                        /* firmware asks for the tables' size before it puts it anywhere */
    {
      options->ecam = ECAM_START;
      options->ecam_size = ECAM_SIZE;
    }
  options->pci_hole_start = (guint32) (low <= 0x80000000u ? 0x80000000u : ECAM_START);
}

static void
start (AsternBoardPc *board)
{
  for (guint i = 0; i < 4; i++)
    {
      pc_config_write (board->isa, ICH9_PIRQA_ROUT + i, 1, pirq_lines[i]);
      pc_config_write (board->isa, ICH9_PIRQE_ROUT + i, 1, pirq_lines[i]);
    }
  pc_config_write (board->isa, ICH9_PMBASE, 4, PC_PM_BASE | 1);
  pc_config_write (board->isa, ICH9_ACPI_CNTL, 1, 0x80);
  pc_config_write (board->isa, ICH9_RCBA, 4, 0xfed1c001);
  pc_config_write (board->smb, ICH9_SMB_BASE, 4, PC_SMB_BASE | 1);
  pc_config_write (board->smb, ICH9_SMB_HOSTC, 1, ICH9_SMB_HST_EN);
  pc_config_write (board->host, Q35_MCH_PCIEXBAR + 4, 4, 0);
  pc_config_write (board->host, Q35_MCH_PCIEXBAR, 4, ECAM_START | 1);
  pc_config_write (board->host, Q35_MCH_PAM0, 1, 0x30);
  for (guint i = 1; i < 7; i++)
    pc_config_write (board->host, Q35_MCH_PAM0 + i, 1, 0x33);
}

static guint
pin_line (AsternBoardPc *board, guint devfn, guint pin)
{
  return pirq_lines[ich9_lpc_pirq (board->isa, devfn, pin) & 3];
}

static guint
pin_gsi (AsternBoardPc *board, guint devfn, guint pin)
{
  return 16 + ich9_lpc_pirq (board->isa, devfn, pin);
}

const PcChipSet pc_chip_set_q35 = {
  .name = "q35", .product = "Standard PC (Q35 + ICH9, 2009)",
  .low_ram = low_ram, .add = add, .connect = connect, .set_isa_irq = ich9_lpc_set_isa_irq, .set_gsi = ich9_lpc_set_gsi,
  .smi = smi, .set_smm = set_smm,
  .pm_base = pm_base, .press_button = ich9_lpc_press_button, .describe = describe, .start = start,
  .pin_line = pin_line, .pin_gsi = pin_gsi, .reserved_start = ECAM_START, .reserved_size = ECAM_SIZE,
};
