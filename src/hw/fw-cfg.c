/* fw-cfg.c - firmware configuration device.
 * Source: QEMU's docs/specs/fw_cfg (selector, data and DMA registers, file directory).
 * Left out: the memory-mapped variant. */
#include "config.h"

#include "hw/fw-cfg.h"

#include "core/machine.h"

#include <string.h>

#define DMA_SIGNATURE  G_GUINT64_CONSTANT (0x51454d5520434647)   /* "QEMU CFG" */
#define DIRECTORY_ENTRY 64

/* The selector's two uppermost bits: written-to item, architecture's own item. */
#define KEY_WRITE      0x4000

enum { DMA_ERROR = 1, DMA_READ = 2, DMA_SKIP = 4, DMA_SELECT = 8, DMA_WRITE = 16 };

/* Most zeros that a DMA gets behind an item's end. */
#define DMA_MOST_ZEROS (1u << 20)

typedef struct
{
  guint64 dma_address;  /* as written so far */
  guint32 offset;       /* of the next byte in the item */
  guint16 key;
  guint16 reserved;
} FwCfgState;

typedef struct
{
  char     *name;
  GBytes   *data;               /* of a live one, as many zeros */
  FwCfgLive live;               /* without an owner: it is not */
} File;

typedef struct
{
  AsternDevice parent;
  FwCfgState   s;
  GHashTable  *items;           /* key -> GBytes; files are not in it */
  GPtrArray   *files;           /* File, sorted by name; number FW_CFG_FILE_FIRST and on */
  GBytes      *directory;
  void       (*prepare) (gpointer data);
  gpointer     prepare_data;
} FwCfg;

static void
free_file (gpointer data)
{
  File *file = data;

  g_free (file->name);
  g_bytes_unref (file->data);
  g_free (file);
}

static void
put_big (guint8 *at, guint size, guint64 value)
{
  while (size-- > 0)
    {
      at[size] = (guint8) value;
      value >>= 8;
    }
}

static guint64
get_big (const guint8 *at, guint size)
{
  guint64 value = 0;
  guint i;

  for (i = 0; i < size; i++)
    value = value << 8 | at[i];
  return value;
}

static GBytes *
make_directory (const FwCfg *self)
{
  gsize size = 4 + (gsize) self->files->len * DIRECTORY_ENTRY;
  guint8 *bytes = g_malloc0 (size);
  guint i;

  put_big (bytes, 4, self->files->len);
  for (i = 0; i < self->files->len; i++)
    {
      const File *file = g_ptr_array_index (self->files, i);
      guint8 *entry = bytes + 4 + i * DIRECTORY_ENTRY;

      put_big (entry, 4, g_bytes_get_size (file->data));
      put_big (entry + 4, 2, FW_CFG_FILE_FIRST + i);
      g_strlcpy ((char *) entry + 8, file->name, FW_CFG_NAME_SIZE);
    }
  return g_bytes_new_take (bytes, size);
}

/* The item under a key, or NULL; borrowed. */
static GBytes *
item (FwCfg *self, guint16 key)
{
  key &= (guint16) ~KEY_WRITE;
  if (key == FW_CFG_FILE_DIR)
    return self->directory;
  if (key >= FW_CFG_FILE_FIRST && key < FW_CFG_FILE_FIRST + self->files->len)
    return ((File *) g_ptr_array_index (self->files, key - FW_CFG_FILE_FIRST))->data;
  return g_hash_table_lookup (self->items, GUINT_TO_POINTER (key));
}

/* (nullable): the item under a key is no file, or none that lives. */
static const FwCfgLive *
live_item (const FwCfg *self, guint16 key)
{
  const File *file;

  key &= (guint16) ~KEY_WRITE;
  if (key < FW_CFG_FILE_FIRST || key >= FW_CFG_FILE_FIRST + self->files->len)
    return NULL;
  file = g_ptr_array_index (self->files, key - FW_CFG_FILE_FIRST);
  return file->live.owner != NULL ? &file->live : NULL;
}

static void
select_item (FwCfg *self, guint16 key)
{
  const FwCfgLive *live = live_item (self, key);

  self->s.key = key;
  self->s.offset = 0;
  if (live != NULL && live->selected != NULL)
    live->selected (live->owner);
  if (self->prepare != NULL && (key == FW_CFG_FILE_DIR || (key >= FW_CFG_FILE_FIRST && key < 0x4000)))
    self->prepare (self->prepare_data);
}

/* What the item still has at the guest's place. */
static gsize
left (FwCfg *self, const guint8 **bytes)
{
  GBytes *data = item (self, self->s.key);
  const FwCfgLive *live = live_item (self, self->s.key);
  gsize size = 0;

  *bytes = NULL;
  if (data != NULL)
    *bytes = g_bytes_get_data (data, &size);
  if (live != NULL)
    *bytes = (const guint8 *) astern_device_state (live->owner) + live->offset;
  if (*bytes == NULL || self->s.offset >= size)
    return 0;
  *bytes += self->s.offset;
  return size - self->s.offset;
}

static guint64
ports_peek (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  FwCfg *self = (FwCfg *) device;
  const guint8 *bytes;

  if (offset == 0)
    return size == 2 ? 0 : self->s.key & 0xff;
  return left (self, &bytes) > 0 ? bytes[0] : 0;
}

static guint64
ports_read (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  FwCfg *self = (FwCfg *) device;
  guint64 value = ports_peek (device, offset, size, access);

  if (offset == 1 && self->s.offset < G_MAXUINT32)
    self->s.offset++;
  return value;
}

static void
ports_write (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  if (offset == 0)
    select_item ((FwCfg *) device, (guint16) value);
}

/* Copies from the item to guest memory; behind its end there are zeros. */
static gboolean
dma_read (FwCfg *self, guint64 address, guint32 length)
{
  AsternBus *memory = self->parent.machine->physical;
  const guint8 *bytes;
  gsize have = MIN (left (self, &bytes), length);
  guint32 zeros = length - (guint32) have;

  if (zeros > DMA_MOST_ZEROS)
    return FALSE;
  astern_bus_write_bytes (memory, (AsternPaddr) { address }, bytes, have, ASTERN_ORIGIN_DMA);
  if (zeros > 0)
    {
      g_autofree guint8 *nothing = g_malloc0 (zeros);

      astern_bus_write_bytes (memory, (AsternPaddr) { address + have }, nothing, zeros, ASTERN_ORIGIN_DMA);
    }
  return TRUE;
}

/* Into what lives and may be written; what does not fit is an error, and nothing of it is written. */
static gboolean
dma_write (FwCfg *self, guint64 address, guint32 length)
{
  const FwCfgLive *live = live_item (self, self->s.key);

  if (live == NULL || live->may_write == NULL || self->s.offset > live->size || length > live->size - self->s.offset)
    return FALSE;
  if (live->may_write (live->owner))
    astern_bus_read_bytes (self->parent.machine->physical, (AsternPaddr) { address },
                           (guint8 *) astern_device_state (live->owner) + live->offset + self->s.offset, length, ASTERN_ORIGIN_DMA);
  return TRUE;
}

/* The guest's order lies in its memory: control, length, address; big endian. */
static void
run_dma (FwCfg *self, guint64 order)
{
  AsternBus *memory;
  guint8 bytes[16];
  guint32 control, length;
  gboolean ok = TRUE;

  if (self->parent.machine == NULL)
    return;
  memory = self->parent.machine->physical;
  astern_bus_read_bytes (memory, (AsternPaddr) { order }, bytes, sizeof bytes, ASTERN_ORIGIN_DMA);
  control = (guint32) get_big (bytes, 4);
  length = (guint32) get_big (bytes + 4, 4);

  if (control & DMA_SELECT)
    select_item (self, (guint16) (control >> 16));
  if (control & DMA_READ)
    ok = dma_read (self, get_big (bytes + 8, 8), length);
  else if (control & DMA_WRITE)
    ok = dma_write (self, get_big (bytes + 8, 8), length);
  if (ok && (control & (DMA_READ | DMA_WRITE | DMA_SKIP)))
    self->s.offset = length > G_MAXUINT32 - self->s.offset ? G_MAXUINT32 : self->s.offset + length;

  put_big (bytes, 4, ok ? 0 : DMA_ERROR);
  astern_bus_write_bytes (memory, (AsternPaddr) { order }, bytes, 4, ASTERN_ORIGIN_DMA);
}

static guint64
dma_read_register (AsternDevice *device, guint64 offset, guint size, const AsternAccess *access)
{
  guint8 bytes[8];
  guint64 value = 0;

  put_big (bytes, 8, DMA_SIGNATURE);
  memcpy (&value, bytes + offset, size);
  return GUINT64_FROM_LE (value);
}

static void
dma_write_register (AsternDevice *device, guint64 offset, guint size, guint64 value, const AsternAccess *access)
{
  FwCfg *self = (FwCfg *) device;
  guint8 bytes[8];
  guint64 little = GUINT64_TO_LE (value);

  put_big (bytes, 8, self->s.dma_address);
  memcpy (bytes + offset, &little, size);
  self->s.dma_address = get_big (bytes, 8);
  if (offset + size == 8)
    {
      guint64 order = self->s.dma_address;

      self->s.dma_address = 0;
      run_dma (self, order);
    }
}

static void
fw_cfg_init (AsternDevice *device)
{
  FwCfg *self = (FwCfg *) device;
  g_autoptr (GBytes) signature = g_bytes_new_static ("QEMU", 4);

  self->items = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_bytes_unref);
  self->files = g_ptr_array_new_with_free_func (free_file);
  self->directory = make_directory (self);
  fw_cfg_set (device, FW_CFG_SIGNATURE, signature);
  fw_cfg_set_number (device, FW_CFG_ID, 1 | 2, 4);      /* ports, DMA */
}

static void
fw_cfg_reset (AsternDevice *device)
{
  FwCfg *self = (FwCfg *) device;

  self->s.key = 0;
  self->s.offset = 0;
  self->s.dma_address = 0;
}

static void
fw_cfg_restored (AsternDevice *device)
{
  FwCfg *self = (FwCfg *) device;

  if (self->prepare != NULL)
    self->prepare (self->prepare_data);
}

static void
fw_cfg_finalize (AsternDevice *device)
{
  FwCfg *self = (FwCfg *) device;

  g_hash_table_unref (self->items);
  g_ptr_array_unref (self->files);
  g_bytes_unref (self->directory);
}

static const AsternWindow windows[] = {
  { .name = "fw-cfg", .size = 2, .min_size = 1, .max_size = 2,
    .read = ports_read, .write = ports_write, .peek = ports_peek },
  { .name = "fw-cfg-dma", .size = 8, .min_size = 1, .max_size = 8,
    .read = dma_read_register, .write = dma_write_register, .peek = dma_read_register },
};

static const AsternField fields[] = {
  ASTERN_FIELD (FwCfgState, dma_address, 1),
  ASTERN_FIELD (FwCfgState, offset, 1),
  ASTERN_FIELD (FwCfgState, key, 1),
  ASTERN_FIELD (FwCfgState, reserved, 1),
};

const AsternDeviceClass fw_cfg_class = {
  .name = "fw-cfg", .summary = "firmware configuration", .state_version = 1,
  .instance_size = sizeof (FwCfg),
  .state_offset = G_STRUCT_OFFSET (FwCfg, s), .state_size = sizeof (FwCfgState),
  .fields = fields, .n_fields = G_N_ELEMENTS (fields),
  .windows = windows, .n_windows = G_N_ELEMENTS (windows),
  .init = fw_cfg_init, .reset = fw_cfg_reset, .restored = fw_cfg_restored, .finalize = fw_cfg_finalize,
};

void
fw_cfg_set (AsternDevice *device, guint16 key, GBytes *data)
{
  FwCfg *self = (FwCfg *) device;

  g_hash_table_replace (self->items, GUINT_TO_POINTER (key), g_bytes_ref (data));
}

void
fw_cfg_set_number (AsternDevice *device, guint16 key, guint64 value, guint size_bytes)
{
  guint64 little = GUINT64_TO_LE (value);
  g_autoptr (GBytes) data = NULL;

  g_return_if_fail (size_bytes <= sizeof little);

  data = g_bytes_new (&little, size_bytes);
  fw_cfg_set (device, key, data);
}

gboolean
fw_cfg_add_file (AsternDevice *device, const char *name, GBytes *data)
{
  FwCfg *self = (FwCfg *) device;
  File *added;
  guint i;

  if (strlen (name) >= FW_CFG_NAME_SIZE)
    return FALSE;

  for (i = 0; i < self->files->len; i++)
    {
      File *file = g_ptr_array_index (self->files, i);
      int order = strcmp (file->name, name);

      if (order > 0)
        break;
      if (order == 0)
        {
          gboolean same_size = g_bytes_get_size (file->data) == g_bytes_get_size (data);

          g_bytes_unref (file->data);
          file->data = g_bytes_ref (data);
          if (same_size)
            return TRUE;
          g_bytes_unref (self->directory);
          self->directory = make_directory (self);
          return TRUE;
        }
    }
  added = g_new0 (File, 1);
  added->name = g_strdup (name);
  added->data = g_bytes_ref (data);
  g_ptr_array_insert (self->files, (gint) i, added);
  g_bytes_unref (self->directory);
  self->directory = make_directory (self);
  return TRUE;
}

void
fw_cfg_add_live (AsternDevice *device, const char *name, const FwCfgLive *live)
{
  FwCfg *self = (FwCfg *) device;
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (live->size), live->size);

  fw_cfg_add_file (device, name, zeros);
  for (guint i = 0; i < self->files->len; i++)
    {
      File *file = g_ptr_array_index (self->files, i);

      if (strcmp (file->name, name) == 0)
        file->live = *live;
    }
}

GBytes *
fw_cfg_find_file (AsternDevice *device, const char *name)
{
  FwCfg *self = (FwCfg *) device;
  guint i;

  for (i = 0; i < self->files->len; i++)
    {
      const File *file = g_ptr_array_index (self->files, i);

      if (strcmp (file->name, name) == 0)
        return file->data;
    }
  return NULL;
}

void
fw_cfg_set_prepare (AsternDevice *device, void (*prepare) (gpointer data), gpointer data)
{
  FwCfg *self = (FwCfg *) device;

  self->prepare = prepare;
  self->prepare_data = data;
}
