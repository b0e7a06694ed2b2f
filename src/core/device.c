/* device.c - accesses by register tables, reset, save and load; see device.h.
 *
 * An access finds the register that has its offset and size; if there is none,
 * the register that contains it; if there is none, it is taken apart into two
 * halves, the lower offset first.  Of several registers at one place the bank
 * and the direction choose. */
#include "config.h"

#include "core/device.h"
#include "core/machine.h"

#include <glib/gi18n.h>
#include <string.h>

/* The key of a saved state's version; no field can have this name. */
#define VERSION_KEY "state-version"

static inline guint64
ones (guint size)
{
  return size >= 8 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << 8 * size) - 1;
}

static inline guint
copies (const AsternReg *reg)
{
  return MAX (reg->count, 1);
}

static guint64
load_backing (gconstpointer state, guint32 at, guint width)
{
  const guint8 *p = (const guint8 *) state + at;

  switch (width)
    {
    case 1: return *p;
    case 2: { guint16 v; memcpy (&v, p, 2); return v; }
    case 4: { guint32 v; memcpy (&v, p, 4); return v; }
    default: { guint64 v; memcpy (&v, p, 8); return v; }
    }
}

static void
store_backing (gpointer state, guint32 at, guint width, guint64 value)
{
  guint8 *p = (guint8 *) state + at;

  switch (width)
    {
    case 1: *p = (guint8) value; break;
    case 2: { guint16 v = (guint16) value; memcpy (p, &v, 2); break; }
    case 4: { guint32 v = (guint32) value; memcpy (p, &v, 4); break; }
    default: memcpy (p, &value, 8); break;
    }
}

/* A register and which of its copies. */
typedef struct
{
  const AsternReg *reg;
  guint32          offset;    /* of the copy in the window */
  guint32          backing;   /* of the copy in the state, or ASTERN_NO_BACKING */
} Found;

typedef enum { FOUND_NOTHING, FOUND_PART, FOUND_REGISTER } FindResult;

/* FOUND_PART: only a part of [offset, offset+size) is a register or in one. */
static FindResult
find_register (AsternDevice *device, const AsternWindow *window, guint64 offset, guint size, guint access, Found *found)
{
  FindResult result = FOUND_NOTHING;

  for (guint i = 0; i < window->n_regs; i++)
    {
      const AsternReg *reg = &window->regs[i];
      guint64 end = reg->offset + (guint64) copies (reg) * reg->width;
      guint32 copy, start;

      if (!(reg->access & access) || offset >= end || offset + size <= reg->offset)
        continue;
      copy = offset > reg->offset ? (guint32) (offset - reg->offset) / reg->width : 0;
      start = reg->offset + copy * reg->width;
      if (reg->bank != ASTERN_ANY_BANK && window->bank != NULL
          && window->bank (astern_device_state (device), start) != reg->bank)
        continue;
      if (start > offset || offset + size > (guint64) start + reg->width)
        {
          if (result == FOUND_NOTHING)
            result = FOUND_PART;
          continue;
        }
      if (result == FOUND_REGISTER && (start != offset || reg->width != size))
        continue;
      result = FOUND_REGISTER;
      *found = (Found) { reg, start, ASTERN_NO_BACKING };
      if (reg->backing != ASTERN_NO_BACKING)
        found->backing = reg->backing + copy * reg->width;
      if (start == offset && reg->width == size)
        break;
    }
  return result;
}

static void
guest_error (AsternDevice *device, const AsternWindow *window, const char *what, guint64 offset, guint size)
{
  if (device->machine != NULL)
    astern_events_log (&device->machine->events, ASTERN_EVENT_GUEST_ERRORS,
                       "%s: %s of %u bytes at 0x%" G_GINT64_MODIFIER "x of %s, where it has nothing",
                       device->name, what, size, offset, window->name);
}

static guint64
register_value (AsternDevice *device, const Found *found)
{
  gconstpointer state = astern_device_state (device);

  if (found->reg->value != NULL)
    return found->reg->value (state, found->offset);
  if (found->backing != ASTERN_NO_BACKING)
    return load_backing (state, found->backing, found->reg->width);
  return 0;
}

guint64
astern_device_register (AsternDevice *device, const AsternReg *reg, guint copy)
{
  Found found = { reg, reg->offset + copy * reg->width, ASTERN_NO_BACKING };

  if (reg->backing != ASTERN_NO_BACKING)
    found.backing = reg->backing + copy * reg->width;
  return register_value (device, &found) & ones (reg->width);
}

static guint64
registers_read (AsternDevice *device, const AsternWindow *window, guint64 offset, guint size, gboolean peek)
{
  Found found;

  switch (find_register (device, window, offset, size, ASTERN_REG_R, &found))
    {
    case FOUND_REGISTER:
      {
        guint64 value = register_value (device, &found) >> 8 * (offset - found.offset);

        if (!peek && found.reg->did_read != NULL)
          found.reg->did_read (device, found.offset);
        return value & ones (size);
      }
    case FOUND_PART:
      {
        guint64 low = registers_read (device, window, offset, size / 2, peek);

        return low | registers_read (device, window, offset + size / 2, size / 2, peek) << 4 * size;
      }
    default:
      if (!peek)
        guest_error (device, window, "read", offset, size);
      return ones (size);
    }
}

/* What a write of part of a register means for the whole: the bytes not written
 * keep their writable bits, the rest of them (write-one-to-clear, commands) is zero. */
static guint64
merge_write (AsternDevice *device, const Found *found, guint64 offset, guint size, guint64 value)
{
  guint shift = 8 * (guint) (offset - found->offset);
  guint64 written = ones (size) << shift;
  guint64 old;

  if (size == found->reg->width)
    return value & ones (size);
  if (found->backing != ASTERN_NO_BACKING)
    old = load_backing (astern_device_state (device), found->backing, found->reg->width);
  else
    old = register_value (device, found);
  return (value << shift & written) | (old & found->reg->writable & ~written);
}

static void
registers_write (AsternDevice *device, const AsternWindow *window, guint64 offset, guint size, guint64 value)
{
  Found found;

  switch (find_register (device, window, offset, size, ASTERN_REG_W, &found))
    {
    case FOUND_REGISTER:
      {
        const AsternReg *reg = found.reg;

        value = merge_write (device, &found, offset, size, value);
        if (found.backing != ASTERN_NO_BACKING)
          {
            gpointer state = astern_device_state (device);
            guint64 old = load_backing (state, found.backing, reg->width);

            store_backing (state, found.backing, reg->width, (old & ~reg->writable) | (value & reg->writable));
          }
        if (reg->did_write != NULL)
          reg->did_write (device, found.offset, value);
        break;
      }
    case FOUND_PART:
      registers_write (device, window, offset, size / 2, value);
      registers_write (device, window, offset + size / 2, size / 2, value >> 4 * size);
      break;
    default:
      guest_error (device, window, "write", offset, size);
      break;
    }
}

/* The functions of a window see sizes from min_size to max_size, aligned. */
static guint64
functions_read (AsternDevice *device, const AsternWindow *window, guint64 offset, guint size,
                const AsternAccess *access, gboolean peek)
{
  guint64 (*function) (AsternDevice *, guint64, guint, const AsternAccess *) = peek ? window->peek : window->read;
  guint least = MAX (window->min_size, 1);
  guint most = window->max_size != 0 ? window->max_size : 8;
  AsternAccess part = *access;

  if (function == NULL)
    return ones (size);
  if (size > most || (offset & (size - 1)) != 0)
    {
      guint64 low = functions_read (device, window, offset, size / 2, &part, peek);

      part.address.p += size / 2;
      return low | functions_read (device, window, offset + size / 2, size / 2, &part, peek) << 4 * size;
    }
  if (size < least)
    {
      guint64 start = offset & ~(guint64) (least - 1);

      part.address.p -= offset - start;
      part.size = (guint8) least;
      return function (device, start, least, &part) >> 8 * (offset - start) & ones (size);
    }
  part.size = (guint8) size;
  return function (device, offset, size, &part) & ones (size);
}

static void
functions_write (AsternDevice *device, const AsternWindow *window, guint64 offset, guint size, guint64 value,
                 const AsternAccess *access)
{
  guint least = MAX (window->min_size, 1);
  guint most = window->max_size != 0 ? window->max_size : 8;
  AsternAccess part = *access;

  if (window->write == NULL)
    return;
  if (size > most || (offset & (size - 1)) != 0)
    {
      functions_write (device, window, offset, size / 2, value, &part);
      part.address.p += size / 2;
      functions_write (device, window, offset + size / 2, size / 2, value >> 4 * size, &part);
      return;
    }
  if (size < least)
    {
      guint64 start = offset & ~(guint64) (least - 1);
      guint shift = 8 * (guint) (offset - start);
      guint64 old = window->peek != NULL ? window->peek (device, start, least, &part) : 0;

      part.address.p -= offset - start;
      value = (old & ~(ones (size) << shift)) | (value & ones (size)) << shift;
      offset = start;
      size = least;
    }
  part.size = (guint8) size;
  window->write (device, offset, size, value & ones (size), &part);
}

guint64
astern_device_table_read (AsternDevice *device, guint window, guint64 offset, guint size, gboolean peek)
{
  return registers_read (device, &device->klass->windows[window], offset, size, peek);
}

void
astern_device_table_write (AsternDevice *device, guint window, guint64 offset, guint size, guint64 value)
{
  registers_write (device, &device->klass->windows[window], offset, size, value);
}

static inline gboolean
has_functions (const AsternWindow *window)
{
  return window->read != NULL || window->write != NULL;
}

static gboolean
is_inside (AsternDevice *device, const AsternWindow *window, guint64 offset, guint size, const char *what)
{
  g_return_val_if_fail (size == 1 || size == 2 || size == 4 || size == 8, FALSE);

  if (offset < window->size && size <= window->size - offset)
    return TRUE;
  if (what != NULL)
    guest_error (device, window, what, offset, size);
  return FALSE;
}

static AsternAccess
default_access (guint64 offset, guint size, AsternAccessKind kind, AsternOrigin origin)
{
  return (AsternAccess) { { offset }, (guint8) size, (guint8) kind, (guint8) origin, 0 };
}

guint64
astern_device_peek (AsternDevice *device, guint window, guint64 offset, guint size)
{
  const AsternWindow *w = &device->klass->windows[window];
  AsternAccess access = default_access (offset, size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_DEBUGGER);

  if (!is_inside (device, w, offset, size, NULL))
    return ones (size);
  if (has_functions (w))
    return functions_read (device, w, offset, size, &access, TRUE);
  return registers_read (device, w, offset, size, TRUE);
}

guint64
astern_device_read (AsternDevice *device, guint window, guint64 offset, guint size, const AsternAccess *access)
{
  const AsternWindow *w = &device->klass->windows[window];
  AsternAccess by_cpu;

  if (access == NULL)
    {
      by_cpu = default_access (offset, size, ASTERN_ACCESS_READ, ASTERN_ORIGIN_CPU);
      access = &by_cpu;
    }
  if (access->origin == ASTERN_ORIGIN_DEBUGGER)
    return astern_device_peek (device, window, offset, size);
  if (!is_inside (device, w, offset, size, "read"))
    return ones (size);
  device->accesses++;
  if (has_functions (w))
    return functions_read (device, w, offset, size, access, FALSE);
  return registers_read (device, w, offset, size, FALSE);
}

void
astern_device_write (AsternDevice *device, guint window, guint64 offset, guint size, guint64 value,
                     const AsternAccess *access)
{
  const AsternWindow *w = &device->klass->windows[window];
  AsternAccess by_cpu;

  if (access == NULL)
    {
      by_cpu = default_access (offset, size, ASTERN_ACCESS_WRITE, ASTERN_ORIGIN_CPU);
      access = &by_cpu;
    }
  if (access->origin == ASTERN_ORIGIN_DEBUGGER || !is_inside (device, w, offset, size, "write"))
    return;
  device->accesses++;
  if (has_functions (w))
    functions_write (device, w, offset, size, value, access);
  else
    registers_write (device, w, offset, size, value);
}

guint8
astern_device_read8 (AsternDevice *device, guint64 offset)
{
  return (guint8) astern_device_read (device, 0, offset, 1, NULL);
}

void
astern_device_write8 (AsternDevice *device, guint64 offset, guint8 value)
{
  astern_device_write (device, 0, offset, 1, value, NULL);
}

guint8
astern_device_peek8 (AsternDevice *device, guint64 offset)
{
  return (guint8) astern_device_peek (device, 0, offset, 1);
}

AsternDevice *
astern_device_new (const AsternDeviceClass *klass, const char *name, AsternMachine *machine, AsternClock *clock)
{
  AsternDevice *device = g_malloc0 (klass->instance_size);

  g_assert (klass->state_offset + klass->state_size <= klass->instance_size);
  device->klass = klass;
  device->name = g_strdup (name);
  device->machine = machine;
  device->clock = clock;
  if (klass->init != NULL)
    klass->init (device);
  astern_device_reset (device);
  return device;
}

void
astern_device_free (AsternDevice *device)
{
  if (device->klass->finalize != NULL)
    device->klass->finalize (device);
  g_free (device->name);
  g_free (device->made);
  g_free (device);
}

void
astern_device_comes_later (AsternDevice *device)
{
  astern_device_reset (device);
  g_free (device->made);
  device->made = g_memdup2 (astern_device_state (device), device->klass->state_size);
}

gboolean
astern_device_is_unborn (AsternDevice *device)
{
  return device->made != NULL && memcmp (device->made, astern_device_state (device), device->klass->state_size) == 0;
}

static void
reset_registers (AsternDevice *device, const AsternWindow *window)
{
  for (guint i = 0; i < window->n_regs; i++)
    {
      const AsternReg *reg = &window->regs[i];

      if (reg->backing != ASTERN_NO_BACKING)
        for (guint copy = 0; copy < copies (reg); copy++)
          store_backing (astern_device_state (device), reg->backing + copy * reg->width, reg->width, reg->reset);
    }
}

void
astern_device_reset (AsternDevice *device)
{
  for (guint i = 0; i < device->klass->n_windows; i++)
    reset_registers (device, &device->klass->windows[i]);
  if (device->klass->reset != NULL)
    device->klass->reset (device);
}

GVariant *
astern_device_save (AsternDevice *device)
{
  const AsternDeviceClass *klass = device->klass;
  g_autoptr (GVariant) fields = NULL;
  GVariantDict dict;

  fields = g_variant_ref_sink (astern_fields_save (klass->fields, klass->n_fields, astern_device_state (device)));
  g_variant_dict_init (&dict, fields);
  g_variant_dict_insert (&dict, VERSION_KEY, "u", klass->state_version);
  return g_variant_dict_end (&dict);
}

gboolean
astern_device_load (AsternDevice *device, GVariant *saved, GError **error)
{
  const AsternDeviceClass *klass = device->klass;
  guint32 version;

  if (!g_variant_is_of_type (saved, G_VARIANT_TYPE_VARDICT)
      || !g_variant_lookup (saved, VERSION_KEY, "u", &version))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _("What was saved of “%s” is not a device's state."), device->name);
      return FALSE;
    }
  if (version > klass->state_version)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   _("The state of “%s” was saved by a newer version (%u; this one reads up to %u)."),
                   device->name, version, klass->state_version);
      return FALSE;
    }
  if (!astern_fields_load (klass->fields, klass->n_fields, version, saved, astern_device_state (device),
                           klass->state_size, error))
    {
      g_prefix_error (error, _("Cannot load the state of “%s”: "), device->name);
      return FALSE;
    }
  astern_device_restored (device);
  return TRUE;
}

void
astern_device_restored (AsternDevice *device)
{
  astern_clock_rebuild (device->clock);
  if (device->klass->restored != NULL)
    device->klass->restored (device);
}

guint64
astern_device_hash (AsternDevice *device, guint64 hash)
{
  const AsternDeviceClass *klass = device->klass;

  hash = astern_hash_bytes (hash, device->name, strlen (device->name));
  return astern_fields_hash (klass->fields, klass->n_fields, astern_device_state (device), hash);
}
