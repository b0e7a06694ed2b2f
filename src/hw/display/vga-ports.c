/* vga-ports.c - the VGA's ports 0x3b0..0x3df, a row for each register, and the picture's timing.
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem" (1992);
 * R. F. Ferraro, Programmer's Guide to the EGA and VGA Cards, for the retrace.
 *
 * Behind a port of data are many registers: the bank is the number in the port's index.  What a number has no register
 * for reads 0. */
#include "config.h"

#include "hw/rate.h"
#include "hw/display/vga-state.h"

#define CRTC_PROTECT 0x80       /* of CRTC_V_RETRACE_END: 0..7 are read-only */

/* Bit 0: not displaying; bit 3: vertical retrace.  A function of guest time alone. */
static guint8
input_status_1 (const VgaState *s, AsternClock *clock)
{
  static const guint32 dot_clocks[] = { 25175000, 28322000 };
  guint dots = s->seq[SEQ_CLOCKING] & SEQ_CLOCKING_8DOTS ? 8 : 9;
  guint32 hz = dot_clocks[s->misc >> 2 & 1] >> (s->seq[SEQ_CLOCKING] & SEQ_CLOCKING_HALF ? 1 : 0);
  guint h_total = (s->crtc[CRTC_H_TOTAL] + 5u) * dots;
  guint h_display = (s->crtc[CRTC_H_DISPLAY_END] + 1u) * dots;
  guint overflow = s->crtc[CRTC_OVERFLOW];
  guint v_total = (s->crtc[CRTC_V_TOTAL] | (overflow & 0x01) << 8 | (overflow & 0x20) << 4) + 2;
  guint v_retrace = s->crtc[CRTC_V_RETRACE_START] | (overflow & 0x04) << 6 | (overflow & 0x80) << 2;
  guint v_retrace_lines = (s->crtc[CRTC_V_RETRACE_END] - v_retrace) & 0x0f;
  guint64 dot = hw_rate_ticks (astern_clock_now_ns (clock), hz) % ((guint64) h_total * v_total);
  guint line = (guint) (dot / h_total), column = (guint) (dot % h_total);
  guint8 status = 0;

  if (line > vga_last_line (s) || column >= h_display)
    status |= 1 << 0;
  if (line >= v_retrace && line < v_retrace + MAX (v_retrace_lines, 1))
    status |= 1 << 3 | 1 << 0;
  return status;
}

/* ---- the DAC ---- */

static guint64
dac_state_value (gconstpointer state, guint32 offset)
{
  return ((const VgaState *) state)->dac_reading ? 3 : 0;
}

static guint64
dac_data_value (gconstpointer state, guint32 offset)
{
  const VgaState *s = state;

  return s->palette[s->dac_read * 3 + s->dac_part];
}

static void
dac_data_did_read (AsternDevice *device, guint32 offset)
{
  VgaState *s = astern_device_state (device);

  if (++s->dac_part == 3)
    {
      s->dac_part = 0;
      s->dac_read++;
    }
}

static void
dac_data_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VgaState *s = astern_device_state (device);

  if (!(s->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC))
    value &= 0x3f;
  if (s->dac_part < 2)
    {
      s->dac_written[s->dac_part++] = (guint8) value;
      return;
    }
  s->palette[s->dac_write * 3 + 0] = s->dac_written[0];
  s->palette[s->dac_write * 3 + 1] = s->dac_written[1];
  s->palette[s->dac_write * 3 + 2] = (guint8) value;
  s->dac_part = 0;
  s->dac_write++;
}

static void
dac_read_index_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VgaState *s = astern_device_state (device);

  s->dac_reading = 1;
  s->dac_part = 0;
}

static void
dac_write_index_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VgaState *s = astern_device_state (device);

  s->dac_reading = 0;
  s->dac_part = 0;
}

/* ---- effects of the others ---- */

static void
window_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  vga_update_window ((Vga *) device);
}

static void
attr_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VgaState *s = astern_device_state (device);

  s->attr_is_data = !s->attr_is_data;
}

/* The registers of the horizontal timing, and the overflows, but for line compare's. */
static void
protected_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  VgaState *s = astern_device_state (device);
  guint index = s->crtc_index & 7;

  if (!(s->crtc[CRTC_V_RETRACE_END] & CRTC_PROTECT))
    s->crtc[index] = (guint8) value;
  else if (index == CRTC_OVERFLOW)
    s->crtc[index] = (guint8) ((s->crtc[index] & ~0x10) | (value & 0x10));
}

static guint64
status_1_value (gconstpointer state, guint32 offset)
{
  const VgaCard *card = (const VgaCard *) ((const guint8 *) state - G_STRUCT_OFFSET (VgaCard, s));

  return input_status_1 (state, card->vga.parent.parent.clock);
}

static void
status_1_did_read (AsternDevice *device, guint32 offset)
{
  VgaState *s = astern_device_state (device);

  s->attr_is_data = 0;
}

/* ---- the table ---- */

#define P(port) ((port) - VGA_PORTS_FIRST)
#define DATA    0x20            /* the attribute controller's port takes data for a register, whose number is added */
enum { HERE = 0xfb, RESERVED, ABSENT };

/* Of a number in an index whose registers are those below @n. */
static guint8
numbered (guint index, guint n)
{
  return (guint8) (index < n ? index : RESERVED);
}

/* The CRT controller and what is with it answer at 3bx or 3dx. */
static guint8
crtc_bank (const VgaState *s, guint32 offset)
{
  if ((offset >= P (0x3d0)) != ((s->misc & MISC_COLOR) != 0))
    return ABSENT;
  return (offset & 0x0f) == 5 ? numbered (s->crtc_index, CRTC_LINE_COMPARE + 1) : HERE;
}

guint8
vga_ports_bank (gconstpointer state, guint32 offset)
{
  const VgaState *s = state;
  guint8 attr = numbered (s->attr_index & 0x1f, ATTR_COLOR_SELECT + 1);

  switch (offset)
    {
    case P (0x3c0): return !s->attr_is_data ? HERE : attr == RESERVED ? RESERVED : (guint8) (DATA + attr);
    case P (0x3c1): return attr;
    case P (0x3c5): return numbered (s->seq_index, SEQ_MEMORY + 1);
    case P (0x3cf): return numbered (s->gfx_index, GFX_BIT_MASK + 1);
    }
  return crtc_bank (s, offset);
}

#define AT(member)  G_STRUCT_OFFSET (VgaState, member)
#define NONE        ASTERN_NO_BACKING
#define ANY         ASTERN_ANY_BANK
#define R           ASTERN_REG_R
#define W           ASTERN_REG_W
#define RW          ASTERN_REG_RW

#define SEQ(n, label, mask)  { P (0x3c5), n, RW, 1, label, AT (seq) + n, 0, mask, NULL, NULL, window_did_write, 1, NULL }
#define GFX(n, label, mask)  { P (0x3cf), n, RW, 1, label, AT (gfx) + n, 0, mask, NULL, NULL, window_did_write, 1, NULL }
#define ATTR(n, label, mask) { P (0x3c1), n, R, 1, label, AT (attr) + n, 0, 0, NULL, NULL, NULL, 1, NULL },            \
                             { P (0x3c0), DATA + n, W, 1, label, AT (attr) + n, 0, mask, NULL, NULL, attr_did_write, 1, NULL }
#define PEN(n)               ATTR (n, "palette " #n, 0x3f)
#define EARLY(at, n, label)  { at, n, RW, 1, label, AT (crtc) + n, 0, 0, NULL, NULL, protected_did_write, 1, NULL }
#define LATE(at, n, label)   { at, n, RW, 1, label, AT (crtc) + n, 0, 0xff, NULL, NULL, NULL, 1, NULL }
#define NOTHING(at, how)     { at, RESERVED, how, 1, "reserved", NONE, 0, 0, NULL, NULL, NULL, 1, NULL }

/* The status, the CRT controller and the feature control, in color and in monochrome at other places. */
#define CRTC(base)                                                                                                             \
  { base + 10, HERE, R,  1, "input status 1",  NONE,            0, 0,    status_1_value, status_1_did_read, NULL, 1, NULL },  \
  { base + 10, HERE, W,  1, "feature control", AT (feature),    0, 0x10, NULL, NULL, NULL, 1, NULL },                         \
  { base + 4,  HERE, RW, 1, "CRTC index",      AT (crtc_index), 0, 0x1f, NULL, NULL, NULL, 1, NULL },                         \
  EARLY (base + 5, 0x00, "horizontal total"), EARLY (base + 5, 0x01, "horizontal display end"),                                \
  EARLY (base + 5, 0x02, "start horizontal blanking"), EARLY (base + 5, 0x03, "end horizontal blanking"),                      \
  EARLY (base + 5, 0x04, "start horizontal retrace"), EARLY (base + 5, 0x05, "end horizontal retrace"),                        \
  EARLY (base + 5, 0x06, "vertical total"), EARLY (base + 5, 0x07, "overflow"),                                                \
  LATE (base + 5, 0x08, "preset row scan"), LATE (base + 5, 0x09, "maximum scan line"),                                        \
  LATE (base + 5, 0x0a, "cursor start"), LATE (base + 5, 0x0b, "cursor end"),                                                  \
  LATE (base + 5, 0x0c, "start address high"), LATE (base + 5, 0x0d, "start address low"),                                     \
  LATE (base + 5, 0x0e, "cursor location high"), LATE (base + 5, 0x0f, "cursor location low"),                                 \
  LATE (base + 5, 0x10, "vertical retrace start"), LATE (base + 5, 0x11, "vertical retrace end"),                              \
  LATE (base + 5, 0x12, "vertical display end"), LATE (base + 5, 0x13, "offset"),                                              \
  LATE (base + 5, 0x14, "underline location"), LATE (base + 5, 0x15, "start vertical blanking"),                               \
  LATE (base + 5, 0x16, "end vertical blanking"), LATE (base + 5, 0x17, "mode control"),                                       \
  LATE (base + 5, 0x18, "line compare"), NOTHING (base + 5, RW)

const AsternReg vga_ports_regs[VGA_N_PORTS_REGS] = {
  CRTC (P (0x3d0)),
  /* port       bank acc w  name                backing         reset writable value             did_read           did_write */
  { P (0x3c9), ANY,  RW, 1, "DAC data",         NONE,            0,    0xff, dac_data_value,  dac_data_did_read, dac_data_did_write,        1, NULL },
  { P (0x3c8), ANY,  RW, 1, "DAC write index",  AT (dac_write),  0,    0xff, NULL,            NULL,              dac_write_index_did_write, 1, NULL },
  { P (0x3c7), ANY,  R,  1, "DAC state",        NONE,            0,    0,    dac_state_value, NULL,              NULL,                      1, NULL },
  { P (0x3c7), ANY,  W,  1, "DAC read index",   AT (dac_read),   0,    0xff, NULL,            NULL,              dac_read_index_did_write,  1, NULL },
  { P (0x3c6), ANY,  RW, 1, "DAC mask",         AT (dac_mask),   0xff, 0xff, NULL,            NULL,              NULL,                      1, NULL },
  { P (0x3c4), ANY,  RW, 1, "sequencer index",  AT (seq_index),  0,    0x07, NULL,            NULL,              NULL,                      1, NULL },
  { P (0x3ce), ANY,  RW, 1, "graphics index",   AT (gfx_index),  0,    0x0f, NULL,            NULL,              NULL,                      1, NULL },
  { P (0x3c0), ANY,  R,  1, "attribute index",  AT (attr_index), 0,    0,    NULL,            NULL,              NULL,                      1, NULL },
  { P (0x3c0), HERE, W,  1, "attribute index",  AT (attr_index), 0,    0x3f, NULL,            NULL,              attr_did_write,            1, NULL },
  { P (0x3c2), ANY,  R,  1, "input status 0",   NONE,            0,    0,    NULL,            NULL,              NULL,                      1, NULL },
  { P (0x3c2), ANY,  W,  1, "miscellaneous",    AT (misc),       0,    0xef, NULL,            NULL,              window_did_write,          1, NULL },
  { P (0x3cc), ANY,  R,  1, "miscellaneous",    AT (misc),       0,    0,    NULL,            NULL,              NULL,                      1, NULL },
  { P (0x3ca), ANY,  R,  1, "feature control",  AT (feature),    0,    0,    NULL,            NULL,              NULL,                      1, NULL },
  SEQ (0, "reset", 0x03), SEQ (1, "clocking mode", 0x3d), SEQ (2, "map mask", 0x0f), SEQ (3, "character map select", 0x3f),
  SEQ (4, "memory mode", 0x0e), NOTHING (P (0x3c5), RW),
  GFX (0, "set/reset", 0x0f), GFX (1, "enable set/reset", 0x0f), GFX (2, "color compare", 0x0f), GFX (3, "data rotate", 0x1f),
  GFX (4, "read map select", 0x03), GFX (5, "graphics mode", 0x7b), GFX (6, "miscellaneous graphics", 0x0f),
  GFX (7, "color don't care", 0x0f), GFX (8, "bit mask", 0xff), NOTHING (P (0x3cf), RW),
  PEN (0), PEN (1), PEN (2), PEN (3), PEN (4), PEN (5), PEN (6), PEN (7), PEN (8), PEN (9), PEN (10), PEN (11), PEN (12),
  PEN (13), PEN (14), PEN (15), ATTR (0x10, "attribute mode", 0xff), ATTR (0x11, "overscan color", 0xff),
  ATTR (0x12, "color plane enable", 0xff), ATTR (0x13, "pixel panning", 0xff), ATTR (0x14, "color select", 0xff),
  NOTHING (P (0x3c1), R),
  { P (0x3c0), RESERVED, W, 1, "reserved",      NONE,            0,    0,    NULL,            NULL,              attr_did_write,            1, NULL },
  CRTC (P (0x3b0)),
};

/* ---- the window ---- */

guint8
vga_port_read (Vga *vga, guint port, gboolean peek)
{
  AsternDevice *device = &vga->parent.parent;
  guint8 value;

  if (vga->hooks != NULL && vga->hooks->port_read != NULL && vga->hooks->port_read (vga, port, peek, &value))
    return value;
  return (guint8) astern_device_table_read (device, VGA_PORTS_WINDOW, P (port), 1, peek);
}

void
vga_port_write (Vga *vga, guint port, guint8 value)
{
  if (vga->hooks != NULL && vga->hooks->port_write != NULL && vga->hooks->port_write (vga, port, value))
    return;
  astern_device_table_write (&vga->parent.parent, VGA_PORTS_WINDOW, P (port), 1, value);
}

guint64
vga_ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return vga_port_read ((Vga *) device, VGA_PORTS_FIRST + (guint) offset, FALSE);
}

guint64
vga_ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  return vga_port_read ((Vga *) device, VGA_PORTS_FIRST + (guint) offset, TRUE);
}

void
vga_ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  vga_port_write ((Vga *) device, VGA_PORTS_FIRST + (guint) offset, (guint8) value);
}
