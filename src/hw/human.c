/* human.c - see human.h. */
#include "config.h"

#include "hw/human.h"

#include "core/machine.h"
#include "hw/boards/vmport.h"
#include "hw/ps2-keyboard.h"
#include "hw/ps2-mouse.h"
#include "hw/usb/hid.h"
#include "hw/virtio/virtio-input.h"

const Human humans[] = {
  /* class                 kind             input                listens */
  { &ps2_keyboard_class,   HUMAN_KEYS,      ps2_keyboard_input,  ps2_keyboard_listens },
  { &ps2_mouse_class,      HUMAN_RELATIVE,  ps2_mouse_input,     ps2_mouse_listens },
  { &usb_kbd_class,        HUMAN_KEYS,      usb_kbd_input,       usb_hid_listens },
  { &usb_mouse_class,      HUMAN_RELATIVE,  usb_mouse_input,     usb_hid_listens },
  { &usb_tablet_class,     HUMAN_ABSOLUTE,  usb_tablet_input,    usb_hid_listens },
  { &virtio_keyboard_class, HUMAN_KEYS,     virtio_keyboard_input, virtio_input_listens },
  { &virtio_mouse_class,   HUMAN_RELATIVE,  virtio_mouse_input,  virtio_input_listens },
  { &virtio_tablet_class,  HUMAN_ABSOLUTE,  virtio_tablet_input, virtio_input_listens },
  { &vmport_class,         HUMAN_ABSOLUTE,  vmport_input,        vmport_listens },
  { NULL, 0, NULL, NULL },
};

static const Human *
row_of (const AsternDevice *device, HumanKind kind)
{
  for (const Human *row = humans; row->klass != NULL; row++)
    if (row->klass == device->klass && row->kind == kind)
      return row;
  return NULL;
}

static const Human *
choose (AsternMachine *machine, HumanKind kind, gboolean listening, AsternDevice **device)
{
  const Human *chosen = NULL;

  for (guint i = machine->devices->len; i-- > 0;)
    {
      AsternDevice *candidate = g_ptr_array_index (machine->devices, i);
      const Human *row = row_of (candidate, kind);

      if (row == NULL)
        continue;
      if (row->listens == NULL || row->listens (candidate))
        {
          *device = candidate;
          return row;
        }
      if (!listening)
        {
          *device = candidate;
          chosen = row;
        }
    }
  return chosen;
}

AsternDevice *
human_find (AsternMachine *machine, HumanKind kind, gboolean listening)
{
  AsternDevice *device = NULL;

  return choose (machine, kind, listening, &device) != NULL ? device : NULL;
}

void
human_input (gpointer receiver, gconstpointer data, gsize size)
{
  const guint8 *bytes = data;
  AsternDevice *device = NULL;
  const Human *row;

  if (size < 1 || bytes[0] >= HUMAN_N_KINDS)
    return;
  row = choose (receiver, (HumanKind) bytes[0], FALSE, &device);
  if (row != NULL)
    row->input (device, bytes + 1, size - 1);
}
