/* port61.c - system control port B.
 * Source: Intel 82371SB (PIIX3) data sheet, section 2.5.5.1 (NMI status and control).
 * Left out: parity and I/O channel errors (there are none; their masks are kept). */
#include "config.h"

#include "hw/port61.h"

#include "hw/pit8254.h"
#include "hw/rate.h"

#define REFRESH_TICKS 18    /* of the interval timer: 15 us between memory refreshes */

enum { GATE_2 = 0x01, SPEAKER = 0x02, WRITABLE = 0x0f, REFRESH = 0x10, OUT_2 = 0x20 };

typedef struct
{
  guint8 control;
} Port61State;

typedef struct
{
  AsternDevice  parent;
  Port61State   s;
  AsternDevice *pit;     /* borrowed, (nullable) */
  AsternIrq     speaker;
} Port61;

static guint64
control_value (gconstpointer state, guint32 offset)
{
  const Port61State *s = state;
  const Port61 *port61 = (const Port61 *) ((const guint8 *) state - G_STRUCT_OFFSET (Port61, s));
  guint64 ticks = hw_rate_ticks (astern_clock_now_ns (port61->parent.clock), PIT8254_HZ);
  guint8 value = s->control;

  if (ticks / REFRESH_TICKS % 2 != 0)
    value |= REFRESH;
  if (port61->pit != NULL && pit8254_get_out (port61->pit, 2))
    value |= OUT_2;
  return value;
}

static void
drive (AsternDevice *device)
{
  Port61 *port61 = (Port61 *) device;

  if (port61->pit != NULL)
    pit8254_set_gate (port61->pit, 2, (port61->s.control & GATE_2) != 0);
  astern_irq_set (&port61->speaker, (port61->s.control & SPEAKER) != 0);
}

static void
control_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  drive (device);
}

static const AsternRegField control_bits[] = {
  { 0, 1, "timer 2 gate" }, { 1, 1, "speaker" }, { 2, 1, "parity mask" }, { 3, 1, "IOCHK mask" },
  { 4, 1, "refresh" }, { 5, 1, "timer 2 out" }, { 6, 1, "IOCHK" }, { 7, 1, "parity" }, { 0 },
};

static const AsternReg regs[] = {
  { 0, ASTERN_ANY_BANK, ASTERN_REG_RW, 1, "NMISC", G_STRUCT_OFFSET (Port61State, control), 0, WRITABLE,
    control_value, NULL, control_did_write, 1, control_bits },
};

static const AsternWindow windows[] = {
  { .name = "port", .size = 1, .regs = regs, .n_regs = G_N_ELEMENTS (regs) },
};

static const AsternField fields[] = { ASTERN_FIELD (Port61State, control, 1) };

const AsternDeviceClass port61_class = {
  .name = "port61", .summary = "speaker and NMI control", .state_version = 1,
  .instance_size = sizeof (Port61),
  .state_offset = G_STRUCT_OFFSET (Port61, s), .state_size = sizeof (Port61State),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .reset = drive, .restored = drive,
};

void
port61_connect (AsternDevice *device, AsternDevice *pit)
{
  ((Port61 *) device)->pit = pit;
  drive (device);
}

AsternIrq *
port61_speaker_wire (AsternDevice *device)
{
  return &((Port61 *) device)->speaker;
}
