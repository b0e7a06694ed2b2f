/* qxl.c - the QXL card: ports, ROM, slots, the surface that is shown.
 * Source: spice-protocol, spice/qxl_dev.h; Linux's qxl driver for what it asks for.
 * Left out: the client's wishes for monitors, more heads than one, a 64-bit BAR of surfaces. */
#include "config.h"

#include "hw/display/qxl-state.h"

#include <string.h>

#define BAR_RAM   0
#define BAR_VRAM  1
#define BAR_ROM   2
#define BAR_PORTS 3

#define ROM_MAGIC 0x4f525851u   /* "QXRO" */
#define RAM_MAGIC_VALUE 0x41525851u   /* "QXRA" */
#define ROM_MODES 0x1000
#define SURFACE0  (16u << 20)   /* of the RAM, for what is shown; unless a user says otherwise */

enum
{
  IO_NOTIFY_CMD, IO_NOTIFY_CURSOR, IO_UPDATE_AREA, IO_UPDATE_IRQ, IO_NOTIFY_OOM, IO_RESET, IO_SET_MODE, IO_LOG,
  IO_MEMSLOT_ADD, IO_MEMSLOT_DEL, IO_DETACH_PRIMARY, IO_ATTACH_PRIMARY, IO_CREATE_PRIMARY, IO_DESTROY_PRIMARY,
  IO_DESTROY_SURFACE_WAIT, IO_DESTROY_ALL_SURFACES, IO_UPDATE_AREA_ASYNC, IO_MEMSLOT_ADD_ASYNC, IO_CREATE_PRIMARY_ASYNC,
  IO_DESTROY_PRIMARY_ASYNC, IO_DESTROY_SURFACE_ASYNC, IO_DESTROY_ALL_SURFACES_ASYNC, IO_FLUSH_SURFACES_ASYNC,
  IO_FLUSH_RELEASE, IO_MONITORS_CONFIG_ASYNC, N_IO
};

/* ---- interrupts ---- */

static void
update_irq (Qxl *qxl)
{
  guint32 pending = qxl_header_get (qxl, RAM_INT_PENDING), mask = qxl_header_get (qxl, RAM_INT_MASK);

  astern_pci_interrupt (&qxl->vga.parent.parent, (pending & mask) != 0);
}

void
qxl_interrupt (Qxl *qxl, guint32 events)
{
  qxl_header_put (qxl, RAM_INT_PENDING, qxl_header_get (qxl, RAM_INT_PENDING) | events);
  update_irq (qxl);
}

/* ---- the picture ---- */

static gboolean
linear (const Vga *vga, AsternLinear *l, const AsternRamBlock **block)
{
  const Qxl *qxl = (const Qxl *) vga;
  const QxlState *s = &qxl->s;
  const QxlSurface *primary = &s->surfaces[0];
  guint bytes = qxl_bytes_per_pixel (primary->format);

  if (primary->format == QXL_FORMAT_NONE)
    return FALSE;
  if (primary->block == 1)
    *block = qxl->surfaces;
  l->width = primary->width;
  l->height = primary->height;
  l->bits = primary->format == QXL_FORMAT_555 ? 15 : 8 * bytes;
  l->pitch = primary->stride;
  l->start = primary->start;
  if (s->head_on && s->head_width > 0 && s->head_height > 0 && s->head_x < l->width && s->head_y < l->height)
    {
      l->width = MIN (s->head_width, l->width - s->head_x);
      l->height = MIN (s->head_height, l->height - s->head_y);
      l->start = (guint64) ((gint64) l->start + (gint64) s->head_y * primary->stride + (gint64) s->head_x * bytes);
    }
  if (l->bits == 8)
    vga_dac_colors (vga, l->colors);
  return TRUE;
}

static gboolean
get_cursor (AsternDevice *device, guint head, AsternCursor *cursor)
{
  const Qxl *qxl = (const Qxl *) device;
  const QxlState *s = &qxl->s;
  const guint8 *pixels;

  if (!s->cursor_shown || s->cursor_width == 0 || s->surfaces[0].format == QXL_FORMAT_NONE || qxl->private == NULL)
    return FALSE;
  astern_cursor_resize (cursor, s->cursor_width, s->cursor_height);
  pixels = astern_memory_host (qxl->vga.memory, qxl->private->start);
  for (guint y = 0; y < cursor->height; y++)
    for (guint x = 0; x < cursor->width; x++)
      cursor->pixels[y * cursor->width + x] = qxl_get32 (pixels + (y * QXL_CURSOR_MAX + x) * 4);
  cursor->x = (gint) s->cursor_x;
  cursor->y = (gint) s->cursor_y;
  cursor->hot_x = s->cursor_hot_x;
  cursor->hot_y = s->cursor_hot_y;
  return TRUE;
}

/* ---- ports ---- */

static void
header_bytes (const Qxl *qxl, guint offset, guint8 *bytes, guint size)
{
  memcpy (bytes, vga_vram (&qxl->vga) + qxl_header (qxl) + offset, size);
}

/* The addresses in the header are the guest's physical ones, in a BAR. */
static void
add_slot (Qxl *qxl, guint number)
{
  const struct { guint bar; guint32 block, size; } memories[] = {
    { BAR_RAM, 0, qxl_ram_size (qxl) }, { BAR_VRAM, 1, qxl_surfaces_size (qxl) },
  };
  guint8 bytes[16];
  guint64 start, end;

  header_bytes (qxl, RAM_MEM_SLOT, bytes, sizeof bytes);
  start = qxl_get64 (bytes);
  end = qxl_get64 (bytes + 8);
  if (number >= QXL_N_SLOTS)
    {
      qxl_error (qxl, "a slot's number", number);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (memories); i++)
    {
      guint64 base = astern_pci_bar_address (&qxl->vga.parent.parent, memories[i].bar);

      if (base == G_MAXUINT64 || start < base || start >= base + memories[i].size || end <= start || end > base + memories[i].size)
        continue;
      qxl->s.slots[number] = (QxlSlot) { 1, memories[i].block, (guint32) (start - base), (guint32) (end - start) };
      return;
    }
  qxl_error (qxl, "a slot that is in no memory", start);
}

static void
create_primary (Qxl *qxl)
{
  guint8 bytes[40];
  QxlSurface surface;

  header_bytes (qxl, RAM_CREATE, bytes, sizeof bytes);
  surface = (QxlSurface) { .width = qxl_get32 (bytes), .height = qxl_get32 (bytes + 4), .stride = (gint32) qxl_get32 (bytes + 8),
                           .format = qxl_get32 (bytes + 12) };
  qxl_surface_make (qxl, &surface, qxl_get64 (bytes + 32));
  qxl->s.surfaces[0] = surface;
  qxl->s.head_on = 0;
}

static void
destroy_surfaces (Qxl *qxl, guint first)
{
  memset (&qxl->s.surfaces[first], 0, (QXL_N_SURFACES - first) * sizeof (QxlSurface));
}

/* The first head's part of the surface. */
static void
configure_monitors (Qxl *qxl)
{
  guint8 bytes[4 + 28], address[8];

  header_bytes (qxl, RAM_MONITORS, address, sizeof address);
  qxl->s.head_on = 0;
  if (!qxl_read (qxl, qxl_get64 (address), bytes, sizeof bytes) || (bytes[0] | bytes[1] << 8) == 0)
    return;
  qxl->s.head_width = qxl_get32 (bytes + 4 + 8);
  qxl->s.head_height = qxl_get32 (bytes + 4 + 12);
  qxl->s.head_x = qxl_get32 (bytes + 4 + 16);
  qxl->s.head_y = qxl_get32 (bytes + 4 + 20);
  qxl->s.head_on = 1;
}

static void
forget (Qxl *qxl)
{
  QxlState *s = &qxl->s;

  memset (s->slots, 0, sizeof s->slots);
  destroy_surfaces (qxl, 0);
  s->head_on = s->cursor_shown = 0;
  s->n_released = 0;
  s->last_released = 0;
  astern_timer_cancel (&qxl->timer);
  qxl_header_put (qxl, RAM_MAGIC, RAM_MAGIC_VALUE);
  qxl_header_put (qxl, RAM_INT_PENDING, 0);
  qxl_header_put (qxl, RAM_INT_MASK, 0);
  qxl_init_rings (qxl);
  update_irq (qxl);
}

static const struct { guint16 width, height; } modes[] = {
  { 640, 480 }, { 800, 600 }, { 1024, 768 }, { 1152, 864 }, { 1280, 720 }, { 1280, 800 }, { 1280, 960 }, { 1280, 1024 }, { 1400, 1050 },
  { 1440, 900 }, { 1600, 1200 }, { 1680, 1050 }, { 1920, 1080 }, { 1920, 1200 }, { 2560, 1440 }, { 2560, 1600 },
};

/* A mode of the first generation: a surface at the start of the RAM, all of which is slot 0. */
static void
set_mode (Qxl *qxl, guint64 number)
{
  QxlSurface surface = { .format = QXL_FORMAT_XRGB };

  if (number >= G_N_ELEMENTS (modes))
    {
      qxl_error (qxl, "a mode that is none", number);
      return;
    }
  surface.width = modes[number].width;
  surface.height = modes[number].height;
  surface.stride = modes[number].width * 4;
  qxl->s.slots[0] = (QxlSlot) { 1, 0, 0, qxl_header (qxl) };
  qxl_surface_make (qxl, &surface, 0);
  qxl->s.surfaces[0] = surface;
  qxl->s.head_on = 0;
}

static void
port_did_write (AsternDevice *device, guint32 offset, guint64 value)
{
  Qxl *qxl = (Qxl *) device;

  if (qxl->vga.vram == NULL)
    return;
  switch (offset)
    {
    case IO_NOTIFY_CMD:     qxl_run_commands (qxl); break;
    case IO_NOTIFY_CURSOR:  qxl_run_cursors (qxl); break;
    case IO_UPDATE_AREA: case IO_UPDATE_AREA_ASYNC: case IO_FLUSH_SURFACES_ASYNC:
      qxl_run_commands (qxl);
      break;
    case IO_NOTIFY_OOM: case IO_FLUSH_RELEASE:
      qxl_push_releases (qxl);
      break;
    case IO_UPDATE_IRQ:     update_irq (qxl); break;
    case IO_RESET:          forget (qxl); break;
    case IO_SET_MODE:       set_mode (qxl, value); break;
    case IO_MEMSLOT_ADD: case IO_MEMSLOT_ADD_ASYNC:
      add_slot (qxl, (guint) value);
      break;
    case IO_MEMSLOT_DEL:
      if (value < QXL_N_SLOTS)
        qxl->s.slots[value] = (QxlSlot) { 0 };
      break;
    case IO_CREATE_PRIMARY: case IO_CREATE_PRIMARY_ASYNC:
      create_primary (qxl);
      break;
    case IO_DESTROY_PRIMARY: case IO_DESTROY_PRIMARY_ASYNC:
      qxl->s.surfaces[0] = (QxlSurface) { 0 };
      break;
    case IO_DESTROY_SURFACE_WAIT: case IO_DESTROY_SURFACE_ASYNC:
      if (value > 0 && value < QXL_N_SURFACES)
        qxl->s.surfaces[value] = (QxlSurface) { 0 };
      break;
    case IO_DESTROY_ALL_SURFACES: case IO_DESTROY_ALL_SURFACES_ASYNC:
      destroy_surfaces (qxl, 0);
      break;
    case IO_MONITORS_CONFIG_ASYNC:
      configure_monitors (qxl);
      break;
    }
  if ((offset >= IO_UPDATE_AREA_ASYNC && offset <= IO_FLUSH_SURFACES_ASYNC) || offset == IO_MONITORS_CONFIG_ASYNC)
    qxl_interrupt (qxl, QXL_INT_IO_CMD);
}

static void
go_on (gpointer owner)
{
  qxl_run_commands (owner);
  qxl_run_cursors (owner);
}

/* ---- the ROM ---- */

static void
put32 (guint8 *at, guint32 value)
{
  for (guint i = 0; i < 4; i++)
    at[i] = (guint8) (value >> (8 * i));
}

static void
fill_rom (const Qxl *qxl, guint8 *rom, guint32 surface0)
{
  enum { ROM_ID = 4, MODES_OFFSET = 24, NUM_PAGES = 28, PAGES_OFFSET = 32, SURFACE0_SIZE = 40, HEADER_OFFSET = 44,
         N_SURFACES = 52, SLOTS_START = 64, SLOTS_END, GEN_BITS, ID_BITS, CLIENT_PRESENT = 69, CLIENT_CAPABILITIES = 70, MODE_SIZE = 32 };
  enum { CAN_COMPOSITE = 1 << 2, HAS_ALPHA_SURFACES = 1 << 3 };

  put32 (rom, ROM_MAGIC);
  put32 (rom + ROM_ID, 0);
  put32 (rom + MODES_OFFSET, ROM_MODES);
  put32 (rom + NUM_PAGES, (qxl_header (qxl) - surface0) / 4096);
  put32 (rom + PAGES_OFFSET, surface0);
  put32 (rom + SURFACE0_SIZE, surface0);
  put32 (rom + HEADER_OFFSET, qxl_header (qxl));
  put32 (rom + N_SURFACES, QXL_N_SURFACES);
  rom[SLOTS_START] = 1;
  rom[SLOTS_END] = QXL_N_SLOTS;
  rom[GEN_BITS] = rom[ID_BITS] = 8;
  rom[CLIENT_PRESENT] = 1;      /* whoever looks: it is the card that draws */
  rom[CLIENT_CAPABILITIES] = CAN_COMPOSITE | HAS_ALPHA_SURFACES;
  put32 (rom + ROM_MODES, G_N_ELEMENTS (modes));
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      guint8 *mode = rom + ROM_MODES + 4 + MODE_SIZE * i;

      put32 (mode, i);
      put32 (mode + 4, modes[i].width);
      put32 (mode + 8, modes[i].height);
      put32 (mode + 12, 32);
      put32 (mode + 16, modes[i].width * 4u);
      put32 (mode + 20, modes[i].width * 254u / 960);
      put32 (mode + 24, modes[i].height * 254u / 960);
    }
}

/* ---- the device ---- */

static const AsternPciInfo info = {
  .vendor = 0x1b36, .device = 0x0100, .revision = 4, .class_code = 0x030000, .interrupt_pin = 1,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | 1 << 10,
};

static const AsternPciInfo second_info = {
  .vendor = 0x1b36, .device = 0x0100, .revision = 4, .class_code = 0x038000, .interrupt_pin = 1,
  .command_writable = PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | 1 << 10,
};

static const VgaHooks hooks = { .linear = linear };
static const VgaHooks second_hooks = { .linear = linear, .no_vga = TRUE };

static void
set_up (AsternDevice *device)
{
  Qxl *qxl = (Qxl *) device;

  astern_pci_set_bar (device, BAR_PORTS, ASTERN_PCI_BAR_PORTS, 32, QXL_PORTS_WINDOW, NULL);
  astern_timer_init (&qxl->timer, device->clock, device->name, &qxl->s.continue_ns, go_on, qxl);
}

static void
qxl_init (AsternDevice *device)
{
  astern_pci_init (device, &info);
  vga_init (device, &hooks);
  set_up (device);
}

static void
second_init (AsternDevice *device)
{
  astern_pci_init (device, &second_info);
  vga_init (device, &second_hooks);
  set_up (device);
}

static void
qxl_reset (AsternDevice *device)
{
  Qxl *qxl = (Qxl *) device;

  vga_reset (device);
  astern_timer_cancel (&qxl->timer);
  memset ((guint8 *) &qxl->s + sizeof qxl->s.vga, 0, sizeof qxl->s - sizeof qxl->s.vga);
  qxl->s.continue_ns = ASTERN_CLOCK_NEVER;
  astern_pci_reset (device);
  forget (qxl);
}

/* A state from a file may hold anything. */
static void
qxl_restored (AsternDevice *device)
{
  Qxl *qxl = (Qxl *) device;
  QxlState *s = &qxl->s;

  for (guint i = 0; i < QXL_N_SLOTS; i++)
    {
      QxlSlot *slot = &s->slots[i];

      if (slot->block > 1 || (guint64) slot->start + slot->size > (slot->block == 0 ? qxl_ram_size (qxl) : qxl_surfaces_size (qxl)))
        *slot = (QxlSlot) { 0 };
    }
  for (guint i = 0; i < QXL_N_SURFACES; i++)
    if (s->surfaces[i].format != QXL_FORMAT_NONE && !qxl_surface_fits (qxl, &s->surfaces[i]))
      s->surfaces[i] = (QxlSurface) { 0 };
  s->cursor_width = MIN (s->cursor_width, QXL_CURSOR_MAX);
  s->cursor_height = MIN (s->cursor_height, QXL_CURSOR_MAX);
  s->cursor_hot_x = MIN (s->cursor_hot_x, QXL_CURSOR_MAX - 1);
  s->cursor_hot_y = MIN (s->cursor_hot_y, QXL_CURSOR_MAX - 1);
  astern_pci_restored (device);
  vga_restored (device);
  update_irq (qxl);
}

#define PORT(number, text) { .offset = number, .access = ASTERN_REG_W, .width = 1, .name = text, .bank = ASTERN_ANY_BANK, \
                             .backing = ASTERN_NO_BACKING, .did_write = port_did_write }
static const AsternReg ports_regs[] = {
  PORT (IO_NOTIFY_CMD, "NOTIFY_CMD"), PORT (IO_NOTIFY_CURSOR, "NOTIFY_CURSOR"), PORT (IO_UPDATE_AREA, "UPDATE_AREA"),
  PORT (IO_UPDATE_IRQ, "UPDATE_IRQ"), PORT (IO_NOTIFY_OOM, "NOTIFY_OOM"), PORT (IO_RESET, "RESET"),
  PORT (IO_SET_MODE, "SET_MODE"), PORT (IO_LOG, "LOG"), PORT (IO_MEMSLOT_ADD, "MEMSLOT_ADD"),
  PORT (IO_MEMSLOT_DEL, "MEMSLOT_DEL"), PORT (IO_DETACH_PRIMARY, "DETACH_PRIMARY"),
  PORT (IO_ATTACH_PRIMARY, "ATTACH_PRIMARY"), PORT (IO_CREATE_PRIMARY, "CREATE_PRIMARY"),
  PORT (IO_DESTROY_PRIMARY, "DESTROY_PRIMARY"), PORT (IO_DESTROY_SURFACE_WAIT, "DESTROY_SURFACE_WAIT"),
  PORT (IO_DESTROY_ALL_SURFACES, "DESTROY_ALL_SURFACES"), PORT (IO_UPDATE_AREA_ASYNC, "UPDATE_AREA_ASYNC"),
  PORT (IO_MEMSLOT_ADD_ASYNC, "MEMSLOT_ADD_ASYNC"), PORT (IO_CREATE_PRIMARY_ASYNC, "CREATE_PRIMARY_ASYNC"),
  PORT (IO_DESTROY_PRIMARY_ASYNC, "DESTROY_PRIMARY_ASYNC"), PORT (IO_DESTROY_SURFACE_ASYNC, "DESTROY_SURFACE_ASYNC"),
  PORT (IO_DESTROY_ALL_SURFACES_ASYNC, "DESTROY_ALL_SURFACES_ASYNC"),
  PORT (IO_FLUSH_SURFACES_ASYNC, "FLUSH_SURFACES_ASYNC"), PORT (IO_FLUSH_RELEASE, "FLUSH_RELEASE"),
  PORT (IO_MONITORS_CONFIG_ASYNC, "MONITORS_CONFIG_ASYNC"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (ports_regs) == N_IO);

static const AsternWindow windows[] = {
  ASTERN_PCI_CONFIG,
  VGA_WINDOWS,
  VGA_DISPI,
  { .name = "qxl-ports", .size = 32, .regs = ports_regs, .n_regs = G_N_ELEMENTS (ports_regs) },
};

#define F(member) ASTERN_FIELD (QxlState, member, 1)
static const AsternField fields[] = {
  VGA_FIELDS, ASTERN_FIELD_BYTES (QxlState, slots, 1), ASTERN_FIELD_BYTES (QxlState, surfaces, 1), F (head_on), F (head_x),
  F (head_y), F (head_width), F (head_height), F (cursor_shown), F (cursor_x), F (cursor_y), F (cursor_width),
  F (cursor_height), F (cursor_hot_x), F (cursor_hot_y), F (n_released), F (last_released), F (continue_ns),
};

#define CLASS(class_name, class_summary, class_init)                                                      \
  {                                                                                                       \
    .name = class_name, .summary = class_summary, .state_version = VGA_STATE_VERSION,                     \
    .instance_size = sizeof (Qxl),                                                                        \
    .state_offset = G_STRUCT_OFFSET (Qxl, s), .state_size = sizeof (QxlState),                            \
    .fields = fields, .n_fields = G_N_ELEMENTS (fields),                                                  \
    .windows = windows, .n_windows = G_N_ELEMENTS (windows),                                              \
    .init = class_init, .reset = qxl_reset, .restored = qxl_restored,                                     \
  }

const AsternDeviceClass qxl_class = CLASS ("qxl-vga", "QXL", qxl_init);
const AsternDeviceClass qxl_second_class = CLASS ("qxl", "QXL without VGA", second_init);

const AsternDisplayClass qxl_display = {
  .klass = &qxl_class, .draw = vga_draw, .update = vga_update, .cursor = get_cursor, .text = vga_text,
};
const AsternDisplayClass qxl_second_display = {
  .klass = &qxl_second_class, .draw = vga_draw, .update = vga_update, .cursor = get_cursor,
};

static AsternRamBlock *
add_block (Qxl *qxl, const char *what, guint64 size, gboolean readonly, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s-%s", qxl->vga.parent.parent.name, what);

  return astern_memory_add (qxl->vga.memory, name, size, readonly, error);
}

gboolean
qxl_plug (AsternDevice *device, AsternRamBlock *rom, const AsternVgaSettings *settings, GError **error)
{
  Qxl *qxl = (Qxl *) device;

  guint64 surface0 = settings != NULL && settings->vram_bytes != 0 ? settings->vram_bytes : SURFACE0;
  guint64 ram = settings != NULL && settings->ram_bytes != 0 ? settings->ram_bytes : QXL_RAM_SIZE;
  guint64 surfaces = settings != NULL && settings->surfaces_bytes != 0 ? settings->surfaces_bytes : QXL_VRAM_SIZE;

  /* The picture takes half of the RAM at most. */
  ram = MAX (ram, 2 * surface0);
  if (!vga_add_memory (&qxl->vga, ram, error) ||
      (qxl->surfaces = add_block (qxl, "surfaces", surfaces, FALSE, error)) == NULL ||
      (qxl->rom = add_block (qxl, "description", QXL_ROM_SIZE, TRUE, error)) == NULL ||
      (qxl->private = add_block (qxl, "private", QXL_PRIVATE_SIZE, FALSE, error)) == NULL)
    return FALSE;
  fill_rom (qxl, astern_memory_host (qxl->vga.memory, qxl->rom->start), (guint32) surface0);
  astern_pci_set_bar (device, BAR_RAM, ASTERN_PCI_BAR_MEMORY, ram, 0, qxl->vga.vram);
  astern_pci_set_bar (device, BAR_VRAM, ASTERN_PCI_BAR_MEMORY, surfaces, 0, qxl->surfaces);
  astern_pci_set_bar (device, BAR_ROM, ASTERN_PCI_BAR_MEMORY, QXL_ROM_SIZE, 0, qxl->rom);
  vga_set_rom (device, rom);
  return TRUE;
}
