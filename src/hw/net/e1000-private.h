/* e1000-private - state and parts of Intel's gigabit cards.  For src/hw/net/e1000*.c alone. */
#pragma once

#include "hw/net/e1000.h"
#include "hw/net/eeprom93c46.h"
#include "hw/net/nic.h"
#include "hw/net/offload.h"

#define E1000_QUEUES        2
#define E1000_VECTORS       5
#define E1000_PIN           E1000_VECTORS     /* the pin's, or MSI's, place among the vectors */
#define E1000_STATS         74
#define E1000_N_REGS        98
#define E1000_N_FIELDS      128

enum
{
  CTRL_SLU = 1 << 6, CTRL_RST = 1 << 26, CTRL_VME = 1 << 30,
  CTRL_PHY_RST = 1u << 31,
  STATUS_FD = 1 << 0, STATUS_LU = 1 << 1, STATUS_SPEED_1000 = 1 << 7,
  CTRL_EXT_EIAME = 1 << 24, CTRL_EXT_IAME = 1 << 27,

  ICR_TXDW = 1 << 0, ICR_TXQE = 1 << 1, ICR_LSC = 1 << 2, ICR_RXDMT0 = 1 << 4, ICR_RXO = 1 << 6, ICR_RXT0 = 1 << 7,
  ICR_MDAC = 1 << 9, ICR_RXQ0 = 1 << 20, ICR_TXQ0 = 1 << 22, ICR_OTHER = 1 << 24, ICR_ASSERTED = 1u << 31,

  RCTL_EN = 1 << 1, RCTL_SBP = 1 << 2, RCTL_UPE = 1 << 3, RCTL_MPE = 1 << 4, RCTL_LPE = 1 << 5, RCTL_LBM = 3 << 6,
  RCTL_DTYP_SPLIT = 1 << 10, RCTL_BAM = 1 << 15, RCTL_VFE = 1 << 18, RCTL_BSEX = 1 << 25, RCTL_SECRC = 1 << 26,
  RXCSUM_IPOFL = 1 << 8, RXCSUM_TUOFL = 1 << 9, RXCSUM_PCSD = 1 << 13,
  RFCTL_EXSTEN = 1 << 15,
  TCTL_EN = 1 << 1,
};

/* Statistics, by their place from 0x4000 on. */
enum
{
  STAT_MPC = 4, STAT_PRC64 = 23, STAT_GPRC = 29, STAT_BPRC = 30, STAT_MPRC = 31, STAT_GPTC = 32, STAT_GORCL = 34,
  STAT_GOTCL = 36, STAT_RNBC = 40, STAT_ROC = 43, STAT_TORL = 48, STAT_TOTL = 50, STAT_TPR = 52, STAT_TPT = 53, STAT_PTC64 = 54,
  STAT_MPTC = 60, STAT_BPTC = 61, STAT_TSCTC = 62,
};

/* A ring's registers. */
typedef struct
{
  guint32 bal, bah, len, head, tail, dctl;
} E1000Ring;

/* What the last context descriptor said. */
typedef struct
{
  guint16 ipcse, tucse, mss;
  guint8  ipcss, ipcso, tucss, tucso, hdrlen, tucmd;
} E1000Context;

/* Which statistics one direction counts in; those of 64 bits are two words, the lower first. */
typedef struct
{
  guint8 size_64;               /* and the next five: by the frame's size */
  guint8 good, total, broadcast, multicast, good_octets, total_octets;
} E1000Counters;

typedef struct
{
  AsternPciState     pci;
  AsternPciMsixState msix;
  guint64 next_ns[E1000_VECTORS + 1];       /* before that, throttling allows no interrupt */
  guint64 throttle_ns[E1000_VECTORS + 1];   /* deadlines */
  guint64 systim_ns;                        /* when systim was true */
  E1000Ring rx[E1000_QUEUES], tx[E1000_QUEUES];
  E1000Context context[E1000_QUEUES];
  guint32 ctrl, eecd, eerd, ctrl_ext, fla, mdic, fcal, fcah, fct, vet;
  guint32 icr, itr, ims, iam, rctl, fcttv, txcw, rxcw, tctl, tipg, ait, ledctl, extcnf, pba, pbs, eemngctl;
  guint32 fcrtl, fcrth, psrctl, rdtr, radv, rsrpd, raid, tidv, tadv, tarc[E1000_QUEUES], tspmt;
  guint32 rxcsum, rfctl, wuc, wufc, wus, manc, ipav, wupl, ivar, eiac, eitr[E1000_VECTORS], mrqc, gcr, swsm, fwsm, fcrtv, ioaddr;
  guint32 tsynctx, tsyncrx, timinca, systim[2], rxmtrl, rxudp, reserved_time;
  guint32 mta[128], ra[32], vfta[128], reta[32], rssrk[10];
  guint32 stats[E1000_STATS];
  Eeprom93c46State eeprom;
  guint16 phy[32];
  guint8  link_up, pin, waiting;            /* waiting: vectors that throttling holds back, one bit each */
  guint8  reserved[5];
} E1000State;

typedef struct
{
  AsternPciFunction parent;
  E1000State   s;
  AsternTimer  throttle[E1000_VECTORS + 1];
  struct { gpointer self; guint vector; } throttle_owner[E1000_VECTORS + 1];
  AsternLink  *link;          /* borrowed; (nullable) */
  guint8       mac[6];
  guint8       is_82574;
  guint8       unplugged;     /* as was last heard; survives a reset */
  guint8      *packet;        /* scratch: NET_MAX_SEGMENT to send, as much to receive */
} E1000;

/* ---- e1000-irq.c ---- */
void     e1000_irq_init    (E1000 *self);
/* Causes, as in ICR. */
void     e1000_cause       (E1000 *self, guint32 causes);
void     e1000_cause_queue (E1000 *self, guint32 causes, gboolean transmit, guint queue);
void     e1000_irq_update  (E1000 *self);
void     e1000_icr_did_read (AsternDevice *device, guint32 offset);
guint64  e1000_icr_value   (gconstpointer state, guint32 offset);

/* ---- e1000-phy.c ---- */
void     e1000_phy_reset   (E1000 *self);
void     e1000_eeprom_fill (E1000 *self);
void     e1000_mdic_did_write (AsternDevice *device, guint32 offset, guint64 value);
guint64  e1000_eecd_value  (gconstpointer state, guint32 offset);
void     e1000_eecd_did_write (AsternDevice *device, guint32 offset, guint64 value);
void     e1000_eerd_did_write (AsternDevice *device, guint32 offset, guint64 value);
gboolean e1000_loops_back  (const E1000 *self);

/* ---- e1000-statistics.c ---- */
/* @size: with the CRC. */
void     e1000_count       (E1000State *s, const E1000Counters *counters, const guint8 *frame, guint size);

/* ---- e1000-rx.c ---- */
void     e1000_input       (gpointer device, gconstpointer data, gsize size);
void     e1000_receive     (E1000 *self, const guint8 *frame, gsize size);
guint    e1000_room        (gpointer device);
void     e1000_rdt_did_write (AsternDevice *device, guint32 offset, guint64 value);

/* ---- e1000-tx.c ---- */
void     e1000_tdt_did_write (AsternDevice *device, guint32 offset, guint64 value);
void     e1000_transmit    (E1000 *self, guint queue);

/* ---- e1000-setup.c ---- */
void     e1000_init        (AsternDevice *device, const AsternPciInfo *info, gboolean is_82574);
void     e1000_reset       (AsternDevice *device);
void     e1000_restored    (AsternDevice *device);
void     e1000_finalize    (AsternDevice *device);
void     e1000_reset_mac   (E1000 *self);
gboolean e1000_configure   (AsternDevice *device, const AsternCardSettings *settings, GError **error);

extern const AsternReg   e1000_regs[];
extern const AsternField e1000_fields[];
guint64  e1000_ports_read  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
guint64  e1000_ports_peek  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
void     e1000_ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access);

void     e1000_guest_error (E1000 *self, const char *what);

static inline guint
e1000_ring_size (const E1000Ring *ring)
{
  return (ring->len & 0xfff80) / 16;
}

static inline guint64
e1000_ring_base (const E1000Ring *ring)
{
  return (guint64) ring->bah << 32 | (ring->bal & ~15u);
}
