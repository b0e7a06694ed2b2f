/* device - what the guest sees as one chip or card.
 *
 * A device is a C file: its state (plain data), a table of registers, reset, a
 * table of fields to save.  The register table serves the bus, the trace and
 * the window's device view; the field table serves snapshots, files and the
 * state hash.  A device never knows its address, the host or the time on the
 * wall: it sees offsets, interrupt wires, the clock and ports.
 *
 * Reading for a human never changes the guest: `value` is pure, what a guest's
 * read does besides is in `did_read`, and a peek calls `value` alone.
 *
 * Threads: the thread that runs the machine, or any thread while it is stopped.
 * Units:   offsets and sizes in bytes. */
#pragma once

#include "core/address.h"
#include "core/clock.h"
#include "core/fields.h"
#include "core/irq.h"

typedef struct _AsternDevice      AsternDevice;
typedef struct _AsternDeviceClass AsternDeviceClass;
typedef struct _AsternMachine     AsternMachine;
typedef struct _AsternReg         AsternReg;

#define ASTERN_NO_BACKING G_MAXUINT32
#define ASTERN_ANY_BANK   0xff

enum { ASTERN_REG_R = 1, ASTERN_REG_W = 2, ASTERN_REG_RW = 3 };

/* Part of a register, for people. */
typedef struct
{
  guint8      low, bits;       /* position of the lowest bit, width */
  const char *name;
} AsternRegField;

struct _AsternReg
{
  guint32     offset;          /* in its window */
  guint8      bank;            /* which of several registers at one offset; ASTERN_ANY_BANK */
  guint8      access;          /* ASTERN_REG_R, W, RW */
  guint8      width;           /* bytes: 1, 2, 4, 8 */
  const char *name;            /* the data sheet's */
  guint32     backing;         /* offset of its value in the state struct, or ASTERN_NO_BACKING */
  guint64     reset;           /* what a device reset puts into the backing */
  guint64     writable;        /* bits that a write changes in the backing */
  guint64   (*value)     (gconstpointer state, guint32 offset);   /* pure; NULL: the backing (or 0) */
  void      (*did_read)  (AsternDevice *device, guint32 offset);
  void      (*did_write) (AsternDevice *device, guint32 offset, guint64 value);  /* after the backing changed; @value as written */
  guint32     count;           /* consecutive copies at offset, offset + width, ...; 0 means 1; backing advances too */
  const AsternRegField *bits;  /* (nullable): terminated by a NULL name */
};

/* Where what is written is a knock, and nothing else: the value says nothing, or only which of several knocks it is; two of them may
 * become one, and it may come a moment later. */
typedef struct
{
  guint64  offset;
  guint8   size;               /* of the access; 0: whatever it is */
  gboolean has_value;
  guint64  value;              /* that is a knock, if only one is */
} AsternDoorbell;

/* A window is a range of addresses that a device answers in: ports or memory.
 * Most are nothing but their register table; the functions are for windows that
 * are not made of registers (video memory, PCI configuration). */
typedef struct
{
  const char      *name;
  guint64          size;             /* bytes */
  const AsternReg *regs;             /* (nullable); beside functions, for what they pass on */
  guint            n_regs;
  guint8           min_size, max_size;   /* access sizes it takes; the bus splits and widens; 0: 1 and 8 with
                                            functions, the registers' own widths without */
  guint8         (*bank)  (gconstpointer state, guint32 offset);   /* (nullable) current bank */
  guint64        (*read)  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
  void           (*write) (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access);
  guint64        (*peek)  (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access);
  /* (nullable) Its doorbell @index; FALSE: there are no more. */
  gboolean       (*doorbell) (AsternDevice *device, guint index, AsternDoorbell *doorbell);
} AsternWindow;

struct _AsternDeviceClass
{
  const char         *name;           /* "uart16550" */
  const char         *summary;        /* "16550A serial port" */
  guint               state_version;
  gsize               instance_size;  /* of the struct that begins with AsternDevice */
  gsize               state_offset, state_size;
  const AsternField  *fields;
  guint               n_fields;
  const AsternWindow *windows;        /* numbered by position */
  guint               n_windows;
  void (*init)     (AsternDevice *device);   /* once, state zeroed; add timers here */
  void (*reset)    (AsternDevice *device);   /* after backings took their reset values (state is NOT zeroed) */
  void (*restored) (AsternDevice *device);   /* after state was loaded: drive wires again */
  void (*finalize) (AsternDevice *device);
};

struct _AsternDevice
{
  const AsternDeviceClass *klass;
  char                    *name;      /* unique in its machine: "serial0" */
  AsternMachine           *machine;   /* (nullable) in unit tests */
  AsternClock             *clock;     /* borrowed */
  gpointer                 made;      /* (nullable) its state when it was made, of one that came after power-on */
  guint64                  accesses;  /* by the guest so far, going back counts too: for activity.h, no state */
};

/* Every device class of the program, for tests and lists. NULL-terminated; defined by hw. */
extern const AsternDeviceClass *const astern_device_classes[];

/* @machine may be NULL in tests, @clock may not.  The device is reset before it is returned. */
AsternDevice *astern_device_new      (const AsternDeviceClass *klass, const char *name,
                                      AsternMachine *machine, AsternClock *clock);
void          astern_device_free     (AsternDevice *device);
void          astern_device_reset    (AsternDevice *device);

static inline gpointer
astern_device_state (AsternDevice *device)
{
  return (guint8 *) device + device->klass->state_offset;
}

/* @device, just made and configured, is one that was not there at power-on: at moments before it came its state is as
 * now, and a device in that state counts for nothing in the machine's hash. */
void          astern_device_comes_later (AsternDevice *device);
/* It came later, and its state is as it was then. */
gboolean      astern_device_is_unborn   (AsternDevice *device);

/* After the state was changed as a whole: timers are looked up and wires driven again. */
void          astern_device_restored (AsternDevice *device);

/* Accesses to window @window, of 1, 2, 4 or 8 bytes.  @access may be NULL: CPU 0.
 * The debugger's reads peek, its writes are dropped.
 *
 * Registers: one of the same offset and size is taken; else one that contains
 * the access (a read shifts its value; a write keeps the writable bits of the
 * other bytes and gives did_write the whole, the rest of it zero); else the access
 * is taken apart.  What no register has reads all ones, is dropped when written,
 * and is logged as a guest error.
 * Functions: they see sizes from min_size to max_size at multiples of the size. */
guint64       astern_device_read     (AsternDevice *device, guint window, guint64 offset, guint size,
                                      const AsternAccess *access);
void          astern_device_write    (AsternDevice *device, guint window, guint64 offset, guint size,
                                      guint64 value, const AsternAccess *access);
guint64       astern_device_peek     (AsternDevice *device, guint window, guint64 offset, guint size);

/* For a window's functions: what its own table of registers says, for accesses that they pass on. */
guint64       astern_device_table_read  (AsternDevice *device, guint window, guint64 offset, guint size, gboolean peek);
void          astern_device_table_write (AsternDevice *device, guint window, guint64 offset, guint size, guint64 value);

/* What a register of one of the device's windows holds, whatever bank is chosen now: for people.  @copy: 0 .. count - 1. */
guint64       astern_device_register (AsternDevice *device, const AsternReg *reg, guint copy);

/* Short forms for tests, by the CPU 0, window 0. */
guint8        astern_device_read8    (AsternDevice *device, guint64 offset);
void          astern_device_write8   (AsternDevice *device, guint64 offset, guint8 value);
guint8        astern_device_peek8    (AsternDevice *device, guint64 offset);

/* Saved states hold their version beside the fields. */
GVariant     *astern_device_save     (AsternDevice *device);
gboolean      astern_device_load     (AsternDevice *device, GVariant *saved, GError **error);
guint64       astern_device_hash     (AsternDevice *device, guint64 hash);
