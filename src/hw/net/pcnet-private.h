/* pcnet-private - state and parts.  For src/hw/net/pcnet*.c alone. */
#pragma once

#include "hw/net/nic.h"
#include "hw/net/pcnet.h"

#define PCNET_CSRS 128
#define PCNET_BCRS 32
#define PCNET_PORTS_BYTES 32

enum
{
  CSR0_INIT = 1 << 0, CSR0_STRT = 1 << 1, CSR0_STOP = 1 << 2, CSR0_TDMD = 1 << 3, CSR0_TXON = 1 << 4, CSR0_RXON = 1 << 5,
  CSR0_IENA = 1 << 6, CSR0_INTR = 1 << 7, CSR0_IDON = 1 << 8, CSR0_TINT = 1 << 9, CSR0_RINT = 1 << 10, CSR0_MERR = 1 << 11,
  CSR0_MISS = 1 << 12, CSR0_CERR = 1 << 13, CSR0_BABL = 1 << 14, CSR0_ERR = 1 << 15,
  CSR0_CAUSES = CSR0_IDON | CSR0_TINT | CSR0_RINT | CSR0_MERR | CSR0_MISS | CSR0_CERR | CSR0_BABL,
  MODE_DRX = 1 << 0, MODE_DTX = 1 << 1, MODE_LOOP = 1 << 2, MODE_DRCVPA = 1 << 13, MODE_DRCVBC = 1 << 14, MODE_PROM = 1 << 15,
};

/* Control and status registers by their numbers. */
enum
{
  CSR_IADR = 1, CSR_MASKS = 3, CSR_FEATURES = 4, CSR_EXTENDED = 5, CSR_LADRF = 8, CSR_PADR = 12, CSR_MODE = 15, CSR_RX_BASE = 24, CSR_TX_BASE = 30,
  CSR_STYLE = 58, CSR_RX_COUNT = 72, CSR_TX_COUNT = 74, CSR_RX_LENGTH = 76, CSR_TX_LENGTH = 78, CSR_CHIP = 88, CSR_MISSED = 112,
};
enum { BCR_MISC = 2, BCR_LINK = 4, BCR_BUS = 18, BCR_STYLE = 20 };
enum { BCR_BUS_DWIO = 1 << 7, BCR_MISC_APROMWE = 1 << 8, CSR5_SPND = 1 << 0 };

typedef struct
{
  AsternPciState pci;
  guint16 csr[PCNET_CSRS], bcr[PCNET_BCRS];
  guint8  aprom[16];
  guint16 rap;
  guint8  link_up;
  guint8  reserved[5];
} PcnetState;

typedef struct
{
  AsternPciFunction parent;
  PcnetState  s;
  AsternLink *link;           /* borrowed; (nullable) */
  guint8      mac[6];
  guint8      unplugged;
  gint        room;           /* atomic: descriptors that were the card's when last looked at */
} Pcnet;

void  pcnet_raise           (Pcnet *self, guint16 causes);
void  pcnet_update          (Pcnet *self);
void  pcnet_stop            (Pcnet *self);
void  pcnet_set_style       (Pcnet *self, guint16 value);
void  pcnet_reset_registers (Pcnet *self, gboolean hard);
void  pcnet_guest_error     (Pcnet *self, const char *what);

/* ---- pcnet-ports.c ---- */
#define PCNET_N_PORTS_REGS 113
extern const AsternReg pcnet_ports_regs[];
guint8  pcnet_ports_bank  (gconstpointer state, guint32 offset);
guint64 pcnet_ports_read  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
guint64 pcnet_ports_peek  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
void    pcnet_ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access);

/* ---- pcnet-rings.c ---- */
void  pcnet_initialize  (Pcnet *self);
void  pcnet_transmit    (Pcnet *self);
void  pcnet_input       (gpointer device, gconstpointer data, gsize size);
guint pcnet_room        (gpointer device);
/* After the guest may have given descriptors back. */
void  pcnet_look_for_room (Pcnet *self);
