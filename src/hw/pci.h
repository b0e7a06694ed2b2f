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
  PCI_ROM            = 0x30,
  PCI_INTERRUPT_LINE = 0x3c,
  PCI_INTERRUPT_PIN  = 0x3d,
};

enum
{
  PCI_COMMAND_IO     = 1 << 0,
  PCI_COMMAND_MEMORY = 1 << 1,
  PCI_COMMAND_MASTER = 1 << 2,
};

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
  guint32         size;         /* bytes, a power of two */
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

/* A function's struct begins with this. */
typedef struct
{
  AsternDevice         parent;
  const AsternPciInfo *info;
  guint8               writable[256];           /* bits that a write changes */
  guint8               clears[256];             /* bits that writing a one clears */
  AsternPciBar         bars[ASTERN_PCI_N_BARS];
  AsternRange         *ranges[ASTERN_PCI_N_BARS];
  AsternPciBus        *bus;                     /* borrowed; NULL before attach */
  guint8               devfn;
} AsternPciFunction;

/* A function's interrupt pin changed: pin 0..3 is INTA..INTD. */
typedef void (*AsternPciIntxFunc) (gpointer router, guint devfn, guint pin, gboolean level);

struct _AsternPciBus
{
  AsternBus         *memory, *ports;            /* borrowed */
  AsternDevice      *functions[256];            /* by devfn; borrowed */
  AsternPciIntxFunc  set_intx;                  /* (nullable) */
  gpointer           router;
};

/* The window that every function has as its first. */
#define ASTERN_PCI_CONFIG                                                                 \
  { .name = "config", .size = 256, .min_size = 1, .max_size = 4,                          \
    .read = astern_pci_config_read, .write = astern_pci_config_write, .peek = astern_pci_config_read }

guint64 astern_pci_config_read  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
void    astern_pci_config_write (AsternDevice *device, guint64 offset, guint size, guint64 value,
                                 const AsternAccess *access);

/* For a class's init: sets masks.  @info must be static. */
void    astern_pci_init     (AsternDevice *device, const AsternPciInfo *info);
/* For a class's reset and restored. */
void    astern_pci_reset    (AsternDevice *device);
void    astern_pci_restored (AsternDevice *device);

/* Before attach.  A window of the device, or a whole block of memory. */
void    astern_pci_set_bar  (AsternDevice *device, guint n, AsternPciBarKind kind, guint32 size_bytes,
                             guint window, AsternRamBlock *block);

/* Puts @device on @bus; its ranges follow its BARs from now on. */
void    astern_pci_attach   (AsternPciBus *bus, AsternDevice *device, guint devfn);

/* Drives one of the function's interrupt pins, 0..3. */
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
