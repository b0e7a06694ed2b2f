/* rtl8139-private - state and parts.  For src/hw/net/rtl8139*.c alone. */
#pragma once

#include "hw/net/eeprom93c46.h"
#include "hw/net/nic.h"
#include "hw/net/offload.h"
#include "hw/net/rtl8139.h"


enum
{
  ISR_ROK = 1 << 0, ISR_RER = 1 << 1, ISR_TOK = 1 << 2, ISR_RXOVW = 1 << 4, ISR_PUN = 1 << 5, ISR_FOVW = 1 << 6, ISR_TDU = 1 << 7,
  ISR_SWINT = 1 << 8, ISR_TIMEOUT = 1 << 14,
  CR_BUFE = 1 << 0, CR_TE = 1 << 2, CR_RE = 1 << 3, CR_RST = 1 << 4,
  CPCR_TX = 1 << 0, CPCR_RX = 1 << 1, CPCR_RXCHKSUM = 1 << 5, CPCR_RXVLAN = 1 << 6,
  RCR_AAP = 1 << 0, RCR_APM = 1 << 1, RCR_AM = 1 << 2, RCR_AB = 1 << 3, RCR_WRAP = 1 << 7,
};

typedef struct
{
  AsternPciState pci;
  guint64 timer_ns;                     /* deadline of TIMERINT */
  guint64 timer_start_ns;               /* when TCTR was zero */
  guint64 tx_ok, rx_ok, rx_missed, rx_unicast, rx_broadcast, rx_multicast, tx_errors;   /* the counters */
  guint32 rdsar[2];                     /* C+ ring: low, high */
  guint32 tsd[4];                       /* C+: where the counters are dumped */
  guint32 tsad[4];                      /* C+: two rings, low, high */
  guint32 rbstart, tcr, rcr, mpc, timer_int;
  guint32 cplus_tx, cplus_rx;           /* next descriptors */
  Eeprom93c46State eeprom;
  guint8  idr[8], mar[8];
  guint16 capr, cbr, imr, isr, mulint, cpcr, bmcr, anar, nwaytr, fcsc, cscr, phy1;
  guint8  cr, cr9346, config[6], msr, tppoll, etthr, tx_next;
  guint8  link_up;
  guint8  reserved[3];
} Rtl8139State;

typedef struct
{
  AsternPciFunction parent;
  Rtl8139State s;
  AsternTimer  timer;
  AsternLink  *link;          /* borrowed; (nullable) */
  guint8       mac[6];
  guint8       unplugged;
  gint         room;          /* atomic: C+ descriptors that were the card's when last looked at */
  guint8      *packet;        /* scratch: NET_MAX_SEGMENT to send, as much to receive */
} Rtl8139;

void     rtl8139_raise      (Rtl8139 *self, guint16 causes);
void     rtl8139_update     (Rtl8139 *self);
void     rtl8139_guest_error (Rtl8139 *self, const char *what);

/* ---- rtl8139-tx.c ---- */
void     rtl8139_tsd_did_write (AsternDevice *device, guint32 offset, guint64 value);
void     rtl8139_tppoll_did_write (AsternDevice *device, guint32 offset, guint64 value);

/* ---- rtl8139-rx.c ---- */
void     rtl8139_input      (gpointer device, gconstpointer data, gsize size);
void     rtl8139_receive    (Rtl8139 *self, const guint8 *frame, gsize size);
guint    rtl8139_room       (gpointer device);
/* After the guest may have given descriptors or bytes back. */
void     rtl8139_look_for_room (Rtl8139 *self);
gboolean rtl8139_is_empty   (const Rtl8139State *s);
