/* pcnet-ports.c - the PCnet's 32 ports, a row for each register behind them.
 * Source: AMD Am79C970A data sheet, publication 19436, "User accessible registers".
 *
 * Behind RDP are the control and status registers, behind BDP those of bus control: the bank is the number in RAP.  The
 * ports are two bytes each, or four (DWIO), of which then the upper two are nothing; RAP, RESET and BDP lie at other places
 * then. */
#include "config.h"

#include "hw/net/pcnet-private.h"

/* ---- effects ---- */

static void
csr0_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Pcnet *self = (Pcnet *) device;
  PcnetState *s = &self->s;
  guint64 begun;

  s->csr[0] &= (guint16) ~(value & CSR0_CAUSES);
  s->csr[0] = (guint16) ((s->csr[0] & ~CSR0_IENA) | (value & CSR0_IENA));
  if (value & CSR0_STOP)
    {
      pcnet_stop (self);
      return;
    }
  /* What is on is not begun anew: drivers write back what they read. */
  begun = value & (CSR0_INIT | CSR0_STRT) & ~(guint64) s->csr[0];
  if (begun)
    s->csr[0] &= (guint16) ~CSR0_STOP;
  if (begun & CSR0_INIT)
    {
      s->csr[0] |= CSR0_INIT;
      pcnet_initialize (self);
    }
  if (begun & CSR0_STRT)
    {
      s->csr[0] |= CSR0_STRT;
      s->csr[0] |= s->csr[CSR_MODE] & MODE_DTX ? 0 : CSR0_TXON;
      s->csr[0] |= s->csr[CSR_MODE] & MODE_DRX ? 0 : CSR0_RXON;
    }
  pcnet_look_for_room (self);
  pcnet_update (self);
  if ((value & CSR0_TDMD) || (begun & CSR0_STRT))
    pcnet_transmit (self);
}

/* Ring addresses and the like: only while the chip stands still. */
static void
standing_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  PcnetState *s = &((Pcnet *) device)->s;

  if ((s->csr[0] & CSR0_STOP) || (s->csr[CSR_EXTENDED] & CSR5_SPND))
    s->csr[s->rap & (PCNET_CSRS - 1)] = (guint16) value;
}

static void
masks_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  pcnet_update ((Pcnet *) device);
}

static void
style_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  pcnet_set_style ((Pcnet *) device, (guint16) value);
}

static guint64
link_value (gconstpointer state, guint32 offset)
{
  const PcnetState *s = state;

  return (guint64) (s->bcr[BCR_LINK] & 0x7fff) | (s->link_up ? 0x8000 : 0);
}

static void
reset_did_read (AsternDevice *device, guint32 offset)
{
  pcnet_reset_registers ((Pcnet *) device, FALSE);
}

/* The address PROM is RAM while BCR2 says so. */
static void
aprom_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  PcnetState *s = &((Pcnet *) device)->s;

  if (s->bcr[BCR_MISC] & BCR_MISC_APROMWE)
    s->aprom[offset] = (guint8) value;
}

/* ---- the table ---- */

#define RDP 0x10
enum { WORDS = 0xfd, LONG_WORDS };      /* banks, beside the numbers of registers */

guint8
pcnet_ports_bank (gconstpointer state, guint32 offset)
{
  const PcnetState *s = state;
  gboolean wide = (s->bcr[BCR_BUS] & BCR_BUS_DWIO) != 0;

  if (offset == RDP || offset == (wide ? 0x1c : 0x16))
    return s->rap & (PCNET_CSRS - 1);
  return wide ? LONG_WORDS : WORDS;
}

#define NONE        ASTERN_NO_BACKING
#define R           ASTERN_REG_R
#define RW          ASTERN_REG_RW
#define AT(member)  G_STRUCT_OFFSET (PcnetState, member)
#define CSR_AT(n)   (AT (csr) + 2 * (n))
#define BCR_AT(n)   (AT (bcr) + 2 * (n))

#define CSR(n, how, label, backing, mask, did_write) \
  { RDP, n, how, 2, "CSR" #n " " label, CSR_AT (backing), 0, mask, NULL, NULL, did_write, 1, NULL }
#define READ_ONLY(n, label) CSR (n, R,  label, n, 0,      NULL)
#define ALWAYS(n, label)    CSR (n, RW, label, n, 0xffff, NULL)
#define STANDING(n, label)  CSR (n, RW, label, n, 0,      standing_did_write)
#define BCR(at, n, how, label, mask, value, did_write) \
  { at, n, how, 2, "BCR" #n " " label, BCR_AT (n), 0, mask, value, NULL, did_write, 1, NULL }

/* The other ports; their places and banks are different in words and in long words. */
#define OTHERS(which, rap_at, reset_at, bdp)                                                                            \
  { rap_at,   which, RW, 2, "RAP",   AT (rap), 0, PCNET_CSRS - 1, NULL, NULL,           NULL, 1, NULL },              \
  { reset_at, which, RW, 2, "RESET", NONE,     0, 0,              NULL, reset_did_read, NULL, 1, NULL },              \
  BCR (bdp, 0, R, "MSRDA", 0, NULL, NULL),         BCR (bdp, 1, R, "MSWRA", 0, NULL, NULL),                             \
  BCR (bdp, 2, RW, "MC", 0xffff, NULL, NULL),      BCR (bdp, 4, RW, "LNKST", 0x7fff, link_value, NULL),                 \
  BCR (bdp, 5, RW, "LED1", 0xffff, NULL, NULL),    BCR (bdp, 6, RW, "LED2", 0xffff, NULL, NULL),                        \
  BCR (bdp, 7, RW, "LED3", 0xffff, NULL, NULL),    BCR (bdp, 9, RW, "FDC", 0xffff, NULL, NULL),                         \
  BCR (bdp, 16, R, "IOBASEL", 0, NULL, NULL),      BCR (bdp, 17, R, "IOBASEU", 0, NULL, NULL),                          \
  BCR (bdp, 18, RW, "BSBC", 0xffff & ~BCR_BUS_DWIO, NULL, NULL),                                                        \
  BCR (bdp, 19, RW, "EECAS", 0xffff, NULL, NULL),  BCR (bdp, 20, RW, "SWS", 0, NULL, style_did_write),                  \
  BCR (bdp, 21, RW, "INTCON", 0xffff, NULL, NULL), BCR (bdp, 22, RW, "PCILAT", 0xffff, NULL, NULL)
#define UPPER(at) { at, LONG_WORDS, RW, 2, "reserved", NONE, 0, 0, NULL, NULL, NULL, 1, NULL }

const AsternReg pcnet_ports_regs[] = {
  CSR (0, RW, "status", 0, 0, csr0_did_write),
  ALWAYS (1, "IADR low"), ALWAYS (2, "IADR high"), CSR (3, RW, "masks", 3, 0xffff, masks_did_write),
  /* Causes are cleared by ones; there are none. */
  CSR (4, RW, "test and features", 4, 0xffff & ~0x026a, NULL),
  ALWAYS (5, "extended control"), STANDING (6, "table length"),
  STANDING (8, "LADRF 0"), STANDING (9, "LADRF 1"), STANDING (10, "LADRF 2"), STANDING (11, "LADRF 3"),
  STANDING (12, "PADR 0"), STANDING (13, "PADR 1"), STANDING (14, "PADR 2"), STANDING (15, "mode"),
  CSR (16, RW, "IADR low", 1, 0xffff, NULL), CSR (17, RW, "IADR high", 2, 0xffff, NULL),
  STANDING (18, "CRBA low"), STANDING (19, "CRBA high"), STANDING (20, "CXBA low"), STANDING (21, "CXBA high"),
  STANDING (22, "NRBA low"), STANDING (23, "NRBA high"), STANDING (24, "BADR low"), STANDING (25, "BADR high"),
  STANDING (26, "NRDA low"), STANDING (27, "NRDA high"), STANDING (28, "CRDA low"), STANDING (29, "CRDA high"),
  STANDING (30, "BADX low"), STANDING (31, "BADX high"), STANDING (32, "NXDA low"), STANDING (33, "NXDA high"),
  STANDING (34, "CXDA low"), STANDING (35, "CXDA high"), STANDING (36, "NNRD low"), STANDING (37, "NNRD high"),
  STANDING (38, "NNXD low"), STANDING (39, "NNXD high"), STANDING (40, "CRBC"), STANDING (41, "CRST"),
  STANDING (42, "CXBC"), STANDING (43, "CXST"), STANDING (44, "NRBC"), STANDING (45, "NRST"), STANDING (46, "POLL"),
  STANDING (47, "polling interval"), CSR (58, RW, "SWS", 58, 0, style_did_write),
  STANDING (60, "PXDA low"), STANDING (61, "PXDA high"), STANDING (62, "PXBC"), STANDING (63, "PXST"),
  STANDING (64, "NXBA low"), STANDING (65, "NXBA high"), STANDING (66, "NXBC"), STANDING (67, "NXST"),
  STANDING (72, "RCVRC"), STANDING (74, "XMTRC"), STANDING (76, "RCVRL"), STANDING (78, "XMTRL"),
  ALWAYS (80, "DMATCFW"), ALWAYS (82, "bus timer"), STANDING (84, "DMABA low"), STANDING (85, "DMABA high"),
  STANDING (86, "DMABC"), READ_ONLY (88, "chip identification low"), READ_ONLY (89, "chip identification high"),
  STANDING (92, "RCON"), STANDING (94, "XMTTDR"), STANDING (100, "MERRTO"), READ_ONLY (112, "MFC"),
  READ_ONLY (114, "RCC"), ALWAYS (122, "receive frame align"), ALWAYS (124, "test"),
  OTHERS (WORDS, 0x12, 0x14, 0x16), OTHERS (LONG_WORDS, 0x14, 0x18, 0x1c),
  UPPER (0x12), UPPER (0x16), UPPER (0x1a), UPPER (0x1e),
  { 0x00, ASTERN_ANY_BANK, RW, 1, "APROM", AT (aprom), 0, 0, NULL, NULL, aprom_did_write, 16, NULL },
};

G_STATIC_ASSERT (G_N_ELEMENTS (pcnet_ports_regs) == PCNET_N_PORTS_REGS);

/* ---- the window ---- */

guint64
pcnet_ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return astern_device_table_read (device, PCNET_WINDOW_PORTS, offset, size, FALSE);
}

guint64
pcnet_ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return astern_device_table_read (device, PCNET_WINDOW_PORTS, offset, size, TRUE);
}

/* A long word to RDP is what makes it four bytes; single bytes reach the PROM alone. */
void
pcnet_ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  PcnetState *s = &((Pcnet *) device)->s;

  if (offset == RDP && size == 4)
    s->bcr[BCR_BUS] |= BCR_BUS_DWIO;
  if (offset < RDP || size > 1)
    astern_device_table_write (device, PCNET_WINDOW_PORTS, offset, size, value);
}
