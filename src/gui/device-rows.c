/* device-rows.c - see device-rows.h.
 * Source of what PCI configuration space holds: PCI Local Bus Specification 2.2, section 6.2. */
#include "config.h"

#include "gui/device-rows.h"

#include "hw/pci.h"

#include <string.h>

#include <glib/gi18n.h>

#define X "%0*" G_GINT64_MODIFIER "x"

enum { MOST_COPIES = 256, MOST_ELEMENTS = 16 };
enum { SECTION_PCI = 0xfe, SECTION_STATE = 0xff };

/* Where a device's window answers. */
typedef struct
{
  const AsternDevice *device;
  guint               window;
  gboolean            ports;
  guint64             start, end, offset;      /* offset: in the window */
} Place;

typedef struct
{
  AsternRowList *list;
  AsternMachine *machine;
  GHashTable    *unfolded;
  GArray        *places;       /* Place */
  gboolean       ports;        /* while they are gathered */
} Filling;

/* ---- keys: device, section, register, copy, bit ---- */

static guint64
key_of (guint device, guint section, guint reg, guint copy, guint bit)
{
  return ((guint64) (device + 1) << 44) | (guint64) section << 36 | (guint64) reg << 20 | (guint64) copy << 8 | bit;
}

/* ---- places ---- */

static void
gather (guint64 start, guint64 end, const char *name, const AsternTarget *read, const AsternTarget *write, gpointer data)
{
  Filling *f = data;
  const AsternTarget *target = read->kind == ASTERN_TARGET_DEVICE ? read : write;
  Place place = { target->device, target->window, f->ports, start, end, target->offset };

  if (target->kind == ASTERN_TARGET_DEVICE)
    g_array_append_val (f->places, place);
}

/* The first place where @offset of a window is seen; NULL: nowhere. */
static const Place *
find_place (const Filling *f, const AsternDevice *device, guint window, guint64 offset)
{
  for (guint i = 0; i < f->places->len; i++)
    {
      const Place *place = &g_array_index (f->places, Place, i);

      if (place->device == device && place->window == window && offset >= place->offset
          && offset - place->offset < place->end - place->start)
        return place;
    }
  return NULL;
}

static void
set_place (Filling *f, AsternRow *row, const AsternDevice *device, guint window, guint64 offset)
{
  const Place *place = find_place (f, device, window, offset);

  if (place == NULL)
    return;
  row->address = place->start + (offset - place->offset);
  row->flags |= place->ports ? ASTERN_DEVICE_PORT : ASTERN_DEVICE_MEMORY;
  if (place->ports)
    astern_row_list_printf (f->list, ASTERN_DEVICE_PLACE, _("port 0x%04x"), (guint) row->address);
  else
    astern_row_list_printf (f->list, ASTERN_DEVICE_PLACE, "0x%08x", (guint) row->address);
}

/* ---- registers ---- */

static guint64
bits_of (guint64 value, const AsternRegField *field)
{
  return value >> field->low & (field->bits >= 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << field->bits) - 1);
}

char *
astern_device_bits_text (const AsternReg *reg, guint64 value)
{
  GString *text = g_string_new (NULL);

  for (const AsternRegField *field = reg->bits; field != NULL && field->name != NULL; field++)
    {
      guint64 bits = bits_of (value, field);

      if (bits != 0 && field->bits == 1)
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", field->name);
      else if (bits != 0)
        g_string_append_printf (text, "%s%s=%" G_GINT64_MODIFIER "x", text->len > 0 ? ", " : "", field->name, bits);
    }
  return g_string_free (text, FALSE);
}

static void
add_bits (Filling *f, guint depth, guint64 key, const AsternReg *reg, guint64 value)
{
  guint i = 0;

  for (const AsternRegField *field = reg->bits; field != NULL && field->name != NULL; field++)
    {
      astern_row_list_add (f->list, depth, key | ++i);
      astern_row_list_set (f->list, ASTERN_DEVICE_NAME, field->name);
      astern_row_list_printf (f->list, ASTERN_DEVICE_VALUE, "%" G_GINT64_MODIFIER "x", bits_of (value, field));
      if (field->bits == 1)
        astern_row_list_printf (f->list, ASTERN_DEVICE_MEANING, _("bit %u"), field->low);
      else
        astern_row_list_printf (f->list, ASTERN_DEVICE_MEANING, _("bits %u to %u"), field->low, field->low + field->bits - 1u);
    }
}

/* Whether another register's turn is at that offset. */
static gboolean
is_banked_out (AsternDevice *device, const AsternWindow *window, const AsternReg *reg)
{
  return reg->bank != ASTERN_ANY_BANK && window->bank != NULL
         && window->bank (astern_device_state (device), reg->offset) != reg->bank;
}

/* An index register chooses what one function tells: of what is not chosen it tells nothing. */
static gboolean
is_told_only_when_chosen (const AsternWindow *window, const AsternReg *reg)
{
  for (guint i = 0; i < window->n_regs; i++)
    if (&window->regs[i] != reg && reg->value != NULL && window->regs[i].value == reg->value
        && window->regs[i].offset == reg->offset
        && window->regs[i].bank != reg->bank)
      return TRUE;
  return FALSE;
}

static void
set_value (Filling *f, AsternDevice *device, const AsternWindow *window, const AsternReg *reg, guint64 value, const char *bits)
{
  if (!is_banked_out (device, window, reg))
    {
      astern_row_list_printf (f->list, ASTERN_DEVICE_VALUE, X, reg->width * 2, value);
      astern_row_list_set (f->list, ASTERN_DEVICE_MEANING, bits);
    }
  else if (is_told_only_when_chosen (window, reg))
    {
      astern_row_list_set (f->list, ASTERN_DEVICE_VALUE, "–");
      astern_row_list_set (f->list, ASTERN_DEVICE_MEANING, _("not chosen now"));
    }
  else
    {
      astern_row_list_printf (f->list, ASTERN_DEVICE_VALUE, X, reg->width * 2, value);
      astern_row_list_printf (f->list, ASTERN_DEVICE_MEANING, "%s%s%s", bits, bits[0] != '\0' ? "; " : "", _("other bank"));
    }
}

static void
add_register (Filling *f, guint n, guint window, guint index, guint copy)
{
  AsternDevice *device = g_ptr_array_index (f->machine->devices, n);
  const AsternWindow *w = &device->klass->windows[window];
  const AsternReg *reg = &w->regs[index];
  guint64 value = astern_device_register (device, reg, copy);
  guint64 key = key_of (n, window + 1, index + 1, copy, 0);
  g_autofree char *bits = astern_device_bits_text (reg, value);
  gboolean known = !is_banked_out (device, w, reg) || !is_told_only_when_chosen (w, reg);
  AsternRow *row = astern_row_list_add (f->list, 3, key);

  row->flags = ASTERN_DEVICE_REGISTER | (reg->bits != NULL && known ? ASTERN_ROW_LAZY : 0)
               | (guint) reg->width << ASTERN_DEVICE_SIZE_SHIFT;
  if (reg->count > 1)
    astern_row_list_printf (f->list, ASTERN_DEVICE_NAME, "%s[%u]", reg->name, copy);
  else
    astern_row_list_set (f->list, ASTERN_DEVICE_NAME, reg->name);
  set_value (f, device, w, reg, value, bits);
  set_place (f, row, device, window, reg->offset + (guint64) copy * reg->width);
  if (known && astern_rows_is_in (f->unfolded, key))
    add_bits (f, 4, key, reg, value);
}

static void
add_window (Filling *f, guint n, guint window)
{
  AsternDevice *device = g_ptr_array_index (f->machine->devices, n);
  const AsternWindow *w = &device->klass->windows[window];
  guint64 key = key_of (n, window + 1, 0, 0, 0);
  AsternRow *row = astern_row_list_add (f->list, 2, key);

  row->flags = w->n_regs > 0 ? ASTERN_ROW_LAZY | ASTERN_ROW_OPEN : 0;
  astern_row_list_set (f->list, ASTERN_DEVICE_NAME, w->name != NULL ? w->name : _("registers"));
  astern_row_list_printf (f->list, ASTERN_DEVICE_MEANING, ngettext ("%u byte", "%u bytes", (gulong) w->size), (guint) w->size);
  set_place (f, row, device, window, 0);
  if (!astern_rows_is_in (f->unfolded, key))
    return;
  for (guint i = 0; i < w->n_regs; i++)
    if (w->regs[i].value != NULL || w->regs[i].backing != ASTERN_NO_BACKING)
      for (guint copy = 0; copy < CLAMP (w->regs[i].count, 1, MOST_COPIES); copy++)
        add_register (f, n, window, i, copy);
}

/* ---- PCI ---- */

static const AsternRegField command_bits[] = {
  { 0, 1, "I/O space" }, { 1, 1, "memory space" }, { 2, 1, "bus master" }, { 6, 1, "parity" }, { 8, 1, "SERR" },
  { 10, 1, "INTx off" }, { 0 },
};
static const AsternRegField status_bits[] = {
  { 3, 1, "interrupt" }, { 4, 1, "capabilities" }, { 9, 2, "DEVSEL" }, { 11, 1, "target abort" },
  { 12, 1, "received target abort" }, { 13, 1, "received master abort" }, { 15, 1, "parity error" }, { 0 },
};
static const AsternReg config_regs[] = {
  { .offset = 0x00, .width = 2, .name = "vendor" }, { .offset = 0x02, .width = 2, .name = "device" },
  { .offset = 0x04, .width = 2, .name = "command", .bits = command_bits },
  { .offset = 0x06, .width = 2, .name = "status", .bits = status_bits },
  { .offset = 0x08, .width = 1, .name = "revision" }, { .offset = 0x09, .width = 1, .name = "interface" },
  { .offset = 0x0a, .width = 2, .name = "class" }, { .offset = 0x0d, .width = 1, .name = "latency" },
  { .offset = 0x0e, .width = 1, .name = "header" }, { .offset = 0x2c, .width = 2, .name = "subsystem vendor" },
  { .offset = 0x2e, .width = 2, .name = "subsystem" }, { .offset = 0x3c, .width = 1, .name = "interrupt line" },
  { .offset = 0x3d, .width = 1, .name = "interrupt pin" },
};

static void
add_config (Filling *f, guint n, AsternDevice *device)
{
  for (guint i = 0; i < G_N_ELEMENTS (config_regs); i++)
    {
      const AsternReg *reg = &config_regs[i];
      guint64 value = astern_pci_get (device, reg->offset, reg->width), key = key_of (n, SECTION_PCI, i + 1, 0, 0);
      g_autofree char *bits = astern_device_bits_text (reg, value);

      astern_row_list_add (f->list, 3, key)->flags = reg->bits != NULL ? ASTERN_ROW_LAZY : 0;
      astern_row_list_set (f->list, ASTERN_DEVICE_NAME, reg->name);
      astern_row_list_printf (f->list, ASTERN_DEVICE_VALUE, X, reg->width * 2, value);
      astern_row_list_set (f->list, ASTERN_DEVICE_MEANING, bits);
      if (astern_rows_is_in (f->unfolded, key))
        add_bits (f, 4, key, reg, value);
    }
}

static void
add_bars (Filling *f, guint n, AsternDevice *device)
{
  for (guint bar = 0; bar < ASTERN_PCI_N_BARS; bar++)
    {
      const AsternPciBar *b = &((AsternPciFunction *) device)->bars[bar];
      guint64 address = astern_pci_bar_address (device, bar);
      AsternRow *row;

      if (b->kind == ASTERN_PCI_BAR_NONE)
        continue;
      row = astern_row_list_add (f->list, 3, key_of (n, SECTION_PCI, 0x100 + bar, 0, 0));
      if (bar == ASTERN_PCI_BAR_ROM)
        astern_row_list_set (f->list, ASTERN_DEVICE_NAME, "ROM");
      else
        astern_row_list_printf (f->list, ASTERN_DEVICE_NAME, "BAR%u", bar);
      if (address == G_MAXUINT64)
        astern_row_list_set (f->list, ASTERN_DEVICE_VALUE, _("not mapped"));
      else
        {
          astern_row_list_printf (f->list, ASTERN_DEVICE_VALUE, X, b->kind == ASTERN_PCI_BAR_PORTS ? 4 : 8, address);
          row->address = address;
          row->flags = b->kind == ASTERN_PCI_BAR_PORTS ? ASTERN_DEVICE_PORT : ASTERN_DEVICE_MEMORY;
        }
      if (b->kind == ASTERN_PCI_BAR_PORTS)
        astern_row_list_printf (f->list, ASTERN_DEVICE_MEANING, ngettext ("%u port", "%u ports", (guint) b->size), (guint) b->size);
      else
        {
          g_autofree char *size = g_format_size_full (b->size, G_FORMAT_SIZE_IEC_UNITS);

          astern_row_list_printf (f->list, ASTERN_DEVICE_MEANING, _("%s of memory"), size);
        }
    }
}

static void
add_pci (Filling *f, guint n, AsternDevice *device)
{
  guint64 key = key_of (n, SECTION_PCI, 0, 0, 0);

  astern_row_list_add (f->list, 2, key)->flags = ASTERN_ROW_LAZY;
  astern_row_list_set (f->list, ASTERN_DEVICE_NAME, _("configuration"));
  astern_row_list_printf (f->list, ASTERN_DEVICE_MEANING, "%04x:%04x", astern_pci_get (device, PCI_VENDOR_ID, 2),
                          astern_pci_get (device, PCI_DEVICE_ID, 2));
  if (!astern_rows_is_in (f->unfolded, key))
    return;
  add_config (f, n, device);
  add_bars (f, n, device);
}

/* ---- state ---- */

static void
add_field (Filling *f, guint n, AsternDevice *device, guint index)
{
  const AsternField *field = &device->klass->fields[index];
  const guint8 *at = (const guint8 *) astern_device_state (device) + field->offset;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < MIN (field->count, MOST_ELEMENTS); i++)
    {
      guint64 value = 0;

      memcpy (&value, at + (gsize) i * field->size, field->size);
      g_string_append_printf (text, "%s" X, i > 0 ? " " : "", field->size * 2, value);
    }
  if (field->count > MOST_ELEMENTS)
    g_string_append (text, " …");
  astern_row_list_add (f->list, 3, key_of (n, SECTION_STATE, index + 1, 0, 0));
  astern_row_list_set (f->list, ASTERN_DEVICE_NAME, field->name);
  astern_row_list_set (f->list, ASTERN_DEVICE_VALUE, text->str);
  if (field->count > 1)
    astern_row_list_printf (f->list, ASTERN_DEVICE_MEANING, _("%u elements"), field->count);
}

static void
add_state (Filling *f, guint n, AsternDevice *device)
{
  guint64 key = key_of (n, SECTION_STATE, 0, 0, 0);

  astern_row_list_add (f->list, 2, key)->flags = ASTERN_ROW_LAZY;
  astern_row_list_set (f->list, ASTERN_DEVICE_NAME, _("state"));
  if (astern_rows_is_in (f->unfolded, key))
    for (guint i = 0; i < device->klass->n_fields; i++)
      add_field (f, n, device, i);
}

/* ---- the board ---- */

static void
set_meaning (Filling *f, AsternDevice *device)
{
  if (astern_pci_is_function (device))
    {
      guint devfn = ((AsternPciFunction *) device)->devfn;
      const char *name = astern_pci_class_name (astern_pci_get (device, PCI_CLASS + 1, 2));

      astern_row_list_printf (f->list, ASTERN_DEVICE_PLACE, "00:%02x.%x", devfn >> 3, devfn & 7);
      if (name != NULL)
        astern_row_list_printf (f->list, ASTERN_DEVICE_MEANING, "%s (%s)", device->klass->summary, name);
      else
        astern_row_list_set (f->list, ASTERN_DEVICE_MEANING, device->klass->summary);
    }
  else
    astern_row_list_set (f->list, ASTERN_DEVICE_MEANING, device->klass->summary);
}

static void
add_device (Filling *f, guint n)
{
  AsternDevice *device = g_ptr_array_index (f->machine->devices, n);
  guint64 key = key_of (n, 0, 0, 0, 0);
  AsternRow *row = astern_row_list_add (f->list, 1, key);

  row->flags = ASTERN_ROW_LAZY;
  astern_row_list_set (f->list, ASTERN_DEVICE_NAME, device->name);
  if (!astern_pci_is_function (device) && device->klass->n_windows > 0)
    set_place (f, row, device, 0, 0);
  set_meaning (f, device);
  if (!astern_rows_is_in (f->unfolded, key))
    return;
  if (astern_pci_is_function (device))
    add_pci (f, n, device);
  for (guint w = astern_pci_is_function (device) ? 1 : 0; w < device->klass->n_windows; w++)
    add_window (f, n, w);
  if (device->klass->n_fields > 0)
    add_state (f, n, device);
}

void
astern_device_rows_add (AsternRowList *list, AsternMachine *machine, GHashTable *unfolded)
{
  Filling f = { list, machine, unfolded, g_array_new (FALSE, FALSE, sizeof (Place)), FALSE };

  astern_bus_foreach (machine->physical, gather, &f);
  f.ports = TRUE;
  astern_bus_foreach (machine->ports, gather, &f);
  for (guint pci = 0; pci < 2; pci++)
    {
      astern_row_list_add (list, 0, pci + 1)->flags = ASTERN_ROW_OPEN | ASTERN_ROW_STRONG;
      astern_row_list_set (list, ASTERN_DEVICE_NAME, pci ? _("PCI bus") : _("System"));
      for (guint i = 0; i < machine->devices->len; i++)
        if (astern_pci_is_function (g_ptr_array_index (machine->devices, i)) == (gboolean) pci)
          add_device (&f, i);
    }
  g_array_unref (f.places);
}
