/* vga-ports.c - the VGA's ports 0x3b0..0x3df and the picture's timing.
 * Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem" (1992);
 * R. F. Ferraro, Programmer's Guide to the EGA and VGA Cards, for the retrace. */
#include "config.h"

#include "hw/rate.h"
#include "hw/display/vga-state.h"

#define CRTC_PROTECT 0x80       /* of CRTC_V_RETRACE_END: 0..7 are read-only */

static const guint8 seq_writable[N_SEQ] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e };
static const guint8 gfx_writable[N_GFX] = { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff };

/* Bit 0: not displaying; bit 3: vertical retrace.  A function of guest time alone. */
static guint8
input_status_1 (const Vga *vga)
{
  static const guint32 dot_clocks[] = { 25175000, 28322000 };
  const VgaState *s = vga->s;
  guint dots = s->seq[SEQ_CLOCKING] & SEQ_CLOCKING_8DOTS ? 8 : 9;
  guint32 hz = dot_clocks[s->misc >> 2 & 1] >> (s->seq[SEQ_CLOCKING] & SEQ_CLOCKING_HALF ? 1 : 0);
  guint h_total = (s->crtc[CRTC_H_TOTAL] + 5u) * dots;
  guint h_display = (s->crtc[CRTC_H_DISPLAY_END] + 1u) * dots;
  guint overflow = s->crtc[CRTC_OVERFLOW];
  guint v_total = (s->crtc[CRTC_V_TOTAL] | (overflow & 0x01) << 8 | (overflow & 0x20) << 4) + 2;
  guint v_retrace = s->crtc[CRTC_V_RETRACE_START] | (overflow & 0x04) << 6 | (overflow & 0x80) << 2;
  guint v_retrace_lines = (s->crtc[CRTC_V_RETRACE_END] - v_retrace) & 0x0f;
  guint64 dot = hw_rate_ticks (astern_clock_now_ns (vga->parent.parent.clock), hz) % ((guint64) h_total * v_total);
  guint line = (guint) (dot / h_total), column = (guint) (dot % h_total);
  guint8 status = 0;

  if (line > vga_last_line (s) || column >= h_display)
    status |= 1 << 0;
  if (line >= v_retrace && line < v_retrace + MAX (v_retrace_lines, 1))
    status |= 1 << 3 | 1 << 0;
  return status;
}

static guint8
dac_read (Vga *vga, gboolean peek)
{
  VgaState *s = vga->s;
  guint8 value = s->palette[s->dac_read * 3 + s->dac_part];

  if (!peek && ++s->dac_part == 3)
    {
      s->dac_part = 0;
      s->dac_read++;
    }
  return value;
}

static void
dac_write (Vga *vga, guint8 value)
{
  VgaState *s = vga->s;

  if (!(s->dispi[DISPI_ENABLE] & DISPI_8BIT_DAC))
    value &= 0x3f;
  if (s->dac_part < 2)
    {
      s->dac_written[s->dac_part++] = value;
      return;
    }
  s->palette[s->dac_write * 3 + 0] = s->dac_written[0];
  s->palette[s->dac_write * 3 + 1] = s->dac_written[1];
  s->palette[s->dac_write * 3 + 2] = value;
  s->dac_part = 0;
  s->dac_write++;
}

static gboolean
is_crtc_port (const Vga *vga, guint port)
{
  return (port & ~0x0fu) == (vga->s->misc & MISC_COLOR ? 0x3d0 : 0x3b0);
}

guint8
vga_port_read (Vga *vga, guint port, gboolean peek)
{
  VgaState *s = vga->s;
  guint8 value;

  if (vga->hooks != NULL && vga->hooks->port_read != NULL && vga->hooks->port_read (vga, port, peek, &value))
    return value;
  switch (port)
    {
    case 0x3c0: return s->attr_index;
    case 0x3c1: return s->attr[s->attr_index & 0x1f];
    case 0x3c2: return 0;
    case 0x3c4: return s->seq_index;
    case 0x3c5: return s->seq[s->seq_index];
    case 0x3c6: return s->dac_mask;
    case 0x3c7: return s->dac_reading ? 3 : 0;
    case 0x3c8: return s->dac_write;
    case 0x3c9: return dac_read (vga, peek);
    case 0x3ca: return s->feature;
    case 0x3cc: return s->misc;
    case 0x3ce: return s->gfx_index;
    case 0x3cf: return s->gfx[s->gfx_index];
    }
  if (!is_crtc_port (vga, port))
    return 0xff;
  switch (port & 0x0f)
    {
    case 0x4: return s->crtc_index;
    case 0x5: return s->crtc[s->crtc_index];
    case 0xa:
      if (!peek)
        s->attr_is_data = 0;
      return input_status_1 (vga);
    }
  return 0xff;
}

static void
attr_write (Vga *vga, guint8 value)
{
  VgaState *s = vga->s;
  guint index = s->attr_index & 0x1f;

  if (!s->attr_is_data)
    s->attr_index = value & 0x3f;
  else if (index < ATTR_MODE)
    s->attr[index] = value & 0x3f;
  else if (index <= ATTR_COLOR_SELECT)
    s->attr[index] = value;
  s->attr_is_data = !s->attr_is_data;
}

static void
crtc_write (Vga *vga, guint8 value)
{
  VgaState *s = vga->s;
  guint index = s->crtc_index;

  if (index > CRTC_LINE_COMPARE)
    return;
  if (index <= CRTC_OVERFLOW && (s->crtc[CRTC_V_RETRACE_END] & CRTC_PROTECT))
    {
      if (index == CRTC_OVERFLOW)       /* line compare's bit is not protected */
        s->crtc[index] = (guint8) ((s->crtc[index] & ~0x10) | (value & 0x10));
      return;
    }
  s->crtc[index] = value;
}

void
vga_port_write (Vga *vga, guint port, guint8 value)
{
  VgaState *s = vga->s;

  if (vga->hooks != NULL && vga->hooks->port_write != NULL && vga->hooks->port_write (vga, port, value))
    return;
  switch (port)
    {
    case 0x3c0:
      attr_write (vga, value);
      return;
    case 0x3c2:
      s->misc = value & 0xef;
      vga_update_window (vga);
      return;
    case 0x3c4:
      s->seq_index = value & (N_SEQ - 1);
      return;
    case 0x3c5:
      s->seq[s->seq_index] = value & seq_writable[s->seq_index];
      vga_update_window (vga);
      return;
    case 0x3c6:
      s->dac_mask = value;
      return;
    case 0x3c7:
    case 0x3c8:
      s->dac_reading = port == 0x3c7;
      s->dac_part = 0;
      if (s->dac_reading)
        s->dac_read = value;
      else
        s->dac_write = value;
      return;
    case 0x3c9:
      dac_write (vga, value);
      return;
    case 0x3ce:
      s->gfx_index = value & (N_GFX - 1);
      return;
    case 0x3cf:
      s->gfx[s->gfx_index] = value & gfx_writable[s->gfx_index];
      vga_update_window (vga);
      return;
    }
  if (!is_crtc_port (vga, port))
    return;
  switch (port & 0x0f)
    {
    case 0x4:
      s->crtc_index = value & (N_CRTC - 1);
      break;
    case 0x5:
      crtc_write (vga, value);
      break;
    case 0xa:
      s->feature = value & 0x10;
      break;
    }
}
