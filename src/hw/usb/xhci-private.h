/* xhci-private - what the files of the xHCI share.  For xhci*.c alone. */
#pragma once

#include "hw/usb/xhci.h"

/* Transfer request blocks (section 6.4). */
typedef struct
{
  guint64 parameter;
  guint32 status, control;
  guint64 address;              /* where it was read */
} Trb;

enum
{
  TRB_NORMAL = 1, TRB_SETUP = 2, TRB_DATA = 3, TRB_STATUS = 4, TRB_ISOCH = 5, TRB_LINK = 6, TRB_EVENT_DATA = 7, TRB_NOOP = 8,
  TRB_ENABLE_SLOT = 9, TRB_DISABLE_SLOT = 10, TRB_ADDRESS_DEVICE = 11, TRB_CONFIGURE_ENDPOINT = 12, TRB_EVALUATE_CONTEXT = 13,
  TRB_RESET_ENDPOINT = 14, TRB_STOP_ENDPOINT = 15, TRB_SET_DEQUEUE = 16, TRB_RESET_DEVICE = 17, TRB_NOOP_COMMAND = 23,
  TRB_TRANSFER_EVENT = 32, TRB_COMMAND_EVENT = 33, TRB_PORT_EVENT = 34, TRB_HOST_EVENT = 37,
};

enum
{
  TRB_CYCLE = 1 << 0, TRB_TOGGLE = 1 << 1, TRB_ISP = 1 << 2, TRB_CHAIN = 1 << 4, TRB_IOC = 1 << 5, TRB_IMMEDIATE = 1 << 6,
  TRB_BLOCK_SET_ADDRESS = 1 << 9, TRB_DECONFIGURE = 1 << 9, TRB_DIRECTION_IN = 1 << 16, TRB_EVENT_IS_DATA = 1 << 2,
};

enum
{
  CODE_SUCCESS = 1, CODE_BABBLE = 3, CODE_TRANSACTION_ERROR = 4, CODE_TRB_ERROR = 5, CODE_STALL = 6, CODE_NO_SLOTS = 9,
  CODE_SLOT_NOT_ENABLED = 11, CODE_SHORT_PACKET = 13, CODE_PARAMETER_ERROR = 17, CODE_CONTEXT_STATE_ERROR = 19,
  CODE_EVENT_RING_FULL = 21, CODE_COMMAND_RING_STOPPED = 24,
};

enum { ENDPOINT_DISABLED, ENDPOINT_RUNNING, ENDPOINT_HALTED, ENDPOINT_STOPPED, ENDPOINT_ERROR };
enum { SLOT_DISABLED, SLOT_DEFAULT, SLOT_ADDRESSED, SLOT_CONFIGURED };     /* as in a slot context */

#define XHCI_N_ENDPOINTS   32            /* by device context index; 0 is the slot's */
#define XHCI_CONTEXT_BYTES 32

typedef struct
{
  guint64 dequeue;
  guint32 done;                 /* bytes of the transfer that is under way */
  guint8  type;                 /* of its context: 1 isoch OUT .. 4 control .. 7 interrupt IN; 0: none */
  guint8  state;                /* ENDPOINT_... */
  guint8  cycle;
  guint8  reserved;
} XhciEndpoint;

typedef struct
{
  guint64 context;              /* the output device context's address */
  guint32 route;
  guint32 kicked;               /* endpoints that are to be looked at, a bit each */
  guint8  enabled, state, port; /* port: 1 .. XHCI_N_PORTS; 0: none yet */
  guint8  reserved[5];
  XhciEndpoint endpoints[XHCI_N_ENDPOINTS];
} XhciSlot;

typedef struct
{
  guint32 iman, imod, erstsz, reserved;
  guint64 erstba, erdp;
  guint64 base;                 /* of the ring's only segment */
  guint32 size;                 /* in blocks */
  guint32 position;
  guint32 cycle;
  guint32 reserved2;
} XhciInterrupter;

typedef struct
{
  AsternPciState     pci;
  AsternPciMsixState msix;
  guint64 run_ns;               /* deadline: what was kicked is looked at */
  guint64 crcr, dcbaap;
  guint64 command;              /* dequeue pointer of the command ring */
  guint64 start_ns;             /* of MFINDEX */
  guint32 cmd, sts, dnctrl, config;
  guint32 portsc[XHCI_N_PORTS];
  guint32 portpm[XHCI_N_PORTS];
  guint8  command_cycle, command_running, command_kicked;
  guint8  reserved[5];
  XhciInterrupter interrupters[XHCI_N_INTERRUPTERS];
  XhciSlot slots[XHCI_N_SLOTS]; /* slot 1 is the first */
} XhciState;

typedef struct
{
  AsternPciFunction parent;
  XhciState   s;
  AsternTimer run;
  UsbPort     ports[XHCI_N_PORTS];
} Xhci;

enum { CMD_RUN = 1 << 0, CMD_RESET = 1 << 1, CMD_INTE = 1 << 2 };
enum { STS_HALTED = 1 << 0, STS_HOST_ERROR = 1 << 2, STS_EINT = 1 << 3, STS_PORT = 1 << 4, STS_SRE = 1 << 10, STS_HCE = 1 << 12 };
enum { IMAN_PENDING = 1, IMAN_ENABLE = 2, ERDP_BUSY = 8 };

/* xhci.c */
void       xhci_guest_error   (Xhci *xhci, const char *what);
/* The machine's memory said no: everything stops. */
void       xhci_host_error    (Xhci *xhci);
/* What was kicked is looked at as soon as this instruction is over, or @delay_ns later. */
void       xhci_run_later     (Xhci *xhci, guint64 delay_ns);
gboolean   xhci_read_words    (Xhci *xhci, guint64 address, guint32 *words, guint n);
gboolean   xhci_write_words   (Xhci *xhci, guint64 address, const guint32 *words, guint n);
/* The block at *@at, behind link blocks, if its cycle bit is *@cycle; both go on to the next one. */
gboolean   xhci_fetch         (Xhci *xhci, guint64 *at, guint8 *cycle, Trb *trb);
/* (nullable) the slot that a guest named, enabled. */
XhciSlot  *xhci_slot          (Xhci *xhci, guint number);
/* (nullable) the device that a slot stands for. */
UsbDevice *xhci_slot_device   (Xhci *xhci, const XhciSlot *slot);

/* xhci-events.c */
void       xhci_event         (Xhci *xhci, guint interrupter, guint type, guint64 parameter, guint32 status, guint32 control);
void       xhci_update_irq    (Xhci *xhci, guint interrupter, gboolean restored);
guint64    xhci_interrupter_value     (gconstpointer state, guint32 offset);
void       xhci_interrupter_did_write (AsternDevice *device, guint32 offset, guint64 value);

/* xhci-commands.c */
void       xhci_run_commands  (Xhci *xhci);

/* xhci-transfers.c: as much as can be done; FALSE: there is more to do later. */
gboolean   xhci_run_endpoint  (Xhci *xhci, guint slot_number, guint index);
/* An endpoint's state and where it is, into its context. */
void       xhci_show_endpoint (Xhci *xhci, XhciSlot *slot, guint index);
