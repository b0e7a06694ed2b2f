/* virtio-gpu.c - GPU device, 2D.
 * Source: OASIS, Virtual I/O Device (VIRTIO) Version 1.2, section 5.7.
 * Left out: 3D (virgl, contexts), blob resources, several scanouts, a screen that changes its size by itself.
 *
 * What a resource holds, and the list of the guest's pages behind it, lies in a block of the machine's memory that is
 * this device's own, so that it goes back with the machine; the state has a table that says where.  Commands are done
 * when they are notified. */
#include "config.h"

#include "hw/virtio/virtio-gpu.h"

#include "core/machine.h"
#include "hw/display/edid.h"
#include "hw/virtio/cards.h"
#include "hw/virtio/virtio-transport.h"

#include <string.h>

#include <glib/gi18n.h>

enum { QUEUE_CONTROL, QUEUE_CURSOR, N_QUEUES };
enum
{
  GET_DISPLAY_INFO = 0x100, CREATE_2D, UNREF, SET_SCANOUT, FLUSH, TRANSFER_TO_HOST_2D, ATTACH_BACKING, DETACH_BACKING,
  GET_EDID = 0x10a, UPDATE_CURSOR = 0x300, MOVE_CURSOR,
  OK_NODATA = 0x1100, OK_DISPLAY_INFO, OK_EDID = 0x1104,
  ERR_UNSPEC = 0x1200, ERR_OUT_OF_MEMORY, ERR_INVALID_SCANOUT, ERR_INVALID_RESOURCE, ERR_INVALID_CONTEXT, ERR_INVALID_PARAMETER,
};

#define HEADER_BYTES  24
#define FLAG_FENCE    1
#define SCANOUTS      16                /* in the answer to GET_DISPLAY_INFO; there is one */
#define MOST_COMMAND  64                /* bytes of a command without its list */
#define INFO_ANSWER   (HEADER_BYTES + SCANOUTS * 24)
#define EDID_ANSWER   (HEADER_BYTES + 8 + 1024) /* its blocks' size, and room for eight */
#define MOST_ANSWER   EDID_ANSWER
#define ENTRY_BYTES   16
#define MOST_ENTRIES  16384
#define MOST_PIXELS   8192u             /* each way */
#define RESOURCES     64
#define CURSOR_PIXELS 64u
#define CONFIG_BYTES  16

/* Of the block: whole pages.  Size 0: none. */
typedef struct
{
  guint64 offset, size;
} Extent;

typedef struct
{
  guint32 id;                           /* 0: not in use */
  guint32 format, width, height;
  guint32 n_entries, reserved;
  Extent  pixels, entries;
} Resource;

typedef struct
{
  VirtioState virtio;
  VirtioQueue queues[N_QUEUES];
  Resource    resources[RESOURCES];
  guint32     scanout, x, y, width, height;     /* the resource that is shown, and what of it; 0: none */
  guint32     cursor, cursor_x, cursor_y, hot_x, hot_y;
} VirtioGpuState;

typedef struct
{
  VirtioDevice    parent;
  VirtioGpuState  s;
  AsternRamBlock *block;                /* NULL in the tests of classes: no resource can be made */
  guint32         proposed_width, proposed_height;
} VirtioGpu;

/* A command, its first words. */
typedef struct
{
  const VirtioChain *chain;
  guint8             bytes[MOST_COMMAND];
  guint8             answer[MOST_ANSWER];
  gsize              answer_size;
} Command;

static guint32
word (const Command *command, guint offset)
{
  return (guint32) virtio_get (command->bytes + offset, 4);
}

/* ---- resources ---- */

static Resource *
find (VirtioGpu *self, guint32 id)
{
  for (guint i = 0; id != 0 && i < RESOURCES; i++)
    if (self->s.resources[i].id == id)
      return &self->s.resources[i];
  return NULL;
}

/* A loaded state may say anything. */
static gboolean
is_inside (const VirtioGpu *self, const Extent *extent, guint64 needed)
{
  return self->block != NULL && needed <= extent->size && extent->offset <= self->block->size
         && extent->size <= self->block->size - extent->offset;
}

static gboolean
has_pixels (const VirtioGpu *self, const Resource *resource)
{
  return resource->width <= MOST_PIXELS && resource->height <= MOST_PIXELS
         && is_inside (self, &resource->pixels, (guint64) resource->width * resource->height * 4);
}

static const guint8 *
bytes_at (const VirtioGpu *self, guint64 offset)
{
  return astern_memory_host (self->parent.parent.machine->memory, self->block->start + offset);
}

/* The end of what lies in the way of [offset, offset + size); 0: nothing does. */
static guint64
obstacle (const VirtioGpu *self, guint64 offset, guint64 size)
{
  for (guint i = 0; i < RESOURCES; i++)
    for (guint k = 0; k < 2; k++)
      {
        const Extent *extent = k == 0 ? &self->s.resources[i].pixels : &self->s.resources[i].entries;

        if (self->s.resources[i].id != 0 && extent->size != 0 && offset < extent->offset + extent->size && extent->offset < offset + size)
          return extent->offset + extent->size;
      }
  return 0;
}

static gboolean
allocate (VirtioGpu *self, guint64 size, Extent *extent)
{
  guint64 offset = 0, end;

  size = (size + ASTERN_PAGE_MASK) & ~ASTERN_PAGE_MASK;
  while (self->block != NULL && offset <= self->block->size && size <= self->block->size - offset)
    {
      end = obstacle (self, offset, size);
      if (end == 0)
        {
          *extent = (Extent) { offset, size };
          return TRUE;
        }
      if (end <= offset)
        break;
      offset = end;
    }
  return FALSE;
}

/* What is freed is the host's again, and reads as zeros the next time. */
static void
release (VirtioGpu *self, Extent *extent)
{
  if (extent->size != 0 && is_inside (self, extent, extent->size) && ((extent->offset | extent->size) & ASTERN_PAGE_MASK) == 0)
    astern_memory_discard (self->parent.parent.machine->memory, self->block->start + extent->offset, extent->size);
  *extent = (Extent) { 0, 0 };
}

static guint
create (VirtioGpu *self, const Command *command)
{
  static const guint8 formats[] = { 1, 2, 3, 4, 67, 68, 121, 134 };
  guint32 id = word (command, 24), format = word (command, 28), width = word (command, 32), height = word (command, 36);
  Resource *resource = NULL;

  if (id == 0 || find (self, id) != NULL)
    return ERR_INVALID_RESOURCE;
  if (width == 0 || height == 0 || width > MOST_PIXELS || height > MOST_PIXELS || format > 255
      || memchr (formats, (gint) format, sizeof formats) == NULL)
    return ERR_INVALID_PARAMETER;
  for (guint i = 0; i < RESOURCES && resource == NULL; i++)
    if (self->s.resources[i].id == 0)
      resource = &self->s.resources[i];
  if (resource == NULL)
    return ERR_OUT_OF_MEMORY;
  *resource = (Resource) { .format = format, .width = width, .height = height };
  if (!allocate (self, (guint64) width * height * 4, &resource->pixels))
    return ERR_OUT_OF_MEMORY;
  resource->id = id;
  return OK_NODATA;
}

static guint
unref (VirtioGpu *self, Resource *resource)
{
  if (self->s.scanout == resource->id)
    self->s.scanout = 0;
  if (self->s.cursor == resource->id)
    self->s.cursor = 0;
  release (self, &resource->pixels);
  release (self, &resource->entries);
  *resource = (Resource) { 0 };
  return OK_NODATA;
}

static guint
detach (VirtioGpu *self, Resource *resource)
{
  release (self, &resource->entries);
  resource->n_entries = 0;
  return OK_NODATA;
}

static guint
attach (VirtioGpu *self, Resource *resource, const Command *command)
{
  guint32 n = word (command, 28);
  guint8 bytes[256 * ENTRY_BYTES];
  guint64 size = (guint64) n * ENTRY_BYTES;

  if (n == 0 || n > MOST_ENTRIES || resource->n_entries != 0 || command->chain->out_size < 32 + size)
    return ERR_INVALID_PARAMETER;
  if (!allocate (self, size, &resource->entries))
    return ERR_OUT_OF_MEMORY;
  for (guint64 at = 0; at < size; at += sizeof bytes)
    {
      gsize chunk = (gsize) MIN (size - at, sizeof bytes);

      virtio_read (&self->parent, command->chain, 32 + at, bytes, chunk);
      astern_memory_write (self->parent.parent.machine->memory, self->block->start + resource->entries.offset + at, bytes, chunk);
    }
  resource->n_entries = n;
  return OK_NODATA;
}

/* Which of the guest's pages a place in a resource's backing is in. */
typedef struct
{
  guint32 entry;
  guint64 base;           /* of the entry, in the backing */
} Place;

/* Bytes [at, at + size) of the backing; what is beyond it is zero.  @place: where the last one was. */
static void
read_backing (VirtioGpu *self, const Resource *resource, guint64 at, guint8 *data, gsize size, Place *place)
{
  if (at < place->base)
    *place = (Place) { 0, 0 };
  while (size > 0 && place->entry < resource->n_entries)
    {
      const guint8 *entry = bytes_at (self, resource->entries.offset + (guint64) place->entry * ENTRY_BYTES);
      guint64 length = virtio_get (entry + 8, 4);
      gsize chunk;

      if (at - place->base >= length)
        {
          place->base += length;
          place->entry++;
          continue;
        }
      chunk = (gsize) MIN ((guint64) size, length - (at - place->base));
      virtio_dma_read (&self->parent, virtio_get (entry, 8) + (at - place->base), data, chunk);
      at += chunk;
      data += chunk;
      size -= chunk;
    }
  memset (data, 0, size);
}

/* The rectangle at @offset of a command, all of it in the resource. */
static gboolean
read_rectangle (const Command *command, guint offset, const Resource *resource, guint32 rectangle[4])
{
  for (guint i = 0; i < 4; i++)
    rectangle[i] = word (command, offset + 4 * i);
  return rectangle[0] <= resource->width && rectangle[2] <= resource->width - rectangle[0] && rectangle[1] <= resource->height
         && rectangle[3] <= resource->height - rectangle[1];
}

static guint
transfer (VirtioGpu *self, const Resource *resource, const Command *command)
{
  guint64 offset = virtio_get (command->bytes + 40, 8);
  guint8 row[MOST_PIXELS * 4];
  Place place = { 0, 0 };
  guint32 r[4];

  if (!read_rectangle (command, 24, resource, r) || offset > G_MAXUINT32 || resource->n_entries == 0 || !has_pixels (self, resource)
      || !is_inside (self, &resource->entries, (guint64) resource->n_entries * ENTRY_BYTES))
    return ERR_INVALID_PARAMETER;
  for (guint32 y = 0; y < r[3]; y++)
    {
      guint64 to = ((guint64) (r[1] + y) * resource->width + r[0]) * 4;

      read_backing (self, resource, offset + (guint64) y * resource->width * 4, row, r[2] * 4, &place);
      astern_memory_write (self->parent.parent.machine->memory, self->block->start + resource->pixels.offset + to, row, r[2] * 4);
    }
  return OK_NODATA;
}

/* ---- what is shown ---- */

static guint
set_scanout (VirtioGpu *self, const Command *command)
{
  VirtioGpuState *s = &self->s;
  guint32 id = word (command, 44), r[4];
  const Resource *resource = find (self, id);

  if (word (command, 40) != 0)
    return ERR_INVALID_SCANOUT;
  if (id == 0)
    {
      s->scanout = 0;
      return OK_NODATA;
    }
  if (resource == NULL)
    return ERR_INVALID_RESOURCE;
  if (!read_rectangle (command, 24, resource, r) || r[2] == 0 || r[3] == 0)
    return ERR_INVALID_PARAMETER;
  s->scanout = id;
  s->x = r[0];
  s->y = r[1];
  s->width = r[2];
  s->height = r[3];
  return OK_NODATA;
}

static guint
display_info (VirtioGpu *self, Command *command)
{
  guint8 *mode = command->answer + HEADER_BYTES;

  virtio_put (mode + 8, 4, self->proposed_width);
  virtio_put (mode + 12, 4, self->proposed_height);
  virtio_put (mode + 16, 4, 1);
  command->answer_size = INFO_ANSWER;
  return OK_DISPLAY_INFO;
}

static guint
edid (VirtioGpu *self, Command *command)
{
  AsternMonitor monitor = { .width = self->proposed_width, .height = self->proposed_height };

  if (!virtio_has (&self->parent, VIRTIO_GPU_F_EDID))
    return ERR_UNSPEC;
  if (word (command, 24) != 0)
    return ERR_INVALID_SCANOUT;
  virtio_put (command->answer + HEADER_BYTES, 4, ASTERN_EDID_BYTES);
  astern_edid_fill (&monitor, command->answer + HEADER_BYTES + 8);
  command->answer_size = EDID_ANSWER;
  return OK_EDID;
}

/* 0xAARRGGBB of a pixel in memory. */
static guint32
colour (guint32 format, const guint8 *p)
{
  switch (format)
    {
    case 1:   return (guint32) p[3] << 24 | p[2] << 16 | p[1] << 8 | p[0];      /* B8G8R8A8 */
    case 2:   return 0xff000000u | p[2] << 16 | p[1] << 8 | p[0];               /* B8G8R8X8 */
    case 3:   return (guint32) p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];      /* A8R8G8B8 */
    case 4:   return 0xff000000u | p[1] << 16 | p[2] << 8 | p[3];               /* X8R8G8B8 */
    case 67:  return (guint32) p[3] << 24 | p[0] << 16 | p[1] << 8 | p[2];      /* R8G8B8A8 */
    case 68:  return 0xff000000u | p[3] << 16 | p[2] << 8 | p[1];               /* X8B8G8R8 */
    case 121: return (guint32) p[0] << 24 | p[3] << 16 | p[2] << 8 | p[1];      /* A8B8G8R8 */
    default:  return 0xff000000u | p[0] << 16 | p[1] << 8 | p[2];               /* R8G8B8X8 */
    }
}

static void
draw (AsternDevice *device, guint head, AsternPicture *picture)
{
  VirtioGpu *self = (VirtioGpu *) device;
  const VirtioGpuState *s = &self->s;
  const Resource *resource = find (self, s->scanout);

  if (resource == NULL || !has_pixels (self, resource) || s->x > resource->width || s->width > resource->width - s->x
      || s->y > resource->height || s->height > resource->height - s->y)
    {
      astern_picture_resize (picture, MAX (self->proposed_width, 1), MAX (self->proposed_height, 1));
      return;
    }
  astern_picture_resize (picture, s->width, s->height);
  for (guint32 y = 0; y < s->height; y++)
    {
      const guint8 *from = bytes_at (self, resource->pixels.offset + ((guint64) (s->y + y) * resource->width + s->x) * 4);
      guint32 *to = astern_picture_row (picture, y);

      for (guint32 x = 0; x < s->width; x++)
        to[x] = colour (resource->format, from + 4 * x) & 0xffffff;
    }
}

/* Of a pointer: Linux makes its resource as one without alpha, and puts alpha into it. */
static guint32
with_alpha (guint32 format)
{
  switch (format)
    {
    case 2:   return 1;
    case 4:   return 3;
    case 68:  return 121;
    case 134: return 67;
    default:  return format;
    }
}

static gboolean
cursor (AsternDevice *device, guint head, AsternCursor *image)
{
  VirtioGpu *self = (VirtioGpu *) device;
  const VirtioGpuState *s = &self->s;
  const Resource *resource = find (self, s->cursor);
  guint width, height;

  if (resource == NULL || !has_pixels (self, resource))
    return FALSE;
  width = MIN (resource->width, CURSOR_PIXELS);
  height = MIN (resource->height, CURSOR_PIXELS);
  astern_cursor_resize (image, width, height);
  for (guint i = 0; i < width * height; i++)
    {
      guint64 at = (guint64) (i / width) * resource->width + i % width;
      guint32 pixel = colour (with_alpha (resource->format), bytes_at (self, resource->pixels.offset + at * 4));

      image->pixels[i] = pixel >> 24 != 0 ? pixel : 0;
    }
  image->hot_x = MIN (s->hot_x, width);
  image->hot_y = MIN (s->hot_y, height);
  image->x = (gint) (s->cursor_x + s->hot_x);
  image->y = (gint) (s->cursor_y + s->hot_y);
  return TRUE;
}

static void
move_cursor (VirtioGpu *self, const Command *command, gboolean update)
{
  VirtioGpuState *s = &self->s;

  s->cursor_x = word (command, 28);
  s->cursor_y = word (command, 32);
  if (!update)
    return;
  s->cursor = word (command, 40);
  s->hot_x = word (command, 44);
  s->hot_y = word (command, 48);
}

/* ---- commands ---- */

/* Of those that name a resource; the number of the answer. */
static guint
with_resource (VirtioGpu *self, guint32 type, const Command *command)
{
  Resource *resource = find (self, word (command, type == FLUSH ? 40 : type == TRANSFER_TO_HOST_2D ? 48 : 24));
  guint32 rectangle[4];

  if (resource == NULL)
    return ERR_INVALID_RESOURCE;
  switch (type)
    {
    case UNREF:               return unref (self, resource);
    case TRANSFER_TO_HOST_2D: return transfer (self, resource, command);
    case ATTACH_BACKING:      return attach (self, resource, command);
    case DETACH_BACKING:      return detach (self, resource);
    default:                  return read_rectangle (command, 24, resource, rectangle) ? OK_NODATA : ERR_INVALID_PARAMETER;
    }
}

static guint
obey (VirtioGpu *self, Command *command)
{
  guint32 type = word (command, 0);

  switch (type)
    {
    case GET_DISPLAY_INFO:
      return display_info (self, command);
    case GET_EDID:
      return edid (self, command);
    case CREATE_2D:
      return create (self, command);
    case SET_SCANOUT:
      return set_scanout (self, command);
    case UNREF: case FLUSH: case TRANSFER_TO_HOST_2D: case ATTACH_BACKING: case DETACH_BACKING:
      return with_resource (self, type, command);
    case UPDATE_CURSOR: case MOVE_CURSOR:
      move_cursor (self, command, type == UPDATE_CURSOR);
      return OK_NODATA;
    default:
      return ERR_UNSPEC;
    }
}

static void
notified (VirtioDevice *device, guint queue)
{
  VirtioGpu *self = (VirtioGpu *) device;
  VirtioChain chain;

  while (virtio_pop (device, queue, &chain))
    {
      Command command = { .chain = &chain, .answer_size = HEADER_BYTES };
      guint answer;

      virtio_read (device, &chain, 0, command.bytes, sizeof command.bytes);
      answer = obey (self, &command);
      if (answer >= ERR_UNSPEC)
        virtio_complain (device, "command %#x is answered with %#x", word (&command, 0), answer);
      virtio_put (command.answer, 4, answer);
      if (word (&command, 4) & FLAG_FENCE)
        {
          virtio_put (command.answer + 4, 4, FLAG_FENCE);
          memcpy (command.answer + 8, command.bytes + 8, 12);     /* the fence and the context */
        }
      virtio_push (device, &chain.ticket, (guint32) virtio_write (device, &chain, 0, command.answer, command.answer_size));
    }
  virtio_notify (device, queue);
}

/* ---- the device ---- */

static void
gpu_reset (VirtioDevice *device)
{
  VirtioGpu *self = (VirtioGpu *) device;

  for (guint i = 0; i < RESOURCES; i++)
    if (self->s.resources[i].id != 0)
      unref (self, &self->s.resources[i]);
  memset ((guint8 *) &self->s + G_STRUCT_OFFSET (VirtioGpuState, resources), 0,
          sizeof self->s - G_STRUCT_OFFSET (VirtioGpuState, resources));
}

static void
read_config (VirtioDevice *device, guint8 *config)
{
  virtio_put (config + 8, 4, 1);                /* scanouts */
}

static const VirtioType type = {
  .name = "virtio-gpu", .id = VIRTIO_ID_GPU, .pci_class = 0x038000,
  .n_queues = N_QUEUES, .queue_size = 256, .features = VIRTIO_GPU_F_EDID, .config_size = CONFIG_BYTES,
  .read_config = read_config, .notified = notified, .reset = gpu_reset,
};

static void
init (AsternDevice *device)
{
  VirtioGpu *self = (VirtioGpu *) device;

  virtio_init (device, &type);
  self->proposed_width = 1280;
  self->proposed_height = 800;
}

#define F(member) ASTERN_FIELD (VirtioGpuState, member, 1)
static const AsternField fields[] = {
  VIRTIO_FIELDS (VirtioGpuState, 1), VIRTIO_QUEUE_FIELDS (VirtioGpuState, 0, 1), VIRTIO_QUEUE_FIELDS (VirtioGpuState, 1, 1),
  ASTERN_FIELD_BYTES (VirtioGpuState, resources, 1), F (scanout), F (x), F (y), F (width), F (height), F (cursor), F (cursor_x),
  F (cursor_y), F (hot_x), F (hot_y),
};

const AsternDeviceClass virtio_gpu_class = {
  .name = "virtio-gpu", .summary = "virtio GPU", .state_version = 1,
  .instance_size = sizeof (VirtioGpu),
  .state_offset = G_STRUCT_OFFSET (VirtioGpu, s), .state_size = sizeof (VirtioGpuState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .init = init, .reset = virtio_reset,
};

const AsternDisplayClass virtio_gpu_display = { .klass = &virtio_gpu_class, .draw = draw, .cursor = cursor };

gboolean
virtio_gpu_is_on (VirtioDevice *device)
{
  return ((VirtioGpu *) device)->s.scanout != 0;
}

gboolean
virtio_gpu_set_up (VirtioDevice *device, guint64 memory_bytes, guint width, guint height, GError **error)
{
  VirtioGpu *self = (VirtioGpu *) device;
  g_autofree char *name = g_strdup_printf ("%s.resources", device->parent.name);

  self->block = astern_memory_add (device->parent.machine->memory, name, memory_bytes, FALSE, error);
  self->proposed_width = CLAMP (width, 64, MOST_PIXELS);
  self->proposed_height = CLAMP (height, 64, MOST_PIXELS);
  /* Drivers believe it more than GET_DISPLAY_INFO, so it must not say less. */
  if (self->proposed_width > ASTERN_EDID_MOST || self->proposed_height > ASTERN_EDID_MOST)
    device->offered &= ~VIRTIO_GPU_F_EDID;
  return self->block != NULL;
}

/* ---- card ---- */

const AsternDeviceClass virtio_gpu_pci_class = VIRTIO_PCI_CLASS ("virtio-gpu-pci", "virtio GPU on PCI");
const AsternDeviceClass virtio_gpu_device_class = VIRTIO_MMIO_CLASS ("virtio-gpu-device", "virtio GPU on MMIO");

/* On every transport. */
#define GPU_PROPERTIES                                                                          \
  { "edid",        ASTERN_PROPERTY_SWITCH, "on",   N_("The monitor says what it is") },         \
  { "xres",        ASTERN_PROPERTY_NUMBER, "1280", N_("The width that the screen proposes") },  \
  { "yres",        ASTERN_PROPERTY_NUMBER, "800",  N_("The height that the screen proposes") }, \
  { "max_hostmem", ASTERN_PROPERTY_SIZE,   "64M",  N_("How much memory resources may take") }

static const AsternProperty properties[] = {
  VIRTIO_PCI_PROPERTIES,
  GPU_PROPERTIES,
  { 0 },
};

static const AsternProperty mmio_properties[] = {
  VIRTIO_MMIO_PROPERTIES,
  GPU_PROPERTIES,
  { 0 },
};

static gboolean
configure (AsternDevice *device, const AsternCardSettings *settings, GError **error)
{
  VirtioDevice *virtio = virtio_configure (device, settings, &virtio_gpu_class, error);
  guint64 width = MIN (astern_settings_number (settings, "xres"), MOST_PIXELS);
  guint64 height = MIN (astern_settings_number (settings, "yres"), MOST_PIXELS);

  if (virtio != NULL && !astern_settings_switch (settings, "edid"))
    virtio->offered &= ~VIRTIO_GPU_F_EDID;
  return virtio != NULL && virtio_gpu_set_up (virtio, MAX (astern_settings_number (settings, "max_hostmem"), 1 << 20), (guint) width,
                                              (guint) height, error);
}

const AsternCard virtio_gpu_pci_card = {
  .name = "virtio-gpu-pci", .alias = "virtio-gpu", .summary = N_("virtio GPU"), .klass = &virtio_gpu_pci_class,
  .kind = ASTERN_CARD_DISPLAY, .slot = ASTERN_SLOT_PCI, .properties = properties, .configure = configure,
};

const AsternCard virtio_gpu_device_card = {
  .name = "virtio-gpu-device", .summary = N_("virtio GPU without a bus (MMIO)"), .klass = &virtio_gpu_device_class,
  .kind = ASTERN_CARD_DISPLAY, .slot = ASTERN_SLOT_VIRTIO_MMIO, .properties = mmio_properties,
  .configure = configure,
};
