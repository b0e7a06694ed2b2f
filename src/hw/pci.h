/* pci - PCI functions and the bus that finds them by number.
 *
 * A PCI function is a device whose struct begins with AsternPciFunction, whose
 * state begins with AsternPciState and whose window 0 is its configuration
 * space.  Its base address registers say where its other windows, or blocks of
 * memory, lie; the guest moves them, and may lay them over each other or over
 * anything: what the board fixes (RAM, ROM, APICs) then lies on top.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   devfn = device * 8 + function; offsets and sizes in bytes. */
#pragma once

#include "core/bus.h"
#include "core/device.h"

/* Offsets in configuration space (PCI 3.0, section 6.1). */
enum
{
  PCI_VENDOR_ID      = 0x00,
  PCI_DEVICE_ID      = 0x02,
  PCI_COMMAND        = 0x04,
  PCI_STATUS         = 0x06,
  PCI_REVISION       = 0x08,
  PCI_CLASS          = 0x09,      /* three bytes: interface, sub-class, base class */
  PCI_HEADER_TYPE    = 0x0e,
  PCI_BAR0           = 0x10,
  PCI_SUBVENDOR_ID   = 0x2c,
  PCI_SUBSYSTEM_ID   = 0x2e,
  PCI_SECONDARY_BUS  = 0x19,      /* of a bridge */
  PCI_SUBORDINATE_BUS = 0x1a,
  PCI_ROM            = 0x30,
  PCI_CAPABILITIES   = 0x34,
  PCI_INTERRUPT_LINE = 0x3c,
  PCI_INTERRUPT_PIN  = 0x3d,
};

enum
{
  PCI_COMMAND_IO     = 1 << 0,
  PCI_COMMAND_MEMORY = 1 << 1,
  PCI_COMMAND_MASTER = 1 << 2,
  PCI_COMMAND_INTX_DISABLE = 1 << 10,

  PCI_STATUS_INTERRUPT    = 1 << 3,     /* the function wants its pin asserted */
  PCI_STATUS_CAPABILITIES = 1 << 4,
};

/* Capabilities' numbers (PCI Code and ID Assignment Specification). */
enum { PCI_CAP_POWER = 0x01, PCI_CAP_MSI = 0x05, PCI_CAP_VENDOR = 0x09, PCI_CAP_EXPRESS = 0x10, PCI_CAP_MSIX = 0x11 };

#define ASTERN_PCI_CONFIG_WINDOW 0      /* of every function */
#define ASTERN_PCI_N_BARS        7      /* six, and the expansion ROM */
#define ASTERN_PCI_BAR_ROM       6

/* Ranges of BARs have shadows 1 .. ASTERN_PCI_SHADOWS - 1, so that the guest may overlap
 * them; what must stay in sight of them has ASTERN_PCI_SHADOWS or more. */
#define ASTERN_PCI_SHADOWS       0x1000

typedef enum
{
  ASTERN_PCI_BAR_NONE,
  ASTERN_PCI_BAR_PORTS,
  ASTERN_PCI_BAR_MEMORY,
  ASTERN_PCI_BAR_PREFETCH,      /* memory without read side effects */
} AsternPciBarKind;

typedef struct
{
  guint8          kind;         /* AsternPciBarKind */
  guint8          window;       /* of the device, when block is NULL */
  guint8          wide;         /* 64 bits: the next BAR is its upper half */
  guint64         size;         /* bytes, a power of two */
  AsternRamBlock *block;        /* (nullable) */
} AsternPciBar;

/* What never changes in a function's configuration space. */
typedef struct
{
  guint16 vendor, device;
  guint8  revision;
  guint32 class_code;           /* base class << 16 | sub-class << 8 | interface */
  gboolean multifunction;
  guint8  interrupt_pin;        /* 0 none, 1 INTA ... 4 INTD */
  guint16 command, status;      /* at reset */
  guint16 command_writable;
  /* (nullable) after bytes [offset, offset + size) were written, and after reset and load with 0, 256 */
  void  (*config_changed) (AsternDevice *device, guint offset, guint size);
} AsternPciInfo;

/* Embedded first in a function's state, as member `pci`. */
typedef struct
{
  guint8 config[256];
} AsternPciState;

#define ASTERN_PCI_FIELDS(Struct, since) ASTERN_FIELD_BYTES (Struct, pci.config, since)

typedef struct _AsternPciBus AsternPciBus;

/* Where a function has MSI and MSI-X; fixed after its init. */
typedef struct
{
  guint8  msi, msix;            /* offsets of the capabilities; 0: it has none */
  guint8  n_msix;
  gsize   msix_state;           /* of AsternPciMsixState in the device's state */
} AsternPciMessages;

/* A function's struct begins with this. */
typedef struct
{
  AsternDevice         parent;
  const AsternPciInfo *info;
  guint8               writable[256];           /* bits that a write changes */
  guint8               clears[256];             /* bits that writing a one clears */
  guint8               at_reset[256];           /* beyond what info says */
  guint8               last_capability;         /* its offset; 0: there is none */
  guint8               next_capability;         /* where the next one may lie */
  AsternPciMessages    messages;
  AsternPciBar         bars[ASTERN_PCI_N_BARS];
  AsternRange         *ranges[ASTERN_PCI_N_BARS];
  AsternPciBus        *bus;                     /* borrowed; NULL before attach */
  guint8               devfn;
  AsternPciBus        *behind;                  /* (nullable) a bridge's */
  const guint8        *extended;                /* (nullable) bytes 256 .. 4095 of an Express function, which never change */
} AsternPciFunction;

/* A function's interrupt pin changed: pin 0..3 is INTA..INTD. */
typedef void (*AsternPciIntxFunc) (gpointer router, guint devfn, guint pin, gboolean level);

struct _AsternPciBus
{
  AsternBus         *memory, *ports;            /* borrowed */
  AsternDevice      *functions[256];            /* by devfn; borrowed */
  AsternPciIntxFunc  set_intx;                  /* (nullable) */
  gpointer           router;
  AsternDevice      *bridge;                    /* (nullable): the root bus; who it is behind */
};

/* The window that every function has as its first. */
#define ASTERN_PCI_CONFIG                                                                 \
  { .name = "config", .size = 256, .min_size = 1, .max_size = 4,                          \
    .read = astern_pci_config_read, .write = astern_pci_config_write, .peek = astern_pci_config_read }

guint64 astern_pci_config_read  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
void    astern_pci_config_write (AsternDevice *device, guint64 offset, guint size, guint64 value,
                                 const AsternAccess *access);

/* The function of bus number @bus, as bridges are numbered now, below @root, which is bus 0; NULL: there is none. */
AsternDevice *astern_pci_find (AsternPciBus *root, guint bus, guint devfn);

/* The 4 KiB that memory-mapped configuration shows; what a function has not, reads all ones. */
guint64 astern_pci_express_read  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
guint64 astern_pci_express_peek  (AsternDevice *device, guint64 offset, guint size);
void    astern_pci_express_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access);

/* For a class's init: sets masks.  @info must be static. */
void    astern_pci_init     (AsternDevice *device, const AsternPciInfo *info);
/* For a class's reset and restored. */
void    astern_pci_reset    (AsternDevice *device);
void    astern_pci_restored (AsternDevice *device);

/* Before attach.  A window of the device, or a whole block of memory. */
void    astern_pci_set_bar  (AsternDevice *device, guint n, AsternPciBarKind kind, guint64 size_bytes,
                             guint window, AsternRamBlock *block);

/* Puts @device on @bus; its ranges follow its BARs from now on. */
void    astern_pci_attach   (AsternPciBus *bus, AsternDevice *device, guint devfn);

/* ---- capabilities, messages, DMA (pci-msi.c, pci.c) ---- */

/* For a class's init, after astern_pci_init().  Lays out a capability of @size bytes, at @offset or, with 0, behind the
 * last one, and links it; returns where it is.  Its bytes after the first two are the caller's: values at reset by
 * astern_pci_set_reset(), masks in function->writable. */
guint   astern_pci_add_capability (AsternDevice *device, guint8 id, guint offset, guint size);
/* Bytes of the configuration space at reset, beyond what AsternPciInfo says. */
void    astern_pci_set_reset      (AsternDevice *device, guint offset, guint size, guint64 value);

#define ASTERN_PCI_MSIX_VECTORS 64

/* In the state of a function with MSI-X, as member `msix`; ASTERN_PCI_MSIX_FIELDS names it. */
typedef struct
{
  guint32 table[ASTERN_PCI_MSIX_VECTORS * 4];   /* address, upper address, data, control */
  guint64 pending;
} AsternPciMsixState;

#define ASTERN_PCI_MSIX_FIELDS(Struct, since)                                             \
  ASTERN_FIELD_ARRAY (Struct, msix.table, since), ASTERN_FIELD (Struct, msix.pending, since)

/* For a class's init.  MSI: @n_vectors 1, 2, 4 .. 32; with 64-bit addresses, without mask bits. */
void    astern_pci_add_msi        (AsternDevice *device, guint offset, guint n_vectors);
/* MSI-X: table and pending bits lie in BAR @bar at these offsets, whose window's functions pass such accesses on:
 * see astern_pci_msix_read().  @state_offset: of AsternPciMsixState in the device's state. */
void    astern_pci_add_msix       (AsternDevice *device, guint offset, guint n_vectors, guint bar,
                                   guint32 table_offset, guint32 pba_offset, gsize state_offset);
/* Of the table (size n_vectors * 16) or the pending bits (8 bytes), offsets from the start of each. */
guint64 astern_pci_msix_read      (AsternDevice *device, gboolean pba, guint64 offset, guint size);
void    astern_pci_msix_write     (AsternDevice *device, guint64 offset, guint size, guint64 value);
gboolean astern_pci_msi_enabled   (AsternDevice *device);
gboolean astern_pci_msix_enabled  (AsternDevice *device);

/* For pci.c: after the configuration space was written there, and at a reset. */
void    astern_pci_messages_changed (AsternDevice *device, guint offset, guint size);
void    astern_pci_messages_reset   (AsternDevice *device);

/* Sends message @vector by MSI-X or MSI, whichever is on; FALSE: neither is, the pin is to be used. */
gboolean astern_pci_notify        (AsternDevice *device, guint vector);
/* For functions that have one source of interrupts: the pin, or, at a rising edge, message 0.  @level is the
 * function's wish, told at each change and again after a restore (@restored: no message is sent). */
void    astern_pci_interrupt      (AsternDevice *device, gboolean level);

/* The function reads and writes memory as a bus master.  FALSE, with zeros read: it is not allowed to (Bus Master Enable). */
gboolean astern_pci_dma_read      (AsternDevice *device, guint64 address, gpointer data, gsize size);
gboolean astern_pci_dma_write     (AsternDevice *device, guint64 address, gconstpointer data, gsize size);

/* Before attach: a BAR of 64 bits, in BARs @n and @n + 1; kind MEMORY or PREFETCH; @size may be beyond 4 GiB. */
void    astern_pci_set_bar64      (AsternDevice *device, guint n, AsternPciBarKind kind, guint64 size_bytes,
                                   guint window, AsternRamBlock *block);
/* Before attach: the expansion ROM, of whole 2 KiB; padded to a power of two.  The machine's memory must have room for it.
 * @ours: the user did not choose it, so it gets the function's IDs, as firmware asks for; iPXE has one for several cards. */
gboolean astern_pci_set_rom       (AsternDevice *device, GBytes *rom, gboolean ours, GError **error);
/* Before attach: another subsystem than firmware's mark. */
void    astern_pci_set_subsystem  (AsternDevice *device, guint16 vendor, guint16 id);

/* Drives one of the function's interrupt pins, 0..3; not seen while Interrupt Disable is set. */
void    astern_pci_set_intx (AsternDevice *device, guint pin, gboolean level);

/* Where BAR @n now answers, or G_MAXUINT64 when it does not. */
guint64 astern_pci_bar_address (AsternDevice *device, guint n);

static inline guint32
astern_pci_get (AsternDevice *device, guint offset, guint size)
{
  return (guint32) astern_pci_config_read (device, offset, size, NULL);
}

/* Whether it is one: its struct begins with AsternPciFunction. */
gboolean    astern_pci_is_function (const AsternDevice *device);
/* "IDE controller" of 0x0101: base class and sub-class; NULL: not in the list. */
const char *astern_pci_class_name  (guint class_code);
