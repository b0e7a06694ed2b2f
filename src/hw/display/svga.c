/* svga.c - VMware SVGA II: registers, the mode, the cursor, the device.
 * Source: VMware SVGA Device Developer Kit, svga_reg.h and "SVGA device interface"; what Linux's vmwgfx and X's vmware
 * drivers ask for.
 * Left out: 3D and guest-backed objects; the several screens of before screen objects.  Traces need nothing: the frame buffer
 * is always shown as it is. */
#include "config.h"

#include "core/machine.h"
#include "hw/display/svga-state.h"

#include <string.h>

#define BAR_PORTS 0
#define BAR_VRAM  1
#define BAR_FIFO  2

#define ID_0 0x90000000u
#define ID_2 0x90000002u

/* Registers by number. */
enum
{
  REG_ID, REG_ENABLE, REG_WIDTH, REG_HEIGHT, REG_MAX_WIDTH, REG_MAX_HEIGHT, REG_DEPTH, REG_BITS_PER_PIXEL, REG_PSEUDOCOLOR,
  REG_RED_MASK, REG_GREEN_MASK, REG_BLUE_MASK, REG_BYTES_PER_LINE, REG_FB_START, REG_FB_OFFSET, REG_VRAM_SIZE, REG_FB_SIZE,
  REG_CAPABILITIES, REG_MEM_START, REG_MEM_SIZE, REG_CONFIG_DONE, REG_SYNC, REG_BUSY, REG_GUEST_ID, REG_CURSOR_ID,
  REG_CURSOR_X, REG_CURSOR_Y, REG_CURSOR_ON, REG_HOST_BITS_PER_PIXEL, REG_SCRATCH_SIZE, REG_MEM_REGS, REG_NUM_DISPLAYS,
  REG_PITCHLOCK, REG_IRQMASK, REG_NUM_GUEST_DISPLAYS, REG_DISPLAY_ID, REG_DISPLAY_IS_PRIMARY, REG_DISPLAY_X, REG_DISPLAY_Y,
  REG_DISPLAY_WIDTH, REG_DISPLAY_HEIGHT, REG_GMR_ID, REG_GMR_DESCRIPTOR, REG_GMR_MAX_IDS, REG_GMR_MAX_DESCRIPTOR_LENGTH,
  REG_TRACES, REG_GMRS_MAX_PAGES, REG_MEMORY_SIZE,
  REG_PALETTE = 1024, REG_SCRATCH = 1024 + 768,
};
enum
{
  CAP_RECT_FILL = 1 << 0, CAP_RECT_COPY = 1 << 1, CAP_CURSOR = 1 << 5, CAP_CURSOR_BYPASS = 1 << 6, CAP_CURSOR_BYPASS_2 = 1 << 7,
  CAP_8BIT_EMULATION = 1 << 8, CAP_ALPHA_CURSOR = 1 << 9, CAP_EXTENDED_FIFO = 1 << 15, CAP_PITCHLOCK = 1 << 17,
  CAP_IRQMASK = 1 << 18, CAP_GMR = 1 << 20, CAP_TRACES = 1 << 21, CAP_GMR2 = 1 << 22, CAP_SCREEN_OBJECT_2 = 1 << 23,
};
#define CAPABILITIES (CAP_RECT_FILL | CAP_RECT_COPY | CAP_CURSOR | CAP_CURSOR_BYPASS | CAP_CURSOR_BYPASS_2 | CAP_8BIT_EMULATION \
                      | CAP_ALPHA_CURSOR | CAP_EXTENDED_FIFO | CAP_PITCHLOCK | CAP_IRQMASK | CAP_GMR | CAP_TRACES | CAP_GMR2 \
                      | CAP_SCREEN_OBJECT_2)
enum { FIFO_CAP_FENCE = 1 << 0, FIFO_CAP_PITCHLOCK = 1 << 2, FIFO_CAP_CURSOR_BYPASS_3 = 1 << 4, FIFO_CAP_ESCAPE = 1 << 5,
       FIFO_CAP_RESERVE = 1 << 6, FIFO_CAP_GMR2 = 1 << 8, FIFO_CAP_SCREEN_OBJECT_2 = 1 << 9 };
#define FIFO_CAPS (FIFO_CAP_FENCE | FIFO_CAP_PITCHLOCK | FIFO_CAP_CURSOR_BYPASS_3 | FIFO_CAP_ESCAPE | FIFO_CAP_RESERVE \
                   | FIFO_CAP_GMR2 | FIFO_CAP_SCREEN_OBJECT_2)

enum { ENABLE_ON = 1 << 0 };
enum { CURSOR_HIDE, CURSOR_SHOW, CURSOR_REMOVE, CURSOR_RESTORE };

/* ---- the mode ---- */

static guint
depth (const SvgaState *s)
{
  return s->bits == 32 ? 24 : s->bits;
}

guint32
svga_pitch (const Svga *svga)
{
  const SvgaState *s = &svga->s;
  guint32 locked = s->pitchlock;

  if (locked == 0 && svga->fifo != NULL && s->config_done && svga_fifo_get (svga, FIFO_MIN) > FIFO_PITCHLOCK * 4)
    locked = svga_fifo_get (svga, FIFO_PITCHLOCK);
  return locked != 0 && locked <= 1u << 16 ? locked : s->width * ((s->bits + 7) / 8);
}

static void
screen_linear (const SvgaScreen *screen, AsternLinear *l)
{
  l->width = screen->width;
  l->height = screen->height;
  l->bits = 32;
  l->pitch = screen->pitch;
  l->start = screen->offset;
}

/* Before the guest has chosen one there is the VGA's. */
static gboolean
linear (const Vga *vga, AsternLinear *l, const AsternRamBlock **block)
{
  const Svga *svga = (const Svga *) vga;
  const SvgaState *s = &svga->s;

  if (!(s->enable & ENABLE_ON) || (!s->screens[0].on && (!s->config_done || s->width == 0 || s->height == 0)))
    return FALSE;
  if (s->screens[0].on)
    {
      screen_linear (&s->screens[0], l);
      return TRUE;
    }
  l->width = s->width;
  l->height = s->height;
  l->bits = s->bits;
  l->pitch = svga_pitch (svga);
  if (l->bits == 8)
    for (guint i = 0; i < 256; i++)
      l->colors[i] = (s->colors[3 * i] & 0xff) << 16 | (s->colors[3 * i + 1] & 0xff) << 8 | (s->colors[3 * i + 2] & 0xff);
  return TRUE;
}

static guint
count_screens (AsternDevice *device)
{
  const SvgaState *s = &((const Svga *) device)->s;
  guint n = 1;

  for (guint i = 1; i < SVGA_N_SCREENS; i++)
    if (s->screens[i].on && (s->enable & ENABLE_ON))
      n = i + 1;
  return n;
}

/* Of those but the first; FALSE: it is off. */
static gboolean
other_screen (const Svga *svga, guint head, AsternLinear *l)
{
  memset (l, 0, sizeof *l);
  if (head >= SVGA_N_SCREENS || !svga->s.screens[head].on || svga->vga.vram == NULL)
    return FALSE;
  screen_linear (&svga->s.screens[head], l);
  return TRUE;
}

static void
draw (AsternDevice *device, guint head, AsternPicture *picture)
{
  const Svga *svga = (const Svga *) device;
  AsternLinear l;

  if (head == 0)
    vga_draw (device, 0, picture);
  else if (other_screen (svga, head, &l))
    astern_linear_draw (&l, vga_vram (&svga->vga), svga->vga.vram->size, picture);
  else
    astern_picture_resize (picture, 0, 0);
}

static void
update (AsternDevice *device, guint head, AsternScreen *screen)
{
  const Svga *svga = (const Svga *) device;
  AsternLinear l;

  if (head == 0)
    vga_update (device, 0, screen);
  else if (other_screen (svga, head, &l))
    astern_linear_update (&l, vga_vram (&svga->vga), svga->vga.vram->size, screen);
  else
    astern_screen_clear (screen);
}

/* ---- the cursor ---- */

/* From the place among all screens, or on the one that is named, to that on @head; FALSE: it is on another one. */
static gboolean
place_on_screen (const Svga *svga, guint head, gboolean in_fifo, gint *x, gint *y)
{
  const SvgaScreen *screen = &svga->s.screens[head];
  guint32 named = in_fifo && svga_fifo_get (svga, FIFO_MIN) > FIFO_CURSOR_SCREEN * 4 ? svga_fifo_get (svga, FIFO_CURSOR_SCREEN) : G_MAXUINT32;

  if (!screen->on)
    return head == 0;
  if (named != G_MAXUINT32)
    return named == head;
  *x = (gint) ((guint) *x - (guint) screen->x);
  *y = (gint) ((guint) *y - (guint) screen->y);
  return TRUE;
}

/* Where it is: in the FIFO, where the guest has room for that there and has used it, else in the registers. */
static gboolean
cursor_place (const Svga *svga, guint head, gint *x, gint *y)
{
  const SvgaState *s = &svga->s;
  gboolean in_fifo = s->config_done && svga_fifo_get (svga, FIFO_MIN) > FIFO_CURSOR_COUNT * 4
                     && svga_fifo_get (svga, FIFO_CURSOR_COUNT) != 0;
  guint32 on = in_fifo ? svga_fifo_get (svga, FIFO_CURSOR_ON) : s->cursor_on;

  *x = (gint) (in_fifo ? svga_fifo_get (svga, FIFO_CURSOR_X) : s->cursor_x);
  *y = (gint) (in_fifo ? svga_fifo_get (svga, FIFO_CURSOR_Y) : s->cursor_y);
  return (on == CURSOR_SHOW || on == CURSOR_RESTORE) && place_on_screen (svga, head, in_fifo, x, y);
}

static gboolean
get_cursor (AsternDevice *device, guint head, AsternCursor *cursor)
{
  const Svga *svga = (const Svga *) device;
  const SvgaState *s = &svga->s;
  const guint8 *pixels;

  if (!(s->enable & ENABLE_ON) || svga->private == NULL || s->cursor_width == 0 || head >= SVGA_N_SCREENS ||
      !cursor_place (svga, head, &cursor->x, &cursor->y))
    return FALSE;
  astern_cursor_resize (cursor, s->cursor_width, s->cursor_height);
  pixels = astern_memory_host (svga->vga.memory, svga->private->start);
  for (guint y = 0; y < cursor->height; y++)
    for (guint x = 0; x < cursor->width; x++)
      {
        guint32 pixel;

        memcpy (&pixel, pixels + (y * SVGA_CURSOR_MAX + x) * 4, 4);
        cursor->pixels[y * cursor->width + x] = GUINT32_FROM_LE (pixel);
      }
  cursor->hot_x = s->cursor_hot_x;
  cursor->hot_y = s->cursor_hot_y;
  return TRUE;
}

/* ---- registers ---- */

void
svga_update_irq (Svga *svga)
{
  astern_pci_interrupt (&svga->vga.parent.parent, (svga->s.irq_status & svga->s.irq_mask) != 0);
}

static guint32
channel_mask (const SvgaState *s, guint channel)
{
  static const guint32 masks[3][3] = {
    { 0xff0000, 0x00ff00, 0x0000ff }, { 0xf800, 0x07e0, 0x001f }, { 0x7c00, 0x03e0, 0x001f },
  };

  if (s->bits == 8)
    return 0;
  return masks[s->bits >= 24 ? 0 : s->bits == 16 ? 1 : 2][channel];
}

static guint32
get_register (const SvgaState *s, const Svga *svga)
{
  const AsternDevice *device = &svga->vga.parent.parent;

  switch (s->index)
    {
    case REG_ID:                  return s->id;
    case REG_ENABLE:              return s->enable;
    case REG_WIDTH:               return s->width;
    case REG_HEIGHT:              return s->height;
    case REG_MAX_WIDTH:           return SVGA_MAX_WIDTH;
    case REG_MAX_HEIGHT:          return SVGA_MAX_HEIGHT;
    case REG_DEPTH:               return depth (s);
    case REG_BITS_PER_PIXEL:      return s->bits;
    case REG_PSEUDOCOLOR:         return s->bits == 8;
    case REG_RED_MASK: case REG_GREEN_MASK: case REG_BLUE_MASK:
      return channel_mask (s, s->index - REG_RED_MASK);
    case REG_BYTES_PER_LINE:      return svga_pitch (svga);
    case REG_FB_START:            return astern_pci_get ((AsternDevice *) device, PCI_BAR0 + 4 * BAR_VRAM, 4) & ~15u;
    case REG_FB_OFFSET:           return 0;
    case REG_VRAM_SIZE: case REG_FB_SIZE: return svga_vram_size (svga);
    case REG_CAPABILITIES:        return CAPABILITIES;
    case REG_MEM_START:           return astern_pci_get ((AsternDevice *) device, PCI_BAR0 + 4 * BAR_FIFO, 4) & ~15u;
    case REG_MEM_SIZE:            return SVGA_FIFO_SIZE;
    case REG_CONFIG_DONE:         return s->config_done;
    case REG_SYNC:                return 0;
    case REG_BUSY:                return s->continue_ns != ASTERN_CLOCK_NEVER;
    case REG_GUEST_ID:            return s->guest_id;
    case REG_CURSOR_ID:           return s->cursor_id;
    case REG_CURSOR_X:            return s->cursor_x;
    case REG_CURSOR_Y:            return s->cursor_y;
    case REG_CURSOR_ON:           return s->cursor_on;
    case REG_HOST_BITS_PER_PIXEL: return 32;
    case REG_SCRATCH_SIZE:        return SVGA_N_SCRATCH;
    case REG_MEM_REGS:            return FIFO_N_REGS;
    case REG_NUM_DISPLAYS:        return 1;
    case REG_PITCHLOCK:           return s->pitchlock;
    case REG_IRQMASK:             return s->irq_mask;
    case REG_NUM_GUEST_DISPLAYS:  return s->n_guest_displays;
    case REG_DISPLAY_ID:          return s->display_id;
    case REG_DISPLAY_IS_PRIMARY:  return s->display_id == 0;
    case REG_DISPLAY_WIDTH:       return s->display_id == 0 ? s->width : 0;
    case REG_DISPLAY_HEIGHT:      return s->display_id == 0 ? s->height : 0;
    case REG_GMR_ID:              return s->gmr_id;
    case REG_GMR_MAX_IDS:         return SVGA_N_GMRS;
    case REG_GMR_MAX_DESCRIPTOR_LENGTH: return 4096;
    case REG_TRACES:              return s->traces;
    case REG_GMRS_MAX_PAGES:      return SVGA_GMR_PAGES;
    case REG_MEMORY_SIZE:         return svga_vram_size (svga) + SVGA_GMR_PAGES * 4096u;
    }
  if (s->index >= REG_PALETTE && s->index < REG_PALETTE + 768)
    return s->colors[s->index - REG_PALETTE];
  if (s->index >= REG_SCRATCH && s->index < REG_SCRATCH + SVGA_N_SCRATCH)
    return s->scratch[s->index - REG_SCRATCH];
  return 0;
}

static void
set_enable (Svga *svga, guint32 value)
{
  SvgaState *s = &svga->s;

  s->enable = value & 3;
  if (!(value & ENABLE_ON))
    {
      memset (s->screens, 0, sizeof s->screens);
      s->config_done = 0;
      astern_timer_cancel (&svga->timer);
    }
  svga_fifo_put (svga, FIFO_CAPABILITIES, FIFO_CAPS);
  svga_fifo_put (svga, FIFO_FLAGS, 0);
}

static void
set_bits (SvgaState *s, guint32 value)
{
  if (value == 8 || value == 15 || value == 16 || value == 24 || value == 32)
    s->bits = value;
}

static void
set_register (Svga *svga, guint32 value)
{
  SvgaState *s = &svga->s;

  switch (s->index)
    {
    case REG_ID:
      if (value >= ID_0 && value <= ID_2)
        s->id = value;
      break;
    case REG_ENABLE:              set_enable (svga, value); break;
    case REG_WIDTH:               s->width = value <= SVGA_MAX_WIDTH ? value : s->width; break;
    case REG_HEIGHT:              s->height = value <= SVGA_MAX_HEIGHT ? value : s->height; break;
    case REG_BITS_PER_PIXEL:      set_bits (s, value); break;
    case REG_CONFIG_DONE:         s->config_done = value & 1; break;
    case REG_SYNC:                svga_fifo_run (svga); break;
    case REG_GUEST_ID:            s->guest_id = value; break;
    case REG_CURSOR_ID:           s->cursor_id = value; break;
    case REG_CURSOR_X:            s->cursor_x = value; break;
    case REG_CURSOR_Y:            s->cursor_y = value; break;
    case REG_CURSOR_ON:           s->cursor_on = value; break;
    case REG_PITCHLOCK:           s->pitchlock = value; break;
    case REG_IRQMASK:             s->irq_mask = value & 7; svga_update_irq (svga); break;
    case REG_NUM_GUEST_DISPLAYS:  s->n_guest_displays = value; break;
    case REG_DISPLAY_ID:          s->display_id = value; break;
    case REG_GMR_ID:              s->gmr_id = value; break;
    case REG_GMR_DESCRIPTOR:      svga_gmr_describe (svga, s->gmr_id, value); break;
    case REG_TRACES:              s->traces = value & 1; break;
    default:
      if (s->index >= REG_PALETTE && s->index < REG_PALETTE + 768)
        s->colors[s->index - REG_PALETTE] = value & 0xff;
      else if (s->index >= REG_SCRATCH && s->index < REG_SCRATCH + SVGA_N_SCRATCH)
        s->scratch[s->index - REG_SCRATCH] = value;
    }
}

static guint64
value_value (gconstpointer state, guint32 offset)
{
  const Svga *svga = (const Svga *) ((const guint8 *) state - G_STRUCT_OFFSET (Svga, s));

  return get_register (&svga->s, svga);
}

static void
value_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  set_register ((Svga *) device, (guint32) value);
}

static guint64
irq_status_value (gconstpointer state, guint32 offset)
{
  return ((const SvgaState *) state)->irq_status;
}

static void
irq_status_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Svga *svga = (Svga *) device;

  svga->s.irq_status &= ~(guint32) value;
  svga_update_irq (svga);
}

static void
go_on (gpointer owner)
{
  svga_fifo_run (owner);
}

/* ---- the device ---- */

static const AsternPciInfo info = {
  .vendor = 0x15ad, .device = 0x0405, .class_code = 0x030000, .interrupt_pin = 1,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | 1 << 10,
};

static const VgaHooks hooks = { .linear = linear };

static void
svga_init (AsternDevice *device)
{
  Svga *svga = (Svga *) device;

  astern_pci_init (device, &info);
  vga_init (device, &hooks);
  astern_pci_set_bar (device, BAR_PORTS, ASTERN_PCI_BAR_PORTS, 16, SVGA_PORTS_WINDOW, NULL);
  astern_pci_set_subsystem (device, 0x15ad, 0x0405);
  astern_timer_init (&svga->timer, device->clock, device->name, &svga->s.continue_ns, go_on, svga);
}

static void
svga_reset (AsternDevice *device)
{
  Svga *svga = (Svga *) device;
  SvgaState *s = &svga->s;

  vga_reset (device);
  astern_timer_cancel (&svga->timer);
  memset ((guint8 *) s + sizeof s->vga, 0, sizeof *s - sizeof s->vga);
  s->continue_ns = ASTERN_CLOCK_NEVER;
  s->id = ID_0;
  s->bits = 32;
  astern_pci_reset (device);
  svga_fifo_put (svga, FIFO_CAPABILITIES, FIFO_CAPS);
  svga_update_irq (svga);
}

/* A state from a file may hold anything. */
static void
svga_restored (AsternDevice *device)
{
  Svga *svga = (Svga *) device;
  SvgaState *s = &svga->s;

  s->width = MIN (s->width, SVGA_MAX_WIDTH);
  s->height = MIN (s->height, SVGA_MAX_HEIGHT);
  if (s->bits != 8 && s->bits != 15 && s->bits != 16 && s->bits != 24)
    s->bits = 32;
  for (guint i = 0; i < SVGA_N_SCREENS; i++)
    {
      s->screens[i].width = MIN (s->screens[i].width, SVGA_MAX_WIDTH);
      s->screens[i].height = MIN (s->screens[i].height, SVGA_MAX_HEIGHT);
    }
  s->cursor_width = MIN (s->cursor_width, SVGA_CURSOR_MAX);
  s->cursor_height = MIN (s->cursor_height, SVGA_CURSOR_MAX);
  s->cursor_hot_x = MIN (s->cursor_hot_x, SVGA_CURSOR_MAX - 1);
  s->cursor_hot_y = MIN (s->cursor_hot_y, SVGA_CURSOR_MAX - 1);
  for (guint i = 0; i < SVGA_N_GMRS; i++)
    if ((guint64) s->gmrs[i].first + s->gmrs[i].count > SVGA_GMR_PAGES)
      s->gmrs[i] = (SvgaGmr) { 0, 0 };
  astern_pci_restored (device);
  vga_restored (device);
  svga_update_irq (svga);
}

static const AsternReg ports_regs[] = {
  { .offset = 0, .access = ASTERN_REG_RW, .width = 4, .name = "INDEX", .bank = ASTERN_ANY_BANK,
    .backing = G_STRUCT_OFFSET (SvgaState, index), .writable = 0xffffffff },
  { .offset = 1, .access = ASTERN_REG_RW, .width = 4, .name = "VALUE", .bank = ASTERN_ANY_BANK,
    .backing = ASTERN_NO_BACKING, .value = value_value, .did_write = value_did_write },
  { .offset = 8, .access = ASTERN_REG_RW, .width = 4, .name = "IRQSTATUS", .bank = ASTERN_ANY_BANK,
    .backing = ASTERN_NO_BACKING, .value = irq_status_value, .did_write = irq_status_did_write },
};

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  VGA_WINDOWS,
  VGA_DISPI,
  { .name = "svga-ports", .size = 16, .regs = ports_regs, .n_regs = G_N_ELEMENTS (ports_regs) },
};

#define F(member)     ASTERN_FIELD (SvgaState, member, 1)
#define WORDS(member) ASTERN_FIELD_ARRAY (SvgaState, member, 1)
static const AsternField fields[] = {
  VGA_FIELDS, F (index), F (id), F (enable), F (config_done), F (width), F (height), F (bits), F (pitchlock), F (traces),
  F (guest_id), F (irq_mask), F (irq_status), F (cursor_id), F (cursor_x), F (cursor_y), F (cursor_on), F (n_guest_displays),
  F (display_id), F (gmr_id), WORDS (colors), WORDS (scratch), ASTERN_FIELD_BYTES (SvgaState, gmrs, 1),
  ASTERN_FIELD_BYTES (SvgaState, screens, 2), ASTERN_FIELD (SvgaState, reserved, 2), F (gmrfb_id), F (gmrfb_offset), F (gmrfb_pitch),
  F (gmrfb_format), F (annotation), F (cursor_width), F (cursor_height), F (cursor_hot_x), F (cursor_hot_y), F (continue_ns),
};

const AsternDeviceClass svga_class = {
  .name = "vmware-svga", .summary = "VMware SVGA II", .state_version = VGA_STATE_VERSION,
  .instance_size = sizeof (Svga),
  .state_offset = G_STRUCT_OFFSET (Svga, s), .state_size = sizeof (SvgaState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = svga_init, .reset = svga_reset, .restored = svga_restored,
};

const AsternDisplayClass svga_display = {
  .klass = &svga_class, .heads = count_screens, .draw = draw, .update = update, .cursor = get_cursor, .text = vga_text,
};

static AsternRamBlock *
add_block (Svga *svga, const char *what, guint64 size, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s-%s", svga->vga.parent.parent.name, what);

  return astern_memory_add (svga->vga.memory, name, size, FALSE, error);
}

gboolean
svga_plug (AsternDevice *device, AsternRamBlock *rom, const AsternVgaSettings *settings, GError **error)
{
  Svga *svga = (Svga *) device;

  guint64 vram = settings != NULL && settings->vram_bytes != 0 ? settings->vram_bytes : SVGA_VRAM_SIZE;

  if (!vga_add_memory (&svga->vga, vram, error) ||
      (svga->fifo = add_block (svga, "fifo", SVGA_FIFO_SIZE, error)) == NULL ||
      (svga->private = add_block (svga, "private", SVGA_PRIVATE_SIZE, error)) == NULL)
    return FALSE;
  astern_pci_set_bar (device, BAR_VRAM, ASTERN_PCI_BAR_PREFETCH, vram, 0, svga->vga.vram);
  astern_pci_set_bar (device, BAR_FIFO, ASTERN_PCI_BAR_PREFETCH, SVGA_FIFO_SIZE, 0, svga->fifo);
  vga_set_rom (device, rom);
  return TRUE;
}
