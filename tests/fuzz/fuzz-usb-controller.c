/* fuzz-usb-controller - a controller that runs, with devices behind it: its registers, and the schedule or rings
 * that lie in memory.
 *
 * An input: a byte that chooses the controller; then commands, a byte each with what it needs. */
#include "config.h"

#include "../hw/usb/bus-fixture.h"
#include "hw/drive.h"
#include "hw/usb/ehci.h"
#include "hw/usb/hid.h"
#include "hw/usb/hub.h"
#include "hw/usb/net.h"
#include "hw/usb/ohci.h"
#include "hw/usb/serial.h"
#include "hw/usb/storage.h"
#include "hw/usb/uhci.h"
#include "hw/usb/xhci.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Where the schedule lies: a list of frames, or contexts; then what it leads to. */
enum { FRAMES = 0x1000, SCHEDULE = 0x2000, SCHEDULE_BYTES = 0x4000, EVENTS = 0x7000, CONTEXTS = 0x9000, INPUT = 0x8000 };
enum { MAX_COMMANDS = 256 };

typedef struct
{
  const guint8 *data;
  gsize         size;
} Input;

static guint32
take (Input *input, guint bytes)
{
  guint32 value = 0;

  for (guint i = 0; i < bytes && input->size > 0; i++, input->size--)
    value |= (guint32) *input->data++ << (8 * i);
  return value;
}

static void
write_word (Bus *bus, guint32 address, guint32 word)
{
  guint8 bytes[4] = { (guint8) word, (guint8) (word >> 8), (guint8) (word >> 16), (guint8) (word >> 24) };

  astern_bus_write_bytes (bus->machine->physical, (AsternPaddr) { address }, bytes, 4, ASTERN_ORIGIN_DMA);
}

static void
put (Bus *bus, guint32 offset, guint size, guint64 value)
{
  astern_device_write (bus->controller, 1, offset, size, value, NULL);
}

/* ---- devices ---- */

static gboolean
image_read (gpointer user, guint64 offset, gpointer data, gsize size, GError **error)
{
  memset (data, 0x5a, size);
  return TRUE;
}

static AsternDisk *
plug_devices (Bus *bus, UsbPort *ports, guint n_ports)
{
  static const AsternDeviceClass *const classes[] = { &usb_storage_class, &usb_hub_class, &usb_net_class };
  const AsternDiskImage image = { .size = 1 << 20, .read = image_read };
  AsternDevice *drive = bus_add (bus, &drive_class, "drive");
  AsternDisk *disk = astern_disk_new (bus->machine, "disk", &image, TRUE, NULL);

  drive_insert (drive, drive_add_medium (drive, disk));
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      AsternDevice *device = bus_add (bus, classes[i], classes[i]->name);

      if (i == 0)
        usb_storage_set_drive (device, drive, TRUE);
      usb_plug (ports, n_ports, device, NULL, NULL);
      if (i == 1)
        {
          guint n;
          UsbPort *below = usb_hub_ports ((UsbDevice *) device, &n);

          usb_plug (below, n, bus_add (bus, &usb_kbd_class, "kbd"), NULL, NULL);
        }
    }
  return disk;
}

/* As if they had been enumerated: addresses 1, 2, ... */
static void
address_devices (Bus *bus)
{
  guint8 address = 1;

  for (guint i = 0; i < bus->machine->devices->len; i++)
    {
      AsternDevice *device = g_ptr_array_index (bus->machine->devices, i);

      if (!usb_is_device (device))
        continue;
      usb_state ((UsbDevice *) device)->address = address++;
      usb_state ((UsbDevice *) device)->configuration = 1;
    }
}

/* ---- controllers that run ---- */

static void
fill_frames (Bus *bus, guint32 link)
{
  for (guint i = 0; i < 1024; i++)
    write_word (bus, FRAMES + 4 * i, link);
}

static void
start_uhci (Bus *bus)
{
  fill_frames (bus, SCHEDULE | 2);
  for (guint i = 0; i < UHCI_N_PORTS; i++)
    {
      put (bus, UHCI_PORTSC + 2 * i, 2, 0x200);
      put (bus, UHCI_PORTSC + 2 * i, 2, 0x4);
    }
  put (bus, UHCI_FRBASEADD, 4, FRAMES);
  put (bus, UHCI_USBINTR, 2, 15);
  put (bus, UHCI_USBCMD, 2, 1);
}

static void
start_ohci (Bus *bus)
{
  fill_frames (bus, SCHEDULE);
  for (guint i = 0; i < OHCI_N_PORTS; i++)
    put (bus, OHCI_RH_PORT_STATUS + 4 * i, 4, 0x10);
  put (bus, OHCI_HCCA, 4, FRAMES);
  put (bus, OHCI_CONTROL_HEAD_ED, 4, SCHEDULE);
  put (bus, OHCI_BULK_HEAD_ED, 4, SCHEDULE + 0x100);
  put (bus, OHCI_INTERRUPT_ENABLE, 4, 0x8000007f);
  put (bus, OHCI_CONTROL, 4, 0x80 | 0x34);
}

static void
start_ehci (Bus *bus)
{
  fill_frames (bus, (SCHEDULE + 0x100) | 2);
  put (bus, EHCI_CONFIGFLAG, 4, 1);
  for (guint i = 0; i < EHCI_N_PORTS; i++)
    {
      put (bus, EHCI_PORTSC + 4 * i, 4, 0x100);
      put (bus, EHCI_PORTSC + 4 * i, 4, 0);
    }
  put (bus, EHCI_PERIODICLISTBASE, 4, FRAMES);
  put (bus, EHCI_ASYNCLISTADDR, 4, SCHEDULE);
  put (bus, EHCI_USBINTR, 4, 0x3f);
  put (bus, EHCI_USBCMD, 4, 0x31);
}

static void
command (Bus *bus, guint n, guint32 parameter, guint32 control)
{
  write_word (bus, SCHEDULE + 16 * n, parameter);
  write_word (bus, SCHEDULE + 16 * n + 4, 0);
  write_word (bus, SCHEDULE + 16 * n + 8, 0);
  write_word (bus, SCHEDULE + 16 * n + 12, control | 1);
}

/* Two slots, addressed, with endpoints 0, 1 IN and 2 OUT, whose rings lie in the schedule. */
static void
start_xhci (Bus *bus)
{
  static const guint ports[2] = { XHCI_N_SOCKETS + 1, 2 };

  for (guint i = 0; i < XHCI_N_PORTS; i++)
    put (bus, XHCI_PORTS + 16 * i, 4, 0x10);
  write_word (bus, FRAMES + 0x800, EVENTS);                     /* the event ring's table */
  write_word (bus, FRAMES + 0x808, 64);
  put (bus, XHCI_CONFIG, 4, 8);
  put (bus, XHCI_DCBAAP, 8, FRAMES);
  put (bus, XHCI_CRCR, 8, SCHEDULE | 1);
  put (bus, XHCI_INTERRUPTERS + 8, 4, 1);
  put (bus, XHCI_INTERRUPTERS + 24, 8, EVENTS);
  put (bus, XHCI_INTERRUPTERS + 16, 8, FRAMES + 0x800);
  put (bus, XHCI_INTERRUPTERS, 4, 2);
  put (bus, XHCI_USBCMD, 4, 5);
  for (guint i = 0; i < 2; i++)
    {
      guint input = INPUT + 0x800 * i;

      write_word (bus, FRAMES + 8 * (i + 1), CONTEXTS + 0x1000 * i);
      write_word (bus, input + 4, 3);
      write_word (bus, input + 32, 1u << 27);
      write_word (bus, input + 36, ports[i] << 16);
      write_word (bus, input + 64 + 4, 4 << 3);
      write_word (bus, input + 64 + 8, (SCHEDULE + 0x1000 + 0x400 * i) | 1);
      for (guint e = 3; e <= 4; e++)                            /* 1 IN: bulk IN is 6, 2 OUT: bulk OUT is 2 */
        {
          write_word (bus, input + 32 + 32 * e + 4, (e == 3 ? 6u : 2u) << 3);
          write_word (bus, input + 32 + 32 * e + 8, (SCHEDULE + 0x2000 + 0x800 * i + 0x400 * (e - 3)) | 1);
        }
      command (bus, 3 * i, 0, 9 << 10);
      command (bus, 3 * i + 1, input, (i + 1) << 24 | 11 << 10);
      put (bus, XHCI_DOORBELLS, 4, 0);
      bus_pass (bus, 1000);
      write_word (bus, input + 4, 1 | 3 << 3);
      command (bus, 3 * i + 2, input, (i + 1) << 24 | 12 << 10);
      put (bus, XHCI_DOORBELLS, 4, 0);
      bus_pass (bus, 1000);
    }
}

static const struct
{
  const AsternDeviceClass *klass;
  UsbPort *(*ports) (AsternDevice *device);
  guint    n_ports;
  void   (*start)   (Bus *bus);
} controllers[] = {
  { &uhci_piix3_class, uhci_ports, UHCI_N_PORTS, start_uhci },
  { &ohci_class, ohci_ports, OHCI_N_PORTS, start_ohci },
  { &ehci_class, ehci_ports, EHCI_N_PORTS, start_ehci },
  { &xhci_class, xhci_ports, XHCI_N_PORTS, start_xhci },
};

/* ---- commands ---- */

static void
do_command (Bus *bus, Input *input)
{
  const AsternWindow *window = &bus->controller->klass->windows[1];
  guint what = take (input, 1), n;
  const AsternReg *reg;
  guint32 address;

  switch (what % 6)
    {
    case 0:                     /* a register is written */
      reg = &window->regs[take (input, 1) % window->n_regs];
      put (bus, reg->offset + take (input, 1) % MAX (reg->count, 1) * reg->width, reg->width, take (input, 4));
      break;
    case 1:                     /* ... is read */
      reg = &window->regs[take (input, 1) % window->n_regs];
      astern_device_read (bus->controller, 1, reg->offset, reg->width, NULL);
      break;
    case 2:                     /* words of the schedule */
      address = SCHEDULE + take (input, 2) % SCHEDULE_BYTES / 4 * 4;
      for (n = 1 + take (input, 1) % 16; n > 0; n--, address += 4)
        write_word (bus, address, take (input, 4));
      break;
    case 3:                     /* a link into it */
      address = SCHEDULE + take (input, 2) % SCHEDULE_BYTES / 4 * 4;
      write_word (bus, address, SCHEDULE + take (input, 2) % SCHEDULE_BYTES);
      break;
    case 4:
      bus_pass (bus, (1 + take (input, 1)) * 125000);
      break;
    default:                    /* a doorbell, or its like */
      if (bus->controller->klass == &xhci_class)
        put (bus, XHCI_DOORBELLS + take (input, 1) % 4 * 4, 4, take (input, 1) % 6);
      else if (bus->controller->klass == &ohci_class)
        put (bus, OHCI_COMMAND_STATUS, 4, 6);
      bus_pass (bus, 1000000);
      break;
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Input input = { data, size };
  guint n = take (&input, 1) % G_N_ELEMENTS (controllers);
  AsternDisk *disk;
  Bus bus = { 0 };

  bus_set_up (&bus);
  bus_add_controller (&bus, controllers[n].klass);
  disk = plug_devices (&bus, controllers[n].ports (bus.controller), controllers[n].n_ports);
  controllers[n].start (&bus);
  address_devices (&bus);
  for (guint i = 0; i < MAX_COMMANDS && input.size > 0; i++)
    do_command (&bus, &input);
  bus_pass (&bus, 2000000);
  astern_disk_free (disk);
  bus_tear_down (&bus);
  return 0;
}
